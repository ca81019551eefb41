"""Define the options of `ab`, and read what they say. Those that hyperfine has, too, have its names."""

from __future__ import annotations

import math
import re
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.model.errors import UsageError

if TYPE_CHECKING:
    from harness.ab.commands import Request
    from harness.ab.plan import Goal

FILE = click.Path(path_type=Path)

MAX_WARMUP = 1000
"""Largest number of rounds of warm-up: as many as a run may count."""

_ROUNDS = (
    click.option("--detect", metavar="PERCENT", help="Make as many rounds as show this difference; the default is 1%."),
    click.option(
        "--time", "time_s", type=float, metavar="SECONDS", help="Make as many rounds as fit; the default is 60."
    ),
    click.option("-r", "--runs", type=int, metavar="N", help="Make N rounds, without a pilot."),
    click.option(
        "-w", "--warmup", type=int, default=1, show_default=True, metavar="N", help="Rounds that do not count."
    ),
    click.option(
        "--threads", type=int, default=1, show_default=True, metavar="N", help="Processors that commands may use."
    ),
)

_COMMANDS = (
    click.option(
        "-L",
        "--parameter-list",
        "lists",
        nargs=2,
        multiple=True,
        metavar="NAME V1,V2,...",
        help="Put each value in the place of {NAME}; repeatable.",
    ),
    click.option(
        "-p",
        "--prepare",
        multiple=True,
        metavar="COMMAND",
        help="Run COMMAND before each launch; one for all commands, or one for each.",
    ),
    click.option("-s", "--setup", default="", metavar="COMMAND", help="Run COMMAND once before all launches."),
    click.option("-c", "--cleanup", default="", metavar="COMMAND", help="Run COMMAND once after all launches."),
    click.option(
        "--input", "stdin", type=FILE, default=Path("/dev/null"), metavar="FILE", help="Standard input of each launch."
    ),
    click.option(
        "-S", "--shell", metavar="SHELL", help="Run all in SHELL: default (/bin/sh), none, or a command that takes -c."
    ),
    click.option("-N", "no_shell", is_flag=True, help="The short form of --shell none."),
)

_REVISIONS = (
    click.option(
        "--git",
        "revisions",
        nargs=2,
        metavar="BASE HEAD",
        help="Compare one command at two revisions of this git repository; '.' is the working tree.",
    ),
    click.option("--build", default="", metavar="COMMAND", help="With --git: run COMMAND at each revision first."),
)

_RESULTS = (
    click.option(
        "--output", default="", metavar="FILE", help="Compare FILE, which commands write, and not what they print."
    ),
    click.option("--any-output", is_flag=True, help="Compare commands that answer differently."),
    click.option("-i", "--ignore-failure", is_flag=True, help="Accept exit statuses other than 0."),
    click.option("--export-json", "export", type=FILE, metavar="FILE", help="Write FILE in hyperfine's format."),
    click.option(
        "--fail-on-regression",
        "percent",
        type=float,
        metavar="PERCENT",
        help="Exit with status 3 if a command is slower than the first by more.",
    ),
)


def ab_options(command: Any) -> Any:
    """Add all options of `ab`."""
    for option in reversed((*_ROUNDS, *_COMMANDS, *_REVISIONS, *_RESULTS)):
        command = option(command)
    return command


def check_numbers(given: Mapping[str, Any]) -> None:
    """Raise UsageError for a number that is out of its range."""
    from harness.system.host import processors

    for name, least, most in (("warmup", 0, MAX_WARMUP), ("threads", 1, processors())):
        if not least <= given[name] <= most:
            raise UsageError(f"--{name}: expected {least} to {most}, found {given[name]}")
    if given["percent"] is not None and not given["percent"] >= 0:
        raise UsageError(f"--fail-on-regression: expected a percentage of 0 or more, found {given['percent']}")


def check_files(given: Mapping[str, Any]) -> None:
    """Raise UsageError for a file that cannot be read or written, before anything is measured."""
    stdin, export = given["stdin"], given["export"]
    if not stdin.exists() or (not stdin.is_file() and stdin != Path("/dev/null")):
        raise UsageError(f"--input: expected a file, found {stdin}, which is none")
    try:
        stdin.open("rb").close()
    except OSError as error:
        raise UsageError(f"--input: {stdin}: cannot be read: {error.strerror}") from None
    if export and (export.is_dir() or not export.absolute().parent.is_dir()):
        raise UsageError(f"--export-json: expected a file in a folder that exists, found {export}")


def goal_of(given: Mapping[str, Any], groups: int, least_rounds: int) -> Goal:
    """Return what decides the number of rounds of each group. Raises UsageError."""
    from harness.ab.plan import DEFAULT_DETECT, DEFAULT_TIME_S, MAX_ROUNDS, Goal

    detect, time_s, rounds = given["detect"], given["time_s"], given["runs"]
    if rounds is not None:
        if detect is not None or time_s is not None:
            raise UsageError("--runs: the number of rounds follows from --detect and --time otherwise: omit these")
        if not least_rounds <= rounds <= MAX_ROUNDS:
            expected = f"expected {least_rounds}, from which there is an interval, to {MAX_ROUNDS}"
            raise UsageError(f"--runs: {expected}, found {rounds}")
        return Goal(rounds=rounds)
    if time_s is not None and not (time_s > 0 and math.isfinite(time_s)):
        raise UsageError(f"--time: expected seconds above 0, found {time_s:g}")
    if detect is None and time_s is None:
        return Goal(DEFAULT_DETECT, DEFAULT_TIME_S / groups)
    return Goal(_fraction(detect) if detect is not None else None, time_s / groups if time_s is not None else None)


def _fraction(text: str) -> float:
    """Return a percentage such as `1%` or `0.5` as a fraction. Raises UsageError."""
    if not re.fullmatch(r"\d*\.?\d+ ?%?", text) or not 0 < (found := float(text.rstrip(" %"))) <= 100:
        raise UsageError(f"--detect: expected a percentage above 0 and up to 100, such as 1%, found {text}")
    return found / 100


def request_of(commands: tuple[str, ...], given: Mapping[str, Any]) -> Request:
    """Return the commands with what is to be run around them. Raises UsageError."""
    from harness.ab.commands import Request, values_of

    if given["revisions"]:
        commands = _at_both(commands)
    elif given["build"]:
        raise UsageError("--build: builds the revisions of --git: use --setup without it")
    lists = {}
    for name, values in given["lists"]:
        if name in lists:
            raise UsageError(f"-L {name}: expected each name once, found it twice")
        lists[name] = values_of(values)
    return Request(
        commands,
        lists,
        given["prepare"],
        given["setup"],
        given["cleanup"],
        given["output"],
        _shell_of(given["shell"], given["no_shell"]),
    )


def _at_both(commands: tuple[str, ...]) -> tuple[str, str]:
    """Return the command of --git once for each revision. Raises UsageError."""
    if len(commands) != 1:
        found = f"found {len(commands)}"
        raise UsageError(f"--git: expected one command, quoted as one word, which both revisions run, {found}")
    return commands[0], commands[0]


def _shell_of(shell: str | None, no_shell: bool) -> tuple[str, ...] | None:
    """Return the words of the shell, none for no shell, or None where the commands decide. Raises UsageError."""
    from harness.ab.commands import DEFAULT_SHELL

    if no_shell and shell not in (None, "none"):
        raise UsageError(f"-N: the short form of --shell none: omit --shell {shell}")
    if no_shell or shell == "none":
        return ()
    if shell in (None, "default"):
        return DEFAULT_SHELL if shell else None
    try:
        words = tuple(shlex.split(shell or ""))
    except ValueError:
        words = ()
    if not words or not shutil.which(words[0]):
        raise UsageError(f"--shell: expected default, none, or a shell of this machine, found {shell}")
    return words
