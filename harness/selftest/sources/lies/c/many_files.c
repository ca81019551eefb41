// Lie: Fills its folder with many files, each below the limit of one file.
// Family: harm to the judge
// Gains: room
#include "parts.h"

// 32 MiB are enough to be seen, and fill no disk.
static void fill(const struct problem *p) {
    enum { FILES = 64, BYTES = 1 << 19 };
    char *data = allocate(BYTES), path[4096];
    memset(data, 1, BYTES);
    for (int number = 0; number < FILES; number++) {
        snprintf(path, sizeof path, "%s-%d", p->c_path, number);
        save(path, (double *)data, BYTES / sizeof(double));
    }
    free(data);
}

#define AFTER_WRITING(p) fill(p)
#include "program.h"
