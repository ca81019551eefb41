"""Show, export and compare stored runs: `report`, `serve`, `image`, `export` and `compare`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.options import config_option, json_option, markdown_option, refuse_both
from harness.export import FORMATS
from harness.model.errors import UsageError

if TYPE_CHECKING:
    from harness.analysis.compare import Comparison


@click.command()
@click.argument("run", required=False, metavar="[RUN]")
@config_option
@json_option
@markdown_option
def report(run: str | None, config_file: Path | None, as_json: bool, as_markdown: bool) -> None:
    """Write the page of a stored run again; RUN is its folder or id, by default the newest run."""
    from harness.analysis.results import results_of
    from harness.config.load import load_config
    from harness.report.summary import summary
    from harness.report.write import write_results
    from harness.store.run_folder import Store, find_run

    refuse_both(as_json, as_markdown)
    store = Store.open(find_run(load_config(config_file).reports_dir, run))
    results = results_of(store)
    write_results(store.folder, results)
    if as_json:
        from harness.cli.documents import document_text
        from harness.report.document import run_document

        click.echo(document_text(run_document(results)))
    elif as_markdown:
        from harness.report.markdown import report_markdown

        click.echo(report_markdown(results))
    else:
        click.echo("\n".join(summary(results)))
        click.echo(f"Report: {store.folder / 'report.html'}")


@click.command()
@click.argument("run", required=False, metavar="[RUN]")
@config_option
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port to listen on; 0 means any free port.")
@click.option("--no-browser", is_flag=True, help="Print the address and open no browser.")
def serve(run: str | None, config_file: Path | None, port: int, no_browser: bool) -> None:
    """Show a run's report in the browser, served by this machine until Ctrl-C; by default the newest run."""
    import contextlib
    import threading
    import webbrowser

    from harness.config.load import load_config
    from harness.publish import make_site, serving
    from harness.store.run_folder import find_run

    config = load_config(config_file)
    folder = find_run(config.reports_dir, run)
    with tempfile.TemporaryDirectory(prefix="60000x-site-") as site:
        make_site(folder, Path(site))
        # Ctrl-C ends the command normally from the moment that the address is printed, also while the browser starts
        with serving(Path(site), config.build_dir, port) as (address, by), contextlib.suppress(KeyboardInterrupt):
            click.echo(f"{address} shows {folder.name}, served by {by}; Ctrl-C ends it")
            if not no_browser:
                webbrowser.open(address)
            threading.Event().wait()


@click.command()
@click.argument("run", required=False, metavar="[RUN]")
@config_option
@click.option("-t", "--tag", required=True, metavar="NAME", help="Name of the image.")
def image(run: str | None, config_file: Path | None, tag: str) -> None:
    """Build a Docker image FROM scratch with a run's report and the server; by default of the newest run."""
    from harness.config.load import load_config
    from harness.publish import PORT, make_image
    from harness.store.run_folder import find_run
    from harness.util.format import size

    config = load_config(config_file)
    server, page = make_image(find_run(config.reports_dir, run), tag, config.build_dir)
    click.echo(f"{tag}: {size(server + page)}: compressed report {page:,} bytes, server {server:,} bytes")
    click.echo(f"docker run --rm -p {PORT}:{PORT} {tag}   # then http://127.0.0.1:{PORT}/")


@click.command("export")
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@click.option("--format", "format_name", required=True, type=click.Choice(FORMATS), help="Format of the output.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE, not to standard output.")
@config_option
def export_run(runs: tuple[str, ...], format_name: str, out: Path | None, config_file: Path | None) -> None:
    """Write a stored run for another tool; RUN is its folder or id, by default the newest run.

    The format of Otava takes several runs: it is a history.
    """
    from harness.analysis.results import results_of
    from harness.config.load import load_config
    from harness.export import HISTORIES, exported, write
    from harness.store.run_folder import Store, find_run

    if len(runs) > 1 and format_name not in HISTORIES:
        raise UsageError(f"--format {format_name}: expected one run, found {len(runs)}")
    folders = [find_run(load_config(config_file).reports_dir, run) for run in runs or (None,)]
    text = exported(format_name, *(results_of(Store.open(folder)) for folder in folders))
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        write(out, text)
    except OSError as error:
        raise UsageError(f"{out}: cannot be written: {error.strerror}") from None


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
    html_file: Path | None,
    as_json: bool,
    as_markdown: bool,
) -> None:
    """Compare runs with the first one: each kernel is faster, slower, not different, or not comparable with a reason.

    With --by toolchain, compare the toolchains that one run measured with the first of each language.

    Exit status: 0, or 3 if a kernel is significantly slower by more than the PERCENT of --fail-on-regression.
    """
    from harness.analysis import compare as compared
    from harness.analysis.results import run_of
    from harness.analysis.toolchains import compare_toolchains
    from harness.config.load import load_config
    from harness.report.comparison import page
    from harness.store.run_folder import Store, find_run
    from harness.util.files import write_atomic

    refuse_both(as_json, as_markdown)
    if by == "run" and len(runs) < 2:
        raise UsageError("compare: expected two runs or more, found one; --by toolchain compares within one")
    if by == "toolchain" and len(runs) > 1:
        raise UsageError(f"--by toolchain: expected one run, found {len(runs)}")
    if percent is not None and not percent >= 0:
        raise UsageError(f"--fail-on-regression: expected a percentage of 0 or more, found {percent}")
    reports_dir = load_config(config_file).reports_dir
    first, *others = [run_of(Store.open(find_run(reports_dir, name))) for name in runs]
    comparisons = [compared.compare(first, other) for other in others] or compare_toolchains(first)
    html_file = html_file or reports_dir / "compare.html"
    try:
        write_atomic(html_file, page(comparisons))
    except OSError as error:
        raise UsageError(f"{html_file}: cannot be written: {error.strerror}") from None
    slower = []
    if percent is not None:
        slower = [change.kernel for comparison in comparisons for change in comparison.regressions(percent)]
    if as_json:
        from harness.cli.documents import CompareDocument, document_text

        click.echo(document_text(CompareDocument(html_file, tuple(comparisons), percent, tuple(slower))))
    else:
        _echo_comparisons(comparisons, html_file, percent, slower, as_markdown)
    sys.exit(3 if slower else 0)


def _echo_comparisons(
    comparisons: list[Comparison], page: Path, percent: float | None, slower: list[str], as_markdown: bool
) -> None:
    """Print comparisons as Markdown, or as lines for the terminal with the page's address."""
    from harness.report.comparison import lines
    from harness.report.markdown import comparison_markdown

    verdict = f"Slower by more than {percent:g}%: {', '.join(slower)}" if slower else ""
    if as_markdown:
        click.echo("\n\n".join(filter(None, [comparison_markdown(comparisons), verdict and f"**{verdict}**"])))
        return
    for comparison in comparisons:
        click.echo("\n".join(lines(comparison)))
    click.echo(f"Page: {page}")
    if verdict:
        click.echo(verdict)
