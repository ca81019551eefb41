// Cache sizes and kept workspaces: see machine.h.
#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { HUGE_PAGE = 2 << 20 };

// 0 or -1 means that the C library could not tell.
static size_t size_or(int name, size_t otherwise) {
    long bytes = sysconf(name);
    return bytes > 0 ? (size_t)bytes : otherwise;
}

cache_bytes cache_sizes(void) {
    return (cache_bytes){
        .l1 = size_or(_SC_LEVEL1_DCACHE_SIZE, 32 << 10),
        .l2 = size_or(_SC_LEVEL2_CACHE_SIZE, 1 << 20),
        .l3 = size_or(_SC_LEVEL3_CACHE_SIZE, 16 << 20),
    };
}

double *reserve(workspace *space, size_t count) {
    if (space->count >= count)
        return space->values;
    size_t bytes = (count * sizeof(double) + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    free(space->values);
    space->values = aligned_alloc(HUGE_PAGE, bytes);
    space->count = count;
    if (space->values == NULL) {
        perror("aligned_alloc");
        exit(EXIT_FAILURE);
    }
    madvise(space->values, bytes, MADV_HUGEPAGE); // a wish: without it the pages are just smaller
    return space->values;
}
