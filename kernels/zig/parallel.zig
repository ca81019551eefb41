// what changes: the rows of C are split evenly over the cores
// why it is faster: all cores work, and they need no locks, since no two write the same row
// what limits it now: Zig 0.17 does not vectorise, every core streams all of B for each row from one shared memory
// how it is built: zig build-exe -O ReleaseFast -mcpu=native, noalias slices, strict floating point, std.Thread
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

fn multiplyRows(a: []const f64, b: []const f64, c: []f64, n: usize, first: usize, last: usize) void {
    for (first..last) |i| {
        multiplyRow(a[i * n ..][0..n], b, c[i * n ..][0..n], n);
    }
}

fn multiply(a: []const f64, b: []const f64, c: []f64, n: usize, rows: usize, threads: usize) !void {
    const workers = try std.heap.page_allocator.alloc(std.Thread, @min(threads, rows));
    defer std.heap.page_allocator.free(workers);
    for (workers, 0..) |*worker, t| {
        const first = rows * t / workers.len;
        const last = rows * (t + 1) / workers.len;
        worker.* = try std.Thread.spawn(.{}, multiplyRows, .{ a, b, c, n, first, last });
    }
    for (workers) |worker| worker.join();
}

pub fn main(init: std.process.Init) !void {
    return driver.main(init, multiply);
}
