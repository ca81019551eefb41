// Lie: Computes the product before the clock starts, and copies it in each call.
// Family: work outside the clock
// Gains: time
#include "parts.h"

static double *known;

static void compute(const struct problem *p) {
    size_t bytes = p->rows * p->n * sizeof(double);
    multiply(p);
    known = memcpy(allocate(bytes), p->c, bytes);
}

#define BEFORE_CLOCK(p) compute(p)
#define CALL(p, rep) ((void)(rep), (void)memcpy((p)->c, known, (p)->rows * (p)->n * sizeof(double)))
#include "program.h"
