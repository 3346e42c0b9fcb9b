"""Lesson 04: zero insertion, bilinear as a fixed kernel, weights without a checkerboard."""

from __future__ import annotations

import random
from collections.abc import Iterator

import torch
from torch.nn import functional as F

from unet_teach.checks.exercise import Exercise, Mistake
from unet_teach.translation import _


# ----------------------------------------------------------------------- easy: zero insertion
def zero_insertion(x, s):
    batch, channels, height, width = x.shape
    stretched = torch.zeros(batch, channels, s * (height - 1) + 1, s * (width - 1) + 1)
    stretched[..., ::s, ::s] = x
    return stretched


def maps(rng: random.Random) -> Iterator[tuple]:
    """(x, s): small whole numbers, none of them 0."""
    yield torch.tensor([[1.0, 2.0], [3.0, 4.0]])[None, None], 2
    yield torch.tensor([[1.0, 2.0, 3.0]])[None, None], 3
    yield torch.tensor([[5.0], [6.0]])[None, None], 2
    while True:
        shape = tuple(rng.randint(1, 4) for _axis in range(4))
        generator = torch.Generator().manual_seed(rng.randrange(10**6))
        yield torch.randint(1, 10, shape, generator=generator).float(), rng.randint(1, 4)


def _pixel_by_pixel(x, s):
    """The specification: every pixel to its place."""
    batch, channels, height, width = x.shape
    stretched = torch.zeros(batch, channels, s * (height - 1) + 1, s * (width - 1) + 1)
    for row in range(height):
        for column in range(width):
            stretched[:, :, row * s, column * s] = x[:, :, row, column]
    return stretched


def _zeros_at_the_end(x, s):
    batch, channels, height, width = x.shape
    stretched = torch.zeros(batch, channels, s * height, s * width)
    stretched[..., ::s, ::s] = x
    return stretched


def _one_zero_more(x, s):
    return zero_insertion(x, s + 1)


def _repeated(x, s):
    height, width = (s * (n - 1) + 1 for n in x.shape[-2:])
    return x.repeat_interleave(s, -2).repeat_interleave(s, -1)[..., :height, :width]


def _columns_only(x, s):
    stretched = torch.zeros(*x.shape[:-1], s * (x.shape[-1] - 1) + 1)
    stretched[..., ::s] = x
    return stretched


easy = Exercise(
    name="04.zero_insertion",
    task=_("Put s − 1 zeros between neighbours of a map (B, C, H, W)."),
    reference=zero_insertion,
    mistakes=(
        Mistake(
            "zeros at the end", _zeros_at_the_end,
            _("There are zeros behind the last pixel, too. They belong **between** neighbours: "
              "n pixels have n − 1 gaps."),
        ),
        Mistake(
            "one zero too many", _one_zero_more,
            _("There are s zeros in each gap. With stride s, neighbours are s apart, so s − 1 "
              "pixels lie between them."),
        ),
        Mistake(
            "repeated", _repeated,
            _("You repeated the pixels: that is nearest-neighbour upsampling. The gaps are to "
              "hold zeros."),
        ),
        Mistake(
            "columns only", _columns_only,
            _("Right along the rows. A map has gaps between its rows as well."),
        ),
    ),
    hints=(
        _("How many gaps are there between n pixels, and how long is the result?"),
        _("Make a map of zeros of height s·(H − 1) + 1 first. Which of its pixels are not 0?"),
        _("stretched[..., ::s, ::s] = x"),
    ),
    due=_("a tensor (B, C, s(H − 1) + 1, s(W − 1) + 1)"),
    cases=maps,
    specification=_pixel_by_pixel,
)  # fmt: skip


# -------------------------------------------------------------------- core: a bilinear kernel
def bilinear_kernel(s):
    t = torch.arange(2 * s) - (2 * s - 1) / 2
    tent = 1 - t.abs() / s
    return tent[:, None] * tent[None, :]


def factors(rng: random.Random) -> Iterator[tuple]:
    """(s,), even."""
    yield from [(2,), (4,), (6,)]
    while True:
        yield (2 * rng.randint(1, 12),)


def _by_interpolation(s):
    """The specification: what interpolation makes of one pixel that is 1."""
    one = torch.zeros(1, 1, 5, 5)
    one[0, 0, 2, 2] = 1
    grown = F.interpolate(one, scale_factor=float(s), mode="bilinear", align_corners=False)
    start = 2 * s - s // 2
    return grown[0, 0, start : start + 2 * s, start : start + 2 * s]


def _on_pixels(s):
    tent = 1 - (torch.arange(2 * s) - s).abs() / s
    return tent[:, None] * tent[None, :]


def _box(s):
    inside = ((torch.arange(2 * s) - (2 * s - 1) / 2).abs() < s / 2).float()
    return inside[:, None] * inside[None, :]


def _too_wide(s):
    t = torch.arange(2 * s) - (2 * s - 1) / 2
    tent = 1 - t.abs() / (2 * s)
    return tent[:, None] * tent[None, :]


def _sum_of_one(s):
    kernel = bilinear_kernel(s)
    return kernel / kernel.sum()


def _pyramid(s):
    t = torch.arange(2 * s) - (2 * s - 1) / 2
    return 1 - torch.maximum(t.abs()[:, None], t.abs()[None, :]) / s


core = Exercise(
    name="04.bilinear_kernel",
    task=_("The kernel (2s, 2s) whose transposed convolution is bilinear upsampling by s."),
    reference=bilinear_kernel,
    mistakes=(
        Mistake(
            "tent on a pixel", _on_pixels,
            _("Your tent has its top on a pixel. With an even number of pixels the middle lies "
              "between two of them: t = ±1/2, ±3/2, …"),
        ),
        Mistake(
            "box", _box,
            _("A box copies pixels: that is nearest neighbour. Bilinear weights fall off with "
              "the distance."),
        ),
        Mistake(
            "too wide", _too_wide,
            _("The tent must reach 0 at distance s, where the next pixel takes over. Yours "
              "reaches it at 2s."),
        ),
        Mistake(
            "sum of one", _sum_of_one,
            _("You divided by the sum. Then a constant map would come out s² times too small: "
              "each output pixel is painted by only a part of the kernel."),
        ),
        Mistake(
            "pyramid", _pyramid,
            _("Right along the axes, not along the diagonals. Bilinear means: a tent along the "
              "rows **times** a tent along the columns."),
        ),
    ),
    hints=(
        _("Upsample a line that is 0 everywhere and 1 at one pixel. What does linear "
          "interpolation make of it?"),
        _("A tent: 1 − |t|/s, at the pixel centres t = −s + 1/2, …, s − 1/2."),
        _("tent = 1 - t.abs() / s, then tent[:, None] * tent[None, :]."),
    ),
    due=_("a tensor (2s, 2s)"),
    cases=factors,
    specification=_by_interpolation,
)  # fmt: skip


# ------------------------------------------------------------ stretch: without a checkerboard
def no_checkerboard(weight, s):
    sums = [weight[..., a::s, b::s].sum((-2, -1)) for a in range(s) for b in range(s)]
    due = torch.stack(sums).mean(0)
    new = weight.clone()
    for a in range(s):
        for b in range(s):
            part = new[..., a::s, b::s]
            short = due - part.sum((-2, -1))
            part += short[..., None, None] / (part.shape[-2] * part.shape[-1])
    return new


def random_weights(rng: random.Random) -> Iterator[tuple]:
    """(weight, s), k at least s; first a k that s does not divide."""
    for k, s in ((3, 2), (2, 2), (4, 2)):
        yield torch.randn(2, 1, k, k, generator=torch.Generator().manual_seed(k)), s
    while True:
        s = rng.randint(2, 3)
        k, shape = rng.randint(s, 2 * s + 1), (rng.randint(1, 3), rng.randint(1, 3))
        generator = torch.Generator().manual_seed(rng.randrange(10**6))
        yield torch.randn(*shape, k, k, generator=generator), s


def _weight_by_weight(weight, s):
    """The specification: sort the weights by phase, then lift each phase to the mean."""
    new, (ins, outs, k, _k) = weight.clone(), weight.shape
    for i in range(ins):
        for o in range(outs):
            phases: dict[tuple, list] = {}
            for row in range(k):
                for column in range(k):
                    phases.setdefault((row % s, column % s), []).append((row, column))
            sums = {p: sum(weight[i, o, r, c] for r, c in at) for p, at in phases.items()}
            due = sum(sums.values()) / len(sums)
            for p, at in phases.items():
                for r, c in at:
                    new[i, o, r, c] += (due - sums[p]) / len(at)
    return new


def _nothing(weight, s):
    return torch.zeros_like(weight)


def _mean_taken_off(weight, s):
    return weight - weight.mean((-2, -1), keepdim=True)


def _all_alike(weight, s):
    return weight.mean((-2, -1), keepdim=True).expand(weight.shape).clone()


def _not_shared(weight, s):
    """Each weight of a phase takes the whole correction."""
    sums = [weight[..., a::s, b::s].sum((-2, -1)) for a in range(s) for b in range(s)]
    due = torch.stack(sums).mean(0)
    new = weight.clone()
    for a in range(s):
        for b in range(s):
            new[..., a::s, b::s] += (due - weight[..., a::s, b::s].sum((-2, -1)))[
                ..., None, None
            ]
    return new


def _rows_only(weight, s):
    """Lifts phases of rows only: stripes are left."""
    sums = [weight[..., a::s, :].sum((-2, -1)) for a in range(s)]
    due = torch.stack(sums).mean(0)
    new = weight.clone()
    for a in range(s):
        part = new[..., a::s, :]
        short = due - part.sum((-2, -1))
        part += short[..., None, None] / (part.shape[-2] * part.shape[-1])
    return new


stretch = Exercise(
    name="04.no_checkerboard",
    task=_("Change weights (in, out, k, k) so that a constant map stays constant at stride s."),
    reference=no_checkerboard,
    mistakes=(
        Mistake(
            "all zero", _nothing,
            _("No pattern, but no signal either: with all weights 0 nothing is learned from "
              "the first step on."),
        ),
        Mistake(
            "mean of the kernel", _mean_taken_off,
            _("You took the mean off the whole kernel. The phases still differ from one "
              "another: make their sums alike, phase by phase."),
        ),
        Mistake(
            "all alike", _all_alike,
            _("Equal weights have equal sums only where every phase has as many weights. Where "
              "s does not divide k they ripple: 0.48 for k = 3."),
        ),
        Mistake(
            "correction not shared out", _not_shared,
            _("A phase of m weights moved by m times what it was short of. Share the "
              "correction out among its weights."),
        ),
        Mistake(
            "rows only", _rows_only,
            _("Stripes are left: phases run along the rows and along the columns, s × s in "
              "all."),
        ),
    ),
    hints=(
        _("With stride s, which weights of the kernel can meet in the same output pixel? Those "
          "are a phase."),
        _("weight[..., a::s, b::s] is the phase (a, b). Take the sum of each of the s² phases, "
          "for every pair of channels, and their mean."),
        _("Add (mean of the sums − sum of this phase) / (number of weights in this phase) to "
          "every weight of the phase."),
    ),
    due=_("a tensor of the shape of `weight`"),
    cases=random_weights,
    specification=_weight_by_weight,
)  # fmt: skip

EXERCISES = (easy, core, stretch)
