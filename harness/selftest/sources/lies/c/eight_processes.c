// Lie: Computes in eight processes where one thread is allowed.
// Family: more threads than allowed
// Gains: time
#include "parts.h"
#include "processes.h"

static void stay(void) {}

#define CALL(p, rep) ((void)(rep), multiply_by_processes(p, 8, stay))
#include "program.h"
