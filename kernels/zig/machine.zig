// What the fast rungs ask of the machine: vectors of the CPU, the sizes of its caches, threads for halves of the work.
const std = @import("std");
const builtin = @import("builtin");

// The widest vector of the CPU. (std.simd.suggestVectorLength suggests half of it for some CPUs with AVX-512.)
pub const lanes = if (builtin.cpu.has(.x86, .avx512f)) 8 else if (builtin.cpu.has(.x86, .avx)) 4 else 2;
pub const Vector = @Vector(lanes, f64);

// The rows and vectors of C that the registers hold as sums, beside some values of A and B. There are 32 registers,
// or 16 on x86 without AVX-512.
const many = lanes == 8 or builtin.cpu.arch != .x86_64;
pub const tile_rows = if (many) 8 else 4;
pub const tile_vectors = if (many or lanes == 4) 3 else 2;
pub const Tile = [tile_rows][tile_vectors]Vector;

// a * b + sum, rounded once where the CPU has an instruction for that; @mulAdd would call a slow function elsewhere.
pub inline fn multiplyAdd(a: anytype, b: @TypeOf(a), sum: @TypeOf(a)) @TypeOf(a) {
    const fused = builtin.cpu.has(.x86, .fma) or builtin.cpu.arch == .aarch64;
    return if (fused) @mulAdd(@TypeOf(a), a, b, sum) else a * b + sum;
}

const io = std.Io.Threaded.global_single_threaded.io();

// What one of `threads` threads has of the data cache of a level, in bytes: its size by those of our threads that share
// it; `default` where the system does not tell.
pub fn cacheBytes(level: u8, threads: usize, default: usize) usize {
    var text: [4096]u8 = undefined;
    const status = std.Io.Dir.cwd().readFile(io, "/proc/self/status", &text) catch return default;
    const key = "Cpus_allowed_list:";
    const at = std.mem.indexOf(u8, status, key) orelse return default;
    const line = status[at + key.len ..];
    const ours = processors(line[0 .. std.mem.indexOfScalar(u8, line, '\n') orelse line.len]);
    const cpu = ours.findFirstSet() orelse return default;
    for (0..8) |index| {
        var buffer: [256]u8 = undefined;
        const of_level = cacheFile(cpu, index, "level", &buffer) catch continue;
        if (!std.mem.eql(u8, of_level, &.{'0' + level})) continue;
        const kind = cacheFile(cpu, index, "type", &buffer) catch continue;
        if (std.mem.eql(u8, kind, "Instruction")) continue;
        const size = cacheFile(cpu, index, "size", &buffer) catch continue;
        const kib = std.fmt.parseInt(usize, std.mem.trimEnd(u8, size, "K"), 10) catch continue;
        const sharing = processors(cacheFile(cpu, index, "shared_cpu_list", &buffer) catch "").intersectWith(ours);
        return kib * 1024 / std.math.clamp(sharing.count(), 1, threads);
    }
    return default;
}

const Processors = std.StaticBitSet(4096);

// The numbers in a list such as "0-3,8-11".
fn processors(list: []const u8) Processors {
    var found: Processors = .empty;
    var ranges = std.mem.splitScalar(u8, list, ',');
    while (ranges.next()) |range| {
        var ends = std.mem.splitScalar(u8, std.mem.trim(u8, range, "\t\n "), '-');
        const first = std.fmt.parseInt(usize, ends.first(), 10) catch continue;
        const last = std.fmt.parseInt(usize, ends.next() orelse ends.first(), 10) catch continue;
        if (first <= last and last < Processors.bit_length) found.setRangeValue(.{ .start = first, .end = last + 1 }, true);
    }
    return found;
}

fn cacheFile(cpu: usize, index: usize, name: []const u8, buffer: []u8) ![]const u8 {
    var path: [96]u8 = undefined;
    const file = try std.fmt.bufPrint(&path, "/sys/devices/system/cpu/cpu{d}/cache/index{d}/{s}", .{ cpu, index, name });
    return std.mem.trim(u8, try std.Io.Dir.cwd().readFile(io, file, buffer), "\n ");
}

// A place at which threads wait until all of them are there.
pub const Barrier = struct {
    threads: u32,
    arrived: std.atomic.Value(u32) = .init(0),
    meetings: std.atomic.Value(u32) = .init(0),

    pub fn wait(barrier: *Barrier) void {
        const meeting = barrier.meetings.load(.acquire);
        if (barrier.arrived.fetchAdd(1, .acq_rel) + 1 == barrier.threads) {
            barrier.arrived.store(0, .monotonic);
            _ = barrier.meetings.fetchAdd(1, .release);
            io.futexWake(u32, &barrier.meetings.raw, barrier.threads);
        } else while (barrier.meetings.load(.acquire) == meeting) {
            io.futexWaitUncancelable(u32, &barrier.meetings.raw, meeting);
        }
    }
};

// Threads that may still be started; the one that calls is not counted.
var free_threads = std.atomic.Value(usize).init(0);

pub fn allowThreads(threads: usize) void {
    free_threads.store(threads - 1, .monotonic);
}

// Runs two calls of a function, at the same time if a thread is free. The one that ends first sets a thread free,
// be it the new one or this one, which then only waits: so never do more compute than may.
pub fn both(comptime function: anytype, first: std.meta.ArgsTuple(@TypeOf(function)), second: @TypeOf(first)) void {
    const Half = struct {
        fn run(arguments: @TypeOf(first), one_ended: *std.atomic.Value(bool)) void {
            @call(.auto, function, arguments);
            if (!one_ended.swap(true, .acq_rel)) _ = free_threads.fetchAdd(1, .monotonic);
        }
    };
    var one_ended = std.atomic.Value(bool).init(false);
    if (takeThread()) {
        if (std.Thread.spawn(.{}, Half.run, .{ first, &one_ended })) |thread| {
            Half.run(second, &one_ended);
            return thread.join();
        } else |_| {
            // The system has no thread left: this one does both.
            _ = free_threads.fetchAdd(1, .monotonic);
        }
    }
    @call(.auto, function, first);
    @call(.auto, function, second);
}

fn takeThread() bool {
    var free = free_threads.load(.monotonic);
    while (free > 0) {
        free = free_threads.cmpxchgWeak(free, free - 1, .monotonic, .monotonic) orelse return true;
    }
    return false;
}
