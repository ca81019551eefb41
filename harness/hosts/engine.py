"""Run the job on every host of a Dask scheduler, one coroutine per host, and collect the runs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from harness.hosts import task
from harness.hosts.attempt import POLL_S, RESOURCE, Attempts, LostError, Settings, SilentError, Worker, host_name
from harness.hosts.campaign import Campaign, State
from harness.hosts.handover import Handover
from harness.model.errors import HarnessError

if TYPE_CHECKING:
    from distributed import Client

SCHEDULER_S = 60
"""Seconds in which the scheduler must answer."""

MAX_ATTEMPTS = 5
"""Number of times that a host may come back in one call, so that one that always dies does not go on for ever."""


class Engine:
    """The hosts of one collection while they run."""

    def __init__(
        self,
        client: Client,
        campaign: Campaign,
        handover: Handover,
        settings: Settings,
        show: Callable[[Any], None],
    ) -> None:
        self._client = client
        self._campaign = campaign
        self._settings = settings
        self._show = show
        self._attempts = Attempts(client, campaign, handover, settings)

    async def run(self) -> None:
        """Run the job on every host, until all have ended. Raises HarnessError without any host, or scheduler."""
        self._client.subscribe_topic(task.TOPIC, self._hear)
        jobs: dict[str, asyncio.Task[None]] = {}
        begun_s = time.monotonic()
        try:
            while not jobs or not all(job.done() for job in jobs.values()):
                await self._look()
                for host in self._attempts.workers:
                    checked = host in self._campaign.hosts and self._campaign.hosts[host].state == State.CHECKED
                    if host not in jobs and not checked:
                        self._campaign.update(host, state=State.WAITING, detail="")
                        jobs[host] = asyncio.create_task(self._serve(host))
                if not jobs and (self._attempts.workers or time.monotonic() - begun_s > self._settings.first_s):
                    break
                self._show(self._campaign.hosts)
                await asyncio.sleep(POLL_S)
            await asyncio.gather(*jobs.values())
        finally:
            for job in jobs.values():
                job.cancel()
            self._campaign.save()
            self._show(self._campaign.hosts)
        if not self._campaign.hosts:
            start = f"dask worker ADDRESS --resources {RESOURCE}=1"
            raise HarnessError(f"the scheduler has no worker: start one on each host with '{start}'")

    @property
    def _scheduler(self) -> Any:
        return self._client.scheduler

    async def _look(self) -> None:
        """Read the scheduler's list of workers; of two on one host, the first one counts."""
        try:
            identity = await asyncio.wait_for(self._scheduler.identity(n_workers=-1), SCHEDULER_S)
        except (OSError, TimeoutError) as error:
            raise HarnessError(f"the scheduler does not answer any more: {error}") from None
        workers: dict[str, Worker] = {}
        for address, about in identity["workers"].items():
            host = host_name(str(about["name"]), address, str(about["host"]))
            workers.setdefault(host, Worker(address, host, float(about["resources"].get(RESOURCE, 0))))
        self._attempts.workers = workers

    async def _hear(self, event: tuple[float, Any]) -> None:
        """Take note of a word from a host."""
        message = event[1]
        if not isinstance(message, dict) or message.get("job") != self._campaign.job:
            return
        host = str(message.get("host"))
        self._attempts.heard_s[host] = time.monotonic()
        if host in self._campaign.hosts and self._campaign.hosts[host].state == State.RUNNING:
            self._campaign.update(host, detail=str(message.get("line"))[:200])

    async def _serve(self, host: str) -> None:
        """Run the job on a host, again when it comes back, and record how it ended."""
        for _ in range(MAX_ATTEMPTS):
            worker = self._attempts.workers[host]
            try:
                state, detail, run = await self._attempts.run(worker)
            except SilentError:
                state, detail, run = State.SILENT, f"no word for {self._settings.silence_s:g} s", ""
            except (LostError, OSError, TimeoutError):
                self._campaign.update(
                    host, state=State.LOST, detail="its worker has ended; waiting for it to come back"
                )
                if await self._returned(worker):
                    self._campaign.update(host, resumed=self._campaign.hosts[host].resumed + 1)
                    continue
                state, run = State.LOST, ""
                detail = f"its worker has ended, and did not come back in {self._settings.return_s:g} s"
            self._campaign.update(host, state=state, detail=detail, run=run)
            return
        self._campaign.update(host, state=State.LOST, detail=f"its worker has ended {MAX_ATTEMPTS} times")

    async def _returned(self, before: Worker) -> bool:
        """Wait for another worker of a host; return whether there is one."""
        end_s = time.monotonic() + self._settings.return_s
        while time.monotonic() < end_s:
            if before.host in self._attempts.workers and self._attempts.workers[before.host] != before:
                return True
            await asyncio.sleep(POLL_S)
        return False
