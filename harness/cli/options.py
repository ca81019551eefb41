"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


def config_option(command: Any) -> Any:
    """Add --config."""
    return click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Defaults, instead of config.yaml.",
    )(command)


def selection(command: Any) -> Any:
    """Add the options that choose kernels and where they run."""
    only = click.option("--only", multiple=True, metavar="GLOB", help="Kernels, such as 'c/*'; may be given again.")
    backend = click.option(
        "--backend",
        type=click.Choice(["auto", "docker", "native"]),
        help="Images, this machine's toolchains, or images where an engine runs.",
    )
    kernels = click.option(
        "--kernels",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="A folder of more languages; may be given again.",
    )
    return config_option(backend(only(kernels(command))))
