"""Write what a tried file is, whether it is right, and where it stands, as lines for the terminal. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.analysis.estimate import Estimate
from harness.analysis.intervals import ratio
from harness.attempt.own_kernel import Attempt
from harness.attempt.source import Form
from harness.attempt.standing import Standing
from harness.model.job import Failed, Passed, Stage
from harness.model.kernel import CHANGES, Kernel
from harness.model.result import Quantity, Row
from harness.prepare.build import first_error
from harness.prepare.remedies import NEEDS_FOLDER, REMEDIES, own_output
from harness.report.headline import times, took
from harness.util.format import percent
from harness.util.paths import page, shown

HOW_WRONG = {
    Stage.BUILD: "Does not build",
    Stage.CHECK: "Wrong",
    Stage.MEASURE: "Wrong while it was measured",
    Stage.PLAUSIBILITY: "Wrong in what it reports",
}
"""What a failure at each stage means."""

MAX_OUTPUT_LINES = 15
"""Lines of a compiler's or program's output that are shown: as many as a script's traceback through its driver has."""


@dataclass(frozen=True)
class Compared:
    """A tried kernel's row, its place, and the kernels that it is compared with.

    `estimates` has the estimate of each measured kernel, by its id; `naive` and `library` are None where there is none.
    """

    own: Row
    standing: Standing
    naive: Kernel | None
    library: Kernel | None
    upcoming: Kernel | None
    estimates: Mapping[str, Estimate]
    threads: int
    confidence: float

    def speedup_over(self, kernel: Kernel) -> Quantity:
        """Return how many times as fast as another kernel the tried one is."""
        return Quantity.of(*ratio(self.estimates[kernel.id], self.estimates[self.own.kernel], self.confidence))


def what_it_is(attempt: Attempt) -> str:
    """Return what the file was taken for, and how it is built."""
    like = f"{attempt.like.id} is"
    if attempt.form == Form.PROGRAM:
        return f"{shown(attempt.file)}: a whole program, built and started as {like}."
    return f"{shown(attempt.file)}: a function, with the driver of {attempt.like.language_name}, built as {like}."


def right(passed: Passed, check_sizes: tuple[int, ...]) -> str:
    """Return that a kernel passed all checks."""
    return (
        f"Right: in all {passed.launches} launches of the checks, with n from {min(check_sizes)} to {max(check_sizes)}."
    )


def wrong(attempt: Attempt, failed: Failed, case: Sequence[str] = ()) -> list[str]:
    """Return why a file failed, its own output, the smallest wrong case, and what to do, a line each."""
    # a build's reason begins with the whole command, which the user did not write
    reason = first_error(failed.log) if failed.stage == Stage.BUILD and failed.log.strip() else failed.reason
    lines = [f"{HOW_WRONG[failed.stage]}: {attempt.by_own_name(reason)}"]
    lines += [f"  {line}" for line in case]
    lines += [f"  {attempt.by_own_name(line)}" for line in own_output(failed, MAX_OUTPUT_LINES)]
    if failed.code not in NEEDS_FOLDER and (remedy := REMEDIES.get(failed.code)):
        lines.append(f"  to do: {remedy}")
    return [*lines, f"  help: {page('try.md')}"]


def measured(compared: Compared) -> list[str]:
    """Return the time of a kernel, its place on the ladder, its speed-up and its shares, a line each."""
    own = compared.own
    lines = [f"Time: {took(own)} at n = {own.n}, with {_threads(own.threads)}.", _place(compared)]
    if compared.naive:
        speedup = times(compared.speedup_over(compared.naive))
        lines.append(f"Times naive: {speedup} as fast as {compared.naive.id}.")
    lines.append(_share_of_peak(own))
    if compared.library:
        share = compared.speedup_over(compared.library)
        threads = _threads(compared.library.threads_of(compared.threads))
        lines.append(f"Share of the library: {_percent(share)} of the speed of {compared.library.id}, with {threads}.")
    if compared.upcoming:
        lines.append(next_idea(compared.upcoming))
    return lines


def next_idea(kernel: Kernel) -> str:
    """Return the idea of a rung in one sentence, and its file."""
    return f"Next, {kernel.id}: {CHANGES[kernel.rung]}. Read {shown(kernel.source_path)}."


def _place(compared: Compared) -> str:
    standing = compared.standing
    parts = [
        *([f"above {_beside(compared, standing.below)}"] if standing.below else []),
        *(f"level with {_beside(compared, kernel)}" for kernel in standing.level),
        *([f"below {_beside(compared, standing.above)}"] if standing.above else []),
    ]
    return f"Place: {', '.join(parts)}." if parts else "Place: no rung was measured beside it."


def _beside(compared: Compared, kernel: Kernel) -> str:
    return f"{kernel.id}, {times(compared.speedup_over(kernel))} as fast"


def _share_of_peak(own: Row) -> str:
    if own.rate is None or own.rate.peak_share is None or own.time is None:
        return "Share of peak: the peak of this machine could not be measured."
    share, time = own.rate.peak_share, own.time
    ends = time.interval
    quantity = (
        Quantity(share, share * time.value / ends.high, share * time.value / ends.low) if ends else Quantity(share)
    )
    return f"Share of peak: {_percent(quantity)} of the rate that {_threads(own.threads)} can reach."


def _percent(share: Quantity) -> str:
    """Return a share with its interval: '12.3% (12.0% to 12.6%)'."""
    ends = share.interval
    return percent(share.value) + (f" ({percent(ends.low)} to {percent(ends.high)})" if ends else "")


def _threads(count: int) -> str:
    return f"{count} thread{'s' if count > 1 else ''}"
