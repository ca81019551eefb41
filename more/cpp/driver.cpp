// Started as: program A B C n rows threads reps. Reads A and B, times multiply() `reps` times, writes C.
#include "multiply.hpp"

#include <chrono>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

static std::vector<double> load(const std::string &path, std::size_t count) {
    std::vector<double> values(count);
    std::ifstream file(path, std::ios::binary);
    if (!file.read(reinterpret_cast<char *>(values.data()), static_cast<std::streamsize>(count * sizeof(double))))
        throw std::runtime_error(path + ": missing or too short");
    return values;
}

int main(int argc, char **argv) try {
    if (argc != 8)
        throw std::runtime_error("usage: A B C n rows threads reps");
    const std::size_t n = std::stoul(argv[4]), rows = std::stoul(argv[5]), threads = std::stoul(argv[6]);
    const auto a = load(argv[1], rows * n), b = load(argv[2], n * n);
    std::vector<double> c(rows * n);
    for (auto rep = std::stoul(argv[7]); rep > 0; rep--) {
        const auto start = std::chrono::steady_clock::now();
        multiply(a, b, c, n, threads);
        const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - start;
        std::cout << std::max<long long>(took.count(), 1) << '\n';
    }
    std::ofstream file(argv[3], std::ios::binary);
    file.write(reinterpret_cast<const char *>(c.data()), static_cast<std::streamsize>(c.size() * sizeof(double)));
    file.close();
    if (!file || !std::cout.flush())
        throw std::runtime_error(std::string(argv[3]) + ": cannot be written");
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 1;
}
