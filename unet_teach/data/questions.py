"""What in a mask may be meant in two ways: refused, with both readings and how to say which."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy import ndimage

from unet_teach.data.stored import MOST_GREYS, Drawn, ask, place_of
from unet_teach.data.volume import DataError, few

LEAST_SIDE = 16  # pixels: a smaller mask is too small for lines to be told from areas
MOST_CODES = 64  # class numbers of data sets stay below; 255 beside them is void
LOOKED_AT = 8  # masks in which pieces and lines are looked for


def refuse_lossy(masks: list[Drawn], ranges: list[tuple[int, int]] | None) -> None:
    lossy = next((mask for mask in masks if mask.lossy), None)
    if lossy is not None and not any(low < high for low, high in ranges or ()):
        raise DataError(
            f"mask {lossy.file} is a JPEG: compression invents greys between the classes; "
            "save the masks as PNG from the original drawing, or cut the greys into ranges: "
            f"{ask('0-127,128-255')}"
        )


def refuse_other_alpha(masks: list[Drawn]) -> None:
    """Where colours and alpha both vary they must say the same."""
    for mask in masks:
        both = np.stack([mask.shown().ravel(), mask.read("alpha").ravel()]).astype(np.int64)
        both = np.unique(both, axis=1)
        order = np.argsort(both[0], kind="stable")
        alphas = both[1][order]
        if len(np.unique(alphas)) == 1:
            continue
        if len(np.unique(both[0])) != both.shape[1] or (np.diff(alphas) <= 0).any():
            raise DataError(
                f"mask {mask.file} has colours and a transparency that say different things: "
                "the classes may be the colours or the opaque parts. Save it flattened, "
                "without an alpha channel, or say what is what: " + mask.colours()
            )


def disagreement(masks: list[Drawn], pairs: list[tuple[int, int]]) -> DataError:
    shown = few([f"{n} shows #{c:06x}" for n, c in pairs], 6)
    numbers = ",".join(str(n) for n in sorted({n for n, _ in pairs}))
    colours = ",".join(f"#{c:06x}" for c in sorted({c for _, c in pairs}))
    return DataError(
        f"masks in {place_of(masks)} may be read by their numbers or by their colours, which "
        f"give other classes: {shown}. By number: {ask(numbers)}; by colour: {ask(colours)}"
    )


def refuse_objects(masks: list[Drawn], way: str, chosen: list[int]) -> None:
    """Numbers that are a single piece in each mask may count objects."""
    if len(chosen) <= 3 or not (len(chosen) > MOST_GREYS or _single_pieces(_large(masks, way))):
        return
    raise DataError(
        f"masks in {place_of(masks)} hold 0 to {chosen[-1]}, each a single piece: do they "
        f"count objects, or name {len(chosen)} classes? For objects, all of them inside: "
        f"{ask('0,1-65535')}; for classes: {ask(','.join(map(str, chosen)))}"
    )


def refuse_lines(masks: list[Drawn], way: str, chosen: list[int]) -> None:
    """A grey between others that is found in thin lines only may come from resampling."""
    large = _large(masks, way)
    thin = [value for value in chosen[1:-1] if _thin(large, value)]
    if not thin:
        return
    solid = [value for value in chosen if value not in thin]
    raise DataError(
        f"masks in {place_of(masks)} hold {', '.join(map(str, thin))} in thin lines only: "
        "were they resampled or smoothed, or is that a class of lines? Resampled: "
        f"{ask(halves(solid))}; a class: {ask(','.join(map(str, chosen)))}"
    )


def _large(masks: list[Drawn], way: str) -> list[np.ndarray]:
    return [mask.read(way) for mask in masks if min(mask.shape) >= LEAST_SIDE][:LOOKED_AT]


def _single_pieces(masks: list[np.ndarray]) -> bool:
    """Whether nine in ten of the values above 0 are one connected piece in their mask."""
    pieces = [
        ndimage.label(mask == value, np.ones((3, 3)))[1]
        for mask in masks
        for value in np.unique(mask).tolist()
        if value > 0
    ]
    return bool(pieces) and np.mean(np.array(pieces) == 1) >= 0.9


def _thin(masks: list[np.ndarray], value: int) -> bool:
    """Whether this value occurs, and nowhere fills 3 × 3 pixels."""
    places = [mask == value for mask in masks if (mask == value).any()]
    return bool(places) and not any(
        ndimage.binary_erosion(place, np.ones((3, 3))).any() for place in places
    )


def halves(values: list[int]) -> str:
    """Ranges that meet halfway between these values.

    Examples
    --------
    >>> halves([0, 255]), halves([0, 128, 255])
    ('0-127,128-255', '0-64,65-191,192-255')
    """
    middles = [(a + b) // 2 for a, b in pairwise(values)]
    starts = [values[0], *[middle + 1 for middle in middles]]
    return ",".join(f"{a}-{b}" for a, b in zip(starts, [*middles, values[-1]], strict=True))


def explained(found: list[int]) -> str:
    if not found:
        return "nothing but void"
    shown = ", ".join(map(str, found[:8])) + (f", … ({len(found)} values)" if found[8:] else "")
    high = 65535 if found[-1] > 255 else 255
    if len(found) > MOST_GREYS:
        return (
            f"{shown}; too many for classes: was a mask smoothed or scaled? Cut them: "
            f"{ask(halves([0, high]))}. Or do they count objects? Then {ask(f'0,1-{high}')}"
        )
    void = ""
    rest = [value for value in found if 0 <= value < 255]
    apart = [value for value in found if value not in rest]
    if rest and len(apart) == 1 and rest[-1] < MOST_CODES:
        value = apart[0]
        void = f"If {value} marks pixels that do not count: void={value} (--void {value}). "
    return (
        f"{shown}; valid: 0, 1, 2, … without a gap, or even greys up to 255 (0/255, "
        f"0/128/255). {void}To number them in this order, pass values={tuple(found)} "
        f"(--classes {','.join(map(str, found))})"
    )
