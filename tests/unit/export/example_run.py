"""Define one run as all formats export it: an estimate, whole products, blocks of rows, a failure and a skip."""

from __future__ import annotations

import csv
import json
from typing import Any

from harness.model.job import Provided
from harness.model.result import BuildInfo, Memory, Quantity, Row, Status
from harness.model.sample import Sample
from tests import factories

RECORD = factories.run_record(
    host=factories.host(cpu="Toy CPU", processors=4, mhz_at_start="2596.142", governor="powersave", load_at_start=0.25),
    toolchains={"toy/interchange": Provided("toycc 14.2\nCopyright"), "toy/naive": Provided("Toy 3")},
)
NAMES = ["toy/naive/64 (estimated)", "toy/interchange/64", "toy/divide/64", "toy/packed/64"]
STEADY_NS = [4_000_001, 4_000_003, 4_000_007, 4_000_005]
ESTIMATE_S = 0.123456789
ESTIMATED = "estimated from 16 of 64 rows"


def launch(kernel: str, number: int, times_ns: list[int], purpose: str = "measure", **fields) -> list[Sample]:
    defaults = {
        "threads": 2,
        "started_at": f"2026-01-02T03:05:{number:02d}.000+00:00",
        "launch_wall_ns": 50_000_000,
        "launch_cpu_ns": 60_000_000,
        "peak_rss_bytes": 7_000_000 + number,
    }
    return factories.launch(times_ns, number, kernel=kernel, purpose=purpose, **(defaults | fields))


SAMPLES = {
    "toy/naive": [
        *launch("toy/naive", 0, [770_001], "pilot", rows=2),
        *launch("toy/naive", 1, [880_002, 880_003], rows=4, launch_wall_ns=40_000_000, launch_cpu_ns=30_000_000),
        *launch("toy/naive", 2, [990_004, 990_005], rows=16, launch_wall_ns=60_000_000, launch_cpu_ns=70_000_000),
    ],
    "toy/interchange": [
        *launch("toy/interchange", 3, [660_006], "start", rows=1),
        *launch("toy/interchange", 4, [5_500_007], "pilot"),
        *launch("toy/interchange", 5, [9_000_000, *STEADY_NS[:2]], launch_cpu_ns=12_000_000),
        *launch("toy/interchange", 7, [8_000_000, *STEADY_NS[2:]], launch_cpu_ns=15_000_000),
        *launch("toy/interchange", 8, [5_500_008], "audit"),
    ],
    "toy/divide": [
        *launch("toy/divide", 9, [3_000_001], rows=40, peak_rss_bytes=111),
        *launch("toy/divide", 10, [2_000_002], rows=24, row0=40, peak_rss_bytes=222),
    ],
    "toy/packed": launch("toy/packed", 11, [1_000_001]),
    "toy/vector": launch("toy/vector", 12, [1_000_002]),
}


def row(name: str, **fields) -> Row:
    rung = name.split("/")[1]
    return factories.row(name, category=f"{rung}, 2 threads", threads=2, samples=1, **fields)


ROWS = [
    row("toy/naive", rows=16, estimated=True, time=Quantity(ESTIMATE_S, 0.1, 0.2), memory=Memory(5_000)),
    row(
        "toy/interchange",
        time=Quantity(0.004000004, 0.004000001, 0.004000007),
        memory=Memory(7_000_008),
        build=BuildInfo(build_s=1.5, artefact_bytes=4_096),
    ),
    row("toy/divide", time=Quantity(0.005000003)),
    row("toy/packed", time=Quantity(0.001000001)),
    row("toy/vector", status=Status.FAILED, reason="plausibility: clock: says less than its launches took"),
    row("toy/engine", status=Status.SKIPPED, reason="this CPU has no avx512f"),
    row("toy/library", status=Status.UNMEASURED, reason="the run ended before it was measured"),
]


def parsed(name: str, text: str) -> Any:
    """Return the value of an export: JSON, the lines of benchstat, or the rows of Otava's table."""
    if name == "benchstat":
        return text.splitlines()
    return list(csv.DictReader(text.splitlines())) if name == "otava" else json.loads(text)
