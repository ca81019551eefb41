"""Test what is computed from a stored run as a whole."""

from __future__ import annotations

import pytest

from harness.analysis.results import results_of
from harness.model.job import Failed, Stage
from tests import factories


def stored(folder, times_ms: dict[str, int], **fields):
    """Return the results of a stored run with six launches of each kernel, which take these times."""
    kernels = tuple(factories.kernel_record(name) for name in times_ms)
    config = factories.config(baseline="python/naive")
    store = factories.store(folder, kernels=kernels, config=config, **fields)
    for name, time_ms in times_ms.items():
        store.append(
            [sample for number in range(6) for sample in factories.launch([time_ms * 1e6], number, kernel=name)]
        )
    return results_of(store)


TIMES_MS = {"python/naive": 6000, "c/naive": 400, "c/interchange": 40, "c/packed": 2, "c/library-mkl": 1}


def test_speed_up_of_the_fastest_kernel_is_a_product(tmp_path):
    product = stored(tmp_path, TIMES_MS).product

    assert [factor.after_kernel for factor in product.factors] == ["c/naive", "c/interchange", "c/packed"]
    assert product.total.value == pytest.approx(3000)


def test_failed_kernel_is_no_step(tmp_path):
    failures = {"c/interchange": Failed(Stage.CHECK, "wrong")}

    product = stored(tmp_path, TIMES_MS, failures=failures).product

    assert [factor.after_kernel for factor in product.factors] == ["c/naive", "c/packed"]


def test_product_of_a_run_without_its_baseline_begins_at_the_slowest_kernel(tmp_path):
    product = stored(tmp_path, {"c/naive": 400, "c/packed": 2}).product

    assert [(factor.before_kernel, factor.after_kernel) for factor in product.factors] == [("c/naive", "c/packed")]


def test_run_without_a_headline_has_no_product(tmp_path):
    assert stored(tmp_path, {"c/naive": 400}).product is None
