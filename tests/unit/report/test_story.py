"""Test the slides of the story."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.analysis.factors import IMPLEMENTATION, LANGUAGE, STEPS
from harness.model.inner_loop import RunLoops
from harness.report.story import REASONS, story
from tests import factories
from tests.inner_loops import inner_loop

SOURCES = {
    "python/naive": "for i in rows:\n    for j in columns:\n        total = 0.0\n",
    "c/naive": "int main(void) {\n  double sum = 0;\n}\n",
    "c/parallel": "int main(void) {\n  double sum = 1;\n}\n",
}


@pytest.fixture
def slides(results):
    kernels = [factories.kernel_record(name, text) for name, text in SOURCES.items()]
    return story(results.product, results.rows, kernels)


def test_each_factor_is_a_slide_with_its_rows(slides):
    assert [(slide.before.kernel, slide.after.kernel) for slide in slides] == [
        ("python/naive", "c/naive"),
        ("c/naive", "c/parallel"),
    ]


def test_sources_that_share_lines_are_shown_by_their_differences(slides):
    language, cores = slides

    assert language.changes is None and "sum" in language.source
    assert "<ins>+  double sum = 1;</ins>" in cores.changes and cores.source == ""


def test_step_over_rungs_that_were_not_measured_has_all_their_reasons(slides, results):
    assert slides[1].reasons == (REASONS["loop order"], REASONS["cores"])

    factors = (replace(results.product.factors[1], name="loop order to vectors"),)
    kernels = [factories.kernel_record(name, text) for name, text in SOURCES.items()]
    [slide] = story(replace(results.product, factors=factors), results.rows, kernels)
    assert slide.reasons == tuple(REASONS[name] for name in ("loop order", "cores", "blocks", "vectors"))


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("language to cores", ("language", "loop order", "cores")),
        ("implementation to cores", ("implementation", "loop order", "cores")),
    ],
)
def test_steps_from_another_language_or_implementation(results, name, steps):
    factors = (replace(results.product.factors[1], name=name),)
    kernels = [factories.kernel_record(kernel, text) for kernel, text in SOURCES.items()]

    [slide] = story(replace(results.product, factors=factors), results.rows, kernels)

    assert slide.reasons == tuple(REASONS[step] for step in steps)


def test_every_step_has_a_reason_of_two_sentences():
    assert set(REASONS) == {LANGUAGE, IMPLEMENTATION, *STEPS.values()}
    assert all(reason.count(". ") == 1 and reason.endswith(".") for reason in REASONS.values())


def test_run_without_a_product_has_no_story(results):
    assert story(None, results.rows, []) == []


def test_slide_says_what_the_hottest_loops_consist_of(results):
    loops = RunLoops((inner_loop("c/naive"), inner_loop("c/parallel")))
    kernels = [factories.kernel_record(name, text) for name, text in SOURCES.items()]

    [language, cores] = story(results.product, results.rows, kernels, loops=loops)

    known = "hottest loop: 1 FMA of 8 doubles for 1 load; no spill; 8 multiply-adds in 2 instructions"
    assert language.loops == (f"c/naive, {known}",)
    assert cores.loops == (f"c/naive, {known}", f"c/parallel, {known}")
