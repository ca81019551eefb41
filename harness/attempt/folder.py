"""Try the entries of a folder (`python -m harness try DIR`): each alone, then all in the same rounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.attempt.compared import Compared, compared_with
from harness.attempt.comparison import Comparison, Measured
from harness.attempt.confinement import confinement, refusal
from harness.attempt.documents import Conditions, TryDocument, document_of, references_of
from harness.attempt.entries import Entry, entries_in, source_of
from harness.attempt.language import languages_for, rung_like, rungs_by_suffix
from harness.attempt.outcome import Tried, failed_outcome, right_outcome, without_kernel
from harness.attempt.own_checks import OwnChecks, Wrong
from harness.attempt.own_kernel import VARIANT, Attempt, make_kernel, read_source
from harness.attempt.settings import Settings
from harness.attempt.text import counted
from harness.attempt.verdict import Verdict
from harness.execute.executor import Executor
from harness.model.config import Backend, Config
from harness.model.errors import HarnessError, UsageError
from harness.model.job import Failed, Passed
from harness.model.kernel import Kernel
from harness.prepare.stages import choose_executor
from harness.system import host
from harness.system.lock import host_lock
from harness.util.chip import chip_name
from harness.util.console import Console
from harness.util.files import remove_tree
from harness.util.paths import shown
from harness.util.scratch import fresh, scratch
from harness.util.time_limit import time_limit

LAUNCH_S, BUILD_S = 60, 300
"""Longest time of a launch beyond what its pilots predict, and of a build, in seconds. A run-all waits for an hour,
since its kernels are the user's own; here, each of many entries may hang."""

READ_S = 10
"""Longest time in which an entry is read, in seconds. Pygments takes hours to find the comments of some garbage: its
patterns try each of a million line ends as a beginning."""


def try_folder(
    folder: Path, settings: Settings, trust: bool, console: Console, report: Callable[[TryDocument], None]
) -> None:
    """Try each entry of a folder.

    `report` is called with what is known of all entries after their checks, after each round, and when an attempt ends
    or is interrupted. Raises UsageError, HarnessError, KeyboardInterrupt.
    """
    entries, limits = entries_in(folder), settings.config.limits
    limits = replace(
        limits,
        timeout_s=min(LAUNCH_S, limits.timeout_s),
        build_timeout_s=min(BUILD_S, limits.build_timeout_s),
    )
    settings = replace(settings, config=replace(settings.config, limits=limits))
    config = settings.config
    kernels = languages_for(config)
    rungs = rungs_by_suffix(settings.like, kernels)
    with host_lock(), scratch(2**28 + 96 * config.n**2, config.build_dir / "scratch") as place:
        executor, why = choose_executor(config)
        if executor.name != Backend.DOCKER and not trust:
            raise UsageError(refusal(shown(folder), why))
        console.line(f"{counted(len(entries))}, {executor.name} ({why}). {confinement(executor.name)}")
        conditions = Conditions(executor.name, why, chip_name(host.describe()), confinement(executor.name))
        attempt = FolderAttempt(shown(folder), conditions, kernels, rungs, executor, settings, place, console, report)
        _remove_builds(config, executor)  # of an attempt that was killed
        try:
            attempt.run(entries)
        finally:
            _remove_builds(config, executor)


@dataclass
class FolderAttempt:
    """The entries of a folder, and what is known of them so far, by the number of the entry.

    An entry is in `outcomes` once it failed, and in `attempts` and `passed` once it passed its checks.
    """

    what: str
    conditions: Conditions
    kernels: Sequence[Kernel]
    rungs: Mapping[str, Kernel]
    executor: Executor
    settings: Settings
    place: Path
    console: Console
    report: Callable[[TryDocument], None]
    names: list[str] = field(default_factory=list)
    outcomes: dict[int, Tried] = field(default_factory=dict)
    attempts: dict[int, Attempt] = field(default_factory=dict)
    passed: dict[int, Passed] = field(default_factory=dict)
    measured: Measured | None = None

    @property
    def config(self) -> Config:
        """The configuration with the seed of this attempt."""
        return self.settings.config

    def run(self, entries: Sequence[Entry]) -> None:
        """Check each entry, one after the other, and measure those that are right together."""
        self.names = [entry.name for entry in entries]
        finished = False
        try:
            for number, entry in enumerate(entries):
                self._check(number, entry)
            self.report(self._document(finished))
            if self.attempts:
                self._measure()
            finished = True
        finally:
            self.report(self._document(finished))

    def _check(self, number: int, entry: Entry) -> None:
        """Make a kernel of an entry, build it and check it. Whatever it is, it ends as an outcome or as passed."""
        self.console.status(f"  {number + 1} of {len(self.names)}: {entry.name}")
        copies = fresh(self.place, f"entry-{number}")
        try:
            attempt = self._attempt(number, entry, copies)
        except (HarnessError, OSError, ValueError, RecursionError) as error:
            # whatever an entry is, the others have their turn
            self._failed(number, without_kernel(entry.name, Verdict.REFUSED, _reason(error)))
            return
        checks = OwnChecks(attempt, self.executor, self.config, self.place, self.console, install=False)
        try:
            checked = checks.run()
        except (HarnessError, OSError) as error:
            self._failed(number, without_kernel(entry.name, Verdict.NOT_RUN, _reason(error)))
            return
        if isinstance(checked, Wrong):
            threads = self.config.threads
            self._failed(number, failed_outcome(entry.name, attempt, checked.failed, threads, checked.case))
            return
        self.attempts[number], self.passed[number] = attempt, checked
        self.console.line(f"  {entry.name}: right in all {checked.launches} launches of the checks")

    def _attempt(self, number: int, entry: Entry, copies: Path) -> Attempt:
        source = source_of(entry, self.rungs)
        # the name within DIR: in what a compiler says, the path of DIR would only be noise
        file = source.file.relative_to(entry.path.parent)
        variant = f"{VARIANT}-{number + 1}"  # so that each has folders and containers of its own
        try:
            text = read_source(source.file)
            rung = self.rungs.get(file.suffix) or rung_like(file, None, self.kernels)
            with time_limit(READ_S, f"could not be read within {READ_S} s"):
                attempt = make_kernel(file, text, rung, self.kernels, copies, variant, source.helpers)
        except UsageError as error:
            reason = str(error)
            for path in (source.file, file):
                reason = reason.removeprefix(f"{shown(path)}: ")
            raise UsageError(reason) from None
        return attempt.with_all_threads() if self.settings.all_threads else attempt

    def _failed(self, number: int, outcome: Tried) -> None:
        self.outcomes[number] = outcome
        self.console.line(f"  {outcome.name}: {outcome.verdict}: {outcome.reason}")

    def _measure(self) -> None:
        def after_round(measured: Measured) -> None:
            self.measured = measured
            self.report(self._document(False))

        passed = {attempt.kernel.id: self.passed[number] for number, attempt in self.attempts.items()}
        self.measured = Comparison(
            list(self.attempts.values()),
            passed,
            self.kernels,
            self.executor,
            self.config,
            self.settings.common_seed,
            self.place,
            self.console,
            after_round,
        ).run()

    def _document(self, finished: bool) -> TryDocument:
        found = self._compared()
        entries = [self._outcome(number, name, found) for number, name in enumerate(self.names)]
        references = references_of(self.kernels, self.measured, self.config)
        return document_of(self.what, self.conditions, self.config, entries, references, finished)

    def _compared(self) -> dict[str, Compared | Failed]:
        if self.measured is None:
            return {}
        return compared_with(list(self.attempts.values()), self.measured, self.kernels, self.config)

    def _outcome(self, number: int, name: str, compared: Mapping[str, Compared | Failed]) -> Tried:
        if number in self.outcomes:
            return self.outcomes[number]
        if number not in self.attempts:
            return without_kernel(name, Verdict.NOT_RUN, "the attempt was interrupted before")
        attempt, threads = self.attempts[number], self.config.threads
        found = compared.get(attempt.kernel.id)
        if isinstance(found, Failed):
            return failed_outcome(name, attempt, found, threads)
        return right_outcome(name, attempt, self.passed[number], threads, found)


def _reason(error: Exception) -> str:
    """Return an error as a sentence."""
    return f"cannot be used: {error.strerror or error}" if isinstance(error, OSError) else str(error)


def _remove_builds(config: Config, executor: Executor) -> None:
    """Remove what was built of entries: no later entry is to find it."""
    for path in (config.build_dir / executor.name).glob(f"*/{VARIANT}-*"):
        remove_tree(path)
    for path in (config.build_dir / executor.name).glob(f"*/.{VARIANT}-*"):
        remove_tree(path)
