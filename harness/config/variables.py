"""Let environment variables take the place of keys of config.yaml: SIXTY_THOUSAND_QUICK_N that of quick.n."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_origin

from pydantic import BaseModel

from harness.config.yamlfile import parse
from harness.model.errors import UsageError
from harness.system.lock import VARIABLE as LOCK

PREFIX = "SIXTY_THOUSAND_"


@dataclass(frozen=True)
class Overlaid:
    """The data of a file with values of variables, and the name of the variable that each such key comes from."""

    data: dict[Any, Any]
    variables: Mapping[tuple[str, ...], str]


def overlay(data: dict[Any, Any], environment: Mapping[str, str], schema: type[BaseModel]) -> Overlaid:
    """Put the values of variables into the data of a file, which stays as it is. An empty variable counts as unset.

    Raises UsageError if a variable with the prefix is that of no key: a wrong name would otherwise be without effect.
    """
    keys = variables_of(schema)
    given = {name: text for name, text in environment.items() if name.startswith(PREFIX) and name != LOCK}
    if unknown := sorted(given.keys() - keys.keys()):
        raise UsageError("\n".join(f"{name}: no such setting; there are {', '.join(keys)}" for name in unknown))
    overlaid = copy.deepcopy(data)
    variables = {keys[name]: name for name, text in given.items() if text}
    for key, name in variables.items():
        *sections, last = key
        place = overlaid
        for section in sections:
            place = place.setdefault(section, {})
        if isinstance(place, dict):  # a section that is no mapping is a mistake of the file
            place[last] = _value(given[name], _annotation(schema, key))
    return Overlaid(overlaid, variables)


def variables_of(schema: type[BaseModel], sections: tuple[str, ...] = ()) -> dict[str, tuple[str, ...]]:
    """Return the key of each variable, as the names of its sections and its own."""
    keys: dict[str, tuple[str, ...]] = {}
    for name, field in schema.model_fields.items():
        if name == "format":
            continue  # the version of a file is no setting
        key = (*sections, name)
        if inspect.isclass(field.annotation) and issubclass(field.annotation, BaseModel):
            keys |= variables_of(field.annotation, key)
        else:
            keys[PREFIX + "_".join(key).upper()] = key
    return keys


def _annotation(schema: type[BaseModel], key: tuple[str, ...]) -> Any:
    annotation: Any = schema
    for name in key:
        annotation = annotation.model_fields[name].annotation
    return annotation


def _value(text: str, annotation: Any) -> Any:
    """Return the value of a variable: a text as it is, a list from a,b,c, another value as in the file."""
    if annotation is str:
        return text
    if get_origin(annotation) is list:
        return [item.strip() if annotation == list[str] else parse(item) for item in text.split(",") if item.strip()]
    return parse(text)
