// Started as: program A B C n rows threads reps. Reads A and B, times the product `reps` times, with A's and B's way to the
// device and C's way back, and writes C.
#include "device.h"
#include "rung.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>

// Locked pages of the host: only from these does the device read at full speed.
static double *locked(size_t count) {
    void *memory = nullptr;
    must(cudaMallocHost(&memory, count * sizeof(double)), "cudaMallocHost");
    return static_cast<double *>(memory);
}

static double *load(const std::string &path, size_t count) {
    double *values = locked(count);
    std::ifstream file(path, std::ios::binary);
    if (!file.read(reinterpret_cast<char *>(values), static_cast<std::streamsize>(count * sizeof(double))))
        throw std::runtime_error(path + ": missing or too short");
    return values;
}

int main(int argc, char **argv) try {
    if (argc != 8)
        throw std::runtime_error("usage: A B C n rows threads reps");
    const size_t n = std::stoul(argv[4]), rows = std::stoul(argv[5]), reps = std::stoul(argv[7]);
    open_device();
    const double *a = load(argv[1], rows * n), *b = load(argv[2], n * n);
    double *c = locked(rows * n);
    auto *a_there = static_cast<double *>(allocate(rows * n * sizeof(double)));
    auto *b_there = static_cast<double *>(allocate(n * n * sizeof(double)));
    auto *c_there = static_cast<double *>(allocate(rows * n * sizeof(double)));
    prepare(n, rows);
    cudaEvent_t began, ended;
    must(cudaEventCreate(&began), "cudaEventCreate");
    must(cudaEventCreate(&ended), "cudaEventCreate");
    for (size_t rep = 0; rep < reps; rep++) {
        const auto start = std::chrono::steady_clock::now();
        must(cudaMemcpyAsync(a_there, a, rows * n * sizeof(double), cudaMemcpyHostToDevice), "copying A");
        must(cudaMemcpyAsync(b_there, b, n * n * sizeof(double), cudaMemcpyHostToDevice), "copying B");
        must(cudaEventRecord(began), "cudaEventRecord");
        multiply(a_there, b_there, c_there, n, rows);
        must(cudaGetLastError(), "starting a kernel");
        must(cudaEventRecord(ended), "cudaEventRecord");
        must(cudaMemcpyAsync(c, c_there, rows * n * sizeof(double), cudaMemcpyDeviceToHost), "copying C");
        must(cudaDeviceSynchronize(), "the product");
        const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - start;
        float on_device_ms = 0;
        must(cudaEventElapsedTime(&on_device_ms, began, ended), "cudaEventElapsedTime");
        const long long call_ns = std::max<long long>(took.count(), 1);
        std::cout << call_ns << "\ndevice_ns " << std::max<long long>(static_cast<long long>(on_device_ms * 1e6), 1) << '\n';
    }
    std::ofstream file(argv[3], std::ios::binary);
    file.write(reinterpret_cast<const char *>(c), static_cast<std::streamsize>(rows * n * sizeof(double)));
    file.close();
    if (!file || !std::cout.flush())
        throw std::runtime_error(std::string(argv[3]) + ": cannot be written");
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 1;
}
