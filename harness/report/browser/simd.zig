// Unit stride and packed blocks with WebAssembly's vectors of two doubles. n and numbers of rows are multiples of 8 and
// of 4. Nothing here may keep a stack in memory, since workers that share the memory would share the stack: vectors are
// loaded and stored as such, for which the compiler needs none; it made a copy in memory of a vector stored as an array.
const builtin = @import("builtin");

const Pair = @Vector(2, f64);

const mr = 4;
const nr = 4;
// A micro-panel of B, kc x nr, stays in L1; a block of A, mc x kc, in L2.
const kc = 256;
const mc = 64;

const relaxed = builtin.cpu.has(.wasm, .relaxed_simd);

// a * b + sum, rounded once where the processor has an instruction for that: the browser chooses.
extern fn @"llvm.wasm.relaxed.madd.v2f64"(Pair, Pair, Pair) Pair;

inline fn multiplyAdd(a: Pair, b: Pair, sum: Pair) Pair {
    return if (relaxed) @"llvm.wasm.relaxed.madd.v2f64"(a, b, sum) else a * b + sum;
}

inline fn load(from: [*]const f64) Pair {
    return @as(*align(8) const Pair, @ptrCast(from)).*;
}

inline fn store(to: [*]f64, values: Pair) void {
    @as(*align(8) Pair, @ptrCast(to)).* = values;
}

// Whether products and sums are rounded once. `value` is 1 + 2^-30, whose square has more bits than a double.
export fn fuses(value: f64) bool {
    const both: Pair = @splat(value);
    const square = both * both;
    return multiplyAdd(both, both, -square)[0] != 0.0;
}

// The first rows of C = A . B by the loops of c/interchange, eight columns at a time.
export fn interchange(noalias a: [*]const f64, noalias b: [*]const f64, noalias c: [*]f64, n: usize, rows: usize) void {
    for (0..rows) |i| {
        const c_i = c[i * n ..][0..n];
        @memset(c_i, 0.0);
        for (a[i * n ..][0..n], 0..) |value, k| {
            const a_ik: Pair = @splat(value);
            var j: usize = 0;
            while (j < n) : (j += 8) {
                inline for (0..4) |pair| {
                    const c_ij = c + i * n + j + 2 * pair;
                    store(c_ij, multiplyAdd(a_ik, load(b + k * n + j + 2 * pair), load(c_ij)));
                }
            }
        }
    }
}

// Columns first..last of B as micro-panels of nr columns, each n rows deep, a row nr values side by side.
export fn pack(noalias b: [*]const f64, noalias packed_b: [*]f64, n: usize, first: usize, last: usize) void {
    var j = first;
    while (j < last) : (j += nr) {
        for (0..n) |k| packed_b[j * n + k * nr ..][0..nr].* = b[k * n + j ..][0..nr].*;
    }
}

// Rows first..last of C = A . B from the packed B. `packed_a` has room for mc x kc values.
export fn multiply(
    noalias a: [*]const f64,
    noalias packed_b: [*]const f64,
    noalias c: [*]f64,
    noalias packed_a: [*]f64,
    n: usize,
    first: usize,
    last: usize,
) void {
    var k: usize = 0;
    while (k < n) : (k += kc) {
        const depth = @min(kc, n - k);
        var i = first;
        while (i < last) : (i += mc) {
            const height = @min(mc, last - i);
            packA(a + i * n + k, n, height, depth, packed_a);
            var j: usize = 0;
            while (j < n) : (j += nr) {
                var row: usize = 0;
                while (row < height) : (row += mr) {
                    const c_ij = c + (i + row) * n + j;
                    microKernel(depth, packed_a + row * depth, packed_b + j * n + k * nr, c_ij, n, k > 0);
                }
            }
        }
    }
}

// A block of A as micro-panels of mr rows, each column mr values side by side.
fn packA(noalias a: [*]const f64, n: usize, height: usize, depth: usize, noalias packed_a: [*]f64) void {
    var i: usize = 0;
    while (i < height) : (i += mr) {
        for (0..depth) |k| {
            inline for (0..mr) |row| packed_a[i * depth + k * mr + row] = a[(i + row) * n + k];
        }
    }
}

// c[mr x nr] = a . b, or += if `add`: a micro-panel of A and one of B. Rows of C are n apart.
inline fn microKernel(depth: usize, a: [*]const f64, b: [*]const f64, c: [*]f64, n: usize, add: bool) void {
    var sums: [mr][nr / 2]Pair = @splat(@splat(@splat(0.0)));
    for (0..depth) |k| {
        inline for (0..mr) |i| {
            const a_ik: Pair = @splat(a[k * mr + i]);
            inline for (0..nr / 2) |j| {
                sums[i][j] = multiplyAdd(a_ik, load(b + k * nr + 2 * j), sums[i][j]);
            }
        }
    }
    inline for (0..mr) |i| {
        inline for (0..nr / 2) |j| {
            const c_ij = c + i * n + 2 * j;
            store(c_ij, if (add) load(c_ij) + sums[i][j] else sums[i][j]);
        }
    }
}
