"""Pictures of the interactives for the README, taken from the real thing.

    python tools/make_screens.py            # all; needs the extra "browser" and a Chromium
    python tools/make_screens.py 07 10      # of two lessons

Each interactive is opened in a static page, answered by its recording, and asked what its
buttons ask. A screenshot after each answer makes an animated picture, which ends by itself
after three rounds. On synthetic membranes, into assets/screens. What they show is said in the
README.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "benchmarks")]
import record  # noqa: E402
import show_view  # noqa: E402
from browser import browser  # noqa: E402

ASSETS = ROOT / "assets"
PAUSE, ROUNDS, WIDE = 1300, 3, 760  # milliseconds a picture, how often it is played, pixels
LESSONS = {"02": "field_explorer", "07": "u_explorer", "10": "wall_eraser",
           "12": "deformation_explorer"}  # fmt: skip
SETTLED = 900  # milliseconds after an answer, until what moves has come to rest


def screens(page, name: str) -> list[Image.Image]:
    """The interactive as it opens, and after each of its questions."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        show_view.page(Path(folder), name)
        page.goto((Path(folder) / "index.html").as_uri())
        page.wait_for_selector(show_view.READY)
        view = page.locator(".unet-view").first
        for question in [
            "",
            *(question for question, _ in record.recordable()[name]().presets),
        ]:
            if question:
                view.get_by_role("button", name=question, exact=True).click()
            page.wait_for_timeout(SETTLED)
            shot = io.BytesIO(view.screenshot(animations="disabled"))
            found.append(Image.open(shot).convert("RGB"))
    return found


def save(path: Path, pictures: list[Image.Image]) -> None:
    """One animated picture, as large as the largest."""
    size = max(p.width for p in pictures), max(p.height for p in pictures)
    frames = [Image.new("RGB", size, "white") for _picture in pictures]
    for frame, picture in zip(frames, pictures, strict=True):
        frame.paste(picture)
    path.parent.mkdir(exist_ok=True)
    frames[0].save(
        path, save_all=True, append_images=frames[1:], duration=PAUSE, loop=ROUNDS, quality=80
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lessons", nargs="*", metavar="NN", help="all, if none is given")
    chosen = parser.parse_args().lessons or list(LESSONS)
    if unknown := sorted(set(chosen) - set(LESSONS)):
        parser.error(f"no screen of lesson {unknown[0]!r}; valid: {', '.join(LESSONS)}")
    with browser(width=WIDE, height=1400) as page:
        for lesson in chosen:
            target = ASSETS / "screens" / f"{lesson}.webp"
            save(target, screens(page, LESSONS[lesson]))
            print(f"{target.relative_to(ROOT)}: {target.stat().st_size / 1e3:.0f} kB")
        if page.complaints:
            sys.exit(f"the console said {page.complaints[0]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
