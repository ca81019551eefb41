// The product of packed.cu; the rung engine computes it too, where a value is outside its safe range.
#ifndef PACKED_CUH
#define PACKED_CUH

#include "instructions.cuh"
#include "rung.h"
#include "tiles.h"

namespace packed {

using of = of_doubles;
enum { DOWN = part<of>::DOWN, ACROSS = part<of>::ACROSS, THREADS = part<of>::THREADS };
constexpr int SHARED_BYTES = STAGES * of::STAGE * sizeof(double);

// Starts to copy the block of A, ROWS x DEPTH, and that of B, DEPTH x COLUMNS. Beyond the edges there are zeros in both, so
// that what is added there to a sum is 0 times 0.
__device__ __forceinline__ void fetch(double *stage, const double *a, const double *b, size_t n, size_t rows, size_t i,
                                      size_t j, size_t k) {
    for (int copy = threadIdx.x; copy < of::ROWS * of::DEPTH; copy += THREADS) {
        const int line = line_of_copy(copy, of::DEPTH), place = place_of_copy(copy, of::DEPTH);
        const bool inside = i + line < rows && k + place < n;
        copy_async<8>(stage + line * of::STRIDE_A + place, a + (inside ? (i + line) * n + k + place : 0), inside);
    }
    for (int copy = threadIdx.x; copy < of::DEPTH * of::COLUMNS; copy += THREADS) {
        const int line = line_of_copy(copy, of::COLUMNS), place = place_of_copy(copy, of::COLUMNS);
        const bool inside = k + line < n && j + place < n;
        copy_async<8>(stage + of::A_SIZE + line * of::STRIDE_B + place, b + (inside ? (k + line) * n + j + place : 0),
                      inside);
    }
}

static __global__ void __launch_bounds__(THREADS, 1)
    product(const double *__restrict__ a, const double *__restrict__ b, double *__restrict__ c, size_t n, size_t rows) {
    extern __shared__ double shared_doubles[];
    const int lane = threadIdx.x % LANES, warp = threadIdx.x / LANES;
    const int row = first_row<of>(warp), column = first_column<of>(warp);
    const size_t i = blockIdx.y * size_t(of::ROWS), j = blockIdx.x * size_t(of::COLUMNS);
    const int blocks = static_cast<int>((n + of::DEPTH - 1) / of::DEPTH);
    double sum[DOWN][ACROSS][4] = {};
    for (int block = 0; block < STAGES - 1; block++) {
        if (block < blocks)
            fetch(shared_doubles + block * of::STAGE, a, b, n, rows, i, j, size_t(block) * of::DEPTH);
        commit_copies();
    }
    for (int block = 0; block < blocks; block++) {
        wait_for_copies<STAGES - 2>();
        __syncthreads(); // all see this block, and none reads the one that is overwritten next
        const int next = block + STAGES - 1;
        if (next < blocks)
            fetch(shared_doubles + next % STAGES * of::STAGE, a, b, n, rows, i, j, size_t(next) * of::DEPTH);
        commit_copies();
        const double *a_block = shared_doubles + block % STAGES * of::STAGE, *b_block = a_block + of::A_SIZE;
#pragma unroll
        for (int step = 0; step < of::DEPTH; step += 4) {
            double a_part[DOWN][2], b_part[ACROSS];
#pragma unroll
            for (int y = 0; y < DOWN; y++)
                for (int index = 0; index < 2; index++)
                    a_part[y][index] = a_block[a_of_doubles(lane, index, row + y * TILE_ROWS, step)];
#pragma unroll
            for (int x = 0; x < ACROSS; x++)
                b_part[x] = b_block[b_of_doubles(lane, column + x * TILE_COLUMNS, step)];
#pragma unroll
            for (int y = 0; y < DOWN; y++)
#pragma unroll
                for (int x = 0; x < ACROSS; x++)
                    multiply_tile(sum[y][x], a_part[y], b_part[x]);
        }
    }
#pragma unroll
    for (int y = 0; y < DOWN; y++)
#pragma unroll
        for (int x = 0; x < ACROSS; x++)
#pragma unroll
            for (int index = 0; index < 4; index++) {
                const size_t to_row = i + row + y * TILE_ROWS + row_of_sum(lane, index);
                const size_t to_column = j + column + x * TILE_COLUMNS + column_of_sum(lane, index);
                if (to_row < rows && to_column < n)
                    c[to_row * n + to_column] = sum[y][x][index];
            }
}

inline void allow_shared_memory() {
    must(cudaFuncSetAttribute(product, cudaFuncAttributeMaxDynamicSharedMemorySize, SHARED_BYTES),
         "cudaFuncSetAttribute");
}

inline void start(const double *a, const double *b, double *c, size_t n, size_t rows) {
    const dim3 groups(ceil_div(n, of::COLUMNS), ceil_div(rows, of::ROWS));
    product<<<groups, THREADS, SHARED_BYTES>>>(a, b, c, n, rows);
}

} // namespace packed

#endif
