"""Show an attempt as one page, by the parts of the report."""

from __future__ import annotations

from harness.attempt.documents import TryDocument
from harness.attempt.sentences import other_rungs, repeated
from harness.attempt.text import RANKS, place, summary
from harness.attempt.verdict import Verdict
from harness.model.config import Backend
from harness.report.render import environment
from harness.util.home import without_home
from harness.util.paths import page as page_of


def page(document: TryDocument) -> str:
    """Return the HTML page of an attempt."""
    entries = document.entries
    template = environment().get_template("try.html.j2")
    text = template.render(
        document=document,
        summary=summary(document),
        entries=entries,
        place=place,
        other_rungs=other_rungs,
        confined=document.backend == Backend.DOCKER,
        ranks=RANKS if any("=" in entry.rank for entry in entries) else "",
        repeated=repeated(document.seed),
        lies=page_of("lies.md"),
        languages=sorted({entry.language for entry in entries if entry.language}),
        verdicts=[verdict for verdict in Verdict if any(entry.verdict == verdict for entry in entries)],
        confidence=f"{document.confidence:.0%}",
    )
    return without_home(text)
