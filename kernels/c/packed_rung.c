// Makes a rung of packed.c. Rungs that build on its product are linked with packed.c alone.
#include "driver.h"
#include "packed.h"

void multiply(const double *restrict a, const double *restrict b, double *restrict c,
              size_t n, size_t rows, int threads) {
    packed_product((const_matrix){a, n}, (const_matrix){b, n}, (matrix){c, n}, rows, n, n, false, threads);
}
