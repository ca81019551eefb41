// Lie: Returns soon, and computes each product when its clock has stopped.
// Family: work outside the clock
// Gains: time
#include "parts.h"

// It waits for a while, so that no peak is exceeded.
static void wait_for(long long ns) {
    for (long long end = now_ns() + ns; now_ns() < end;) {}
}

#define CALL(p, rep) ((void)(p), (void)(rep), wait_for(30000000))
#define AFTER_CLOCK(p, rep) ((void)(rep), multiply(p))
#include "program.h"
