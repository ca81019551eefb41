"""Measure by how much two runs differ where nothing was changed. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from harness.analysis.intervals import student_quantile
from harness.analysis.significance import RatioOfRuns
from harness.model.result import Interval
from harness.model.sample import Sample

CONFIDENCE = 0.99
"""Confidence of the interval behind a verdict. A comparison has a row for each kernel, and of fifty 95% intervals, two
or three would call equal kernels different."""

MIN_CALIBRATIONS = 10
"""Fewer calibrations of a run give no reliable median."""

MIN_CONTROLS = 6
"""Fewer controls do not give the run-to-run variation; then that of the calibration loops is used."""

MEDIAN_DEVIATION_EFFICIENCY = 0.37
"""Efficiency of the median absolute deviation for normal values (Rousseeuw and Croux 1993, Alternatives to the Median
Absolute Deviation): it is as uncertain as a standard deviation with 0.37 of the degrees of freedom. With all of them,
a 99% interval beside six controls that vary much would hold 95%."""


@dataclass(frozen=True)
class RunToRunVariation:
    """By how much two runs differ where nothing was changed.

    With `controls`, `machine_ratio` is their median ratio: the common change of the machine, above 1 if it was slower
    in the later run. `machine_error` is the standard error of its logarithm. `size` is a standard deviation on a log
    scale: the part of the controls' differences from that median that their own intervals do not explain. With 0
    controls, `size` is the whole difference of the calibration loops on a log scale; None without these.
    """

    controls: int = 0
    size: float | None = None
    machine_ratio: float = 1.0
    machine_error: float = 0.0

    def relative(self, interval: Interval) -> Interval:
        """Return the interval of a ratio relative to that of the machine, widened by this variation.

        Independent errors add in squares: the kernel's own, the variation, and the error of the machine's ratio.
        """
        low, middle, high = (
            math.log(end / self.machine_ratio) for end in (interval.low, interval.value, interval.high)
        )
        size = self.size or 0.0
        if not self.controls:
            return Interval(math.exp(middle), math.exp(low - size), math.exp(high + size))
        freedom = MEDIAN_DEVIATION_EFFICIENCY * (self.controls - 1)
        variation = student_quantile((1 + CONFIDENCE) / 2, freedom) * math.hypot(size, self.machine_error)
        below, above = math.hypot(middle - low, variation), math.hypot(high - middle, variation)
        return Interval(math.exp(middle), math.exp(middle - below), math.exp(middle + above))


def variation_of(controls: Sequence[RatioOfRuns], change: float | None) -> RunToRunVariation:
    """Return the common change of the controls, and by how much they vary about it.

    With too few controls, the variation is `change`, the size of the change of the calibration loops on a log scale.
    The standard error of a median is sqrt(pi / 2) times that of a mean, if the values are normal.
    """
    if len(controls) < MIN_CONTROLS:
        return RunToRunVariation(0, change)
    logs = np.array([math.log(ratio.interval.value) for ratio in controls])
    errors = np.array([ratio.standard_error for ratio in controls])
    common = float(np.median(logs))
    size = _unexplained(np.abs(logs - common), errors)
    spread = math.hypot(size, float(np.median(errors)))
    error = math.sqrt(math.pi / 2 / len(controls)) * spread
    return RunToRunVariation(len(controls), size, math.exp(common), error)


def _unexplained(differences: np.ndarray, errors: np.ndarray) -> float:
    """Return the standard deviation, on a log scale, of the controls' differences that their own errors do not explain.

    It makes the median control differ by as much as the median of a normal distribution. A few controls that a
    disturbance hit do not change the median: the method of Paule and Mandel 1982, with a median for the mean.
    """

    def typical(size: float) -> float:
        # the least error of a control keeps equal times of all launches from being a division by zero
        return float(np.median(differences / np.maximum(np.hypot(errors, size), MIN_ERROR)))

    low, high = 0.0, float(differences.max()) / NORMAL_MEDIAN
    if typical(low) <= NORMAL_MEDIAN:
        return 0.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if typical(middle) > NORMAL_MEDIAN else (low, middle)
    return high


NORMAL_MEDIAN = 0.6745
"""Median distance from the mean of a normal distribution, in standard deviations."""

MIN_ERROR = 1e-9
"""Smallest standard error of a control, on a log scale: less than the resolution of any clock in any launch."""


def drift(before: Mapping[str, list[Sample]], after: Mapping[str, list[Sample]]) -> float | None:
    """Return the difference of the machine's computing speed, on a log scale; None without enough calibrations.

    It is that of the median of the loop's times, since kernels are compared by their typical times, too.
    """
    times = [
        list({sample.launch: sample.system.core_ns for sample in _all(run) if sample.system.core_ns}.values())
        for run in (before, after)
    ]
    if min(map(len, times)) < MIN_CALIBRATIONS:
        return None
    return abs(math.log(median(times[1]) / median(times[0])))


def _all(run: Mapping[str, list[Sample]]) -> Iterable[Sample]:
    return (sample for samples in run.values() for sample in samples)
