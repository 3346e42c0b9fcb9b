"""Pictures of the interactives for the README, taken from the real thing.

    python tools/make_screens.py            # all; needs the extra "browser" and a Chromium
    python tools/make_screens.py 07 10      # of two lessons

Each lesson is opened in JupyterLab, run, and its interactive moved by the keyboard; a
screenshot after each move makes an animated picture, which ends by itself after three rounds.
On synthetic membranes, into assets/screens. What they show is said in the README.
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "tests" / "browser")]
from browser import browser, lab, run_notebook  # noqa: E402
from interactive import interactives  # noqa: E402
from latency import kind_of, name_of  # noqa: E402

ASSETS = ROOT / "assets"
PAUSE, ROUNDS = 900, 3  # milliseconds a picture, and how often it is played
# Lesson -> which control is moved by which key.
SCREENS = {
    "01": [("column", "ArrowRight")] * 5,
    "07": [("input size", "ArrowRight"), ("padding", "ArrowDown"), ("skips", "ArrowDown")],
    "10": [("the wall that matters most", "Space")]
    + [("pixels changed", key) for key in ("ArrowLeft", "ArrowRight")],
    "13": [("offset, tile to tile", "ArrowLeft")] * 4,
}


def screens(panel, steps: list[tuple[str, str]]) -> list[Image.Image]:
    """The panel as it is, and after each step."""
    found = []
    for step in [None, *steps]:
        if step:
            move(panel, *step)
        shown = panel.settle()
        if not shown["right"]:
            sys.exit(f"{panel.title}: {panel.complaint(shown)}")
        found.append(Image.open(io.BytesIO(panel.box.screenshot())).convert("RGB"))
    return found


def move(panel, name: str, key: str) -> None:
    controls = {name_of(element): element for element in panel.controls()}
    if name not in controls:
        sys.exit(f"{panel.title}: no control {name!r}; valid: {', '.join(controls)}")
    if kind_of(controls[name]) == "select":  # headless Chromium opens a list of its own
        place = controls[name].evaluate("e => e.selectedIndex")
        controls[name].select_option(index=place + 1)
        return
    controls[name].focus()
    panel.page.keyboard.press(key)


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
    chosen = parser.parse_args().lessons or list(SCREENS)
    if unknown := sorted(set(chosen) - set(SCREENS)):
        parser.error(f"no screen of lesson {unknown[0]!r}; valid: {', '.join(SCREENS)}")
    nothing = str(ROOT / "build" / "no_data")
    with (
        lab(UNET_TEACH_DATA="", UNET_TEACH_CACHE=nothing) as address,
        browser(width=1500, height=1500) as page,
    ):
        for lesson in chosen:
            path = next((ROOT / "notebooks").glob(f"{lesson}_*.ipynb"))
            if errors := run_notebook(page, address.format(path=f"notebooks/{path.name}")):
                sys.exit(f"{path.name}: {errors[0]}")
            panel = interactives(page)[0]
            panel.box.scroll_into_view_if_needed()
            pictures = screens(panel, SCREENS[lesson])
            target = ASSETS / "screens" / f"{lesson}.webp"
            save(target, pictures)
            print(f"{target.relative_to(ROOT)}: {target.stat().st_size / 1e3:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
