"""Build the notebooks from notebooks/src/*.py, byte for byte the same every time.

    python tools/build_notebooks.py            # or: make notebooks

A source gives the learner's ``notebooks/NN_name.ipynb`` and the solved
``notebooks/solutions/NN_name.ipynb``; with ``notebooks/translations/LANG/NN_name.md`` also
both in ``notebooks/LANG/``. They are written without outputs; a cell's id comes from
its source, so that an unchanged source gives an unchanged file. Pictures from ``assets/`` are
put into the notebook, so that they show in JupyterLab and in hosted notebooks without files.
The minutes of the one-lesson track, which are for teachers, stay in the source.
The learner's notebook gets three cells that no source has: badges under the title's picture,
before the first code one that installs the course in Colab (``tools/links.py``), folded away,
and at the end a link to the next lesson.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from collections.abc import Sequence
from html import escape
from pathlib import Path

import nbformat

sys.path.insert(0, str(Path(__file__).parent))
import links
from lessons import PICTURE, TWIN, Lesson, SourceError, read
from slide_text import TRACK

from unet_teach.rooms import facts, rooms

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
ASSETS = ROOT / "assets"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
TYPES = {".png": "image/png", ".svg": "image/svg+xml"}
BADGES, COLAB, NEXT = "open-online", "colab", "next"  # the ids of the cells that no source has
LOOK_UP = ("glossary", "references")  # pages beside the lessons
FOLD = "The picture without a kernel"


def data_uri(path: Path) -> str:
    """A file as text that a page shows without the file."""
    return f"data:{TYPES[path.suffix]};base64,{base64.b64encode(path.read_bytes()).decode()}"


def inlined(text: str, lesson: str) -> str:
    """Prose with its pictures inside, and each ``{{twin: name}}`` as a folded picture."""
    alts = json.loads((ASSETS / "alt_texts.json").read_text(encoding="utf-8"))

    def known(name: str) -> tuple[Path, str]:
        path = ASSETS / name
        if not path.is_file() or name not in alts:
            raise SourceError(f"{lesson}: no picture {name!r} with an alt text; make figures")
        return path, alts[name]

    def picture(match: re.Match) -> str:
        path, alt = known(match["path"].removeprefix("assets/"))
        return f"![{match['alt'] or alt}]({data_uri(path)})"

    def twin(match: re.Match) -> str:
        found = [f"twins/{match['name']}{end}" for end in TYPES]
        name = next((n for n in found if (ASSETS / n).is_file()), found[0])
        path, alt = known(name)
        return (
            f"<details><summary>{FOLD}</summary>\n\n"
            f'<img alt="{escape(alt)}" src="{data_uri(path)}">\n\n</details>'
        )

    return TWIN.sub(twin, PICTURE.sub(picture, text))


def open_online(cells: list[dict], lesson: Lesson, path: str) -> None:
    """Put in badges under the title, and before the first code the installation in Colab."""
    repository, taken = links.repository(), {cell.name for cell in lesson.cells}
    for name in sorted(taken & {BADGES, COLAB, NEXT}):
        raise SourceError(f"{lesson.name}: id {name!r} is the builder's; give another one")
    code = next(i for i, cell in enumerate(cells) if cell["cell_type"] == "code")
    install = nbformat.v4.new_code_cell(links.install(repository))
    install["id"] = f"{lesson.number}-{COLAB}"
    # Out of the way where it does nothing: JupyterLab folds it.
    install["metadata"] = {"tags": [COLAB], "jupyter": {"source_hidden": True}}
    badges = nbformat.v4.new_markdown_cell(links.row(repository, path))
    badges["id"] = f"{lesson.number}-{BADGES}"
    cells.insert(code, install)
    cells.insert(1, badges)


def on_to_the_next(lesson: Lesson) -> dict:
    """A cell with links: to the lesson that follows, if any, the glossary, the references."""
    number, links_on = (
        f"{int(lesson.number) + 1:02}",
        [f"[{n.title()}]({n}.md)" for n in LOOK_UP],
    )
    for source in (NOTEBOOKS / "src").glob(f"{number}_*.py"):
        title = read(source).cells[0].text.splitlines()[0].lstrip("# ")
        links_on.insert(0, f"**Next**: [{title}]({source.stem}.ipynb)")
    cell = nbformat.v4.new_markdown_cell(" · ".join(links_on))
    cell["id"] = f"{lesson.number}-{NEXT}"
    return cell


def build(
    lesson: Lesson, solved: bool, prose: dict[str, str] | None = None, folder: str = "notebooks"
) -> str:
    """The text of a notebook in a folder; ``prose`` replaces prose cells by their ids."""
    cells = []
    for position, cell in enumerate(lesson.cells):
        if cell.is_claim and not solved:
            continue
        if cell.kind == "markdown":
            text = TRACK.sub("", (prose or {}).get(cell.name, cell.text))
            text = inlined(text, lesson.name)
            built = nbformat.v4.new_markdown_cell(text)
        else:
            built = nbformat.v4.new_code_cell(cell.solved() if solved else cell.learners())
        # A cell without a name is known by its place and the solved text.
        content = hashlib.sha256(f"{position}\n{cell.text}".encode()).hexdigest()
        built["id"] = f"{lesson.number}-{cell.name or content[:8]}"
        built["metadata"] = {"tags": cell.tags} if cell.tags else {}
        cells.append(built)
    if not solved:
        open_online(cells, lesson, f"{folder}/{lesson.name}.ipynb")
    # The next lesson need not be translated: a translation links to it where it is.
    if not solved and prose is None:
        cells.append(on_to_the_next(lesson))
    notebook = nbformat.v4.new_notebook(cells=cells)
    # No version of Python or jupytext: who builds must not show.
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    if not solved and lesson.number in rooms() and facts(lesson.number).gpu:
        notebook.metadata["accelerator"] = "GPU"
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return nbformat.writes(notebook, indent=1) + "\n"


def translated(path: Path, lesson: Lesson) -> dict[str, str]:
    """Prose by id, from a file with a line ``<!-- id: NAME -->`` above each cell.

    Raises
    ------
    SourceError
        A cell that the lesson does not have, or one that is missing.
    """
    parts = re.split(r"^<!-- id: (\S+) -->\n", path.read_text(encoding="utf-8"), flags=re.M)
    prose = {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}
    due = {cell.name for cell in lesson.prose}
    for name in sorted(due ^ set(prose)):
        what = "is not translated" if name in due else "is not in the lesson"
        raise SourceError(f"{path.name}: the cell {name!r} {what}")
    return prose


def notebooks(folder: Path = NOTEBOOKS, numbers: Sequence[str] = ()) -> dict[Path, str]:
    """Every notebook that the sources give, or those of some lessons, with its text."""
    found = {}
    for source in sorted((folder / "src").glob("*.py")):
        if numbers and source.name[:2] not in numbers:
            continue
        lesson = read(source)
        found[folder / f"{source.stem}.ipynb"] = build(lesson, solved=False)
        found[folder / "solutions" / f"{source.stem}.ipynb"] = build(lesson, solved=True)
        for path in sorted(folder.glob(f"translations/*/{source.stem}.md")):
            prose, language = translated(path, lesson), folder / path.parent.name
            online = f"notebooks/{language.name}"
            found[language / f"{source.stem}.ipynb"] = build(lesson, False, prose, online)
            found[language / "solutions" / f"{source.stem}.ipynb"] = build(lesson, True, prose)
    return found


def write(numbers: Sequence[str] = ()) -> None:
    """Write the notebooks, or those of some lessons; says which are new."""
    built = notebooks(numbers=numbers)
    for target, text in built.items():
        fresh = not target.exists() or target.read_text(encoding="utf-8") != text
        if fresh:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")
            print(f"{target.relative_to(NOTEBOOKS)}: written")
    print(f"{len(built)} notebooks are what their sources say")


def main() -> int:
    try:
        write(sys.argv[1:])
    except SourceError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
