"""The notebooks: what their sources build, in the form that every lesson keeps."""

import ast
import inspect
import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from unet_teach.lessons.l05_crop_or_pad.exercises import center_crop
from unet_teach.rooms import interactives, room

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))
anatomy = pytest.importorskip("anatomy")
builder = pytest.importorskip("build_notebooks")
lessons = pytest.importorskip("lessons")

SOURCES = sorted((ROOT / "notebooks" / "src").glob("*.py"))
each = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)

GOOD = """# %% [markdown] id="title"
# # 05 · A lesson
#
# ![](assets/lessons/05_u.png)

# %% [markdown] id="aims"
# ## You will be able to
#
# - one
# - two
# - three
#
# **Time** about 40 minutes

# %% id="setup" tags=["core"]
import torch
from unet_teach.lessons.l05_crop_or_pad.panel import (
    FIRST,
    crop_explorer,
)
_ = torch.manual_seed(0)

# %% [markdown] id="part" tags=["core"]
# ## A part
#
# *(one-lesson track: 8 minutes)*

# %% [markdown] id="easy"
# ### Exercise 1 (easy): one

# %% id="exercise-one"
def center_crop(x, size):
    # SOLUTION: exercises.center_crop

# %%
check("05.center_crop", center_crop)

# %% [markdown] id="core"
# ### Exercise 2 (core): two
# hint("05.center_crop") hint("05.paper_crops") hint("05.missing_pixels")

# %%
# SOLUTION: exercises.paper_crops
paper_crops = ...  # a list
check("05.paper_crops", paper_crops)

# %% [markdown] id="stretch"
# ### Exercise 3 (stretch): three
# {{twin: nothing}}

# %%
def missing_pixels(n, depth):
    # SOLUTION: exercises.missing_pixels
check("05.missing_pixels", missing_pixels)

# %%
crop_explorer()

# %% id="claim" tags=["claim"]
assert one

# %% [markdown] id="talk"
# ### Discuss
# <details><summary>One answer</summary>Yes.</details>

# %% [markdown] id="recap"
# ## In this notebook we
# - quote the "paper"
"""


@pytest.fixture
def small(monkeypatch):
    """A small lesson is in form where only the counts are made smaller."""
    for name in ("CELLS", "WORDS", "LINES"):
        monkeypatch.setattr(anatomy, name, (1, 200))


def complain(source):
    return anatomy.complaints(lessons.parse("05_lesson", source))


# ------------------------------------------------------------------------- what is committed
def test_every_notebook_is_what_its_source_builds():
    built = builder.notebooks()
    stale = [
        str(path.relative_to(ROOT))
        for path, text in built.items()
        if not path.exists() or path.read_bytes() != text.encode()
    ]
    assert stale == [], "type: make notebooks"
    committed = {
        path
        for path in (ROOT / "notebooks").rglob("*.ipynb")
        if ".ipynb_checkpoints" not in path.parts
    }
    assert committed == set(built), "a notebook without a source"


@each
def test_a_lesson_keeps_the_form(source):
    assert anatomy.complaints(lessons.read(source)) == []


@each
def test_the_learners_notebook_holds_no_solution(source):
    lesson = lessons.read(source)
    learners = builder.build(lesson, solved=False)
    assert "SOLUTION" not in learners
    for cell in lesson.code:
        if cell.is_exercise:
            hidden = set(cell.solved().splitlines()) - set(cell.learners().splitlines())
            assert hidden
            telling = [line.strip() for line in hidden if len(line.strip()) > 12]
            assert telling and not any(line in cell.learners() for line in telling)


@each
def test_every_exercise_of_the_lesson_is_in_it(source):
    from unet_teach.exercises import exercises

    text = source.read_text(encoding="utf-8")
    for exercise in exercises(source.stem[:2]):
        assert f'check("{exercise.name}"' in text


@each
def test_every_interactive_named_is_there(source):
    lesson = lessons.read(source)
    twins = [name for cell in lesson.prose for name in lessons.TWIN.findall(cell.text)]
    assert lesson.interactives and twins and set(twins) <= set(interactives())
    in_room = [n for n, m in interactives().items() if m is room(lesson.number, "panel")]
    assert sorted(lesson.interactives) == sorted(in_room), "its room has another one"


# -------------------------------------------------------------------- every rule can be broken
def test_the_good_lesson_is_good(small):
    assert complain(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("# # 05 · A lesson", "# ## 05 · A lesson", "one heading of level 1"),
        ("# ### Discuss", "# ##### Discuss", "level 5 follows"),
        ("# - three\n", "", "three bullets"),
        ("# - quote", "# The score is well below\n# 1. Why?", "in the middle of a sentence"),
        ("about 40 minutes", "long", "minutes"),
        ("assets/lessons/05_u.png", "assets/u_net.png", "first cell shows"),
        ("In this notebook we", "We", "the last cell is"),
        ('"paper"', "paper", "quotes the paper"),
        ("<details>", "", "Discuss"),
        ("torch.manual_seed(0)", "", "seed"),
        ("(stretch)", "(hard)", "exercises are titled"),
        ('check("05.missing_pixels", missing_pixels)', "missing_pixels", "three checks"),
        ('hint("05.paper_crops")', "", 'hint("05.paper_crops") is nowhere'),
        ("\ncrop_explorer()", "\nshown = crop_explorer()", "no interactive"),
        ("    crop_explorer,\n", "", "no interactive"),
        ('tags=["claim"]', "", "no claim is asserted"),
        ('tags=["claim"]', "", "'assert one' is for the tests"),
        ("assert one", "one", "claim 'claim' asserts nothing"),
        ('tags=["claim"]', 'tags=["claim", "slide"]', "is on a slide"),
        ("import torch", "import torch  # noqa: E402", "is for the tests"),
        ("import torch", "from torch import *", "star import"),
        ("import torch", "import torch\n!ls", "shell"),
        ("import torch", "import ipywidgets", "ipywidgets itself"),
        ("assert one", "assert one;", "semicolon"),
        ("assert one", "assert one\naxes.legend()", "leaves its value"),
        ("assert one", "plt.show()", "leaves its value"),
        ("assert one", "figure, axes = plt.subplots()\nassert one", "a figure without words"),
        ('"setup" tags=["core"]', '"setup"', "tag core"),
        ('"part" tags=["core"]', '"part"', "tag core"),
        ("# *(one-lesson track: 8 minutes)*", "#", "tag core"),
        ("# {{twin: nothing}}", "#", "twin"),
        ("# {{twin: nothing}}", '# {{twin: x}} <img src="x">', "without alt"),
        ("# - quote", "# - " + 140 * "many " + "quote", "words in a cell"),
        ("assert one", "assert one\n" + 17 * "x = 1\n", "lines in a cell"),
    ],
)
def test_each_rule_can_be_broken(small, old, new, words):
    assert old in GOOD
    assert any(words in complaint for complaint in complain(GOOD.replace(old, new, 1)))


def test_too_small_a_lesson_is_no_lesson():
    assert any("cells; 28 to 52" in complaint for complaint in complain(GOOD))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('[markdown] id="easy"', "[markdown]", "a prose cell needs an id"),
        ('id="easy"', 'id="core"', "stands twice"),
        ('id="easy"', 'id="Easy One"', "small letters"),
        ("exercises.center_crop", "exercises.crop", "no 'crop' in lessons/l05_crop_or_pad/"),
        ("exercises.center_crop", "center_crop", "write # SOLUTION: exercises."),
        ("paper_crops = ...", "", "stands the stub of a value"),
    ],
)
def test_a_broken_source_says_where(old, new, words):
    assert old in GOOD
    with pytest.raises(lessons.SourceError, match="05_lesson, cell") as error:
        lessons.parse("05_lesson", GOOD.replace(old, new, 1))
    assert words in str(error.value)


# ---------------------------------------------------------------------------------- the builder
def test_a_claim_is_run_and_not_shown():
    lesson = lessons.parse("05_lesson", GOOD.replace("{{twin: nothing}}", ""))
    for cell in lesson.prose:
        cell.text = cell.text.replace("![](assets/lessons/05_u.png)", "")
    shown, run = (builder.build(lesson, solved) for solved in (False, True))
    assert "assert one" in run and "assert one" not in shown


def test_stub_and_solution():
    lesson = lessons.parse("05_lesson", GOOD)
    one, two = lesson.code[1], lesson.code[3]
    head = "def center_crop(x, size):\n    "
    assert one.learners() == head + 'raise NotImplementedError("your turn")'
    body = inspect.getsource(center_crop).splitlines()[1:]
    assert one.solved() == "\n".join([head.strip(), *body])
    check = '\ncheck("05.paper_crops", paper_crops)'
    assert two.learners() == "paper_crops = ...  # a list" + check
    assert two.solved() == "paper_crops = [88, 40, 16, 4]" + check


def test_an_answer_is_written_once():
    """In the room: the source says where it belongs, and the notebook shows it as it stands."""
    from unet_teach.exercises import exercises

    for source in SOURCES:
        lesson = lessons.read(source)
        cells = {cell.name: cell for cell in lesson.code}
        for exercise in exercises(lesson.number):
            name = exercise.reference.__name__
            assert exercise.name == f"{lesson.number}.{name}"  # one name for all of it
            cell = cells["exercise-" + name.replace("_", "-")]
            assert f"# SOLUTION: exercises.{name}" in cell.text
            if exercise.cases is None:
                exec(cell.solved(), solved := {})
                assert solved[name] == exercise.reference()


def names_in(tree):
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_no_cell_moves_the_panel_that_another_one_shows(path):
    shown = set()
    for cell in path.read_text(encoding="utf-8").split("\n# %%"):
        if cell.startswith(" [markdown]"):
            continue
        tree = ast.parse(cell.partition("\n")[2])
        nodes = list(ast.walk(tree))
        made = {
            name.id
            for node in nodes
            if isinstance(node, ast.Assign) and names_in(node.value) & set(interactives())
            for target in node.targets
            for name in ast.walk(target)
            if isinstance(name, ast.Name)
        }
        moves = [n for n in nodes if isinstance(n, ast.Attribute) and n.attr == "set"]
        moved = {node.value.id for node in moves if isinstance(node.value, ast.Name)}
        assert not moved & (shown - made), "a reader has set it as she likes"
        last = getattr(tree.body[-1], "value", None) if tree.body else None
        shown |= made & {last.id if isinstance(last, ast.Name) else ""}


def test_building_twice_gives_the_same_bytes_and_distinct_ids(tmp_path):
    source = GOOD.replace("# {{twin: nothing}}", "#")
    lesson = lessons.parse("05_lesson", source)
    text = builder.build(lesson, solved=False)
    assert text == builder.build(lessons.parse("05_lesson", source), solved=False)
    cells = json.loads(text)["cells"]
    assert len({cell["id"] for cell in cells}) == len(cells)
    assert all(cell.get("outputs", []) == [] for cell in cells)
    assert cells[0]["id"] == "05-title"
    core = [cell["id"] for cell in cells if cell["metadata"] == {"tags": ["core"]}]
    assert core == ["05-setup", "05-part"]
    # The builder's own two cells (test_links.py) move no other and change no id.
    names = ["05-title", "05-open-online", "05-aims", "05-colab", "05-setup", "05-part"]
    assert [cell["id"] for cell in cells[:6]] == names


def test_a_picture_is_put_in_with_its_words():
    text = builder.inlined("![](assets/lessons/05_u.png)", "05_lesson")
    assert text.startswith("![Lesson 05") and "data:image/png;base64," in text
    with pytest.raises(lessons.SourceError, match="no picture 'lessons/77_u"):
        builder.inlined("![](assets/lessons/77_u.png)", "05_lesson")
    with pytest.raises(lessons.SourceError, match="no picture 'twins/nothing"):
        builder.inlined("{{twin: nothing}}", "05_lesson")


def test_a_translation_changes_the_prose_and_nothing_else(tmp_path):
    folder = tmp_path / "notebooks"
    (folder / "src").mkdir(parents=True)
    (folder / "translations" / "xx").mkdir(parents=True)
    source = GOOD.replace("# {{twin: nothing}}", "#")
    (folder / "src" / "05_lesson.py").write_text(source, encoding="utf-8")
    lesson = lessons.parse("05_lesson", source)
    lines = [f"<!-- id: {cell.name} -->\nXX {cell.name}\n" for cell in lesson.prose]
    (folder / "translations" / "xx" / "05_lesson.md").write_text("\n".join(lines), "utf-8")
    built = builder.notebooks(folder)
    assert {str(path.relative_to(folder)) for path in built} == {
        "05_lesson.ipynb",
        "solutions/05_lesson.ipynb",
        "xx/05_lesson.ipynb",
        "xx/solutions/05_lesson.ipynb",
    }
    english = json.loads(built[folder / "05_lesson.ipynb"])["cells"]
    other = json.loads(built[folder / "xx" / "05_lesson.ipynb"])["cells"]
    assert english.pop()["id"] == "05-next"  # which the translation may not have
    for one, two in zip(english, other, strict=True):
        assert one["id"] == two["id"]
        if one["cell_type"] == "code":
            assert one == two
        elif one["id"] == "05-open-online":  # it opens the translated notebook
            there = json.dumps(one).replace("notebooks/05", "notebooks/xx/05")
            assert json.dumps(two) == there.replace("notebooks%2F05", "notebooks%2Fxx%2F05")
        else:
            assert two["source"] == [f"XX {two['id'][3:]}"]
    path = folder / "translations" / "xx" / "05_lesson.md"
    path.write_text("\n".join(lines[1:]), "utf-8")
    with pytest.raises(lessons.SourceError, match="'title' is not translated"):
        builder.notebooks(folder)
    path.write_text("\n".join([*lines, "<!-- id: more -->\nx\n"]), "utf-8")
    with pytest.raises(lessons.SourceError, match="'more' is not in the lesson"):
        builder.notebooks(folder)


# ------------------------------------------------------------- a broken interactive is noticed
INTERACTIVE = """
from unet_teach.drawing.picture import Picture
from unet_teach.drawing.web import FOLDER
from unet_teach.interactive import Interactive

def answer(settings):
    if settings["n"] == 9:
        raise RuntimeError("broken at nine")
    return settings

shown = Interactive("n", "", answer, {"n": 3}, FOLDER / "example.js",
                    lambda settings, answer: Picture("<svg></svg>", alt="n"))
shown
"""


@pytest.mark.parametrize("move, passes", [("8", True), ("9", False)])
def test_a_callback_that_raises_fails_its_notebook(tmp_path, move, passes):
    cells = [INTERACTIVE.strip(), f"shown.set(n={move})"]
    notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, cells)))
    nbformat.write(notebook, tmp_path / "broken.ipynb")
    run = [sys.executable, "-m", "pytest", "-q", "--nbval-lax", "--nbval-current-env"]
    run += ["-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", "."]
    done = subprocess.run([*run, "broken.ipynb"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode == 0) == passes, done.stdout
    assert passes or "broken at nine" in done.stdout
