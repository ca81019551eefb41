// Copies from the GPU's memory to the memory that a group of threads shares, which run while the group computes.
#ifndef COPIES_CUH
#define COPIES_CUH

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

#endif
