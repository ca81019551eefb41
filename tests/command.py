"""Run the command line as a user runs it, or in this process, and list the processes that it starts."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from click.testing import CliRunner

from harness.cli.main import main
from harness.util.paths import ROOT


def harness(*words: str, cwd: Path = ROOT, timeout: float = 600, **kwargs: object) -> subprocess.CompletedProcess[str]:
    """Run `python -m harness` as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "harness", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        **kwargs,
    )


def invoke(*words: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the harness in this process, without the half second that a new one takes to start."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        result = CliRunner().invoke(main, words, prog_name="harness")
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)  # the command line sets its own
    return subprocess.CompletedProcess(words, result.exit_code, result.stdout, result.stderr)


@contextlib.contextmanager
def started(*words: str, cwd: Path = ROOT) -> Iterator[subprocess.Popen[str]]:
    """Start `python -m harness` with its output on pipes, and kill it at the end of the context.

    A run that outlived its test would hold the lock of the host, and every later test would fail. The process heeds
    SIGINT and SIGHUP, as one that a terminal started does, even where the tests run in a shell's background or under
    nohup and ignore them.
    """
    command = [sys.executable, "-m", "harness", *words]
    pipe = subprocess.PIPE

    def heed() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)

    with subprocess.Popen(command, cwd=cwd, stdout=pipe, stderr=pipe, text=True, preexec_fn=heed) as process:
        try:
            yield process
        finally:
            process.kill()


def command_lines() -> dict[int, list[str]]:
    """Return the arguments of every process of this machine, by its number."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it has ended since its folder was listed
            found[int(path.parent.name)] = path.read_text(errors="replace").split("\0")[:-1]
    return found


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds, a minute at most."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
