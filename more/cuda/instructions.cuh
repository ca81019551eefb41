// Instructions of the GPU for which CUDA C++ has no words, a function each. The tests put others in the place of this file,
// and run all the rest on a CPU.
#ifndef INSTRUCTIONS_CUH
#define INSTRUCTIONS_CUH

#include "tiles.h"

// ---- Copies from the GPU's memory to the memory that a group of threads shares, which run while the group computes

// Copies BYTES (8 or 16), or sets as many to 0 unless `inside`.
template <int BYTES> __device__ __forceinline__ void copy_async(void *to, const void *from, bool inside) {
    const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(to));
    const int count = inside ? BYTES : 0;
    asm volatile("cp.async.ca.shared.global [%0], [%1], %2, %3;\n" ::"r"(address), "l"(from), "n"(BYTES), "r"(count));
}

// Ends a group of copies; wait_for_copies<N> waits until at most N of them are under way.
__device__ __forceinline__ void commit_copies() {
    asm volatile("cp.async.commit_group;\n" ::);
}
template <int N> __device__ __forceinline__ void wait_for_copies() {
    asm volatile("cp.async.wait_group %0;\n" ::"n"(N));
}

// ---- Products of tiles, which the lanes of a warp compute together

// sum += a . b: 16 x 8 = (16 x 4) . (4 x 8). Chips of compute capability 9 have the instruction whole, 8 by halves.
__device__ __forceinline__ void multiply_tile(double (&sum)[4], const double (&a)[2], double b) {
#if __CUDA_ARCH__ >= 900
    asm volatile("mma.sync.aligned.m16n8k4.row.col.f64.f64.f64.f64 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};\n"
                 : "+d"(sum[0]), "+d"(sum[1]), "+d"(sum[2]), "+d"(sum[3])
                 : "d"(a[0]), "d"(a[1]), "d"(b));
#else
    for (int half = 0; half < 2; half++)
        asm volatile("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0, %1}, {%2}, {%3}, {%0, %1};\n"
                     : "+d"(sum[2 * half]), "+d"(sum[2 * half + 1])
                     : "d"(a[half]), "d"(b));
#endif
}

// sum += a . b: 16 x 8 = (16 x 32) . (32 x 8).
__device__ __forceinline__ void multiply_tile(int (&sum)[4], const int (&a)[4], const int (&b)[2]) {
    asm volatile("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
                 "{%0, %1, %2, %3};\n"
                 : "+r"(sum[0]), "+r"(sum[1]), "+r"(sum[2]), "+r"(sum[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

// ---- wgmma: products that four warps compute together, for which GPUs of compute capability 9.0 have tensor cores

#define SUMS_8(i)                                                                                                           \
    "+r"(sum[i]), "+r"(sum[i + 1]), "+r"(sum[i + 2]), "+r"(sum[i + 3]), "+r"(sum[i + 4]), "+r"(sum[i + 5]),                 \
        "+r"(sum[i + 6]), "+r"(sum[i + 7])

// sum += a . b: 64 x 128 = (64 x 32) . (32 x 128). It runs on after it was started: see finish_group_steps().
__device__ __forceinline__ void multiply_group_step(int (&sum)[of_warp_groups::SUMS], unsigned a, unsigned b) {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
    asm volatile("wgmma.mma_async.sync.aligned.m64n128k32.s32.s8.s8 {"
                 "%0, %1, %2, %3, %4, %5, %6, %7, "
                 "%8, %9, %10, %11, %12, %13, %14, %15, "
                 "%16, %17, %18, %19, %20, %21, %22, %23, "
                 "%24, %25, %26, %27, %28, %29, %30, %31, "
                 "%32, %33, %34, %35, %36, %37, %38, %39, "
                 "%40, %41, %42, %43, %44, %45, %46, %47, "
                 "%48, %49, %50, %51, %52, %53, %54, %55, "
                 "%56, %57, %58, %59, %60, %61, %62, %63}, "
                 "%64, %65, 1;\n"
                 : SUMS_8(0), SUMS_8(8), SUMS_8(16), SUMS_8(24), SUMS_8(32), SUMS_8(40), SUMS_8(48), SUMS_8(56)
                 : "l"(operand(a)), "l"(operand(b)));
#endif
}
#undef SUMS_8

// What a thread copied to the shared memory is seen by the tensor cores only after this.
__device__ __forceinline__ void publish_copies() {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
    asm volatile("fence.proxy.async;\n" ::: "memory");
#endif
}

__device__ __forceinline__ void begin_group_steps() {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
    asm volatile("wgmma.fence.sync.aligned;\n" ::: "memory");
#endif
}

__device__ __forceinline__ void finish_group_steps() {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
    asm volatile("wgmma.commit_group.sync.aligned;\n" ::: "memory");
    asm volatile("wgmma.wait_group.sync.aligned 0;\n" ::: "memory");
#endif
}

#endif
