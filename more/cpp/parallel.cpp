// interchange, with the rows of C shared out evenly over threads.
#include "multiply.hpp"
#include <algorithm>
#include <thread>
#include <vector>

static void multiply_rows(Matrix a, Matrix b, std::span<double> c, std::size_t n) {
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

void multiply(Matrix a, Matrix b, std::span<double> c, std::size_t n, std::size_t threads) {
    const std::size_t rows = a.size() / n;
    std::vector<std::jthread> team;
    for (std::size_t t = 0; t < threads; t++) {
        const std::size_t first = rows * t / threads * n, count = rows * (t + 1) / threads * n - first;
        team.emplace_back(multiply_rows, a.subspan(first, count), b, c.subspan(first, count), n);
    }
}
