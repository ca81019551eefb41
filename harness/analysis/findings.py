"""Find what a reader should know of a row: a tuple of rules, each of which gives a finding or none. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from statistics import median

from harness.model.kernel import SERIAL_RUNGS
from harness.model.result import Finding, Row, Status, SteadyState
from harness.model.sample import Purpose, Sample

MAX_EXTRA_PROCESSORS = 0.02
"""Processors that a runtime may use beside the kernel's threads, a garbage collector's for one."""

PROCESSOR_NOISE = 1.1
"""Factor by which processor time may exceed that of all allowed processors before it is reported."""

MAX_STOLEN_PROCESSORS = 0.01
"""Processors that the host of a virtual machine may take away during launches before it is reported."""

MAX_OTHER_PROCESSORS = 0.05
"""Processors that other processes may use during launches before it is reported."""

MAX_INTERRUPTIONS_PER_S = 100
"""Times per second that a thread may lose its processor before it is reported."""

MAX_HUGE_PAGE_DIFFERENCE = 0.5
"""Difference between two rows' fractions of memory in huge pages above which both rows are flagged."""

MIN_UNTIMED_S = 0.05

MIN_UNTIMED_SHARE = 0.1
"""Work outside the clock is reported above this time, and above this share of the row's time."""

Rule = Callable[[Row, Sequence[Sample]], Finding | None]
"""A rule's arguments: the row, and one sample of each of its measuring launches."""


def findings_of(row: Row, samples: Iterable[Sample]) -> tuple[Finding, ...]:
    """Return the findings of one measured row; none for a row that was not measured."""
    if row.status != Status.OK or row.time is None:
        return ()
    launches = list({sample.launch: sample for sample in samples if sample.purpose == Purpose.MEASURE}.values())
    own = [finding for rule in RULES if (finding := rule(row, launches)) is not None]
    return (*own, *disturbances(row.kernel, row.threads, launches))


def disturbances(kernel: str, threads: int, launches: Sequence[Sample]) -> tuple[Finding, ...]:
    """Return what the rest of the machine did during a kernel's launches, given one sample of each."""
    return tuple(finding for rule in DISTURBANCES if (finding := rule(kernel, threads, launches)) is not None)


def _estimate(row: Row, _: Sequence[Sample]) -> Finding | None:
    if not row.estimated or row.rung in SERIAL_RUNGS:
        return None
    observation = (
        f"estimated from {row.rows} of {row.n} rows, which are cut into other blocks than the whole matrix: such "
        "estimates were wrong by up to a quarter"
    )
    return Finding("estimate-of-blocks", row.kernel, observation, "measure it whole: --effort thorough, or --full")


def _matrix_engine(row: Row, _: Sequence[Sample]) -> Finding | None:
    if not row.int8_products:
        return None
    observation = f"computes one product of doubles by {row.int8_products} products of bytes on the CPU's matrix engine"
    remedy = "compare it within its class; its error bound depends on the norms of rows and columns (docs/engine.md)"
    return Finding("matrix-engine", row.kernel, observation, remedy)


def _interval(row: Row, _: Sequence[Sample]) -> Finding | None:
    if row.time is None or row.time.interval is not None:
        return None
    return Finding("no-interval", row.kernel, "measured once, so there is no interval", "measure it in more rounds")


def _above_peak(row: Row, _: Sequence[Sample]) -> Finding | None:
    share = row.rate.peak_share if row.rate else None
    if share is None or share <= 1:
        return None
    remedy = "measure again: the peak was disturbed, or the kernel does other work than the peak program"
    return Finding("above-peak", row.kernel, f"reaches {share:.0%} of the measured peak", remedy)


def _more_threads(row: Row, launches: Sequence[Sample]) -> Finding | None:
    wall = sum(sample.launch_wall_ns for sample in launches)
    cpu = sum(sample.launch_cpu_ns for sample in launches)
    if not wall or cpu <= wall * (row.threads + MAX_EXTRA_PROCESSORS) * PROCESSOR_NOISE:
        return None
    observation = f"used {cpu / wall:.1f} processors where {row.threads} were allowed (threads of its runtime included)"
    return Finding("more-threads", row.kernel, observation, "compare it with rows of as many threads")


def _outliers(row: Row, _: Sequence[Sample]) -> Finding | None:
    if not row.variance.outliers:
        return None
    observation = f"the times of {row.variance.outliers} calls are far from the others; they are kept"
    return Finding("outliers", row.kernel, observation, "look at its samples, and stop other work on the machine")


def _not_steady(row: Row, _: Sequence[Sample]) -> Finding | None:
    if row.variance.steadiness != SteadyState.NOT_STEADY:
        return None
    observation = "the times of its calls still changed within a launch, after the first call"
    return Finding("not-steady", row.kernel, observation, "--effort thorough makes launches longer")


RULES: tuple[Rule, ...] = (
    _estimate,
    _matrix_engine,
    _interval,
    _above_peak,
    _more_threads,
    _outliers,
    _not_steady,
)


def _rate(launches: Sequence[Sample], amount: Callable[[Sample], float]) -> float:
    """Return an amount per ns of all launches together: ticks of 10 ms make a single launch's amount uncertain."""
    wall_ns = sum(sample.launch_wall_ns for sample in launches)
    return sum(map(amount, launches)) / wall_ns if wall_ns else 0.0


def _stolen(kernel: str, _: int, launches: Sequence[Sample]) -> Finding | None:
    stolen = _rate(launches, lambda sample: sample.system.steal_ns)
    if stolen <= MAX_STOLEN_PROCESSORS:
        return None
    observation = f"the host took away {stolen:.1%} of a processor during its launches"
    return Finding("steal", kernel, observation, "repeat it on a machine of your own, or at a quieter hour")


def _other_work(kernel: str, _: int, launches: Sequence[Sample]) -> Finding | None:
    used = _rate(launches, lambda sample: sample.system.others_cpu_ns)
    if used <= MAX_OTHER_PROCESSORS:
        return None
    observation = f"other processes used {used:.0%} of a processor during its launches"
    return Finding("other-work", kernel, observation, "stop them and measure again")


def _interrupted(kernel: str, threads: int, launches: Sequence[Sample]) -> Finding | None:
    per_s = _rate(launches, lambda sample: sample.involuntary_switches * 1e9)
    if per_s <= MAX_INTERRUPTIONS_PER_S * threads:
        return None
    observation = f"lost its processor {per_s:,.0f} times a second, to another process or to a thread of its own"
    return Finding(
        "interrupted", kernel, observation, "stop other work, or give it as many processors as it has threads"
    )


def _swapped(kernel: str, _: int, launches: Sequence[Sample]) -> Finding | None:
    pages = sum(sample.system.swapped_in for sample in launches)
    if not pages:
        return None
    observation = f"{pages} pages were read back from swap during its launches"
    return Finding("swapped", kernel, observation, "use a machine with more memory, or a smaller n")


DISTURBANCES = (_stolen, _other_work, _interrupted, _swapped)


def across(rows: Sequence[Row]) -> list[Row]:
    """Add the findings that need the other rows: other memory pages, and work outside the clock."""
    return [replace(row, findings=(*row.findings, *_beside(row, rows))) for row in rows]


def _beside(row: Row, rows: Sequence[Row]) -> list[Finding]:
    if row.status != Status.OK:
        return []
    return [finding for rule in (_unlike_pages, _untimed_work) if (finding := rule(row, rows)) is not None]


def _unlike_pages(row: Row, rows: Sequence[Row]) -> Finding | None:
    """Flag a row whose memory is in other pages than that of a row of its class: part of the difference is theirs."""
    fraction = row.memory.huge_page_fraction
    if fraction is None:
        return None
    fractions = [(other.kernel, other.memory.huge_page_fraction) for other in rows if other.category == row.category]
    unlike = [
        (kernel, other)
        for kernel, other in fractions
        if other is not None and abs(other - fraction) > MAX_HUGE_PAGE_DIFFERENCE
    ]
    if not unlike:
        return None
    names = ", ".join(kernel for kernel, _ in unlike[:3]) + (" and others" if len(unlike) > 3 else "")
    observation = f"{fraction:.0%} of its memory was in huge pages, {unlike[0][1]:.0%} of that of {names}"
    return Finding("unlike-pages", row.kernel, observation, "give all the same pages with --pages 4k or --pages huge")


def _untimed_work(row: Row, rows: Sequence[Row]) -> Finding | None:
    """Flag a row whose launches take longer outside the clock than those of its language usually do."""
    # of launches of as many rows, since more rows take longer to read and to write
    alike = [other for other in rows if (other.language_name, other.rows) == (row.language_name, row.rows)]
    usual_s = median([other.phases.io_s for other in alike if other.phases.io_s is not None] or [0.0])
    io_s = row.phases.io_s
    if io_s is None or row.time is None or io_s - usual_s <= max(MIN_UNTIMED_S, MIN_UNTIMED_SHARE * row.time.value):
        return None
    observation = (
        f"its launches take {io_s:.2g} s outside the clock, without starting; "
        f"those of {row.language_name} usually take {usual_s:.2g} s"
    )
    return Finding("untimed-work", row.kernel, observation, "look at the work before its clock starts")
