"""Kernels built for CPUs that this machine has not: right under qemu, with vector FMAs in their inner loops."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from harness.config.kernels import load_kernels
from harness.config.load import load_config
from harness.execute import launcher
from harness.execute.native import NativeExecutor
from harness.explain.loop_content import content_of
from harness.explain.machine_code import Loop, loops, parse
from harness.measure.peak import COMPILE, PROGRAMS
from harness.model.inner_loop import LoopContent
from harness.model.job import Built, Job, Passed
from harness.model.kernel import Kernel
from harness.prepare.check import Workspace, check, check_inputs
from harness.system import host
from tests.needs import built, need

CONFIG = load_config()
RUNGS = ("naive", "interchange", "parallel", "divide", "vector", "intrinsics", "packed")
SIZES = (1, 2, 3, 17, 64, 100)


@dataclass(frozen=True)
class Cpu:
    """A CPU, the emulator that stands for it, and what takes the place of parts of each language's build commands."""

    name: str
    emulator: str
    objdump: str
    architecture: str
    vector_bits: int
    builds: Mapping[str, Mapping[str, str]]


RUST_ARM64 = "aarch64-unknown-linux-gnu"

ARM64 = Cpu(
    "neoverse-n1",
    "qemu-aarch64-static",
    "aarch64-linux-gnu-objdump",
    "aarch64",
    128,
    {
        "c": {"gcc ": "aarch64-linux-gnu-gcc -static ", "-march=native": "-mcpu=neoverse-n1"},
        "go": {"env ": "env GOARCH=arm64 "},
        "rust": {
            "-C target-cpu=native": f"-C target-cpu=neoverse-n1 --target {RUST_ARM64} "
            "-C linker=aarch64-linux-gnu-gcc -C target-feature=+crt-static"
        },
        "zig": {"-mcpu=native": "-target aarch64-linux-musl -mcpu=neoverse_n1"},
    },
)
HASWELL = Cpu(
    "haswell",
    "qemu-x86_64-static -cpu Haswell",
    "objdump",
    "x86_64",
    256,
    {
        "c": {"-march=native": "-march=haswell"},
        "go": {},
        "rust": {"-C target-cpu=native": "-C target-cpu=haswell"},
        "zig": {"-mcpu=native": "-target x86_64-linux-musl -mcpu=haswell"},
    },
)
NEHALEM = Cpu(
    "nehalem",
    "qemu-x86_64-static -cpu Nehalem",
    "objdump",
    "x86_64",
    128,
    {
        "c": {"-march=native": "-march=nehalem"},
        "rust": {"-C target-cpu=native": "-C target-cpu=nehalem"},
        "zig": {"-mcpu=native": "-target x86_64-linux-musl -mcpu=nehalem"},
    },
)
NEHALEM_FEATURES = "fpu tsc cx8 cmov mmx fxsr sse sse2 pni ssse3 cx16 sse4_1 sse4_2 popcnt lm"

FMA = {"neoverse-n1": r"fmla\s+v\d+\.2d", "haswell": r"vfmadd\w+pd\s.*%ymm"}


def kernels_for(cpu: Cpu) -> list[Kernel]:
    """Return the kernels as they are built for the CPU and run by its emulator."""
    found = []
    for kernel in load_kernels(CONFIG.kernels_dir):
        if kernel.language not in cpu.builds or kernel.variant not in RUNGS:
            continue
        commands, flags = kernel.build, kernel.flags
        for old, new in cpu.builds[kernel.language].items():
            commands = tuple(command.replace(old, new) for command in commands)
            flags = flags.replace(old, new)
        if kernel.fetch and cpu is ARM64:  # Cargo takes the target from a variable, for its own paths as well
            flags = flags.replace(f"--target {RUST_ARM64} ", "")
            commands = tuple(f"env CARGO_BUILD_TARGET={RUST_ARM64} {command}" for command in commands)
        found.append(replace(kernel, build=commands, flags=flags, run=f"{cpu.emulator} {kernel.run}"))
    return found


def params(*cpus: Cpu, rungs=RUNGS):
    return [
        pytest.param(cpu, kernel, id=f"{cpu.name}-{kernel.id}")
        for cpu in cpus
        for kernel in kernels_for(cpu)
        if kernel.variant in rungs
    ]


@pytest.fixture(scope="module")
def executor():
    return NativeExecutor(CONFIG.build_dir)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    return check_inputs(SIZES, CONFIG.seed, tmp_path_factory.mktemp("inputs"))


def built_for(cpu: Cpu, kernel: Kernel, executor: NativeExecutor) -> Built:
    """Build a kernel for a CPU; skip the test without its emulator or a compiler for it."""
    for program in (cpu.emulator.split()[0], cpu.objdump, *(["aarch64-linux-gnu-gcc"] if cpu is ARM64 else [])):
        need(shutil.which(program), program)
    if cpu is ARM64 and kernel.language == "rust":
        need(has_rust_library(RUST_ARM64), f"rustup target add {RUST_ARM64}")
    return built(kernel, executor, cpu.name)


def has_rust_library(target: str) -> bool:
    """Return whether Rust's standard library for a target is there: the compiler itself can build for all."""
    done = subprocess.run(
        ["rustc", "--print", "target-libdir", "--target", target], capture_output=True, text=True, check=False
    )
    return done.returncode == 0 and Path(done.stdout.strip()).is_dir()


VECTORS = ("vector", "intrinsics", "packed")
"""The rungs that differ between CPUs of one architecture."""


@pytest.mark.parametrize(("cpu", "kernel"), [*params(ARM64), *params(HASWELL, NEHALEM, rungs=VECTORS)])
def test_kernel_is_right_on_another_cpu(cpu, kernel, executor, inputs, tmp_path):
    artefact = built_for(cpu, kernel, executor)
    workspace = Workspace(executor, CONFIG.build_dir / cpu.name, tmp_path, 2, host.usable_cpus(2))

    verdict = check(kernel, artefact, inputs, workspace)

    assert isinstance(verdict, Passed), verdict


@pytest.mark.parametrize(("cpu", "kernel"), params(ARM64, HASWELL, rungs=("intrinsics", "packed")))
def test_inner_loop_has_vector_fmas_and_nothing_on_the_stack(cpu, kernel, executor):
    content = inner_loop(cpu, built_for(cpu, kernel, executor))

    assert content.fmas >= 8 and content.vector_bits == cpu.vector_bits
    assert content.spills == 0


def inner_loop(cpu: Cpu, artefact: Built) -> LoopContent:
    """Return the content of the loop of which the most are vector FMAs."""
    listing = subprocess.run(
        [cpu.objdump, "-d", "--no-show-raw-insn", artefact.path], capture_output=True, text=True, check=True
    )
    code = parse(listing.stdout)
    fma = re.compile(FMA[cpu.name])
    is_fma = [bool(fma.search(instruction.text)) for instruction in code]

    def share(loop: Loop) -> float:
        return sum(is_fma[loop.start : loop.end + 1]) / (loop.end + 1 - loop.start)

    best = max(loops(code), key=share)
    return content_of(code[best.start : best.end + 1], cpu.architecture)


def built_for_arm64(source: Path, options: str, output: Path) -> str:
    """Compile a C program of the harness for arm64, and return the command that runs it."""
    compiler = f"aarch64-linux-gnu-gcc -static -mcpu={ARM64.name}"
    for name in (ARM64.emulator, compiler.split()[0]):
        need(shutil.which(name), name)
    subprocess.run([*compiler.split(), *options.split(), source, "-o", output], check=True)
    return f"{ARM64.emulator} {output}"


def test_launcher_for_arm64_reports_how_a_job_ended(tmp_path):
    program = built_for_arm64(launcher.SOURCE, " ".join(launcher.COMPILE), tmp_path / "launch")
    streams = str(tmp_path / "out"), str(tmp_path / "err")
    # the emulator passes on a program of this machine, which the kernel then runs by itself
    job = Job(("sh", "-c", "sleep 0.3; echo done; exit 3"), str(tmp_path), *streams, 60, 2**20, count=True)
    (tmp_path / "jobs").write_bytes(launcher.encode([job]))
    cpu = str(host.usable_cpus(1)[0])

    [result] = launcher.call([*program.split(), cpu, "as-is", "-", str(tmp_path / "jobs")], [job])

    assert (result.exit_status, result.signal) == (3, 0)
    assert (tmp_path / "out").read_text() == "done\n"
    assert result.wall_ns > 0.3e9 and result.looks > 8


def test_peak_program_for_arm64_measures_its_vector_unit(tmp_path):
    options = COMPILE.removeprefix("gcc ").replace("-march=native ", "")
    program = built_for_arm64(PROGRAMS / "peak.c", options, tmp_path / "peak")

    done = subprocess.run([*program.split(), "1"], capture_output=True, text=True, check=True)

    rates = {line.split()[0]: float(line.split()[2]) for line in done.stdout.splitlines()}
    assert set(rates) == {"NEON", "memory"} and min(rates.values()) > 0


def test_old_cpu_skips_what_it_cannot_run_and_nothing_else(monkeypatch):
    monkeypatch.setattr(host, "cpu_features", lambda: frozenset(NEHALEM_FEATURES.split()))

    kernels = load_kernels(CONFIG.kernels_dir)

    skipped = {kernel.id for kernel in kernels if host.lacking(kernel.requires)}
    fma = {f"java/{rung}" for rung in ("vector", "intrinsics", "packed")} | {
        f"python/{rung}-numba" for rung in ("intrinsics", "packed")
    }
    engine = {kernel.id for kernel in kernels if kernel.rung == "engine"}
    assert skipped == fma | engine | {kernel.id for kernel in kernels if kernel.language == "go"}


def test_arm64_runs_every_rung_but_the_engine(monkeypatch):
    monkeypatch.setattr(host, "cpu_features", lambda: frozenset({"fp", "asimd", "atomics"}))

    skipped = {kernel.rung for kernel in load_kernels(CONFIG.kernels_dir) if host.lacking(kernel.requires)}

    assert skipped == {"engine"}
