"""Try one file (`python -m harness try FILE`): check it as a kernel, and measure it beside rungs of its language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from harness.attempt.comparison import Comparison
from harness.attempt.language import languages_for, rung_like
from harness.attempt.own_checks import OwnChecks, Wrong
from harness.attempt.own_kernel import make_kernel, read_source
from harness.attempt.rounds import ROUNDS
from harness.attempt.sentences import measured, right, what_it_is, wrong
from harness.model.config import Config, Effort
from harness.model.job import Failed
from harness.prepare.stages import choose_executor
from harness.system.lock import host_lock
from harness.util.console import Console
from harness.util.scratch import fresh, scratch


def try_file(
    file: Path, like: str | None, all_threads: bool, config: Config, console: Console, out: Callable[[str], None]
) -> bool:
    """Try a file, and print what it is, whether it is right and where it stands; return whether it is right.

    `like` names the kernel whose build and driver it has. With `all_threads`, it has all threads of the configuration
    even if that kernel has one. Raises UsageError, HarnessError.
    """

    def print_lines(lines: list[str]) -> None:
        for line in lines:
            out(line)

    text = read_source(file)
    kernels = languages_for(config)
    rung = rung_like(file, like, kernels)
    # few rounds suffice, since all kernels are measured in each; the smallest case that is wrong comes first
    config = replace(config, effort=Effort.QUICK, rounds=ROUNDS, check_sizes=tuple(sorted(config.check_sizes)))
    with host_lock(), scratch(2**28 + 24 * config.n**2, config.build_dir / "scratch") as folder:
        executor, why = choose_executor(config)  # first, since it decides who may read the copies
        attempt = make_kernel(file, text, rung, kernels, fresh(folder, "kernels"))
        if all_threads:
            attempt = replace(attempt, kernel=replace(attempt.kernel, threaded=True))
        console.line(f"{attempt.kernel.language_name}, {executor.name} ({why})")
        print_lines([what_it_is(attempt)])
        checked = OwnChecks(attempt, executor, config, folder, console).run()
        if isinstance(checked, Wrong):
            print_lines(wrong(attempt, checked.failed, checked.case))
            return False
        print_lines([right(checked, config.check_sizes)])
        compared = Comparison(attempt, kernels, executor, config, folder, console).run(checked)
        if isinstance(compared, Failed):
            print_lines(wrong(attempt, compared))
            return False
        print_lines(measured(compared))
        return True
