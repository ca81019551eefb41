"""Define what became of a tried file, for all outputs, and derive it from a failure or from a comparison. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from harness.attempt.compared import Compared, Piloted
from harness.attempt.own_kernel import Attempt
from harness.attempt.sentences import MAX_OUTPUT_LINES, next_idea, reason_of, remedy_of
from harness.attempt.source import Form
from harness.attempt.verdict import Verdict, verdict_of
from harness.model.job import Failed, FailureCode, Passed
from harness.model.result import Quantity
from harness.prepare.remedies import own_output
from harness.util.printable import printable

MAX_REASON = 300
"""Characters of a reason that are kept: a sentence. A compiler can print any number."""


class Order(StrEnum):
    """Whether a rung is significantly slower or faster than a tried file, or cannot be told from it."""

    SLOWER = "slower"
    LEVEL = "level"
    FASTER = "faster"


@dataclass(frozen=True)
class Neighbour:
    """A rung that was measured beside a tried file, and how many times as fast as that rung the file is."""

    kernel: str
    order: Order
    times: Quantity


@dataclass(frozen=True)
class Tried:
    """What became of a tried file or folder.

    `source` is the name of the file that was built. `reason` is a sentence, `code` the kind of a failure: of a file
    that is implausible, the name of the check that found it. `case` has the matrices of the smallest wrong case,
    `output` what the compiler or the program wrote. `rank` is that among the tried files with as many threads; "2=" is
    shared.
    `other_rungs` had no turn in the rounds. `limit` is what limits a file that was tried alone.
    `rounds` is the number of rounds that the time rests on; a file without a time was not measured to the end.
    """

    name: str
    verdict: Verdict
    reason: str = ""
    code: FailureCode | None = None
    source: str = ""
    language: str = ""
    like: str = ""
    form: Form | None = None
    threads: int | None = None
    case: tuple[str, ...] = ()
    output: tuple[str, ...] = ()
    remedy: str = ""
    launches: int | None = None
    rank: str = ""
    time: Quantity | None = None
    estimated: bool = False
    rounds: int = 0
    naive: str | None = None
    times_naive: Quantity | None = None
    peak_share: Quantity | None = None
    library: str | None = None
    library_share: Quantity | None = None
    neighbours: tuple[Neighbour, ...] = ()
    other_rungs: tuple[Piloted, ...] = ()
    next_rung: str | None = None
    next_idea: str = ""
    limit: str = ""


def without_kernel(name: str, verdict: Verdict, reason: str) -> Tried:
    """Return the outcome of a file that no kernel was made of."""
    return Tried(name, verdict, _sentence(reason))


def failed_outcome(name: str, attempt: Attempt, failed: Failed, threads: int, case: Sequence[str] = ()) -> Tried:
    """Return the outcome of a file that failed; `case` has the matrices of the smallest wrong case."""
    return replace(
        _described(name, attempt, threads, verdict_of(failed)),
        reason=_sentence(attempt.by_own_name(reason_of(failed))),
        code=failed.code,
        case=tuple(case),
        output=tuple(
            printable(attempt.by_own_name(line.removeprefix("output: ")))
            for line in own_output(failed, MAX_OUTPUT_LINES)
        ),
        remedy=remedy_of(failed),
    )


def right_outcome(name: str, attempt: Attempt, passed: Passed, threads: int, compared: Compared | None) -> Tried:
    """Return the outcome of a file that passed its checks; without a time if it was not measured."""
    described = _described(name, attempt, threads, Verdict.RIGHT)
    if compared is None:
        return replace(described, reason="it was not measured", launches=passed.launches)
    own, standing, upcoming = compared.own, compared.standing, compared.upcoming
    orders = {Order.SLOWER: standing.slower, Order.LEVEL: standing.level, Order.FASTER: standing.faster}
    return replace(
        described,
        launches=passed.launches,
        rank=own.rank,
        time=own.time,
        estimated=own.estimated,
        rounds=own.rounds,
        naive=compared.naive.id if compared.naive else None,
        times_naive=compared.speedup_over(compared.naive) if compared.naive else None,
        peak_share=compared.peak_share,
        library=compared.library.id if compared.library else None,
        library_share=compared.speedup_over(compared.library) if compared.library else None,
        neighbours=tuple(
            Neighbour(kernel.id, order, compared.speedup_over(kernel))
            for order, kernels in orders.items()
            for kernel in kernels
        ),
        other_rungs=compared.piloted,
        next_rung=upcoming.id if upcoming else None,
        next_idea=next_idea(upcoming) if upcoming else "",
    )


def _described(name: str, attempt: Attempt, threads: int, verdict: Verdict) -> Tried:
    """Return what is known of a file before it is built."""
    return Tried(
        name,
        verdict,
        source=printable(attempt.file.name),
        language=attempt.kernel.language_name,
        like=attempt.like.id,
        form=attempt.form,
        threads=attempt.kernel.threads_of(threads),
    )


def _sentence(text: str) -> str:
    """Return a reason in one line, not longer than MAX_REASON."""
    line = printable(" ".join(text.split()))
    return line if len(line) <= MAX_REASON else f"{line[: MAX_REASON - 1]}…"
