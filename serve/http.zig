// HTTP/1.1 requests as bytes -> what is asked for; pure, so that it can be fuzzed apart from any socket.
// RFC 9112 (syntax), RFC 9110 (conditions, ranges). Lines end in CRLF and nothing else: a parser that forgives is one
// that a proxy in front of it may read differently.

pub const max_target = 1024;
pub const max_request = 8192;

pub const Method = enum { get, head };

pub const Range = struct { first: ?u64, last: ?u64 };

pub const Request = struct {
    // bytes of the input that this request takes
    length: usize,
    method: Method,
    // the path as it was sent, without a query, percent-encoded; begins with "/"
    target: []const u8,
    keep_alive: bool,
    gzip: bool = false,
    if_none_match: []const u8 = "",
    if_range: []const u8 = "",
    range: ?Range = null,
};

pub const Parsed = union(enum) {
    request: Request,
    more, // the input is the beginning of a request
    refused: u16, // the status to refuse it with; the connection cannot go on
};

pub fn parse(input: []const u8) Parsed {
    var at: usize = 0;
    // empty lines before a request are skipped (RFC 9112, 2.2)
    while (at + 1 < input.len and input[at] == '\r' and input[at + 1] == '\n') at += 2;

    const line = lineAt(input, at) catch return .{ .refused = 400 };
    const first = line orelse {
        if (input.len - at > max_target + 64) return .{ .refused = 414 };
        // an empty input is the beginning of any request
        return if (beginsWell(input[at..])) .more else .{ .refused = 400 };
    };
    at += first.len + 2;

    const space = indexOf(first, ' ') orelse return .{ .refused = 400 };
    const rest = first[space + 1 ..];
    const second = indexOf(rest, ' ') orelse return .{ .refused = 400 };
    const name = first[0..space];
    var target = rest[0..second];
    const version = rest[second + 1 ..];
    if (name.len == 0) return .{ .refused = 400 };
    for (name) |char| if (!isToken(char)) return .{ .refused = 400 };
    if (target.len > max_target) return .{ .refused = 414 };
    if (target.len == 0 or target[0] != '/') return .{ .refused = 400 };
    for (target) |char| if (char <= ' ' or char >= 0x7f) return .{ .refused = 400 };
    if (indexOf(target, '?')) |query| target = target[0..query];
    const new = equal(version, "HTTP/1.1");
    if (!new and !equal(version, "HTTP/1.0")) return .{ .refused = if (startsWith(version, "HTTP/")) 505 else 400 };

    var request = Request{ .length = 0, .method = .get, .target = target, .keep_alive = new };
    var hosts: usize = 0;
    while (true) {
        const header = (lineAt(input, at) catch return .{ .refused = 400 }) orelse
            return if (input.len >= max_request) .{ .refused = 431 } else .more;
        at += header.len + 2;
        if (header.len == 0) break;
        const colon = indexOf(header, ':') orelse return .{ .refused = 400 };
        if (colon == 0) return .{ .refused = 400 };
        for (header[0..colon]) |char| if (!isToken(char)) return .{ .refused = 400 };
        const value = trimmed(header[colon + 1 ..]);
        for (value) |char| if (char < ' ' and char != '\t' or char == 0x7f) return .{ .refused = 400 };
        const field = header[0..colon];
        if (same(field, "host")) {
            hosts += 1;
        } else if (same(field, "connection")) {
            if (lists(value, "close")) request.keep_alive = false;
            if (!new and lists(value, "keep-alive")) request.keep_alive = true;
        } else if (same(field, "accept-encoding")) {
            request.gzip = acceptsGzip(value);
        } else if (same(field, "if-none-match")) {
            request.if_none_match = value;
        } else if (same(field, "if-range")) {
            request.if_range = value;
        } else if (same(field, "range")) {
            request.range = rangeOf(value);
        } else if (same(field, "content-length")) {
            // a body is never read: what follows it would be taken for a request
            if (!equal(value, "0")) return .{ .refused = 413 };
        } else if (same(field, "transfer-encoding")) {
            return .{ .refused = 413 };
        }
    }
    if (hosts > 1 or new and hosts == 0) return .{ .refused = 400 };
    if (equal(name, "HEAD")) {
        request.method = .head;
    } else if (!equal(name, "GET")) return .{ .refused = 405 };
    request.length = at;
    return .{ .request = request };
}

// The target as a path below the folder, decoded into `to` and ended by 0; null if it can be none. What leads out of
// the folder is left to the kernel to refuse (openat2, RESOLVE_BENEATH), which knows links too.
pub fn pathOf(target: []const u8, to: *[max_target + 16]u8) ?[:0]const u8 {
    var length: usize = 0;
    var at: usize = 1; // without the leading slash
    while (at < target.len) : (at += 1) {
        var char = target[at];
        if (char == '%') {
            if (at + 2 >= target.len) return null;
            const high = hex(target[at + 1]) orelse return null;
            const low = hex(target[at + 2]) orelse return null;
            char = high * 16 + low;
            at += 2;
        }
        if (char == 0) return null;
        to[length] = char;
        length += 1;
    }
    if (length == 0 or to[length - 1] == '/') {
        for ("index.html") |char| {
            to[length] = char;
            length += 1;
        }
    }
    to[length] = 0;
    return to[0..length :0];
}

// The part of `size` bytes that a range asks for; null if it has none of them.
pub fn part(range: Range, size: u64) ?struct { first: u64, count: u64 } {
    if (range.first) |first| {
        if (first >= size) return null;
        const last = @min(range.last orelse size - 1, size - 1);
        return .{ .first = first, .count = last - first + 1 };
    }
    const count = @min(range.last orelse 0, size);
    if (count == 0) return null;
    return .{ .first = size - count, .count = count };
}

// One range of bytes; null for anything else, which is then ignored (RFC 9110, 14.2).
fn rangeOf(value: []const u8) ?Range {
    if (!startsWith(value, "bytes=")) return null;
    const spec = value[6..];
    const dash = indexOf(spec, '-') orelse return null;
    const first = if (dash == 0) null else number(spec[0..dash]) orelse return null;
    const last = if (dash + 1 == spec.len) null else number(spec[dash + 1 ..]) orelse return null;
    if (first == null and last == null) return null;
    if (first != null and last != null and last.? < first.?) return null;
    return .{ .first = first, .last = last };
}

fn acceptsGzip(value: []const u8) bool {
    var parts = Split{ .text = value };
    while (parts.next()) |one| {
        const end = indexOf(one, ';') orelse one.len;
        if (!same(trimmed(one[0..end]), "gzip") and !same(trimmed(one[0..end]), "*")) continue;
        const weight = trimmed(one[@min(end + 1, one.len)..]);
        if (!startsWith(weight, "q=0")) return true;
        for (weight[3..]) |char| if (char >= '1' and char <= '9') return true; // q=0.5
    }
    return false;
}

// Whether a list of words has one, in any case.
pub fn lists(value: []const u8, word: []const u8) bool {
    var parts = Split{ .text = value };
    while (parts.next()) |one| if (same(one, word)) return true;
    return false;
}

const Split = struct {
    text: []const u8,
    at: usize = 0,

    fn next(self: *Split) ?[]const u8 {
        if (self.at >= self.text.len) return null;
        const rest = self.text[self.at..];
        const end = indexOf(rest, ',') orelse rest.len;
        self.at += end + 1;
        return trimmed(rest[0..end]);
    }
};

// The line at `at` without its CRLF; null if it has not come whole; an error for a CR or an LF on its own.
fn lineAt(input: []const u8, at: usize) error{Malformed}!?[]const u8 {
    for (input[at..], at..) |char, i| {
        if (char == '\n') return error.Malformed;
        if (char == '\r') {
            if (i + 1 == input.len) return null;
            if (input[i + 1] != '\n') return error.Malformed;
            return input[at..i];
        }
    }
    return null;
}

// Whether what has come so far can become a request line: garbage is refused before it fills the buffer.
fn beginsWell(input: []const u8) bool {
    for (input) |char| {
        if (char == ' ') return true;
        if (!isToken(char) and char != '\r') return false;
    }
    return input.len < 32;
}

fn isToken(char: u8) bool {
    return switch (char) {
        'a'...'z', 'A'...'Z', '0'...'9', '!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~' => true,
        else => false,
    };
}

fn number(text: []const u8) ?u64 {
    if (text.len == 0 or text.len > 18) return null;
    var value: u64 = 0;
    for (text) |char| {
        if (char < '0' or char > '9') return null;
        value = value * 10 + (char - '0');
    }
    return value;
}

fn hex(char: u8) ?u8 {
    return switch (char) {
        '0'...'9' => char - '0',
        'a'...'f' => char - 'a' + 10,
        'A'...'F' => char - 'A' + 10,
        else => null,
    };
}

fn trimmed(text: []const u8) []const u8 {
    var first: usize = 0;
    var end = text.len;
    while (first < end and (text[first] == ' ' or text[first] == '\t')) first += 1;
    while (end > first and (text[end - 1] == ' ' or text[end - 1] == '\t')) end -= 1;
    return text[first..end];
}

pub fn indexOf(text: []const u8, char: u8) ?usize {
    for (text, 0..) |one, i| if (one == char) return i;
    return null;
}

pub fn equal(one: []const u8, other: []const u8) bool {
    if (one.len != other.len) return false;
    for (one, other) |a, b| if (a != b) return false;
    return true;
}

pub fn startsWith(text: []const u8, beginning: []const u8) bool {
    return text.len >= beginning.len and equal(text[0..beginning.len], beginning);
}

pub fn endsWith(text: []const u8, end: []const u8) bool {
    return text.len >= end.len and equal(text[text.len - end.len ..], end);
}

// Equal but for case; `lower` is in lower case.
fn same(text: []const u8, lower: []const u8) bool {
    if (text.len != lower.len) return false;
    for (text, lower) |a, b| if ((if (a >= 'A' and a <= 'Z') a + 32 else a) != b) return false;
    return true;
}
