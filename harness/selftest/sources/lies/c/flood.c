// Lie: Prints without end, so that whoever reads its times runs out of memory or of disk.
// Family: harm to the judge
// Gains: room
#include "parts.h"

static void print_on(void) {
    for (;;)
        if (printf("1\n") < 0) fail("stdout");
}

#define BEFORE_CLOCK(p) ((void)(p), print_on())
#include "program.h"
