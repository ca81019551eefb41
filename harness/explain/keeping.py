"""Keep counts in the folder of builds: the same artefact, counted in the same way, has the same counts."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from harness.model.counts import Caches, Counts
from harness.model.job import Built
from harness.model.kernel import Kernel
from harness.util.files import tree_digest, write_atomic

FORMAT = 2
"""Version of the counting, part of every key: raised when it changes, so that every kernel is counted again."""

_COUNTS = TypeAdapter(Counts)


class Kept:
    """The counts that are kept of kernels at one n. `way` says how they are counted: tool, caches and limits."""

    def __init__(self, build_dir: Path, n: int, caches: Caches, way: tuple[str, ...]) -> None:
        self._folder = build_dir / "counts" / "kept"
        self._n = n
        self._caches = caches
        self._way = way

    def read(self, kernel: Kernel, built: Built, version: str) -> Counts | None:
        """Return the counts of an artefact; None if it was not counted in this way. `version` is its toolchain's."""
        try:
            return _COUNTS.validate_json(self._file(kernel, built, version).read_bytes())
        except (OSError, ValidationError):
            return None

    def write(self, kernel: Kernel, built: Built, version: str, counts: Counts) -> None:
        """Keep the counts of an artefact. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        write_atomic(self._file(kernel, built, version), _COUNTS.dump_json(counts))

    def _file(self, kernel: Kernel, built: Built, version: str) -> Path:
        # what is not built is not whole in its digest: a script imports others of its folder
        folders = [tree_digest(folder)[0] for folder in (kernel.folder, kernel.uses) if folder and not built.commands]
        inputs = [FORMAT, kernel.id, self._n, self._way, repr(self._caches), kernel.run, built.digest, version, folders]
        return self._folder / f"{hashlib.sha256(json.dumps(inputs).encode()).hexdigest()}.json"
