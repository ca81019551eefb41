"""Compute how much launches and calls vary: variance at two levels, and outliers. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from harness.analysis.estimate import after_warmup
from harness.model.sample import Sample


def variance_components(launches: Sequence[Sequence[Sample]]) -> tuple[float | None, float | None]:
    """Return the relative standard deviations between launches and of the calls within a launch, after warm-up.

    The variance of the launches' means includes the variance of their calls divided by the number of calls. It is
    subtracted (Kalibera and Jones 2013, Rigorous Benchmarking in Reasonable Time, 4). Both variances are unbiased
    (Bessel's correction). A level with too few launches or calls is None.
    """
    logs = [np.log(after_warmup(launch)) for launch in launches]
    repeated = [values for values in logs if len(values) > 1]
    within = float(np.mean([values.var(ddof=1) for values in repeated])) if repeated else None
    between = float(np.var([values.mean() for values in logs], ddof=1)) if len(logs) > 1 else None
    if between is not None and within is not None:
        between = max(0.0, between - within * float(np.mean([1 / len(values) for values in logs])))
    return _standard_deviation(between), _standard_deviation(within)


def _standard_deviation(variance: float | None) -> float | None:
    return None if variance is None else math.sqrt(variance)


MAX_MODIFIED_Z = 3.5
"""Largest modified z-score, in standard deviations, of a value that is no outlier: Iglewicz and Hoaglin 1993, How to
Detect and Handle Outliers."""

NORMAL_MAD = 0.6745
"""Median absolute deviation of a normal distribution, in standard deviations: the third quartile."""

MIN_CALLS = 5
"""Smallest number of calls for outliers: the median absolute deviation of fewer depends on one or two of them."""


def outliers(launches: Sequence[Sequence[Sample]]) -> list[float]:
    """Return the outliers among the calls after warm-up, in ns. They are flagged in the report and never dropped."""
    times = np.array([time for launch in launches for time in after_warmup(launch)])
    if len(times) < MIN_CALLS:
        return []
    distances = np.abs(times - np.median(times))
    deviation = float(np.median(distances))
    return [float(time) for time in times[NORMAL_MAD * distances > MAX_MODIFIED_Z * deviation]] if deviation else []
