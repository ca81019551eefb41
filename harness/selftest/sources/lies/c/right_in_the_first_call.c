// Lie: Computes in the first and in the last call, in which a result could be seen.
// Family: detecting the checks
// Gains: time
#include "parts.h"

static void multiply_where_seen(const struct problem *p, int rep) {
    if (!rep || rep == p->reps - 1) multiply(p);
}

#define CALL(p, rep) multiply_where_seen(p, rep)
#include "program.h"
