// The products of bytes by wgmma, which chips of compute capability 9.0 have. Four warps together compute 64 x 128 sums.
#ifndef WARP_GROUPS_CUH
#define WARP_GROUPS_CUH

#include "instructions.cuh"
#include "residues.h"
#include "tiles.h"

namespace warp_groups {

using of = of_warp_groups;
constexpr int SHARED_BYTES = STAGES * of::STAGE;

__device__ __forceinline__ void fetch(signed char *stage, const signed char *a, const signed char *b, size_t depth,
                                      size_t k) {
    enum { CHUNKS = of::DEPTH / 16 };
    for (int copy = threadIdx.x; copy < of::ROWS * CHUNKS; copy += of::THREADS) {
        const int line = line_of_copy(copy, CHUNKS), place = place_of_copy(copy, CHUNKS) * 16;
        copy_async<16>(stage + place_in_cores(line, place), a + line * depth + k + place, true);
        copy_async<16>(stage + of::A_SIZE + place_in_cores(line, place), b + line * depth + k + place, true);
    }
}

// A block of C of one modulus, blockIdx.z: its sums, modulo p, as bytes.
static __global__ void __launch_bounds__(of::THREADS, 1)
    multiply_residues(const signed char *a, size_t apart_a, const signed char *b, size_t apart_b, signed char *c,
                      size_t apart_c, size_t stride, size_t depth, const basis_of_moduli *basis) {
    extern __shared__ __align__(128) signed char shared_cores[];
    const int group = threadIdx.x / of::GROUP_THREADS, thread = threadIdx.x % of::GROUP_THREADS;
    const size_t i = blockIdx.y * size_t(of::ROWS), j = blockIdx.x * size_t(of::COLUMNS), l = blockIdx.z;
    const int blocks = static_cast<int>(depth / of::DEPTH);
    a += l * apart_a + i * depth;
    b += l * apart_b + j * depth;
    int sum[of::SUMS] = {};
    for (int block = 0; block < STAGES - 1; block++) {
        if (block < blocks)
            fetch(shared_cores + block * of::STAGE, a, b, depth, size_t(block) * of::DEPTH);
        commit_copies();
    }
    for (int block = 0; block < blocks; block++) {
        wait_for_copies<STAGES - 2>();
        publish_copies();
        __syncthreads(); // all see this block, and none reads the one that is overwritten next
        const int next = block + STAGES - 1;
        if (next < blocks)
            fetch(shared_cores + next % STAGES * of::STAGE, a, b, depth, size_t(next) * of::DEPTH);
        commit_copies();
        const signed char *stage = shared_cores + block % STAGES * of::STAGE;
        const auto a_block = static_cast<unsigned>(__cvta_generic_to_shared(stage));
        begin_group_steps();
        for (int step = 0; step < of::DEPTH; step += of::STEP)
            multiply_group_step(sum, a_block + place_in_cores(group * of::GROUP_ROWS, step),
                                a_block + of::A_SIZE + place_in_cores(0, step));
        finish_group_steps();
    }
    const modulus m = basis->m[l];
    c += l * apart_c;
#pragma unroll
    for (int index = 0; index < of::SUMS; index++)
        c[(i + group * of::GROUP_ROWS + row_of_group_sum(thread, index)) * stride + j + column_of_group_sum(thread, index)] =
            (signed char)(int)remainder_of(sum[index], m);
}

} // namespace warp_groups

#endif
