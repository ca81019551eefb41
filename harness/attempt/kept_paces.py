"""Keep the paces of rungs, so that a later attempt needs no pilots of them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from harness.measure.pilot import Pace
from harness.model.job import Built
from harness.model.kernel import Kernel
from harness.system import host
from harness.util.files import write_json

FOLDER = "paces"
"""Folder of the paces, in the folder of builds."""

MAX_AGE_S = 86400.0
"""Seconds for which a pace is kept: one that noise made wrong would otherwise make every later attempt long."""

_PACE = TypeAdapter(Pace)


@dataclass(frozen=True)
class KeptPaces:
    """The paces of kernels on one problem, in one place: `backend` is the executor's name.

    A pace that is kept only decides what is measured: no result contains it.
    """

    build_dir: Path
    backend: str
    n: int
    threads: int

    def read(self, kernels: Sequence[Kernel], built: Mapping[str, Built]) -> dict[str, Pace]:
        """Return the pace of each kernel whose artefact has one on this CPU, by its id."""
        found = {kernel.id: self._read(self._file(kernel, built[kernel.id])) for kernel in kernels}
        return {name: pace for name, pace in found.items() if pace}

    def write(self, paces: Mapping[Kernel, Pace], built: Mapping[str, Built]) -> None:
        """Keep the paces of kernels. Where nothing can be kept, later attempts measure anew."""
        with contextlib.suppress(OSError):
            (self.build_dir / FOLDER).mkdir(parents=True, exist_ok=True)
            for kernel, pace in paces.items():
                write_json(self._file(kernel, built[kernel.id]), asdict(pace))

    @staticmethod
    def _read(path: Path) -> Pace | None:
        try:
            pace = _PACE.validate_json(path.read_bytes())
            return pace if pace.row_ns > 0 and time.time() - path.stat().st_mtime < MAX_AGE_S else None
        except (OSError, ValidationError):
            return None

    def _file(self, kernel: Kernel, built: Built) -> Path:
        key = [kernel.id, built.digest, kernel.run, self.backend, self.n, self.threads, host.cpu_identity()]
        return self.build_dir / FOLDER / f"{hashlib.sha256(json.dumps(key).encode()).hexdigest()}.json"
