// what changes: 15 products of bytes, modulo 15 numbers, on the CPU's matrix engine, take the place of one of doubles
// why it is faster: a tile instruction is 16,384 multiply-adds of bytes, 64 times what the FMA units do meanwhile
// what limits it now: the engine's rate; it waits while residues are made before it, and C is put together after it
// how it is built: gcc -O3 -march=native -mamx-tile -mamx-int8 -fopenmp, with packed.c for data outside the safe range
#include "driver.h"
#include "engine.h"
#include "engine_phases.h"
#include "machine.h"
#include "packed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The largest numbers up to 256, each with no factor in common with those before: their product M is 2^117.8.
enum { MODULI = 15 };
static const int moduli[MODULI] = {256, 255, 253, 251, 247, 241, 239, 233, 229, 227, 223, 217, 211, 199, 197};

// Blocks. A part of C is PART_ROWS x PART_COLUMNS: of so much are residues kept. A unit of work, for one modulus, is
// UNIT_ROWS x UNIT_COLUMNS of it; BLOCK_STEPS of B's depth, 1 MiB, stay in L2 meanwhile.
enum { PART_ROWS = 4096, PART_COLUMNS = 2048, UNIT_ROWS = 2048, UNIT_COLUMNS = 512, BLOCK_STEPS = 32 };

// A chunk of A is fetched in as many parts as a unit has tiles side by side.
enum { SOON_BYTES = CHUNK_STEPS * STEP_BYTES / (UNIT_COLUMNS / TILE) };

// Sums of squares below and above would come near the ends of a double's range when scaled.
#define LEAST_SQUARES 0x1p-800
#define MOST_SQUARES 0x1p800

// Adding and subtracting it rounds a double below 2^51 to a whole number, in a way that every compiler vectorises.
#define ROUND 0x1.8p52

typedef __int128 wide; // M has 118 bits

enum { MEMORY_LINE = 8 }; // doubles of a line of memory

// Rows of A or columns of B. The values of line i are taken as whole numbers of units of down[i], 1 / up[i].
typedef struct {
    double *squares, *mean; // of its values
    double *up, *down;
    double *lost; // the sum of what rounding to whole units took away
} lines;
enum { DOUBLES_OF_A_LINE = sizeof(lines) / sizeof(double *) };

static lines lines_in(double *space, size_t count) {
    return (lines){space, space + count, space + 2 * count, space + 3 * count, space + 4 * count};
}

static lines lines_from(lines all, size_t first) {
    return (lines){all.squares + first, all.mean + first, all.up + first, all.down + first, all.lost + first};
}

// Parts of a number of 118 bits: the sum of 15 of them times bytes is exact in a double, as is a quotient times one.
enum { PART_BITS = 39 };
typedef struct {
    double high, middle, low;
} split;

static struct {
    modulus m[MODULI];
    split weight[MODULI]; // 1 modulo its own modulus, 0 modulo all others
    split product;        // M
    double largest;       // what |sum| must not exceed: a little less than M / 2
} basis;

static split parts_of(wide x) {
    wide mask = ((wide)1 << PART_BITS) - 1;
    return (split){(double)(x >> 2 * PART_BITS), (double)(x >> PART_BITS & mask), (double)(x & mask)};
}

static void make_basis(void) {
    wide product = 1;
    for (size_t l = 0; l < MODULI; l++)
        product *= moduli[l];
    for (size_t l = 0; l < MODULI; l++) {
        int p = moduli[l], rest = (int)(product / p % p), inverse = 1;
        while (inverse * rest % p != 1)
            inverse++;
        basis.m[l] = modulus_of(p);
        basis.weight[l] = parts_of(product / p * inverse);
    }
    basis.product = parts_of(product);
    // The share left out is room for the quotient's rounding in reconstruct(), and for that of the norms.
    basis.largest = (double)(product / 2) * (1 - 0x1p-20);
}

static size_t min(size_t x, size_t y) {
    return x < y ? x : y;
}

static size_t ceil_div(size_t x, size_t y) {
    return (x + y - 1) / y;
}

// ---- Norms

// Inf and NaN fail both comparisons. A line of zeros is safe; one of numbers whose squares vanish is not.
static bool is_safe(double squares, const double *values, size_t count, size_t stride) {
    if (squares >= LEAST_SQUARES && squares <= MOST_SQUARES)
        return true;
    for (size_t k = 0; k < count; k++)
        if (values[k * stride] != 0)
            return false;
    return true;
}

// Called by all threads; false if a row is outside the safe range.
static void measure_rows(const double *a, size_t n, size_t rows, lines of, bool *safe) {
    #pragma omp for schedule(static)
    for (size_t i = 0; i < rows; i++) {
        const double *row = a + i * n;
        double sum = 0, squares = 0;
        #pragma omp simd reduction(+ : sum, squares)
        for (size_t k = 0; k < n; k++) {
            sum += row[k];
            squares += row[k] * row[k];
        }
        of.squares[i] = squares, of.mean[i] = sum / (double)n;
        if (!is_safe(squares, row, n, 1))
            #pragma omp atomic write
            *safe = false;
    }
}

static void measure_columns(const double *b, size_t n, lines of, bool *safe) {
    enum { WIDTH = 64 };
    #pragma omp for schedule(static)
    for (size_t first = 0; first < n; first += WIDTH) {
        size_t width = min(n - first, WIDTH);
        double sum[WIDTH] = {0}, squares[WIDTH] = {0};
        for (size_t k = 0; k < n; k++) {
            const double *row = b + k * n + first;
            #pragma omp simd
            for (size_t j = 0; j < width; j++) {
                sum[j] += row[j];
                squares[j] += row[j] * row[j];
            }
        }
        for (size_t j = 0; j < width; j++) {
            of.squares[first + j] = squares[j], of.mean[first + j] = sum[j] / (double)n;
            if (!is_safe(squares[j], b + first + j, n, n))
                #pragma omp atomic write
                *safe = false;
        }
    }
}

// Units for lines so that no norm, in units, is above `bound`: returns the largest. Rounding to whole units moves a
// line by at most sqrt(n) / 2 of them. Powers of two, so that scaling rounds nothing.
static double choose_units(lines of, size_t count, size_t n, double bound) {
    double moved = sqrt((double)n) / 2, largest = 0;
    for (size_t i = 0; i < count; i++) {
        int exponent = 0;
        if (of.squares[i] > 0) {
            double norm = sqrt(of.squares[i]) * (1 + 0x1p-30); // not below the true one, however it was rounded
            exponent = ilogb((bound - moved) / norm);
            largest = fmax(largest, ldexp(norm, exponent) + moved);
        }
        of.up[i] = ldexp(1, exponent), of.down[i] = ldexp(1, -exponent);
    }
    return largest;
}

// ---- Residues

// x in units, rounded, as whole numbers; what that took away is added to `lost`. All of it exact.
static inline void round_values(const double *restrict x, const double *restrict up, int64_t *restrict values,
                                double *restrict lost) {
    for (size_t k = 0; k < STEP; k++) {
        double scaled = x[k] * up[k], rounded = rint(scaled);
        values[k] = (int64_t)rounded;
        lost[k] += scaled - rounded;
    }
}

// A packed panel holds TILE rows or columns, and their whole depth.
static size_t panel_bytes(size_t n) {
    return ceil_div(n, STEP) * STEP_BYTES;
}

static void pack_a(const double *a, size_t n, size_t rows, lines of, int8_t *packed, size_t apart) {
    double edge[STEP], up[STEP];
    int64_t values[STEP];
    #pragma omp for schedule(dynamic, 8)
    for (size_t i = 0; i < ceil_div(rows, TILE) * TILE; i++) {
        int8_t *to = packed + i / TILE * panel_bytes(n) + i % TILE * STEP;
        double lost[STEP] = {0};
        for (size_t k = 0; k < STEP; k++)
            up[k] = i < rows ? of.up[i] : 0;
        for (size_t k = 0; k < n; k += STEP, to += STEP_BYTES) {
            const double *x = a + i * n + k;
            if (i >= rows || k + STEP > n) { // beyond the last row or column there are zeros
                memset(edge, 0, sizeof edge);
                if (i < rows)
                    memcpy(edge, x, (n - k) * sizeof(double));
                x = edge;
            }
            round_values(x, up, values, lost);
            residues(values, IN_ORDER, basis.m, MODULI, to, apart);
        }
        end_stores();
        if (i < rows) {
            of.lost[i] = 0;
            for (size_t k = 0; k < STEP; k++)
                of.lost[i] += lost[k] * of.down[i];
        }
    }
}

// Columns `first` to `end` of B. In a tile instruction's order four values of a column are followed by the next one's.
static void pack_b(const double *b, size_t n, size_t first, size_t end, lines of, int8_t *packed, size_t apart) {
    double x[STEP], up[STEP];
    int64_t values[STEP];
    #pragma omp for schedule(dynamic)
    for (size_t half = 0; half < 2 * ceil_div(end - first, TILE); half++) {
        int8_t *to = packed + half / 2 * panel_bytes(n) + half % 2 * HALF_BYTES;
        size_t column = first + half * HALF, width = column < end ? min(end - column, HALF) : 0;
        double lost[STEP] = {0};
        for (size_t j = 0; j < STEP; j++)
            up[j] = j % HALF < width ? of.up[column + j % HALF] : 0;
        for (size_t k = 0; k < ceil_div(n, STEP) * STEP; k += 4) {
            for (size_t q = 0; q < 4; q++) {
                if (width < HALF || k + q >= n)
                    memset(x + q * HALF, 0, HALF * sizeof(double));
                if (k + q < n)
                    memcpy(x + q * HALF, b + (k + q) * n + column, width * sizeof(double));
            }
            round_values(x, up, values, lost);
            residues(values, BY_FOURS, basis.m, MODULI, to + k / STEP * STEP_BYTES + k % STEP / 4 * STEP, apart);
        }
        end_stores();
        for (size_t j = 0; j < width; j++)
            of.lost[column + j] =
                (lost[j] + lost[HALF + j] + lost[2 * HALF + j] + lost[3 * HALF + j]) * of.down[column + j];
    }
}

// ---- Products of residues

// A unit: rows x columns of one modulus, from packed panels of A and of B; residues of the products go to c, tile by
// tile. While a chunk of A is multiplied the next one is fetched: of the same rows, or the first of the next rows.
static void unit_product(tiles *t, const int8_t *a, const int8_t *b, int8_t *c, size_t stride, size_t n, size_t rows,
                         size_t columns, const modulus *m) {
    size_t steps = ceil_div(n, STEP);
    for (size_t block = 0; block < steps; block += BLOCK_STEPS) {
        size_t end = min(block + BLOCK_STEPS, steps);
        for (size_t i = 0; i < rows; i += TILE)
            for (size_t k = block; k < end; k += CHUNK_STEPS) {
                const int8_t *panel = a + i / TILE * panel_bytes(n), *chunk = panel + k * STEP_BYTES;
                const int8_t *soon = k + CHUNK_STEPS < end ? chunk + CHUNK_STEPS * STEP_BYTES
                                                           : panel + panel_bytes(n) + block * STEP_BYTES;
                for (size_t j = 0; j < columns; j += TILE, soon += SOON_BYTES)
                    tile_product(t, chunk, b + j / TILE * panel_bytes(n) + k * STEP_BYTES, min(end - k, CHUNK_STEPS),
                                 (target){c + i * stride + j * TILE, m, k > 0}, soon);
            }
    }
}

static void products(const int8_t *a, size_t apart_a, const int8_t *b, size_t apart_b, int8_t *c, size_t apart_c,
                     size_t stride, size_t n, size_t rows, size_t columns) {
    tiles t = {.pending = false};
    tiles_begin();
    #pragma omp for collapse(3) schedule(dynamic)
    for (size_t l = 0; l < MODULI; l++)
        for (size_t j = 0; j < columns; j += UNIT_COLUMNS)
            for (size_t i = 0; i < rows; i += UNIT_ROWS) {
                const int8_t *a_i = a + l * apart_a + i / TILE * panel_bytes(n);
                const int8_t *b_j = b + l * apart_b + j / TILE * panel_bytes(n);
                unit_product(&t, a_i, b_j, c + l * apart_c + i * stride + j * TILE, stride, n,
                             min(rows - i, UNIT_ROWS), min(columns - j, UNIT_COLUMNS), &basis.m[l]);
                tiles_finish(&t);
            }
    tiles_end();
}

// ---- Reconstruction

// The number that has these residues and is nearest to 0, by the Chinese remainder theorem: the sum of weights times
// residues, less a multiple of M. In three parts, each exact: M is subtracted before anything is rounded. Then to
// doubles, with a correction: what rounding took from a row met B's columns, of which each has a mean; and so from B.
static inline void reconstruct_row(const int8_t *restrict residues, size_t apart, lines row, lines columns,
                                   double *restrict c) {
    const double high_unit = (double)((wide)1 << 2 * PART_BITS), middle_unit = (double)((wide)1 << PART_BITS);
    const split product = basis.product;
    const double inverse = 1 / (product.high + product.middle / middle_unit);
    const double row_mean = *row.mean, row_down = *row.down, row_lost = *row.lost;
    #pragma omp simd
    for (size_t j = 0; j < TILE; j++) {
        double high = 0, middle = 0, low = 0;
        #pragma GCC unroll 15
        for (size_t l = 0; l < MODULI; l++) {
            double residue = residues[l * apart + j];
            high += basis.weight[l].high * residue;
            middle += basis.weight[l].middle * residue;
            low += basis.weight[l].low * residue;
        }
        double quotient = (high * inverse + ROUND) - ROUND;
        high = (high - quotient * product.high) * high_unit;
        middle = (middle - quotient * product.middle) * middle_unit;
        low -= quotient * product.low;
        // the sum of the first two, and what rounding it leaves (Knuth's TwoSum)
        double sum = high + middle, part = sum - high, rest = (high - (sum - part)) + (middle - part) + low;
        double correction = row_lost * columns.mean[j] + row_mean * columns.lost[j];
        c[j] = sum * row_down * columns.down[j] + (rest * row_down * columns.down[j] + correction);
    }
}

// A tile of C, `height` x `width` of it. The lines of the next tile are fetched meanwhile: the CPU finds no pattern in
// them.
static void reconstruct(const int8_t *residues, size_t apart, lines rows, lines columns, double *c, size_t n,
                        size_t height, size_t width) {
    for (size_t i = 0; i < height; i++) {
        double edge[TILE];
        for (size_t j = TILE; j < 2 * TILE; j += MEMORY_LINE)
            __builtin_prefetch(c + i * n + j, 1);
        reconstruct_row(residues + i * TILE, apart, lines_from(rows, i), columns, width < TILE ? edge : c + i * n);
        if (width < TILE)
            memcpy(c + i * n, edge, width * sizeof(double));
    }
}

// ----

static int8_t *bytes(workspace *space, size_t count) {
    return (int8_t *)reserve(space, ceil_div(count, sizeof(double)));
}

static void engine_product(const double *a, const double *b, double *c, size_t n, size_t rows, lines rows_of_a,
                           lines columns_of_b, int threads) {
    static workspace space_a, space_b, space_c;
    size_t part_rows = ceil_div(min(rows, PART_ROWS), TILE) * TILE;
    size_t stride = ceil_div(min(n, PART_COLUMNS), TILE) * TILE;
    size_t apart_a = part_rows / TILE * panel_bytes(n), apart_b = stride / TILE * panel_bytes(n);
    size_t apart_c = part_rows * stride;
    int8_t *packed_a = bytes(&space_a, MODULI * apart_a), *packed_b = bytes(&space_b, MODULI * apart_b);
    int8_t *of_c = bytes(&space_c, MODULI * apart_c);

    #pragma omp parallel num_threads(threads)
    for (size_t i = 0; i < rows; i += PART_ROWS) {
        size_t height = min(rows - i, PART_ROWS);
        pack_a(a + i * n, n, height, lines_from(rows_of_a, i), packed_a, apart_a);
        phase("residues");
        for (size_t j = 0; j < n; j += PART_COLUMNS) {
            size_t width = min(n - j, PART_COLUMNS);
            pack_b(b, n, j, j + width, columns_of_b, packed_b, apart_b);
            phase("residues");
            products(packed_a, apart_a, packed_b, apart_b, of_c, apart_c, stride, n, height, width);
            phase("products");
            #pragma omp for schedule(static)
            for (size_t r = 0; r < height; r += TILE)
                for (size_t q = 0; q < width; q += TILE)
                    reconstruct(of_c + r * stride + q * TILE, apart_c, lines_from(rows_of_a, i + r),
                                lines_from(columns_of_b, j + q), c + (i + r) * n + j + q, n, min(height - r, TILE),
                                min(width - q, TILE));
            phase("reconstruction");
        }
    }
}

void multiply(const double *restrict a, const double *restrict b, double *restrict c,
              size_t n, size_t rows, int threads) {
    static workspace space;
    if (basis.largest == 0) {
        if (!tiles_allowed()) {
            fputs("the system does not let this process use the matrix engine\n", stderr);
            exit(EXIT_FAILURE);
        }
        make_basis();
    }
    size_t columns = ceil_div(n, TILE) * TILE; // whole tiles are read, though nothing is made of those beyond the last
    double *values = reserve(&space, DOUBLES_OF_A_LINE * (rows + columns));
    lines rows_of_a = lines_in(values, rows), columns_of_b = lines_in(values + DOUBLES_OF_A_LINE * rows, columns);
    bool safe = true;
    phase(NULL);
    #pragma omp parallel num_threads(threads)
    {
        measure_rows(a, n, rows, rows_of_a, &safe);
        measure_columns(b, n, columns_of_b, &safe);
    }
    if (!safe) {
        packed_product((const_matrix){a, n}, (const_matrix){b, n}, (matrix){c, n}, rows, n, n, false, threads);
        return;
    }
    // By Cauchy and Schwarz |sum| <= |row| |column|; what A's largest row leaves is B's.
    double norm = choose_units(rows_of_a, rows, n, sqrt(basis.largest));
    choose_units(columns_of_b, n, n, basis.largest / (norm > 0 ? norm : sqrt(basis.largest)));
    phase("norms");
    engine_product(a, b, c, n, rows, rows_of_a, columns_of_b, threads);
}
