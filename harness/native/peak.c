/*
 * peak THREADS: the float64 multiply-add peak of one core and of THREADS cores, measured.
 *
 * Twelve independent accumulators hide the latency of an FMA (4 or 5 cycles on two ports needs 8 to 10) and leave
 * room for the two constants in 16 registers: one that is spilled would be timed as a store. Nothing is loaded in
 * the loop, and values converge to 1, so that none becomes denormal. The peak is the best of many short chunks:
 * noise can only lower one. One line for each of one core and all: "ISA threads GFLOPS".
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

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

enum { ACCUMULATORS = 12, STEPS = 1000000, CHUNKS = 40 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static double sink;

/* named one by one: gcc keeps an array of them in memory, and would time its stores */
#define EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)
#define START(i) vector acc##i = addend * (double)i;
#define STEP(i) acc##i = acc##i * factor + addend; __asm__ volatile("" : OPAQUE(acc##i));
#define SUM(i) sum += acc##i[0];

static void chunk(void) {
    vector factor, addend;
    for (int l = 0; l < LANES; l++) factor[l] = 0.75, addend[l] = 0.25;
    EACH(START)
    for (long step = 0; step < STEPS; step++) { EACH(STEP) }
    double sum = 0;
    EACH(SUM)
    sink = sum;
}

typedef struct {
    int cpu;
    double start[CHUNKS], end[CHUNKS];
} times;

static pthread_barrier_t barrier;

static void *work(void *argument) {
    times *mine = argument;
    cpu_set_t one; /* a processor for each: left alone, two threads may share one and halve the "peak" */
    CPU_ZERO(&one);
    CPU_SET(mine->cpu, &one);
    if (pthread_setaffinity_np(pthread_self(), sizeof one, &one)) exit(1);
    for (int i = 0; i < CHUNKS; i++) {
        pthread_barrier_wait(&barrier);
        mine->start[i] = now();
        chunk();
        mine->end[i] = now();
    }
    return NULL;
}

static double best_gflops(int threads) {
    pthread_t *thread = malloc(sizeof *thread * (size_t)threads);
    times *taken = malloc(sizeof *taken * (size_t)threads);
    if (!thread || !taken || pthread_barrier_init(&barrier, NULL, (unsigned)threads)) exit(1);
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed)) exit(1);
    for (int i = 0, cpu = 0; i < threads; i++, cpu++) {
        while (cpu < CPU_SETSIZE && !CPU_ISSET(cpu, &allowed)) cpu++;
        taken[i].cpu = cpu;
    }
    for (int i = 0; i < threads; i++)
        if (pthread_create(&thread[i], NULL, work, &taken[i])) exit(1);
    for (int i = 0; i < threads; i++) pthread_join(thread[i], NULL);
    double best = 0, flops = 2.0 * LANES * ACCUMULATORS * STEPS * threads;
    for (int i = 1; i < CHUNKS; i++) { /* the first chunk wakes the vector units */
        double start = taken[0].start[i], end = taken[0].end[i];
        for (int t = 1; t < threads; t++) { /* from the first thread's start to the last one's end */
            if (taken[t].start[i] < start) start = taken[t].start[i];
            if (taken[t].end[i] > end) end = taken[t].end[i];
        }
        if (flops / (end - start) / 1e9 > best) best = flops / (end - start) / 1e9;
    }
    pthread_barrier_destroy(&barrier);
    free(thread);
    free(taken);
    return best;
}

int main(int argc, char **argv) {
    int threads = argc == 2 ? atoi(argv[1]) : 0;
    if (threads < 1) {
        fprintf(stderr, "usage: peak THREADS\n");
        return 64;
    }
    printf("%s 1 %.3f\n", ISA, best_gflops(1));
    if (threads > 1) printf("%s %d %.3f\n", ISA, threads, best_gflops(threads));
    return 0;
}
