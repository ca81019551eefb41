"""Compare stored runs: `compare`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.options import config_option, json_option, markdown_option, refuse_both
from harness.model.errors import UsageError

if TYPE_CHECKING:
    from harness.analysis.compare import Comparison


@dataclass(frozen=True)
class Bound:
    """A bound in percent of an option, and the kernels beyond it; without a value, none is."""

    percent: float | None
    kernels: tuple[str, ...]
    words: str

    @property
    def verdict(self) -> str:
        """The kernels beyond the bound, as a line; empty if there are none."""
        return f"{self.words} by more than {self.percent:g}%: {', '.join(self.kernels)}" if self.kernels else ""


@click.command()
@click.argument("runs", nargs=-1, required=True, metavar="RUN RUN...")
@config_option
@click.option(
    "--by",
    type=click.Choice(["run", "toolchain"]),
    default="run",
    help="Compare runs, or the toolchains of one run.",
)
@click.option(
    "--fail-on-regression",
    "percent",
    type=float,
    metavar="PERCENT",
    help="Exit with status 3 if a kernel is slower by more.",
)
@click.option(
    "--fail-on-instructions",
    "instructions",
    type=float,
    metavar="PERCENT",
    help="Exit with status 3 if a kernel executes more instructions by more.",
)
@click.option(
    "--html",
    "html_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the page to FILE; the default is compare.html beside the runs.",
)
@json_option
@markdown_option
def compare(
    runs: tuple[str, ...],
    config_file: Path | None,
    by: str,
    percent: float | None,
    instructions: float | None,
    html_file: Path | None,
    as_json: bool,
    as_markdown: bool,
) -> None:
    """Compare runs with the first one: each kernel is faster, slower, not different, or not comparable with a reason.

    With --by toolchain, compare the toolchains that one run measured with the first of each language.

    Exit status: 0, or 3 if a kernel is significantly slower by more than the PERCENT of --fail-on-regression, or has
    more instructions by more than the PERCENT of --fail-on-instructions.
    """
    from harness.config.load import load_config
    from harness.report.comparison import page
    from harness.util.files import write_atomic

    refuse_both(as_json, as_markdown)
    for option, value in (("regression", percent), ("instructions", instructions)):
        if value is not None and not value >= 0:
            raise UsageError(f"--fail-on-{option}: expected a percentage of 0 or more, found {value}")
    reports_dir = load_config(config_file).reports_dir
    comparisons = _comparisons(runs, by, reports_dir)
    if instructions is not None:
        _refuse_without_counts(comparisons)
    html_file = html_file or reports_dir / "compare.html"
    try:
        write_atomic(html_file, page(comparisons))
    except OSError as error:
        raise UsageError(f"{html_file}: cannot be written: {error.strerror}") from None
    bounds = _bounds(comparisons, percent, instructions)
    if as_json:
        from harness.cli.documents import CompareDocument, document_text

        slower, more = bounds
        click.echo(
            document_text(
                CompareDocument(html_file, tuple(comparisons), percent, slower.kernels, instructions, more.kernels)
            )
        )
    else:
        _echo_comparisons(comparisons, html_file, bounds, as_markdown)
    sys.exit(3 if any(bound.kernels for bound in bounds) else 0)


def _comparisons(runs: tuple[str, ...], by: str, reports_dir: Path) -> list[Comparison]:
    """Compare runs with the first one, or the toolchains of one run with the first of each language."""
    from harness.analysis.compare import compare
    from harness.analysis.results import run_of
    from harness.analysis.toolchains import compare_toolchains
    from harness.store.run_folder import Store, find_run

    if by == "run" and len(runs) < 2:
        raise UsageError("compare: expected two runs or more, found one; --by toolchain compares within one")
    if by == "toolchain" and len(runs) > 1:
        raise UsageError(f"--by toolchain: expected one run, found {len(runs)}")
    first, *others = [run_of(Store.open(find_run(reports_dir, name))) for name in runs]
    return [compare(first, other) for other in others] or compare_toolchains(first)


def _refuse_without_counts(comparisons: list[Comparison]) -> None:
    """Raise UsageError if no kernel has counts in both runs: a bound on them would never fail."""
    for comparison in comparisons:
        if not any(change.instructions for change in comparison.changes):
            raise UsageError(
                f"--fail-on-instructions: no kernel was counted in the same way in {comparison.before} and in "
                f"{comparison.after}; 'count' counts those of the newest run"
            )


def _bounds(comparisons: list[Comparison], percent: float | None, instructions: float | None) -> tuple[Bound, Bound]:
    """Return what is slower, and what has more instructions, by more than the bounds."""
    slower = [change for each in comparisons for change in each.regressions(percent)] if percent is not None else []
    more = (
        [change for each in comparisons for change in each.with_more_instructions(instructions)]
        if instructions is not None
        else []
    )
    return (
        Bound(percent, tuple(change.kernel for change in slower), "Slower"),
        Bound(instructions, tuple(change.kernel for change in more), "More instructions"),
    )


def _echo_comparisons(
    comparisons: list[Comparison], page: Path, bounds: tuple[Bound, Bound], as_markdown: bool
) -> None:
    """Print comparisons as Markdown, or as lines for the terminal with the page's address."""
    from harness.report.comparison import lines
    from harness.report.markdown import comparison_markdown

    verdicts = [bound.verdict for bound in bounds if bound.verdict]
    if as_markdown:
        click.echo("\n\n".join([comparison_markdown(comparisons), *(f"**{verdict}**" for verdict in verdicts)]))
        return
    for comparison in comparisons:
        click.echo("\n".join(lines(comparison)))
    click.echo(f"Page: {page}")
    for verdict in verdicts:
        click.echo(verdict)
