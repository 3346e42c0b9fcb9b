"""What all data is loaded into: a stack of grey slices and the class of every pixel.

Whatever the source (ISBI 2012, synthetic membranes, a folder of your own), a lesson
sees a `Volume`. Every network sees slices that `standardise` has brought to one scale,
and is judged on a block of neighbouring slices that it never saw (`block_folds`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from unet_teach.config import whole

OWN = "own images"  # how the name of a person's own data begins
VOID = 255  # the label of a pixel that is not trained on and not judged


def few(values: Sequence, most: int = 3) -> str:
    """The first of some values with commas between, and … where there are more.

    Examples
    --------
    >>> few([1, 2]), few("abcde")
    ('1, 2', 'a, b, c, …')
    """
    return ", ".join(map(str, values[:most])) + (", …" if len(values) > most else "")


class DataError(ValueError):
    """Data that cannot be used; the message says what was found and what to do."""


@dataclass(frozen=True, eq=False, repr=False)
class Volume:
    """Grey slices, the class of each of their pixels, and where they come from.

    Parameters
    ----------
    images : uint8 array (N, H, W), or list of N uint8 arrays (H_i, W_i)
        A list where sizes differ.
    labels : the same structure of uint8 classes 0, 1, … K − 1, or None
        ISBI and the synthetic membranes: 1 = inside a neurite, 0 = membrane.
    name : str
        Says plainly which data this is.
    classes : int, optional
        K; counted from the labels where not given, and 2 where there are none.
    void : bool
        Whether labels may hold `VOID` (255): pixels not trained on and not judged.

    Raises
    ------
    DataError
        Shapes that differ, types other than uint8, labels that are no classes.

    Examples
    --------
    >>> images = np.zeros((30, 64, 64), np.uint8)
    >>> volume = Volume(images, images, "black squares")
    >>> volume
    Volume('black squares': 30 slices of 64 × 64, 2 classes)
    >>> volume.select(range(24, 30)).name
    'black squares: slices 24–29'
    >>> Volume(images, images + 255, "scaled masks")
    Traceback (most recent call last):
        ...
    unet_teach.data.volume.DataError: scaled masks: labels hold 255, and classes are numbered \
0, 1, 2, …; divide a 0/255 mask by 255, or pass void=True where 255 marks what does not count
    """

    images: np.ndarray | list[np.ndarray]
    labels: np.ndarray | list[np.ndarray] | None
    name: str
    classes: int = 0
    void: bool = False

    def __post_init__(self) -> None:
        _check_slices(self.images, f"{self.name}: images")
        if self.labels is not None:
            _check_slices(self.labels, f"{self.name}: labels")
            _check_pairs(self.images, self.labels, self.name)
        # Frozen for the reader; counted once here, so that a selection without the last
        # class still has all of them.
        object.__setattr__(
            self, "classes", _count_classes(self.labels, self.classes, self.name, self.void)
        )

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        sizes = sorted({image.shape for image in self.images})
        size = " to ".join(f"{h} × {w}" for h, w in dict.fromkeys((sizes[0], sizes[-1])))
        labelled = "no labels" if self.labels is None else f"{self.classes} classes"
        count = "1 slice" if len(self) == 1 else f"{len(self)} slices"
        return f"Volume({self.name!r}: {count} of {size}, {labelled})"

    @property
    def own(self) -> bool:
        """Whether these are a person's own images, which no challenge judges."""
        return self.name.startswith(OWN)

    def select(self, indices: Iterable[int]) -> Volume:
        """The slices of these indices, in this order, as a volume of its own."""
        chosen = [int(index) for index in indices]
        for index in chosen:
            if not 0 <= index < len(self):
                raise IndexError(f"slice {index} of {self.name}; it has 0 to {len(self) - 1}")
        if not chosen:
            raise DataError(f"no slice of {self.name} was selected; it has {len(self)}")
        name = self.name
        if chosen != list(range(len(self))):
            name += f": slices {_spell(chosen)}"
        images, labels = (_take(stack, chosen) for stack in (self.images, self.labels))
        return Volume(images, labels, name, self.classes, self.void)


def standardise(image: np.ndarray) -> np.ndarray:
    """One slice with zero mean and unit standard deviation, as every network sees it.

    (x − mean) / standard deviation, both over this slice's pixels: slices of one stack
    differ in brightness and contrast, and the network should not have to learn that.

    Parameters
    ----------
    image : array (H, W) of any number type

    Returns
    -------
    float32 array (H, W); zeros where all pixels are equal.

    Raises
    ------
    DataError
        Not two-dimensional, empty, or with a pixel that is NaN or infinite.

    Examples
    --------
    >>> standardise(np.array([[0, 0], [2, 2]]))
    array([[-1., -1.],
           [ 1.,  1.]], dtype=float32)
    """
    pixels = np.asarray(image, dtype=np.float64)
    if pixels.ndim != 2 or pixels.size == 0:
        raise DataError(f"image has shape {pixels.shape}; one slice (H, W) is needed")
    bad = np.argwhere(~np.isfinite(pixels))
    if len(bad):
        row, column = bad[0].tolist()
        raise DataError(
            f"image has {len(bad)} pixels that are NaN or infinite, the first at row {row}, "
            f"column {column}; replace them, with np.nan_to_num for instance"
        )
    if pixels.min() == pixels.max():  # not "deviation == 0": rounding may leave a little
        return np.zeros(pixels.shape, np.float32)
    pixels = pixels - pixels.mean()
    return (pixels / pixels.std()).astype(np.float32)


def block_folds(n: int = 30, folds: int = 5) -> list[tuple[list[int], range]]:
    """Cross-validation over contiguous blocks: (slices to train on, block held out).

    Neighbouring slices of a stack look alike. Held out at random, a slice would be judged
    by a network that saw both its neighbours, and its score might leak; in a block only
    those at its two ends have one. How much it is, lesson 14 measures. Where ``n`` does not
    divide, the first blocks are one slice longer.

    Examples
    --------
    >>> [held_out for _, held_out in block_folds()]
    [range(0, 6), range(6, 12), range(12, 18), range(18, 24), range(24, 30)]
    >>> block_folds(3, 3)[1]
    ([0, 2], range(1, 2))
    """
    n, folds = whole("n", n), whole("folds", folds)
    if n < 2:
        raise ValueError(f"n is {n} slices; a split needs 2 or more")
    if not 2 <= folds <= n:
        raise ValueError(f"folds is {folds}; valid for {n} slices: 2 to {n}")
    ends = [fold * (n // folds) + min(fold, n % folds) for fold in range(folds + 1)]
    blocks = [range(start, stop) for start, stop in pairwise(ends)]
    return [([i for i in range(n) if i not in block], block) for block in blocks]


def _check_slices(stack: np.ndarray | list[np.ndarray], what: str) -> None:
    if isinstance(stack, np.ndarray):
        if stack.ndim != 3:
            raise DataError(f"{what} have shape {stack.shape}; a stack is (N, H, W)")
    elif not isinstance(stack, list):
        raise DataError(
            f"{what} are a {type(stack).__name__}; valid: an array, a list of arrays"
        )
    if len(stack) == 0:
        raise DataError(f"{what} are empty; at least one slice is needed")
    for index, image in enumerate(stack):
        if not isinstance(image, np.ndarray) or image.ndim != 2 or image.size == 0:
            raise DataError(f"{what}: slice {index} is {np.shape(image)}, not (H, W)")
        if image.dtype != np.uint8:
            raise DataError(
                f"{what} are {image.dtype}; they must be uint8 "
                "(scale to 0–255 if need be, then .astype('uint8'))"
            )


def _check_pairs(images, labels, name: str) -> None:
    if len(images) != len(labels):
        raise DataError(f"{name}: {len(images)} images and {len(labels)} labels; one each")
    for index, (image, label) in enumerate(zip(images, labels, strict=True)):
        if image.shape != label.shape:
            raise DataError(
                f"{name}: slice {index} is {image.shape} and its labels are {label.shape}; "
                "both need the same height and width"
            )


def _count_classes(labels, given: int, name: str, void: bool) -> int:
    """The number of classes; a gap in the numbering is refused where none was given."""
    if labels is None:
        return given or 2
    seen = np.zeros(256, bool)
    for label in labels:
        seen |= np.bincount(label.ravel(), minlength=256) > 0
    if void:
        seen[VOID] = False
    values = np.flatnonzero(seen).tolist() or [0]
    if given and values[-1] < given:
        return given
    shown = few(values, 8)
    if values[-1] == 255:
        raise DataError(
            f"{name}: labels hold 255, and classes are numbered 0, 1, 2, …; "
            "divide a 0/255 mask by 255, or pass void=True where 255 marks what does not count"
        )
    if given:
        raise DataError(
            f"{name}: labels hold {shown}; valid for {given} classes: 0–{given - 1}"
        )
    if values[-1] > 1 and len(values) <= values[-1]:
        raise DataError(
            f"{name}: labels hold {shown}; number the classes 0, 1, 2, … without a gap, "
            "or pass classes= where one of them does not occur"
        )
    return max(2, values[-1] + 1)


def _take(stack, indices: list[int]):
    if stack is None or isinstance(stack, np.ndarray):
        return None if stack is None else stack[indices]
    return [stack[index] for index in indices]


def _spell(indices: list[int]) -> str:
    """24–29 for a block, otherwise the numbers."""
    if len(indices) > 1 and indices == list(range(indices[0], indices[-1] + 1)):
        return f"{indices[0]}–{indices[-1]}"
    return ", ".join(map(str, indices))
