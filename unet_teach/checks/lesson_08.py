"""Lesson 08: two convolutions that are one, He's rule, the step that learns."""

from __future__ import annotations

import random
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from unet_teach.checks.exercise import Exercise, Mistake
from unet_teach.translation import _


# ------------------------------------------------------------------------------ easy: He's rule
def he_std(in_channels, out_channels, k):
    return (2 / (in_channels * k * k)) ** 0.5


def layers(rng: random.Random) -> Iterator[tuple]:
    """(in_channels, out_channels, k); the first input has one channel, so fan-in is small."""
    yield from [(2, 1, 1), (1, 64, 3), (64, 64, 3), (1024, 512, 1), (3, 8, 5)]
    while True:
        yield rng.randint(1, 200), rng.randint(1, 200), rng.choice((1, 3, 5, 7))


easy = Exercise(
    name="08.he_std",
    task=_("Give the standard deviation that He's rule draws a layer's weights with."),
    reference=he_std,
    mistakes=(
        Mistake(
            "variance", lambda i, o, k: 2 / (i * k * k),
            _("That is the variance. The standard deviation is its square root."),
        ),
        Mistake(
            "without the kernel", lambda i, o, k: (2 / i) ** 0.5,
            _("A neuron has k · k inputs from each channel, not one."),
        ),
        Mistake(
            "Xavier", lambda i, o, k: (1 / (i * k * k)) ** 0.5,
            _("That keeps a signal without ReLU. The ReLU halves its mean square, so twice the "
              "variance is needed."),
        ),
        Mistake(
            "outputs counted", lambda i, o, k: (2 / (o * k * k)) ** 0.5,
            _("You count the outputs. A neuron sums over its inputs: `in_channels`."),
        ),
        Mistake(
            "root of two over n", lambda i, o, k: 2**0.5 / (i * k * k),
            _("Only the 2 is under the root: n belongs under it, too."),
        ),
    ),
    hints=(
        _("How many numbers does one neuron add up?"),
        _("n = in_channels · k · k. The paper: \"a Gaussian distribution with a standard "
          "deviation of sqrt(2/N)\"."),
        _("(2 / (in_channels * k * k)) ** 0.5"),
    ),
    due=_("a number (float)"),
    cases=layers,
)  # fmt: skip


# ------------------------------------------------------------------ core: the step that learns
def train_step(model, optimizer, image, target):
    logits = model(image)
    loss = F.cross_entropy(logits, target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


STEPS = 3  # of each case: gradients that pile up show from the second on


def run_steps(step, seed: int) -> list:
    """The losses of some steps on a small network, and its weights afterwards."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Conv2d(3, 2, 1))
        image, target = torch.randn(1, 1, 6, 6), torch.randint(0, 2, (1, 4, 4))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    losses = [step(model, optimizer, image, target) for _step in range(STEPS)]
    return [*losses, torch.cat([p.detach().flatten() for p in model.parameters()])]


def seeds(rng: random.Random) -> Iterator[tuple]:
    """Seeds of a network with its image."""
    while True:
        yield (rng.randrange(10_000),)


def _variant(loss_of, clear=True, move=True):
    """A step with another loss, without zero_grad, or without the step itself."""

    def train_step(model, optimizer, image, target):
        loss = loss_of(model(image), target)
        if clear:
            optimizer.zero_grad()
        loss.backward()
        if move:
            optimizer.step()
        return loss.item()

    return train_step


def _softmax_first(logits: Tensor, target: Tensor) -> Tensor:
    return F.cross_entropy(logits.softmax(dim=1), target)


def _uphill(model, optimizer, image, target):
    loss = F.cross_entropy(model(image), target)
    optimizer.zero_grad()
    (-loss).backward()
    optimizer.step()
    return loss.item()


core = Exercise(
    name="08.overfit",
    task=_("Write one training step; repeated, it learns an image by heart."),
    reference=train_step,
    mistakes=(
        Mistake(
            "nothing changes", _variant(F.cross_entropy, move=False),
            _("The weights stay as they were. Is there an `optimizer.step()`, and does "
              "`zero_grad()` stand before `backward()`, not after it?"),
        ),
        Mistake(
            "gradients pile up", _variant(F.cross_entropy, clear=False),
            _("From the second step on your gradients contain the old ones: `backward()` adds. "
              "Call `optimizer.zero_grad()` before it."),
        ),
        Mistake(
            "softmax twice", _variant(_softmax_first),
            _("`cross_entropy` takes logits and does its own softmax: leave yours out."),
        ),
        Mistake(
            "uphill", _uphill,
            _("Your loss grows: the gradient points uphill, and `step()` goes against it. Call "
              "`backward()` on the loss itself."),
        ),
        Mistake(
            "sum of the pixels",
            _variant(lambda logits, target: F.cross_entropy(logits, target, reduction="sum")),
            _("You add up the pixels' losses. The mean is usual: then the learning rate does "
              "not depend on the size of the image."),
        ),
    ),
    hints=(
        _("Five things happen in a step. Which one compares, which one looks back, which one "
          "moves?"),
        _("logits, loss, zero_grad, backward, step. Give back `loss.item()`."),
        _("loss = F.cross_entropy(model(image), target); optimizer.zero_grad(); "
          "loss.backward(); optimizer.step(); return loss.item()"),
    ),
    due=_("a number (float): the loss before the step"),
    cases=seeds,
    count=6,
    run=run_steps,
)  # fmt: skip


# ------------------------------------------------------------------- stretch: two that are one
def merge_convs(first, second):
    k1, k2 = first.shape[-1], second.shape[-1]
    merged = torch.zeros(second.shape[0], first.shape[1], k1 + k2 - 1, k1 + k2 - 1)
    for y in range(k2):
        for x in range(k2):
            tap = second[:, :, y, x]  # (O, M), times first (M, I, k1, k1)
            painted = torch.einsum("om,mihw->oihw", tap, first)
            merged[:, :, y : y + k1, x : x + k1] += painted
    return merged


def _by_impulse(first, second):
    """The specification: what both do to a single bright pixel, read backwards."""
    k, channels = first.shape[-1] + second.shape[-1] - 1, first.shape[1]
    merged = torch.zeros(second.shape[0], channels, k, k)
    for channel in range(channels):
        image = torch.zeros(1, channels, 2 * k - 1, 2 * k - 1)
        image[0, channel, k - 1, k - 1] = 1
        answer = F.conv2d(F.conv2d(image, first), second)[0]  # (O, k, k)
        merged[:, channel] = answer.flip(-2, -1)
    return merged


def pairs(rng: random.Random) -> Iterator[tuple]:
    """(first, second) weights: as many channels everywhere at first, then any."""
    generator = torch.Generator().manual_seed(rng.randrange(2**31))

    def draw(out: int, into: int, k: int) -> Tensor:
        return torch.randint(-3, 4, (out, into, k, k), generator=generator).float()

    yield draw(2, 2, 3), draw(2, 2, 3)
    yield draw(2, 2, 2), draw(2, 2, 2)
    while True:
        a, b, c = (rng.randint(1, 3) for _channels in "abc")
        yield draw(b, a, rng.choice((1, 2, 3))), draw(c, b, rng.choice((1, 2, 3)))


def _padded_sum(first, second):
    """Both kernels in a larger frame, added."""
    k = first.shape[-1] + second.shape[-1] - 1
    one = F.pad(second.sum(1, keepdim=True), (0, k - second.shape[-1]) * 2)
    other = F.pad(first.sum(0, keepdim=True), (0, k - first.shape[-1]) * 2)
    return one + other


def _not_flipped(first, second):
    edge = first.shape[-1] - 1
    return F.conv2d(second, first.transpose(0, 1), padding=edge)


def _channels_mixed(first, second):
    return F.conv_transpose2d(second.sum(1, keepdim=True), first.sum(0, keepdim=True))


stretch = Exercise(
    name="08.merge_convs",
    task=_("Give the one kernel that does what two convolutions without a ReLU do."),
    reference=merge_convs,
    mistakes=(
        Mistake(
            "not flipped", _not_flipped,
            _("You slid one kernel over the other as a convolution layer does, without turning "
              "it around. Look at which taps add up to the same shift."),
        ),
        Mistake(
            "channels mixed", _channels_mixed,
            _("You summed over the middle channels too early: the sum belongs over products, "
              "channel by channel."),
        ),
        Mistake(
            "kernels added", _padded_sum,
            _("One after the other multiplies, it does not add."),
        ),
        Mistake(
            "negative", lambda first, second: -merge_convs(first, second),
            _("The sign is wrong."),
        ),
    ),
    hints=(
        _("A pixel goes through tap u of the first kernel and tap v of the second. By how much "
          "is it shifted in all, and what is it multiplied with?"),
        _("merged[o, i, u + v] is the sum over the middle channels m of "
          "second[o, m, v] · first[m, i, u]. Which operation of this lesson paints like that?"),
        _("A transposed convolution: the second kernel is its image, the first its weight. "
          "F.conv_transpose2d(second, first)."),
    ),
    due=_("a tensor (out of the second, in of the first, k1 + k2 − 1, k1 + k2 − 1)"),
    cases=pairs,
    specification=_by_impulse,
)  # fmt: skip

EXERCISES = (easy, core, stretch)
