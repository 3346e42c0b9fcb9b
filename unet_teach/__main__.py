"""``python -m unet_teach``: the command line, whether or not its script is on the path."""

from __future__ import annotations

import sys

from unet_teach.cli import main

if __name__ == "__main__":
    sys.exit(main())
