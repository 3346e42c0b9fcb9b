"""The shared parts of the views, plain ES modules, and how they travel with a view.

A view (``view.js`` in a lesson's room) imports them by their path, ``import { bars } from
"../../drawing/web/bars.js"``, so an editor, Node and a browser find them without a build.
A notebook and the book take one piece of text instead: `bundle` writes each imported module
once, in the order in which they are needed, as a function that is called at once and returns
what the module exports; imports become lookups in what was returned before. Nothing else is
changed, so the text is as readable as its sources, and the same for the same files.

A module may begin a line with ``import { a, b as c } from "./x.js";``,
``export function``, ``export const``, ``export class`` or ``export default``, and with no
other form of either word.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent
IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+\.js)";\n', re.M)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|const|class) (\w+))", re.M)
DEFAULT = re.compile(r"^export default ", re.M)
LEFT = re.compile(r"^(?:import|export)\b.*", re.M)


@lru_cache(maxsize=64)
def bundle(view: Path) -> str:
    """A view and all that it imports, as the text of one ES module.

    Parameters
    ----------
    view : the file; it has one ``export default``

    Raises
    ------
    ValueError
        An import or export in a form that is not among those above, or no default export.

    Examples
    --------
    >>> bundle(FOLDER / "numbers.js")
    Traceback (most recent call last):
        ...
    ValueError: numbers.js: a view has one `export default`, this has 0
    """
    order = _needed(view.resolve(), ())
    text = "".join(_as_call(path) for path in order[:-1])
    own = _without_imports(order[-1])
    if (count := len(DEFAULT.findall(own))) != 1:
        raise ValueError(f"{view.name}: a view has one `export default`, this has {count}")
    text += f"// {view.name}\n{EXPORT.sub('', own)}"
    return text


def look(view: Path) -> str:
    """The style sheet that all views share, and then the view's own, ``view.css``, if any."""
    sheets = [FOLDER / "look.css", view.with_suffix(".css")]
    return "".join(sheet.read_text(encoding="utf-8") for sheet in sheets if sheet.exists())


def _needed(path: Path, above: tuple[Path, ...]) -> list[Path]:
    """A module after all that it imports, each once."""
    if path in above:
        raise ValueError(f"{path.name} imports itself, by way of {above[-1].name}")
    found: list[Path] = []
    for _names, where in IMPORT.findall(path.read_text(encoding="utf-8")):
        inner = _needed((path.parent / where).resolve(), (*above, path))
        found += [other for other in inner if other not in found]
    return [*found, path]


def _without_imports(path: Path) -> str:
    """A module's text; each import is a lookup in the module that was written before."""

    def lookup(match: re.Match) -> str:
        names = " ".join(match[1].split()).rstrip(",").replace(" as ", ": ")
        return f"const {{ {names} }} = {_variable(Path(match[2]))};\n"

    text = IMPORT.sub(lookup, path.read_text(encoding="utf-8"))
    if odd := LEFT.search(DEFAULT.sub("", EXPORT.sub("", text))):
        raise ValueError(f"{path.name}: `{odd[0]}` is in a form that a bundle does not know")
    return text


def _as_call(path: Path) -> str:
    text = _without_imports(path)
    names = ", ".join(EXPORT.findall(text))
    inside = EXPORT.sub("", text).rstrip()
    return (
        f"// {path.name}\nconst {_variable(path)} = (() => {{\n{inside}\n"
        f"return {{ {names} }};\n}})();\n\n"
    )


def _variable(path: Path) -> str:
    return path.stem.replace("-", "_") + "_module"
