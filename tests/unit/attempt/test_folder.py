"""An attempt at a folder, with an executor that has neither processes nor a clock."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from harness.attempt import folder
from harness.attempt.documents import Conditions
from harness.attempt.entries import entries_in
from harness.attempt.folder import FolderAttempt
from harness.attempt.language import languages_for
from harness.attempt.rounds import CLASS_ROUNDS
from harness.attempt.settings import settings_of
from harness.attempt.verdict import Verdict
from harness.config.kernels import load_kernels
from harness.config.load import load_config
from harness.util.console import Console
from tests.fake_executor import FakeExecutor
from tests.toy import SOURCE


def clock(name, rows, n, launch):
    return 10_000 * rows


@pytest.fixture
def entries(tmp_path):
    """Return the folder of two honest entries and an empty one."""
    entries = tmp_path / "class"
    entries.mkdir()
    (entries / "ada.py").write_text(SOURCE)
    (entries / "bob.py").write_text(SOURCE)
    (entries / "cy.py").touch()
    return entries


@pytest.fixture
def attempt_with(config, project, tmp_path):
    """Return a function from an executor to an attempt, and the list of its documents."""
    [naive] = load_kernels(project / "kernels")
    naive = replace(naive, run=naive.id)  # as the fake executor expects
    config = replace(config, kernels_dir=project / "kernels", check_sizes=(1, 2), n=16)
    (tmp_path / "scratch").mkdir()

    def attempt(executor, rungs=None, kernels=(naive,)):
        documents, settings = [], settings_of(config, 5, CLASS_ROUNDS, (), False)
        made = FolderAttempt(
            "class",
            Conditions("fake", "", "A CPU"),
            kernels,
            rungs or {".py": naive},
            executor,
            settings,
            tmp_path / "scratch",
            Console(),
            documents.append,
        )
        return made, documents

    return attempt


def verdicts(document):
    return {entry.name: entry.verdict for entry in document.entries}


def test_equal_entries_share_their_rank_and_have_a_place(attempt_with, entries):
    attempt, documents = attempt_with(FakeExecutor(clock))

    attempt.run(entries_in(entries))

    last = documents[-1]
    assert verdicts(last) == {"ada.py": "right", "bob.py": "right", "cy.py": "refused"}
    for entry in last.entries[:2]:
        assert (entry.rank, entry.rounds, entry.naive) == ("1=", CLASS_ROUNDS, "toy/naive")
    assert [reference.kernel for reference in last.references] == ["toy/naive"]
    assert last.finished and not last.all_right


def test_each_entry_has_folders_of_its_own(attempt_with, entries):
    attempt, _ = attempt_with(FakeExecutor(clock))

    attempt.run(entries_in(entries))

    kernels = [each.kernel for each in attempt.attempts.values()]
    assert [kernel.id for kernel in kernels] == ["toy/try-1", "toy/try-2"]
    assert kernels[0].folder != kernels[1].folder


def test_entry_that_fails_later_keeps_no_other_from_its_rank(attempt_with, entries):
    """An output that is wrong in a round, though the checks passed, is a verdict on its entry."""

    def spoil(name, c):
        return c + (c.shape == (16, 16))

    attempt, documents = attempt_with(FakeExecutor(clock, spoil))

    attempt.run(entries_in(entries))

    assert set(verdicts(documents[-1]).values()) == {Verdict.WRONG, Verdict.REFUSED}


def test_interrupted_attempt_keeps_what_was_measured(attempt_with, entries):
    def interrupt(name, rows, n, launch):
        if documents and documents[-1].entries[0].rounds == 2:
            raise KeyboardInterrupt
        return clock(name, rows, n, launch)

    attempt, documents = attempt_with(FakeExecutor(interrupt))

    with pytest.raises(KeyboardInterrupt):
        attempt.run(entries_in(entries))

    last = documents[-1]
    assert not last.finished and [entry.name for entry in last.entries] == ["ada.py", "bob.py", "cy.py"]
    assert last.entries[0].rounds == 2


def test_entry_that_takes_for_ever_to_read_is_refused(attempt_with, tmp_path, monkeypatch):
    """Pygments needs a second for some thousand empty lines of C, and hours for a megabyte of them."""
    monkeypatch.setattr(folder, "READ_S", 0.1)
    kernels = languages_for(load_config())
    naive = next(kernel for kernel in kernels if kernel.id == "c/naive")
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "a.c").write_text("\n" * 50_000 + "x")
    attempt, documents = attempt_with(FakeExecutor(clock), {".c": naive}, kernels)

    attempt.run(entries_in(tmp_path / "class"))

    [entry] = documents[-1].entries
    assert (entry.verdict, entry.reason) == (Verdict.REFUSED, "could not be read within 0.1 s")


def test_wrong_entry_is_told_with_its_smallest_case(attempt_with, entries):
    attempt, documents = attempt_with(FakeExecutor(clock, lambda name, c: np.zeros_like(c)))

    attempt.run(entries_in(entries))

    entry = documents[-1].entries[0]
    assert entry.verdict == Verdict.WRONG and entry.reason.endswith("(n = 1, rows = 1, threads = 1)")
    assert len(entry.case) == 4
