// Runs programs in CUDA C++ on one processor: the words of the language, and the functions of the runtime, that more/cuda
// uses. Groups of threads run one after the other. Each thread of a group has a stack of its own, and lets others run where
// it has to wait for them; they run in an order that is no order of theirs. Memory that nobody wrote holds NaNs.
#ifndef CUDA_ON_CPU_H
#define CUDA_ON_CPU_H

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include <ucontext.h>

#define __CUDACC__
#define __global__
#define __device__
#define __host__
#define __constant__
#define __shared__ static
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __align__(bytes) __attribute__((aligned(bytes)))

struct dim3 {
    unsigned x, y, z;
    dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};
struct alignas(4) char4 {
    signed char x, y, z, w;
};
struct alignas(16) int4 {
    int x, y, z, w;
};
struct alignas(16) double2 {
    double x, y;
};

inline dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace cuda_on_cpu {

constexpr size_t STACK_BYTES = size_t(1) << 16;
constexpr int UNWRITTEN = 0xFF; // eight such bytes are a NaN

// The limits of GPUs of compute capability 9.0 (CUDA C++ Programming Guide, "Technical Specifications per Compute Capability").
constexpr unsigned MAX_THREADS = 1024, MAX_GROUPS_YZ = 65535;
constexpr size_t MAX_SHARED_BYTES = 227 << 10, MAX_SHARED_BYTES_UNASKED = 48 << 10;

// Shared memory has addresses of its own, which do not begin with 0.
constexpr unsigned SHARED_ADDRESS = 1024;

[[noreturn]] inline void fail(const char *what) {
    std::fprintf(stderr, "%s\n", what);
    std::_Exit(1);
}

// A copy to the shared memory, which runs while its thread goes on.
struct copy {
    void *to;
    const void *from;
    size_t bytes;
    bool inside;

    void perform() const {
        if (inside)
            std::memcpy(to, from, bytes);
        else
            std::memset(to, 0, bytes);
    }
};

struct thread {
    ucontext_t context;
    std::unique_ptr<char[]> stack{new char[STACK_BYTES]};
    dim3 index;
    unsigned number = 0;
    bool ended = false;
    std::vector<std::vector<copy>> copies; // the groups under way; the last one is open
    bool published = true;                 // whether tensor cores see what its copies brought
};

// Where threads wait for each other.
struct meeting {
    unsigned arrived = 0, round = 0;
};

inline std::vector<thread> threads;
inline thread *running;
inline unsigned count; // of the threads of a group
inline ucontext_t scheduler;
inline size_t steps; // each arrival and each end is one
inline std::vector<unsigned char> shared;
inline meeting all;
inline std::function<void()> body;
inline std::mt19937 chance(60000);

inline void *dynamic_shared() {
    return shared.data();
}

// Waits until `expected` threads have arrived; the last one acts before all go on.
template <class action> void meet(meeting &where, unsigned expected, action act) {
    steps++;
    if (++where.arrived == expected) {
        act();
        where.arrived = 0;
        where.round++;
        return;
    }
    for (const unsigned round = where.round; where.round == round;)
        swapcontext(&running->context, &scheduler);
}

inline void begin_thread() {
    body();
    running->ended = true;
    steps++;
}

inline void run_group() {
    std::vector<thread *> order;
    for (unsigned number = 0; number < count; number++) {
        thread &each = threads[number];
        each.number = number;
        each.index = {number % blockDim.x, number / blockDim.x % blockDim.y, number / blockDim.x / blockDim.y};
        each.ended = false;
        each.published = true;
        each.copies.assign(1, {});
        getcontext(&each.context);
        each.context.uc_stack.ss_sp = each.stack.get();
        each.context.uc_stack.ss_size = STACK_BYTES;
        each.context.uc_link = &scheduler;
        makecontext(&each.context, begin_thread, 0);
        order.push_back(&each);
    }
    std::shuffle(order.begin(), order.end(), chance);
    all = {};
    std::fill(shared.begin(), shared.end(), UNWRITTEN);
    while (!order.empty()) {
        const size_t before = steps;
        for (thread *each : order) {
            running = each;
            threadIdx = each->index;
            swapcontext(&scheduler, &each->context);
        }
        if (steps == before)
            fail("threads wait for each other in vain");
        order.erase(std::remove_if(order.begin(), order.end(), [](thread *each) { return each->ended; }), order.end());
    }
}

} // namespace cuda_on_cpu

inline void __syncthreads() {
    cuda_on_cpu::meet(cuda_on_cpu::all, cuda_on_cpu::count, [] {});
}

inline size_t __cvta_generic_to_shared(const void *place) {
    using namespace cuda_on_cpu;
    return static_cast<const unsigned char *>(place) - shared.data() + SHARED_ADDRESS;
}

inline long long __double_as_longlong(double value) {
    long long bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

inline char4 make_char4(signed char x, signed char y, signed char z, signed char w) {
    return {x, y, z, w};
}

inline unsigned long long atomicMax(unsigned long long *place, unsigned long long value) {
    const unsigned long long before = *place;
    *place = std::max(before, value);
    return before;
}

// ---- The runtime

enum cudaError_t {
    cudaSuccess = 0,
    cudaErrorInvalidValue = 1,
    cudaErrorMemoryAllocation = 2,
    cudaErrorInvalidConfiguration = 9,
    cudaErrorInsufficientDriver = 35,
    cudaErrorNoDevice = 100
};
enum cudaMemcpyKind { cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost };
enum cudaFuncAttribute { cudaFuncAttributeMaxDynamicSharedMemorySize };
struct cudaDeviceProp {
    char name[256];
    int major, minor, multiProcessorCount;
};
using cudaEvent_t = std::chrono::steady_clock::time_point *;

namespace cuda_on_cpu {

inline cudaError_t last_error = cudaSuccess;
inline std::map<const void *, size_t> shared_bytes_allowed;

inline cudaError_t error_of(const void *kernel, const dim3 &groups, const dim3 &group, size_t shared_bytes) {
    const auto found = shared_bytes_allowed.find(kernel);
    if (shared_bytes > (found == shared_bytes_allowed.end() ? MAX_SHARED_BYTES_UNASKED : found->second))
        return cudaErrorInvalidValue;
    const size_t size = size_t(group.x) * group.y * group.z;
    const bool none = size == 0 || groups.x == 0 || groups.y == 0 || groups.z == 0;
    return none || size > MAX_THREADS || groups.y > MAX_GROUPS_YZ || groups.z > MAX_GROUPS_YZ ? cudaErrorInvalidConfiguration
                                                                                              : cudaSuccess;
}

// kernel<<<groups, group, shared_bytes>>>(...)
template <class... parameters>
auto launch(void (*kernel)(parameters...), dim3 groups, dim3 group, size_t shared_bytes = 0) {
    return [=](parameters... arguments) {
        last_error = error_of(reinterpret_cast<const void *>(kernel), groups, group, shared_bytes);
        if (last_error != cudaSuccess)
            return;
        gridDim = groups;
        blockDim = group;
        count = group.x * group.y * group.z;
        if (threads.size() < count)
            threads.resize(count);
        shared.assign(shared_bytes, UNWRITTEN);
        body = [&] { kernel(arguments...); };
        for (blockIdx.z = 0; blockIdx.z < groups.z; blockIdx.z++)
            for (blockIdx.y = 0; blockIdx.y < groups.y; blockIdx.y++)
                for (blockIdx.x = 0; blockIdx.x < groups.x; blockIdx.x++)
                    run_group();
    };
}

} // namespace cuda_on_cpu

inline cudaError_t cudaGetDeviceCount(int *count) {
    *count = 1;
    return cudaSuccess;
}
inline cudaError_t cudaGetDeviceProperties(cudaDeviceProp *device, int) {
    *device = {"a CPU in place of a GPU", 9, 0, 1};
    return cudaSuccess;
}
inline cudaError_t cudaDriverGetVersion(int *version) {
    *version = 0;
    return cudaSuccess;
}
inline cudaError_t cudaRuntimeGetVersion(int *version) {
    *version = 0;
    return cudaSuccess;
}
inline const char *cudaGetErrorString(cudaError_t error) {
    return error == cudaErrorInvalidConfiguration ? "invalid configuration argument" : "invalid argument";
}
inline cudaError_t cudaGetLastError() {
    return std::exchange(cuda_on_cpu::last_error, cudaSuccess);
}
inline cudaError_t cudaDeviceSynchronize() {
    return cudaSuccess;
}

inline cudaError_t cudaMalloc(void **place, size_t bytes) {
    *place = std::aligned_alloc(256, (bytes + 255) / 256 * 256);
    if (*place == nullptr)
        return cudaErrorMemoryAllocation;
    std::memset(*place, cuda_on_cpu::UNWRITTEN, bytes);
    return cudaSuccess;
}
inline cudaError_t cudaMallocHost(void **place, size_t bytes) {
    return cudaMalloc(place, bytes);
}
inline cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, cudaMemcpyKind) {
    std::memcpy(to, from, bytes);
    return cudaSuccess;
}
inline cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind kind) {
    return cudaMemcpy(to, from, bytes, kind);
}
inline cudaError_t cudaMemset(void *place, int value, size_t bytes) {
    std::memset(place, value, bytes);
    return cudaSuccess;
}
inline cudaError_t cudaMemsetAsync(void *place, int value, size_t bytes) {
    return cudaMemset(place, value, bytes);
}
template <class type> cudaError_t cudaMemcpyToSymbol(type &symbol, const void *from, size_t bytes) {
    return cudaMemcpy(&symbol, from, bytes, cudaMemcpyHostToDevice);
}
template <class type> cudaError_t cudaGetSymbolAddress(void **place, type &symbol) {
    *place = &symbol;
    return cudaSuccess;
}
template <class... parameters>
cudaError_t cudaFuncSetAttribute(void (*kernel)(parameters...), cudaFuncAttribute, int bytes) {
    if (size_t(bytes) > cuda_on_cpu::MAX_SHARED_BYTES)
        return cudaErrorInvalidValue;
    cuda_on_cpu::shared_bytes_allowed[reinterpret_cast<const void *>(kernel)] = bytes;
    return cudaSuccess;
}

inline cudaError_t cudaEventCreate(cudaEvent_t *event) {
    *event = new std::chrono::steady_clock::time_point;
    return cudaSuccess;
}
inline cudaError_t cudaEventRecord(cudaEvent_t event) {
    *event = std::chrono::steady_clock::now();
    return cudaSuccess;
}
inline cudaError_t cudaEventElapsedTime(float *ms, cudaEvent_t began, cudaEvent_t ended) {
    *ms = std::chrono::duration<float, std::milli>(*ended - *began).count();
    return cudaSuccess;
}

#endif
