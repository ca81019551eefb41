// what changes: the base case is written for the CPU's vector unit, and keeps a tile of C in its registers
// why it is faster: a tile of sums stays in registers for the whole base case: no load or store of sums in its loop
// what limits it now: the copies, made anew for each base case, and C, which is read and written for each of them
// how it is built: gcc -O3 -march=native -fopenmp picks the unit; without one of the three, plain loops take its place
#include "divide.h"
#include "driver.h"

#include <string.h>

// The names of one vector unit: how many doubles it takes at once, and the four instructions that are needed.
#if defined(__AVX512F__)
#include <immintrin.h>
enum { LANES = 8, TILE_ROWS = 8 };
typedef __m512d vector;
#define ZERO() _mm512_setzero_pd()
#define LOAD(from) _mm512_load_pd(from)
#define STORE(to, x) _mm512_store_pd(to, x)
#define BROADCAST(value) _mm512_set1_pd(value)
#define MULTIPLY_ADD(x, y, sum) _mm512_fmadd_pd(x, y, sum)
#elif defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>
enum { LANES = 4, TILE_ROWS = 4 };
typedef __m256d vector;
#define ZERO() _mm256_setzero_pd()
#define LOAD(from) _mm256_load_pd(from)
#define STORE(to, x) _mm256_store_pd(to, x)
#define BROADCAST(value) _mm256_set1_pd(value)
#define MULTIPLY_ADD(x, y, sum) _mm256_fmadd_pd(x, y, sum)
#elif defined(__aarch64__)
#include <arm_neon.h>
enum { LANES = 2, TILE_ROWS = 8 };
typedef float64x2_t vector;
#define ZERO() vdupq_n_f64(0.0)
#define LOAD(from) vld1q_f64(from)
#define STORE(to, x) vst1q_f64(to, x)
#define BROADCAST(value) vdupq_n_f64(value)
#define MULTIPLY_ADD(x, y, sum) vfmaq_f64(sum, x, y)
#else
enum { LANES = 1, TILE_ROWS = 4 };
typedef double vector;
#define ZERO() 0.0
#define LOAD(from) (*(from))
#define STORE(to, x) (*(to) = (x))
#define BROADCAST(value) (value)
#define MULTIPLY_ADD(x, y, sum) ((sum) + (x) * (y))
#endif

typedef double block[BASE][BASE];

// Rows n apart, and n a power of two, would share a few sets of the caches: a copy has its rows side by side.
static void copy(const double *restrict from, size_t n, size_t rows, size_t columns, block to) {
    if (rows < BASE || columns < BASE)
        memset(to, 0, sizeof(block));
    for (size_t i = 0; i < rows; i++)
        memcpy(to[i], from + i * n, columns * sizeof(double));
}

// A tile of TILE_ROWS x 2 vectors: 16 registers of AVX-512 (8 of AVX2) hold its sums from the first k to the last.
static inline void multiply_tile(const double (*a)[BASE], const double *b, double (*sum)[BASE]) {
    vector low[TILE_ROWS], high[TILE_ROWS];
    for (size_t r = 0; r < TILE_ROWS; r++)
        low[r] = high[r] = ZERO();
    for (size_t k = 0; k < BASE; k++) {
        vector b_low = LOAD(b + k * BASE), b_high = LOAD(b + k * BASE + LANES);
        #pragma GCC unroll 8
        for (size_t r = 0; r < TILE_ROWS; r++) {
            vector value = BROADCAST(a[r][k]);
            low[r] = MULTIPLY_ADD(value, b_low, low[r]);
            high[r] = MULTIPLY_ADD(value, b_high, high[r]);
        }
    }
    for (size_t r = 0; r < TILE_ROWS; r++) {
        STORE(sum[r], low[r]);
        STORE(sum[r] + LANES, high[r]);
    }
}

static void multiply_blocks(const block a, const block b, block sum) {
    for (size_t j = 0; j < BASE; j += 2 * LANES)
        for (size_t i = 0; i < BASE; i += TILE_ROWS)
            multiply_tile(a + i, &b[0][j], (double (*)[BASE])&sum[i][j]);
}

static void base_case(const double *restrict a, const double *restrict b, double *restrict c, size_t n, size_t rows,
                      size_t columns, size_t depth, bool add) {
    _Alignas(64) block a_copy, b_copy, sum;
    copy(a, n, rows, depth, a_copy);
    copy(b, n, depth, columns, b_copy);
    multiply_blocks(a_copy, b_copy, sum);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            c[i * n + j] = sum[i][j] + (add ? c[i * n + j] : 0.0);
}

void multiply(const double *restrict a, const double *restrict b, double *restrict c,
              size_t n, size_t rows, int threads) {
    divide_product(base_case, a, b, c, n, rows, threads);
}
