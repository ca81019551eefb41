"""Test what is installed without being asked for."""

from __future__ import annotations

import shutil

from harness.execute.toolchains import provide_missing
from harness.model.job import Absent
from tests.factories import toolchain
from tests.needs import need


def test_nothing_is_installed_with_apt_unless_asked_for():
    need(shutil.which("apt-get"), "apt-get")
    said = []

    provide_missing([toolchain(apt=("no-such-package",))], lambda _: Absent("missing"), said.append, with_system=False)

    [line] = said
    assert line.startswith("Not installed, because ") and line.endswith(": sudo apt-get install no-such-package")
