"""Find a Chromium for Playwright to drive, or fetch one; says how where neither works.

python tools/chromium.py        # what `make test-browser` does first
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

# As root a sandbox cannot start; the others keep a browser from calling home.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
HOW_TO_INSTALL = """\
No Chromium here, and Playwright could not fetch its own. Install one, then type the same again:
  Debian, Ubuntu   sudo apt-get install chromium
  macOS            brew install --cask chromium
  Windows          winget install Google.Chrome, and put chrome.exe's folder into PATH"""


def chromium() -> str | None:
    """The system's Chromium or Chrome, or the one that Playwright has fetched."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or _playwrights()


def _playwrights() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def missing() -> str:
    """Why no browser can be used here, or ""."""
    try:
        import playwright  # noqa: F401
    except ImportError:
        return 'Playwright is not installed: python -m pip install -e ".[browser]"'
    return "" if chromium() else HOW_TO_INSTALL


def main() -> int:
    if chromium() is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    print(missing() or f"the browser is {chromium()}")
    return bool(missing())


if __name__ == "__main__":
    sys.exit(main())
