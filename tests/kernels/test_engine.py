"""The engine rung: all forms of its tile product on any CPU, hard inputs, and its peak."""

from __future__ import annotations

import platform
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.config.kernels import load_kernels
from harness.config.load import load_config
from harness.execute.native import NativeExecutor
from harness.measure.peak import COMPILE
from harness.model.errors import HarnessError
from harness.model.kernel import Kernel
from harness.prepare.build import home_of
from harness.prepare.check import Passed, Workspace, check, check_inputs
from harness.system import host
from harness.util.paths import ROOT
from tests.needs import built, need
from tools.engine_accuracy import error_share, hard_inputs, unsafe_inputs
from tools.engine_bench import FORMS, engine_flags, run

LANGUAGES = ("c", "rust", "zig")
FLAGS = {
    "c": {name: engine_flags(name) for name in FORMS},
    "rust": {
        "AMX": "-C opt-level=3 -C target-cpu=native --cfg engine_amx",
        "VNNI": "-C opt-level=3 -C target-cpu=native --cfg engine_vnni",
        "plain": "-C opt-level=3 -C target-cpu=native",
    },
    "zig": {
        "AMX": "-O ReleaseFast -mcpu=native+amx_tile+amx_int8 -lc",  # linked so that the emulator can be preloaded
        "VNNI": "-O ReleaseFast -mcpu=native",
        "plain": "-O ReleaseFast -mcpu=x86_64_v3",
    },
}
RUNNABLE = ["AMX", "plain", *([] if host.lacking(["avx512_vnni", "avx512bw"]) else ["VNNI"])]
"""AMX runs everywhere: under the emulator where the CPU has none."""

FAST = "VNNI" if "VNNI" in RUNNABLE else "plain"

pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="the forms are x86-64's")
CONFIG, EXECUTOR = load_config(), NativeExecutor(load_config().build_dir)
KERNELS = {kernel.id: kernel for kernel in load_kernels(CONFIG.kernels_dir)}


@pytest.fixture(scope="module")
def emulator(tmp_path_factory) -> Path:
    need(shutil.which("gcc"), "gcc")
    made = tmp_path_factory.mktemp("amx") / "emulator.so"
    command = ["gcc", "-std=gnu17", "-O2", "-Wall", "-Wextra", "-shared", "-fPIC", "-o", str(made)]
    subprocess.run([*command, str(Path(__file__).with_name("amx_emulator.c"))], check=True)
    return made


def engine(language: str, form: str) -> Kernel:
    """The engine of a language in a form, which only its flags choose."""
    return replace(KERNELS[f"{language}/engine"], variant=f"engine-{form.lower()}", flags=FLAGS[language][form])


def program(kernel: Kernel) -> Path:
    """The program that the harness builds of a kernel."""
    built(kernel, EXECUTOR)
    return home_of(kernel, EXECUTOR, CONFIG.build_dir) / "artefact" / "out"


@pytest.mark.parametrize("form", RUNNABLE)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_form_passes_every_check_of_the_harness(language, form, emulator, tmp_path):
    kernel, sizes = engine(language, form), CONFIG.check_sizes
    artefact = built(kernel, EXECUTOR)
    if form == "AMX" and host.lacking(["amx_tile"]):
        # each tile instruction takes a signal under the emulator: of the larger sizes one is tried, below
        kernel, sizes = replace(kernel, run=f"env LD_PRELOAD={emulator} {kernel.run}"), (1, 2, 3, 17, 70)
    (home_of(kernel, EXECUTOR, CONFIG.build_dir) / "checked.json").unlink(missing_ok=True)
    inputs = check_inputs(sizes, CONFIG.seed, tmp_path / "inputs")
    cpus, scratch = host.usable_cpus(2), tmp_path / "scratch"
    verdict = check(kernel, artefact, inputs, Workspace(EXECUTOR, CONFIG.build_dir, scratch, CONFIG.threads, cpus))
    assert isinstance(verdict, Passed), verdict
    assert verdict.error_share <= 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_block_is_right(language, emulator, monkeypatch):
    """Depths, columns and rows beyond each of the sizes of engine.c's blocks: chunks, blocks, units, parts."""
    cases = [(FAST, 2100, 1100), ("AMX", 1100, 33), ("AMX", 257, 257)]
    cases += [(FAST, 4128, 4128)] if FAST == "VNNI" else []
    for form, n, rows in cases:
        made = program(engine(language, form))
        with monkeypatch.context() as patch:
            if form == "AMX" and host.lacking(["amx_tile"]):
                patch.setenv("LD_PRELOAD", str(emulator))
            random = np.random.default_rng(n)
            a, b = (random.integers(-(2**19), 2**19, (count, n)) / 2**20 for count in (rows, n))
            assert (run(made, a, b, 2).c == a @ b).all(), (form, n, rows)


REMAINDERS = """
#define ENGINE_VNNI
#include "engine.h"
#include <stdio.h>

int main(void) {
    const int32_t moduli[] = {256, 255, 253, 251, 247, 241, 239, 233, 229, 227, 223, 217, 211, 199, 197};
    for (size_t l = 0; l < sizeof moduli / sizeof *moduli; l++) {
        modulus m = modulus_of(moduli[l]);
        for (int32_t t = 0; t < 1 << 20; t++) {
            int32_t found[16];
            _mm512_storeu_si512(found, remainder_of(_mm512_set1_epi32(t), &m));
            if (found[0] != centred_remainder(t, m.p))
                printf("%d modulo %d: %d\\n", t, m.p, found[0]);
        }
    }
    return 0;
}
"""


@pytest.mark.skipif("VNNI" not in RUNNABLE, reason="this CPU computes remainders by division")
def test_remainders_without_a_division_are_exact(tmp_path):
    """All that a quotient in floats may be taken of."""
    (tmp_path / "all.c").write_text(REMAINDERS)
    include = f"-I{ROOT / 'kernels' / 'c'}"
    command = ["gcc", "-O2", "-march=native", include, "-o", str(tmp_path / "all"), str(tmp_path / "all.c")]
    subprocess.run(command, check=True)
    assert subprocess.run([tmp_path / "all"], capture_output=True, text=True, check=True).stdout == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_hard_inputs_lose_no_accuracy(language):
    made = program(engine(language, FAST))
    n, random = 190, np.random.default_rng(7)
    for what, a, b in hard_inputs(n, random):
        c = run(made, a, b, 2).c
        chosen = np.unique(np.append(random.integers(0, n, 12), [0, 1, n - 1]))
        # a sum in doubles is bound by n roundings; this is held to two
        assert error_share(c, a, b, chosen, chosen) <= 2.0**-52, what
        if what == "exact cancellation":
            assert not c.any()


@pytest.mark.parametrize("language", LANGUAGES)
def test_inputs_outside_the_safe_range_use_the_packed_kernel(language):
    made, expected = program(engine(language, "plain")), program(KERNELS[f"{language}/packed"])
    for what, a, b in unsafe_inputs(130, np.random.default_rng(3)):
        for threads in (1, 2):
            assert run(made, a, b, threads).c.tobytes() == run(expected, a, b, threads).c.tobytes(), what


def test_the_three_languages_agree_to_the_last_bits():
    random = np.random.default_rng(11)
    a, b = random.uniform(-1, 1, (150, 150)), random.uniform(-1, 1, (150, 150))
    first, *others = (run(program(engine(language, "plain")), a, b, 2).c for language in LANGUAGES)
    for other in others:  # C may fuse the last multiply-add, Rust and Zig do not
        assert np.abs(other - first).max() <= 2 * np.spacing(np.abs(first).max())


@pytest.mark.skipif(not host.lacking(["amx_tile"]), reason="this machine grants it")
def test_a_program_that_is_refused_the_engine_says_so():
    for language in LANGUAGES:
        with pytest.raises(HarnessError, match="does not let this process use the matrix engine"):
            run(program(engine(language, "AMX")), np.ones((1, 1)), np.ones((1, 1)), 1)


def test_the_peak_program_measures_the_engine(emulator, tmp_path):
    made = tmp_path / "peak"
    source = ROOT / "harness" / "measure" / "programs" / "peak.c"
    flags = ["-mamx-tile", "-mamx-int8", "-DENGINE_STEPS=2"]
    subprocess.run([*COMPILE.split(), *flags, str(source), "-o", str(made)], check=True)
    environ = {"LD_PRELOAD": str(emulator)} if host.lacking(["amx_tile"]) else {}
    done = subprocess.run([made, "2"], env=environ, capture_output=True, text=True, check=True)
    rates = [line.split() for line in done.stdout.splitlines()]
    assert [(what, count) for what, count, _ in rates if what == "engine"] == [("engine", "1"), ("engine", "2")]
    assert all(float(rate) > 0 for _, _, rate in rates)
