"""How much launches and calls differ: variance at two levels, and outliers. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from harness.analysis.estimate import after_warmup
from harness.model.sample import Sample


def variance_components(launches: Sequence[Sequence[Sample]]) -> tuple[float | None, float | None]:
    """The two levels of variance, as relative standard deviations: between launches, and of the calls within one.

    Of steady calls. What calls add to the launches' variance is taken out of it (Kalibera and Jones 2013, Rigorous
    Benchmarking in Reasonable Time, 4). None where there are too few to tell.
    """
    logs = [np.log(after_warmup(launch)) for launch in launches]
    repeated = [values for values in logs if len(values) > 1]
    within = float(np.mean([values.var(ddof=1) for values in repeated])) if repeated else None
    between = float(np.var([values.mean() for values in logs], ddof=1)) if len(logs) > 1 else None
    if between is not None and within is not None:
        between = max(0.0, between - within * float(np.mean([1 / len(values) for values in logs])))
    return _deviation(between), _deviation(within)


def _deviation(variance: float | None) -> float | None:
    return None if variance is None else math.sqrt(variance)


FAR = 3.5
"""Iglewicz and Hoaglin 1993, How to Detect and Handle Outliers: the modified z-score from which a value is one."""


def outliers(launches: Sequence[Sequence[Sample]]) -> list[float]:
    """The times among the steady calls, in ns, that lie far from the others. They are flagged, never dropped."""
    times = np.array([time for launch in launches for time in after_warmup(launch)])
    if len(times) < 5:
        return []
    distance = np.abs(times - np.median(times))
    scale = float(np.median(distance))
    return [float(time) for time in times[0.6745 * distance > FAR * scale]] if scale else []
