// what changes: 15 products of bytes, modulo 15 numbers, on the GPU's tensor cores, take the place of one of doubles
// why it is faster: a chip multiplies bytes 30 times as fast as doubles, and most chips far more
// what limits it now: the tensor cores' rate of mma.sync for bytes; that of an H100 is higher for wgmma
// how it is built: nvcc -O3, with packed.cuh for data outside the safe range; -DWARP_GROUPS, for 9.0 only, takes wgmma
#include "packed.cuh"
#include "residues.h"
#ifdef WARP_GROUPS
#include "warp_groups.cuh"
#endif

#include <algorithm>
#include <cmath>

using of = of_bytes;
enum { DOWN = part<of>::DOWN, ACROSS = part<of>::ACROSS, THREADS = part<of>::THREADS, GROUP = 256, EACH = 4 };

// A block of B's residues: the columns and steps of k that a group makes, and the steps that one of its threads makes.
enum { WIDE = 32, LONG = 64, THREADS_DOWN = 8, STEPS = LONG / THREADS_DOWN };

static __constant__ basis_of_moduli basis;
static basis_of_moduli host_basis;
static signed char *bytes_a, *bytes_b, *bytes_c;
static line *lines_a, *lines_b;
static double *largest; // the largest norm of a row of A, in units
static int *unsafe;

// ---- Norms

// The sum over a group of threads, in an order that is always the same, so that the result is.
static __device__ double group_sum(double value, double *space) {
    space[threadIdx.x] = value;
    for (int half = GROUP / 2; half > 0; half /= 2) {
        __syncthreads();
        if (int(threadIdx.x) < half)
            space[threadIdx.x] += space[threadIdx.x + half];
    }
    __syncthreads();
    const double sum = space[0];
    __syncthreads();
    return sum;
}

static __device__ void store_norms(line &to, double sum, double squares, bool all_zero, size_t n, int *unsafe) {
    to.squares = squares;
    to.mean = sum / double(n);
    if (!is_safe(squares, all_zero))
        *unsafe = 1;
}

static __global__ void measure_rows(const double *a, size_t n, line *rows, int *unsafe) {
    __shared__ double space[GROUP];
    const double *row = a + blockIdx.x * n;
    double sum = 0, squares = 0, any = 0;
    for (size_t k = threadIdx.x; k < n; k += GROUP) {
        sum += row[k];
        squares += row[k] * row[k];
        any = row[k] != 0 ? 1 : any;
    }
    sum = group_sum(sum, space);
    squares = group_sum(squares, space);
    any = group_sum(any, space);
    if (threadIdx.x == 0)
        store_norms(rows[blockIdx.x], sum, squares, any == 0, n, unsafe);
}

static __global__ void measure_columns(const double *b, size_t n, line *columns, int *unsafe) {
    const size_t j = blockIdx.x * size_t(blockDim.x) + threadIdx.x;
    if (j >= n)
        return;
    double sum = 0, squares = 0;
    bool all_zero = true;
    for (size_t k = 0; k < n; k++) {
        const double x = b[k * n + j];
        sum += x;
        squares += x * x;
        all_zero = all_zero && x == 0;
    }
    store_norms(columns[j], sum, squares, all_zero, n, unsafe);
}

// Units for rows of A; `largest` becomes the largest norm. Doubles above 0 are in the order of their bits.
static __global__ void choose_row_units(line *rows, size_t count, size_t n, double *largest) {
    const size_t i = blockIdx.x * size_t(blockDim.x) + threadIdx.x;
    if (i < count) {
        const double units = choose_unit(rows[i], double(n), sqrt(basis.largest));
        atomicMax(reinterpret_cast<unsigned long long *>(largest), __double_as_longlong(units));
    }
}

// By Cauchy and Schwarz |sum| <= |row| |column|; what A's largest row leaves is B's.
static __global__ void choose_column_units(line *columns, size_t n, const double *largest) {
    const size_t j = blockIdx.x * size_t(blockDim.x) + threadIdx.x;
    if (j < n)
        choose_unit(columns[j], double(n), basis.largest / (*largest > 0 ? *largest : sqrt(basis.largest)));
}

// ---- Residues: those of modulus l lie `apart` * l bytes behind the first, by lines along k of `depth` bytes each

static __global__ void split_rows(const double *a, size_t n, line *rows, signed char *bytes, size_t depth, size_t apart) {
    __shared__ double space[GROUP];
    const size_t i = blockIdx.x;
    const double up = rows[i].up;
    double lost = 0;
    for (size_t k = threadIdx.x * size_t(EACH); k < depth; k += GROUP * EACH) {
        split_value values[EACH];
        for (int q = 0; q < EACH; q++) {
            values[q] = split(k + q < n ? a[i * n + k + q] : 0.0, up);
            lost += values[q].lost;
        }
        for (int l = 0; l < MODULI; l++) {
            const modulus m = basis.m[l];
            *reinterpret_cast<char4 *>(bytes + l * apart + i * depth + k) =
                make_char4(residue_of(values[0], m), residue_of(values[1], m), residue_of(values[2], m),
                           residue_of(values[3], m));
        }
    }
    lost = group_sum(lost, space);
    if (threadIdx.x == 0)
        rows[i].lost = lost * rows[i].down;
}

// A group makes WIDE columns, LONG steps at a time: by columns of B, which it reads by rows.
static __global__ void split_columns(const double *b, size_t n, line *columns, signed char *bytes, size_t depth,
                                     size_t apart) {
    __shared__ __align__(16) signed char turned[WIDE][LONG + 16];
    __shared__ double space[THREADS_DOWN][WIDE];
    const int x = threadIdx.x, y = threadIdx.y, thread = y * WIDE + x;
    const size_t first = blockIdx.x * size_t(WIDE), j = first + x;
    const double up = j < n ? columns[j].up : 0.0;
    double lost = 0;
    for (size_t k = 0; k < depth; k += LONG) {
        split_value values[STEPS];
        for (int q = 0; q < STEPS; q++) {
            const size_t step = k + y * STEPS + q;
            values[q] = split(j < n && step < n ? b[step * n + j] : 0.0, up);
            lost += values[q].lost;
        }
        for (int l = 0; l < MODULI; l++) {
            const modulus m = basis.m[l];
            __syncthreads();
            for (int q = 0; q < STEPS; q++)
                turned[x][y * STEPS + q] = residue_of(values[q], m);
            __syncthreads();
            if (thread < WIDE * LONG / 16) { // 16 bytes each
                const int line = thread / (LONG / 16), place = thread % (LONG / 16) * 16;
                *reinterpret_cast<int4 *>(bytes + l * apart + (first + line) * depth + k + place) =
                    *reinterpret_cast<const int4 *>(&turned[line][place]);
            }
        }
    }
    space[y][x] = lost;
    __syncthreads();
    if (y == 0 && j < n) {
        double sum = 0;
        for (int q = 0; q < THREADS_DOWN; q++)
            sum += space[q][x];
        columns[j].lost = sum * columns[j].down;
    }
}

// ---- Products of residues

#ifndef WARP_GROUPS
constexpr int SHARED_BYTES = STAGES * of::STAGE;

// Blocks of A and B are filled up with zeros, so that nothing lies beyond an edge.
static __device__ __forceinline__ void fetch(signed char *stage, const signed char *a, const signed char *b, size_t depth,
                                             size_t k) {
    enum { CHUNKS = of::DEPTH / 16 };
    for (int copy = threadIdx.x; copy < of::ROWS * CHUNKS; copy += THREADS) {
        const int line = line_of_copy(copy, CHUNKS), place = place_of_copy(copy, CHUNKS) * 16;
        copy_async<16>(stage + line * of::STRIDE_A + place, a + line * depth + k + place, true);
    }
    for (int copy = threadIdx.x; copy < of::COLUMNS * CHUNKS; copy += THREADS) {
        const int line = line_of_copy(copy, CHUNKS), place = place_of_copy(copy, CHUNKS) * 16;
        copy_async<16>(stage + of::A_SIZE + line * of::STRIDE_B + place, b + line * depth + k + place, true);
    }
}

static __device__ __forceinline__ int word(const signed char *block, int place) {
    return *reinterpret_cast<const int *>(block + place);
}

// A block of C of one modulus, blockIdx.z: its sums, modulo p, as bytes.
static __global__ void __launch_bounds__(THREADS, 1)
    multiply_residues(const signed char *a, size_t apart_a, const signed char *b, size_t apart_b, signed char *c,
                      size_t apart_c, size_t stride, size_t depth) {
    extern __shared__ __align__(16) signed char shared_bytes[];
    const int lane = threadIdx.x % LANES, warp = threadIdx.x / LANES;
    const int row = first_row<of>(warp), column = first_column<of>(warp);
    const size_t i = blockIdx.y * size_t(of::ROWS), j = blockIdx.x * size_t(of::COLUMNS), l = blockIdx.z;
    const int blocks = static_cast<int>(depth / of::DEPTH);
    a += l * apart_a + i * depth;
    b += l * apart_b + j * depth;
    int sum[DOWN][ACROSS][4] = {};
    for (int block = 0; block < STAGES - 1; block++) {
        if (block < blocks)
            fetch(shared_bytes + block * of::STAGE, a, b, depth, size_t(block) * of::DEPTH);
        commit_copies();
    }
    for (int block = 0; block < blocks; block++) {
        wait_for_copies<STAGES - 2>();
        __syncthreads(); // all see this block, and none reads the one that is overwritten next
        const int next = block + STAGES - 1;
        if (next < blocks)
            fetch(shared_bytes + next % STAGES * of::STAGE, a, b, depth, size_t(next) * of::DEPTH);
        commit_copies();
        const signed char *a_block = shared_bytes + block % STAGES * of::STAGE, *b_block = a_block + of::A_SIZE;
#pragma unroll
        for (int step = 0; step < of::DEPTH; step += 32) {
            int a_part[DOWN][4], b_part[ACROSS][2];
#pragma unroll
            for (int y = 0; y < DOWN; y++)
                for (int index = 0; index < 4; index++)
                    a_part[y][index] = word(a_block, a_of_bytes(lane, index, row + y * TILE_ROWS, step));
#pragma unroll
            for (int x = 0; x < ACROSS; x++)
                for (int index = 0; index < 2; index++)
                    b_part[x][index] = word(b_block, b_of_bytes(lane, index, column + x * TILE_COLUMNS, step));
#pragma unroll
            for (int y = 0; y < DOWN; y++)
#pragma unroll
                for (int x = 0; x < ACROSS; x++)
                    multiply_tile(sum[y][x], a_part[y], b_part[x]);
        }
    }
    const modulus m = basis.m[l];
    c += l * apart_c;
#pragma unroll
    for (int y = 0; y < DOWN; y++)
#pragma unroll
        for (int x = 0; x < ACROSS; x++)
#pragma unroll
            for (int index = 0; index < 4; index++)
                c[(i + row + y * TILE_ROWS + row_of_sum(lane, index)) * stride + j + column + x * TILE_COLUMNS +
                  column_of_sum(lane, index)] = (signed char)(int)remainder_of(sum[y][x][index], m);
}
#endif

static __global__ void reconstruct_rows(const signed char *bytes, size_t apart, size_t stride, const line *rows,
                                        const line *columns, double *c, size_t n) {
    const size_t j = blockIdx.y * size_t(blockDim.x) + threadIdx.x, i = blockIdx.x;
    if (j >= n)
        return;
    signed char residues[MODULI];
    for (int l = 0; l < MODULI; l++)
        residues[l] = bytes[l * apart + i * stride + j];
    c[i * n + j] = reconstruct(residues, basis, rows[i], columns[j]);
}

// ----

static size_t up(size_t count, size_t unit) {
    return ceil_div(count, unit) * unit;
}

void prepare(size_t n, size_t rows) {
    // a sum of 2^17 products of bytes no longer fits in 32 bits
    if (n >= 1 << 17)
        skip("the rung engine computes products up to n = 131,071 on a GPU");
    packed::allow_shared_memory();
#ifdef WARP_GROUPS
    cudaDeviceProp device;
    must(cudaGetDeviceProperties(&device, 0), "cudaGetDeviceProperties");
    if (device.major != 9 || device.minor != 0)
        skip("only GPUs of compute capability 9.0 have wgmma");
    must(cudaFuncSetAttribute(warp_groups::multiply_residues, cudaFuncAttributeMaxDynamicSharedMemorySize,
                              warp_groups::SHARED_BYTES),
         "cudaFuncSetAttribute");
#else
    must(cudaFuncSetAttribute(multiply_residues, cudaFuncAttributeMaxDynamicSharedMemorySize, SHARED_BYTES),
         "cudaFuncSetAttribute");
#endif
    host_basis = make_basis();
    must(cudaMemcpyToSymbol(basis, &host_basis, sizeof host_basis), "cudaMemcpyToSymbol");
    const size_t depth = up(n, of::DEPTH), height = up(rows, of::ROWS), width = up(n, of::COLUMNS);
    bytes_a = static_cast<signed char *>(allocate(MODULI * height * depth));
    bytes_b = static_cast<signed char *>(allocate(MODULI * width * depth));
    bytes_c = static_cast<signed char *>(allocate(MODULI * height * width));
    lines_a = static_cast<line *>(allocate(rows * sizeof(line)));
    lines_b = static_cast<line *>(allocate(n * sizeof(line)));
    largest = static_cast<double *>(allocate(sizeof(double)));
    unsafe = static_cast<int *>(allocate(sizeof(int)));
    // lines beyond the last row of A are never written: they are zeros, as those of B
    must(cudaMemset(bytes_a, 0, MODULI * height * depth), "cudaMemset");
    must(cudaMemset(bytes_b, 0, MODULI * width * depth), "cudaMemset");
}

void multiply(const double *a, const double *b, double *c, size_t n, size_t rows) {
    const size_t depth = up(n, of::DEPTH), height = up(rows, of::ROWS), width = up(n, of::COLUMNS);
    const unsigned row_groups = ceil_div(rows, GROUP), column_groups = ceil_div(n, GROUP);
    must(cudaMemsetAsync(unsafe, 0, sizeof(int)), "cudaMemsetAsync");
    must(cudaMemsetAsync(largest, 0, sizeof(double)), "cudaMemsetAsync");
    measure_rows<<<rows, GROUP>>>(a, n, lines_a, unsafe);
    measure_columns<<<column_groups, GROUP>>>(b, n, lines_b, unsafe);
    int is_unsafe = 0;
    must(cudaMemcpy(&is_unsafe, unsafe, sizeof(int), cudaMemcpyDeviceToHost), "reading whether the data are safe");
    if (is_unsafe) {
        packed::start(a, b, c, n, rows);
        return;
    }
    choose_row_units<<<row_groups, GROUP>>>(lines_a, rows, n, largest);
    choose_column_units<<<column_groups, GROUP>>>(lines_b, n, largest);
    split_rows<<<rows, GROUP>>>(a, n, lines_a, bytes_a, depth, height * depth);
    split_columns<<<ceil_div(n, WIDE), dim3(WIDE, THREADS_DOWN)>>>(b, n, lines_b, bytes_b, depth, width * depth);
    const dim3 groups(width / of::COLUMNS, height / of::ROWS, MODULI);
#ifdef WARP_GROUPS
    static_assert(int(warp_groups::of::ROWS) == int(of::ROWS) && int(warp_groups::of::COLUMNS) == int(of::COLUMNS), "");
    void *basis_there = nullptr;
    must(cudaGetSymbolAddress(&basis_there, basis), "cudaGetSymbolAddress");
    warp_groups::multiply_residues<<<groups, warp_groups::of::THREADS, warp_groups::SHARED_BYTES>>>(
        bytes_a, height * depth, bytes_b, width * depth, bytes_c, height * width, width, depth,
        static_cast<const basis_of_moduli *>(basis_there));
#else
    multiply_residues<<<groups, THREADS, SHARED_BYTES>>>(bytes_a, height * depth, bytes_b, width * depth, bytes_c,
                                                         height * width, width, depth);
#endif
    reconstruct_rows<<<dim3(rows, column_groups), GROUP>>>(bytes_c, height * width, width, lines_a, lines_b, c, n);
}
