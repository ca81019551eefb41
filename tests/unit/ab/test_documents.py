"""Test the documents of a comparison: the project's own, and hyperfine's."""

from __future__ import annotations

import json
from dataclasses import asdict
from statistics import fmean

from harness.ab.documents import document_of, hyperfine_of
from harness.util.json_documents import json_text
from tests.unit.ab.example import TIMES_MS, measured


def test_a_document_has_figures_and_differences():
    document = json.loads(json_text(asdict(document_of([measured(2, 1)], 7, 10))))

    [group] = document["groups"]
    assert (document["seed"], document["percent"], group["trusted"]) == (7, 10, True)
    assert [command["command"] for command in group["commands"]] == ["true 0", "true 1", "true 2"]
    assert [(found["name"], found["verdict"], found["regression"]) for found in group["differences"]] == [
        ("B", "slower", True),
        ("C", "no difference seen", False),
    ]
    assert group["commands"][0]["times_s"] == [ms / 1e3 for ms in TIMES_MS]


def test_without_a_limit_nothing_is_a_regression():
    [group] = document_of([measured(2)], 7, None).groups

    assert not group.differences[0].regression


def test_hyperfine_s_results_are_those_of_the_commands():
    """The fields are those of hyperfine 1.18; the control, which it has not, is left out."""
    first, second = hyperfine_of([measured(2)])["results"]

    assert list(first) == [
        *("command", "mean", "stddev", "median", "min", "max", "times"),
        *("user", "system", "memory_usage_byte", "exit_codes", "parameters"),
    ]
    assert (first["command"], second["command"]) == ("true 0", "true 1")
    assert first["mean"] == fmean(ms / 1e3 for ms in TIMES_MS) and second["min"] == 0.04
    assert (first["user"], first["exit_codes"], first["memory_usage_byte"]) == (0.001, [0] * 6, [2**20] * 6)


def test_hyperfine_s_parameters_are_the_values_of_the_lists():
    found = measured(1, texts=("echo {n}",), lists={"n": ("5", "6")})

    assert [result["parameters"] for result in hyperfine_of([found])["results"]] == [{"n": "5"}, {"n": "6"}]


def test_exit_statuses_are_those_of_a_shell():
    failed, killed = measured(1, exit_status=3), measured(1, signal=9)

    codes = [result["exit_codes"][0] for result in hyperfine_of([failed, killed])["results"]]

    assert codes == [3, 3, 137, 137]
