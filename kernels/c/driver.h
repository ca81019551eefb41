// What a rung and the driver know of each other.
#ifndef DRIVER_H
#define DRIVER_H

#include <stddef.h>

// c[rows x n] = a[rows x n] . b[n x n], all row-major. The three never overlap: restrict tells the compiler so.
// c may hold anything on entry. No more than `threads` threads may compute.
// For a kernel that only adds to c, -DZERO_C lets the driver fill c with zeros before each call, outside the clock.
void multiply(const double *restrict a, const double *restrict b, double *restrict c,
              size_t n, size_t rows, int threads);

#endif
