"""Try a file of one's own, or the entries of a folder: `try`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli.options import json_option, places
from harness.model.errors import HarnessError, UsageError

if TYPE_CHECKING:
    from harness.attempt.documents import TryDocument
    from harness.attempt.settings import Settings

MAX_SEED = 2**32 - 1
"""Largest seed, as in config.yaml."""

LOOK_S = 0.3
"""Time between two looks at a watched file, in seconds: shorter than a user takes to look at the terminal."""


@click.command("try")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE|DIR")
@click.option(
    "--like",
    multiple=True,
    metavar="KERNEL",
    help="Build FILE as this kernel, such as c/packed; the default is naive. Of DIR, one for each suffix.",
)
@click.option("--n", type=int, metavar="N", help="Multiply N x N matrices; the default is 1024.")
@click.option("--threads", type=int, metavar="N", help="Let each file use N threads, and parallel kernels as many.")
@click.option(
    "--seed", type=click.IntRange(0, MAX_SEED), metavar="N", help="Make the inputs from N; the default is a new one."
)
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Write a page to FILE.")
@click.option("--csv", type=click.Path(path_type=Path), metavar="FILE", help="Write a line for each entry to FILE.")
@click.option("--trust", is_flag=True, help="Run the entries of DIR without containers if there is no Docker engine.")
@click.option("--watch", is_flag=True, help="Try FILE again at every save, until Ctrl-C.")
@places
@json_option
def try_(file: Path, **given: Any) -> None:
    """Check FILE, a program or a function of your own, and measure it beside the rungs of its language.

    Its suffix names the language. Nothing else is needed: no folder, and no kernel.yaml. Each file or folder in DIR is
    an entry: all are measured together and ranked, each in containers of its own.

    Exit status: 0 all is right, 1 the file or an entry is wrong or does not build, 2 bad usage, 130 interrupted.
    """
    import secrets

    from harness.attempt.rounds import CLASS_ROUNDS, FILE_ROUNDS
    from harness.attempt.settings import settings_of
    from harness.config.load import Options, load_config

    if given["watch"] and (given["as_json"] or file.is_dir()):
        raise UsageError("--watch: expected a FILE, and no --json")
    for name in ("html", "csv"):
        # before anything is tried: a class may take half an hour
        if given[name] and (given[name].is_dir() or not given[name].absolute().parent.is_dir()):
            raise UsageError(f"--{name}: expected a file in a folder that exists, found {given[name]}")
    options = Options(
        n=given["n"], threads=given["threads"], quick=True, backend=given["backend"], kernels=given["kernels"]
    )
    config = load_config(given["config_file"], options)

    def settings() -> Settings:
        # new each time: a file that is watched could otherwise keep what is right
        seed = given["seed"] if given["seed"] is not None else secrets.randbits(32)
        rounds = CLASS_ROUNDS if file.is_dir() else FILE_ROUNDS
        return settings_of(config, seed, rounds, given["like"], given["threads"] is not None)

    if given["watch"]:
        _watch(file, lambda: _try_file(file, settings(), given))
    sys.exit(0 if (_try_folder if file.is_dir() else _try_file)(file, settings(), given) else 1)


def _try_file(file: Path, settings: Settings, given: dict[str, Any]) -> bool:
    """Try a file, print and write what was found, and return whether it is right."""
    from harness.attempt.command import try_file
    from harness.util.console import Console

    document = try_file(file, settings, Console(), _nothing if given["as_json"] else click.echo)
    _write_files(document, given)
    if given["as_json"]:
        _echo_document(document)
    return document.all_right


def _try_folder(folder: Path, settings: Settings, given: dict[str, Any]) -> bool:
    """Try the entries of a folder, print and write what was found, and return whether all are right.

    What is known is also printed if the attempt is interrupted. The files are written after each round, so that an
    attempt that is killed leaves those of the last round.
    """
    from harness.attempt.folder import try_folder
    from harness.attempt.text import table_lines
    from harness.util.console import Console

    latest: list[TryDocument] = []

    def keep(document: TryDocument) -> None:
        latest[:] = [document]
        _write_files(document, given)

    try:
        try_folder(folder, settings, given["trust"], Console(), keep)
    finally:
        for document in latest:
            if given["as_json"]:
                _echo_document(document)
            else:
                click.echo("\n".join(table_lines(document)))
    return latest[0].all_right


def _watch(file: Path, attempt: Callable[[], object]) -> None:
    """Try a file now and at every save. Raises KeyboardInterrupt."""
    while True:
        before = _stamp(file)
        try:
            attempt()
        except HarnessError as error:  # the next save may mend it
            click.echo(f"harness: {error}", err=True)
        click.echo(f"Waiting for {file} to be saved; Ctrl-C ends this.", err=True)
        while _stamp(file) in (before, None):
            time.sleep(LOOK_S)
        click.echo("")


def _stamp(file: Path) -> tuple[int, int, int] | None:
    """Return what changes when a file is saved; None while an editor replaces it."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _write_files(document: TryDocument, given: dict[str, Any]) -> None:
    """Write the page and the CSV file that were asked for. Raises UsageError."""
    from harness.export import write

    texts: dict[str, Callable[[TryDocument], str]] = {}
    if given["html"]:
        from harness.attempt.page import page

        texts["html"] = page
    if given["csv"]:
        from harness.attempt.csv import csv_text

        texts["csv"] = csv_text
    for name, text in texts.items():
        try:
            write(given[name], text(document))
        except OSError as error:
            raise UsageError(f"{given[name]}: cannot be written: {error.strerror}") from None


def _echo_document(document: TryDocument) -> None:
    from harness.cli.documents import document_text

    click.echo(document_text(document))


def _nothing(text: str) -> None:
    """Print nothing: with --json, standard output has the document only."""
