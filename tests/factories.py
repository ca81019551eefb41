"""Build the records that tests need. Every builder has defaults, and each keyword overrides the field of its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.analysis.estimate import Estimate
from harness.config.load import load_config
from harness.model.answer import Answer
from harness.model.config import Backend, Config, Effort
from harness.model.counts import Caches, CacheShape, Counts, Events, HowCounted
from harness.model.job import Built, JobResult
from harness.model.kernel import Kernel, Toolchain
from harness.model.machine import CpuId, DevicePeak, HostInfo, Peak
from harness.model.result import BuildInfo, Memory, Phases, Quantity, Rate, Row, Status
from harness.model.results import Results
from harness.model.run_record import BackendInfo, KernelRecord, RunRecord
from harness.model.sample import Purpose, Sample, Step
from harness.store.run_folder import Store, run_id


def config(folder: Path = Path("nowhere"), **fields: Any) -> Config:
    """Return the default configuration with a small n and few rounds, which writes everything under the folder."""
    small = {
        "n": 64,
        "threads": 2,
        "backend": Backend.NATIVE,
        "effort": Effort.QUICK,
        "rounds": 3,
        "reports_dir": folder / "reports",
        "build_dir": folder / "build",
    }
    return replace(load_config(), **(small | fields))


def toolchain(language: str = "x", **fields: Any) -> Toolchain:
    """Return a toolchain that needs no package and is always there."""
    defaults = {"apt": (), "backports": (), "pip": (), "version_command": "true"}
    return Toolchain(**({"language": language} | defaults | fields))


def parts_of(name: str) -> tuple[str, str, str]:
    """Return the language, the variant and the toolchain of an id such as c/naive or c/naive@clang."""
    language, rest = name.split("/")
    variant, _, alternative = rest.partition("@")
    return language, variant, alternative


def kernel(name: str = "x/naive", **fields: Any) -> Kernel:
    """Return the kernel with this id, which needs no build and uses one thread."""
    language, variant, alternative = parts_of(name)
    defaults = {
        "alternative": alternative,
        "language": language,
        "language_name": f"{language.title()} {alternative}".strip(),
        "variant": variant,
        "folder": Path("nowhere") / language,
        "source": "",
        "fetch": (),
        "build": (),
        "run": "",
        "flags": "",
        "toolchain": toolchain(language, name=alternative),
        "threaded": False,
        "requires": (),
        "category": variant.split("-", 1)[0],
    }
    return Kernel(**(defaults | fields))


def job_result(**fields: Any) -> JobResult:
    """Return the result of a process that ended well after one second and used no processor time."""
    defaults = {
        "exit_status": 0,
        "signal": 0,
        "timed_out": False,
        "wall_ns": 10**9,
        "user_ns": 0,
        "system_ns": 0,
        "peak_rss_bytes": 2**20,
        "minor_faults": 0,
        "major_faults": 0,
        "voluntary_switches": 0,
        "involuntary_switches": 0,
    }
    return JobResult(**(defaults | fields))


def sample(**fields: Any) -> Sample:
    """Return a sample of a launch with one call on all rows; the launch takes as long as its calls.

    `rows` is n, `round` is the number of the launch, and `launch_wall_ns` and `launch_cpu_ns` are the time of `reps`
    calls, unless they are given.
    """
    defaults = {
        "kernel": "x/naive",
        "launch": 0,
        "rep": 0,
        "reps": 1,
        "purpose": Purpose.MEASURE,
        "n": 64,
        "row0": 0,
        "threads": 1,
        "ns": 1_000_000,
        "sha256": "",
        "started_at": "",
        "peak_rss_bytes": 0,
        "minor_faults": 0,
        "major_faults": 0,
        "involuntary_switches": 0,
    }
    values = defaults | fields
    busy_ns = values["reps"] * values["ns"]
    derived = {
        "rows": values["n"],
        "round": values["launch"],
        "launch_wall_ns": busy_ns,
        "launch_cpu_ns": busy_ns,
    }
    return Sample(**(derived | values))


def launch(times_ns: Sequence[float], number: int = 0, **fields: Any) -> list[Sample]:
    """Return the samples of one launch whose calls took these times; the launch takes as long as its calls."""
    busy_ns = int(sum(times_ns))
    values = {"launch": number, "reps": len(times_ns), "launch_wall_ns": busy_ns, "launch_cpu_ns": busy_ns} | fields
    return [sample(**values, rep=rep, ns=int(ns)) for rep, ns in enumerate(times_ns)]


def launch_of(step: Step, times_ns: Sequence[float], number: int = 0, **fields: Any) -> list[Sample]:
    """Return the samples of the launch that this step plans, whose calls took these times."""
    assert len(times_ns) == step.reps
    return launch(times_ns, number, purpose=step.purpose, rows=step.rows, row0=step.row0, **fields)


def estimate(**fields: Any) -> Estimate:
    """Return the estimate of a kernel that takes exactly one second in each of ten launches of one call."""
    defaults = {
        "value_ns": 1e9,
        "samples": 10,
        "minimum_ns": 1e9,
        "rows": 64,
        "estimated": False,
        "by_round": dict.fromkeys(range(10), 1e9),
    }
    return Estimate(**(defaults | fields))


def row(name: str = "x/naive", **fields: Any) -> Row:
    """Return the row of the kernel with this id: checked, with one thread and without a time."""
    language, variant, alternative = parts_of(name)
    defaults = {
        "kernel": name,
        "toolchain": alternative,
        "alternative": alternative,
        "language": language,
        "language_name": f"{language.title()} {alternative}".strip(),
        "variant": variant,
        "category": "naive, 1 thread",
        "status": Status.OK,
        "reason": "",
        "n": 64,
        "threads": 1,
        "estimated": False,
        "samples": 24,
    }
    values = defaults | fields
    return Row(**({"rows": values["n"]} | values))


def timed_row(name: str, seconds: float, **fields: Any) -> Row:
    """Return the row of a verified kernel at n = 4096 with this time, plus or minus 2%."""
    timed = {
        "n": 4096,
        "samples": 5,
        "time": Quantity(seconds, seconds * 0.98, seconds * 1.02),
        "speedup": Quantity(25_000 / seconds),
        "verified": True,
    }
    return row(name, **(timed | fields))


def run_record(**fields: Any) -> RunRecord:
    """Return the record of a finished native run without kernels."""
    defaults = {
        "id": "20260102T030405Z-beef",
        "started_at": "2026-01-02T03:04:05+00:00",
        "finished_at": "2026-01-02T03:05:05+00:00",
        "harness_version": "1.2.3",
        "command": ("python", "-m", "harness", "run-all"),
        "config": config(),
        "host": host(),
        "backend": BackendInfo(Backend.NATIVE, "asked for"),
        "kernels": (),
    }
    return RunRecord(**(defaults | fields))


def host(**fields: Any) -> HostInfo:
    """Return a machine of two processors, as run.json describes it."""
    defaults = {
        "cpu": "a CPU",
        "cpu_id": CpuId(),
        "architecture": "x86_64",
        "processors": 2,
        "features": ("avx2",),
        "mhz_at_start": "2000.0",
        "microcode": "",
        "caches": ("L1d 32K",),
        "memory_bytes": 2**33,
        "os": "an OS",
        "kernel": "6",
        "python": "3.11",
        "hypervisor": False,
        "transparent_huge_pages": "always",
        "aslr": "2",
        "governor": "performance",
        "load_at_start": 0.0,
    }
    return HostInfo(**(defaults | fields))


def results(rows: Sequence[Row] = (), record: RunRecord | None = None, **fields: Any) -> Results:
    """Return the results of a run with these rows, and without findings and samples."""
    defaults = {
        "record": record or run_record(),
        "rows": list(rows),
        "findings": (),
        "folder": Path("nowhere"),
        "samples": {},
    }
    return Results(**(defaults | fields))


def answer(**fields: Any) -> Answer:
    """Return the answer of a run: x/naive takes 25,000 s and c/packed 1 s."""
    defaults = {
        "baseline": timed_row("x/naive", 25_000, estimated=True, rows=1, rounds=12),
        "fastest": timed_row("c/packed", 1.0, rounds=12),
        "speedup": Quantity(25_000.0, 24_000.0, 26_000.0),
    }
    return Answer(**(defaults | fields))


def peak(gflops: dict[int, float], **fields: Any) -> Peak:
    """Return a measured peak with these rates in GFLOPS, by number of threads."""
    return Peak(**({"isa": "AVX-512", "gflops": gflops} | fields))


def device_peak(gflops: dict[str, float], **fields: Any) -> DevicePeak:
    """Return the measured peak of a device with these rates in GFLOPS, by the way of computing."""
    return DevicePeak(
        **({"device": "Tensor Unit 9", "gflops": gflops, "memory_gbs": 900.0, "clock_ratio": 0.99} | fields)
    )


def store(folder: Path, **fields: Any) -> Store:
    """Create a run folder below this folder, with a record of these fields and an id of its own."""
    return Store.create(folder, run_record(**({"id": run_id(datetime.now(UTC)), "finished_at": None} | fields)))


def measured_results(folder: Path, times_s: dict[str, float], launches: int = 2, calls: int = 2) -> Results:
    """Return the results of kernels with these times at n = 4096, as a run stores them in the folder."""
    rows, samples, kernels, built = [], {}, [], {}
    for i, (name, seconds) in enumerate(times_s.items()):
        rows.append(measured_row(name, seconds))
        samples[name] = [
            one
            for number in range(launches)
            for one in launch(
                [seconds * 1e9 + rep for rep in range(calls)], i * launches + number, kernel=name, n=4096, round=number
            )
        ]
        kernels.append(stored_kernel(name))
        built[name] = Built(Path("out"), "0" * 64, 2**14, 1.0, ("cc",))
    (folder / "samples.jsonl").write_text("{}\n" * sum(map(len, samples.values())))
    record = run_record(kernels=tuple(kernels), built=built, config=config(n=4096))
    return results(rows, record, folder=folder, samples=samples)


def measured_row(name: str, seconds: float, **fields: Any) -> Row:
    """Return the row of a kernel at n = 4096 with this time, and with what a run measures beside it."""
    measured = {
        "rate": Rate(137 / seconds),
        "phases": Phases(cpu_s=seconds),
        "memory": Memory(peak_rss_bytes=2**28),
        "build": BuildInfo(artefact_bytes=2**14, lines=60),
        "rank": "1",
    }
    return timed_row(name, seconds, **(measured | fields))


def stored_kernel(name: str) -> KernelRecord:
    """Return a kernel as run.json holds it, with a source of its own of 60 lines."""
    lines = (f"int f{i}(int a) {{ return a + {sum(name.encode())} + {i}; }} // line {i}\n" for i in range(60))
    return kernel_record(name, source_text="".join(lines))


def kernel_record(name: str, source_text: str = "", **fields: Any) -> KernelRecord:
    """Return the kernel with this id as run.json holds it, with its source."""
    language, variant, _ = parts_of(name)
    defaults = {"folder": Path(language), "source": f"{variant}.c", "run": "{out}"}
    return KernelRecord(**vars(kernel(name, **(defaults | fields))), source_text=source_text)


def counts(name: str = "x/naive", instructions: float = 4.0, l1: float = 1.0, ll: float = 0.5, **how: Any) -> Counts:
    """Return the counts of the kernel with this id: events a multiply-add, in one row of n = 4096.

    `how` are fields of HowCounted.
    """
    fields = HowCounted(**({"n": 4096, "rows": 1, "caches": caches(), "tool": "valgrind-3.19.0"} | how))
    steps = fields.n**2 * fields.rows
    events = Events(round(instructions * steps), round(l1 * steps), round(ll * steps), round(steps / 2), 0)
    return Counts(name, "d", events, fields)


def caches() -> Caches:
    """Return a first level of 32 KiB and a last level of 32 MiB."""
    first = CacheShape(2**15, 8, 64)
    return Caches(first, first, CacheShape(2**25, 16, 64))
