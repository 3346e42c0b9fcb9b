"""Open every slide in headless Chromium: does all that it shows fit, is it large enough?

    python tools/check_slides.py                    # or: at the end of make slides
    python tools/check_slides.py --pictures FOLDER  # also a picture of every slide

A slide is judged with all its fragments shown.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import chromium
import site_browser

DECKS = Path(__file__).parents[1] / "build" / "slides"
WIDTH, HEIGHT = 1280, 720
SMALLEST = 15  # pixels of type on a slide of 720; inside of drawings it is their own
FEWEST, MOST = 10, 20  # slides of a deck

# What of the present slide is outside of it, or cut off inside a box, or too small.
JUDGE = """([smallest]) => {
  const slide = document.querySelector("section section.present") ||
                document.querySelector("section.present");
  const scale = Reveal.getScale(), page = slide.getBoundingClientRect(), found = [];
  const bottom = page.top + 720 * scale, right = page.left + 1280 * scale;
  for (const part of slide.querySelectorAll("*")) {
    if (part.closest("aside, svg *, math *, sub, sup")) continue;
    if (!part.getClientRects().length) continue;
    const box = part.getBoundingClientRect();
    const words = (part.innerText || part.alt || "").trim().slice(0, 40);
    const name = part.tagName.toLowerCase() + " " + JSON.stringify(words);
    if (box.bottom > bottom + 1) found.push(name + " is " +
      Math.round((box.bottom - bottom) / scale) + " pixels below the slide");
    if (box.right > right + 1) found.push(name + " is beyond the right edge");
    if (part.scrollWidth > part.clientWidth + 2 && part.clientWidth &&
        getComputedStyle(part).overflowX !== "visible") found.push(name + " is cut off");
    const own = [...part.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    const size = parseFloat(getComputedStyle(part).fontSize) * (part.currentCSSZoom || 1);
    if (own && size < smallest) found.push(name + " has type of " + size + " pixels");
  }
  return found;
}"""


def complaints(page: object, address: str, name: str, pictures: Path | None) -> list[str]:
    """What is wrong with a deck; with a picture of each slide, where a folder is given."""
    page.goto(address + name, wait_until="load")
    page.wait_for_function("() => window.Reveal && Reveal.isReady()")
    page.add_style_tag(content="* { transition: none !important; }")
    page.evaluate("() => Reveal.configure({transition: 'none'})")
    count, found = page.evaluate("() => Reveal.getHorizontalSlides().length"), []
    if not FEWEST <= count <= MOST:
        found.append(f"{name}: {count} slides; {FEWEST} to {MOST} are a deck")
    for number in range(count):
        page.evaluate("number => Reveal.slide(number, 0, 99)", number)
        page.wait_for_timeout(60)
        if pictures:
            page.screenshot(path=pictures / f"{Path(name).stem}_{number + 1:02}.png")
        found += [f"{name}, slide {number + 1}: {w}" for w in page.evaluate(JUDGE, [SMALLEST])]
    found += [f"{name}: asks for {url}" for url in page.asked]
    found += [f"{name}: the console says {said[:200]}" for said in page.said]
    page.asked.clear()
    page.said.clear()
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=Path, metavar="FOLDER")
    pictures = parser.parse_args(arguments).pictures
    if reason := chromium.missing():
        print(f"the slides were not opened in a browser: {reason}")
        return 0
    if pictures:
        pictures.mkdir(parents=True, exist_ok=True)
    names, found = sorted(path.name for path in DECKS.glob("[0-9]*.html")), []
    with site_browser.opened(DECKS, WIDTH, HEIGHT) as (page, address):
        for name in names:
            found += complaints(page, address, name, pictures)
    for what in found:
        print(what, file=sys.stderr)
    print(f"{len(names)} decks opened in a browser, {len(found)} complaints")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
