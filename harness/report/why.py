"""Write why the fastest kernel is so many times as fast as the baseline: its steps, and what leads from the paper."""

from __future__ import annotations

from harness.analysis.factors import beyond_rounding
from harness.analysis.identity import Identity, SpeedUp, identity_of
from harness.model.result import Product
from harness.model.results import Results
from harness.report.paper import PEAK_GFLOPS, TABLE, N
from harness.util.format import percent, significant

PRODUCT_REMAINDER = "remainder: steps and total from different rounds"
"""The name of the factor by which the steps miss the total (analysis/factors)."""

IDENTITY_REMAINDER = "remainder: the total is computed by rounds, rates are not"
"""The name of the factor by which the ratio of the two rates misses the total."""


def paper_speed_up() -> SpeedUp:
    """Return the paper's speed-up: its last row over its first.

    The rate of Python is computed from its seconds, and the share from that rate, the speed-up and the peak. The table
    rounds the rate to one figure, and its rounded share would not multiply to its speed-up exactly.
    """
    python, fastest = TABLE[0], TABLE[-1]
    python_gflops = 2.0 * N**3 / python.seconds / 1e9
    return SpeedUp(python_gflops, PEAK_GFLOPS, fastest.speedup * python_gflops / PEAK_GFLOPS)


def paper_identity(results: Results) -> Identity | None:
    """Return the factors from the paper's speed-up to that of a run.

    None without a product, without a measured peak, or with a baseline in another language than the paper's Python.
    """
    if results.product is None:
        return None
    rows = {row.kernel: row for row in results.rows}
    baseline = rows[results.product.factors[0].before_kernel]
    fastest = rows[results.product.factors[-1].after_kernel]
    if baseline.language != "python":
        return None
    return identity_of(paper_speed_up(), baseline, fastest, results.peak, results.product.total.value)


def why_lines(results: Results) -> list[str]:
    """Return the speed-up of a run as a product, and the factors from the paper's: a line each, where there is one."""
    identity = paper_identity(results)
    return [
        *([product_line(results.product)] if results.product else []),
        *([identity_line(identity)] if identity else []),
    ]


def product_line(product: Product) -> str:
    """Return a product as '470 times (python/naive to c/parallel) = 14.6 (language) × 32.2 (loop order and cores)'."""
    factors = [f"{significant(step.ratio.value)} ({step.name}{_mark(step.estimated)})" for step in product.factors]
    ends = f"{product.factors[0].before_kernel} to {product.factors[-1].after_kernel}{_mark(product.estimated)}"
    factors += _remainder(product.remainder, PRODUCT_REMAINDER)
    return f"{significant(product.total.value)} times ({ends}) = {' × '.join(factors)}"


def identity_line(identity: Identity) -> str:
    """Return an identity as 'The paper's 62,806 × 0.303 (Python is 3.30 times faster here) × ... = 5,950'."""
    factors = [
        f"{significant(identity.baseline)} ({_python_here(identity)}{_mark(identity.estimated)})",
        f"{significant(identity.peak)} "
        f"(peak {significant(identity.here.peak_gflops)} of {significant(identity.there.peak_gflops)} GFLOPS)",
        f"{significant(identity.share)} "
        f"({percent(identity.here.peak_share)} of peak instead of {percent(identity.there.peak_share)})",
    ]
    factors += _remainder(identity.remainder, IDENTITY_REMAINDER)
    return f"The paper's {identity.there.times:,.0f} × {' × '.join(factors)} = {significant(identity.total)}"


def _mark(estimated: bool) -> str:
    return ", est." if estimated else ""


def _remainder(remainder: float, name: str) -> list[str]:
    """Return a remainder as a factor, such as '0.986 (remainder: ...)'; none if it is only rounding."""
    return [f"{significant(remainder)} ({name})"] if beyond_rounding(remainder) else []


def _python_here(identity: Identity) -> str:
    """Return how fast Python is on this machine, beside the paper's: 'Python is 3.30 times faster here'."""
    faster = identity.baseline < 1
    times = significant(1 / identity.baseline if faster else identity.baseline)
    unit = "" if identity.n == N else " per multiply-add"
    return f"Python is {times} times {'faster' if faster else 'slower'} here{unit}"
