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
    `other_rounds` those of the rest. Kernels that take up to `whole_ns` are measured whole. The calls of a launch take
    at least `launch_ns` together. If the launches of all rounds would take longer than `limit_s`, the last two groups
    get fewer rounds.
    """

    serial_rounds: int
    packed_rounds: int
    other_rounds: int
    whole_ns: float
    launch_ns: float
    limit_s: float


SCALES = {
    Effort.QUICK: Scale(serial_rounds=3, packed_rounds=3, other_rounds=3, whole_ns=1e9, launch_ns=200e6, limit_s=100),
    Effort.DEFAULT: Scale(
        serial_rounds=12, packed_rounds=6, other_rounds=4, whole_ns=5e9, launch_ns=500e6, limit_s=740
    ),
    Effort.THOROUGH: Scale(
        serial_rounds=24, packed_rounds=12, other_rounds=8, whole_ns=60e9, launch_ns=1e9, limit_s=math.inf
    ),
}
"""A default run takes at most 15 minutes after building, a quick one two, with containers, peaks and audits."""
