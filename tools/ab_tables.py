"""Write the tables of tools/ab_bench.py. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from scipy import stats

from harness.report.markdown import table
from harness.util.format import duration, percent
from tools.ab_bench import CELLS, STATES, TOOLS, Trial
from tools.ab_overhead import Overhead

LITTLE_SCATTER = 0.03
"""Standard deviation of launches on a log scale up to which a difference of 1% should be found in 90 s."""


def ab_table(trials: Sequence[Trial], overheads: Sequence[Overhead]) -> str:
    """Return the chips, the table of the trials that saw a difference, and sentences on scatter and overhead."""
    rows = []
    for state in STATES:
        for cell in CELLS:
            of_cell = [trial for trial in trials if (trial.state, trial.per_mille) == (state, cell.per_mille)]
            if not of_cell:
                continue
            by_tool = [[trial for trial in of_cell if trial.tool == tool] for tool in TOOLS]
            scatters = [trial.scatter for trial in of_cell if trial.tool == "ab"]
            scatter = percent(median(scatters), 2) if scatters else "–"
            name = f"{percent(cell.per_mille / 1000)} more work" if cell.per_mille else "the same work"
            rows.append([f"{name}, {state}", f"{cell.seconds:g} s", scatter, *map(_seen, by_tool)])
    head = ["second program", "time of a trial", "scatter, `ab`", *(f"`{tool}`" for tool in TOOLS)]
    sentences = [_quiet(trials), _untrusted(trials), _taken(trials), _overhead(overheads)]
    return "\n\n".join([_made(trials), table(head, rows), *filter(None, sentences)])


def _made(trials: Sequence[Trial]) -> str:
    """Return how many trials were made on each chip, and when."""
    chips = sorted({trial.chip for trial in trials})
    days = {chip: sorted(trial.day for trial in trials if trial.chip == chip) for chip in chips}
    first_and_last = {chip: " to ".join(sorted({of_chip[0], of_chip[-1]})) for chip, of_chip in days.items()}
    return f"Trials: {'; '.join(f'{len(days[chip])} on {chip}, {first_and_last[chip]}' for chip in chips)}."


def _quiet(trials: Sequence[Trial]) -> str:
    """Return how often `ab` found the smallest difference where launches scatter little; empty without such trials."""
    smallest = min(cell.per_mille for cell in CELLS if cell.per_mille)
    quiet = [trial for trial in trials if (trial.tool, trial.per_mille) == ("ab", smallest)]
    quiet = [trial for trial in quiet if trial.scatter <= LITTLE_SCATTER]
    if not quiet:
        return ""
    difference, scatter = percent(smallest / 1000, 1), percent(LITTLE_SCATTER, 1)
    seen = _seen(quiet)
    return f"Where launches scatter by {scatter} or less, `ab` found a difference of {difference} in {seen} trials."


def _seen(trials: Sequence[Trial]) -> str:
    """Return in how many trials a difference was seen, with Wilson's interval.

    Of the same work, any difference is a false alarm; otherwise only the right direction counts. A trial that says that
    it cannot be trusted has seen none.
    """
    if not trials:
        return "–"
    count = sum(trial.trusted and (trial.sign > 0 or (trial.sign < 0 and not trial.per_mille)) for trial in trials)
    ends = stats.binomtest(count, len(trials)).proportion_ci(0.95, method="wilson")
    return f"{count} of {len(trials)} ({percent(ends.low)} to {percent(ends.high)})"


def _untrusted(trials: Sequence[Trial]) -> str:
    own = [trial for trial in trials if trial.tool == "ab"]
    count = sum(not trial.trusted for trial in own)
    return f"Of {len(own)} trials of `ab`, {count} said that they cannot be trusted; these count as no difference seen."


def _taken(trials: Sequence[Trial]) -> str:
    """Return how much of its time each tool took, in the median: more would be an advantage."""
    wanted_s = {cell.per_mille: cell.seconds for cell in CELLS}
    shares = {
        tool: [trial.seconds / wanted_s[trial.per_mille] for trial in trials if trial.tool == tool] for tool in TOOLS
    }
    words = [f"`{tool}` {percent(median(of_tool), 3)}" for tool, of_tool in shares.items() if of_tool]
    return f"Of its time, a trial took in the median, with starts and pilots: {', '.join(words)}."


def _overhead(overheads: Sequence[Overhead]) -> str:
    words = [f"`{found.tool}` {duration(found.overhead_s)}" for found in overheads]
    if not words:
        return ""
    reported = " and ".join(duration(found.reported_s) for found in overheads)
    chip = " and ".join(sorted({found.chip for found in overheads}))
    taken = f"{' and '.join(words)} beside the time that is reported, which is {reported}"
    return f"A launch of `true` takes {taken} ({chip})."
