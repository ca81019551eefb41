"""Test config.yaml and kernel.yaml with random content: accepted, or refused in a sentence; never a traceback."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.config.command_words import words
from harness.config.kernels import load_kernels
from harness.config.load import load_config
from harness.model.errors import UsageError
from tests.toy import CONFIG, KERNEL

FAST_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
FAST_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
"""Write the cases by libyaml, where PyYAML has it: in Python, that takes longer than reading them."""

TRIES = 5_000
"""Number of cases for each of the two files."""


@pytest.fixture(scope="module", autouse=True)
def _untraced() -> Iterator[None]:
    """Run these tests without the tracer of coverage, under which 5,000 cases take three times as long."""
    tracer = sys.gettrace()
    sys.settrace(None)
    yield
    sys.settrace(tracer)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from(
        ["{out}", "{", "'", "-rf", "../..", "/dev/null", "c/*", "all", "*a", "&a", "!!python/name:os.system", "1e400"]
    )
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.integers(), inner, max_size=3),
    max_leaves=6,
)


def paths(value: object, at: tuple = ()) -> list[tuple]:
    """Return the place of every value in nested mappings and lists."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for key, child in inner for path in paths(child, (*at, key)))]


@st.composite
def spoiled(draw: st.DrawFn, text: str) -> str:
    """Return a correct file with some of its values replaced, keys added or characters changed."""
    data = yaml.load(text, Loader=FAST_LOADER)
    for _ in range(draw(st.integers(0, 3))):
        *parents, last = draw(st.sampled_from([at for at in paths(data) if at]))
        place = data
        for key in parents:
            place = place[key]
        place[last] = draw(VALUES)
        if isinstance(place, dict) and draw(st.booleans()):
            place[draw(st.text(max_size=8))] = draw(VALUES)
    spoiled_text = yaml.dump(data, Dumper=FAST_DUMPER, allow_unicode=True)
    if draw(st.integers(0, 3)) == 0:
        cut = draw(st.integers(0, len(spoiled_text)))
        spoiled_text = spoiled_text[:cut] + draw(st.text(max_size=5)) + spoiled_text[cut + draw(st.integers(0, 5)) :]
    return spoiled_text


FUZZ = settings(max_examples=TRIES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
_TEMPORARY = tempfile.TemporaryDirectory(prefix="60000x-fuzz-")  # removed at exit
FOLDER = Path(_TEMPORARY.name)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", errors="surrogatepass")


@pytest.mark.long(90)
@FUZZ
@given(spoiled(CONFIG))
def test_config_yaml_is_accepted_or_refused_in_sentences(text):
    """Every sentence names the file."""
    path = FOLDER / "config.yaml"
    (FOLDER / "kernels").mkdir(exist_ok=True)
    write(path, text)
    try:
        load_config(path)
    except UsageError as error:
        assert str(error).strip() and all(str(path) in line for line in str(error).splitlines())


@pytest.mark.long(75)
@FUZZ
@given(spoiled(KERNEL))
def test_kernel_yaml_is_accepted_or_refused_in_sentences(text):
    """The first sentence names the file; the commands of an accepted file can be split into words."""
    path = FOLDER / "kernels" / "toy" / "kernel.yaml"
    write(path.parent / "naive.py", "")
    write(path, text)
    try:
        for kernel in load_kernels(FOLDER / "kernels"):
            for command in (*kernel.fetch, *kernel.build, kernel.run):
                words(command, artefact=FOLDER, folder=FOLDER, source=kernel.source, flags=kernel.flags)
    except UsageError as error:
        assert str(error).strip() and str(path) in str(error).splitlines()[0]
