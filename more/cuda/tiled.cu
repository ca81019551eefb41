// what changes: blocks of A and B are copied to the memory that a group of threads shares
// why it is faster: a value that was read once from the GPU's memory is used by 16 threads
// what limits it now: each multiply-add still reads two values from the shared memory
// how it is built: nvcc -O3 for compute capabilities 8.0 and 9.0, without --use_fast_math
#include "rung.h"

constexpr int TILE = 16;

static __global__ void product(const double *__restrict__ a, const double *__restrict__ b, double *__restrict__ c, size_t n,
                               size_t rows) {
    __shared__ double a_tile[TILE][TILE], b_tile[TILE][TILE];
    const int column = threadIdx.x, row = threadIdx.y;
    const size_t j = blockIdx.x * size_t(TILE) + column, i = blockIdx.y * size_t(TILE) + row;
    double total = 0;
    for (size_t k = 0; k < n; k += TILE) {
        // beyond the edges of both matrices there are zeros, and 0 times 0 changes no sum
        a_tile[row][column] = i < rows && k + column < n ? a[i * n + k + column] : 0.0;
        b_tile[row][column] = k + row < n && j < n ? b[(k + row) * n + j] : 0.0;
        __syncthreads();
        for (int step = 0; step < TILE; step++)
            total += a_tile[row][step] * b_tile[step][column];
        __syncthreads();
    }
    if (i < rows && j < n)
        c[i * n + j] = total;
}

void prepare(size_t, size_t) {}

void multiply(const double *a, const double *b, double *c, size_t n, size_t rows) {
    const dim3 group(TILE, TILE), groups(ceil_div(n, TILE), ceil_div(rows, TILE));
    product<<<groups, group>>>(a, b, c, n, rows);
}
