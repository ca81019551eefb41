"""Test the count of lines of code."""

from __future__ import annotations

import pytest

from harness.analysis.lines_of_code import lines_of_code


@pytest.mark.parametrize(
    ("filename", "source", "lines"),
    [
        ("a.c", "// x\n#include <x>\n\n/* y\n * z */\nint a;\n", 2),
        ("a.py", "# x\nimport y\n", 1),
        ("a.lua", "-- x\nlocal y = 1 -- z\n", 1),
        ("a.f90", "! x\n!$omp parallel do\nend\n", 2),
        ("a.lisp", ";;; x\n(x)\n", 1),
        ("a.go", "//go:noescape\nfunc x()\n", 1),
    ],
)
def test_lines_of_code_are_neither_blank_nor_comment(filename, source, lines):
    assert lines_of_code(source, filename) == lines
