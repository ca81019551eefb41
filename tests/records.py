"""Builders of records for tests: a run on a small machine, of which a test changes what it is about."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.config.load import load_config
from harness.model.config import Backend
from harness.model.kernel import Toolchain
from harness.model.machine import HostInfo
from harness.model.run_record import BackendInfo, KernelRecord, RunRecord
from harness.store.run_folder import run_id


def host_info(**changes: Any) -> HostInfo:
    """A machine of two processors."""
    values = {
        "cpu": "a CPU",
        "architecture": "x86_64",
        "processors": 2,
        "features": ("avx2",),
        "mhz_at_start": "2000.0",
        "microcode": "",
        "caches": ("L1d 32K",),
        "memory_bytes": 2**33,
        "os": "an OS",
        "kernel": "6",
        "python": "3.11",
        "hypervisor": False,
        "transparent_huge_pages": "always",
        "aslr": "2",
        "governor": "performance",
        "load_at_start": 0.0,
    }
    return HostInfo(**values | changes)


def kernel_record(name: str, source: str = "", source_text: str = "") -> KernelRecord:
    """A kernel of one thread with its source; `name` is its id."""
    language, variant = name.split("/")
    return KernelRecord(
        language=language,
        language_name=language.title(),
        variant=variant,
        folder=Path(language),
        source=source or f"{variant}.c",
        fetch=(),
        build=(),
        run="{out}",
        flags="",
        toolchain=Toolchain(language, (), (), (), "true"),
        threaded=False,
        requires=(),
        category=variant.split("-")[0],
        source_text=source_text,
    )


def run_record(**changes: Any) -> RunRecord:
    """A run without kernels that has just begun."""
    started = datetime.now(UTC)
    values = {
        "id": run_id(started),
        "started_at": started.isoformat(timespec="seconds"),
        "harness_version": "0",
        "command": ("python", "-m", "harness"),
        "config": load_config(),
        "host": host_info(),
        "backend": BackendInfo(Backend.NATIVE, "asked for"),
        "kernels": (),
    }
    return RunRecord(**values | changes)
