// The product by CLBlast, a library of OpenCL kernels; it compiles them for the device where one is first called.
#include "rung.h"

#include <clblast_c.h>
#include <stdio.h>
#include <stdlib.h>

static cl_mem buffer_a, buffer_b, buffer_c;

static void call(device on, size_t rows, size_t n, cl_mem a, cl_mem b, cl_mem c) {
    cl_event event;
    const CLBlastStatusCode status =
        CLBlastDgemm(CLBlastLayoutRowMajor, CLBlastTransposeNo, CLBlastTransposeNo, rows, n, n, 1.0, a, 0, n, b, 0, n, 0.0,
                     c, 0, n, &on.queue, &event);
    if (status != CLBlastSuccess) {
        fprintf(stderr, "CLBlastDgemm: error %d\n", (int)status);
        exit(EXIT_FAILURE);
    }
    add_event(event);
}

// A size that needs the same kernels as this one, and little time: CLBlast has others for small matrices, and for sizes
// that are no multiples of its tiles.
static size_t like(size_t size) {
    return size < 640 ? size : 512 + size % 128;
}

// Lets CLBlast compile its kernels: as a program's own kernels, before the first call.
static void compile_kernels(device on, size_t n, size_t rows) {
    const double zero = 0.0;
    const size_t columns = like(n), sizes[] = {like(rows) * columns, columns * columns, like(rows) * columns};
    cl_mem zeros[3];
    for (size_t i = 0; i < 3; i++) {
        const size_t bytes = sizes[i] * sizeof zero;
        zeros[i] = buffer(on, bytes, NULL);
        must(clEnqueueFillBuffer(on.queue, zeros[i], &zero, sizeof zero, 0, bytes, 0, NULL, NULL), "clEnqueueFillBuffer");
    }
    call(on, like(rows), columns, zeros[0], zeros[1], zeros[2]);
    must(clFinish(on.queue), "clFinish");
    take_device_ns();
    for (size_t i = 0; i < 3; i++)
        clReleaseMemObject(zeros[i]);
}

void prepare(device on, double *a, double *b, double *c, size_t n, size_t rows) {
    // CLBlast copies matrices whose sizes are no multiples of its tiles: as much again, and some for the tiles
    need_memory(on, 2 * (2 * rows + n + 256) * (n + 256) * sizeof(double), (n + 256) * (n + 256) * sizeof(double));
    buffer_a = buffer(on, rows * n * sizeof(double), a);
    buffer_b = buffer(on, n * n * sizeof(double), b);
    buffer_c = buffer(on, rows * n * sizeof(double), c);
    compile_kernels(on, n, rows);
}

void multiply(device on, const double *a, const double *b, double *c, size_t n, size_t rows) {
    to_device(on, buffer_a, a, rows * n);
    to_device(on, buffer_b, b, n * n);
    call(on, rows, n, buffer_a, buffer_b, buffer_c);
    to_host(on, buffer_c, c, rows * n);
}
