"""A mask's slice in every way in which it can be read, and how a question about it is put."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from unet_teach.data.volume import DataError

MOST_GREYS = 16  # more are no classes but a smoothed or compressed mask


def ask(values: str) -> str:
    """How a person gives these values, in Python and in a terminal."""
    return f'values="{values}" (--classes "{values}")'


@dataclass(frozen=True)
class Drawn:
    """A mask's slice, in each way in which it can be read."""

    file: Path
    numbers: np.ndarray | None  # (H, W), whole; None where there are colours alone
    table: np.ndarray | None = None  # 0xRRGGBB shown for each number, where that is known
    codes: np.ndarray | None = None  # 0xRRGGBB of each pixel (H, W), where colours are all
    alpha: np.ndarray | None = None  # (H, W); None where opaque
    coloured: bool = False  # shows colours that are no greys
    doubtful: bool = False  # both what is stored and what is shown may be meant
    lossy: bool = False

    def read(self, way: str) -> np.ndarray:
        """(H, W) by "number", by "colour" (0xRRGGBB), by "grey" shown, or by "alpha"."""
        if way == "alpha":
            return np.full(self.shape, 255) if self.alpha is None else self.alpha
        if way == "number":
            if self.numbers is None:
                raise DataError(f"mask {self.file} is in colour: {self.colours()}")
            return self.numbers
        if self.codes is None and self.table is None:
            raise DataError(f"mask {self.file} holds numbers, not colours; give numbers")
        codes = self.table[self.numbers] if self.codes is None else self.codes
        return codes & 255 if way == "grey" else codes

    def shown(self) -> np.ndarray:
        """The colours where they are known, else the numbers, (H, W)."""
        known = self.codes is not None or self.table is not None
        return self.read("colour") if known else self.numbers

    @property
    def shape(self) -> tuple[int, int]:
        return (self.codes if self.numbers is None else self.numbers).shape

    def colours(self) -> str:
        """The colours as an option to be typed, or how many there are."""
        codes = self.table[self.numbers] if self.codes is None else self.codes
        used = np.unique(codes).tolist()
        if len(used) > MOST_GREYS:
            return f"it has {len(used)} colours, too many for classes; was it smoothed?"
        return (
            f"it has {len(used)} colours, and a colour is no class number; in the order of the "
            f"classes, for instance: {ask(','.join(f'#{code:06x}' for code in used))}"
        )


def place_of(masks: list[Drawn]) -> Path:
    """The masks' folder, or the file where there is but one."""
    return masks[0].file if len(masks) == 1 else masks[0].file.parent
