// Remainders modulo p: of the values of A and B, and of sums of products. On the vector unit, by its products of bytes
// and of 16 bits where it has them (AVX-512 VNNI), else by division. Both make the same bytes, from -p/2 to below p/2.
const std = @import("std");
const builtin = @import("builtin");
const multiplyAdd = @import("machine.zig").multiplyAdd;
const tiles = @import("engine_tiles.zig");
const half = tiles.half;
const step = tiles.step;
const tile = tiles.tile;

// Added to a value, which is below 2^59, it makes it positive.
const value_offset: i64 = 1 << 62;

// A modulus p, and the factors by which remainders modulo p are computed without a division.
pub const Modulus = struct {
    p: i32,
    // 1 / p and a trifle more: halves are rounded up, so that of p / 2 = 128 is made -128, which fits in a byte.
    inverse: f32,
    // Factors of VPDPBUSD, four bytes each: 256^0 to 256^3 modulo p, and 256^4 to 256^7.
    low_powers: i32,
    high_powers: i32,
    // Factors of VPDPWSSD, two of 16 bits each, the lower one first: 1 and 2^16 modulo p; -p and 0.
    fold: i32,
    minus_p: i32,
    // What sums of such products start at: they are then at least 0 and, modulo p, what they stand for.
    values_start: i32,
    sums_start: i32,

    pub fn init(p: i32) Modulus {
        var powers: [8]i8 = undefined;
        for (&powers, 0..) |*power, k| power.* = byteOf(@as(i64, 1) << 8 * k, p);
        return .{
            .p = p,
            .inverse = (1 + 0x1p-22) / @as(f32, @floatFromInt(p)),
            .low_powers = @bitCast(powers[0..4].*),
            .high_powers = @bitCast(powers[4..8].*),
            .fold = @as(i32, byteOf(1 << 16, p)) << 16 | 1,
            .minus_p = -p & 0xFFFF,
            // eight bytes times powers are below 2^18, two halves of a sum times theirs and a byte below 2^16
            .values_start = (@divFloor(1 << 18, p) + 2) * p - @as(i32, @intCast(@rem(value_offset, p))),
            .sums_start = (@divFloor(1 << 16, p) + 1) * p + @rem(1 << 15, p),
        };
    }
};

// x modulo p, at least -p / 2 and less than p / 2.
fn byteOf(x: i64, p: i32) i8 {
    const rest = @rem(x, p);
    return @intCast(if (2 * rest >= p) rest - p else if (2 * rest < -p) rest + p else rest);
}

// Where the remainders of `step` values go in a line of as many bytes: byte k is value k; or, from four rows of 16
// values, byte 4 j + q is value 16 q + j.
pub const Order = enum { as_they_are, by_fours };

const on_vector_unit = builtin.cpu.has(.x86, .avx512vnni);
pub const Ints = @Vector(half, i32);
const Bytes = @Vector(step, i8);

inline fn splat(value: i32) Ints {
    return @splat(value);
}

// VPDPBUSD, which adds four products of bytes to each sum, or VPDPWSSD, two of 16 bits.
const Products = enum { vpdpbusd, vpdpwssd };

pub inline fn addProducts(comptime products: Products, sums: Ints, a: Ints, b: Ints) Ints {
    var to = sums;
    asm (@tagName(products) ++ " %[b], %[a], %[to]"
        : [to] "+v" (to),
        : [a] "v" (a),
          [b] "v" (b),
    );
    return to;
}

// t modulo p, for 0 <= t < 2^20. Adding 1.5 * 2^23 rounds a float below 2^22 to a whole number, which is then found in
// its last bits. The quotient is exact: 1 / p is off by 2^-21 of it at most, and so is t / p, which no half is as near
// to (p odd) unless it is one (p = 256).
inline fn remainderOf(t: Ints, m: Modulus) Ints {
    const Floats = @Vector(half, f32);
    const magic: Floats = @splat(0x1.8p23);
    const quotient = multiplyAdd(@as(Floats, @floatFromInt(t)), @as(Floats, @splat(m.inverse)), magic);
    return addProducts(.vpdpwssd, t, @bitCast(quotient), splat(m.minus_p));
}

// Four vectors of 16 remainders as 64 bytes: those of a vector after each other, or the first of each vector, then the
// second of each, and so on.
inline fn bytesOf(rest: [4]Ints, comptime order: Order) Bytes {
    var bytes: [4]@Vector(half, i8) = undefined;
    inline for (&bytes, rest) |*line, ints| line.* = @truncate(ints);
    return switch (order) {
        .as_they_are => std.simd.join(std.simd.join(bytes[0], bytes[1]), std.simd.join(bytes[2], bytes[3])),
        .by_fours => std.simd.interlace(bytes),
    };
}

// The remainders of values modulo each number: those of number l lie `apart` * l bytes behind `to`. A value is eight
// bytes, times powers of 256. The stores go past the caches: a line of memory each, read much later.
pub inline fn residues(
    values: @Vector(step, i64),
    comptime order: Order,
    moduli: []const Modulus,
    to: [*]i8,
    apart: usize,
) void {
    if (!on_vector_unit) return divide(values, order, moduli, to, apart);
    var low: [4]Ints = undefined;
    var high: [4]Ints = undefined;
    inline for (&low, &high, 0..) |*low_q, *high_q, q| {
        const positive = std.simd.extract(values, half * q, half) + @as(@Vector(half, i64), @splat(value_offset));
        low_q.*, high_q.* = std.simd.deinterlace(2, @as(@Vector(2 * half, i32), @bitCast(positive)));
    }
    for (moduli, 0..) |m, l| {
        var rest: [4]Ints = undefined;
        inline for (&rest, low, high) |*rest_q, low_q, high_q| {
            const sum = addProducts(.vpdpbusd, splat(m.values_start), low_q, splat(m.low_powers));
            rest_q.* = remainderOf(addProducts(.vpdpbusd, sum, high_q, splat(m.high_powers)), m);
        }
        asm volatile ("vmovntdq %[line], (%[to])"
            :
            : [line] "v" (bytesOf(rest, order)),
              [to] "r" (to + l * apart),
            : .{ .memory = true });
    }
}

fn divide(values: [step]i64, comptime order: Order, moduli: []const Modulus, to: [*]i8, apart: usize) void {
    for (moduli, 0..) |m, l| for (values, 0..) |value, k| {
        const at = if (order == .as_they_are) k else k % half * 4 + k / half;
        to[l * apart + at] = byteOf(value, m.p);
    };
}

// Such stores may be seen later than those after them; here they end.
pub inline fn endStores() void {
    if (on_vector_unit) asm volatile ("sfence" ::: .{ .memory = true });
}

// Rows of sums, two at a time. A sum is two halves of 16 bits: 2^16 times the upper one, and the lower one, which is
// 2^15 more than its bits are as a signed number once the first of these is flipped.
pub inline fn reduceRows(sums: *const tiles.Sums, to: tiles.Target, first: usize, last: usize) void {
    if (!on_vector_unit) {
        for (to.bytes[first * tile .. last * tile], sums[first * tile .. last * tile]) |*byte, sum| {
            byte.* = byteOf(sum + @as(i32, byte.* & to.keep), to.m.p);
        }
        return;
    }
    var at = first * tile;
    while (at < last * tile) : (at += 2 * tile) {
        const bytes: *align(step) [step]i8 = @alignCast(to.bytes[at..][0..step]);
        var rest: [4]Ints = undefined;
        inline for (&rest, 0..) |*rest_q, q| {
            const Before = @Vector(half, i8);
            const before = @as(Before, bytes[q * half ..][0..half].*) & @as(Before, @splat(to.keep));
            const halves = @as(Ints, sums[at + q * half ..][0..half].*) ^ splat(1 << 15);
            const sum = addProducts(.vpdpwssd, @as(Ints, before) + splat(to.m.sums_start), halves, splat(to.m.fold));
            rest_q.* = remainderOf(sum, to.m.*);
        }
        bytes.* = bytesOf(rest, .as_they_are);
    }
}
