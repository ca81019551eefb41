"""A run on disk: run.json (its plan and outcome) and samples.jsonl (one line per sample).

run.json is replaced as a whole, so that a kill at any moment leaves the old file or the new one.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from harness.model.errors import UsageError
from harness.model.run_record import RunRecord
from harness.model.sample import Sample
from harness.store.record import FORMAT, read_record, write_record
from harness.store.sample_log import FILE, SampleLog, read_samples
from harness.util.command_line import own_command
from harness.util.files import point_to, sync_folder, write_json


class Store(SampleLog):
    """A run folder, open for adding to it: `record` is replaced as the run goes on, and kept by `save`."""

    def __init__(self, folder: Path, record: RunRecord, samples: Iterable[Sample] = ()) -> None:
        super().__init__(folder, samples)
        self.record = record

    @classmethod
    def create(cls, reports_dir: Path, record: RunRecord) -> Store:
        """Create the folder of a run with its first run.json. Raises UsageError if it cannot be written."""
        store = cls(reports_dir / record.id, record)
        try:
            store.folder.mkdir(parents=True)
            (store.folder / FILE).touch()
            store.save()
            sync_folder(reports_dir)
        except OSError as error:
            raise UsageError(f"{reports_dir}: results cannot be written there: {error.strerror}") from None
        return store

    @classmethod
    def open(cls, folder: Path) -> Store:
        """Open the folder of a run made before. Raises UsageError."""
        return cls(folder, read_record(folder), read_samples(folder))

    def at_size(self, n: int) -> SampleLog:
        """Open or create the samples of another n of this run. Raises UsageError and OSError."""
        folder = self.folder / "sizes" / str(n)
        if not (folder / "run.json").exists():
            folder.mkdir(parents=True, exist_ok=True)
            write_json(folder / "run.json", {"format": FORMAT})
        return SampleLog.open(folder)

    def sizes(self) -> list[int]:
        """Return the other n of this run, smallest first."""
        return sorted(int(path.parent.name) for path in self.folder.glob("sizes/*/run.json"))

    def save(self) -> None:
        """Write run.json as a whole. Raises OSError."""
        write_record(self.folder, self.record)

    def publish(self) -> str:
        """Let `latest` beside the run folder point to it; return why it cannot, or nothing.

        The file system may have no links, or a copy may have put a folder in the link's place. A run does not fail for
        that: without the link, find_run() finds the newest folder.
        """
        try:
            point_to(self.folder.parent / LATEST, self.folder.name)
        except OSError as error:
            return f"{self.folder.parent / LATEST} cannot be a link to this run: {error.strerror}"
        return ""


LATEST = "latest"
"""Name of the link to the newest run's folder."""


def run_id(started: datetime) -> str:
    """Return an id for a run, and so a name for its folder, that sorts by time and is unique."""
    return f"{started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


def find_run(reports_dir: Path, name: str | None) -> Path:
    """Return the folder of a run, by its path, its id, or the newest for None. Raises UsageError."""
    for folder in (Path(name), reports_dir / name) if name else _newest_first(reports_dir):
        if (folder / "run.json").is_file():
            return folder.resolve()
    if name:
        raise UsageError(f"{name}: no run here; a run is a folder with a run.json, such as those in {reports_dir}")
    raise UsageError(f"{reports_dir}: no run yet; '{own_command()} run-all' makes one")


def _newest_first(reports_dir: Path) -> list[Path]:
    """Return what `latest` links to, or where it is no link, the folders of runs, whose names sort by time."""
    latest = reports_dir / LATEST
    runs = [path for path in reports_dir.glob("2*Z-*") if path.is_dir()]
    return [latest] if latest.is_symlink() else sorted(runs, reverse=True)
