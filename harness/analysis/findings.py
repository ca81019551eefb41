"""Warnings as data: what was seen, on which kernel, and what the user can do about it. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from statistics import median

from harness.model.machine import MachineSnapshot
from harness.model.result import Finding, Row, Status, SteadyState
from harness.model.run_record import RunRecord
from harness.model.sample import Purpose, Sample

MAX_HALF_WIDTH = 0.05

MIN_LAUNCHES = 5

BUSY = 0.02

STOLEN = 0.01
"""The share of a processor that the host of a virtual machine took away during launches, from which it is said."""

OTHERS = 0.05
"""The share of one processor that other processes used during launches, from which it is said."""

INTERRUPTED = 100
"""Times a second that a launch lost its processor to another process, from which it is said."""

UNLIKE_PAGES = 0.5
"""How far apart the shares of memory in huge pages of two rows must be for their times to be told apart by it."""

DRIFT = 0.05
"""How far the calibration loops may go, from the tenth percentile to the ninetieth, before the run says so."""

ROWS_ALIKE = ("naive", "interchange", "parallel")
"""The rungs that do the same for each row of C, however many there are: what some rows take says what all take."""


def findings_of(row: Row, samples: list[Sample]) -> tuple[Finding, ...]:
    """What there is to say of one row."""
    found: list[Finding] = []

    def add(code: str, seen: str, advice: str) -> None:
        found.append(Finding(code, row.kernel, seen, advice))

    if row.status != Status.OK or row.median_s is None:
        return ()
    if row.estimated:
        seen = f"estimated from the first {row.rows} of {row.n} rows"
        if row.rung in ROWS_ALIKE:
            add("estimate", seen, "--full measures it whole")
        else:
            add(
                "estimate-of-blocks",
                f"{seen}, which it cuts into other blocks than the whole: seen to differ from it by up to a quarter",
                "a larger --budget, or --full, measures it whole",
            )
    if row.int8_products:
        add(
            "matrix-engine",
            f"no FMA kernel: {row.int8_products} products of bytes on the CPU's matrix engine make one of doubles",
            "compare it within its class; its error is bound by the norms of rows and columns (docs/engine.md)",
        )
    if row.low_s is None or row.high_s is None:
        add("no-interval", "measured once: there is no interval", "raise --budget")
    elif (row.high_s - row.low_s) / 2 > MAX_HALF_WIDTH * row.median_s:
        share = (row.high_s - row.low_s) / 2 / row.median_s
        add(
            "wide-interval",
            f"the interval is ±{share:.0%} of the median",
            "raise --budget, or quieten the machine",
        )
    launches = {sample.launch: sample for sample in samples if sample.purpose == Purpose.MEASURE}
    if len(launches) < MIN_LAUNCHES:
        add("few-launches", f"only {len(launches)} launches fitted the budget", "raise --budget")
    if row.peak_share is not None and row.peak_share > 1:
        add(
            "above-peak",
            f"{row.peak_share:.0%} of the measured peak: more than the units gave the peak program",
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
    if row.outliers:
        seen = f"{row.outliers} of its calls took a time far from the others'; they are kept"
        add("outliers", seen, "look at its samples; quieten the machine")
    if row.steadiness == SteadyState.NOT_STEADY:
        add(
            "not-steady",
            "its calls still changed within a launch, after the first",
            "a larger --budget: longer launches",
        )
    for disturbance in disturbances(list(launches.values()), row.threads):
        add(*disturbance)
    return tuple(found)


def disturbances(launches: list[Sample], threads: int) -> list[tuple[str, str, str]]:
    """What the machine did beside a kernel's launches, one sample a launch: code, what was seen, what to do."""
    found: list[tuple[str, str, str]] = []

    wall_ns = sum(sample.launch_wall_ns for sample in launches)
    if not wall_ns:
        return found

    def over_all(what: Callable[[Sample], float]) -> float:
        return sum(map(what, launches)) / wall_ns

    def add(code: str, seen: str, advice: str) -> None:
        found.append((code, seen, advice))

    if (share := over_all(lambda sample: sample.system.steal_ns)) > STOLEN:
        seen = f"the host took away {share:.1%} of a processor while it ran"
        add("steal", seen, "repeat it on a machine of your own, or at a quieter hour")
    if (share := over_all(lambda sample: sample.system.others_cpu_ns)) > OTHERS:
        add(
            "other-work", f"other processes used {share:.0%} of a processor while it ran", "stop them and measure again"
        )
    if (rate := over_all(lambda sample: sample.involuntary_switches * 1e9)) > INTERRUPTED * threads:
        seen = f"it lost its processor {rate:,.0f} times a second, to another process or to a thread of its own"
        add("interrupted", seen, "stop what else runs, or give it as many processors as it has threads")
    swapped = sum(sample.system.swapped_in for sample in launches)
    if swapped:
        add(
            "swapped", f"{swapped} pages came back from swap while it ran", "a machine with more memory, or a smaller n"
        )
    return found


def across(rows: list[Row]) -> list[Row]:
    """Add what only shows beside other rows: memory in other pages than a rival's, work outside the clock."""
    return [replace(row, findings=(*row.findings, *_beside(row, rows))) for row in rows]


def _beside(row: Row, rows: list[Row]) -> list[Finding]:
    found: list[Finding] = []
    if row.status != Status.OK:
        return found
    mine = row.huge_page_fraction
    rivals = [other for other in rows if other.category == row.category]
    unlike = [
        other
        for other in rivals
        if mine is not None
        and other.huge_page_fraction is not None
        and abs(other.huge_page_fraction - mine) > UNLIKE_PAGES
    ]
    if unlike:
        names = ", ".join(other.kernel for other in unlike[:3]) + (" and others" if len(unlike) > 3 else "")
        seen = f"{mine:.0%} of its memory was in huge pages, {unlike[0].huge_page_fraction:.0%} of that of {names}"
        found.append(Finding("unlike-pages", row.kernel, seen, "--pages 4k or --pages huge sets it alike for all"))
    # of launches of as many rows, since more take longer to load and to write
    alike = [other for other in rows if (other.language, other.rows) == (row.language, row.rows)]
    loads = [other.io_s for other in alike if other.io_s is not None]
    if row.io_s is not None and row.median_s and row.io_s - median(loads) > max(0.05, 0.1 * row.median_s):
        seen = (
            f"its launches take {row.io_s:.2g} s outside the clock beside starting, "
            f"others of {row.language_name} {median(loads):.2g} s"
        )
        found.append(Finding("untimed-work", row.kernel, seen, "see what it does before its clock starts"))
    return found


def drift(samples: list[Sample]) -> Finding | None:
    """What the calibration loops saw of the machine over the run."""
    seen = {sample.launch: sample.system for sample in samples if sample.system.core_ns}.values()
    if len(seen) < 10:
        return None
    spans = []
    for name, times in (
        ("computing", sorted(watch.core_ns for watch in seen)),
        ("copying memory", sorted(watch.memory_ns for watch in seen)),
    ):
        low, middle, high = (times[round(share * (len(times) - 1))] for share in (0.1, 0.5, 0.9))
        spans.append((name, low / middle - 1, high / middle - 1))
    if all(high - low <= DRIFT for _, low, high in spans):
        return None
    said = " and ".join(f"(for {name}) from {low:+.1%} to {high:+.1%}" for name, low, high in spans)
    return Finding(
        "drift",
        "",
        f"the machine's speed varied: fixed loops before each launch took, mostly {said} off their median",
        "rows that took turns are compared round by round; repeat a run before believing a small difference",
    )


HOTTER_C = 10

SLOWER_CLOCK = 0.95

STALLED = 0.001


def machine(before: MachineSnapshot, after: MachineSnapshot, seconds: float) -> list[Finding]:
    """What changed on the machine from before the kernels to after them, `seconds` later."""
    found = []

    def change(then: float | None, now: float | None) -> tuple[float, float] | None:
        return (then, now) if then is not None and now is not None else None

    if (hotter := change(before.temperature_c, after.temperature_c)) and hotter[1] - hotter[0] > HOTTER_C:
        seen = f"the machine went from {hotter[0]:.0f} to {hotter[1]:.0f} degrees Celsius"
        found.append(Finding("temperature", "", seen, "let it warm up, or cool it better, and measure again"))
    if (mhz := change(before.mhz, after.mhz)) and mhz[1] < SLOWER_CLOCK * mhz[0]:
        seen = f"the processor's frequency fell from {mhz[0]:.0f} to {mhz[1]:.0f} MHz"
        found.append(Finding("frequency", "", seen, "fix it: cpupower frequency-set, or turn turbo off"))
    if (swap := change(before.swap_used_bytes, after.swap_used_bytes)) and swap[1] > swap[0]:
        found.append(Finding("swap", "", f"{(swap[1] - swap[0]) / 2**20:,.0f} MiB went to swap", "a smaller n"))
    stall = change(before.memory_stall_us, after.memory_stall_us)
    if stall and seconds and (stall[1] - stall[0]) / 1e6 > STALLED * seconds:
        seen = f"processes waited for memory for {(stall[1] - stall[0]) / 1e6:.1f} s of {seconds:.0f} s"
        found.append(Finding("memory-pressure", "", seen, "stop what else needs memory, or take a smaller n"))
    return found


def findings_of_run(record: RunRecord, samples: list[Sample]) -> tuple[Finding, ...]:
    """What there is to say of the run as a whole: the machine's noise, its drift, and what the stages noted."""
    found = [Finding("machine", "", seen, advice) for seen, advice in record.noise]
    if record.machine and record.machine.after:
        found += machine(record.machine.before, record.machine.after, record.stages_s.get("Measuring", 0.0))
    found += [found_drift] if (found_drift := drift(samples)) else []
    return (*found, *(Finding(code, "", seen, advice) for code, seen, advice in record.notes))
