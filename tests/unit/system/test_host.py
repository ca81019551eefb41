"""What this machine has: a kernel that needs what it lacks is skipped with a reason."""

from __future__ import annotations

from harness.system import host


def test_a_cpu_without_the_engine_is_a_reason(monkeypatch):
    monkeypatch.setattr(host, "cpu_features", lambda: frozenset({"avx2"}))

    assert host.lacking(("amx_tile", "amx_int8", "avx2")) == "this CPU has no amx_int8, amx_tile"
    assert host.lacking(("avx2",)) == ""


def test_a_system_that_withholds_the_engine_is_a_reason(monkeypatch):
    monkeypatch.setattr(host, "cpu_features", lambda: frozenset({"amx_tile", "amx_int8"}))

    monkeypatch.setattr(host, "tiles_granted", lambda: False)
    assert "does not let programs use amx_int8, amx_tile" in host.lacking(("amx_tile", "amx_int8"))

    monkeypatch.setattr(host, "tiles_granted", lambda: True)
    assert host.lacking(("amx_tile", "amx_int8")) == ""
