// The tile product on the matrix engine: TDPBSSD multiplies 16 x 64 by 64 x 16 bytes and adds them to 16 x 16 sums.
const std = @import("std");
const reduceRows = @import("engine_remainders.zig").reduceRows;
const tiles = @import("engine_tiles.zig");
const half = tiles.half;
const tile = tiles.tile;

// The system saves tiles only for processes that ask for them.
pub fn allowed() bool {
    const request_permission = 0x1023;
    const tile_data = 18;
    return std.os.linux.syscall2(.arch_prctl, request_permission, tile_data) == 0;
}

const Shape = extern struct {
    palette: u8 = 1,
    start_row: u8 = 0,
    reserved: [14]u8 = @splat(0),
    row_bytes: [16]u16 = @as([8]u16, @splat(tiles.step)) ++ @as([8]u16, @splat(0)),
    rows: [16]u8 = @as([8]u8, @splat(half)) ++ @as([8]u8, @splat(0)),
};
const shape: Shape align(64) = .{};

pub fn begin() void {
    asm volatile ("ldtilecfg (%[shape])"
        :
        : [shape] "r" (&shape),
        : .{ .memory = true });
}

pub fn end() void {
    asm volatile ("tilerelease" ::: .{ .memory = true });
}

// Tiles by their numbers: the compiler knows nothing of them, and keeps volatile assembly in its order.

inline fn load(comptime number: []const u8, from: [*]const i8) void {
    asm volatile ("tileloadd (%[from], %[stride]), %%tmm" ++ number
        :
        : [from] "r" (from),
          [stride] "r" (@as(usize, tiles.step)),
        : .{ .memory = true });
}

inline fn streamLoad(comptime number: []const u8, from: [*]const i8) void {
    asm volatile ("tileloaddt1 (%[from], %[stride]), %%tmm" ++ number
        :
        : [from] "r" (from),
          [stride] "r" (@as(usize, tiles.step)),
        : .{ .memory = true });
}

inline fn store(comptime number: []const u8, to: *i32) void {
    asm volatile ("tilestored %%tmm" ++ number ++ ", (%[to], %[stride])"
        :
        : [to] "r" (to),
          [stride] "r" (@as(usize, tile * @sizeOf(i32))),
        : .{ .memory = true });
}

inline fn zero(comptime number: []const u8) void {
    asm volatile ("tilezero %%tmm" ++ number);
}

inline fn addProducts(comptime sums: []const u8, comptime a: []const u8, comptime b: []const u8) void {
    asm volatile ("tdpbssd %%tmm" ++ b ++ ", %%tmm" ++ a ++ ", %%tmm" ++ sums);
}

// Tiles 0 to 3 are the quarters of the sums; 4 and 5 hold a step of A, 6 and 7 one of B.
const quarters = [4][]const u8{ "0", "1", "2", "3" };

inline fn storeQuarter(t: *tiles.Tiles, comptime quarter: usize) void {
    store(quarters[quarter], &t.sums[quarter / 2 * half * tile + quarter % 2 * half]);
}

// At the start the sums of the tile before are still there: each is stored just before its registers are needed.
inline fn stepOf(
    t: *tiles.Tiles,
    at: usize,
    comptime quarter: usize,
    comptime a: []const u8,
    comptime b: []const u8,
) void {
    if (at == 0) {
        if (t.before != null) storeQuarter(t, quarter);
        zero(quarters[quarter]);
    }
    addProducts(quarters[quarter], a, b);
}

// The vector unit has time for two rows of the tile before in each step but the first.
pub fn tileProduct(
    t: *tiles.Tiles,
    a: [*]const i8,
    b: [*]const i8,
    steps: usize,
    to: tiles.Target,
    soon: [*]const i8,
) void {
    const before = t.before;
    var reduced: usize = 0;
    for (0..steps) |at| {
        const a_k = a + at * tiles.step_bytes;
        const b_k = b + at * tiles.step_bytes;
        inline for (0..2) |line| @prefetch(soon + (2 * at + line) * tiles.step, .{ .locality = 2 });
        load("4", a_k);
        streamLoad("6", b_k);
        load("5", a_k + tiles.half_bytes);
        streamLoad("7", b_k + tiles.half_bytes);
        stepOf(t, at, 0, "4", "6");
        stepOf(t, at, 2, "5", "6");
        stepOf(t, at, 1, "4", "7");
        stepOf(t, at, 3, "5", "7");
        if (at > 0 and reduced < tile) if (before) |target| {
            reduceRows(&t.sums, target, reduced, reduced + 2);
            reduced += 2;
        };
    }
    if (before) |target| reduceRows(&t.sums, target, reduced, tile);
    t.before = to;
}

pub fn finish(t: *tiles.Tiles) void {
    const before = t.before orelse return;
    inline for (0..quarters.len) |quarter| storeQuarter(t, quarter);
    reduceRows(&t.sums, before, 0, tile);
    t.before = null;
}
