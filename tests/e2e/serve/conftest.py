"""Define the server, a site for it, and the port of one that serves the site."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from harness.publish import server, serving
from harness.util.paths import ROOT
from tests.needs import need
from tests.server import PAGE, SMALL

BUILD = ROOT / "build"


@pytest.fixture(scope="module")
def program() -> Path:
    found = server(BUILD)
    need(isinstance(found, Path), f"the server: {found}")
    return found


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "www"
    (folder / "sub").mkdir(parents=True)
    (folder / "index.html").write_bytes(PAGE)
    (folder / "index.html.gz").write_bytes(gzip.compress(PAGE))
    (folder / "small.txt").write_bytes(SMALL)
    (folder / "empty.txt").touch()
    (folder / "a b.csv").write_text("1,2")
    (folder / "sub" / "index.html").write_text("below")
    (folder / "inner").symlink_to("small.txt")
    (folder.parent / "secret").write_text("secret")
    (folder / "leak").symlink_to("../secret")
    (folder / "leak-absolute").symlink_to(folder.parent / "secret")
    (folder / "leak-folder").symlink_to("..")
    os.mkfifo(folder / "pipe")
    return folder


@pytest.fixture(scope="module")
def port(program, site):
    with serving(site, BUILD, 0) as (address, by):
        assert "serve/" in by
        yield int(address.rsplit(":", 1)[1].strip("/"))
