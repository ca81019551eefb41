"""Call the docker command: the engine, images, and the user that containers run as."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from harness.model.errors import HarnessError
from harness.model.job import Absent
from harness.util.paths import ROOT

DOCKERFILE = ROOT / "Dockerfile"

BASE = "debian:trixie-slim"

REPOSITORY = "60000x"


def engine_version() -> str | Absent:
    """The version of the Docker engine, if one answers."""
    if not shutil.which("docker"):
        return Absent("no docker command on this machine", "apt-get install docker.io")
    try:
        done = docker("version", "--format", "{{.Server.Version}}", timeout=20)
    except subprocess.TimeoutExpired:
        return Absent("the Docker engine does not answer", "systemctl restart docker")
    if done.returncode or not done.stdout.strip():
        why = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        return Absent(f"no Docker engine answers: {why}", "systemctl start docker")
    return done.stdout.strip()


def base_image() -> str | Absent:
    """The id of the image that all others start from, pulled if it is not here."""
    for attempt in ("here", "pulled"):
        done = docker("image", "inspect", BASE, "--format", "{{.Id}}")
        if done.returncode == 0:
            return done.stdout.strip()
        if attempt == "here":
            pulled = docker("pull", "--quiet", BASE, timeout=600)
            if pulled.returncode:
                why = (pulled.stderr.strip().splitlines() or ["no answer"])[-1]
                return Absent(f"the image {BASE} cannot be had: {why}", f"docker pull {BASE}")
    return Absent(f"the image {BASE} cannot be had", f"docker pull {BASE}")


def ordinary_user() -> str:
    """The user and group that kernels run as: never root."""
    return f"{os.getuid()}:{os.getgid()}" if os.getuid() else "1000:1000"


def give_to_user(folder: Path) -> None:
    """Let the containers' user write into `folder`, and nobody else but us."""
    if os.getuid() == 0:
        user, group = map(int, ordinary_user().split(":"))
        os.chown(folder, user, group)


def images() -> list[str]:
    """The tags of the images that this project has made."""
    done = docker("image", "ls", "--filter", f"label={REPOSITORY}=1", "--format", "{{.Repository}}:{{.Tag}}")
    return [tag for tag in done.stdout.split() if "<none>" not in tag]


def remove_images() -> list[str]:
    """Remove those images, and say which."""
    tags = images()
    if tags:
        docker("image", "rm", *tags, timeout=600)
    return tags


def build_image(tag: str, folder: Path, recipe: str, *options: str) -> int:
    """Build the image `tag` of a folder by a Dockerfile's text, and return its size in bytes. Raises HarnessError."""
    try:
        done = docker("build", "--quiet", *options, "--tag", tag, "--file", "-", str(folder), timeout=600, text=recipe)
        if done.returncode:
            raise HarnessError(f"docker build: {last_words(done.stderr + done.stdout)}")
        return int(docker("image", "inspect", tag, "--format", "{{.Size}}").stdout)
    except FileNotFoundError:
        raise HarnessError("docker: not found (to provide it: apt-get install docker.io)") from None
    except subprocess.TimeoutExpired:
        raise HarnessError("docker build: the engine does not answer") from None


def docker(*words: str, timeout: float = 60, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run docker with these words; `text` is its standard input, `timeout` is in seconds."""
    return subprocess.run(
        ["docker", *words],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=timeout,
        input=text,
        check=False,
    )


def first_existing(package: str) -> str:
    """Return the first name of `a | b`."""
    return package.split(" | ")[0]


def last_words(text: str) -> str:
    """Return the line of a build's output that says what went wrong."""
    # apt and pip say what went wrong on lines of their own; the builder's last line only repeats the command
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("E:", "ERROR:")) or " E: " in line or " ERROR: " in line]
    return (errors or lines or ["no reason given"])[-1][:300]
