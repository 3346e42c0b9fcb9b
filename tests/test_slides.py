"""The slides: what of a lesson they say, what the notes say, and that each deck is whole."""

import ast
import re
import sys
from pathlib import Path

import nbformat
import pytest
from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))
pytest.importorskip("nbconvert")
build_slides = pytest.importorskip("build_slides")
builder = pytest.importorskip("build_notebooks")
check_slides = pytest.importorskip("check_slides")
lessons = pytest.importorskip("lessons")
showing = pytest.importorskip("showing")
slide_text = pytest.importorskip("slide_text")

SOURCES = sorted((ROOT / "notebooks" / "src").glob("*.py"))
each = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
MANY = "First of all this. Then that. " + "A sentence that says little more. " * 20


# ------------------------------------------------------------------------- what a slide says
def test_short_prose_stays_whole():
    text = "## Two ways\n\nOne of them is short.\n\n- a\n- b"
    assert slide_text.shortened(text) == text


def test_of_long_prose_stay_the_beginning_questions_and_what_is_bold():
    text = (
        f"## Long\n\n{MANY}What do you expect? It is **tied**. No more.\n\n1. a list\n2. of two"
    )
    assert slide_text.shortened(text) == (
        "## Long\n\nFirst of all this. Then that. What do you expect? It is **tied**.\n\n"
        "1. a list\n2. of two"
    )


def test_a_later_paragraph_keeps_its_question_and_the_way_into_a_list():
    text = f"## Long\n\n{MANY}\n\nSome words. And then? More.\n\nPredict, then try:\n\n- a"
    assert slide_text.shortened(text).split("\n\n")[2:] == [
        "And then?",
        "Predict, then try:",
        "- a",
    ]


def test_a_verdict_is_never_cut():
    text = f"**No difference was found**, in five pairs. {MANY}"
    assert slide_text.shortened(text) == text.strip()


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ('Stuck? `hint("05.one")`.\n\n## New\n\nText.', "## New\n\nText."),
        ('Stuck? `hint("05.one")` gives three hints, one at a time.\n\n## New', "## New"),
        ('Stuck? `hint("05.one")`. Is it the same?', "Is it the same?"),
        ("A last word.\n\n### Exercise 2 (core): x\n\nDo.", "### Exercise 2 (core): x\n\nDo."),
        ("## A\n\n*(one-lesson track: 8 minutes)*\n\nText.", "## A\n\nText."),
        ("### Talk\n\nWhy?\n\n<details>\n\nSo.\n\n</details>", "### Talk\n\nWhy?"),
    ],
)  # fmt: skip
def test_what_is_no_part_of_a_slide_is_left_out(text, short):
    assert slide_text.shortened(text) == short


def test_asserts_go_and_what_is_left_is_code():
    code = (
        "x = f(1)\nassert x == (\n    2\n)\nfor y in x:\n    print(y)\n    assert y\n"
        "for z in x:\n    assert z\nprint(x)"
    )
    left = slide_text.without_asserts(code)
    ast.parse(left)
    assert left == ("x = f(1)\nfor y in x:\n    print(y)\nfor z in x:\n    assert z\nprint(x)")


# --------------------------------------------------------------------------------- a deck
SOURCE = """# %% [markdown] id="title" tags=["slide"]
# # 05 · A lesson
#
# What is it about?

# %% [markdown] id="way" tags=["core", "slide"]
# ## The way
#
# One word. Guess?

# %% id="show" tags=["fragment"]
x = 1
print(x)
assert x == 1

# %% [markdown] id="between"
# Between two slides.

# %% id="counted" tags=["fragment", "output"]
print("only this")

# %% id="picture" tags=["slide"]
draw()

# %% [markdown] id="exercise" tags=["slide"]
# ### Exercise 1 (easy): one
#
# Write it.

# %% id="answer" tags=["fragment"]
def center_crop(x, size):
    # SOLUTION: exercises.center_crop

# %% [markdown] id="after" tags=["slide"]
# No heading of its own.
"""
CARD = (
    build_slides.CARD + 'display:inline-block"><div><svg width="400" height="200"></svg></div>'
)


def deck(source=SOURCE, html=f"{CARD}</div>", tmp=Path("/nowhere")):
    lesson = lessons.parse("05_lesson", source)
    ran = nbformat.reads(builder.build(lesson, solved=True), as_version=4)
    by_name = {cell.id: cell for cell in ran.cells}
    for name, text in {"05-show": "1\n", "05-counted": "only this\n"}.items():
        if name in by_name:
            by_name[name].outputs = [nbformat.v4.new_output("stream", text=text)]
    if "05-picture" in by_name:
        shown = nbformat.v4.new_output("display_data", {"text/html": html})
        by_name["05-picture"].outputs = [shown]
    return build_slides.deck(lesson, ran, showing.Pictures(tmp))


@pytest.fixture
def made(tmp_path):
    return deck(tmp=tmp_path)


def kinds(notebook):
    return [cell.metadata["slideshow"]["slide_type"] for cell in notebook.cells]


def test_marked_cells_make_slides_and_the_rest_the_notes(made):
    assert kinds(made) == [
        "slide", "notes",  # title
        "slide", "fragment", "fragment", "notes",  # the way
        "slide", "-", "notes",  # the picture, below the section's heading
        "slide", "-", "notes",  # exercise
        "slide", "notes",
    ]  # fmt: skip
    assert made.metadata["title"] == "05 · A lesson"
    notes = made.cells[5].source
    assert "One word. Guess?" in notes and "Between two slides." in notes
    assert "assert x == 1" in notes  # the whole code


def test_code_stands_without_asserts_and_output_without_code(made):
    show, counted = made.cells[3], made.cells[4]
    assert show.source == "x = 1\nprint(x)" and show.outputs[0].text == "1\n"
    assert counted.source == "" and counted.outputs[0].text == "only this\n"


def test_a_picture_stands_alone_and_large_under_the_heading_of_its_section(made):
    heading, picture = made.cells[6], made.cells[7]
    assert heading.source == "## The way" and picture.source == ""
    assert f"zoom:{build_slides.LARGEST:.2f};" in picture.outputs[0].data["text/html"]


def test_an_exercise_is_its_stub_and_the_notes_know_the_answer(made):
    stub, notes = made.cells[10], made.cells[11]
    assert "NotImplementedError" in stub.source and "x[..., top" not in stub.source
    assert "return x[..., top" in notes.source


def test_a_slide_without_a_heading_gets_its_sections_not_the_exercises(made):
    assert made.cells[12].source == "## The way\n\nNo heading of its own."


def test_too_much_code_and_a_deck_without_a_title_are_refused(tmp_path):
    long = SOURCE.replace("x = 1\n", "x = 1\n" * 20, 1)
    with pytest.raises(showing.CannotShow, match=r"show: 2\d lines of code on a slide"):
        deck(long, tmp=tmp_path)
    untitled = SOURCE.replace(' tags=["slide"]', "", 1)
    with pytest.raises(showing.CannotShow, match="the first slide is not the title"):
        deck(untitled, tmp=tmp_path)


@pytest.mark.parametrize(
    ("size", "words", "zoom", "with_words"),
    [
        ('width="400" height="200"', False, build_slides.LARGEST, False),
        ('width="400" height="200"', True, 1160 / 670, True),
        ('width="1160" height="200"', False, 1.0, False),
        ('width="1000" height="200"', True, 1.16, False),  # they could not be read
        ('width="400" height="530"', False, 1.0, False),
    ],
)
def test_a_drawing_is_as_large_as_the_slide_allows(size, words, zoom, with_words):
    beside = f'<div style="{build_slides.BESIDE}">words</div>' if words else ""
    html = f'{build_slides.CARD}x"><svg {size}></svg>{beside}</div>'
    output = nbformat.v4.new_output("display_data", {"text/html": html})
    html = build_slides.enlarged(output, Path()).data["text/html"]
    assert f"zoom:{zoom:.2f};" in html
    assert html.startswith('<div class="without-words">') is not with_words


def test_the_height_of_a_picture_is_that_of_its_file(tmp_path):
    Image.new("L", (50, 100)).save(tmp_path / "a.png")
    html = f'{build_slides.CARD}x"><img src="pictures/a.png" width="200"></div>'
    assert build_slides._size(html, tmp_path) == (200, 400)


def test_a_verdict_in_words_alone_stays_as_it_is():
    data = {"text/html": f'{build_slides.CARD}x"><b>right</b></div>'}
    output = nbformat.NotebookNode(output_type="display_data", data=data, metadata={})
    assert build_slides.enlarged(output, Path()) is output


def test_the_page_asks_for_nothing_from_elsewhere_and_has_every_slide(made):
    page = build_slides.page(made)
    assert re.findall(r'(?:src|href)="(?:https?:)?//[^"]*"', page) == []
    assert "cdnjs" not in page and "unpkg" not in page and "MathJax" not in page
    assert page.count("</aside>") == 5 and page.count("<section") == 2 * 5
    assert 'src="reveal.js/dist/reveal.js"' in page


# ----------------------------------------------------------------------------- every lesson
@each
def test_every_lesson_has_a_whole_deck(source):
    lesson = lessons.read(source)
    starts = [cell for cell in lesson.cells if build_slides.SLIDE in cell.tags]
    assert check_slides.FEWEST <= len(starts) <= check_slides.MOST
    first, second, *_rest, last = starts
    assert first is lesson.cells[0] and "## You will be able to" in second.text
    assert "## In this notebook we" in last.text
    text = "\n".join(cell.text for cell in starts)
    assert "### Exercise" in text and "### Discuss" in text
    marked = [cell for cell in lesson.code if {"slide", "fragment"} & set(cell.tags)]
    assert any(f"{name}(" in cell.text for name in lesson.interactives for cell in marked)


@each
def test_every_tag_is_one_that_something_reads(source):
    known = {
        "core",
        lessons.CLAIM,
        build_slides.SLIDE,
        build_slides.FRAGMENT,
        build_slides.OUTPUT,
    }
    for cell in lessons.read(source).cells:
        assert set(cell.tags) <= known, cell.name
        assert (build_slides.SLIDE in cell.tags) + (build_slides.FRAGMENT in cell.tags) <= 1


@each
def test_code_on_a_slide_is_short(source):
    for cell in lessons.read(source).code:
        marked = {build_slides.SLIDE, build_slides.FRAGMENT} & set(cell.tags)
        if marked and build_slides.OUTPUT not in cell.tags:
            shown = (
                cell.learners() if cell.is_exercise else slide_text.without_asserts(cell.text)
            )
            drawn = "plt." in cell.text or "imshow" in cell.text
            assert drawn or shown.count("\n") < build_slides.MOST_LINES, cell.name
