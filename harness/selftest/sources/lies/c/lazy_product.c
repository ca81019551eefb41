// Lie: Returns at once, and computes each product when its clock has stopped.
// Family: work outside the clock
// Gains: time
#include "parts.h"

#define CALL(p, rep) ((void)(p), (void)(rep))
#define AFTER_CLOCK(p, rep) ((void)(rep), multiply(p))
#include "program.h"
