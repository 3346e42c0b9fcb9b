"""Which file of a folder is an image, and which is its mask: the layouts that people have.

- two folders: ``images/`` (or ``image/``, ``imgs/``, ``img/``, nnU-Net's ``imagesTr/``,
  ``train/``) and ``masks/`` (or ``mask/``, ``labels/``, ``label/``, ``labelsTr/``), with equal
  names, or with one of the mask's endings;
- masks beside their images, or in a masks' folder beside them: ``7_mask.png``, ``7_masks.png``
  and ``7_cp_masks.png`` (cellpose), ``7_label.png``, ``7_segmentation.png``, ``7_seg.png``,
  ``7_gt.png``, ``mask_7.png`` for ``7.png`` or ``7_img.png``.

Names are compared in one Unicode form (NFC): macOS and others write é in different ones.
"""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path

from unet_teach.data.volume import DataError, few

ENDINGS = (".png", ".tif", ".tiff", ".jpg", ".jpeg", ".bmp", ".gif")
IMAGE_FOLDERS = ("images", "image", "imgs", "img", "imagestr", "train")
MASK_FOLDERS = ("masks", "mask", "labels", "label", "labelstr")
MASK_WORDS = "cp_masks|masks?|labels?|segmentation|seg|gt"
OF_MASKS = re.compile(rf"(.+?)[_\-. ](?:{MASK_WORDS})|(?:{MASK_WORDS})[_\-. ](.+)", re.I)
OF_IMAGES = re.compile(r"(.+?)[_\-. ](?:img|image|im|0000)", re.I)  # 0000: nnU-Net's channel

Pair = tuple[Path, Path | None]


def places(images: Path, masks: str | Path | None) -> tuple[Path, Path | None]:
    """Where the images and the masks are; no masks' place if they are beside, or not there."""
    if not images.exists():
        raise FileNotFoundError(
            f"{images} does not exist; give the folder that holds your images"
        )
    if masks is not None:
        mask_place = Path(os.path.expanduser(masks))
        if not mask_place.exists():
            raise FileNotFoundError(f"{mask_place} does not exist; give the masks' folder")
        if images.is_file() != mask_place.is_file():
            raise DataError(f"{images} and {mask_place}: give two folders, or two files")
        return images, mask_place
    if images.is_file():
        return images, None
    inner = [folder for folder in sorted(images.iterdir()) if folder.is_dir()]
    of_images = [folder for folder in inner if folder.name.lower() in IMAGE_FOLDERS]
    of_masks = [folder for folder in inner if folder.name.lower() in MASK_FOLDERS]
    if len(of_images) > 1:  # "train" may be something else beside images/
        of_images = [folder for folder in of_images if folder.name.lower() != "train"]
    for found, what in ((of_images, "images"), (of_masks, "masks")):
        if len(found) > 1:
            names = " and ".join(f"{folder.name}/" for folder in found)
            raise DataError(f"{images} holds {names}; pass {what}= to say which, or move one")
    if of_images and (of_masks or of_images[0].name.lower() != "train"):
        return of_images[0], of_masks[0] if of_masks else None
    if of_masks and pictures(images):
        return images, of_masks[0]
    return images, None


def pairs(images: Path, masks: Path | None) -> tuple[list[Pair], list[str]]:
    """Every image with its mask, or with None where there are no masks at all; and what is
    left out, in words."""
    if images.is_file():
        return [(images, masks)], []
    image_files, left = _files(images, "image", {masks})
    if masks is not None:
        drawn, more = _files(masks, "mask", set())
        left += more
    else:  # perhaps beside their images
        keys = {_key(key): key for key in image_files if not OF_MASKS.fullmatch(key)}
        keys |= {key: key for key in image_files}
        named = {key: _owner(key, keys) for key in image_files}
        drawn = {k: image_files[k] for k, owner in named.items() if owner not in (None, k)}
        if not drawn:
            return [(file, None) for file in image_files.values()], left
        image_files = {key: file for key, file in image_files.items() if key not in drawn}
    known = {_key(key): key for key in image_files} | {key: key for key in image_files}
    mask_files: dict[str, Path] = {}
    for stem, file in drawn.items():
        key = stem if stem in known else _owner(stem, known)
        key = known.get(key, stem)
        if key in mask_files:
            raise DataError(f"{mask_files[key]} and {file.name} belong to one image; keep one")
        mask_files[key] = file
    _check_complete(image_files, mask_files, masks or images)
    return [(file, mask_files[key]) for key, file in image_files.items()], left


def _key(stem: str) -> str:
    """An image's name without what only says that it is one."""
    match = OF_IMAGES.fullmatch(stem)
    return match[1] if match else stem


def _owner(stem: str, known: dict[str, str]) -> str | None:
    """The image's key that a mask's name points to, if there is such an image."""
    match = OF_MASKS.fullmatch(stem)
    name = (match[1] or match[2]) if match else None
    return known.get(name)


def stem_of(file: Path) -> str:
    """A file's name without its ending (``.ome.tif`` is one), in one Unicode form."""
    stem = unicodedata.normalize("NFC", file.stem)
    return stem[:-4] if stem.lower().endswith(".ome") else stem


def pictures(place: Path) -> list[Path]:
    """The picture files of a folder, sorted by their numbers; hidden ones are left out."""
    files = (f for f in place.iterdir() if f.is_file() and f.suffix.lower() in ENDINGS)
    return sorted((f for f in files if not f.name.startswith(".")), key=natural)


def _files(
    place: Path, what: str, expected: set[Path | None]
) -> tuple[dict[str, Path], list[str]]:
    """Files by name, in the order of their numbers, and what is left out, in words."""
    if place.is_file():
        return {stem_of(place): place}, []
    chosen = pictures(place)
    left = left_out(place, expected)
    if not chosen:
        raise DataError(
            f"{place} has no {what}s. Valid: {', '.join(ENDINGS)}{_instead(place, left)}"
        )
    files: dict[str, Path] = {}
    for file in chosen:
        stem = stem_of(file)
        if stem in files:
            raise DataError(
                f"{files[stem]} and {file.name} have one name; rename one (a mask beside its "
                f"image may be called {stem}_mask.png)"
            )
        files[stem] = file
    return files, left


def left_out(place: Path, expected: set[Path | None] = frozenset()) -> list[str]:
    """What of a folder is not read: folders in it and files of other kinds, but hidden ones."""
    known = {*expected, *pictures(place)}
    rest = sorted(f for f in place.iterdir() if f not in known and f.name[0] != ".")
    kinds = {
        "folders in it": [f"{f.name}/" for f in rest if f.is_dir()],
        "files of other kinds": [f.name for f in rest if f.is_file()],
    }
    return [
        f"{place}: {len(names)} {kind} left out: {few(names)}"
        for kind, names in kinds.items()
        if names
    ]


def _instead(place: Path, left: list[str]) -> str:
    """What a folder without pictures holds, and how it would be understood."""
    folders = [folder for folder in sorted(place.iterdir()) if folder.is_dir()]
    full = [f"{folder.name}/" for folder in folders if pictures(folder)]
    if full:
        return (
            f"; its folders {', '.join(full[:4])} have some: name the images' folder images/ "
            "and the masks' folder masks/, with files of equal names"
        )
    return f" ({'; '.join(left)})" if left else ""


def natural(file: Path) -> tuple[list[tuple[int, str]], str]:
    """Sorting key: numbers by value, so that 2 comes before 10; then the name itself."""
    parts = re.findall(r"\d+|\D+", file.stem)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], file.stem


def _check_complete(images: dict[str, Path], masks: dict[str, Path], place: Path) -> None:
    bare = [key for key in images if key not in masks]
    left = [masks[key].name for key in masks if key not in images]
    if bare:
        listed = few([images[key].name for key in bare])
        others = f"; masks without an image: {', '.join(left[:3])}" if left else ""
        raise DataError(
            f"{len(bare)} of {len(images)} images have no mask in {place}: {listed}; "
            f"expected {bare[0]}.png or {bare[0]}_mask.png, for instance{others}"
        )
    if left:
        raise DataError(f"{len(left)} masks in {place} have no image: {few(left)}")
