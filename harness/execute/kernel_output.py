"""Parse what a kernel prints to standard output: the times of its calls, and what it tells of its device."""

from __future__ import annotations

from dataclasses import dataclass

from harness.model.job import FailureCode, Fault

DEVICE, DRIVER, DEVICE_NS = "device", "driver", "device_ns"
"""The first words of the lines that kernels on a device print, beside one time in ns per call."""

MAX_NAME_LENGTH = 200
"""Length, in characters, at which the name of a device or driver is cut."""


@dataclass(frozen=True)
class KernelOutput:
    """The times of a launch's calls in ns, and for a kernel on a device its name and driver.

    `device_ns` are the times that the device itself needed for the calls, or empty if it does not tell them.
    """

    times_ns: tuple[int, ...]
    device_ns: tuple[int, ...] = ()
    device: str = ""
    driver: str = ""


def parse_output(stdout: bytes, reps: int) -> KernelOutput | Fault:
    """Return what a kernel printed in a launch of `reps` calls; or the mistake."""
    words: dict[str, list[str]] = {"": [], DEVICE: [], DRIVER: [], DEVICE_NS: []}
    for line in stdout.decode("utf-8", errors="replace").splitlines():
        key, _, value = line.strip().partition(" ")
        known = key in words and key
        words[key if known else ""].append(value.strip() if known else line)
    if len(words[""]) != reps:
        reason = f"printed {len(words[''])} lines where {reps} were expected, one time in ns per call"
        return Fault(FailureCode.WRONG_LINE_COUNT, reason)
    if words[DEVICE_NS] and len(words[DEVICE_NS]) != reps:
        reason = f"printed {len(words[DEVICE_NS])} lines of {DEVICE_NS} where {reps} or none were expected"
        return Fault(FailureCode.WRONG_LINE_COUNT, reason)
    for line in (*words[""], *words[DEVICE_NS]):
        if not _is_time(line):
            reason = f"printed {line[:60]!r} where a time in ns, a whole number above 0, was expected"
            return Fault(FailureCode.INVALID_TIME, reason)
    times_ns, device_ns = (tuple(map(int, words[key])) for key in ("", DEVICE_NS))
    device, driver = (" ".join(words[key])[:MAX_NAME_LENGTH] for key in (DEVICE, DRIVER))
    return KernelOutput(times_ns, device_ns, device, driver)


def _is_time(text: str) -> bool:
    return text.strip().isascii() and text.strip().isdecimal() and int(text) > 0
