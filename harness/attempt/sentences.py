"""Write what a tried file is, whether it is right, and where it stands, as lines for the terminal. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from harness.attempt.compared import Compared, Piloted
from harness.attempt.kept_paces import MAX_AGE_S
from harness.attempt.own_kernel import Attempt
from harness.attempt.source import Form
from harness.model.job import Failed, Passed, Stage
from harness.model.kernel import CHANGES, Kernel
from harness.model.result import Quantity
from harness.prepare.build import first_error
from harness.prepare.remedies import NEEDS_FOLDER, REMEDIES, own_output
from harness.report.headline import times, took
from harness.util.format import about, percent
from harness.util.paths import page, shown
from harness.util.printable import printable

HOW_WRONG = {
    Stage.BUILD: "Does not build",
    Stage.CHECK: "Wrong",
    Stage.MEASURE: "Wrong while it was measured",
    Stage.PLAUSIBILITY: "Wrong in what it reports",
}
"""What a failure at each stage means."""

MAX_OUTPUT_LINES = 15
"""Lines of a compiler's or program's output that are shown: as many as a script's traceback through its driver has."""


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
    lines = [f"{HOW_WRONG[failed.stage]}: {printable(attempt.by_own_name(reason_of(failed)))}"]
    lines += [f"  {line}" for line in case]
    lines += [f"  {printable(attempt.by_own_name(line))}" for line in own_output(failed, MAX_OUTPUT_LINES)]
    if remedy := remedy_of(failed):
        lines.append(f"  to do: {remedy}")
    return [*lines, f"  help: {page('try.md')}"]


def reason_of(failed: Failed) -> str:
    """Return why a file failed; a build's reason begins with the whole command, which the user did not write."""
    return first_error(failed.log) if failed.stage == Stage.BUILD and failed.log.strip() else failed.reason


def remedy_of(failed: Failed) -> str:
    """Return what to do about a failure; empty where nothing is known, or only in the folder of a language."""
    return "" if failed.code in NEEDS_FOLDER else REMEDIES.get(failed.code, "")


def repeated(seed: int) -> str:
    """Return from which seed the inputs were made."""
    return f"Inputs: made from seed {seed}; --seed {seed} makes the same again."


def measured_lines(compared: Compared) -> list[str]:
    """Return the time of a kernel, its place on the ladder, its speed-up and its shares, a line each."""
    own = compared.own
    lines = [f"Time: {took(own)} at n = {own.n}, with {_threads(own.threads)}.", _place(compared)]
    if compared.piloted:
        lines.append(other_rungs(compared.piloted))
    if compared.naive:
        speedup = times(compared.speedup_over(compared.naive))
        lines.append(f"Times naive: {speedup} as fast as {compared.naive.id}.")
    lines.append(_share_of_peak(compared))
    if compared.library:
        share = compared.speedup_over(compared.library)
        threads = _threads(compared.library.threads_of(compared.threads))
        lines.append(f"Share of the library: {_percent(share)} of the speed of {compared.library.id}, with {threads}.")
    if compared.upcoming:
        lines.append(next_idea(compared.upcoming))
    return lines


def other_rungs(rungs: Sequence[Piloted]) -> str:
    """Return about how long the rungs take that had no turn in the rounds, and where that is from."""
    named = ", ".join(f"{each.kernel} {about(each.seconds)}" for each in rungs)
    age = f"the last {MAX_AGE_S / 3600:g} hours"
    return f"Other rungs, roughly: {named}; each from one short launch of {age}, not from these rounds."


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


def _share_of_peak(compared: Compared) -> str:
    if compared.peak_share is None:
        return "Share of peak: the peak of this machine could not be measured."
    return (
        f"Share of peak: {_percent(compared.peak_share)} of the rate that {_threads(compared.own.threads)} can reach."
    )


def _percent(share: Quantity) -> str:
    """Return a share with its interval: '12.3% (12.0% to 12.6%)'."""
    ends = share.interval
    return percent(share.value) + (f" ({percent(ends.low)} to {percent(ends.high)})" if ends else "")


def _threads(count: int) -> str:
    return f"{count} thread{'s' if count > 1 else ''}"
