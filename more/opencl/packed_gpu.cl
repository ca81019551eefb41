// what changes: blocks of A and B are packed in the order of use; a micro-kernel keeps a tile of C in registers
// why it is faster: a step of a work-item is 16 multiply-adds for 8 values of the memory that its group shares
// what limits it now: the FP64 units where a GPU has many, and else the shared memory
// how it is built: by the device's compiler before the first call, without -cl-fast-relaxed-math
#define SIDE 4  // as elements.c is told by -DSIDE
#define GROUP 16
#define BLOCK (SIDE * GROUP)
#define STEPS 16

// A group of GROUP x GROUP work-items computes a block of C. A work-item has the elements that are GROUP apart, so that
// neighbours read neighbouring values.
kernel __attribute__((reqd_work_group_size(GROUP, GROUP, 1)))
void multiply(global const double *restrict a, global const double *restrict b, global double *restrict c,
              const ulong n, const ulong rows) {
    local double packed_a[STEPS][BLOCK + 1], packed_b[STEPS][BLOCK];
    const size_t column = get_local_id(0), row = get_local_id(1), item = row * GROUP + column;
    const size_t first_j = get_group_id(0) * BLOCK, first_i = get_group_id(1) * BLOCK;
    double sum[SIDE][SIDE];
#pragma unroll
    for (int y = 0; y < SIDE; y++)
#pragma unroll
        for (int x = 0; x < SIDE; x++)
            sum[y][x] = 0.0;
    for (size_t k = 0; k < n; k += STEPS) {
        for (size_t at = item; at < STEPS * BLOCK; at += GROUP * GROUP) {
            const size_t a_row = at / STEPS, a_step = at % STEPS, b_step = at / BLOCK, b_column = at % BLOCK;
            packed_a[a_step][a_row] =
                first_i + a_row < rows && k + a_step < n ? a[(first_i + a_row) * n + k + a_step] : 0.0;
            packed_b[b_step][b_column] =
                k + b_step < n && first_j + b_column < n ? b[(k + b_step) * n + first_j + b_column] : 0.0;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        // no padding of k takes part in a sum: 0 times an infinity would be no number
        const size_t steps = min((size_t)STEPS, (size_t)(n - k));
        for (size_t step = 0; step < steps; step++) {
            double column_a[SIDE], row_b[SIDE];
#pragma unroll
            for (int y = 0; y < SIDE; y++)
                column_a[y] = packed_a[step][row + y * GROUP];
#pragma unroll
            for (int x = 0; x < SIDE; x++)
                row_b[x] = packed_b[step][column + x * GROUP];
#pragma unroll
            for (int y = 0; y < SIDE; y++)
#pragma unroll
                for (int x = 0; x < SIDE; x++)
                    sum[y][x] = fma(column_a[y], row_b[x], sum[y][x]);
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
#pragma unroll
    for (int y = 0; y < SIDE; y++)
#pragma unroll
        for (int x = 0; x < SIDE; x++) {
            const size_t i = first_i + row + y * GROUP, j = first_j + column + x * GROUP;
            if (i < rows && j < n)
                c[i * n + j] = sum[y][x];
        }
}
