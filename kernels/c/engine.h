// What the engine rung and the forms of its tile product know of each other; docs/engine.md explains the scheme.
#ifndef ENGINE_H
#define ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A tile product makes TILE x TILE sums. Its operands are packed: for each STEP of the depth, the STEP values of 16
// rows of A after each other, twice; of B four values of 16 columns after each other, 16 times, twice. That is how
// the tile instructions read them (and VPDPBUSD, which multiplies groups of four as well).
enum { TILE = 32, HALF = 16, STEP = 64, STEP_BYTES = TILE * STEP, HALF_BYTES = HALF * STEP };

// As many steps as keep a panel of A in L1, and a sum of at most 2^24, far within 32 bits.
enum { CHUNK_STEPS = 16 };

// p, 1 / p, and what a unit of the upper part of a value is modulo p.
typedef struct {
    double p, inverse, upper;
} modulus;

// Adding and subtracting it rounds a double below 2^51 to a whole number, in a way that every compiler vectorises.
#define ROUND 0x1.8p52

// The whole number t modulo p, between -p/2 and p/2. Exact: the quotient is never off by more than the rounding of a
// half, and both -p/2 and p/2 are right (as bytes, too: for p = 256 they are the same one).
static inline double remainder_of(double t, modulus m) {
    double quotient = (t * m.inverse + ROUND) - ROUND;
    return t - quotient * m.p;
}

// Where a tile's sums go: modulo p, as bytes, added to those that are there if `keep` is -1 and not 0.
typedef struct {
    int8_t *bytes;
    size_t stride;
    modulus m;
    int keep;
} target;

static inline void reduce_rows(const int32_t *restrict sums, const target *to, size_t first, size_t last) {
    modulus m = to->m;
    for (size_t i = first; i < last; i++) {
        int8_t *restrict bytes = to->bytes + i * to->stride;
        for (size_t j = 0; j < TILE; j++)
            bytes[j] = (int8_t)(int)remainder_of(sums[i * TILE + j] + (bytes[j] & to->keep), m);
    }
}

// A form of the tile product, one of engine_*.h, has these. What a thread has under way is in `tiles`, so that the
// reduction of one tile may run beside the product of the next.
//   tiles_allowed()             whether the system lets this process use what the form needs; once a process
//   tiles_begin(), tiles_end()  what a thread does before its first tile and after its last
//   tile_product(tiles, a, b, steps, to)  to = the product of a panel of A and a panel of B, `steps` long
//   tiles_finish(tiles)         makes sure that all targets hold their values
typedef struct {
    int32_t sums[TILE * TILE] __attribute__((aligned(64)));
    target before;
    bool pending;
} tiles;

#if defined(ENGINE_AMX)
#include "engine_amx.h"
#else
// The other forms need no permission, and have nothing under way.
static inline bool tiles_allowed(void) {
    return true;
}
static inline void tiles_begin(void) {}
static inline void tiles_end(void) {}
static inline void tiles_finish(tiles *t) {
    (void)t;
}
#if defined(ENGINE_VNNI)
#include "engine_vnni.h"
#else
#include "engine_plain.h"
#endif
#endif

#endif
