"""Test who containers' users are, by recorded answers of engines to `docker info`."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from harness.execute import container_user, docker
from harness.execute.container_user import LIMITS, Engine, folder_options, read_engine

USUAL = {"ServerVersion": "20.10.24", "SecurityOptions": ["name=seccomp,profile=default"], "MemoryLimit": True}
REMAPPED = USUAL | {"SecurityOptions": ["name=apparmor", "name=seccomp,profile=builtin", "name=userns"]}
ROOTLESS = {
    "ServerVersion": "20.10.24+dfsg1",
    "SecurityOptions": ["name=seccomp,profile=default", "name=rootless"],
    "CgroupDriver": "none",
    "MemoryLimit": False,
    "PidsLimit": False,
    "CPUSet": False,
}
PODMAN = {
    "host": {
        "cgroupControllers": [],
        "cgroupVersion": "v1",
        "security": {"apparmorEnabled": False, "rootless": True, "seccompEnabled": True, "selinuxEnabled": False},
    },
    "version": {"APIVersion": "4.3.1", "Version": "4.3.1"},
}
DELEGATED = {"host": {"cgroupControllers": ["memory", "pids"], "cgroupVersion": "v2", "security": {"rootless": True}}}


@pytest.mark.parametrize(
    ("info", "engine"),
    [
        (USUAL, Engine()),
        (REMAPPED, Engine(remapped=True)),
        (ROOTLESS, Engine(rootless=True, limits=frozenset())),
        (PODMAN, Engine(rootless=True, limits=frozenset())),
        (DELEGATED, Engine(rootless=True, limits=frozenset({"memory", "pids"}))),
        ({"SecurityOptions": None}, Engine()),
    ],
    ids=[
        "Docker",
        "Docker that remaps users",
        "rootless Docker",
        "Podman",
        "Podman with groups",
        "an engine that says nothing",
    ],
)
def test_engine_is_read_from_what_it_says(info, engine):
    assert read_engine(json.dumps(info)) == engine


def test_engine_that_does_not_answer_is_a_usual_one():
    assert read_engine("") == Engine()


FEDORA = USUAL | {"SecurityOptions": ["name=seccomp,profile=builtin", "name=selinux", "name=cgroupns"]}
FEDORA_PODMAN = {"host": {"cgroupControllers": ["cpuset", "memory", "pids"], "security": {"selinuxEnabled": True}}}


@pytest.mark.parametrize("info", [FEDORA, FEDORA_PODMAN], ids=["Docker", "Podman"])
def test_engine_says_that_it_labels_containers(info):
    assert read_engine(json.dumps(info)) == Engine(labelled=True)


@pytest.mark.parametrize(
    ("labelled", "enforce", "disabled"),
    [(True, "1", True), (True, "0", False), (True, None, True), (False, "1", False)],
    ids=["enforcing", "permissive", "engine outside of the harness's container", "engine without labels"],
)
def test_labels_are_off_where_they_would_refuse_folders(use_engine, monkeypatch, tmp_path, labelled, enforce, disabled):
    if enforce is not None:
        (tmp_path / "enforce").write_text(enforce)  # without an end of line, as the kernel writes it
    monkeypatch.setattr(container_user, "SELINUX", tmp_path / "enforce")
    use_engine(Engine(labelled=labelled))

    assert ("--security-opt=label=disable" in folder_options()) == disabled


@pytest.fixture
def use_engine(monkeypatch):
    """Return a function that sets the engine of this machine."""
    return lambda engine: monkeypatch.setattr(container_user, "own_engine", lambda: engine)


def test_users_are_not_remapped_for_kernels(use_engine):
    """Outside, the files that they write then belong to the user who runs the harness."""
    use_engine(Engine(remapped=True))

    assert folder_options()[1:] == ["--userns=host"] and folder_options()[0] != "--user=0:0"


def test_root_of_a_rootless_engine_s_containers_is_the_user_of_the_engine(use_engine, tmp_path, monkeypatch):
    use_engine(Engine(rootless=True))
    monkeypatch.setattr(os, "chown", None)  # whatever the harness writes is theirs already

    container_user.give_to_user(tmp_path)

    assert folder_options() == ["--user=0:0"]


def test_limits_that_an_engine_cannot_set_are_the_launcher_s(monkeypatch, config):
    engines = {name: Engine(limits=limits) for name, limits in (("none", frozenset()), ("all", LIMITS))}
    said = {}
    for name, engine in engines.items():
        monkeypatch.setattr(docker, "own_engine", lambda engine=engine: engine)
        said[name] = docker._limits(config.limits, (0, 3)), docker._own_limits(config.limits)

    memory, processes = config.limits.memory_bytes, config.limits.processes
    assert said["none"] == ([], f"{memory}:{processes}")
    assert said["all"][0] == [
        *("--cpuset-cpus=0,3", f"--memory={memory}", f"--memory-swap={memory}", f"--pids-limit={processes}")
    ]
    assert said["all"][1] == "-"


CLIENT_28 = """docker: Error response from daemon: invalid mount config: bind source path does not exist.

Run 'docker run --help' for more information
"""


def test_reason_is_the_line_that_names_the_error(use_engine, monkeypatch, tmp_path):
    """Docker's client puts an empty line between it and the advice."""
    use_engine(Engine())
    done = subprocess.CompletedProcess([], 125, "", CLIENT_28)
    monkeypatch.setattr(container_user, "docker", lambda *_: done)

    assert str(container_user.trial(tmp_path)).endswith("bind source path does not exist.")


def test_traits_of_an_engine_are_told():
    assert Engine().describe() == ""
    assert Engine(rootless=True, limits=LIMITS - {"cpuset"}).describe() == "rootless, which cannot limit cpuset"
