"""Define what the efforts quick, default and thorough mean."""

from __future__ import annotations

import math
from dataclasses import dataclass

from harness.model.config import Effort


@dataclass(frozen=True)
class Scale:
    """The size of a run's measurements.

    The baseline and the candidates for the headline have Config.rounds. `serial_rounds` are those of the rungs naive
    and interchange, which begin the climb; `packed_rounds` those of their variants, of packed rungs and of libraries;
    `other_rounds` those of the rest. If the launches of all rounds would take longer than `limit_s`, the last two
    groups get fewer rounds.

    Kernels that take up to `whole_ns` are measured whole, by launches whose calls take at least `launch_ns` together,
    and `outside_fraction` of the launch's time outside them. A call on some of the rows takes at least `rows_ns`, of
    which at least `row_fraction` is to come from its rows where two numbers of rows are extrapolated, and not from the
    call itself. The larger of the two is `level_ratio` times the smaller: far enough apart for a precise slope.
    """

    serial_rounds: int
    packed_rounds: int
    other_rounds: int
    whole_ns: float
    launch_ns: float
    outside_fraction: float
    rows_ns: float
    limit_s: float
    row_fraction: float = 0.8
    level_ratio: int = 4


SCALES = {
    Effort.QUICK: Scale(
        serial_rounds=3,
        packed_rounds=3,
        other_rounds=3,
        whole_ns=1e9,
        launch_ns=100e6,
        outside_fraction=0.25,
        rows_ns=100e6,
        limit_s=100,
    ),
    Effort.DEFAULT: Scale(
        serial_rounds=12,
        packed_rounds=6,
        other_rounds=4,
        whole_ns=5e9,
        launch_ns=500e6,
        outside_fraction=1,
        rows_ns=250e6,
        limit_s=570,
    ),
    Effort.THOROUGH: Scale(
        serial_rounds=24,
        packed_rounds=12,
        other_rounds=8,
        whole_ns=60e9,
        launch_ns=1e9,
        outside_fraction=1,
        rows_ns=250e6,
        limit_s=math.inf,
    ),
}
"""The limits leave time for audits, launches on values of 53 bits, the peak and containers. A default run is to end in
15 minutes after building, the checks of all kernels on a first run included, which take two minutes."""
