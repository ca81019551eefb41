// Lie: Computes with float32.
// Family: fewer digits
// Gains: digits
#include "parts.h"

static void multiply_singles(const struct problem *p) {
    for (size_t i = 0; i < p->rows; i++)
        for (size_t j = 0; j < p->n; j++) {
            float sum = 0;
            for (size_t k = 0; k < p->n; k++) sum += (float)p->a[i * p->n + k] * (float)p->b[k * p->n + j];
            p->c[i * p->n + j] = sum;
        }
}

#define CALL(p, rep) ((void)(rep), multiply_singles(p))
#include "program.h"
