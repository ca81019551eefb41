// The system calls that the server makes, and no other; without libc. Results are as the kernel gives them: negative
// numbers are errors.
const linux = @import("std").os.linux;
const SYS = linux.SYS;

pub const again = -11; // EAGAIN
pub const interrupted = -4; // EINTR
pub const too_many = -24; // EMFILE

fn result(value: usize) isize {
    return @bitCast(value);
}

fn pointer(value: anytype) usize {
    return @intFromPtr(value);
}

fn signed(value: i32) usize {
    return @bitCast(@as(isize, value));
}

pub fn exit(status: u8) noreturn {
    _ = linux.syscall1(.exit_group, status);
    unreachable;
}

pub fn write(fd: i32, text: []const u8) void {
    _ = linux.syscall3(.write, signed(fd), pointer(text.ptr), text.len);
}

pub fn close(fd: i32) void {
    _ = linux.syscall1(.close, signed(fd));
}

// ---- files

pub const path_only = 0o10000000; // O_PATH
const directory = if (@import("builtin").cpu.arch == .aarch64) 0o40000 else 0o200000; // O_DIRECTORY
const close_on_exec = 0o2000000;
const nonblocking = 0o4000;

pub fn openFolder(path: [*:0]const u8) isize {
    return result(linux.syscall4(.openat, signed(-100), pointer(path), path_only | directory | close_on_exec, 0));
}

// A file below `folder`. The kernel refuses every way out of it: "..", absolute links, links that lead outside, and the
// magic ones of /proc. It neither blocks on a pipe nor opens a device for long: what is no plain file is closed again.
pub fn openBelow(folder: i32, path: [*:0]const u8) isize {
    const How = extern struct { flags: u64, mode: u64, resolve: u64 };
    const no_magic_links = 2;
    const beneath = 8;
    const how = How{ .flags = close_on_exec | nonblocking, .mode = 0, .resolve = beneath | no_magic_links };
    return result(linux.syscall4(.openat2, signed(folder), pointer(path), pointer(&how), @sizeOf(How)));
}

pub const Info = struct { kind: enum { other, file, folder } = .other, size: u64 = 0, changed_s: i64 = 0, changed_ns: u32 = 0 };

// What is known of an open file (path "") or of one that a path names now.
pub fn infoOf(fd: i32) ?Info {
    var buffer: [256]u8 align(8) = undefined; // struct statx
    const empty_path = 0x1000;
    const basic = 0x7ff;
    if (result(linux.syscall5(.statx, signed(fd), pointer(""), empty_path, basic, pointer(&buffer))) < 0) return null;
    const mode = @as(*const u16, @ptrCast(buffer[28..30])).*;
    return .{
        .kind = switch (mode & 0o170000) {
            0o100000 => .file,
            0o040000 => .folder,
            else => .other,
        },
        .size = @as(*const u64, @ptrCast(@alignCast(buffer[40..48]))).*,
        .changed_s = @as(*const i64, @ptrCast(@alignCast(buffer[112..120]))).*,
        .changed_ns = @as(*const u32, @ptrCast(@alignCast(buffer[120..124]))).*,
    };
}

pub fn readAt(fd: i32, to: []u8, offset: u64) isize {
    return result(linux.syscall4(.pread64, signed(fd), pointer(to.ptr), to.len, offset));
}

// ---- sockets

pub fn listen(address: u32, port: u16) isize {
    const stream_nonblocking = 1 | nonblocking | close_on_exec;
    const made = result(linux.syscall3(.socket, 2, stream_nonblocking, 0));
    if (made < 0) return made;
    const fd: i32 = @intCast(made);
    setOption(fd, 1, 2); // SO_REUSEADDR
    setOption(fd, 1, 15); // SO_REUSEPORT: each process has a queue of its own
    setOption(fd, 6, 1); // TCP_NODELAY, which accepted sockets inherit
    const name = extern struct { family: u16, port: u16, address: u32, zero: u64 };
    const where = name{ .family = 2, .port = @byteSwap(port), .address = @byteSwap(address), .zero = 0 };
    const bound = result(linux.syscall3(.bind, signed(fd), pointer(&where), 16));
    if (bound < 0) return bound;
    const listening = result(linux.syscall2(.listen, signed(fd), 4096));
    return if (listening < 0) listening else fd;
}

fn setOption(fd: i32, level: usize, name: usize) void {
    const on: i32 = 1;
    _ = linux.syscall5(.setsockopt, signed(fd), level, name, pointer(&on), 4);
}

pub fn accept(fd: i32) isize {
    return result(linux.syscall4(.accept4, signed(fd), 0, 0, nonblocking | close_on_exec));
}

pub fn receive(fd: i32, to: []u8) isize {
    return result(linux.syscall6(.recvfrom, signed(fd), pointer(to.ptr), to.len, 0, 0, 0));
}

pub fn send(fd: i32, bytes: []const u8, more: bool) isize {
    const no_signal = 0x4000;
    const flags: usize = no_signal | (if (more) @as(usize, 0x8000) else 0);
    return result(linux.syscall6(.sendto, signed(fd), pointer(bytes.ptr), bytes.len, flags, 0, 0));
}

pub fn sendFile(to: i32, from: i32, offset: *u64, count: u64) isize {
    return result(linux.syscall4(.sendfile, signed(to), signed(from), pointer(offset), count));
}

// ---- waiting

pub const readable = 1; // EPOLLIN
pub const writable = 4; // EPOLLOUT
pub const Event = if (@import("builtin").cpu.arch == .x86_64)
    extern struct { events: u32, data: u64 align(4) }
else
    extern struct { events: u32, data: u64 };

pub fn poll() isize {
    return result(linux.syscall1(.epoll_create1, close_on_exec));
}

pub const add = 1;
pub const modify = 3;

pub fn watch(poller: i32, operation: usize, fd: i32, events: u32, data: u64) isize {
    const event = Event{ .events = events, .data = data };
    return result(linux.syscall4(.epoll_ctl, signed(poller), operation, signed(fd), pointer(&event)));
}

pub fn wait(poller: i32, events: []Event, timeout_ms: i32) isize {
    return result(linux.syscall6(.epoll_pwait, signed(poller), pointer(events.ptr), events.len, signed(timeout_ms), 0, 8));
}

// ---- time, signals, processes

pub fn now(real: bool) i64 {
    const Time = extern struct { s: i64, ns: i64 };
    var time: Time = undefined;
    // the coarse clocks: a reading of the last tick is enough for dates and timeouts
    _ = linux.syscall2(.clock_gettime, if (real) 5 else 6, pointer(&time));
    return time.s;
}

pub const interrupt = 2;
pub const terminate = 15;
pub const broken_pipe = 13;
pub const child = 17;

fn setOf(signals: []const u6) u64 {
    var set: u64 = 0;
    for (signals) |signal| set |= @as(u64, 1) << (signal - 1);
    return set;
}

pub fn block(signals: []const u6) void {
    const set = setOf(signals);
    _ = linux.syscall4(.rt_sigprocmask, 0, pointer(&set), 0, 8);
}

// A descriptor that becomes readable with the first of these signals.
pub fn signalFd(signals: []const u6) isize {
    const set = setOf(signals);
    return result(linux.syscall4(.signalfd4, signed(-1), pointer(&set), 8, nonblocking | close_on_exec));
}

pub fn awaitSignal(signals: []const u6) isize {
    const set = setOf(signals);
    return result(linux.syscall4(.rt_sigtimedwait, pointer(&set), 0, 0, 8));
}

pub fn fork() isize {
    return result(linux.syscall5(.clone, child, 0, 0, 0, 0));
}

pub fn kill(pid: i32, signal: u6) void {
    _ = linux.syscall2(.kill, signed(pid), signal);
}

// Waits for any child: its process id, and how it ended.
pub fn reap(status: *u32, block_for_it: bool) isize {
    return result(linux.syscall4(.wait4, signed(-1), pointer(status), if (block_for_it) 0 else 1, 0));
}

pub fn dieWithParent() void {
    _ = linux.syscall5(.prctl, 1, terminate, 0, 0, 0);
}

pub fn processors() usize {
    var mask: [128]u8 align(8) = undefined;
    const size = result(linux.syscall3(.sched_getaffinity, 0, mask.len, pointer(&mask)));
    if (size <= 0) return 1;
    var count: usize = 0;
    for (mask[0..@intCast(size)]) |byte| count += @popCount(byte);
    return @max(1, count);
}

pub fn pin(index: usize) void {
    var mask: [128]u8 align(8) = undefined;
    const size = result(linux.syscall3(.sched_getaffinity, 0, mask.len, pointer(&mask)));
    if (size <= 0) return;
    var left = index;
    for (mask[0..@intCast(size)], 0..) |byte, i| {
        for (0..8) |bit| {
            if (byte >> @intCast(bit) & 1 == 0) continue;
            if (left == 0) {
                mask = @splat(0);
                mask[i] = @as(u8, 1) << @intCast(bit);
                _ = linux.syscall3(.sched_setaffinity, 0, mask.len, pointer(&mask));
                return;
            }
            left -= 1;
        }
    }
}

// From here on this process may make the calls that serving takes, and dies of any other.
pub fn confine() bool {
    const Rule = extern struct { code: u16, yes: u8, no: u8, value: u32 };
    const load = 0x20;
    const equals = 0x15;
    const answer = 0x06;
    const allow = 0x7fff0000;
    const kill_process = 0x80000000;
    const allowed = [_]SYS{
        .recvfrom,    .sendto,    .sendfile, .epoll_pwait, .epoll_ctl,  .accept4, .close,
        .openat2,     .statx,     .pread64,  .read,        .exit_group, .clock_gettime,
    };
    const arch = if (@import("builtin").cpu.arch == .aarch64) 0xc00000b7 else 0xc000003e;
    comptime var rules: [allowed.len * 2 + 5]Rule = undefined;
    comptime {
        rules[0] = .{ .code = load, .yes = 0, .no = 0, .value = 4 }; // the architecture: numbers mean other calls in others
        rules[1] = .{ .code = equals, .yes = 1, .no = 0, .value = arch };
        rules[2] = .{ .code = answer, .yes = 0, .no = 0, .value = kill_process };
        rules[3] = .{ .code = load, .yes = 0, .no = 0, .value = 0 };
        for (allowed, 0..) |call, i| {
            rules[4 + 2 * i] = .{ .code = equals, .yes = 0, .no = 1, .value = @intCast(@intFromEnum(call)) };
            rules[5 + 2 * i] = .{ .code = answer, .yes = 0, .no = 0, .value = allow };
        }
        rules[rules.len - 1] = .{ .code = answer, .yes = 0, .no = 0, .value = kill_process };
    }
    const fixed = rules;
    const Program = extern struct { length: u16, rules: *const anyopaque };
    const program = Program{ .length = fixed.len, .rules = &fixed };
    _ = linux.syscall5(.prctl, 38, 1, 0, 0, 0); // PR_SET_NO_NEW_PRIVS, without which a filter needs root
    return result(linux.syscall3(.seccomp, 1, 0, pointer(&program))) == 0;
}

// As many descriptors as the machine allows: each connection is one.
pub fn raiseFileLimit() void {
    const Limit = extern struct { now: u64, most: u64 };
    var limit: Limit = undefined;
    if (result(linux.syscall4(.prlimit64, 0, 7, 0, pointer(&limit))) < 0) return;
    limit.now = limit.most;
    _ = linux.syscall4(.prlimit64, 0, 7, pointer(&limit), 0);
}
