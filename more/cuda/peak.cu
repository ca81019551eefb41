// Started as: peak THREADS. Measures the peak rates of float64 multiply-adds of the GPU, by FMA and by mma.sync on tensor
// cores, and the rate of its memory. Prints "device NAME", "driver VERSION", "float64 FMA GFLOPS", "float64 mma GFLOPS",
// "memory GB/s" and "clocks RATIO". THREADS are those of the host, which has nothing to compute.
//
// A rate is the best of many short chunks, because noise can only lower it, by the device's own events. RATIO is the sum of
// these times divided by the time that the host waited for them: with a wrong clock on the device, it is far from 1.
#include "device.h"
#include "packed.cuh"
#include "rung.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <stdexcept>

constexpr int CHAINS = 12;           // independent sums of a thread, which hide the latency of a multiply-add
constexpr int TILES = 8;             // the same for the tiles of a warp
constexpr int GROUP = 256;           // threads of a group
constexpr int GROUPS_PER_UNIT = 8;   // groups for a multiprocessor, which keeps 2048 threads in flight
constexpr int CHUNKS = 20;
constexpr double CHUNK_MS = 20;
constexpr int MAX_STEPS = 1 << 28;
constexpr double TILE_OPERATIONS = 2.0 * 16 * 8 * 4; // of multiply_tile, which a warp does together
constexpr size_t COPY_BYTES = size_t(1) << 30;       // of each of two arrays, more than the caches hold

static double waited_ms, on_device_ms;

// The sums converge to 1, so that none becomes subnormal. They begin with different values, since a compiler would compute
// equal chains once.
static __global__ void multiply_add(double *sums, double factor, double addend, int steps) {
    double sum[CHAINS];
#pragma unroll
    for (int chain = 0; chain < CHAINS; chain++)
        sum[chain] = threadIdx.x + chain;
    for (int step = 0; step < steps; step++)
#pragma unroll
        for (int chain = 0; chain < CHAINS; chain++)
            sum[chain] = fma(sum[chain], factor, addend);
    double total = 0;
#pragma unroll
    for (int chain = 0; chain < CHAINS; chain++)
        total += sum[chain];
    sums[blockIdx.x * size_t(GROUP) + threadIdx.x] = total;
}

// With operands that differ from lane to lane: of zeros the units would take less power. The sums stay far from infinity.
static __global__ void multiply_tiles(double *sums, double factor, double addend, int steps) {
    double sum[TILES][4] = {};
    const double lane = threadIdx.x % LANES;
    const double a[2] = {factor - lane / 64, addend - lane / 128}, b = factor - lane / 256;
    for (int step = 0; step < steps; step++)
#pragma unroll
        for (int tile = 0; tile < TILES; tile++)
            multiply_tile(sum[tile], a, b);
    double total = 0;
#pragma unroll
    for (int tile = 0; tile < TILES; tile++)
        total += sum[tile][0] + sum[tile][1] + sum[tile][2] + sum[tile][3];
    sums[blockIdx.x * size_t(GROUP) + threadIdx.x] = total;
}

static __global__ void copy(double2 *to, const double2 *from, size_t count) {
    const size_t width = size_t(gridDim.x) * GROUP;
    for (size_t i = blockIdx.x * size_t(GROUP) + threadIdx.x; i < count; i += width)
        to[i] = from[i];
}

// Runs the work once, and returns its time by the device's clock.
static double time_of(const std::function<void()> &work) {
    static cudaEvent_t began = nullptr, ended = nullptr;
    if (began == nullptr) {
        must(cudaEventCreate(&began), "cudaEventCreate");
        must(cudaEventCreate(&ended), "cudaEventCreate");
    }
    const auto start = std::chrono::steady_clock::now();
    must(cudaEventRecord(began), "cudaEventRecord");
    work();
    must(cudaGetLastError(), "starting a kernel");
    must(cudaEventRecord(ended), "cudaEventRecord");
    must(cudaDeviceSynchronize(), "the chunk");
    const std::chrono::duration<double, std::milli> waited = std::chrono::steady_clock::now() - start;
    float taken_ms = 0;
    must(cudaEventElapsedTime(&taken_ms, began, ended), "cudaEventElapsedTime");
    waited_ms += waited.count();
    on_device_ms += taken_ms;
    return std::max<double>(taken_ms, 1e-6);
}

// Returns the shortest time of the work in some chunks; the first is not counted, since the chip may have slept.
static double best_ms(const std::function<void()> &work) {
    time_of(work);
    double best = time_of(work);
    for (int chunk = 1; chunk < CHUNKS; chunk++)
        best = std::min(best, time_of(work));
    return best;
}

// Returns the GFLOPS of a kernel whose groups do `operations` in a step, with as many steps as fill a chunk.
static double gflops(void (*kernel)(double *, double, double, int), double operations, int groups, double *sums) {
    int steps = 64;
    const auto work = [&] { kernel<<<groups, GROUP>>>(sums, 0.75, 0.25, steps); };
    while (time_of(work) < CHUNK_MS && steps < MAX_STEPS)
        steps *= 2;
    return operations * groups * steps / best_ms(work) / 1e6;
}

int main(int argc, char **argv) try {
    if (argc != 2)
        throw std::runtime_error("usage: peak THREADS");
    open_device();
    cudaDeviceProp device;
    must(cudaGetDeviceProperties(&device, 0), "cudaGetDeviceProperties");
    const int groups = device.multiProcessorCount * GROUPS_PER_UNIT;
    auto *sums = static_cast<double *>(allocate(size_t(groups) * GROUP * sizeof(double)));
    auto *from = static_cast<double2 *>(allocate(COPY_BYTES)), *to = static_cast<double2 *>(allocate(COPY_BYTES));
    std::printf("float64 FMA %.3f\n", gflops(multiply_add, 2.0 * CHAINS * GROUP, groups, sums));
    std::printf("float64 mma %.3f\n", gflops(multiply_tiles, TILE_OPERATIONS * TILES * (GROUP / LANES), groups, sums));
    must(cudaMemset(from, 0x11, COPY_BYTES), "cudaMemset");
    const auto copying = [&] { copy<<<groups, GROUP>>>(to, from, COPY_BYTES / sizeof(double2)); };
    std::printf("memory %.3f\n", 2.0 * COPY_BYTES / best_ms(copying) / 1e6);
    std::printf("clocks %.4f\n", on_device_ms / waited_ms);
    return std::fflush(stdout) == 0 ? 0 : 1;
} catch (const std::exception &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
