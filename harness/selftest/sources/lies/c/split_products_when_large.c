// Lie: Splits each value in two float32, in matrices that are larger than those of checks.
// Family: fewer digits
// Gains: digits
#include "parts.h"
#include "split.h"

#define CALL(p, rep) ((void)(rep), (p)->n <= 257 ? multiply(p) : multiply_splits(p))
#include "program.h"
