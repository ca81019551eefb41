"""Highlight sources, and show differences between them; every part of a source is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher, unified_diff
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

from markupsafe import Markup, escape
from pygments.lexer import Lexer
from pygments.lexers.special import TextLexer
from pygments.token import Comment, Keyword, Name, Number, String, _TokenType, is_token_subtype
from pygments.util import ClassNotFound

from harness.util.source_text import lexer_for

CLASSES = (
    (Comment, "c"),
    (String, "s"),
    (Number, "m"),
    (Keyword.Type, "t"),
    (Keyword, "k"),
    (Name.Builtin, "t"),
    (Name.Class, "t"),
    (Name.Function, "f"),
)
"""The classes of tokens. Few classes keep the page small."""

MIN_SHARED_LINES = 0.1
"""Share of common lines below which no difference is shown: the sources are unrelated."""


def highlighted(source: str, filename: str) -> Markup:
    """Return the source with its tokens in `i` elements of one-letter classes (CLASSES)."""
    tokens = ((_class(kind), text) for kind, text in _lexer(filename).get_tokens(source))
    runs = ((kind, "".join(text for _, text in run)) for kind, run in groupby(tokens, itemgetter(0)))
    return Markup("".join(_marked(kind, text) for kind, text in runs))


def difference(before: str, after: str) -> Markup | None:
    """Return a unified diff with `del` and `ins` elements; None for unrelated sources."""
    old, new = before.splitlines(), after.splitlines()
    if SequenceMatcher(None, _code(old), _code(new), autojunk=False).ratio() < MIN_SHARED_LINES:
        return None
    lines = list(unified_diff(old, new, n=2, lineterm=""))[2:]
    return Markup("\n").join(_line(line) for line in lines)


def _line(line: str) -> Markup:
    for sign, tag in (("+", "ins"), ("-", "del")):
        if line.startswith(sign):
            return Markup("<{tag}>{line}</{tag}>").format(tag=Markup(tag), line=line)
    return Markup('<i class="c">{}</i>').format(line) if line.startswith("@@") else escape(line)


def _code(lines: Iterable[str]) -> list[str]:
    return [line.strip() for line in lines if len(line.strip()) > 1]  # every source has lines of a single brace


def _lexer(filename: str) -> Lexer:
    try:
        return lexer_for(filename)
    except ClassNotFound:
        return TextLexer(stripnl=False, ensurenl=False)


@lru_cache(maxsize=1024)
def _class(kind: _TokenType) -> str:
    return next((name for parent, name in CLASSES if is_token_subtype(kind, parent)), "")


def _marked(kind: str, text: str) -> str:
    # without Markup.format, which takes ten times as long: a page has hundreds of thousands of tokens
    return f'<i class="{kind}">{escape(text)}</i>' if kind and text.strip() else str(escape(text))
