"""Try a file of one's own: `try`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from harness.cli.options import places


@click.command("try")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--like", metavar="KERNEL", help="Build FILE as this kernel, such as c/packed; the default is naive.")
@click.option("--n", type=int, metavar="N", help="Multiply N x N matrices; the default is 1024.")
@click.option("--threads", type=int, metavar="N", help="Let FILE use N threads, and parallel kernels as many.")
@places
def try_(
    file: Path, like: str | None, n: int | None, threads: int | None, config_file: Path | None, **given: Any
) -> None:
    """Check FILE, a program or a function of your own, and measure it beside the rungs of its language.

    Its suffix names the language. Nothing else is needed: no folder, and no kernel.yaml.

    Exit status: 0 the file is right, 1 it is wrong or does not build, 2 bad usage, 130 interrupted.
    """
    from harness.attempt.command import try_file
    from harness.config.load import Options, load_config
    from harness.util.console import Console

    config = load_config(config_file, Options(n=n, threads=threads, quick=True, **given))
    sys.exit(0 if try_file(file, like, threads is not None, config, Console(), click.echo) else 1)
