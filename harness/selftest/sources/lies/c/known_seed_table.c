// Writes A of the seed that config.yaml names, and its product, when known_seed.c is built.
#include "parts.h"
#include "known_seed.h"

typedef unsigned __int128 wide;

#define WIDE(upper, lower) ((wide)upper << 64 | lower)

// NumPy's generator, PCG XSL RR 128/64 (O'Neill 2014), after numpy.random.default_rng([60000, 512]).
static wide state = WIDE(0xb081f441c70f9d01u, 0x2fdaee8ca7824b5du);
static const wide increment = WIDE(0x31aba7525c9aecfeu, 0x8f500c71fe6c478du);

// Returns the next 32 bits: the lower half of 64, then the upper one.
static uint32_t next_bits(void) {
    static uint64_t kept;
    static int full;
    if ((full = !full) == 0) return (uint32_t)(kept >> 32);
    state = state * WIDE(0x2360ed051fc65da4u, 0x4385df649fccf645u) + increment;
    uint64_t folded = (uint64_t)(state >> 64) ^ (uint64_t)state;
    unsigned turns = (unsigned)(state >> 122);
    kept = folded >> turns | folded << (-turns & 63);
    return (uint32_t)kept;
}

// Returns the next value k / 2^20 (Lemire 2019, Fast Random Integer Generation in an Interval).
static double next_value(void) {
    const uint32_t choices = (1u << 20) + 1, rejected = -choices % choices;
    uint64_t scaled;
    do scaled = (uint64_t)next_bits() * choices;
    while ((uint32_t)scaled < rejected);
    return ((double)(scaled >> 32) - (1 << 19)) / (1 << 20);
}

int main(int argc, char **argv) {
    size_t count = KNOWN_N * KNOWN_N;
    double *both = allocate(3 * count * sizeof *both);
    struct problem p = {.n = KNOWN_N, .rows = KNOWN_N, .a = both, .c = both + count, .b = both + 2 * count};
    for (size_t i = 0; i < count; i++) p.a[i] = next_value();
    for (size_t i = 0; i < count; i++) p.b[i] = next_value();
    multiply(&p);
    return argc != 2 || !save(argv[1], both, 2 * count);
}
