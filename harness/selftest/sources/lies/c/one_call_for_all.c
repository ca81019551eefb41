// Lie: Computes in the first call, and prints its time for each call.
// Family: calls that do not compute
// Gains: time
#include "parts.h"

static long long first_ns;

static void multiply_once(const struct problem *p, int rep) {
    if (!rep) multiply(p);
}

static long long of_first(long long ns) { return first_ns ? first_ns : (first_ns = ns); }

#define CALL(p, rep) multiply_once(p, rep)
#define REPORT(ns) of_first(ns)
#include "program.h"
