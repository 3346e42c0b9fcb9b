"""Data: what everything loads into, ISBI 2012, synthetic membranes, and your own folder.

`load_volume` is the door to all of them. It never touches the network.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path

from unet_teach.config import one_of
from unet_teach.data import isbi
from unet_teach.data.volume import DataError, Volume, block_folds, standardise

SOURCES = ("auto", "isbi", "membranes", "folder")
DRAWN = 30  # synthetic slices, as many as ISBI 2012 has

__all__ = [
    "SOURCES",
    "DataError",
    "Volume",
    "block_folds",
    "is_own",
    "load_volume",
    "standardise",
]


def load_volume(
    source: str = "auto", path: str | Path | None = None, last: int = DRAWN
) -> Volume:
    """Load a volume with labels, from this computer only.

    Parameters
    ----------
    source : {"auto", "isbi", "membranes", "folder"}
        ``"auto"`` takes what `path` holds (a folder with ``images/``, ISBI 2012, or other
        images of your own);
        without a path, ISBI 2012 where a copy is found, and synthetic membranes where
        none is. A damaged copy of ISBI is an error, not a reason for something else.
    path : str or Path, optional
        Where ISBI 2012 or your folder is. The synthetic membranes need none.
    last : int
        How many of the 30 synthetic slices to draw, the last of them: each takes time. What
        is read from a file is always whole.

    Returns
    -------
    Volume
        Its ``name`` says which data it is.

    Raises
    ------
    ValueError
        An unknown source; `DataError` for data that cannot be used.
    FileNotFoundError
        Nothing there.

    Examples
    --------
    >>> load_volume("mnist")
    Traceback (most recent call last):
        ...
    ValueError: source is 'mnist'; valid values: 'auto', 'isbi', 'membranes', 'folder'
    """
    one_of("source", source, SOURCES)
    if source == "membranes" and path is not None:
        raise ValueError(f"path is {str(path)!r}; synthetic membranes are made, not read")
    if source == "isbi":
        return isbi.load_isbi2012(path)
    own = path is not None and is_own(path)
    if source == "auto" and not own and isbi.find_isbi2012(path) is not None:
        return isbi.load_isbi2012(path)
    if source == "folder" or path is not None:
        return _own_folder(path)
    if source == "auto":
        _warn_of_empty_setting()
    # Imported here: a reader of ISBI does not wait for the generator.
    from unet_teach.data.membranes import synthetic_membranes

    if last == DRAWN:
        return synthetic_membranes(DRAWN, size=512, seed=0)
    return synthetic_membranes(last, size=512, seed=0, first=DRAWN - last)


def is_own(path: str | Path) -> bool:
    """Whether this place holds images of a person's own, rather than a copy of ISBI 2012.

    ``train/`` and ``labels/`` with PNG slices are ISBI's only where number and size are.
    """
    from unet_teach.data.pairs import IMAGE_FOLDERS

    inner = [os.path.join(os.path.expanduser(path), name) for name in IMAGE_FOLDERS]
    if any(os.path.isdir(place) for place in inner if not place.endswith("train")):
        return True
    found = isbi.find_isbi2012(path)
    return found is None or not isbi.resembles(found)


def _own_folder(path: str | Path | None) -> Volume:
    if path is None:
        raise ValueError('source "folder" needs path=, the folder that holds your images')
    from unet_teach.data.folder import load_folder

    return load_folder(path)


def _warn_of_empty_setting() -> None:
    """Who set $UNET_TEACH_DATA expects ISBI: synthetic data must not come unnoticed."""
    setting = os.environ.get("UNET_TEACH_DATA")
    if setting:
        warnings.warn(
            f"UNET_TEACH_DATA is {setting!r}, and there is no ISBI 2012 there; "
            f"synthetic membranes are used instead. Accepted: {isbi.ACCEPTED}",
            stacklevel=3,
        )
