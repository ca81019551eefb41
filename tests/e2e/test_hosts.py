"""Run on hosts that fail in every way, with Dask's own scheduler and workers: each is a row, and no run is lost."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.audit.command import verify
from tests.command import harness, started
from tests.dask_hosts import Hosts, make_certificate, started_hosts
from tests.needs import need
from tests.once import make_once
from tests.toy import make_project

pytest.importorskip("distributed")

HALVE_TIMES = """
import re, tarfile
def altered(self, path, name, add=tarfile.TarFile.add, **options):
    if name == "samples.jsonl":
        text = re.sub(r'"ns": (\\d+)', lambda found: f'"ns": {max(1, int(found[1]) // 2)}', path.read_text())
        path.write_text(text)
    add(self, path, name, **options)
if tarfile.TarFile.add.__name__ == "add":  # Dask loads this file twice
    tarfile.TarFile.add = altered
"""
"""What the worker of a host that lies loads before it starts."""

DISK_BYTES = 2 * 2**20
"""Size of the disk of the host whose disk is full: room for the program as it is sent, and not for it unpacked."""

WAIT_S = 120


@dataclass(frozen=True)
class Collected:
    """The folder of a collection, what hosts.json held after each of two calls, and what these printed."""

    folder: Path
    first: dict[str, dict]
    second: dict[str, dict]
    statuses: list[int]
    printed: str


def wait_for(what: str, condition) -> None:
    end_s = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end_s, what
        time.sleep(0.1)


def states(folder: Path) -> dict[str, dict]:
    return json.loads((folder / "hosts.json").read_text())["hosts"]


@contextlib.contextmanager
def tiny_disk(folder: Path) -> Iterator[Path]:
    """Mount a tiny disk at a new folder."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    need(done.returncode == 0, f"a tiny disk: {done.stderr}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="module")
def collected(tmp_path_factory) -> Collected:
    """Return the collection that collect_twice() makes, once for all test processes."""
    need(os.geteuid() == 0, "root, to mount a tiny disk")
    need(shutil.which("openssl"), "openssl")
    folder = make_once(tmp_path_factory, "collected-hosts", collect_twice)
    return Collected(folder / "out", **json.loads((folder / "printed.json").read_text()))


def collect_twice(folder: Path) -> None:
    """Run on six hosts over TLS, all but one of which fail; then once more, when the one that was paused goes on."""
    tls = make_certificate(folder)
    (folder / "project").mkdir()
    (folder / "alter.py").write_text(HALVE_TIMES)
    config, out = make_project(folder / "project") / "config.yaml", folder / "out"
    with tiny_disk(folder / "disk") as disk, started_hosts(folder, tls) as hosts:
        hosts.start_worker("good", 2)
        hosts.start_worker("killed", 3)
        hosts.start_worker("paused", 4)
        hosts.start_worker("full", 5, XDG_CACHE_HOME=str(disk))
        hosts.start_worker("altered", 6, "--preload", str(folder / "alter.py"))
        hosts.start_worker("unasked", 7, offer="")
        options = [word for pair in zip(("--tls-ca", "--tls-cert", "--tls-key"), tls, strict=True) for word in pair]
        words = ["hosts", "run", "--scheduler", hosts.address, *options, "--out", str(out), "--config", str(config)]
        with started(*words, "--silence", "20", "--", "--rounds", "24") as command:
            _disturb(hosts)
            stderr = command.communicate(timeout=WAIT_S)[1]
        first = states(out)
        hosts.processes["paused"].send_signal(signal.SIGCONT)
        done = harness(*words, "--", "--rounds", "24", timeout=WAIT_S)
    statuses = [command.returncode, done.returncode]
    kept = {"first": first, "second": states(out), "statuses": statuses, "printed": stderr + done.stderr}
    (folder / "printed.json").write_text(json.dumps(kept))


def _disturb(hosts: Hosts) -> None:
    """Kill one worker in the middle of its run, and start it again; pause another."""
    wait_for("samples of paused", lambda: hosts.samples("paused"))
    hosts.processes["paused"].send_signal(signal.SIGSTOP)
    wait_for("samples of killed", lambda: hosts.samples("killed"))
    hosts.processes["killed"].kill()
    hosts.processes["killed"].wait()
    hosts.start_worker("killed", 3)


@pytest.mark.long(60)
def test_every_fault_is_a_row_with_its_reason(collected):
    found = {name: (host["state"], host["detail"]) for name, host in collected.first.items()}

    assert found["good"][0] == "checked", collected.printed
    assert found["killed"][0] == "checked" and collected.first["killed"]["resumed"] == 1
    assert found["paused"] == ("silent", "no word for 20 s")
    assert found["full"][0] == "failed" and "No space left on device" in found["full"][1]
    assert found["altered"][0] == "altered" and "results.csv: toy/naive: " in found["altered"][1]
    assert found["unasked"] == ("refused", "its worker has no resource: start it with --resources host=1")
    assert collected.statuses == [1, 1]


def test_a_host_that_was_killed_went_on_with_its_run(collected):
    [run] = (collected.folder / "killed").iterdir()
    record = json.loads((run / "run.json").read_text())

    launches = [json.loads(line)["launch"] for line in (run / "samples.jsonl").read_text().splitlines()]
    assert "--resume" not in record["command"] and launches == sorted(launches)
    assert verify(run).holds


def test_a_host_that_was_paused_gives_its_run_to_a_later_call(collected):
    assert collected.second["paused"]["state"] == "checked"
    assert len(list((collected.folder / "paused").iterdir())) == 1


def test_a_later_call_measures_no_host_twice(collected):
    assert collected.second["good"] == collected.first["good"]
    [run] = (collected.folder / "good").iterdir()
    assert run.name == collected.first["good"]["run"]


def test_a_run_that_does_not_hold_is_kept_apart(collected):
    assert not (collected.folder / "altered").exists()
    assert len(list((collected.folder / "refused" / "altered").iterdir())) == 1


def test_progress_names_each_host_and_how_to_go_on(collected):
    assert re.search(r"^good  running ", collected.printed, re.M)
    assert re.search(r"^To go on with altered, full, .*unasked: .* hosts run ", collected.printed, re.M)


def test_page_of_a_collection_has_the_hosts_that_hold(collected, tmp_path):
    (tmp_path / "hosts.yaml").write_text("currency: EUR\nhosts:\n  good: {price_per_hour: 0.5}\n")
    words = ("hosts", "page", str(collected.folder), "--hosts", str(tmp_path / "hosts.yaml"))

    done = harness(*words, "--html", str(tmp_path / "page.html"), "--deadline", "60")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("The cheapest product of two 64 × 64 matrices of doubles is that of good with toy/")
    page = (tmp_path / "page.html").read_text()
    assert all(name in page for name in ("good", "killed", "paused")) and "altered" not in page


@pytest.mark.long(40)
def test_a_call_that_lost_its_scheduler_or_was_interrupted_goes_on(tmp_path):
    (tmp_path / "project").mkdir()
    config, out = make_project(tmp_path / "project") / "config.yaml", tmp_path / "out"
    with started_hosts(tmp_path, []) as hosts:
        hosts.start_worker("host", 2)

        def words(address: str) -> list[str]:
            options = ["--scheduler", address, "--out", str(out), "--config", str(config)]
            return ["hosts", "run", *options, "--", "--rounds", "24"]

        with started(*words(hosts.address)) as interrupted:
            wait_for("samples", lambda: hosts.samples("host"))
            interrupted.send_signal(signal.SIGINT)
            interrupted.communicate(timeout=WAIT_S)
        with started(*words(hosts.address)) as orphan:
            wait_for("the second call", lambda: hosts.log("scheduler").count("Receive client connection") >= 2)
            for name in ("scheduler", "host"):
                hosts.processes[name].kill()
                hosts.processes[name].wait()
            orphan_stderr = orphan.communicate(timeout=WAIT_S)[1]
        hosts.start_scheduler()
        hosts.start_worker("host", 2)
        done = harness(*words(hosts.address), timeout=WAIT_S)

    assert interrupted.returncode == 130
    assert orphan.returncode == 1 and "the scheduler does not answer any more" in orphan_stderr
    assert done.returncode == 0, done.stderr
    [run] = (out / "host").iterdir()
    launches = [json.loads(line)["launch"] for line in (run / "samples.jsonl").read_text().splitlines()]
    assert launches == sorted(launches) and verify(run).holds
