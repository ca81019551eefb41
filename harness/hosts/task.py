"""Run on a host: keep what was handed over, run `run-all` once, and pack the run folder.

Dask carries this module to the host by value, so that it imports the standard library and Dask alone.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import zipfile
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

TOPIC = "sixty-thousand"
"""Topic of Dask's events by which a host tells its progress."""

BUSY = "another run is under way on this machine"
"""What run-all says if the host's lock is held, as it is for seconds by a run that is being stopped."""

BUSY_S = 90
"""Seconds for which the end of another run is waited for."""

SET_BY_DASK = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MALLOC_TRIM_THRESHOLD_")
"""Variables that Dask's nanny sets for its worker, and that a run is not to inherit."""

NEEDED = "altair, annotated_types, click, jinja2, numpy, pandas, pydantic, pygments, scipy, vl_convert, yaml"
"""The modules of other packages that the program imports."""

PR_SET_PDEATHSIG = 1
"""prctl(2): the signal that a process gets when the thread that started it ends."""


def missing_parts(spec: dict[str, Any]) -> list[str]:
    """Return the hashes of those parts of the program that this host has not yet, or raise OSError."""
    return [part for part in spec["parts"] if not (_root(spec) / "parts" / part).is_file()]


def keep_part(spec: dict[str, Any], data: bytes) -> str:
    """Keep a part of the program, and return its hash. Raises OSError."""
    digest = hashlib.sha256(data).hexdigest()
    if digest not in spec["parts"]:
        raise RuntimeError(f"the part {digest} is none of those that were handed over")
    folder = _root(spec) / "parts"
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f".{digest}.{os.getpid()}"
    partial.write_bytes(data)
    partial.replace(folder / digest)
    return digest


def measure(spec: dict[str, Any]) -> dict[str, Any]:
    """Run run-all, or the rest of an earlier run of the same job, and return the run folder or the reason for none."""
    from distributed import get_worker

    worker, lines, ended = get_worker(), deque(["starting"], maxlen=1), threading.Event()

    def beat() -> None:
        while True:
            worker.log_event(TOPIC, {"job": spec["job"], "host": spec["host"], "line": lines[-1]})
            if ended.wait(spec["beat_s"]):
                return

    threading.Thread(target=beat, daemon=True).start()
    try:
        return _measured(spec, lines.append)
    except OSError as error:
        return {"reason": f"{error.filename or 'the system'}: {error.strerror or error}"}
    except Exception as error:  # Dask may not be able to send it, and then the host would be silent
        return {"reason": f"{type(error).__name__}: {error}"}
    finally:
        ended.set()


def _measured(spec: dict[str, Any], tell: Callable[[str], None]) -> dict[str, Any]:
    """Run run-all in the host's folder of the job, telling each line. Raises OSError."""
    home = _root(spec) / "jobs" / f"{spec['job']}-{spec['host']}"
    home.mkdir(parents=True, exist_ok=True)
    program = _program(spec, tell)
    project = _unpacked(spec, spec["parts"][1], tarfile_to) if len(spec["parts"]) > 1 else None
    reason = _run(spec, program, project, home / "reports", tell)
    run = _newest(home / "reports")
    if reason or run is None:
        return {"reason": reason or "run-all made no run folder"}
    return _packed(run)


def _root(spec: dict[str, Any]) -> Path:
    """Return the folder in which everything lies that was handed over to this host."""
    if spec["work"]:
        return Path(spec["work"])
    cache = os.environ.get("XDG_CACHE_HOME") or (os.environ.get("HOME") and f"{os.environ['HOME']}/.cache")
    return Path(cache or f"{tempfile.gettempdir()}/cache-{os.getuid()}") / "sixty-thousand-hosts"


def _unpacked(spec: dict[str, Any], part: str, unpack: Callable[[Path, Path], None]) -> Path:
    """Return the folder of an unpacked part, whose bytes still have the hash that they were handed over with."""
    folder, archive = _root(spec) / "unpacked" / part, _root(spec) / "parts" / part
    if not folder.is_dir():
        if hashlib.sha256(archive.read_bytes()).hexdigest() != part:
            raise OSError(0, "the file was changed on the host; remove it", str(archive))
        partial = folder.with_name(f".{part}.{os.getpid()}")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        unpack(archive, partial)
        with contextlib.suppress(FileExistsError, OSError):  # another worker of this machine was faster
            partial.rename(folder)
    return folder


@contextlib.contextmanager
def _lock(root: Path) -> Iterator[None]:
    """Let one worker of a machine at a time unpack and install."""
    with (root / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def wheel_to(archive: Path, folder: Path) -> None:
    """Unpack a wheel."""
    with zipfile.ZipFile(archive) as file:
        file.extractall(folder)


def tarfile_to(archive: Path, folder: Path) -> None:
    """Unpack a tar archive of files and folders."""
    with tarfile.open(archive) as file:
        file.extractall(folder, filter="data")


def _program(spec: dict[str, Any], tell: Callable[[str], None]) -> list[str]:
    """Return the command that starts the program: by Dask's own Python if that has what the program needs."""
    with _lock(_root(spec)):
        site = _unpacked(spec, spec["parts"][0], wheel_to)
        return _python(spec, site, tell)


def _python(spec: dict[str, Any], site: Path, tell: Callable[[str], None]) -> list[str]:
    """Return the command of a Python that has what the program needs; make an environment where Dask's has not."""
    environ = f"PYTHONPATH={site}"
    known = site.with_name(f"{site.name}-{sys.version_info.major}.{sys.version_info.minor}")
    command = [sys.executable, "-c", f"import {NEEDED}"]
    if known.exists() or subprocess.run(command, capture_output=True, check=False).returncode == 0:
        known.touch()
        return ["env", environ, sys.executable]
    environment = site.with_name(f"{site.name}-environment")
    python = environment / "bin" / "python"
    if not (environment / "ready").exists():
        tell("installing the program's packages")
        wheel = site.with_name(spec["wheel"])
        shutil.copyfile(_root(spec) / "parts" / spec["parts"][0], wheel)
        install = [str(python), "-m", "pip", "install", str(wheel)]
        for words in ([sys.executable, "-m", "venv", str(environment)], install):
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            if done.returncode:
                last = (done.stderr.strip().splitlines() or ["no output"])[-1]
                raise OSError(0, f"the program's packages cannot be installed on the host: {last}", str(environment))
        (environment / "ready").touch()
    return ["env", environ, str(python)]


def _run(
    spec: dict[str, Any], program: list[str], project: Path | None, reports: Path, tell: Callable[[str], None]
) -> str:
    """Run run-all until its end, and return why it failed; empty if the run is finished."""
    deadline = time.monotonic() + BUSY_S
    while True:
        earlier = _newest(reports)
        if earlier and _is_finished(earlier):
            return ""
        words = ["run-all", "--out", str(reports), *(word.format(project=project) for word in spec["options"])]
        if earlier:
            words = ["run-all", "--resume", str(earlier)]
        status, last = _watched([*program, "-m", "harness", *words], reports.parent, tell)
        newest = _newest(reports)
        if status in (0, 1) and newest and _is_finished(newest):
            return ""
        if BUSY not in last or time.monotonic() > deadline:
            return last or f"run-all ended with status {status}"
        tell("waiting for another run on this host")
        time.sleep(2)


def _watched(command: list[str], folder: Path, tell: Callable[[str], None]) -> tuple[int, str]:
    """Run a command, tell every line of its stderr, and return its status and its last line."""
    environ = {name: value for name, value in os.environ.items() if name not in SET_BY_DASK}
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        preexec_fn=_end_with_parent,
    )
    last, stream = "", process.stderr
    assert stream is not None
    for line in stream:
        last = line.strip() or last
        tell(last)
    return process.wait(), last.removeprefix("harness: ")


def _end_with_parent() -> None:
    """Let the kernel stop the run if the worker is killed: else it would go on, and hold the host's lock."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _newest(reports: Path) -> Path | None:
    """Return the newest run folder that has a run.json."""
    runs = [path.parent for path in reports.glob("*/run.json") if re.match(r"\d{8}T", path.parent.name)]
    return max(runs, default=None, key=lambda path: path.name)


def _is_finished(run: Path) -> bool:
    return bool(json.loads((run / "run.json").read_bytes()).get("finished_at"))


def _packed(run: Path) -> dict[str, Any]:
    """Return a run folder as an archive, with the hashes of its files and of the archive."""
    files = {path.relative_to(run).as_posix(): path for path in sorted(run.rglob("*")) if path.is_file()}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=6) as archive:
        for name, path in files.items():
            archive.add(path, name, recursive=False)
    data = buffer.getvalue()
    hashes = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
    return {"run": run.name, "archive": data, "sha256": hashlib.sha256(data).hexdigest(), "hashes": hashes}
