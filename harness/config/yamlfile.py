"""Read YAML strictly, and report every mistake in one sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from harness.model.errors import UsageError

M = TypeVar("M", bound=BaseModel)


class Strict(BaseModel):
    """A section of a file. Undeclared keys and values of another type are mistakes; it is frozen."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


MERGE = "tag:yaml.org,2002:merge"
"""The tag of the key `<<`."""

INT, FLOAT = "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"


class _Loader(yaml.SafeLoader):
    """A SafeLoader that refuses a repeated key, and reads numbers as YAML 1.2 does.

    PyYAML would silently keep the last of two values. It reads numbers as YAML 1.1 does: 060000 is 24576, 1:30 is 90,
    and 1e3 is a text.
    """


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in (INT, FLOAT)]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _integer(loader: _Loader, node: yaml.ScalarNode) -> int:
    text = loader.construct_scalar(node).replace("_", "")
    return int(text, 16) if text.startswith("0x") else int(text)


_Loader.add_implicit_resolver(INT, re.compile(r"[-+]?[0-9][0-9_]*$|0x[0-9a-fA-F]+$"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    FLOAT,
    re.compile(
        r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$|[-+]?[0-9]+[eE][-+]?[0-9]+$"
        r"|[-+]?\.(inf|Inf|INF)$|\.(nan|NaN|NAN)$"
    ),
    list("-+.0123456789"),
)
_Loader.add_constructor(INT, _integer)


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys: set[Any] = set()
    for key_node, _ in node.value:
        if key_node.tag == MERGE:
            continue
        key = loader.construct_object(key_node, deep=True)
        try:
            repeated = key in keys
        except TypeError:
            raise yaml.constructor.ConstructorError(
                None, None, "a key must be a single word or number", key_node.start_mark
            ) from None
        if repeated:
            raise yaml.constructor.ConstructorError(None, None, f"the key '{key}' is given twice", key_node.start_mark)
        keys.add(key)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def load(path: Path, schema: type[M]) -> M:
    """Read `path` and validate it against `schema`.

    Raises UsageError with one line for each mistake, with the file, the key and what is expected there.
    """
    return validate(path, read(path), schema)


def read(path: Path) -> dict[Any, Any]:
    """Read a file of keys and values. Raises UsageError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {_reason(error)}") from None
    try:
        data = yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark else ""
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        raise UsageError(f"{path}: {line}not valid YAML: {problem}{_hint(error)}") from None
    if not isinstance(data, dict):
        raise UsageError(f"{path}: expected keys and values (such as 'name: C'), found {_shown(data)}")
    return data


def parse(text: str) -> Any:
    """Return the value of a text as it would be in a file; the text itself where it is not valid YAML."""
    try:
        return yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError):
        return text


def validate(
    path: Path, data: dict[Any, Any], schema: type[M], variables: Mapping[tuple[str, ...], str] = MappingProxyType({})
) -> M:
    """Return the data of a file as `schema`. `variables` names the environment variables that some keys come from.

    Raises UsageError with one line for each mistake: the file and the key, or the variable, and what is expected there.
    """
    _refuse_newer(path, data, schema)
    try:
        return schema.model_validate(data)
    except ValidationError as error:
        lines = [_explain(path, item, variables) for item in error.errors()]
        raise UsageError("\n".join(dict.fromkeys(lines))) from None


def _refuse_newer(path: Path, data: dict[Any, Any], schema: type[M]) -> None:
    """Raise UsageError for a file of a newer format than the schema's: its other mistakes would mislead."""
    known, number = schema.model_fields["format"].default, data.get("format")
    if type(number) is int and number > known:
        raise UsageError(
            f"{path}: format: this version of the harness reads format {known} and older, found {number}; "
            "use the version that the file was written for"
        )


def _hint(error: Exception) -> str:
    """Return what to do about an error of YAML, where users often make it."""
    context = f"{getattr(error, 'context', '')} {getattr(error, 'problem', '')}"
    return " (put a text that begins with * in quotes)" if "alias" in context else ""


def _explain(path: Path, item: Any, variables: Mapping[tuple[str, ...], str]) -> str:
    # parts in brackets are pydantic's names of the members of a union, not keys of the file
    parts = [part for part in item["loc"] if "[" not in str(part)]
    for end in range(1, len(parts) + 1):
        if variable := variables.get(tuple(parts[:end])):
            return f"{variable}: {_mistake(item)}"
    return f"{path}: {_printable('.'.join(map(str, parts))) or 'the file'}: {_mistake(item)}"


def _mistake(item: Any) -> str:
    """Return a mistake without its place, such as 'expected a whole number, found 1.5'."""
    value = f", found {_shown(item['input'])}"
    match item["type"]:
        case "extra_forbidden":
            return "unknown key"
        case "missing":
            return "this key is missing"
        case "value_error":
            return f"{item['ctx']['error']}{value}"
        case kind if kind.endswith("_type") or kind.endswith("_parsing"):
            return f"expected {_TYPES.get(kind.rsplit('_', 1)[0], kind)}{value}"
        case _:
            message = item["msg"]
            return f"{message[0].lower()}{message[1:]}{value}"


def _printable(text: str) -> str:
    """Return the text with unprintable characters escaped: they could move the cursor of a terminal or end a line."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


_TYPES = {
    "int": "a whole number",
    "float": "a number",
    "string": "a text (put it in quotes if it looks like a number)",
    "bool": "true or false",
    "list": "a list (such as [a, b])",
    "tuple": "a list (such as [a, b])",
    "dict": "keys and values",
    "model": "keys and values",
}


def _shown(value: Any) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)
