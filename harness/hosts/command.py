"""Connect to a scheduler, or start one with workers by SSH or Slurm, and run the collection."""

from __future__ import annotations

import asyncio
import logging
import re
import shlex
import subprocess
import sys
import warnings
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.hosts.campaign import Campaign
from harness.hosts.handover import Handover
from harness.model.errors import HarnessError, UsageError

if TYPE_CHECKING:
    from harness.hosts.attempt import Settings

MISSING = (
    "Dask is missing: install it with 'pip install sixty-thousand[hosts]', in a checkout "
    "'pip install distributed dask-jobqueue'"
)


CONNECT_S = 20
"""Seconds in which a scheduler must accept the connection."""


@dataclass(frozen=True)
class Tls:
    """The files of TLS: the authority's certificate, and this side's certificate and key; None for those of Dask."""

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None


@dataclass(frozen=True)
class Slurm:
    """The number of hosts that Slurm is asked for, each by a job of its own, and options of sbatch."""

    hosts: int
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Where:
    """Where the hosts are: at a scheduler, in a file of names for SSH, or at Slurm's choice."""

    scheduler: str | None = None
    ssh: Path | None = None
    slurm: Slurm | None = None
    tls: Tls = Tls()


def run_campaign(campaign: Campaign, handover: Handover, where: Where, settings: Settings) -> None:
    """Run the job on all hosts and collect the runs. Raises HarnessError, UsageError, OSError."""
    # Dask leaves coroutines behind where an address is wrong, and Python warns of them after the sentence on it
    warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
    asyncio.run(_run(campaign, handover, where, settings))


async def _run(campaign: Campaign, handover: Handover, where: Where, settings: Settings) -> None:
    from distributed import Client

    from harness.hosts.engine import Engine
    from harness.hosts.table import Screen

    security = security_of(where.tls)
    async with AsyncExitStack() as stack:
        try:
            address = where.scheduler or await stack.enter_async_context(_cluster(where, security, campaign.folder))
        except RuntimeError as error:  # as Dask says that a host did not let it in
            reason = str(error).splitlines()[0].removeprefix("Cluster failed to start: ")
            raise HarnessError(f"the hosts cannot be started: {reason}") from None
        try:
            client = await stack.enter_async_context(
                Client(address, asynchronous=True, security=security, timeout=f"{CONNECT_S} s")
            )
        except (OSError, ValueError, TypeError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise HarnessError(f"{address}: no connection to the scheduler: {reason}") from None
        await Engine(client, campaign, handover, settings, Screen().draw).run()


def security_of(tls: Tls) -> Any:
    """Return Dask's security: by the files that are named, or as Dask's own configuration says. Raises UsageError."""
    from distributed.security import Security

    files = {"--tls-ca": tls.ca, "--tls-cert": tls.cert, "--tls-key": tls.key}
    if not any(files.values()):
        return Security()
    for name, path in files.items():
        if path is None:
            raise UsageError(f"{name}: expected a file, since TLS needs --tls-ca, --tls-cert and --tls-key")
        if not path.is_file():
            raise UsageError(f"{name}: {path}: no such file")
    ca, cert, key = (str(path) for path in files.values())
    return Security(
        require_encryption=True,
        tls_ca_file=ca,
        tls_client_cert=cert,
        tls_client_key=key,
        tls_scheduler_cert=cert,
        tls_scheduler_key=key,
        tls_worker_cert=cert,
        tls_worker_key=key,
    )


def ssh_hosts(path: Path) -> list[str]:
    """Return the hosts of a file with a name a line. Raises UsageError."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise UsageError(f"--ssh: {path}: cannot be read: {getattr(error, 'strerror', error)}") from None
    hosts = [line.split("#")[0].strip() for line in lines]
    hosts = [host for host in hosts if host]
    if not hosts:
        raise UsageError(f"--ssh: {path}: expected a host in each line, found none")
    return hosts


def login_of(host: str) -> dict[str, str | int]:
    """Return host, username and port of '[USER@]HOST[:PORT]', those that are named, as asyncssh calls them."""
    user, _, place = host.rpartition("@")
    name, _, port = place.rpartition(":") if re.fullmatch(r"[^:]+:\d+", place) else (place, "", "")
    return {"host": name} | ({"username": user} if user else {}) | ({"port": int(port)} if port else {})


def _cluster(where: Where, security: Any, folder: Path) -> Any:
    return _by_slurm(where.slurm, security, folder / "slurm") if where.slurm else _by_ssh(where.ssh, security)


@asynccontextmanager
async def _by_slurm(slurm: Slurm, security: Any, logs: Path) -> AsyncIterator[Any]:
    """Yield a scheduler here with a worker in each of Slurm's jobs, which end with it and print to files in `logs`.

    Raises HarnessError if Slurm takes no jobs.
    """
    from dask_jobqueue.slurm import SLURMCluster

    from harness.hosts.attempt import RESOURCE

    directives = ["--nodes=1", "--exclusive", "--no-requeue", *slurm.options]
    _ask_slurm(directives)
    cluster: Any = SLURMCluster(
        cores=1,
        processes=1,
        memory="1 GB",  # asked for by Dask, and not passed on: a job has all of its host
        job_directives_skip=["--mem", "--cpus-per-task", "-t "],
        job_extra_directives=directives,
        # of two names, the last one counts: a host is known by its own, and not by the number of its job
        worker_extra_args=["--name", "$SLURMD_NODENAME", "--resources", f"{RESOURCE}=1", "--memory-limit", "0"],
        nanny=False,
        security=security if security.require_encryption else None,
        scheduler_options={"dashboard": False},
        python=f"exec {shlex.quote(sys.executable)}",  # a child of the job's shell can outlive the job
        log_directory=str(logs),
        job_script_prologue=["export DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED=False"],  # it uses processor time
        asynchronous=True,
    )
    async with cluster:
        cluster.scale(jobs=slurm.hosts)
        yield cluster.scheduler_address


def _ask_slurm(directives: list[str]) -> None:
    """Raise HarnessError if Slurm would refuse a job with these directives, which Dask would only log."""
    try:
        command = ["sbatch", "--test-only", *directives, "--wrap=true"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise HarnessError(f"--slurm: sbatch cannot be run: {error.strerror}; run this where Slurm is") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise HarnessError(f"--slurm: no job can be submitted: {lines[-1] if lines else 'sbatch failed'}")


def _by_ssh(path: Path | None, security: Any) -> Any:
    """Return a cluster with a worker on each host, and its scheduler on the first one."""
    import dask
    from distributed import SSHCluster

    from harness.hosts.attempt import RESOURCE

    assert path is not None
    hosts = ssh_hosts(path)
    dask.config.set({"distributed.worker.profile.enabled": False})  # Dask sends its configuration to all hosts
    logging.getLogger("distributed.deploy.ssh").setLevel(logging.WARNING)  # it would repeat what all hosts log
    options = [login_of(host) for host in (hosts[0], *hosts)]
    return SSHCluster(
        [str(each.pop("host")) for each in options],
        connect_options=options,
        worker_options={"nthreads": 1, "n_workers": 1, "resources": {RESOURCE: 1}},
        security=security,
        asynchronous=True,
    )
