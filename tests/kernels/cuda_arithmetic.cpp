// Computes on the CPU what more/cuda computes on a GPU, with its own headers:
//   product A B C n rows    the product of the rung engine: norms, residues, sums modulo p, and C from them
//   tiles doubles|bytes|groups  a block of C by its warps, as tensor cores would; prints the number of wrong elements
//   banks doubles|bytes     the largest number of lanes that read from one bank of the shared memory at a time
#include "residues.h"
#include "tiles.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

static std::vector<double> load(const char *path, size_t count) {
    std::vector<double> values(count);
    std::ifstream(path, std::ios::binary).read(reinterpret_cast<char *>(values.data()), std::streamsize(count * 8));
    return values;
}

// The line of `count` values, `stride` apart; false if it is outside the safe range.
static bool measure(line &l, const double *values, size_t count, size_t stride) {
    double sum = 0, squares = 0;
    bool all_zero = true;
    for (size_t k = 0; k < count; k++) {
        const double x = values[k * stride];
        sum += x;
        squares += x * x;
        all_zero = all_zero && x == 0;
    }
    l.squares = squares;
    l.mean = sum / double(count);
    return is_safe(squares, all_zero);
}

static std::vector<signed char> residues_of(line &l, const double *values, size_t count, size_t stride,
                                            const basis_of_moduli &basis) {
    std::vector<signed char> residues(MODULI * count);
    double lost = 0;
    for (size_t k = 0; k < count; k++) {
        const split_value value = split(values[k * stride], l.up);
        lost += value.lost;
        for (int m = 0; m < MODULI; m++)
            residues[m * count + k] = residue_of(value, basis.m[m]);
    }
    l.lost = lost * l.down;
    return residues;
}

static int product(char **argv) {
    const size_t n = std::stoul(argv[3]), rows = std::stoul(argv[4]);
    const auto a = load(argv[0], rows * n), b = load(argv[1], n * n);
    const basis_of_moduli basis = make_basis();
    std::vector<line> row(rows), column(n);
    double largest = 0;
    for (size_t i = 0; i < rows; i++) {
        if (!measure(row[i], &a[i * n], n, 1))
            return 3;
        largest = std::max(largest, choose_unit(row[i], double(n), sqrt(basis.largest)));
    }
    std::vector<std::vector<signed char>> of_a, of_b;
    for (size_t i = 0; i < rows; i++)
        of_a.push_back(residues_of(row[i], &a[i * n], n, 1, basis));
    for (size_t j = 0; j < n; j++) {
        if (!measure(column[j], &b[j], n, n))
            return 3;
        choose_unit(column[j], double(n), basis.largest / (largest > 0 ? largest : sqrt(basis.largest)));
        of_b.push_back(residues_of(column[j], &b[j], n, n, basis));
    }
    std::vector<double> c(rows * n);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < n; j++) {
            signed char residues[MODULI];
            for (int m = 0; m < MODULI; m++) {
                int32_t sum = 0;
                for (size_t k = 0; k < n; k++)
                    sum += of_a[i][m * n + k] * of_b[j][m * n + k];
                residues[m] = (signed char)(int)remainder_of(sum, basis.m[m]);
            }
            c[i * n + j] = reconstruct(residues, basis, row[i], column[j]);
        }
    std::ofstream(argv[2], std::ios::binary).write(reinterpret_cast<const char *>(c.data()), std::streamsize(c.size() * 8));
    return 0;
}

// The instruction by the tables of the PTX ISA, which say of each element what lane has it, in which register.
static void tensor_core(double (*sum)[4], double (*a)[2], double *b) {
    for (int i = 0; i < 16; i++)
        for (int j = 0; j < 8; j++)
            for (int k = 0; k < 4; k++)
                sum[i % 8 * 4 + j / 2][i / 8 * 2 + j % 2] += a[i % 8 * 4 + k][i / 8] * b[j * 4 + k];
}

static signed char byte_of(int word, int place) {
    return (signed char)(uint32_t(word) >> 8 * place);
}

static void tensor_core(int (*sum)[4], int (*a)[4], int (*b)[2]) {
    for (int i = 0; i < 16; i++)
        for (int j = 0; j < 8; j++)
            for (int k = 0; k < 32; k++)
                sum[i % 8 * 4 + j / 2][i / 8 * 2 + j % 2] +=
                    byte_of(a[i % 8 * 4 + k % 16 / 4][i / 8 + k / 16 * 2], k % 4) *
                    byte_of(b[j * 4 + k % 16 / 4][k / 16], k % 4);
}

// One block, whose depth is a stage of the shared memory; value(i, k) and value(k, j) are small whole numbers.
static int a_value(int i, int k) {
    return (i * 7 + k * 3) % 11 - 5;
}
static int b_value(int k, int j) {
    return (k * 5 + j * 2) % 13 - 6;
}

template <class of, class sums> static int wrong_elements(const std::vector<sums> &c) {
    int wrong = 0;
    for (int i = 0; i < of::ROWS; i++)
        for (int j = 0; j < of::COLUMNS; j++) {
            int expected = 0;
            for (int k = 0; k < of::DEPTH; k++)
                expected += a_value(i, k) * b_value(k, j);
            wrong += c[i * of::COLUMNS + j] != expected;
        }
    return wrong;
}

template <class of, class sums, class step_of> static int block(step_of multiply_step, int step_depth) {
    std::vector<sums> c(of::ROWS * of::COLUMNS, 99);
    for (int warp = 0; warp < of::WARPS_DOWN * of::WARPS_ACROSS; warp++)
        for (int y = 0; y < part<of>::DOWN; y++)
            for (int x = 0; x < part<of>::ACROSS; x++) {
                const int row = first_row<of>(warp) + y * TILE_ROWS, column = first_column<of>(warp) + x * TILE_COLUMNS;
                sums sum[LANES][4] = {};
                for (int step = 0; step < of::DEPTH; step += step_depth)
                    multiply_step(sum, row, column, step);
                for (int lane = 0; lane < LANES; lane++)
                    for (int index = 0; index < 4; index++)
                        c[(row + row_of_sum(lane, index)) * of::COLUMNS + column + column_of_sum(lane, index)] =
                            sum[lane][index];
            }
    return wrong_elements<of>(c);
}

static int block_of_doubles() {
    using of = of_doubles;
    std::vector<double> stage(of::STAGE);
    for (int copy = 0; copy < of::ROWS * of::DEPTH; copy++) {
        const int i = line_of_copy(copy, of::DEPTH), k = place_of_copy(copy, of::DEPTH);
        stage[i * of::STRIDE_A + k] = a_value(i, k);
    }
    for (int copy = 0; copy < of::DEPTH * of::COLUMNS; copy++) {
        const int k = line_of_copy(copy, of::COLUMNS), j = place_of_copy(copy, of::COLUMNS);
        stage[of::A_SIZE + k * of::STRIDE_B + j] = b_value(k, j);
    }
    return block<of, double>(
        [&](double (*sum)[4], int row, int column, int step) {
            double a[LANES][2], b[LANES];
            for (int lane = 0; lane < LANES; lane++) {
                for (int index = 0; index < 2; index++)
                    a[lane][index] = stage[a_of_doubles(lane, index, row, step)];
                b[lane] = stage[of::A_SIZE + b_of_doubles(lane, column, step)];
            }
            tensor_core(sum, a, b);
        },
        4);
}

static int block_of_bytes() {
    using of = of_bytes;
    std::vector<signed char> stage(of::STAGE);
    enum { CHUNKS = of::DEPTH / 16 };
    for (int copy = 0; copy < of::ROWS * CHUNKS; copy++)
        for (int q = 0; q < 16; q++) {
            const int i = line_of_copy(copy, CHUNKS), k = place_of_copy(copy, CHUNKS) * 16 + q;
            stage[i * of::STRIDE_A + k] = (signed char)a_value(i, k);
        }
    for (int copy = 0; copy < of::COLUMNS * CHUNKS; copy++)
        for (int q = 0; q < 16; q++) {
            const int j = line_of_copy(copy, CHUNKS), k = place_of_copy(copy, CHUNKS) * 16 + q;
            stage[of::A_SIZE + j * of::STRIDE_B + k] = (signed char)b_value(k, j);
        }
    const auto word = [&](int place) {
        int value;
        std::memcpy(&value, &stage[place], sizeof value);
        return value;
    };
    return block<of, int>(
        [&](int (*sum)[4], int row, int column, int step) {
            int a[LANES][4], b[LANES][2];
            for (int lane = 0; lane < LANES; lane++) {
                for (int index = 0; index < 4; index++)
                    a[lane][index] = word(a_of_bytes(lane, index, row, step));
                for (int index = 0; index < 2; index++)
                    b[lane][index] = word(of::A_SIZE + b_of_bytes(lane, index, column, step));
            }
            tensor_core(sum, a, b);
        },
        32);
}

// A block by wgmma: the instruction reads lines and steps by what its operand says of core matrices of 8 x 16 bytes.
static int block_of_groups() {
    using of = of_warp_groups;
    std::vector<signed char> stage(of::STAGE);
    enum { CHUNKS = of::DEPTH / 16 };
    for (int copy = 0; copy < of::ROWS * CHUNKS; copy++)
        for (int q = 0; q < 16; q++) {
            const int line = line_of_copy(copy, CHUNKS), k = place_of_copy(copy, CHUNKS) * 16;
            stage[place_in_cores(line, k) + q] = (signed char)a_value(line, k + q);
            stage[of::A_SIZE + place_in_cores(line, k) + q] = (signed char)b_value(k + q, line);
        }
    const auto element = [&](unsigned long long from, int line, int k) {
        const auto field = [&](int shift) { return int(from >> shift & 0x3FFF) << 4; };
        return stage[field(0) + k / 16 * field(16) + line / 8 * field(32) + line % 8 * 16 + k % 16];
    };
    std::vector<int> c(of::ROWS * of::COLUMNS, 99);
    for (int group = 0; group < of::GROUPS; group++) {
        std::vector<int> sum(of::GROUP_ROWS * of::COLUMNS);
        for (int step = 0; step < of::DEPTH; step += of::STEP) {
            const auto a = operand(place_in_cores(group * of::GROUP_ROWS, step));
            const auto b = operand(of::A_SIZE + place_in_cores(0, step));
            for (int i = 0; i < of::GROUP_ROWS; i++)
                for (int j = 0; j < of::COLUMNS; j++)
                    for (int k = 0; k < of::STEP; k++)
                        sum[i * of::COLUMNS + j] += element(a, i, k) * element(b, j, k);
        }
        for (int i = 0; i < of::GROUP_ROWS; i++) // by the PTX ISA's table of wgmma's result
            for (int j = 0; j < of::COLUMNS; j++) {
                const int thread = i / 16 * 32 + i % 8 * 4 + j % 8 / 2, index = j / 8 * 4 + i % 16 / 8 * 2 + j % 2;
                const int row = group * of::GROUP_ROWS + row_of_group_sum(thread, index);
                c[row * of::COLUMNS + column_of_group_sum(thread, index)] = sum[i * of::COLUMNS + j];
            }
    }
    return wrong_elements<of>(c);
}

// Shared memory has 32 banks of 4 bytes; doubles are read by half a warp at a time.
template <class place_of> static int most_in_a_bank(place_of place_in_bytes, int lanes, int width) {
    int most = 0;
    for (int first = 0; first < LANES; first += lanes) {
        int in_bank[32] = {};
        for (int lane = first; lane < first + lanes; lane++)
            for (int q = 0; q < width; q += 4)
                most = std::max(most, ++in_bank[(place_in_bytes(lane) + q) / 4 % 32]);
    }
    return most;
}

int main(int argc, char **argv) {
    const std::string what = argc > 1 ? argv[1] : "", kind = argc > 2 ? argv[2] : "";
    if (what == "product" && argc == 7)
        return product(argv + 2);
    if (what == "tiles")
        std::printf("%d\n", kind == "doubles" ? block_of_doubles() : kind == "bytes" ? block_of_bytes() : block_of_groups());
    else if (what == "banks" && kind == "doubles")
        std::printf("%d\n", std::max(most_in_a_bank([](int lane) { return 8 * a_of_doubles(lane, 0, 0, 0); }, 16, 8),
                                     most_in_a_bank([](int lane) { return 8 * b_of_doubles(lane, 0, 0); }, 16, 8)));
    else if (what == "banks")
        std::printf("%d\n", std::max(most_in_a_bank([](int lane) { return a_of_bytes(lane, 0, 0, 0); }, 32, 4),
                                     most_in_a_bank([](int lane) { return b_of_bytes(lane, 0, 0, 0); }, 32, 4)));
    else
        return 2;
    return 0;
}
