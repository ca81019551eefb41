"""Compute the rows of a run from its samples: one for each kernel, measured, failed or skipped. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import median
from types import MappingProxyType

from harness.analysis.device import device_gflops, device_of, with_device_share
from harness.analysis.dispersion import outliers, variance_components
from harness.analysis.estimate import Estimate, launches_of
from harness.analysis.findings import across, findings_of
from harness.analysis.intervals import interval, ratio
from harness.analysis.plausibility import plausibility_failures
from harness.analysis.significance import significantly_slower
from harness.analysis.steady_state import steadiness
from harness.model.config import Config
from harness.model.job import Failed, FailureCode, Stage
from harness.model.kernel import REFERENCE, Kernel, kernel_id
from harness.model.machine import Peak
from harness.model.result import BuildInfo, Memory, OnDevice, Phases, Quantity, Rate, Row, Status, Variance
from harness.model.sample import Purpose, Sample, launches_in

MAX_PEAK_SHARE = 1.1
"""Share of peak above which a kernel fails: no kernel exceeds the units that it computes with, but the measured peak
may be a tenth too low where the machine was disturbed."""

FEWER_OPERATIONS = ("strassen", "library")
"""Rungs that may exceed the peak: they may do fewer multiply-adds than n^3, or on other units than the peak's."""


def rows_of(
    kernels: Sequence[Kernel],
    samples: Mapping[str, list[Sample]],
    estimates: Mapping[str, Estimate],
    config: Config,
    failures: Mapping[str, Failed] = MappingProxyType({}),
    skips: Mapping[str, str] = MappingProxyType({}),
    builds: Mapping[str, BuildInfo] = MappingProxyType({}),
    peak: Peak | None = None,
) -> list[Row]:
    """Return a row for each kernel, in the order given; `estimates` are those of `samples`."""
    failures = {**implausible(kernels, samples, estimates, peak, config), **failures}
    estimates = {name: estimate for name, estimate in estimates.items() if name not in failures}
    ranks = _ranks(kernels, estimates, config)
    rows = []
    for kernel in kernels:
        status, reason = _outcome(kernel.id, failures, skips, estimates, samples.get(kernel.id, []))
        row = Row(
            kernel=kernel.id,
            language=kernel.language,
            language_name=kernel.language_name,
            variant=kernel.variant,
            category=kernel.category_of(config.threads),
            status=status,
            reason=reason,
            n=config.n,
            rows=0,
            threads=kernel.threads_of(config.threads),
            estimated=False,
            samples=0,
            int8_products=kernel.int8_products,
            on_gpu=kernel.on_gpu,
            build=builds.get(kernel.id, BuildInfo()),
            toolchain=kernel.toolchain.name,
            alternative=kernel.alternative,
        )
        if status == Status.OK:
            row = _measured(row, estimates[kernel.id], samples[kernel.id], config)
            row = _compared(row, kernel, estimates, peak, config)
            row = replace(row, device=_device(kernel, estimates[kernel.id], samples[kernel.id], peak, config))
            row = replace(row, rank=ranks[kernel.id])
        rows.append(replace(row, findings=findings_of(row, samples.get(kernel.id, []))))
    return across(rows)


def _outcome(
    name: str,
    failures: Mapping[str, Failed],
    skips: Mapping[str, str],
    estimates: Mapping[str, Estimate],
    samples: Sequence[Sample],
) -> tuple[Status, str]:
    """Return a kernel's status and the reason for it."""
    if name in failures:
        return Status.FAILED, f"{failures[name].stage}: {failures[name].reason}"
    if name in skips:
        return Status.SKIPPED, skips[name]
    if name not in estimates:
        if any(sample.purpose == Purpose.MEASURE for sample in samples):
            return Status.UNMEASURED, "its launches are too few or too uneven for an estimate of its time"
        return Status.UNMEASURED, "the run ended before it was measured"
    return Status.OK, ""


def implausible(
    kernels: Sequence[Kernel],
    samples: Mapping[str, list[Sample]],
    estimates: Mapping[str, Estimate],
    peak: Peak | None,
    config: Config,
) -> dict[str, Failed]:
    """Return the kernels whose reported times contradict their launches, or exceed the peak."""
    failures = {}
    for kernel in kernels:
        if kernel.id not in estimates:
            continue
        estimate = estimates[kernel.id]
        share = rate_of(kernel, gflops(estimate, config.n), peak, config).peak_share or 0.0
        device = _device(kernel, estimate, samples[kernel.id], peak, config)
        alone = device.peak_share or 0.0 if device else 0.0
        checks = plausibility_failures(samples[kernel.id], config.n, kernel.threads_of(config.threads))
        if checks:
            code, reason = FailureCode(checks[0].check), f"{checks[0].check}: {checks[0].observation}"
            failures[kernel.id] = Failed(Stage.PLAUSIBILITY, reason, code=code)
        elif max(share, alone) > MAX_PEAK_SHARE and kernel.rung not in FEWER_OPERATIONS:
            reason = f"above-peak: {max(share, alone):.0%} of the measured peak of the units that it computes with"
            reason += ", in the time on its device alone" if alone > share else ""
            failures[kernel.id] = Failed(Stage.PLAUSIBILITY, reason, code=FailureCode.ABOVE_PEAK)
    return failures


def gflops(estimate: Estimate, n: int) -> float:
    """Return the rate of a product of n x n matrices, by 2 n^3 operations; per ns they are 10^9 per second."""
    return 2.0 * n**3 / estimate.value_ns


def rate_of(kernel: Kernel, gflops: float, peak: Peak | None, config: Config) -> Rate:
    """Return a kernel's rate, and its share of the processors' peak for its number of threads, or of its device's."""
    if kernel.on_gpu:
        device = device_gflops(kernel, peak)
        return Rate(gflops, peak_share=gflops / device if device else None)
    threads = kernel.threads_of(config.threads)
    fma = peak.gflops.get(threads) if peak else None
    if not kernel.int8_products:
        return Rate(gflops, peak_share=gflops / fma if fma else None)
    engine = peak.engine_gops.get(threads) if peak else None
    return Rate(
        gflops,
        peak_share=kernel.int8_products * gflops / engine if engine else None,
        fma_peak_multiple=gflops / fma if fma else None,
    )


def _ranks(kernels: Sequence[Kernel], estimates: Mapping[str, Estimate], config: Config) -> dict[str, str]:
    """Rank the rows of each class: 1 + the number of rows that are significantly faster; "2=" for a shared rank."""
    places: dict[str, tuple[str, int]] = {}
    intervals = {name: interval(estimate, config.confidence) for name, estimate in estimates.items()}

    def faster(other: str, name: str) -> bool:
        bounds, other_bounds = intervals[name], intervals[other]
        if bounds is None or other_bounds is None:
            return estimates[other].value_ns < estimates[name].value_ns
        # intervals apart the wrong way need no test
        return other_bounds.low <= bounds.high and significantly_slower(
            estimates[name], estimates[other], config.confidence
        )

    ranked = [kernel for kernel in kernels if kernel.id in estimates]
    for kernel in ranked:
        category = kernel.category_of(config.threads)
        rivals = (other.id for other in ranked if other.category_of(config.threads) == category and other is not kernel)
        places[kernel.id] = (category, 1 + sum(faster(other, kernel.id) for other in rivals))
    shared = list(places.values())
    return {name: f"{place[1]}{'=' if shared.count(place) > 1 else ''}" for name, place in places.items()}


def _measured(row: Row, estimate: Estimate, samples: list[Sample], config: Config) -> Row:
    """Return the row with everything that follows from its own samples."""
    measured = launches_of(estimate, samples)
    between, within = variance_components(measured)
    time = Quantity.of(estimate.value_ns, interval(estimate, config.confidence), 1e9)
    return replace(
        row,
        rows=estimate.rows,
        estimated=estimate.estimated,
        samples=estimate.samples,
        rounds=len(estimate.by_round) or 1,
        time=time,
        min_s=estimate.minimum_ns / 1e9,
        verified=True,
        variance=Variance(between, within, len(outliers(measured)), steadiness(measured).verdict),
        phases=_phases(samples, measured, time.value),
        memory=Memory(max(sample.peak_rss_bytes for sample in samples), _huge_page_fraction(measured)),
    )


def _device(
    kernel: Kernel, estimate: Estimate, samples: list[Sample], peak: Peak | None, config: Config
) -> OnDevice | None:
    """Return what a row tells of its kernel's device."""
    device = device_of(launches_of(estimate, samples), estimate.value_ns / 1e9, estimate.estimated)
    return with_device_share(device, config.n, device_gflops(kernel, peak))


def _compared(row: Row, kernel: Kernel, estimates: Mapping[str, Estimate], peak: Peak | None, config: Config) -> Row:
    """Return the row with everything that is relative to the peak and to other kernels."""
    estimate = estimates[kernel.id]
    in_c = estimates.get(_same_in_c(kernel))
    return replace(
        row,
        rate=rate_of(kernel, gflops(estimate, config.n), peak, config),
        speedup=_ratio(estimates.get(config.baseline), estimate, config),
        relative_to_c=_ratio(estimate, in_c, config),
    )


def _same_in_c(kernel: Kernel) -> str:
    """Return the same rung in C; of C by another toolchain the same kernel by the default one, of C itself nothing."""
    if kernel.language == REFERENCE:
        return kernel.default_id if kernel.alternative else ""
    return kernel_id(REFERENCE, kernel.rung)


def _ratio(over: Estimate | None, under: Estimate | None, config: Config) -> Quantity | None:
    """Return the ratio of two times; None without either."""
    if over is None or under is None:
        return None
    return Quantity.of(*ratio(over, under, config.confidence))


def _phases(samples: list[Sample], measured: list[list[Sample]], time_s: float) -> Phases:
    """Return the parts of a launch that the row's time leaves out."""
    starts = [launch[0].launch_wall_ns for launch in launches_in(samples, Purpose.START).values()]
    start_ns = median(starts) if starts else None
    outside_ns = median(launch[0].launch_wall_ns - sum(sample.ns for sample in launch) for launch in measured)
    # how much longer the first call took than the others: of fewer rows, so that only the difference is added
    firsts = [launch[0].ns - median(sample.ns for sample in launch[1:]) for launch in measured if len(launch) > 1]
    wall_ns = sum(launch[0].launch_wall_ns for launch in measured)
    cpu_ns = sum(launch[0].launch_cpu_ns for launch in measured)
    return Phases(
        start_s=start_ns / 1e9 if start_ns is not None else None,
        io_s=max(0.0, outside_ns - start_ns) / 1e9 if start_ns is not None else None,
        first_call_s=max(0.0, time_s + median(firsts) / 1e9) if firsts else None,
        cpu_s=median(launch[0].launch_cpu_ns / len(launch) for launch in measured) / 1e9,
        processors=cpu_ns / wall_ns if wall_ns else None,
    )


def _huge_page_fraction(measured: list[list[Sample]]) -> float | None:
    """Return the fraction of a launch's memory that was handed out in huge pages."""
    resident = median(launch[0].peak_rss_bytes for launch in measured)
    huge = median(launch[0].system.huge_bytes for launch in measured)
    return min(1.0, huge / resident) if resident else None
