"""Samples -> rows: one for each kernel, measured, failed or skipped. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from statistics import median
from typing import NamedTuple, TypedDict

from harness.analysis.dispersion import outliers, variance_components
from harness.analysis.estimate import Estimate, estimate_time
from harness.analysis.findings import across, findings_of
from harness.analysis.intervals import interval, ratio
from harness.analysis.plausibility import plausibility_failures
from harness.analysis.significance import significantly_slower
from harness.analysis.steady_state import steadiness
from harness.model.config import Config
from harness.model.job import Failed
from harness.model.kernel import REFERENCE, Kernel
from harness.model.machine import Peak
from harness.model.result import BuildInfo, Row
from harness.model.sample import Sample, launches_in

ABOVE_PEAK = 1.1
"""No kernel does more of the same arithmetic than the units that do it; a tenth is left for a disturbed peak."""

FEWER_OPERATIONS = ("strassen", "library")
"""Rungs whose products may take fewer multiply-adds than 2 n^3, or other units than those that the peak is of."""


def summary_of(samples: list[Sample], config: Config) -> Estimate | None:
    """Estimate a kernel's time with the settings of `config`; None if its samples do not suffice."""
    return estimate_time(samples, config.n, config.resamples, config.seed)


def rows_of(
    kernels: list[Kernel],
    samples: dict[str, list[Sample]],
    failures: dict[str, Failed],
    skips: dict[str, str],
    made: Mapping[str, BuildInfo],
    peak: Peak | None,
    config: Config,
) -> list[Row]:
    """A row for each kernel, in the order given."""
    estimates = {
        kernel.id: estimate
        for kernel in kernels
        if kernel.id not in failures and (estimate := summary_of(samples.get(kernel.id, []), config)) is not None
    }
    failures = failures | _broken_claims(kernels, samples, estimates, peak, config)
    estimates = {name: estimate for name, estimate in estimates.items() if name not in failures}
    baseline = estimates.get(config.baseline)
    ranks = _ranks(kernels, estimates, config)
    rows = []
    for kernel in kernels:
        known = made.get(kernel.id, BuildInfo())
        row = Row(
            kernel=kernel.id,
            language=kernel.language,
            language_name=kernel.language_name,
            variant=kernel.variant,
            category=kernel.category_of(config.threads),
            status="ok",
            reason="",
            n=config.n,
            rows=0,
            threads=kernel.threads_of(config.threads),
            estimated=False,
            samples=0,
            int8_products=kernel.int8_products,
            build_s=known.build_s,
            artefact_bytes=known.artefact_bytes,
            image_bytes=known.image_bytes,
            lines=known.lines,
        )
        if kernel.id in failures:
            failed = failures[kernel.id]
            row = replace(row, status="failed", reason=f"{failed.stage}: {failed.reason}")
        elif kernel.id in skips:
            row = replace(row, status="skipped", reason=skips[kernel.id])
        elif kernel.id not in estimates:
            row = replace(row, status="unmeasured", reason="the run ended before it was measured")
        else:
            estimate = estimates[kernel.id]
            row = _measured(row, estimate, samples[kernel.id], config)
            in_c = estimates.get(f"{REFERENCE}/{kernel.rung}") if kernel.language != REFERENCE else None
            speedup, relative_to_c = _times(baseline, estimate, config), _times(estimate, in_c, config)
            row = replace(
                row,
                rank=ranks[kernel.id],
                **shares(kernel, row.gflops or 0.0, peak, config),
                speedup=speedup.value,
                speedup_low=speedup.low,
                speedup_high=speedup.high,
                relative_to_c=relative_to_c.value,
                relative_to_c_low=relative_to_c.low,
                relative_to_c_high=relative_to_c.high,
            )
        rows.append(replace(row, findings=findings_of(row, samples.get(kernel.id, []))))
    return across(rows)


def _broken_claims(
    kernels: list[Kernel],
    samples: Mapping[str, list[Sample]],
    estimates: Mapping[str, Estimate],
    peak: Peak | None,
    config: Config,
) -> dict[str, Failed]:
    """The kernels whose own account does not hold: they have no row, whatever time they gave."""
    found = {}
    for kernel in kernels:
        if kernel.id not in estimates:
            continue
        threads = kernel.threads_of(config.threads)
        share = shares(kernel, 2.0 * config.n**3 / estimates[kernel.id].value_ns, peak, config)["peak_share"] or 0.0
        if failure := plausibility_failures(samples[kernel.id], config.n, threads):
            found[kernel.id] = Failed("claims", f"{failure[0].check}: {failure[0].observation}")
        elif share > ABOVE_PEAK and kernel.rung not in FEWER_OPERATIONS:
            found[kernel.id] = Failed("claims", f"above-peak: {share:.0%} of what the units gave the peak program")
    return found


class Shares(TypedDict):
    """A row's fields that hold its rate against the measured peak."""

    peak_share: float | None
    fma_peak_multiple: float | None


def shares(kernel: Kernel, gflops: float, peak: Peak | None, config: Config) -> Shares:
    """The share of peak of a kernel with this rate, and, for one of the matrix engine, how many times the FMA peak."""
    threads = kernel.threads_of(config.threads)
    fma = peak.gflops.get(threads) if peak else None
    if not kernel.int8_products:
        return {"peak_share": gflops / fma if fma else None, "fma_peak_multiple": None}
    engine = peak.engine_gops.get(threads) if peak else None
    return {
        "peak_share": kernel.int8_products * gflops / engine if engine else None,
        "fma_peak_multiple": gflops / fma if fma else None,
    }


def _ranks(kernels: list[Kernel], estimates: Mapping[str, Estimate], config: Config) -> dict[str, str]:
    """Ranks among rows of one class: 1 + the number of rows that are surely faster; "2=" where a rank is shared."""
    places: dict[str, tuple[str, int]] = {}
    intervals = {name: interval(estimate, config.confidence) for name, estimate in estimates.items()}

    def faster(other: str, name: str) -> bool:
        mine, its = intervals[name], intervals[other]
        if mine is None or its is None:
            return estimates[other].value_ns < estimates[name].value_ns
        return its.low <= mine.high and significantly_slower(estimates[name], estimates[other], config.confidence)

    ranked = [kernel for kernel in kernels if kernel.id in estimates]
    for kernel in ranked:
        category = kernel.category_of(config.threads)
        rivals = (other.id for other in ranked if other.category_of(config.threads) == category and other is not kernel)
        places[kernel.id] = (category, 1 + sum(faster(other, kernel.id) for other in rivals))
    shared = list(places.values())
    return {name: f"{place[1]}{'=' if shared.count(place) > 1 else ''}" for name, place in places.items()}


def _measured(
    row: Row,
    estimate: Estimate,
    samples: list[Sample],
    config: Config,
) -> Row:
    found = interval(estimate, config.confidence)
    seconds = estimate.value_ns / 1e9
    gflops = 2.0 * config.n**3 / estimate.value_ns
    measured = [launch for launch in launches_in(samples, "measure").values() if launch[0].rows == estimate.rows]
    measured = measured or list(launches_in(samples, "measure").values())  # blocks, each of other rows
    between, within = variance_components(measured)
    return replace(
        row,
        steadiness=steadiness(measured).verdict,
        between_launches=between,
        within_launches=within,
        outliers=len(outliers(measured)),
        **_separate(samples, measured, seconds),
        rows=estimate.rows,
        estimated=estimate.estimated,
        samples=estimate.samples,
        median_s=seconds,
        low_s=found.low / 1e9 if found else None,
        high_s=found.high / 1e9 if found else None,
        min_s=estimate.minimum_ns / 1e9,
        gflops=gflops,
        verified=True,
        peak_rss_bytes=max(sample.peak_rss_bytes for sample in samples),
    )


class _Times(NamedTuple):
    value: float | None = None
    low: float | None = None
    high: float | None = None


def _times(over: Estimate | None, under: Estimate | None, config: Config) -> _Times:
    """How many times `over` takes what `under` takes, and its interval; None without either."""
    if over is None or under is None:
        return _Times()
    times, bounds = ratio(over, under, config.confidence)
    return _Times(times, bounds.low, bounds.high) if bounds else _Times(times)


class _Separate(TypedDict):
    start_s: float | None
    io_s: float | None
    first_call_s: float | None
    cpu_s: float | None
    processors: float | None
    huge_page_fraction: float | None


def _separate(samples: list[Sample], measured: list[list[Sample]], seconds: float) -> _Separate:
    """The figures that a row's time leaves out: start-up, loading, the first call, processor time, huge pages."""
    starts = [launch[0].launch_wall_ns for launch in launches_in(samples, "start").values()]
    start_ns = median(starts) if starts else None
    outside_ns = median(launch[0].launch_wall_ns - sum(sample.ns for sample in launch) for launch in measured)
    firsts = [launch[0].ns - median(sample.ns for sample in launch[1:]) for launch in measured if len(launch) > 1]
    wall_ns, cpu_ns = (
        sum(getattr(launch[0], what) for launch in measured) for what in ("launch_wall_ns", "launch_cpu_ns")
    )
    resident = median(launch[0].peak_rss_bytes for launch in measured)
    return {
        "start_s": start_ns / 1e9 if start_ns is not None else None,
        "io_s": max(0.0, outside_ns - start_ns) / 1e9 if start_ns is not None else None,
        "first_call_s": max(0.0, seconds + median(firsts) / 1e9) if firsts else None,
        "cpu_s": median(launch[0].launch_cpu_ns / len(launch) for launch in measured) / 1e9,
        "processors": cpu_ns / wall_ns if wall_ns else None,
        "huge_page_fraction": min(1.0, median(launch[0].system.huge_bytes for launch in measured) / resident)
        if resident
        else None,
    }
