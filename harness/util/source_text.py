"""Remove the comments of a program's text."""

from __future__ import annotations

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_for_filename
from pygments.token import Comment, String, _TokenType, is_token_subtype
from pygments.util import ClassNotFound


def without_comments(text: str, filename: str) -> str:
    """Return the text of a source without comments; as it is in a language that Pygments does not know.

    What a preprocessor reads, as in C, is no comment, and a docstring is one.
    """
    try:
        lexer = lexer_for(filename)
    except ClassNotFound:
        return text
    return "".join(value for kind, value in lexer.get_tokens(text) if not _is_comment(kind))


def lexer_for(filename: str) -> Lexer:
    """Return Pygments's lexer for a source. Raises ClassNotFound.

    A file .cl is OpenCL C here, which has C's tokens; Pygments would read it as Common Lisp.
    """
    name = f"{filename.removesuffix('.cl')}.c" if filename.endswith(".cl") else filename
    return get_lexer_for_filename(name, stripnl=False, ensurenl=False)


def _is_comment(kind: _TokenType) -> bool:
    if any(is_token_subtype(kind, preprocessed) for preprocessed in (Comment.Preproc, Comment.PreprocFile)):
        return False
    return is_token_subtype(kind, Comment) or is_token_subtype(kind, String.Doc)
