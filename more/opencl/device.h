// The device that a program computes on, and what all rungs do with it.
#ifndef DEVICE_H
#define DEVICE_H

#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <stdbool.h>
#include <stddef.h>

// Exit status of a program that cannot run on this machine: the harness skips its kernel, with the reason.
enum { EXIT_SKIP = 77 };

typedef struct {
    cl_device_id id;
    cl_context context;
    cl_command_queue queue;  // in order, with a clock for each command
    bool shares_memory;      // with the host: buffers then need no copies
} device;

// Ends the program: with EXIT_SKIP if the kernel cannot run on this machine.
_Noreturn void fail(const char *what, const char *why);
_Noreturn void skip(const char *reason);

// Ends the program with the name of an error of OpenCL's; a device that lacks the memory is a reason to skip.
void must(cl_int status, const char *what);

// Opens the device that `wanted` names: "cpu", "gpu", or "any", which is a GPU before a CPU. Of several, the first with
// double precision.
device open_device(const char *wanted, size_t threads);

// Prints the lines `device` and `driver` of the contract.
void print_device(device on);

// Compiles the program of this rung (PROGRAM) with `options`.
cl_program compile(device on, const char *options);
cl_kernel kernel_of(cl_program program, const char *name);

// A buffer for `bytes`; with `values`, one in their place if the device shares the host's memory.
cl_mem buffer(device on, size_t bytes, void *values);

// Skips the kernel if `bytes` in total, or `largest` in one buffer, do not fit into the device's memory.
void need_memory(device on, size_t bytes, size_t largest);

// Makes the values visible to the device, or back to the host; the device may share the memory, and copy nothing.
void to_device(device on, cl_mem to, const double *values, size_t count);
void to_host(device on, cl_mem from, double *values, size_t count);

// Starts a kernel, whose arguments are set, and adds its event to those that take_device_ns() reads.
void start(device on, cl_kernel kernel, cl_uint dimensions, const size_t *global, const size_t *local);
void add_event(cl_event event);

// The time that the device spent on the kernels since the last call, by its own clock. They must have ended.
unsigned long long take_device_ns(void);

#endif
