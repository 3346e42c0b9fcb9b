"""An interactive in the page: what it shows, what it ought to show, and how it is moved."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

from browser import CURRENT
from latency import CONTROLS, LISTEN, kind_of, name_of

KEYS = {
    "slider": ("ArrowRight", "ArrowRight", "ArrowLeft", "End", "Home", "ArrowRight"),
    "button": ("Space", "Space", "Space"),  # a box is ticked the other way afterwards
}
# Runs in the lesson's kernel: what the drawing function gives for the settings of a panel.
DUE = """
def _due(model_id):
    import json
    from ipywidgets.widgets.widget import _instances
    from unet_teach.panel import RULES, Impossible
    panel, reason, picture = _instances[model_id], "", None
    try:
        picture = panel._draw(**panel.values)
    except Impossible as impossible:
        reason, picture = str(impossible), impossible.picture
    shown = []
    for control in panel.controls.values():
        if hasattr(control, "readout_format"):
            shown.append(format(control.value, control.readout_format))
        elif hasattr(control, "options"):
            shown.append(control.label.replace("\xa0", " "))
        else:
            shown.append(control.value)
    html = RULES.sub("", picture.html) if picture else None
    print(json.dumps({"html": html, "reason": reason, "settings": shown}))
_due(MODEL); del _due
"""
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
MODELS = f"""
() => {CURRENT}.content.widgets
  .filter(cell => cell.model.type === 'code' && cell.node.querySelector('.unet-panel'))
  .flatMap(cell => cell.model.outputs.toJSON())
  .map(output => output.data?.['application/vnd.jupyter.widget-view+json']?.model_id)
  .filter(id => id)
"""
SHOWN = """
([panel, due]) => {
  const box = document.querySelectorAll('.unet-panel')[panel];
  const parser = document.createElement('div');
  parser.innerHTML = due || '';
  const picture = box.querySelector('.unet-picture');
  const settings = [];
  for (const e of box.querySelectorAll('.widget-slider, .widget-dropdown, .widget-checkbox'))
    settings.push(
      e.matches('.widget-checkbox') ? e.querySelector('input').checked
      : (e.querySelector('.widget-readout') || e.querySelector('select').selectedOptions[0])
        .textContent.replaceAll('\u00a0', ' '));
  return {
    settings,
    same: picture.outerHTML === parser.innerHTML,
    decoded: [...picture.querySelectorAll('img')].every(e => e.complete && e.naturalWidth > 0),
    seen: picture.getBoundingClientRect().height > 40,
    reason: box.querySelector('[role=alert]')?.textContent || '',
    red: box.querySelectorAll('.unet-problem').length,
  };
}
"""
# What is told when a picture is not the drawing function's, in place of 100 kB of HTML.
DIFFERS = """
([panel, due]) => {
  const parser = document.createElement('div');
  parser.innerHTML = due;
  const one = document.querySelectorAll('.unet-panel')[panel].querySelector('.unet-picture')
    .outerHTML, two = parser.innerHTML;
  let at = 0;
  while (one[at] === two[at]) at++;
  return one.slice(at - 60, at + 60) + ' AGAINST ' + two.slice(at - 60, at + 60);
}
"""


@dataclass
class Interactive:
    """One panel of a lesson that has run."""

    page: object
    number: int  # among the lesson's panels
    model: str

    @property
    def box(self):
        return self.page.locator(".unet-panel").nth(self.number)

    @property
    def title(self) -> str:
        return self.box.locator(".unet-title").text_content()

    def due(self) -> dict:
        """What the drawing function gives for the panel's settings, asked of the kernel."""
        code = DUE.replace("MODEL", repr(self.model))
        return json.loads(self.page.evaluate(ASK, code))

    def settle(self, seconds: float = 5) -> dict:
        """Wait until the page shows what is due; gives both, also where it never does."""
        end = time.monotonic() + seconds
        while True:
            due = self.due()
            shown = self.page.evaluate(SHOWN, [self.number, due["html"]])
            shown["due"] = due
            impossible = due["reason"] and not due["html"]  # the last good picture, pale
            right = (impossible or shown["same"]) and shown["settings"] == due["settings"]
            right = right and due["reason"] in shown["reason"] and shown["decoded"]
            if right or time.monotonic() > end:
                shown["right"] = bool(right and shown["seen"])
                return shown
            self.page.wait_for_timeout(40)

    def complaint(self, shown: dict) -> str:
        """Why the page is not what is due."""
        due = shown["due"]
        if shown["settings"] != due["settings"]:
            return f"the page says {shown['settings']}, the kernel {due['settings']}"
        if due["reason"] not in shown["reason"]:
            return f"the page says {shown['reason']!r}, due {due['reason']!r}"
        if not shown["decoded"] or not shown["seen"]:
            return "a picture without pixels"
        return self.page.evaluate(DIFFERS, [self.number, due["html"]])

    def listen(self) -> None:
        """From now on the milliseconds from a key to the new picture are taken."""
        self.page.evaluate(LISTEN.replace("PANEL", str(self.number)))

    def times(self) -> list[float]:
        return self.page.evaluate("() => window.unetLatency.times")

    def controls(self) -> list:
        """Every control in sight that is not one of the offers, which come and go."""
        return [e for e in self.box.locator(CONTROLS).all() if e.is_visible()]

    def is_stuck(self, element) -> bool:
        """A slider with nowhere to go, such as the row in a map of one row."""
        return element.evaluate(
            "e => e.matches('.noUi-handle') && e.ariaValueMin === e.ariaValueMax"
        )

    def moves(self, element):
        """Move one control by the keyboard alone, again and again; gives what was done."""
        kind, name = kind_of(element), name_of(element)
        if kind == "select":
            count = element.evaluate("e => e.options.length")
            for place in [count - 1, *range(min(count, 4) - 1, -1, -1)]:  # ends at the first
                element.select_option(index=place)
                yield f"{name}: option {place}"
            return
        for key in KEYS[kind]:
            element.focus()
            assert element.evaluate("e => e === document.activeElement"), f"{name}: no focus"
            self.page.keyboard.press(key)
            yield f"{name}: {key}"


def interactives(page) -> list[Interactive]:
    """Every panel of the lesson that has run."""
    models = page.evaluate(MODELS)
    count = page.locator(".unet-panel").count()
    assert len(models) == count, f"{count} panels, {len(models)} models"
    return [Interactive(page, number, model) for number, model in enumerate(models)]
