"""Test that what a host returns is looked at before it is stored."""

from __future__ import annotations

import hashlib
import io
import tarfile

import pytest

from harness.hosts.collect import collect

RUN = "20260102T030405Z-beef"


def returned(files: dict[str, bytes], **changes: object) -> dict[str, object]:
    """Return the result of a host with these files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    data = buffer.getvalue()
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return {"run": RUN, "archive": data, "sha256": hashlib.sha256(data).hexdigest(), "hashes": hashes} | changes


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (returned({"a": b"x"}, run="../../etc"), "is no id of a run"),
        (returned({"a": b"x"}, sha256="0" * 64), "the archive has not the SHA-256"),
        (returned({"a": b"x"}, hashes={"a": "0" * 64}), "the files of the archive have not the SHA-256"),
        (returned({"../a": b"x"}), "the archive cannot be unpacked"),
        (returned({}, archive=b"x", sha256=hashlib.sha256(b"x").hexdigest()), "the archive cannot be unpacked"),
    ],
)
def test_what_is_no_run_is_not_stored(tmp_path, result, reason):
    assert reason in collect(tmp_path, "host", result)

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_link_is_refused(tmp_path):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        entry = tarfile.TarInfo("run.json")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(entry)
    data = buffer.getvalue()
    result = {"run": RUN, "archive": data, "sha256": hashlib.sha256(data).hexdigest(), "hashes": {}}

    assert collect(tmp_path, "host", result) == "the archive holds something else than files"


def test_a_run_that_does_not_hold_is_kept_apart(tmp_path):
    reason = collect(tmp_path, "host", returned({"run.json": b"{}"}))

    assert reason.startswith("run.json: format: expected 5")
    assert (tmp_path / "refused" / "host" / RUN / "run.json").exists()
