"""Keep how long a row of a rung takes, so that a later attempt knows those near a file without measuring all."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.model.job import Built
from harness.model.kernel import Kernel
from harness.system import host
from harness.util.files import write_json

FOLDER = "paces"
"""Folder of the paces, in the folder of builds."""


@dataclass(frozen=True)
class KeptPaces:
    """The paces of kernels on one problem, in one place: `backend` is the executor's name.

    A pace that is kept only decides what is measured: no result contains it.
    """

    build_dir: Path
    backend: str
    n: int
    threads: int

    def read(self, kernels: Sequence[Kernel], built: Mapping[str, Built]) -> dict[str, float]:
        """Return the time of a row of each kernel whose artefact has one on this CPU, in ns, by its id."""
        found = {kernel.id: self._read(self._file(kernel, built[kernel.id])) for kernel in kernels}
        return {name: row_ns for name, row_ns in found.items() if row_ns}

    def write(self, row_ns: Mapping[Kernel, float], built: Mapping[str, Built]) -> None:
        """Keep the time of a row of each kernel, in ns. Where nothing can be kept, later attempts measure anew."""
        with contextlib.suppress(OSError):
            (self.build_dir / FOLDER).mkdir(parents=True, exist_ok=True)
            for kernel, time_ns in row_ns.items():
                write_json(self._file(kernel, built[kernel.id]), time_ns)

    @staticmethod
    def _read(path: Path) -> float | None:
        try:
            row_ns = json.loads(path.read_bytes())
        except (OSError, ValueError):
            return None
        return row_ns if isinstance(row_ns, float) and row_ns > 0 else None

    def _file(self, kernel: Kernel, built: Built) -> Path:
        key = [kernel.id, built.digest, kernel.run, self.backend, self.n, self.threads, host.cpu_identity()]
        return self.build_dir / FOLDER / f"{hashlib.sha256(json.dumps(key).encode()).hexdigest()}.json"
