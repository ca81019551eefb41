"""Show and export stored runs: `report`, `serve`, `image` and `export`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from harness.cli.options import config_option, json_option, markdown_option, refuse_both
from harness.export import FORMATS
from harness.model.errors import UsageError


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
