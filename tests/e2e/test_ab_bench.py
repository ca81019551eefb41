"""Compare programs by the tools of tools/ab_bench.py."""

from __future__ import annotations

import shutil

import pytest

from tests.needs import need
from tools.ab_bench import Programs, by_ab, by_pyperf


@pytest.mark.alone
@pytest.mark.parametrize("compare", [by_ab, by_pyperf])
def test_five_times_the_work_is_seen(tmp_path, compare):
    need(shutil.which("cc"), "cc")

    sign, _, scatter = compare(Programs(tmp_path).pair(4000), 2, tmp_path)

    assert sign == 1 and scatter > 0
