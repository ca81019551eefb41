"""Write JSON documents for programs, and complete JSON schemas."""

from __future__ import annotations

import json
import math
from typing import Any

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_text(value: Any) -> str:
    """Return `value` as JSON text. A number that JSON has not, such as infinity, is null.

    The text is ASCII: standard output may have an encoding that lacks a character, and its escapes are not JSON's.
    """
    return json.dumps(_finite(value), indent=2, allow_nan=False, default=str)  # the path of a folder as text


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def json_schema(title: str, definition: dict[str, Any]) -> dict[str, Any]:
    """Return a JSON schema with its dialect and its title."""
    return {"$schema": DIALECT, **definition, "title": title}


def with_format(definition: dict[str, Any], number: int) -> dict[str, Any]:
    """Return the schema of an object with one more key, `format`, which must be this number."""
    properties = {"format": {"const": number, "title": "Format", "type": "integer"}, **definition["properties"]}
    return {**definition, "properties": properties, "required": ["format", *definition["required"]]}
