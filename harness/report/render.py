"""Rows and facts -> one HTML file that asks nothing of anybody: no script, no font, no request."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.report import paper, text
from harness.report.charts import times_chart

if TYPE_CHECKING:
    from jinja2 import Environment

    from harness.results import Results

TEMPLATES = Path(__file__).parent / "templates"


def environment() -> Environment:
    """The templates, with escaping on: everything that comes from outside (names, reasons, sources) is data."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {
        "duration": text.duration,
        "significant": text.significant,
        "size": text.size,
        "percent": text.percent,
    }
    return found


def render(results: Results) -> str:
    """The report of a run."""
    return environment().get_template("report.html.j2").render(_context(results))


def _context(results: Results) -> dict[str, Any]:
    facts, rows = results.facts, results.rows
    measured = [row for row in rows if row.median_s is not None]
    by_id = {row.kernel: row for row in rows}
    return {
        "facts": facts,
        "config": results.config,
        "headline": results.headline,
        "rows": sorted(rows, key=lambda row: (row.median_s is None, row.median_s or 0, row.kernel)),
        "measured": len(measured),
        "failed": len(results.failed),
        "skipped": sum(row.status == "skipped" for row in rows),
        "findings": results.findings,
        "chart": times_chart(rows),
        "paper": [(row, by_id.get(row.kernel)) for row in paper.TABLE],
        "paper_source": paper.SOURCE,
        "paper_machine": paper.MACHINE,
        "paper_differences": paper.DIFFERENCES,
        "toolchains": _toolchains(facts),
        "kernels": [(item, by_id[item["id"]], facts["built"].get(item["id"])) for item in facts["kernels"]],
        "command": shlex.join(facts["command"]),
        "gap_ns": _median(facts.get("gaps_ns", [])),
    }


def _toolchains(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """Each toolchain once, with the kernels that were built with it."""
    found: dict[str, dict[str, Any]] = {}
    for kernel, provided in facts["toolchains"].items():
        entry = found.setdefault(f"{provided['version']} {provided['image_id']}", {**provided, "kernels": []})
        entry["kernels"].append(kernel)
    return list(found.values())


def _median(values: list[int]) -> float | None:
    return sorted(values)[len(values) // 2] / 1e9 if values else None
