"""Warnings as data: what was seen, on which kernel, and what the user can do about it. Pure."""

from __future__ import annotations

from harness.model import Finding, Row, Sample

WIDE = 0.05
FEW = 5
BUSY = 0.02
ROWS_ALIKE = ("naive", "interchange", "parallel")
"""The rungs that do the same for each row of C, however many there are: what some rows take says what all take."""


def findings_of(row: Row, samples: list[Sample]) -> tuple[Finding, ...]:
    """What there is to say of one row."""
    found: list[Finding] = []

    def add(code: str, seen: str, advice: str) -> None:
        found.append(Finding(code, row.kernel, seen, advice))

    if row.status != "ok" or row.median_s is None:
        return ()
    if row.estimated:
        seen = f"estimated from the first {row.rows} of {row.n} rows"
        if row.rung.split("-")[0] in ROWS_ALIKE:
            add("estimate", seen, "--full measures it whole")
        else:
            add(
                "estimate-of-blocks",
                f"{seen}, which it cuts into other blocks than the whole: seen to differ from it by up to a quarter",
                "a larger --budget, or --full, measures it whole",
            )
    if row.low_s is None or row.high_s is None:
        add("no-interval", "measured once: there is no interval", "raise --budget")
    elif (row.high_s - row.low_s) / 2 > WIDE * row.median_s:
        share = (row.high_s - row.low_s) / 2 / row.median_s
        add(
            "wide-interval",
            f"the interval is ±{share:.0%} of the median",
            "raise --budget, or quieten the machine",
        )
    launches = {sample.launch: sample for sample in samples if sample.purpose == "measure"}
    if len(launches) < FEW:
        add("few-launches", f"only {len(launches)} launches fitted the budget", "raise --budget")
    if row.peak_share is not None and row.peak_share > 1:
        add(
            "above-peak",
            f"{row.peak_share:.0%} of the measured peak: more than the vector units gave the peak program",
            "measure again: the peak was disturbed, or the kernel does other work than it says",
        )
    wall = sum(sample.launch_wall_ns for sample in launches.values())
    cpu = sum(sample.launch_cpu_ns for sample in launches.values())
    if wall and cpu > wall * (row.threads + BUSY) * 1.1:
        add(
            "more-threads",
            f"used {cpu / wall:.1f} processors where {row.threads} were allowed (a runtime's own threads count)",
            "compare it with rows of as many threads",
        )
    return tuple(found)


def findings_of_run(noise: list[tuple[str, str]], notes: list[tuple[str, str, str]]) -> tuple[Finding, ...]:
    """What there is to say of the run as a whole: the machine's noise, and what the stages noted."""
    found = [Finding("machine", "", seen, advice) for seen, advice in noise]
    return (*found, *(Finding(code, "", seen, advice) for code, seen, advice in notes))
