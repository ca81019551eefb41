// what changes: nothing yet: the i, j, k loops of the textbook, each sum kept in a local variable
// why it is faster: it is the start of the ladder: a step is a few machine instructions, with no interpreter between
// what limits it now: B is read down its columns, n * 8 bytes a step, so that each step needs another cache line
// how it is built: zig build-exe -O ReleaseFast -mcpu=native, noalias slices, strict floating point
const std = @import("std");
const driver = @import("driver.zig");
pub const panic = driver.panic;

fn multiply(
    noalias a: []const f64,
    noalias b: []const f64,
    noalias c: []f64,
    n: usize,
    rows: usize,
    threads: usize,
) !void {
    _ = threads;
    for (0..rows) |i| {
        for (0..n) |j| {
            var total: f64 = 0.0;
            for (0..n) |k| {
                total += a[i * n + k] * b[k * n + j];
            }
            c[i * n + j] = total;
        }
    }
}

pub fn main(init: std.process.Init) !void {
    return driver.main(init, multiply);
}
