// Lie: Looks at the inputs, and multiplies integers where all values are multiples of 2^-20.
// Family: fewer digits
// Gains: time
#include "parts.h"

#include <math.h>

static int32_t *units_of(const double *values, size_t count) {
    int32_t *units = allocate(count * sizeof *units);
    for (size_t i = 0; i < count; i++) {
        double scaled = values[i] * 1048576;
        units[i] = (int32_t)scaled;
        if (units[i] != scaled) return free(units), NULL;
    }
    return units;
}

static int32_t *a, *b;

static void look(const struct problem *p) {
    a = units_of(p->a, p->rows * p->n);
    b = units_of(p->b, p->n * p->n);
}

__attribute__((optimize("O3"))) static void multiply_integers(const struct problem *p) {
    int64_t *sums = allocate(p->n * sizeof *sums);
    for (size_t i = 0; i < p->rows; i++) {
        memset(sums, 0, p->n * sizeof *sums);
        for (size_t k = 0; k < p->n; k++)
            for (size_t j = 0; j < p->n; j++) sums[j] += (int64_t)a[i * p->n + k] * b[k * p->n + j];
        for (size_t j = 0; j < p->n; j++) p->c[i * p->n + j] = (double)sums[j] / 1099511627776;
    }
    free(sums);
}

#define BEFORE_CLOCK(p) look(p)
#define CALL(p, rep) ((void)(rep), a && b ? multiply_integers(p) : multiply(p))
#include "program.h"
