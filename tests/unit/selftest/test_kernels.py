"""Test the kernels that the self-test writes."""

from __future__ import annotations

import pytest

from harness.config.kernels import load_kernels
from harness.selftest.kernels import KINDS, PER_MILLE, N, variant, write_kernels
from harness.util.paths import ROOT


@pytest.fixture(scope="module")
def kernels(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kernels")
    write_kernels(folder, ROOT / "kernels")
    return {kernel.id: kernel for kernel in load_kernels(folder)}


@pytest.mark.parametrize("share", PER_MILLE)
@pytest.mark.parametrize("original", KINDS.values())
def test_slowed_kernels_differ_by_their_share_only(kernels, original, share):
    """The source is the same, a flag states the share of extra work, and the share is a whole number of rows."""
    slowed = kernels[variant(original, share)]

    assert slowed.source == kernels[original].source and slowed.rung == kernels[original].rung
    assert slowed.flags == kernels[original].flags.replace("=0", f"={share}")
    assert (N * share) % 1000 == 0
