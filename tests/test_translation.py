"""Every word that a learner sees can be translated: read with ``ast``, and shown translated."""

from __future__ import annotations

import ast
import gettext
import json
import os
import re
import string
import struct
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "unet_teach"
SOURCES = [
    path
    for pattern in ("panel.py", "drawing/*.py", "exercises/*.py", "lessons/*/[p]*.py")
    for path in sorted(PACKAGE.glob(pattern))
]
# What shows an argument, and which; a name in NAMED is shown wherever it is given.
SHOWS = {
    "slider": [0], "choice": [0], "toggle": [0], "Viewer": [1], "Impossible": [1],
    "_button": [0], "paragraphs": [0, 1, 2, 3, 4], "news": [0], "spoken": [0], "bar": [0],
    "_key": [3], "text": [2], "annotate": [0], "set_title": [0], "set_xlabel": [0],
    "set_ylabel": [0], "Diagnosis": [0], "Result": [2], "Note": [0, 2], "Mistake": [2],
    "Symptom": [2],
}  # fmt: skip
NAMED = (
    "title",
    "label",
    "alt",
    "hint",
    "message",
    "advice",
    "due",
    "task",
    "worth",
    "trouble",
)
WORD, PROSE = re.compile(r"[A-Za-z]{3}"), re.compile(r"[a-z]{2,},? [a-z]{2,}")
TAG = re.compile(r"<[^>]*(?:>|$)|^[^<]*\">")  # also one that an f-string cuts in two
# What is no word of ours, by a part of it.
NOT_WORDS = {
    "px solid": "CSS", "system-ui": "CSS", "row wrap": "CSS",
    "onerror=": "JavaScript", "did you mean ": "of an error for programmers",
    "outside lower": "matplotlib's", "outside upper": "matplotlib's",
    "axes fraction": "matplotlib's",
    "synthetic membranes (seed 0)": "a volume's name",
    "NaN": "a number in Python", "log 2": "a number",
    "your turn": "what the stub raises, compared with",
}  # fmt: skip


def name_of(call: ast.AST) -> str:
    function = getattr(call, "func", None)
    return getattr(function, "attr", getattr(function, "id", ""))


def literals(tree: ast.AST) -> Iterator[ast.Constant]:
    """Strings that are in no docstring, no error for programmers, and no message."""
    if isinstance(tree, ast.Raise) or name_of(tree) in ("_", "_n"):
        return
    for child in ast.iter_child_nodes(tree):
        if isinstance(tree, ast.Expr) and isinstance(child, ast.Constant):
            continue
        if is_name(tree, child):
            continue
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child
        yield from literals(child)


def is_name(parent: ast.AST, child: ast.AST) -> bool:
    """Strings that programs read: a key, a state, a mistake's name, a part of torch's error."""
    if isinstance(parent, ast.Subscript | ast.Compare):
        return True
    if isinstance(parent, ast.Dict):
        return child in parent.keys
    if name_of(parent) in ("Mistake", "Symptom"):
        return child is parent.args[0]
    if name_of(parent) == "Result":
        return child is parent.args[1]
    first = parent.elts[0] if isinstance(parent, ast.Tuple) and parent.elts else None
    is_error = isinstance(first, ast.Constant) and str(first.value).endswith("Error")
    return is_error and child is not parent.elts[-1]


def shown(tree: ast.AST) -> Iterator[ast.AST]:
    """The arguments that become visible."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from (
                node.args[i] for i in SHOWS.get(name_of(node), ()) if i < len(node.args)
            )
            yield from (k.value for k in node.keywords if k.arg in NAMED)


def untranslated(source: str) -> list[str]:
    """Words that are seen and no message."""
    tree, found = ast.parse(source), {}
    for literal in literals(tree):
        if PROSE.search(TAG.sub("", literal.value)):
            found[literal.lineno, literal.value] = None
    for argument in shown(tree):
        for literal in literals(ast.Expression(body=argument)):
            if WORD.search(TAG.sub("", literal.value)):
                found[literal.lineno, literal.value] = None
    return [words for _line, words in sorted(found) if not any(n in words for n in NOT_WORDS)]


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_what_is_seen_is_a_message(path):
    assert untranslated(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source, found",
    [
        ('svg.text(0, 0, "layer", 13)', ["layer"]),
        ('slider(_("n"), 1, 0, 9); toggle("zoom", False)', ["zoom"]),
        ('words = f"<p>{n} of the pixels</p>"', [" of the pixels</p>"]),
        ('Mistake("a name", answer, "Look again.")', ["Look again."]),
        ('svg.rect(*box, title=f"level {level}")', ["level "]),
        ('raise ValueError("no such lesson")', []),
    ],
)
def test_what_is_no_message_is_found(source, found):
    assert untranslated(source) == found


# --------------------------------------------------------------------------- the catalogue
def parsed(message: str) -> list[tuple]:
    """Its pieces, each with the placeholder behind it; one piece where braces are no such."""
    try:
        pieces = list(string.Formatter().parse(message))
    except ValueError:
        return [(message, None, "", None)]
    real = all(name is None or name.isidentifier() for _text, name, _spec, _how in pieces)
    return pieces if real else [(message, None, "", None)]


def fields(message: str) -> set[str]:
    return {name for _text, name, _spec, _how in parsed(message) if name}


def messages(source: str) -> Iterator[tuple[str, ...]]:
    """Every message, with its plural where it has one; an error where it is no literal."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and name_of(node) in ("_", "_n"):
            forms = node.args[: 1 + (name_of(node) == "_n")]
            for form in forms:
                if not isinstance(getattr(form, "value", None), str):
                    raise ValueError(f"line {node.lineno}: {ast.unparse(form)} is no literal")
            texts = tuple(form.value for form in forms)
            if len({frozenset(fields(text) - {"n"}) for text in texts}) > 1:
                raise ValueError(f"line {node.lineno}: {texts} differ in their placeholders")
            yield texts


ALL = [path for path in sorted(PACKAGE.rglob("*.py"))]


@pytest.mark.parametrize("path", ALL, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_every_message_can_be_extracted(path):
    for one, *many in messages(path.read_text(encoding="utf-8")):
        assert one.strip() and "(s)" not in one and all(many)


@pytest.mark.parametrize(
    "source, complaint",
    [
        ('_(f"level {n}")', "no literal"),
        ("_(names[kind])", "no literal"),
        ('_("a" + b)', "no literal"),
        ('_n("{n} cell of {a}", "{n} cells of {b}", 2)', "differ in their placeholders"),
    ],
)
def test_what_cannot_be_extracted_is_found(source, complaint):
    with pytest.raises(ValueError, match=complaint):
        list(messages(source))


def bracketed(message: str) -> str:
    """Each piece of a message in brackets, so that what is filled in stands outside of them."""
    said = ""
    for text, name, spec, how in parsed(message):
        said += f"⟦{text}⟧" if text else ""
        if name:
            said += "{" + name + (f"!{how}" if how else "") + (f":{spec}" if spec else "") + "}"
    return said


def catalogue(found: set[tuple[str, ...]]) -> bytes:
    """A compiled catalogue: GNU gettext's .mo, as the library's ``gettext`` reads it."""
    head = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=n!=1;\n"
    pairs = {"": head} | {"\0".join(f): "\0".join(map(bracketed, f)) for f in found}
    keys = sorted(key.encode() for key in pairs)
    values = [pairs[key.decode()].encode() for key in keys]
    at, tables = 28 + 16 * len(keys), []
    for column in (keys, values):
        for entry in column:
            tables += [len(entry), at]
            at += len(entry) + 1
    start = [0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, 0]
    numbers = struct.pack(f"<{len(start + tables)}I", *start, *tables)
    return numbers + b"".join(entry + b"\0" for entry in keys + values)


@pytest.fixture(scope="module")
def locale(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("locale")
    place = folder / "xx" / "LC_MESSAGES" / "unet_teach.mo"
    place.parent.mkdir(parents=True)
    found = {m for path in ALL for m in messages(path.read_text(encoding="utf-8"))}
    # A message that has a plural somewhere and none elsewhere would hide one of the two.
    assert len({texts[0] for texts in found}) == len(found)
    place.write_bytes(catalogue(found))
    known = gettext.translation("unet_teach", str(folder), ["xx"])
    assert known.ngettext("{size:g} pixel", "{size:g} pixels", 2) == "{size:g}⟦ pixels⟧"
    return folder


DATA = ("AMD EPYC, without AMX",)  # the machine that a recorded run names
SHOW = """
import json, sys
import ipywidgets as core
from unet_teach.exercises import check, exercises, hint, solution
from unet_teach.rooms import interactives, rooms

seen = {}

def words(widget):
    for name in ("description", "value", "options"):
        value = getattr(widget, name, None)
        if name == "options" and value is not None:
            yield from (str(o[0]) if isinstance(o, tuple) else str(o) for o in value)
        elif isinstance(value, str) and not hasattr(widget, "options"):
            yield value
    for child in getattr(widget, "children", ()):
        yield from words(child)

for name, module in interactives().items():
    panel = getattr(module, name)()
    seen[name] = list(words(panel))
    seen[name] += [panel.title, *panel.words.values()]
    for question, settings in [("", panel.first), *panel.presets]:
        panel.settings = settings
        said = [words for words in panel.answer.values() if isinstance(words, str)]
        seen[name] += [question, panel.picture.html, *said]

def wrong(*arguments):
    return [1, 2]

for lesson in rooms():
    for exercise in exercises(lesson)[:2]:
        answer = exercise.reference if exercise.cases else exercise.reference()
        tried = {"passed": answer, "not attempted": ..., "wrong": exercise.mistakes[0].answer}
        for state, answer in tried.items():
            result = check(exercise.name, answer)
            assert result.state == state, (exercise.name, result)
            seen[f"{exercise.name}, {state}"] = [result._repr_html_()]
        other = check(exercise.name, wrong if exercise.cases else "nothing")
        seen[f"{exercise.name}, other"] = [other._repr_html_()]
        notes = [hint(exercise.name), solution(exercise.name)]
        seen[f"{exercise.name}, notes"] = [note._repr_html_() for note in notes]
print(json.dumps(seen))
"""


class Visible(HTMLParser):
    """What a page shows and reads aloud, without code."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said, self.inside = [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        if tag in ("style", "script", "pre", "code"):
            self.inside.append(tag)
        self.said += [
            words for name, words in attributes if name in ("alt", "aria-label", "title")
        ]

    def handle_endtag(self, tag):
        if self.inside and tag == self.inside[-1]:
            self.inside.pop()

    def handle_data(self, data):
        if not self.inside:
            self.said.append(data)


def left_in_english(page: str) -> list[str]:
    """Runs of two or more Latin words outside of the brackets."""
    text = re.sub(r"⟦[^⟦⟧]*⟧", "|", "\n".join(Visible(page).said))
    return re.findall(r"[A-Za-z]{2,}(?:,? [A-Za-z]{2,})+", text)


def test_interactives_and_checks_say_nothing_that_is_no_message(locale):
    env = {**os.environ, "UNET_TEACH_LANG": "xx", "UNET_TEACH_LOCALE": str(locale)}
    env.pop("UNET_TEACH_STRICT", None)
    run = [sys.executable, "-W", "ignore", "-c", SHOW]
    done = subprocess.run(run, env=env, cwd=PACKAGE.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert len(seen) > 100 and all("⟦" in "".join(pages) for pages in seen.values())
    found = {
        name: english
        for name, pages in seen.items()
        if (english := sorted({w for page in pages for w in left_in_english(page)} - {*DATA}))
    }
    assert found == {}
