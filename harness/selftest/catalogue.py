"""Read the lies that the self-test judges: each is a C file whose first lines say what it does."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

LIES = Path(__file__).parent / "sources" / "lies"
"""Folder of the lies, which is a folder of kernels: one language, whose rung naive is the honest kernel."""

HONEST = "c/naive"
"""The kernel that every lie is, without its lie."""


class Gain(StrEnum):
    """What a lie gains if no check catches it.

    TIME: it reports less time than the honest kernel, so it has failed where it does not. DIGITS: it passes with fewer
    digits, or without having computed. ROOM: it takes the judge's memory or disk.
    """

    TIME = "time"
    DIGITS = "digits"
    ROOM = "room"


@dataclass(frozen=True)
class Lie:
    """A kernel that cheats: its name, the family of its trick, the trick in a sentence, and what it would gain."""

    name: str
    family: str
    sentence: str
    gain: Gain

    @property
    def kernel(self) -> str:
        """The id of the kernel."""
        return f"{HONEST}-{self.name}"


def catalogue() -> tuple[Lie, ...]:
    """Return all lies, by family and name."""
    lies = [lie for path in LIES.glob("c/*.c") if (lie := _read(path))]
    return tuple(sorted(lies, key=lambda lie: (lie.family, lie.name)))


def _read(path: Path) -> Lie | None:
    """Return the lie in a file, from its first lines: `// Lie: Computes with float32.`, and so on; None without one."""
    lines = path.read_text(encoding="utf-8").splitlines()[:3]
    says = dict(line.removeprefix("// ").split(": ", 1) for line in lines if ": " in line)
    if "Lie" not in says:
        return None
    return Lie(path.stem.replace("_", "-"), says["Family"], says["Lie"], Gain(says["Gains"]))
