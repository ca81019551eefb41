"""Test the format of github-action-benchmark."""

from __future__ import annotations

import pytest

from tests.unit.export.example_run import ESTIMATED, NAMES


@pytest.fixture
def entries(read) -> dict[str, dict]:
    return {entry["name"]: entry for entry in read("github-action-benchmark")}


def test_entry_has_a_value_and_its_unit(entries):
    whole = entries["toy/interchange/64"]

    assert (whole["value"], whole["unit"]) == (0.004000004, "s")


def test_range_can_be_drawn(entries):
    """The range is the longer side of the interval, so that it holds the whole interval."""
    sign, _, number = entries["toy/interchange/64"]["range"].partition(" ")

    assert sign == "±" and float(number) == pytest.approx(3e-9)
    assert entries[NAMES[0]]["range"] == "± 0.0765432"
    assert "range" not in entries["toy/packed/64"]


def test_extra_marks_estimates_and_names_the_toolchain(entries):
    assert entries[NAMES[0]]["extra"].splitlines()[0] == ESTIMATED
    assert "toolchain: toycc 14.2 Copyright" in entries["toy/interchange/64"]["extra"].splitlines()


def test_fields_are_those_that_the_action_reads(entries):
    for entry in entries.values():
        assert entry.keys() <= {"name", "unit", "value", "range", "extra"}
        assert all(isinstance(entry[key], str) for key in entry.keys() - {"value"})
