"""An executed lesson made ready for pages without a kernel: the book and the slides.

Pictures become files beside the page, formulas MathML, which every browser draws by itself; an
interactive is the picture that it showed while the lesson ran, with its title.
Nothing here needs sphinx or nbconvert.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import shutil
import sys
from html import escape
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))
import npm
import record
from build_notebooks import FOLD

FOLDER = "pictures"
DATA = re.compile(r"data:image/(?P<kind>png|svg\+xml);base64,(?P<data>[A-Za-z0-9+/=]+)")
MARKDOWN_PICTURE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<path>[^)\s]+)\)")
TWIN_FOLD = re.compile(rf"<details><summary>{FOLD}</summary>.*?</details>\n*", re.S)
CODE_OR_MATH = re.compile(r"(```.*?```|`[^`]*`)|\$\$(.+?)\$\$|\$([^$\n]+)\$", re.S)
PROGRESS = re.compile(r"^.*\d%\|.*\n?", re.M)  # a bar that moved
TROUBLE = re.compile(r"Error|Warning|Traceback")
VIEW = "application/vnd.jupyter.widget-view+json"


class CannotShow(ValueError):
    """An output that a page must not have, or a picture without words."""


class Pictures:
    """The folder of pictures beside the pages; equal pictures are one file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, content: bytes, suffix: str) -> str:
        """Keep a picture; gives its address on a page beside the folder."""
        mark = hashlib.sha256(content).hexdigest()[:16]
        if not (kept := next(iter(self.folder.glob(f"{mark}.*")), None)):
            content, suffix = smaller(content) if suffix == ".png" else (content, suffix)
            kept = self.folder / f"{mark}{suffix}"
            kept.write_bytes(content)
        return f"{FOLDER}/{kept.name}"

    def put_out(self, html: str) -> str:
        """HTML with each picture that it holds as data put out into a file."""

        def kept(match: re.Match) -> str:
            suffix = {"png": ".png", "svg+xml": ".svg"}[match["kind"]]
            return self.add(base64.b64decode(match["data"]), suffix)

        return DATA.sub(kept, html)


def smaller(content: bytes) -> tuple[bytes, str]:
    """The same pixels in fewer bytes: a grainy PNG is half as large as lossless WebP."""
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(content)) as picture:
        picture.save(buffer, format="WEBP", lossless=True, quality=80)
    return min((content, ".png"), (buffer.getvalue(), ".webp"), key=lambda pair: len(pair[0]))


def image(address: str, alt: str, kind: str = "figure") -> str:
    """An ``<img>`` with its words."""
    return f'<img class="{kind}" alt="{escape(alt)}" src="{address}">'


def with_mathml(text: str) -> str:
    """Markdown with its formulas as MathML; code stays as it is.

    Examples
    --------
    >>> with_mathml("`$x$` stays")
    '`$x$` stays'
    """

    def formula(match: re.Match) -> str:
        code, display, inline = match.groups()
        if code:
            return code
        from latex2mathml.converter import convert  # of the extra "book"

        if inline:
            return convert(inline.strip())
        drawn = convert(" ".join(display.split()), display="block")
        return f'\n<div class="formula" tabindex="0">{drawn}</div>\n'

    return CODE_OR_MATH.sub(formula, text)


def math_font(folder: Path) -> None:
    """Put the font for formulas beside the pages; without it the reader's own is used."""
    name = "stix-two-math-latin-400-normal.woff2"
    try:
        shutil.copy(npm.STIX.folder() / "files" / name, folder / "math.woff2")
        shutil.copy(npm.STIX.folder() / "LICENSE", folder / "LICENSE")
    except npm.CannotFetch as error:
        print(f"{error}\nformulas are set in the reader's own font", file=sys.stderr)


def prose(text: str, pictures: Pictures) -> str:
    """A prose cell for a page: no folded twin (it stands below the code), pictures as files."""
    text = TWIN_FOLD.sub("", text)
    text = MARKDOWN_PICTURE.sub(
        lambda match: image(pictures.put_out(match["path"]), match["alt"], "u"), text
    )
    return with_mathml(pictures.put_out(text))


def outputs(cell: NotebookNode, pictures: Pictures) -> list[NotebookNode]:
    """A cell's outputs for a page: text as it is, everything else as HTML with words.

    Raises
    ------
    CannotShow
        An error or a warning, an interactive without its picture, a figure without a text.
    """
    shown = []
    for output in cell.outputs:
        data = output.get("data", {})
        said = output.get("evalue") or output.get("text", "")
        if output.output_type == "error" or (
            output.get("name") == "stderr" and TROUBLE.search(said)
        ):
            raise CannotShow(f"{cell.id}: {output.output_type} in its output: {said[:200]!r}")
        if VIEW in data:
            raise CannotShow(f"{cell.id}: an interactive whose picture was not kept")
        if "image/png" in data and "text/html" not in data:
            raise CannotShow(f"{cell.id}: a figure without words; show it with `described`")
        elif "text/html" in data:
            html = pictures.put_out(data["text/html"])
            seen = output.metadata.get("interactive")
            shown.append(_html(twin(html, **_recorded(seen)) if seen else html))
        elif "text" not in output:
            shown.append(output)
        elif text := PROGRESS.sub("", output.text):
            shown.append(nbformat.v4.new_output("stream", name="stdout", text=text))
    return shown


def _recorded(seen: dict[str, Any]) -> dict[str, Any]:
    """What was seen of an interactive; without its name if no recording has it."""
    return seen if seen.get("name", "") in record.recordable() else {**seen, "name": ""}


def _html(html: str) -> NotebookNode:
    return NotebookNode(output_type="display_data", data={"text/html": html}, metadata={})


def twin(html: str, title: str, name: str = "") -> str:
    """An interactive on a page without a kernel: its title and its picture.

    One that has a recording says its name: ``book/_static/interactives.js`` brings it to life.
    """
    head = f'<p class="interactive-title">{escape(title)}</p>' if title else ""
    live = f' data-interactive="{escape(name)}"' if name else ""
    return f'<div class="interactive"{live}>{head}{html}</div>'
