"""Build the book, a static site of all lessons as they ran: build/book.

    python tools/build_book.py                # or: make book
    python tools/build_book.py --as-they-are  # also from lessons that ran with older code

It takes the executed lessons that ``make test`` kept (``tools/executed.py``), writes pages for
sphinx into build/book_src, runs sphinx with ``book/conf.py``, and checks the site
(``tools/check_site.py``): a broken book fails the command. Nothing on a page comes from the
network.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import time
from html import escape
from pathlib import Path

import nbformat
from nbformat import NotebookNode

sys.path.insert(0, str(Path(__file__).parent))
import executed
import links
import record
import showing
from build_notebooks import LOOK_UP
from lessons import Cell, Lesson, read

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "book"
PAGES, SITE = ROOT / "build" / "book_src", ROOT / "build" / "book"
NOT_ON_THE_FRONT_PAGE = ("The command line", "Other ways to install")
LESSONS = "The lessons"
LESSON = re.compile(r"\b[Ll]essons? \d\d(?:(?:, | and )\d\d)*")
CODE = re.compile(r"(```.*?```|`[^`]*`|<[^>]*>|\]\([^)]*\)|^#[^\n]*$)", re.S | re.M)
HEADING = re.compile(r"^## +(.+)$", re.M)


# -------------------------------------------------------------------------------- a lesson
def doors(repository: str, name: str) -> str:
    """Where the lesson opens to be worked through, as a row of links."""
    path = f"notebooks/{name}.ipynb"
    rows = {
        "Open in Colab": links.colab(repository, path),
        "Open in Binder": links.binder(repository, path),
        "The notebook on GitHub": f"https://github.com/{repository}/blob/{links.BRANCH}/{path}",
    }
    shown = "".join(
        f'<a class="door" href="{escape(to)}">{words}</a>' for words, to in rows.items()
    )
    return f'<p class="doors">{shown}</p>'


def linked(text: str, names: dict[str, str], own: str = "") -> str:
    """Prose in which "lesson 07" leads to that lesson's page; not in headings or code."""

    def to_page(match: re.Match) -> str:
        number = match[0]
        if number not in names or number == own:
            return number
        return f"[{number}]({names[number]}.ipynb)"

    parts = CODE.split(text)
    for place in range(0, len(parts), 2):
        parts[place] = LESSON.sub(
            lambda match: re.sub(r"\d\d", to_page, match[0]), parts[place]
        )
    return "".join(parts)


def exercise(cell: Cell, ran: NotebookNode) -> list[NotebookNode]:
    """What the learner finds, and one solution folded away below it."""
    stub = nbformat.v4.new_markdown_cell(f"```python\n{cell.learners().strip()}\n```")
    stub["id"] = f"{ran.id}-stub"
    return [stub, folded(ran, "One solution")]


def folded(cell: NotebookNode, words: str) -> NotebookNode:
    """A code cell whose source is folded away behind some words."""
    cell.metadata["tags"] = ["hide-input"]
    cell.metadata["mystnb"] = {"code_prompt_show": words, "code_prompt_hide": words}
    return cell


def page(
    lesson: Lesson, ran: NotebookNode, pictures: showing.Pictures, names: dict[str, str]
) -> NotebookNode:
    """The notebook that sphinx reads, from a lesson's source and its execution."""
    cells, setup = [], True
    for cell, done in zip(lesson.cells, ran.cells, strict=True):
        if cell.kind == "markdown":
            text = linked(showing.prose(done.source, pictures), names, lesson.number)
            kept = nbformat.v4.new_markdown_cell(text)
            kept["id"] = done.id
            cells.append(kept)
            continue
        done.outputs = showing.outputs(done, pictures)
        done.metadata = NotebookNode()
        if cell.is_exercise:
            cells += exercise(cell, done)
        elif cell.is_claim:
            cells.append(folded(done, "What was said, asserted"))
        else:
            cells.append(folded(done, "Set-up: imports and seed") if setup else done)
        setup = False
    cells[0].source += "\n\n" + doors(links.repository(), lesson.name)
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata = {"kernelspec": ran.metadata.kernelspec, "language_info": LANGUAGE}
    return notebook


LANGUAGE = {"name": "python", "pygments_lexer": "ipython3"}


# --------------------------------------------------------------------------- the front page
def front_page(readme: str, repository: str, pictures: showing.Pictures) -> str:
    """The README as the book's first page, without what only a reader of GitHub needs."""
    parts = HEADING.split(readme)
    sections = list(zip(parts[1::2], parts[2::2], strict=True))
    sections.sort(key=lambda section: section[0] != LESSONS)  # what a reader of the book wants
    kept = [without_badges(parts[0], doors(repository, "00_start_here")).rstrip()]
    for title, text in sections:
        if title not in NOT_ON_THE_FRONT_PAGE:
            kept.append(f"## {title}\n{text.rstrip()}")
    text = "\n\n".join(kept)
    text = re.sub(r"\]\(notebooks/(\d\d_\w+\.ipynb)\)", r"](\1)", text)
    text = re.sub(
        r"(?<=\]\()(?!https?://|#|\d\d_)([^)\s]+)(?=\))", _on_github(repository), text
    )
    return showing.with_mathml(_own_pictures(text, pictures))


def without_badges(text: str, instead: str) -> str:
    """The README's head with a row of links for its badges: pictures from elsewhere."""
    badges = r"(^\[!\[[^\]]*\]\(https?://[^)]*\)\]\([^)]*\)\n)+"
    return re.sub(badges, f"{instead}\n", text, count=1, flags=re.M)


def _on_github(repository: str):
    def address(match: re.Match) -> str:
        path = match[1]
        if path.startswith("assets/"):
            return path
        kind = "tree" if (ROOT / path).is_dir() else "blob"
        return f"https://github.com/{repository}/{kind}/{links.BRANCH}/{path}"

    return address


def _own_pictures(text: str, pictures: showing.Pictures) -> str:
    """A text whose pictures from assets/ lie beside the page."""

    def kept(match: re.Match) -> str:
        path = ROOT / match[0]
        if not path.is_file():
            raise showing.CannotShow(f"README.md shows {match[0]}, which is not there")
        return pictures.add(path.read_bytes(), path.suffix)

    text = re.sub(r"(?<=[\"(\s])assets/[\w./-]+\.(?:png|svg|gif|webp|jpg)", kept, text)
    return showing.MARKDOWN_PICTURE.sub(lambda m: showing.image(m["path"], m["alt"]), text)


def contents(names: list[str]) -> str:
    """The book's table of contents."""
    lines = ["```{toctree}", ":hidden:", ":caption: Lessons", "", *names, "```", ""]
    lines += ["```{toctree}", ":hidden:", ":caption: To look up", "", *LOOK_UP, "```"]
    return "\n" + "\n".join(lines) + "\n"


# ----------------------------------------------------------------------------------- the site
def prepare(notebooks: list[Path]) -> None:
    """Write build/book_src anew."""
    shutil.rmtree(PAGES, ignore_errors=True)
    PAGES.mkdir(parents=True)
    pictures = showing.Pictures(PAGES / "extra" / showing.FOLDER)
    (PAGES / "extra" / "fonts").mkdir()
    showing.math_font(PAGES / "extra" / "fonts")
    record.write(PAGES / "extra" / record.FOLDER)
    names = {path.stem[:2]: path.stem for path in notebooks}
    for path in notebooks:
        lesson = read(ROOT / "notebooks" / "src" / f"{path.stem}.py")
        made = page(lesson, executed.load(path), pictures, names)
        nbformat.write(made, PAGES / path.name)
    for name in LOOK_UP:
        shutil.copy(ROOT / "notebooks" / f"{name}.md", PAGES)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    front = front_page(readme, links.repository(), pictures) + contents(
        [p.stem for p in notebooks]
    )
    (PAGES / "index.md").write_text(front, encoding="utf-8")


def build() -> None:
    """Run sphinx; a warning is an error.

    Raises
    ------
    SystemExit
        Sphinx complained.
    """
    shutil.rmtree(SITE, ignore_errors=True)
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-W", "--keep-going"]
    doctrees = ROOT / "build" / "book_doctrees"
    shutil.rmtree(doctrees, ignore_errors=True)
    done = subprocess.run(
        [*command, "-d", str(doctrees), "-c", str(BOOK), str(PAGES), str(SITE)]
    )
    if done.returncode:
        raise SystemExit("sphinx complained (see above); the book is not whole")
    lighten()


def lighten() -> None:
    """Take out what the theme loads twice: its icons are in its style sheet already.

    The script that draws them anew weighs more than a lesson with its pictures.
    """
    script = re.compile(r'<script[^>]*src="[^"]*scripts/fontawesome\.js[^"]*"[^>]*></script>')
    for path in SITE.glob("*.html"):
        path.write_text(script.sub("", path.read_text("utf-8")), encoding="utf-8")
    for path in {*SITE.rglob("*.map"), *SITE.rglob("fontawesome.js*")}:
        path.unlink()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--as-they-are", action="store_true", help="older executions, too")
    started = time.perf_counter()
    try:
        notebooks = executed.executed(parser.parse_args().as_they_are)
        prepare(notebooks)
    except showing.CannotShow as error:
        print(error, file=sys.stderr)
        return 1
    build()
    print(f"built in {time.perf_counter() - started:.0f} s: {SITE / 'index.html'}")
    import check_site

    return check_site.main([str(SITE)])


if __name__ == "__main__":
    sys.exit(main())
