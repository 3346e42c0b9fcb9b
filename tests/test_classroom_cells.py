"""Right answers in every shape that a notebook may have: nothing of them is lost on the way."""

from __future__ import annotations

import ast

import pytest

from unet_teach.classroom import cells, magics
from unet_teach.classroom.child import run_cells
from unet_teach.classroom.lessons import places

CHECK = ("05-check-center-crop", 'check("05.center_crop", center_crop)')


def ran(*sources: str | tuple[str, str]) -> tuple[dict, dict, dict]:
    """The names, troubles and late cells after a notebook was run as `collect` runs it."""
    named = [s if isinstance(s, tuple) else (f"x{n}", s) for n, s in enumerate(sources)]
    namespace = {"check": lambda *_: None, "print": lambda *_: None}
    return (namespace, *run_cells(cells.read(named, "05", places("05")), namespace, 20))


# ------------------------------------------------------------------ what only IPython reads
FORMATTED = """
def center_crop(x, size):
    return (
        (x - size)
        % 7
    )
"""


@pytest.mark.parametrize(
    "around",
    [
        "{}", "%matplotlib inline\n{}", "{}\n%timeit center_crop(9, 3)", "%%time\n{}",
        "\n%%capture out\n{}", "!pip install \\\n  torch \\\n  numpy\n{}", "{}\nfiles = !ls",
        "{}\n!echo it's", "{}\nmy_center_crop?", "?print\n{}\nmy_center_crop??",
        "took = %timeit -o 1\n{}", "{}\n/print 3\n,print a b", "%cd /tmp\n%load_ext x\n{}",
        'TEXT = """\n%matplotlib\n!ls\n"""\n%pylab\n{}\nassert "%matplotlib" in TEXT',
        "if True:\n    %time f()\n{}", "%time from math import pi\n{}\nassert pi > 3",
        "{}\n%%time", "left = 9 \\\n% 7\n!ls\n{}\nassert left == 2", "files = %sx ls\n{}",
    ],
)  # fmt: skip
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_a_formatted_answer_survives_what_only_a_notebook_understands(around, end):
    code = around.replace("{}", FORMATTED).replace("\n", end)
    names, troubles, _late = ran(code)
    assert names["center_crop"](20, 3) == 3
    assert not troubles or "f" in troubles["05.center_crop"]


@pytest.mark.parametrize(
    "source",
    [
        "\n".join(f"    {line}" for line in FORMATTED.strip().split("\n")),
        ">>> " + FORMATTED.strip().replace("\n", "\n... "),
    ],
    ids=["all indented", "with prompts"],
)
def test_a_pasted_answer_is_read(source):
    assert ran(source)[0]["center_crop"](20, 3) == 3


@pytest.mark.parametrize(
    "magic", ["%%bash", "%%html", "%%javascript", "%%writefile a.py", "%%latex"]
)
def test_a_cell_in_another_language_is_not_run_as_python(magic):
    assert magics.parse(f"{magic}\nx = 1")[0].strip() == ""


def test_what_parses_is_never_touched():
    source = "x = (1\n% 2)\ny = '''\n%magic\n!ls\na?\n'''"
    assert magics.parse(source)[0] == source


def test_a_real_error_keeps_its_line():
    source, tree, trouble = magics.parse("%pylab\nx = 1\ndef f(:\n    pass")
    assert tree is None and trouble.lineno == 3 and source.startswith("pass\n")


# -------------------------------------------------------------- what an answer needs of others
ANSWER = "def center_crop(x):\n    return x // TWO"


@pytest.mark.parametrize(
    "helper",
    [
        "TWO = 2", "TWO: int = 2", "ONE, (TWO, *REST) = 1, (2, 3)", "TWO = OTHER = 2",
        "TWO = 1\nTWO += 1", "print(TWO := 2)", "[TWO := n for n in range(3)]",
        "try:\n    from no_such import TWO\nexcept ImportError:\n    TWO = 2",
        "if 1 < 2:\n    TWO = 2\nelse:\n    TWO = 3", "for TWO in range(3):\n    print(TWO)",
        "import contextlib\nwith contextlib.nullcontext(2) as TWO:\n    pass",
        "while True:\n    TWO = 2\n    break", "match 2:\n    case TWO:\n        print(1)",
        "def made():\n    return 2\nTWO = made()", "TWO = len([1, 1])", "TWO = int(0.5 * 4)",
        "def set_it():\n    global TWO\n    TWO = 2\nset_it()", "TWO = (lambda: 2)()",
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    n: int = 2\nTWO = C().n",
        "try:\n    1 / 0\nexcept ZeroDivisionError:\n    TWO = 2\nfinally:\n    print(1)",
        "A = 1\nB = A\nTWO = A + B", "class C:\n    pass\nc = C()\nc.n = 2\nTWO = c.n",
        "from math import *\nTWO = floor(2.5)", "import math as m\nTWO = m.floor(2.5)",
        "table = {}\ntable['a'] = 2\nTWO = table['a']", "t = []\nt.append(2)\nTWO = t[0]",
        "t = [3, 2]\nt.sort()\nTWO = t[0]",
        "t = [0]\nfor n in (1, 2):\n    t[0] = n\nTWO = t[0]",
        "def deco(f):\n    return f() + 1\n@deco\ndef TWO():\n    return 1",
        "TWO = 2\nprint('done')\nraise ValueError",
        "import asyncio\nTWO = 2\nasync def g(): pass",
        "from __future__ import annotations\nTWO: Nope = 2",
        "TWO = type('T', (), {'__rfloordiv__': lambda self, n: n // 2})()",
        "d = dict(a=2)\nd.update(b=2)\nlocals_ = d\nTWO = locals_['b']",
        "import functools\n@functools.cache\ndef f(n):\n    return n\nTWO = f(2)",
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", ["before", "behind"])
def test_a_helper_in_another_cell_is_kept(helper, place):
    order = [helper, ANSWER] if place == "before" else [ANSWER, helper]
    names, troubles, _late = ran(*order, CHECK)
    assert names["center_crop"](9) == 4 and not troubles


def test_what_was_deleted_after_the_check_is_still_there():
    assert ran("TWO = 2", ANSWER, CHECK, "del TWO")[0]["center_crop"](9) == 4


def test_what_no_answer_asks_for_is_not_run():
    told = []
    slow = "nets = train(3)\nfigure, axes = plot(nets)\nfor n in nets: n.train()"
    named = [("x0", slow), ("x1", "TWO = 2\nTWO.bit_length()\nf(TWO)"), ("x2", ANSWER), CHECK]
    found = cells.read(named, "05", places("05"))
    for cell in found[:2]:
        told += [ast.unparse(statement) for statement in cell.statements()]
    assert told == ["TWO = 2"]


@pytest.mark.parametrize(
    "other",
    [
        "x = {[1]: 2}", "x = {{}: 2}", "x = {[]}", "x: list = {[1]: [2]}",
        "x = " + "(" * 250 + ")" * 250,
        "y = " + "-" * 9000 + "1", "x = 1\0", "return 3", "await f()", "async with a: pass",
        "yield 1", "def f(x, x): pass", "x = 10 ** 5000", "\ufeffx = 1", "del nothing",
        "break", "nonlocal x", "from . import y", "from .z import y", "import a.b as c",
        "global center_crop", "x = '\\N{no such}'", "f'{'", "class A(A): pass", "0 = x",
        "\ud800 = 1", "raise KeyError", "exit()", "import sys; sys.exit(3)", "  x = 1\n y = 2",
        "from __future__ import no_such", "from __future__ import braces", "%%", "%", "!", "?",
        "print(" * 90 + ")" * 90, "x = 0777", "print 'two'", "match:\n", "lambda: (yield)",
    ],
)  # fmt: skip
def test_no_other_cell_takes_an_answer_with_it(other):
    names, _troubles, _late = ran(other, "TWO = 2", ANSWER, other, CHECK)
    assert names["center_crop"](9) == 4
    cells.notes(cells.read([("a", other)], "05", places("05")), "05", places("05"))


@pytest.mark.parametrize(
    ("source", "exercises"),
    [
        ("center_crop: object = abs", ["05.center_crop"]),
        ("paper_crops, other = [1], 2", ["05.paper_crops"]),
        ("from numpy import abs as center_crop", ["05.center_crop"]),
        ("class center_crop:\n    pass", ["05.center_crop"]),
        ("for paper_crops in ([1], [2]): pass", ["05.paper_crops"]),
        ("if True:\n    def center_crop(x): pass", ["05.center_crop"]),
        ("async def center_crop(x): pass", ["05.center_crop"]),
        ("def f():\n    paper_crops = 3", []),
        ("print(paper_crops, center_crop)", []),
        ("def center_crop(x)\n    return x", ["05.center_crop"]),
    ],
)
def test_the_cell_of_an_exercise_is_found_by_what_it_binds(source, exercises):
    (found,) = cells.read([("other", source)], "05", places("05"))
    assert found.exercises == exercises and found.whole == bool(exercises)


def test_a_cell_that_does_not_end_is_named_and_the_others_are_run():
    named = [("x0", "TWO = 2\nwhile True: TWO = 2"), ("x1", ANSWER)]
    names: dict = {}
    troubles, late = run_cells(cells.read(named, "05", places("05")), names, 0.3)
    assert names["center_crop"](9) == 4 and not troubles
    assert late == {"": "cell x0 did not come back within 0.3 s"}
