"""A view in the page, in a notebook or in a static page: what it shows, and who moves it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

from browser import CURRENT
from marks import MARKS

READY = ".unet-view[data-answered]"
# Runs code in the kernel of the lesson that is shown; gives what it printed.
ASK = f"""
async code => {{
  let reply, said;
  do {{  // after an interrupt the kernel sends back, unanswered, what it is asked
    if (reply) await new Promise(resolve => setTimeout(resolve, 100));
    said = '';
    const future = {CURRENT}.sessionContext.session.kernel.requestExecute(
      {{ code, silent: true, store_history: false }});
    future.onIOPub = message => {{
      if (message.header.msg_type === 'stream') said += message.content.text;
    }};
    reply = await future.done;
  }} while (reply.content.status === 'aborted');
  if (reply.content.status !== 'ok') throw new Error(reply.content.traceback.join('\\n'));
  return said;
}}
"""
# What the page shows of each mark.
SHOWN = """
([number, marks]) => {
  const box = document.querySelectorAll('.unet-view')[number];
  const one = selector => box.matches(selector) ? box : box.querySelector(selector)
    || [...document.querySelectorAll(selector)].find(e => box.contains(e));
  return marks.map(([selector, kind]) => {
    if (kind === 'all') return [...box.querySelectorAll(selector)].map(e => e.textContent);
    const element = one(selector);
    if (!element) return 'no ' + selector;
    if (kind === 'text' || kind === 'holds') return element.textContent;
    return JSON.parse(element.getAttribute(kind));
  });
}
"""
# Words with a hole that nobody filled, seen or heard.
HOLES = """
number => {
  const box = document.querySelectorAll('.unet-view')[number];
  const heard = ['aria-label', 'aria-valuetext', 'aria-description', 'alt', 'title'];
  return [box, ...box.querySelectorAll('*')].flatMap(e => [
    ...[...e.childNodes].filter(node => node.nodeType === 3).map(node => node.data),
    ...heard.map(name => e.getAttribute(name) || '')]).filter(words => /[{}]/.test(words));
}
"""
# Text that is too small, or ends outside of the view; a view that is wider than its page.
BAD = """
number => {
  const box = document.querySelectorAll('.unet-view')[number], found = [];
  const edge = box.getBoundingClientRect();
  const walk = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const owner = walk.currentNode.parentElement, words = walk.currentNode.data.trim();
    if (!words || owner.closest('.unet-hidden') || !owner.checkVisibility()) continue;
    const scrolls = owner.closest(
      '[role=region][tabindex="0"], .unet-title + .unet-row'); // its end can be reached
    const range = document.createRange();
    range.selectNodeContents(walk.currentNode);
    const place = range.getBoundingClientRect();
    if (!place.width) continue;
    if (!scrolls && (place.left < edge.left - 1 || place.right > edge.right + 1))
      found.push('outside: ' + words);
    const turned = owner.ownerSVGElement ? owner.getScreenCTM() : { a: 1, b: 0 };
    const scale = Math.hypot(turned.a, turned.b);
    const size = parseFloat(getComputedStyle(owner).fontSize) * scale;
    if (size < 10.99) found.push(`${size} px: ${words}`);
    const room = owner.closest('button, td, th, .unet-bar-value');
    if (room && place.width > room.getBoundingClientRect().width + 1)
      found.push('cut: ' + words);
  }
  for (const e of box.querySelectorAll('canvas, svg, img')) {
    const place = e.getBoundingClientRect();
    if (place.right > edge.right + 1) found.push('a picture ends outside');
  }
  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth) found.push(`the page is ${wide} px wide`);
  return found;
}
"""
# Two words over each other: parts of a view may not lie on what does not contain them.
OVER = """
number => {
  const box = document.querySelectorAll('.unet-view')[number];
  const parts = 'button, p, label, td, th, .unet-bar-row, .unet-title, .unet-pixels';
  const all = [...box.querySelectorAll(parts)]
    .filter(e => e.checkVisibility() && !e.closest('.unet-hidden'))
    .map(e => [e, e.getBoundingClientRect()]).filter(([, place]) => place.width > 1);
  const found = [];
  for (const [i, [one, a]] of all.entries())
    for (const [other, b] of all.slice(i + 1)) {
      if (one.contains(other) || other.contains(one)) continue;
      const x = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (x > 1.5 && y > 1.5) found.push(`${one.textContent} over ${other.textContent}`);
    }
  return found;
}
"""
# Milliseconds from an input event to the frame that shows its answer; and the floor, a frame.
LISTEN = """
number => {
  const box = document.querySelectorAll('.unet-view')[number];
  const kept = window.unetTimes = { answers: [], floor: [] };
  let since = 0;
  for (const kind of ['pointerdown', 'keydown', 'input'])
    box.addEventListener(kind, () => {
      const at = since = performance.now();
      requestAnimationFrame(() => setTimeout(() => kept.floor.push(performance.now() - at)));
    }, true);
  new MutationObserver(() => {
    const at = since;
    since = 0;
    const painted = () => kept.answers.push(performance.now() - at);
    if (at) requestAnimationFrame(() => setTimeout(painted));
  }).observe(box, { attributeFilter: ['data-answered'] });
}
"""
# What a learner may press: everything but what is disabled.
LEVERS = (
    "button:not([aria-disabled=true]), input, "
    "[tabindex='0']:is([role=application], [role=slider])"
)
# Runs in the lesson's kernel: a view's name, or its answer to settings, without the arrays.
NAMED = """
from ipywidgets.widgets.widget import _instances
print(_instances[MODEL].name)
"""
DUE = """
def _due(model_id, settings):
    import json
    from ipywidgets.widgets.widget import _instances
    found = _instances[model_id].answered(json.loads(settings))
    print(json.dumps({k: v for k, v in found.items() if not hasattr(v, "dtype")}))
_due(MODEL, SETTINGS); del _due
"""
MODELS = """
() => window.jupyterapp.shell.currentWidget.content.widgets
  .filter(cell => cell.model.type === 'code' && cell.node.querySelector('.unet-view'))
  .flatMap(cell => cell.model.outputs.toJSON())
  .map(output => output.data?.['application/vnd.jupyter.widget-view+json']?.model_id)
  .filter(id => id)
"""
UNASKED = "Ask one of the questions above, or try for yourself."
KEYS = {
    "range": ("ArrowRight", "End", "Home", "ArrowRight"),
    "checkbox": ("Space", "Space"),
    "radio": ("ArrowRight", "ArrowLeft"),
    "slider": ("ArrowRight", "End", "Home", "ArrowRight", "PageUp", "ArrowLeft"),
    "application": ("n", "Enter", "ArrowDown", "Enter", "n", "Enter"),
    "button": ("Enter",),
}


def is_same(one, value) -> bool:
    """What the book computes may differ in its last digits (the order of a sum)."""
    if isinstance(value, float) and isinstance(one, (int, float)):
        return abs(one - value) <= 1e-9
    return one == value


@dataclass
class View:
    """One view of a page; `ask` gives the answer that is due, from a kernel or from Python."""

    page: object
    number: int
    name: str
    ask: object  # settings -> answer, arrays as lists or not at all

    @property
    def box(self):
        return self.page.locator(".unet-view").nth(self.number)

    def state(self, name: str) -> dict:
        return json.loads(self.box.get_attribute(f"data-{name}"))

    def settle(self, seconds: float = 8) -> list[str]:
        """Wait until the page shows the answer to its settings; gives what it shows wrongly."""
        end = time.monotonic() + seconds
        while True:
            wrong = self.complaints()
            if not wrong or time.monotonic() > end:
                return wrong
            self.page.wait_for_timeout(30)

    def complaints(self) -> list[str]:
        """The marks that are not what the answer says, and words with a hole in them."""
        if holes := self.page.evaluate(HOLES, self.number):
            return [f"a hole in {words!r}" for words in holes]
        asked, shown = self.state("settings"), self.state("answered")
        if self.box.get_attribute("data-gliding") is not None:
            return ["on its way"]
        if asked != shown:
            return [f"asked for {asked}, shown {shown}"]
        answer = self.ask(asked)
        if answer.get("problem"):
            said = self.box.locator(".unet-cannot").text_content()
            why = self.box.locator(".unet-because").text_content()
            wrong = [] if answer["problem"] in said else [f"no word of {answer['problem']!r}"]
            due = answer.get("because", why)
            return wrong if why == due else [*wrong, f"said {why!r}, due {due!r}"]
        due = MARKS[self.name](asked, answer)
        if "because" in answer:
            asked = self.is_asked()
            questions = self.box.locator(".unet-button[aria-current]").count()
            unasked = UNASKED if questions else ""
            due += [(".unet-because", "text", answer["because"] if asked else unasked)]
        found = self.page.evaluate(SHOWN, [self.number, [mark[:2] for mark in due]])
        return [
            f"{selector} {kind}: {one!r}, due {value!r}"
            for (selector, kind, value), one in zip(due, found, strict=True)
            if (value not in one if kind == "holds" else not is_same(one, value))
        ]

    def is_asked(self) -> bool:
        """Whether something was done: before that, no question is answered."""
        framed = self.box.locator(".unet-button[aria-current=true]").count() > 0
        return framed or self.state("settings") != self.state("first")

    def listen(self) -> None:
        self.page.evaluate(LISTEN, self.number)

    def times(self) -> dict[str, list[float]]:
        return self.page.evaluate("() => window.unetTimes")

    def press_everything(self):
        """Every lever by the keyboard alone; gives what was done, again and again."""
        count = self.box.locator(LEVERS).count()
        for place in range(count):
            levers = self.box.locator(LEVERS)
            if place >= levers.count():
                return
            lever = levers.nth(place)
            if not lever.is_visible():
                continue
            kind = lever.evaluate("e => e.getAttribute('role') || e.type || 'button'")
            name = lever.evaluate("e => e.ariaLabel || e.closest('label, button')?.textContent")
            for key in KEYS[kind if kind in KEYS else "button"]:
                lever.focus()
                self.page.keyboard.press(key)
                yield f"{name}: {key}"
                if lever.get_attribute("aria-disabled") == "true":
                    break


def views(page) -> list[View]:
    """Every view of the lesson that has run; its kernel gives the answers."""
    models = page.evaluate(MODELS)
    count = page.locator(".unet-view").count()
    assert len(models) == count, f"{count} views, {len(models)} models"

    def of(number: int, model: str) -> View:
        def answer(settings: dict) -> dict:
            code = DUE.replace("MODEL", repr(model))
            return json.loads(
                page.evaluate(ASK, code.replace("SETTINGS", repr(json.dumps(settings))))
            )

        name = page.evaluate(ASK, NAMED.replace("MODEL", repr(model))).strip()
        return View(page, number, name, answer)

    return [of(number, model) for number, model in enumerate(models)]
