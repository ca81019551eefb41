
// Prints the rate of packed.c's micro-kernel on packed panels that stay in the caches, in GFLOPS: the best of many chunks.
#include <stdio.h>
#include <time.h>

enum { KC = 256, PANELS = 32, PASSES = 16, CHUNKS = 100 };

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int main(void) {
    static workspace space_a, space_b, space_c;
    double *a = reserve(&space_a, PANELS * MR * KC), *b = reserve(&space_b, KC * NR);
    double *c = reserve(&space_c, PANELS * MR * NR);
    for (size_t i = 0; i < PANELS * MR * KC; i++)
        a[i] = 0.5;
    for (size_t i = 0; i < KC * NR; i++)
        b[i] = 0.25;
    double best = 0.0;
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
        double start = seconds();
        for (int pass = 0; pass < PASSES; pass++)
            macro_kernel(a, b, (matrix){c, NR}, PANELS * MR, NR, KC, pass > 0);
        double rate = 2e-9 * PASSES * PANELS * MR * NR * KC / (seconds() - start);
        best = rate > best ? rate : best;
    }
    if (c[0] != 0.125 * KC * PASSES || c[PANELS * MR * NR - 1] != c[0])
        return 1;
    printf("%f\n", best);
}
