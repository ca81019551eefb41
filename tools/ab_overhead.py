"""Measure what `ab` and hyperfine need for a launch beside its time: a part of `make figures`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean, median

from harness.system import host
from harness.util.chip import chip_name
from harness.util.files import write_json
from harness.util.paths import ROOT
from tools.ab_bench import seconds_taken

STORE = ROOT / "docs" / "ab-overheads.json"
"""The file of what was found last."""


@dataclass(frozen=True)
class Overhead:
    """What a tool needs for a launch of `true` on a chip beside the time that it reports, and that time, in seconds."""

    tool: str
    overhead_s: float
    reported_s: float
    chip: str


def overheads(folder: Path, launches: int = 600) -> list[Overhead]:
    """Measure what `ab` and hyperfine need a launch, from runs of few and of many launches."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "overhead.json"

    def ab(count: int) -> list[str]:
        rounds = count // 3  # of two commands, and the first again
        words = ["ab", "true", "true", "--runs", str(rounds), "--warmup", "1", "--export-json", str(path)]
        return [sys.executable, "-m", "harness", *words]

    def hyperfine(count: int) -> list[str]:
        return ["hyperfine", "-N", "--style", "none", "--runs", str(count), "--export-json", str(path), "true"]

    found, chip = [], chip_name(host.describe())
    for tool, words in (("ab", ab), ("hyperfine", hyperfine)):
        few, many = launches // 10, launches
        pairs = [[_spent(words(count), count, path) for count in (few, many)] for _ in range(5)]
        # of each run its own times: those of another run differ by more than the overhead
        overhead_s = median((more.unreported_s - less.unreported_s) / (many - few) for less, more in pairs)
        found.append(Overhead(tool, overhead_s, median(more.reported_s for _, more in pairs), chip))
    return found


@dataclass(frozen=True)
class _Spent:
    """The seconds of a run outside the times that it reports, and the mean of these times."""

    unreported_s: float
    reported_s: float


def _spent(words: list[str], count: int, path: Path) -> _Spent:
    seconds = seconds_taken(words)
    reported_s = mean(result["mean"] for result in json.loads(path.read_text())["results"])
    return _Spent(seconds - count * reported_s, reported_s)


def stored_overheads(path: Path, folder: Path, anew: bool) -> list[Overhead]:
    """Return the overheads that are stored at `path`; measure and store them if there are none, or `anew`."""
    if anew or not path.exists():
        write_json(path, [asdict(found) for found in overheads(folder)])
    return [Overhead(**found) for found in json.loads(path.read_text())]
