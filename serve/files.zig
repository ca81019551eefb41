// The files that were asked for lately, open, with their headers ready; looked at again once a second, since a folder
// may change while it is served.
const http = @import("http.zig");
const sys = @import("sys.zig");

pub const max_entries = 48;
const max_name = 120;
// What is as small as this is kept in memory, and leaves in one call with its header.
const max_body = 2048;

pub const File = struct {
    name: [max_name]u8 = @splat(0),
    name_length: u8 = 0,
    live: bool = false,
    fd: i32 = 0,
    users: u16 = 0,
    // no longer what its name stands for: closed when its last user has it
    stale: bool = false,
    gzip: bool = false,
    looked_at: i64 = 0,
    used_at: u32 = 0,
    info: sys.Info = .{},
    etag: [40]u8 = @splat(0),
    etag_length: u8 = 0,
    body: [max_body]u8 = @splat(0),
    in_memory: bool = false,

    pub fn tag(self: *const File) []const u8 {
        return self.etag[0..self.etag_length];
    }

    pub fn path(self: *const File) []const u8 {
        return self.name[0..self.name_length];
    }
};

var entries: [max_entries]File = @splat(.{});
var clock: u32 = 0;

pub const Found = union(enum) { file: *File, folder, missing, busy };

// The file of a path below `folder`, its .gz beside it if there is one and it is wanted.
pub fn find(folder: i32, path: [:0]const u8, gzip: bool, now: i64) Found {
    clock +%= 1;
    if (path.len + 4 <= max_name) for (&entries) |*entry| {
        if (!entry.live or entry.stale or entry.gzip != gzip or entry.looked_at != now) continue;
        if (!http.equal(entry.path(), path)) continue;
        entry.used_at = clock;
        return .{ .file = entry };
    };
    var compressed: [http.max_target + 32]u8 = undefined;
    @memcpy(compressed[0..path.len], path);
    @memcpy(compressed[path.len..][0..4], ".gz\x00");
    const other = compressed[0 .. path.len + 3 :0];
    // what is there compressed only is sent so to everyone: an image holds nothing twice
    const first = if (gzip) open(folder, other, path, true, now) else open(folder, path, path, false, now);
    if (first != .missing) return first;
    return if (gzip) open(folder, path, path, false, now) else open(folder, other, path, true, now);
}

fn open(folder: i32, path: [:0]const u8, name: []const u8, gzip: bool, now: i64) Found {
    const opened = sys.openBelow(folder, path);
    if (opened < 0) return .missing;
    const fd: i32 = @intCast(opened);
    const info = sys.infoOf(fd) orelse {
        sys.close(fd);
        return .missing;
    };
    if (info.kind != .file) {
        sys.close(fd);
        return if (info.kind == .folder) .folder else .missing;
    }
    for (&entries) |*entry| {
        if (!entry.live or entry.stale or entry.gzip != gzip or !http.equal(entry.path(), name)) continue;
        if (entry.info.size == info.size and entry.info.changed_s == info.changed_s and entry.info.changed_ns == info.changed_ns) {
            sys.close(fd);
            entry.looked_at = now;
            entry.used_at = clock;
            return .{ .file = entry };
        }
        entry.stale = true;
        release(entry);
    }
    const entry = free() orelse {
        sys.close(fd);
        return .busy;
    };
    entry.* = .{ .live = true, .fd = fd, .gzip = gzip, .looked_at = now, .used_at = clock, .info = info };
    if (name.len <= max_name) {
        @memcpy(entry.name[0..name.len], name);
        entry.name_length = @intCast(name.len);
    } else entry.stale = true; // served, and not found again
    var tag = Text{ .to = &entry.etag };
    tag.add("\"");
    tag.hex(@bitCast(info.changed_s));
    tag.hex(info.changed_ns);
    tag.hex(info.size);
    tag.add(if (gzip) "z\"" else "\"");
    entry.etag_length = @intCast(tag.length);
    entry.in_memory = info.size <= max_body and sys.readAt(fd, entry.body[0..@intCast(info.size)], 0) == info.size;
    return .{ .file = entry };
}

// An entry to be filled: an unused one, or else that which was not used for longest and has no user now.
fn free() ?*File {
    var oldest: ?*File = null;
    for (&entries) |*entry| {
        if (!entry.live) return entry;
        if (entry.users == 0 and (oldest == null or clock -% entry.used_at > clock -% oldest.?.used_at)) oldest = entry;
    }
    if (oldest) |entry| sys.close(entry.fd);
    return oldest;
}

pub fn hold(file: *File) void {
    file.users += 1;
}

pub fn drop(file: *File) void {
    file.users -= 1;
    release(file);
}

fn release(file: *File) void {
    if (!file.stale or file.users > 0 or !file.live) return;
    sys.close(file.fd);
    file.live = false;
}

// Text put together in a buffer that is known to be large enough.
pub const Text = struct {
    to: []u8,
    length: usize = 0,

    pub fn add(self: *Text, text: []const u8) void {
        @memcpy(self.to[self.length..][0..text.len], text);
        self.length += text.len;
    }

    pub fn number(self: *Text, value: u64) void {
        var digits: [20]u8 = undefined;
        var at: usize = digits.len;
        var left = value;
        while (true) {
            at -= 1;
            digits[at] = '0' + @as(u8, @intCast(left % 10));
            left /= 10;
            if (left == 0) break;
        }
        self.add(digits[at..]);
    }

    pub fn two(self: *Text, value: u64) void {
        self.add(&.{ '0' + @as(u8, @intCast(value / 10 % 10)), '0' + @as(u8, @intCast(value % 10)) });
    }

    fn hex(self: *Text, value: u64) void {
        var left = value;
        while (true) {
            self.add(&.{"0123456789abcdef"[@intCast(left & 15)]});
            left >>= 4;
            if (left == 0) break;
        }
    }

    // A time as "Sun, 06 Nov 1994 08:49:37 GMT". Days to a date: Hinnant, chrono-compatible low-level date algorithms.
    pub fn date(self: *Text, seconds: i64) void {
        const s: u64 = @intCast(@max(0, seconds));
        const days = s / 86400;
        const z = days + 719468;
        const era = z / 146097;
        const doe = z - era * 146097;
        const yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
        const doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        const mp = (5 * doy + 2) / 153;
        const month: usize = @intCast(if (mp < 10) mp + 2 else mp - 10); // from 0
        self.add("ThuFriSatSunMonTueWed"[@intCast(days % 7 * 3)..][0..3]);
        self.add(", ");
        self.two(doy - (153 * mp + 2) / 5 + 1);
        self.add(" ");
        self.add("JanFebMarAprMayJunJulAugSepOctNovDec"[month * 3 ..][0..3]);
        self.add(" ");
        self.number(yoe + era * 400 + @intFromBool(month < 2));
        self.add(" ");
        self.two(s / 3600 % 24);
        self.add(":");
        self.two(s / 60 % 60);
        self.add(":");
        self.two(s % 60);
        self.add(" GMT");
    }
};
