"""Define the options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from harness.model.errors import UsageError


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
    """Add the options that select kernels, their toolchains and the place where they run."""
    only = click.option("--only", multiple=True, metavar="GLOB", help="Kernels, such as 'c/*'; repeatable.")
    toolchain = click.option(
        "--toolchain",
        multiple=True,
        metavar="LANGUAGE=NAME,...",
        help="Toolchains of a language, such as c=gcc,clang, or c=all; repeatable.",
    )
    return config_option(_backend(toolchain(only(_kernels(command)))))


def places(command: Any) -> Any:
    """Add the options that say where languages are, and where kernels run."""
    return config_option(_backend(_kernels(command)))


_backend = click.option(
    "--backend",
    type=click.Choice(["auto", "docker", "native"]),
    help="Docker images, this machine's toolchains, or images where an engine answers.",
)

_kernels = click.option(
    "--kernels",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Add the languages of another folder; repeatable.",
)


def json_option(command: Any) -> Any:
    """Add the option --json."""
    return click.option(
        "--json",
        "as_json",
        is_flag=True,
        help="Print JSON for programs; 'schema' has its form.",
    )(command)


def markdown_option(command: Any) -> Any:
    """Add the option --markdown."""
    return click.option(
        "--markdown",
        "as_markdown",
        is_flag=True,
        help="Print Markdown, for a pull request or the summary of a CI job.",
    )(command)


def refuse_both(as_json: bool, as_markdown: bool) -> None:
    """Raise UsageError if the output is to be two things at once."""
    if as_json and as_markdown:
        raise UsageError("--json, --markdown: expected one of the two, found both")
