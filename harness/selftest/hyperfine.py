"""The same two programs timed by hyperfine, judged by the test that its own scripts recommend."""

from __future__ import annotations

import json
import math
import shlex
import subprocess
from pathlib import Path
from statistics import median

from harness.analysis.intervals import welch
from harness.model.errors import HarnessError

REPS = 3
"""Products in each process: hyperfine times whole processes, so that starting and loading weigh little."""


def beside_hyperfine(programs: list[Path], arguments: list[str], total_s: float, folder: Path) -> int:
    """1 if the second program is found slower than the first, -1 if faster, 0 if neither; Welch's t-test at 5%.

    Both get half of `total_s`: as many runs as fit. Raises HarnessError if hyperfine fails.
    """
    commands = [shlex.join([str(program), *arguments, str(REPS)]) for program in programs]
    pilot = _times(commands[:1], 3, folder)[0]
    runs = max(3, int(total_s / 2 / median(pilot)))
    first, second = _times(commands, runs, folder)
    return found(first, second)


def found(first: list[float], second: list[float]) -> int:
    """The sign of the difference of the means, second less first, if Welch's t-test finds one at 5%; else 0."""
    difference, half = welch(second, first, 0.95)
    return int(math.copysign(1, difference)) if abs(difference) > half else 0


def _times(commands: list[str], runs: int, folder: Path) -> list[list[float]]:
    result = folder / "hyperfine.json"
    argv = ["hyperfine", "-N", "--warmup", "1", "--runs", str(runs), "--style", "none", "--export-json", str(result)]
    done = subprocess.run([*argv, *commands], capture_output=True, text=True, check=False)
    if done.returncode:
        raise HarnessError(f"hyperfine: {(done.stderr.strip().splitlines() or ['failed'])[-1]}")
    return [one["times"] for one in json.loads(result.read_text())["results"]]
