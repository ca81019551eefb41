"""Test how settings of the machine are read, and what it lacks for a kernel."""

from __future__ import annotations

import pytest

from harness.system import host


@pytest.mark.parametrize(("text", "expected"), [("always [madvise] never\n", "madvise"), ("2\n", "2")])
def test_chosen_word_of_a_setting(text, expected):
    """The chosen word is the one in brackets, or the only one."""
    assert host.chosen(text) == expected


def test_cpu_without_the_engine_is_a_reason(monkeypatch):
    monkeypatch.setattr(host, "cpu_features", lambda: frozenset({"avx2"}))

    assert host.lacking(("amx_tile", "amx_int8", "avx2")) == "this CPU has no amx_int8, amx_tile"
    assert host.lacking(("avx2",)) == ""


def test_system_that_withholds_the_engine_is_a_reason(monkeypatch):
    monkeypatch.setattr(host, "cpu_features", lambda: frozenset({"amx_tile", "amx_int8"}))

    monkeypatch.setattr(host, "tiles_granted", lambda: False)
    assert "does not let programs use amx_int8, amx_tile" in host.lacking(("amx_tile", "amx_int8"))

    monkeypatch.setattr(host, "tiles_granted", lambda: True)
    assert host.lacking(("amx_tile", "amx_int8")) == ""
