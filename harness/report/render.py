"""Render the rows and the record of a run as one HTML file: without requests, and readable without its script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from harness.analysis.factors import beyond_rounding
from harness.model.job import Provided
from harness.model.kernel import RUNGS
from harness.model.result import Status, fastest_first
from harness.report import paper
from harness.report.chart_titles import (
    climb_title,
    factors_title,
    ladders_title,
    lines_title,
    paper_title,
    sizes_title,
)
from harness.report.charts.climb import climb_chart
from harness.report.charts.factors import factors_chart
from harness.report.charts.ladders import ladders_chart
from harness.report.charts.lines import frontier, lines_chart
from harness.report.charts.sizes import outgrown, sizes_chart
from harness.report.charts.style import fastest_library
from harness.report.climb import Step, climb
from harness.report.downloads import downloads
from harness.report.each_step import each_step
from harness.report.first_screen import first_screen
from harness.report.gpus import gpu_lines
from harness.report.headline import beside_the_headline, headline
from harness.report.kernel_details import kernel_details
from harness.report.machine_counters import machine_counters
from harness.report.python_ways import python_ways
from harness.report.reproduction import like_the_paper, reproduction
from harness.report.story import story
from harness.report.why import IDENTITY_REMAINDER, PRODUCT_REMAINDER, paper_identity
from harness.report.your_machine import page_script, your_machine
from harness.util import format as text
from harness.util.chip import chip_name, count_processors
from harness.util.home import command_without_home, import_where_there_is_no_home

if TYPE_CHECKING:
    from jinja2 import Environment

    from harness.model.results import Results
    from harness.model.run_record import RunRecord


TEMPLATES = Path(__file__).parent / "templates"


def environment() -> Environment:
    """Return the templates' environment, which escapes all values: names, reasons and sources come from outside.

    The page's policy names its style sheet and its script by their hashes, so that no other script can run.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    import_where_there_is_no_home("altair")  # before a chart imports it
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {
        "duration": text.duration,
        "significant": text.significant,
        "size": text.size,
        "percent": text.percent,
    }
    css, tables, dots = (
        (TEMPLATES / name).read_text(encoding="utf-8") for name in ("report.css", "tables.js", "dots.js")
    )
    script = tables + dots
    templates.globals |= {"interval": text.spread, "css": Markup(css), "script": Markup(script)}
    templates.globals["policy"] = _policy(css, script)
    return templates


def _policy(css: str, script: str, measures: bool = False) -> str:
    """Return the policy of a page: with `measures`, its script may also start workers that run WebAssembly."""
    wasm, workers = (" 'wasm-unsafe-eval'", " worker-src blob:;") if measures else ("", "")
    return (
        f"default-src 'none'; script-src {_hash(script)}{wasm};{workers} style-src {_hash(css)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def render(results: Results) -> str:
    """Return the report of a run."""
    templates = environment()
    script = f"{templates.globals['script']}{page_script()}"
    policy = _policy(str(templates.globals["css"]), script, measures=True)
    return templates.get_template("report.html.j2").render(_context(results), script=Markup(script), policy=policy)


def _context(results: Results) -> dict[str, Any]:
    record, rows = results.record, results.rows
    first = first_screen(results)
    steps, repeated = climb(rows, results.config.baseline), reproduction(rows)
    by_row = {step.paper: step for step in repeated}
    return {
        "record": record,
        "chip": chip_name(record.host),
        "config": results.config,
        "first": first,
        "headline": headline(results),
        "beside": beside_the_headline(results, with_numpy=first is None),
        "rows": [*fastest_first(rows), *sorted((row for row in rows if row.time is None), key=lambda row: row.kernel)],
        "measured": sum(row.time is not None for row in rows),
        "failed": len(results.failed),
        "skipped": sum(row.status == Status.SKIPPED for row in rows),
        "findings": results.findings,
        **_charts(results, steps, repeated),
        "frontier": frontier(rows),
        "outgrown": ", ".join(f"{name} from n = {n} on" for name, n in outgrown(record.host.caches)),
        "peak": results.peak,
        "engine": _engine_gops(results),
        "device_peaks": list(results.peak.devices.values()) if results.peak else [],
        "library": fastest_library(rows),
        "climb": steps,
        "paper": [(row, by_row.get(row)) for row in paper.TABLE],
        "like_the_paper": like_the_paper(rows, results.answer.fastest),
        "python_ways": python_ways(record.kernels, rows, results.config.baseline),
        "product": results.product,
        "story": story(results.product, rows, record.kernels, results.counts, results.loops),
        "each_step": each_step(results),
        "identity": paper_identity(results),
        "remainders": {"product": PRODUCT_REMAINDER, "identity": IDENTITY_REMAINDER},
        "beyond_rounding": beyond_rounding,
        "languages": sorted({row.language_name for row in rows}),
        "classes": sorted({row.category for row in rows}),
        "rungs": [rung for rung in RUNGS if any(row.rung == rung for row in rows)],
        "paper_source": paper.SOURCE,
        "paper_machine": paper.MACHINE,
        "paper_differences": paper.DIFFERENCES,
        "toolchains": _toolchains(record),
        "kernels": kernel_details(results),
        "processors": count_processors(record.host),
        "command": command_without_home(record.command),
        "program": record.program,
        "gpus": gpu_lines(record.machine),
        "gap_ns": _median(record.gaps_ns),
        **machine_counters(rows),
        "downloads": downloads(results.folder),
        "browser": your_machine(results),
    }


def _charts(results: Results, steps: list[Step], repeated: list[Step]) -> dict[str, Any]:
    """Return the charts of the page, and the finding that each has as its title."""
    rows, caches = results.rows, results.record.host.caches
    return {
        "charts": {
            "climb": climb_chart(steps),
            "paper": climb_chart(repeated),
            "factors": factors_chart(results.product),
            "ladders": ladders_chart(rows, results.peak),
            "lines": lines_chart(rows),
            "sizes": sizes_chart(results.sizes, rows, caches),
        },
        "titles": {
            "climb": climb_title(steps),
            "paper": paper_title(repeated),
            "factors": factors_title(results.product),
            "ladders": ladders_title(rows),
            "lines": lines_title(rows),
            "sizes": sizes_title(results.sizes),
        },
    }


def _engine_gops(results: Results) -> dict[int, float]:
    """Return the rates of the matrix engine, if a kernel of the run computes on it."""
    used = any(row.rate and row.rate.fma_peak_multiple for row in results.rows)
    return results.peak.engine_gops if results.peak and used else {}


@dataclass(frozen=True)
class _Toolchain:
    """A toolchain, and the kernels that were built with it."""

    provided: Provided
    kernels: list[str]


def _toolchains(record: RunRecord) -> list[_Toolchain]:
    """Return each toolchain once, with the kernels that were built with it."""
    toolchains: dict[tuple[str, str | None], _Toolchain] = {}
    for kernel, provided in record.toolchains.items():
        toolchains.setdefault((provided.version, provided.image_id), _Toolchain(provided, [])).kernels.append(kernel)
    return list(toolchains.values())


def _median(values: Sequence[int]) -> float | None:
    return sorted(values)[len(values) // 2] / 1e9 if values else None
