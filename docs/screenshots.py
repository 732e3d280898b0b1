"""Pictures of the viewer for README.md, from a finished run.

python docs/screenshots.py results/viewer docs
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from browser import browser, open_page


def take(viewer: Path, out: Path) -> None:
    """Write ``viewer-index.png``, and ``viewer.png``: at 4.5 s the video in the middle of it."""
    with browser() as chromium:
        index = open_page(chromium, viewer / "index.html", 1200, 720).page
        index.wait_for_function("[...document.images].every((image) => image.complete)")
        index.screenshot(path=out / "viewer-index.png")
        cards = index.locator(".card")
        cards.nth(cards.count() // 2).click()
        index.wait_for_function("document.querySelector('video').readyState >= 2")
        index.evaluate("document.querySelector('video').currentTime = 4.5")
        index.wait_for_function("!document.querySelector('video').seeking")
        index.wait_for_timeout(500)  # the sign of waiting fades out
        index.screenshot(path=out / "viewer.png", full_page=True)


if __name__ == "__main__":
    take(Path(sys.argv[1]), Path(sys.argv[2]))
