"""Collect what the page shows of each kernel by itself: samples, build, source, and differences from other sources."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from harness.explain.loop_text import text_of
from harness.model.kernel import REFERENCE, RUNGS, Kernel
from harness.model.results import Results
from harness.report.sample_strip import sample_strip
from harness.report.sources import difference, highlighted


def kernel_details(results: Results) -> list[dict[str, Any]]:
    """Return the details of each kernel: its samples, build and source, and how the source differs from others."""
    record, kernels = results.record, results.record.kernels
    rows = {row.kernel: row for row in results.rows}
    sources = {kernel.id: kernel.source_text for kernel in kernels}
    shown: dict[tuple[Path, str], str] = {}
    details = []
    for kernel in kernels:
        name = kernel.id
        first = shown.setdefault((kernel.folder, kernel.source), name)
        others = dict.fromkeys(
            other for other in (_rung_before(kernel, kernels), _same_in_c(kernel)) if other in sources
        )
        details.append(
            {
                "kernel": kernel,
                "row": rows[name],
                "built": record.built.get(name),
                "toolchain": record.toolchains.get(name),
                "loop": (loop := results.loops.of(name)),
                "loop_text": "\n".join(text_of(loop)[1:]) if loop else "",
                "samples": sample_strip(results.samples[name]) if rows[name].time else None,
                "same_source": first if first != name else "",
                "source": highlighted(kernel.source_text, kernel.source) if first == name else "",
                "differences": [(other, difference(sources[other], sources[name])) for other in others]
                if first == name
                else [],
            }
        )
    return details


def _rung_before(kernel: Kernel, kernels: Iterable[Kernel]) -> str | None:
    """Return the rung before this one: of the same variant, or else without a variant.

    The first rung of a variant has the same rung without the variant before it.
    """
    stem, _, suffix = kernel.variant.partition("-")
    before: dict[str, str] = {}
    for other in kernels:
        other_stem, _, other_suffix = other.variant.partition("-")
        same = (other.language, other.alternative) == (kernel.language, kernel.alternative)
        if same and (
            RUNGS.index(other_stem) < RUNGS.index(stem) or (other_stem == stem and suffix and not other_suffix)
        ):
            before[other_suffix] = other.id
    return before.get(suffix) or before.get("")


def _same_in_c(kernel: Kernel) -> str | None:
    return f"{REFERENCE}/{kernel.rung}" if kernel.language != REFERENCE else None
