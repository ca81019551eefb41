"""Rows and record -> one HTML file that asks nothing of anybody: no font, no request, and no script that it needs."""

from __future__ import annotations

import base64
import hashlib
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from harness.model.job import Provided
from harness.model.kernel import REFERENCE, RUNGS, Kernel
from harness.model.result import Status, fastest_first
from harness.report import paper
from harness.report.charts.climb import climb_chart
from harness.report.charts.ladders import ladders_chart
from harness.report.charts.lines import lines_chart
from harness.report.charts.roofline import roofline_chart
from harness.report.charts.sizes import outgrown, sizes_chart
from harness.report.charts.style import fastest_library
from harness.report.climb import climb
from harness.report.downloads import downloads
from harness.report.headline import headline
from harness.report.sample_strip import sample_strip
from harness.report.sources import difference, highlighted
from harness.util import format as text

if TYPE_CHECKING:
    from jinja2 import Environment

    from harness.model.result import Results
    from harness.model.run_record import RunRecord


TEMPLATES = Path(__file__).parent / "templates"


def environment() -> Environment:
    """The templates, with escaping on: everything that comes from outside (names, reasons, sources) is data.

    The page's policy names its one style sheet and its one script by their hashes, so that no other can ever run.
    """
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
    css, script = ((TEMPLATES / name).read_text() for name in ("report.css", "report.js"))
    found.globals |= {"interval": text.spread, "css": Markup(css), "script": Markup(script)}
    found.globals["policy"] = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(css)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return found


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def render(results: Results) -> str:
    """The report of a run."""
    return environment().get_template("report.html.j2").render(_context(results))


def _context(results: Results) -> dict[str, Any]:
    record, rows = results.record, results.rows
    steps = climb(rows, results.config.baseline)
    there = {step.paper for step in steps}
    return {
        "record": record,
        "config": results.config,
        "headline": headline(rows, results.config.baseline),
        "rows": [*fastest_first(rows), *sorted((row for row in rows if row.time is None), key=lambda row: row.kernel)],
        "measured": sum(row.time is not None for row in rows),
        "failed": len(results.failed),
        "skipped": sum(row.status == Status.SKIPPED for row in rows),
        "findings": results.findings,
        "charts": {
            "climb": climb_chart(steps),
            "ladders": ladders_chart(rows, results.peak),
            "lines": lines_chart(rows),
            "roofline": roofline_chart(rows, results.peak),
            "sizes": sizes_chart(results.sizes, rows, record.host.caches),
        },
        "outgrown": ", ".join(f"{name} from n = {n} on" for name, n in outgrown(record.host.caches)),
        "peak": results.peak,
        "engine": _engine_gops(results),
        "library": fastest_library(rows),
        "climb": steps,
        "paper_only": [row for row in paper.TABLE if row not in there],
        "languages": sorted({row.language_name for row in rows}),
        "classes": sorted({row.category for row in rows}),
        "rungs": [rung for rung in RUNGS if any(row.rung == rung for row in rows)],
        "paper_source": paper.SOURCE,
        "paper_machine": paper.MACHINE,
        "paper_differences": paper.DIFFERENCES,
        "toolchains": _toolchains(record),
        "kernels": _kernels(results),
        "command": shlex.join(record.command),
        "gap_ns": _median(record.gaps_ns),
        "downloads": downloads(results.folder),
    }


def _engine_gops(results: Results) -> dict[int, float]:
    """The rates of the matrix engine, where a kernel of the run computes on it."""
    used = any(row.rate and row.rate.fma_peak_multiple for row in results.rows)
    return results.peak.engine_gops if results.peak and used else {}


def _kernels(results: Results) -> list[dict[str, Any]]:
    """What the page folds away for each kernel: its samples, how it was made, and its source beside others."""
    record, kernels = results.record, results.record.kernels
    rows = {row.kernel: row for row in results.rows}
    sources = {kernel.id: kernel.source_text for kernel in kernels}
    shown: dict[tuple[Path, str], str] = {}
    found = []
    for kernel in kernels:
        name = kernel.id
        first = shown.setdefault((kernel.folder, kernel.source), name)
        others = dict.fromkeys(
            other for other in (_rung_before(kernel, kernels), _same_in_c(kernel)) if other in sources
        )
        found.append(
            {
                "item": kernel,
                "row": rows[name],
                "built": record.built.get(name),
                "toolchain": record.toolchains.get(name),
                "taken": sample_strip(results.samples[name]) if rows[name].time else None,
                "same_source": first if first != name else "",
                "source": highlighted(kernel.source_text, kernel.source) if first == name else "",
                "differences": [(other, difference(sources[other], sources[name])) for other in others]
                if first == name
                else [],
            }
        )
    return found


def _rung_before(kernel: Kernel, kernels: Iterable[Kernel]) -> str | None:
    """The rung that this one climbs from: of the same variant, else the plain one; a variant's first has its stem's."""
    stem, _, suffix = kernel.variant.partition("-")
    before: dict[str, str] = {}
    for other in kernels:
        its_stem, _, its_suffix = other.variant.partition("-")
        if other.language == kernel.language and (
            RUNGS.index(its_stem) < RUNGS.index(stem) or (its_stem == stem and suffix and not its_suffix)
        ):
            before[its_suffix] = other.id
    return before.get(suffix) or before.get("")


def _same_in_c(kernel: Kernel) -> str | None:
    return f"{REFERENCE}/{kernel.rung}" if kernel.language != REFERENCE else None


@dataclass(frozen=True)
class _Toolchain:
    """A toolchain, and the kernels that were built with it."""

    provided: Provided
    kernels: list[str]


def _toolchains(record: RunRecord) -> list[_Toolchain]:
    """Each toolchain once, with the kernels that were built with it."""
    found: dict[tuple[str, str | None], _Toolchain] = {}
    for kernel, provided in record.toolchains.items():
        found.setdefault((provided.version, provided.image_id), _Toolchain(provided, [])).kernels.append(kernel)
    return list(found.values())


def _median(values: Sequence[int]) -> float | None:
    return sorted(values)[len(values) // 2] / 1e9 if values else None
