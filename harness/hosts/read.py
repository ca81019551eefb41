"""Read the runs of hosts, and name each host as the user does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from harness.analysis.results import results_of
from harness.hosts.campaign import FILE
from harness.hosts.collect import REFUSED
from harness.hosts.hosts_file import HostsFile
from harness.hosts.prices import Host
from harness.model.errors import UsageError
from harness.store.run_folder import Store, find_run
from harness.system.host import processors

MIN_PARALLEL = 8
"""Number of runs from which they are read by several processes: fewer take less time than it takes to start these."""


def run_folders(reports_dir: Path, names: Sequence[str]) -> list[Path]:
    """Return the folders of runs: a collection of `hosts run` stands for all its runs. Raises UsageError."""
    folders: list[Path] = []
    for name in names:
        if (Path(name) / FILE).is_file():
            collected = sorted(path.parent for path in Path(name).glob("*/*/run.json") if path.parts[-3] != REFUSED)
            if not collected:
                raise UsageError(f"{name}: no host has given a run yet")
            folders += [path.resolve() for path in collected]
        else:
            folders.append(find_run(reports_dir, name))
    return list(dict.fromkeys(folders))


def read_hosts(folders: Sequence[Path], file: HostsFile, path: Path | None) -> list[Host]:
    """Compute the rows of every run from its samples. Raises UsageError."""
    read = partial(_read, file=file)
    if len(folders) < MIN_PARALLEL:
        hosts = list(map(read, folders))
    else:
        with ProcessPoolExecutor(processors()) as pool:
            hosts = list(pool.map(read, folders))
    if len(sizes := sorted({host.n for host in hosts})) > 1:
        listed = ", ".join(map(str, sizes))
        raise UsageError(
            f"hosts page: expected runs of one n, found n = {listed}: products of two sizes have no one price"
        )
    if unknown := [name for name in file.hosts if name not in {host.name for host in hosts}]:
        known = ", ".join(host.name for host in hosts[:10])
        raise UsageError(f"{path}: hosts.{unknown[0]}: no run is of this host; there are {known}")
    repeated = {name for name, count in Counter(host.name for host in hosts).items() if count > 1}
    return [replace(host, name=f"{host.name} ({host.run})") if host.name in repeated else host for host in hosts]


def _read(folder: Path, file: HostsFile) -> Host:
    results = results_of(Store.open(folder))
    record = results.record
    name = _name(folder, record.id, file)
    entry = file.hosts.get(name)
    peak = record.peak.gflops if record.peak else {}
    noise = dict.fromkeys([finding.observation for finding in results.findings if not finding.kernel])
    return Host(
        name=name,
        run=record.id,
        machine=record.host,
        backend=record.backend.name,
        rows=tuple(results.rows),
        baseline=record.config.baseline,
        n=record.config.n,
        peak_gflops=max(peak.values(), default=None),
        price_per_hour=entry.price_per_hour if entry else None,
        note=entry.note if entry else "",
        disturbances=tuple(noise),
    )


def _name(folder: Path, run: str, file: HostsFile) -> str:
    """Return the name of a run's host: that in hosts.yaml, that by which it was collected, or else the run's id."""
    for name, entry in file.hosts.items():
        if run in entry.runs:
            return name
    return folder.parent.name if (folder.parent.parent / FILE).is_file() else run
