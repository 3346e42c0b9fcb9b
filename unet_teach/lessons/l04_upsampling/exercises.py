"""Lesson 04: the up-convolution, bilinear as a fixed kernel, weights without a checkerboard."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import product

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from unet_teach.exercises.agreement import as_array, close
from unet_teach.exercises.cases import noise
from unet_teach.exercises.exercise import Exercise, Mistake, Symptom
from unet_teach.exercises.modules import on_known_numbers, unasked
from unet_teach.translation import _


# --------------------------------------------------------------------- easy: the up-convolution
def up_conv(in_channels, out_channels):
    return nn.ConvTranspose2d(in_channels, out_channels, kernel_size=2, stride=2)


def painted(answer: Callable, in_channels: int, out_channels: int) -> Tensor:
    """Build, give every parameter known numbers, and run on two maps: (2, C, 6, 8)."""
    generator = torch.Generator().manual_seed(100 * in_channels + out_channels)
    x = 30 * torch.randn(2, in_channels, 3, 4, generator=generator)
    return on_known_numbers(answer(in_channels, out_channels), x, _no_up_convolution)


def _no_up_convolution(module: nn.Module, used: list[nn.Module]) -> str:
    """In words, what a first pass says against a module; "" where nothing."""
    norm = _("There is a {name} in your module: an up-convolution paints, and nothing else.")
    bias = _("Your up-convolution has no bias: leave `bias` as torch has it.")
    if words := unasked(module, norm, bias):
        return words
    layers = [x for x in used if isinstance(x, (nn.Conv2d, nn.ConvTranspose2d))]
    if not layers:
        return _(
            "There is no nn.ConvTranspose2d in your module. Lesson 07 counts the layers of the "
            "network that it becomes a part of, so use torch's."
        )
    if len(layers) > 1:
        return _("Your module has {n} layers with weights. One is enough.").format(
            n=len(layers)
        )
    return ""


def halvings(rng: random.Random) -> Iterator[tuple]:
    """(in_channels, out_channels): halved as in U-Net, and not."""
    yield from [(2, 1), (4, 2), (8, 4), (1, 1), (3, 3), (1, 3), (5, 2), (6, 1), (2, 5), (3, 2)]
    while True:
        yield rng.randint(1, 8), rng.randint(1, 6)


class _BlockByBlock(nn.ConvTranspose2d):
    """The specification: every pixel, times its weights, is a block of its own."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(in_channels, out_channels, 2, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        batch, _in, height, width = x.shape
        out = torch.empty(batch, self.out_channels, 2 * height, 2 * width)
        for row in range(height):
            for column in range(width):
                block = torch.einsum("bi,ioyx->boyx", x[..., row, column], self.weight)
                here = slice(2 * row, 2 * row + 2), slice(2 * column, 2 * column + 2)
                out[:, :, *here] = block + self.bias[:, None, None]
        return out


def _overlapping(k: int) -> Callable:
    """A wrong layer: twice the size, but a kernel longer than the stride."""
    return lambda i, o: nn.ConvTranspose2d(i, o, k, 2, padding=1, output_padding=4 - k)


def _interpolated(mode: str, k: int) -> Callable:
    """A wrong layer: interpolation, then a convolution k × k."""
    return lambda i, o: nn.Sequential(
        nn.Upsample(scale_factor=2, mode=mode), nn.Conv2d(i, o, k, padding="same")
    )


def _shuffled(in_channels, out_channels):
    return nn.Sequential(nn.Conv2d(in_channels, 4 * out_channels, 1), nn.PixelShuffle(2))


def _height(got) -> int:
    return as_array(got).shape[2]


easy = Exercise(
    name="04.up_conv",
    task=_("U-Net's up-convolution, as a module: every pixel paints a 2 × 2 block."),
    reference=up_conv,
    mistakes=(
        Mistake("kernel 3", _overlapping(3), _(
            "Your kernel is 3 × 3, so neighbouring copies overlap at stride 2. Each pixel "
            "should paint 2 × 2 pixels that no other one paints.")),
        Mistake("kernel 4", _overlapping(4), _(
            "Your kernel is 4 × 4, so neighbouring copies overlap at stride 2. Each pixel "
            "should paint 2 × 2 pixels that no other one paints.")),
        Mistake("the paper's words", _interpolated("nearest", 2), _(
            "You took the paper at its word: an upsampling, then a 2 × 2 convolution. Its "
            "program has a single transposed convolution, and so has this exercise.")),
        Mistake("copied", _interpolated("nearest", 1), _(
            "The four pixels of your blocks are alike, because nearest neighbour copies them. "
            "A transposed convolution has a weight for each of the four.")),
        Mistake("bilinear", _interpolated("bilinear", 1), _(
            "Your module interpolates bilinearly. A transposed convolution paints each block "
            "with weights that are learned.")),
        Mistake("pixel shuffle", _shuffled, _(
            "Pixel shuffle has four biases for each output channel; a transposed convolution "
            "has one. Use the layer that paints: nn.ConvTranspose2d.")),
        Mistake("with a ReLU", lambda i, o: nn.Sequential(up_conv(i, o), nn.ReLU()), _(
            "The program of 2015 has a ReLU here, but this course's network has none: nothing "
            "should follow your up-convolution.")),
    ),
    hints=(
        _("Copies of the kernel don't overlap if they are as far apart as they are long. Which "
          "two numbers have to be equal?"),
        _("torch calls a transposed convolution nn.ConvTranspose2d. It takes the channels that "
          "come in, those that go out, the kernel's size, and the stride."),
        _("`nn.ConvTranspose2d(in_channels, out_channels, kernel_size=2, stride=2)`"),
    ),
    due=_("a module that takes (B, in_channels, H, W)"),
    cases=halvings,
    count=30,
    run=painted,
    symptoms=(
        Symptom("not larger", lambda case, got, due: _height(got) <= due.shape[2] // 2, _(
            "Your map isn't larger than the one that came in. At stride 2, copies of the "
            "kernel are 2 pixels apart, so height and width double.")),
        Symptom("too small", lambda case, got, due: _height(got) < due.shape[2], _(
            "Your map is too small. Height and width should double: H pixels paint H blocks "
            "of 2, side by side, and nothing is cut off.")),
        Symptom("too large", lambda case, got, due: _height(got) > due.shape[2], _(
            "Your map is too large. Height and width should double: H pixels paint H blocks "
            "of 2, side by side.")),
        Symptom("channels", lambda case, got, due: as_array(got).shape[1] != due.shape[1], _(
            "The number of channels in your map isn't `out_channels`. torch asks for those "
            "that come in first, then for those that go out.")),
        Symptom("other numbers",
            lambda case, got, due: as_array(got).shape == tuple(due.shape), _(
            "The shape is right, but the numbers are not. There should be one transposed "
            "convolution with kernel 2 × 2 and stride 2, and nothing else.")),
    ),
    worth=_("U-Net has four of these. Your network will go up by yours."),
    specification=_BlockByBlock,
)  # fmt: skip


# -------------------------------------------------------------------- core: a bilinear kernel
def bilinear_kernel(s):
    t = torch.arange(2 * s) - (2 * s - 1) / 2
    tent = 1 - t.abs() / s
    return tent[:, None] * tent[None, :]


def factors(rng: random.Random) -> Iterator[tuple]:
    """(s,), even."""
    for s in range(2, 34, 2):
        yield (s,)
    while True:
        yield (2 * rng.randint(1, 32),)


def _by_interpolation(s):
    """The specification: what interpolation makes of one pixel that is 1."""
    one = torch.zeros(1, 1, 5, 5)
    one[0, 0, 2, 2] = 1
    grown = F.interpolate(one, scale_factor=float(s), mode="bilinear", align_corners=False)
    start = 2 * s - s // 2
    return grown[0, 0, start : start + 2 * s, start : start + 2 * s]


def _of_lines(line, join=torch.mul):
    """A wrong kernel: line(t, s) at the centres t, for rows and for columns, joined."""

    def bilinear_kernel(s):
        weights = line(torch.arange(2 * s) - (2 * s - 1) / 2, s)
        return join(weights[:, None], weights[None, :])

    return bilinear_kernel


def _tent(t, s):
    return 1 - t.abs() / s


def phase_sums(weight, s: int) -> np.ndarray:
    """The sums of a kernel's s × s phases, (..., s, s): what a constant map of ones becomes."""
    weight = as_array(weight)
    rows = ([weight[..., a::s, b::s].sum((-2, -1)) for b in range(s)] for a in range(s))
    return np.stack([np.stack(row, -1) for row in rows], -2)


def alike(sums: np.ndarray) -> bool:
    """Whether all phases of each kernel have one sum."""
    return bool(close(sums, np.broadcast_to(sums[..., :1, :1], sums.shape)).all())


def _lopsided(case, got, due):
    got = as_array(got)
    return got.shape == due.shape and not close(got, got[::-1, ::-1]).all()


def _constant_changes(case, got, due):
    sums = phase_sums(got, case["s"])
    return as_array(got).shape == due.shape and not close(sums, 0 * sums + 1).all()


def _only_constants(case, got, due):
    sums = phase_sums(got, case["s"])
    return as_array(got).shape == due.shape and close(sums, 0 * sums + 1).all()


core = Exercise(
    name="04.bilinear_kernel",
    task=_("The kernel (2s, 2s) whose transposed convolution is bilinear upsampling by s."),
    reference=bilinear_kernel,
    mistakes=(
        Mistake("tent on a pixel", _of_lines(lambda t, s: _tent(t - 0.5, s)), _(
            "Your tent has its top on a pixel. With an even number of pixels the middle is "
            "between two of them: t = ±1/2, ±3/2, …")),
        Mistake("box", _of_lines(lambda t, s: (t.abs() < s / 2).float()), _(
            "Your kernel is a box, which copies pixels: that is nearest neighbour. Bilinear "
            "weights fall off with the distance.")),
        Mistake("too wide", _of_lines(lambda t, s: _tent(t, 2 * s)), _(
            "The tent must reach 0 at distance s, where the next pixel takes over. Yours "
            "reaches it at 2s.")),
        Mistake("sum of one", lambda s: bilinear_kernel(s) / bilinear_kernel(s).sum(), _(
            "You divided by the sum. Then a constant map would come out s² times too small: "
            "each output pixel is painted by only a part of the kernel.")),
        Mistake("pyramid", _of_lines(_tent, torch.minimum), _(
            "This is right along the axes, but not along the diagonals. Bilinear means a tent "
            "along the rows **times** a tent along the columns.")),
    ),
    hints=(
        _("Upsample a line that is 0 everywhere and 1 at one pixel. What does linear "
          "interpolation turn it into?"),
        _("A tent: 1 − |t|/s, at the pixel centres t = −s + 1/2, …, s − 1/2."),
        _("tent = 1 - t.abs() / s, then tent[:, None] * tent[None, :]."),
    ),
    due=_("a tensor (2s, 2s)"),
    cases=factors,
    count=24,
    symptoms=(
        Symptom("one line", lambda case, got, due: as_array(got).size == 2 * case["s"], _(
            "That is one line of 2s weights. The kernel is a square: the tent along the rows "
            "times the tent along the columns, for each pair of pixels.")),
        Symptom("lopsided", _lopsided, _(
            "Your kernel changes when you rotate it by 180 degrees. Bilinear weights depend "
            "only on the distance from the middle, so they rise towards it and fall again in "
            "the same way.")),
        Symptom("constant map changes", _constant_changes, _(
            "With your kernel, a constant map of ones does not come out as ones. Each output "
            "pixel is painted by 2 × 2 copies of the kernel, and those four weights have to "
            "sum to 1. Is your tent 0 at distance s, and its middle between two pixels?")),
        Symptom("constant maps only", _only_constants, _(
            "A constant map comes out right with your kernel, but a ramp does not. Are your "
            "weights those at the centres of the pixels, 1/2, 3/2, … from the middle, and do "
            "they fall off in a straight line?")),
    ),
    worth=_("A transposed convolution that starts with your kernel upsamples bilinearly, "
            "without a checkerboard. FCN begins its training with these weights."),
    specification=_by_interpolation,
)  # fmt: skip


# ------------------------------------------------------------ stretch: without a checkerboard
def no_checkerboard(weight, s):
    sums = [weight[..., a::s, b::s].sum((-2, -1)) for a in range(s) for b in range(s)]
    due = torch.stack(sums).mean(0)  # (in, out)
    new = weight.clone()
    for a in range(s):
        for b in range(s):
            part = new[..., a::s, b::s]
            short = due - part.sum((-2, -1))
            part += short[..., None, None] / (part.shape[-2] * part.shape[-1])
    return new


def random_weights(rng: random.Random) -> Iterator[tuple]:
    """(weight, s), k at least s; first a k that s does not divide."""
    fixed = random.Random(4)
    for k, s in ((3, 2), (2, 2), (4, 2)):
        yield noise(fixed, 2, 1, k, k), s
    pairs = ((1, 1), (1, 2), (3, 1), (2, 3))
    sizes = ((2, 2), (3, 2), (5, 2), (3, 3), (4, 3), (6, 3), (7, 3), (5, 4), (8, 4))
    for number, (k, s) in enumerate(sizes):
        for channels in (pairs[number % 4], pairs[(number + 1) % 4]):
            yield noise(fixed, *channels, k, k), s
    while True:
        s = rng.randint(2, 4)
        k, shape = rng.randint(s, 2 * s + 1), (rng.randint(1, 3), rng.randint(1, 3))
        yield noise(rng, *shape, k, k), s


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


def _lifted(phases: Callable, shared: bool = True) -> Callable:
    """A wrong `no_checkerboard`: other phases of s, or the correction not shared out."""

    def no_checkerboard(weight, s):
        new = weight.clone()
        parts = [new[..., rows, columns] for rows, columns in phases(s)]
        due = torch.stack([part.sum((-2, -1)) for part in parts]).mean(0)
        for part in parts:
            short = (due - part.sum((-2, -1)))[..., None, None]
            part += short / (part.shape[-2] * part.shape[-1] if shared else 1)
        return new

    return no_checkerboard


def _steps(s: int) -> list[slice]:
    return [slice(a, None, s) for a in range(s)]


def _first_pair_only(case, got, due):
    got, due = as_array(got), as_array(due)
    return close(got[0, 0], due[0, 0]).all()


def _one_way_only(case, got, due):
    """Alike along one direction, not along the other."""
    sums = phase_sums(got, case["s"])
    rows, columns = (sums.sum(axis, keepdims=True) for axis in (-1, -2))
    both = [close(x, np.broadcast_to(x[..., :1, :1], x.shape)).all() for x in (rows, columns)]
    return not alike(sums) and any(both)


def _means_alike(case, got, due):
    weight, s = as_array(got), case["s"]
    means = phase_sums(weight, s) / phase_sums(np.ones_like(weight), s)
    return alike(means) and not alike(phase_sums(weight, s))


def _uneven_phases(case, got, due):
    """Only where s does not divide k; so it is right where all phases have as many weights."""
    return due.shape[-1] % case["s"] != 0


def _other_goal(case, got, due):
    sums, wanted = (phase_sums(x, case["s"]) for x in (got, due))
    return alike(sums) and not close(sums, wanted).all()


def _away_from_it(case, got, due):
    before, got, due = (phase_sums(x, case["s"]) for x in (case["weight"], got, due))
    return close(got, 2 * before - due).all()


stretch = Exercise(
    name="04.no_checkerboard",
    task=_("Change weights (in, out, k, k) so that a constant map stays constant at stride s."),
    reference=no_checkerboard,
    mistakes=(
        Mistake("all zero", lambda weight, s: torch.zeros_like(weight), _(
            "There is no pattern, but no signal either: with all weights 0, nothing from the "
            "map below gets through this layer.")),
        Mistake("mean of the kernel",
            lambda weight, s: weight - weight.mean((-2, -1), keepdim=True), _(
            "You took the mean off the whole kernel. The phases still differ from one another, "
            "so make their sums equal, phase by phase.")),
        Mistake("all alike",
            lambda weight, s: weight.mean((-2, -1), keepdim=True).expand(weight.shape).clone(),
            _("Equal weights have equal sums only where all phases have equally many weights. "
              "Where s does not divide k, a ripple remains: 0.48 for k = 3 and s = 2.")),
        Mistake("correction not shared out",
            _lifted(lambda s: product(_steps(s), repeat=2), shared=False), _(
            "The sum of a phase of m weights changed by m times the missing amount. Divide "
            "the correction equally among its weights.")),
        Mistake("rows only", _lifted(lambda s: product(_steps(s), [slice(None)])), _(
            "Your result still has stripes, because phases run along the rows and along the "
            "columns, s × s in all.")),
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
    count=44,
    symptoms=(
        Symptom("other shape", lambda case, got, due: as_array(got).shape != due.shape, _(
            "The shape changed: change the weights themselves, and return all of them, (in, "
            "out, k, k).")),
        Symptom("wrong direction", _away_from_it, _(
            "Your correction goes the wrong way, so the ripple doubles. A phase whose sum is "
            "too small needs **more**: the mean of the sums minus the sum of this phase.")),
        Symptom("first pair only", _first_pair_only, _(
            "The kernel of the first input and the first output channel is right, but the "
            "others are not. Each of the in × out kernels has sums and a mean of its own.")),
        Symptom("one direction", _one_way_only, _(
            "Your sums are equal along one direction only, which leaves stripes. Phases run "
            "along the rows and along the columns, s × s in all.")),
        Symptom("means alike", _means_alike, _(
            "You made the **means** of the phases equal. What reaches an output pixel is the "
            "**sum** of a phase, and where s does not divide k, phases have different numbers "
            "of weights.")),
        Symptom("sums not to the mean", _other_goal, _(
            "All phases have the same sum now, so a constant map stays constant. But it is not "
            "the sum that was asked for: for each kernel (each input with each output "
            "channel), the mean of its own s × s sums.")),
        Symptom("not evenly",
            lambda case, got, due: close(*(phase_sums(x, case["s"]) for x in (got, due))).all(),
            _("The sums are right, but the weights are not. Divide a phase's correction "
              "evenly, so that each of its weights gets the same amount.")),
        Symptom("phases of different length", _uneven_phases, _(
            "It is right wherever s divides k. Where it does not, phases have different "
            "numbers of weights: with k = 3 and s = 2 they have 4, 2, 2 and 1.")),
        Symptom("sums still differ",
            lambda case, got, due: not alike(phase_sums(got, case["s"])), _(
            "The sums of the s × s phases still differ from one another, so a constant map "
            "gets a pattern. Phase (a, b) is every s-th weight in height and in width: "
            "`weight[..., a::s, b::s]`.")),
    ),
    worth=_("An up-convolution that starts with these weights turns a constant map into a "
            "constant map: no checkerboard before the first training step."),
    specification=_weight_by_weight,
)  # fmt: skip

EXERCISES = (easy, core, stretch)
