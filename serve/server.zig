// server FOLDER ADDRESS:PORT: serves one folder, read-only, over HTTP/1.1; a process a processor, each with its own queue
// of connections, its own epoll and all its memory fixed at the start. No libc: system calls only.
const builtin = @import("builtin");
const files = @import("files.zig");
const http = @import("http.zig");
const sys = @import("sys.zig");
const Text = files.Text;

const max_connections = 1024; // a process
const idle_s = 30; // a connection on which nothing is asked
const request_s = 10; // a request, from its first byte to its last
const stalled_s = 30; // a response of which the client takes nothing
const stopping_s = 5; // what a stop leaves to responses that have begun
const piece = 1 << 20;
const burst = 8; // pieces of a file sent to one client before another has its turn

const Connection = struct {
    live: bool = false,
    fd: i32 = 0,
    used: u16 = 0, // bytes in its part of `partial`
    closing: bool = false, // after what is being sent
    waiting: bool = false, // for room to send
    deadline: i64 = 0,
    file: ?*files.File = null,
    offset: u64 = 0,
    left: u64 = 0,
    unsent_at: u16 = 0, // what its part of `unsent` still holds: from here
    unsent_end: u16 = 0, // to here
};

var connections: [max_connections]Connection = @splat(.{});
// Requests that came in pieces. In .bss: a page of it takes memory only when it is written to.
var partial: [max_connections][http.max_request]u8 = undefined;
var received: [http.max_request]u8 = undefined;
var out: [4096]u8 = undefined;
// Headers that found no room on their way to a client. In .bss as well.
var unsent: [max_connections][out.len]u8 = undefined;
var open_connections: usize = 0;

var folder: i32 = -1;
var poller: i32 = -1;
var listener: i32 = -1;
var time_s: i64 = 0;
var stopping = false;
var date_text: [40]u8 = undefined;
var date_length: usize = 0;
var date_at: i64 = -1;

// With these headers a browser lets the page's workers share memory, and so use all cores.
const isolated = "Cross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Embedder-Policy: require-corp\r\n";

const listener_mark = max_connections;
const signal_mark = max_connections + 1;

pub export fn _start() callconv(.naked) noreturn {
    switch (builtin.cpu.arch) {
        .x86_64 => asm volatile (
            \\ xorl %%ebp, %%ebp
            \\ movq %%rsp, %%rdi
            \\ andq $-16, %%rsp
            \\ callq %[begin:P]
            :
            : [begin] "X" (&begin),
        ),
        .aarch64 => asm volatile (
            \\ mov x29, #0
            \\ mov x0, sp
            \\ and sp, x0, #-16
            \\ b %[begin]
            :
            : [begin] "X" (&begin),
        ),
        else => @compileError("x86-64 and AArch64 only"),
    }
}

fn begin(stack: [*]const usize) callconv(.c) noreturn {
    if (stack[0] != 3) fail("usage: server FOLDER ADDRESS:PORT, such as: server reports/latest 127.0.0.1:8080\n");
    const path: [*:0]const u8 = @ptrFromInt(stack[2]);
    const where: [*:0]const u8 = @ptrFromInt(stack[3]);
    const address, const port = addressOf(where) orelse fail("ADDRESS:PORT: expected such as 127.0.0.1:8080\n");

    const opened = sys.openFolder(path);
    if (opened < 0) fail("FOLDER: no such folder, or it cannot be read\n");
    folder = @intCast(opened);
    sys.raiseFileLimit();
    // a client that goes away while sendfile sends to it would end the process: it is to be an error like any other
    sys.block(&.{ sys.interrupt, sys.terminate, sys.child, sys.broken_pipe });

    var pids: [64]i32 = undefined;
    const workers = @min(sys.processors(), pids.len);
    // the first one binds before any other is there, so that a port that is taken is one message
    listener = listenAt(address, port);
    for (0..workers) |i| {
        const pid = sys.fork();
        if (pid < 0) fail("fork: no more processes\n");
        if (pid == 0) {
            sys.dieWithParent();
            sys.pin(i);
            if (i > 0) {
                sys.close(listener);
                listener = listenAt(address, port);
            }
            serve();
        }
        pids[i] = @intCast(pid);
    }
    sys.close(listener);
    watchOver(pids[0..workers]);
}

// The first process serves nothing: it hands a stop on, and ends when all have, or with them if one dies.
fn watchOver(pids: []const i32) noreturn {
    var left = pids.len;
    var status: u8 = 0;
    while (left > 0) {
        const signal = sys.awaitSignal(&.{ sys.interrupt, sys.terminate, sys.child });
        if (signal == sys.interrupt or signal == sys.terminate) stopAll(pids);
        var how: u32 = 0;
        while (sys.reap(&how, false) > 0) {
            left -= 1;
            if (how != 0) {
                status = 1;
                stopAll(pids);
            }
        }
    }
    sys.exit(status);
}

fn stopAll(pids: []const i32) void {
    for (pids) |pid| sys.kill(pid, sys.terminate);
}

fn listenAt(address: u32, port: u16) i32 {
    const made = sys.listen(address, port);
    if (made < 0) fail("ADDRESS:PORT: taken, or not an address of this machine\n");
    return @intCast(made);
}

fn fail(text: []const u8) noreturn {
    sys.write(2, text);
    sys.exit(2);
}

fn addressOf(text: [*:0]const u8) ?struct { u32, u16 } {
    var parts: [5]u32 = @splat(0);
    var part: usize = 0;
    var digits: usize = 0;
    var at: usize = 0;
    while (text[at] != 0) : (at += 1) {
        switch (text[at]) {
            '0'...'9' => {
                digits += 1;
                if (digits > 5) return null;
                parts[part] = parts[part] * 10 + (text[at] - '0');
            },
            '.', ':' => {
                if (digits == 0 or (text[at] == ':') != (part == 3)) return null;
                part += 1;
                digits = 0;
                if (part > 4) return null;
            },
            else => return null,
        }
    }
    if (part != 4 or digits == 0 or parts[4] > 65535) return null;
    var address: u32 = 0;
    for (parts[0..4]) |byte| {
        if (byte > 255) return null;
        address = address << 8 | byte;
    }
    return .{ address, @intCast(parts[4]) };
}

// ---- one process

fn serve() noreturn {
    poller = @intCast(@max(0, sys.poll()));
    const signals = sys.signalFd(&.{ sys.interrupt, sys.terminate });
    if (signals < 0 or sys.watch(poller, sys.add, listener, sys.readable, listener_mark) < 0 or
        sys.watch(poller, sys.add, @intCast(signals), sys.readable, signal_mark) < 0) sys.exit(1);
    if (!sys.confine()) sys.write(2, "server: this kernel has no filter of system calls; going on without\n");

    var events: [64]sys.Event = undefined;
    var stop_at: i64 = 0;
    var swept_at: i64 = 0;
    while (true) {
        const count = sys.wait(poller, &events, 1000);
        time_s = sys.now(false);
        for (events[0..@intCast(@max(0, count))]) |event| switch (event.data) {
            listener_mark => acceptAll(),
            signal_mark => if (!stopping) {
                stopping = true;
                stop_at = time_s + stopping_s;
                sys.close(listener);
                for (&connections) |*one| if (one.live and !one.waiting) end(one);
            },
            else => if (event.data < max_connections) go(&connections[@intCast(event.data)]),
        };
        if (time_s != swept_at) {
            swept_at = time_s;
            for (&connections) |*one| if (one.live and one.deadline < time_s) end(one);
        }
        if (stopping and (open_connections == 0 or time_s >= stop_at)) sys.exit(0);
    }
}

fn acceptAll() void {
    for (0..64) |_| {
        var accepted = sys.accept(listener);
        if (accepted == sys.too_many and open_connections > 0) {
            _ = freePlace(true);
            accepted = sys.accept(listener);
        }
        if (accepted < 0) return;
        const fd: i32 = @intCast(accepted);
        const place = freePlace(false);
        connections[place] = .{ .live = true, .fd = fd, .deadline = time_s + idle_s };
        open_connections += 1;
        if (sys.watch(poller, sys.add, fd, sys.readable, place) < 0) end(&connections[place]);
    }
}

// A place for one more connection; with all taken, that of the one that ends soonest, which has waited longest.
fn freePlace(by_force: bool) usize {
    var soonest: ?usize = null;
    for (&connections, 0..) |*one, i| {
        if (!one.live) {
            if (!by_force) return i;
        } else if (soonest == null or one.deadline < connections[soonest.?].deadline) soonest = i;
    }
    end(&connections[soonest.?]);
    return soonest.?;
}

fn end(connection: *Connection) void {
    if (connection.file) |file| files.drop(file);
    sys.close(connection.fd);
    connection.* = .{};
    open_connections -= 1;
}

fn indexOf(connection: *const Connection) usize {
    return (@intFromPtr(connection) - @intFromPtr(&connections)) / @sizeOf(Connection);
}

fn bufferOf(connection: *const Connection) *[http.max_request]u8 {
    return &partial[indexOf(connection)];
}

// What can be done for a connection that something happened to.
fn go(connection: *Connection) void {
    if (!connection.live) return; // ended by an event before this one
    if (connection.waiting and !sendRest(connection)) return;
    if (!connection.live) return;
    const kept = connection.used;
    const buffer: []u8 = if (kept > 0) bufferOf(connection) else &received;
    const count = sys.receive(connection.fd, buffer[kept..]);
    if (count == sys.again or count == sys.interrupted) {
        // after a response that had to wait: requests may have come behind it
        if (kept > 0) answerAll(connection, buffer[0..kept], 0);
        return;
    }
    if (count <= 0) return end(connection);
    answerAll(connection, buffer[0 .. kept + @as(usize, @intCast(count))], kept);
}

// Answers every whole request in the bytes, and keeps the rest for later.
fn answerAll(connection: *Connection, bytes: []u8, already: usize) void {
    var at: usize = 0;
    while (at < bytes.len) {
        if (connection.waiting) break;
        switch (http.parse(bytes[at..])) {
            .more => break,
            .refused => |status| {
                connection.closing = true;
                refuse(connection, status);
                return;
            },
            .request => |request| {
                at += request.length;
                connection.closing = !request.keep_alive or stopping;
                connection.deadline = time_s + idle_s;
                answer(connection, &request);
                if (!connection.live) return;
            },
        }
    }
    const rest = bytes[at..];
    // a request has ten seconds from its first byte on, however slowly its bytes come
    if (rest.len > 0 and (at > 0 or already == 0)) connection.deadline = time_s + request_s;
    const kept = bufferOf(connection);
    if (rest.ptr != kept) @memmove(kept[0..rest.len], rest);
    connection.used = @intCast(rest.len);
}

fn answer(connection: *Connection, request: *const http.Request) void {
    var path_buffer: [http.max_target + 16]u8 = undefined;
    const path = http.pathOf(request.target, &path_buffer) orelse return refuse(connection, 400);
    const gzip = request.gzip and request.range == null;
    const file = switch (files.find(folder, path, gzip, time_s)) {
        .file => |file| file,
        .folder => return redirect(connection, request),
        .missing => return refuseTo(connection, request, 404),
        .busy => return refuseTo(connection, request, 503),
    };
    const tag = file.tag();
    var text = Text{ .to = &out };
    const fresh = request.if_none_match.len > 0 and
        (http.equal(request.if_none_match, "*") or http.lists(request.if_none_match, tag) or
        http.startsWith(request.if_none_match, "W/") and http.equal(request.if_none_match[2..], tag));
    var first: u64 = 0;
    var count = file.info.size;
    var partly = false;
    if (request.range) |range| if (request.if_range.len == 0 or http.equal(request.if_range, tag)) {
        if (http.part(range, file.info.size)) |part| {
            first = part.first;
            count = part.count;
            partly = true;
        } else if (!fresh) {
            head(&text, "416 Range Not Satisfiable", connection);
            text.add("Content-Range: bytes */");
            text.number(file.info.size);
            text.add("\r\nContent-Length: 0\r\n\r\n");
            return sendHeader(connection, text.to[0..text.length], false);
        }
    };
    head(&text, if (fresh) "304 Not Modified" else if (partly) "206 Partial Content" else "200 OK", connection);
    text.add("ETag: ");
    text.add(tag);
    text.add("\r\nLast-Modified: ");
    text.date(file.info.changed_s);
    text.add("\r\nCache-Control: no-cache\r\nVary: Accept-Encoding\r\n");
    if (!fresh) {
        text.add("Content-Type: ");
        text.add(typeOf(path));
        text.add("\r\nX-Content-Type-Options: nosniff\r\nAccept-Ranges: bytes\r\n" ++ isolated);
        if (file.gzip) text.add("Content-Encoding: gzip\r\n");
        if (partly) {
            text.add("Content-Range: bytes ");
            text.number(first);
            text.add("-");
            text.number(first + count - 1);
            text.add("/");
            text.number(file.info.size);
            text.add("\r\n");
        }
        text.add("Content-Length: ");
        text.number(count);
        text.add("\r\n");
    }
    text.add("\r\n");
    const body = !fresh and request.method == .get and count > 0;
    if (body and file.in_memory) {
        text.add(file.body[@intCast(first)..][0..@intCast(count)]);
        return sendHeader(connection, text.to[0..text.length], false);
    }
    if (body) {
        connection.file = file;
        connection.offset = first;
        connection.left = count;
        files.hold(file);
    }
    sendHeader(connection, text.to[0..text.length], body);
}

fn redirect(connection: *Connection, request: *const http.Request) void {
    var text = Text{ .to = &out };
    head(&text, "301 Moved Permanently", connection);
    text.add("Location: ");
    // "//host" would be another host's address
    text.add(if (http.startsWith(request.target, "//")) "/" else request.target);
    text.add("/\r\nContent-Length: 0\r\n\r\n");
    sendHeader(connection, text.to[0..text.length], false);
}

fn refuse(connection: *Connection, status: u16) void {
    refuseWith(connection, status, true);
}

fn refuseTo(connection: *Connection, request: *const http.Request, status: u16) void {
    refuseWith(connection, status, request.method == .get);
}

fn refuseWith(connection: *Connection, status: u16, body: bool) void {
    const said = switch (status) {
        404 => "404 Not Found",
        405 => "405 Method Not Allowed",
        413 => "413 Content Too Large",
        414 => "414 URI Too Long",
        431 => "431 Request Header Fields Too Large",
        503 => "503 Service Unavailable",
        505 => "505 HTTP Version Not Supported",
        else => "400 Bad Request",
    };
    var text = Text{ .to = &out };
    head(&text, said, connection);
    if (status == 405) text.add("Allow: GET, HEAD\r\n");
    text.add("Content-Type: text/plain\r\nContent-Length: ");
    text.number(said.len + 1);
    text.add("\r\n\r\n");
    if (body) {
        text.add(said);
        text.add("\n");
    }
    sendHeader(connection, text.to[0..text.length], false);
}

fn head(text: *Text, status: []const u8, connection: *const Connection) void {
    if (date_at != time_s) {
        date_at = time_s;
        var made = Text{ .to = &date_text };
        made.date(sys.now(true));
        date_length = made.length;
    }
    text.add("HTTP/1.1 ");
    text.add(status);
    text.add("\r\nDate: ");
    text.add(date_text[0..date_length]);
    text.add(if (connection.closing) "\r\nConnection: close\r\n" else "\r\n");
}

fn typeOf(path: []const u8) []const u8 {
    const types = [_]struct { []const u8, []const u8 }{
        .{ ".html", "text/html; charset=utf-8" },
        .{ ".css", "text/css; charset=utf-8" },
        .{ ".js", "text/javascript; charset=utf-8" },
        .{ ".json", "application/json" },
        .{ ".jsonl", "application/jsonl" },
        .{ ".csv", "text/csv; charset=utf-8" },
        .{ ".txt", "text/plain; charset=utf-8" },
        .{ ".svg", "image/svg+xml" },
        .{ ".png", "image/png" },
        .{ ".gz", "application/gzip" },
    };
    for (types) |one| if (http.endsWith(path, one[0])) return one[1];
    return "application/octet-stream";
}

// ---- sending

// Sends a header, with a small body behind it, and then what there is of a file.
fn sendHeader(connection: *Connection, bytes: []const u8, more: bool) void {
    const sent = sys.send(connection.fd, bytes, more);
    const done: usize = if (sent >= 0) @intCast(sent) else if (sent == sys.again or sent == sys.interrupted) 0 else return end(connection);
    if (done < bytes.len) {
        // the answers before it have filled the client's buffer: what is left follows when there is room
        @memcpy(unsent[indexOf(connection)][done..bytes.len], bytes[done..]);
        connection.unsent_at = @intCast(done);
        connection.unsent_end = @intCast(bytes.len);
    }
    _ = sendRest(connection);
}

// Sends what is left of a response; true if nothing is.
fn sendRest(connection: *Connection) bool {
    while (connection.unsent_at < connection.unsent_end) {
        const rest = unsent[indexOf(connection)][connection.unsent_at..connection.unsent_end];
        const sent = sys.send(connection.fd, rest, connection.left > 0);
        if (sent == sys.interrupted) continue;
        if (sent == sys.again) {
            waitForRoom(connection);
            return false;
        }
        if (sent <= 0) {
            end(connection);
            return false;
        }
        connection.unsent_at += @intCast(sent);
        connection.deadline = time_s + stalled_s;
    }
    for (0..burst) |_| {
        if (connection.left == 0) break;
        const sent = sys.sendFile(connection.fd, connection.file.?.fd, &connection.offset, @min(connection.left, piece));
        if (sent == sys.interrupted) continue;
        if (sent == sys.again) {
            waitForRoom(connection);
            return false;
        }
        if (sent <= 0) { // the client has gone, or the file has become shorter than was promised
            end(connection);
            return false;
        }
        connection.left -= @intCast(sent);
        connection.deadline = time_s + stalled_s;
    }
    if (connection.left > 0) {
        waitForRoom(connection);
        return false;
    }
    if (connection.file) |file| {
        files.drop(file);
        connection.file = null;
    }
    if (connection.closing) {
        end(connection);
        return false;
    }
    if (connection.waiting) {
        connection.waiting = false;
        if (sys.watch(poller, sys.modify, connection.fd, sys.readable, indexOf(connection)) < 0) {
            end(connection);
            return false;
        }
    }
    return true;
}

fn waitForRoom(connection: *Connection) void {
    if (connection.waiting) return;
    connection.waiting = true;
    connection.deadline = time_s + stalled_s;
    if (sys.watch(poller, sys.modify, connection.fd, sys.writable, indexOf(connection)) < 0) end(connection);
}

pub const panic = @import("std").debug.no_panic;
