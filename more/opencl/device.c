#include "device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The rung's program in OpenCL C is part of the artefact, so that the artefact's hash covers it.
#ifdef PROGRAM
__asm__(".section .rodata\n.global program_text\nprogram_text:\n.incbin \"" PROGRAM "\"\n.byte 0\n.previous");
extern const char program_text[];
#endif

enum { MAX_DEVICES = 16, MAX_EVENTS = 8 };

static cl_event events[MAX_EVENTS];
static int event_count;

void fail(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

void skip(const char *reason) {
    fprintf(stderr, "%s\n", reason);
    exit(EXIT_SKIP);
}

void must(cl_int status, const char *what) {
    if (status == CL_SUCCESS)
        return;
    if (status == CL_MEM_OBJECT_ALLOCATION_FAILURE || status == CL_OUT_OF_RESOURCES)
        skip("the OpenCL device has too little memory");
    fprintf(stderr, "%s: error %d of OpenCL\n", what, status);
    exit(EXIT_FAILURE);
}

// What PoCL, which computes on the CPU, reads when the first call of OpenCL loads it: the number of its threads, by the
// name that it has now and by the one before; and the folder of what it compiles, which is the launch's own, since HOME
// may be read-only, and code compiled for one machine could be found by another.
static void configure_pocl(size_t threads) {
    char count[32], folder[4096];
    snprintf(count, sizeof count, "%zu", threads);
    setenv("POCL_MAX_PTHREAD_COUNT", count, 1);
    setenv("POCL_CPU_MAX_CU_COUNT", count, 1);
    if (getcwd(folder, sizeof folder - 8) == NULL)
        fail("getcwd", "the name of the working folder is too long");
    strcat(folder, "/.pocl");
    setenv("POCL_CACHE_DIR", folder, 1);
}

static bool has_doubles(cl_device_id id) {
    cl_device_fp_config config = 0;
    clGetDeviceInfo(id, CL_DEVICE_DOUBLE_FP_CONFIG, sizeof config, &config, NULL);
    const cl_device_fp_config needed = CL_FP_FMA | CL_FP_ROUND_TO_NEAREST | CL_FP_INF_NAN | CL_FP_DENORM;
    return (config & needed) == needed;
}

// Returns the first device of this type with double precision; sets `seen` if there is one without.
static cl_device_id first_device(cl_device_type type, bool *seen) {
    cl_platform_id platforms[MAX_DEVICES];
    cl_uint platform_count = 0;
    if (clGetPlatformIDs(MAX_DEVICES, platforms, &platform_count) != CL_SUCCESS)
        return NULL;  // the loader's way of saying that there is no driver
    for (cl_uint p = 0; p < platform_count && p < MAX_DEVICES; p++) {
        cl_device_id devices[MAX_DEVICES];
        cl_uint count = 0;
        if (clGetDeviceIDs(platforms[p], type, MAX_DEVICES, devices, &count) != CL_SUCCESS)
            continue;
        for (cl_uint d = 0; d < count && d < MAX_DEVICES; d++) {
            *seen = true;
            if (has_doubles(devices[d]))
                return devices[d];
        }
    }
    return NULL;
}

static cl_device_id choose(const char *wanted) {
    const bool any = strcmp(wanted, "any") == 0;
    const bool gpu = any || strcmp(wanted, "gpu") == 0, cpu = any || strcmp(wanted, "cpu") == 0;
    if (!gpu && !cpu)
        fail("--device", "expected any, cpu or gpu");
    bool seen = false;
    cl_device_id id = gpu ? first_device(CL_DEVICE_TYPE_GPU, &seen) : NULL;
    if (id == NULL && cpu)
        id = first_device(CL_DEVICE_TYPE_CPU, &seen);
    if (id != NULL)
        return id;
    if (seen)
        skip("no OpenCL device here computes in double precision with subnormal numbers");
    skip(any ? "no OpenCL device on this machine" : cpu ? "no OpenCL driver for this CPU" : "no GPU with an OpenCL driver");
}

device open_device(const char *wanted, size_t threads) {
    configure_pocl(threads);
    device on = {.id = choose(wanted)};
    cl_int status;
    on.context = clCreateContext(NULL, 1, &on.id, NULL, NULL, &status);
    must(status, "clCreateContext");
    on.queue = clCreateCommandQueue(on.context, on.id, CL_QUEUE_PROFILING_ENABLE, &status);
    must(status, "clCreateCommandQueue");
    cl_bool unified = CL_FALSE;
    clGetDeviceInfo(on.id, CL_DEVICE_HOST_UNIFIED_MEMORY, sizeof unified, &unified, NULL);
    on.shares_memory = unified == CL_TRUE;
    return on;
}

void print_device(device on) {
    char name[256] = "", driver[256] = "", version[256] = "";
    clGetDeviceInfo(on.id, CL_DEVICE_NAME, sizeof name, name, NULL);
    clGetDeviceInfo(on.id, CL_DEVICE_VERSION, sizeof version, version, NULL);
    clGetDeviceInfo(on.id, CL_DRIVER_VERSION, sizeof driver, driver, NULL);
    printf("device %s\ndriver %s, %s\n", name, driver, version);
}

#ifdef PROGRAM
cl_program compile(device on, const char *options) {
    const char *text = program_text;
    cl_int status;
    cl_program program = clCreateProgramWithSource(on.context, 1, &text, NULL, &status);
    must(status, "clCreateProgramWithSource");
    if (clBuildProgram(program, 1, &on.id, options, NULL, NULL) != CL_SUCCESS) {
        static char log[4096];
        clGetProgramBuildInfo(program, on.id, CL_PROGRAM_BUILD_LOG, sizeof log - 1, log, NULL);
        fail(PROGRAM, log);
    }
    return program;
}

cl_kernel kernel_of(cl_program program, const char *name) {
    cl_int status;
    cl_kernel kernel = clCreateKernel(program, name, &status);
    must(status, name);
    return kernel;
}
#endif

cl_mem buffer(device on, size_t bytes, void *values) {
    const bool in_place = values != NULL && on.shares_memory;
    cl_int status;
    cl_mem memory = clCreateBuffer(on.context, CL_MEM_READ_WRITE | (in_place ? CL_MEM_USE_HOST_PTR : 0), bytes,
                                   in_place ? values : NULL, &status);
    must(status, "clCreateBuffer");
    return memory;
}

void need_memory(device on, size_t bytes, size_t largest) {
    cl_ulong whole = 0, one = 0;
    clGetDeviceInfo(on.id, CL_DEVICE_GLOBAL_MEM_SIZE, sizeof whole, &whole, NULL);
    clGetDeviceInfo(on.id, CL_DEVICE_MAX_MEM_ALLOC_SIZE, sizeof one, &one, NULL);
    if (bytes <= whole && largest <= one)
        return;
    char reason[200];
    snprintf(reason, sizeof reason, "needs %zu MiB on the OpenCL device, %zu MiB of it in one buffer; it has %llu and %llu",
             bytes >> 20, largest >> 20, (unsigned long long)whole >> 20, (unsigned long long)one >> 20);
    skip(reason);
}

// Buffers in the host's memory are mapped and unmapped, which is how OpenCL hands them over.
static void hand_over(device on, cl_mem memory, cl_map_flags flags, size_t bytes) {
    cl_int status;
    void *mapped = clEnqueueMapBuffer(on.queue, memory, CL_TRUE, flags, 0, bytes, 0, NULL, NULL, &status);
    must(status, "clEnqueueMapBuffer");
    must(clEnqueueUnmapMemObject(on.queue, memory, mapped, 0, NULL, NULL), "clEnqueueUnmapMemObject");
}

void to_device(device on, cl_mem to, const double *values, size_t count) {
    const size_t bytes = count * sizeof(double);
    if (on.shares_memory)
        hand_over(on, to, CL_MAP_WRITE, bytes);
    else
        must(clEnqueueWriteBuffer(on.queue, to, CL_FALSE, 0, bytes, values, 0, NULL, NULL), "clEnqueueWriteBuffer");
}

void to_host(device on, cl_mem from, double *values, size_t count) {
    const size_t bytes = count * sizeof(double);
    if (on.shares_memory) {
        hand_over(on, from, CL_MAP_READ, bytes);
        must(clFinish(on.queue), "clFinish");
    } else {
        must(clEnqueueReadBuffer(on.queue, from, CL_TRUE, 0, bytes, values, 0, NULL, NULL), "clEnqueueReadBuffer");
    }
}

void add_event(cl_event event) {
    if (event_count == MAX_EVENTS)
        fail("add_event", "too many kernels in one call");
    events[event_count++] = event;
}

void start(device on, cl_kernel kernel, cl_uint dimensions, const size_t *global, const size_t *local) {
    cl_event event;
    must(clEnqueueNDRangeKernel(on.queue, kernel, dimensions, NULL, global, local, 0, NULL, &event),
         "clEnqueueNDRangeKernel");
    add_event(event);
}

unsigned long long take_device_ns(void) {
    unsigned long long total = 0;
    while (event_count > 0) {
        cl_event event = events[--event_count];
        cl_ulong began = 0, ended = 0;
        must(clWaitForEvents(1, &event), "clWaitForEvents");
        must(clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_START, sizeof began, &began, NULL), "the event's start");
        must(clGetEventProfilingInfo(event, CL_PROFILING_COMMAND_END, sizeof ended, &ended, NULL), "the event's end");
        total += ended - began;
        clReleaseEvent(event);
    }
    return total;
}
