"""Compare any commands: `ab`."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import click

from harness.cli.ab_options import ab_options, check_files, check_numbers, goal_of, request_of
from harness.cli.options import json_option, markdown_option, refuse_both
from harness.model.errors import UsageError

if TYPE_CHECKING:
    from harness.ab.commands import Group
    from harness.ab.placement import Places
    from harness.ab.session import Settings
    from harness.ab.verdicts import Measured
    from harness.util.console import Console

ROOM_BYTES = 2**28
"""Room for what a launch prints, in bytes, with which it is kept in memory."""


@click.command()
@click.argument("commands", nargs=-1, required=True, metavar="COMMAND COMMAND...")
@ab_options
@json_option
@markdown_option
def ab(commands: tuple[str, ...], **given: Any) -> None:
    """Compare commands with the first one, in rounds of random order: which is faster, and by how much.

    A command runs without a shell unless one of them needs it. All must print the same. The first command is launched
    a second time in each round, as a control that must come out equal. With --git, there is one command, which is run
    at two revisions.

    Exit status: 0, 1 if a command fails or answers differently, 2 bad usage, 3 if a command is significantly slower by
    more than the PERCENT of --fail-on-regression. With that option, it is 1 if the control does not come out equal.
    """
    import secrets

    from harness.ab.commands import groups_of
    from harness.ab.placement import at_revisions
    from harness.ab.plan import confidence_of_each, min_rounds
    from harness.ab.session import Settings
    from harness.system.host import usable_cpus
    from harness.system.lock import host_lock
    from harness.util.console import Console

    refuse_both(given["as_json"], given["as_markdown"])
    check_numbers(given)
    check_files(given)
    groups = groups_of(request_of(commands, given), shutil.which)
    least_rounds = max(min_rounds(confidence_of_each(len(group.commands) - 1)) for group in groups)
    settings = Settings(
        goal_of(given, len(groups), least_rounds),
        given["warmup"],
        usable_cpus(given["threads"]),
        given["ignore_failure"],
        given["any_output"],
        secrets.randbits(32),
    )
    console = Console()
    placement = _placement(given, console)
    with host_lock(), placement as places:
        if places:
            groups = [at_revisions(group, places) for group in groups]
        measured = _measure(groups, settings, given, console)
    _write_results(measured, settings.seed, given)
    sys.exit(_status(measured, given["percent"]))


def _placement(given: Mapping[str, Any], console: Console) -> AbstractContextManager[Places]:
    """Return a context with the folders of the revisions of --git, none without it. Raises UsageError."""
    if not given["revisions"]:
        return contextlib.nullcontext(())
    from harness.ab.checkouts import checkouts
    from harness.ab.repository import repository_here

    repository = repository_here()
    revisions = [repository.resolve(name) for name in given["revisions"]]
    if "HEAD" in given["revisions"] and repository.changes():
        console.line("HEAD is the last commit, without the changes of the working tree: '.' measures these, too")
    return checkouts(repository, revisions, given["build"], console)


def _measure(groups: Sequence[Group], settings: Settings, given: Mapping[str, Any], console: Console) -> list[Measured]:
    """Measure one group after the other; print the lines of each at once, unless a document is printed at the end."""
    from harness.ab.runner import Runner
    from harness.ab.session import Session
    from harness.ab.text import lines
    from harness.util.paths import places
    from harness.util.scratch import scratch

    builds = places().builds
    measured = []
    with scratch(ROOM_BYTES, builds / "scratch") as folder:
        runner = Runner(builds, folder, settings.cpus, given["stdin"])
        for group in groups:
            measured.append(Session(group, settings, runner, console).measure())
            if not (given["as_json"] or given["as_markdown"]):
                click.echo("\n".join([*([""] if len(measured) > 1 else []), *lines(measured[-1], given["percent"])]))
    return measured


def _write_results(measured: Sequence[Measured], seed: int, given: Mapping[str, Any]) -> None:
    """Print the document of --json or --markdown, and write the file of --export-json. Raises UsageError."""
    from harness.ab.documents import document_of, hyperfine_of
    from harness.cli.documents import document_text
    from harness.export import write
    from harness.util.json_documents import json_text

    if given["as_json"]:
        click.echo(document_text(document_of(measured, seed, given["percent"])))
    if given["as_markdown"]:
        from harness.ab.markdown import ab_markdown
        from harness.system.host import describe

        click.echo(ab_markdown(measured, given["percent"], describe()))
    if given["export"]:
        try:
            write(given["export"], json_text(hyperfine_of(measured)) + "\n")
        except OSError as error:
            raise UsageError(f"{given['export']}: cannot be written: {error.strerror}") from None


def _status(measured: Sequence[Measured], percent: float | None) -> int:
    """Return the exit status; a regression of a run that cannot be trusted is none."""
    if percent is None:
        return 0
    judgements = [group.judgement for group in measured]
    if any(judgement.trusted and judgement.regressions(percent) for judgement in judgements):
        return 3
    return 0 if all(judgement.trusted for judgement in judgements) else 1
