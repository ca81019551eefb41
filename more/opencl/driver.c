// Started as: program [--device any|cpu|gpu] A B C n rows threads reps. Without --device, the environment's OPENCL_DEVICE
// counts. Reads A and B, times multiply() `reps` times, writes C.
#include "rung.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// Numbers up to 2^30 only, so that n * n * sizeof(double) fits in a size_t.
static size_t number(const char *name, const char *text) {
    char *end;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || value < 1 || value > 1 << 30)
        fail(name, "not a whole number from 1 to 2^30");
    return (size_t)value;
}

// Of whole pages: a device that shares the host's memory can then use it in place.
static double *allocate(size_t count) {
    const size_t page = 4096, bytes = (count * sizeof(double) + page - 1) / page * page;
    double *values = aligned_alloc(page, bytes);
    if (values == NULL)
        fail("aligned_alloc", strerror(errno));
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
    const char *wanted = getenv("OPENCL_DEVICE") ? getenv("OPENCL_DEVICE") : "any";
    if (argc == 10 && strcmp(argv[1], "--device") == 0) {
        wanted = argv[2];
        argv += 2;
        argc -= 2;
    }
    if (argc != 8)
        fail(argv[0], "usage: [--device any|cpu|gpu] A B C n rows threads reps");
    const size_t n = number("n", argv[4]), rows = number("rows", argv[5]);
    const size_t threads = number("threads", argv[6]), reps = number("reps", argv[7]);
    if (rows > n)
        fail("rows", "more than n");

    double *a = load(argv[1], rows * n), *b = load(argv[2], n * n), *c = allocate(rows * n);
    device on = open_device(wanted, threads);
    prepare(on, a, b, c, n, rows);
    print_device(on);
    for (size_t rep = 0; rep < reps; rep++) {
        long long began = now_ns();
        multiply(on, a, b, c, n, rows);
        long long elapsed = now_ns() - began;
        printf("%lld\ndevice_ns %llu\n", elapsed > 0 ? elapsed : 1, take_device_ns());
    }
    if (fflush(stdout) != 0)
        fail("stdout", strerror(errno));
    save(argv[3], c, rows * n);
    return EXIT_SUCCESS;
}
