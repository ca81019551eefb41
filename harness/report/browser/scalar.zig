// The loops of c/interchange without vectors, and SHA-256 for pages whose browser hides its own.
const std = @import("std");

// The first rows of C = A . B; matrices are n x n.
export fn interchange(noalias a: [*]const f64, noalias b: [*]const f64, noalias c: [*]f64, n: usize, rows: usize) void {
    for (0..rows) |i| {
        const c_i = c[i * n ..][0..n];
        @memset(c_i, 0.0);
        for (a[i * n ..][0..n], 0..) |a_ik, k| {
            for (c_i, b[k * n ..][0..n]) |*c_ij, b_kj| c_ij.* += a_ik * b_kj;
        }
    }
}

export fn sha256(bytes: [*]const u8, length: usize, digest: *[32]u8) void {
    std.crypto.hash.sha2.Sha256.hash(bytes[0..length], digest, .{});
}
