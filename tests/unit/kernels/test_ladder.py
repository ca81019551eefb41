"""Test that the project's own languages keep to one ladder."""

from __future__ import annotations

import re
from types import CodeType

import pytest

from harness.config.kernels import load_kernels
from harness.config.load import load_config
from harness.model.kernel import CHANGES, RUNGS
from harness.util.paths import ROOT

LADDER = ("naive", "interchange", "parallel", "divide", "vector", "intrinsics", "packed")
"""The rungs that every language has."""

KERNELS = load_kernels(load_config().kernels_dir)
LANGUAGES = sorted({kernel.language for kernel in KERNELS})


def header(kernel):
    """Return the lines of a rung's file without their comment marks."""
    return [line.lstrip("/#* ") for line in (kernel.folder / kernel.source).read_text().splitlines()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_rungs_are_in_the_order_of_the_ladder(language):
    places = [RUNGS.index(kernel.rung) for kernel in KERNELS if kernel.language == language]

    assert places == sorted(places)


def test_variants_follow_their_rung():
    assert [kernel.id for kernel in KERNELS if kernel.language == "c"][:2] == ["c/naive", "c/naive-paper"]


@pytest.mark.parametrize("language", ["python", "java", "c", "rust", "go", "zig"])
def test_six_languages_have_the_same_rungs(language):
    """Python climbs on in Numba, whose rungs have that suffix."""
    rungs = {kernel.variant.removesuffix("-numba") for kernel in KERNELS if kernel.language == language}

    assert set(LADDER) <= rungs


def test_every_rung_begins_with_four_lines():
    labels = ("what changes:", "why it is faster:", "what limits it now:", "how it is built:")
    for kernel in KERNELS:
        for line, label in zip(header(kernel), labels, strict=False):
            assert line.startswith(label), f"{kernel.id}: {line}"


def test_rung_changes_the_same_in_every_language():
    """The first line of a rung is its sentence in the ladder, and docs/rules.md may have one for a variant."""
    rules = (ROOT / "docs" / "rules.md").read_text()
    sentences = dict(re.findall(r"^\| ([\w-]+) \| ([^|]+) \| [^|]+ \|$", rules, re.M))

    assert {name: sentences[name] for name in CHANGES} == CHANGES and "naive-paper" in sentences
    for kernel in KERNELS:
        if kernel.rung in LADDER:
            sentence = sentences.get(kernel.variant, sentences[kernel.rung])
            assert header(kernel)[0] == f"what changes: {sentence}", kernel.id


def test_no_source_holds_a_measured_share_of_peak():
    """A figure in a source would make every artefact stale with each run of figures."""
    for kernel in KERNELS:
        assert not any(line.startswith("share of peak") for line in header(kernel)), kernel.id


def test_programs_of_the_paper_are_a_category_of_their_own():
    programs = [kernel for kernel in KERNELS if kernel.variant == "naive-paper"]

    assert sorted(program.language for program in programs) == ["c", "java", "python"]
    assert {program.category_of(2) for program in programs} == {"naive (paper), 1 thread"}


def test_c_of_the_paper_is_not_optimised():
    """The paper's table was made with gcc -O0."""
    [program] = [kernel for kernel in KERNELS if kernel.id == "c/naive-paper"]

    assert "-O0" in program.flags.split() and "-march=native" not in program.flags


def test_python_of_the_paper_runs_at_global_scope():
    """In a function its names would be looked up by number, and the loops would be faster than the paper's."""
    [program] = [kernel for kernel in KERNELS if kernel.id == "python/naive-paper"]
    code = compile((program.folder / program.source).read_text(), program.source, "exec")

    assert {"A", "B", "C", "i", "j", "k"} <= set(code.co_names)
    assert not code.co_varnames and not any(isinstance(constant, CodeType) for constant in code.co_consts)


def test_only_kernels_of_numpy_install_numpy():
    kernels = {kernel.id: kernel for kernel in KERNELS}
    numpy = kernels["python/library-numpy"]

    assert numpy.toolchain.pip and not kernels["python/naive"].toolchain.pip
    assert numpy.category_of(2) == "library, 2 threads"
