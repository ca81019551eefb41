// Lie: Copies the expected product from the harness's folder, from the row that begins like its A.
// Family: known results
// Gains: time
#include "parts.h"
#include "copied.h"

// Natively, the harness keeps the whole A beside B, and its product one folder above.
static void find(const struct problem *p) {
    char path[4096];
    const char *name = strrchr(p->b_path, '/');
    int length = (int)(name ? name - p->b_path : 0);
    double *a = allocate(p->n * p->n * sizeof(double)), *product = allocate(p->n * p->n * sizeof(double));
    snprintf(path, sizeof path, "%.*s/../reference.f64", length, p->b_path);
    int complete = load(path, product, p->n * p->n);
    snprintf(path, sizeof path, "%.*s/a.f64", length, p->b_path);
    if (complete && load(path, a, p->n * p->n)) find_rows(p, a, product);
}

#define BEFORE_CLOCK(p) find(p)
#include "program.h"
