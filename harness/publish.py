"""Show a run on another machine: make a folder of its files, serve it, and build an image of folder and server."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import http.server
import os
import shlex
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from harness.execute.docker_command import build_image
from harness.execute.kernel_environment import pip_install
from harness.execute.native import command_works, environment
from harness.model.errors import HarnessError
from harness.model.job import Absent
from harness.util.files import locked, remove_tree
from harness.util.paths import ROOT

SOURCE = ROOT / "serve"
"""Folder of the server's sources."""

LIMIT_BYTES = 16_384
"""Maximum size of the server, in bytes."""

PORT = 8080
"""Port of the server in an image."""

START_S = 10
"""Seconds within which the server must answer after its start, and end after SIGTERM."""


def server(build_dir: Path) -> Path | Absent:
    """Return the server's program for this machine; build it from serve/ if this version was not built before."""
    sources = sorted([*SOURCE.glob("*.zig"), SOURCE / "build.sh"])
    key = hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in sources)).hexdigest()[:12]
    home = build_dir / "serve" / key
    program = home / "server"
    works, output = command_works("python3 -m ziglang version")
    if not works:
        return Absent(f"no Zig: {output}", shlex.join([*pip_install(), "ziglang==0.17.1"]))
    home.mkdir(parents=True, exist_ok=True)
    with locked(home / ".lock"):
        if not program.exists():
            partial_name = home / "server.partial"
            done = subprocess.run(
                ["sh", "build.sh", str(partial_name)],
                cwd=SOURCE,
                env=environment(),
                capture_output=True,
                text=True,
                encoding="utf-8",
                check=False,
            )
            if done.returncode:
                return Absent(f"the server does not build: {(done.stderr.strip().splitlines() or ['no reason'])[0]}")
            if (size := partial_name.stat().st_size) > LIMIT_BYTES:
                return Absent(f"the server takes {size} bytes, more than its {LIMIT_BYTES}")
            partial_name.replace(program)
    return program


def make_site(run: Path, site: Path, compressed_only: bool = False) -> Path:
    """Fill the folder `site` with a run's page as index.html, the page compressed, and the files that it links.

    With `compressed_only`, write the compressed page only; the files are embedded in it.
    """
    page = (run / "report.html").read_bytes()
    site.mkdir(parents=True, exist_ok=True)
    (site / "index.html.gz").write_bytes(gzip.compress(page, 9, mtime=0))
    if not compressed_only:
        (site / "index.html").write_bytes(page)
        for name in ("results.csv", "sizes.csv", "run.json", "samples.jsonl"):
            if (run / name).exists():
                shutil.copyfile(run / name, site / name)
    return site


@contextlib.contextmanager
def serving(site: Path, build_dir: Path, port: int) -> Iterator[tuple[str, str]]:
    """Serve a folder on 127.0.0.1 in a context; yield the address, and the name of the server.

    The server is that of serve/, or Python's own if it cannot be built. Raises HarnessError if the port is in use.
    """
    port = _free_port(port)  # first: another program on the port would answer in place of the server
    program = server(build_dir)
    if isinstance(program, Absent):
        handler = partial(_Quiet, directory=str(site))
        fallback = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
        threading.Thread(target=fallback.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{port}/", f"Python's http.server ({program})"
        finally:
            fallback.shutdown()
            fallback.server_close()
        return
    process = subprocess.Popen(
        [str(program), str(site), f"127.0.0.1:{port}"], stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        _await_answer(process, port)
        yield f"http://127.0.0.1:{port}/", f"the server of serve/, {program.stat().st_size:,} bytes"
    finally:
        process.terminate()
        try:
            process.wait(START_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Serve a folder without printing requests, with the headers of serve/ that let a page's workers share memory."""

    def end_headers(self) -> None:
        """Add the headers."""
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def _free_port(wanted: int) -> int:
    """Return the port if it is free, or any free port for 0. Raises HarnessError."""
    with socket.socket() as free:
        free.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # a port that a server used a minute ago counts as free
        try:
            free.bind(("127.0.0.1", wanted))
        except OSError as error:
            raise HarnessError(f"--port: {wanted}: {error.strerror}") from None
        port: int = free.getsockname()[1]
        return port


def _await_answer(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(START_S * 50):
        if process.poll() is not None:
            message = process.stderr.read().decode(errors="replace").strip() if process.stderr else ""
            raise HarnessError(f"--port: {port}: {message.splitlines()[0] if message else 'the server ended at once'}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise HarnessError(f"--port: {port}: the server does not answer")


IMAGE = f"""FROM scratch
COPY server /server
COPY www /www
USER 65534:65534
EXPOSE {PORT}
ENTRYPOINT ["/server", "/www", "0.0.0.0:{PORT}"]
"""
"""Dockerfile of the image: the server runs as nobody."""


def make_image(run: Path, name: str, build_dir: Path) -> tuple[int, int]:
    """Build the image `name` FROM scratch with the server and a run's page; return the bytes of each.

    Raises HarnessError.
    """
    program = server(build_dir)
    if isinstance(program, Absent):
        raise HarnessError(f"image: {program}")
    context = build_dir / "serve" / f"image-{os.getpid()}"
    try:
        make_site(run, context / "www", compressed_only=True)
        shutil.copy(program, context / "server")
        for path in (context / "server", context / "www"):
            path.chmod(0o755)
        (context / "www" / "index.html.gz").chmod(0o644)
        try:
            build_image(name, context, IMAGE)
        except HarnessError as error:
            raise HarnessError(f"image: {error}") from None
        return program.stat().st_size, (context / "www" / "index.html.gz").stat().st_size
    finally:
        remove_tree(context)
