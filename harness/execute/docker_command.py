"""Call the docker command: query the engine, and manage images."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from harness.execute.package_manager import advice
from harness.model.errors import HarnessError
from harness.model.job import Absent
from harness.model.kernel import Toolchain
from harness.util.paths import ROOT

DOCKERFILE = ROOT / "Dockerfile"

BASE = "debian:trixie-slim"
"""The public image that a toolchain's image starts from, unless its kernel.yaml names another."""

REPOSITORY = "60000x"
"""First part of the names of this project's images, and the label by which they are found."""

ENGINE = Toolchain(
    language="docker",
    apt=("docker.io",),
    backports=(),
    pip=(),
    version_command="docker --version",
    dnf=("moby-engine",),
    pacman=("docker",),
    apk=("docker",),
)
"""The packages of the engine and its command."""

_builds: set[subprocess.Popen[str]] = set()
"""The clients that build an image now."""

OUT_OF_TIME = 124
"""Exit status of a call that ran out of time, as timeout(1) has it."""


def engine_version() -> str | Absent:
    """Return the version of the Docker engine, or the reason why none answers."""
    if not shutil.which("docker"):
        return Absent("no docker command on this machine", advice(ENGINE))
    done = docker("version", "--format", "{{.Server.Version}}", timeout=20)
    if done.returncode or not done.stdout.strip():
        why = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        return Absent(f"no Docker engine answers: {why}", "systemctl start docker")
    return done.stdout.strip()


def base_image() -> str | Absent:
    """Return the id of the base image, pulling it if it is absent."""
    inspect = ("image", "inspect", BASE, "--format", "{{.Id}}")
    if (local := docker(*inspect)).returncode == 0:
        return local.stdout.strip()
    pulled = docker("pull", "--quiet", BASE, timeout=600)
    if pulled.returncode == 0 and (local := docker(*inspect)).returncode == 0:
        return local.stdout.strip()
    why = (pulled.stderr.strip().splitlines() or ["no answer"])[-1]
    return Absent(f"the image {BASE} cannot be pulled: {why}", f"docker pull {BASE}")


def bind_mount(outside: Path, inside: Path, read_only: bool = True) -> list[str]:
    """Return the option of `docker run` that mounts a folder of this machine.

    The engine reads the fields as CSV: quoted, a path may have commas.
    """
    source = f"source={outside}".replace('"', '""')
    return ["--mount", f'type=bind,"{source}",target={inside}' + (",readonly" if read_only else "")]


def images() -> list[str]:
    """Return the tags of the images that this project built."""
    done = docker("image", "ls", "--filter", f"label={REPOSITORY}=1", "--format", "{{.Repository}}:{{.Tag}}")
    return [tag for tag in done.stdout.split() if "<none>" not in tag]


def remove_images() -> list[str]:
    """Remove the images that this project built, and return their tags."""
    tags = images()
    if tags:
        docker("image", "rm", *tags, timeout=600)
    return tags


def build_image(tag: str, folder: Path, recipe: str, *options: str) -> int:
    """Build an image from a folder and the text of a Dockerfile; return its size in bytes. Raises HarnessError."""
    try:
        done = docker("build", "--quiet", *options, "--tag", tag, "--file", "-", str(folder), timeout=600, text=recipe)
        if done.returncode:
            raise HarnessError(f"docker build: {error_line(done.stderr + done.stdout)}")
        return int(docker("image", "inspect", tag, "--format", "{{.Size}}").stdout)
    except FileNotFoundError:
        raise HarnessError(f"docker: not found (to provide it: {advice(ENGINE)})") from None


def docker(*words: str, timeout: float = 60, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run docker with these arguments; `text` is its standard input, `timeout` is in seconds.

    An engine that does not answer in time is told as docker tells its errors: a hanging engine is no defect of the
    harness, whichever question it hangs at.
    """
    command = ["docker", *words]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, encoding="utf-8", errors="replace") as process:
        if words[0] == "build":
            _builds.add(process)
        try:
            stdout, stderr = process.communicate(text, timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            reason = f"the Docker engine does not answer 'docker {words[0]}' (to mend it: systemctl restart docker)"
            return subprocess.CompletedProcess(command, OUT_OF_TIME, "", reason)
        except BaseException:
            process.kill()
            raise
        finally:
            _builds.discard(process)
    return subprocess.CompletedProcess(command, process.returncode, stdout, stderr)


def stop_builds() -> None:
    """Kill the clients that build an image; the engine then gives up the step, and keeps the steps before it.

    A client that is only interrupted waits until the engine has ended the step.
    """
    for process in tuple(_builds):
        process.kill()


def first_alternative(package: str) -> str:
    """Return the first name of `a | b`."""
    return package.split(" | ")[0]


STEP = re.compile(r"\s*(--->|Step \d|Removing intermediate container|Sending build context)")
"""Lines by which the plain builder says what it does; none is an error."""


def error_line(text: str) -> str:
    """Return the line of a build's output that names the error."""
    # apt and pip name the error on a line of their own; the builder's last line only repeats the command
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    lines = [line.strip() for line in plain.splitlines() if line.strip() and not STEP.match(line)]
    errors = [line for line in lines if line.startswith(("E:", "ERROR:")) or " E: " in line or " ERROR: " in line]
    return (errors or lines or ["no reason given"])[-1][:300]
