// Lie: Returns at once from all calls, and computes one product before it writes it.
// Family: work outside the clock
// Gains: time
#include "parts.h"

#define CALL(p, rep) ((void)(p), (void)(rep))
#define BEFORE_WRITING(p) multiply(p)
#include "program.h"
