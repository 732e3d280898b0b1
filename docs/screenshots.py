"""Pictures of the pages for README.md, from a finished run.

python docs/screenshots.py results docs

README's are of a run with AVEL, PSP and BMFN beside the experiments of config.yaml.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from browser import browser, open_page
from playwright.sync_api import Browser


def viewer(chromium: Browser, results: Path, out: Path) -> None:
    """Write ``viewer-index.png``, and ``viewer.png``: what CMRAN says of the first video."""
    index = open_page(chromium, results / "viewer/index.html", 1200, 720).page
    index.wait_for_function("[...document.images].every((image) => image.complete)")
    index.screenshot(path=out / "viewer-index.png")
    first = index.evaluate("JSON.parse(document.getElementById('data').textContent).videos[0].page")
    page = open_page(chromium, results / f"viewer/videos/{first}.html").page
    page.locator("#experiment").select_option("cmran")
    page.evaluate("document.querySelector('video').currentTime = 5.5")
    page.wait_for_function("!document.querySelector('video').seeking")
    page.wait_for_timeout(500)  # the sign of waiting fades out
    page.screenshot(path=out / "viewer.png", full_page=True)


def attention(chromium: Browser, results: Path, out: Path) -> None:
    """Write ``attention.png``: where the models look in the first test video."""
    page = open_page(chromium, results / "report/index.html").page
    section = page.locator("section", has=page.get_by_role("heading", name="Attention"))
    section.locator("figure").first.screenshot(path=out / "attention.png")


if __name__ == "__main__":
    with browser() as opened:
        for take in (viewer, attention):
            take(opened, Path(sys.argv[1]), Path(sys.argv[2]))
