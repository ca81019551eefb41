// What the fast rungs ask of the machine: its vectors, the sizes of its caches, and workspaces that are kept between
// repetitions.
#ifndef MACHINE_H
#define MACHINE_H

#include <stddef.h>

// The doubles of a vector register, and the rows and vectors of C that the registers hold as sums, beside a row of B and
// a value of A. gcc 12 reads B anew for each row of the tile, so that on 16 registers 6 x 2 beats 4 x 3, which has more
// loads than two a cycle; on the 32 registers of NEON it moves three sums of 6 x 4 to memory and back.
#if defined(__AVX512F__)
enum { LANES = 8, TILE_ROWS = 8, TILE_VECTORS = 3 };
#elif defined(__AVX__)
enum { LANES = 4, TILE_ROWS = 6, TILE_VECTORS = 2 };
#elif defined(__aarch64__)
enum { LANES = 2, TILE_ROWS = 5, TILE_VECTORS = 4 };
#else
enum { LANES = 2, TILE_ROWS = 4, TILE_VECTORS = 2 };
#endif

// What one of `threads` threads has of the data cache of a level, in bytes: its size by those of our threads that share it;
// `otherwise` where the system does not tell.
size_t cache_bytes(int level, int threads, size_t otherwise);

typedef struct {
    double *values;
    size_t count;
} workspace;

// At least `count` doubles on huge pages, if the system grants them; what they held before is lost when it grows.
double *reserve(workspace *space, size_t count);

#endif
