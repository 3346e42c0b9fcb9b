"""The book: what is kept of an execution, what becomes of it on a page, what a site must be."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from base64 import b64decode, b64encode
from pathlib import Path

import nbformat
import numpy as np
import pytest
import yaml
from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))
lessons = pytest.importorskip("lessons")
build_book = pytest.importorskip("build_book")
check_site = pytest.importorskip("check_site")
executed = pytest.importorskip("executed")
npm = pytest.importorskip("npm")
showing = pytest.importorskip("showing")

VIEW = "application/vnd.jupyter.widget-view+json"


def png(colour: int = 0) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((4, 4), colour, np.uint8)).save(buffer, format="PNG")
    return buffer.getvalue()


def uri(content: bytes) -> str:
    return f"data:image/png;base64,{b64encode(content).decode()}"


def cell(*outputs, name="05-one"):
    made = nbformat.v4.new_code_cell("x")
    made["id"], made.outputs = name, list(outputs)
    return made


def shown(*outputs, folder):
    return showing.outputs(cell(*outputs), showing.Pictures(folder))


def output(**data):
    names = {"png": "image/png", "html": "text/html", "view": VIEW, "text": "text/plain"}
    return nbformat.v4.new_output("display_data", {names[k]: v for k, v in data.items()})


def stream(text, name="stdout"):
    return nbformat.v4.new_output("stream", name=name, text=text)


# --------------------------------------------------------------- what is kept of an execution
SHOWN = """from unet_teach.drawing.picture import Picture
from unet_teach.drawing.web import FOLDER
from unet_teach.interactive import Interactive
def picture(settings, answer):
    return Picture(f"<svg>{settings['n']}</svg>", alt=f"n is {settings['n']}")
shown = Interactive("n", "A number", dict, {"n": 3}, FOLDER / "example.js", picture)
shown"""
WHOLE = ["print('one')", SHOWN, "shown.set(n=7)"]
BROKEN = ["print('one')", "1 / 0"]


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A whole and a broken notebook, run as `make test` runs them; once more beside ISBI."""
    root = tmp_path_factory.mktemp("course")
    for name in ("tools/executed.py", "notebooks/conftest.py"):
        (root / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    (root / "notebooks" / "solutions").mkdir()
    (root / "unet_teach").mkdir()
    (root / "isbi").mkdir()
    (root / "isbi" / "train-volume.tif").touch()
    for name, sources in (("whole", WHOLE), ("broken", BROKEN)):
        made = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, sources)))
        nbformat.write(made, root / "notebooks" / "solutions" / f"{name}.ipynb")
    run = [sys.executable, "-m", "pytest", "-q", "--nbval-lax", "--nbval-current-env"]
    run += [
        "-p",
        "no:cacheprovider",
        "-c",
        "/dev/null",
        "--rootdir",
        ".",
        "notebooks/solutions",
    ]
    for folder, data in (("kept", ""), ("kept_beside_isbi", str(root / "isbi"))):
        settings = {"UNET_TEACH_DATA": data, "UNET_TEACH_CACHE": str(root / "nowhere")}
        settings["UNET_TEACH_EXECUTED"] = folder
        done = subprocess.run(
            run, cwd=root, env={**os.environ, **settings}, capture_output=True
        )
        assert b"ZeroDivisionError" in done.stdout, done.stdout
    return root


def test_a_notebook_that_passed_is_kept_with_its_outputs(ran):
    kept = executed.load(ran / "kept" / "whole.ipynb")
    first, _shown, third = kept.cells
    assert first.outputs[0].text == "one\n" and third.outputs == []
    assert len(kept.metadata["unet_teach"]["fingerprint"]) == 16


def test_an_interactive_is_kept_as_the_picture_that_it_shows_at_the_end(ran):
    (shown,) = executed.load(ran / "kept" / "whole.ipynb").cells[1].outputs
    assert VIEW not in shown.data and "<svg>7</svg>" in shown.data["text/html"]
    assert shown.metadata["interactive"] == {"name": "n", "title": "A number"}


def test_a_notebook_that_failed_is_not_kept(ran):
    assert [path.name for path in (ran / "kept").iterdir()] == ["whole.ipynb"]


def test_nothing_is_kept_where_micrographs_could_show(ran):
    assert not (ran / "kept_beside_isbi").exists()


def test_another_notebook_or_package_makes_an_execution_stale(tmp_path):
    notebook, package = tmp_path / "05.ipynb", tmp_path / "package"
    package.mkdir()
    marks = set()
    for text, code in (("a", "x"), ("b", "x"), ("b", "y"), ("a", "x")):
        notebook.write_text(text)
        (package / "module.py").write_text(code)
        marks.add(executed.fingerprint(notebook, package))
    assert len(marks) == 3


def test_stale_names_what_has_not_run(tmp_path):
    solutions, folder = tmp_path / "solutions", tmp_path / "executed"
    solutions.mkdir()
    for name in ("05", "06", "07"):
        nbformat.write(nbformat.v4.new_notebook(), solutions / f"{name}.ipynb")
    for name in ("05", "06"):
        mark = executed.fingerprint(solutions / f"{name}.ipynb")
        executed.save(nbformat.v4.new_notebook(), mark, folder / f"{name}.ipynb")
    (solutions / "06.ipynb").write_text("{}")
    assert [path.stem for path in executed.stale(folder, solutions)] == ["06", "07"]


def test_make_test_keeps_what_it_runs():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    kept = f"{executed.SETTING}={executed.FOLDER.relative_to(ROOT)}"
    (rule,) = [part for part in makefile.split("\n\n") if part.startswith("test:")]
    assert kept in rule and makefile.count(kept) == 1


# ------------------------------------------------------------------------ outputs on a page
def test_a_figure_becomes_a_file_with_its_words(tmp_path):
    html = f'<img alt="black &amp; square" src="{uri(png())}">'
    (one,) = shown(output(html=html, text="black & square"), folder=tmp_path)
    (file,) = tmp_path.iterdir()
    assert f'src="pictures/{file.name}"' in one.data["text/html"]
    assert 'alt="black &amp; square"' in one.data["text/html"]
    with Image.open(file) as kept:  # the same pixels, whatever the format
        assert np.array_equal(np.asarray(kept.convert("L")), np.zeros((4, 4)))


def test_equal_pictures_are_one_file(tmp_path):
    pictures = showing.Pictures(tmp_path)
    assert pictures.add(png(), ".png") == pictures.add(png(), ".png")
    assert pictures.add(png(9), ".png") != pictures.add(png(), ".png")
    assert len(list(tmp_path.iterdir())) == 2


def test_an_interactive_shows_title_and_picture_once(tmp_path):
    still = output(html=f'<img alt="seven" src="{uri(png())}">', text="Interactive()")
    still.metadata["interactive"] = {"name": "no_recording", "title": "A <number>"}
    (one,) = shown(still, folder=tmp_path)
    html = one.data["text/html"]
    assert "A &lt;number&gt;" in html and "data-interactive" not in html
    assert html.count("<img") == 1 and "base64" not in html and "Interactive()" not in str(one)


@pytest.mark.parametrize(("name", "live"), [("wall_eraser", True), ("dashboard", False)])
def test_only_what_is_recorded_comes_to_life(tmp_path, name, live):
    """A run that was watched is over: the page keeps its picture."""
    still = output(html=f'<img alt="seven" src="{uri(png())}">')
    still.metadata["interactive"] = {"title": "A", "name": name}
    (one,) = shown(still, folder=tmp_path)
    assert (f'data-interactive="{name}"' in one.data["text/html"]) == live


def test_one_that_has_a_recording_says_its_name(tmp_path):
    html = showing.twin("<svg/>", "A number", "double")
    assert html.startswith('<div class="interactive" data-interactive="double">')
    assert "data-interactive" not in showing.twin("<svg/>", "A number")
    page = f"<html><h1>A</h1>{html.replace('<svg/>', '')}</html>"
    (tmp_path / "index.html").write_text(page)
    assert any(
        "interactives/double.js is not there" in c for c in check_site.complaints(tmp_path)
    )
    (tmp_path / "interactives").mkdir()
    (tmp_path / "interactives" / "double.js").write_text("x" * 4_000_000)
    assert any("weighs 4.0 MB" in what for what in check_site.complaints(tmp_path))


def test_bars_are_left_out_and_other_words_stay(tmp_path):
    said = "training:  57%|███  | 17/30 [00:01]\nabout 1 s left\n"
    (one,) = shown(stream(said, "stderr"), folder=tmp_path)
    assert (one.name, one.text) == ("stdout", "about 1 s left\n")
    assert shown(stream(said.splitlines()[0], "stderr"), folder=tmp_path) == []


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (output(png=b64encode(png()).decode()), "a figure without words"),
        (output(view={"model_id": "1"}), "interactive whose picture was not kept"),
        (stream("UserWarning: no", "stderr"), "UserWarning"),
        (nbformat.v4.new_output("error", ename="E", evalue="broke", traceback=[]), "broke"),
    ],
)
def test_what_a_page_must_not_show_is_refused(tmp_path, bad, words):
    with pytest.raises(showing.CannotShow, match=f"05-one.*{words}"):
        shown(bad, folder=tmp_path)


# -------------------------------------------------------------------------- prose on a page
def test_pictures_of_prose_become_files_and_the_folded_twin_goes(tmp_path):
    fold = (
        f'<details><summary>{showing.FOLD}</summary>\n\n<img alt="t" src="{uri(png(7))}">\n\n'
    )
    text = f"# Title\n\n![the U]({uri(png())})\n\nTry.\n\n{fold}</details>\n\nMore."
    made = showing.prose(text, showing.Pictures(tmp_path))
    assert '<img class="u" alt="the U" src="pictures/' in made and "base64" not in made
    assert "details" not in made and "Try." in made and made.endswith("More.")
    assert len(list(tmp_path.iterdir())) == 1


def test_a_discussion_stays_folded(tmp_path):
    text = "<details><summary>One answer</summary>\n\nYes.\n\n</details>"
    assert showing.prose(text, showing.Pictures(tmp_path)) == text


def test_formulas_become_mathml_and_code_stays():
    pytest.importorskip("latex2mathml")
    made = showing.with_mathml("With $p_i$ and\n\n$$m = \\frac{n}{s}$$\n\nbut `cost $5$`.")
    assert made.count("<math") == 2 and 'display="block"' in made and "<mfrac>" in made
    assert "`cost $5$`" in made


def test_lessons_that_are_named_are_linked():
    names = {"05": "05_crop", "07": "07_build"}
    made = build_book.linked("lessons 05 and 07, lesson 99, lesson 05.", names)
    assert made == (
        "lessons [05](05_crop.ipynb) and [07](07_build.ipynb), lesson 99, "
        "lesson [05](05_crop.ipynb)."
    )
    left = "## After lesson 05\n`lesson 05` <b title='lesson 05'> [x](lesson 05)"
    assert build_book.linked(left, names) == left
    assert build_book.linked("lesson 05", names, own="05") == "lesson 05"


# --------------------------------------------------------------------------------- a lesson
SOURCE = '''# %% [markdown] id="title"
# # 05 · A lesson

# %% id="setup"
import torch

# %% id="exercise"
def center_crop(x, size):
    """The middle."""
    # SOLUTION: exercises.center_crop

# %% id="check"
print(2)
'''


@pytest.fixture
def page(tmp_path):
    builder = pytest.importorskip("build_notebooks")
    lesson = lessons.parse("05_lesson", SOURCE)
    ran = nbformat.reads(builder.build(lesson, solved=True), as_version=4)
    ran.cells[-1].outputs = [stream("2\n")]
    pictures = showing.Pictures(tmp_path)
    return build_book.page(lesson, ran, pictures, {"05": "05_lesson"})


def test_an_exercise_is_its_stub_with_one_solution_folded_away(page):
    stub, solved = page.cells[2], page.cells[3]
    assert stub.cell_type == "markdown" and "return x[..., top" not in stub.source
    assert 'raise NotImplementedError("your turn")' in stub.source
    assert "return x[..., top" in solved.source and solved.metadata["tags"] == ["hide-input"]
    assert solved.metadata["mystnb"]["code_prompt_show"] == "One solution"


def test_the_page_has_doors_folded_imports_and_the_outputs(page):
    assert "Open in Colab" in page.cells[0].source and "mybinder.org" in page.cells[0].source
    assert page.cells[1].metadata["tags"] == ["hide-input"]
    assert page.cells[4].outputs[0].text == "2\n" and "tags" not in page.cells[4].metadata
    nbformat.validate(page)


# --------------------------------------------------------------------------- the front page
def test_the_front_page_says_what_the_readme_says(tmp_path):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    made = build_book.front_page(readme, "owner/name", showing.Pictures(tmp_path))
    sections = build_book.HEADING.findall(made)
    assert sections[0] == build_book.LESSONS
    due = set(build_book.HEADING.findall(readme)) - set(build_book.NOT_ON_THE_FRONT_PAGE)
    assert set(sections) == due
    assert set(build_book.NOT_ON_THE_FRONT_PAGE) <= set(build_book.HEADING.findall(readme))
    assert "shields" not in made and "badge" not in made.split("##")[0]
    assert "](05_crop_or_pad.ipynb)" in made
    assert "](https://github.com/owner/name/blob/main/LICENSE)" in made
    assert "assets/" not in made and list(tmp_path.iterdir())


# ---------------------------------------------------------------------------------- a site
GOOD = """<html><body><h1 id="top">A</h1><a href="other.html#there">o</a> <a href="#top">t</a>
<a href="https://example.org/x?y=1#z">e</a><img alt="black" src="one.png"></body></html>"""
OTHER = '<html><body><h1>B</h1><p id="there"></p></body></html>'


def site(folder, text=GOOD, css=""):
    (folder / "index.html").write_text(text)
    (folder / "other.html").write_text(OTHER)
    (folder / "one.png").write_bytes(png())
    (folder / "style.css").write_text(css)
    return check_site.complaints(folder)


def test_a_whole_site_has_no_complaint(tmp_path):
    assert site(tmp_path, css='a { background: url("one.png") }') == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("other.html#there", "third.html", "'third.html' leads nowhere"),
        ("#there", "#elsewhere", "no such place"),
        ('"#top"', '"#bottom"', "no such place"),
        ('"#top"', '"../secret.html"', "leads nowhere"),
        ("https://example.org/x?y=1#z", "https://example", "no well-formed link"),
        ("https://example.org/x?y=1#z", "http://example.org", "no well-formed link"),
        ("https://example.org/x?y=1#z", "https://example.org/a b", "no well-formed link"),
        ("one.png", "https://example.org/one.png", "from elsewhere"),
        ("one.png", "//example.org/one.png", "from elsewhere"),
        ("one.png", "two.png", "two.png is not there"),
        ('alt="black"', 'alt=" "', "a picture without words"),
        ('alt="black"', "", "a picture without words"),
        ("<img", '<svg role="img"></svg><img', "a picture without words"),
        ("<img", '<script src="https://example.org/a.js"></script><img', "from elsewhere"),
        ("<img", "<h1>C</h1><img", "2 headings of level 1"),
        ("<img", "<pre>Traceback (most recent call last)</pre><img", "shows an error"),
    ],
)
def test_each_fault_of_a_site_is_found(tmp_path, old, new, words):
    assert old in GOOD
    assert any(words in complaint for complaint in site(tmp_path, GOOD.replace(old, new, 1)))


def test_a_style_sheet_that_loads_from_elsewhere_is_found(tmp_path):
    found = site(tmp_path, css="@font-face { src: url(https://example.org/f.woff2) }")
    assert any("style.css" in complaint for complaint in found)


def test_a_heavy_page_is_found(tmp_path, monkeypatch):
    weight = (
        check_site.weigh(check_site.Page(tmp_path / "index.html")) if site(tmp_path) else None
    )
    assert weight is None  # whole, so nothing to complain of
    page = check_site.Page(tmp_path / "index.html")
    assert check_site.weigh(page) == len(GOOD) + len(png())
    monkeypatch.setattr(check_site, "HEAVIEST", len(GOOD) + len(png()) - 1)
    assert any("weighs" in complaint for complaint in check_site.complaints(tmp_path))


# --------------------------------------------------------------------- packages of npm, Pages
def packed(name="a.txt"):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        entry = tarfile.TarInfo(f"package/{name}")
        entry.size = 2
        archive.addfile(entry, io.BytesIO(b"ok"))
    return buffer.getvalue()


def test_a_package_is_fetched_once_and_only_as_it_was_meant(tmp_path, monkeypatch):
    asked = []

    def fetch(url, timeout):
        asked.append(url)
        return io.BytesIO(packed())

    monkeypatch.setattr(npm.urllib.request, "urlopen", fetch)
    good = b64encode(hashlib.sha512(packed()).digest()).decode()
    package = npm.Package("@owner/font", "1.2.3", good)
    assert (package.folder(tmp_path) / "a.txt").read_text() == "ok"
    assert package.folder(tmp_path) and asked == [
        "https://registry.npmjs.org/@owner/font/-/font-1.2.3.tgz"
    ]
    with pytest.raises(npm.CannotFetch, match="checksum"):
        npm.Package("font", "1.2.3", "AAAA").folder(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["@owner-font-1.2.3"]


def test_two_that_unpack_at_the_same_time_both_have_it(tmp_path):
    """As the book and the slides, which `make -j 2` builds side by side."""
    for _builder in ("book", "slides"):  # the second began before the first was done
        npm.unpacked(packed(), tmp_path / "kept" / "font-1")
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["font-1"]
    assert (tmp_path / "kept" / "font-1" / "a.txt").read_text() == "ok"


def test_the_pinned_packages_have_whole_checksums():
    for package in (npm.STIX, npm.REVEAL):
        assert len(b64decode(package.sha512, validate=True)) == 64


def test_pages_publishes_what_make_book_builds():
    text = (ROOT / ".github" / "workflows" / "book.yml").read_text(encoding="utf-8")
    jobs = yaml.safe_load(text)["jobs"]
    steps = [step for job in jobs.values() for step in job["steps"]]
    commands = [step.get("run", "") for step in steps]
    assert any("make book" in command for command in commands)
    (upload,) = [s for s in steps if "upload-pages-artifact" in s.get("uses", "")]
    assert upload["with"]["path"] == str(build_book.SITE.relative_to(ROOT))
    assert any("deploy-pages" in step.get("uses", "") for step in steps)
    kept = json.dumps(
        [s.get("with") for s in steps if "download-artifact" in s.get("uses", "")]
    )
    tests = (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
    for text in (kept, tests):  # the tests hand over what they ran
        assert str(executed.FOLDER.relative_to(ROOT)) in text
