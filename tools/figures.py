"""Measure the figures of the pages, and write each between its markers with machine and date: `make figures`.

`make figures ARGS='run selftest'` writes some of them. `run` starts a default run, unless `--run DIR` names one;
`selftest` reads the cases that the last `python -m harness selftest` stored.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from harness.analysis.results import results_of
from harness.config.load import load_config
from harness.model.errors import HarnessError
from harness.selftest.command import NAME, load
from harness.selftest.lies_summary import PLACES
from harness.selftest.summary import tables
from harness.store.run_folder import Store, find_run
from harness.util.paths import ROOT
from tools import ab_bench, ab_overhead, browser_bench, engine_accuracy, engine_bench, hosts_bench, try_bench
from tools.ab_overhead import stored_overheads
from tools.ab_tables import ab_table
from tools.bench_tables import accuracy_table, browsers_table, engine_speed_table, hot_panels_table, serve_table
from tools.chips import add_chip, chips_table
from tools.evidence_table import evidence_table
from tools.example import example
from tools.hot_panels import hot_panels
from tools.run_tables import (
    answer,
    ladder_table,
    lies_section,
    more_table,
    opencl_table,
    overhead,
    run_table,
    selftest_table,
    stamp,
)
from tools.serve_bench import bench

PAGES = {
    "answer": "README.md",
    "run": "docs/results.md",
    "ladder": "docs/results.md",
    "chips": "docs/results.md",
    "hot-panels": "docs/results.md",
    "more": "docs/results.md",
    "opencl": "docs/gpu.md",
    "machines": "docs/measurement.md",
    "headlines": "docs/measurement.md",
    "accusations": "docs/measurement.md",
    "alarms": "docs/measurement.md",
    "detection": "docs/measurement.md",
    "hyperfine": "docs/measurement.md",
    "noise": "docs/measurement.md",
    "estimates": "docs/measurement.md",
    "counts": "docs/measurement.md",
    "lies": "docs/lies.md",
    "evidence": "docs/measurement.md",
    "overhead": "docs/measurement.md",
    "browsers": "docs/usage.md",
    "serve": "docs/serve.md",
    "engine-accuracy": "docs/engine.md",
    "engine-speed": "docs/engine.md",
    "ab": "docs/ab.md",
    "hosts": "docs/hosts.md",
    "try": "docs/try.md",
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


MORE = ROOT / "more"
"""The folder of the languages beside the six of kernels/."""


GROUPS = (
    "run",
    "overhead",
    "example",
    "hot-panels",
    "selftest",
    "more",
    "opencl",
    "browsers",
    "serve",
    "engine",
    "hosts",
    "try",
)
"""Groups of sections that can be measured by themselves."""

OF_A_RUN = frozenset({"run", "overhead", "example"})
"""The groups that are made of one default run."""

LONG_GROUPS = ("ab",)
"""Groups that take hours, and so are measured only if they are named."""


@click.command()
@click.argument("groups", nargs=-1, type=click.Choice((*GROUPS, *LONG_GROUPS)))
@click.option("--run", "run_dir", help="Use this run instead of a new one.")
@click.option("--trials", type=click.IntRange(min=0), help="Of ab: no more trials of each kind; 0 for those stored.")
def main(groups: tuple[str, ...], run_dir: str | None, trials: int | None) -> None:
    """Write the figures of the README and of docs/; those of the selftest come from its last run."""
    wanted = groups or GROUPS
    writers: dict[str, Callable[[], None]] = {
        "hot-panels": _hot_panels,
        "browsers": _browsers,
        "serve": lambda: _serve(run_dir),
        "hosts": lambda: write_section("hosts", f"{_today()}:\n\n{hosts_bench.figures(run_dir)}"),
        "try": lambda: write_section("try", f"{_today()}:\n\n{try_bench.figures()}"),
        "engine": _engine,
        "selftest": _selftest,
        "ab": lambda: _ab(trials),
    }
    try:
        if "more" in wanted:
            _more(run_dir)
        if "opencl" in wanted:
            _opencl(run_dir)
        # after those of other languages: the groups that follow read the newest run
        if groups_of_a_run := OF_A_RUN.intersection(wanted):
            _run(groups_of_a_run, run_dir)
        for group, write in writers.items():
            if group in wanted:
                write()
    except HarnessError as error:
        raise click.ClickException(str(error)) from None


def _today() -> str:
    return stamp(datetime.now(UTC).date().isoformat())


def _run(wanted: frozenset[str], run_dir: str | None) -> None:
    if run_dir is None:
        # a first run has a minute for counts, so that most of its kernels would have none
        subprocess.run([sys.executable, "-m", "harness", "count", "--backend", "native"], cwd=ROOT, check=True)
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
        write_section("evidence", evidence_table(results))
        write_section("chips", chips_table(add_chip(results)))


def _more(run_dir: str | None) -> None:
    if run_dir is None:
        globs = [f"--only={path.parent.name}/*" for path in sorted(MORE.glob("*/kernel.yaml"))]
        globs += [f"--only={name}" for name in ("c/naive", "c/interchange", "c/parallel", "python/naive")]
        command = [sys.executable, "-m", "harness", "run-all", "--n", "1024", "--kernels", str(MORE), *globs]
        subprocess.run([*command, "--backend", "native", "--no-why"], cwd=ROOT, check=True)
    write_section("more", more_table(results_of(Store.open(find_run(load_config().reports_dir, run_dir)))))


def _opencl(run_dir: str | None) -> None:
    if run_dir is None:
        globs = [f"--only={name}" for name in ("opencl/*", "c/packed", "python/naive")]
        command = [sys.executable, "-m", "harness", "run-all", "--kernels", str(MORE), *globs, "--rounds", "12"]
        subprocess.run([*command, "--backend", "native", "--no-why"], cwd=ROOT, check=True)
    write_section("opencl", opencl_table(results_of(Store.open(find_run(load_config().reports_dir, run_dir)))))


def _hot_panels() -> None:
    write_section("hot-panels", hot_panels_table(*hot_panels(load_config().build_dir)))


def _browsers() -> None:
    example_page = ROOT / "docs/example/report.html"
    write_section("browsers", browsers_table(*browser_bench.compare(example_page, load_config().build_dir)))


def _serve(run_dir: str | None) -> None:
    config = load_config()
    page = find_run(config.reports_dir, run_dir) / "report.html"
    write_section("serve", serve_table(bench(page, config.build_dir)))


def _engine() -> None:
    config = load_config()
    accuracies = list(engine_accuracy.accuracy(config.build_dir, config.n, config.threads))
    write_section("engine-accuracy", accuracy_table(accuracies, config.n))
    speeds = list(engine_bench.speeds(config.build_dir, config.threads))
    write_section("engine-speed", engine_speed_table(speeds))


def _selftest() -> None:
    experiments = load(load_config().reports_dir / NAME)
    of_lies = {name: experiments.pop(name) for name in PLACES if name in experiments}
    for summary in tables([case for experiment in experiments.values() for case in experiment["cases"]]):
        write_section(summary.name, selftest_table(summary, experiments[summary.name]))
    if of_lies:
        write_section("lies", lies_section(of_lies))


def _ab(trials: int | None) -> None:
    folder = load_config().build_dir / "ab-bench"
    ab_bench.measure(ab_bench.STORE, folder, trials)
    overheads = stored_overheads(ab_overhead.STORE, folder, anew=trials != 0)
    write_section("ab", ab_table(ab_bench.load(ab_bench.STORE), overheads))


if __name__ == "__main__":
    main()
