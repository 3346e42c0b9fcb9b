"""Lesson 08: two convolutions that are one, He's rule, the step that learns."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from unet_teach.exercises.agreement import agree, as_array
from unet_teach.exercises.exercise import Exercise, Mistake, Symptom, Told
from unet_teach.translation import _


# ------------------------------------------------------------------------------ easy: He's rule
def he_std(in_channels, out_channels, k):
    return (2 / (in_channels * k * k)) ** 0.5


def layers(rng: random.Random) -> Iterator[tuple]:
    """(in_channels, out_channels, k): one channel and many, more in than out and fewer."""
    yield from [(2, 1, 1), (1, 64, 3), (64, 64, 3), (1024, 512, 1), (3, 8, 5)]
    yield from [(1, 1, 1), (1, 5, 2), (1, 16, 7), (7, 1, 3), (50, 1, 2), (9, 1, 4)]
    yield from [(4, 4, 2), (32, 32, 5), (16, 32, 3), (512, 256, 3), (64, 2, 1), (5, 9, 1)]
    while True:
        yield rng.randint(1, 200), rng.randint(1, 200), rng.choice((1, 3, 5, 7))


easy = Exercise(
    name="08.he_std",
    task=_("Compute the standard deviation of a layer's first weights by He's rule."),
    reference=he_std,
    mistakes=(
        Mistake("variance", lambda i, o, k: 2 / (i * k * k), _(
            "That is the variance. The standard deviation is its square root.")),
        Mistake("without the kernel", lambda i, o, k: (2 / i) ** 0.5, _(
            "A unit has k · k inputs from each channel, not one.")),
        Mistake("Xavier", lambda i, o, k: (1 / (i * k * k)) ** 0.5, _(
            "That is Xavier's rule, which keeps a signal's size where there is no ReLU. A ReLU "
            "halves its mean square, so the weights need twice the variance.")),
        Mistake("outputs counted", lambda i, o, k: (2 / (o * k * k)) ** 0.5, _(
            "You count the outputs, but a unit sums over its inputs: use `in_channels`.")),
        Mistake("root of two over n", lambda i, o, k: 2**0.5 / (i * k * k), _(
            "Only the 2 is under the root: n belongs under it, too.")),
    ),
    hints=(
        _("How many numbers does one unit add up?"),
        _("n = in_channels · k · k. The paper: \"a Gaussian distribution with a standard "
          "deviation of sqrt(2/N)\"."),
        _("(2 / (in_channels * k * k)) ** 0.5"),
    ),
    due=_("a number (float)"),
    cases=layers,
    symptoms=(
        Symptom("depends on the outputs", lambda case, got, due: case["out_channels"] != 1, _(
            "Your answer is right where there is one output channel, and wrong where there "
            "are more. The number of outputs does not matter, because each unit sums over its "
            "own inputs.")),
        Symptom("kernel counted otherwise", lambda case, got, due: case["k"] != 1, _(
            "Your answer is right where k is 1, and wrong where k is larger. A unit has k · k "
            "inputs from each channel, and N counts all of them.")),
        Symptom("channels counted otherwise",
            lambda case, got, due: case["in_channels"] != 1, _(
            "Your answer is right where there is one input channel, and wrong where there are "
            "more, because N is in_channels · k · k.")),
    ),
    worth=_("With this standard deviation, a signal keeps its size on average, through any "
            "number of convolutions with ReLU. U-Net's training starts from weights drawn "
            "like that."),
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


@dataclass(frozen=True)
class Training:
    """What a step is tried on."""

    seed: int
    batch: int = 1  # images
    classes: int = 2
    norm: bool = False  # batch norm: a second forward pass shows in its statistics
    dropout: bool = False  # its random numbers show a second forward pass, too
    momentum: float = 0.0  # an optimizer of one's own would have none
    old_gradients: bool = False  # left by somebody before the first step
    evaluating: bool = False  # a model in evaluation mode stays in it


def network(case: Training) -> nn.Module:
    """A small one; no bias in front of batch norm, whose gradient would be rounding alone."""
    layers = [nn.Conv2d(1, 4, 3, bias=not case.norm), nn.ReLU(), nn.Conv2d(4, case.classes, 1)]
    if case.norm:
        layers.insert(1, nn.BatchNorm2d(4))
    if case.dropout:
        layers.insert(-1, nn.Dropout(0.4))
    return nn.Sequential(*layers).train(not case.evaluating)


def run_steps(step, case: Training) -> dict:
    """Some steps: the loss of each, and what they made of the network."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(case.seed)
        model = network(case)
        image = torch.randn(case.batch, 1, 7, 8)
        target = torch.randint(0, case.classes, (case.batch, 5, 6))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.2, momentum=case.momentum)
        if case.old_gradients:
            for parameter in model.parameters():
                parameter.grad = torch.ones_like(parameter)
        losses = [step(model, optimizer, image, target) for _step in range(STEPS)]
    if any(isinstance(loss, Tensor) for loss in losses):
        raise Told(
            _("Your function returns the loss as a tensor, not as a Python number. A list of "
              "such tensors would keep the memory of every step: return `loss.item()`.")
        )  # fmt: skip
    return {
        "losses": losses,
        "weights": torch.cat([p.detach().flatten() for p in model.parameters()]),
        "statistics of batch norm": [b.double().numpy() for b in model.buffers()],
        "training mode": model.training,
    }


def trainings(rng: random.Random) -> Iterator[tuple]:
    """One thing after the other, then all together."""
    # At its first optimizer torch sets up a good deal: here, and not while an answer runs.
    torch.optim.SGD([torch.zeros(1)], lr=1.0)
    yield (Training(1),)
    yield (Training(2, momentum=0.9),)
    yield (Training(3, batch=3),)
    yield (Training(4, classes=4),)
    yield (Training(5, old_gradients=True),)
    yield (Training(6, batch=2, norm=True),)
    yield (Training(7, dropout=True),)
    yield (Training(9, batch=2, norm=True, dropout=True, evaluating=True),)
    yield (Training(8, batch=2, classes=3, norm=True, dropout=True, momentum=0.9),)
    while True:
        yes = [rng.random() < 0.5 for _choice in range(3)]
        more = rng.choice((0.0, 0.9))
        yield (Training(rng.randrange(10_000), rng.randint(1, 3), rng.randint(2, 5), *yes[:2],
                        more, yes[2], yes[0] and rng.random() < 0.5),)  # fmt: skip


def in_words(case: Training) -> str:
    """A case as it is shown."""
    has = [_("two convolutions"), _("ReLU")]
    has += [_("batch norm")] * case.norm + [_("dropout")] * case.dropout
    words = _(
        "{steps} steps with a small network ({parts}), a batch of {images}, "
        "{classes} classes, SGD with momentum {momentum}"
    ).format(
        steps=STEPS, parts=", ".join(has), images=case.batch, classes=case.classes,
        momentum=case.momentum,
    )  # fmt: skip
    words += _(", in evaluation mode") * case.evaluating
    return words + _(", and old gradients left in it") * case.old_gradients


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


def _only_with(what: Callable[[Training], bool]) -> Callable:
    """Wrong only in cases with something; so it is right in those without."""
    return lambda case, got, due: what(case["1"])


def _only(*names: str) -> Callable:
    """Of the outcome, only this is wrong."""

    def shows(case, got, due):
        return {name for name in due if agree(got[name], due[name])} <= set(names)

    return shows


core = Exercise(
    name="08.train_step",
    task=_("Write one training step; repeated, it overfits one image."),
    reference=train_step,
    mistakes=(
        Mistake("nothing changes", _variant(F.cross_entropy, move=False), _(
            "The weights stay as they were. Is there an `optimizer.step()`, and does "
            "`zero_grad()` come before `backward()`, not after it?")),
        Mistake("gradients pile up", _variant(F.cross_entropy, clear=False), _(
            "From the second step on your gradients contain the old ones, because "
            "`backward()` adds to them. Call `optimizer.zero_grad()` before it.")),
        Mistake("softmax twice", _variant(_softmax_first), _(
            "`cross_entropy` takes logits and computes the softmax itself: leave yours out.")),
        Mistake("uphill", _uphill, _(
            "Your loss grows: the gradient points uphill, and `step()` goes against it. Call "
            "`backward()` on the loss itself.")),
        Mistake("sum of the pixels",
            _variant(lambda logits, target: F.cross_entropy(logits, target, reduction="sum")),
            _("You add up the pixels' losses. Take their mean, so that the learning rate does "
              "not depend on the size of the image.")),
    ),
    hints=(
        _("Five things happen in a step. Which one compares the answer with the target, which "
          "one computes the gradient, and which one changes the weights?"),
        _("logits, loss, zero_grad, backward, step. Return `loss.item()`."),
        _("loss = F.cross_entropy(model(image), target); optimizer.zero_grad(); "
          "loss.backward(); optimizer.step(); return loss.item()"),
    ),
    due=_("a number (float): the loss before the step"),
    cases=trainings,
    count=14,
    run=run_steps,
    show=in_words,
    symptoms=(
        Symptom("mode left changed",
            lambda case, got, due: got["training mode"] != due["training mode"], _(
            "Your function changes the mode of the model. Batch norm and dropout work "
            "differently in evaluation mode and in training mode, so whoever calls the step "
            "decides on the mode: leave it as it was.")),
        Symptom("two forward passes", _only("statistics of batch norm"), _(
            "Losses and weights are right, but the statistics of batch norm are not: the image "
            "goes through the model more than once in a step.")),
        Symptom("one late",
            lambda case, got, due: not agree(got["losses"][:-1], due["losses"][1:]), _(
            "You compute the loss that you return after the weights have changed. Return the "
            "loss from before the step.")),
        Symptom("only the returned loss", _only("losses", "training mode"), _(
            "The weights change as they should, but the number that you return is not the "
            "loss from before the step: return `loss.item()`, as it is.")),
        Symptom("only with old gradients",
            _only_with(lambda training: training.old_gradients), _(
            "Your step is right if the model has no gradients yet. If old ones are left, your "
            "first step adds to them: clear them before `backward()`, not after the step.")),
        Symptom("only with batch norm or dropout",
            _only_with(lambda training: training.norm or training.dropout), _(
            "Your step is right without batch norm and dropout, and wrong with them. Is the "
            "model switched to evaluation mode, or run more than once in a step?")),
        Symptom("only with momentum", _only_with(lambda training: training.momentum > 0), _(
            "Your step is right if the optimizer has no momentum. Use the `optimizer` that you "
            "are given, because a new one forgets the earlier steps.")),
        Symptom("only with several images", _only_with(lambda training: training.batch > 1), _(
            "Your step is right for one image, and wrong for several. `cross_entropy` already "
            "takes the mean over all pixels of all images.")),
        Symptom("only with more classes", _only_with(lambda training: training.classes > 2), _(
            "Your step is right for two classes, and wrong where there are more.")),
        Symptom("another loss",
            lambda case, got, due: bool(agree(got["losses"][0], due["losses"][0])) and bool(
                agree(got["weights"], due["weights"])
            ), _(
            "The first number that you return is not the loss before the first step, "
            "`F.cross_entropy(model(image), target)`. Pass the logits and the target as they "
            "are (no softmax, no scaling, no other options), and take one step a call.")),
        Symptom("another step",
            lambda case, got, due: not agree(got["losses"][0], due["losses"][0]), _(
            "The first loss is right, but the weights after the first step are not. In one "
            "step, the old gradients are cleared once, `backward()` runs once on the loss "
            "itself, and the optimizer that you are given takes one step.")),
    ),
    worth=_("Any network of this course can be trained with these five lines: the library's "
            "`train` repeats them, too, with a learning rate that changes and with "
            "checkpoints."),
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


# Channels into the first, between both, out of the second, and both sizes of kernels.
PAIRS = (
    (2, 2, 2, 3, 3), (2, 2, 2, 2, 2), (1, 1, 1, 3, 3), (1, 1, 1, 1, 2), (1, 1, 1, 2, 1),
    (1, 3, 1, 1, 1), (3, 1, 2, 3, 3), (2, 1, 3, 2, 3), (1, 2, 3, 3, 1), (3, 2, 1, 1, 3),
    (1, 4, 2, 2, 4), (2, 3, 1, 4, 2), (3, 3, 3, 1, 1), (4, 1, 1, 2, 2), (1, 1, 4, 3, 2),
    (2, 3, 4, 5, 3), (4, 3, 2, 3, 5), (1, 2, 1, 3, 3), (2, 1, 2, 1, 3), (3, 2, 3, 2, 2),
)  # fmt: skip


def pairs(rng: random.Random) -> Iterator[tuple]:
    """(first, second) weights, quarters of whole numbers: `PAIRS`, then any."""

    def draw(source: random.Random, out: int, into: int, k: int) -> Tensor:
        generator = torch.Generator().manual_seed(source.randrange(2**31))
        return torch.randint(-3, 4, (out, into, k, k), generator=generator) / 4

    fixed = random.Random(8)
    for a, b, c, k1, k2 in PAIRS:
        yield draw(fixed, b, a, k1), draw(fixed, c, b, k2)
    while True:
        a, b, c = (rng.randint(1, 3) for _channels in "abc")
        yield draw(rng, b, a, rng.randint(1, 4)), draw(rng, c, b, rng.randint(1, 4))


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


def _last_tap_missing(first, second):
    cut = second.clone()
    cut[..., -1, :] = cut[..., :, -1] = 0
    return merge_convs(first, cut)


def _padded_by_the_second(first, second):
    turned = first.flip(-1, -2).transpose(0, 1)
    return F.conv2d(second, turned, padding=second.shape[-1] - 1)


def _channels(case, got, due):
    """Other ones, or in another order."""
    got = as_array(got)
    return got.shape[:2] != due.shape[:2] or not agree(got.swapaxes(0, 1), due)


def _one_turned(case, got, due):
    first, second = case["first"], case["second"]
    return any(
        not agree(got, merge_convs(*both))
        for both in ((first.flip(-1, -2), second), (first, second.flip(-1, -2)))
    )


def _several(name: str, axis: int) -> Callable:
    return lambda case, got, due: case[name].shape[axis] > 1


stretch = Exercise(
    name="08.merge_convs",
    task=_("Find the one kernel that does what two convolutions without a ReLU do."),
    reference=merge_convs,
    mistakes=(
        Mistake("not flipped", _not_flipped, _(
            "You slid one kernel over the other as a convolution layer does, without turning "
            "it around. Look which positions in the two kernels add up to the same shift.")),
        Mistake("channels mixed", _channels_mixed, _(
            "You summed over the middle channels too early. Multiply first, channel by "
            "channel, and sum over the products.")),
        Mistake("last tap missing", _last_tap_missing, _(
            "You leave out the last row and the last column of the second kernel: both loops "
            "run over all k2 of its positions.")),
        Mistake("padded by the second", _padded_by_the_second, _(
            "Your answer is right only where both kernels have the same size. If the first "
            "kernel slides over the second, the second needs k1 − 1 zeros at each edge.")),
        Mistake("order exchanged", lambda first, second: F.conv_transpose2d(first, second), _(
            "You let the second convolution come first. The M channels between the two are the "
            "outputs of `first`, its axis 0, and the inputs of `second`, its axis 1.")),
        Mistake("kernels added", _padded_sum, _(
            "You add the kernels. Two convolutions in a row multiply their weights and then "
            "add up the products.")),
        Mistake("negative", lambda first, second: -merge_convs(first, second), _(
            "The sign is wrong.")),
    ),
    hints=(
        _("A pixel meets weight u of the first kernel and then weight v of the second. By how "
          "much is it shifted in all, and what is it multiplied by?"),
        _("merged[o, i, u + v] is the sum over the middle channels m of "
          "second[o, m, v] · first[m, i, u]. Which operation of lesson 04 paints like that?"),
        _("A transposed convolution, with the second kernel as its image and the first as its "
          "weights: F.conv_transpose2d(second, first)."),
    ),
    due=_("a tensor (out of the second, in of the first, k1 + k2 − 1, k1 + k2 − 1)"),
    cases=pairs,
    symptoms=(
        Symptom("size of the kernel",
            lambda case, got, due: as_array(got).shape[-2:] != due.shape[-2:], _(
            "The kernel has the wrong size. A pixel can be shifted by 0 to k1 − 1 in the first "
            "convolution and by 0 to k2 − 1 in the second, so by 0 to k1 + k2 − 2 in all: k1 + "
            "k2 − 1 positions.")),
        Symptom("channels", _channels, _(
            "The kernel has the wrong channels: (O, I, …), the outputs of `second` and the "
            "inputs of `first`. The M channels between them are summed over.")),
        Symptom("one turned", _one_turned, _(
            "One of the two kernels is turned upside down. Weight u of the first times weight "
            "v of the second goes to position u + v, and neither kernel is turned.")),
        Symptom("one channel between", _several("first", 0), _(
            "Your answer is right where one channel is between the two convolutions, and wrong "
            "where there are more: sum the products over all M of them.")),
        Symptom("one output", _several("second", 0), _(
            "Your answer is right for one output channel, and wrong where there are more.")),
        Symptom("one input", _several("first", 1), _(
            "Your answer is right for one input channel, and wrong where there are more.")),
        Symptom("same sizes only",
            lambda case, got, due: case["first"].shape[-1] != case["second"].shape[-1], _(
            "Your answer is right where both kernels have the same size, and wrong where k1 "
            "and k2 differ.")),
    ),
    worth=_("So without a ReLU between them, a second convolution adds reach, but nothing that "
            "one with a larger kernel can't do. The ReLU is what makes depth do more."),
    specification=_by_impulse,
)  # fmt: skip

EXERCISES = (easy, core, stretch)
