"""Run the job on one worker: bring what it lacks, wait for the run, and collect it."""

from __future__ import annotations

import asyncio
import contextlib
import operator
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cloudpickle

from harness.hosts import task
from harness.hosts.campaign import Campaign, State
from harness.hosts.collect import collect
from harness.hosts.handover import Handover

if TYPE_CHECKING:
    from distributed import Client

POLL_S = 0.5
"""Seconds between two looks at the scheduler's list of workers."""

MAX_SENDERS = 8
"""Hosts that get the program at the same time: the scheduler holds a copy for each."""

RESOURCE = "host"
"""Dask's resource of which each worker has one: it runs one job at a time."""


@dataclass(frozen=True)
class Settings:
    """How long hosts are waited for, in seconds, and the folder in which a host works; empty for its cache folder.

    `silence_s` is the time without a word after which a host is given up, `return_s` the time for which a host that
    died may come back, `first_s` the time for the first worker to appear, `beat_s` that between two words of a host.
    """

    silence_s: float = 300.0
    return_s: float = 120.0
    first_s: float = 60.0
    beat_s: float = 5.0
    work: str = ""


@dataclass(frozen=True)
class Worker:
    """A worker of the scheduler: its address, the host that it stands for, and its offer of the resource."""

    address: str
    host: str
    offers: float


def host_name(name: str, address: str, ip: str) -> str:
    """Return the name of a host: the one that its worker was given with --name, or its address in the network.

    A number is no name of a host: SSHCluster counts its workers.
    """
    name = ip if name == address or "://" in name or name.isdigit() else name
    return re.sub(r"[^\w.-]", "-", name).lstrip(".-") or "host"


class LostError(Exception):
    """The host's worker has left the scheduler."""


class SilentError(Exception):
    """The host has not said a word for too long."""


class Attempts:
    """What all attempts of a collection share. `workers` is the scheduler's list, which the engine keeps up to date."""

    def __init__(self, client: Client, campaign: Campaign, handover: Handover, settings: Settings) -> None:
        self.workers: dict[str, Worker] = {}
        self.heard_s: dict[str, float] = {}
        self._client = client
        self._campaign = campaign
        self._handover = handover
        self._settings = settings
        self._senders = asyncio.Semaphore(MAX_SENDERS)
        self._collectors = asyncio.Semaphore(1)
        cloudpickle.register_pickle_by_value(task)

    @property
    def _scheduler(self) -> Any:
        return self._client.scheduler

    async def run(self, worker: Worker) -> tuple[State, str, str]:
        """Bring the program, run the job, and collect the run; return the end of it. Raises LostError, SilentError."""
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError
        from distributed.comm.core import CommClosedError

        if reason := await self._unfit(worker):
            return State.REFUSED, reason, ""
        update, spec = self._campaign.update, self._spec(worker)
        update(worker.host, state=State.SENDING, detail="")
        try:
            async with self._senders:
                for part in await self._on(worker, task.missing_parts, spec):
                    await self._on(worker, task.keep_part, spec, self._handover.parts[part].read_bytes())
            update(worker.host, state=State.RUNNING)
            result = await self._on(worker, task.measure, spec)
        except (LostError, SilentError):
            raise
        except (CommClosedError, FutureCancelledError, KilledWorker) as error:  # Dask noticed before the list did
            raise LostError from error
        except Exception as error:  # whatever the task raised on the host
            return State.FAILED, _sentence(error), ""
        if "archive" not in result:
            return State.FAILED, str(result.get("reason"))[:500], ""
        update(worker.host, state=State.COLLECTING, detail="")
        async with self._collectors:
            reason = await asyncio.to_thread(collect, self._campaign.folder, worker.host, result)
        run = str(result["run"])
        return (State.ALTERED, reason, "") if reason else (State.CHECKED, f"run {run}", run)

    async def _unfit(self, worker: Worker) -> str:
        """Return why a worker cannot run the job; empty if it can."""
        if worker.offers < 1:
            return f"its worker has no resource: start it with --resources {RESOURCE}=1"
        ask = self._scheduler.broadcast(msg={"op": "versions", "packages": []}, workers=[worker.address])
        try:
            answer = await asyncio.wait_for(ask, self._settings.silence_s)
        except TimeoutError:
            raise SilentError from None
        found = ".".join(str(answer[worker.address]["host"]["python"]).split(".")[:2])
        own = f"{sys.version_info.major}.{sys.version_info.minor}"
        return "" if found == own else f"its worker runs Python {found}, and Dask needs the {own} that runs here"

    def _spec(self, worker: Worker) -> dict[str, Any]:
        return {
            "job": self._campaign.job,
            "host": worker.host,
            "parts": list(self._handover.parts),
            "wheel": self._handover.wheel.name,
            "options": list(self._handover.options),
            "work": self._settings.work,
            "beat_s": self._settings.beat_s,
        }

    async def _on(self, worker: Worker, function: Callable[..., Any], *given: Any) -> Any:
        """Return the result of a function on a host. Raises LostError, SilentError, and what the function raises."""
        self.heard_s[worker.host] = time.monotonic()
        carried = cloudpickle.dumps(function)
        options = {"pure": False, "workers": [worker.address], "allow_other_workers": False, "retries": 0}
        loaded = self._client.submit(cloudpickle.loads, carried, **options)
        future = self._client.submit(operator.call, loaded, *given, resources={RESOURCE: 1}, **options)
        waiting = asyncio.ensure_future(future.result())
        try:
            while not (await asyncio.wait({waiting}, timeout=POLL_S))[0]:
                if self.workers.get(worker.host) != worker:
                    raise LostError
                if time.monotonic() - self.heard_s[worker.host] > self._settings.silence_s:
                    raise SilentError
            return waiting.result()
        finally:
            waiting.cancel()
            with contextlib.suppress(Exception):
                await future.cancel()


def _sentence(error: Exception) -> str:
    """Return an exception of a host in one line."""
    text = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
