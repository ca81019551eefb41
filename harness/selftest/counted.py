"""Experiment on counts: count a kernel twice, and the same with a thousandth more work, and tell them apart."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from harness.analysis.compare import Instructions
from harness.config.kernels import load_kernels
from harness.explain.counting import Counter, counter_of
from harness.model.config import Config
from harness.model.counts import Counts
from harness.model.errors import HarnessError
from harness.model.job import Absent, Built
from harness.model.kernel import Kernel
from harness.prepare.stages import Prepared, build_all, choose_executor, provide
from harness.selftest.case import Case
from harness.selftest.kernels import SOURCES
from harness.util.console import Console

STEPS_PER_MILLE = 1000
"""Steps of an element of which one more is a thousandth: n is a multiple of it."""

EXTRA = (1, 2, 3, 4)
"""More steps of each element; n is as many times STEPS_PER_MILLE, so that all are a thousandth more work."""

MIN_PERCENT = 0.05
"""More instructions, in percent, from which on a kernel is said to execute more: half of what there is to find."""

_YAML = """\
name: C
apt: [gcc, libc6-dev]
version: gcc --version
build: gcc -std=gnu17 -O2 {flags} -o {out} {source} driver.c
run: "{out}"
rungs:
"""


def counts(config: Config, trials: int, console: Console) -> Iterator[Case]:
    """Yield a case for each trial, of an n that is drawn: `different` if the extra work was found.

    `error` is the share of instructions that was found, `half_width` that by which two counts of the same kernel
    differ: it prints the time of a call, and each digit takes some. Raises HarnessError if nothing can be counted.
    """
    generator = random.Random(config.seed)
    with tempfile.TemporaryDirectory(prefix="60000x-selftest-") as folder:
        _write_kernels(Path(folder), config.kernels_dir)
        settings = replace(config, kernels_dir=Path(folder), build_dir=config.build_dir / "selftest", more_kernels=())
        executor, _ = choose_executor(settings)
        kernels, prepared = load_kernels(settings.kernels_dir), Prepared()
        provide(kernels, executor, prepared, console)
        build_all(kernels, executor, settings, prepared, console)
        if len(prepared.built) < len(kernels):
            raise HarnessError("the kernels of the experiment could not be built")
        built = {kernel.id: (kernel, prepared.built[kernel.id]) for kernel in kernels}
        for trial in range(trials):
            extra = generator.choice(EXTRA)
            console.status(f"  counts: trial {trial + 1} of {trials}, n = {extra * STEPS_PER_MILLE}")
            of_trial = replace(settings, n=extra * STEPS_PER_MILLE, seed=generator.randrange(2**31))
            counter = counter_of(executor, of_trial)
            if isinstance(counter, Absent):
                raise HarnessError(str(counter))
            plain, again, more = (
                _counted(*built[name], counter)
                for name in ("c/interchange", "c/interchange", f"c/interchange-plus{extra}")
            )
            assert plain.per_step and again.per_step and more.per_step
            found = Instructions(plain.per_step.instructions, more.per_step.instructions)
            yield Case(
                "counts",
                "c/interchange",
                per_mille=1,
                different=found.percent > MIN_PERCENT,
                half_width=abs(Instructions(plain.per_step.instructions, again.per_step.instructions).percent) / 100,
                error=found.percent / 100,
            )


def _counted(kernel: Kernel, built: Built, counter: Counter) -> Counts:
    """Return the counts of a kernel. Raises HarnessError if it has none."""
    counted = counter.count(kernel, built)
    if counted.per_step is None:
        raise HarnessError(f"{kernel.id}: {counted.reason}")
    return counted


def _write_kernels(folder: Path, kernels_dir: Path) -> None:
    """Write a kernels folder: the kernel without extra work, and with each amount; the driver is the project's."""
    home = folder / "c"
    home.mkdir()
    shutil.copy(SOURCES / "counted.c", home)
    for driver in ("driver.c", "driver.h"):
        shutil.copy(kernels_dir / "c" / driver, home)
    rungs = "  interchange: {source: counted.c, flags: -DEXTRA=0}\n" + "".join(
        f"  interchange-plus{extra}: {{source: counted.c, flags: -DEXTRA={extra}}}\n" for extra in EXTRA
    )
    (home / "kernel.yaml").write_text(_YAML + rungs, encoding="utf-8")
