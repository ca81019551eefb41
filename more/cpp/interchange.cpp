// i, k, j loops: the inner one runs along rows of B and C, and is vectorised.
#include "multiply.hpp"
#include <algorithm>

void multiply(Matrix a, Matrix b, std::span<double> c, std::size_t n, std::size_t) {
    std::ranges::fill(c, 0.0);
    for (std::size_t i = 0; i < a.size() / n; i++) {
        double *__restrict c_i = c.data() + i * n;
        for (std::size_t k = 0; k < n; k++) {
            const double a_ik = a[i * n + k], *b_k = b.data() + k * n;
            for (std::size_t j = 0; j < n; j++)
                c_i[j] += a_ik * b_k[j];
        }
    }
}
