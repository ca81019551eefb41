"""Test what the command line prints for a config.yaml that cannot be used."""

from __future__ import annotations

import pytest

from tests.command import invoke


def test_missing_file_is_one_sentence_and_status_2(tmp_path):
    done = invoke("run-all", "--config", str(tmp_path / "none.yaml"))

    assert done.returncode == 2
    assert done.stderr == f"harness: {tmp_path / 'none.yaml'}: cannot be read: No such file or directory\n"


@pytest.mark.parametrize("text", ["", "42", "[]", "a: &x [*x]", "\x00", "n: 1e999999\n", "{" * 5000])
def test_unusable_file_is_a_sentence_and_no_traceback(project, text):
    (project / "config.yaml").write_text(text)

    done = invoke("list", "--config", str(project / "config.yaml"))

    assert done.returncode == 2
    assert done.stderr.startswith(f"harness: {project / 'config.yaml'}: ")
    assert "Traceback" not in done.stderr
