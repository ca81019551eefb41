"""Connect to a scheduler, or start one by SSH, and run the collection."""

from __future__ import annotations

import asyncio
import warnings
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.hosts.campaign import Campaign
from harness.hosts.handover import Handover
from harness.model.errors import HarnessError, UsageError

if TYPE_CHECKING:
    from harness.hosts.attempt import Settings

MISSING = (
    "Dask is missing: install it with 'pip install sixty-thousand[hosts]', in a checkout 'pip install distributed'"
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
class Where:
    """Where the hosts are: at a scheduler, or in a file of names for SSH."""

    scheduler: str | None
    ssh: Path | None
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
        address = where.scheduler or await stack.enter_async_context(_by_ssh(where.ssh, security))
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


def _by_ssh(path: Path | None, security: Any) -> Any:
    """Return a cluster with a worker on each host, and its scheduler on the first one."""
    from distributed import SSHCluster

    from harness.hosts.attempt import RESOURCE

    assert path is not None
    hosts = ssh_hosts(path)
    return SSHCluster(
        [hosts[0], *hosts],
        worker_options={"nthreads": 1, "n_workers": 1, "resources": {RESOURCE: 1}},
        security=security,
        asynchronous=True,
    )
