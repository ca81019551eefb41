"""Find the hottest loop of a kernel: build it, sample it while it computes, and read the code around the samples."""

from __future__ import annotations

import hashlib
import json
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from harness.config.command_words import words
from harness.execute import launcher
from harness.execute.native import NativeExecutor
from harness.explain import bytecode, callgrind
from harness.explain.loop_content import content_of, sentence_of
from harness.explain.machine_code import Instruction, Loop, hottest, loops, parse
from harness.explain.sampler import FIRST_PRODUCT_S, LOADED_S, Sampled, sample
from harness.explain.source_lines import source_lines, virtual_address
from harness.model.config import Config
from harness.model.inner_loop import FoundBy, InnerLoop, LoopLine
from harness.model.job import Absent, Failed, Folders, Job
from harness.model.kernel import Kernel
from harness.prepare.build import build, home_of
from harness.prepare.inputs import dyadic
from harness.system import host
from harness.util.files import read_text, write_json
from harness.util.scratch import fresh

FORMAT = 1
"""Version of the search, part of every key: raised when it changes, so that no older loop is shown."""

SAMPLED_N, SAMPLED_ROWS = 1024, 256
"""The problem that is sampled: as long as packed blocks are, and with a first product in seconds in any language."""

COUNTED_N = 128
"""The n at which valgrind counts instructions: some seconds for naive loops."""

TRACED_N = 16
"""The n at which bytecode is counted: its loops are the same at any n."""

ROOM_BYTES = 2**26
"""Room that the programs' matrices take: three of SAMPLED_N, and small ones."""

TIME_LIMIT_S, FILE_LIMIT_BYTES = 120.0, 2**27
"""Limits of each program: naive loops take some seconds under valgrind, and the files of Numba some megabytes."""

CALLS = 10**6
"""Number of products that a sampled program is asked for: it is ended long before."""

COMPILED_WHILE_RUNNING = "compiled while it ran"
"""The place of code that is in no file."""

_INTERPRETER = re.compile(r"/(?:python3[\d.]*|libpython3[^/]*)$")

_MACHINES = {"x86_64": "i386:x86-64", "aarch64": "aarch64"}
"""The names of architectures that objdump knows."""

_FRAME = re.compile(r"mov %rsp,%rbp$")


@dataclass(frozen=True)
class InnerLoops:
    """The search for the inner loops of kernels. `folder` is for what the programs read and write."""

    executor: NativeExecutor
    config: Config
    folder: Path

    def of(self, kernel: Kernel, only_kept: bool = False) -> InnerLoop | Absent:
        """Return the hottest loop of a kernel, or why it cannot be told. It is kept with the hash of the artefact.

        With `only_kept`, it is not searched for if it is not kept.
        """
        if lacking := host.lacking(kernel.requires):
            return Absent(lacking)
        provided = self.executor.provide(kernel.toolchain)
        if isinstance(provided, Absent):
            return provided
        config, cpu = self.config, host.cpu_identity()
        cpus = host.usable_cpus(host.processors())
        built = build(kernel, provided, self.executor, config.build_dir, config.limits, cpu, cpus)
        if isinstance(built, Failed):
            return Absent(built.reason)
        if isinstance(built, Absent):
            return built
        key = hashlib.sha256(json.dumps([FORMAT, built.digest, kernel.run, provided.version, cpu]).encode()).hexdigest()
        kept = config.build_dir / "loops" / f"{kernel.language}-{kernel.variant}-{key[:16]}.json"
        if earlier := _read(kept):
            return earlier
        if only_kept:
            return Absent("there was no time to sample it")
        loop = self.find(kernel)
        if isinstance(loop, InnerLoop):
            kept.parent.mkdir(parents=True, exist_ok=True)
            write_json(kept, TypeAdapter(InnerLoop).dump_python(loop, mode="json"))
        return loop

    def find(self, kernel: Kernel) -> InnerLoop | Absent:
        """Return the hottest loop of a kernel that is built, or why it cannot be told."""
        if not shutil.which("objdump"):
            return Absent("objdump is not installed", "apt-get install binutils")
        work = fresh(self.folder, "sampled")
        argv = self._words(kernel, SAMPLED_N, SAMPLED_ROWS, CALLS)
        (work / "jobs").write_bytes(launcher.encode([_job(argv, work)]))
        command = self.executor.command(str(work / "jobs"), host.usable_cpus(self.config.threads))
        sampled = sample(command, work / "stdout", LOADED_S if _is_elf(Path(argv[0])) else FIRST_PRODUCT_S)
        if isinstance(sampled, Absent):
            return self._counted(kernel, Absent(f"{sampled.reason}{_last_line(work)}"))
        if _INTERPRETER.search(sampled.segment.file):
            return self._traced(kernel)
        return self._sampled(kernel, sampled, work)

    def _sampled(self, kernel: Kernel, sampled: Sampled, work: Path) -> InnerLoop | Absent:
        """Return the loop with the most samples, with the addresses of its file where it is from one."""
        segment, start = sampled.segment, sampled.start
        file = Path(segment.file) if segment.file else None
        if file:
            in_file = virtual_address(file, start - segment.start + segment.offset)
            start = start if in_file is None else in_file
        (work / "code").write_bytes(sampled.code)
        options = ["-D", "-b", "binary", "-m", _MACHINES[platform.machine()], f"--adjust-vma={start:#x}"]
        code = disassembled([*options, str(work / "code")])
        counts = {counter + start - sampled.start: number for counter, number in sampled.counts.items()}
        place = (kernel.id if file.name == "out" else file.name) if file else COMPILED_WHILE_RUNNING
        loop = described(kernel.id, FoundBy.SAMPLES, code, counts, sampled.total, place)
        return with_sources(loop, file) if file and isinstance(loop, InnerLoop) else loop

    def _traced(self, kernel: Kernel) -> InnerLoop | Absent:
        """Return the loop with the most instructions of bytecode executed, for a program in Python."""
        work = fresh(self.folder, "traced")
        if reason := self._run(kernel, bytecode.command(self._words(kernel, TRACED_N, TRACED_N, 1), work), work):
            return Absent(f"its bytecode cannot be counted: it {reason}")
        return bytecode.inner_loop(kernel.id, kernel.source, bytecode.functions_in(work))

    def _counted(self, kernel: Kernel, why_not: Absent) -> InnerLoop | Absent:
        """Return the loop with the most instructions executed under valgrind, for a program that was not sampled."""
        work, argv = fresh(self.folder, "counted"), self._words(kernel, COUNTED_N, COUNTED_N, 1)
        if not _is_elf(Path(argv[0])):
            return why_not
        output = work / "callgrind.out"
        # an instruction that valgrind lacks, as all of AVX-512, ends the program
        if reason := self._run(kernel, callgrind.command(argv, output), work):
            return Absent(f"{why_not.reason}; under valgrind, it {reason}")
        counts = callgrind.counts_of(output.read_text(encoding="utf-8", errors="replace"), argv[0])
        code = disassembled(["-d", argv[0]])
        loop = described(kernel.id, FoundBy.VALGRIND, code, counts, sum(counts.values()), kernel.id)
        return loop if isinstance(loop, Absent) else with_sources(loop, Path(argv[0]))

    def _run(self, kernel: Kernel, argv: Sequence[str], work: Path) -> str:
        """Run a command to its end; return how it ended if it failed, else nothing. Raises RunError."""
        folders, cpus = Folders(kernel.folder, work, work, work, kernel.uses), host.usable_cpus(self.config.threads)
        [result] = self.executor.run(kernel.toolchain, folders, [_job(argv, work)], cpus)
        return "" if result.ok else f"{result.describe()}{_last_line(work)}"

    def _words(self, kernel: Kernel, n: int, rows: int, calls: int) -> list[str]:
        """Return the command line of a launch with one thread, and write its inputs."""
        paths = [self.folder / f"{name}{n}.f64" for name in "abc"]
        if not paths[0].exists():
            for path, matrix in zip(paths, dyadic(n, self.config.seed), strict=False):
                path.write_bytes(matrix.tobytes())
        argv = words(
            kernel.run,
            artefact=home_of(kernel, self.executor, self.config.build_dir) / "artefact",
            folder=kernel.folder,
            source=str(kernel.source_path),
            flags=kernel.flags,
            uses=kernel.uses,
        )
        return [*argv, *map(str, paths), str(n), str(rows), "1", str(calls)]


def _job(argv: Sequence[str], work: Path) -> Job:
    """Return the job of a program that leaves its files in a folder, as Numba does with copies of what was compiled."""
    words = ("env", f"TMPDIR={work}", *argv)
    return Job(words, str(work), str(work / "stdout"), str(work / "stderr"), TIME_LIMIT_S, FILE_LIMIT_BYTES)


def _last_line(work: Path) -> str:
    """Return a colon and the last line of what a program said of its failure; empty if it said nothing."""
    lines = read_text(work / "stderr").splitlines()
    return f": {lines[-1][:300]}" if lines else ""


def disassembled(options: Sequence[str]) -> list[Instruction]:
    """Return the instructions that objdump finds."""
    done = subprocess.run(["objdump", "--no-show-raw-insn", *options], capture_output=True, text=True, check=True)
    return parse(done.stdout)


def described(
    kernel: str, found_by: FoundBy, code: Sequence[Instruction], counts: Mapping[int, int], total: int, place: str
) -> InnerLoop | Absent:
    """Return the hottest loop of a listing with counts by address."""
    found = hottest([counts.get(instruction.address, 0) for instruction in code], loops(code))
    if not found:
        return Absent(f"no loop has the code that runs most, in {place}")
    loop, own = found
    body = code[loop.start : loop.end + 1]
    content = content_of(body, platform.machine(), _has_frame_pointer(code, loop))
    lines = tuple(LoopLine(each.address, each.text, counts.get(each.address, 0)) for each in body)
    return InnerLoop(kernel, found_by, own, total, place, content, sentence_of(content), lines)


def with_sources(loop: InnerLoop, file: Path) -> InnerLoop:
    """Return a loop of a file with the lines of its source."""
    sources = source_lines(file, [line.address for line in loop.lines])
    lines = (replace(line, source=source) for line, source in zip(loop.lines, sources, strict=True))
    return replace(loop, lines=tuple(lines))


def _has_frame_pointer(code: Sequence[Instruction], loop: Loop) -> bool:
    """Return whether the function of a loop keeps its frame in %rbp: it is set between its begin and the loop."""
    for instruction in reversed(code[: loop.start]):
        if _FRAME.match(instruction.text):
            return True
        if instruction.text.startswith("ret"):
            return False
    return False


def _is_elf(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == b"\x7fELF"
    except OSError:
        return False


def _read(path: Path) -> InnerLoop | None:
    try:
        return TypeAdapter(InnerLoop).validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
