// The rows of C, and EXTRA thousandths of each thread's rows a second time: a kernel that is slower by a known share.
#include "driver.h"

#include <omp.h>
#include <string.h>

static void rows_of(const double *a, const double *b, double *c, size_t n, size_t first, size_t last) {
    memset(c + first * n, 0, (last - first) * n * sizeof(double));
    for (size_t i = first; i < last; i++)
        for (size_t k = 0; k < n; k++)
            for (size_t j = 0; j < n; j++)
                c[i * n + j] += a[i * n + k] * b[k * n + j];
}

void multiply(const double *restrict a, const double *restrict b, double *restrict c, size_t n, size_t rows, int threads) {
#pragma omp parallel num_threads(threads)
    {
        size_t me = (size_t)omp_get_thread_num(), all = (size_t)omp_get_num_threads();
        size_t first = rows * me / all, last = rows * (me + 1) / all;
        rows_of(a, b, c, n, first, last);
        rows_of(a, b, c, n, first, first + (last - first) * EXTRA / 1000);
    }
}
