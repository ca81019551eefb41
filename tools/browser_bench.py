"""Compare the section "Your machine" in Chromium and Firefox with Node, which runs the same loops, in turns."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

from harness.analysis.hodges_lehmann import hodges_lehmann
from harness.analysis.intervals import paired
from harness.config.command_words import words
from harness.config.kernels import load_kernels
from harness.config.load import load_config
from harness.execute.native import NativeExecutor
from harness.model.errors import HarnessError
from harness.model.job import Built, Provided
from harness.model.result import Interval
from harness.prepare.build import build, home_of
from harness.prepare.inputs import dyadic
from harness.system import host
from harness.util.paths import ROOT
from tools import firefox

N = 512
"""Matrix size of the comparison: one of the page's, of which a round takes some 15 s a browser."""

ROUNDS = 7
"""Rounds in which each browser and Node run once: enough for a 95% interval of a ratio."""

CALLS = 9
"""Calls of a launch of Node, of which the median counts, as of the page's repetitions."""

NODE_KERNELS = {
    "js-naive": "javascript/naive",
    "js-interchange": "javascript/interchange",
    "wasm-scalar": "wasm/interchange",
    "wasm-simd": "wasm/interchange-simd",
}
"""Kernels of the page, and the rungs that run the same loops in Node."""

Rates = dict[str, float]
"""GFLOPS of kernels of the page."""


@dataclass(frozen=True)
class Comparison:
    """The speed of a page's kernel in GFLOPS in each engine, and of the browsers relative to Node."""

    kernel: str
    gflops: dict[str, float]
    over_node: dict[str, Interval]


def node_rates(build_dir: Path) -> Callable[[], Rates]:
    """Build the rungs of NODE_KERNELS, and return a function that runs them. Raises HarnessError."""
    config, executor = load_config(), NativeExecutor(build_dir)
    kernels = {kernel.id: kernel for kernel in load_kernels(ROOT / "more")}
    commands: dict[str, list[str]] = {}
    folders = {name: kernels[kernel_id].folder for name, kernel_id in NODE_KERNELS.items()}
    for name, kernel_id in NODE_KERNELS.items():
        kernel = kernels[kernel_id]
        provided = executor.provide(kernel.toolchain)
        if not isinstance(provided, Provided):
            raise HarnessError(f"{kernel.id}: {provided}")
        built = build(kernel, provided, executor, build_dir, config.limits, host.cpu_identity(), host.usable_cpus(1))
        if not isinstance(built, Built):
            raise HarnessError(f"{kernel.id}: {built.reason}")
        artefact = home_of(kernel, executor, build_dir) / "artefact"
        command = words(
            kernel.run, artefact=artefact, folder=kernel.folder, source=kernel.source, flags="", uses=kernel.uses
        )
        commands[name] = list(command)
    a, b = dyadic(N, config.seed)

    def run() -> Rates:
        rates: Rates = {}
        with tempfile.TemporaryDirectory(prefix="60000x-browser-") as folder:
            paths = [str(Path(folder) / name) for name in "ABC"]
            a.tofile(paths[0])
            b.tofile(paths[1])
            for name, command in commands.items():
                launch = [*command, *paths, *map(str, (N, N, 1, CALLS))]
                done = subprocess.run(launch, cwd=folders[name], capture_output=True, text=True, check=True)
                rates[name] = 2 * N**3 / median(map(int, done.stdout.split()))
        return rates

    return run


RATES = """() => Object.fromEntries([...document.querySelectorAll("#browser tr[data-kernel]")]
  .map(row => [row.dataset.kernel, Number(row.querySelector("[data-cell=gflops]").textContent.replaceAll(",", ""))])
  .filter(([, rate]) => rate > 0))"""
"""Return the rates that the page shows; a page from a file has none of all cores."""

VERIFIED = f"Done, n = {N}: all results verified."


def measure_chromium(page: Page, n: int) -> str:
    """Measure Chromium by the section "Your machine" of a report, and return the sentence at the end."""
    section = page.locator("#browser")
    section.locator("select").select_option(str(n))
    section.get_by_role("button", name="Measure").click()
    section.get_by_role("button", name="Measure").wait_for(timeout=120_000)
    return section.locator("[role=status]").inner_text()


def chromium_rates(browser: Browser, address: str) -> Rates:
    """Measure Chromium by a report's page. Raises HarnessError if a result is wrong."""
    page = browser.new_page()
    page.goto(address)
    sentence = measure_chromium(page, N)
    rates: Rates = page.evaluate(RATES)
    page.close()
    return _verified("Chromium", sentence, rates)


def firefox_rates(window: firefox.Firefox, address: str) -> Rates:
    """Measure Firefox by a report's page. Raises HarnessError if a result is wrong."""
    window.open(address)
    return _verified("Firefox", window.measure(N), window.run(f"return ({RATES})()"))


def _verified(browser: str, sentence: str, rates: Rates) -> Rates:
    if sentence != VERIFIED:
        raise HarnessError(f"{browser}: {sentence}")
    return rates


def compare(report: Path, build_dir: Path) -> tuple[dict[str, str], list[Comparison]]:
    """Return the versions of Chromium, Firefox and Node, and the comparison of each kernel of the page.

    Measures in ROUNDS rounds, each engine once in a round. Raises HarnessError if a browser is missing.
    """
    paths = {"Debian's chromium": shutil.which("chromium"), "Debian's firefox-esr": firefox.find_firefox()}
    for name, path in paths.items():
        if path is None:
            raise HarnessError(f"{name} is not installed: apt-get install chromium firefox-esr")
    node, address = node_rates(build_dir), report.resolve().as_uri()
    rates: dict[str, list[Rates]] = {"Node": [], "Chromium": [], "Firefox": []}
    with (
        tempfile.TemporaryDirectory(prefix="60000x-browser-") as folder,
        sync_playwright() as playwright,
        firefox.started(Path(folder)) as window,
    ):
        chromium = playwright.chromium.launch(executable_path=paths["Debian's chromium"], args=["--no-sandbox"])
        versions = {
            "Chromium": chromium.version,
            "Firefox": str(window.marionette.session_capabilities["browserVersion"]),
            "Node": subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip(),
        }
        for _ in range(ROUNDS):
            rates["Node"].append(node())
            rates["Chromium"].append(chromium_rates(chromium, address))
            rates["Firefox"].append(firefox_rates(window, address))
        chromium.close()
    return versions, [_comparison(kernel, rates) for kernel in rates["Chromium"][0]]


def _comparison(kernel: str, rates: dict[str, list[Rates]]) -> Comparison:
    by_engine = {
        engine: {number: one[kernel] for number, one in enumerate(rounds) if kernel in one}
        for engine, rounds in rates.items()
    }
    node = by_engine["Node"]
    return Comparison(
        kernel,
        {engine: hodges_lehmann(values.values()) for engine, values in by_engine.items() if values},
        {name: paired(by_engine[name], node, 0.95) for name in ("Chromium", "Firefox") if node},
    )
