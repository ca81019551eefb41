"""Which language a file is of, and which rung it is like."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.attempt.language import ladder_of, languages_for, libraries_of, rung_like, rungs_by_suffix
from harness.config.load import load_config
from harness.model.errors import UsageError
from tests import factories
from tests.toy import KERNEL, SOURCE

KERNELS = languages_for(load_config())


def like(name):
    return next(kernel for kernel in KERNELS if kernel.id == name)


@pytest.mark.parametrize(
    ("file", "rung"),
    [
        ("my.c", "c/naive"),
        ("my.py", "python/naive"),
        ("My.java", "java/naive"),
        ("my.rs", "rust/naive"),
        ("my.go", "go/naive"),
        ("my.zig", "zig/naive"),
        ("my.cpp", "cpp/naive"),
        ("my.mjs", "javascript/naive"),
        ("my.pyx", "cython/naive"),
        ("my.f90", "fortran/naive"),
    ],
)
def test_suffix_names_the_language(file, rung):
    assert rung_like(Path(file), None, KERNELS).id == rung


def test_every_language_with_a_naive_source_can_be_tried():
    """Either its suffix names it, or --like does."""
    for kernel in KERNELS:
        if kernel.variant == "naive":
            assert rung_like(Path(f"my{Path(kernel.source).suffix}"), kernel.id, KERNELS) is kernel


def test_another_rung_is_named_by_like():
    assert rung_like(Path("my.c"), "c/packed", KERNELS).id == "c/packed"


@pytest.mark.parametrize(
    ("file", "given", "expected"),
    [
        ("my.xyz", None, "my.xyz: no language has files with the suffix '.xyz'; there are .R, .c, .cl, "),
        ("my.c", "c/fast", "--like: no kernel 'c/fast'; there are c/naive, "),
        ("my.c", "c", "--like: no kernel 'c'; there are c/naive, "),
        ("my.c", "cobol/naive", "--like: no kernel 'cobol/naive'; there are c, go, "),
        ("my.py", "c/packed", "--like: c/packed is built from a file with the suffix .c, which my.py has not"),
    ],
)
def test_other_files_are_refused(file, given, expected):
    with pytest.raises(UsageError) as error:
        rung_like(Path(file), given, KERNELS)

    assert str(error.value).startswith(expected) and "\n" not in str(error.value)


def test_ladder_has_the_rungs_of_the_language():
    assert [kernel.id for kernel in ladder_of(like("go/naive"), KERNELS)] == [
        f"go/{rung}" for rung in ("naive", "interchange", "parallel", "divide", "vector", "intrinsics", "packed")
    ]


def test_ladder_of_another_kind_of_code_has_both():
    ids = [kernel.id for kernel in ladder_of(like("python/naive-numba"), KERNELS)]

    assert "python/naive" in ids and "python/packed-numba" in ids and "python/naive-paper" not in ids


def test_language_without_rungs_has_the_ladder_of_c():
    assert ladder_of(like("jax/library"), KERNELS)[0].id == "c/naive"


def test_libraries_are_those_of_the_language():
    assert [kernel.id for kernel in libraries_of("python", KERNELS)] == ["python/library-numpy"]


def test_language_of_ones_own_hides_that_of_more(tmp_path):
    folder = tmp_path / "nim"
    folder.mkdir()
    (folder / "kernel.yaml").write_text(KERNEL.replace("Toy", "My Nim"))
    (folder / "naive.py").write_text(SOURCE)

    kernels = languages_for(factories.config(tmp_path, kernels_dir=tmp_path))

    assert [kernel.language_name for kernel in kernels if kernel.language == "nim"] == ["My Nim"]


def test_each_suffix_of_a_folder_has_its_rung():
    rungs = rungs_by_suffix(("c/packed",), KERNELS)

    assert (rungs[".c"].id, rungs[".py"].id) == ("c/packed", "python/naive")


@pytest.mark.parametrize(
    ("like", "expected"),
    [
        (("c/packed", "c/naive"), "--like: expected one kernel for each suffix, found c/packed and c/naive for .c"),
        (("rust/library-gemm",), "--like: rust/library-gemm fetches its dependencies from the network"),
        (("c/fast",), "--like: no kernel 'c/fast'"),
    ],
)
def test_rungs_that_entries_cannot_have_are_refused(like, expected):
    with pytest.raises(UsageError, match=f"^{expected}"):
        rungs_by_suffix(like, KERNELS)
