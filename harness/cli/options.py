"""Define the options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


def config_option(command: Any) -> Any:
    """Add the option --config."""
    return click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Read the defaults from FILE instead of config.yaml.",
    )(command)


def selection(command: Any) -> Any:
    """Add the options that select kernels and the place where they run."""
    only = click.option("--only", multiple=True, metavar="GLOB", help="Kernels, such as 'c/*'; repeatable.")
    backend = click.option(
        "--backend",
        type=click.Choice(["auto", "docker", "native"]),
        help="Docker images, this machine's toolchains, or images where an engine answers.",
    )
    kernels = click.option(
        "--kernels",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Add the languages of another folder; repeatable.",
    )
    return config_option(backend(only(kernels(command))))
