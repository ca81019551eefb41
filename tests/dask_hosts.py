"""Start a Dask scheduler and workers, each worker in a network namespace and with a folder of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from harness.system import lock
from harness.util.paths import ROOT
from tests.needs import need

ANSWER_S = 60
"""Seconds within which a process must be ready on a busy machine."""


def make_certificate(folder: Path) -> list[str]:
    """Make a certificate that signs itself, and return the options of TLS: authority, certificate and key."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=dask"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run([*command, *files], check=True, capture_output=True)
    return [str(folder / "cert.pem"), str(folder / "cert.pem"), str(folder / "key.pem")]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Network:
    """A bridge of this machine and network namespaces, each with an address there, and none with any other network."""

    def __init__(self) -> None:
        self._name = f"hx{os.getpid()}"
        self._subnet = f"10.{200 + os.getpid() // 256 % 50}.{os.getpid() % 256}"
        self._spaces: list[str] = []
        self.address = f"{self._subnet}.1"

    def __enter__(self) -> Network:
        need(os.geteuid() == 0 and shutil.which("ip") and shutil.which("nsenter"), "root, ip and nsenter")
        _ip("link", "add", self._name, "type", "bridge")
        _ip("addr", "add", f"{self.address}/24", "dev", self._name)
        _ip("link", "set", self._name, "up")
        return self

    def __exit__(self, *_: object) -> None:
        for space in self._spaces:
            _ip("netns", "del", space)
        _ip("link", "del", self._name)

    def join(self, number: int) -> tuple[str, list[str]]:
        """Return the address of a host, and the words that start a command in its namespace."""
        space, address = f"{self._name}-{number}", f"{self._subnet}.{number}"
        if space not in self._spaces:
            _ip("netns", "add", space)
            self._spaces.append(space)
            _ip("link", "add", space, "type", "veth", "peer", "name", "eth0", "netns", space)
            _ip("link", "set", space, "master", self._name, "up")
            _ip("-n", space, "addr", "add", f"{address}/24", "dev", "eth0")
            for device in ("eth0", "lo"):
                _ip("-n", space, "link", "set", device, "up")
        return address, ["nsenter", f"--net=/run/netns/{space}"]


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(words)}: {done.stderr}"


@dataclass
class Hosts:
    """A scheduler and its workers; `tls` are the options of TLS, if any."""

    network: Network
    folder: Path
    tls: list[str] = field(default_factory=list)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    address: str = ""

    def start_scheduler(self) -> None:
        """Start the scheduler, and wait until it listens."""
        port, host = free_port(), self.network.address
        self.address = f"{'tls' if self.tls else 'tcp'}://{host}:{port}"
        protocol = ["--protocol", "tls"] if self.tls else []
        self._start([], "scheduler", "dask_scheduler", "--host", host, "--port", str(port), *protocol)
        end_s = time.monotonic() + ANSWER_S
        while time.monotonic() < end_s:
            with contextlib.suppress(OSError), socket.create_connection((host, port)):
                return
            time.sleep(0.1)
        raise AssertionError(self.log("scheduler"))

    def start_worker(self, name: str, number: int, *words: str, offer: str = "host=1", **variables: str) -> None:
        """Start the worker of a host whose address ends with a number from 2 to 254."""
        address, enter = self.network.join(number)
        resources = ["--resources", offer] if offer else []
        protocol = ["--protocol", "tls"] if self.tls else []
        place = ["--host", address, "--name", name, "--local-directory", str(self.folder / f"dask-{name}")]
        options = [*protocol, *place, *resources, "--nthreads", "1", "--no-nanny", *words]
        environ = {"XDG_CACHE_HOME": str(self.cache(name)), lock.VARIABLE: str(self.folder / f"lock-{name}")}
        self._start(enter, name, "dask_worker", self.address, *options, **(environ | variables))

    def cache(self, name: str) -> Path:
        """Return the folder in which a host keeps its files."""
        return self.folder / f"cache-{name}"

    def samples(self, name: str) -> str:
        """Return the samples that the run of a host has stored so far."""
        files = list(self.cache(name).glob("sixty-thousand-hosts/jobs/*/reports/2*/samples.jsonl"))
        return files[0].read_text() if files else ""

    def log(self, name: str) -> str:
        """Return what a process printed."""
        return (self.folder / f"{name}.log").read_text()

    def _start(self, enter: list[str], name: str, module: str, *words: str, **variables: str) -> None:
        names = ("--tls-ca-file", "--tls-cert", "--tls-key")
        tls = [word for pair in zip(names, self.tls, strict=False) for word in pair]
        command = [*enter, sys.executable, "-m", f"distributed.cli.{module}", *words, *tls, "--no-dashboard"]
        environ = {**os.environ, **variables, "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False"}
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)


@contextlib.contextmanager
def started_hosts(folder: Path, tls: list[str]) -> Iterator[Hosts]:
    """Start a scheduler, and kill it and all workers at the end of the context."""
    with Network() as network:
        hosts = Hosts(network, folder, tls)
        try:
            hosts.start_scheduler()
            yield hosts
        finally:
            for process in hosts.processes.values():
                process.kill()  # also one that is stopped
            for process in hosts.processes.values():
                process.wait()
