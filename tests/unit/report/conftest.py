"""Build a speed-up of two steps, and a run that has it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.model.result import Factor, Product, Quantity, Rate
from harness.model.results import Results
from tests import factories


@pytest.fixture
def product() -> Product:
    """Return a product whose factors multiply to the total."""
    return Product(
        (
            Factor("language", "python/naive", "c/naive", Quantity(14.2, 13.9, 14.6)),
            Factor("loop order and cores", "c/naive", "c/parallel", Quantity(32.0, 30.0, 35.0)),
        ),
        Quantity(454.4, 440.0, 470.0),
        remainder=1.0,
    )


@pytest.fixture
def results(tmp_path, product) -> Results:
    """Return a run at n = 4096 whose Python does 0.02 GFLOPS and whose fastest kernel 59 of 118 GFLOPS."""
    rates = {"python/naive": 0.02, "c/naive": 0.3, "c/parallel": 59.0}
    measured = factories.measured_results(tmp_path, {name: 137.44 / rate for name, rate in rates.items()})
    rows = [replace(row, rate=Rate(rates[row.kernel]), threads=2) for row in measured.rows]
    record = replace(measured.record, peak=factories.peak({1: 59.0, 2: 118.0}))
    return replace(measured, rows=rows, record=record, product=replace(product, total=Quantity(2950.0)))
