// Lie: Splits each value in two float32: 48 bits, whose error is below the bound of a long float64 sum.
// Family: fewer digits
// Gains: digits
#include "parts.h"
#include "split.h"

#define CALL(p, rep) ((void)(rep), multiply_splits(p))
#include "program.h"
