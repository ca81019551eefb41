
// Prints the rate of the micro-kernel on packed panels that stay in the caches, in GFLOPS: the best of many chunks.
pub fn main(init: std.process.Init) !void {
    const kc = 256;
    const panels = 32;
    const passes = 16;
    const chunks = 100;
    const allocator = std.heap.page_allocator;
    const a: Lines = try allocator.alignedAlloc(f64, .@"64", panels * mr * kc);
    const b: Lines = try allocator.alignedAlloc(f64, .@"64", kc * nr);
    const c: Lines = try allocator.alignedAlloc(f64, .@"64", panels * mr * nr);
    @memset(a, 0.5);
    @memset(b, 0.25);
    var best: f64 = 0.0;
    for (0..chunks) |_| {
        const start = std.Io.Clock.awake.now(init.io);
        // A second step in k adds to C.
        for (0..passes) |pass| {
            macroKernel(a, b, c, nr, panels * mr, .{ .k = pass, .kc = kc, .j = 0, .nc = nr });
        }
        const elapsed: f64 = @floatFromInt(start.durationTo(std.Io.Clock.awake.now(init.io)).nanoseconds);
        best = @max(best, 2.0 * passes * panels * mr * nr * kc / elapsed);
    }
    for (c) |sum| if (sum != 0.125 * kc * passes) std.process.exit(1);
    var buffer: [64]u8 = undefined;
    var stdout = std.Io.File.stdout().writer(init.io, &buffer);
    try stdout.interface.print("{d}\n", .{best});
    try stdout.interface.flush();
}
