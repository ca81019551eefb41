// what changes: the base case copies its block of B and is vectorised, by the compiler or in portable vectors
// why it is faster: the compiler makes the vector FMAs of the CPU, sums stay in registers, the copy fits L1 whatever n is
// what limits it now: each FMA loads its own vector of B, and the copy is used for 64 rows only
// how it is built: zig build-exe -O ReleaseFast -mcpu=native, @Vector and @mulAdd, std.Thread
const std = @import("std");
const driver = @import("driver.zig");
const machine = @import("machine.zig");
const view = @import("view.zig");
const Divide = @import("divide.zig").Divide;

const base = 64;
const Row = @Vector(base, f64);

// c = a . b, or += if `add`
fn baseCase(a: view.In, b: view.In, c: view.Out, add: bool) void {
    // Zeros where B ends early, so that every row is a whole vector.
    var copy: [base]Row = undefined;
    for (copy[0..b.rows], 0..) |*row, k| row.* = loadRow(b.row(k));
    for (0..a.rows) |i| {
        var sums: Row = @splat(0.0);
        for (a.row(i), copy[0..b.rows]) |a_ik, b_k| {
            sums = machine.multiplyAdd(@as(Row, @splat(a_ik)), b_k, sums);
        }
        const c_i = c.row(i);
        const values: [base]f64 = if (add) sums + loadRow(c_i) else sums;
        @memcpy(c_i, values[0..c_i.len]);
    }
}

fn loadRow(from: []const f64) Row {
    if (from.len == base) return from[0..base].*;
    var values: [base]f64 = @splat(0.0);
    @memcpy(values[0..from.len], from);
    return values;
}

pub fn main(init: std.process.Init) !void {
    return driver.main(init, Divide(base, baseCase).multiply);
}
