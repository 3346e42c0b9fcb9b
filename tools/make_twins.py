"""Save the first picture of every interactive, for pages without a kernel.

    python tools/make_twins.py                # of all
    python tools/make_twins.py u_explorer     # of one

Into assets/twins, with the alt texts in assets/alt_texts.json. Drawn from synthetic data only.
"""

from __future__ import annotations

import argparse
import base64
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from alt_texts import ASSETS, keep

from unet_teach.rooms import interactives


def twin(name: str) -> tuple[str, bytes, str]:
    """File name, content and alt text of an interactive's first picture."""
    picture = getattr(interactives()[name], name)().picture
    if picture.body.startswith("<svg"):
        return f"twins/{name}.svg", picture.body.encode() + b"\n", picture.alt
    data = re.search(r'src="data:image/png;base64,([^"]+)"', picture.body)
    return f"twins/{name}.png", base64.b64decode(data[1]), picture.alt


def save(names: Iterable[str]) -> None:
    """Write the first pictures of some interactives; says which are new."""
    os.environ.pop("UNET_TEACH_DATA", None)  # no micrograph is ever saved
    os.environ["UNET_TEACH_CACHE"] = str(ASSETS / "nowhere")
    made = map(twin, names)
    keep({name: (content, alt) for name, content, alt in made})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="all, if none is given")
    chosen = parser.parse_args().names
    if unknown := sorted(set(chosen) - set(interactives())):
        parser.error(f"no interactive {unknown[0]!r}; valid: {', '.join(interactives())}")
    save(chosen or interactives())


if __name__ == "__main__":
    main()
