"""Samples -> rows: one for each kernel, measured, failed or skipped. Pure."""

from __future__ import annotations

from dataclasses import replace

from harness.findings import findings_of
from harness.model import Config, Failed, Kernel, Row, Sample
from harness.peak import Peak
from harness.stats import Estimate, interval, ratio, summarise


def half_width(samples: list[Sample], config: Config) -> float:
    """The relative half width of the interval of what was measured so far; infinite while there is none."""
    estimate = summarise(samples, config.n, config.resamples, config.seed)
    found = interval(estimate, config.confidence) if estimate else None
    return found.half_width if found else float("inf")


def rows_of(
    kernels: list[Kernel],
    samples: dict[str, list[Sample]],
    failures: dict[str, Failed],
    skips: dict[str, str],
    artefact_bytes: dict[str, int],
    peak: Peak | None,
    config: Config,
) -> list[Row]:
    """A row for each kernel, in the order given."""
    estimates = {
        kernel.id: estimate
        for kernel in kernels
        if kernel.id not in failures
        and (estimate := summarise(samples.get(kernel.id, []), config.n, config.resamples, config.seed))
    }
    baseline = estimates.get(config.baseline)
    rows = []
    for kernel in kernels:
        row = Row(
            kernel=kernel.id,
            language=kernel.language,
            language_name=kernel.language_name,
            rung=kernel.variant,
            kind=kernel.class_of(config.threads),
            status="ok",
            reason="",
            n=config.n,
            rows=0,
            threads=kernel.threads_of(config.threads),
            estimated=False,
            samples=0,
            artefact_bytes=artefact_bytes.get(kernel.id),
        )
        if kernel.id in failures:
            failed = failures[kernel.id]
            row = replace(row, status="failed", reason=f"{failed.stage}: {failed.reason}")
        elif kernel.id in skips:
            row = replace(row, status="skipped", reason=skips[kernel.id])
        elif kernel.id not in estimates:
            row = replace(row, status="unmeasured", reason="the run ended before it was measured")
        else:
            row = _measured(row, estimates[kernel.id], baseline, samples[kernel.id], peak, config)
        rows.append(replace(row, findings=findings_of(row, samples.get(kernel.id, []))))
    return rows


def _measured(
    row: Row,
    estimate: Estimate,
    baseline: Estimate | None,
    samples: list[Sample],
    peak: Peak | None,
    config: Config,
) -> Row:
    found = interval(estimate, config.confidence)
    seconds = estimate.value_ns / 1e9
    gflops = 2.0 * config.n**3 / estimate.value_ns
    roof = peak.gflops.get(row.threads) if peak else None
    speedup, bounds = ratio(baseline, estimate, config.confidence) if baseline else (None, None)
    return replace(
        row,
        rows=estimate.rows,
        estimated=estimate.estimated,
        samples=estimate.samples,
        median_s=seconds,
        low_s=found.low / 1e9 if found else None,
        high_s=found.high / 1e9 if found else None,
        min_s=estimate.minimum_ns / 1e9,
        gflops=gflops,
        peak_share=gflops / roof if roof else None,
        speedup=speedup,
        speedup_low=bounds.low if bounds else None,
        speedup_high=bounds.high if bounds else None,
        verified=True,
        peak_rss_bytes=max(sample.peak_rss_bytes for sample in samples),
    )
