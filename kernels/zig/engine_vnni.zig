// The tile product on the vector unit: VPDPBUSD multiplies 64 pairs of bytes and adds them by fours to 16 sums.
const std = @import("std");
const remainders = @import("engine_remainders.zig");
const tiles = @import("engine_tiles.zig");
const half = tiles.half;
const tile = tiles.tile;

pub fn allowed() bool {
    return true;
}
pub fn begin() void {}
pub fn end() void {}
pub fn finish(_: *tiles.Tiles) void {}

const row_count = 8; // 16 sums in registers

const Ints = remainders.Ints; // 16 sums, or 16 groups of four bytes

// Rows of a tile. VPDPBUSD takes its first operand as unsigned: a + 128 it is, and 128 times the sum of b is taken off
// in the end.
fn rowsProduct(a: [*]const i8, b: [*]const i8, steps: usize, to: *[row_count][2]Ints) void {
    const shift: Ints = @splat(@bitCast(@as(u32, 0x80808080)));
    var sums: [row_count][2]Ints = @splat(@splat(@splat(0)));
    var excess: [2]Ints = @splat(@splat(0));
    for (0..steps * half) |k| { // each k: four values of the depth
        const a_k = a + k / half * tiles.step_bytes + k % half * 4;
        const b_k = b + k / half * tiles.step_bytes + k % half * tiles.step;
        const b_ints = [2]Ints{ fours(b_k), fours(b_k + tiles.half_bytes) };
        inline for (&excess, b_ints) |*sum, right| sum.* = remainders.addProducts(.vpdpbusd, sum.*, shift, right);
        inline for (&sums, 0..) |*row, r| {
            const four = std.mem.readInt(i32, @ptrCast(a_k + r * tiles.step), .little);
            const left = @as(Ints, @splat(four)) ^ shift;
            inline for (row, b_ints) |*sum, right| sum.* = remainders.addProducts(.vpdpbusd, sum.*, left, right);
        }
    }
    inline for (to, sums) |*row, sum| row.* = .{ sum[0] - excess[0], sum[1] - excess[1] };
}

inline fn fours(bytes: [*]const i8) Ints {
    return @bitCast(@as(@Vector(tiles.step, i8), bytes[0..tiles.step].*));
}

pub fn tileProduct(
    t: *tiles.Tiles,
    a: [*]const i8,
    b: [*]const i8,
    steps: usize,
    to: tiles.Target,
    _: [*]const i8,
) void {
    const rows: *[tile][2]Ints = @ptrCast(&t.sums);
    var i: usize = 0;
    while (i < tile) : (i += row_count) rowsProduct(a + i * tiles.step, b, steps, rows[i..][0..row_count]);
    remainders.reduceRows(&t.sums, to, 0, tile);
}
