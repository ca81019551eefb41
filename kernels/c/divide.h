// The recursion of divide.c, for rungs that give it a base case of their own.
#ifndef DIVIDE_H
#define DIVIDE_H

#include <stdbool.h>
#include <stddef.h>

// c[rows x columns] = a[rows x depth] . b[depth x columns], or += if `add`: parts of matrices whose rows are n apart.
typedef void base_case_function(const double *restrict a, const double *restrict b, double *restrict c, size_t n,
                                size_t rows, size_t columns, size_t depth, bool add);

// divide.c's own, and its largest side. Three parts of 64 x 64 values take 96 KB, well inside L2, and the two rows that the
// inner loop runs along stay in L1.
base_case_function plain_base_case;
enum { PLAIN_BASE = 64 };

// multiply() by divide and conquer down to `base_case`, for parts none of whose sides is above `base`.
void divide_product(base_case_function *base_case, size_t base, const double *a, const double *b, double *c, size_t n,
                    size_t rows, int threads);

#endif
