// What the engine rung and the forms of its tile product know of each other; docs/engine.md explains the scheme.
const builtin = @import("builtin");
const multiplyAdd = @import("machine.zig").multiplyAdd;
const Modulus = @import("engine_remainders.zig").Modulus;

// A tile product makes tile x tile sums. Its operands are packed: for each step of the depth, the `step` values of 16
// rows of A after each other, twice; of B four values of 16 columns after each other, 16 times, twice. That is how
// the tile instructions read them (and VPDPBUSD, which multiplies groups of four as well).
pub const tile = 32;
pub const half = 16;
pub const step = 64;
pub const step_bytes = tile * step;
pub const half_bytes = half * step;

// As many steps as keep a panel of A in L1, and a sum of at most 2^24, far within 32 bits.
pub const chunk_steps = 16;

// The whole number nearest to x * y, below 2^51: where there is an FMA, without rounding the product before. (@round()
// would go away from zero at halves, which takes longer.)
pub inline fn multiplyAddRound(x: anytype, y: @TypeOf(x)) @TypeOf(x) {
    const magic: @TypeOf(x) = @splat(0x1.8p52);
    return multiplyAdd(x, y, magic) - magic;
}

// Where a tile's sums go, its rows after each other: modulo p, as bytes, added to those that are there if `keep` is -1
// and not 0.
pub const Target = struct { bytes: [*]align(step) i8, m: *const Modulus, keep: i8 };

pub const Sums = [tile * tile]i32;

// What a thread has under way, so that the reduction of one tile may run beside the product of the next.
pub const Tiles = struct { sums: Sums align(64) = undefined, before: ?Target = null };

// A form of the tile product has these.
//   allowed()       whether the system lets this process use what the form needs; once a process
//   begin(), end()  what a thread does before its first tile and after its last
//   tileProduct(tiles, a, b, steps, to, soon)  to = the product of a panel of A and a panel of B, `steps` long; of what
//                   is needed next, two lines a step from `soon` on may be fetched meanwhile
//   finish(tiles)   makes sure that all targets hold their values
pub const form = if (builtin.cpu.has(.x86, .amx_int8))
    @import("engine_amx.zig")
else if (builtin.cpu.has(.x86, .avx512vnni))
    @import("engine_vnni.zig")
else
    @import("engine_plain.zig");
