"""Find what a reader should know of a whole run: noise, drift, and changes of the machine. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from harness.model.answer import Answer
from harness.model.machine import MachineSnapshot
from harness.model.result import Finding
from harness.model.run_record import RunRecord
from harness.model.sample import Sample
from harness.util.format import duration

MAX_SPEED_RANGE = 0.05
"""Range of the calibration loops' times, from the 10th to the 90th percentile and relative to the median, above which
the run is flagged."""

MIN_CALIBRATIONS = 10
"""Fewer calibrations have no percentiles to speak of."""

MAX_WARMING_C = 10
"""Degrees Celsius that the machine may warm up by during a run before it is reported."""

MIN_CLOCK_RATIO = 0.95
"""Processor frequency after the run, relative to that before it, below which it is reported."""

MAX_SLOWED_FRACTION = 0.001
"""Fraction of the measuring time in which a GPU's clocks may be held down before it is reported: most of that time, it
does not compute."""

MAX_STALL_FRACTION = 0.001
"""Fraction of the measuring time in which some process may wait for memory before it is reported."""


def findings_of_run(record: RunRecord, samples: Iterable[Sample], answer: Answer) -> tuple[Finding, ...]:
    """Return the findings of a run as a whole, and those that its stages noted."""
    findings = [Finding("machine", "", observation, remedy) for observation, remedy in record.noise]
    if (scattered := scatter(answer)) is not None:
        findings.append(scattered)
    if record.machine and record.machine.after:
        findings += changes(record.machine.before, record.machine.after, record.stages_s.get("Measuring", 0.0))
    if (drifted := drift(samples)) is not None:
        findings.append(drifted)
    return (*findings, *(Finding(code, "", observation, remedy) for code, observation, remedy in record.notes))


def scatter(answer: Answer) -> Finding | None:
    """Return a finding if the speed-up of the headline is less precise than it shall be: what it would take."""
    precision = answer.precision
    if precision is None or precision.half_width <= precision.target:
        return None
    assert answer.baseline and answer.fastest
    observation = (
        f"the times of {answer.baseline.kernel} scattered by {precision.baseline_scatter:.0%} from launch to launch, "
        f"those of {answer.fastest.kernel} by {precision.fastest_scatter:.0%}, so that {precision.rounds} rounds give "
        f"the headline to ±{precision.half_width:.0%}"
    )
    remedy = f"±{precision.target:.0%} needs about {precision.needed} rounds: --rounds {precision.needed}"
    return Finding("scatter", "", observation, remedy)


def drift(samples: Iterable[Sample]) -> Finding | None:
    """Return a finding if the calibration loops before the launches varied over the run."""
    calibrations = {sample.launch: sample.system for sample in samples if sample.system.core_ns}.values()
    if len(calibrations) < MIN_CALIBRATIONS:
        return None
    ranges = []
    for name, times in (
        ("computing", sorted(delta.core_ns for delta in calibrations)),
        ("copying memory", sorted(delta.memory_ns for delta in calibrations)),
    ):
        low, middle, high = (times[round(share * (len(times) - 1))] for share in (0.1, 0.5, 0.9))
        ranges.append((name, low / middle - 1, high / middle - 1))
    if all(high - low <= MAX_SPEED_RANGE for _, low, high in ranges):
        return None
    described = " and ".join(f"from {low:+.1%} to {high:+.1%} for {name}" for name, low, high in ranges)
    return Finding(
        "drift",
        "",
        f"the machine's speed varied: fixed loops before each launch differed from their median {described} "
        "(10th to 90th percentile)",
        "kernels of one round are compared with each other; repeat the run before believing a small difference",
    )


def changes(before: MachineSnapshot, after: MachineSnapshot, seconds: float) -> list[Finding]:
    """Return a finding for each change of the machine over the `seconds` in which kernels were measured."""
    return [finding for rule in CHANGES if (finding := rule(before, after, seconds)) is not None]


def _warmer(before: MachineSnapshot, after: MachineSnapshot, _: float) -> Finding | None:
    then, now = before.temperature_c, after.temperature_c
    if then is None or now is None or now - then <= MAX_WARMING_C:
        return None
    observation = f"the machine warmed up from {then:.0f} to {now:.0f} degrees Celsius"
    return Finding("temperature", "", observation, "measure again now that it is warm, or cool it better")


def _slower_clock(before: MachineSnapshot, after: MachineSnapshot, _: float) -> Finding | None:
    then, now = before.mhz, after.mhz
    if then is None or now is None or now >= MIN_CLOCK_RATIO * then:
        return None
    observation = f"the processor's frequency fell from {then:.0f} to {now:.0f} MHz"
    return Finding("frequency", "", observation, "fix it with cpupower frequency-set, or turn turbo off")


def _swapped(before: MachineSnapshot, after: MachineSnapshot, _: float) -> Finding | None:
    then, now = before.swap_used_bytes, after.swap_used_bytes
    if then is None or now is None or now <= then:
        return None
    return Finding("swap", "", f"{(now - then) / 2**20:,.0f} MiB were written to swap", "use a smaller n")


def _memory_pressure(before: MachineSnapshot, after: MachineSnapshot, seconds: float) -> Finding | None:
    then, now = before.memory_stall_us, after.memory_stall_us
    if then is None or now is None or not seconds or (now - then) / 1e6 <= MAX_STALL_FRACTION * seconds:
        return None
    observation = f"processes waited for memory for {(now - then) / 1e6:.1f} s of {seconds:.0f} s"
    return Finding("memory-pressure", "", observation, "stop other work that needs memory, or use a smaller n")


def _slower_gpu(before: MachineSnapshot, after: MachineSnapshot, seconds: float) -> Finding | None:
    held_down = [
        f"those of {now.name} by {reason} for {duration(meanwhile_s)}"
        for then, now in zip(before.gpus, after.gpus, strict=False)
        for reason, slowed_s in now.slowed_s.items()
        if (meanwhile_s := slowed_s - then.slowed_s.get(reason, 0.0)) > MAX_SLOWED_FRACTION * seconds > 0
    ]
    if not held_down:
        return None
    observation = f"clocks of a GPU were held down while kernels were measured: {', '.join(held_down)}"
    return Finding("gpu-clocks", "", observation, "cool it better, raise its limit, or fix its clocks with nvidia-smi")


CHANGES: tuple[Callable[[MachineSnapshot, MachineSnapshot, float], Finding | None], ...] = (
    _warmer,
    _slower_clock,
    _swapped,
    _memory_pressure,
    _slower_gpu,
)
