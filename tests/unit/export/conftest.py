"""Define the fixtures of all formats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness.export import exported
from harness.model.results import Results
from tests import factories
from tests.unit.export.example_run import RECORD, ROWS, SAMPLES, parsed


@pytest.fixture
def results(config) -> Results:
    """Return the results of the example run."""
    record = replace(RECORD, config=config)
    return factories.results(ROWS, record, folder=config.reports_dir / RECORD.id, samples=SAMPLES)


@pytest.fixture
def read(results) -> Callable[[str], Any]:
    """Return a function that exports the example run in a format and parses the text."""
    return lambda name: parsed(name, exported(name, results))
