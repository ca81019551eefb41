"""Write runs and experiments as the tables of the pages. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from harness.analysis.lines_of_code import lines_of_code
from harness.model.machine import HostInfo
from harness.model.result import fastest_first
from harness.model.results import Results
from harness.report.headline import headline
from harness.report.markdown import kernel_table, peak_share, table, time_cell
from harness.selftest.command import StoredExperiment
from harness.selftest.lies_summary import all_runs, lies_sentence
from harness.selftest.table import Table
from harness.system import host
from harness.util.chip import chip_name
from harness.util.format import duration, percent, significant, spread


def stamp(day: str, machine: HostInfo | None = None) -> str:
    """Return the machine and the day of a measurement; by default it is this machine."""
    machine = machine or host.describe()
    kind = "virtual machine, " if machine.hypervisor else ""
    return f"{chip_name(machine)}, {kind}{machine.processors} processors, {machine.os}, {day}"


def stamp_of(results: Results) -> str:
    """Return the machine and the day of a run, which may have been measured elsewhere."""
    return stamp(results.record.started_at[:10], results.record.host)


def answer(results: Results) -> str:
    """Return the answer of the run in one sentence, as a quotation."""
    return f"> {headline(results)}\n>\n> {stamp_of(results)}, {results.record.backend.name}."


def run_table(results: Results) -> str:
    """Return the table of a run's kernels, fastest first."""
    peak = results.peak
    peaks = ", ".join(f"{significant(g)} GFLOPS with {t}" for t, g in peak.gflops.items()) if peak else "not measured"
    isa = peak.isa if peak else "none"
    gaps = sorted(results.record.gaps_ns)
    stages = results.record.stages_s
    before = sum(stages.get(name, 0.0) for name in ("Images", "Toolchains", "Building", "Checking"))
    notes = (
        f"The whole run took {duration(results.record.seconds)}, {duration(before)} of it for toolchains, building "
        f"and checking, which is kept for later runs. Measured peak ({isa}): {peaks} "
        f"threads. The harness's own share, from the end of a launch to the start of the next without checking its "
        f"output: {duration(gaps[len(gaps) // 2] / 1e9)} (median of {len(gaps)}, at most {duration(gaps[-1] / 1e9)})."
    )
    return f"{stamp_of(results)}:\n\n{kernel_table(results)}\n\n{notes}"


def more_table(results: Results) -> str:
    """Return the table of the kernels in more/ and of some in C, fastest first, with their lines of code."""
    head = ["kernel", f"time, n = {results.config.n}", "95% interval", "time, same rung in C = 1", "lines"]
    rows = []
    for row in [*fastest_first(results.rows), *(row for row in results.rows if row.time is None)]:
        if row.time is None:
            rows.append([f"`{row.kernel}`", row.status, "", "", str(row.build.lines)])
            continue
        rows.append(
            [
                f"`{row.kernel}`",
                time_cell(row.time.value, row.estimated),
                spread(row.time.value, row.time.low, row.time.high) or "–",
                significant(row.relative_to_c.value) if row.relative_to_c else "–",
                str(row.build.lines),
            ]
        )
    backend = results.record.backend.name
    return f"{stamp_of(results)}, {backend}:\n\n{table(head, rows)}"


def opencl_table(results: Results) -> str:
    """Return the table of OpenCL's kernels on the CPU and of c/packed, and how near the best of its rungs comes."""
    times = {row.kernel: row.time.value for row in fastest_first(results.rows) if row.time}
    best = next(name for name in times if name.startswith("opencl/") and "library" not in name)
    sizes = ", ".join(map(str, sorted(results.config.check_sizes)))
    note = (
        f"All passed the checks, at n = {sizes}. Of OpenCL's own rungs, `{best}` is the fastest, with "
        f"{percent(times['c/packed'] / times[best])} of the speed of `c/packed`."
    )
    return f"{stamp_of(results)}, {results.record.backend.name}:\n\n{kernel_table(results)}\n\n{note}"


def ladder_table(results: Results) -> str:
    """Return the table of all rungs in the order of the ladder, with the speed-up and the lines of code of each.

    The yardstick of all is the fastest library of the run, whichever that is on this chip.
    """
    lines = {kernel.id: lines_of_code(kernel.source_text, kernel.source) for kernel in results.record.kernels}
    times = {row.kernel: row.time.value for row in results.rows if row.time}
    library = next((row for row in fastest_first(results.rows) if row.rung == "library"), None)
    rows = []
    before: dict[tuple[str, str], float] = {}
    for row in results.rows:
        if row.time is None:
            rows.append([f"`{row.kernel}`", row.status, "", "", "", str(lines[row.kernel])])
            continue
        # a variant is compared with the variant's previous rung, as Numba's rungs are a ladder of their own; without
        # one, with the rung that it is a variant of, or else with the language's previous rung
        stem, _, variant = row.variant.partition("-")
        beside = times.get(f"{row.language}/{stem}") if variant else None
        earlier = before.get((row.language, variant)) or beside or before.get((row.language, ""))
        step = earlier / row.time.value if earlier else None
        before[row.language, variant] = row.time.value
        rows.append(
            [
                f"`{row.kernel}`",
                time_cell(row.time.value, row.estimated),
                f"× {significant(step)}" if step else "–",
                peak_share(row),
                significant(times[library.kernel] / row.time.value) if library else "–",
                str(lines[row.kernel]),
            ]
        )
    speed = f"speed, `{library.kernel}` = 1" if library else "speed"
    head = ["kernel", "time, n = 4096", "faster than the rung before", "share of peak", speed, "lines"]
    return f"{stamp_of(results)}:\n\n{table(head, rows)}"


def overhead(results: Results) -> str:
    """Return the time that a run measured without running or verifying kernels, and where its launches spent theirs."""
    record = results.record
    measuring, verifying, launches = record.stages_s["Measuring"], record.verify_s, record.launches_s
    own = measuring - launches - verifying
    return (
        f"{stamp_of(results)}, {record.backend.name}: of the {duration(measuring)} that a default "
        f"run measured, kernels ran for {duration(launches)}, checking their outputs took {duration(verifying)}, and "
        f"the rest, which is the harness and the containers, {duration(own)}: {percent(own / measuring, 2)}. "
        f"{percent(_timed_share(results), 2)} of the launches' time was inside the kernels' clocks."
    )


def _timed_share(results: Results) -> float:
    """Return the fraction of the wall time of a run's launches that its kernels' clocks covered."""
    samples = [sample for taken in results.samples.values() for sample in taken]
    walls_ns = {sample.launch: sample.launch_wall_ns for sample in samples}
    return sum(sample.ns for sample in samples) / sum(walls_ns.values())


def selftest_table(summary: Table, experiment: StoredExperiment) -> str:
    """Return the table of an experiment, with its machine and day."""
    origin = f"{stamp(experiment['started_at'][:10])}, --backend {experiment['backend']}"
    return f"{origin}:\n\n{table(list(summary.head), [list(row) for row in summary.rows])}"


def lies_section(experiments: Mapping[str, StoredExperiment]) -> str:
    """Return what became of the kernels that cheat, in all places where they were judged."""
    cases = {name: experiment["cases"] for name, experiment in experiments.items()}
    summary = all_runs(cases)
    days = sorted({experiment["started_at"][:10] for experiment in experiments.values()})
    sentences = "\n".join(f"- {lies_sentence(of_one)}" for of_one in cases.values())
    rows = table(list(summary.head), [list(row) for row in summary.rows])
    return f"{stamp(' to '.join(dict.fromkeys((days[0], days[-1]))))}:\n\n{sentences}\n\n{rows}"
