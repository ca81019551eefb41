"""Test that docs/adding-a-language.md agrees with the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.config.kernel_file import PLACEHOLDERS, schema
from harness.config.kernels import load_kernels
from harness.util.paths import ROOT

GUIDE = (ROOT / "docs" / "adding-a-language.md").read_text()


def test_kernel_yaml_of_the_guide_is_one(tmp_path):
    [text] = re.findall(r"```yaml\n(.*?)```", GUIDE, re.S)
    (tmp_path / "nim").mkdir()
    (tmp_path / "nim" / "kernel.yaml").write_text(text)
    (tmp_path / "nim" / "naive.nim").write_text("")

    [kernel] = load_kernels(tmp_path)

    assert kernel.id == "nim/naive" and Path(kernel.folder).name == "nim"


@pytest.mark.parametrize("placeholder", PLACEHOLDERS)
def test_guide_names_every_placeholder(placeholder):
    assert f"{{{placeholder}}}" in GUIDE


@pytest.mark.parametrize("key", [*schema()["properties"], *schema()["$defs"]["RungKeys"]["properties"]])
def test_guide_names_every_key(key):
    assert re.search(rf"\b{key}\b", GUIDE)
