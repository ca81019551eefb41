"""Test what a run and a comparison are as Markdown."""

from __future__ import annotations

from dataclasses import replace

from harness.analysis.compare import Change, Comparison, Timed, Verdict
from harness.analysis.run_to_run import RunToRunVariation
from harness.model.result import Finding, Quantity, Status
from harness.report.headline import headline
from harness.report.markdown import comparison_markdown, report_markdown, table, text
from tests import factories


def cells(markdown: str) -> list[list[str]]:
    """Return the cells of the tables in a page, row by row."""
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in markdown.splitlines() if line[:1] == "|"
    ]


def test_report_begins_with_the_answer(results):
    first = report_markdown(results).splitlines()[0]

    assert first == f"**{text(headline(results))}**"


def test_kernels_are_listed_fastest_first_and_those_without_a_time_last(results):
    failed = factories.row("c/blocked", status=Status.FAILED, reason="values are wrong | at [0, 1]")
    markdown = report_markdown(replace(results, rows=[failed, *results.rows]))

    names = [line[0] for line in cells(markdown)[2:]]
    assert names == ["`c/parallel`", "`c/naive`", "`python/naive`", "`c/blocked`"]
    assert r"- c/blocked: failed: values are wrong \| at \[0, 1\]" in markdown


def test_estimates_are_called_estimates(results):
    rows = [replace(row, estimated=row.kernel == "python/naive") for row in results.rows]

    marked = {line[0]: "(estimate)" in line[1] for line in cells(report_markdown(replace(results, rows=rows)))[2:]}

    assert marked == {"`c/parallel`": False, "`c/naive`": False, "`python/naive`": True}


def test_findings_are_told_with_their_remedies(results):
    finding = Finding("noise", "", "launches scatter", "stop other work")

    assert "- launches scatter: stop other work" in report_markdown(replace(results, findings=(finding,)))


def test_an_interrupted_run_is_called_so(results):
    finished = replace(results.record, finished_at="2026-01-01T00:00:00+00:00")

    assert report_markdown(replace(results, record=replace(finished, finished_at=None))).endswith(", interrupted")
    assert not report_markdown(replace(results, record=finished)).endswith(", interrupted")


def test_comparison_tells_verdict_times_ratio_and_reason():
    changes = [
        Change("c/packed", Verdict.SLOWER, "", Timed(0.1, False), Timed(0.11, False), Quantity(1.1, 1.08, 1.12)),
        Change("c/naive", Verdict.SAME, "", Timed(7500.0, True), Timed(7500.0, True), Quantity(1.0, 0.99, 1.01)),
        Change("c/blocked", Verdict.NOT_COMPARABLE, "not in the later run", Timed(1.0, False)),
    ]
    comparison = Comparison("before", "after", ("a CPU", "a CPU"), RunToRunVariation(), changes)

    markdown = comparison_markdown([comparison])

    assert markdown.startswith("**after compared with before**\n\nBoth runs on a CPU.")
    assert cells(markdown)[2:] == [
        ["`c/packed`", "**slower**", "100 ms", "110 ms", "1.100", "1.080 – 1.120", "–", ""],
        [
            "`c/naive`",
            "no difference seen",
            "2 h 05 min (estimate)",
            "2 h 05 min (estimate)",
            "1.000",
            "0.990 – 1.010",
            "–",
            "",
        ],
        ["`c/blocked`", "not comparable", "1.00 s", "–", "–", "–", "–", "not in the later run"],
    ]


def test_text_is_one_line_without_markup():
    assert text("a *b*\n<c> | `d` [e]") == r"a \*b\* \<c\> \| \`d\` \[e\]"


def test_table_has_a_line_for_each_row():
    assert table(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | ---: |\n| 1 | 2 |"
