// Started as: program A B C n rows threads reps. Reads A and B, times multiply `reps` times, writes C.
const std = @import("std");
const Io = std.Io;

// Says the reason and ends the program. The default prints the stack, too, for which a reader of debug information would be
// compiled into each kernel: that takes longer than the kernel itself.
pub const panic = std.debug.simple_panic;

// multiply(a, b, c, n, rows, threads): c[rows x n] = a[rows x n] . b[n x n], all row-major.
// c may hold anything on entry. No more than `threads` threads may compute.
pub fn main(init: std.process.Init, comptime multiply: anytype) !void {
    const io = init.io;
    const args = try init.minimal.args.toSlice(init.arena.allocator());
    if (args.len != 8) std.process.fatal("usage: A B C n rows threads reps", .{});
    const n = number("n", args[4]);
    const rows = number("rows", args[5]);
    const threads = number("threads", args[6]);
    const reps = number("reps", args[7]);
    if (rows > n) std.process.fatal("rows: more than n", .{});

    const a = try init.gpa.alloc(f64, rows * n);
    const b = try init.gpa.alloc(f64, n * n);
    const c = try init.gpa.alloc(f64, rows * n);
    defer for ([_][]f64{ a, b, c }) |matrix| init.gpa.free(matrix);
    load(io, args[1], a) catch |err| std.process.fatal("{s}: {t}", .{ args[1], err });
    load(io, args[2], b) catch |err| std.process.fatal("{s}: {t}", .{ args[2], err });

    var buffer: [4096]u8 = undefined;
    var stdout = Io.File.stdout().writer(io, &buffer);
    for (0..reps) |_| {
        const start = Io.Clock.awake.now(io);
        try multiply(a, b, c, n, rows, threads);
        const elapsed = start.durationTo(Io.Clock.awake.now(io)).nanoseconds;
        try stdout.interface.print("{d}\n", .{@max(1, elapsed)});
    }
    try stdout.interface.flush();
    save(io, args[3], c) catch |err| std.process.fatal("{s}: {t}", .{ args[3], err });
}

// Numbers up to 2^30 only, so that the sizes in bytes fit in a usize.
fn number(name: []const u8, text: []const u8) usize {
    const value = std.fmt.parseInt(usize, text, 10) catch 0;
    if (value < 1 or value > 1 << 30) std.process.fatal("{s}: not a whole number from 1 to 2^30", .{name});
    return value;
}

// Fills `values` from the start of the file, which may be longer.
fn load(io: Io, path: []const u8, values: []f64) !void {
    const file = try Io.Dir.cwd().openFile(io, path, .{});
    defer file.close(io);
    var buffer: [4096]u8 = undefined;
    var reader = file.reader(io, &buffer);
    try reader.interface.readSliceEndian(u64, @ptrCast(values), .little);
}

fn save(io: Io, path: []const u8, values: []const f64) !void {
    const file = try Io.Dir.cwd().createFile(io, path, .{});
    defer file.close(io);
    var buffer: [4096]u8 = undefined;
    var writer = file.writer(io, &buffer);
    try writer.interface.writeSliceEndian(u64, @ptrCast(values), .little);
    try writer.interface.flush();
}
