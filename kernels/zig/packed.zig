// what changes: blocks of A and B are packed in the order of use; a micro-kernel keeps a tile of C in registers
// why it is faster: one load from L1 or L2 feeds two or three FMAs, all loads are of the bytes that come next
// what limits it now: the FMA units; the rest is packing
// how it is built: zig build-exe -O ReleaseFast -mcpu=native, @Vector and @mulAdd, std.Thread
const std = @import("std");
const driver = @import("driver.zig");
pub const panic = driver.panic;
const machine = @import("machine.zig");
const Vector = machine.Vector;
const lanes = machine.lanes;

const mr = machine.tile_rows;
const nr = machine.tile_vectors * lanes;
// What a thread packs of B at a time: long enough pieces of rows for the prefetcher.
const pack_columns = 8 * nr;

// Values that start on a cache line.
const Lines = []align(64) f64;

// A block of A, mc x kc, stays in L2; one of B, kc x nc, in L3. A micro-panel of each, kc long, stream from L2: shorter ones
// would fit L1, but C would be read and written more often; with longer ones than max_panels, a block of A would have so few
// rows that B comes from L3 too often.
const max_panels = 256 << 10;

const Blocks = struct {
    kc: usize,
    mc: usize,
    nc: usize,

    fn init(n: usize, rows: usize, threads: usize) Blocks {
        const l2 = machine.cacheBytes(2, threads, 1 << 20);
        const kc = @min(n, down(@min(l2 / 4, max_panels) / (8 * (mr + nr)), 8));
        const mc = down(l2 / 2 / (8 * kc), mr);
        // All threads read the same block of B, so that none has the third cache for itself.
        const nc = down(machine.cacheBytes(3, 1, 16 << 20) / 2 / (8 * kc), nr);
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

// What the threads share. They pack the first block of B. Then they multiply by each, and pack the one that comes after
// it: they take blocks of rows of C from a queue, then columns of B, so that none waits long for the others.
const Product = struct {
    a: []const f64,
    b: []const f64,
    c: []f64,
    n: usize,
    rows: usize,
    blocks: Blocks,
    packed_b: [2]Lines,
    queues: [2]Queue = .{ .{}, .{} },
    barrier: machine.Barrier,

    // The first row of C and the first column of the next block of B that no thread has taken.
    const Queue = struct {
        row: std.atomic.Value(usize) = .init(0),
        column: std.atomic.Value(usize) = .init(0),
    };

    fn work(product: *Product, packed_a: Lines, leads: bool) void {
        const n = product.n;
        product.packBlock(0, &product.queues[1]);
        var index: usize = 0;
        while (Step.init(n, product.blocks, index)) |step| : (index += 1) {
            product.barrier.wait();
            const queue = &product.queues[index % 2];
            if (leads) product.queues[(index + 1) % 2] = .{}; // of the step before, which all have left
            while (true) {
                const i = queue.row.fetchAdd(product.blocks.mc, .monotonic);
                if (i >= product.rows) break;
                const mc = @min(product.blocks.mc, product.rows - i);
                packA(product.a[i * n ..][0 .. mc * n], n, mc, step, packed_a);
                macroKernel(packed_a, product.packed_b[index % 2], product.c[i * n ..][0 .. mc * n], n, mc, step);
            }
            product.packBlock(index + 1, queue);
        }
    }

    fn packBlock(product: *Product, index: usize, queue: *Queue) void {
        const step = Step.init(product.n, product.blocks, index) orelse return;
        while (true) {
            const j = queue.column.fetchAdd(pack_columns, .monotonic);
            if (j >= step.nc) break;
            packB(product.b, product.n, step, j, @min(step.nc, j + pack_columns), product.packed_b[index % 2]);
        }
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

// Lines that are needed soon: the first, and how many values lie from one to the next.
const Soon = struct { first: [*]const f64, apart: usize };

// c[mr x nr] = a . b, or += if `add`: a micro-panel of A, mr x kc, and one of B, kc x nr. Rows of C are `stride` apart.
// Each step asks for a line that is needed soon.
inline fn microKernel(kc: usize, a: [*]const f64, b: [*]const f64, c: [*]f64, stride: usize, add: bool, soon: Soon) void {
    // C is next in memory, not in a cache: asked for now, it is there when the sums are ready.
    inline for (0..mr) |i| {
        inline for (0..machine.tile_vectors) |j| @prefetch(c + i * stride + j * lanes, .{ .rw = .write });
    }
    var sums: machine.Tile = @splat(@splat(@splat(0.0)));
    for (0..kc) |k| {
        @prefetch(soon.first + k * soon.apart, .{ .locality = 2 });
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

// mc rows of C = a . b, or += after the first step: a packed block of A and one of B. The next micro-panel of B is fetched
// meanwhile, a part in each tile: the first tile would wait for all of it.
fn macroKernel(a: Lines, b: Lines, c: []f64, n: usize, mc: usize, step: Step) void {
    const add = step.k > 0;
    const apart = ceil(nr, ceil(mc, mr));
    var j: usize = 0;
    while (j < step.nc) : (j += nr) {
        const columns = @min(nr, n - step.j - j);
        const next = b[(if (j + nr < step.nc) j + nr else 0) * step.kc ..].ptr;
        var i: usize = 0;
        while (i < mc) : (i += mr) {
            const a_i = a[i * step.kc ..].ptr;
            const b_j = b[j * step.kc ..].ptr;
            const c_ij = c[i * n + step.j + j ..];
            const soon: Soon = .{ .first = next + i / mr * step.kc * apart, .apart = apart };
            if (i + mr <= mc and columns == nr) {
                microKernel(step.kc, a_i, b_j, c_ij.ptr, n, add, soon);
            } else {
                // At the edges of C the tile is made aside, and what lies inside is copied.
                var tile: [mr * nr]f64 = undefined;
                microKernel(step.kc, a_i, b_j, &tile, nr, false, soon);
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

    const packed_a: Lines = @alignCast(workspace[2 * size_b ..]);
    var product: Product = .{
        .a = a,
        .b = b,
        .c = c,
        .n = n,
        .rows = rows,
        .blocks = blocks,
        .packed_b = .{ workspace[0..size_b], @alignCast(workspace[size_b..][0..size_b]) },
        .barrier = .{ .threads = @intCast(threads) },
    };
    for (others, 1..) |*other, t| {
        const own: Lines = @alignCast(packed_a[t * size_a ..]);
        other.* = try std.Thread.spawn(.{}, Product.work, .{ &product, own, false });
    }
    product.work(packed_a, true);
    for (others) |other| other.join();
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
