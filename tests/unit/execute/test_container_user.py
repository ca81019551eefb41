"""Test who containers' users are, by recorded answers of engines to `docker info`."""

from __future__ import annotations

import json
import os

import pytest

from harness.execute import container_user, docker
from harness.execute.container_user import LIMITS, Engine, read_engine, user_options

USUAL = {"ServerVersion": "20.10.24", "SecurityOptions": ["name=seccomp,profile=default"], "MemoryLimit": True}
REMAPPED = USUAL | {"SecurityOptions": ["name=apparmor", "name=seccomp,profile=builtin", "name=userns"]}
ROOTLESS = {
    "ServerVersion": "27.5.1",
    "SecurityOptions": ["name=seccomp,profile=builtin", "name=rootless", "name=cgroupns"],
    "CgroupDriver": "none",
    "MemoryLimit": False,
    "PidsLimit": False,
    "CPUSet": False,
}
PODMAN = {
    "host": {
        "cgroupControllers": ["memory", "pids"],
        "cgroupVersion": "v2",
        "security": {"rootless": True, "seccompEnabled": True, "selinuxEnabled": False},
    },
    "version": {"Version": "4.3.1"},
}


@pytest.mark.parametrize(
    ("info", "engine"),
    [
        (USUAL, Engine()),
        (REMAPPED, Engine(remapped=True)),
        (ROOTLESS, Engine(rootless=True, limits=frozenset())),
        (PODMAN, Engine(rootless=True, limits=frozenset({"memory", "pids"}))),
        ({"SecurityOptions": None}, Engine()),
    ],
    ids=["Docker", "Docker that remaps users", "rootless Docker", "rootless Podman", "an engine that says nothing"],
)
def test_engine_is_read_from_what_it_says(info, engine):
    assert read_engine(json.dumps(info)) == engine


def test_engine_that_does_not_answer_is_a_usual_one():
    assert read_engine("") == Engine()


@pytest.fixture
def use_engine(monkeypatch):
    """Return a function that sets the engine of this machine."""
    return lambda engine: monkeypatch.setattr(container_user, "own_engine", lambda: engine)


def test_users_are_not_remapped_for_kernels(use_engine):
    """Outside, the files that they write then belong to the user who runs the harness."""
    use_engine(Engine(remapped=True))

    assert user_options()[1:] == ["--userns=host"] and user_options()[0] != "--user=0:0"


def test_root_of_a_rootless_engine_s_containers_is_the_user_of_the_engine(use_engine, tmp_path, monkeypatch):
    use_engine(Engine(rootless=True))
    monkeypatch.setattr(os, "chown", None)  # whatever the harness writes is theirs already

    container_user.give_to_user(tmp_path)

    assert user_options() == ["--user=0:0"]


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


def test_traits_of_an_engine_are_told():
    assert Engine().describe() == ""
    assert Engine(rootless=True, limits=LIMITS - {"cpuset"}).describe() == "rootless, which cannot limit cpuset"
