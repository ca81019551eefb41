// The tile product in plain loops: for any CPU, slowly. It checks the scheme around it, and the other forms.

static inline void tile_product(tiles *t, const int8_t *a, const int8_t *b, size_t steps, target to,
                                const int8_t *soon) {
    (void)soon;
    for (size_t i = 0; i < TILE; i++) {
        int32_t *sums = t->sums + i * TILE;
        for (size_t j = 0; j < TILE; j++)
            sums[j] = 0;
        for (size_t k = 0; k < steps * HALF; k++) { // each k: four values of the depth
            const int8_t *a_k = a + k / HALF * STEP_BYTES + i * STEP + k % HALF * 4;
            const int8_t *b_k = b + k / HALF * STEP_BYTES + k % HALF * STEP;
            for (size_t half = 0; half < 2; half++)
                for (size_t j = 0; j < HALF; j++) {
                    const int8_t *four = b_k + half * HALF_BYTES + 4 * j;
                    sums[half * HALF + j] += a_k[0] * four[0] + a_k[1] * four[1] + a_k[2] * four[2] + a_k[3] * four[3];
                }
        }
    }
    reduce_rows(t->sums, &to, 0, TILE);
}
