"""Test what is installed without being asked for."""

from __future__ import annotations

import shutil

from harness.execute.toolchains import pip_by_language, provide_missing
from harness.model.job import Absent
from tests.factories import toolchain
from tests.needs import need


def test_nothing_is_installed_with_apt_unless_asked_for():
    need(shutil.which("apt-get"), "apt-get")
    said = []

    provide_missing([toolchain(apt=("no-such-package",))], lambda _: Absent("missing"), said.append, with_system=False)

    [line] = said
    assert line.startswith("Not installed, because ") and line.endswith(": sudo apt-get install no-such-package")


def test_packages_of_two_languages_are_installed_by_two_calls():
    """Their pins may conflict: setuptools of one language is not that which another asks for."""
    toolchains = [toolchain("a", pip=("x==1", "setuptools==59")), toolchain("b", pip=("setuptools==80",))]

    assert pip_by_language(toolchains) == [["x==1", "setuptools==59"], ["setuptools==80"]]


def test_packages_of_one_language_are_installed_by_one_call():
    toolchains = [toolchain("a", pip=("x==1",)), toolchain("a", pip=("x==1", "y==2")), toolchain("b")]

    assert pip_by_language(toolchains) == [["x==1", "y==2"]]


def test_a_language_with_packages_of_another_needs_no_call():
    toolchains = [toolchain("a", pip=("x==1",)), toolchain("b", pip=("y==2", "x==1"))]

    assert pip_by_language(toolchains) == [["y==2", "x==1"]]
