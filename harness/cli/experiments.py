"""Measure the harness itself: `selftest`."""

from __future__ import annotations

from pathlib import Path

import click

from harness.cli.options import config_option
from harness.model.errors import UsageError


@click.command()
@click.argument("experiments", nargs=-1, metavar="[EXPERIMENT]...")
@config_option
@click.option("--backend", type=click.Choice(["auto", "docker", "native"]), help="Where kernels run, as for run-all.")
@click.option("--trials", type=click.IntRange(1, 1000), default=5, show_default=True, help="Trials per experiment.")
def selftest(experiments: tuple[str, ...], config_file: Path | None, backend: str | None, trials: int) -> None:
    """Measure the harness on this machine by experiments: machines, alarms, detection, hyperfine,
    noise, estimates, headlines, accusations, counts, lies, lies-busy.

    Without a name, all experiments are run.
    """
    from harness.config.load import Options, load_config
    from harness.selftest.command import EXPERIMENTS
    from harness.selftest.command import selftest as run
    from harness.util.console import Console

    for name in experiments:
        if name not in EXPERIMENTS:
            raise UsageError(f"selftest: no experiment '{name}'; there are {', '.join(EXPERIMENTS)}")
    config = load_config(config_file, Options(backend=backend))
    run(config, experiments or tuple(EXPERIMENTS), trials, Console(), click.echo)
