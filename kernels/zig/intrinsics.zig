// what changes: the base case is written for the CPU's vector unit, and keeps a tile of C in its registers
// why it is faster: a vector of B, once loaded, serves 8 FMAs, and a value of A 3; before, each FMA had its own load
// what limits it now: A, B and C come from L3 at each base case: rows 2^k apart share few sets of L1 and L2
// how it is built: zig build-exe -O ReleaseFast -mcpu=native; Zig has no intrinsics: @Vector of a register's size instead
const std = @import("std");
const driver = @import("driver.zig");
pub const panic = driver.panic;
const machine = @import("machine.zig");
const view = @import("view.zig");
const Divide = @import("divide.zig").Divide;
const Vector = machine.Vector;
const lanes = machine.lanes;
const tile_rows = machine.tile_rows;
const tile_vectors = machine.tile_vectors;

// A multiple of each tile_rows and each width of a tile, so that only the edges of C have tiles that are not whole.
const base = 96;
const width = tile_vectors * lanes;

// c = a . b, or += if `add`
fn baseCase(a: view.In, b: view.In, c: view.Out, add: bool) void {
    var copy: [base][base]f64 align(64) = undefined;
    for (copy[0..b.rows], 0..) |*row, k| {
        @memcpy(row[0..b.columns], b.row(k));
        // Zeros where B ends early, as far as a tile reads.
        @memset(row[b.columns..std.mem.alignForwardAnyAlign(usize, b.columns, width)], 0.0);
    }
    var j: usize = 0;
    while (j < b.columns) : (j += width) {
        var i: usize = 0;
        while (i < a.rows) : (i += tile_rows) {
            const tile = multiplyTile(a, i, copy[0][j..].ptr);
            // At the edges of C the rest of the tile is left out.
            const columns = @min(width, c.columns - j);
            inline for (0..tile_rows) |row| {
                if (i + row < c.rows) putRow(tile[row], c.row(i + row)[j..][0..columns], add);
            }
        }
    }
}

// tile_rows rows of A from row i on . width columns of the copy of B
inline fn multiplyTile(a: view.In, i: usize, b: [*]const f64) machine.Tile {
    var rows: [tile_rows][*]const f64 = undefined;
    // Below the last row it stands in for those that are missing; what comes of it is not stored.
    inline for (&rows, 0..) |*row, offset| row.* = a.row(@min(i + offset, a.rows - 1)).ptr;
    var sums: machine.Tile = @splat(@splat(@splat(0.0)));
    for (0..a.columns) |k| {
        var b_k: [tile_vectors]Vector = undefined;
        inline for (&b_k, 0..) |*b_kj, j| b_kj.* = b[k * base + j * lanes ..][0..lanes].*;
        inline for (&sums, rows) |*row, a_i| {
            const a_ik: Vector = @splat(a_i[k]);
            inline for (row, b_k) |*sum, b_kj| sum.* = machine.multiplyAdd(a_ik, b_kj, sum.*);
        }
    }
    return sums;
}

// c = a row of a tile, or += if `add`, as far as c goes
inline fn putRow(sums: [tile_vectors]Vector, c: []f64, add: bool) void {
    if (c.len == width) {
        inline for (sums, 0..) |sum, j| {
            const c_j = c[j * lanes ..][0..lanes];
            c_j.* = if (add) @as(Vector, c_j.*) + sum else sum;
        }
    } else {
        const values: [width]f64 = @bitCast(sums);
        for (c, values[0..c.len]) |*c_j, sum| c_j.* = if (add) c_j.* + sum else sum;
    }
}

pub fn main(init: std.process.Init) !void {
    return driver.main(init, Divide(base, baseCase).multiply);
}
