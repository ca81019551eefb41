"""Prepare the section in which the page measures its reader's machine: its kernels, inputs, digests and scripts."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import comb
from pathlib import Path
from typing import Any

from harness.model.answer import Answer
from harness.model.result import Row, fastest_first
from harness.model.results import Results
from harness.prepare.inputs import dyadic, exact_product, generator
from harness.report.headline import who
from harness.util.format import percent

SOURCES = Path(__file__).parent / "browser"
"""Folder of the scripts, and of the WebAssembly with its sources."""

PAGE_SCRIPTS = ("figures.js", "page.js")
"""What runs in the page, in this order."""

WORKER_SCRIPTS = ("inputs.js", "javascript.js", "webassembly.js", "sha256.js", "team.js", "measure.js", "worker.js")
"""What runs in a worker, in this order."""

MODULES = ("scalar", "simd", "relaxed", "simd-shared", "relaxed-shared")
"""Names of the WebAssembly modules that browser/build.sh builds."""

SIZES = (256, 512, 1024)
"""Sizes n of which the page chooses one."""

ROW_SHARES = (1, 4, 16, 64)
"""The page computes n divided by one of these rows, and has the digest of so many rows."""

REPETITIONS = 9
"""Repetitions of a kernel, an odd number: the second smallest and the second largest time are the interval's ends."""


@dataclass(frozen=True)
class BrowserKernel:
    """A kernel that the page runs, and the kernels of a run that are like it, the nearest first."""

    id: str
    name: str
    like: tuple[str, ...]


KERNELS = (
    BrowserKernel("js-naive", "JavaScript, naive", ("javascript/naive", "c/naive")),
    BrowserKernel("js-interchange", "JavaScript, interchange", ("javascript/interchange", "c/interchange")),
    BrowserKernel("wasm-scalar", "WebAssembly, interchange", ("wasm/interchange", "c/interchange")),
    BrowserKernel("wasm-simd", "WebAssembly, SIMD", ("wasm/interchange-simd", "c/vector", "c/interchange")),
    BrowserKernel("wasm-packed", "WebAssembly, packed", ("c/packed",)),
    BrowserKernel("wasm-packed-all", "WebAssembly, packed, all cores", ("c/packed",)),
)


def your_machine(results: Results) -> dict[str, Any]:
    """Return what the template of the section needs."""
    setup = {
        "inputs": {n: inputs_of(n, results.config.seed) for n in SIZES},
        "modules": {name: base64.b64encode(module(name)).decode() for name in MODULES},
        "repetitions": REPETITIONS,
        "fastest": _fastest(results.answer),
    }
    return {
        "setup": json.dumps(setup),
        "worker": _joined(WORKER_SCRIPTS),
        "kernels": [(kernel, nearest(kernel, results.rows)) for kernel in KERNELS],
        "sizes": SIZES,
        "repetitions": REPETITIONS,
        "confidence": percent(confidence(REPETITIONS), 2),
    }


def _fastest(answer: Answer) -> dict[str, Any] | None:
    """Return the fast side of the headline as the page names it; None if the run has none."""
    row = answer.fastest
    if row is None or row.rate is None:
        return None
    return {"name": who(row), "gflops": row.rate.gflops, "n": row.n}


def page_script() -> str:
    """Return the script of the section."""
    return _joined(PAGE_SCRIPTS)


def module(name: str) -> bytes:
    """Return a WebAssembly module."""
    return (SOURCES / f"{name}.wasm").read_bytes()


def nearest(kernel: BrowserKernel, rows: Iterable[Row]) -> Row | None:
    """Return the measured row that is most like a kernel of the page; None if the run has none."""
    measured = {row.kernel: row for row in fastest_first(rows) if row.rate}
    return next((measured[name] for name in kernel.like if name in measured), None)


@lru_cache(maxsize=16)
def inputs_of(n: int, seed: int) -> dict[str, Any]:
    """Return the generator's state from which the page makes its inputs, and SHA-256 of the product's first rows."""
    state = generator(n, seed).bit_generator.state["state"]
    product = exact_product(*dyadic(n, seed)).astype("<f8")
    return {
        "state": hex(state["state"]),
        "increment": hex(state["inc"]),
        "digests": {n // share: hashlib.sha256(product[: n // share].tobytes()).hexdigest() for share in ROW_SHARES},
    }


def confidence(repetitions: int) -> float:
    """Return how often the second smallest and the second largest value enclose the median: the sign test's."""
    return 1 - 2 * (comb(repetitions, 0) + comb(repetitions, 1)) / 2.0**repetitions


def _joined(names: Iterable[str]) -> str:
    return "".join((SOURCES / name).read_text(encoding="utf-8") for name in names)
