// The parts that the honest kernel and the lies share: the problem and its files, the product, and the clock.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct problem {
    const char *a_path, *b_path, *c_path;
    size_t n, rows;
    int threads, reps;
    double *a, *b, *c;
};

static inline void fail(const char *what) {
    perror(what);
    exit(EXIT_FAILURE);
}

static inline void *allocate(size_t bytes) {
    void *memory = malloc(bytes);
    if (!memory) fail("malloc");
    return memory;
}

// Reads the first `count` values of a file into memory; returns whether it has as many.
static inline int load(const char *path, double *values, size_t count) {
    FILE *file = fopen(path, "rb");
    int complete = file && fread(values, sizeof *values, count, file) == count;
    if (file) fclose(file);
    return complete;
}

static inline int save(const char *path, const double *values, size_t count) {
    FILE *file = fopen(path, "wb");
    if (!file) return 0;
    int complete = fwrite(values, sizeof *values, count, file) == count;
    return !fclose(file) && complete;
}

// Computes the rows of C from `first` up to `end`: the loops of the textbook.
static inline void multiply_rows(const struct problem *p, size_t first, size_t end) {
    for (size_t i = first; i < end; i++)
        for (size_t j = 0; j < p->n; j++) {
            double sum = 0;
            for (size_t k = 0; k < p->n; k++) sum += p->a[i * p->n + k] * p->b[k * p->n + j];
            p->c[i * p->n + j] = sum;
        }
}

static inline void multiply(const struct problem *p) { multiply_rows(p, 0, p->rows); }

static inline long long now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

// A place beside which launches could leave files for each other.
static inline const char *temporary(void) {
    const char *folder = getenv("TMPDIR");
    return folder ? folder : "/tmp";
}
