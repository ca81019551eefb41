"""Build the outcomes of tried files, and documents of them."""

from __future__ import annotations

from harness.attempt.compared import Piloted
from harness.attempt.confinement import confinement
from harness.attempt.documents import Reference, TryDocument, in_order
from harness.attempt.outcome import Neighbour, Order, Tried
from harness.attempt.verdict import Verdict
from harness.model.config import Backend
from harness.model.job import FailureCode
from harness.model.result import Quantity

HOSTILE = "=cmd|'/C calc'!A0<script>alert(1)</script>.c"


def right(name, seconds, rank, **fields):
    """Return an entry that is right and took this time."""
    return Tried(
        name,
        Verdict.RIGHT,
        language="C",
        threads=1,
        rank=rank,
        time=Quantity(seconds, 0.9 * seconds, 1.1 * seconds),
        rounds=8,
        naive="c/naive",
        times_naive=Quantity(2.0, 1.9, 2.1),
        neighbours=(
            Neighbour("c/naive", Order.SLOWER, Quantity(2.0)),
            Neighbour("c/interchange", Order.LEVEL, Quantity(1.0)),
            Neighbour("c/packed", Order.FASTER, Quantity(0.1)),
        ),
        other_rungs=(Piloted("c/tiled", 0.352),),
        **fields,
    )


WRONG = Tried("bob.c", Verdict.WRONG, "4 of 4 values are wrong", FailureCode.WRONG_VALUES, case=("A = [[<1>]]",))
LIE = Tried("eve.c", Verdict.IMPLAUSIBLE, "clock: it reported less", FailureCode.CLOCK)


def document(*entries, **fields):
    """Return the document of these entries, or of two that are right, a wrong one and a lie."""
    entries = in_order(entries or (WRONG, LIE, right("ada.c", 0.5, "1="), right("cy.c", 0.6, "1=")))
    defaults = {
        "what": "class",
        "backend": Backend.DOCKER,
        "why": "engine 29",
        "confinement": confinement(fields.get("backend", Backend.DOCKER)),
        "chip": "A CPU",
        "n": 1024,
        "threads": 2,
        "confidence": 0.95,
        "seed": 7,
        "rounds": 8,
        "finished": True,
        "right": sum(entry.verdict == Verdict.RIGHT for entry in entries),
        "entries": entries,
        "references": (Reference("c/naive", 1, Quantity(1.0), False, 0.01),),
    }
    return TryDocument(**(defaults | fields))
