"""A kernel and what it needs, as kernel.yaml declares them, and the rungs of the ladder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SERIAL_RUNGS = ("naive", "interchange")
"""Rungs that use one thread by definition; every other rung may use all (docs/rules.md)."""

RUNGS = (
    "naive",
    "interchange",
    "parallel",
    "divide",
    "vector",
    "intrinsics",
    "packed",
    "strassen",
    "engine",
    "library",
)
"""The ladder, in order: the same names in every language."""

REFERENCE = "c"
"""The language whose rung every other language's is held against."""


@dataclass(frozen=True)
class Toolchain:
    """What a kernel needs to be built and run, and the command that proves that it is there.

    `apt` and `backports` are Debian package names; `a | b` means the first that exists.
    """

    language: str
    apt: tuple[str, ...]
    backports: tuple[str, ...]
    pip: tuple[str, ...]
    version_command: str


@dataclass(frozen=True)
class Minimal:
    """How all that a kernel needs becomes the root of an image that holds nothing else, and what starts it there."""

    build: tuple[str, ...]
    run: str


@dataclass(frozen=True)
class Kernel:
    """One rung of one language, as kernel.yaml declares it.

    `int8_products` is how many products of bytes on the CPU's matrix engine it makes of one product of doubles; 0 for a
    kernel that multiplies doubles.
    """

    language: str
    language_name: str
    variant: str
    folder: Path
    source: str
    fetch: tuple[str, ...]
    build: tuple[str, ...]
    run: str
    flags: str
    toolchain: Toolchain
    threaded: bool
    requires: tuple[str, ...]
    category: str
    minimal: Minimal | None = None
    int8_products: int = 0

    @property
    def id(self) -> str:
        """`c/naive-O0`: how the kernel is called everywhere."""
        return f"{self.language}/{self.variant}"

    @property
    def rung(self) -> str:
        """The rung of the ladder, without the variant's suffix."""
        return self.variant.split("-", 1)[0]

    def threads_of(self, threads: int) -> int:
        """How many threads this kernel is given when the run allows `threads`."""
        return threads if self.threaded else 1

    def category_of(self, threads: int) -> str:
        """The class whose rows may be compared with this one: the rung, what kind of code it is, and threads."""
        given = self.threads_of(threads)
        rung = self.rung if self.category == self.rung else f"{self.rung} ({self.category})"
        return f"{rung}, {given} thread{'s' if given > 1 else ''}"
