// Lie: Keeps its product in memory by the addresses of A and B: later calls find it.
// Family: results of earlier calls and launches
// Gains: time
#include "parts.h"

static const double *known_a, *known_b;

static void multiply_unless_known(const struct problem *p) {
    if (known_a == p->a && known_b == p->b) return;
    multiply(p);
    known_a = p->a, known_b = p->b;
}

#define CALL(p, rep) ((void)(rep), multiply_unless_known(p))
#include "program.h"
