// The arithmetic of the rung engine (docs/engine.md): residues of doubles, and doubles from residues.
#ifndef RESIDUES_H
#define RESIDUES_H

#include "both.h"

#include <cmath>

// The largest numbers up to 256, each with no factor in common with those before: their product M is 2^117.8.
enum { MODULI = 15, PART_BITS = 39 };

// Sums of squares below and above would come near the ends of a double's range when scaled.
constexpr double LEAST_SQUARES = 0x1p-800, MOST_SQUARES = 0x1p800;

// A value is split into a multiple of UPPER and a rest below half of it.
constexpr double UPPER = 0x1p29;

// Adding and subtracting it rounds a double below 2^51 to a whole number.
constexpr double ROUND = 0x1.8p52;

// p, 1 / p, and what a unit of the upper part of a value is modulo p.
struct modulus {
    double p, inverse, upper;
};

// Parts of a number of 118 bits: the sum of 15 of them times bytes is exact in a double, as is a quotient times one.
struct wide_parts {
    double high, middle, low;
};

struct basis_of_moduli {
    modulus m[MODULI];
    wide_parts weight[MODULI]; // 1 modulo its own modulus, 0 modulo all others
    wide_parts product;        // M
    double inverse;            // 1 / M, in units of the high part
    double largest;            // what |sum| must not exceed: a little less than M / 2
};

// A line is a row of A or a column of B. Its values are taken as whole numbers of units of `down`, which is 1 / up.
struct line {
    double squares, mean, up, down, lost; // lost: the sum of what rounding to whole units took away
};

struct split_value {
    double upper, rest, lost;
};

// The whole number t modulo p, between -p/2 and p/2. Exact: the quotient is never off by more than the rounding of a half.
BOTH double remainder_of(double t, const modulus &m) {
    const double quotient = (t * m.inverse + ROUND) - ROUND;
    return t - quotient * m.p;
}

// x in units, rounded: upper * UPPER + rest; `lost` is what that took away. All of it exact.
BOTH split_value split(double x, double up) {
    const double scaled = x * up;
    split_value value;
    value.upper = (scaled * (1 / UPPER) + ROUND) - ROUND;
    const double left = scaled - value.upper * UPPER;
    value.rest = (left + ROUND) - ROUND;
    value.lost = left - value.rest;
    return value;
}

// As a byte: for p = 256, 128 is -128.
BOTH signed char residue_of(const split_value &value, const modulus &m) {
    return (signed char)(int)remainder_of(value.upper * m.upper + value.rest, m);
}

// Inf and NaN fail both comparisons. A line of zeros is safe; one of numbers whose squares vanish is not.
BOTH bool is_safe(double squares, bool all_zero) {
    return (squares >= LEAST_SQUARES && squares <= MOST_SQUARES) || all_zero;
}

// The number of units that the norm of a line has at most; 0 for a line of zeros. Rounding to whole units moves a line by
// at most sqrt(n) / 2 of them.
BOTH double choose_unit(line &l, double n, double bound) {
    const double moved = sqrt(n) / 2;
    int exponent = 0;
    double units = 0;
    if (l.squares > 0) {
        const double norm = sqrt(l.squares) * (1 + 0x1p-30); // not below the true one, however it was rounded
        exponent = ilogb((bound - moved) / norm);
        units = ldexp(norm, exponent) + moved;
    }
    l.up = ldexp(1.0, exponent);
    l.down = ldexp(1.0, -exponent);
    return units;
}

// The number that has these residues and is nearest to 0: the sum of weights times residues, less a multiple of M. Then in
// units of its row and column, with a correction: what rounding took from a row met B's columns, of which each has a mean.
BOTH double reconstruct(const signed char *residues, const basis_of_moduli &basis, const line &row, const line &column) {
    double high = 0, middle = 0, low = 0;
    for (int l = 0; l < MODULI; l++) {
        high += basis.weight[l].high * residues[l];
        middle += basis.weight[l].middle * residues[l];
        low += basis.weight[l].low * residues[l];
    }
    const double quotient = (high * basis.inverse + ROUND) - ROUND;
    high = (high - quotient * basis.product.high) * 0x1p78;
    middle = (middle - quotient * basis.product.middle) * 0x1p39;
    low -= quotient * basis.product.low;
    // the sum of the first two, and what rounding it leaves (Knuth's TwoSum)
    const double sum = high + middle, part = sum - high, rest = (high - (sum - part)) + (middle - part) + low;
    const double correction = row.lost * column.mean + row.mean * column.lost;
    return sum * row.down * column.down + (rest * row.down * column.down + correction);
}

inline wide_parts parts_of(__int128 x) {
    const __int128 mask = ((__int128)1 << PART_BITS) - 1;
    return {(double)(x >> 2 * PART_BITS), (double)(x >> PART_BITS & mask), (double)(x & mask)};
}

inline basis_of_moduli make_basis() {
    const int moduli[MODULI] = {256, 255, 253, 251, 247, 241, 239, 233, 229, 227, 223, 217, 211, 199, 197};
    basis_of_moduli basis;
    __int128 product = 1;
    for (int p : moduli)
        product *= p;
    for (int l = 0; l < MODULI; l++) {
        const int p = moduli[l], rest = (int)(product / p % p), upper = (1 << 29) % p;
        int inverse = 1;
        while (inverse * rest % p != 1)
            inverse++;
        basis.m[l] = {(double)p, 1.0 / p, (double)(upper > p / 2 ? upper - p : upper)};
        basis.weight[l] = parts_of(product / p * inverse);
    }
    basis.product = parts_of(product);
    basis.inverse = 1 / (basis.product.high + basis.product.middle / 0x1p39);
    // The share left out is room for the quotient's rounding in reconstruct(), and for that of the norms.
    basis.largest = (double)(product / 2) * (1 - 0x1p-20);
    return basis;
}

#endif
