// The part of divide.c that the rungs after it replace.
#ifndef DIVIDE_H
#define DIVIDE_H

#include <stddef.h>

// Three parts of 64 x 64 values take 96 KB, well inside L2, and the two rows that the inner loop runs along stay in L1.
enum { BASE = 64 };

// c[rows x columns] += a[rows x depth] . b[depth x columns], parts of matrices whose rows are n apart, no side above BASE.
void base_case(const double *restrict a, const double *restrict b, double *restrict c, size_t n, size_t rows,
               size_t columns, size_t depth);

#endif
