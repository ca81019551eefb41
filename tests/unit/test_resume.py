"""Test on which machines a run that was interrupted can be continued."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.model.errors import UsageError
from harness.model.machine import HostInfo
from harness.run import resume
from harness.system import host
from tests import factories


def begun_on(folder: Path, machine: HostInfo) -> Path:
    """Return the folder of a run that was begun on this machine."""
    return factories.store(folder, host=machine).folder


def test_run_of_this_machine_is_continued(tmp_path):
    here = host.describe()

    config, store = resume(begun_on(tmp_path, here))

    assert store.record.host == here and config == store.record.config


def test_run_of_another_cpu_of_this_name_is_refused(tmp_path):
    here = host.describe()
    other = replace(here, cpu_id=replace(here.cpu_id, family=1, model=2))

    with pytest.raises(UsageError) as refused:
        resume(begun_on(tmp_path, other))

    assert f"the run was begun on {here.cpu} (family 1, model 2" in str(refused.value)
    assert f"this is {here.cpu}" in str(refused.value)


def test_run_with_another_number_of_processors_is_refused(tmp_path):
    here = host.describe()
    now = f"{here.processors} processor" + ("s" if here.processors > 1 else "")

    with pytest.raises(UsageError, match=f"another machine: 1000 processors then, {now} now"):
        resume(begun_on(tmp_path, replace(here, processors=1000)))
