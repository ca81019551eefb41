// The host of packed.cl: buffers for packed blocks, and a start of each of its three kernels.
#include "rung.h"

#include <stdio.h>

// NV of packed.cl.
enum { NV = 3 };

static cl_kernel pack_a, pack_b, product;
static cl_mem buffer_a, buffer_b, packed_a, packed_b, buffer_c;
static size_t lanes, mr, nr, mc, nc, panels_a, panels_b;

static size_t ceil_div(size_t x, size_t y) {
    return (x + y - 1) / y;
}

static void set_buffer(cl_kernel kernel, cl_uint index, cl_mem memory) {
    must(clSetKernelArg(kernel, index, sizeof memory, &memory), "clSetKernelArg");
}

static void set_number(cl_kernel kernel, cl_uint index, cl_ulong value) {
    must(clSetKernelArg(kernel, index, sizeof value, &value), "clSetKernelArg");
}

// The tile has as many rows of NV vectors as 16 or 32 vector registers can keep, beside NV values of B and one of A.
static cl_program compile_for(device on) {
    cl_uint width = 0;
    clGetDeviceInfo(on.id, CL_DEVICE_NATIVE_VECTOR_WIDTH_DOUBLE, sizeof width, &width, NULL);
    lanes = width >= 8 ? 8 : width >= 4 ? 4 : 2;
    mr = lanes == 8 ? 8 : 4;
    nr = NV * lanes;
    nc = 8 * nr;
    mc = 16 * mr;
    char options[128];
    snprintf(options, sizeof options, "-DLANES=%zu -DMR=%zu -DMC=%zu -DNC=%zu", lanes, mr, mc, nc);
    return compile(on, options);
}

static void set_sizes(cl_ulong n, cl_ulong rows, cl_ulong blocks_a, cl_ulong blocks_b) {
    set_number(pack_a, 2, n);
    set_number(pack_a, 3, rows);
    set_number(pack_b, 2, n);
    set_number(product, 3, n);
    set_number(product, 4, blocks_a);
    set_number(product, 5, blocks_b);
}

static void run(device on) {
    const size_t one[] = {1, 1};
    start(on, pack_a, 1, &panels_a, one);
    start(on, pack_b, 1, &panels_b, one);
    const size_t blocks[] = {ceil_div(panels_b * nr, nc), ceil_div(panels_a * mr, mc)};
    start(on, product, 2, blocks, one);
}

void prepare(device on, double *a, double *b, double *c, size_t n, size_t rows) {
    (void)c;
    cl_program program = compile_for(on);
    panels_a = ceil_div(rows, mr);
    panels_b = ceil_div(n, nr);
    const size_t bytes_a = panels_a * mr * n * sizeof(double), bytes_b = panels_b * nr * n * sizeof(double);
    const size_t bytes_c = panels_a * mr * panels_b * nr * sizeof(double);
    need_memory(on, (rows + n) * n * sizeof(double) + bytes_a + bytes_b + bytes_c, bytes_b);
    pack_a = kernel_of(program, "pack_a");
    pack_b = kernel_of(program, "pack_b");
    product = kernel_of(program, "multiply");
    buffer_a = buffer(on, rows * n * sizeof(double), a);
    buffer_b = buffer(on, n * n * sizeof(double), b);
    packed_a = buffer(on, bytes_a, NULL);
    packed_b = buffer(on, bytes_b, NULL);
    buffer_c = buffer(on, bytes_c, NULL);
    set_buffer(pack_a, 0, buffer_a);
    set_buffer(pack_a, 1, packed_a);
    set_buffer(pack_b, 0, buffer_b);
    set_buffer(pack_b, 1, packed_b);
    set_buffer(product, 0, packed_a);
    set_buffer(product, 1, packed_b);
    set_buffer(product, 2, buffer_c);
    // some devices compile a kernel where it is first started; these starts have no columns, and compute nothing
    set_sizes(0, 0, 0, 0);
    run(on);
    must(clFinish(on.queue), "clFinish");
    take_device_ns();
    set_sizes(n, rows, panels_a, panels_b);
}

void multiply(device on, const double *a, const double *b, double *c, size_t n, size_t rows) {
    to_device(on, buffer_a, a, rows * n);
    to_device(on, buffer_b, b, n * n);
    run(on);
    // C on the device is filled up to whole tiles
    const size_t origin[] = {0, 0, 0}, region[] = {n * sizeof(double), rows, 1};
    must(clEnqueueReadBufferRect(on.queue, buffer_c, CL_TRUE, origin, origin, region, panels_b * nr * sizeof(double), 0,
                                 n * sizeof(double), 0, c, 0, NULL, NULL),
         "clEnqueueReadBufferRect");
}
