// what changes: the base case copies its block of B and is vectorised, by the compiler or in portable vectors
// why it is faster: the copy does not fight for the same sets of a cache, and the sums stay in registers
// what limits it now: each FMA loads its own vector of B, and the copy is used for 64 rows only
// how it is built: gcc -O3 -march=native -fopenmp, restrict pointers, no -ffast-math
#include "divide.h"
#include "driver.h"
#include "machine.h"

#include <string.h>

// Eight vectors of sums: as many as hide how long an FMA takes.
enum { BASE = 64, WIDTH = 8 * LANES };

// c[columns] = a . b, or += if `add`: a row of A, and WIDTH columns of the block of B. The loops over the sums become
// vectors, which stay in registers from the first k to the last. Inlined, gcc would join two rows, and has no registers
// for the sums of both on AVX2.
__attribute__((noinline))
static void multiply_row(const double *restrict a, const double (*restrict b)[BASE], double *restrict c,
                                size_t columns, size_t depth, bool add) {
    double sum[WIDTH] = {0};
    for (size_t k = 0; k < depth; k++)
        for (size_t j = 0; j < WIDTH; j++)
            sum[j] += a[k] * b[k][j];
    for (size_t j = 0; j < columns; j++)
        c[j] = sum[j] + (add ? c[j] : 0.0);
}

static void base_case(const double *restrict a, const double *restrict b, double *restrict c, size_t n, size_t rows,
                      size_t columns, size_t depth, bool add) {
    _Alignas(64) double block[BASE][BASE];
    for (size_t k = 0; k < depth; k++) {
        memcpy(block[k], b + k * n, columns * sizeof(double));
        memset(block[k] + columns, 0, (BASE - columns) * sizeof(double));
    }
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j += WIDTH)
            multiply_row(a + i * n, (const double (*)[BASE])&block[0][j], c + i * n + j,
                         columns - j < WIDTH ? columns - j : WIDTH, depth, add);
}

void multiply(const double *restrict a, const double *restrict b, double *restrict c,
              size_t n, size_t rows, int threads) {
    divide_product(base_case, BASE, a, b, c, n, rows, threads);
}
