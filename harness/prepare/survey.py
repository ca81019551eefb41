"""Tell of each kernel whether it can run here, before anything is built."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from harness.execute.executor import Executor
from harness.model.config import Backend, Config
from harness.model.job import Absent
from harness.model.kernel import Kernel
from harness.prepare.build import source_fault
from harness.system.devices import lacking_for


class Readiness(StrEnum):
    """Whether a kernel can run here. IMAGE: its toolchain is installed in an image when the image is needed."""

    READY = "ready"
    IMAGE = "image"
    MISSING = "missing"
    SKIPPED = "skipped"
    FAILS = "fails"


@dataclass(frozen=True)
class Surveyed:
    """A kernel, its class, and whether it can run here.

    `version` is that of the toolchain that is ready, `packages` are those of the image. `reason` says what is missing
    or wrong, and `remedy` is the command that provides a missing toolchain.
    """

    kernel: str
    category: str
    state: Readiness
    version: str = ""
    packages: tuple[str, ...] = ()
    reason: str = ""
    remedy: str = ""

    def describe(self) -> str:
        """Return the state in words, such as 'ready: gcc 12.2.0'."""
        if self.state == Readiness.READY:
            return f"ready: {self.version}"
        if self.state == Readiness.IMAGE:
            return f"in an image with {', '.join(self.packages) or 'no packages'}"
        return f"{self.state}: {Absent(self.reason, self.remedy)}"


def survey(kernels: Iterable[Kernel], executor: Executor, config: Config) -> list[Surveyed]:
    """Return the state of each kernel on this machine, with the executor."""
    return [_surveyed(kernel, executor, kernel.category_of(config.threads)) for kernel in kernels]


def _surveyed(kernel: Kernel, executor: Executor, category: str) -> Surveyed:
    if reason := lacking_for(kernel):
        return Surveyed(kernel.id, category, Readiness.SKIPPED, reason=reason)
    if reason := source_fault(kernel):
        return Surveyed(kernel.id, category, Readiness.FAILS, reason=reason)
    if executor.name == Backend.DOCKER:
        toolchain = kernel.toolchain
        packages = (*toolchain.apt, *toolchain.backports, *toolchain.pip)
        return Surveyed(kernel.id, category, Readiness.IMAGE, packages=packages)
    provided = executor.provide(kernel.toolchain)
    if isinstance(provided, Absent):
        return Surveyed(kernel.id, category, Readiness.MISSING, reason=provided.reason, remedy=provided.remedy)
    return Surveyed(kernel.id, category, Readiness.READY, version=provided.version)
