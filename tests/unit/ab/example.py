"""Build what a comparison has shown, for the tests of its words and documents."""

from __future__ import annotations

import shutil

from harness.ab.commands import Request, groups_of
from harness.ab.plan import Plan
from harness.ab.verdicts import Measured, judge
from tests import factories

TIMES_MS = (20, 21, 20, 22, 20, 21)


def measured(*ratios: float, control: float = 1, lists=None, texts=None, **fields: object) -> Measured:
    """Return the comparison of `true 0` with commands that take so many times its time, and with itself."""
    texts = texts or tuple(f"true {i}" for i in range(len(ratios) + 1))
    group = groups_of(Request(texts, lists or {}), shutil.which)[0]
    columns = [
        {
            number: factories.job_result(**({"wall_ns": int(ms * 1e6 * ratio), "user_ns": 10**6} | fields))
            for number, ms in enumerate(TIMES_MS)
        }
        for ratio in (1, control, *ratios)
    ]
    first, again, *others = columns
    return Measured(group, Plan(6, 0.4, 0.02), (first, *others), again, judge(first, again, others))
