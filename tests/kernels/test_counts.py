"""Count real kernels under valgrind: exact when repeated, and fine enough for a thousandth of the work."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from harness.analysis.compare import Instructions
from harness.cli.documents import schema
from harness.config.kernels import load_kernels
from harness.execute import invocation
from harness.execute.native import NativeExecutor
from harness.explain import counting
from harness.explain.cachegrind import tool_of
from harness.explain.counted_launch import LeftOut
from harness.explain.counting import Counter
from harness.model.counts import Counts
from harness.model.job import Built
from harness.model.kernel import Kernel
from harness.prepare.build import build
from harness.system.cache_shapes import cache_shapes
from harness.util.paths import ROOT
from tests import factories
from tests.c_project import make_c_project
from tests.command import harness
from tests.needs import need

MORE = """
static volatile double sink;
static void extra(const double *a) {
    for (int k = 0; k < 4; k++)
        sink += a[k] * a[k];
}
"""
"""Four steps, a thousandth of those of a row of 64."""


@pytest.fixture
def project(tmp_path, compiler) -> Path:
    """Write a project of two kernels in C."""
    need(shutil.which("valgrind"), "valgrind")
    return make_c_project(tmp_path)


def count(project: Path, kernel: Kernel | None = None, deadline_s: float | None = None) -> Counts:
    """Count a kernel at n = 64, anew; by default c/naive. Raises LeftOut at the deadline."""
    config = factories.config(project)
    executor = NativeExecutor(config.build_dir, config.limits)
    kernel = kernel or load_kernels(project / "kernels")[0]
    built = build(kernel, executor.provide(kernel.toolchain), executor, config.build_dir, config.limits, "", (0,))
    assert isinstance(built, Built), built
    counter = Counter(executor, config, cache_shapes(), tool_of(executor, config.build_dir))
    return counter.count(kernel, built, deadline_s)


def test_repeated_counts_are_exact_to_the_instruction(project):
    """The driver prints one time always: each digit of a time takes 19 instructions, and a busy machine adds some."""
    driver = project / "kernels" / "c" / "driver.c"
    driver.write_text(driver.read_text().replace("elapsed > 0 ? elapsed : 1)", "elapsed ? 1000LL : 1000LL)"))

    first, *others = [count(project).events for _ in range(3)]

    assert "1000LL" in driver.read_text()
    assert others == [first, first]


def test_repeated_counts_of_an_interpreter_are_within_a_thousandth(tmp_path):
    need(shutil.which("valgrind"), "valgrind")
    [naive] = [kernel for kernel in load_kernels(ROOT / "kernels") if kernel.id == "python/naive"]

    first, second = (count(tmp_path, naive).per_step for _ in range(2))

    assert first.instructions > 100
    assert abs(Instructions(first.instructions, second.instructions).percent) < 0.1


def test_thousandth_more_work_is_found(project):
    before = count(project)
    source = project / "kernels" / "c" / "naive.c"
    text = source.read_text().replace("void multiply", MORE + "void multiply", 1)
    source.write_text(text.replace("for (size_t j", "extra(a);\n        for (size_t j", 1))

    after = count(project)

    change = Instructions(before.per_step.instructions, after.per_step.instructions)
    assert 0.05 < change.percent < 0.3


def test_wrong_product_under_valgrind_has_no_counts(project):
    source = project / "kernels" / "c" / "naive.c"
    source.write_text(source.read_text().replace("double total = 0.0;", "double total = 1.0;"))

    counts = count(project)

    assert counts.events is None and "computes another product" in counts.reason


def test_kernel_that_fails_under_valgrind_says_so(project):
    source = project / "kernels" / "c" / "naive.c"
    source.write_text("#include <stdlib.h>\n" + source.read_text().replace("(void)threads;", "exit(threads + 6);"))

    assert count(project).reason == "under valgrind, it exited with status 7"


def without_symbols(project: Path) -> Path:
    """Let the linker leave out the names of functions, and return the source of naive."""
    language = project / "kernels" / "c" / "kernel.yaml"
    language.write_text(language.read_text().replace("flags: -O2", "flags: -O2 -s"))
    return project / "kernels" / "c" / "naive.c"


def test_code_without_names_is_counted_if_its_rows_are_alike(project):
    named = count(project).per_step
    without_symbols(project)

    counts = count(project)
    assert not counts.reason
    nameless = counts.per_step

    assert abs(Instructions(named.instructions, nameless.instructions).percent) < 0.1


def test_code_without_names_that_changes_its_work_has_no_counts(project):
    """As the code that a JIT compiler makes does."""
    source = without_symbols(project)
    text = source.read_text().replace("void multiply", MORE + "void multiply", 1)
    source.write_text(text.replace("for (size_t j", "for (size_t e = 0; e < 9 * i; e++)\n extra(a);\nfor (size_t j", 1))

    counts = count(project)

    assert counts.events is None
    assert counts.reason.startswith("under valgrind, its rows took other instructions in another launch (+")


def test_files_of_valgrind_are_none_that_a_kernel_left(project, monkeypatch):
    """A large program's counts are longer than what any other launch may leave."""
    monkeypatch.setattr(invocation, "SLACK_BYTES", 100)

    assert count(project).per_step


def test_kernel_that_starts_for_longer_than_is_left_is_stopped(project):
    """A default run that counted Numba took almost two minutes longer than it said."""
    source = project / "kernels" / "c" / "naive.c"
    text = source.read_text().replace("(void)threads;", "sleep(60);")
    source.write_text("#include <unistd.h>\n" + text)
    begin_s = time.monotonic()

    with pytest.raises(LeftOut):
        count(project, deadline_s=begin_s + 3)

    assert time.monotonic() - begin_s < 30


def test_kernel_that_runs_into_its_time_limit_is_left_for_later(project, monkeypatch):
    """On a busy machine, that was kept as if no later try could count it."""
    monkeypatch.setattr(counting, "MIN_TIMEOUT_S", 3.0)
    source = project / "kernels" / "c" / "naive.c"
    source.write_text("#include <unistd.h>\n" + source.read_text().replace("(void)threads;", "sleep(60);"))

    with pytest.raises(LeftOut, match="time limit"):
        count(project)


def test_unknown_instruction_without_another_build_is_told(project):
    """VPXORQ of AVX-512, which no version of valgrind knows."""
    source = project / "kernels" / "c" / "naive.c"
    unknown = '__asm__ volatile(".byte 0x62, 0x51, 0xbd, 0x48, 0xef, 0xc0");'
    source.write_text(source.read_text().replace("(void)threads;", unknown))

    counts = count(project)

    assert counts.events is None
    assert counts.reason.startswith("valgrind does not know all of its instructions, and its commands name no CPU")


def test_run_counts_and_says_why_a_rung_is_faster(project):
    words = ["--config", str(project / "config.yaml")]
    assert harness("run-all", *words).returncode == 0

    before = harness("why", "c/interchange", *words)
    counted = harness("count", *words)
    after = harness("why", "c/interchange", "c/naive", "--json", *words)
    report = harness("report", *words)
    compared = harness("compare", "latest", "latest", "--fail-on-instructions", "0", *words)

    assert "c/interchange was not counted" in before.stdout and "count --only c/interchange" in before.stdout
    assert counted.returncode == 0 and "Run 2" in counted.stdout, counted.stderr
    document = json.loads(after.stdout)
    jsonschema.validate(document, schema("why"))
    assert document["before"]["kernel"] == "c/naive"
    assert document["sentence"].startswith("interchange: ") and "instructions a multiply-add" in document["sentence"]
    assert report.returncode == 0
    assert document["sentence"] in (project / "reports" / "latest" / "report.html").read_text()
    assert compared.returncode == 0 and "the same instructions" in compared.stdout, compared.stderr


def test_kept_counts_are_not_made_again(project):
    words = ["count", "--only", "c/naive", "--config", str(project / "config.yaml")]

    first, second = harness(*words), harness(*words)

    assert first.stdout == second.stdout
    assert "instructions a multiply-add" in first.stderr and "instructions a multiply-add" not in second.stderr


def test_events_of_a_row_are_the_difference_of_two_launches(project):
    """The naive loops of C take 4 to 8 instructions a step; what starts and loads the program takes a hundred more."""
    counts = count(project)

    assert counts.how == replace(counts.how, n=64, rows=8, build="")
    assert 4 < counts.per_step.instructions < 8
