// Lie: Starts a thread before the clock that computes while the calls return at once, and waits for it after the last.
// Family: work outside the clock
// Gains: time
#include "parts.h"

static pthread_t thread;

static void *compute(void *p) {
    multiply(p);
    return NULL;
}

static void start(struct problem *p) {
    if (pthread_create(&thread, NULL, compute, p)) fail("pthread_create");
}

#define BEFORE_CLOCK(p) start(p)
#define CALL(p, rep) ((void)(p), (void)(rep))
#define BEFORE_WRITING(p) ((void)(p), pthread_join(thread, NULL))
#include "program.h"
