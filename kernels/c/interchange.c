// what changes: the j and k loops change places
// why it is faster: B and C are now read along their rows: whole cache lines are used, and the inner loop vectorises
// what limits it now: all of B streams from memory again for each row of C, and one core does all the work
// how it is built: gcc -O3 -march=native, restrict pointers, no -ffast-math
#include "driver.h"

static void multiply_row(const double *restrict a_i, const double *restrict b, double *restrict c_i, size_t n) {
    for (size_t j = 0; j < n; j++)
        c_i[j] = 0.0;
    for (size_t k = 0; k < n; k++)
        for (size_t j = 0; j < n; j++)
            c_i[j] += a_i[k] * b[k * n + j];
}

void multiply(const double *restrict a, const double *restrict b, double *restrict c,
              size_t n, size_t rows, int threads) {
    (void)threads;
    for (size_t i = 0; i < rows; i++)
        multiply_row(a + i * n, b, c + i * n, n);
}
