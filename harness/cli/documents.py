"""Define the documents that --json prints, and their JSON schemas."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from harness.ab.documents import AbDocument
from harness.analysis.compare import Comparison
from harness.analysis.reasons import Evidence, Step
from harness.attempt.documents import TryDocument
from harness.audit.checks import Audit
from harness.model.config import Backend
from harness.model.inner_loop import InnerLoop, RunLoops
from harness.prepare.examination import Examination
from harness.prepare.outcomes import Outcome
from harness.prepare.survey import Surveyed
from harness.report.document import RunDocument
from harness.report.two_rungs import Line, figures
from harness.util.json_documents import json_schema, json_text, with_format

FORMAT = 1
"""Version of the documents: raised when a key changes its meaning or is removed, not when one is added."""


@dataclass(frozen=True)
class ListDocument:
    """What `list` prints: the backend, why it was chosen, and the kernels."""

    backend: Backend
    why: str
    kernels: tuple[Surveyed, ...]


@dataclass(frozen=True)
class CheckDocument:
    """What `build` and `check` print: the backend, why it was chosen, and what became of the kernels."""

    backend: Backend
    why: str
    kernels: tuple[Outcome, ...]


@dataclass(frozen=True)
class CompareDocument:
    """What `compare` prints.

    `slower` are the kernels that are slower by more than `percent`, the value of --fail-on-regression, if it was given;
    `more_instructions` those with more instructions by more than `instructions_percent`, of --fail-on-instructions.
    """

    page: Path
    comparisons: tuple[Comparison, ...]
    percent: float | None = None
    slower: tuple[str, ...] = ()
    instructions_percent: float | None = None
    more_instructions: tuple[str, ...] = ()


@dataclass(frozen=True)
class WhyDocument:
    """What `why` prints: two kernels of a run, their figures of a multiply-add, and a sentence of what changed.

    Counts hold events, and how they were counted; `figures` are those divided by the number of multiply-adds. `loops`
    are the hottest loops of both, where they are known.
    """

    run: str
    before: Evidence
    after: Evidence
    figures: tuple[Line, ...]
    sentence: str
    loops: tuple[InnerLoop, ...] = ()


def why_document(run: str, step: Step, loops: RunLoops) -> WhyDocument:
    """Return the document of two kernels of a run."""
    assert step.before is not None
    known = tuple(loop for each in (step.before, step.after) if (loop := loops.of(each.kernel)))
    return WhyDocument(run, step.before, step.after, tuple(figures(step)), step.sentence, known)


Document = (
    ListDocument
    | Examination
    | CheckDocument
    | CompareDocument
    | RunDocument
    | AbDocument
    | TryDocument
    | InnerLoop
    | WhyDocument
    | Audit
)

DOCUMENTS: dict[str, type[Document]] = {
    "list": ListDocument,
    "doctor": Examination,
    "check": CheckDocument,
    "compare": CompareDocument,
    "report": RunDocument,
    "ab": AbDocument,
    "try": TryDocument,
    "loop": InnerLoop,
    "why": WhyDocument,
    "verify": Audit,
}
"""The document of each command; `build` has that of `check`, `run-all` that of `report`."""


def document_text(document: Document) -> str:
    """Return a document as JSON text, with its format."""
    return json_text({"format": FORMAT, **asdict(document)})


def schema(name: str) -> dict[str, Any]:
    """Return the JSON schema of a command's document, by its name in DOCUMENTS."""
    definition = TypeAdapter(DOCUMENTS[name]).json_schema(mode="serialization")
    return json_schema(f"{name} --json", with_format(definition, FORMAT))
