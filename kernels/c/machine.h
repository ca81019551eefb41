// What the fast rungs ask of the machine: the sizes of its caches, and workspaces that are kept between repetitions.
#ifndef MACHINE_H
#define MACHINE_H

#include <stddef.h>

typedef struct {
    size_t l1, l2, l3;
} cache_bytes;

cache_bytes cache_sizes(void);

typedef struct {
    double *values;
    size_t count;
} workspace;

// At least `count` doubles on huge pages, if the system grants them; what they held before is lost when it grows.
double *reserve(workspace *space, size_t count);

#endif
