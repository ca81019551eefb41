"""The completion of shells: each shell itself completes the name of a command, as docs/usage.md sets it up."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import time

from tests.installed import Installed
from tests.needs import need

BASH = """
eval "$(_SIXTY_THOUSAND_COMPLETE=bash_source sixty-thousand)"
complete -p sixty-thousand
COMP_WORDS=(sixty-thousand ru) COMP_CWORD=1
_sixty_thousand_completion sixty-thousand ru sixty-thousand
echo "${COMPREPLY[@]}"
"""

ZSH = """
autoload -Uz compinit; compinit -u -D
eval "$(_SIXTY_THOUSAND_COMPLETE=zsh_source sixty-thousand)"
echo set-up
"""

FISH = """
mkdir -p ~/.config/fish/completions
_SIXTY_THOUSAND_COMPLETE=fish_source sixty-thousand > ~/.config/fish/completions/sixty-thousand.fish
complete -C "sixty-thousand ru"
"""

ANSWER_S = 60
"""Seconds within which a shell must answer on a busy machine."""


def said(installed: Installed, *command: str) -> str:
    """Return the output of a shell that has the program on its path."""
    done = subprocess.run(command, env=installed.environ, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def read_until(terminal: int, expected: str) -> str:
    """Return what a terminal shows up to the expected text."""
    text, end = "", time.monotonic() + ANSWER_S
    while expected not in text and time.monotonic() < end:
        if select.select([terminal], [], [], 1)[0]:
            text += os.read(terminal, 65536).decode(errors="replace")
    assert expected in text, text
    return text


def test_bash_completes_a_command(installed):
    lines = said(installed, "bash", "--norc", "-c", BASH).splitlines()

    assert lines[0].startswith("complete ") and lines[1:] == ["run-all"]


def test_zsh_completes_a_command(installed):
    need(shutil.which("zsh"), "zsh")
    terminal, its = pty.openpty()
    environ = {**installed.environ, "TERM": "xterm", "PS1": ""}
    with subprocess.Popen(["zsh", "-f", "-i"], stdin=its, stdout=its, stderr=its, env=environ) as shell:
        try:
            os.write(terminal, ZSH.encode())
            read_until(terminal, "\nset-up")
            os.write(terminal, b"sixty-thousand ru\t")
            read_until(terminal, "run-all")
        finally:
            shell.kill()
            os.close(its)
            os.close(terminal)


def test_fish_completes_a_command(installed):
    need(shutil.which("fish"), "fish")

    assert said(installed, "fish", "-c", FISH).startswith("run-all")
