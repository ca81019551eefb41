"""Engines whose users are others outside: a real one with --userns-remap, started beside the machine's."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.execute import container_user, launcher
from harness.execute.docker_command import BASE, docker
from harness.execute.toolchain_images import provide_image
from harness.model.job import Provided
from harness.util.paths import ROOT
from tests.needs import need
from tests.toy import CONFIG

pytestmark = pytest.mark.docker

USER = "daemon"
"""A user and a group that every Debian has, to whose range of numbers root of the containers belongs."""

NAMESPACES = ("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")
"""The engine's own; it and its containerd end with the first process of theirs."""

RANGE = f"{USER}:165536:65536\n"


@pytest.fixture(scope="module")
def remapping_engine() -> Iterator[str]:
    """Start an engine that remaps users, with the images that a C kernel needs; return its address.

    It sees files of its own for /etc/subuid and /etc/subgid, and a network of its own, since it would remove the bridge
    of the machine's engine. Its folder is not below pytest's, which the remapped root may not enter.
    """
    need(os.getuid() == 0 and shutil.which("dockerd") and shutil.which("unshare"), "root, dockerd and unshare")
    tools = _image_of_tools()
    folder = Path(tempfile.mkdtemp(prefix="60000x-engine-", dir="/tmp"))
    folder.chmod(0o711)
    for name in ("subuid", "subgid"):
        (folder / name).write_text(RANGE)
    address = f"unix://{folder}/socket"
    words = ["dockerd", f"--userns-remap={USER}", f"--host={address}", "--bridge=none", "--iptables=false"]
    words += [f"--{option}={folder}/{option}" for option in ("data-root", "exec-root", "pidfile")]
    mounts = [f"mount --bind {folder}/{name} /etc/{name}" for name in ("subuid", "subgid")]
    script = " && ".join([*mounts, f"exec {shlex.join(words)}"])
    with (folder / "log").open("wb") as log:
        engine = subprocess.Popen([*NAMESPACES, "sh", "-c", script], stdout=log, stderr=log)
    try:
        _wait_for(engine, address, folder / "log")
        # kernels of C need the same packages as the harness's own programs
        names = [BASE, tools, tools.replace("/tools:", "/c:")]
        docker("tag", *names[1:])
        images = f"docker save {shlex.join(names)} | docker --host {address} load"
        subprocess.run(["sh", "-c", images], check=True, capture_output=True)
        yield address
    finally:
        engine.kill()
        engine.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _image_of_tools() -> str:
    with tempfile.TemporaryDirectory() as versions:
        provided = provide_image(launcher.TOOLS, Path(versions))
    need(isinstance(provided, Provided), f"an image with gcc: {provided}")
    return str(provided.image)


def _wait_for(engine: subprocess.Popen[bytes], address: str, log: Path) -> None:
    limit = time.monotonic() + 30
    while docker("--host", address, "version").returncode:
        need(engine.poll() is None and time.monotonic() < limit, f"a second engine: {log.read_text()[-300:]}")
        time.sleep(0.1)


@pytest.mark.long(20)
def test_a_kernel_is_built_and_passes_where_users_are_remapped(remapping_engine, tmp_path):
    """The compiler writes to a folder of this machine, and kernels to another."""
    config = tmp_path / "config.yaml"
    config.write_text(
        CONFIG.replace("kernels: kernels", f"kernels: {ROOT / 'kernels'}")
        .replace("toy/naive", "c/naive")
        .replace("threads: 2", "threads: 1")
    )
    command = [sys.executable, "-m", "harness", "check", "--backend", "docker", "--only", "c/naive"]

    done = subprocess.run(
        [*command, "--config", config],
        cwd=ROOT,
        env=os.environ | {"DOCKER_HOST": remapping_engine},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "c/naive  passed" in done.stdout


def test_an_engine_whose_users_cannot_write_is_told(remapping_engine, tmp_path, monkeypatch):
    """As one that remaps users and does not say so."""
    monkeypatch.setenv("DOCKER_HOST", remapping_engine)
    monkeypatch.setattr(container_user, "folder_options", lambda: ["--user=1000:1000"])

    reason = str(container_user.trial(tmp_path))

    assert reason.startswith(f"containers of this Docker engine cannot write to {tmp_path}: ")
    assert "Permission denied" in reason
