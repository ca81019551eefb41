"""Collect the sentences that sum up a run, for the terminal."""

from __future__ import annotations

from harness.model.results import Results
from harness.report.headline import beside_the_headline, headline
from harness.report.reproduction import like_the_paper
from harness.report.why import why_lines


def summary(results: Results) -> list[str]:
    """Return the answer, what stands beside it, and why it is so large: a line each."""
    paper = like_the_paper(results.rows, results.answer.fastest)
    return [headline(results), *beside_the_headline(results), *([paper] if paper else []), *why_lines(results)]
