"""Lesson 07: the whole U, at any size, depth, padding, merge and width."""

from __future__ import annotations

from pathlib import Path

from unet_teach.interactive import Interactive
from unet_teach.lessons.l07_build_unet.measure import FIRST, answer, given, questions, recorded
from unet_teach.lessons.l07_build_unet.picture import still
from unet_teach.translation import _


def u_explorer(size: int = 572, depth: int = 4, padding: str = "valid") -> Interactive:
    """The U with every number: click a box or a skip, drag the input size.

    Examples
    --------
    >>> panel = u_explorer()
    >>> panel.set(size=570)
    >>> panel.problem[:48]
    '570² does not fit this U: pool 2 gets 279 pixels'
    """
    return Interactive(
        "u_explorer",
        _("572 pixels in, 388 out: what happens in between?"),
        answer,
        FIRST | {"size": size, "depth": depth, "padding": padding},
        Path(__file__).with_name("view.js"),
        still,
        given=given(),
        presets=questions(),
        recorded=recorded,
        follows=["size"],
        words={
            "lead": _("Click a box or a skip to look inside. Drag the size: it stops where a U "
                      "can be built."),
            "size": _("input size"),
            "any": _("or any size"),
            "depth": _("depth"),
            "more": _("More: skips, upsampling, channels"),
            "padding": _("padding"), "valid": _("valid"), "same": _("same"),
            "merge": _("skips"), "concat": _("concatenate"), "add": _("add"),
            "none": _("leave out"),
            "upsample": _("upsampling"), "transposed": _("up-conv"), "nearest": _("nearest"),
            "bilinear": _("bilinear"), "pixel_shuffle": _("shuffle"),
            "align": _("unequal sizes"), "crop": _("crop the skip"), "pad": _("pad the map"),
            "base_channels": _("channels at the top"),
            "show": _("below each box"), "show_sizes": _("size"),
            "show_fields": _("field"), "show_parameters": _("parameters"),
            "show_operations": _("operations (GFLOP)"), "show_memory": _("memory (MB)"),
            "picture": _("The U. Left and right arrow go from box to box, up and down from "
                         "skip to skip."),
            "parameters": _("parameters"), "operations": _("operations"),
            "convolutions": _("{n} convolution layers"), "flop": _("GFLOP"),
            "in_out": _("{size}² in, {output}² out"), "no_fit": _("{size}² does not fit"),
            "image": _("the image goes in"), "pool": _("max pooling 2×2: half the size"),
            "conv": _("convolution 3×3, then ReLU"),
            "merged": _("upsampled from below, joined with the skip"),
            "alone": _("upsampled from below; no skip arrives"),
            "last": _("convolution 1×1: a number for each class"),
            "down": _("level {level}, contracting path"),
            "up": _("level {level}, expansive path"),
            "shape": _("shape"), "shaped": _("{channels} channels of {size} × {size} pixels"),
            "nothing": _("nothing to learn here"), "share": _("{p} of all"),
            "operated": _("{n} GFLOP, {p} of all"), "memory": _("memory"),
            "bytes": _("{n} MB of maps"),
            "field": _("sees"), "fielded": _("{n} × {n} input pixels"),
            "skip": _("skip at level {level}"),
            "skip_crop": _("The map has {size}² pixels, the one from below only {below}². So "
                           "{crop} pixels are cut off each edge, and the {kept}² in the middle "
                           "cross over."),
            "skip_pad": _("The map from below has only {below}² pixels. It gets {pad} zeros at "
                          "each edge, and the skip crosses over whole, {size}²."),
            "skip_copy": _("Both maps have {size}² pixels, so the skip crosses over whole."),
            "skip_none": _("No skip here: what was at these {size}² pixels has to come through "
                           "the levels below."),
            "skip_concat": _("Stacked on {channels} channels from below: {joined} channels."),
            "skip_add": _("Added to the {channels} channels from below: still {channels}."),
            "crops": _("crop {crop}"), "pads": _("pad {pad}"), "copies": _("copy"),
            "contracting": _("contracting"), "expanding": _("expanding"),
            "pictured_none": _("No network of this form was trained, so there are no "
                               "pictures."),
            "pictured_same": _("Pictures: this very network, trained by the course on "
                               "synthetic membranes; its most active channel in each box."),
            "pictured_like": _("Pictures: from a trained network of this form, with 16 "
                               "channels at the top, same padding and a 144² image. The "
                               "numbers are this U's, so sizes differ."),
            "channels": _("channels {list}, each from its smallest value (dark) to its "
                          "largest"),
            "kept": _("what crosses over"),
        },
    )  # fmt: skip
