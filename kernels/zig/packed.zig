// what changes: blocks of A and B are packed in the order of use; a micro-kernel keeps a tile of C in registers
// why it is faster: one load from L1 or L2 feeds two or three FMAs, all loads are of the bytes that come next
// what limits it now: the FMA units; the rest is packing
// how it is built: zig build-exe -O ReleaseFast -mcpu=native, @Vector and @mulAdd, std.Thread
const std = @import("std");
const driver = @import("driver.zig");
const machine = @import("machine.zig");
const Vector = machine.Vector;
const lanes = machine.lanes;

const mr = machine.tile_rows;
const nr = machine.tile_vectors * lanes;
// What a thread packs of B at a time: long enough pieces of rows for the prefetcher.
const pack_columns = 8 * nr;

// Values that start on a cache line.
const Lines = []align(64) f64;

// A block of A, mc x kc, stays in L2; one of B, kc x nc, in L3. Of a micro-panel of each, kc long, L1 holds half.
const Blocks = struct {
    kc: usize,
    mc: usize,
    nc: usize,

    fn init(n: usize, rows: usize, threads: usize) Blocks {
        const kc = @min(n, down(2 * machine.cacheSize(1, 32 << 10) / (8 * (mr + nr)), 8));
        const mc = down(machine.cacheSize(2, 1 << 20) / 2 / (8 * kc), mr);
        const nc = down(machine.cacheSize(3, 16 << 20) / 2 / (8 * kc), nr);
        // Not so tall that threads are left without a block.
        return .{ .kc = kc, .mc = @min(mc, up(ceil(rows, threads), mr)), .nc = @min(nc, up(n, nr)) };
    }
};

// The rows and columns of B that go into one packed block.
const Step = struct {
    k: usize,
    kc: usize,
    j: usize,
    nc: usize,

    // Blocks from left to right, in each column of blocks from top to bottom.
    fn init(n: usize, blocks: Blocks, index: usize) ?Step {
        const down_b = ceil(n, blocks.kc);
        const k = index % down_b * blocks.kc;
        const j = index / down_b * blocks.nc;
        if (j >= n) return null;
        return .{ .k = k, .kc = @min(blocks.kc, n - k), .j = j, .nc = @min(blocks.nc, up(n - j, nr)) };
    }
};

// The product by one packed block of B, and the packing of the next. The threads take blocks of C, then columns to
// pack, so that none waits long for the others.
const Turn = struct {
    a: []const f64,
    b: []const f64,
    c: []f64,
    n: usize,
    rows: usize,
    mc: usize,
    this: ?Step,
    this_b: Lines,
    next: ?Step,
    next_b: Lines,
    blocks: std.atomic.Value(usize) = .init(0),
    columns: std.atomic.Value(usize) = .init(0),

    fn work(turn: *Turn, packed_a: Lines) void {
        const n = turn.n;
        if (turn.this) |step| while (true) {
            const i = turn.blocks.fetchAdd(turn.mc, .monotonic);
            if (i >= turn.rows) break;
            const mc = @min(turn.mc, turn.rows - i);
            packA(turn.a[i * n ..][0 .. mc * n], n, mc, step, packed_a);
            macroKernel(packed_a, turn.this_b, turn.c[i * n ..][0 .. mc * n], n, mc, step);
        };
        if (turn.next) |step| while (true) {
            const j = turn.columns.fetchAdd(pack_columns, .monotonic);
            if (j >= step.nc) break;
            packB(turn.b, n, step, j, @min(step.nc, j + pack_columns), turn.next_b);
        };
    }
};

// A block of A as micro-panels of mr rows, each column mr values side by side, zeros for rows beyond the last.
fn packA(a: []const f64, n: usize, mc: usize, step: Step, packed_a: Lines) void {
    var i: usize = 0;
    while (i < mc) : (i += mr) {
        const panel = packed_a[i * step.kc ..][0 .. mr * step.kc];
        if (i + mr <= mc) {
            for (0..step.kc) |k| {
                inline for (0..mr) |row| panel[k * mr + row] = a[(i + row) * n + step.k + k];
            }
        } else {
            @memset(panel, 0.0);
            for (i..mc) |row| {
                for (a[row * n + step.k ..][0..step.kc], 0..) |value, k| panel[k * mr + row - i] = value;
            }
        }
    }
}

// Columns first..last of a block of B as micro-panels of nr columns, each row nr values side by side, zeros for columns
// beyond the last of B.
fn packB(b: []const f64, n: usize, step: Step, first: usize, last: usize, packed_b: Lines) void {
    for (0..step.kc) |k| {
        const row = b[(step.k + k) * n ..][0..n];
        var j = first;
        while (j < last) : (j += nr) {
            const values = packed_b[j * step.kc + k * nr ..][0..nr];
            const from = row[step.j + j ..];
            if (from.len >= nr) {
                values.* = from[0..nr].*;
            } else {
                @memset(values, 0.0);
                @memcpy(values[0..from.len], from);
            }
        }
    }
}

// c[mr x nr] = a . b, or += if `add`: a micro-panel of A, mr x kc, and one of B, kc x nr. Rows of C are `stride` apart.
inline fn microKernel(kc: usize, a: [*]const f64, b: [*]const f64, c: [*]f64, stride: usize, add: bool) void {
    // C is next in memory, not in a cache: asked for now, it is there when the sums are ready.
    inline for (0..mr) |i| {
        inline for (0..machine.tile_vectors) |j| @prefetch(c + i * stride + j * lanes, .{ .rw = .write });
    }
    var sums: machine.Tile = @splat(@splat(@splat(0.0)));
    for (0..kc) |k| {
        var b_k: [machine.tile_vectors]Vector = undefined;
        inline for (0..machine.tile_vectors) |j| b_k[j] = b[k * nr + j * lanes ..][0..lanes].*;
        inline for (0..mr) |i| {
            const a_ik: Vector = @splat(a[k * mr + i]);
            inline for (0..machine.tile_vectors) |j| sums[i][j] = machine.multiplyAdd(a_ik, b_k[j], sums[i][j]);
        }
    }
    inline for (0..mr) |i| {
        inline for (0..machine.tile_vectors) |j| {
            const c_ij = c[i * stride + j * lanes ..][0..lanes];
            c_ij.* = if (add) @as(Vector, c_ij.*) + sums[i][j] else sums[i][j];
        }
    }
}

// mc rows of C = a . b, or += after the first step: a packed block of A and one of B.
fn macroKernel(a: Lines, b: Lines, c: []f64, n: usize, mc: usize, step: Step) void {
    const add = step.k > 0;
    var j: usize = 0;
    while (j < step.nc) : (j += nr) {
        const columns = @min(nr, n - step.j - j);
        var i: usize = 0;
        while (i < mc) : (i += mr) {
            const a_i = a[i * step.kc ..].ptr;
            const b_j = b[j * step.kc ..].ptr;
            const c_ij = c[i * n + step.j + j ..];
            if (i + mr <= mc and columns == nr) {
                microKernel(step.kc, a_i, b_j, c_ij.ptr, n, add);
            } else {
                // At the edges of C the tile is made aside, and what lies inside is copied.
                var tile: [mr * nr]f64 = undefined;
                microKernel(step.kc, a_i, b_j, &tile, nr, false);
                for (0..@min(mr, mc - i)) |row| {
                    for (c_ij[row * n ..][0..columns], tile[row * nr ..][0..columns]) |*value, sum| {
                        value.* = if (add) value.* + sum else sum;
                    }
                }
            }
        }
    }
}

// Two blocks of B, and one of A for each thread; kept from one repetition to the next.
var workspace: Lines = &.{};

pub fn multiply(a: []const f64, b: []const f64, c: []f64, n: usize, rows: usize, max_threads: usize) !void {
    const threads = @min(max_threads, ceil(n, mr));
    const blocks = Blocks.init(n, rows, threads);
    const size_a = up(blocks.mc * blocks.kc, 8);
    const size_b = up(blocks.nc * blocks.kc, 8);
    const allocator = std.heap.page_allocator;
    if (workspace.len == 0) workspace = try allocator.alignedAlloc(f64, .@"64", 2 * size_b + threads * size_a);
    const others = try allocator.alloc(std.Thread, threads - 1);
    defer allocator.free(others);

    var this_b: Lines = workspace[0..size_b];
    var next_b: Lines = @alignCast(workspace[size_b..][0..size_b]);
    const packed_a: Lines = @alignCast(workspace[2 * size_b ..]);
    var turn: Turn = .{
        .a = a,
        .b = b,
        .c = c,
        .n = n,
        .rows = rows,
        .mc = blocks.mc,
        .this = null,
        .this_b = this_b,
        .next = Step.init(n, blocks, 0),
        .next_b = next_b,
    };
    var index: usize = 0;
    while (turn.this != null or turn.next != null) {
        for (others, 1..) |*other, t| {
            other.* = try std.Thread.spawn(.{}, Turn.work, .{ &turn, @as(Lines, @alignCast(packed_a[t * size_a ..])) });
        }
        turn.work(packed_a);
        for (others) |other| other.join();

        index += 1;
        std.mem.swap(Lines, &this_b, &next_b);
        turn.this = turn.next;
        turn.next = Step.init(n, blocks, index);
        turn.this_b = this_b;
        turn.next_b = next_b;
        turn.blocks = .init(0);
        turn.columns = .init(0);
    }
}

// a / b, rounded up; a rounded up to a multiple of b; a rounded down to one, but not to 0
fn ceil(a: usize, b: usize) usize {
    return (a + b - 1) / b;
}
fn up(a: usize, b: usize) usize {
    return ceil(a, b) * b;
}
fn down(a: usize, b: usize) usize {
    return @max(1, a / b) * b;
}

pub fn main(init: std.process.Init) !void {
    return driver.main(init, multiply);
}
