"""Give every process huge pages during a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.model.errors import UsageError
from harness.system.host import chosen
from harness.util.files import read_text

_HUGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")


@contextmanager
def huge_pages_for_all(wanted: bool) -> Iterator[None]:
    """Give every process huge pages within the block, even without asking, and restore the machine's setting.

    Linux has this setting for the whole machine only. Raises UsageError if it cannot be changed.
    """
    before = chosen(read_text(_HUGE_PAGES))
    if not wanted or before == "always":
        yield
        return
    try:
        _HUGE_PAGES.write_text("always", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"--pages huge: {_HUGE_PAGES} is '{before or 'absent'}' and cannot be changed ({error.strerror}): "
            f"run as root, or first 'echo always > {_HUGE_PAGES}'"
        ) from None
    try:
        yield
    finally:
        _HUGE_PAGES.write_text(before, encoding="utf-8")
