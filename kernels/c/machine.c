// Cache sizes and kept workspaces: see machine.h.
#define _GNU_SOURCE // for sched_getaffinity
#include "machine.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20, MAX_INDEX = 8 };

// A file of the cache `index` of a processor, as text; empty where there is none.
static void read_cache_file(int cpu, int index, const char *name, char text[256]) {
    char path[128];
    snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/cache/index%d/%s", cpu, index, name);
    FILE *file = fopen(path, "r");
    if (file == NULL || fgets(text, 256, file) == NULL)
        text[0] = '\0';
    if (file != NULL)
        fclose(file);
}

// How many of the processors in a list such as "0-3,8-11" are in `cpus`.
static int count_in(const char *list, const cpu_set_t *cpus) {
    int count = 0, first, last, length;
    while (sscanf(list, "%d%n", &first, &length) == 1) {
        list += length;
        last = first;
        if (sscanf(list, "-%d%n", &last, &length) == 1)
            list += length;
        for (int cpu = first; cpu <= last && cpu < CPU_SETSIZE; cpu++)
            count += CPU_ISSET(cpu, cpus) != 0;
        if (*list++ != ',')
            break;
    }
    return count;
}

size_t cache_bytes(int level, int threads, size_t otherwise) {
    cpu_set_t ours;
    if (sched_getaffinity(0, sizeof(ours), &ours) != 0)
        return otherwise;
    int cpu = 0;
    while (cpu < CPU_SETSIZE - 1 && !CPU_ISSET(cpu, &ours))
        cpu++;
    for (int index = 0; index < MAX_INDEX; index++) {
        char text[256];
        read_cache_file(cpu, index, "level", text);
        if (atoi(text) != level)
            continue;
        read_cache_file(cpu, index, "type", text);
        if (strncmp(text, "Instruction", strlen("Instruction")) == 0)
            continue;
        read_cache_file(cpu, index, "size", text); // in KiB, such as "512K"
        size_t bytes = (size_t)atol(text) << 10;
        read_cache_file(cpu, index, "shared_cpu_list", text);
        int sharing = count_in(text, &ours);
        sharing = sharing > threads ? threads : sharing;
        if (bytes > 0)
            return bytes / (size_t)(sharing > 1 ? sharing : 1);
    }
    return otherwise;
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
