"""Make the picture of the README from the map of the demonstration: `python docs/images/make.py` after `make demo`."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
MAP = ROOT / "out" / "households-beyond-25-km-of-a-hospital.html"
PICTURE = Path(__file__).with_name("households-beyond-25-km.png")

if __name__ == "__main__":
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1300, "height": 800})
        page.goto(MAP.as_uri())
        page.wait_for_selector(".leaflet-overlay-pane canvas")
        page.screenshot(path=str(PICTURE))
        browser.close()
