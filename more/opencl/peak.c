// Started as: peak [--device any|cpu|gpu] THREADS. Measures the peak rate of float64 multiply-adds of a device, and the rate
// of its memory, and prints "device NAME", "float64 FMA GFLOPS", "memory GB/s" and "clocks RATIO".
//
// A rate is the best of many short chunks, because noise can only lower it, by the device's own events. RATIO is the sum of
// these times divided by the time that the host waited for them: with a wrong clock on the device, it is far from 1.
#include "device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CHAINS = 12 };     // as in peak.cl
enum { GROUP = 64 };      // work-items that the device starts together
enum { PER_UNIT = 2048 }; // work-items of a compute unit: as many as a GPU's keeps in flight
enum { CHUNKS = 20, CHUNK_NS = 20000000, MAX_STEPS = 1 << 28 };
enum { COPY_BYTES = 256 << 20 }; // of each of two arrays, more than the caches of most devices hold

static unsigned long long waited_ns, on_device_ns;

static unsigned long long now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000ull + now.tv_nsec;
}

// Runs the kernel once, and returns its time by the device's clock.
static unsigned long long time_of(device on, cl_kernel kernel, size_t global) {
    const size_t group = GROUP;
    const unsigned long long began = now_ns();
    start(on, kernel, 1, &global, &group);
    must(clFinish(on.queue), "clFinish");
    const unsigned long long waited = now_ns() - began, taken = take_device_ns();
    waited_ns += waited;
    on_device_ns += taken;
    return taken > 0 ? taken : 1;
}

// Returns the shortest time of the kernel in some chunks; the first is not counted, since it may touch pages.
static double best_ns(device on, cl_kernel kernel, size_t global) {
    time_of(on, kernel, global);
    unsigned long long best = ~0ull;
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
        const unsigned long long taken = time_of(on, kernel, global);
        best = taken < best ? taken : best;
    }
    return (double)best;
}

static void set(cl_kernel kernel, cl_uint index, size_t bytes, const void *value) {
    must(clSetKernelArg(kernel, index, bytes, value), "clSetKernelArg");
}

static double fma_gflops(device on, cl_program program, cl_uint width) {
    cl_uint units = 1;
    must(clGetDeviceInfo(on.id, CL_DEVICE_MAX_COMPUTE_UNITS, sizeof units, &units, NULL), "the compute units");
    const size_t items = (size_t)units * PER_UNIT;
    cl_kernel kernel = kernel_of(program, "multiply_add");
    cl_mem sums = buffer(on, items * sizeof(double), NULL);
    const double factor = 0.75, addend = 0.25;
    set(kernel, 0, sizeof sums, &sums);
    set(kernel, 1, sizeof factor, &factor);
    set(kernel, 2, sizeof addend, &addend);
    cl_int steps = 64;
    for (;; steps *= 2) {
        set(kernel, 3, sizeof steps, &steps);
        if (time_of(on, kernel, items) >= CHUNK_NS || steps >= MAX_STEPS)
            break;
    }
    return 2.0 * CHAINS * width * steps * (double)items / best_ns(on, kernel, items);
}

static double copy_gbs(device on, cl_program program) {
    const size_t count = COPY_BYTES / sizeof(double);
    need_memory(on, 2 * (size_t)COPY_BYTES, COPY_BYTES);
    cl_mem from = buffer(on, COPY_BYTES, NULL), to = buffer(on, COPY_BYTES, NULL);
    cl_kernel fill = kernel_of(program, "fill"), copy = kernel_of(program, "copy");
    set(fill, 0, sizeof from, &from);
    time_of(on, fill, count);
    set(copy, 0, sizeof to, &to);
    set(copy, 1, sizeof from, &from);
    return 2.0 * COPY_BYTES / best_ns(on, copy, count);
}

int main(int argc, char **argv) {
    const char *wanted = "any";
    if (argc == 4 && strcmp(argv[1], "--device") == 0) {
        wanted = argv[2];
        argv += 2;
        argc -= 2;
    }
    const int threads = argc == 2 ? atoi(argv[1]) : 0;
    if (threads < 1)
        fail(argv[0], "usage: [--device any|cpu|gpu] THREADS");
    device on = open_device(wanted, (size_t)threads);
    cl_uint width = 1;
    clGetDeviceInfo(on.id, CL_DEVICE_NATIVE_VECTOR_WIDTH_DOUBLE, sizeof width, &width, NULL);
    width = width >= 8 ? 8 : width >= 4 ? 4 : width >= 2 ? 2 : 1;
    char options[32];
    snprintf(options, sizeof options, "-DWIDTH=%u", width);
    cl_program program = compile(on, options);
    print_device(on);
    printf("float64 FMA %.3f\n", fma_gflops(on, program, width));
    printf("memory %.3f\n", copy_gbs(on, program));
    printf("clocks %.4f\n", (double)on_device_ns / (double)waited_ns);
    if (fflush(stdout) != 0)
        fail("stdout", strerror(errno));
    return EXIT_SUCCESS;
}
