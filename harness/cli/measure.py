"""Measure kernels: `run-all`."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import click

from harness.cli.options import json_option, selection
from harness.model.errors import UsageError


@click.command("run-all")
@selection
@click.option("--n", type=int, metavar="N", help="Multiply N x N matrices.")
@click.option("--threads", type=int, metavar="N", help="Limit the threads of parallel kernels.")
@click.option(
    "--effort",
    type=click.Choice(["quick", "default", "thorough"]),
    help="How many rounds, and up to what time a kernel is measured whole.",
)
@click.option("--rounds", type=int, metavar="N", help="Rounds of the kernels that decide the headline.")
@click.option("--sizes", metavar="N,N,...", help="Also measure every kernel at these n.")
@click.option("--quick", is_flag=True, help="The short form of --effort quick: n = 1024, six rounds.")
@click.option("--full", is_flag=True, help="Make no estimates: measure slow kernels whole, which takes hours.")
@click.option(
    "--pages",
    type=click.Choice(["as-is", "4k", "huge"]),
    help="Memory pages: what each runtime requests, none huge, or all huge (root).",
)
@click.option("--no-why", is_flag=True, help="Count no instructions and cache misses.")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Create the run's folder in DIR.")
@click.option(
    "--resume",
    "resume_dir",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Continue an interrupted run.",
)
@json_option
def run_all(resume_dir: Path | None, config_file: Path | None, as_json: bool, **given: Any) -> None:
    """Build, check, measure and report every kernel.

    Exit status: 0 all kernels verified, 1 a kernel failed or was wrong, 2 bad usage or configuration, 130 interrupted.
    """
    from harness import run
    from harness.config.load import Options, load_config
    from harness.report.summary import summary
    from harness.store.run_folder import LATEST
    from harness.util.command_line import own_command, portable_command
    from harness.util.console import Console

    argv = [*portable_command(), *sys.argv[1:]]
    console, store = Console(), None
    if resume_dir is not None:
        given["config"] = config_file
        if extra := [f"--{name.replace('_', '-')}" for name, value in given.items() if value not in (None, False, ())]:
            raise UsageError(f"--resume: all settings are those of the interrupted run: omit {', '.join(extra)}")
        config, store = run.resume(resume_dir)
    else:
        config = load_config(config_file, Options(**given))
    try:
        results = run.run_all(config, argv, console, store)
    except KeyboardInterrupt:
        newest = store.folder if store else config.reports_dir / LATEST
        folder = newest.resolve()
        if (folder / "run.json").exists():
            console.line(f"To continue: {own_command()} run-all --resume {shlex.quote(str(folder))}")
        raise
    if as_json:
        from harness.cli.documents import document_text
        from harness.report.document import run_document

        click.echo(document_text(run_document(results)))
    else:
        click.echo("\n".join(summary(results)))
        for row in results.failed:
            click.echo(f"FAILED {row.kernel}: {row.reason}")
        click.echo(f"Report: {results.folder / 'report.html'}")
    sys.exit(1 if results.failed else 0)
