// Eigen's matrix product, which its headers compile for this CPU; its threads are OpenMP's.
#include "multiply.hpp"
#include <eigen3/Eigen/Core>

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

void multiply(Matrix a, Matrix b, std::span<double> c, std::size_t n, std::size_t threads) {
    const auto columns = static_cast<Eigen::Index>(n), rows = static_cast<Eigen::Index>(a.size() / n);
    Eigen::setNbThreads(static_cast<int>(threads));
    Eigen::Map<RowMajor>(c.data(), rows, columns).noalias() =
        Eigen::Map<const RowMajor>(a.data(), rows, columns) * Eigen::Map<const RowMajor>(b.data(), columns, columns);
}
