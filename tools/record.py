"""Record an interactive's answers, so that it lives in a page without a kernel.

    python tools/record.py                      # sizes of all recordings
    python tools/record.py wall_eraser --out build/wall_eraser.js

A recording is one classic script, which a page can load from a server and from a folder
alike. It holds, compressed, the very text of the view that a notebook gets, what the view asks
of its model, and the answers of all settings that the interactive says
(`Interactive.recorded`), as numbers. Equal parts of answers are kept once.
`book/_static/interactives.js` reads it.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import json
import sys
from pathlib import Path
from typing import Any

from unet_teach.interactive import Interactive, packed
from unet_teach.rooms import interactives

FOLDER = "interactives"  # beside the pages
LETTERS = bytes(range(40, 127)).replace(b"\\", b"")  # none is written as two in JSON
SHADES = [*range(0, 256, 8), 255]  # as lesson 09 writes its maps


def recordable() -> dict[str, Any]:
    """The interactives that a page without a kernel can hold: name -> what makes it."""
    makers = {name: getattr(module, name) for name, module in interactives().items()}
    return {
        name: make
        for name, make in makers.items()
        if make.__annotations__["return"] == Interactive.__name__
    }


def recording(interactive: Interactive) -> dict[str, Any]:
    """All that a page needs, as JSON has it.

    Returns
    -------
    esm, css, state : the view, its look, and what it finds in its model
    approximate, follows : the settings for which the nearest recorded number may stand
    computed : what answers other settings exactly, a module's text; "" where nothing does
    parts : for each part of an answer, its different values
    rows : [settings, place of each part's value in ``parts``, −1 where it has none] of each
        recorded setting
    """
    rows, parts, places = [], {}, {}
    settings = interactive.recorded()
    answers = [_text(packed(interactive.answered(one))) for one in settings]
    names = sorted({name for answer in answers for name in answer} - {"settings"})
    for one, answer in zip(settings, answers, strict=True):
        row = []
        for name in names:
            if name not in answer:
                row.append(-1)
                continue
            known = places.setdefault(name, {})
            text = json.dumps(answer[name], sort_keys=True)
            if text not in known:
                known[text] = len(known)
                parts.setdefault(name, []).append(answer[name])
            row.append(known[text])
        rows.append([one, *row])
    view = {"esm": interactive._esm, "css": interactive._css, "computed": interactive.computed}
    state = {k: v for k, v in interactive.state().items() if k != "answer"}
    may = {"approximate": interactive.approximate, "follows": interactive.follows}
    return {**view, **may, "state": _text(state), "parts": parts, "rows": rows}


def answer_in(kept: dict[str, Any], row: list) -> dict[str, Any]:
    """One answer as it is in a recording, put together again."""
    pairs = zip(sorted(kept["parts"]), row[1:], strict=True)
    found = {name: kept["parts"][name][place] for name, place in pairs if place >= 0}
    return {**found, "settings": row[0]}


def _text(value: Any) -> Any:
    """Bytes as text: of few values a letter for each, which packs smaller; else as base64."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        if value.get("dtype") == "uint8":
            used = sorted(set(value["bytes"]))
            values = SHADES if set(used) <= set(SHADES) else used
            if values is SHADES or 2 < len(used) <= len(LETTERS):
                table = bytes.maketrans(bytes(values), LETTERS[: len(values)])
                text = value["bytes"].translate(table).decode()
                return {
                    **value,
                    "bytes": text,
                    "values": "shades" if values is SHADES else used,
                }
        return {key: _text(inner) for key, inner in value.items()}
    return [_text(inner) for inner in value] if isinstance(value, list) else value


def script(name: str, kept: dict[str, Any]) -> str:
    """A recording as the classic script that a page loads; the same for the same recording."""
    text = json.dumps(kept, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    data = base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()
    return f"unetTeach.recorded({json.dumps(name)}, {json.dumps(data)});\n"


def write(folder: Path, names: list[str] | None = None) -> dict[str, Path]:
    """Record interactives into files beside the pages; gives them by name."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for name, make in recordable().items():
        if names is None or name in names:
            found[name] = folder / f"{name}.js"
            text = script(name, recording(make()))
            found[name].write_text(text, encoding="utf-8", newline="\n")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="?", help="all, if none is given")
    parser.add_argument("--out", type=Path, help="write this file")
    chosen = parser.parse_args()
    known = recordable()
    if chosen.name and chosen.name not in known:
        parser.error(f"no interactive {chosen.name!r}; valid: {', '.join(known)}")
    for name in [chosen.name] if chosen.name else known:
        kept = recording(known[name]())
        text = script(name, kept)
        print(f"{name}: {len(kept['rows'])} answers, {len(text) / 1e3:.0f} kB")
        if chosen.out:
            chosen.out.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
