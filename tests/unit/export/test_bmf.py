"""Test Bencher Metric Format."""

from __future__ import annotations

from tests.unit.export.example_run import NAMES


def test_file_has_the_shape_of_the_published_schema(read):
    for name, measures in read("bmf").items():
        assert name and isinstance(measures, dict)
        for measure, metric in measures.items():
            assert measure and len(measure) <= 64, "the longest that Bencher takes"
            assert "value" in metric and metric.keys() <= {"value", "lower_value", "upper_value"}
            assert all(type(number) in (int, float) for number in metric.values())


def test_measures_are_those_of_the_row(read):
    value = read("bmf")

    assert value["toy/interchange/64"] == {
        "latency": {"value": 4_000_004, "lower_value": 4_000_001, "upper_value": 4_000_007},
        "peak-memory": {"value": 7_000_008},
        "file-size": {"value": 4_096},
        "build-time": {"value": 1.5},
    }
    assert value["toy/packed/64"] == {"latency": {"value": 1_000_001}}
    assert value[NAMES[0]] == {"latency": {"value": 123_456_789, "lower_value": 1e8, "upper_value": 2e8}}
