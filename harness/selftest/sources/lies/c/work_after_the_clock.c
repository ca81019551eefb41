// Lie: Computes a third of the rows while the clock runs, and the others after it.
// Family: work outside the clock
// Gains: time
#include "parts.h"

#define CALL(p, rep) ((void)(rep), multiply_rows(p, 0, (p)->rows / 3))
#define AFTER_CLOCK(p, rep) ((void)(rep), multiply_rows(p, (p)->rows / 3, (p)->rows))
#include "program.h"
