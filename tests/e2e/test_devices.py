"""Kernels on devices: what they tell is in the results, and one that cannot run here is skipped."""

from __future__ import annotations

import json

import pytest

from tests.command import harness
from tests.toy import SOURCE, make_project
from tests.toy_run import ToyRun, run_toy

TIMED = "        print(time.perf_counter_ns() - start)\n"
TOLD = """        took = time.perf_counter_ns() - start
        print(took)
        print("device_ns", max(1, took {share}))
"""
NAMES = 'def main(multiply):\n    print("device Abacus 9")\n    print("driver v1.2")\n'
SKIP = """def main(multiply):
    if int(sys.argv[4]) {when}:
        print({why!r}, file=sys.stderr)
        sys.exit(77)
"""
RUNGS = {
    "parallel": SOURCE.replace("def main(multiply):\n", NAMES).replace(TIMED, TOLD.format(share="// 2")),
    "divide": SOURCE.replace("def main(multiply):\n", NAMES).replace(TIMED, TOLD.format(share="* 2")),
    "vector": SOURCE.replace("def main(multiply):\n", SKIP.format(when="> 0", why="this machine has no abacus")),
    "packed": SOURCE.replace("def main(multiply):\n", SKIP.format(when="> 17", why="the abacus has too few beads")),
}

PEAK = """import sys
print("device Abacus 9")
print("float64 FMA 500")
print("float64 mma", 500 * int(sys.argv[1]))
print("memory 90")
print("clocks 0.99")
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> ToyRun:
    """Return a run of kernels that tell of a device, truly and not, and of two that cannot run here."""
    project = make_project(tmp_path_factory.mktemp("devices"))
    toy = project / "kernels" / "toy"
    for name, source in RUNGS.items():
        (toy / f"{name}.py").write_text(source)
    (toy / "peak.py").write_text(PEAK)
    with (toy / "kernel.yaml").open("a") as file:
        file.writelines(f"  {name}: {{source: {name}.py}}\n" for name in RUNGS)
        file.write("  packed-gpu: {source: parallel.py, device: gpu}\n")
        file.write('peak: {build: "cp peak.py {out}", run: "python3 {out}"}\n')
    return run_toy(project)


def test_device_driver_and_time_are_in_the_results(run):
    row = run.results().loc["toy/parallel"]

    assert (row.status, row.device, row.driver) == ("ok", "Abacus 9", "v1.2")
    assert row.device_s == pytest.approx(row.time_s / 2, rel=0.01)


def test_device_and_its_time_are_on_the_page(run):
    page = (run.folder / "report.html").read_text()

    assert "<dt>device</dt><dd>Abacus 9, driver v1.2; " in page and page.count("<dt>device</dt>") == 2


def test_share_of_the_peak_that_its_program_measured_is_in_the_results(run):
    row, page = run.results().loc["toy/packed-gpu"], (run.folder / "report.html").read_text()

    assert row.peak_share == pytest.approx(row.gflops / 1000)
    assert row.device_peak_share == pytest.approx(2 * row.peak_share, rel=0.01)
    assert "Abacus 9 did 500 GFLOPS by FMA, 1,000 GFLOPS by mma, and copied 90.0 GB/s" in page


def test_device_is_in_the_document_for_programs(run):
    done = harness("report", "--config", run.config, "--json")

    rows = {row["kernel"]: row for row in json.loads(done.stdout)["rows"]}
    assert rows["toy/parallel"]["device"]["name"] == "Abacus 9" and rows["toy/naive"]["device"] is None


def test_more_time_on_the_device_than_in_the_call_fails_the_row(run):
    row = run.results().loc["toy/divide"]

    assert row.status == "failed" and row.reason.startswith("plausibility: device-clock: reports ")


def test_kernel_without_its_device_is_a_skipped_row(run):
    row = run.results().loc["toy/vector"]

    assert (row.status, row.reason) == ("skipped", "this machine has no abacus")


def test_device_that_is_too_small_for_the_run_is_a_skipped_row(run):
    """It passes the checks, which are small, and cannot run at the run's n."""
    row = run.results().loc["toy/packed"]

    assert (row.status, row.reason) == ("skipped", "the abacus has too few beads")


def test_skipped_kernel_is_no_failure_of_a_check(run):
    done = harness("check", "--config", run.config, "--only", "toy/vector", "--only", "toy/naive")

    assert done.returncode == 0
    assert "toy/vector  skipped: this machine has no abacus" in done.stdout
