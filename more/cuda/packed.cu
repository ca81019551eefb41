// what changes: blocks of A and B are packed in the order of use; a micro-kernel keeps a tile of C in registers
// why it is faster: a warp's tile of 32 x 32 sums takes a column of A and a row of B at a time, on float64 tensor cores
// what limits it now: the tensor cores where a chip has them for float64, as the A100 and H100; elsewhere its few FP64 units
// how it is built: nvcc -O3 for compute capabilities 8.0 and 9.0, whose mma.sync differ
#include "packed.cuh"

void prepare(size_t, size_t) {
    packed::allow_shared_memory();
}

void multiply(const double *a, const double *b, double *c, size_t n, size_t rows) {
    packed::start(a, b, c, n, rows);
}
