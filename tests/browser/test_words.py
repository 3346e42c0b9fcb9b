"""No word of a picture is cut off at its edge or lies on another, wherever a control stands."""

from __future__ import annotations

import pytest

from unet_teach import widgets
from unet_teach.widgets.panel import _ends

BAD = """
pictures => pictures.flatMap(html => {
  const box = document.createElement('div');
  box.innerHTML = html;
  document.body.replaceChildren(box);
  return [...box.querySelectorAll('svg')].flatMap(svg => {
    const edge = svg.getBoundingClientRect();
    const places = [...svg.querySelectorAll('text')].flatMap(
      e => e.children.length ? [...e.querySelectorAll('tspan')] : [e]);
    const words = places.filter(e => e.textContent.trim()).map(
      e => [e.textContent, e.getBoundingClientRect(), e]);
    const out = words.filter(([, b]) => b.left < edge.left - 1 || b.right > edge.right + 1
      || b.top < edge.top - 3 || b.bottom > edge.bottom + 3);
    const alone = words.filter(([, , e]) => !e.getAttribute('x').includes(' '));  // no rows
    const lie = alone.flatMap(([one, a], i) => alone.slice(i + 1).filter(([, b]) =>
      Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
      && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 5
    ).map(([two]) => one + ' ON ' + two));
    return [...out.map(([text]) => 'CUT ' + text), ...lie];
  });
})
"""


def pictures(panel) -> list[str]:
    """As it opens, with each control in turn at each end or choice, with all at one end."""
    found = [panel.picture.html]

    def put(name, value):
        panel.set(**{name: value})
        found.append(panel.picture.html)

    ends = {name: _ends(control) for name, control in panel.controls.items()}
    opened = panel.values
    for name, values in ends.items():
        for value in values:
            put(name, value)
        put(name, opened[name])
    for end in (0, -1):
        for names in (list(ends), list(ends)[::-1]):
            panel.set(**opened)
            for name in names:
                put(name, ends[name][end])
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("name", widgets.__all__)
def test_words_have_room(page, name):
    page.goto("about:blank")
    page.set_content('<html><body style="width:900px;font-family:sans-serif"></body></html>')
    found = page.evaluate(BAD, pictures(getattr(widgets, name)()))
    assert found == []
