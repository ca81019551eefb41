"""The machine's own toolchains, each launch in a session of its own under the launcher."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from harness.execute import launcher
from harness.execute.executor import Executor, Phase
from harness.execute.toolchains import remedy
from harness.model.config import Limits
from harness.model.job import Absent, Folders, Job, JobResult, Provided
from harness.model.kernel import Toolchain
from harness.util.cache import KeyedCache
from harness.util.files import sha256_of

KEPT = (
    "HOME USER LOGNAME TMPDIR SSL_CERT_FILE "  # who and where
    "JAVA_HOME RUSTUP_HOME RUSTUP_TOOLCHAIN CARGO_HOME PYENV_ROOT GOROOT GOPATH GOCACHE GOMODCACHE GOPROXY GOSUMDB"
).split()
"""What a toolchain may need in order to be found. Nothing else is handed on: an OMP_NUM_THREADS, a GOGC, a
JAVA_TOOL_OPTIONS or an LD_PRELOAD of the user's shell would change a figure without a trace."""


def environment() -> dict[str, str]:
    """The environment of every build and launch on this machine."""
    here = str(Path(sys.executable).parent)  # toolchains from PyPI are in the virtual environment
    return {name: os.environ[name] for name in KEPT if name in os.environ} | {
        "PATH": os.pathsep.join([here, os.environ.get("PATH", os.defpath)]),
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def command_works(command: str) -> tuple[bool, str]:
    """Whether a command can be run and succeeds, and what it said."""
    try:
        done = subprocess.run(
            shlex.split(command),
            capture_output=True,
            text=True,
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


class NativeExecutor(Executor):
    """Runs kernels with the toolchains on this machine."""

    name = "native"

    def __init__(self, build_dir: Path, limits: Limits | None = None, pages: str = "as-is") -> None:
        self._build_dir = build_dir
        self._limits = f"{limits.memory_bytes}:{limits.processes}" if limits else "-"
        self._pages = pages
        self._provided: KeyedCache[Toolchain, Provided | Absent] = KeyedCache()
        self._launchers: KeyedCache[str, list[str]] = KeyedCache()

    def provide(self, toolchain: Toolchain) -> Provided | Absent:
        """Ask the toolchain for its version; it is missing if its version command fails."""
        return self._provided.get(toolchain, lambda: self._ask(toolchain))

    def _ask(self, toolchain: Toolchain) -> Provided | Absent:
        works, said = command_works(toolchain.version_command)
        return Provided(said) if works else Absent(said, remedy(toolchain))

    def forget_absent(self) -> None:
        """Ask again for what was missing, now that something may have been installed."""
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
        """Run the jobs under the launcher. Raises RunError."""
        del toolchain, phase, keep
        with tempfile.NamedTemporaryFile(prefix="harness-jobs-") as file:
            file.write(launcher.encode(jobs))
            file.flush()
            argv = [*self._make_launcher(), ",".join(map(str, cpus)), self._pages, self._limits, file.name]
            env = [f"{name}={value}" for name, value in environment().items()]
            return launcher.call(["env", "-i", *env, *argv], jobs)

    def _make_launcher(self) -> list[str]:
        fallback = [sys.executable, "-I", "-S", str(launcher.FALLBACK)]
        return self._launchers.get("launcher", lambda: self._compile() or fallback)

    def _compile(self) -> list[str] | None:
        compiler = shutil.which("gcc") or shutil.which("cc")
        if not compiler:
            return None
        home = self._build_dir / "native" / "tools" / sha256_of(launcher.SOURCE)[:12]
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
                return None
            partial.replace(program)
        return [str(program)]
