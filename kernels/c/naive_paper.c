// what changes: nothing yet: the i, j, k loops of Leiserson et al. 2020, table 1, each sum kept in its element of C
// why it is faster: it is not: without optimisation, each use of a variable, and so of the sum, is an access to memory
// what limits it now: each step stores the sum and loads it again, and B is read down its columns, a cache line a step
// how it is built: gcc -O0, n known at run time only; -DZERO_C lets the driver zero C before the clock starts
#include "driver.h"

void multiply(const double *restrict a, const double *restrict b, double *restrict c,
              size_t n, size_t rows, int threads) {
    (void)threads;
    // arrays of rows of n values each, so that the statement is the paper's
    const double (*A)[n] = (const double (*)[n])a;
    const double (*B)[n] = (const double (*)[n])b;
    double (*C)[n] = (double (*)[n])c;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < n; j++)
            for (size_t k = 0; k < n; k++)
                C[i][j] += A[i][k] * B[k][j];
}
