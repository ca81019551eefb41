"""Collect what the page shows of the events that the CPU counted, and of energy. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.analysis.machine_counters import by_rung
from harness.model.result import Row


def machine_counters(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the rows with counted events, those with energy, and the share of the time counted if that is below 1."""
    ordered = by_rung(rows)
    counted = [row for row in ordered if row.cpu]
    share = min((row.cpu.counted_share for row in counted if row.cpu), default=1.0)
    return {
        "counted": counted,
        "energy": [row for row in ordered if row.energy],
        "gpu_energy": any(row.energy and row.energy.gpu_j is not None for row in rows),
        "shared_counters": share if share < 1 else None,
    }
