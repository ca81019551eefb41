"""Define what the efforts quick, default and thorough mean."""

from __future__ import annotations

import math
from dataclasses import dataclass

from harness.model.config import Effort


@dataclass(frozen=True)
class Scale:
    """The size of a run's measurements.

    `packed_rounds` are the rounds of packed rungs and of libraries, `other_rounds` those of the rest; the kernels that
    decide the headline have Config.rounds. Kernels that take up to `whole_ns` are measured whole. The calls of a launch
    take at least `launch_ns` together. If the launches of all rounds would take longer than `limit_s`, kernels that do
    not decide the headline get fewer rounds.
    """

    packed_rounds: int
    other_rounds: int
    whole_ns: float
    launch_ns: float
    limit_s: float


SCALES = {
    Effort.QUICK: Scale(packed_rounds=3, other_rounds=3, whole_ns=5e9, launch_ns=200e6, limit_s=100),
    Effort.DEFAULT: Scale(packed_rounds=6, other_rounds=4, whole_ns=5e9, launch_ns=500e6, limit_s=780),
    Effort.THOROUGH: Scale(packed_rounds=12, other_rounds=8, whole_ns=60e9, launch_ns=1e9, limit_s=math.inf),
}
"""A default run takes at most 15 minutes after building, a quick one two, with containers, peaks and audits."""
