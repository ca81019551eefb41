"""Build and check a tried file as every kernel is built and checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.attempt.own_kernel import Attempt
from harness.attempt.smallest import WRONG_VALUES, smallest_case
from harness.execute.executor import Executor
from harness.model.config import Config
from harness.model.errors import HarnessError
from harness.model.job import Absent, Built, Failed, Passed
from harness.prepare.build import build
from harness.prepare.check import Workspace, check, check_inputs
from harness.prepare.stages import Prepared, make_build_folder, provide
from harness.system import host
from harness.util.console import Console
from harness.util.paths import shown
from harness.util.scratch import fresh


@dataclass(frozen=True)
class Wrong:
    """A file that failed: why, and the matrices of the smallest wrong case, a line each, if it can be shown."""

    failed: Failed
    case: tuple[str, ...] = ()


@dataclass(frozen=True)
class OwnChecks:
    """The place where a file is built and checked. `folder` is for what the launches write.

    With `install`, a missing toolchain is installed where that is possible.
    """

    attempt: Attempt
    executor: Executor
    config: Config
    folder: Path
    console: Console
    install: bool = True

    def run(self) -> Passed | Wrong:
        """Build and check the file. Raises HarnessError if what it takes to build it is not there."""
        built = self._build()
        return Wrong(built) if isinstance(built, Failed) else self._check(built)

    def _build(self) -> Built | Failed:
        kernel, config, prepared = self.attempt.kernel, self.config, Prepared()
        make_build_folder(config)
        provide([kernel], self.executor, prepared, self.console, self.install)
        if kernel.id in prepared.skips:
            raise HarnessError(f"{shown(self.attempt.file)}: cannot be built: {prepared.skips[kernel.id]}")
        self.console.status("  building")
        cpus, cpu = host.usable_cpus(host.processors()), host.cpu_identity()
        provided = prepared.provided[kernel.id]
        result = build(kernel, provided, self.executor, config.build_dir, config.limits, cpu, cpus)
        if isinstance(result, Absent):
            raise HarnessError(f"{shown(self.attempt.file)}: cannot be built: {result}")
        return result

    def _check(self, built: Built) -> Passed | Wrong:
        config, kernel = self.config, self.attempt.kernel
        self.console.status("  checking")
        inputs = check_inputs(config.check_sizes, config.seed, fresh(self.folder, "check-inputs"))
        cpus = host.usable_cpus(config.threads)
        limit_s = config.limits.timeout_s
        workspace = Workspace(self.executor, config.build_dir, self.folder, config.threads, cpus, limit_s)
        result = check(kernel, built, inputs, workspace)
        if isinstance(result, Failed):
            # a kernel that hangs would hang again
            wrong = result.code in WRONG_VALUES
            return Wrong(result, tuple(smallest_case(kernel, inputs, workspace, config.seed)) if wrong else ())
        return result
