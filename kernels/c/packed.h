// The product of packed.c, for rungs that build on it.
#ifndef PACKED_H
#define PACKED_H

#include <stdbool.h>
#include <stddef.h>

// A row-major matrix, or a part of one: its rows start `stride` doubles apart.
typedef struct {
    double *values;
    size_t stride;
} matrix;

typedef struct {
    const double *values;
    size_t stride;
} const_matrix;

// c[rows x columns] = a[rows x depth] . b[depth x columns]; added to what c holds if `add`.
void packed_product(const_matrix a, const_matrix b, matrix c, size_t rows, size_t columns, size_t depth,
                    bool add, int threads);

#endif
