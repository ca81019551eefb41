"""Test the common change of the machine, and the variation of kernels of the same code about it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from harness.analysis.run_to_run import MIN_CONTROLS, RunToRunVariation, variation_of
from harness.analysis.significance import RatioOfRuns, between_runs
from harness.model.result import Interval
from tests import factories


def controls(
    random: np.random.Generator, count: int, variation: float, machine: float = 1.0, launches: int = 3
) -> list[RatioOfRuns]:
    """Return the ratios of kernels of the same code, from so many launches in each run.

    A launch varies by 2%, and a kernel by a standard deviation `variation`, on a log scale.
    """

    def ratio() -> RatioOfRuns:
        shift = math.log(machine) + random.normal(0, variation)
        runs = [np.exp(random.normal(middle, 0.02, launches)) for middle in (0, shift)]
        earlier, later = (factories.estimate(by_round=dict(enumerate(map(float, run)))) for run in runs)
        found = between_runs(later, earlier, 0.99)
        assert found is not None
        return found

    return [ratio() for _ in range(count)]


def test_common_change_is_that_of_most_controls():
    """A few controls that a disturbance hit move it little."""
    random = np.random.default_rng(1)
    found = variation_of(controls(random, 18, 0.0, 1.08) + controls(random, 2, 0.0, 3.0), None)

    assert found.controls == 20
    assert found.machine_ratio == pytest.approx(1.08, abs=0.02)
    assert found.size < 0.02


def test_too_few_controls_leave_the_calibration_loops():
    found = variation_of(controls(np.random.default_rng(2), MIN_CONTROLS - 1, 0.0, 1.08), 0.1)

    assert found == RunToRunVariation(0, 0.1, machine_ratio=1.0, machine_error=0.0)


@pytest.mark.parametrize("variation", [0.0, 0.05])
def test_error_of_the_common_change_is_its_scatter(variation):
    random = np.random.default_rng(3)
    found = [variation_of(controls(random, 20, variation), None) for _ in range(100)]

    scatter = float(np.std([math.log(one.machine_ratio) for one in found]))

    assert float(np.median([one.machine_error for one in found])) == pytest.approx(scatter, rel=0.25)


@pytest.mark.parametrize("variation", [0.02, 0.05])
def test_error_of_few_launches_is_not_taken_for_too_large(variation):
    """The interval of three launches is wide since Student's quantile is large, not because they scatter much."""
    random = np.random.default_rng(4)
    sizes = [variation_of(controls(random, 20, variation), None).size for _ in range(100)]

    assert float(np.median(sizes)) == pytest.approx(variation, rel=0.2)


@pytest.mark.parametrize("count", [6, 20])
def test_kernel_that_varies_like_the_controls_is_seldom_called_different(count):
    """The variation of few controls is uncertain, and the 99% interval wide enough for that."""
    random, trials = np.random.default_rng(count), 500
    alarms = 0
    for _ in range(trials):
        *known, other = controls(random, count + 1, 0.05, 1.08, launches=8)
        found = variation_of(known, None).relative(other.interval)
        alarms += not found.low <= 1 <= found.high

    assert alarms <= 0.02 * trials


def test_interval_has_the_error_of_the_machines_ratio():
    """Many kernels share its error, which each kernel's own launches do not show."""
    ratio = Interval(1.0, 0.99, 1.01)

    exact = RunToRunVariation(20, 0.0, machine_ratio=1.0, machine_error=0.0).relative(ratio)
    uncertain = RunToRunVariation(20, 0.0, machine_ratio=1.0, machine_error=0.01).relative(ratio)

    assert (exact.low, exact.high) == pytest.approx((0.99, 1.01))
    assert uncertain.low < 0.975 and uncertain.high > 1.025
