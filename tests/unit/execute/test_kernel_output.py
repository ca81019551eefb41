"""Test what is read from a kernel's standard output: times, and what a kernel tells of its device."""

from __future__ import annotations

import pytest

from harness.execute.kernel_output import KernelOutput, parse_output
from harness.model.job import FailureCode, Fault


def test_times_alone_are_enough():
    assert parse_output(b"10\n20\n", 2) == KernelOutput((10, 20))


def test_device_driver_and_device_times_are_read():
    stdout = b"device Tensor Unit 9\ndriver 1.2\n10\ndevice_ns 7\n20\ndevice_ns 8\n"

    assert parse_output(stdout, 2) == KernelOutput((10, 20), (7, 8), "Tensor Unit 9", "1.2")


@pytest.mark.parametrize(
    ("stdout", "code", "reason"),
    [
        (b"10\n", FailureCode.WRONG_LINE_COUNT, "printed 1 lines where 2 were expected"),
        (b"10\nhello\n", FailureCode.INVALID_TIME, "printed 'hello'"),
        (b"10\ndevice_ns 7\n20\n", FailureCode.WRONG_LINE_COUNT, "printed 1 lines of device_ns where 2 or none"),
        (b"10\ndevice_ns 7\n20\ndevice_ns -8\n", FailureCode.INVALID_TIME, "printed '-8'"),
        (b"10\n20\ndevices 3\n", FailureCode.WRONG_LINE_COUNT, "printed 3 lines"),
        ("10\n\u0662\n".encode(), FailureCode.INVALID_TIME, "a whole number above 0"),
    ],
)
def test_other_lines_are_a_mistake(stdout, code, reason):
    fault = parse_output(stdout, 2)

    assert isinstance(fault, Fault)
    assert fault.code == code and reason in fault.reason
