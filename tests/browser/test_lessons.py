"""Every learner's lesson in a real JupyterLab: run whole, every control moved, looked at.

The picture in the page must be what the drawing function gives for the settings that the
page says, mark by mark; pictures made of pixels must have been decoded.
"""

from __future__ import annotations

import pytest
from accessibility import violations
from conftest import SHOTS, times
from interactive import interactives


def test_the_lesson_runs(lesson):
    page = lesson.page
    assert lesson.errors == []
    assert page.locator(".jp-Notebook h1").count() == 1
    asked_for_a_kernel = page.locator("text=Error displaying widget").count()
    assert asked_for_a_kernel == 0, "a widget that JupyterLab cannot show"
    page.screenshot(path=SHOTS / f"{lesson.name}.png")


def test_every_control_shows_what_it_says(lesson):
    panels = interactives(lesson.page)
    assert panels, "a lesson without an interactive"
    for panel in panels:
        name = f"{lesson.name[:2]} {panel.title}"
        panel.box.scroll_into_view_if_needed()
        shown = panel.settle()
        assert shown["right"], f"{name}, untouched: {panel.complaint(shown)}"
        panel.listen()
        pictures = {shown["due"]["html"]}
        for element in panel.controls():
            if panel.is_stuck(element):
                continue
            seen = {str([shown["settings"], shown["due"]["html"]])}
            for done in panel.moves(element):
                shown = panel.settle()
                assert shown["right"], f"{name}, {done}: {panel.complaint(shown)}"
                assert bool(shown["red"]) == bool(shown["reason"]), f"{name}, {done}: red?"
                seen.add(str([shown["settings"], shown["due"]["html"]]))
                pictures.add(shown["due"]["html"])
            assert len(seen) > 1, f"{name}, {done}: nothing changes"
        assert len(pictures) > 2, f"{name}: the picture never changes"
        times[name] = panel.times()
        panel.box.screenshot(path=SHOTS / f"{lesson.name}_{panel.number}.png")


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_the_lesson_is_accessible(lesson, theme):
    found = violations(lesson.page, theme)
    assert found == [], "\n".join(found)


def test_nothing_is_asked_of_the_network_and_the_console_is_silent(lesson):
    assert lesson.page.asked == []
    assert lesson.page.complaints == []
