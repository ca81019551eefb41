"""Measure on many hosts, and compare them on one page: `hosts run` and `hosts page`."""

from __future__ import annotations

import shlex
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from harness.cli.options import config_option
from harness.model.errors import UsageError


@click.group()
def hosts() -> None:
    """Measure on many hosts, collect the runs, and compare what they cost."""


PATH = click.Path(path_type=Path)


@hosts.command("run")
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[-- OPTION...]")
@click.option(
    "--scheduler", metavar="ADDRESS", help="Use the hosts of this Dask scheduler, such as tcp://10.0.0.1:8786."
)
@click.option("--ssh", type=PATH, metavar="FILE", help="Start Dask by SSH on the hosts in FILE, one a line.")
@click.option("--slurm", type=click.IntRange(min=1), metavar="N", help="Let Slurm start Dask on N hosts, each its own.")
@click.option("--sbatch", multiple=True, metavar="OPTION", help="Pass OPTION on to sbatch, as --partition=long.")
@click.option("--out", type=PATH, metavar="DIR", help="Collect the runs in DIR, or go on with those that are there.")
@click.option("--kernels", multiple=True, type=PATH, metavar="DIR", help="Bring the languages of DIR; repeatable.")
@click.option("--tls-ca", type=PATH, metavar="FILE", help="Certificate of the authority, for TLS.")
@click.option("--tls-cert", type=PATH, metavar="FILE", help="Certificate of this side.")
@click.option("--tls-key", type=PATH, metavar="FILE", help="Key of this side.")
@click.option("--silence", type=float, default=300, metavar="S", help="Give up a host after S seconds without a word.")
@click.option("--return", "return_s", type=float, default=120, metavar="S", help="Wait S seconds for a host that died.")
@click.option("--work", default="", metavar="DIR", help="Work in DIR on every host, instead of its cache folder.")
@config_option
def run_on_hosts(options: tuple[str, ...], config_file: Path | None, out: Path | None, **given: Any) -> None:
    """Run run-all once on each host, collect the runs, and check each as verify does.

    Options after '--' are those of run-all. A host that fails is a row with its reason; the same command again, with
    the same --out, goes on where it was.

    Exit status: 0 every host gave a run that holds, 1 a host did not, 2 bad usage, 130 interrupted.
    """
    from harness.config.load import load_config
    from harness.hosts.campaign import open_campaign
    from harness.hosts.command import MISSING, Slurm, Tls, Where, run_campaign
    from harness.hosts.handover import make_handover, options_of
    from harness.util.command_line import own_command

    if sum(given[name] is not None for name in ("scheduler", "ssh", "slurm")) != 1:
        raise UsageError("hosts run: expected one of --scheduler, --ssh and --slurm")
    if given["sbatch"] and given["slurm"] is None:
        raise UsageError("--sbatch: expected together with --slurm")
    if find_spec("distributed") is None or (given["slurm"] and find_spec("dask_jobqueue") is None):
        raise UsageError(MISSING)
    if given["ssh"] and find_spec("asyncssh") is None:
        raise UsageError("--ssh: the package asyncssh is missing: install it with 'pip install asyncssh'")
    from harness.hosts.attempt import Settings

    for name in ("silence", "return_s"):
        if not given[name] > 0:
            raise UsageError(f"--{name.removesuffix('_s')}: expected seconds above 0, found {given[name]:g}")
    config = load_config(config_file)
    words = options_of(options, config_file, given["kernels"])
    campaign = open_campaign(out or config.reports_dir / "hosts", words)
    handover = make_handover(campaign.folder / "program", words, config_file, config.kernels_dir, given["kernels"])
    beat_s = min(Settings.beat_s, given["silence"] / 4)
    settings = Settings(given["silence"], given["return_s"], beat_s=beat_s, work=given["work"])
    slurm = Slurm(given["slurm"], given["sbatch"]) if given["slurm"] else None
    tls = Tls(given["tls_ca"], given["tls_cert"], given["tls_key"])
    where = Where(given["scheduler"], given["ssh"], slurm, tls)
    try:
        run_campaign(campaign, handover, where, settings)
    finally:
        again = f"{own_command()} {shlex.join(sys.argv[1:])}"
        if campaign.hosts and campaign.unfinished:
            click.echo(f"To go on with {', '.join(campaign.unfinished)}: {again}", err=True)
    click.echo(f"Runs: {campaign.folder}")
    sys.exit(1 if campaign.unfinished else 0)


@hosts.command("page")
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@click.option(
    "--hosts", "hosts_file", type=PATH, metavar="FILE", help="Read names and prices of hosts from FILE, hosts.yaml."
)
@click.option(
    "--deadline", type=float, metavar="S", help="Name the cheapest host whose product takes at most S seconds."
)
@click.option(
    "--html", "html_file", type=PATH, metavar="FILE", help="Write the page to FILE; the default is hosts.html."
)
@config_option
def page_of_hosts(
    runs: tuple[str, ...],
    hosts_file: Path | None,
    deadline: float | None,
    html_file: Path | None,
    config_file: Path | None,
) -> None:
    """Write one page of many runs: each kernel on each host, with its time and its price.

    RUN is the folder or the id of a run, or the folder of a collection of 'hosts run'.
    """
    from harness.config.load import load_config
    from harness.hosts.hosts_file import load_hosts
    from harness.hosts.page import headline, page, sentences
    from harness.hosts.prices import offers_of
    from harness.hosts.read import read_hosts, run_folders
    from harness.util.files import write_atomic
    from harness.util.paths import shown

    if deadline is not None and not deadline > 0:
        raise UsageError(f"--deadline: expected seconds above 0, found {deadline:g}")
    reports_dir = load_config(config_file).reports_dir
    file = load_hosts(hosts_file)
    read = read_hosts(run_folders(reports_dir, runs), file, hosts_file)
    place = html_file or reports_dir / "hosts.html"
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(place, page(read, file.currency, deadline))
    except OSError as error:
        raise UsageError(f"{place}: cannot be written: {error.strerror}") from None
    offers = [offer for host in read for offer in offers_of(host)]
    click.echo("\n".join([headline(offers, read[0].n, file.currency), *sentences(offers, file.currency, deadline)]))
    click.echo(f"Page: {shown(place)}")
