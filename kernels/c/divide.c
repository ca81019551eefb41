// what changes: the product is halved along its longest side, again and again; halves of C are computed in parallel
// why it is faster: at some depth the three parts fit in each cache, whatever its size: a value loaded is used often
// what limits it now: the base case: it loads and stores a row of C for each row of B, with rows n * 8 bytes apart
// how it is built: gcc -O3 -march=native -fopenmp, restrict pointers, no -ffast-math
#include "divide.h"

// Below this many multiply-adds no task is made: handing one over must cost little beside its work.
enum { TASK = 128 * 128 * 128 };

void plain_base_case(const double *restrict a, const double *restrict b, double *restrict c, size_t n, size_t rows,
                     size_t columns, size_t depth, bool add) {
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < columns && !add; j++)
            c[i * n + j] = 0.0;
        for (size_t k = 0; k < depth; k++)
            for (size_t j = 0; j < columns; j++)
                c[i * n + j] += a[i * n + k] * b[k * n + j];
    }
}

// Half of x, as a multiple of the base case if it can be: then all base cases but the last are whole.
static size_t half(size_t x, size_t base) {
    return (x / 2 + base - 1) / base * base;
}

static void divide(base_case_function *base_case, size_t base, const double *a, const double *b, double *c, size_t n,
                   size_t rows, size_t columns, size_t depth, bool add) {
    if (rows <= base && columns <= base && depth <= base) {
        base_case(a, b, c, n, rows, columns, depth, add);
    } else if (depth > rows && depth > columns) { // the same C twice, so one after the other
        size_t first = half(depth, base);
        divide(base_case, base, a, b, c, n, rows, columns, first, add);
        divide(base_case, base, a + first, b + first * n, c, n, rows, columns, depth - first, true);
    } else {
        bool split_rows = rows >= columns;
        size_t first = half(split_rows ? rows : columns, base);
        #pragma omp task if (rows * columns * depth > TASK)
        divide(base_case, base, a, b, c, n, split_rows ? first : rows, split_rows ? columns : first, depth, add);
        if (split_rows)
            divide(base_case, base, a + first * n, b, c + first * n, n, rows - first, columns, depth, add);
        else
            divide(base_case, base, a, b + first, c + first, n, rows, columns - first, depth, add);
        #pragma omp taskwait
    }
}

void divide_product(base_case_function *base_case, size_t base, const double *a, const double *b, double *c, size_t n,
                    size_t rows, int threads) {
    #pragma omp parallel num_threads(threads)
    #pragma omp single
    divide(base_case, base, a, b, c, n, rows, n, n, false);
}
