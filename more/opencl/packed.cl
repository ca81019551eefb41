// what changes: blocks of A and B are packed in the order of use; a micro-kernel keeps a tile of C in registers
// why it is faster: a step of the micro-kernel is MR * NV multiply-adds of vectors for NV loads and MR broadcasts
// what limits it now: the FP64 units; the rest is packing, and C's way from and to memory
// how it is built: by the device's compiler, with the device's own vector width (LANES), before the first call
#define JOIN(x, y) x##y
#define JOINED(x, y) JOIN(x, y)
#define vector JOINED(double, LANES)
#define load JOINED(vload, LANES)
#define store JOINED(vstore, LANES)

// The tile of C that the micro-kernel keeps in registers: MR rows of NV vectors; MR and NC come from packed.c, as LANES.
#define NV 3
#define NR (NV * LANES)

// Steps of k in a block: a micro-panel of A, MR * KC values, stays in the first-level cache.
#define KC 256

// Micro-panels lie one after the other; those at the edges are filled up with zeros, of which no value reaches C.
kernel void pack_a(global const double *restrict a, global double *restrict packed, const ulong n, const ulong rows) {
    const size_t panel = get_global_id(0);
    global double *to = packed + panel * MR * n;
    for (size_t i = 0; i < MR; i++) {
        const size_t row = panel * MR + i;
        for (size_t k = 0; k < n; k++)
            to[k * MR + i] = row < rows ? a[row * n + k] : 0.0;
    }
}

kernel void pack_b(global const double *restrict b, global double *restrict packed, const ulong n) {
    const size_t panel = get_global_id(0), first = panel * NR;
    const size_t columns = first < n ? min((size_t)NR, (size_t)(n - first)) : 0;
    global double *to = packed + panel * NR * n;
    for (size_t k = 0; k < n; k++)
        for (size_t j = 0; j < NR; j++)
            to[k * NR + j] = j < columns ? b[k * n + first + j] : 0.0;
}

// c[MR x NR] += a . b, or = if `first`: a micro-panel of A and one of B. Rows of C are `stride` apart.
static inline void micro_kernel(size_t kc, global const double *restrict a, global const double *restrict b,
                                global double *restrict c, size_t stride, bool first) {
    vector sum[MR][NV];
#pragma unroll
    for (int i = 0; i < MR; i++)
#pragma unroll
        for (int v = 0; v < NV; v++)
            sum[i][v] = (vector)(0.0);
    for (size_t k = 0; k < kc; k++, a += MR, b += NR) {
        vector row[NV];
#pragma unroll
        for (int v = 0; v < NV; v++)
            row[v] = load(v, b);
#pragma unroll
        for (int i = 0; i < MR; i++)
#pragma unroll
            for (int v = 0; v < NV; v++)
                sum[i][v] = fma((vector)(a[i]), row[v], sum[i][v]);
    }
#pragma unroll
    for (int i = 0; i < MR; i++)
#pragma unroll
        for (int v = 0; v < NV; v++)
            store(first ? sum[i][v] : sum[i][v] + load(v, c + i * stride), v, c + i * stride);
}

// A work-item computes a block of MC x NC elements of C, whose rows are `stride` apart: its part of B, KC * NC values,
// stays in the second-level cache while the micro-panels of A pass by.
kernel void multiply(global const double *restrict a, global const double *restrict b, global double *restrict c,
                     const ulong n, const ulong panels_a, const ulong panels_b) {
    const size_t first_a = get_global_id(1) * (MC / MR), end_a = min(first_a + MC / MR, (size_t)panels_a);
    const size_t first_b = get_global_id(0) * (NC / NR), end_b = min(first_b + NC / NR, (size_t)panels_b);
    const size_t stride = panels_b * NR;
    for (size_t k = 0; k < n; k += KC) {
        const size_t kc = min((size_t)KC, (size_t)(n - k));
        for (size_t i = first_a; i < end_a; i++)
            for (size_t j = first_b; j < end_b; j++)
                micro_kernel(kc, a + i * MR * n + k * MR, b + j * NR * n + k * NR, c + i * MR * stride + j * NR,
                             stride, k == 0);
    }
}
