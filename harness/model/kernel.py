"""Define a kernel and its requirements, as kernel.yaml declares them, and the rungs of the ladder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

SERIAL_RUNGS = ("naive", "interchange")
"""Rungs that use one thread by definition; every other rung may use all (docs/rules.md)."""

NORMWISE_RUNGS = ("strassen", "engine")
"""Rungs whose error bound is normwise: they add values of several rows, or keep as many digits for a whole row."""

LIBRARY_RUNG = "library"
"""The rung whose arithmetic is that of a library as its users call it."""

CHANGES = {
    "naive": "nothing yet: the i, j, k loops of the textbook, each sum kept in a local variable",
    "interchange": "the j and k loops change places",
    "parallel": "the rows of C are split evenly over the cores",
    "tiled": "blocks of A and B are copied to the memory that a group of threads shares",
    "divide": "the product is halved along its longest side, again and again; halves of C are computed in parallel",
    "vector": "the base case copies its block of B and is vectorised, by the compiler or in portable vectors",
    "intrinsics": "the base case is written for the CPU's vector unit, and keeps a tile of C in its registers",
    "packed": "blocks of A and B are packed in the order of use; a micro-kernel keeps a tile of C in registers",
    "strassen": "fewer multiplications, on top of packed",
    "engine": "products of bytes on the chip's matrix engine",
    "library": "the product is a call of a library",
}
"""The rungs, and what each changes; docs/rules.md says what it may do."""

RUNGS = tuple(CHANGES)
"""The ladder, in order: the same names in every language."""

DEVICE_RUNGS = ("tiled",)
"""Rungs that only languages of devices have."""

FMA_RUNGS = RUNGS[: RUNGS.index("strassen")]
"""The rungs that multiply and add doubles n^3 times: neither another algorithm, nor other units, nor a library."""

REFERENCE = "c"
"""The language that every other language is compared with, rung by rung."""


def place_of(source: str, folder: Path, uses: Path | None) -> Path:
    """Return the path of a source that kernel.yaml names, by the names under which a process sees the folders."""
    return folder / source.replace("{uses}", str(uses))


def kernel_id(language: str, variant: str, alternative: str = "") -> str:
    """Return a kernel's name; `alternative` is its toolchain if that is not the language's default."""
    return f"{language}/{variant}" + (f"@{alternative}" if alternative else "")


class ByToolchain(Protocol):
    """A kernel, or the row of one: its language, and its toolchain if that is not the language's default."""

    @property
    def language(self) -> str:
        """The language's short name."""

    @property
    def alternative(self) -> str:
        """The name of the toolchain; empty for the default."""


T = TypeVar("T", bound=ByToolchain)


def by_main_toolchain(items: Iterable[T]) -> list[T]:
    """Return the items by each language's main toolchain: its default, or the first other one if that has no item.

    The answer, the climb and the ladders have one toolchain a language: a second one would be an implementation more,
    and not a step.
    """
    items = list(items)
    main: dict[str, str] = {}
    for item in items:
        if not item.alternative:
            main[item.language] = ""
        main.setdefault(item.language, item.alternative)
    return [item for item in items if item.alternative == main[item.language]]


@dataclass(frozen=True)
class Toolchain:
    """The packages that build and run a kernel, and the command that proves that they are installed.

    `apt` and `backports` are names of Debian packages. `dnf`, `pacman` and `apk` are those of Fedora, Arch and Alpine,
    where they are known. `a | b` means the first that exists. `name` is its name among the toolchains of the language;
    empty for a language that has only one. `image` is the public image that its own starts from, if that is not the
    image of all others. `device` is what its kernels compute on: "nvidia" for
    a GPU of that maker's, "gpu" for one of any maker's, empty for the processors.
    """

    language: str
    apt: tuple[str, ...]
    backports: tuple[str, ...]
    pip: tuple[str, ...]
    version_command: str
    dnf: tuple[str, ...] = ()
    pacman: tuple[str, ...] = ()
    apk: tuple[str, ...] = ()
    name: str = ""
    image: str = ""
    device: str = ""


@dataclass(frozen=True)
class Minimal:
    """The smallest image of a kernel: the commands that build its root, and the command that starts the kernel."""

    build: tuple[str, ...]
    run: str


@dataclass(frozen=True)
class PeakProgram:
    """The program that measures the peak of a language's device: how it is built, and the command that starts it."""

    build: tuple[str, ...]
    run: str


@dataclass(frozen=True)
class Kernel:
    """One rung of one language, as kernel.yaml declares it.

    `int8_products` is the number of products of bytes that the CPU's matrix engine computes for one product of
    doubles; 0 for a kernel that multiplies doubles. `uses` is a folder with files of another language that it shares.
    `optional` says why its toolchain may be missing where all others must be there, and where to get it. `alternative`
    is the name of its toolchain if that is not the language's default; else empty. `peak` measures the device on which
    it computes; None for a kernel of the processors. `jit` says that it is compiled while it runs, by what a compiler
    sees of it then.
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
    uses: Path | None = None
    optional: str = ""
    alternative: str = ""
    peak: PeakProgram | None = None
    jit: bool = False

    @property
    def source_path(self) -> Path:
        """The file of the source: in the language's folder, or in the one that it uses."""
        return place_of(self.source, self.folder, self.uses)

    @property
    def id(self) -> str:
        """The kernel's name in files and on pages, such as `c/packed`, or `c/packed@clang` by another toolchain."""
        return kernel_id(self.language, self.variant, self.alternative)

    @property
    def default_id(self) -> str:
        """The name of the same rung by the language's default toolchain."""
        return kernel_id(self.language, self.variant)

    @property
    def on_gpu(self) -> bool:
        """Whether the kernel computes on a GPU: its rate is no share of the processors' peak."""
        return bool(self.toolchain.device)

    @property
    def rung(self) -> str:
        """The rung of the ladder, without the variant's suffix."""
        return self.variant.split("-", 1)[0]

    def threads_of(self, threads: int) -> int:
        """Return the number of threads that this kernel gets in a run of `threads`."""
        return threads if self.threaded else 1

    def category_of(self, threads: int) -> str:
        """Return the class within which rows are ranked: the rung, the category where it differs, and the threads."""
        count = self.threads_of(threads)
        rung = self.rung if self.category == self.rung else f"{self.rung} ({self.category})"
        return f"{rung}, {count} thread{'s' if count > 1 else ''}"
