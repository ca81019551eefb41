"""Write the answer of a run as sentences, from measured rows only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.model.answer import Answer
from harness.model.kernel import by_main_toolchain
from harness.model.result import Quantity, Row, fastest_first
from harness.model.results import Results
from harness.model.run_record import RunRecord
from harness.util.chip import chip_name
from harness.util.format import duration, significant, spread


def headline(results: Results) -> str:
    """Return the answer in one sentence, or why the run has none."""
    answer, record = results.answer, results.record
    base, fast = answer.baseline, answer.fastest
    if base is None:
        return "No kernel was measured in this run."
    machine = f"On this machine, {chip_name(record.host)}"
    product = f"{machine}, the product of two {base.n} × {base.n} matrices of doubles takes"
    if fast is None:
        return f"{product} {_side(base, record)}. This run has no headline: {answer.why_not}."
    assert answer.speedup is not None
    return f"{product} {_side(base, record)} and {_side(fast, record)}: {times(answer.speedup)}."


def beside_the_headline(results: Results, with_numpy: bool = True) -> list[str]:
    """Return what stands beside the answer, each in a sentence: equal kernels, libraries, and other algorithms."""
    rows = fastest_first(by_main_toolchain(row for row in results.rows if row.time))
    on_gpu, rows = [row for row in rows if row.on_gpu], [row for row in rows if not row.on_gpu]
    libraries = [row for row in rows if row.rung == "library"]
    numpy = numpy_row(rows)
    sentences = [
        _equals(results.answer),
        _fastest_of(libraries, "The fastest library"),
        _fastest_of(
            [numpy] if with_numpy and numpy and numpy is not libraries[0] else [], "One line of Python that calls NumPy"
        ),
        _fastest_of([row for row in rows if row.rung == "strassen"], "Another algorithm, Strassen's"),
        _fastest_of([row for row in rows if row.int8_products], "The matrix engine, by products of bytes"),
        _fastest_of(on_gpu, _gpu(on_gpu)),
    ]
    return [sentence for sentence in sentences if sentence]


def numpy_row(rows: Iterable[Row]) -> Row | None:
    """Return the row of Python's one line that calls NumPy, if it was measured."""
    return next((row for row in rows if row.kernel == "python/library-numpy" and row.time), None)


def _equals(answer: Answer) -> str:
    if not answer.equals or answer.fastest is None:
        return ""
    names = [who(row) for row in answer.equals]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{listed} cannot be told from {who(answer.fastest)}."


def _gpu(rows: Sequence[Row]) -> str:
    """Return what a sentence on the fastest of a GPU's rows begins with."""
    device = rows[0].device if rows else None
    return f"On the GPU, {device.name}, transfers included" if device else "On the GPU, transfers included"


def _fastest_of(rows: Sequence[Row], what: str) -> str:
    """Return a sentence on the first of rows that are fastest first; empty if there is none."""
    if not rows:
        return ""
    speedup = f": {times(rows[0].speedup)}" if rows[0].speedup else ""
    return f"{what}: {who(rows[0])}, {took(rows[0])}{speedup}."


def who(row: Row) -> str:
    """Return a kernel's name in a sentence, such as 'C (parallel, 2 threads)'."""
    threads = f"{row.threads} thread" + ("s" if row.threads > 1 else "")
    if row.int8_products:
        return f"{row.language_name} on the matrix engine ({row.int8_products} products of bytes, {threads})"
    return f"{row.language_name} ({row.variant}, {threads})"


def _side(row: Row, record: RunRecord) -> str:
    """Return a side of the headline: the kernel, its compiler or interpreter, and its time."""
    version = compiler(row, record)
    return f"{who(row)}{f' with {version}' if version else ''} {took(row)}"


def compiler(row: Row, record: RunRecord) -> str:
    """Return the version of a row's compiler or interpreter, such as 'Zig 0.17.1'; empty if it is not known."""
    toolchain = record.toolchains.get(row.kernel)
    version = toolchain.version.strip().splitlines()[0].strip() if toolchain and toolchain.version.strip() else ""
    # `zig version` prints the number only
    return f"{row.language_name} {version}" if version[:1].isdigit() else version


def took(row: Row) -> str:
    """Return a row's time with its interval: '5 h 21 min (estimated from 1 of 4096 rows 12 times, −2.1% +2.1%)'."""
    assert row.time is not None
    repeated = f" {row.rounds} times" if row.rounds > 1 else ""
    notes = [f"estimated from {row.rows} of {row.n} rows{repeated}"] if row.estimated else []
    notes += [interval] if (interval := spread(row.time.value, row.time.low, row.time.high)) else []
    return duration(row.time.value) + (f" ({', '.join(notes)})" if notes else "")


def times(speedup: Quantity) -> str:
    """Return a speed-up with its interval: '8,230 times (7,240 to 9,380)'."""
    ends = speedup.interval
    return f"{significant(speedup.value)} times" + (
        f" ({significant(ends.low)} to {significant(ends.high)})" if ends else ""
    )
