"""The programs that measure the micro-kernels alone: they fail where a sum is wrong."""

from __future__ import annotations

from tools.hot_panels import MAINS, hot_panels


def test_every_micro_kernel_computes_the_right_sums(tmp_path):
    rates, peak = hot_panels(tmp_path, rounds=1)

    assert rates.keys() == MAINS.keys() and min(rates.values()) > 0
    assert peak.gflops[1] > 0
