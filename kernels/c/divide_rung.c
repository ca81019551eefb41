// Makes a rung of divide.c. Rungs that give its recursion a base case of their own are linked with divide.c alone.
#include "divide.h"
#include "driver.h"

void multiply(const double *restrict a, const double *restrict b, double *restrict c,
              size_t n, size_t rows, int threads) {
    divide_product(plain_base_case, PLAIN_BASE, a, b, c, n, rows, threads);
}
