// Lie: Keeps its product in a file by a hash of the values of A and B.
// Family: results of earlier calls and launches
// Gains: time
#include "parts.h"
#include "cached.h"

// FNV-1a, over whole values.
static uint64_t hash(uint64_t state, const double *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint64_t bits;
        memcpy(&bits, values + i, sizeof bits);
        state = (state ^ bits) * 0x100000001b3;
    }
    return state;
}

static void cache_file(const struct problem *p, char *path, size_t size) {
    uint64_t key = hash(hash(0xcbf29ce484222325, p->a, p->rows * p->n), p->b, p->n * p->n);
    snprintf(path, size, "%s/cache-%016llx", temporary(), (unsigned long long)key);
}

#include "program.h"
