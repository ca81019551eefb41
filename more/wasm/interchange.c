// The loops of c/interchange. With -msimd128 (interchange-simd) clang makes vectors of two doubles of the inner one.
static void multiply_row(const double *restrict a_i, const double *restrict b, double *restrict c_i, unsigned long n) {
    for (unsigned long j = 0; j < n; j++)
        c_i[j] = 0.0;
    for (unsigned long k = 0; k < n; k++)
        for (unsigned long j = 0; j < n; j++)
            c_i[j] += a_i[k] * b[k * n + j];
}

void multiply(const double *restrict a, const double *restrict b, double *restrict c,
              unsigned long n, unsigned long rows) {
    for (unsigned long i = 0; i < rows; i++)
        multiply_row(a + i * n, b, c + i * n, n);
}
