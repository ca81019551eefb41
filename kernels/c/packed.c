// what changes: blocks of A and B are packed in the order of use; a micro-kernel keeps a tile of C in registers
// why it is faster: a step of the micro-kernel is 24 FMAs for 3 loads and 8 broadcasts, and what it reads lies in a row
// what limits it now: the FP64 units; the rest is packing, and C's way from and to memory
// how it is built: gcc -O3 -march=native -fopenmp, its vector types, no -ffast-math; huge pages are asked for workspaces
#include "machine.h"
#include "packed.h"

#include <omp.h>

// The tile of C that the micro-kernel keeps in registers: MR rows of NV vectors.
enum { MR = TILE_ROWS, NV = TILE_VECTORS, NR = NV * LANES };

// The cache that a line is fetched into, as __builtin_prefetch names it.
enum { IN_L2 = 2 };

// aligned(8): a vector may lie anywhere in a row of C.
typedef double vector __attribute__((vector_size(LANES * sizeof(double)), aligned(8), may_alias));

static size_t min(size_t x, size_t y) {
    return x < y ? x : y;
}

static size_t ceil_div(size_t x, size_t y) {
    return (x + y - 1) / y;
}

// c[MR x NR] = a . b, or += if `add`: a micro-panel of A, MR x kc, and one of B, kc x NR. Rows of C are `stride` apart.
// The loops over the tile are unrolled, so that gcc gives each element of `sum` a register of its own.
// Each step asks for a line that is needed soon, `apart` doubles after the one before.
static inline void micro_kernel(size_t kc, const double *restrict a, const double *restrict b,
                                double *restrict c, size_t stride, bool add, const double *soon, size_t apart) {
    vector sum[MR][NV] = {0};
    for (size_t i = 0; i < MR; i++)
        for (size_t v = 0; v < NV; v++)
            __builtin_prefetch(c + i * stride + v * LANES, 1);
    for (size_t k = 0; k < kc; k++, a += MR, b += NR, soon += apart) {
        __builtin_prefetch(soon, 0, IN_L2);
        #pragma GCC unroll 8
        for (size_t i = 0; i < MR; i++)
            #pragma GCC unroll 4
            for (size_t v = 0; v < NV; v++)
                sum[i][v] += a[i] * *(const vector *)(b + v * LANES);
    }
    #pragma GCC unroll 8
    for (size_t i = 0; i < MR; i++)
        #pragma GCC unroll 4
        for (size_t v = 0; v < NV; v++) {
            vector *to = (vector *)(c + i * stride + v * LANES);
            if (add)
                sum[i][v] += *to;
            *to = sum[i][v];
        }
}

// A tile at the edge of C: the micro-panels are filled up with zeros, so only the way to C differs.
static void edge_kernel(size_t kc, const double *a, const double *b, matrix c, size_t rows, size_t columns, bool add,
                        const double *soon, size_t apart) {
    double tile[MR * NR];
    micro_kernel(kc, a, b, tile, NR, false, soon, apart);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            c.values[i * c.stride + j] = tile[i * NR + j] + (add ? c.values[i * c.stride + j] : 0.0);
}

// c[mc x nc] = a . b, or += if `add`: a packed block of A (in L2) and one of B (in L3). Each micro-panel of B meets all of
// A's before the next one, which is fetched meanwhile, a part in each tile: the first tile would wait for all of it.
static void macro_kernel(const double *a, const double *b, matrix c, size_t mc, size_t nc, size_t kc, bool add) {
    if (mc == 0)
        return; // a small matrix has fewer micro-panels of rows than there are blocks
    size_t apart = ceil_div(NR, ceil_div(mc, MR));
    for (size_t j = 0; j < nc; j += NR) {
        const double *next = b + (nc - j > NR ? j + NR : 0) * kc;
        for (size_t i = 0; i < mc; i += MR) {
            matrix tile = {c.values + i * c.stride + j, c.stride};
            const double *soon = next + i / MR * kc * apart;
            if (mc - i >= MR && nc - j >= NR)
                micro_kernel(kc, a + i * kc, b + j * kc, tile.values, tile.stride, add, soon, apart);
            else
                edge_kernel(kc, a + i * kc, b + j * kc, tile, min(mc - i, MR), min(nc - j, NR), add, soon, apart);
        }
    }
}

// A block of A as micro-panels of MR rows, each in the order of its columns; the last one is filled up with zeros.
static void pack_a(const_matrix a, size_t mc, size_t kc, double *restrict packed_a) {
    for (size_t i = 0; i < mc; i += MR) {
        const double *rows = a.values + i * a.stride;
        size_t here = min(mc - i, MR);
        for (size_t k = 0; k < kc; k++, packed_a += MR)
            for (size_t r = 0; r < MR; r++)
                packed_a[r] = r < here ? rows[r * a.stride + k] : 0.0;
    }
}

// A micro-panel of up to NR columns of B, in the order of its rows; missing columns are zeros.
static void pack_b(const_matrix b, size_t nc, size_t kc, double *restrict packed_b) {
    for (size_t k = 0; k < kc; k++, packed_b += NR)
        for (size_t j = 0; j < NR; j++)
            packed_b[j] = j < nc ? b.values[k * b.stride + j] : 0.0;
}

// Blocks: a micro-panel of A and one of B fill a quarter of L2, from which they stream, a block of A half of it, one of B
// half of L3. With shorter ones, that fit L1, C would be read and written more often, which takes longer than they save.
// With longer ones than MAX_PANELS, a block of A would have so few rows that B comes from L3 too often.
enum { MAX_PANELS = 256 << 10 };

static size_t block(size_t bytes, size_t length, size_t unit) {
    return bytes / (sizeof(double) * length) / unit * unit;
}

static size_t larger(size_t x, size_t y) {
    return x > y ? x : y;
}

void packed_product(const_matrix a, const_matrix b, matrix c, size_t rows, size_t columns, size_t depth,
                    bool add, int threads) {
    static workspace space_a, space_b;
    size_t l2 = cache_bytes(2, threads, 1 << 20);
    size_t l3 = cache_bytes(3, 1, 16 << 20); // all threads read the same block of B
    size_t max_kc = larger(block(min(l2 / 4, MAX_PANELS), MR + NR, 8), 8);
    size_t max_mc = larger(block(l2 / 2, max_kc, MR), MR);
    size_t max_nc = min(larger(block(l3 / 2, max_kc, NR), NR), ceil_div(columns, NR) * NR);
    double *packed_a = reserve(&space_a, (size_t)threads * max_mc * max_kc);
    double *packed_b = reserve(&space_b, 2 * max_nc * max_kc);

    // Whole micro-panels, shared out evenly: no thread waits for the one that got a larger last block.
    size_t panels = ceil_div(rows, MR);
    size_t blocks = ceil_div(panels, max_mc / MR * (size_t)threads) * (size_t)threads;

    #pragma omp parallel num_threads(threads)
    {
        double *my_a = packed_a + (size_t)omp_get_thread_num() * max_mc * max_kc;
        // Two buffers of B take turns: who is done with one may fill the other while the rest still read.
        double *now_b = packed_b, *next_b = packed_b + max_nc * max_kc;
        for (size_t j = 0; j < columns; j += max_nc)
            for (size_t k = 0; k < depth; k += max_kc) {
                size_t nc = min(columns - j, max_nc), kc = min(depth - k, max_kc);
                #pragma omp for schedule(dynamic)
                for (size_t p = 0; p < nc; p += NR)
                    pack_b((const_matrix){b.values + k * b.stride + j + p, b.stride}, nc - p, kc, now_b + p * kc);
                #pragma omp for schedule(dynamic) nowait
                for (size_t i = 0; i < blocks; i++) {
                    size_t first = panels * i / blocks * MR, mc = min(panels * (i + 1) / blocks * MR, rows) - first;
                    pack_a((const_matrix){a.values + first * a.stride + k, a.stride}, mc, kc, my_a);
                    macro_kernel(my_a, now_b, (matrix){c.values + first * c.stride + j, c.stride}, mc, nc, kc,
                                 add || k > 0);
                }
                double *used = now_b;
                now_b = next_b, next_b = used;
            }
    }
}
