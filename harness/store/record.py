"""Config and kernels as they stand in run.json, and back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from harness.model.config import Config, Limits, Sizes
from harness.model.errors import UsageError
from harness.model.kernel import Kernel, Toolchain


def config_facts(config: Config) -> dict[str, Any]:
    """A config as JSON."""
    facts = {key: str(value) if isinstance(value, Path) else value for key, value in asdict(config).items()}
    return facts | {"more_kernels": [str(folder) for folder in config.more_kernels]}


def config_of(facts: dict[str, Any]) -> Config:
    """A config as it was stored in run.json. Raises UsageError."""
    try:
        values = dict(facts)
        for key in ("file", "kernels_dir", "reports_dir", "build_dir"):
            values[key] = Path(values[key])
        values["more_kernels"] = tuple(map(Path, values.get("more_kernels", ())))
        for key in ("only", "check_sizes"):
            values[key] = tuple(values[key])
        sizes = Sizes(**{**values["sizes"], "n": tuple(values["sizes"]["n"])})
        return Config(**{**values, "limits": Limits(**values["limits"]), "sizes": sizes})
    except (TypeError, KeyError) as error:
        raise UsageError(f"run.json: config: not of this format: {error}") from None


def kernel_facts(kernel: Kernel) -> dict[str, Any]:
    """A kernel as JSON, with its source, so that a report can be made again where the kernels are gone."""
    source = kernel.folder / kernel.source
    return {
        **asdict(kernel),
        "folder": kernel.folder.name,
        "id": kernel.id,
        "source_text": source.read_text(errors="replace"),
    }


def kernel_of(facts: dict[str, Any]) -> Kernel:
    """A kernel as it was stored in run.json, for making a report again. Raises UsageError."""
    try:
        values = {key: value for key, value in facts.items() if key not in ("id", "source_text")}
        toolchain: dict[str, Any] = {
            key: tuple(v) if isinstance(v, list) else v for key, v in values["toolchain"].items()
        }
        values |= {
            "folder": Path(values["folder"]),
            "fetch": tuple(values["fetch"]),
            "build": tuple(values["build"]),
            "requires": tuple(values["requires"]),
            "minimal": None,  # what became of it is a fact of its own
        }
        return Kernel(**{**values, "toolchain": Toolchain(**toolchain)})
    except (TypeError, KeyError, AttributeError) as error:
        raise UsageError(f"run.json: kernels: not of this format: {error}") from None
