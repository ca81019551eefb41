// The product by cuBLAS, NVIDIA's library. It stores matrices by columns: there, the transposed of C is that of B times A's.
#include "rung.h"

#include <cublas_v2.h>
#include <stdexcept>

static cublasHandle_t handle;

static void check(cublasStatus_t status, const char *what) {
    if (status == CUBLAS_STATUS_ALLOC_FAILED)
        skip("the GPU has too little memory");
    if (status != CUBLAS_STATUS_SUCCESS)
        throw std::runtime_error(std::string(what) + ": " + cublasGetStatusString(status));
}

void prepare(size_t, size_t) {
    check(cublasCreate(&handle), "cublasCreate");
}

void multiply(const double *a, const double *b, double *c, size_t n, size_t rows) {
    const double one = 1, zero = 0;
    const int columns = static_cast<int>(n);
    check(cublasDgemm(handle, CUBLAS_OP_N, CUBLAS_OP_N, columns, static_cast<int>(rows), columns, &one, b, columns, a, columns,
                      &zero, c, columns),
          "cublasDgemm");
}
