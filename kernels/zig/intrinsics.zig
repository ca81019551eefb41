// what changes: the base case is written for the CPU's vector unit, and keeps a tile of C in its registers
// why it is faster: a vector of B, once loaded, serves 8 FMAs, and a value of A 3; before, each FMA had its own load
// what limits it now: A, B and C come from L3 at each base case: rows 2^k apart share few sets of L1 and L2
// how it is built: zig build-exe -O ReleaseFast -mcpu=native; Zig has no intrinsics: @Vector of a register's size instead
const std = @import("std");
const driver = @import("driver.zig");
const shared = @import("shared.zig");
const Vector = shared.Vector;
const lanes = shared.lanes;
const tile_rows = shared.tile_rows;
const tile_vectors = shared.tile_vectors;

// A multiple of each tile_rows and each width of a tile, so that only the edges of C have tiles that are not whole.
const base = 96;
const width = tile_vectors * lanes;

// c = or += a . b
fn multiplyBlock(a: shared.In, b: shared.In, c: shared.Out, first: bool) void {
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
                if (i + row < c.rows) addRow(tile[row], c.row(i + row)[j..][0..columns], first);
            }
        }
    }
}

// tile_rows rows of A from row i on . width columns of the copy of B
inline fn multiplyTile(a: shared.In, i: usize, b: [*]const f64) shared.Tile {
    var rows: [tile_rows][*]const f64 = undefined;
    // Below the last row it stands in for those that are missing; what comes of it is not stored.
    inline for (&rows, 0..) |*row, offset| row.* = a.row(@min(i + offset, a.rows - 1)).ptr;
    var sums: shared.Tile = @splat(@splat(@splat(0.0)));
    for (0..a.columns) |k| {
        var b_k: [tile_vectors]Vector = undefined;
        inline for (&b_k, 0..) |*b_kj, j| b_kj.* = b[k * base + j * lanes ..][0..lanes].*;
        inline for (&sums, rows) |*row, a_i| {
            const a_ik: Vector = @splat(a_i[k]);
            inline for (row, b_k) |*sum, b_kj| sum.* = shared.multiplyAdd(a_ik, b_kj, sum.*);
        }
    }
    return sums;
}

// c = or += a row of a tile, as far as c goes
inline fn addRow(sums: [tile_vectors]Vector, c: []f64, first: bool) void {
    if (c.len == width) {
        inline for (sums, 0..) |sum, j| {
            const c_j = c[j * lanes ..][0..lanes];
            c_j.* = if (first) sum else @as(Vector, c_j.*) + sum;
        }
    } else {
        const values: [width]f64 = @bitCast(sums);
        for (c, values[0..c.len]) |*c_j, sum| c_j.* = if (first) sum else c_j.* + sum;
    }
}

// Halves of C are independent: they may run at the same time. Halves of the sums are not: one comes after the other.
fn divide(a: shared.In, b: shared.In, c: shared.Out, first: bool) void {
    const largest = @max(a.rows, a.columns, b.columns);
    // Whole base blocks, so that only the last ones are smaller.
    const half = std.mem.alignForwardAnyAlign(usize, largest / 2, base);
    if (largest <= base) {
        multiplyBlock(a, b, c, first);
    } else if (a.rows == largest) {
        const a0, const a1 = a.splitRows(half);
        const c0, const c1 = c.splitRows(half);
        shared.both(divide, .{ a0, b, c0, first }, .{ a1, b, c1, first });
    } else if (b.columns == largest) {
        const b0, const b1 = b.splitColumns(half);
        const c0, const c1 = c.splitColumns(half);
        shared.both(divide, .{ a, b0, c0, first }, .{ a, b1, c1, first });
    } else {
        const a0, const a1 = a.splitColumns(half);
        const b0, const b1 = b.splitRows(half);
        divide(a0, b0, c, first);
        divide(a1, b1, c, false);
    }
}

fn multiply(a: []const f64, b: []const f64, c: []f64, n: usize, rows: usize, threads: usize) !void {
    shared.allowThreads(threads);
    divide(
        .{ .start = a.ptr, .stride = n, .rows = rows, .columns = n },
        .{ .start = b.ptr, .stride = n, .rows = n, .columns = n },
        .{ .start = c.ptr, .stride = n, .rows = rows, .columns = n },
        true,
    );
}

pub fn main(init: std.process.Init) !void {
    return driver.main(init, multiply);
}
