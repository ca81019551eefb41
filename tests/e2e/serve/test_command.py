"""`serve` and `image`: a run shown in a browser, and an image that holds it."""

from __future__ import annotations

import gzip
import os
import shutil
import signal
import socket
import subprocess
import time

import pytest

from harness import publish
from harness.publish import LIMIT_BYTES, make_site, server, serving
from harness.util.paths import ROOT
from tests.command import harness, started
from tests.needs import need
from tests.server import PAGE, ask


def test_serve_shows_the_newest_run_until_it_is_ended(finished_run, program):
    with started("serve", "--no-browser", "--config", finished_run.config) as process:
        line = process.stdout.readline()
        address, by = line.split()[0], line.split("by ", 1)[1]
        assert by.startswith("the server of serve/")
        port = int(address.rsplit(":", 1)[1].strip("/"))
        assert ask(port, "/")[2] == (finished_run.folder / "report.html").read_bytes()
        assert ask(port, "/results.csv")[0] == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


def test_without_zig_python_s_own_server_shows_a_run(site, tmp_path, monkeypatch):
    monkeypatch.setattr(publish, "command_works", lambda command: (False, "nothing here"))
    with serving(site, tmp_path, 0) as (address, by):
        assert (
            by
            == "Python's http.server (no Zig: nothing here (to provide it: "
            + str(server(tmp_path)).split("it: ")[1]
            + ")"
        )
        _, headers, body = ask(int(address.rsplit(":", 1)[1].strip("/")), "/")
        assert body == PAGE
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"


def test_a_port_that_is_taken_is_a_sentence(finished_run, program):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = harness("serve", "--no-browser", "--port", port, "--config", finished_run.config, timeout=60)
    assert done.returncode == 1 and f"--port: {port}: Address already in use" in done.stderr


@pytest.mark.docker
def test_an_image_holds_the_report_and_its_server_alone(finished_run, program, engine):
    name = f"60000x-test:{os.getpid()}"
    done = harness("image", "-t", name, "--config", finished_run.config)
    assert done.returncode == 0, done.stderr
    try:
        page = (finished_run.folder / "report.html").read_bytes()
        inspect = subprocess.run(
            ["docker", "image", "inspect", name, "--format", "{{.Size}}"], capture_output=True, text=True, check=True
        )
        assert int(inspect.stdout) <= len(gzip.compress(page, 9, mtime=0)) + LIMIT_BYTES
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        run = ["docker", "run", "--rm", "-d", "-p", f"127.0.0.1:{port}:8080", name]
        container = subprocess.run(run, capture_output=True, text=True, check=False)
        assert container.returncode == 0, container.stderr
        try:
            status, headers, body = 0, {}, b""
            for _ in range(100):
                try:
                    status, headers, body = ask(port, "/", Accept_Encoding="gzip")
                    break
                except OSError:
                    time.sleep(0.1)
            assert status == 200 and headers["Content-Encoding"] == "gzip" and gzip.decompress(body) == page
        finally:
            subprocess.run(["docker", "stop", container.stdout.strip()], capture_output=True, check=False)
    finally:
        subprocess.run(["docker", "rmi", "-f", name], capture_output=True, check=False)


@pytest.mark.browser
def test_a_browser_shows_the_served_report_with_its_scripts(finished_run, program, tmp_path):
    chromium = shutil.which("chromium")
    need(chromium, "Debian's chromium")
    from playwright.sync_api import sync_playwright

    site = make_site(finished_run.folder, tmp_path / "site")
    said: list[str] = []
    with serving(site, ROOT / "build", 0) as (address, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.goto(address)
        page.locator("#kernels th button").first.click()
        assert page.url.endswith("#sort=kernel") and page.locator("h1").is_visible()
        browser.close()
    assert said == []
