"""Test progress lines on terminals of several kinds, which are real pseudo-terminals."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

import pytest

PROGRAM = """
from harness.util.console import Console
console = Console()
console.status("x" * 200)
console.line("end")
"""


def shown(columns: int, term: str) -> str:
    """Return what a program shows on a terminal of so many columns."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    # standard output is a pipe, as in `... | tee`: the width is that of stderr
    environment = {**os.environ, "TERM": term}
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=its, env=environment):
        os.close(its)
    return os.read(ours, 4096).decode()


@pytest.mark.parametrize(("columns", "width"), [(40, 39), (0, 79)])
def test_progress_fits_the_terminal_that_it_is_on(columns, width):
    assert shown(columns, "xterm") == "x" * width + "\r\x1b[K" + "end\r\n"


def test_a_terminal_that_knows_no_codes_gets_plain_lines():
    assert shown(40, "dumb") == "end\r\n"
