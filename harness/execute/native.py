"""Run kernels on this machine under the launcher, with the machine's own toolchains."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from harness.execute import launcher
from harness.execute.executor import PROXY_VARIABLES, Executor, Phase
from harness.execute.kernel_environment import programs
from harness.execute.toolchains import remedy
from harness.model.config import Backend, Limits, Pages
from harness.model.job import Absent, Folders, Job, JobResult, Provided
from harness.model.kernel import Toolchain
from harness.util.cache import KeyedCache
from harness.util.files import sha256_of
from harness.util.paths import places

KEPT_VARIABLES = (
    "HOME USER LOGNAME TMPDIR SSL_CERT_FILE "
    "JAVA_HOME RUSTUP_HOME RUSTUP_TOOLCHAIN CARGO_HOME PYENV_ROOT GOROOT GOPATH GOCACHE GOMODCACHE GOPROXY GOSUMDB"
).split()
"""Environment variables that toolchains may need. No other variable is passed on: OMP_NUM_THREADS, GOGC,
JAVA_TOOL_OPTIONS or LD_PRELOAD of the user's shell would change times without a trace in the results."""


def environment(fetching: bool = False) -> dict[str, str]:
    """Return the environment of every build and launch on this machine.

    Toolchains keep caches in HOME. Where there is none, or none that can be written to, they are kept beside builds.
    """
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    if not os.access(kept.get("HOME", ""), os.W_OK):
        home = places().builds / "home"
        home.mkdir(parents=True, exist_ok=True)
        kept["HOME"] = str(home)
    if not os.access(kept.get("TMPDIR", ""), os.W_OK):
        kept.pop("TMPDIR", None)
    if fetching:
        kept |= {name: os.environ[name] for name in PROXY_VARIABLES if name in os.environ}
    return kept | {
        "PATH": os.pathsep.join([str(programs()), os.environ.get("PATH", os.defpath)]),
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def command_works(command: str) -> tuple[bool, str]:
    """Return whether a command succeeds, and the first line of its output, or the last one if it fails."""
    try:
        done = subprocess.run(
            shlex.split(command),
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=60,
            env=environment(),
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except FileNotFoundError:
        return False, f"{shlex.split(command)[0]} is not installed"
    except (OSError, subprocess.TimeoutExpired) as error:
        return False, str(error)
    text = (done.stdout.strip() or done.stderr.strip()) + "\n"
    return done.returncode == 0, text.splitlines()[0 if done.returncode == 0 else -1]


def launcher_words(build_dir: Path) -> list[str]:
    """Return the words that start the launcher on this machine: compiled for it, or in Python without a compiler."""
    fallback = [sys.executable, "-I", "-S", str(launcher.FALLBACK)]
    compiler = shutil.which("gcc") or shutil.which("cc")
    if not compiler:
        return fallback
    home = build_dir / Backend.NATIVE / "tools" / sha256_of(launcher.SOURCE)[:12]
    program = home / "launch"
    if not program.exists():
        home.mkdir(parents=True, exist_ok=True)
        partial = home / f".launch.{os.getpid()}"
        done = subprocess.run(
            [compiler, *launcher.COMPILE, str(launcher.SOURCE), "-o", str(partial)],
            capture_output=True,
            check=False,
        )
        if done.returncode:
            return fallback
        partial.replace(program)
    return [str(program)]


class NativeExecutor(Executor):
    """Run kernels with the toolchains of this machine."""

    name = Backend.NATIVE

    def __init__(self, build_dir: Path, limits: Limits | None = None, pages: Pages = Pages.AS_IS) -> None:
        self._build_dir = build_dir
        self._limits = f"{limits.memory_bytes}:{limits.processes}" if limits else "-"
        self._pages = pages
        self._provided: KeyedCache[Toolchain, Provided | Absent] = KeyedCache()
        self._launchers: KeyedCache[str, list[str]] = KeyedCache()

    def provide(self, toolchain: Toolchain) -> Provided | Absent:
        """Ask the toolchain for its version; it is absent if its version command fails."""
        return self._provided.get(toolchain, lambda: self._ask(toolchain))

    def _ask(self, toolchain: Toolchain) -> Provided | Absent:
        works, line = command_works(toolchain.version_command)
        return Provided(line) if works else Absent(line, remedy(toolchain))

    def forget_absent(self) -> None:
        """Forget all answers, because toolchains may have been installed since."""
        self._provided, self._launchers = KeyedCache(), KeyedCache()

    def run(
        self,
        toolchain: Toolchain,
        folders: Folders,
        jobs: list[Job],
        cpus: tuple[int, ...],
        phase: Phase = "run",
        keep: bool = False,
    ) -> list[JobResult]:
        """Run the jobs under the launcher, which is started anew for each call. Raises RunError."""
        del toolchain, keep
        with tempfile.NamedTemporaryFile(prefix="harness-jobs-") as file:
            file.write(launcher.encode(jobs))
            file.flush()
            return launcher.call(self.command(file.name, cpus, phase), jobs)

    def command(self, jobs: str, cpus: tuple[int, ...], phase: Phase = "run") -> list[str]:
        """Return the command that runs the jobs encoded in a file under the launcher, with its limits."""
        words = self._launchers.get("launcher", lambda: launcher_words(self._build_dir))
        env = [f"{name}={value}" for name, value in environment(phase == "fetch").items()]
        return ["env", "-i", *env, *words, ",".join(map(str, cpus)), self._pages, self._limits, jobs]
