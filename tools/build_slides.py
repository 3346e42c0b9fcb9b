"""Build the teacher's slides, one deck a lesson, from cells that are marked: build/slides.

    python tools/build_slides.py              # or: make slides
    python tools/build_slides.py 05           # one lesson
    python tools/build_slides.py --as-they-are

In a source the tag ``slide`` begins a slide with its cell, ``fragment`` adds a cell that
appears at a key press (a result after the question), with ``output`` beside it without its
code; a cell that draws is always shown without. What a cell says at length is shortened
by ``slide_text.py`` and stands whole in the speaker notes (key S), with all unmarked prose. The
outputs are those of the tests' execution (``executed.py``), the pages nbconvert's, with
reveal.js beside them.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from html import escape
from pathlib import Path

import nbformat
from nbconvert.exporters import SlidesExporter
from nbformat import NotebookNode
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))
import check_slides
import executed
import npm
import showing
import slide_text
from lessons import Cell, Lesson, read

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / "book" / "slides"
DECKS = ROOT / "build" / "slides"
SLIDE, FRAGMENT, OUTPUT = "slide", "fragment", "output"
ROOM, TALLER = (1190, 510), 50  # pixels that an interactive has; how many more a figure
LEAST, LARGEST = 1.08, 1.8  # how far it is enlarged, where words stand beside it and at all
BESIDE = "flex:1 1 14em"  # the style of those words
CARD = '<div class="unet-picture" style="'
MOST_LINES = 14  # of code on a slide


def markdown(text: str, kind: str) -> NotebookNode:
    """A prose cell of a deck; kind is reveal's: slide, fragment, notes or -."""
    made = nbformat.v4.new_markdown_cell(text)
    made.metadata["slideshow"] = {"slide_type": kind}
    return made


def enlarged(output: NotebookNode, folder: Path) -> NotebookNode:
    """A drawing of the course as large as a slide allows.

    The text beside it stays where it can be read: at `LEAST` times its size or more.
    """
    html = output.get("data", {}).get("text/html", "")
    if "unet-picture" not in html or not re.search("<(svg|img)", html):
        return output  # not drawn, or words alone
    width, height = _size(html, folder)
    room, words = ROOM[0] - 30, 270 if BESIDE in html else 0
    most = min((ROOM[1] + TALLER * ("interactive" not in html)) / (height + 30), LARGEST)
    zoom = min(room / (width + words), most)
    if not words or zoom < LEAST:
        zoom = min(room / width, most)
        html = f'<div class="without-words">{html}</div>'
    html = html.replace(CARD, f"{CARD}zoom:{zoom:.2f};", 1)
    return NotebookNode(output_type="display_data", data={"text/html": html}, metadata={})


def _size(html: str, folder: Path) -> tuple[float, float]:
    """Width and height of a drawing: an SVG says both, a PNG has them in its file."""
    drawn = re.search(r"<(svg|img)[^>]*>", html)[0]
    width = float(re.search(r' width="([\d.]+)"', drawn)[1])
    if found := re.search(r' height="([\d.]+)"', drawn):
        return width, float(found[1])
    with Image.open(folder / Path(re.search(r'src="([^"]+)"', drawn)[1]).name) as picture:
        return width, width * picture.height / picture.width


class Deck:
    """A deck while it grows: cells, and what the notes of the last slide will say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder  # of the pictures
        self.cells: list[NotebookNode] = []
        self.notes: list[str] = []
        self.heading = ""

    def put_notes(self) -> None:
        """The speaker notes of the slide that ends here."""
        if self.cells and self.notes:
            self.cells.append(markdown("\n\n".join(self.notes), "notes"))
        self.notes = []

    def prose(self, text: str, kind: str) -> None:
        """A marked prose cell: shortened on the slide, whole in the notes."""
        short = slide_text.shortened(text)
        if kind == SLIDE:
            self.put_notes()
            if not short.startswith("#"):
                short = f"{self.heading}\n\n{short}"
        self.heading = slide_text.section(text) or self.heading
        self.cells.append(markdown(short, kind))
        self.notes.append(text)

    def code(self, cell: Cell, outputs: list[NotebookNode], kind: str) -> None:
        """A marked code cell: without asserts; a picture stands without its code."""
        if kind == SLIDE:
            self.put_notes()
            self.cells.append(markdown(self.heading, SLIDE))
            kind = "-"
        drawn = any("<img" in o.get("data", {}).get("text/html", "") for o in outputs)
        drawn = drawn or any("<svg" in o.get("data", {}).get("text/html", "") for o in outputs)
        source = cell.learners() if cell.is_exercise else slide_text.without_asserts(cell.text)
        if cell.is_exercise and kind == FRAGMENT:
            kind = "-"  # a stub is no surprise
        if drawn or OUTPUT in cell.tags:
            source, outputs = "", [enlarged(o, self.folder) for o in outputs]
            outputs = [o for o in outputs if "data" in o] if drawn else outputs
        elif source.count("\n") >= MOST_LINES:
            lines = source.count("\n") + 1
            raise showing.CannotShow(f"{cell.name}: {lines} lines of code on a slide")
        made = nbformat.v4.new_code_cell(source.strip())
        made.outputs = [] if cell.is_exercise else outputs
        made.metadata["slideshow"] = {"slide_type": kind}
        self.cells.append(made)
        self.notes.append(f"```python\n{cell.solved().strip()}\n```")


def deck(lesson: Lesson, ran: NotebookNode, pictures: showing.Pictures) -> NotebookNode:
    """The notebook of a lesson's slides.

    Raises
    ------
    CannotShow
        No cell is marked, the first marked one is not the title, or too much code.
    """
    grown = Deck(pictures.folder)
    for cell, done in zip(lesson.cells, ran.cells, strict=True):
        kind = next((tag for tag in (SLIDE, FRAGMENT) if tag in cell.tags), "")
        if cell.kind == "markdown":
            text = showing.prose(done.source, pictures)
            if kind:
                grown.prose(text, kind)
            else:
                grown.notes.append(text)
                grown.heading = slide_text.section(text) or grown.heading
        elif kind:
            grown.code(cell, showing.outputs(done, pictures), kind)
    grown.put_notes()
    if not grown.cells or not grown.cells[0].source.startswith("# "):
        raise showing.CannotShow(f"{lesson.name}: the first slide is not the title")
    notebook = nbformat.v4.new_notebook(cells=grown.cells)
    notebook.metadata = {"title": grown.cells[0].source.splitlines()[0].strip("# ")}
    return notebook


def page(notebook: NotebookNode) -> str:
    """The deck as a page."""
    exporter = SlidesExporter(
        template_name=TEMPLATE.name,
        extra_template_basedirs=[str(TEMPLATE.parent)],
        reveal_url_prefix="reveal.js",
        reveal_theme="white",
    )
    html, _resources = exporter.from_notebook_node(notebook)
    return html


def contents(titles: dict[str, str]) -> str:
    """The page that leads to every deck."""
    rows = "".join(
        f'<li><a href="{name}">{escape(title)}</a></li>' for name, title in titles.items()
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Slides</title>'
        '<meta name="viewport" content="width=device-width">'
        "<style>body{font:20px/1.6 system-ui,sans-serif;max-width:40em;margin:2em auto;"
        "padding:0 1em}li{list-style:none}ul{padding:0}</style></head><body>"
        "<h1>U-Net, one measured step at a time: slides</h1><p>Arrow keys or space to go on, S "
        "for the speaker notes, O for an overview. <code>?print-pdf</code> after the address "
        f"prints a deck.</p><ul>{rows}</ul></body></html>\n"
    )


def build(notebooks: list[Path]) -> None:
    """Write build/slides anew."""
    shutil.rmtree(DECKS, ignore_errors=True)
    pictures = showing.Pictures(DECKS / showing.FOLDER)
    reveal = npm.REVEAL.folder()
    for part in ("dist/reveal.js", "dist/reveal.css", "dist/theme/white.css", "plugin/notes"):
        target = DECKS / "reveal.js" / part
        target.parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (reveal / part).is_dir() else shutil.copy
        copy(reveal / part, target)
    shutil.copytree(reveal / "dist/theme/fonts", DECKS / "reveal.js/dist/theme/fonts")
    shutil.copy(reveal / "LICENSE", DECKS / "reveal.js" / "LICENSE")
    shutil.copy(TEMPLATE / "slides.css", DECKS / "slides.css")
    (DECKS / "fonts").mkdir()
    showing.math_font(DECKS / "fonts")
    titles = {}
    for path in notebooks:
        lesson = read(ROOT / "notebooks" / "src" / f"{path.stem}.py")
        made = deck(lesson, executed.load(path), pictures)
        (DECKS / f"{path.stem}.html").write_text(page(made), encoding="utf-8")
        titles[f"{path.stem}.html"] = made.metadata["title"]
    (DECKS / "index.html").write_text(contents(titles), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lessons", nargs="*", metavar="NN", help="all, if none is given")
    parser.add_argument("--as-they-are", action="store_true", help="older executions, too")
    chosen = parser.parse_args()
    notebooks = executed.executed(chosen.as_they_are)
    if chosen.lessons:
        notebooks = [path for path in notebooks if path.stem[:2] in chosen.lessons]
    try:
        build(notebooks)
    except (showing.CannotShow, npm.CannotFetch) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(notebooks)} decks: {DECKS / 'index.html'}")
    return check_slides.main([])


if __name__ == "__main__":
    sys.exit(main())
