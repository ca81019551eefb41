// What the engine rung and the forms of its tile product know of each other; docs/engine.md explains the scheme.
const builtin = @import("builtin");
const multiplyAdd = @import("machine.zig").multiplyAdd;

// A tile product makes tile x tile sums. Its operands are packed: for each step of the depth, the `step` values of 16
// rows of A after each other, twice; of B four values of 16 columns after each other, 16 times, twice. That is how
// the tile instructions read them (and VPDPBUSD, which multiplies groups of four as well).
pub const tile = 32;
pub const half = 16;
pub const step = 64;
pub const step_bytes = tile * step;
pub const half_bytes = half * step;

// As many steps as keep a panel of A in L1, and a sum of at most 2^24, far within 32 bits.
pub const chunk_steps = 16;

// p, 1 / p, and what a unit of the upper part of a value is modulo p.
pub const Modulus = struct { p: f64, inverse: f64, upper: f64 };

// The whole number nearest to a double below 2^51. @round() would go away from zero at halves, which takes longer.
pub inline fn round(x: anytype) @TypeOf(x) {
    return multiplyAddRound(x, @splat(1.0));
}

// The whole number nearest to x * y: where there is an FMA, without rounding the product before.
pub inline fn multiplyAddRound(x: anytype, y: @TypeOf(x)) @TypeOf(x) {
    const magic: @TypeOf(x) = @splat(0x1.8p52);
    return multiplyAdd(x, y, magic) - magic;
}

// Whole numbers t modulo p, between -p/2 and p/2. Exact: the quotient is never off by more than the rounding of a half,
// and both -p/2 and p/2 are right (as bytes, too: for p = 256 they are the same one).
pub inline fn remainderOf(t: anytype, m: Modulus) @TypeOf(t) {
    const quotient = multiplyAddRound(t, @splat(m.inverse));
    return multiplyAdd(-quotient, @splat(m.p), t);
}

// Whole numbers as bytes, the last eight bits of each.
pub inline fn bytesOf(comptime count: usize, whole: @Vector(count, f64)) @Vector(count, i8) {
    return @truncate(@as(@Vector(count, i32), @intFromFloat(whole)));
}

// Where a tile's sums go: modulo p, as bytes, added to those that are there if `keep` is -1 and not 0.
pub const Target = struct { bytes: [*]i8, stride: usize, m: Modulus, keep: i8 };

pub const Sums = [tile * tile]i32;

pub inline fn reduceRows(sums: *const Sums, to: Target, first: usize, last: usize) void {
    for (first..last) |i| {
        const bytes = to.bytes[i * to.stride ..][0..tile];
        const kept = @as(@Vector(tile, i8), bytes.*) & @as(@Vector(tile, i8), @splat(to.keep));
        const sum = @as(@Vector(tile, i32), sums[i * tile ..][0..tile].*) + @as(@Vector(tile, i32), kept);
        bytes.* = bytesOf(tile, remainderOf(@as(@Vector(tile, f64), @floatFromInt(sum)), to.m));
    }
}

// What a thread has under way, so that the reduction of one tile may run beside the product of the next.
pub const Tiles = struct { sums: Sums align(64) = undefined, before: ?Target = null };

// A form of the tile product has these.
//   allowed()       whether the system lets this process use what the form needs; once a process
//   begin(), end()  what a thread does before its first tile and after its last
//   tileProduct(tiles, a, b, steps, to)  to = the product of a panel of A and a panel of B, `steps` long
//   finish(tiles)   makes sure that all targets hold their values
pub const form = if (builtin.cpu.has(.x86, .amx_int8))
    @import("engine_amx.zig")
else if (builtin.cpu.has(.x86, .avx512vnni))
    @import("engine_vnni.zig")
else
    @import("engine_plain.zig");
