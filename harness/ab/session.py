"""Launch the commands of a group in rounds of random order: a warm-up, a pilot, and the rounds that count."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from statistics import median

from harness.ab.commands import Command, Group
from harness.ab.plan import (
    MAX_PILOT_ROUNDS,
    MIN_PILOT_ROUNDS,
    Goal,
    Pilot,
    Plan,
    confidence_of_each,
    noise_of,
    order_of,
    plan,
)
from harness.ab.runner import Answers, Runner, marked_unwritten
from harness.ab.text import plan_line
from harness.ab.verdicts import Measured, judge, wall_s
from harness.model.errors import HarnessError
from harness.model.job import FailureCode, JobResult
from harness.system.host import processors
from harness.util.console import Console
from harness.util.files import sha256_of
from harness.util.format import about

REDRAW_S = 0.5
"""Shortest time between two lines of progress, in seconds: a terminal draws beside the commands, and would disturb
those of milliseconds."""

MIN_LOOKS = 4
"""Smallest number of counts of a launch's threads that tell how many are at work."""


@dataclass(frozen=True)
class Settings:
    """How commands are launched: the goal, rounds of warm-up, processors, and what of them is compared."""

    goal: Goal
    warmup: int
    cpus: tuple[int, ...]
    ignore_failure: bool
    any_output: bool
    seed: int


class Session:
    """The launches of one group. Its columns are the first command, the same as control, and the others."""

    def __init__(self, group: Group, settings: Settings, runner: Runner, console: Console) -> None:
        self._group, self._settings, self._runner, self._console = group, settings, runner, console
        first, *others = group.commands
        self._columns: list[Command] = [first, first, *others]
        self._answers = Answers()
        self._begin_s, self._shown_s = time.monotonic(), 0.0
        self._round = 0

    def measure(self) -> Measured:
        """Make all launches, between the setups and the cleanups. Raises HarnessError."""
        try:
            for setup in self._group.setups:
                self._runner.prepare(setup)
            return self._measure()
        finally:
            self._console.status("")
            for cleanup in self._group.cleanups:
                try:
                    self._runner.prepare(cleanup)
                except HarnessError as error:
                    self._console.line(f"harness: {error}")  # a failure of the measurement is told, too

    def _measure(self) -> Measured:
        goal, begin_s = self._settings.goal, time.monotonic()
        for number in range(self._settings.warmup):
            self._show(f"warm-up round {number + 1} of {self._settings.warmup}")
            results = self._run_round(count=number == 0)
            for column, command in enumerate(self._columns[1:], start=1):
                self._advise_threads(command, results[column])
        if goal.rounds is not None:
            planned = Plan(goal.rounds)
        else:
            confidence = confidence_of_each(len(self._columns) - 2)
            planned = plan(goal, self._run_pilot(), time.monotonic() - begin_s, confidence)
        self._console.line(plan_line(planned, goal, len(self._columns)))
        rounds: list[dict[int, JobResult]] = []
        begin_s = time.monotonic()
        for number in range(planned.rounds):
            round_s = (time.monotonic() - begin_s) / number if number else (planned.seconds or 0) / planned.rounds
            left_s = round_s * (planned.rounds - number)
            left = f"; about {about(left_s)} left" if left_s else ""
            self._show(f"round {number + 1} of {planned.rounds}{left}")
            rounds.append(self._run_round())
        first, again, *others = (
            {number: results[column] for number, results in enumerate(rounds)} for column in range(len(self._columns))
        )
        return Measured(self._group, planned, (first, *others), again, judge(first, again, others))

    def _run_pilot(self) -> Pilot:
        """Make rounds that do not count, from which their number follows: an interval must not choose its own data."""
        rounds: list[dict[int, JobResult]] = []
        seconds: list[float] = []
        while len(rounds) < MIN_PILOT_ROUNDS or (
            len(rounds) < MAX_PILOT_ROUNDS and sum(seconds) < self._settings.goal.pilot_s
        ):
            self._show(f"pilot round {len(rounds) + 1}")
            begin_s = time.monotonic()
            rounds.append(self._run_round())
            seconds.append(time.monotonic() - begin_s)
        columns = [
            wall_s({number: results[column] for number, results in enumerate(rounds)})
            for column in range(len(self._columns))
        ]
        return Pilot(noise_of(columns), median(seconds))

    def _run_round(self, count: bool = False) -> dict[int, JobResult]:
        """Launch each column once, and return the results by column; with `count`, count the threads at work."""
        order = order_of(len(self._columns), self._round, self._settings.seed)
        self._round += 1
        return {column: self._launch(self._columns[column], count) for column in order}

    def _launch(self, command: Command, count: bool) -> JobResult:
        """Launch a command, and check its exit status and its answer. Raises HarnessError."""
        runner, settings = self._runner, self._settings
        if command.prepare:
            runner.prepare(command.prepare)
        compared_file = command.folder / command.output if command.output and not settings.any_output else None
        with contextlib.ExitStack() as stack:
            written = stack.enter_context(marked_unwritten(compared_file)) if compared_file else None
            keep_output = not settings.any_output and compared_file is None
            result = runner.run(command.words, command.folder, keep_output, count)
            self._check_status(command, result)
            if written and not written():
                raise HarnessError(f"{command} did not write the file {command.output} of --output")
            if compared_file:
                self._answers.check(command, sha256_of(compared_file))
            elif keep_output:
                self._answers.check(command, runner.digest())
        return result

    def _check_status(self, command: Command, result: JobResult) -> None:
        """Raise HarnessError if a launch failed, unless failures are ignored and there was a program to launch."""
        if result.ok:
            return
        complaint = f"{command} {result.describe()}{self._runner.complaint()}"
        if result.code == FailureCode.PROGRAM_NOT_FOUND:
            raise HarnessError(complaint)
        if not self._settings.ignore_failure:
            raise HarnessError(f"{complaint}; --ignore-failure compares it all the same")

    def _advise_threads(self, command: Command, result: JobResult) -> None:
        """Tell if a command has more threads at work than it has processors."""
        cpus = len(self._settings.cpus)
        if result.looks >= MIN_LOOKS and cpus < min(result.at_work, processors()):
            here = "1 processor" if cpus == 1 else f"{cpus} processors"
            self._console.line(
                f"{command.name} has {result.at_work} threads at work on {here}: --threads gives all commands more"
            )

    def _show(self, text: str) -> None:
        """Show the progress before a round, unless it was shown just now."""
        if (now_s := time.monotonic()) - self._shown_s >= REDRAW_S:
            self._shown_s = now_s
            self._console.progress(f"  {text}", int(now_s - self._begin_s))
