"""Test the command `new` where it is given a name that it cannot use."""

from __future__ import annotations

import pytest

from tests.command import invoke


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["new", "My Language"], "new: My Language: a language's short name has lower-case letters"),
        (["new", "--like=toy", "--", "-rf"], "new: -rf: a language's short name"),
        (["new", "toy", "--like", "toy"], "kernels/toy: already exists"),
        (["new", "mine", "--like", "cobol"], "--like: no language 'cobol'; there are toy"),
    ],
)
def test_unusable_name_is_a_sentence_and_status_2(project, words, expected):
    at = words.index("--") if "--" in words else len(words)

    done = invoke(*words[:at], "--config", str(project / "config.yaml"), *words[at:])

    assert done.returncode == 2 and expected in done.stderr, done.stderr
