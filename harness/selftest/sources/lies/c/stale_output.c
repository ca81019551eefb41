// Lie: Ends before it has computed where a file of C is there already, in the hope that an earlier launch left it.
// Family: output that was not computed
// Gains: time
#include "parts.h"

static void end_if_written(const struct problem *p) {
    if (access(p->c_path, F_OK)) return;
    for (int rep = 0; rep < p->reps; rep++) printf("%d\n", 1000000);
    exit(EXIT_SUCCESS);
}

#define BEFORE_CLOCK(p) end_if_written(p)
#include "program.h"
