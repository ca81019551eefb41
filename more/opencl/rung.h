// What a rung gives to the driver.
#ifndef RUNG_H
#define RUNG_H

#include "device.h"

// Compiles the rung's kernels, and creates the buffers of C[rows x n] = A[rows x n] . B[n x n]. It may compute nothing.
void prepare(device on, double *a, double *b, double *c, size_t n, size_t rows);

// Computes the product from the beginning: A and B go to the device, and C comes back.
void multiply(device on, const double *a, const double *b, double *c, size_t n, size_t rows);

#endif
