"""A real browser, opening pages from disk; docs/screenshots.py uses it, too."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=sandbox)
        yield found
        found.close()


class Opened:
    """A page from disk, and what it complained of.

    Attributes:
        page: of Playwright.
        complaints: errors of its scripts, messages of its console, requests that failed or went
            anywhere but to files.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        page.on("requestfailed", lambda request: self._failed(request.url, request.failure))
        page.on("request", lambda request: self._check(request.url))

    def _check(self, url: str) -> None:
        if not url.startswith(("file:", "data:", "blob:")):
            self.complaints.append(f"asked for {url}")

    def _failed(self, url: str, why: str | None) -> None:
        if why != "net::ERR_ABORTED":  # how players stop reading what they need no more of
            self.complaints.append(f"{url} failed: {why}")


def open_page(
    browser: Browser, path: Path, width: int = 1200, height: int = 900, scheme: str = "light"
) -> Opened:
    """Open a file, and wait until its video, if it has one, can play."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    opened = Opened(context.new_page())
    opened.page.goto(path.resolve().as_uri())
    ready = (
        "() => [...document.querySelectorAll('video')].every((v) => v.readyState >= 2 || v.error)"
    )
    opened.page.wait_for_function(ready)
    return opened


def lanes_of(page: Page, experiment: str) -> list[dict[str, Any]]:
    """The events that a page finds for an experiment, at its own threshold and first variant."""
    script = """(name) => {
      const data = JSON.parse(document.getElementById("data").textContent);
      const told = data.experiments.find((one) => one.name === name);
      const experiment = avparse.read(told);
      const lanes = avparse.lanes(experiment, 0, experiment.threshold, data.duration);
      return lanes.flatMap((lane) => lane.events);
    }"""
    found: list[dict[str, Any]] = page.evaluate(script, experiment)
    return found
