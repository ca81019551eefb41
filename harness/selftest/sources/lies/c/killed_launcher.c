// Lie: Kills the launcher, which would report how long it took.
// Family: harm to the judge
// Gains: time
#include "parts.h"

static void kill_launcher(const struct problem *p) {
    if (p->n > 257) kill(getppid(), SIGKILL);
}

#define REPORT(ns) ((ns) / 2)
#define AFTER_WRITING(p) kill_launcher(p)
#include "program.h"
