"""The first answer of a real run: before anything else is built, and not among the results."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.util.paths import ROOT
from tests.command import harness
from tests.toy import CONFIG

pytestmark = [pytest.mark.toolchain, pytest.mark.usefixtures("compiler")]

SETTINGS = CONFIG.replace("toy/naive", "python/naive").replace("kernels: kernels", f"kernels: {ROOT / 'kernels'}")

WORDS = ("--n", "512", "--rounds", "1", "--only", "python/naive", "--only", "c/packed", "--only", "c/naive")


@dataclass(frozen=True)
class Run:
    """A project, and the lines that its run printed on stderr."""

    project: Path
    returncode: int
    lines: list[str]

    @property
    def folder(self) -> Path:
        """The run's folder."""
        return (self.project / "reports" / "latest").resolve()


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Run:
    """Return a native run of python/naive, c/packed and c/naive at n = 512; it may only be read and resumed."""
    project = tmp_path_factory.mktemp("first-answer")
    (project / "config.yaml").write_text(SETTINGS)
    done = harness("run-all", "--config", str(project / "config.yaml"), *WORDS)
    return Run(project, done.returncode, done.stderr.splitlines())


def first(lines: list[str], beginning: str) -> int:
    """Return the number of the first line that begins so."""
    return next(number for number, line in enumerate(lines) if line.startswith(beginning))


@pytest.mark.long(30)
def test_it_is_printed_before_the_other_kernels_are_built(run):
    assert run.returncode == 0, run.lines
    number = first(run.lines, "First answer")
    assert number < first(run.lines, "Toolchains ...") < first(run.lines, "Building ...")
    assert re.fullmatch(
        r"First answer, from one native launch each: python/naive takes about [\d.]+ (s|min \d\d s) "
        r"\(from \d+ of 512 rows\) and c/packed about [\d.]+ ms( \(2 threads\))?: about [\d,]+ times\. "
        r"The run refines this while it builds and measures the rest\.",
        run.lines[number],
    )


@pytest.mark.parametrize("name", ["run.json", "samples.jsonl", "results.csv", "report.html"])
def test_it_is_in_no_file_of_the_run(run, name):
    text = (run.folder / name).read_text()

    assert "irst answer" not in text and "python/naive" in text


def test_c_packed_is_built_once(run):
    """The inputs are created after c/packed is built for the first answer and before the run builds its kernels."""
    build = run.project / "build"
    [inputs] = build.glob("inputs/n512-seed*/inputs.json")
    written = {name: (build / "native" / "c" / name / "built.json").stat().st_mtime_ns for name in ("packed", "naive")}

    assert written["packed"] < inputs.stat().st_mtime_ns < written["naive"]


def test_a_resumed_run_has_none(run):
    done = harness("run-all", "--resume", str(run.folder))

    assert done.returncode == 0 and "Building ..." in done.stderr
    assert "irst answer" not in done.stderr and "First launches" not in done.stderr
