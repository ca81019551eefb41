// Started as: program A B C n rows threads reps. Reads A and B, times multiply() `reps` times, writes C.
#include "driver.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the files are little-endian, and this driver does not swap bytes"
#endif

static void fail(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

// Numbers up to 2^30 only, so that n * n * sizeof(double) fits in a size_t.
static size_t number(const char *name, const char *text) {
    char *end;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || value < 1 || value > 1 << 30)
        fail(name, "not a whole number from 1 to 2^30");
    return (size_t)value;
}

static double *allocate(size_t count) {
    double *values = malloc(count * sizeof(double));
    if (values == NULL)
        fail("malloc", strerror(errno));
    return values;
}

// Reads the first `count` values; the file may be longer.
static double *load(const char *path, size_t count) {
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail(path, strerror(errno));
    double *values = allocate(count);
    if (fread(values, sizeof(double), count, file) != count)
        fail(path, ferror(file) ? strerror(errno) : "file is too short");
    fclose(file);
    return values;
}

// fclose is checked too: the last bytes leave the buffer there, and a full disk shows only then.
static void save(const char *path, const double *values, size_t count) {
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        fail(path, strerror(errno));
    if (fwrite(values, sizeof(double), count, file) != count || fclose(file) != 0)
        fail(path, strerror(errno));
}

static long long now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int main(int argc, char **argv) {
    if (argc != 8)
        fail(argv[0], "usage: A B C n rows threads reps");
    size_t n = number("n", argv[4]), rows = number("rows", argv[5]);
    size_t threads = number("threads", argv[6]), reps = number("reps", argv[7]);
    if (rows > n)
        fail("rows", "more than n");

    double *a = load(argv[1], rows * n);
    double *b = load(argv[2], n * n);
    double *c = allocate(rows * n);

    for (size_t rep = 0; rep < reps; rep++) {
#ifdef ZERO_C
        memset(c, 0, rows * n * sizeof(double));
#endif
        long long start = now_ns();
        multiply(a, b, c, n, rows, (int)threads);
        long long elapsed = now_ns() - start;
        printf("%lld\n", elapsed > 0 ? elapsed : 1);
    }
    if (fflush(stdout) != 0)
        fail("stdout", strerror(errno));

    save(argv[3], c, rows * n);
    free(a);
    free(b);
    free(c);
    return EXIT_SUCCESS;
}
