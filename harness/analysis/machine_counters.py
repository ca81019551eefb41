"""Add to rows what the machine counted in their launches: events of the CPU, and energy. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from harness.analysis.cpu_counts import cpu_counts
from harness.analysis.energy import energy_of
from harness.model.counters import CounterSupport
from harness.model.energy import EnergySupport
from harness.model.kernel import RUNGS
from harness.model.result import Row
from harness.model.sample import Sample


def with_counters(
    rows: Iterable[Row],
    samples: Mapping[str, list[Sample]],
    counters: CounterSupport | None,
    energy: EnergySupport | None,
) -> list[Row]:
    """Return the rows with what was counted in their launches, where they were measured and the machine counts."""
    counted = []
    for row in rows:
        if row.time and counters:
            row = replace(row, cpu=cpu_counts(samples[row.kernel], counters))
        if row.time and energy:
            row = replace(row, energy=energy_of(samples[row.kernel], energy, row.on_gpu))
        counted.append(row)
    return counted


def by_rung(rows: Iterable[Row]) -> list[Row]:
    """Return the rows language by language and rung by rung: joules rank no language."""
    return sorted(rows, key=lambda row: (row.language_name, RUNGS.index(row.rung), row.variant))
