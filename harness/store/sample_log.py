"""samples.jsonl: one line per sample, only ever appended to.

All samples of a launch are appended in one write that is on the disk before the next launch begins. So after a kill at
any moment, the file holds whole launches only.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import TypeAdapter, ValidationError

from harness.model.errors import UsageError
from harness.model.sample import Sample
from harness.store.versioned_file import first_mistake, other_format
from harness.util.json_documents import json_schema

FILE = "samples.jsonl"

SAMPLE_FORMAT: Final = 1
"""Version of a line's keys. Lines without one are of format 1, which is older than the key."""


@dataclass(frozen=True)
class _Line(Sample):
    """One timed call of a verified launch, with the version of the line's keys."""

    format: Literal[1] = SAMPLE_FORMAT

    def sample(self) -> Sample:
        return Sample(**{key: value for key, value in vars(self).items() if key != "format"})


def schema() -> dict[str, Any]:
    """Return the JSON schema of a line of samples.jsonl: what read_samples accepts."""
    return json_schema("a line of samples.jsonl", _adapter().json_schema())


class SampleLog:
    """The samples of a folder, open for appending."""

    def __init__(self, folder: Path, samples: Iterable[Sample] = ()) -> None:
        self.folder = folder
        self._samples: dict[str, list[Sample]] = {}
        self._launches = 0
        self._ends_in_whole_line = False
        for sample in samples:
            self._launches = max(self._launches, sample.launch + 1)
            self._samples.setdefault(sample.kernel, []).append(sample)

    @classmethod
    def open(cls, folder: Path) -> SampleLog:
        """Open the samples of a folder, none if it has no file of them. Raises UsageError."""
        return cls(folder, read_samples(folder))

    def samples(self, kernel: str) -> list[Sample]:
        """Return the samples of a kernel, in the order of their launches."""
        return self._samples.get(kernel, [])

    @property
    def kernels(self) -> tuple[str, ...]:
        """The kernels that have samples."""
        return tuple(self._samples)

    def next_launch(self) -> int:
        """Return a launch number that no launch of this folder has had."""
        self._launches += 1
        return self._launches - 1

    @property
    def launches(self) -> int:
        """The number of launches so far."""
        return self._launches

    def append(self, samples: list[Sample]) -> None:
        """Append the samples of one launch, and return once they are on the disk. Raises OSError."""
        data = "".join(json.dumps(asdict(sample) | {"format": SAMPLE_FORMAT}) + "\n" for sample in samples).encode()
        if not self._ends_in_whole_line:
            _drop_incomplete_line(self.folder / FILE)
            self._ends_in_whole_line = True
        with (self.folder / FILE).open("ab", buffering=0) as file:
            before = file.tell()
            try:
                if file.write(data) != len(data):
                    raise OSError(28, "No space left on device")
                os.fsync(file.fileno())
            except OSError:
                file.truncate(before)  # half a launch would be read as a whole one
                raise
        for sample in samples:
            self._samples.setdefault(sample.kernel, []).append(sample)


@cache
def _adapter() -> TypeAdapter[_Line]:
    return TypeAdapter(_Line)


def read_samples(folder: Path) -> list[Sample]:
    """Read the samples of a folder, without a last line that a kill left incomplete. Raises UsageError."""
    path = folder / FILE
    try:
        data = path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    complete = data[: data.rfind(b"\n") + 1]
    samples = []
    for number, line in enumerate(complete.splitlines(), 1):
        try:
            samples.append(_adapter().validate_json(line, strict=True).sample())
        except ValidationError as error:
            raise UsageError(f"{path}: line {number}: not a sample of this format: {_mistake(error)}") from None
    return samples


def _mistake(error: ValidationError) -> str:
    """Return the mistake of a line, first of all that it is of another format."""
    for mistake in error.errors():
        if mistake["loc"] == ("format",):
            return other_format(SAMPLE_FORMAT, mistake["input"])
    return first_mistake(error)


def _drop_incomplete_line(path: Path) -> None:
    """Remove a last line without an end: the next sample would be appended to it.

    Only a run that goes on does so: to a reader of a run that is under way, the line that is just being written looks
    the same. Raises OSError.
    """
    if path.exists() and not (data := path.read_bytes()).endswith(b"\n"):
        os.truncate(path, data.rfind(b"\n") + 1)
