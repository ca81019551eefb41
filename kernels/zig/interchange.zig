// what changes: the j and k loops change places
// why it is faster: B and C are now read along their rows: whole cache lines are used, and the prefetcher runs ahead
// what limits it now: Zig 0.17 does not vectorise, all of B streams from memory again for each row, one core works
// how it is built: zig build-exe -O ReleaseFast -mcpu=native, noalias slices, strict floating point
const std = @import("std");
const driver = @import("driver.zig");
pub const panic = driver.panic;

fn multiplyRow(noalias a_i: []const f64, noalias b: []const f64, noalias c_i: []f64, n: usize) void {
    @memset(c_i, 0.0);
    for (a_i, 0..) |a_ik, k| {
        for (c_i, b[k * n ..][0..n]) |*c_ij, b_kj| {
            c_ij.* += a_ik * b_kj;
        }
    }
}

fn multiply(a: []const f64, b: []const f64, c: []f64, n: usize, rows: usize, threads: usize) !void {
    _ = threads;
    for (0..rows) |i| {
        multiplyRow(a[i * n ..][0..n], b, c[i * n ..][0..n], n);
    }
}

pub fn main(init: std.process.Init) !void {
    return driver.main(init, multiply);
}
