"""What a network is, before any of it is built: frozen dataclasses, no torch.

Ronneberger, Fischer and Brox, "U-Net: Convolutional Networks for Biomedical
Image Segmentation", MICCAI 2015, is "the paper" everywhere in this project.
The defaults below are its network; every field is one decision that a lesson
takes apart.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

# The valid values of every field that is a choice. The paper's choice comes first.
CHOICES = {
    "padding": ("valid", "same"),
    "merge": ("concat", "add", "none"),
    "upsample": ("transposed", "nearest", "bilinear", "pixel_shuffle"),
    "align": ("crop", "pad"),
}


@dataclass(frozen=True)
class UNetConfig:
    """Everything that tells one U-Net from another.

    Examples
    --------
    >>> UNetConfig().channels
    (64, 128, 256, 512, 1024)
    >>> UNetConfig(padding="full")
    Traceback (most recent call last):
        ...
    ValueError: padding is 'full'; valid values: 'valid', 'same'
    """

    in_channels: int = 1  # 1 for grey micrographs, 3 for colour
    out_channels: int = 2  # classes: one map of logits each
    base_channels: int = 64  # channels of the first level; each level below has twice as many
    depth: int = 4  # number of poolings
    padding: str = "valid"  # 3×3 convolutions: "valid" loses a pixel a side, "same" pads zeros
    merge: str = "concat"  # how a skip joins the map from below: "concat", "add" or "none"
    upsample: str = "transposed"  # "transposed", "nearest", "bilinear" or "pixel_shuffle"
    align: str = "crop"  # where sizes differ: "crop" the skip, or zero-"pad" the map from below
    batch_norm: bool = False  # after each 3×3 convolution, before its ReLU
    dropout: float = 0.0  # probability, at the end of the contracting path

    def __post_init__(self) -> None:
        for name, valid in CHOICES.items():
            value = getattr(self, name)
            if value not in valid:
                listed = ", ".join(repr(v) for v in valid)
                raise ValueError(f"{name} is {value!r}; valid values: {listed}")
        for name in ("in_channels", "out_channels", "base_channels", "depth"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ValueError(f"{name} is {value!r}; it must be a whole number, 1 or more")
        if not isinstance(self.batch_norm, bool):
            raise ValueError(f"batch_norm is {self.batch_norm!r}; it must be True or False")
        if not isinstance(self.dropout, (int, float)) or not 0 <= self.dropout < 1:
            raise ValueError(f"dropout is {self.dropout!r}; it must be at least 0 and below 1")

    @property
    def channels(self) -> tuple[int, ...]:
        """Channels of each level, from the top to the bottom of the U."""
        return tuple(self.base_channels * 2**level for level in range(self.depth + 1))

    @classmethod
    def from_dict(cls, values: dict) -> UNetConfig:
        """The inverse of ``dataclasses.asdict``; unknown names are refused by name."""
        known = [field.name for field in fields(cls)]
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise ValueError(f"unknown setting {unknown[0]!r}; valid settings: {', '.join(known)}")
        return cls(**values)
