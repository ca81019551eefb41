"""Keep the page of a finished run in docs/example/, with pictures of it: `make figures ARGS=example`."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Literal

from harness.analysis.results import results_of
from harness.report.write import write_results
from harness.store.run_folder import Store
from harness.util.paths import ROOT

FOLDER = ROOT / "docs" / "example"

PAGE = "report.html"

PROJECT = "~/60000x"
"""What stands in the example for the folder of the run's checkout, which is nobody's business."""

WIDTHS_PX = {"wide": 1280, "narrow": 360}

HEIGHT_PX = 900


def example(run: Path, folder: Path = FOLDER) -> None:
    """Write the page of a run, and a picture of its first screen in each scheme and width."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="60000x-example-") as temporary:
        copy = Path(temporary) / run.name
        shutil.copytree(run, copy)
        record = copy / "run.json"
        text = record.read_text(encoding="utf-8")
        project = Path(json.loads(text)["config"]["file"]).parent
        record.write_text(text.replace(str(project), PROJECT), encoding="utf-8")
        write_results(copy, results_of(Store.open(copy)))
        shutil.copyfile(copy / PAGE, folder / PAGE)
    pictures(folder / PAGE, folder)


def pictures(page: Path, folder: Path) -> None:
    """Write what Chromium shows of a page: light and dark, wide and narrow."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
        for scheme in schemes:
            for name, width in WIDTHS_PX.items():
                shown = browser.new_page(viewport={"width": width, "height": HEIGHT_PX})
                shown.emulate_media(color_scheme=scheme)
                shown.goto(page.resolve().as_uri())
                shown.screenshot(path=folder / f"{scheme}-{name}.png")
        browser.close()
