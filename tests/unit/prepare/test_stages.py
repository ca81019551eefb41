"""The stages before measuring: a toolchain that is missing costs its kernels alone."""

from __future__ import annotations

from harness.config.kernels import load_kernels
from harness.execute.native import NativeExecutor
from harness.prepare.stages import Prepared, provide
from harness.util.console import Console
from tests.toy import add_absent_language


def test_a_kernel_without_its_toolchain_is_skipped_with_a_remedy(project):
    add_absent_language(project)
    prepared = Prepared()

    provide(load_kernels(project / "kernels"), NativeExecutor(project / "build"), prepared, Console(), install=False)

    assert prepared.skips == {
        "cobol/naive": "cobc-none is not installed (to provide it: sudo apt-get install gnucobol)"
    }
    assert list(prepared.provided) == ["toy/naive"]


def test_an_optional_toolchain_is_skipped_with_the_reason_that_the_language_gives(project):
    add_absent_language(project)
    with (project / "kernels" / "cobol" / "kernel.yaml").open("a") as file:
        file.write("optional: no package has it; `fetch-cobol` gives it\n")
    prepared = Prepared()

    provide(load_kernels(project / "kernels"), NativeExecutor(project / "build"), prepared, Console())

    assert prepared.skips == {"cobol/naive": "cobc-none is not installed: no package has it; `fetch-cobol` gives it"}
