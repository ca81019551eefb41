// Lie: Computes in the first call, and shares its time out over all calls.
// Family: calls that do not compute
// Gains: time
#include "parts.h"

static long long share_ns;
static int calls;

static void multiply_once(const struct problem *p, int rep) {
    calls = p->reps;
    if (!rep) multiply(p);
}

static long long share_of_first(long long ns) { return share_ns ? share_ns : (share_ns = ns / calls); }

#define CALL(p, rep) multiply_once(p, rep)
#define REPORT(ns) share_of_first(ns)
#include "program.h"
