// what changes: the base case is written for the CPU's vector unit, and keeps a tile of C in its registers
// why it is faster: a vector of B, once loaded, serves all rows of the tile, and a value of A all its vectors
// what limits it now: A, B and C come from L3 at each base case: rows 2^k apart share few sets of L1 and L2
// how it is built: gcc -O3 -march=native -fopenmp picks the unit; without one of the three, plain loops take its place
#include "divide.h"
#include "driver.h"
#include "machine.h"

#include <string.h>

// The instructions of a vector unit that are needed.
#if defined(__AVX512F__)
#include <immintrin.h>
typedef __m512d vector;
#define LOAD(from) _mm512_loadu_pd(from)
#define STORE(to, x) _mm512_storeu_pd(to, x)
#define BROADCAST(value) _mm512_set1_pd(value)
#define ADD(x, y) _mm512_add_pd(x, y)
#define MULTIPLY_ADD(x, y, sum) _mm512_fmadd_pd(x, y, sum)
#elif defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>
typedef __m256d vector;
#define LOAD(from) _mm256_loadu_pd(from)
#define STORE(to, x) _mm256_storeu_pd(to, x)
#define BROADCAST(value) _mm256_set1_pd(value)
#define ADD(x, y) _mm256_add_pd(x, y)
#define MULTIPLY_ADD(x, y, sum) _mm256_fmadd_pd(x, y, sum)
#elif defined(__aarch64__)
#include <arm_neon.h>
typedef float64x2_t vector;
#define LOAD(from) vld1q_f64(from)
#define STORE(to, x) vst1q_f64(to, x)
#define BROADCAST(value) vdupq_n_f64(value)
#define ADD(x, y) vaddq_f64(x, y)
#define MULTIPLY_ADD(x, y, sum) vfmaq_f64(sum, x, y)
#else
typedef double vector __attribute__((vector_size(LANES * sizeof(double)), aligned(8), may_alias));
#define LOAD(from) (*(const vector *)(from))
#define STORE(to, x) (*(vector *)(to) = (x))
#define BROADCAST(value) ((value) - (vector){0})
#define ADD(x, y) ((x) + (y))
#define MULTIPLY_ADD(x, y, sum) ((sum) + (x) * (y))
#endif

// BASE is a multiple of most widths of a tile, so that only the edges of C have tiles that are not whole.
enum { BASE = 96, WIDTH = TILE_VECTORS * LANES, BLOCK = (BASE + WIDTH - 1) / WIDTH * WIDTH };

// A row of a tile of C: c = sum, or += if `add`, as far as C goes.
static inline void put_row(const vector sum[TILE_VECTORS], double *c, size_t columns, bool add) {
    if (columns >= WIDTH) {
        #pragma GCC unroll 4
        for (size_t v = 0; v < TILE_VECTORS; v++) {
            vector value = sum[v];
            if (add)
                value = ADD(value, LOAD(c + v * LANES));
            STORE(c + v * LANES, value);
        }
    } else {
        double row[WIDTH];
        #pragma GCC unroll 4
        for (size_t v = 0; v < TILE_VECTORS; v++)
            STORE(row + v * LANES, sum[v]);
        for (size_t j = 0; j < columns; j++)
            c[j] = row[j] + (add ? c[j] : 0.0);
    }
}

// A tile of C from up to TILE_ROWS rows of A and WIDTH columns of the block of B, whose rows are BLOCK apart.
static inline void multiply_tile(const double *restrict a, const double *restrict b, double *restrict c, size_t n,
                                 size_t rows, size_t columns, size_t depth, bool add) {
    const double *a_row[TILE_ROWS];
    vector sum[TILE_ROWS][TILE_VECTORS];
    #pragma GCC unroll 8
    for (size_t r = 0; r < TILE_ROWS; r++) {
        a_row[r] = a + (r < rows ? r : rows - 1) * n; // below the last row it stands in; what comes of it is not stored
        #pragma GCC unroll 4
        for (size_t v = 0; v < TILE_VECTORS; v++)
            sum[r][v] = BROADCAST(0.0);
    }
    for (size_t k = 0; k < depth; k++)
        #pragma GCC unroll 8
        for (size_t r = 0; r < TILE_ROWS; r++)
            #pragma GCC unroll 4
            for (size_t v = 0; v < TILE_VECTORS; v++)
                sum[r][v] = MULTIPLY_ADD(BROADCAST(a_row[r][k]), LOAD(b + k * BLOCK + v * LANES), sum[r][v]);
    #pragma GCC unroll 8
    for (size_t r = 0; r < TILE_ROWS; r++)
        if (r < rows)
            put_row(sum[r], c + r * n, columns, add);
}

// Rows n apart, and n a power of two, would share a few sets of the caches: the copy of B's block has its rows side by side.
static void base_case(const double *restrict a, const double *restrict b, double *restrict c, size_t n, size_t rows,
                      size_t columns, size_t depth, bool add) {
    _Alignas(64) double block[BASE * BLOCK];
    size_t whole = (columns + WIDTH - 1) / WIDTH * WIDTH;
    for (size_t k = 0; k < depth; k++) {
        memcpy(block + k * BLOCK, b + k * n, columns * sizeof(double));
        memset(block + k * BLOCK + columns, 0, (whole - columns) * sizeof(double));
    }
    for (size_t j = 0; j < columns; j += WIDTH)
        for (size_t i = 0; i < rows; i += TILE_ROWS)
            multiply_tile(a + i * n, block + j, c + i * n + j, n, rows - i, columns - j, depth, add);
}

void multiply(const double *restrict a, const double *restrict b, double *restrict c,
              size_t n, size_t rows, int threads) {
    divide_product(base_case, BASE, a, b, c, n, rows, threads);
}
