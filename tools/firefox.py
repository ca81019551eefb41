"""Drive Debian's Firefox by Marionette, the protocol that Mozilla tests it with."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CONSOLE = """
return Services.console.getMessageArray()
  .filter(one => one instanceof Ci.nsIScriptError && /^(file|http|blob):/.test(one.sourceName))
  .map(one => one.message)
"""
"""What a page has written to the console, refusals of its content security policy included."""


class Firefox:
    """One window of a headless Firefox."""

    def __init__(self, marionette: Any) -> None:
        self.marionette = marionette

    def open(self, address: str, *, width: int = 1280, dark: bool = False, scripts: bool = True) -> None:
        """Open an address in a window of this width in pixels, with an empty console."""
        self.marionette.set_pref("javascript.enabled", scripts)
        self.marionette.set_pref("layout.css.prefers-color-scheme.content-override", 0 if dark else 1)
        self.marionette.set_window_rect(width=width, height=900)
        self.marionette.navigate("about:blank")  # else another fragment of the same file would load nothing
        with self.marionette.using_context("chrome"):
            self.marionette.execute_script("Services.console.reset()")
        self.marionette.navigate(address)

    def run(self, script: str, *arguments: object) -> Any:
        """Return the result of a function's body in the page."""
        return self.marionette.execute_script(script, script_args=arguments)

    def find(self, selector: str) -> Any:
        """Return the first element of a CSS selector."""
        return self.marionette.find_element("css selector", selector)

    def text(self, selector: str) -> str:
        """Return the visible text of the first element of a CSS selector."""
        text: str = self.find(selector).text
        return text

    def wait(self, script: str, timeout_s: float) -> None:
        """Wait until the body of a function in the page returns a true value."""
        from marionette_driver import Wait

        Wait(self.marionette, timeout=timeout_s, interval=0.2).until(lambda _: self.run(script))

    def measure(self, n: int) -> str:
        """Measure this browser by the section "Your machine" of a report, and return the sentence at the end."""
        self.run(f"document.querySelector('#browser select').value = '{n}'")
        self.run("document.querySelector('#browser button').click()")
        self.wait("return document.querySelector('#browser button').textContent === 'Measure'", 120)
        return self.text("#browser [role=status]")

    def console(self) -> list[str]:
        """Return what the page has written to the console since it was opened."""
        with self.marionette.using_context("chrome"):
            messages: list[str] = self.marionette.execute_script(CONSOLE)
            return messages

    def requests(self) -> list[str]:
        """Return the addresses that the page has asked for, its own and its workers' aside."""
        names = self.run("return performance.getEntriesByType('resource').map(one => one.name)")
        return [name for name in names if not name.startswith("blob:")]


def find_firefox() -> str | None:
    """Return the path of Debian's Firefox; None if it is not installed."""
    return shutil.which("firefox-esr")


@contextlib.contextmanager
def started(folder: Path) -> Iterator[Firefox]:
    """Start a Firefox whose log is in a folder; it ends with the block."""
    from marionette_driver.marionette import Marionette

    marionette = Marionette(bin=find_firefox(), headless=True, gecko_log=str(folder / "firefox.log"))
    marionette.start_session()
    try:
        yield Firefox(marionette)
    finally:
        marionette.quit()
        marionette.cleanup()
