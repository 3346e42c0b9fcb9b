"""``unet-teach data``: what is here, ISBI 2012 from its home, membranes from the generator."""

from __future__ import annotations

import argparse
import os

from unet_teach.cli.common import OURS, Failed, complain, progress, say, typed_path
from unet_teach.data import isbi


def run(options: argparse.Namespace) -> int:
    """Do what was asked; the exit code."""
    return {"status": status, "fetch": fetch, "make": make}[options.action](options)


def status(options: argparse.Namespace) -> int:
    """Which data is found, and where it was looked for. 1 if a copy is there and damaged."""
    for line in places(options.path):
        say(line)
    found = isbi.find(options.path)
    if found is None:
        say("ISBI 2012: not here. `unet-teach data fetch` gets it, after showing its terms.")
    else:
        volume = isbi.load_isbi2012(options.path)  # a damaged copy is an error that explains
        say(f"ISBI 2012: {found}, pixels verified: {volume}")
    say("synthetic membranes: always here, drawn when they are needed")
    return 0


def places(path: str | None = None) -> list[str]:
    """Where ISBI 2012 is looked for, a line each."""
    if path is not None:
        return [f"looked in {path}"]
    setting = os.environ.get("UNET_TEACH_DATA")
    shown = setting or "(not set; it may name a folder or a zip)"
    return [f"looked in $UNET_TEACH_DATA: {shown}", f"looked in the cache: {isbi.cache()}"]


def fetch(options: argparse.Namespace) -> int:
    """Show the terms, ask, download, verify."""
    found = isbi.find(options.path)
    if found is None:
        say(f"{isbi.TERMS}\n\n{isbi.CITATION}\n")
        if not options.accept_terms and not _agreed():
            raise Failed(
                "nothing was downloaded: the terms were not accepted; answer y, or give "
                "--accept-terms"
            )
    volume = isbi.load_isbi2012(options.path, download=True)
    say(f"ISBI 2012: {isbi.find(options.path)}, pixels verified: {volume}")
    return 0


def _agreed() -> bool:
    try:
        return input("Do you accept these terms? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:  # nobody there to answer
        return False


def make(options: argparse.Namespace) -> int:
    """Draw synthetic membranes as a folder that ``--data`` takes: images/ and masks/."""
    from unet_teach.data.membranes import synthetic_membranes
    from unet_teach.plots import png
    from unet_teach.training.files import write_atomically

    folder = typed_path(options.out)
    inner = [folder / name for name in ("images", "masks")]
    held = next((f for place in inner if place.is_dir() for f in place.iterdir()), None)
    if held is not None and not options.force:
        raise Failed(f"{held} is there already; choose another --out, or give --force")
    for place in inner:
        place.mkdir(parents=True, exist_ok=True)
    volume = synthetic_membranes(options.n, options.size, options.seed)
    digits = len(str(options.n - 1))
    for index in progress(range(options.n), "writing slice"):
        name = f"{index:0{digits}d}.png"
        write_atomically(inner[0] / name, png(volume.images[index]))
        write_atomically(inner[1] / name, png(volume.labels[index] * 255))
    if options.force and len(list(inner[0].iterdir())) > options.n:
        complain(f"note: {inner[0]} holds older slices, too")
    name = f"./{folder}" if str(folder) in OURS else folder
    say(f"{volume} in {folder}: train on it with --data {name}")
    return 0
