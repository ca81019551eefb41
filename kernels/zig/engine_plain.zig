// The tile product in plain loops: for any CPU, slowly. It checks the scheme around it, and the other forms.
const reduceRows = @import("engine_remainders.zig").reduceRows;
const tiles = @import("engine_tiles.zig");
const half = tiles.half;
const tile = tiles.tile;

const Ints = @Vector(half, i32);

pub fn allowed() bool {
    return true;
}
pub fn begin() void {}
pub fn end() void {}
pub fn finish(_: *tiles.Tiles) void {}

pub fn tileProduct(
    t: *tiles.Tiles,
    a: [*]const i8,
    b: [*]const i8,
    steps: usize,
    to: tiles.Target,
    _: [*]const i8,
) void {
    for (0..tile) |i| {
        var sums: [2]Ints = @splat(@splat(0));
        for (0..steps * half) |k| { // each k: four values of the depth
            const a_k = a[k / half * tiles.step_bytes + i * tiles.step + k % half * 4 ..][0..4];
            const b_k = b[k / half * tiles.step_bytes + k % half * tiles.step ..];
            inline for (&sums, 0..) |*sum, side| {
                const fours: @Vector(4 * half, i8) = b_k[side * tiles.half_bytes ..][0 .. 4 * half].*;
                inline for (a_k, 0..) |value, q| {
                    const column = @shuffle(i8, fours, undefined, every4th(q));
                    sum.* += @as(Ints, @splat(value)) * @as(Ints, column);
                }
            }
        }
        inline for (sums, 0..) |sum, side| t.sums[i * tile + side * half ..][0..half].* = sum;
    }
    reduceRows(&t.sums, to, 0, tile);
}

fn every4th(comptime first: i32) @Vector(half, i32) {
    return @import("std").simd.iota(i32, half) * @as(Ints, @splat(4)) + @as(Ints, @splat(first));
}
