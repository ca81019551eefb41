"""Define the document of an attempt: the tried files and what they were measured beside. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.analysis.estimate import estimates_of
from harness.analysis.rows import rows_of
from harness.attempt.comparison import Measured
from harness.attempt.outcome import Tried
from harness.attempt.verdict import Verdict
from harness.model.config import Backend, Config
from harness.model.kernel import Kernel
from harness.model.result import Quantity, Status
from harness.util.printable import printable


@dataclass(frozen=True)
class Reference:
    """A kernel that tried files were measured beside."""

    kernel: str
    threads: int
    time: Quantity
    estimated: bool
    peak_share: float | None


@dataclass(frozen=True)
class TryDocument:
    """What `try --json` prints, and what the text, the page and the CSV file of an attempt are made from.

    `what` is the file or folder that was given, `confinement` says what confined the entries of a folder. The inputs
    were made from `seed`. `finished` is false for an attempt that was interrupted. `entries` are the fastest first, and
    those without a time last. `right` is the number of entries that are right.
    """

    what: str
    backend: Backend
    why: str
    confinement: str
    chip: str
    n: int
    threads: int
    confidence: float
    seed: int
    rounds: int
    finished: bool
    right: int
    entries: tuple[Tried, ...]
    references: tuple[Reference, ...]

    @property
    def all_right(self) -> bool:
        """Whether every entry is right."""
        return self.right == len(self.entries)


@dataclass(frozen=True)
class Conditions:
    """Where an attempt was made, and why there; and what confined the entries of a folder."""

    backend: Backend
    why: str
    chip: str
    confinement: str = ""


def document_of(
    what: str,
    conditions: Conditions,
    config: Config,
    entries: Sequence[Tried],
    references: tuple[Reference, ...],
    finished: bool = True,
) -> TryDocument:
    """Return the document of an attempt with this configuration."""
    return TryDocument(
        what=printable(what),
        backend=conditions.backend,
        why=conditions.why,
        confinement=conditions.confinement,
        chip=conditions.chip,
        n=config.n,
        threads=config.threads,
        confidence=config.confidence,
        seed=config.seed,
        rounds=config.rounds,
        finished=finished,
        right=sum(entry.verdict == Verdict.RIGHT for entry in entries),
        entries=in_order(entries),
        references=references,
    )


def in_order(entries: Sequence[Tried]) -> tuple[Tried, ...]:
    """Return entries with the fastest first, those without a time after them, and those that are not right last."""
    order = list(Verdict)
    return tuple(
        sorted(entries, key=lambda each: (order.index(each.verdict), each.time.value if each.time else float("inf")))
    )


def references_of(kernels: Sequence[Kernel], measured: Measured | None, config: Config) -> tuple[Reference, ...]:
    """Return the kernels that tried files were measured beside, fastest first."""
    if measured is None:
        return ()
    named = {k.id: k for each in measured.beside.values() for k in (*each.ladder, *each.libraries)}
    others = [kernel for kernel in kernels if kernel.id in named]
    estimates = estimates_of({k.id: measured.samples.get(k.id, []) for k in others}, config.n)
    rows = rows_of(others, measured.samples, estimates, config, measured.failures, peak=measured.peak)
    found = [
        Reference(row.kernel, row.threads, row.time, row.estimated, row.rate.peak_share if row.rate else None)
        for row in rows
        if row.status == Status.OK and row.time
    ]
    return tuple(sorted(found, key=lambda each: each.time.value))
