// what changes: the base case copies its block of B and is vectorised, by the compiler or in portable vectors
// why it is faster: the compiler makes the vector FMAs of the CPU, sums stay in registers, the copy fits L1 whatever n is
// what limits it now: each FMA loads its own vector of B, and the copy is used for 64 rows only
// how it is built: zig build-exe -O ReleaseFast -mcpu=native, @Vector and @mulAdd, std.Thread
const std = @import("std");
const driver = @import("driver.zig");
pub const panic = driver.panic;
const machine = @import("machine.zig");
const view = @import("view.zig");
const Divide = @import("divide.zig").Divide;

const base = 64;
// Eight vectors of sums: as many as hide how long an FMA takes.
const width = 8 * machine.lanes;
const Strip = @Vector(width, f64);

// c = a . b, or += if `add`
fn baseCase(a: view.In, b: view.In, c: view.Out, add: bool) void {
    // Zeros where B ends early, so that every strip is whole.
    var copy: [base / width][base]Strip = undefined;
    for (0..b.rows) |k| {
        inline for (&copy, 0..) |*strip, s| strip[k] = loadStrip(b.row(k), s * width);
    }
    for (0..a.rows) |i| {
        inline for (&copy, 0..) |*strip, s| {
            var sums: Strip = @splat(0.0);
            for (a.row(i), strip[0..b.rows]) |a_ik, b_k| {
                sums = machine.multiplyAdd(@as(Strip, @splat(a_ik)), b_k, sums);
            }
            const c_i = c.row(i)[@min(s * width, c.columns)..];
            const values: [width]f64 = if (add) sums + loadStrip(c_i, 0) else sums;
            const columns = @min(width, c_i.len);
            @memcpy(c_i[0..columns], values[0..columns]);
        }
    }
}

// The values of a row from `first` on, zeros behind its end.
fn loadStrip(row: []const f64, first: usize) Strip {
    const from = row[@min(first, row.len)..];
    if (from.len >= width) return from[0..width].*;
    var values: [width]f64 = @splat(0.0);
    @memcpy(values[0..from.len], from);
    return values;
}

pub fn main(init: std.process.Init) !void {
    return driver.main(init, Divide(base, baseCase).multiply);
}
