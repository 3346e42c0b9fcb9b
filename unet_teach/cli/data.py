"""``unet-teach data``: what is here, your own looked at, ISBI 2012 fetched, membranes drawn."""

from __future__ import annotations

import argparse
import os

from unet_teach.cli.common import (
    DATA_NAMES,
    Failed,
    complain,
    load_data,
    progress,
    reading_of,
    say,
    table,
    typed_path,
)
from unet_teach.data import isbi


def run(options: argparse.Namespace) -> int:
    """Do what was asked; the exit code."""
    actions = {"status": status, "look": look_at, "fetch": fetch, "make": make}
    return actions[options.action](options)


def status(options: argparse.Namespace) -> int:
    """Which data is found, and where it was looked for. 1 if a copy is there and damaged."""
    for line in places(options.path):
        say(line)
    found = isbi.find_isbi2012(options.path)
    if found is None:
        say("ISBI 2012: not here. `unet-teach data fetch` gets it, after showing its terms.")
    else:
        volume = isbi.load_isbi2012(options.path)  # a damaged copy is an error that explains
        say(f"ISBI 2012: {found}, pixels verified: {volume}")
    say("synthetic membranes: always here, drawn when they are needed")
    return 0


def look_at(options: argparse.Namespace) -> int:
    """What was understood of a person's own images, file by file, and a contact sheet."""
    from unet_teach.drawing import png
    from unet_teach.drawing.sheet import contact_sheet
    from unet_teach.training.files import explain_disk, write_atomically

    if not typed_path(options.folder).exists():
        raise Failed(f"{options.folder} does not exist; give the folder that holds your images")
    _volume, short, found = load_data(str(typed_path(options.folder)), reading_of(options))
    if found is None:
        say("      this is a copy of ISBI 2012, its pixels verified: there is nothing to ask")
        return 0
    rows = [("image", "pixels", "stored as", "mask", "stored as", "classes")]
    for index, part in enumerate(found.slices):
        height, width = found.volume.images[index].shape
        rows.append(
            (part.image, f"{height} × {width}", part.stored, part.mask, part.mask_stored,
             _covered(found.volume, index))
        )  # fmt: skip
    say(table(rows if found.volume.labels is not None else [row[:3] for row in rows]))
    out = typed_path(options.out or f"{short}_look.png")
    with explain_disk(out):
        out.parent.mkdir(parents=True, exist_ok=True)
    names = [part.image for part in found.slices]
    write_atomically(out, png(contact_sheet(found.volume, names, found.meaning)))
    say(f"contact sheet: {out}; does every mask lie on its image?")
    return 0


def _covered(volume, index: int) -> str:
    """How much of a slice each class covers, those that it lacks left out."""
    if volume.labels is None:
        return ""
    label = volume.labels[index]
    parts = [(k, float((label == k).mean())) for k in range(volume.classes)]
    return ", ".join(f"{k}: {part:.1%}" for k, part in parts if part)


def places(path: str | None = None) -> list[str]:
    """Where ISBI 2012 is looked for, a line each."""
    if path is not None:
        return [f"looked in {path}"]
    setting = os.environ.get("UNET_TEACH_DATA")
    shown = setting or "(not set; it may name a folder or a zip)"
    return [f"looked in $UNET_TEACH_DATA: {shown}", f"looked in the cache: {isbi.cache()}"]


def fetch(options: argparse.Namespace) -> int:
    """Show the terms, ask, download, verify."""
    found = isbi.find_isbi2012(options.path)
    if found is None:
        say(f"{isbi.TERMS}\n\n{isbi.CITATION}\n")
        if not options.accept_terms and not _agreed():
            raise Failed(
                "nothing was downloaded: the terms were not accepted; answer y, or give "
                "--accept-terms"
            )
    volume = isbi.load_isbi2012(options.path, download=True)
    say(f"ISBI 2012: {isbi.find_isbi2012(options.path)}, pixels verified: {volume}")
    return 0


def _agreed() -> bool:
    try:
        return input("Do you accept these terms? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:  # nobody there to answer
        return False


def make(options: argparse.Namespace) -> int:
    """Draw synthetic membranes as a folder that ``--data`` takes: images/ and masks/."""
    from unet_teach.data.membranes import synthetic_membranes
    from unet_teach.drawing import png
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
    name = f"./{folder}" if str(folder) in DATA_NAMES else folder
    say(f"{volume} in {folder}: train on it with --data {name}")
    return 0
