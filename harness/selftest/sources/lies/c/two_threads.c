// Lie: Computes in two threads where one is allowed.
// Family: more threads than allowed
// Gains: time
#include "parts.h"

static void *upper_half(void *p) {
    multiply_rows(p, 0, ((struct problem *)p)->rows / 2);
    return NULL;
}

static void multiply_by_two(struct problem *p) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, upper_half, p)) fail("pthread_create");
    multiply_rows(p, p->rows / 2, p->rows);
    pthread_join(thread, NULL);
}

#define CALL(p, rep) ((void)(rep), multiply_by_two(p))
#include "program.h"
