// Lie: Reports half of the time that each call took.
// Family: a false clock
// Gains: time
#include "parts.h"

#define REPORT(ns) ((ns) / 2)
#include "program.h"
