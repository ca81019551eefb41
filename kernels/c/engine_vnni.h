// The tile product on the vector unit: VPDPBUSD multiplies 64 pairs of bytes and adds them by fours to 16 sums.
#include <immintrin.h>
#include <string.h>

enum { ROWS = 8 }; // 16 sums in registers

// Not __m512i, which may alias anything: gcc 12 then keeps the sums in memory, and takes 2.5 times as long.
typedef int32_t ints __attribute__((vector_size(64)));

static inline ints add_products(ints sums, __m512i a, __m512i b) {
    return (ints)_mm512_dpbusd_epi32((__m512i)sums, a, b);
}

// ROWS rows of a tile. VPDPBUSD takes its first operand as unsigned: a + 128 it is, and 128 times the sum of b is taken
// off in the end.
static inline void rows_product(const int8_t *a, const int8_t *b, size_t steps, int32_t *to) {
    const __m512i shift = _mm512_set1_epi8((char)128);
    ints sums[ROWS][2] = {0}, excess[2] = {0};
    for (size_t k = 0; k < steps * HALF; k++) { // each k: four values of the depth
        const int8_t *a_k = a + k / HALF * STEP_BYTES + k % HALF * 4;
        const __m512i *b_k = (const __m512i *)(b + k / HALF * STEP_BYTES) + k % HALF;
        const __m512i left = b_k[0], right = b_k[HALF_BYTES / sizeof(__m512i)];
        excess[0] = add_products(excess[0], shift, left);
        excess[1] = add_products(excess[1], shift, right);
        #pragma GCC unroll 8
        for (size_t r = 0; r < ROWS; r++) {
            uint32_t four;
            memcpy(&four, a_k + r * STEP, sizeof four);
            const __m512i a_r = _mm512_set1_epi32((int)(four ^ 0x80808080));
            sums[r][0] = add_products(sums[r][0], a_r, left);
            sums[r][1] = add_products(sums[r][1], a_r, right);
        }
    }
    #pragma GCC unroll 8
    for (size_t r = 0; r < ROWS; r++) {
        *(ints *)(to + r * TILE) = sums[r][0] - excess[0];
        *(ints *)(to + r * TILE + HALF) = sums[r][1] - excess[1];
    }
}

static inline void tile_product(tiles *t, const int8_t *a, const int8_t *b, size_t steps, target to,
                                const int8_t *soon) {
    (void)soon;
    for (size_t i = 0; i < TILE; i += ROWS)
        rows_product(a + i * STEP, b, steps, t->sums + i * TILE);
    reduce_rows(t->sums, &to, 0, TILE);
}
