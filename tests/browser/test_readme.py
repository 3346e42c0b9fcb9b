"""The first screen of README.md: something that moves, and the two commands."""

from __future__ import annotations

import pytest
from conftest import ROOT, SHOTS
from markdown_it import MarkdownIt
from PIL import Image

STYLE = "font: 16px/1.5 sans-serif; width: 830px; margin: 24px auto"  # as GitHub sets it
PLACES = """() => [...document.querySelectorAll('img[src*=learning], pre')].map(
  one => [one.tagName, one.textContent, one.getBoundingClientRect().bottom])"""


@pytest.mark.parametrize(("width", "height"), [(1280, 800)])
def test_the_first_screen_moves_and_has_the_two_commands(page, tmp_path, width, height):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    file = tmp_path / "README.html"
    file.write_text(
        f'<base href="{ROOT.as_uri()}/"><style>img {{ max-width: 100% }}</style>'
        f'<article style="{STYLE}">{html}</article>',
        encoding="utf-8",
    )
    size = {"width": width, "height": height}
    read = page.context.browser.new_context(viewport=size).new_page()
    read.goto(file.as_uri(), wait_until="domcontentloaded")  # badges come from elsewhere
    read.wait_for_function("() => document.querySelector('img[src*=learning]').naturalWidth")
    (picture, _words, its_end), (_pre, commands, end), *_others = read.evaluate(PLACES)
    read.screenshot(path=SHOTS / "readme.png")
    read.context.close()
    assert picture == "IMG" and {"make lab", "make test"} <= {
        line.split("#")[0].strip() for line in commands.splitlines()
    }
    assert its_end < end <= height
    with Image.open(ROOT / "assets" / "learning.webp") as moving:
        assert moving.n_frames > 5 and its_end > moving.height / 2
