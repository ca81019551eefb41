// what changes: the base case copies its block of B and is vectorised, by the compiler or in portable vectors
// why it is faster: the compiler makes the vector FMAs of the CPU, sums stay in registers, the copy fits L1 whatever n is
// what limits it now: each FMA loads its own vector of B, and the copy is used for 64 rows only
// how it is built: zig build-exe -O ReleaseFast -mcpu=native, @Vector and @mulAdd, std.Thread
const std = @import("std");
const driver = @import("driver.zig");
const shared = @import("shared.zig");

const base = 64;
const Row = @Vector(base, f64);

// c = or += a . b
fn multiplyBlock(a: shared.In, b: shared.In, c: shared.Out, first: bool) void {
    // Zeros where B ends early, so that every row is a whole vector.
    var copy: [base]Row = undefined;
    for (copy[0..b.rows], 0..) |*row, k| row.* = loadRow(b.row(k));
    for (0..a.rows) |i| {
        var sums: Row = @splat(0.0);
        for (a.row(i), copy[0..b.rows]) |a_ik, b_k| {
            sums = shared.multiplyAdd(@as(Row, @splat(a_ik)), b_k, sums);
        }
        const c_i = c.row(i);
        const values: [base]f64 = if (first) sums else sums + loadRow(c_i);
        @memcpy(c_i, values[0..c_i.len]);
    }
}

fn loadRow(from: []const f64) Row {
    if (from.len == base) return from[0..base].*;
    var values: [base]f64 = @splat(0.0);
    @memcpy(values[0..from.len], from);
    return values;
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
