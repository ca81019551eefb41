/*
 * peak THREADS: measure the float64 multiply-add peak and the memory rate of one processor and of THREADS processors.
 *
 * Output, one line for each of 1 and THREADS: "ISA threads GFLOPS" and "memory threads GB/s"; where the system grants a
 * matrix engine (AMX), also "engine threads GOPS", counting products and sums of bytes.
 *
 * The peak: independent accumulators hide the latency of an FMA. 4 or 5 cycles on two pipes need 8 to 10 of them, 4
 * cycles on the four pipes of an arm64 server core 16. With 16 registers there is room for twelve beside the two
 * constants; an accumulator that did not fit would be timed as a store. Nothing is loaded in the loop, and the values
 * converge to 1, so that none becomes denormal. The result is the best of many short chunks, because noise can only
 * lower a rate. Processors may differ: for one, the rate is that of the fastest, for several, the sum of each one's own
 * while all are at work. THREADS times the slowest would be less than a kernel reaches whose threads share out the work
 * as they go.
 *
 * The memory rate: the triad a = b + s c of STREAM (McCalpin 1995), 24 bytes per element, on arrays larger than most
 * caches.
 *
 * The engine: products of tiles that are loaded once, added to four tiles of sums.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__AMX_INT8__)
#include <immintrin.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#if defined(__AVX512F__)
#define ISA "AVX-512"
enum { LANES = 8 };
#elif defined(__AVX2__) && defined(__FMA__)
#define ISA "AVX2"
enum { LANES = 4 };
#elif defined(__aarch64__)
#define ISA "NEON"
enum { LANES = 2 };
#elif defined(__SSE2__)
#define ISA "SSE2"
enum { LANES = 2 };
#else
#define ISA "plain"
enum { LANES = 1 };
#endif

typedef double vector __attribute__((vector_size(LANES * sizeof(double))));

#if defined(__AVX512F__) || defined(__AVX2__) || defined(__SSE2__)
#define OPAQUE "+x" /* a register constraint: the compiler may neither drop nor merge the accumulators */
#elif defined(__aarch64__)
#define OPAQUE "+w"
#else
#define OPAQUE "+m"
#endif

#ifndef ENGINE_STEPS
#define ENGINE_STEPS 100000 /* of four tile products each */
#endif
enum { STEPS = 1000000 }; /* multiply-adds of each accumulator in a chunk, which then takes a few milliseconds */
enum { CHUNKS = 40 };     /* chunks, of which the fastest counts */
enum { SWEEPS = 12 };     /* passes over the arrays, of which the fastest counts */
enum { VECTORS = (128 << 20) / sizeof(vector) }; /* of each of three arrays: 128 MiB, more than most caches hold */

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static double sink;

/* the accumulators are separate variables, because gcc would keep an array in memory and its stores would be timed */
#define TWELVE(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)
#if defined(__AVX512F__) || defined(__aarch64__)
enum { ACCUMULATORS = 16 };
#define EACH(DO) TWELVE(DO) DO(12) DO(13) DO(14) DO(15)
#else
enum { ACCUMULATORS = 12 };
#define EACH(DO) TWELVE(DO)
#endif
#define START(i) vector acc##i = addend * (double)i;
#define STEP(i) acc##i = acc##i * factor + addend; __asm__ volatile("" : OPAQUE(acc##i));
#define SUM(i) sum += acc##i[0];

static void multiply_add(size_t first, size_t last) {
    (void)first, (void)last;
    vector factor, addend;
    for (int l = 0; l < LANES; l++) factor[l] = 0.75, addend[l] = 0.25;
    EACH(START)
    for (long step = 0; step < STEPS; step++) { EACH(STEP) }
    double sum = 0;
    EACH(SUM)
    sink = sum;
}

static vector *a, *b, *c;

static void triad(size_t first, size_t last) {
    for (size_t i = first; i < last; i++) a[i] = b[i] + 0.5 * c[i];
}

#if defined(__AMX_INT8__)
enum { TILE_ROWS = 16, TILE_BYTES = 64 };

static void configure_tiles(void) {
    struct {
        uint8_t palette, start_row, reserved[14];
        uint16_t row_bytes[16];
        uint8_t rows[16];
    } shape __attribute__((aligned(64))) = {.palette = 1};
    for (int tile = 0; tile < 8; tile++) shape.row_bytes[tile] = TILE_BYTES, shape.rows[tile] = TILE_ROWS;
    __asm__ volatile("" : : "m"(shape)); /* the intrinsic does not say that it reads memory */
    _tile_loadconfig(&shape);
}

static void multiply_tiles(size_t first, size_t last) {
    (void)first, (void)last;
    configure_tiles();
    /* not zeros, with which the engine would take less power */
    static const uint8_t bytes[TILE_ROWS * TILE_BYTES] = {[0 ... TILE_ROWS * TILE_BYTES - 1] = 0x5A};
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    _tile_loadd(4, bytes, TILE_BYTES);
    _tile_loadd(5, bytes, TILE_BYTES);
    _tile_loadd(6, bytes, TILE_BYTES);
    _tile_loadd(7, bytes, TILE_BYTES);
    for (long step = 0; step < ENGINE_STEPS; step++) {
        _tile_dpbssd(0, 4, 6);
        _tile_dpbssd(1, 4, 7);
        _tile_dpbssd(2, 5, 6);
        _tile_dpbssd(3, 5, 7);
    }
    _tile_release();
}

/* Ask the system for tiles, which it saves only for programs that ask; return whether it grants them. */
static int tiles_granted(void) {
    return syscall(SYS_arch_prctl, 0x1023, 18) == 0; /* ARCH_REQ_XCOMP_PERM, the state of tile data */
}
#endif

typedef struct {
    void (*chunk)(size_t first, size_t last);
    int cpu, chunks;
    size_t first, last; /* this thread's part of the arrays */
    double start[CHUNKS], end[CHUNKS];
} times;

static pthread_barrier_t barrier;

static void *work(void *argument) {
    times *part = argument;
    cpu_set_t affinity; /* pin each thread to a processor: two threads could otherwise share one and halve the peak */
    CPU_ZERO(&affinity);
    CPU_SET(part->cpu, &affinity);
    if (pthread_setaffinity_np(pthread_self(), sizeof affinity, &affinity)) exit(1);
    for (int i = 0; i < part->chunks; i++) {
        pthread_barrier_wait(&barrier);
        part->start[i] = now();
        part->chunk(part->first, part->last);
        part->end[i] = now();
    }
    return NULL;
}

/* Let threads on the processors `first` and following, of those that this program may use, do `chunks` chunks each. */
static void run(times *taken, int first, int threads, int chunks, void (*chunk)(size_t, size_t)) {
    pthread_t *thread = malloc(sizeof *thread * (size_t)threads);
    cpu_set_t allowed;
    if (!thread || pthread_barrier_init(&barrier, NULL, (unsigned)threads)) exit(1);
    if (sched_getaffinity(0, sizeof allowed, &allowed)) exit(1);
    for (int i = -first, cpu = 0; i < threads; i++, cpu++) {
        while (cpu < CPU_SETSIZE && !CPU_ISSET(cpu, &allowed)) cpu++;
        if (i < 0) continue;
        taken[i].cpu = cpu, taken[i].chunk = chunk, taken[i].chunks = chunks;
        taken[i].first = VECTORS / (size_t)threads * (size_t)i;
        taken[i].last = taken[i].first + VECTORS / (size_t)threads;
    }
    for (int i = 0; i < threads; i++)
        if (pthread_create(&thread[i], NULL, work, &taken[i])) exit(1);
    for (int i = 0; i < threads; i++) pthread_join(thread[i], NULL);
    pthread_barrier_destroy(&barrier);
    free(thread);
}

/* The first chunk is never counted: it powers up the vector units, or touches the pages. */

/* Return how many chunks per second the threads did together, each at its own best. */
static double sum_of_rates(const times *taken, int threads) {
    double sum = 0;
    for (int t = 0; t < threads; t++) {
        double best = 1e9;
        for (int i = 1; i < taken[t].chunks; i++) {
            double time = taken[t].end[i] - taken[t].start[i];
            if (time < best) best = time;
        }
        sum += 1 / best;
    }
    return sum;
}

/* Return the shortest time in which all threads did one chunk each, in seconds. */
static double best_time(const times *taken, int threads) {
    double best = 1e9;
    for (int i = 1; i < taken[0].chunks; i++) {
        double start = taken[0].start[i], end = taken[0].end[i];
        for (int t = 1; t < threads; t++) { /* from the start of the first thread to the end of the last */
            if (taken[t].start[i] < start) start = taken[t].start[i];
            if (taken[t].end[i] > end) end = taken[t].end[i];
        }
        if (end - start < best) best = end - start;
    }
    return best;
}

/* Return the chunks per second of `threads` of all processors: for one thread, those of the fastest processor. */
static double rate(times *taken, int threads, int processors, void (*chunk)(size_t, size_t)) {
    double best = 0;
    int tries = threads == 1 ? processors : 1, chunks = CHUNKS / tries < 5 ? 5 : CHUNKS / tries;
    for (int first = 0; first < tries; first++) {
        run(taken, first, threads, chunks, chunk);
        double found = sum_of_rates(taken, threads);
        if (found > best) best = found;
    }
    return best;
}

static void report(int threads, int processors) {
    times *taken = malloc(sizeof *taken * (size_t)threads);
    if (!taken) exit(1);
    double flops = 2.0 * LANES * ACCUMULATORS * STEPS;
    double bytes = 3.0 * sizeof(vector) * (double)(VECTORS / (size_t)threads * (size_t)threads);
    printf("%s %d %.3f\n", ISA, threads, flops * rate(taken, threads, processors, multiply_add) / 1e9);
    run(taken, 0, threads, SWEEPS, triad);
    printf("memory %d %.3f\n", threads, bytes / best_time(taken, threads) / 1e9);
#if defined(__AMX_INT8__)
    if (tiles_granted()) {
        double operations = 2.0 * TILE_ROWS * TILE_ROWS * TILE_BYTES * 4 * ENGINE_STEPS;
        printf("engine %d %.3f\n", threads, operations * rate(taken, threads, processors, multiply_tiles) / 1e9);
    }
#endif
    free(taken);
}

/* Return an array whose pages were written to: otherwise all would be the same page of zeros, in a cache. */
static vector *array(void) {
    vector *values = aligned_alloc(64, VECTORS * sizeof *values);
    if (!values) exit(1);
    memset(values, 0x11, VECTORS * sizeof *values);
    return values;
}

int main(int argc, char **argv) {
    int threads = argc == 2 ? atoi(argv[1]) : 0;
    if (threads < 1) {
        fprintf(stderr, "usage: peak THREADS\n");
        return 64;
    }
    a = array(), b = array(), c = array();
    report(1, threads);
    if (threads > 1) report(threads, threads);
    return 0;
}
