"""Numba's tiles for arm64: the assembly that LLVM makes of them has vector FMAs in its inner loop, and no spill."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from harness.util.paths import ROOT

PYTHON = ROOT / "kernels" / "python"

TO_ASSEMBLY = """
import os
import sys

os.environ["NUMBA_OPT"] = "0"  # what was optimised for this machine has its instructions in it
import llvmlite.binding as llvm

llvm.get_host_cpu_features = llvm.FeatureMap  # an empty one: neither AVX-512 nor SSE, so that the tile is NEON's
sys.argv = ["", "a", "b", "c", "1", "1", "1", "1"]
function = getattr(__import__(MODULE), FUNCTION)
[source] = function.inspect_llvm().values()
llvm.initialize_all_targets()
llvm.initialize_all_asmprinters()
target = llvm.Target.from_triple("aarch64-unknown-linux-gnu")
machine = target.create_target_machine(cpu="neoverse-n1", opt=3)
module = llvm.parse_assembly(source)
module.triple = machine.triple
module.data_layout = str(machine.target_data)
options = llvm.create_pipeline_tuning_options(speed_level=3)
builder = llvm.create_pass_builder(machine, options)
builder.getModulePassManager().run(module, builder)
print(machine.emit_assembly(module))
"""

FMA = re.compile(r"fmla\s+v\d+\.2d")


@pytest.mark.parametrize(
    ("module", "function", "sums"), [("packed_numba", "multiply_block", 24), ("intrinsics_numba", "base_case", 16)]
)
def test_tile_is_vector_fmas_and_stays_in_registers(module, function, sums, tmp_path):
    program = TO_ASSEMBLY.replace("MODULE", repr(module)).replace("FUNCTION", repr(function))
    # of code that was kept, Numba has no text
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(PYTHON)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

    loop = inner_loop(done.stdout)

    assert sum(bool(FMA.search(line)) for line in loop) == sums
    assert not [line for line in loop if "[sp" in line]


def inner_loop(assembly: str) -> list[str]:
    """Return the instructions of the loop of which the most are vector FMAs."""
    lines = assembly.splitlines()
    labels = {line.split(":")[0]: i for i, line in enumerate(lines) if re.match(r"\.?L?\w+:", line)}
    best: list[str] = []
    for i, line in enumerate(lines):
        jump = re.search(r"\s(?:b\.\w+|cbn?z\s+\w+,)\s+(\.\w+)$", line)
        start = labels.get(jump[1]) if jump else None
        if start is None or start > i:
            continue
        loop = [text for text in lines[start : i + 1] if re.match(r"\s+[a-z]", text)]
        if share(loop) > share(best):
            best = loop
    assert best, "no loop has vector FMAs"
    return best


def share(loop: list[str]) -> float:
    """Return the share of instructions that are vector FMAs."""
    return sum(bool(FMA.search(line)) for line in loop) / max(1, len(loop))
