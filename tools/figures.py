"""Measure the figures of the pages, and write each between its markers with machine and date: `make figures`.

`make figures ARGS='run selftest'` writes some of them. `run` starts a default run, unless `--run DIR` names one;
`selftest` reads the cases that the last `python -m harness selftest` stored.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from harness.analysis.lines_of_code import lines_of_code
from harness.analysis.results import results_of
from harness.config.load import load_config
from harness.model.errors import HarnessError
from harness.model.machine import HostInfo, Peak
from harness.model.result import fastest_first
from harness.model.results import Results
from harness.report import your_machine
from harness.report.headline import headline
from harness.report.markdown import kernel_table, peak_share, table, time_cell
from harness.selftest.command import NAME, StoredExperiment, load
from harness.selftest.lies_summary import PLACES, all_runs, lies_sentence
from harness.selftest.summary import tables
from harness.selftest.table import Table
from harness.store.run_folder import Store, find_run
from harness.system import host
from harness.util.chip import chip_name
from harness.util.format import duration, percent, significant, size, spread
from harness.util.paths import ROOT
from tools import ab_bench, browser_bench, engine_bench
from tools.ab_overhead import stored_overheads
from tools.ab_tables import ab_table
from tools.chips import add_chip, chips_table
from tools.example import example
from tools.hot_panels import hot_panels
from tools.serve_bench import OPEN_CONNECTIONS, Bench, bench

PAGES = {
    "answer": "README.md",
    "run": "docs/results.md",
    "ladder": "docs/results.md",
    "chips": "docs/results.md",
    "hot-panels": "docs/results.md",
    "more": "docs/results.md",
    "machines": "docs/measurement.md",
    "headlines": "docs/measurement.md",
    "accusations": "docs/measurement.md",
    "alarms": "docs/measurement.md",
    "detection": "docs/measurement.md",
    "hyperfine": "docs/measurement.md",
    "noise": "docs/measurement.md",
    "estimates": "docs/measurement.md",
    "lies": "docs/lies.md",
    "overhead": "docs/measurement.md",
    "browsers": "docs/usage.md",
    "serve": "docs/serve.md",
    "engine-accuracy": "docs/engine.md",
    "engine-speed": "docs/engine.md",
    "ab": "docs/ab.md",
}
"""The page of each section of figures, relative to the root of the repository."""


def write_section(name: str, text: str, root: Path = ROOT) -> None:
    """Replace the text between the markers of section `name`, in its page below `root`.

    Raises ValueError if the page has no such markers.
    """
    path = root / PAGES[name]
    page = path.read_text()
    pattern = re.compile(rf"(<!-- figures: {name} -->\n).*?(<!-- end -->)", re.S)
    if not pattern.search(page):
        raise ValueError(f"{path}: no markers for {name}")
    path.write_text(pattern.sub(lambda match: f"{match[1]}{text}\n{match[2]}", page))


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


def serve_table(measured: Bench) -> str:
    """Return the table of the server and nginx."""
    rows = [
        [
            f"`{file.name}`, {size(file.bytes)}",
            f"{file.own:,.0f}",
            f"{file.nginx:,.0f}",
            f"{file.ratio.value:.2f} ({file.ratio.low:.2f} – {file.ratio.high:.2f})",
        ]
        for file in measured.rates
    ]
    rows.append(
        [
            f"memory with {OPEN_CONNECTIONS:,} connections",
            size(measured.own_resident),
            size(measured.nginx_resident),
            "",
        ]
    )
    rows.append(["program", f"{measured.server_bytes:,} bytes", "", ""])
    head = ["requests a second", "serve/", f"nginx {measured.nginx_version}", "ratio, 95% interval"]
    return f"{stamp(datetime.now(UTC).date().isoformat())}:\n\n{table(head, rows)}"


def hot_panels_table(rates: Mapping[str, float], peak: Peak) -> str:
    """Return the table of the micro-kernels alone: the rate of each, and its share of the peak of one processor."""
    peak_gflops = peak.gflops[1]
    rows = [[f"`{name}/packed`", significant(rate), percent(rate / peak_gflops)] for name, rate in rates.items()]
    head = ["micro-kernel", "GFLOPS, 1 thread", f"share of {significant(peak_gflops)} GFLOPS ({peak.isa})"]
    return f"{stamp(datetime.now(UTC).date().isoformat())}:\n\n{table(head, rows)}"


def browsers_table(versions: Mapping[str, str], comparisons: list[browser_bench.Comparison]) -> str:
    """Return the table of the page's kernels in each browser, beside the same loops in Node."""
    engines = list(versions)
    head = [f"GFLOPS, n = {browser_bench.N}", *engines, "Chromium, Node = 1", "Firefox, Node = 1"]
    names = {kernel.id: kernel.name for kernel in your_machine.KERNELS}
    rows = [
        [
            names[one.kernel],
            *(significant(one.gflops[engine]) if engine in one.gflops else "–" for engine in engines),
            *(
                f"{ratio.value:.2f} ({ratio.low:.2f} – {ratio.high:.2f})" if ratio else "–"
                for ratio in (one.over_node.get(engine) for engine in ("Chromium", "Firefox"))
            ),
        ]
        for one in comparisons
    ]
    origin = ", ".join(f"{engine} {version}" for engine, version in versions.items())
    day = datetime.now(UTC).date().isoformat()
    return f"{stamp(day)}; {origin}; in {browser_bench.ROUNDS} rounds, 95% intervals:\n\n{table(head, rows)}"


FORM_NAMES = {
    "AMX": "the matrix engine (AMX)",
    "VNNI": "the vector unit (VNNI), since this CPU has no matrix engine",
    "plain": "plain loops, since this CPU has neither a matrix engine nor VNNI",
}
"""The unit that computes products of bytes in each form of c/engine, in words."""


def engine_stamp() -> str:
    """Return the machine and day of the engine's figures, and the unit that computed its products of bytes."""
    day = datetime.now(UTC).date().isoformat()
    return f"{stamp(day)}; the products of bytes on {FORM_NAMES[engine_bench.form()]}"


def accuracy_table(accuracies: list[engine_bench.Accuracy], n: int) -> str:
    """Return the table of the errors of the engine and of MKL, and the inputs that the packed kernel computed."""
    head = [f"inputs, n = {n}", "MKL", "`c/engine`", "at most MKL's"]
    rows = [
        [row.inputs, f"{row.mkl:.2g}", f"{row.engine:.2g}", "yes" if row.engine <= row.mkl else "**no**"]
        for row in accuracies
        if row.mkl is not None and row.engine is not None
    ]
    unsafe = [row for row in accuracies if row.as_packed is not None]
    same = [row.inputs for row in unsafe if row.as_packed]
    other = [row.inputs for row in unsafe if not row.as_packed]
    note = f"The same bits as `c/packed`: {', '.join(same) or 'none'}." + (
        f" **Other bits**: {', '.join(other)}." if other else ""
    )
    return f"{engine_stamp()}:\n\n{table(head, rows)}\n\n{note}"


def engine_speed_table(speeds: list[engine_bench.Speed]) -> str:
    """Return the table of the engine's speed relative to MKL and c/packed at each n, and the times of its phases."""
    head = ["n", "`c/engine`", "speed, MKL = 1", "speed, `c/packed` = 1", *engine_bench.PHASES]
    rows = [
        [
            str(speed.n),
            duration(speed.engine_s),
            *(
                f"{ratio.value:.3f} ({ratio.low:.3f} – {ratio.high:.3f})"
                for ratio in (speed.over_mkl, speed.over_packed)
            ),
            *(duration(speed.phases_s[name]) for name in engine_bench.PHASES),
        ]
        for speed in speeds
    ]
    threads = load_config().threads
    return f"{engine_stamp()}; {threads} threads, in rounds, medians and 95% intervals:\n\n{table(head, rows)}"


MORE = ROOT / "more"
"""The folder of the languages beside the six of kernels/."""


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


GROUPS = ("run", "overhead", "example", "hot-panels", "selftest", "more", "browsers", "serve", "engine")
"""Groups of sections that can be measured by themselves."""

LONG_GROUPS = ("ab",)
"""Groups that take hours, and so are measured only if they are named."""


@click.command()
@click.argument("groups", nargs=-1, type=click.Choice((*GROUPS, *LONG_GROUPS)))
@click.option("--run", "run_dir", help="Use this run instead of a new one.")
@click.option("--trials", type=click.IntRange(min=0), help="Of ab: no more trials of each kind; 0 for those stored.")
def main(groups: tuple[str, ...], run_dir: str | None, trials: int | None) -> None:
    """Write the figures of the README and of docs/; those of the selftest come from its last run."""
    wanted = set(groups or GROUPS)
    if "more" in wanted and run_dir is None:
        globs = [f"--only={path.parent.name}/*" for path in sorted(MORE.glob("*/kernel.yaml"))]
        globs += [f"--only={name}" for name in ("c/naive", "c/interchange", "c/parallel", "python/naive")]
        command = [sys.executable, "-m", "harness", "run-all", "--n", "1024", "--kernels", str(MORE), *globs]
        subprocess.run([*command, "--backend", "native", "--no-why"], cwd=ROOT, check=True)
    if "more" in wanted:
        results = results_of(Store.open(find_run(load_config().reports_dir, run_dir)))
        write_section("more", more_table(results))
    if wanted & {"run", "overhead", "example"}:
        if run_dir is None:
            # natively, as the chips of docs/results.md that have no engine were measured
            subprocess.run([sys.executable, "-m", "harness", "run-all", "--backend", "native"], cwd=ROOT, check=True)
        results = results_of(Store.open(find_run(load_config().reports_dir, run_dir)))
        if "overhead" in wanted:
            write_section("overhead", overhead(results))
        if "example" in wanted:
            example(results.folder)
    if "run" in wanted:
        write_section("answer", answer(results))
        write_section("run", run_table(results))
        write_section("ladder", ladder_table(results))
        write_section("chips", chips_table(add_chip(results)))
    if "hot-panels" in wanted:
        write_section("hot-panels", hot_panels_table(*hot_panels(load_config().build_dir)))
    if "browsers" in wanted:
        example_page = ROOT / "docs/example/report.html"
        write_section("browsers", browsers_table(*browser_bench.compare(example_page, load_config().build_dir)))
    if "serve" in wanted:
        config = load_config()
        measured = bench(find_run(config.reports_dir, run_dir) / "report.html", config.build_dir)
        write_section("serve", serve_table(measured))
    if "engine" in wanted:
        config = load_config()
        accuracies = list(engine_bench.accuracy(config.build_dir, config.n, config.threads))
        write_section("engine-accuracy", accuracy_table(accuracies, config.n))
        speeds = list(engine_bench.speeds(config.build_dir, config.threads))
        write_section("engine-speed", engine_speed_table(speeds))
    if "selftest" in wanted:
        experiments = load(load_config().reports_dir / NAME)
        of_lies = {name: experiments.pop(name) for name in PLACES if name in experiments}
        for summary in tables([case for experiment in experiments.values() for case in experiment["cases"]]):
            write_section(summary.name, selftest_table(summary, experiments[summary.name]))
    if "ab" in wanted:
        config = load_config()
        stored, folder = config.reports_dir / "ab-trials.jsonl", config.build_dir / "ab-bench"
        try:
            ab_bench.measure(stored, folder, trials)
        except HarnessError as error:
            raise click.ClickException(str(error)) from None
        made = ab_bench.load(stored)
        day = max(trial.day for trial in made)
        overheads = stored_overheads(config.reports_dir / "ab-overheads.json", folder, anew=trials != 0)
        write_section("ab", f"{stamp(day)}:\n\n{ab_table(made, overheads)}")
        if of_lies:
            write_section("lies", lies_section(of_lies))


if __name__ == "__main__":
    main()
