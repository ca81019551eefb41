"""Compare two programs with hyperfine, by the test of its own scripts (welch_ttest.py)."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

from harness.analysis.intervals import welch
from harness.model.errors import HarnessError

REPS = 3
"""Products per process. hyperfine times whole processes; several products lower the share of start and loading."""


def beside_hyperfine(programs: list[Path], arguments: list[str], runs: int, folder: Path) -> int:
    """Return 1 if the second program is significantly slower than the first, -1 if faster, else 0.

    The test is Welch's t-test at 5%, of `runs` processes of each program. Raises HarnessError if hyperfine fails.
    """
    commands = [shlex.join([str(program), *arguments, str(REPS)]) for program in programs]
    first, second = _times(commands, runs, folder)
    return sign_of_difference(first, second)


def sign_of_difference(first: list[float], second: list[float]) -> int:
    """Return the sign of the second mean minus the first if Welch's t-test is significant at 5%, else 0."""
    difference = welch(second, first)
    if difference is None:
        return 0
    low, high = difference.interval(0.95)
    return 1 if low > 0 else -1 if high < 0 else 0


def _times(commands: list[str], runs: int, folder: Path) -> list[list[float]]:
    result = folder / "hyperfine.json"
    argv = ["hyperfine", "-N", "--warmup", "1", "--runs", str(runs), "--style", "none", "--export-json", str(result)]
    done = subprocess.run([*argv, *commands], capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        raise HarnessError(f"hyperfine: {(done.stderr.strip().splitlines() or ['failed'])[-1]}")
    return [command["times"] for command in json.loads(result.read_text(encoding="utf-8"))["results"]]
