// What the engine rung and the forms of its tile product know of each other; docs/engine.md explains the scheme.
#ifndef ENGINE_H
#define ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine_modulus.h"

// A tile product makes TILE x TILE sums. Its operands are packed: for each STEP of the depth, the STEP values of 16
// rows of A after each other, twice; of B four values of 16 columns after each other, 16 times, twice. That is how
// the tile instructions read them (and VPDPBUSD, which multiplies groups of four as well).
enum { TILE = 32, HALF = 16, STEP = 64, STEP_BYTES = TILE * STEP, HALF_BYTES = HALF * STEP };

// As many steps as keep a panel of A in L1, and a sum of at most 2^24, far within 32 bits.
enum { CHUNK_STEPS = 16 };

// Where a tile's sums go, its rows after each other: modulo p, as bytes, added to those that are there if `keep`.
typedef struct {
    int8_t *bytes;
    const modulus *m;
    bool keep;
} target;

// A form of the tile product, one of engine_*.h, has these. What a thread has under way is in `tiles`, so that the
// reduction of one tile may run beside the product of the next.
//   tiles_allowed()             whether the system lets this process use what the form needs; once a process
//   tiles_begin(), tiles_end()  what a thread does before its first tile and after its last
//   tile_product(tiles, a, b, steps, to, soon)  to = the product of a panel of A and a panel of B, `steps` long; of
//                               what is needed next, two lines a step from `soon` on may be fetched meanwhile
//   tiles_finish(tiles)         makes sure that all targets hold their values
typedef struct {
    int32_t sums[TILE * TILE] __attribute__((aligned(64)));
    target before;
    bool pending;
} tiles;

#include "engine_remainders.h"
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
