"""Write what the programs of tools/ measured as the tables of the pages. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from harness.config.load import load_config
from harness.model.machine import Peak
from harness.report import your_machine
from harness.report.markdown import table
from harness.util.format import duration, percent, significant, size
from tools import browser_bench, engine_accuracy, engine_bench
from tools.run_tables import stamp
from tools.serve_bench import OPEN_CONNECTIONS, Bench


def serve_table(measured: Bench) -> str:
    """Return the table of the server and nginx."""
    rows = [
        [
            f"`{file.name}`, {size(file.bytes)}",
            f"{file.own:,.0f}",
            f"{file.nginx:,.0f}",
            f"{file.ratio.value:.2f} ({file.ratio.low:.2f} – {file.ratio.high:.2f})",
        ]
        for file in measured.rates
    ]
    rows.append(
        [
            f"memory with {OPEN_CONNECTIONS:,} connections",
            size(measured.own_resident),
            size(measured.nginx_resident),
            "",
        ]
    )
    rows.append(["program", f"{measured.server_bytes:,} bytes", "", ""])
    head = ["requests a second", "serve/", f"nginx {measured.nginx_version}", "ratio, 95% interval"]
    return f"{stamp(datetime.now(UTC).date().isoformat())}:\n\n{table(head, rows)}"


def hot_panels_table(rates: Mapping[str, float], peak: Peak) -> str:
    """Return the table of the micro-kernels alone: the rate of each, and its share of the peak of one processor."""
    peak_gflops = peak.gflops[1]
    rows = [[f"`{name}/packed`", significant(rate), percent(rate / peak_gflops)] for name, rate in rates.items()]
    head = ["micro-kernel", "GFLOPS, 1 thread", f"share of {significant(peak_gflops)} GFLOPS ({peak.isa})"]
    return f"{stamp(datetime.now(UTC).date().isoformat())}:\n\n{table(head, rows)}"


def browsers_table(versions: Mapping[str, str], comparisons: list[browser_bench.Comparison]) -> str:
    """Return the table of the page's kernels in each browser, beside the same loops in Node."""
    engines = list(versions)
    head = [f"GFLOPS, n = {browser_bench.N}", *engines, "Chromium, Node = 1", "Firefox, Node = 1"]
    names = {kernel.id: kernel.name for kernel in your_machine.KERNELS}
    rows = [
        [
            names[one.kernel],
            *(significant(one.gflops[engine]) if engine in one.gflops else "–" for engine in engines),
            *(
                f"{ratio.value:.2f} ({ratio.low:.2f} – {ratio.high:.2f})" if ratio else "–"
                for ratio in (one.over_node.get(engine) for engine in ("Chromium", "Firefox"))
            ),
        ]
        for one in comparisons
    ]
    origin = ", ".join(f"{engine} {version}" for engine, version in versions.items())
    day = datetime.now(UTC).date().isoformat()
    return f"{stamp(day)}; {origin}; in {browser_bench.ROUNDS} rounds, 95% intervals:\n\n{table(head, rows)}"


FORM_NAMES = {
    "AMX": "the matrix engine (AMX)",
    "VNNI": "the vector unit (VNNI), since this CPU has no matrix engine",
    "plain": "plain loops, since this CPU has neither a matrix engine nor VNNI",
}
"""The unit that computes products of bytes in each form of c/engine, in words."""


def engine_stamp() -> str:
    """Return the machine and day of the engine's figures, and the unit that computed its products of bytes."""
    day = datetime.now(UTC).date().isoformat()
    return f"{stamp(day)}; the products of bytes on {FORM_NAMES[engine_bench.form()]}"


def accuracy_table(accuracies: list[engine_accuracy.Accuracy], n: int) -> str:
    """Return the table of the errors of the engine and of MKL, and the inputs that the packed kernel computed."""
    head = [f"inputs, n = {n}", "MKL", "`c/engine`", "at most MKL's"]
    rows = [
        [row.inputs, f"{row.mkl:.2g}", f"{row.engine:.2g}", "yes" if row.engine <= row.mkl else "**no**"]
        for row in accuracies
        if row.mkl is not None and row.engine is not None
    ]
    unsafe = [row for row in accuracies if row.as_packed is not None]
    same = [row.inputs for row in unsafe if row.as_packed]
    other = [row.inputs for row in unsafe if not row.as_packed]
    note = f"The same bits as `c/packed`: {', '.join(same) or 'none'}." + (
        f" **Other bits**: {', '.join(other)}." if other else ""
    )
    return f"{engine_stamp()}:\n\n{table(head, rows)}\n\n{note}"


def engine_speed_table(speeds: list[engine_bench.Speed]) -> str:
    """Return the table of the engine's speed relative to MKL and c/packed at each n, and the times of its phases."""
    head = ["n", "`c/engine`", "speed, MKL = 1", "speed, `c/packed` = 1", *engine_bench.PHASES]
    rows = [
        [
            str(speed.n),
            duration(speed.engine_s),
            *(
                f"{ratio.value:.3f} ({ratio.low:.3f} – {ratio.high:.3f})"
                for ratio in (speed.over_mkl, speed.over_packed)
            ),
            *(duration(speed.phases_s[name]) for name in engine_bench.PHASES),
        ]
        for speed in speeds
    ]
    threads = load_config().threads
    return f"{engine_stamp()}; {threads} threads, in rounds, medians and 95% intervals:\n\n{table(head, rows)}"
