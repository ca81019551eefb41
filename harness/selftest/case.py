"""Define the outcome of one trial of an experiment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """The outcome of one trial.

    `different` is true if the kernels were called different, `flagged` if a finding named the disturbance. `per_mille`
    is the extra work in thousandths, 0 for equal kernels. `error` is the quotient of two times that should be equal,
    minus 1. `covered` is true if the interval of that quotient holds 1. `half_width` is that of the interval of a
    ratio, relative to it, `scatter` the standard deviation of the logarithms of the launches' times. `check` is the
    name of the check that caught a lie, `seconds` the time until then.
    """

    experiment: str
    kernel: str
    per_mille: int = 0
    different: bool = False
    flagged: bool = False
    error: float = 0.0
    covered: bool = False
    half_width: float = 0.0
    scatter: float = 0.0
    check: str = ""
    seconds: float = 0.0
