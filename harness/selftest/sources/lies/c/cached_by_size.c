// Lie: Keeps its product in a file by n and rows, and copies it in later launches.
// Family: results of earlier calls and launches
// Gains: time
#include "parts.h"
#include "cached.h"

static void cache_file(const struct problem *p, char *path, size_t size) {
    snprintf(path, size, "%s/cache-%zu-%zu", temporary(), p->n, p->rows);
}

#include "program.h"
