"""What the server answers, and what it refuses."""

from __future__ import annotations

import calendar
import gzip
import socket
import time

import pytest

from harness.publish import LIMIT_BYTES
from tests.server import HOST, LAST, PAGE, SMALL, ask, raw


def test_the_server_is_a_static_program_of_at_most_16_kib(program):
    assert program.stat().st_size <= LIMIT_BYTES == 16_384
    assert b"ld-linux" not in program.read_bytes()


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/", PAGE),
        ("/small.txt", SMALL),
        ("/empty.txt", b""),
        ("/a%20b.csv?x=1", b"1,2"),
        ("/sub/", b"below"),
        ("/inner", SMALL),
    ],
)
def test_a_file_comes_whole(port, path, content):
    assert ask(port, path)[0::2] == (200, content)


def test_a_file_comes_with_type_length_date_and_tag(port):
    headers = ask(port, "/")[1]

    assert headers["Content-Type"] == "text/html; charset=utf-8" and headers["Content-Length"] == str(len(PAGE))
    assert {"Date", "ETag", "Last-Modified", "Cache-Control", "Accept-Ranges"} <= headers.keys()
    date = calendar.timegm(time.strptime(headers["Date"], "%a, %d %b %Y %H:%M:%S GMT"))
    assert abs(time.time() - date) < 5


def test_head_has_the_headers_and_no_body(port):
    status, headers, body = ask(port, "/small.txt", "HEAD")
    assert (status, headers["Content-Length"], body) == (200, "1024", b"")


def test_a_page_s_workers_may_share_memory(port):
    headers = ask(port, "/")[1]

    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"


@pytest.mark.parametrize(
    ("accepts", "encoded"),
    [("gzip, br", True), ("br;q=1, gzip;q=0.5", True), ("gzip;q=0", False), ("identity", False)],
)
def test_a_compressed_file_comes_to_who_accepts_it_only(port, accepts, encoded):
    _, headers, body = ask(port, "/", Accept_Encoding=accepts)

    assert (headers.get("Content-Encoding") == "gzip") == encoded
    assert (gzip.decompress(body) if encoded else body) == PAGE
    assert headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("value", ["{tag}", '"other", {tag}', "*", "W/{tag}"])
def test_a_tag_that_still_holds_is_304(port, value):
    tag = ask(port, "/small.txt")[1]["ETag"]

    status, _, body = ask(port, "/small.txt", If_None_Match=value.format(tag=tag))

    assert (status, body) == (304, b"")


def test_a_tag_that_holds_no_longer_is_200(port):
    assert ask(port, "/small.txt", If_None_Match='"other"')[0] == 200


def test_a_compressed_file_has_a_tag_of_its_own(port):
    assert ask(port, "/", Accept_Encoding="gzip")[1]["ETag"] != ask(port, "/")[1]["ETag"]


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-9", 0, 9),
        ("bytes=100-", 100, len(PAGE) - 1),
        ("bytes=-7", len(PAGE) - 7, len(PAGE) - 1),
        ("bytes=5-999999", 5, len(PAGE) - 1),
    ],
)
def test_a_range_is_a_part_of_the_file(port, asked, first, last):
    status, headers, body = ask(port, "/", Range=asked)
    assert (status, body) == (206, PAGE[first : last + 1])
    assert headers["Content-Range"] == f"bytes {first}-{last}/{len(PAGE)}"


@pytest.mark.parametrize("asked", ["bytes=9-1", "lines=1-2", "bytes=1-2,4-5"])
def test_a_range_that_is_none_is_ignored(port, asked):
    assert ask(port, "/", Range=asked)[0] == 200


def test_a_range_beyond_the_end_is_416(port):
    status, headers, _ = ask(port, "/", Range="bytes=999999-")

    assert (status, headers["Content-Range"]) == (416, f"bytes */{len(PAGE)}")


def test_a_range_counts_while_its_tag_holds(port):
    tag = ask(port, "/")[1]["ETag"]

    assert ask(port, "/", Range="bytes=0-1", If_Range=tag)[0] == 206
    assert ask(port, "/", Range="bytes=0-1", If_Range='"old"')[0] == 200


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /nothing HTTP/1.1\r\n" + LAST, 404),
        (b"POST / HTTP/1.1\r\n" + HOST, 405),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + HOST, 400),
        (b"GET / HTTP/2.0\r\n" + HOST, 505),
        (b"GET /\x01 HTTP/1.1\r\n" + HOST, 400),
        (b"GET /%zz HTTP/1.1\r\n" + LAST, 400),
        (b"GET /%00 HTTP/1.1\r\n" + LAST, 400),
        (b"GET nowhere HTTP/1.1\r\n" + HOST, 400),
        (b"GET / HTTP/1.1\nHost: a\n\n", 400),
        (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 413),
        (b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 413),
        (b"GET /" + b"a" * 2000 + b" HTTP/1.1\r\n" + HOST, 414),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 9000 + b"\r\n\r\n", 431),
        (b"\x16\x03\x01\x02\x00\x01\x00", 400),
    ],
)
def test_what_is_wrong_is_refused_with_its_status(port, request_, status):
    assert raw(port, request_).startswith(f"HTTP/1.1 {status} ".encode())


TRAVERSALS = [
    "/../secret",
    "/sub/../../secret",
    "/%2e%2e/secret",
    "/%2E%2E%2Fsecret",
    "/..%2fsecret",
    "/sub/%2e%2e/%2e%2e/secret",
    "//../secret",
    "/./../secret",
    "/..;/secret",
    "/..\\secret",
    "/%5c..%5csecret",
    "/%252e%252e/secret",
    "/%c0%ae%c0%ae/secret",
    "/leak",
    "/leak-absolute",
    "/leak-folder/secret",
    "/leak-folder/",
    "//etc/passwd",
    "/proc/self/environ",
    "/pipe",
]


@pytest.mark.parametrize("path", TRAVERSALS)
def test_nothing_outside_the_folder_and_no_pipe_is_read(port, path):
    got = raw(port, b"GET " + path.encode("latin-1") + b" HTTP/1.1\r\n" + LAST)
    assert got.startswith((b"HTTP/1.1 404 ", b"HTTP/1.1 400 ")), got[:80]
    assert b"secret" not in got.split(b"\r\n\r\n", 1)[1]


def test_connections_are_kept_closed_and_pipelined_as_asked(port):
    one = b"GET /small.txt HTTP/1.1\r\n" + HOST
    last = b"GET /small.txt HTTP/1.1\r\n" + LAST
    assert raw(port, one * 19 + last).count(b"HTTP/1.1 200 OK") == 20
    closed = raw(port, last + one)
    assert closed.count(b"HTTP/1.1 200 OK") == 1 and b"Connection: close" in closed
    assert raw(port, b"GET /small.txt HTTP/1.0\r\n\r\n" + one).count(b"HTTP/1.1 200 OK") == 1
    mixed = raw(port, one + b"GET /nothing HTTP/1.1\r\n" + HOST + b"GET / HTTP/1.1\r\n" + HOST + last)
    assert [part[:3] for part in mixed.split(b"HTTP/1.1 ")[1:]] == [b"200", b"404", b"200", b"200"]


def test_a_request_that_is_cut_anywhere_is_the_same_request(port):
    whole = b"GET /small.txt HTTP/1.1\r\nAccept: */*\r\n" + HOST
    for cut in range(1, len(whole)):
        with socket.create_connection(("127.0.0.1", port), 5) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.sendall(whole[:cut])
            client.sendall(whole[cut:])
            got = b""
            while len(got.partition(b"\r\n\r\n")[2]) < 1024:
                got += client.recv(65536)
            assert got.startswith(b"HTTP/1.1 200 OK") and got.endswith(SMALL)
            client.sendall(whole[:cut])  # and a client that goes away in the middle hurts nobody
    assert ask(port, "/small.txt")[0] == 200


def test_a_changed_file_is_seen_within_seconds(port, site):
    (site / "changes.txt").write_text("before")
    assert ask(port, "/changes.txt")[2] == b"before"
    (site / "changes.txt").write_text("afterwards")
    time.sleep(2.1)
    assert ask(port, "/changes.txt")[2] == b"afterwards"
    (site / "changes.txt").unlink()
    time.sleep(2.1)
    assert ask(port, "/changes.txt")[0] == 404
