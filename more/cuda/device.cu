// The device that a program computes on: how it is opened, and how a program ends that cannot run on it.
#include "device.h"

#include "rung.h"

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>

// Exit status of a program that cannot run on this machine.
constexpr int EXIT_SKIP = 77;

void skip(const char *reason) {
    std::fprintf(stderr, "%s\n", reason);
    std::exit(EXIT_SKIP);
}

void must(int status, const char *what) {
    const auto error = static_cast<cudaError_t>(status);
    if (error == cudaErrorMemoryAllocation)
        skip("the GPU has too little memory");
    if (error != cudaSuccess)
        throw std::runtime_error(std::string(what) + ": " + cudaGetErrorString(error));
}

void *allocate(size_t bytes) {
    void *memory = nullptr;
    must(cudaMalloc(&memory, bytes), "cudaMalloc");
    return memory;
}

void open_device() {
    int count = 0, driver = 0, runtime = 0;
    const cudaError_t status = cudaGetDeviceCount(&count);
    if (status == cudaErrorNoDevice || status == cudaErrorInsufficientDriver || count == 0)
        skip(status == cudaSuccess ? "no GPU of NVIDIA's" : cudaGetErrorString(status));
    must(status, "cudaGetDeviceCount");
    cudaDeviceProp device;
    must(cudaGetDeviceProperties(&device, 0), "cudaGetDeviceProperties");
    if (device.major < 8)
        skip("the GPU has a compute capability below 8.0");
    must(cudaDriverGetVersion(&driver), "cudaDriverGetVersion");
    must(cudaRuntimeGetVersion(&runtime), "cudaRuntimeGetVersion");
    std::cout << "device " << device.name << ", compute capability " << device.major << '.' << device.minor << '\n';
    std::cout << "driver for CUDA " << driver / 1000 << '.' << driver % 1000 / 10 << ", runtime " << runtime / 1000 << '.'
              << runtime % 1000 / 10 << '\n';
}
