"""Measure how often `ab`, hyperfine and pyperf see a difference, in the same time: a part of `make figures`.

The trials of all tools, differences and states of the machine are mixed, and each is stored when it ends, so that what
is there can be shown at any time, and a later call continues, on this machine or on another one. All of them take hours
(seconds_of).
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import stdev

from harness.model.errors import HarnessError
from harness.selftest.hyperfine import sign_of_difference
from harness.selftest.load import half_busy
from harness.system import host
from harness.system.monitor import counters
from harness.util.chip import chip_name
from harness.util.paths import ROOT

STORE = ROOT / "docs" / "ab-trials.jsonl"
"""The file of all trials, one in each line."""

LAUNCH_S = 0.03
"""Time of a launch of the program that is compared, in seconds: long beside the start of a process, and short enough
for hundreds of launches in a trial."""

MAX_OTHERS = 0.05
"""Processors that other programs may keep busy during a trial: one with more is not of the state that it names."""

PILOT_LAUNCHES = 12
"""Launches from which the number of launches of a trial follows, for the tools that take no time limit."""

WORK = """
#include <stdint.h>
#include <stdlib.h>
int main(int argc, char **argv) {
  uint64_t x = 1;
  for (long i = argc > 1 ? atol(argv[1]) : 0; i > 0; i--) x = x * 6364136223846793005u + 1442695040888963407u;
  return x == 0;
}
"""
"""A program whose work is its argument: steps of which each needs the one before, so that a compiler removes none."""


@dataclass(frozen=True)
class Cell:
    """Trials of one difference: how much more work the second program has, the time of a trial, and their number."""

    per_mille: int
    seconds: float
    trials: int


CELLS = (Cell(0, 5, 400), Cell(50, 20, 20), Cell(20, 20, 20), Cell(10, 90, 20))

STATES: dict[str, Callable[[], contextlib.AbstractContextManager[None]]] = {
    "idle": contextlib.nullcontext,
    "half of one core busy": half_busy,
}
"""The states of the machine, and what brings it about."""


@dataclass(frozen=True)
class Trial:
    """A trial of one tool: whether it saw a difference, in the direction of `sign`, 1 for slower.

    `trusted` is false if the tool says that the trial cannot be trusted. `scatter` is the standard deviation of the
    first program's launches on a log scale, `seconds` what the trial took, `chip` the machine's.
    """

    tool: str
    state: str
    per_mille: int
    number: int
    sign: int
    trusted: bool
    scatter: float
    seconds: float
    day: str
    chip: str


Verdict = tuple[int, bool, float]
"""What a tool says of two programs: sign, trusted, scatter, as in Trial."""


class Programs:
    """The two programs of a trial as command lines, whose work fits LAUNCH_S on this machine."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        source, self._program = folder / "work.c", folder / "work"
        source.write_text(WORK)
        subprocess.run(["cc", "-O2", str(source), "-o", str(self._program)], check=True)
        steps, seconds = 10**6, 0.0
        while seconds < LAUNCH_S / 2:  # the start of a process is then a small part of it
            steps *= 2
            seconds = min(seconds_taken([str(self._program), str(steps)]) for _ in range(5))
        self._steps = round(steps * LAUNCH_S / seconds)

    def pair(self, per_mille: int) -> tuple[str, str]:
        """Return the program, and the same with so much more work."""
        more = round(self._steps * (1 + per_mille / 1000))
        return f"{self._program} {self._steps}", f"{self._program} {more}"


def seconds_taken(command: Sequence[str]) -> float:
    """Run a command that must succeed, and return how long it took, in seconds."""
    begin_s = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - begin_s


def _output(*command: str) -> str:
    """Return what a tool prints. Raises HarnessError if it fails."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["failed"])[-1]
        raise HarnessError(f"{command[0]}: {last}")
    return done.stdout


def _scatter(times: Sequence[float]) -> float:
    return stdev(map(math.log, times)) if len(times) > 1 else 0.0


def by_ab(pair: tuple[str, str], seconds: float, folder: Path) -> Verdict:
    """Compare two programs by `ab`, which takes the time limit itself."""
    del folder
    words = (sys.executable, "-m", "harness", "ab", *pair, "--time", f"{seconds:g}", "--json")
    [group] = json.loads(_output(*words))["groups"]
    sign = {"slower": 1, "faster": -1}.get(group["differences"][0]["verdict"], 0)
    return sign, group["trusted"], _scatter(group["commands"][0]["times_s"])


def by_hyperfine(pair: tuple[str, str], seconds: float, folder: Path) -> Verdict:
    """Compare two programs by hyperfine, whose scripts use Welch's test; a pilot gives the number of launches."""
    path = folder / "hyperfine.json"
    words = ("hyperfine", "-N", "--style", "none", "--export-json", str(path), "--warmup", "1", "--runs")
    pilot_s = seconds_taken([*words, str(PILOT_LAUNCHES), pair[0]])
    launches = max(2, int((seconds - pilot_s) / 2 / (pilot_s / (PILOT_LAUNCHES + 1))) - 1)
    _output(*words, str(launches), *pair)
    first, second = (result["times"] for result in json.loads(path.read_text())["results"])
    return sign_of_difference(first, second), True, _scatter(first)


PYPERF_VALUES = 3
"""Launches of a process of pyperf beside its warm-up: pyperf's default."""


def by_pyperf(pair: tuple[str, str], seconds: float, folder: Path) -> Verdict:
    """Compare two programs by pyperf's compare_to; a pilot gives the number of its processes."""

    def measure(command: str, processes: int, path: Path) -> list[str]:
        path.unlink(missing_ok=True)  # pyperf does not replace a file
        counts = ("-p", str(processes), "-n", str(PYPERF_VALUES), "-w", "1", "-l", "1")
        return [*words, "command", "-q", *counts, "--name", "work", "-o", str(path), "--", *command.split()]

    words = (sys.executable, "-m", "pyperf")
    paths = [folder / f"pyperf-{name}.json" for name in "ab"]
    pilot = PILOT_LAUNCHES // (PYPERF_VALUES + 1)
    pilot_s = seconds_taken(measure(pair[0], pilot, paths[0]))
    processes = max(1, int((seconds - pilot_s) / 2 / (pilot_s / pilot)))
    for command, path in zip(pair, paths, strict=True):
        _output(*measure(command, processes, path))
    runs = json.loads(paths[0].read_text())["benchmarks"][0]["runs"]
    said = re.search(r"x (slower|faster)", _output(*words, "compare_to", *map(str, paths)))
    sign = 0 if said is None else 1 if said[1] == "slower" else -1
    return sign, True, _scatter([value for run in runs for value in run.get("values", ())])


TOOLS: dict[str, Callable[[tuple[str, str], float, Path], Verdict]] = {
    "ab": by_ab,
    "hyperfine": by_hyperfine,
    "pyperf": by_pyperf,
}


def wanted(cells: Sequence[Cell]) -> Iterator[tuple[int, str, str, Cell]]:
    """Yield number, tool, state and cell of each trial: one of each cell, in random order, then the next of each."""
    for number in range(max(cell.trials for cell in cells)):
        more = [cell for cell in cells if number < cell.trials]
        kinds = [(number, tool, state, cell) for tool in TOOLS for state in STATES for cell in more]
        yield from random.Random(number).sample(kinds, len(kinds))


def seconds_of(cells: Sequence[Cell]) -> float:
    """Return how long all trials take, in seconds."""
    return sum(cell.seconds * cell.trials for cell in cells) * len(TOOLS) * len(STATES)


def measure(path: Path, folder: Path, limit: int | None) -> None:
    """Make the trials that the file at `path` lacks, at most `limit` of each cell, and add them to it.

    Those that other programs disturbed are left to a later call. Raises HarnessError if a tool is missing or fails.
    """
    for program, remedy in (("cc", "apt-get install gcc"), ("hyperfine", "apt-get install hyperfine")):
        if not shutil.which(program):
            raise HarnessError(f"{program} is not installed: {remedy}")
    cells = [
        Cell(cell.per_mille, cell.seconds, cell.trials if limit is None else min(cell.trials, limit)) for cell in CELLS
    ]
    done = {(trial.number, trial.tool, trial.state, trial.per_mille) for trial in load(path)}
    programs, chip = Programs(folder), chip_name(host.describe())
    path.parent.mkdir(parents=True, exist_ok=True)
    for number, tool, state, cell in wanted(cells):
        if (number, tool, state, cell.per_mille) in done:
            continue
        what = f"{tool}, {state}, {cell.per_mille / 10:g}% more work, {cell.seconds:g} s"
        print(f"trial {number + 1}: {what}", file=sys.stderr)
        others = Others()
        with STATES[state]():
            sign, trusted, scatter = TOOLS[tool](programs.pair(cell.per_mille), cell.seconds, folder)
        seconds, day = others.seconds(), datetime.now(UTC).date().isoformat()
        if (processors := others.processors()) > MAX_OTHERS:
            print(f"left out: other programs kept {processors:.2f} processors busy meanwhile", file=sys.stderr)
            continue
        trial = Trial(tool, state, cell.per_mille, number, sign, trusted, scatter, seconds, day, chip)
        with path.open("a") as file:
            file.write(json.dumps(asdict(trial)) + "\n")
            file.flush()
            os.fsync(file.fileno())


class Others:
    """Watch from now on how busy other programs keep the machine: all but this process and its children that ended."""

    def __init__(self) -> None:
        self._begin_s, self._others_s = time.monotonic(), _others_s()

    def seconds(self) -> float:
        """Return for how long they have been watched."""
        return time.monotonic() - self._begin_s

    def processors(self) -> float:
        """Return how many processors they have kept busy, in the mean."""
        return (_others_s() - self._others_s) / self.seconds()


def _others_s() -> float:
    return counters().busy_ns / 1e9 - sum(os.times()[:4])


def load(path: Path) -> list[Trial]:
    """Return the trials that are stored at `path`; none if there is no file."""
    if not path.exists():
        return []
    return [Trial(**json.loads(line)) for line in path.read_text().splitlines()]
