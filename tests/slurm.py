"""Start a Slurm of one node: its daemons as processes, with files and ports of their own."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.dask_hosts import free_port
from tests.needs import need

DAEMONS = ("munged", "slurmctld", "slurmd")

READY_S = 60
"""Seconds within which the node must be idle on a busy machine."""

CONF = """\
ClusterName=one
SlurmctldHost={host}(127.0.0.1)
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
SlurmUser=root
SlurmdUser=root
SlurmctldPort={controller}
SlurmdPort={node}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/linear
MpiDefault=none
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus}
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


@contextlib.contextmanager
def one_node(folder: Path) -> Iterator[dict[str, str]]:
    """Start Slurm, and yield the variables by which its commands find it; its daemons end with the context."""
    for name in (*DAEMONS, "sbatch"):
        need(shutil.which(name), f"{name} (slurm-wlm, munge)")
    need(os.geteuid() == 0, "root, for the daemons of Slurm")
    for name in ("munge", "state", "spool"):
        (folder / name).mkdir(parents=True)
    key = folder / "munge" / "key"
    key.write_bytes(secrets.token_bytes(32))
    key.chmod(0o400)
    host, cpus = socket.gethostname().partition(".")[0], os.cpu_count()
    conf = CONF.format(host=host, folder=folder, controller=free_port(), node=free_port(), cpus=cpus)
    (folder / "slurm.conf").write_text(conf)
    environ = {"SLURM_CONF": str(folder / "slurm.conf")}
    names = {"--key-file": "key", "--socket": "socket", "--pid-file": "pid", "--seed-file": "seed"}
    files = [f"{option}={folder}/munge/{name}" for option, name in names.items()]
    commands = (["munged", "--foreground", "--force", *files], ["slurmctld", "-D"], ["slurmd", "-D"])
    processes = []
    try:
        for command in commands:
            with (folder / f"{command[0]}.log").open("wb") as log:
                processes.append(subprocess.Popen(command, env=os.environ | environ, stdout=log, stderr=log))
        _wait_until_idle(environ, folder)
        yield environ
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            process.wait()


def workers(environ: dict[str, str]) -> list[int]:
    """Return the processes of Dask's workers that jobs of this Slurm have started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command, variables = ((folder / name).read_bytes() for name in ("cmdline", "environ"))
            if b"dask_worker" in command and f"SLURM_CONF={environ['SLURM_CONF']}".encode() in variables.split(b"\0"):
                found.append(int(folder.name))
    return found


def _wait_until_idle(environ: dict[str, str], folder: Path) -> None:
    end_s = time.monotonic() + READY_S
    while time.monotonic() < end_s:
        done = subprocess.run(["sinfo", "-h", "-o", "%t"], env=os.environ | environ, capture_output=True, check=False)
        if done.stdout.strip() == b"idle":
            return
        time.sleep(0.2)
    raise AssertionError("\n".join((folder / f"{name}.log").read_text() for name in DAEMONS))
