"""Measure: `run-all`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from harness.cli.options import selection
from harness.model.errors import UsageError


@click.command("run-all")
@selection
@click.option("--n", type=int, metavar="N", help="Matrices of N x N.")
@click.option("--threads", type=int, metavar="N", help="What threaded kernels may use.")
@click.option("--budget", "budget_s", type=float, metavar="SECONDS", help="Time for each kernel.")
@click.option("--sizes", metavar="N,N,...", help="Other n, at which every kernel is measured too.")
@click.option("--quick", is_flag=True, help="n = 1024 and a small budget: a few seconds a kernel.")
@click.option("--full", is_flag=True, help="No estimates: measure slow kernels whole, for hours.")
@click.option(
    "--pages",
    type=click.Choice(["as-is", "4k", "huge"]),
    help="Memory pages: what each runtime asks for, or the same for all.",
)
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Where the run's folder is made.")
@click.option(
    "--resume",
    "resume_dir",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Go on with a run that was stopped.",
)
def run_all(resume_dir: Path | None, config_file: Path | None, **given: Any) -> None:
    """Build, check, measure and report every kernel.

    Exit status: 0 all verified, 1 a kernel failed or was wrong, 2 bad usage or config, 130 interrupted.
    """
    from harness import run
    from harness.config.load import Options, load_config
    from harness.report.headline import headline
    from harness.util.console import Console

    argv = ["python", "-m", "harness", *sys.argv[1:]]
    console, store = Console(), None
    if resume_dir is not None:
        given["config"] = config_file
        if extra := [f"--{name}" for name, value in given.items() if value not in (None, False, ())]:
            raise UsageError(f"--resume: takes everything from the run, so leave out {', '.join(extra)}")
        config, store = run.resume(resume_dir)
    else:
        config = load_config(config_file, Options(**given))
    try:
        results = run.run_all(config, argv, console, store)
    except KeyboardInterrupt:
        newest = store.folder if store else config.reports_dir / "latest"
        folder = newest.resolve()
        if (folder / "run.json").exists():
            console.line(f"To go on: python -m harness run-all --resume {folder}")
        raise
    click.echo(headline(results.rows, results.config.baseline))
    for row in results.failed:
        click.echo(f"FAILED {row.kernel}: {row.reason}")
    click.echo(f"Report: {results.folder / 'report.html'}")
    sys.exit(1 if results.failed else 0)
