// The functions of more/cuda/instructions.cuh on a CPU, by what the PTX ISA says of each instruction: for tensor cores, which
// lane has which element in which register ("Matrix fragments", "Matrix multiply-accumulate operation using wgmma").
#ifndef INSTRUCTIONS_CUH
#define INSTRUCTIONS_CUH

#include "tiles.h"

#include <cstdint>

// ---- Copies: they arrive as late as they may, or with -DEARLY_COPIES at once

template <int BYTES> void copy_async(void *to, const void *from, bool inside) {
    using namespace cuda_on_cpu;
    if (reinterpret_cast<uintptr_t>(to) % BYTES != 0 || (inside && reinterpret_cast<uintptr_t>(from) % BYTES != 0))
        fail("a copy is not aligned");
    const size_t place = static_cast<unsigned char *>(to) - shared.data();
    if (place + BYTES > shared.size())
        fail("a copy goes beyond the shared memory");
    const copy made{to, from, BYTES, inside};
#ifdef EARLY_COPIES
    made.perform();
#endif
    running->copies.back().push_back(made);
}

inline void commit_copies() {
    cuda_on_cpu::running->copies.emplace_back();
}

template <int N> void wait_for_copies() {
    auto &groups = cuda_on_cpu::running->copies;
    while (groups.size() > N + 1) { // the open one is not waited for
#ifndef EARLY_COPIES
        for (const cuda_on_cpu::copy &each : groups.front())
            each.perform();
#endif
        cuda_on_cpu::running->published &= groups.front().empty();
        groups.erase(groups.begin());
    }
}

// ---- Tiles

namespace cuda_on_cpu {

// What the lanes of a warp bring to an instruction and take from it.
template <class sums, int A, int B> struct warp {
    sums sum[LANES][4];
    sums a[LANES][A], b[LANES][B];
    meeting where;
};

inline void compute(warp<double, 2, 1> &w) {
    for (int i = 0; i < 16; i++)
        for (int j = 0; j < 8; j++)
            for (int k = 0; k < 4; k++) {
                double &sum = w.sum[i % 8 * 4 + j / 2][i / 8 * 2 + j % 2];
                sum = std::fma(w.a[i % 8 * 4 + k][i / 8], w.b[j * 4 + k][0], sum);
            }
}

inline int byte_of(int word, int place) {
    return static_cast<signed char>(static_cast<uint32_t>(word) >> 8 * place);
}

inline void compute(warp<int, 4, 2> &w) {
    for (int i = 0; i < 16; i++)
        for (int j = 0; j < 8; j++)
            for (int k = 0; k < 32; k++)
                w.sum[i % 8 * 4 + j / 2][i / 8 * 2 + j % 2] +=
                    byte_of(w.a[i % 8 * 4 + k % 16 / 4][i / 8 + k / 16 * 2], k % 4) *
                    byte_of(w.b[j * 4 + k % 16 / 4][k / 16], k % 4);
}

template <class sums, int A, int B> void multiply(sums (&sum)[4], const sums (&a)[A], const sums (&b)[B]) {
    static warp<sums, A, B> warps[MAX_THREADS / LANES];
    warp<sums, A, B> &own = warps[running->number / LANES];
    const unsigned lane = running->number % LANES;
    std::copy(sum, sum + 4, own.sum[lane]);
    std::copy(a, a + A, own.a[lane]);
    std::copy(b, b + B, own.b[lane]);
    meet(own.where, LANES, [&] { compute(own); });
    std::copy(own.sum[lane], own.sum[lane] + 4, sum);
}

} // namespace cuda_on_cpu

inline void multiply_tile(double (&sum)[4], const double (&a)[2], double b) {
    cuda_on_cpu::multiply<double, 2, 1>(sum, a, {b});
}

inline void multiply_tile(int (&sum)[4], const int (&a)[4], const int (&b)[2]) {
    cuda_on_cpu::multiply<int, 4, 2>(sum, a, b);
}

// ---- wgmma

namespace cuda_on_cpu {

// The four warps that compute together.
struct warp_group {
    int sum[of_warp_groups::GROUP_THREADS][of_warp_groups::SUMS];
    bool begun = false;
    meeting where;
};
inline warp_group all_warp_groups[MAX_THREADS / of_warp_groups::GROUP_THREADS];

// The element of an operand, whose words say where its core matrices of 8 x 16 bytes begin and how they follow each other.
inline int element(unsigned long long operand, int line, int k) {
    const auto field = [&](int shift) { return static_cast<size_t>(operand >> shift & 0x3FFF) << 4; };
    const size_t place = field(0) + k / 16 * field(16) + line / 8 * field(32) + line % 8 * 16 + k % 16 - SHARED_ADDRESS;
    if (place >= shared.size())
        fail("a tensor core reads beyond the shared memory");
    return static_cast<signed char>(shared[place]);
}

inline void compute(warp_group &group, unsigned long long a, unsigned long long b) {
    using of = of_warp_groups;
    for (int i = 0; i < of::GROUP_ROWS; i++)
        for (int j = 0; j < of::COLUMNS; j++) {
            int &sum = group.sum[i / 16 * 32 + i % 8 * 4 + j % 8 / 2][j / 8 * 4 + i % 16 / 8 * 2 + j % 2];
            for (int k = 0; k < of::STEP; k++)
                sum += element(a, i, k) * element(b, j, k);
        }
}

inline warp_group &own_group() {
    return all_warp_groups[running->number / of_warp_groups::GROUP_THREADS];
}

} // namespace cuda_on_cpu

inline void multiply_group_step(int (&sum)[of_warp_groups::SUMS], unsigned a, unsigned b) {
    using namespace cuda_on_cpu;
    warp_group &own = own_group();
    int(&registers)[of_warp_groups::SUMS] = own.sum[running->number % of_warp_groups::GROUP_THREADS];
    std::copy(sum, sum + of_warp_groups::SUMS, registers);
    if (!own.begun)
        fail("wgmma was not begun by a fence");
    meet(own.where, of_warp_groups::GROUP_THREADS, [&] {
        for (unsigned number = 0; number < count; number++)
            if (!threads[number].published)
                fail("a tensor core reads copies that no fence published");
        compute(own, operand(a), operand(b));
    });
    std::copy(registers, registers + of_warp_groups::SUMS, sum);
}

inline void publish_copies() {
    cuda_on_cpu::running->published = true;
}

inline void begin_group_steps() {
    cuda_on_cpu::own_group().begun = true;
}

inline void finish_group_steps() {
    cuda_on_cpu::own_group().begun = false;
}

#endif
