// With -DENGINE_PHASES a product says on stderr what its phases took, in ns: the table of docs/engine.md.
#ifdef ENGINE_PHASES
#include <omp.h>
#include <stdio.h>
#include <time.h>

// The end of a phase, behind a barrier or outside a parallel region; `name` is NULL where the first begins.
static inline void phase(const char *name) {
    static struct timespec before;
    if (omp_get_thread_num() > 0)
        return;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (name != NULL)
        fprintf(stderr, "%s %lld\n", name, (now.tv_sec - before.tv_sec) * 1000000000LL + now.tv_nsec - before.tv_nsec);
    before = now;
}
#else
static inline void phase(const char *name) {
    (void)name;
}
#endif
