"""The command line: wiring only. `--help` and `list` load neither pandas nor a chart library."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any, NoReturn

import click

from harness import __version__
from harness.export import FORMATS
from harness.model import HarnessError, UsageError

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class _Group(click.Group):
    """Turns what the user can put right into sentences and exit statuses; no traceback reaches a user."""

    def invoke(self, ctx: click.Context) -> Any:
        signal.signal(signal.SIGTERM, _interrupt)
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.exceptions.Abort):
            raise  # click's own sentences, with status 2
        except UsageError as error:
            _stop(str(error), 2)
        except HarnessError as error:
            _stop(str(error), 1)
        except ModuleNotFoundError as error:
            _stop(f"{error.name} is missing: run 'make setup', then '.venv/bin/python -m harness'", 2)
        except KeyboardInterrupt:
            _stop("interrupted", 130)
        except BrokenPipeError:  # whoever read the output has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        except OSError as error:
            _stop(f"{error.filename or 'the system'}: {error.strerror or error}", 1)
        except Exception as error:  # a defect of ours: the user gets a sentence, and we get the traceback
            log = Path(tempfile.gettempdir()) / f"60000x-error-{os.getpid()}.log"
            log.write_text(traceback.format_exc())
            _stop(f"internal error: {type(error).__name__}: {error}; please report it with {log}", 1)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _stop(message: str, status: int) -> NoReturn:
    for line in message.splitlines():
        click.echo(f"harness: {line}", err=True)
    sys.exit(status)


@click.group(cls=_Group, context_settings=CONTEXT)
@click.version_option(__version__, prog_name="harness")
def main() -> None:
    """Multiply two matrices in many languages, check every bit, and measure the climb."""


def _config_option(command: Any) -> Any:
    return click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Defaults, instead of config.yaml.",
    )(command)


def _selection(command: Any) -> Any:
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
    return _config_option(backend(only(kernels(command))))


@main.command("run-all")
@_selection
@click.option("--n", type=int, metavar="N", help="Matrices of N x N.")
@click.option("--threads", type=int, metavar="N", help="What threaded kernels may use.")
@click.option("--budget", "budget_s", type=float, metavar="SECONDS", help="Time for each kernel.")
@click.option("--sizes", metavar="N,N,...", help="Other n, at which every kernel is measured too.")
@click.option("--quick", is_flag=True, help="n = 1024 and a small budget: a few seconds a kernel.")
@click.option("--full", is_flag=True, help="No estimates: measure slow kernels whole, for hours.")
@click.option(
    "--pages",
    type=click.Choice(["as-is", "4k", "huge"]),
    help="Memory pages: what each runtime asks for, or the same for all.",
)
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Where the run's folder is made.")
@click.option(
    "--resume",
    "resume_dir",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Go on with a run that was stopped.",
)
def run_all(resume_dir: Path | None, config_file: Path | None, **given: Any) -> None:
    """Build, check, measure and report every kernel.

    Exit status: 0 all verified, 1 a kernel failed or was wrong, 2 bad usage or config, 130 interrupted.
    """
    from harness import run
    from harness.config import Options, load_config
    from harness.console import Console

    argv = ["python", "-m", "harness", *sys.argv[1:]]
    console, store = Console(), None
    if resume_dir is not None:
        given["config"] = config_file
        if extra := [f"--{name}" for name, value in given.items() if value not in (None, False, ())]:
            raise UsageError(f"--resume: takes everything from the run, so leave out {', '.join(extra)}")
        config, store = run.resume(resume_dir)
    else:
        config = load_config(config_file, Options(**given))
    try:
        results = run.run_all(config, argv, console, store)
    except KeyboardInterrupt:
        newest = store.folder if store else config.reports_dir / "latest"
        folder = newest.resolve()
        if (folder / "run.json").exists():
            console.line(f"To go on: python -m harness run-all --resume {folder}")
        raise
    click.echo(results.headline)
    for row in results.failed:
        click.echo(f"FAILED {row.kernel}: {row.reason}")
    click.echo(f"Report: {results.folder / 'report.html'}")
    sys.exit(1 if results.failed else 0)


@main.command("list")
@_selection
def list_kernels(config_file: Path | None, **given: Any) -> None:
    """The kernels, what each needs, and whether this machine has it."""
    from harness.config import Options, load_config
    from harness.host import lacking
    from harness.kernels import kernels_of
    from harness.model import Provided
    from harness.stages import choose_executor

    config = load_config(config_file, Options(**given))
    kernels = kernels_of(config)
    executor, why = choose_executor(config)
    click.echo(f"{len(kernels)} kernels, {executor.name} ({why})")
    width = max(len(kernel.id) for kernel in kernels)
    for kernel in kernels:
        if reason := lacking(kernel.requires):
            state = f"skipped: {reason}"
        elif executor.name == "docker":
            needs = kernel.toolchain.apt + kernel.toolchain.backports + kernel.toolchain.pip
            state = f"in an image with {', '.join(needs) or 'nothing more'}"
        else:
            found = executor.provide(kernel.toolchain)
            state = f"ready: {found.version}" if isinstance(found, Provided) else f"missing: {found}"
        click.echo(f"{kernel.id:<{width}}  {kernel.class_of(config.threads):<24}  {state}")


@main.command()
@_selection
@click.option("--install", is_flag=True, help="Provide what is missing (PyPI, and apt for root).")
def doctor(config_file: Path | None, install: bool, **given: Any) -> None:
    """What this machine has: engine, toolchains, CPU features, and what will disturb a measurement."""
    from harness.config import Options, load_config
    from harness.doctor import examine

    config = load_config(config_file, Options(**given))
    sys.exit(0 if examine(config, install, click.echo) else 1)


@main.command()
@_selection
def build(config_file: Path | None, **given: Any) -> None:
    """Build the kernels and measure nothing."""
    _prepare(config_file, checking=False, **given)


@main.command()
@click.argument("languages", nargs=-1, metavar="[LANGUAGE]...")
@_selection
def check(languages: tuple[str, ...], config_file: Path | None, only: tuple[str, ...], **given: Any) -> None:
    """Build the kernels and check them at every size; LANGUAGE is a folder of kernels/."""
    only = (*only, *(f"{language}/*" for language in languages))
    _prepare(config_file, checking=True, only=only, **given)


@main.command()
@click.argument("name")
@click.option("--like", default="python", show_default=True, metavar="LANGUAGE", help="The language to start from.")
@click.option(
    "--kernels",
    "kernels_dir",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where the folder is made, and LANGUAGE looked for first: kernels/ if left out.",
)
@_config_option
def new(name: str, like: str, kernels_dir: Path | None, config_file: Path | None) -> None:
    """Make a folder for a language NAME that works as it stands, to start from."""
    from harness.config import load_config
    from harness.scaffold import scaffold

    own = load_config(config_file).kernels_dir
    into = kernels_dir or own
    home = into / like if (into / like).is_dir() else own / like
    folder = scaffold(name, home, into)
    more = f" --kernels {into}" if kernels_dir else ""
    click.echo(f"Made {folder}: {', '.join(sorted(path.name for path in folder.iterdir()))}")
    click.echo(f"Next: python -m harness check {name}{more}")


@main.command()
def schema() -> None:
    """Print the JSON schema of kernel.yaml, for editors that complete and check it."""
    import json

    from harness.kernels import schema as made

    click.echo(json.dumps(made(), indent=2))


def _prepare(config_file: Path | None, checking: bool, **given: Any) -> NoReturn:
    from harness import host
    from harness.advice import advice
    from harness.config import Options, load_config
    from harness.console import Console
    from harness.kernels import kernels_of
    from harness.lock import host_lock
    from harness.scratch import scratch
    from harness.stages import Prepared, build_all, check_all, choose_executor, provide

    console = Console()
    config = load_config(config_file, Options(**given))
    kernels = kernels_of(config)
    executor, why = choose_executor(config)
    prepared = Prepared()
    with host_lock():
        console.line(f"{len(kernels)} kernels, {executor.name} ({why})")
        provide(kernels, executor, prepared, console)
        build_all(kernels, executor, config, prepared, console)
        if checking:
            with scratch(2**28, config.build_dir / "scratch") as folder:
                cpus = host.usable_cpus(config.threads)
                check_all(kernels, executor, config, prepared, folder, cpus, console)
    for kernel in kernels:
        if failed := prepared.failures.get(kernel.id):
            click.echo(f"{kernel.id}  FAILED at {failed.stage}: {failed.reason}")
            for line in advice(kernel, failed):
                click.echo(f"    {line}")
        elif kernel.id in prepared.skips:
            click.echo(f"{kernel.id}  skipped: {prepared.skips[kernel.id]}")
        elif passed := prepared.passed.get(kernel.id):
            error = f"error {passed.error_share:.3f} of the bound of a sequential sum"
            click.echo(f"{kernel.id}  passed {passed.launches} launches; {error}")
        else:
            click.echo(f"{kernel.id}  built: {prepared.built[kernel.id].artefact_bytes} bytes")
    sys.exit(1 if prepared.failures else 0)


@main.command()
@click.argument("run", required=False, metavar="[RUN]")
@_config_option
def report(run: str | None, config_file: Path | None) -> None:
    """Make the page of a stored run again; RUN is its folder or its id, the newest if left out."""
    from harness.config import load_config
    from harness.results import results_of, write_results
    from harness.store import Store, find_run

    store = Store.open(find_run(load_config(config_file).reports_dir, run))
    results = results_of(store)
    write_results(store.folder, results)
    click.echo(results.headline)
    click.echo(f"Report: {store.folder / 'report.html'}")


@main.command()
@click.argument("run", required=False, metavar="[RUN]")
@_config_option
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Where: any that is free, if left out.")
@click.option("--no-browser", is_flag=True, help="Only say the address.")
def serve(run: str | None, config_file: Path | None, port: int, no_browser: bool) -> None:
    """Show a run's report in the browser, at an address of this machine, until Ctrl-C; the newest if left out."""
    import contextlib
    import threading
    import webbrowser

    from harness.config import load_config
    from harness.store import find_run
    from harness.webserver import make_site, serving

    config = load_config(config_file)
    folder = find_run(config.reports_dir, run)
    with tempfile.TemporaryDirectory(prefix="60000x-site-") as site:
        make_site(folder, Path(site))
        # Ctrl-C is an end like any other from the moment that the address is said: not only once we wait for it
        with serving(Path(site), config.build_dir, port) as (address, by), contextlib.suppress(KeyboardInterrupt):
            click.echo(f"{address} shows {folder.name}, by {by}; Ctrl-C ends it")
            if not no_browser:
                webbrowser.open(address)
            threading.Event().wait()


@main.command()
@click.argument("run", required=False, metavar="[RUN]")
@_config_option
@click.option("-t", "--tag", required=True, metavar="NAME", help="The image's name.")
def image(run: str | None, config_file: Path | None, tag: str) -> None:
    """Make a Docker image FROM scratch of a run's report and the server; the newest run if left out."""
    from harness.config import load_config
    from harness.report.text import size
    from harness.store import find_run
    from harness.webserver import PORT, make_image

    config = load_config(config_file)
    server, page = make_image(find_run(config.reports_dir, run), tag, config.build_dir)
    click.echo(f"{tag}: {size(server + page)}: the report, compressed, {page:,} bytes, and its server, {server:,}")
    click.echo(f"docker run --rm -p {PORT}:{PORT} {tag}   # then http://127.0.0.1:{PORT}/")


@main.command("export")
@click.argument("run", required=False, metavar="[RUN]")
@click.option("--format", "format_name", required=True, type=click.Choice(FORMATS), help="Whose format.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Instead of the standard output.")
@_config_option
def export_run(run: str | None, format_name: str, out: Path | None, config_file: Path | None) -> None:
    """A stored run as another tool's JSON; RUN is its folder or its id, the newest if left out."""
    from harness.config import load_config
    from harness.export import exported, write
    from harness.results import results_of
    from harness.store import Store, find_run

    store = Store.open(find_run(load_config(config_file).reports_dir, run))
    results = results_of(store)
    text = exported(format_name, results)
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        write(out, text)
    except OSError as error:
        raise UsageError(f"{out}: cannot be written: {error.strerror}") from None


@main.command()
@click.argument("experiments", nargs=-1, metavar="[EXPERIMENT]...")
@_config_option
@click.option("--backend", type=click.Choice(["auto", "docker", "native"]), help="As for run-all.")
@click.option("--trials", type=click.IntRange(1, 1000), default=5, show_default=True, help="Of each experiment.")
def selftest(experiments: tuple[str, ...], config_file: Path | None, backend: str | None, trials: int) -> None:
    """Measure the measuring on this machine: alarms, detection, hyperfine, noise, estimates; all if none is named."""
    from harness.config import Options, load_config
    from harness.console import Console
    from harness.selftest.command import EXPERIMENTS
    from harness.selftest.command import selftest as run

    for name in experiments:
        if name not in EXPERIMENTS:
            raise UsageError(f"selftest: no experiment '{name}'; there are {', '.join(EXPERIMENTS)}")
    config = load_config(config_file, Options(backend=backend))
    run(config, experiments or tuple(EXPERIMENTS), trials, Console(), click.echo)


@main.command()
@click.argument("runs", nargs=-1, required=True, metavar="RUN RUN...")
@_config_option
@click.option("--fail-on-regression", "percent", type=float, metavar="PERCENT", help="Exit status 3 if any is slower.")
@click.option(
    "--html",
    "html_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where the page goes: compare.html beside the runs.",
)
def compare(runs: tuple[str, ...], config_file: Path | None, percent: float | None, html_file: Path | None) -> None:
    """Put runs beside the first one: faster, slower, no difference seen, or not comparable and why.

    Exit status: 0, or 3 if --fail-on-regression PERCENT is given and a kernel is surely slower by more than that.
    """
    from harness import compare as compared
    from harness.config import load_config
    from harness.files import write_atomic
    from harness.report import compare as shown
    from harness.results import run_of
    from harness.store import Store, find_run

    if len(runs) < 2:
        raise UsageError("compare: expected two runs or more, found one")
    if percent is not None and not percent >= 0:
        raise UsageError(f"--fail-on-regression: expected a percentage of 0 or more, found {percent}")
    reports_dir = load_config(config_file).reports_dir
    first, *others = [run_of(Store.open(find_run(reports_dir, name))) for name in runs]
    comparisons = [compared.compare(first, other) for other in others]
    for comparison in comparisons:
        click.echo("\n".join(shown.lines(comparison)))
    html_file = html_file or reports_dir / "compare.html"
    write_atomic(html_file, shown.page(comparisons))
    click.echo(f"Page: {html_file}")
    slower = [change for comparison in comparisons for change in comparison.regressions(percent or 0.0)]
    if percent is not None and slower:
        click.echo(f"Slower by more than {percent:g}%: {', '.join(change.kernel for change in slower)}")
        sys.exit(3)


@main.command()
@_config_option
@click.option("--images", is_flag=True, help="Remove the Docker images too.")
@click.option("--reports", is_flag=True, help="Remove the stored runs too.")
def clean(config_file: Path | None, images: bool, reports: bool) -> None:
    """Remove what was built, and the inputs."""
    from harness.config import load_config
    from harness.execute.docker import remove_images
    from harness.files import remove_tree
    from harness.lock import host_lock

    config = load_config(config_file)
    with host_lock():
        remove_tree(config.build_dir)
        click.echo(f"removed {config.build_dir}")
        if images:
            for tag in remove_images():
                click.echo(f"removed the image {tag}")
        if reports:
            for run in config.reports_dir.glob("*/run.json"):
                remove_tree(run.parent)
                click.echo(f"removed {run.parent}")
            (config.reports_dir / "latest").unlink(missing_ok=True)
