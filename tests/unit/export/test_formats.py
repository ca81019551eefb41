"""Test what holds for every format: values are samples, and no estimate passes for a measurement."""

from __future__ import annotations

import json
import re

import pyperf
import pytest

from harness.export import FORMATS, exported
from harness.model.errors import HarnessError
from tests import factories
from tests.unit.export.example_run import ESTIMATE_S, ESTIMATED, NAMES, RECORD, ROWS, SAMPLES, STEADY_NS, parsed

WITH_ALL_VALUES = pytest.mark.parametrize(
    ("name", "unit_ns"), [("hyperfine", 1e9), ("pyperf", 1e9), ("google-benchmark", 1), ("benchstat", 1)]
)
"""The formats that hold a value for each call, and the unit of their times in ns."""

UNKNOWN = factories.run_record(harness_version="", host=factories.host(cpu="", mhz_at_start="", governor=""))
"""The record of a run on a machine that says nothing about itself."""


def by_name(benchmarks: list[dict], key: str = "name") -> dict[str, list[dict]]:
    found = {}
    for benchmark in benchmarks:
        found.setdefault(benchmark[key], []).append(benchmark)
    return found


def names_in(name: str, value) -> list[str]:
    """Return the benchmarks of an export that have a time, in order."""
    if name == "bmf":
        return list(value)
    if name == "hyperfine":
        return [result["command"] for result in value["results"]]
    if name == "pyperf":
        return [benchmark["metadata"]["name"] for benchmark in value["benchmarks"]]
    if name == "google-benchmark":
        timed = [b for b in value["benchmarks"] if b["run_type"] == "iteration" and "error_occurred" not in b]
        return list(by_name(timed))
    if name == "otava":
        [row] = value
        return [column for column in row if column.startswith("toy/")]
    if name == "benchstat":
        return list(values_in(name, value))
    return [entry["name"] for entry in value]


def values_in(name: str, value) -> dict[str, list[float]]:
    """Return all values of each benchmark, in the format's own unit."""
    if name == "hyperfine":
        return {result["command"]: result["times"] for result in value["results"]}
    if name == "pyperf":
        return {b["metadata"]["name"]: [v for run in b["runs"] for v in run["values"]] for b in value["benchmarks"]}
    if name == "google-benchmark":
        runs = by_name([b for b in value["benchmarks"] if b["run_type"] == "iteration"])
        return {benchmark: [run["real_time"] for run in found] for benchmark, found in runs.items()}
    if name == "otava":
        [row] = value
        return {column: [float(row[column])] for column in names_in(name, value)}
    if name == "benchstat":
        found = {}
        for line in value:
            if match := re.match(
                r"BenchmarkProduct/language=(\w+)/rung=(\w+)/n=64(/estimated=.*)?-2 1 (\S+) ns/op$", line
            ):
                language, rung, estimated, ns = match.groups()
                found.setdefault(f"{language}/{rung}/64{' (estimated)' if estimated else ''}", []).append(float(ns))
        return found
    if name == "bmf":
        return {benchmark: [measures["latency"]["value"]] for benchmark, measures in value.items()}
    return {entry["name"]: [entry["value"]] for entry in value}


@WITH_ALL_VALUES
def test_values_are_the_steady_calls_in_order(read, name, unit_ns):
    """A launch's first call is left out where there is another."""
    values = values_in(name, read(name))

    assert values["toy/interchange/64"] == [ns / unit_ns for ns in STEADY_NS]
    assert values["toy/packed/64"] == [1_000_001 / unit_ns], "a launch's only call counts"


@WITH_ALL_VALUES
def test_blocks_of_rows_are_one_value(read, name, unit_ns):
    """Blocks of rows that add up to a whole product are exported as their sum."""
    assert values_in(name, read(name))["toy/divide/64"] == [5_000_003 / unit_ns]


@pytest.mark.parametrize("name", FORMATS)
def test_kernels_without_a_time_are_left_out(read, name):
    assert names_in(name, read(name)) == NAMES


@pytest.mark.parametrize("name", FORMATS)
def test_estimate_is_a_single_value_that_says_what_it_is(read, name):
    value = read(name)

    (estimate,) = values_in(name, value)[NAMES[0]]
    in_seconds = name not in ("google-benchmark", "bmf", "benchstat")
    assert estimate == (ESTIMATE_S if in_seconds else 123_456_789)
    if name not in ("bmf", "otava"):  # which have no place for words
        assert ESTIMATED in json.dumps(value)


@pytest.mark.parametrize("name", FORMATS)
def test_only_times_of_measured_whole_products_are_exported(read, name):
    """Times of some rows, and of launches with another purpose, are not."""
    text = json.dumps(read(name))

    for ns in (770_001, 880_002, 880_003, 990_004, 990_005, 660_006, 5_500_007, 5_500_008, 1_000_002):
        assert str(ns) not in text and str(ns / 1e9) not in text


@pytest.mark.parametrize("name", ["hyperfine", "google-benchmark", "pyperf", "github-action-benchmark", "benchstat"])
def test_file_names_run_machine_and_toolchain(read, name):
    text = json.dumps(read(name))

    for expected in (RECORD.id, "1.2.3", "native", "Toy CPU", "toycc 14.2 Copyright"):
        assert expected in text


@pytest.mark.parametrize("name", FORMATS)
def test_unknown_properties_of_a_run_are_left_out(name):
    text = exported(name, factories.results(ROWS, UNKNOWN, samples=SAMPLES))

    assert names_in(name, parsed(name, text)) == NAMES
    assert "None" not in text and "harness_version" not in text


def test_pyperf_reads_a_file_of_an_unknown_machine():
    text = exported("pyperf", factories.results(ROWS, UNKNOWN, samples=SAMPLES))

    assert len(pyperf.BenchmarkSuite.loads(text)) == 4


@pytest.mark.parametrize("name", FORMATS)
def test_run_without_a_measurement_is_refused(name):
    results = factories.results(ROWS[4:], RECORD, samples=SAMPLES)

    with pytest.raises(HarnessError, match="no kernel of this run was measured"):
        exported(name, results)
