// What a rung gives to the driver, and what the driver gives to rungs.
#ifndef RUNG_H
#define RUNG_H

#include <cstddef>

// Creates what the rung needs on the device beside A, B and C. It may compute nothing.
void prepare(size_t n, size_t rows);

// Starts the kernels of C[rows x n] = A[rows x n] . B[n x n], all of which lie on the device.
void multiply(const double *a, const double *b, double *c, size_t n, size_t rows);

// Ends the program: the kernel cannot run on this machine, and its row is skipped.
[[noreturn]] void skip(const char *reason);

// Ends the program if a call of CUDA's failed; want of memory is a reason to skip.
void must(int status, const char *what);

// Memory on the device.
void *allocate(size_t bytes);

inline size_t ceil_div(size_t x, size_t y) {
    return (x + y - 1) / y;
}

#endif
