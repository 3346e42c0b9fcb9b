"""What axe-core has against the lesson's own parts of the page, in a light or a dark theme."""

from __future__ import annotations

from pathlib import Path

import axe_playwright_python
from browser import CURRENT

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
# The lesson's own: prose, outputs, interactives; not JupyterLab's bars and editors.
OWN = [".jp-RenderedMarkdown", ".jp-OutputArea-output"]
CHANGE_THEME = (
    "name => window.jupyterapp.commands.execute('apputils:change-theme', { theme: name })"
)
RUN = """
async own => {
  const result = await axe.run({ include: own.filter(e => document.querySelector(e)) }, {
    resultTypes: ['violations'],
    // Of whole pages: a notebook is a part of one. Heading order is asked of the source.
    rules: { region: { enabled: false }, 'heading-order': { enabled: false } },
  });
  return result.violations
    .filter(found => ['serious', 'critical'].includes(found.impact))
    .flatMap(found => found.nodes.map(node =>
      `${found.id}: ${node.target.join(' ')}: ${node.html.slice(0, 160)}: ` +
      node.any.concat(node.all, node.none).map(check => check.message).join('; ')));
}
"""


def violations(page, theme: str) -> list[str]:
    """Serious and critical ones, each with its place and reason."""
    page.evaluate(CHANGE_THEME, theme)
    light = "true" if theme.endswith("Light") else "false"
    page.wait_for_selector(f"body[data-jp-theme-light={light}]", state="attached")
    page.wait_for_timeout(300)
    if not page.evaluate("() => Boolean(window.axe)"):
        page.add_script_tag(content=AXE.read_text(encoding="utf-8"))
    # What is out of sight is not drawn, and colours of what is not drawn are not judged.
    page.add_style_tag(content=".jp-Cell { content-visibility: visible !important; }")
    assert page.evaluate(f"() => {CURRENT}.content.widgets.length") > 20
    return page.evaluate(RUN, OWN)
