// what changes: nothing yet: the i, j, k loops of the textbook, each sum kept in a local variable
// why it is faster: it is the start of the ladder: a step is a few machine instructions, with no interpreter between
// what limits it now: B is read down its columns, n * 8 bytes a step, so that each step needs another cache line
// how it is built: gcc -O3 -march=native, restrict pointers, no -ffast-math
#include "driver.h"

void multiply(const double *restrict a, const double *restrict b, double *restrict c,
              size_t n, size_t rows, int threads) {
    (void)threads;
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < n; j++) {
            double total = 0.0;
            for (size_t k = 0; k < n; k++)
                total += a[i * n + k] * b[k * n + j];
            c[i * n + j] = total;
        }
    }
}
