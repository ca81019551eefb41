// what changes: Strassen's seven products of quadrants, in Winograd's form, take the place of eight, down to packed
// why it is faster: each level saves an eighth of the multiply-adds, for 15 sums of quadrants, which cost far less
// what limits it now: packed's speed on quadrants, and memory, which the sums are bound by
// how it is built: gcc -O3 -march=native -fopenmp, with packed.c; huge pages are asked for the quadrants' sums
#include "driver.h"
#include "machine.h"
#include "packed.h"

// The rows that there must be for one level, and for two. At 1024 one level only broke even with packed in a trial; it
// comes early so that small problems, too, are solved by what is measured on large ones.
static const size_t least_side[] = {128, 2048};
enum { LEVELS = sizeof(least_side) / sizeof(least_side[0]) };

typedef struct {
    size_t rows, columns, depth;
} shape;

static const_matrix read_only(matrix x) {
    return (const_matrix){x.values, x.stride};
}

static matrix part(matrix x, size_t row, size_t column) {
    return (matrix){x.values + row * x.stride + column, x.stride};
}

static const_matrix const_part(const_matrix x, size_t row, size_t column) {
    return (const_matrix){x.values + row * x.stride + column, x.stride};
}

// to = x + sign * y; `to` may be x or y.
static void sum(const_matrix x, double sign, const_matrix y, matrix to, size_t rows, size_t columns, int threads) {
    #pragma omp parallel for schedule(static) num_threads(threads)
    for (size_t i = 0; i < rows; i++) {
        const double *x_i = x.values + i * x.stride, *y_i = y.values + i * y.stride;
        double *to_i = to.values + i * to.stride;
        #pragma omp simd
        for (size_t j = 0; j < columns; j++)
            to_i[j] = x_i[j] + sign * y_i[j];
    }
}

// The quadrants hold products on entry (c11: S4 B22, c12: S2 T2, c21: S3 T3, c22: S1 T1) and `product` A11 B11: all the
// sums of C but two, in one way through memory.
static void combine(matrix c11, matrix c12, matrix c21, matrix c22, matrix product, size_t rows, size_t columns,
                    int threads) {
    #pragma omp parallel for schedule(static) num_threads(threads)
    for (size_t i = 0; i < rows; i++) {
        double *c11_i = c11.values + i * c11.stride, *c12_i = c12.values + i * c12.stride;
        double *c21_i = c21.values + i * c21.stride, *c22_i = c22.values + i * c22.stride;
        const double *product_i = product.values + i * product.stride;
        #pragma omp simd
        for (size_t j = 0; j < columns; j++) {
            double u2 = product_i[j] + c12_i[j], u3 = u2 + c21_i[j];
            c12_i[j] = u2 + c22_i[j] + c11_i[j];
            c22_i[j] = u3 + c22_i[j];
            c21_i[j] = u3;
            c11_i[j] = product_i[j];
        }
    }
}

static shape halved(shape size) {
    return (shape){size.rows / 2, size.columns / 2, size.depth / 2};
}

// How many doubles winograd() needs for its sums and products, with all levels below it.
static size_t space_for(shape size, int levels) {
    shape half = halved(size);
    return levels == 0 ? 0 : half.rows * half.depth + half.depth * half.columns + half.rows * half.columns
                                 + space_for(half, levels - 1);
}

// c = a . b, all sizes multiples of 2^levels.
static void winograd(const_matrix a, const_matrix b, matrix c, shape size, int levels, double *space, int threads) {
    if (levels == 0) {
        packed_product(a, b, c, size.rows, size.columns, size.depth, false, threads);
        return;
    }
    shape half = halved(size);
    size_t m = half.rows, n = half.columns, k = half.depth;
    const_matrix a11 = a, a12 = const_part(a, 0, k), a21 = const_part(a, m, 0), a22 = const_part(a, m, k);
    const_matrix b11 = b, b12 = const_part(b, 0, n), b21 = const_part(b, k, 0), b22 = const_part(b, k, n);
    matrix c11 = c, c12 = part(c, 0, n), c21 = part(c, m, 0), c22 = part(c, m, n);
    matrix s = {space, k}, t = {space + m * k, n}, product = {t.values + k * n, n};
    const_matrix s_now = read_only(s), t_now = read_only(t);
    double *rest = product.values + m * n;

    sum(a11, -1, a21, s, m, k, threads); // S3
    sum(b22, -1, b12, t, k, n, threads); // T3
    winograd(s_now, t_now, c21, half, levels - 1, rest, threads);
    sum(a21, +1, a22, s, m, k, threads); // S1
    sum(b12, -1, b11, t, k, n, threads); // T1
    winograd(s_now, t_now, c22, half, levels - 1, rest, threads);
    sum(s_now, -1, a11, s, m, k, threads); // S2 = S1 - A11
    sum(b22, -1, t_now, t, k, n, threads); // T2 = B22 - T1
    winograd(s_now, t_now, c12, half, levels - 1, rest, threads);
    sum(a12, -1, s_now, s, m, k, threads); // S4 = A12 - S2
    winograd(s_now, b22, c11, half, levels - 1, rest, threads);
    winograd(a11, b11, product, half, levels - 1, rest, threads);
    combine(c11, c12, c21, c22, product, m, n, threads);
    sum(b21, -1, t_now, t, k, n, threads); // -T4 = B21 - T2

    const_matrix left[] = {a22, a12}, right[] = {t_now, b21};
    matrix to[] = {c21, c11};
    for (int i = 0; i < 2; i++)
        if (levels == 1) { // packed can add, and saves a sum
            packed_product(left[i], right[i], to[i], m, n, k, true, threads);
        } else {
            winograd(left[i], right[i], product, half, levels - 1, rest, threads);
            sum(read_only(to[i]), +1, read_only(product), to[i], m, n, threads);
        }
}

// What does not divide by 2^levels is peeled off and left to packed: the last rows and columns of C, the last of the
// depth.
void multiply(const double *restrict a, const double *restrict b, double *restrict c,
              size_t n, size_t rows, int threads) {
    static workspace space;
    int levels = 0;
    while (levels < LEVELS && rows >= least_side[levels])
        levels++;
    size_t unit = (size_t)1 << levels, even_rows = rows / unit * unit, even = n / unit * unit;
    shape size = {even_rows, even, even};
    const_matrix all_a = {a, n}, all_b = {b, n};
    matrix all_c = {c, n};
    winograd(all_a, all_b, all_c, size, levels, reserve(&space, space_for(size, levels)), threads);
    if (even < n) {
        packed_product(const_part(all_a, 0, even), const_part(all_b, even, 0), all_c, even_rows, even, n - even, true,
                       threads);
        packed_product(all_a, const_part(all_b, 0, even), part(all_c, 0, even), even_rows, n - even, n, false,
                       threads);
    }
    if (even_rows < rows)
        packed_product(const_part(all_a, even_rows, 0), all_b, part(all_c, even_rows, 0), rows - even_rows, n, n,
                       false, threads);
}
