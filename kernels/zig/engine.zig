// what changes: 15 products of bytes, modulo 15 numbers, on the CPU's matrix engine, take the place of one of doubles
// why it is faster: a tile instruction is 16,384 multiply-adds of bytes, 64 times what the FMA units do meanwhile
// what limits it now: the engine's rate; it waits while residues are made before it, and C is put together after it
// how it is built: zig build-exe -O ReleaseFast -mcpu=native, inline assembly; packed.zig for data outside the safe range
const std = @import("std");
const driver = @import("driver.zig");
pub const panic = driver.panic;
const packed_rung = @import("packed.zig");
const remainders = @import("engine_remainders.zig");
const tiles = @import("engine_tiles.zig");
const multiplyAdd = @import("machine.zig").multiplyAdd;
const form = tiles.form;
const half = tiles.half;
const step = tiles.step;
const step_bytes = tiles.step_bytes;
const tile = tiles.tile;

// The largest numbers up to 256, each with no factor in common with those before: their product M is 2^117.8.
const moduli = [_]i32{ 256, 255, 253, 251, 247, 241, 239, 233, 229, 227, 223, 217, 211, 199, 197 };

// Blocks. A part of C is part_rows x part_columns: of so much are residues kept. A unit of work, for one modulus, is
// unit_rows x unit_columns of it; block_steps of B's depth, 1 MiB, stay in L2 meanwhile.
const part_rows = 4096;
const part_columns = 2048;
const unit_rows = 2048;
const unit_columns = 512;
const block_steps = 32;

// A chunk of A is fetched in as many parts as a unit has tiles side by side.
const soon_bytes = tiles.chunk_steps * step_bytes / (unit_columns / tile);

// Doubles of a line of memory.
const memory_line = 8;

// Sums of squares below and above would come near the ends of a double's range when scaled.
const least_squares = 0x1p-800;
const most_squares = 0x1p800;

const Values = @Vector(step, f64);
const zeros: Values = @splat(0.0);

// Rows of A or columns of B. The values of line i are taken as whole numbers of units of down[i], 1 / up[i].
const Lines = struct {
    squares: []f64, // of its values
    mean: []f64,
    up: []f64,
    down: []f64,
    lost: []f64, // the sum of what rounding to whole units took away

    const names = @typeInfo(Lines).@"struct".field_names;
    const doubles = names.len;

    fn in(space: []f64, count: usize) Lines {
        var lines: Lines = undefined;
        inline for (names, 0..) |name, f| @field(lines, name) = space[f * count ..][0..count];
        return lines;
    }

    fn from(all: Lines, first: usize) Lines {
        var lines: Lines = undefined;
        inline for (names) |name| @field(lines, name) = @field(all, name)[first..];
        return lines;
    }
};

// Packed values of A or B, and values of C: their residues modulo number l lie `apart` * l bytes behind the first ones.
const Packed = struct { bytes: Bytes, apart: usize };
const Residues = struct { bytes: Bytes, apart: usize, stride: usize };
const Bytes = []align(64) i8;

// Parts of a number of 118 bits: the sum of 15 of them times bytes is exact in a double, as is a quotient times one.
const part_bits = 39;
const Split = struct {
    high: f64,
    middle: f64,
    low: f64,

    fn partsOf(x: u128) Split {
        const mask = (1 << part_bits) - 1;
        return .{
            .high = @floatFromInt(x >> 2 * part_bits),
            .middle = @floatFromInt(x >> part_bits & mask),
            .low = @floatFromInt(x & mask),
        };
    }
};

const Basis = struct {
    m: [moduli.len]remainders.Modulus,
    weight: [moduli.len]Split, // 1 modulo its own modulus, 0 modulo all others
    product: Split, // M
    largest: f64, // what |sum| must not exceed: a little less than M / 2

    fn init() Basis {
        @setEvalBranchQuota(20_000);
        var made: Basis = undefined;
        var product: u128 = 1;
        for (moduli) |p| product *= p;
        for (moduli, &made.m, &made.weight) |p, *m, *weight| {
            const rest = product / p % p;
            var inverse: u128 = 1;
            while (inverse * rest % p != 1) inverse += 1;
            m.* = .init(p);
            weight.* = .partsOf(product / p * inverse);
        }
        made.product = .partsOf(product);
        // The share left out is room for the quotient's rounding in reconstruct(), and for that of the norms.
        made.largest = @as(f64, @floatFromInt(product / 2)) * (1 - 0x1p-20);
        return made;
    }
};
const basis: Basis = .init();

fn ceilDiv(x: usize, y: usize) usize {
    return (x + y - 1) / y;
}

// ---- Threads

// The numbers below `count`, for threads to take some at a time.
const Work = struct {
    count: usize,
    at_once: usize,
    next: std.atomic.Value(usize) = .init(0),

    const Range = struct { first: usize, end: usize };

    fn take(work: *Work) ?Range {
        const first = work.next.fetchAdd(work.at_once, .monotonic);
        if (first >= work.count) return null;
        return .{ .first = first, .end = @min(work.count, first + work.at_once) };
    }
};

const Team = struct {
    others: []std.Thread,

    // Calls a function, whose first argument is the work, on all threads, and waits for them.
    fn do(team: Team, count: usize, at_once: usize, comptime function: anytype, arguments: anytype) !void {
        var work: Work = .{ .count = count, .at_once = at_once };
        const all = .{&work} ++ arguments;
        for (team.others) |*other| other.* = try std.Thread.spawn(.{}, function, all);
        @call(.auto, function, all);
        for (team.others) |other| other.join();
    }
};

// ---- Norms

// Inf and NaN fail both comparisons. A line of zeros is safe; one of numbers whose squares vanish is not.
fn isSafe(squares: f64, values: []const f64, count: usize, stride: usize) bool {
    if (squares >= least_squares and squares <= most_squares) return true;
    for (0..count) |k| if (values[k * stride] != 0.0) return false;
    return true;
}

const Safe = std.atomic.Value(bool);

// False goes to `safe` if a row is outside the safe range.
fn measureRows(work: *Work, a: []const f64, n: usize, of: Lines, safe: *Safe) void {
    while (work.take()) |range| for (range.first..range.end) |i| {
        const row = a[i * n ..][0..n];
        var sum = zeros;
        var squares = zeros;
        var k: usize = 0;
        while (k < n) : (k += step) {
            const x = padded(step, row[k..]);
            sum += x;
            squares = multiplyAdd(x, x, squares);
        }
        of.squares[i] = total(squares);
        of.mean[i] = total(sum) / @as(f64, @floatFromInt(n));
        if (!isSafe(of.squares[i], row, n, 1)) safe.store(false, .monotonic);
    };
}

// `step` columns at a time
fn measureColumns(work: *Work, b: []const f64, n: usize, of: Lines, safe: *Safe) void {
    while (work.take()) |range| {
        var sums = zeros;
        var squares = zeros;
        for (0..n) |k| {
            const x = padded(step, b[k * n ..][range.first..range.end]);
            sums += x;
            squares = multiplyAdd(x, x, squares);
        }
        const sum_of: [step]f64 = sums;
        const squares_of: [step]f64 = squares;
        for (range.first..range.end, 0..) |column, j| {
            of.squares[column] = squares_of[j];
            of.mean[column] = sum_of[j] / @as(f64, @floatFromInt(n));
            if (!isSafe(squares_of[j], b[column..], n, n)) safe.store(false, .monotonic);
        }
    }
}

// The first `count` values, with zeros where there are less.
inline fn padded(comptime count: usize, values: []const f64) @Vector(count, f64) {
    if (values.len >= count) return values[0..count].*;
    var edge: [count]f64 = @splat(0.0);
    @memcpy(edge[0..values.len], values);
    return edge;
}

// The sum of all values, halves first: @reduce() adds one after the other.
fn total(values: anytype) f64 {
    const count = @typeInfo(@TypeOf(values)).vector.len;
    if (count == 1) return values[0];
    return total(std.simd.extract(values, 0, count / 2) + std.simd.extract(values, count / 2, count / 2));
}

// Units for lines so that no norm, in units, is above `bound`: returns the largest. Rounding to whole units moves a
// line by at most sqrt(n) / 2 of them. Powers of two, so that scaling rounds nothing.
fn chooseUnits(of: Lines, n: usize, bound: f64) f64 {
    const moved = @sqrt(@as(f64, @floatFromInt(n))) / 2;
    var largest: f64 = 0.0;
    for (of.squares, of.up, of.down) |squares, *up, *down| {
        var exponent: i32 = 0;
        if (squares > 0.0) {
            const norm = @sqrt(squares) * (1 + 0x1p-30); // not below the true one, however it was rounded
            exponent = std.math.ilogb((bound - moved) / norm);
            largest = @max(largest, std.math.ldexp(norm, exponent) + moved);
        }
        up.* = std.math.ldexp(@as(f64, 1.0), exponent);
        down.* = std.math.ldexp(@as(f64, 1.0), -exponent);
    }
    return largest;
}

// ---- Residues

// x in units, rounded, as whole numbers; what that took away is added to `lost`. All of it exact.
inline fn roundValues(x: Values, up: Values, lost: *Values) @Vector(step, i64) {
    const scaled = x * up;
    const rounded = @round(scaled);
    lost.* += scaled - rounded;
    return @intFromFloat(rounded);
}

// A packed panel holds `tile` rows or columns, and their whole depth.
fn panelBytes(n: usize) usize {
    return ceilDiv(n, step) * step_bytes;
}

// Rows beyond the last, up to a whole tile, become zeros.
fn packA(work: *Work, a: []const f64, n: usize, rows: usize, of: Lines, to: Packed) void {
    while (work.take()) |range| for (range.first..range.end) |i| {
        const row = if (i < rows) a[i * n ..][0..n] else a[0..0];
        const up: Values = @splat(if (i < rows) of.up[i] else 0.0);
        var lost = zeros;
        var at = to.bytes[i / tile * panelBytes(n) + i % tile * step ..].ptr;
        var k: usize = 0;
        while (k < n) : (k += step) {
            const values = roundValues(padded(step, row[@min(k, row.len)..]), up, &lost);
            remainders.residues(values, .as_they_are, &basis.m, at, to.apart);
            at += step_bytes;
        }
        remainders.endStores();
        if (i < rows) of.lost[i] = total(lost) * of.down[i];
    };
}

// Columns `first` to `end` of B, half a tile at a time; in a tile instruction's order, four values of a column are
// followed by the next column's.
fn packB(work: *Work, b: []const f64, n: usize, first: usize, end: usize, of: Lines, to: Packed) void {
    while (work.take()) |range| for (range.first..range.end) |side| {
        const column = @min(end, first + side * half);
        const last = @min(end, column + half);
        const up_of = padded(half, of.up[column..last]);
        const up = rowsOf(.{ up_of, up_of, up_of, up_of });
        var lost = zeros;
        const panel = to.bytes[side / 2 * panelBytes(n) + side % 2 * tiles.half_bytes ..].ptr;
        var k: usize = 0;
        while (k < ceilDiv(n, step) * step) : (k += 4) {
            var rows: [4]@Vector(half, f64) = @splat(@splat(0.0));
            inline for (&rows, 0..) |*row, q| {
                if (k + q < n) row.* = padded(half, b[(k + q) * n ..][column..last]);
            }
            const at = panel + k / step * step_bytes + k % step / 4 * step;
            remainders.residues(roundValues(rowsOf(rows), up, &lost), .by_fours, &basis.m, at, to.apart);
        }
        remainders.endStores();
        var lost_of: @Vector(half, f64) = @splat(0.0);
        inline for (0..4) |q| lost_of += std.simd.extract(lost, q * half, half);
        const sums: [half]f64 = lost_of;
        for (of.lost[column..last], of.down[column..last], 0..) |*sum, down, j| sum.* = sums[j] * down;
    };
}

inline fn rowsOf(rows: [4]@Vector(half, f64)) Values {
    return std.simd.join(std.simd.join(rows[0], rows[1]), std.simd.join(rows[2], rows[3]));
}

// ---- Products of residues

// A unit: rows x columns of one modulus, from packed panels of A and of B; residues of the products go to c, tile by
// tile. While a chunk of A is multiplied the next one is fetched: of the same rows, or the first of the next rows.
fn unitProduct(
    t: *tiles.Tiles,
    a: [*]const i8,
    b: [*]const i8,
    c: [*]align(step) i8,
    stride: usize,
    n: usize,
    rows: usize,
    columns: usize,
    m: *const remainders.Modulus,
) void {
    const steps = ceilDiv(n, step);
    var block: usize = 0;
    while (block < steps) : (block += block_steps) {
        const end = @min(block + block_steps, steps);
        var i: usize = 0;
        while (i < rows) : (i += tile) {
            const panel = a + i / tile * panelBytes(n);
            var k = block;
            while (k < end) : (k += tiles.chunk_steps) {
                const next = if (k + tiles.chunk_steps < end) k + tiles.chunk_steps else steps + block;
                var soon = panel + next * step_bytes;
                var j: usize = 0;
                while (j < columns) : (j += tile) {
                    const b_kj = b + j / tile * panelBytes(n) + k * step_bytes;
                    const to: tiles.Target = .{
                        .bytes = @alignCast(c + i * stride + j * tile),
                        .m = m,
                        .keep = if (k > 0) -1 else 0,
                    };
                    form.tileProduct(t, panel + k * step_bytes, b_kj, @min(end - k, tiles.chunk_steps), to, soon);
                    soon += soon_bytes;
                }
            }
        }
    }
}

// The units are numbered from top to bottom, then from left to right, then by their modulus.
fn products(work: *Work, a: Packed, b: Packed, c: Residues, n: usize, rows: usize, columns: usize) void {
    const units_down = ceilDiv(rows, unit_rows);
    const units_across = ceilDiv(columns, unit_columns);
    var t: tiles.Tiles = .{};
    form.begin();
    while (work.take()) |range| for (range.first..range.end) |index| {
        const i = index % units_down * unit_rows;
        const j = index / units_down % units_across * unit_columns;
        const l = index / units_down / units_across;
        const a_i = a.bytes[l * a.apart + i / tile * panelBytes(n) ..].ptr;
        const b_j = b.bytes[l * b.apart + j / tile * panelBytes(n) ..].ptr;
        const c_ij = c.bytes[l * c.apart + i * c.stride + j * tile ..].ptr;
        const height = @min(rows - i, unit_rows);
        const width = @min(columns - j, unit_columns);
        unitProduct(&t, a_i, b_j, @alignCast(c_ij), c.stride, n, height, width, &basis.m[l]);
        form.finish(&t);
    };
    form.end();
}

// ---- Reconstruction

const lanes = 8; // values that are reconstructed side by side

// The numbers that have these residues and are nearest to 0, by the Chinese remainder theorem: the sum of weights times
// residues, less a multiple of M. In three parts, each exact: M is subtracted before anything is rounded. Then to
// doubles, with a correction: what rounding took from a row met B's columns, of which each has a mean; and so from B.
inline fn reconstruct(
    comptime count: usize,
    from: [*]const i8,
    apart: usize,
    row: Lines,
    columns: Lines,
    c: [*]f64,
) void {
    const Vector = @Vector(count, f64);
    const high_unit: Vector = @splat(1 << 2 * part_bits);
    const middle_unit: Vector = @splat(1 << part_bits);
    const product = basis.product;
    const inverse = 1.0 / (product.high + product.middle / @as(f64, 1 << part_bits));
    var high: Vector = @splat(0.0);
    var middle = high;
    var low = high;
    inline for (basis.weight, 0..) |weight, l| {
        const bytes: @Vector(count, i8) = from[l * apart ..][0..count].*;
        const residue: Vector = @floatFromInt(@as(@Vector(count, i32), bytes));
        high = multiplyAdd(residue, @as(Vector, @splat(weight.high)), high);
        middle = multiplyAdd(residue, @as(Vector, @splat(weight.middle)), middle);
        low = multiplyAdd(residue, @as(Vector, @splat(weight.low)), low);
    }
    const quotient = tiles.multiplyAddRound(high, @splat(inverse));
    high = multiplyAdd(quotient, @as(Vector, @splat(-product.high)), high) * high_unit;
    middle = multiplyAdd(quotient, @as(Vector, @splat(-product.middle)), middle) * middle_unit;
    low = multiplyAdd(quotient, @as(Vector, @splat(-product.low)), low);
    // the sum of the first two, and what rounding it leaves (Knuth's TwoSum)
    const sum = high + middle;
    const part = sum - high;
    const rest = (high - (sum - part)) + (middle - part) + low;
    const mean: Vector = columns.mean[0..count].*;
    const lost: Vector = columns.lost[0..count].*;
    const row_down: Vector = @splat(row.down[0]);
    const down: Vector = columns.down[0..count].*;
    const correction = @as(Vector, @splat(row.lost[0])) * mean + @as(Vector, @splat(row.mean[0])) * lost;
    c[0..count].* = sum * row_down * down + (rest * row_down * down + correction);
}

// Rows of tiles of a part of C, its first at (i, j). The lines of the next tile are fetched while one is made: the CPU
// finds no pattern in them.
fn reconstructTiles(
    work: *Work,
    from: Residues,
    rows: Lines,
    columns: Lines,
    c: []f64,
    n: usize,
    height: usize,
    width: usize,
) void {
    while (work.take()) |range| for (range.first..range.end) |row_of_tiles| {
        const first = row_of_tiles * tile;
        var j: usize = 0;
        while (j < width) : (j += tile) {
            const residues = from.bytes[first * from.stride + j * tile ..].ptr;
            for (0..@min(height - first, tile)) |i| {
                const row = c[(first + i) * n + j ..].ptr;
                const of = rows.from(first + i);
                var k: usize = 0;
                while (k < tile) : (k += memory_line) @prefetch(row + tile + k, .{ .rw = .write });
                k = 0;
                const count = @min(width - j, tile);
                while (k + lanes <= count) : (k += lanes) {
                    reconstruct(lanes, residues + i * tile + k, from.apart, of, columns.from(j + k), row + k);
                }
                while (k < count) : (k += 1) {
                    reconstruct(1, residues + i * tile + k, from.apart, of, columns.from(j + k), row + k);
                }
            }
        }
    };
}

// ----

// Space that is kept from one repetition to the next.
var space_lines: []align(64) f64 = &.{};
var space_a: Bytes = &.{};
var space_b: Bytes = &.{};
var space_c: Bytes = &.{};

fn reserve(space: anytype, count: usize) !@TypeOf(space.*) {
    const Value = std.meta.Elem(@TypeOf(space.*));
    if (space.len == 0) space.* = try std.heap.page_allocator.alignedAlloc(Value, .@"64", count);
    return space.*;
}

fn engineProduct(
    team: Team,
    a: []const f64,
    b: []const f64,
    c: []f64,
    n: usize,
    rows: usize,
    rows_of_a: Lines,
    columns_of_b: Lines,
) !void {
    const rows_of_c = ceilDiv(@min(rows, part_rows), tile) * tile;
    const stride = ceilDiv(@min(n, part_columns), tile) * tile;
    const apart_a = rows_of_c / tile * panelBytes(n);
    const apart_b = stride / tile * panelBytes(n);
    const apart_c = rows_of_c * stride;
    const packed_a: Packed = .{ .bytes = try reserve(&space_a, moduli.len * apart_a), .apart = apart_a };
    const packed_b: Packed = .{ .bytes = try reserve(&space_b, moduli.len * apart_b), .apart = apart_b };
    const bytes_of_c = try reserve(&space_c, moduli.len * apart_c);
    const of_c: Residues = .{ .bytes = bytes_of_c, .apart = apart_c, .stride = stride };

    var i: usize = 0;
    while (i < rows) : (i += part_rows) {
        const height = @min(rows - i, part_rows);
        const part_of_a = rows_of_a.from(i);
        try team.do(ceilDiv(height, tile) * tile, 8, packA, .{ a[i * n ..], n, height, part_of_a, packed_a });
        var j: usize = 0;
        while (j < n) : (j += part_columns) {
            const width = @min(n - j, part_columns);
            try team.do(2 * ceilDiv(width, tile), 1, packB, .{ b, n, j, j + width, columns_of_b, packed_b });
            const units = moduli.len * ceilDiv(height, unit_rows) * ceilDiv(width, unit_columns);
            try team.do(units, 1, products, .{ packed_a, packed_b, of_c, n, height, width });
            const part_of_b = columns_of_b.from(j);
            const part_of_c = c[i * n + j ..];
            const parts = .{ of_c, part_of_a, part_of_b, part_of_c };
            try team.do(ceilDiv(height, tile), 1, reconstructTiles, parts ++ .{ n, height, width });
        }
    }
}

fn multiply(a: []const f64, b: []const f64, c: []f64, n: usize, rows: usize, threads: usize) !void {
    if (space_lines.len == 0 and !form.allowed()) {
        std.process.fatal("the system does not let this process use the matrix engine", .{});
    }
    const values = try reserve(&space_lines, Lines.doubles * (rows + n));
    const rows_of_a: Lines = .in(values, rows);
    const columns_of_b: Lines = .in(values[Lines.doubles * rows ..], n);
    const team: Team = .{ .others = try std.heap.page_allocator.alloc(std.Thread, threads - 1) };
    defer std.heap.page_allocator.free(team.others);

    var safe: Safe = .init(true);
    try team.do(rows, 32, measureRows, .{ a, n, rows_of_a, &safe });
    try team.do(n, step, measureColumns, .{ b, n, columns_of_b, &safe });
    if (!safe.load(.monotonic)) return packed_rung.multiply(a, b, c, n, rows, threads);
    // By Cauchy and Schwarz |sum| <= |row| |column|; what A's largest row leaves is B's.
    const norm = chooseUnits(rows_of_a, n, @sqrt(basis.largest));
    _ = chooseUnits(columns_of_b, n, basis.largest / (if (norm > 0.0) norm else @sqrt(basis.largest)));
    try engineProduct(team, a, b, c, n, rows, rows_of_a, columns_of_b);
}

pub fn main(init: std.process.Init) !void {
    return driver.main(init, multiply);
}
