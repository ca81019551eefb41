"""Test the format of pyperf, with pyperf itself."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pyperf
import pytest

from harness.export import exported, write
from tests.unit.export.example_run import ESTIMATE_S, ESTIMATED, NAMES, RECORD, SAMPLES


@pytest.fixture
def suite(results) -> pyperf.BenchmarkSuite:
    return pyperf.BenchmarkSuite.loads(exported("pyperf", results))


def test_each_launch_is_a_run_with_its_first_call_as_warmup(suite):
    first, second = suite.get_benchmark("toy/interchange/64").get_runs()

    assert suite.get_benchmark_names() == NAMES
    assert (first.values, first.warmups) == ((0.004000001, 0.004000003), ((1, 0.009),))
    assert (second.values, second.warmups) == ((0.004000007, 0.004000005), ((1, 0.008),))


def test_metadata_of_a_run_is_that_of_its_launch(suite):
    _, second = suite.get_benchmark("toy/interchange/64").get_runs()

    metadata = second.get_metadata()

    assert (metadata["mem_max_rss"], metadata["duration"]) == (7_000_007, 0.05)
    assert metadata["date"] == "2026-01-02T03:05:07.000+00:00"


def test_blocks_of_rows_are_one_run(suite):
    (blocks,) = suite.get_benchmark("toy/divide/64").get_runs()

    assert (blocks.values, blocks.warmups, blocks.get_metadata()["mem_max_rss"]) == ((0.005000003,), (), 222)
    assert blocks.get_metadata()["duration"] == 0.1


def test_estimate_is_one_run_that_says_what_it_is(suite):
    (estimated,) = suite.get_benchmark(NAMES[0]).get_runs()

    assert (estimated.values, estimated.warmups) == ((ESTIMATE_S,), ())
    assert estimated.get_metadata()["estimated"] == ESTIMATED


def test_metadata_of_the_suite_is_that_of_the_run(suite):
    assert suite.get_metadata() == {
        "run": RECORD.id,
        "harness_version": "1.2.3",
        "backend": "native",
        "cpu_model_name": "Toy CPU",
        "chip": "Toy CPU (AVX2)",
        "cpu_count": 4,
        "n": 64,
        "threads": 2,
        "unit": "second",
    }


@pytest.fixture
def files(results, tmp_path) -> Path:
    """Return a folder with the example run, and with one in which a kernel takes twice as long."""
    slower = {**SAMPLES, "toy/interchange": [replace(s, ns=2 * s.ns) for s in SAMPLES["toy/interchange"]]}
    write(tmp_path / "before.json", exported("pyperf", results))
    write(tmp_path / "after.json", exported("pyperf", replace(results, samples=slower)))
    return tmp_path


def run_pyperf(folder: Path, *words: str) -> str:
    command = [sys.executable, "-m", "pyperf", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_pyperf_stats_reads_the_file(files):
    text = run_pyperf(files, "stats", "before.json", "-b", "toy/interchange/64")

    assert "Number of run with values: 2" in text and "Number of warmup per run: 1" in text
    assert "Total number of values: 4" in text and "Start date: 2026-01-02 03:05:05" in text


def test_pyperf_compare_to_finds_the_difference(files):
    text = run_pyperf(files, "compare_to", "before.json", "after.json", "-v")

    assert "[before] 4.00 ms +- 0.00 ms -> [after] 8.00 ms +- 0.00 ms: 2.00x slower" in text


def test_pyperf_check_accepts_the_file(files):
    run_pyperf(files, "check", "before.json")
