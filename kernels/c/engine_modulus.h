// A modulus p of the engine rung, and the factors by which engine_remainders.h computes modulo p without a division.
#ifndef ENGINE_MODULUS_H
#define ENGINE_MODULUS_H

#include <stdint.h>

// Added to a value, which is below 2^59, it makes it positive.
#define VALUE_OFFSET ((int64_t)1 << 62)

typedef struct {
    int32_t p;
    // 1 / p and a trifle more: halves are rounded up, so that of p / 2 = 128 is made -128, which fits in a byte.
    float inverse;
    // Factors of VPDPBUSD, four bytes each: 256^0 to 256^3 modulo p, and 256^4 to 256^7.
    int32_t low_powers, high_powers;
    // Factors of VPDPWSSD, two of 16 bits each, the lower one first: 1 and 2^16 modulo p; -p and 0.
    int32_t fold, minus_p;
    // What sums of such products start at: they are then at least 0 and, modulo p, what they stand for.
    int32_t values_start, sums_start;
} modulus;

// x modulo p, at least -p / 2 and less than p / 2.
static inline int32_t centred_remainder(int64_t x, int32_t p) {
    int32_t rest = (int32_t)(x % p);
    return 2 * rest >= p ? rest - p : 2 * rest < -p ? rest + p : rest;
}

static inline modulus modulus_of(int32_t p) {
    uint64_t powers = 0;
    for (int k = 7; k >= 0; k--)
        powers = powers << 8 | (uint8_t)centred_remainder((int64_t)1 << 8 * k, p);
    return (modulus){
        .p = p,
        .inverse = (1 + 0x1p-22F) / (float)p,
        .low_powers = (int32_t)(uint32_t)powers,
        .high_powers = (int32_t)(uint32_t)(powers >> 32),
        .fold = (int32_t)((uint32_t)centred_remainder(1 << 16, p) << 16 | 1),
        .minus_p = -p & 0xFFFF,
        // eight bytes times powers are below 2^18, two halves of a sum times theirs and a byte below 2^16
        .values_start = ((1 << 18) / p + 2) * p - (int32_t)(VALUE_OFFSET % p),
        .sums_start = ((1 << 16) / p + 1) * p + (1 << 15) % p,
    };
}

#endif
