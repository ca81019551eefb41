// What a rung and the driver know of each other.
#pragma once
#include <cstddef>
#include <span>

using Matrix = std::span<const double>;

// c[rows x n] = a[rows x n] . b[n x n], row-major; c may hold anything on entry.
void multiply(Matrix a, Matrix b, std::span<double> c, std::size_t n, std::size_t threads);
