"""Say in plain lines what a comparison will show, and what it has shown. Pure."""

from __future__ import annotations

import math

from harness.ab.commands import Group
from harness.ab.plan import MAX_ROUNDS, Goal, Plan
from harness.ab.verdicts import Difference, Figures, Measured
from harness.analysis.compare import Verdict
from harness.model.result import Interval
from harness.util.format import about, duration, percent, size, spread

HEAD = ("", "time", "processor time", "peak memory")
"""The head of the table of figures."""


def plan_line(plan: Plan, goal: Goal, columns: int) -> str:
    """Return the plan in a sentence: how many rounds of so many launches, how long, and what they will show."""
    text = f"{plan.rounds} rounds of {columns} launches"
    if plan.seconds is None or plan.detectable is None:
        return f"{text}, as --runs says"
    text += (
        f", about {about(plan.seconds)}: a difference of {percent(plan.detectable, 2)} is found nine times out of ten"
    )
    if goal.detect is not None and plan.detectable > goal.detect * 1.005:
        factor = (math.log1p(plan.detectable) / math.log1p(goal.detect)) ** 2  # intervals shrink as the root of rounds
        too_many = plan.rounds * factor > MAX_ROUNDS
        needed = f"more than {MAX_ROUNDS} rounds" if too_many else f"about {about(plan.seconds * factor)}"
        text += f"; one of {percent(goal.detect, 2)} would take {needed}"
    return text


def lines(measured: Measured, percent_slower: float | None) -> list[str]:
    """Return the result as lines; `percent_slower` is that of --fail-on-regression."""
    group = measured.group
    text = [*_heading(group), *_table(measured), ""]
    for sentence, detail in sentences(measured):
        text += [sentence, f"   {detail}"]
    text.append(control_line(measured))
    if slower := regression_line(measured, percent_slower):
        text.append(slower)
    return text


def sentences(measured: Measured) -> list[tuple[str, str]]:
    """Return the verdict on each command after the first, and a sentence on its processor time and memory."""
    commands = measured.group.commands
    differences = zip(commands[1:], measured.judgement.differences, strict=True)
    return [_difference(command.name, commands[0].name, difference) for command, difference in differences]


def regression_line(measured: Measured, percent_slower: float | None) -> str:
    """Return which commands are slower by more than `percent_slower`; empty if none is, or none can be accused."""
    judgement = measured.judgement
    if percent_slower is None or not judgement.trusted:
        return ""
    slower = [measured.group.commands[1 + place].name for place in judgement.regressions(percent_slower)]
    return f"Slower by more than {percent_slower:g}%: {', '.join(slower)}" if slower else ""


def control_line(measured: Measured) -> str:
    """Return what the control shows: that the run can be trusted, or that it cannot."""
    first, control = measured.group.commands[0].name, measured.judgement.control
    rounds = len(measured.control)
    text = f"Control: {first} against itself in the same {rounds} rounds, {bounds(control)} times its own time"
    if measured.judgement.trusted:
        return f"{text}: equal, as it must be."
    return (
        f"{text}: NOT EQUAL, so the verdicts cannot be trusted. One run in a hundred ends so by chance; repeat it, and "
        "if it does so again, look for other work on this machine ('doctor' lists what disturbs)."
    )


def bounds(ratio: Interval) -> str:
    """Return a ratio with its interval, '1.012 (1.008 to 1.015)', with places enough to see the interval."""
    half_width = max(ratio.high - ratio.low, 1e-9) / 2
    places = min(6, max(2, 1 - math.floor(math.log10(half_width))))
    return f"{ratio.value:,.{places}f} ({ratio.low:,.{places}f} to {ratio.high:,.{places}f})"


def _heading(group: Group) -> list[str]:
    width = max(len(command.name) for command in group.commands)
    commands = [f"{command.name:<{width}}  {command.title}" for command in group.commands]
    return [*filter(None, [parameters_line(group), *commands, shell_line(group)]), ""]


def parameters_line(group: Group) -> str:
    """Return the values that all commands of a group have in common; empty without any."""
    return ", ".join(f"{name} = {value}" for name, value in group.parameters.items())


def shell_line(group: Group) -> str:
    """Return that a shell is part of the times; empty without one."""
    shell = " ".join(group.shell)
    return f"All run in {shell}, and its start is part of every time; -N runs them without it." if shell else ""


def _table(measured: Measured) -> list[str]:
    commands, figures = measured.group.commands, measured.judgement.figures
    rows = [HEAD, *((command.name, *cells(found)) for command, found in zip(commands, figures, strict=True))]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def cells(figures: Figures) -> tuple[str, str, str]:
    """Return the time, the processor time and the peak memory of a command as cells of a table."""
    cpu = _with_spread(figures.cpu_s) if figures.cpu_s else "below the clock's tick"
    return _with_spread(figures.time_s), cpu, size(figures.peak_rss_bytes)


def _with_spread(seconds: Interval) -> str:
    return f"{duration(seconds.value)} ({spread(seconds.value, seconds.low, seconds.high)})"


def _difference(name: str, first: str, difference: Difference) -> tuple[str, str]:
    """Return the sentences on a command compared with the first."""
    times = f"{bounds(difference.time)} times the time of {first}"
    if difference.verdict == Verdict.SAME:
        largest = max(difference.time.high, 1 / difference.time.low) - 1
        sentence = f"{name}: no difference seen, and one of more than {percent(largest, 2)} is ruled out: {times}."
    else:
        sentence = f"{name} is {difference.verdict} than {first}: {times}."
    cpu = f"{bounds(difference.cpu)} times the processor time, " if difference.cpu else ""
    return sentence, f"{cpu}{difference.peak_rss:.2f} times the peak memory."
