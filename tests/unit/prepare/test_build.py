"""Building: an artefact is made once, whoever else wants it, and made again when what it is made from changes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.config.kernels import load_kernels
from harness.execute.native import NativeExecutor
from harness.model.config import Limits
from harness.model.job import Built, Failed, FailureCode, Provided
from harness.prepare.build import build, home_of

LIMITS = Limits(memory_bytes=2**30, processes=64, timeout_s=60, build_timeout_s=60)
KERNEL = """
name: Toy
version: "true"
build: sh build.sh {{out}} {note}
run: "{{out}}"
rungs:
  naive: {{source: naive.txt}}
"""


@pytest.fixture
def build_toy(tmp_path):
    """Builds a kernel whose compiler takes a while, and writes a line to `calls` each time that it is run."""
    folder = tmp_path / "kernels" / "toy"
    folder.mkdir(parents=True)
    (folder / "kernel.yaml").write_text(KERNEL.format(note=tmp_path / "calls"))
    (folder / "naive.txt").write_text("first")
    (folder / "build.sh").write_text('echo called >> "$2"; sleep 0.3; cp naive.txt "$1"')

    def call(_: int = 0) -> Built | Failed:
        [kernel] = load_kernels(tmp_path / "kernels")
        executor = NativeExecutor(tmp_path / "build")
        return build(kernel, Provided("1"), executor, tmp_path / "build", LIMITS, "cpu", (0,))

    return call


def calls(tmp_path) -> int:
    return len((tmp_path / "calls").read_text().splitlines())


def test_runs_at_the_same_time_build_an_artefact_once(build_toy, tmp_path):
    """An artefact that is replaced while the other run uses it would be a kernel that is not there."""
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(build_toy, range(4)))
    assert calls(tmp_path) == 1
    assert len(set(results)) == 1 and isinstance(results[0], Built)
    inode = results[0].path.stat().st_ino
    assert build_toy() == results[0] and results[0].path.stat().st_ino == inode


def test_a_changed_source_is_built_again(build_toy, tmp_path):
    first = build_toy()
    (tmp_path / "kernels" / "toy" / "naive.txt").write_text("second")
    second = build_toy()
    assert calls(tmp_path) == 2 and first.digest != second.digest and second.path.read_text() == "second"


def test_an_artefact_that_was_damaged_is_built_again(build_toy, tmp_path):
    first = build_toy()
    first.path.write_text("damaged")
    assert build_toy().digest == first.digest and calls(tmp_path) == 2


def test_a_failed_build_leaves_the_artefact_before_it_alone(build_toy, tmp_path):
    first = build_toy()
    (tmp_path / "kernels" / "toy" / "build.sh").write_text("echo 'error: no' >&2; exit 3")
    failed = build_toy()
    assert isinstance(failed, Failed) and "error: no" in failed.reason
    home = home_of(load_kernels(tmp_path / "kernels")[0], NativeExecutor(tmp_path / "build"), tmp_path / "build")
    assert first.path == home / "artefact" / "out" and first.path.exists()


def test_the_stored_commands_are_those_that_a_user_would_type(build_toy, tmp_path):
    built = build_toy()
    assert built.commands == (f"sh build.sh {built.path} {tmp_path / 'calls'}",)
    assert build_toy() == built  # also as they are read back


def remove(source: Path) -> None:
    source.unlink()


def make_folder(source: Path) -> None:
    source.unlink()
    source.mkdir()


def make_link_out(source: Path) -> None:
    source.rename(source.parent.parent / "elsewhere.txt")
    source.symlink_to("../elsewhere.txt")


def make_link_to_itself(source: Path) -> None:
    source.unlink()
    source.symlink_to(source.name)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (remove, "No such file or directory"),
        (make_folder, "is no file"),
        (make_link_out, "is a link that leads out of its folder, to "),
        (make_link_to_itself, "Too many levels of symbolic links"),
    ],
)
def test_a_source_that_cannot_be_read_fails_its_kernel(build_toy, tmp_path, spoil, reason):
    source = tmp_path / "kernels" / "toy" / "naive.txt"
    spoil(source)

    failed = build_toy()

    assert isinstance(failed, Failed) and failed.code == FailureCode.NO_SOURCE
    assert failed.reason.startswith(f"{source}: {reason}")


@pytest.mark.parametrize("name", ["naive.txt", "build.sh"])
def test_a_file_that_another_user_may_not_read_fails_its_kernel(build_toy, tmp_path, name):
    path = tmp_path / "kernels" / "toy" / name
    path.chmod(0)

    with ordinary_user(tmp_path):
        failed = build_toy()

    assert isinstance(failed, Failed) and failed.reason == f"{path}: Permission denied"


@contextlib.contextmanager
def ordinary_user(folder: Path) -> Iterator[None]:
    """Give up root's rights within the context: root may read every file."""
    if os.getuid() != 0:
        yield
        return
    for parent in (folder, *folder.parents):
        if parent.stat().st_mode & 0o055 != 0o055:
            parent.chmod(parent.stat().st_mode | 0o055)  # only folders that pytest made for this session are closed
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
