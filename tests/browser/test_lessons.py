"""Every learner's lesson in a real JupyterLab: run whole, every control moved, looked at.

What a view shows must be what the kernel answers to the settings that the page says, mark by
mark.
"""

from __future__ import annotations

import pytest
from accessibility import CHANGE_THEME, violations
from conftest import SHOTS, times
from views import BAD, OVER, views

# Words and pictures that end outside of what shows them: the card, a box to choose from, the
# output. What can be scrolled can be read; and a verdict of a comparison stands on its line.
CUT = """
() => {
const VERDICT = /^.*(found \\d|found$|higher|±).*$/gm;
return [...document.querySelectorAll('.jp-OutputArea-output')].flatMap(output => {
  const edge = output.getBoundingClientRect(), found = [];
  const out = (inner, outer) => inner.right > outer.right + 1 || inner.left < outer.left - 1;
  for (const e of output.querySelectorAll('.unet-picture svg, .unet-picture img'))
    if (e.checkVisibility() && out(e.getBoundingClientRect(), edge)) found.push('a picture');
  const pen = document.createElement('canvas').getContext('2d');
  for (const e of output.querySelectorAll('select')) {
    const look = getComputedStyle(e);
    pen.font = look.font;
    const room = e.clientWidth - parseFloat(look.paddingLeft) - parseFloat(look.paddingRight);
    for (const option of e.options)
      if (pen.measureText(option.textContent.trim()).width > room + 1) found.push(option.label);
  }
  const walk = document.createTreeWalker(output, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const owner = walk.currentNode.parentElement, range = document.createRange();
    if (owner.closest('svg, select, style, .unet-hidden, [tabindex="0"]')) continue;
    if (owner.closest('pre'))
      for (const verdict of walk.currentNode.data.matchAll(VERDICT)) {
        range.setStart(walk.currentNode, verdict.index);
        range.setEnd(walk.currentNode, verdict.index + verdict[0].length);
        const rows = new Set([...range.getClientRects()].map(row => Math.round(row.top)));
        if (rows.size > 1) found.push(verdict[0]);
      }
    range.selectNodeContents(walk.currentNode);
    const card = owner.closest('.unet-picture')?.getBoundingClientRect() || edge;
    if (!owner.closest('pre') && range.getBoundingClientRect().width > 1
        && out(range.getBoundingClientRect(), card)) found.push(walk.currentNode.data);
  }
  return found;
}); }
"""


def test_the_lesson_runs(lesson):
    page = lesson.page
    assert lesson.errors == []
    assert page.locator(".jp-Notebook h1").count() == 1
    asked_for_a_kernel = page.locator("text=Error displaying widget").count()
    assert asked_for_a_kernel == 0, "a widget that JupyterLab cannot show"
    page.screenshot(path=SHOTS / f"{lesson.name}.png")


def test_every_view_shows_what_the_kernel_answers(lesson):
    shown = views(lesson.page)
    assert shown, "a lesson without an interactive"
    for view in shown:
        name = f"{lesson.name[:2]} {view.name}"
        view.box.scroll_into_view_if_needed()
        assert view.settle() == [], f"{name}, untouched"
        view.listen()
        seen = {view.box.get_attribute("data-answered")}
        for done in view.press_everything():
            assert view.settle() == [], f"{name}, {done}"
            seen.add(view.box.get_attribute("data-answered"))
        assert len(seen) >= 4, f"{name}: nothing changes"
        found = view.times()
        times[f"{name}, kernel"] = found["answers"]
        times[f"{name}, kernel: floor"] = found["floor"]
        view.box.screenshot(path=SHOTS / f"{lesson.name}_view_{view.number}.png")


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
@pytest.mark.parametrize("width", [700, 900, 1280])
def test_every_view_fits(lesson, width, theme):
    page, size = lesson.page, lesson.page.viewport_size
    page.set_viewport_size({"width": width, "height": size["height"]})
    page.evaluate(CHANGE_THEME, theme)
    shade = theme.split()[1].lower()
    page.wait_for_selector(f".unet-view[data-theme={shade}]")
    page.wait_for_timeout(500)
    found = []
    for view in views(page):
        view.box.scroll_into_view_if_needed()
        page.wait_for_timeout(200)  # JupyterLab lays a cell out when it comes into view
        found += page.evaluate(BAD, view.number) + page.evaluate(OVER, view.number)
        shot = f"{lesson.name}_view_{view.number}_{width}_{shade}.png"
        view.box.screenshot(path=SHOTS / shot)
    page.set_viewport_size(size)
    assert found == []


@pytest.mark.parametrize("width", [900, 1920])
def test_nothing_is_cut_at_the_edge(lesson, width):
    size = lesson.page.viewport_size
    lesson.page.set_viewport_size({"width": width, "height": size["height"]})
    lesson.page.wait_for_timeout(500)
    found = lesson.page.evaluate(CUT)
    lesson.page.set_viewport_size(size)
    assert found == []


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_the_lesson_is_accessible(lesson, theme):
    found = violations(lesson.page, theme)
    assert found == [], "\n".join(found)


def test_nothing_is_asked_of_the_network_and_the_console_is_silent(lesson):
    assert lesson.page.asked == []
    assert lesson.page.complaints == []
