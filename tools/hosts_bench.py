"""Measure what `hosts run` and `hosts page` cost: beside a run alone, and with up to 100 simulated hosts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.analysis.results import results_of
from harness.config.load import load_config
from harness.hosts.campaign import open_campaign
from harness.model.errors import HarnessError
from harness.report.markdown import table
from harness.store.run_folder import Store, find_run
from harness.system import lock
from harness.util.format import duration, percent, significant, size
from harness.util.paths import ROOT

COUNTS = (1, 10, 100)
"""Numbers of simulated hosts."""

SHARE = 0.02
"""Largest share of a run that the engine may take."""

FAKE = """
import pathlib, shutil, sys
run = pathlib.Path(__file__).parent / "run"
[name] = [path.name for path in run.iterdir()]
shutil.copytree(run / name, pathlib.Path(sys.argv[sys.argv.index("--out") + 1]) / name)
"""
"""The program of a simulated host: it returns a run that was measured before."""

OPTIONS = ("--rounds", "24")


@dataclass(frozen=True)
class Cost:
    """What a command took: its seconds, and the peak memory of its process in bytes."""

    seconds: float
    memory_bytes: int


@dataclass(frozen=True)
class Growth:
    """What a number of hosts costs: to collect the runs of all, and to write the page."""

    hosts: int
    collect: Cost
    page: Cost
    page_bytes: int


def figures(run_dir: str | None) -> str:
    """Return the tables; the page is that of the run named, or of the newest one, repeated for each host."""
    large = find_run(load_config().reports_dir, run_dir)
    with tempfile.TemporaryDirectory(prefix="60000x-hosts-") as name:
        folder = Path(name)
        alone_s, own_s, run = _overhead(folder)
        growths = [_growth(folder / f"hosts{count}", count, run, large) for count in COUNTS]
    return "\n\n".join([_overhead_text(alone_s, own_s), _growth_table(growths), _limit(growths, large)])


def _overhead(folder: Path) -> tuple[float, float, Path]:
    """Return the seconds of a small run alone, those that the engine adds to it, and the run's folder."""
    (folder / "project").mkdir()
    config = _project(folder / "project")
    run_all = [sys.executable, "-m", "harness", "run-all", "--config", str(config), *OPTIONS]
    alone = _timed([*run_all, "--out", str(folder / "alone")])
    with _Cluster(1, folder) as address:
        words = ["--scheduler", address, "--out", str(folder / "one"), "--config", str(config)]
        hosts = _timed([sys.executable, "-m", "harness", "hosts", "run", *words, "--", *OPTIONS])
    [run] = (folder / "one").glob("*/2*Z-*")
    inside = Store.open(run).record.seconds
    return alone.seconds, hosts.seconds - inside, run


def _project(folder: Path) -> Path:
    """Write a project with one small language that needs no toolchain, and return its configuration."""
    sys.path.insert(0, str(ROOT))
    from tests.toy import make_project

    return make_project(folder) / "config.yaml"


def _growth(folder: Path, count: int, run: Path, large: Path) -> Growth:
    """Collect the run from simulated hosts, and write the page of as many copies of a large run."""
    folder.mkdir()
    campaign = open_campaign(folder / "out", OPTIONS)
    _fake_wheel(folder / "out" / "program", run)
    with _Cluster(count, folder) as address:
        words = ["--scheduler", address, "--out", str(campaign.folder), "--", *OPTIONS]
        collect = _timed([sys.executable, "-m", "harness", "hosts", "run", *words])
    collected = list(campaign.folder.glob("*/2*Z-*"))
    if len(collected) != count:
        raise HarnessError(f"{len(collected)} of {count} simulated hosts gave a run")
    copies, page = folder / "copies", folder / "hosts.html"
    for i in range(count):
        (copies / f"host{i}" / large.name).mkdir(parents=True)
        for name in ("run.json", "samples.jsonl"):
            shutil.copy(large / name, copies / f"host{i}" / large.name / name)
    prices = "".join(f"  host{i}: {{price_per_hour: {0.05 + i / 100}}}\n" for i in range(count))
    (folder / "hosts.yaml").write_text(f"currency: EUR\nhosts:\n{prices}")
    (copies / "hosts.json").write_text("{}")  # by which the name of a folder is that of its host
    prices_option = ["--hosts", str(folder / "hosts.yaml")]
    names = [str(copies / f"host{i}" / large.name) for i in range(count)]
    written = _timed([sys.executable, "-m", "harness", "hosts", "page", *names, *prices_option, "--html", str(page)])
    return Growth(count, collect, written, page.stat().st_size)


def _fake_wheel(folder: Path, run: Path) -> None:
    """Write the program of the simulated hosts, in place of the wheel."""
    folder.mkdir()
    with zipfile.ZipFile(folder / "fake-0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("harness/__init__.py", "")
        wheel.writestr("harness/__main__.py", FAKE)
        for path in sorted(run.rglob("*")):
            wheel.write(path, f"harness/run/{run.name}/{path.relative_to(run)}")


class _Cluster:
    """A scheduler and workers in this process, each a host by its name, with a cache folder and a lock of their own."""

    def __init__(self, count: int, folder: Path) -> None:
        self._count = count
        self._folder = folder

    def __enter__(self) -> str:
        from distributed import LocalCluster

        os.environ["XDG_CACHE_HOME"] = str(self._folder / "cache")
        os.environ[lock.VARIABLE] = str(self._folder / "lock")
        self._cluster = LocalCluster(
            n_workers=self._count,
            threads_per_worker=1,
            processes=False,
            protocol="tcp://",
            resources={"host": 1},
            dashboard_address=None,
        )
        return str(self._cluster.scheduler_address)

    def __exit__(self, *_: object) -> None:
        self._cluster.close()
        del os.environ["XDG_CACHE_HOME"], os.environ[lock.VARIABLE]


def _timed(command: Sequence[str]) -> Cost:
    """Run a command to its end, and return what it took. Raises HarnessError if it fails."""
    start_s = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start_s
        if status:
            output.seek(0)
            raise HarnessError(f"{command[3:5]} failed: {output.read().decode()[-500:]}")
    return Cost(seconds, usage.ru_maxrss * 1024)


def _overhead_text(alone_s: float, own_s: float) -> str:
    return (
        f"To bring the program to a host, start it, fetch the run and check it took {duration(own_s)} beside the run "
        f"(which alone took {duration(alone_s)}): at most {percent(SHARE)} of every run of {duration(own_s / SHARE)} "
        "or longer."
    )


def _growth_table(growths: Sequence[Growth]) -> str:
    head = ["simulated hosts", "schedule, collect and check", "memory", "write the page", "memory", "page"]
    rows = [
        [
            str(growth.hosts),
            duration(growth.collect.seconds),
            size(growth.collect.memory_bytes),
            duration(growth.page.seconds),
            size(growth.page.memory_bytes),
            size(growth.page_bytes),
        ]
        for growth in growths
    ]
    return table(head, rows)


def _limit(growths: Sequence[Growth], large: Path) -> str:
    """Return what would limit 10,000 hosts, by the growth from the first number of hosts to the last."""
    first, last = growths[0], growths[-1]
    more = last.hosts - first.hosts
    each_s = (last.collect.seconds - first.collect.seconds) / more
    page_s = (last.page.seconds - first.page.seconds) / more
    kernels = len(results_of(Store.open(large)).rows)
    return (
        f"A simulated host returns a run of one small kernel at once; the page is of runs of {kernels} kernels. "
        f"A further host takes {significant(each_s)} s to collect and verify, one run after the other, and "
        f"{significant(page_s)} s on the page. At that rate, 10,000 hosts take {duration(10_000 * each_s)}, and have a "
        f"page of {size(last.page_bytes / last.hosts * 10_000)}, which no browser shows: these are the limits."
    )
