"""Whole numbers, and choices: one rule for each in the whole package, in the same words."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from unet_teach import shapes
from unet_teach.augment import AugmentConfig
from unet_teach.config import SkipGraph, UNetConfig, one_of, whole
from unet_teach.data import load_volume
from unet_teach.data.isbi import load_isbi2012
from unet_teach.data.membranes import synthetic_membranes
from unet_teach.data.volume import block_folds
from unet_teach.drawing.style import theme_named
from unet_teach.layers import DoubleConv, UpInterpolate, make_upsampler
from unet_teach.models import FCN
from unet_teach.models.architectures import build
from unet_teach.tiling import mirror_pad, plan_side, tile_positions
from unet_teach.training import TrainConfig

WHOLE = {  # where a whole number is taken, and 4 is one that fits
    "UNetConfig": lambda n: UNetConfig(depth=n),
    "UNetConfig channels": lambda n: UNetConfig(base_channels=n, in_channels=n, out_channels=n),
    "SkipGraph": lambda n: SkipGraph(n, SkipGraph.u_net(4).edges),
    "SkipGraph heads": lambda n: SkipGraph(4, SkipGraph.u_net(4).edges, ((0, n),)),
    "conv_out": lambda n: shapes.conv_out(572, n),
    "output_size": lambda n: shapes.output_size(UNetConfig(padding="same", depth=2), n),
    "skip_sizes": lambda n: shapes.skip_sizes(UNetConfig(padding="same", depth=2), n),
    "AugmentConfig": lambda n: AugmentConfig(elastic_grid=n),
    "TrainConfig": lambda n: TrainConfig(steps=n, batch=n, seed=n, threads=n, fold=n),
    "TrainConfig size": lambda n: TrainConfig(UNetConfig(depth=1, padding="same"), size=n),
    "block_folds": lambda n: block_folds(8, n),
    "synthetic_membranes": lambda n: synthetic_membranes(1, size=32, seed=n).name,
    "mirror_pad": lambda n: mirror_pad(np.eye(5), n).shape,
    "tile_positions": lambda n: tile_positions(40, 12, n),
    "plan_side": lambda n: plan_side(UNetConfig(padding="same", depth=1), 80, 64, n),
    "plan_side tile": lambda n: plan_side(UNetConfig(padding="same", depth=1), 2, n),
    "FCN": lambda n: repr(FCN(UNetConfig(padding="same", base_channels=1), n)),
}  # fmt: skip


@pytest.mark.parametrize("place", WHOLE)
@pytest.mark.parametrize("four", [np.int64(4), np.uint8(4), np.array(4), torch.tensor(4)])
def test_every_whole_number_counts_as_one(place, four):
    found, due = WHOLE[place](four), WHOLE[place](4)
    assert found == due and repr(found) == repr(due)  # kept as an int: JSON takes nothing else


@pytest.mark.parametrize("place", WHOLE)
@pytest.mark.parametrize(
    "no", [4.0, np.float32(4), torch.tensor(4.0), "4", None, True, np.True_, torch.tensor(True)]
)
def test_everything_else_is_refused_in_the_same_words(place, no):
    if no is None and place in ("TrainConfig", "plan_side tile", "plan_side"):
        pytest.skip("None has a meaning there")
    with pytest.raises(ValueError, match=r"it must be a whole number"):
        WHOLE[place](no)


@pytest.mark.parametrize(
    ("value", "bounds", "words"),
    [
        (4.0, (1,), "n is 4.0; it must be a whole number, 1 or more: write 4"),
        (0.0, (1,), "n is 0.0; it must be a whole number, 1 or more"),
        (4.5, (), "n is 4.5; it must be a whole number"),
        (float("inf"), (1,), "n is inf; it must be a whole number, 1 or more"),
        (9, (0, 4), "n is 9; it must be a whole number, 0 to 4"),
        (9.0, (0, 4), "n is 9.0; it must be a whole number, 0 to 4"),
        (-1, (0, 4), "n is -1; it must be a whole number, 0 to 4"),
    ],
)
def test_what_a_refusal_says(value, bounds, words):
    with pytest.raises(ValueError) as caught:
        whole("n", value, *bounds)
    assert str(caught.value) == words


CHOICES = {  # where one of several values is taken
    "UNetConfig": lambda value: UNetConfig(merge=value),
    "TrainConfig": lambda value: TrainConfig(optimizer=value),
    "build": lambda value: build(UNetConfig(), value),
    "DoubleConv": lambda value: DoubleConv(1, 1, value),
    "make_upsampler": lambda value: make_upsampler(value, 1, 1),
    "UpInterpolate": lambda value: UpInterpolate(1, 1, value),
    "load_volume": load_volume,
    "load_isbi2012": lambda value: load_isbi2012(split=value),
    "theme": theme_named,
}


@pytest.mark.parametrize("place", CHOICES)
@pytest.mark.parametrize("no", ["magic", None, 3, ["concat"]])
def test_no_choice_is_refused_in_the_same_words(place, no):
    with pytest.raises(ValueError, match=r" is .*; valid values: '\w+', '\w+'"):
        CHOICES[place](no)


def test_a_choice_comes_back():
    assert one_of("n", 2, {1: "a", 2: "b"}) == 2
    with pytest.raises(ValueError) as caught:
        one_of("n", 3, {1: "a", 2: "b"})
    assert str(caught.value) == "n is 3; valid values: 1, 2"
