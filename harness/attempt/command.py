"""Try one file (`python -m harness try FILE`): check it as a kernel, and measure it beside rungs of its language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from harness.attempt.compared import Compared, compared_with
from harness.attempt.comparison import Comparison, Measured
from harness.attempt.documents import Conditions, TryDocument, document_of, references_of
from harness.attempt.inspection import inspect_kernel
from harness.attempt.language import languages_for, rung_like
from harness.attempt.limit import limit_of
from harness.attempt.outcome import Tried, failed_outcome, right_outcome
from harness.attempt.own_checks import OwnChecks, Wrong
from harness.attempt.own_kernel import Attempt, make_kernel, read_source
from harness.attempt.sentences import measured_lines, repeated, right, what_it_is, wrong
from harness.attempt.settings import Settings
from harness.execute.executor import Executor
from harness.model.errors import HarnessError, UsageError
from harness.model.job import Failed
from harness.model.kernel import Kernel
from harness.prepare.stages import choose_executor
from harness.system import host
from harness.system.lock import host_lock
from harness.util.chip import chip_name
from harness.util.console import Console
from harness.util.paths import shown
from harness.util.printable import printable
from harness.util.scratch import fresh, scratch


def try_file(file: Path, settings: Settings, console: Console, out: Callable[[str], None]) -> TryDocument:
    """Try a file, and print what it is, whether it is right and where it stands; return all that as a document.

    Raises UsageError, HarnessError.
    """
    if len(settings.like) > 1:
        raise UsageError(f"--like: expected one kernel for a file, found {', '.join(settings.like)}")
    text, config = read_source(file), settings.config
    kernels = languages_for(config)
    rung = rung_like(file, settings.like[0] if settings.like else None, kernels)
    with host_lock(), scratch(2**28 + 96 * config.n**2, config.build_dir / "scratch") as folder:
        executor, why = choose_executor(config)  # first, since it decides who may read the copies
        attempt = make_kernel(file, text, rung, kernels, fresh(folder, "kernels"))
        if settings.all_threads:
            attempt = attempt.with_all_threads()
        console.line(f"{attempt.kernel.language_name}, {executor.name} ({why})")
        out(what_it_is(attempt))
        tried, measured = _tried(attempt, executor, kernels, settings, folder, console, out)
        out(repeated(config.seed))
    conditions = Conditions(executor.name, why, chip_name(host.describe()))
    return document_of(shown(file), conditions, config, [tried], references_of(kernels, measured, config))


def _tried(
    attempt: Attempt,
    executor: Executor,
    kernels: tuple[Kernel, ...],
    settings: Settings,
    folder: Path,
    console: Console,
    out: Callable[[str], None],
) -> tuple[Tried, Measured | None]:
    """Check and measure a file, and print each result as soon as it is known."""
    config, name = settings.config, printable(shown(attempt.file))

    def failed_as(failed: Failed, case: tuple[str, ...] = ()) -> Tried:
        out("\n".join(wrong(attempt, failed, case)))
        return failed_outcome(name, attempt, failed, config.threads, case)

    checked = OwnChecks(attempt, executor, config, folder, console).run()
    if isinstance(checked, Wrong):
        return failed_as(checked.failed, checked.case), None
    out(right(checked, config.check_sizes))
    passed, common_seed = {attempt.kernel.id: checked}, settings.common_seed
    measured = Comparison([attempt], passed, kernels, executor, config, common_seed, folder, console).run()
    compared = compared_with([attempt], measured, kernels, config).get(attempt.kernel.id)
    if isinstance(compared, Failed):
        return failed_as(compared), measured
    if not isinstance(compared, Compared):
        raise HarnessError(f"{shown(attempt.file)}: was not measured to its end")
    out("\n".join(measured_lines(compared)))
    own = attempt.kernel
    inspected = inspect_kernel(own, executor, config, folder, console)
    limit = limit_of(inspected, own.threads_of(config.threads), config.threads)
    out(limit)
    return replace(right_outcome(name, attempt, checked, config.threads, compared), limit=limit), measured
