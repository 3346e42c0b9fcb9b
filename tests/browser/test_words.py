"""No word of a still picture is cut, lies on another or is too pale."""

from __future__ import annotations

import pytest

from unet_teach.lessons.l01_convolution_arithmetic.picture import grid
from unet_teach.rooms import interactives

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
    const alone = words.filter(([, , e]) => !e.getAttribute('x').includes(' ')  // no rows
      && e.checkVisibility({ visibilityProperty: true }));  // others wait to be pointed at
    const lie = alone.flatMap(([one, a], i) => alone.slice(i + 1).filter(([, b]) =>
      Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
      && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 5
    ).map(([two]) => one + ' ON ' + two));
    return [...out.map(([text]) => 'CUT ' + text), ...lie];
  });
})
"""


# Words of less than 4.5 : 1 against what lies below them: the topmost shape, or the card. On
# pixels nothing is said.
PALE = """
pictures => pictures.flatMap(html => {
  const box = document.createElement('div');
  box.innerHTML = html;
  document.body.replaceChildren(box);
  const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = colour => numbers(colour).slice(0, 3).map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0.05);
  const walk = document.createTreeWalker(box, NodeFilter.SHOW_TEXT), found = [];
  while (walk.nextNode()) {
    const owner = walk.currentNode.parentElement, words = walk.currentNode.textContent.trim();
    if (!words || owner.closest('style, title')) continue;
    const range = document.createRange();
    range.selectNodeContents(walk.currentNode);
    const place = range.getBoundingClientRect(), svg = owner.closest('svg');
    window.scrollTo(0, window.scrollY + place.y - 300);
    const { x, y, width, height } = range.getBoundingClientRect();
    const below = document.elementsFromPoint(x + width / 2, y + height / 2).find(
      e => svg && svg.contains(e) && !e.closest('text, svg > svg') && e !== svg
        && (e.tagName === 'image' || !['none', 'rgba(0, 0, 0, 0)'].includes(
          getComputedStyle(e).fill)));
    if (below?.tagName === 'image' || below?.getAttribute('opacity')) continue;
    const ink = getComputedStyle(owner)[svg ? 'fill' : 'color'];
    const paper = below ? getComputedStyle(below).fill : 'rgb(255, 255, 255)';
    const [high, low] = [light(ink), light(paper)].sort((a, b) => b - a);
    if (high / low < 4.5) found.push(`${words}: ${ink} on ${paper}, ${high / low}`);
  }
  return [...new Set(found)];
})
"""


def pictures(shown) -> list[str]:
    """As it opens, and after each of its questions."""
    found = [shown.picture.html]
    for question, _settings in shown.presets:
        shown.ask(question)
        found.append(shown.picture.html)
    return found


@pytest.mark.parametrize("name", interactives())
def test_words_have_room(page, name):
    page.goto("about:blank")
    page.set_content('<html><body style="width:900px;font-family:sans-serif"></body></html>')
    shown = pictures(getattr(interactives()[name], name)())
    assert page.evaluate(BAD, shown) == []
    assert page.evaluate(PALE, shown) == []


def test_the_chosen_window_is_not_lit_while_another_is_pointed_at(page):
    page.goto("about:blank")
    page.set_content(grid(7, 3, s=2).html)
    lit = (
        "() => [...document.querySelectorAll('.conv-linked, use, .conv-chosen')]"
        ".filter(e => !e.closest('defs') && e.checkVisibility({visibilityProperty: true}))"
        ".map(e => e.closest('.conv-now') ? 'chosen' : 'pointed at')"
    )
    page.mouse.move(0, 0)
    assert set(page.evaluate(lit)) == {"chosen"}
    page.locator(".conv-cell rect").nth(4).hover(force=True)
    assert set(page.evaluate(lit)) == {"pointed at"}
