"""Test what a host is given."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest
import yaml

from harness.hosts.handover import make_handover, options_of
from harness.model.errors import UsageError
from tests.toy import make_project


def test_options_name_what_the_host_unpacks():
    options = options_of(["--only", "c/{x}"], Path("config.yaml"), [Path("more")])

    assert [word.format(project="/p") for word in options] == [
        *("--config", "/p/config.yaml", "--kernels", "/p/more0", "--only", "c/{x}")
    ]


@pytest.mark.parametrize("word", ["--out", "--resume=x", "--config", "--json", "--kernels"])
def test_an_option_that_a_host_cannot_have_is_refused(word):
    with pytest.raises(UsageError, match="expected before '--'"):
        options_of([word, "x"], None, [])


def test_configuration_and_kernels_travel_together(tmp_path):
    project = make_project(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "x.whl").write_bytes(b"wheel")

    handover = make_handover(tmp_path / "out", (), project / "config.yaml", project / "kernels", [])

    with tarfile.open(handover.project) as archive:
        assert {"config.yaml", "kernels/toy/kernel.yaml", "kernels/toy/naive.py"} <= set(archive.getnames())
        config = yaml.safe_load(archive.extractfile("config.yaml").read())
    assert config["paths"] == {"kernels": "kernels", "reports": "auto", "build": "auto"} and config["n"] == 64
    assert list(handover.parts.values()) == [tmp_path / "out" / "x.whl", handover.project]
