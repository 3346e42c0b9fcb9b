"""``unet-teach predict``: images in; probabilities, masks and overlays out."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from unet_teach.cli.common import (
    Failed,
    complain,
    explain,
    mendable,
    progress,
    say,
    typed_path,
)
from unet_teach.cli.models import Trained, load_trained
from unet_teach.data.folder import look
from unet_teach.data.pairs import ENDINGS, IMAGE_FOLDERS, left_out, pictures
from unet_teach.drawing import overlay, png, probability_tiff, read_probability_tiff
from unet_teach.tiling import predict
from unet_teach.training.evaluation import INSIDE
from unet_teach.training.files import open_folder, write_together
from unet_teach.training.machine import explain_memory, pick_device

RESULT_ENDINGS = (
    "_probability.tif",
    "_mask.png",
    "_overlay.png",
)  # how the names of results end


def run(options: argparse.Namespace) -> int:
    """Segment all that was named; 1 if any image failed."""
    if options.threshold is not None and not 0 <= options.threshold < 1:
        raise Failed(f"--threshold {options.threshold}; it must be at least 0 and below 1")
    device = pick_device(options.device)
    trained = load_trained(options.model)
    trained.model.to(device)
    out = open_folder(typed_path(options.out))
    threshold, rule = chosen_threshold(options.threshold, trained)
    say(f"model: {trained.name}, on {device}; {rule}")
    done, failed, claimed = 0, 0, {}
    for name in options.images:
        for file in _named(name):
            try:
                if isinstance(file, Exception):
                    raise file
                if file.resolve() in claimed.values():
                    continue  # named twice
                segment(file, out, trained, threshold, options, claimed)
                done += 1
            except Exception as error:  # it costs this image alone
                if options.debug or not mendable(error):
                    raise
                failed += 1
                complain(
                    _with_name(explain(error), name if isinstance(file, Exception) else file)
                )
    say(f"{done} done, {failed} failed; results in {out}")
    return 1 if failed else 0


def chosen_threshold(given: float | None, trained: Trained) -> tuple[float, str]:
    """The threshold, and in words what makes a pixel's class."""
    classes = trained.model.config.classes
    if classes > 2:
        if given is not None:
            raise Failed(
                f"--threshold {given:g}: {trained.name} knows {classes} classes, and takes the "
                "most probable of them; leave --threshold out"
            )
        return 0.5, f"the most probable of {classes} classes"
    if given is not None:
        return given, f"inside is above {given:g} (as given)"
    best, metric = trained.threshold, trained.best_for
    if best is not None and 0 < best < 1:  # at 0 all is white, at 1 all is black
        return best, f"inside is above {best:g} (the best for {metric} on the slices held out)"
    return 0.5, "inside is above 0.5 (the default)"


def _named(name: str) -> Iterator[Path | Exception]:
    """The image files that a word on the command line stands for."""
    path = typed_path(name)
    if not path.exists():
        yield Failed(f"{name} does not exist; check the name")
    elif path.is_file():
        yield path
    else:
        inner = [f for f in sorted(path.iterdir()) if f.name.lower() in IMAGE_FOLDERS[:-1]]
        place = next((folder for folder in inner if folder.is_dir()), path)
        files = [file for file in pictures(place) if not file.name.endswith(RESULT_ENDINGS)]
        for line in left_out(place):
            complain(f"note: {line}")
        if not files:
            yield Failed(f"{place} has no images; valid: {', '.join(ENDINGS)}")
        yield from files


def _refuse_twins(stems: list[str], file: Path, claimed: dict[str, Path]) -> None:
    """Two images of one name, or an image and a page, would write the same results."""
    for stem in stems:
        if claimed.setdefault(stem, file.resolve()) != file.resolve():
            other = claimed[stem]
            raise Failed(
                f"{file} has the name of {other}, or of a page of it, {stem}; rename one, or "
                "use another --out"
            )


def segment(
    file: Path,
    out: Path,
    trained: Trained,
    threshold: float,
    options: argparse.Namespace,
    claimed: dict[str, Path],
) -> None:
    """One image or stack: read, predict, write, read back."""
    target = out / f"{file.stem}_probability.tif"
    found = look(file, channel=options.channel)
    for note in found.notes:
        complain(f"note: {note}")
    pages = found.volume.images
    stems = [file.stem]
    if len(pages) > 1:
        digits = len(str(len(pages) - 1))
        stems = [f"{file.stem}_{i:0{digits}d}" for i in range(len(pages))]
    _refuse_twins([file.stem, *stems], file, claimed)
    pictures = [out / f"{stem}{end}" for stem in stems for end in RESULT_ENDINGS[1:]]
    held = next((p for p in (target, *pictures) if p.exists()), None)
    if held is not None and not options.force:
        raise Failed(f"{held} is there already; choose another --out, or give --force")
    maps, files = [], {}  # nothing is written before all is known
    for page, stem in zip(progress(pages, f"{file.name}, page"), stems, strict=True):
        size = " × ".join(map(str, page.shape))
        with explain_memory(f"on {size} pixels; try a smaller --tile"):
            classes = predict(trained.model, page, options.tile, options.average).clip(0, 1)
        maps.append(classes[INSIDE])  # (H, W); rounding can leave a sum of 1.0000001
        mask, shown = _decided(classes, threshold)
        files[out / f"{stem}_mask.png"] = png(shown)
        files[out / f"{stem}_overlay.png"] = png(overlay(page, mask))
    write_together({**files, target: probability_tiff(maps)})
    back = [page.shape for page in read_probability_tiff(target)]
    if back != [page.shape for page in pages]:
        for file_ in (*files, target):
            file_.unlink(missing_ok=True)
        raise Failed(f"{target} was not written well: pages {back}; is the disk in order?")
    say(f"{file} → {target}" + (f", {len(pages)} pages" if len(pages) > 1 else ""))


def _decided(classes, threshold: float) -> tuple:
    """From probabilities (K, H, W): the class of each pixel, and greys to show it, (H, W)."""
    count = len(classes)
    if count == 2:
        mask = (classes[INSIDE] > threshold).astype("uint8")
        return mask, mask * 255
    mask = classes.argmax(axis=0).astype("uint8")  # more classes: the likeliest of them
    if count > 16:  # evenly spaced greys would no longer be told apart: the class numbers
        return mask, mask
    return mask, (mask * (255 / (count - 1)) + 0.5).astype("uint8")


def _with_name(message: str, file: Path | str) -> str:
    return message if Path(file).name in message else f"{file}: {message}"
