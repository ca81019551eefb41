"""Test the format of Google Benchmark."""

from __future__ import annotations

import statistics

import pytest

from tests.unit.export.example_run import ESTIMATED, NAMES, RECORD, STEADY_NS


@pytest.fixture
def benchmarks(read) -> dict[str, list[dict]]:
    """Return the entries of each name."""
    entries: dict[str, list[dict]] = {}
    for entry in read("google-benchmark")["benchmarks"]:
        entries.setdefault(entry["name"], []).append(entry)
    return entries


def test_each_call_is_a_repetition(benchmarks):
    repetitions = benchmarks["toy/interchange/64"]

    assert [run["repetition_index"] for run in repetitions] == [0, 1, 2, 3]
    assert [run["cpu_time"] for run in repetitions] == [4e6, 4e6, 5e6, 5e6]
    assert {run["repetitions"] for run in repetitions} == {4}
    assert {run["label"] for run in repetitions} == {"toycc 14.2 Copyright"}


def test_aggregates_are_those_of_the_repetitions(benchmarks):
    expected = {
        "mean": statistics.fmean(STEADY_NS),
        "median": statistics.median(STEADY_NS),
        "stddev": statistics.stdev(STEADY_NS),
        "cv": statistics.stdev(STEADY_NS) / statistics.fmean(STEADY_NS),
    }

    for aggregate, value in expected.items():
        (run,) = benchmarks[f"toy/interchange/64_{aggregate}"]
        assert (run["run_type"], run["aggregate_name"], run["real_time"]) == ("aggregate", aggregate, value)
        assert run["run_name"] == "toy/interchange/64"


def test_single_value_has_no_aggregates(benchmarks):
    assert "toy/packed/64_mean" not in benchmarks


def test_estimate_has_its_label_and_interval(benchmarks):
    (estimated,) = benchmarks[NAMES[0]]

    assert estimated["label"] == f"Toy 3; {ESTIMATED}"
    assert (estimated["low_ns"], estimated["high_ns"]) == (100_000_000, 200_000_000)


def test_compare_py_finds_all_fields_that_it_reads(read):
    """Google Benchmark's compare.py can read the file.

    Its gbench/util.py sorts by the first four of these fields where they are there. Its gbench/report.py groups by
    name and time_unit, takes real_time and cpu_time of every entry that is no aggregate (for the geometric mean, so
    even of errors), and reads run_type, aggregate_name and label where they are there.
    """
    fields = {"family_index", "per_family_instance_index", "repetition_index", "run_type", "name", "time_unit"}
    units = {"ns", "us", "ms", "s"}

    benchmarks = read("google-benchmark")["benchmarks"]

    for benchmark in benchmarks:
        own = fields - {"repetition_index"} if benchmark["run_type"] == "aggregate" else fields
        assert own <= benchmark.keys() and benchmark["time_unit"] in units
        assert all(isinstance(benchmark[key], (int, float)) for key in ("real_time", "cpu_time"))
        assert benchmark["run_type"] in ("iteration", "aggregate")
    families = [benchmark["family_index"] for benchmark in benchmarks]
    assert families == sorted(families)


def test_context_describes_the_machine(read):
    context = read("google-benchmark")["context"]

    assert (context["num_cpus"], context["mhz_per_cpu"], context["load_avg"]) == (4, 2596, [0.25])
    assert context["cpu_scaling_enabled"] is True and context["json_schema_version"] == 1
    assert context["date"] == RECORD.started_at and context["caches"] == []


def test_failure_has_a_name_that_no_measurement_has(read):
    errors = [b for b in read("google-benchmark")["benchmarks"] if b.get("error_occurred")]

    (error,) = errors
    assert error["name"] == error["run_name"] == "toy/vector/64 (failed)"
    assert error["error_message"] == "plausibility: clock: says less than its launches took"
    assert (error["iterations"], error["real_time"]) == (0, 0)
