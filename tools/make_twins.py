"""Save the first picture of every interactive, for pages without a kernel.

    python tools/make_twins.py                # of all
    python tools/make_twins.py u_explorer     # of one

Into assets/twins, with the alt texts in assets/alt_texts.json. Drawn from synthetic data only.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import re
import sys
from pathlib import Path

from unet_teach.rooms import interactives

ASSETS = Path(__file__).parents[1] / "assets"


def twin(name: str) -> tuple[str, bytes, str]:
    """File name, content and alt text of an interactive's first picture."""
    picture = getattr(interactives()[name], name)().picture
    if picture.body.startswith("<svg"):
        return f"twins/{name}.svg", picture.body.encode() + b"\n", picture.alt
    data = re.search(r'src="data:image/png;base64,([^"]+)"', picture.body)
    return f"twins/{name}.png", base64.b64decode(data[1]), picture.alt


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="all, if none is given")
    chosen = parser.parse_args().names
    os.environ.pop("UNET_TEACH_DATA", None)  # no micrograph is ever saved
    os.environ["UNET_TEACH_CACHE"] = str(ASSETS / "nowhere")
    path = ASSETS / "alt_texts.json"
    texts = json.loads(path.read_text(encoding="utf-8"))
    (ASSETS / "twins").mkdir(exist_ok=True)
    if unknown := sorted(set(chosen) - set(interactives())):
        parser.error(f"no interactive {unknown[0]!r}; valid: {', '.join(interactives())}")
    for name in chosen or interactives():
        target, content, alt = twin(name)
        (ASSETS / target).write_bytes(content)
        texts[target] = alt
        print(f"assets/{target}: {len(content) / 1e3:.0f} kB")
    path.write_text(json.dumps(texts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
