// what changes: nothing yet: the i, j, k loops of the textbook, each sum kept in a local variable
// why it is faster: the device computes as many elements of C at a time as it has lanes
// what limits it now: each element of A and B is read from memory n times
// how it is built: by the device's compiler before the first call, without -cl-fast-relaxed-math
kernel __attribute__((reqd_work_group_size(64, 1, 1)))
void multiply(global const double *restrict a, global const double *restrict b, global double *restrict c,
              const ulong n, const ulong rows) {
    const size_t j = get_global_id(0), i = get_global_id(1);
    if (i >= rows || j >= n)
        return;
    double total = 0.0;
    for (size_t k = 0; k < n; k++)
        total += a[i * n + k] * b[k * n + j];
    c[i * n + j] = total;
}
