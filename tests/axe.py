"""Check the accessibility of a page with axe."""

from __future__ import annotations

from pathlib import Path


def axe_script() -> str:
    """Return the source of axe, the checker of accessibility."""
    import axe_playwright_python

    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()


def run_axe(page) -> dict:
    """Run axe on a page of Chromium."""
    page.evaluate(axe_script())
    return page.evaluate("axe.run()")


def violations(answer: dict) -> list[tuple[str, str]]:
    """Return the rules that a page breaks, each with the first place where it does."""
    return [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in answer["violations"]]
