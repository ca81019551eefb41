// The loops of c/naive.
void multiply(const double *restrict a, const double *restrict b, double *restrict c,
              unsigned long n, unsigned long rows) {
    for (unsigned long i = 0; i < rows; i++) {
        for (unsigned long j = 0; j < n; j++) {
            double total = 0.0;
            for (unsigned long k = 0; k < n; k++)
                total += a[i * n + k] * b[k * n + j];
            c[i * n + j] = total;
        }
    }
}
