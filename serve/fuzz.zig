// fuzz COUNT SEED: requests of every kind of wrongness for the parser, in a build that checks every bound. Ends with a
// line that says how many were parsed, or dies at the first that breaks a rule.
const std = @import("std");
const http = @import("http.zig");

const seeds = [_][]const u8{
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "HEAD /a%20b/../c?q=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAccept-Encoding: br, gzip;q=0.5\r\n\r\n",
    "GET /%2e%2e/%2E%2e%2fetc/passwd HTTP/1.0\r\nConnection: keep-alive\r\nRange: bytes=0-9\r\n\r\n",
    "GET /x HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"abc\", W/\"d\"\r\nIf-Range: \"abc\"\r\nRange: bytes=-5\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
    "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
};
const pieces = [_][]const u8{
    "\r\n", "\r", "\n", "\x00", " ", ":", "%", "%00", "%2f", "..", "/../", "//", "?", "#", "\xff", "HTTP/1.1", "HTTP/9",
    "Host: b\r\n", "Range: bytes=18446744073709551615-\r\n", "bytes=", "-", "999999999999999999", "gzip;q=0", ",", ";q=0.0",
    "Content-Length: 0\r\n", "GET ", "\r\n\r\n", &@as([300]u8, @splat('A')),
};

pub fn main(init: std.process.Init) !void {
    const args = try init.minimal.args.toSlice(init.arena.allocator());
    if (args.len != 3) std.process.fatal("usage: fuzz COUNT SEED", .{});
    const count = try std.fmt.parseInt(usize, args[1], 10);
    var prng = std.Random.DefaultPrng.init(try std.fmt.parseInt(u64, args[2], 10));
    const chance = prng.random();
    var buffer: [http.max_request]u8 = undefined;
    var kinds: [3]usize = @splat(0);
    for (seeds) |seed| try cutEverywhere(seed);
    for (0..count) |_| {
        const input = make(chance, &buffer);
        // bytes of its own, so that reading beyond them is seen
        const own = buffer[0..input];
        switch (http.parse(own)) {
            .more => kinds[0] += 1,
            .refused => |status| {
                if (status < 400 or status > 505) std.process.fatal("status {d}", .{status});
                kinds[1] += 1;
            },
            .request => |request| {
                kinds[2] += 1;
                if (request.length > own.len or request.length < 18) std.process.fatal("length", .{});
                if (!inside(own, request.target) or request.target[0] != '/') std.process.fatal("target", .{});
                if (!inside(own, request.if_none_match) or !inside(own, request.if_range)) std.process.fatal("value", .{});
                var to: [http.max_target + 16]u8 = undefined;
                if (http.pathOf(request.target, &to)) |path| {
                    if (path.len == 0 or http.indexOf(path, 0) != null) std.process.fatal("path", .{});
                }
                if (request.range) |range| for ([_]u64{ 0, 1, 7, 1 << 40 }) |size| {
                    if (http.part(range, size)) |part| {
                        if (part.count == 0 or part.first + part.count > size) std.process.fatal("range", .{});
                    }
                };
            },
        }
    }
    var line: [200]u8 = undefined;
    var stdout = std.Io.File.stdout().writerStreaming(init.io, &line);
    try stdout.interface.print("{d} inputs: {d} incomplete, {d} refused, {d} requests\n", .{ count, kinds[0], kinds[1], kinds[2] });
    try stdout.interface.flush();
}

// Every beginning of a request that is right is the beginning of one, and nothing else.
fn cutEverywhere(seed: []const u8) !void {
    const whole = switch (http.parse(seed)) {
        .request => |request| request.length,
        else => return,
    };
    for (0..whole) |end| if (http.parse(seed[0..end]) != .more) std.process.fatal("cut at {d}: {s}", .{ end, seed });
}

fn inside(input: []const u8, part: []const u8) bool {
    if (part.len == 0) return true;
    const start = @intFromPtr(part.ptr) -% @intFromPtr(input.ptr);
    return start < input.len and start + part.len <= input.len;
}

fn make(chance: std.Random, buffer: *[http.max_request]u8) usize {
    const seed = seeds[chance.uintLessThan(usize, seeds.len)];
    @memcpy(buffer[0..seed.len], seed);
    var length = seed.len;
    for (0..chance.uintLessThan(usize, 5)) |_| {
        const at = chance.uintAtMost(usize, length);
        switch (chance.uintLessThan(u8, 5)) {
            0 => length = at,
            1 => if (at < length) {
                buffer[at] = chance.int(u8);
            },
            2 => {
                const piece = pieces[chance.uintLessThan(usize, pieces.len)];
                if (length + piece.len > buffer.len) continue;
                @memmove(buffer[at + piece.len .. length + piece.len], buffer[at..length]);
                @memcpy(buffer[at..][0..piece.len], piece);
                length += piece.len;
            },
            3 => {
                const end = @min(length, at + chance.uintLessThan(usize, 12));
                @memmove(buffer[at .. length - (end - at)], buffer[end..length]);
                length -= end - at;
            },
            else => {
                const copied = @min(length - at, buffer.len - length);
                @memcpy(buffer[length..][0..copied], buffer[at..][0..copied]);
                length += copied;
            },
        }
    }
    return length;
}
