"""Write a kernel's hottest loop for a terminal. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from harness.model.inner_loop import FoundBy, InnerLoop, RunLoops

HOW_FOUND = {
    FoundBy.SAMPLES: "{found} of {total} samples of the running program are in this loop, {place}",
    FoundBy.VALGRIND: "{found} of {total} instructions that valgrind counted are in this loop, {place}",
    FoundBy.TRACE: "{found} of {total} instructions of bytecode that were counted are in this loop, {place}",
}


def how_found(loop: InnerLoop) -> str:
    """Return by what the loop was found, as a sentence without its full stop."""
    return HOW_FOUND[loop.found_by].format(found=loop.found, total=loop.total, place=loop.place)


def sentences_of(loops: RunLoops, kernels: Iterable[str]) -> list[str]:
    """Return for each kernel whose loop is known what an iteration consists of, as a sentence without its full stop."""
    known = [loop for loop in map(loops.of, kernels) if loop]
    return [f"{loop.kernel}, hottest loop: {loop.sentence}" for loop in known]


def text_of(loop: InnerLoop) -> list[str]:
    """Return the lines that describe a loop: a sentence, how it was found, and a line for each instruction."""
    header = f"{'count':>9}  {'address':>14}  instruction"
    rows = [f"{line.count or '':>9}  {line.address:>14x}  {line.text}{_source(line.source)}" for line in loop.lines]
    return [f"{loop.kernel}: {loop.sentence}", how_found(loop), "", header, *rows]


def _source(source: str) -> str:
    return f"  ({source})" if source else ""
