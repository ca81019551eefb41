// what changes: the rows of C are split evenly over the cores
// why it is faster: all cores work, and they need no locks, since no two write the same row
// what limits it now: every core streams all of B for each of its rows, and the cores share one memory
// how it is built: gcc -O3 -march=native -fopenmp, restrict pointers, no -ffast-math
#include "driver.h"

// A function of its own, since gcc forgets `restrict` when OpenMP moves a loop into a function that it makes.
static void multiply_row(const double *restrict a_i, const double *restrict b, double *restrict c_i, size_t n) {
    for (size_t j = 0; j < n; j++)
        c_i[j] = 0.0;
    for (size_t k = 0; k < n; k++)
        for (size_t j = 0; j < n; j++)
            c_i[j] += a_i[k] * b[k * n + j];
}

void multiply(const double *restrict a, const double *restrict b, double *restrict c,
              size_t n, size_t rows, int threads) {
    #pragma omp parallel for schedule(static) num_threads(threads)
    for (size_t i = 0; i < rows; i++)
        multiply_row(a + i * n, b, c + i * n, n);
}
