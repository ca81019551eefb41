"""Check the accessibility of a page with axe."""

from __future__ import annotations

from pathlib import Path


def run_axe(page) -> dict:
    """Run axe, the checker of accessibility, on a page."""
    import axe_playwright_python

    page.evaluate((Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text())
    return page.evaluate("axe.run()")


def violations(answer: dict) -> list[tuple[str, str]]:
    """Return the rules that a page breaks, each with the first place where it does."""
    return [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in answer["violations"]]
