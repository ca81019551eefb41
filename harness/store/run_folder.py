"""A run on disk: run.json (what was planned, found and decided) and samples.jsonl (a line a sample).

samples.jsonl is only ever appended to, all samples of a launch in one write that is on the disk before the next
launch begins. run.json is replaced as a whole. So after a kill at any moment, both hold finished launches only.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.model.errors import UsageError
from harness.model.sample import Sample, SystemDelta
from harness.util.files import point_to, sync_folder, write_json

FORMAT = 4
"""Of the run folder; a folder of a later format is refused, not misread."""


class Store:
    """The run folder, open for adding to it."""

    def __init__(self, folder: Path, facts: dict[str, Any], samples: list[Sample]) -> None:
        self.folder = folder
        self.facts = facts
        self._samples: dict[str, list[Sample]] = {}
        self._rounds = max((sample.round for sample in samples), default=-1) + 1
        self._launches = max((sample.launch for sample in samples), default=-1) + 1
        for sample in samples:
            self._samples.setdefault(sample.kernel, []).append(sample)

    @classmethod
    def create(cls, reports_dir: Path, facts: dict[str, Any]) -> Store:
        """Make a new run folder with its first run.json. Raises UsageError if it cannot be written."""
        started = datetime.now(UTC)
        run_id = f"{started:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
        folder = reports_dir / run_id
        try:
            folder.mkdir(parents=True)
            (folder / "samples.jsonl").touch()
            store = cls(
                folder,
                {
                    "format": FORMAT,
                    "id": run_id,
                    "started_at": started.isoformat(timespec="seconds"),
                    **facts,
                },
                [],
            )
            store.save()
            sync_folder(reports_dir)
        except OSError as error:
            raise UsageError(f"{reports_dir}: results cannot be written there: {error.strerror}") from None
        return store

    @classmethod
    def open(cls, folder: Path) -> Store:
        """Open a run made before, dropping a last line that a kill left half written. Raises UsageError."""
        facts = _facts(folder)
        path = folder / "samples.jsonl"
        try:
            data = path.read_bytes() if path.exists() else b""
        except OSError as error:
            raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
        whole = data[: data.rfind(b"\n") + 1]
        samples = []
        for number, line in enumerate(whole.splitlines(), 1):
            try:
                fields = json.loads(line)
                samples.append(Sample(**{**fields, "system": SystemDelta(**fields["system"])}))
            except (ValueError, TypeError, KeyError):
                raise UsageError(f"{path}: line {number}: not a sample of this format") from None
        if len(whole) != len(data) and os.access(path, os.W_OK):
            with path.open("r+b") as file:
                file.truncate(len(whole))
        return cls(folder, facts, samples)

    def inside(self, name: str) -> Store:
        """A store of its own in a folder of this run, opened or made. Raises UsageError and OSError."""
        folder = self.folder / name
        if not (folder / "run.json").exists():
            folder.mkdir(parents=True, exist_ok=True)
            Store(folder, {"format": FORMAT}, []).save()
        return Store.open(folder)

    def samples(self, kernel: str) -> list[Sample]:
        """A kernel's samples so far, in order."""
        return self._samples.get(kernel, [])

    def next_launch(self) -> int:
        """A launch number that was never used in this run."""
        self._launches += 1
        return self._launches - 1

    def next_round(self) -> int:
        """The number of the first round that this run has not begun."""
        return self._rounds

    def append(self, samples: list[Sample]) -> None:
        """Add the samples of one launch, and return once they are on the disk. Raises OSError."""
        data = "".join(json.dumps(asdict(sample)) + "\n" for sample in samples).encode()
        with (self.folder / "samples.jsonl").open("ab", buffering=0) as file:
            before = file.tell()
            try:
                if file.write(data) != len(data):
                    raise OSError(28, "No space left on device")
                os.fsync(file.fileno())
            except OSError:
                file.truncate(before)  # no half of a launch stays behind
                raise
        for sample in samples:
            self._samples.setdefault(sample.kernel, []).append(sample)

    def save(self) -> None:
        """Write run.json as a whole. Raises OSError."""
        write_json(self.folder / "run.json", self.facts)

    def publish(self) -> None:
        """Let `latest` beside the run folder point to it."""
        point_to(self.folder.parent / "latest", self.folder.name)


def find_run(reports_dir: Path, name: str | None) -> Path:
    """The folder of a run, by its path, its id, or the newest for None. Raises UsageError."""
    for folder in (Path(name), reports_dir / name) if name else (reports_dir / "latest",):
        if (folder / "run.json").is_file():
            return folder.resolve()
    if name:
        raise UsageError(f"{name}: no run here; a run is a folder with a run.json, such as those in {reports_dir}")
    raise UsageError(f"{reports_dir}: no run yet; 'python -m harness run-all' makes one")


def _facts(folder: Path) -> dict[str, Any]:
    path = folder / "run.json"
    try:
        facts = json.loads(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError:
        raise UsageError(f"{path}: not valid JSON; this is not a run's folder") from None
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        found = facts.get("format") if isinstance(facts, dict) else None
        raise UsageError(f"{path}: format: expected {FORMAT}, found {found!r}; use the version that made this run")
    return facts
