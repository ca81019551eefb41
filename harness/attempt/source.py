"""Tell whether a file is a whole program or just the function of a rung, by what the language's own sources do. Pure.

A program begins its work itself. A function is called by the language's driver: a command of kernel.yaml names the
driver (C, Go), or the file itself does (Java, Rust). All texts here are without comments, unless they say otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath

DRIVER = "driver"
"""Name, in small letters and without suffix, of the file that reads and writes the matrices and holds the clock."""

_START = re.compile(
    r"\bmain\s*\(|\bMain\(|^main\s*(?:::|=)"  # the function that a program begins with
    # what a program reads its arguments from, in languages whose programs begin with their first line
    r"|(?i:argv|commandargs|paramstr|commandline|command_argument|argpars|getopt)|\bARGS\b|\barg\[|\bgetArgs\b",
    re.M,
)
"""Signs that a source begins its work itself."""

_MULTIPLY = re.compile(r"\bmultiply\b", re.I)

_CALL = re.compile(r"^\w+\(.*\bmultiply\b", re.I)
"""A block that calls the driver with the function, such as run(multiply)."""

_DRIVER = re.compile(rf"\b{DRIVER}\b", re.I)


class Form(StrEnum):
    """What a file is."""

    PROGRAM = "a whole program"
    FUNCTION = "a function"
    BARE_FUNCTION = "a function without the lines that start it"
    NEITHER = "neither a program nor a function"


@dataclass(frozen=True)
class RungSource:
    """The source of the rung that a file is like.

    `drivers` are the names of the driver's files without suffixes. `linked` is true if a command of kernel.yaml names
    the driver.
    """

    code: str
    drivers: frozenset[str]
    linked: bool

    @property
    def starts(self) -> bool:
        """Whether the source begins its work itself, with the driver's help or without."""
        return _starts(self.code)


def drivers_in(sources: Mapping[str, str]) -> frozenset[str]:
    """Return the names, without suffixes, of the driver's files: of the driver, and of files that name it.

    `sources` has the text of each file of a language that is no rung's source, by its name.
    """
    stems = {PurePath(name).stem: code for name, code in sources.items()}
    return frozenset(stem for stem, code in stems.items() if stem.lower() == DRIVER or _DRIVER.search(code))


def form_of(code: str, rung: RungSource) -> Form:
    """Return what a file is."""
    starts, names = _starts(code), _names(code, rung.drivers)
    if starts and not (names and rung.starts):
        return Form.PROGRAM
    if names and (starts or not rung.starts):
        return Form.FUNCTION
    if _MULTIPLY.search(rung.code) and not _MULTIPLY.search(code):
        return Form.NEITHER
    if rung.starts or (_names(rung.code, rung.drivers) and not rung.linked):
        return Form.BARE_FUNCTION
    return Form.FUNCTION


def lines_of_driver(code: str, rung: RungSource) -> tuple[str, str]:
    """Return those lines of the rung's source that name the driver or start it; none for a file that names it itself.

    The first text belongs before the file, the second after it. Most lines follow, so that the compiler's line numbers
    are the file's own; only a file that has to be imported before libraries, to limit their threads, precedes.
    """
    if _names(code, rung.drivers):
        return "", ""
    given = {line.strip() for line in code.splitlines()}
    before: list[str] = []
    after: list[str] = []
    for block in re.split(r"\n\s*\n", rung.code.strip()):
        if block.startswith((" ", "\t")):
            continue  # a part of a class is no block by itself
        names, calls = _names(block, rung.drivers), bool(_MULTIPLY.search(block))
        if _starts(block) or _CALL.search(block) or (names and calls and "\n" not in block):
            after.append(block)
        elif names and not calls:
            imports = "\n".join(line for line in block.splitlines() if line.strip() and line.strip() not in given)
            (after if _DRIVER.search(block) else before).append(imports)
    return "\n\n".join(before), "\n\n".join(after)


def starts_multiply(lines: str) -> bool:
    """Return whether lines of a driver start the function."""
    return bool(_MULTIPLY.search(lines))


def left_out(code: str, form: Form, drivers: frozenset[str]) -> frozenset[str]:
    """Return the names, without suffixes, of the files that a build command is not to have beside this one.

    For a program these are the driver's. A function `multiply` takes the place of files that make one of another
    function, as packed_rung.c does.
    """
    if form == Form.PROGRAM:
        return drivers
    return frozenset(stem for stem in drivers if stem.lower() != DRIVER and _MULTIPLY.search(code))


def class_name(code: str) -> str | None:
    """Return the class that a source is started by: the one with `main`, or else the first."""
    classes = list(re.finditer(r"^(?:\w+ )*class (?P<name>\w+)", code, re.M))
    main = re.search(r"\bmain\s*\(", code)
    before_main = [found for found in classes if main and found.start() < main.start()]
    chosen = [*before_main[-1:], *classes[:1]]
    return chosen[0]["name"] if chosen else None


def _starts(code: str) -> bool:
    return bool(_START.search(code))


def _names(code: str, drivers: frozenset[str]) -> bool:
    # in any case: OCaml's Driver is driver.ml
    return any(re.search(rf"\b{re.escape(stem)}\b", code, re.I) for stem in drivers)
