"""Keep hosts.json: which hosts of a collection have given their runs, and why the others have not."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from harness.model.errors import UsageError
from harness.util.files import write_json

FILE = "hosts.json"

FORMAT = 1


class State(StrEnum):
    """What a host is doing, or how it ended. Only CHECKED is a run that was collected and holds."""

    WAITING = "waiting"
    SENDING = "sending"
    RUNNING = "running"
    COLLECTING = "collecting"
    CHECKED = "checked"
    FAILED = "failed"
    REFUSED = "refused"
    LOST = "lost"
    SILENT = "silent"
    ALTERED = "altered"


ENDED = frozenset({State.CHECKED, State.FAILED, State.REFUSED, State.LOST, State.SILENT, State.ALTERED})


@dataclass(frozen=True)
class HostState:
    """A host of a collection: its state, the reason or the last line of its run, and the id of the collected run.

    `resumed` is the number of times that its run was cut off and continued.
    """

    state: State = State.WAITING
    detail: str = ""
    run: str = ""
    resumed: int = 0


@dataclass
class Campaign:
    """One collection: the same job on all hosts, kept in a folder, so that another call goes on with it."""

    folder: Path
    job: str
    options: tuple[str, ...]
    hosts: dict[str, HostState] = field(default_factory=dict)

    def update(self, host: str, **changes: object) -> None:
        """Change the state of a host, and keep it if the host has ended. Raises OSError."""
        before = self.hosts.get(host, HostState())
        self.hosts[host] = replace(before, **changes)  # type: ignore[arg-type]
        if self.hosts[host].state in ENDED:
            self.save()

    def save(self) -> None:
        """Write hosts.json as a whole. Raises OSError."""
        kept = {name: asdict(state) for name, state in sorted(self.hosts.items())}
        values = {"format": FORMAT, "job": self.job, "options": list(self.options), "hosts": kept}
        write_json(self.folder / FILE, values)

    @property
    def unfinished(self) -> list[str]:
        """The hosts whose run was not collected, or does not hold."""
        return sorted(name for name, state in self.hosts.items() if state.state != State.CHECKED)


def open_campaign(folder: Path, options: Sequence[str]) -> Campaign:
    """Begin a collection in a folder, or go on with the one that is there. Raises UsageError, OSError."""
    path = folder / FILE
    if not path.exists():
        if folder.is_dir() and any(folder.iterdir()):
            raise UsageError(f"--out: {folder}: holds other files; name a new folder, or that of an earlier hosts run")
        folder.mkdir(parents=True, exist_ok=True)
        campaign = Campaign(folder, secrets.token_hex(6), tuple(options))
        campaign.save()
        return campaign
    try:
        values = json.loads(path.read_bytes())
        hosts = TypeAdapter(dict[str, HostState]).validate_python(values["hosts"])
        campaign = Campaign(folder, str(values["job"]), tuple(values["options"]), hosts)
    except (OSError, ValueError, KeyError, TypeError, ValidationError):
        raise UsageError(f"{path}: not the file that 'hosts run' writes; name another folder with --out") from None
    if campaign.options != tuple(options):
        before = " ".join(campaign.options) or "none"
        raise UsageError(f"--out: {folder}: was begun with other options of run-all: {before}")
    return campaign
