// The host of rungs with one kernel, in which a work-item computes SIDE x SIDE elements of C.
#include "rung.h"

#ifndef SIDE
#define SIDE 1
#endif

static cl_kernel kernel;
static cl_mem buffer_a, buffer_b, buffer_c;
static size_t local[3];

static size_t up(size_t count, size_t unit) {
    return (count + unit - 1) / unit * unit;
}

static void set_arguments(cl_ulong n, cl_ulong rows) {
    const cl_mem buffers[] = {buffer_a, buffer_b, buffer_c};
    for (cl_uint i = 0; i < 3; i++)
        must(clSetKernelArg(kernel, i, sizeof(cl_mem), &buffers[i]), "clSetKernelArg");
    must(clSetKernelArg(kernel, 3, sizeof n, &n), "clSetKernelArg");
    must(clSetKernelArg(kernel, 4, sizeof rows, &rows), "clSetKernelArg");
}

static void run(device on, size_t n, size_t rows) {
    const size_t global[] = {up(n, local[0] * SIDE) / SIDE, up(rows, local[1] * SIDE) / SIDE};
    start(on, kernel, 2, global, local);
}

void prepare(device on, double *a, double *b, double *c, size_t n, size_t rows) {
    need_memory(on, (2 * rows + n) * n * sizeof(double), n * n * sizeof(double));
    kernel = kernel_of(compile(on, ""), "multiply");
    // the kernel's file says how many work-items are a group
    must(clGetKernelWorkGroupInfo(kernel, on.id, CL_KERNEL_COMPILE_WORK_GROUP_SIZE, sizeof local, local, NULL),
         "clGetKernelWorkGroupInfo");
    buffer_a = buffer(on, rows * n * sizeof(double), a);
    buffer_b = buffer(on, n * n * sizeof(double), b);
    buffer_c = buffer(on, rows * n * sizeof(double), c);
    // some devices compile a kernel where it is first started; this start has no rows, and computes nothing
    set_arguments(0, 0);
    run(on, n, rows);
    must(clFinish(on.queue), "clFinish");
    take_device_ns();
    set_arguments(n, rows);
}

void multiply(device on, const double *a, const double *b, double *c, size_t n, size_t rows) {
    to_device(on, buffer_a, a, rows * n);
    to_device(on, buffer_b, b, n * n);
    run(on, n, rows);
    to_host(on, buffer_c, c, rows * n);
}
