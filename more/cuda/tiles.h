// Which element each thread of a warp holds in an operand of a tensor core's instruction, and where blocks lie in shared
// memory. The layouts are those of "Matrix fragments" in NVIDIA's PTX ISA, chapter on mma.
#ifndef TILES_H
#define TILES_H

#include "both.h"

// What differs between the product of doubles and that of bytes. A block of C, ROWS x COLUMNS, is computed by WARPS_DOWN
// x WARPS_ACROSS warps, each a part of it; DEPTH steps of k are in shared memory at a time. STRIDE_A and STRIDE_B are the
// distances of lines there, in elements, chosen so that the threads that read together meet different banks.
struct of_doubles {
    enum { ROWS = 128, COLUMNS = 64, WARPS_DOWN = 4, WARPS_ACROSS = 2, DEPTH = 16, STRIDE_A = 20, STRIDE_B = 68 };
    enum { A_SIZE = ROWS * STRIDE_A, STAGE = A_SIZE + DEPTH * STRIDE_B };
};
struct of_bytes {
    enum { ROWS = 128, COLUMNS = 128, WARPS_DOWN = 2, WARPS_ACROSS = 4, DEPTH = 64, STRIDE_A = 80, STRIDE_B = 80 };
    enum { A_SIZE = ROWS * STRIDE_A, STAGE = A_SIZE + COLUMNS * STRIDE_B };
};
enum { LANES = 32, TILE_ROWS = 16, TILE_COLUMNS = 8, STAGES = 3 };

template <class of> struct part {
    enum { ROWS = of::ROWS / of::WARPS_DOWN, COLUMNS = of::COLUMNS / of::WARPS_ACROSS };
    enum { DOWN = ROWS / TILE_ROWS, ACROSS = COLUMNS / TILE_COLUMNS };
    enum { THREADS = LANES * of::WARPS_DOWN * of::WARPS_ACROSS };
};

// The row of C in a tile of 16 x 8, and the column, of the sum `index` (0 to 3) that a lane holds; the same for both.
BOTH int row_of_sum(int lane, int index) {
    return lane / 4 + index / 2 * 8;
}
BOTH int column_of_sum(int lane, int index) {
    return lane % 4 * 2 + index % 2;
}

// The first row and column of a warp's part of the block.
template <class of> BOTH int first_row(int warp) {
    return warp / of::WARPS_ACROSS * part<of>::ROWS;
}
template <class of> BOTH int first_column(int warp) {
    return warp % of::WARPS_ACROSS * part<of>::COLUMNS;
}

// Doubles: m16n8k4. A lies by rows in shared memory, B too. `step` is the first k of the instruction.
BOTH int a_of_doubles(int lane, int index, int row, int step) { // index 0 to 1
    return (row + lane / 4 + index * 8) * of_doubles::STRIDE_A + step + lane % 4;
}
BOTH int b_of_doubles(int lane, int column, int step) {
    return (step + lane % 4) * of_doubles::STRIDE_B + column + lane / 4;
}

// Bytes: m16n8k32, four values of k in a register. Both A and B lie by lines along k.
BOTH int a_of_bytes(int lane, int index, int row, int step) { // index 0 to 3
    return (row + lane / 4 + index % 2 * 8) * of_bytes::STRIDE_A + step + index / 2 * 16 + lane % 4 * 4;
}
BOTH int b_of_bytes(int lane, int index, int column, int step) { // index 0 to 1
    return (column + lane / 4) * of_bytes::STRIDE_B + step + index * 16 + lane % 4 * 4;
}

// Bytes for wgmma, m64n128k32: four warps compute 64 x 128 sums, and read A and B from the shared memory themselves. There,
// 8 lines of 16 bytes lie one after the other (a core matrix); those of further lines follow, and then those of the next
// 16 steps of k. Both blocks have 128 lines.
struct of_warp_groups {
    enum { ROWS = 128, COLUMNS = 128, DEPTH = 64, GROUPS = 2, GROUP_ROWS = 64, GROUP_THREADS = 128, STEP = 32, SUMS = 64 };
    enum { CORE_LINES = 8, CORE_BYTES = 128, NEXT_LINES = CORE_BYTES, NEXT_STEPS = 128 / CORE_LINES * CORE_BYTES };
    enum { A_SIZE = ROWS * DEPTH, STAGE = A_SIZE + COLUMNS * DEPTH, THREADS = GROUPS * GROUP_THREADS };
};
BOTH int place_in_cores(int line, int step) {
    using of = of_warp_groups;
    return step / 16 * of::NEXT_STEPS + line / of::CORE_LINES * of::NEXT_LINES + line % of::CORE_LINES * 16 + step % 16;
}

// The row and column, of 64 x 128, of the sum `index` that thread 0 to 127 of the four warps holds.
BOTH int row_of_group_sum(int thread, int index) {
    return thread / LANES * TILE_ROWS + row_of_sum(thread % LANES, index % 4);
}
BOTH int column_of_group_sum(int thread, int index) {
    return index / 4 * TILE_COLUMNS + column_of_sum(thread % LANES, index % 4);
}

// Tells the instruction where an operand begins and how its core matrices follow each other; no swizzling. `address` is
// that in the shared memory.
BOTH unsigned long long operand(unsigned address) {
    const auto field = [](unsigned bytes) { return (unsigned long long)((bytes & 0x3FFFF) >> 4); };
    return field(address) | field(of_warp_groups::NEXT_STEPS) << 16 | field(of_warp_groups::NEXT_LINES) << 32;
}

// Where the copy number `copy` of a block goes: its line and its place in the line, with `chunks` copies a line.
BOTH int line_of_copy(int copy, int chunks) {
    return copy / chunks;
}
BOTH int place_of_copy(int copy, int chunks) {
    return copy % chunks;
}

#endif
