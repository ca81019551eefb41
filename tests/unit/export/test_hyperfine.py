"""Test the format of hyperfine."""

from __future__ import annotations

import statistics

import pytest

from tests.unit.export.example_run import ESTIMATE_S, NAMES, STEADY_NS


@pytest.fixture
def by_command(read):
    """Return the result of each benchmark."""
    return {result["command"]: result for result in read("hyperfine")["results"]}


def test_statistics_are_those_of_the_times(by_command):
    times = [ns / 1e9 for ns in STEADY_NS]

    whole = by_command["toy/interchange/64"]

    assert (whole["mean"], whole["median"]) == (statistics.fmean(times), statistics.median(times))
    assert (whole["stddev"], whole["min"], whole["max"]) == (statistics.stdev(times), 0.004000001, 0.004000007)
    assert by_command["toy/packed/64"]["stddev"] is None


def test_processor_time_is_that_of_one_call(by_command):
    """The processor time of a launch is divided by its calls, and that of an estimate is as large a share of it."""
    whole, estimated = by_command["toy/interchange/64"], by_command[NAMES[0]]

    assert whole["user"] + whole["system"] == pytest.approx((12e-3 / 3 + 15e-3 / 3) / 2)
    assert estimated["user"] == pytest.approx(ESTIMATE_S), "its launches' processor time is as long as their wall time"


def test_fields_have_the_types_that_readers_need(by_command):
    """Readers of typed languages need every field to be there, and to be a number or a text."""
    for result in by_command.values():
        assert all(isinstance(result[key], float) for key in ("mean", "median", "user", "system", "min", "max"))
        assert len(result["times"]) == len(result["exit_codes"])
        assert all(isinstance(value, str) for value in result["parameters"].values())
    assert by_command["toy/interchange/64"]["exit_codes"] == [0, 0, 0, 0]


def test_parameters_name_the_problem_and_mark_estimates(by_command):
    whole, estimated = by_command["toy/interchange/64"]["parameters"], by_command[NAMES[0]]["parameters"]

    assert whole["n"] == "64" and whole["threads"] == "2"
    assert "estimated" not in whole
    assert (estimated["low_s"], estimated["high_s"]) == ("0.1", "0.2")
