"""Unpack the run folder that a host returned, and check it before it counts."""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
from pathlib import Path
from typing import Any

from harness.audit.command import verify
from harness.audit.manifest import hashes_of
from harness.util.files import remove_tree

REFUSED = "refused"
"""Folder for runs that do not hold: they are kept to be looked at, and are on no page."""

RUN_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{4}")

MAX_RUN_BYTES = 2**30
"""Largest run folder that is unpacked: a thousand times a default run's."""


def collect(folder: Path, host: str, result: dict[str, Any]) -> str:
    """Store a host's run as folder/host/id, and return why it does not hold; empty if it does. Raises OSError."""
    run, data, hashes = str(result["run"]), result["archive"], result["hashes"]
    if not RUN_ID.fullmatch(run):
        return f"the host names its run {run!a}, which is no id of a run"
    if hashlib.sha256(data).hexdigest() != result["sha256"]:
        return "the archive has not the SHA-256 that the host sent with it"
    partial = folder / f".{host}.partial"
    remove_tree(partial)
    partial.mkdir(parents=True)
    if reason := _unpack(data, partial):
        remove_tree(partial)
        return reason
    if hashes_of(partial) != hashes:
        remove_tree(partial)
        return "the files of the archive have not the SHA-256 that the host sent with them"
    audit = verify(partial)
    failures = [f"{check.subject}: {check.sentence}" for check in audit.failures]
    if not failures and audit.run != run:
        failures = [f"run.json is of {audit.run}, and the folder of {run}"]
    place = folder / REFUSED / host / run if failures else folder / host / run
    remove_tree(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    partial.rename(place)
    return "; ".join(failures)


def _unpack(data: bytes, folder: Path) -> str:
    """Unpack an archive of plain files that lie in the folder; return what is wrong with it."""
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
            members = archive.getmembers()
            if sum(member.size for member in members) > MAX_RUN_BYTES:
                return f"the run is larger than {MAX_RUN_BYTES} bytes"
            if not all(member.isfile() for member in members):
                return "the archive holds something else than files"
            archive.extractall(folder, filter="data")
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        return f"the archive cannot be unpacked: {error}"
    return ""
