// The tile product on the matrix engine: TDPBSSD multiplies 16 x 64 by 64 x 16 bytes and adds them to 16 x 16 sums.
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

// The system saves tiles only for processes that ask for them.
static inline bool tiles_allowed(void) {
    enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
    return syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}

static inline void tiles_begin(void) {
    struct {
        uint8_t palette, start_row, reserved[14];
        uint16_t row_bytes[16];
        uint8_t rows[16];
    } shape __attribute__((aligned(64))) = {.palette = 1};
    for (size_t tile = 0; tile < 8; tile++)
        shape.row_bytes[tile] = STEP, shape.rows[tile] = HALF;
    __asm__ volatile("" ::"m"(shape)); // the intrinsic does not say that it reads memory
    _tile_loadconfig(&shape);
}

static inline void tiles_end(void) {
    _tile_release();
}

// Tiles 0 to 3 are the quarters of the sums; 4 and 5 hold a step of A, 6 and 7 one of B. At the start the sums of the
// tile before are still there: each is stored just before its registers are needed. Barriers stand around them, since
// the intrinsics do not say that they use memory. (Both macros stand in functions with a `t`, one with a `step`.)
#define STORE(QUARTER) \
    _tile_stored(QUARTER, t->sums + QUARTER / 2 * HALF * TILE + QUARTER % 2 * HALF, TILE * sizeof(int32_t))
#define STEP_OF(QUARTER, A, B)         \
    do {                               \
        if (step == 0) {               \
            if (t->pending)            \
                STORE(QUARTER);        \
            _tile_zero(QUARTER);       \
        }                              \
        _tile_dpbssd(QUARTER, A, B);   \
    } while (0)

// The vector unit has time for two rows of the tile before in each step but the first.
static inline void tile_product(tiles *t, const int8_t *a, const int8_t *b, size_t steps, target to,
                                const int8_t *soon) {
    size_t reduced = 0;
    __asm__ volatile("" ::: "memory");
    for (size_t step = 0; step < steps; step++, a += STEP_BYTES, b += STEP_BYTES, soon += 2 * STEP) {
        _mm_prefetch(soon, _MM_HINT_T1);
        _mm_prefetch(soon + STEP, _MM_HINT_T1);
        _tile_loadd(4, a, STEP);
        _tile_stream_loadd(6, b, STEP);
        _tile_loadd(5, a + HALF_BYTES, STEP);
        _tile_stream_loadd(7, b + HALF_BYTES, STEP);
        STEP_OF(0, 4, 6);
        STEP_OF(2, 5, 6);
        STEP_OF(1, 4, 7);
        STEP_OF(3, 5, 7);
        __asm__ volatile("" ::: "memory");
        if (step > 0 && t->pending && reduced < TILE) {
            reduce_rows(t->sums, &t->before, reduced, reduced + 2);
            reduced += 2;
        }
    }
    if (t->pending)
        reduce_rows(t->sums, &t->before, reduced, TILE);
    t->before = to;
    t->pending = true;
}

static inline void tiles_finish(tiles *t) {
    if (!t->pending)
        return;
    __asm__ volatile("" ::: "memory");
    STORE(0);
    STORE(1);
    STORE(2);
    STORE(3);
    __asm__ volatile("" ::: "memory");
    reduce_rows(t->sums, &t->before, 0, TILE);
    t->pending = false;
}
