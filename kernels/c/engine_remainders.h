// Remainders modulo p: of the values of A and B, and of sums of products. On the vector unit, by its products of bytes
// and of 16 bits where it has them (AVX-512 VNNI), else by division. Both make the same bytes, from -p/2 to below p/2.

// Where the remainders of STEP values go in a line of as many bytes: byte k is value k; or, from four rows of 16
// values, byte 4 j + q is value 16 q + j.
typedef enum { IN_ORDER, BY_FOURS } layout;

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512DQ__)
#include <immintrin.h>

// t modulo p, for 0 <= t < 2^20. Adding 1.5 * 2^23 rounds a float below 2^22 to a whole number, which is then found in
// its last bits. The quotient is exact: 1 / p is off by 2^-21 of it at most, and so is t / p, which no half is as near
// to (p odd) unless it is one (p = 256).
static inline __m512i remainder_of(__m512i t, const modulus *m) {
    __m512 quotient = _mm512_fmadd_ps(_mm512_cvtepi32_ps(t), _mm512_set1_ps(m->inverse), _mm512_set1_ps(0x1.8p23F));
    return _mm512_dpwssd_epi32(t, _mm512_castps_si512(quotient), _mm512_set1_epi32(m->minus_p));
}

// Four vectors of 16 remainders as 64 bytes, those of a vector after each other.
static inline __m512i bytes_in_order(const __m512i rest[4]) {
    const __m512i across = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    __m512i packed = _mm512_packs_epi16(_mm512_packs_epi32(rest[0], rest[1]), _mm512_packs_epi32(rest[2], rest[3]));
    return _mm512_permutexvar_epi32(across, packed);
}

// The first of each vector, then the second of each, and so on.
static inline __m512i bytes_by_fours(const __m512i rest[4]) {
    const __m512i across = _mm512_set4_epi32(0x0F0B0703, 0x0E0A0602, 0x0D090501, 0x0C080400);
    __m512i packed = _mm512_packs_epi16(_mm512_packs_epi32(rest[0], rest[1]), _mm512_packs_epi32(rest[2], rest[3]));
    return _mm512_shuffle_epi8(packed, across);
}

// The remainders of STEP values modulo each of `count` numbers: those of number l lie `apart` * l bytes behind `to`. A
// value is eight bytes, times powers of 256. The stores go past the caches: a line of memory each, read much later.
static inline void residues(const int64_t *values, layout order, const modulus *m, size_t count, int8_t *to,
                            size_t apart) {
    const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    const __m512i odd = _mm512_add_epi32(even, _mm512_set1_epi32(1)), offset = _mm512_set1_epi64(VALUE_OFFSET);
    __m512i low[4], high[4];
    for (size_t q = 0; q < 4; q++) {
        __m512i first = _mm512_add_epi64(_mm512_loadu_si512(values + 16 * q), offset);
        __m512i second = _mm512_add_epi64(_mm512_loadu_si512(values + 16 * q + 8), offset);
        low[q] = _mm512_permutex2var_epi32(first, even, second);
        high[q] = _mm512_permutex2var_epi32(first, odd, second);
    }
    for (size_t l = 0; l < count; l++, to += apart) {
        __m512i rest[4];
        for (size_t q = 0; q < 4; q++) {
            __m512i sum = _mm512_set1_epi32(m[l].values_start);
            sum = _mm512_dpbusd_epi32(sum, low[q], _mm512_set1_epi32(m[l].low_powers));
            sum = _mm512_dpbusd_epi32(sum, high[q], _mm512_set1_epi32(m[l].high_powers));
            rest[q] = remainder_of(sum, &m[l]);
        }
        _mm512_stream_si512((void *)to, order == IN_ORDER ? bytes_in_order(rest) : bytes_by_fours(rest));
    }
}

// Such stores may be seen later than those after them; here they end.
static inline void end_stores(void) {
    _mm_sfence();
}

// Rows of sums, two at a time. A sum is two halves of 16 bits: 2^16 times the upper one, and the lower one, which is
// 2^15 more than its bits are as a signed number once the first of these is flipped.
static inline void reduce_rows(const int32_t *sums, const target *to, size_t first, size_t last) {
    const __m512i flipped = _mm512_set1_epi32(1 << 15), fold = _mm512_set1_epi32(to->m->fold);
    const __m512i start = _mm512_set1_epi32(to->m->sums_start);
    const __mmask16 keep = to->keep ? 0xFFFF : 0;
    for (size_t at = first * TILE; at < last * TILE; at += 2 * TILE) {
        __m512i rest[4];
        #pragma GCC unroll 4
        for (size_t q = 0; q < 4; q++) {
            __m128i *before = (__m128i *)(to->bytes + at) + q;
            __m512i sum = _mm512_add_epi32(_mm512_maskz_cvtepi8_epi32(keep, _mm_load_si128(before)), start);
            __m512i halves = _mm512_xor_si512(_mm512_load_si512(sums + at + HALF * q), flipped);
            rest[q] = remainder_of(_mm512_dpwssd_epi32(sum, halves, fold), to->m);
        }
        _mm512_store_si512((void *)(to->bytes + at), bytes_in_order(rest));
    }
}

#else

static inline void residues(const int64_t *values, layout order, const modulus *m, size_t count, int8_t *to,
                            size_t apart) {
    for (size_t l = 0; l < count; l++, to += apart)
        for (size_t k = 0; k < STEP; k++)
            to[order == IN_ORDER ? k : k % HALF * 4 + k / HALF] = (int8_t)centred_remainder(values[k], m[l].p);
}

static inline void end_stores(void) {}

static inline void reduce_rows(const int32_t *sums, const target *to, size_t first, size_t last) {
    for (size_t at = first * TILE; at < last * TILE; at++)
        to->bytes[at] = (int8_t)centred_remainder(sums[at] + (to->keep ? to->bytes[at] : 0), to->m->p);
}

#endif
