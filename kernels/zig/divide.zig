// what changes: the product is halved along its longest side, again and again; halves of C are computed in parallel
// why it is faster: at some depth the blocks fit each cache, whatever its size, and are used there many times
// what limits it now: Zig 0.17 does not vectorise: a multiplication and an addition of single values at a time
// how it is built: zig build-exe -O ReleaseFast -mcpu=native, noalias slices, strict floating point, std.Thread
const std = @import("std");
const driver = @import("driver.zig");
pub const panic = driver.panic;
const machine = @import("machine.zig");
const view = @import("view.zig");

// Three blocks of 64 x 64 take 96 KB, well within L2; a call costs little beside their 2 * 64^3 operations.
const base = 64;

// c = a . b, or += if `add`
fn baseCase(a: view.In, b: view.In, c: view.Out, add: bool) void {
    for (0..a.rows) |i| {
        if (!add) @memset(c.row(i), 0.0);
        for (a.row(i), 0..) |a_ik, k| addRow(a_ik, b.row(k), c.row(i));
    }
}

fn addRow(a_ik: f64, noalias b_k: []const f64, noalias c_i: []f64) void {
    for (c_i, b_k) |*c_ij, b_kj| {
        c_ij.* += a_ik * b_kj;
    }
}

// Divide and conquer down to a base case, whose sides are at most `side`.
pub fn Divide(comptime side: usize, comptime base_case: fn (view.In, view.In, view.Out, bool) void) type {
    return struct {
        pub fn multiply(a: []const f64, b: []const f64, c: []f64, n: usize, rows: usize, threads: usize) !void {
            machine.allowThreads(threads);
            divide(
                .{ .start = a.ptr, .stride = n, .rows = rows, .columns = n },
                .{ .start = b.ptr, .stride = n, .rows = n, .columns = n },
                .{ .start = c.ptr, .stride = n, .rows = rows, .columns = n },
                false,
            );
        }

        // Halves of C are independent: they may run at the same time. Halves of the sums are not: one comes after the
        // other.
        fn divide(a: view.In, b: view.In, c: view.Out, add: bool) void {
            const longest = @max(a.rows, b.columns, a.columns);
            // Whole base cases, so that only the last ones are smaller.
            const half = std.mem.alignForwardAnyAlign(usize, longest / 2, side);
            if (longest <= side) {
                base_case(a, b, c, add);
            } else if (a.rows == longest) {
                const a0, const a1 = a.splitRows(half);
                const c0, const c1 = c.splitRows(half);
                machine.both(divide, .{ a0, b, c0, add }, .{ a1, b, c1, add });
            } else if (b.columns == longest) {
                const b0, const b1 = b.splitColumns(half);
                const c0, const c1 = c.splitColumns(half);
                machine.both(divide, .{ a, b0, c0, add }, .{ a, b1, c1, add });
            } else {
                const a0, const a1 = a.splitColumns(half);
                const b0, const b1 = b.splitRows(half);
                divide(a0, b0, c, add);
                divide(a1, b1, c, true);
            }
        }
    };
}

pub fn main(init: std.process.Init) !void {
    return driver.main(init, Divide(base, baseCase).multiply);
}
