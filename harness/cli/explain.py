"""Find out why a kernel is faster than another: `count` and `why`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli.options import config_option, json_option, selection
from harness.model.errors import UsageError

if TYPE_CHECKING:
    from harness.model.config import Config
    from harness.model.counts import RunCounts


@click.command()
@selection
@click.option("--n", type=int, metavar="N", help="Count products of N x N matrices.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=10.0,
    show_default=True,
    help="Count kernels that work in blocks at the largest n whose product takes so long.",
)
def count(config_file: Path | None, seconds: float, **given: Any) -> None:
    """Count the instructions and cache misses of kernels with valgrind, and keep them for runs and pages.

    The newest run gets those of its kernels. Exit status: 0, or 1 if a kernel does not build.
    """
    from harness.config.kernels import kernels_of
    from harness.config.load import Options, load_config
    from harness.explain.stage import Countable, Counting
    from harness.prepare.stages import Prepared, build_all, choose_executor, provide
    from harness.system.lock import host_lock
    from harness.util.console import Console

    config = load_config(config_file, Options(**given))
    console, prepared, kernels = Console(), Prepared(), kernels_of(config)
    executor, _ = choose_executor(config)
    with host_lock():
        provide(kernels, executor, prepared, console)
        build_all(kernels, executor, config, prepared, console)
        built = [kernel for kernel in kernels if kernel.id in prepared.built]
        counting = Counting(executor, config, console, seconds)
        counts = counting.run(Countable(built, prepared.built, prepared.provided))
    if counts.reason:
        raise UsageError(f"count: {counts.reason}")
    click.echo("\n".join(_counted(counts)))
    if run := _give_to_newest(config, counts):
        click.echo(f"Run {run} has them now; 'report' writes its page again.")
    sys.exit(1 if prepared.failures else 0)


def _counted(counts: RunCounts) -> list[str]:
    """Return a line for each kernel."""
    from harness.report.two_rungs import FIGURES, figure_of, shown, way

    width = max((len(each.kernel) for each in counts.kernels), default=0)
    lines = [f"{'a multiply-add':<{width}}" + "".join(f"{name:>19}" for name in FIGURES)]
    for each in counts.kernels:
        figures = "".join(f"{shown(figure_of(each, name)):>19}" for name in FIGURES) if each.per_step else ""
        lines.append(f"{each.kernel:<{width}}{figures}  {way(each)}")
    return [*lines, *(f"{kernel}: its launches were stopped; try again" for kernel in counts.left)]


def _give_to_newest(config: Config, counts: RunCounts) -> str:
    """Add counts to the newest run, where they are of its artefacts and its n; return its id, or nothing."""
    from harness.explain.stage import counts_for_run
    from harness.store.counts_file import read_counts, write_counts
    from harness.store.run_folder import Store, find_run

    try:
        store = Store.open(find_run(config.reports_dir, None))
    except UsageError:
        return ""
    merged = counts_for_run(store.record, read_counts(store.folder), counts, config.n)
    if merged is None:
        return ""
    write_counts(store.folder, merged)
    return store.record.id


@click.command()
@click.argument("kernel")
@click.argument("other", required=False)
@click.option("--run", "run_name", metavar="RUN", help="The run's folder or id; the default is the newest run.")
@config_option
@json_option
def why(kernel: str, other: str | None, run_name: str | None, config_file: Path | None, as_json: bool) -> None:
    """Put KERNEL beside OTHER, by default the rung below: times, instructions, misses, and what changed."""
    from harness.analysis.reasons import compared, evidence_of, rung_below
    from harness.analysis.results import results_of
    from harness.config.load import load_config
    from harness.explain.loop_text import sentences_of
    from harness.report.two_rungs import lines
    from harness.store.run_folder import Store, find_run
    from harness.util.command_line import own_command

    results = results_of(Store.open(find_run(load_config(config_file).reports_dir, run_name)))
    rows = {row.kernel: row for row in results.rows}
    for name in filter(None, (kernel, other)):
        if name not in rows:
            raise UsageError(f"{name}: no such kernel in run {results.record.id}; there are {', '.join(rows)}")
    other = other or rung_below(kernel, results.rows)
    if other is None:
        raise UsageError(f"{kernel}: no rung below it was measured; name the kernel to compare it with")
    step = compared(*(evidence_of(rows[name], results.counts, results.loops) for name in (other, kernel)))
    if as_json:
        from harness.cli.documents import document_text, why_document

        click.echo(document_text(why_document(results.record.id, step, results.loops)))
        return
    click.echo("\n".join([*lines(step), *sentences_of(results.loops, (other, kernel))]))
    if not (step.after.per_step and step.before and step.before.per_step):
        click.echo(f"'{own_command()} count --only {kernel} --only {other}' counts them.")
