// The rows of C, each with EXTRA more steps that add nothing: a kernel that does more work by a known share.
#include "driver.h"

#include <string.h>

void multiply(const double *restrict a, const double *restrict b, double *restrict c, size_t n, size_t rows, int threads) {
    (void)threads;
    memset(c, 0, rows * n * sizeof(double));
    for (size_t i = 0; i < rows; i++)
        for (size_t k = 0; k < n + EXTRA; k++) {
            const double *row = b + (k < n ? k : 0) * n;
            double factor = k < n ? a[i * n + k] : 0.0;
            for (size_t j = 0; j < n; j++)
                c[i * n + j] += factor * row[j];
        }
}
