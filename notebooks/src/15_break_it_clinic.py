# %% [markdown] id="title" tags=["slide"]
# # 15 · Break it: the clinic
#
# We trained eight small U-Nets, and each has **one** wrong line in its code. None of them
# stopped with an error, and yet all of them are ill. You are the doctor: read their loss
# curves and the maps that they predict, name what each one has, and fix it.
#
# ![](assets/lessons/15_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - tell eight classic failures apart by their loss curves and their maps;
# - fix each with one line, and show by a number that it is fixed;
# - write checks that warn you before training, and keep gradients alive in 16 bits.
#
# **Time** about 50 minutes · **Before** lessons 08, 10 and 11 · **Needs** no GPU, no data

# %% id="setup"
import math

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from unet_teach.comparisons import load_table
from unet_teach.data.membranes import membrane_slice
from unet_teach.data.volume import standardise
from unet_teach.drawing.pair import the_pair
from unet_teach.exercises import check, hint, solution
from unet_teach.lessons.described import described
from unet_teach.lessons.l15_break_it_clinic import exercises
from unet_teach.lessons.l15_break_it_clinic.measure import (
    NUMBERS,
    PATIENTS,
    TRAIN,
    patient_i,
    smaller,
    treat,
    ward,
)
from unet_teach.lessons.l15_break_it_clinic.pair import pair_row, wall_logits
from unet_teach.lessons.l15_break_it_clinic.panel import clinic
from unet_teach.models.pretrained import pretrained

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="the-pair-so-far"
# ## The pair, and what is still wrong with it
#
# Since lesson 13 the course's network keeps our two neurons apart. It was trained on
# **standardised** images, with mean 0 and standard deviation 1. Suppose that you forget the
# line that standardises the image, and give the network its grey values from 0 to 255. Will
# Python complain? And the pair?

# %% id="the-pair-now" tags=["fragment"]
micrograph, labels = membrane_slice(29)  # the pair's slice
pair, network = the_pair("synthetic membranes (seed 0)"), pretrained("membranes")
inputs = {"standardised": standardise(micrograph), "line forgotten": micrograph.astype("f4")}
logits = {name: wall_logits(network, image) for name, image in inputs.items()}
described(pair_row(pair, logits, labels), "15.pair_now")

# %% id="the-pair-now-claim" tags=["claim"]
verdicts = [pair.verdict(logit[0, 0].numpy() < 0, labels) for logit in logits.values()]
assert verdicts == ["apart", "merged"]
assert (logits["line forgotten"] < 0).all()

# %% [markdown] id="ward" tags=["slide"]
# One line is missing, there is no error, and the network calls every pixel "inside": the wall
# between the pair is gone. This lesson is about such lines.
#
# ## The ward
#
# All patients learn the same task: find the **walls** in ten synthetic micrographs of 16
# bits. Eight slices are for training, and two form the **validation set**, on which the
# patients are evaluated. New here: the network returns **one** logit per pixel, and the
# sigmoid turns it into the probability of *wall*. So a logit above 0 means wall. Exposures
# differ from slice to slice.
#
# What fraction of the pixels is wall? And if a **baseline**, an answer that ignores the
# image, knew only that fraction, what would its loss be? Guess both.

# %% id="class-entropy"
images, masks = ward()
f = (masks[:TRAIN] == 255).float().mean().item()
entropy = -f * math.log(f) - (1 - f) * math.log(1 - f)
print(f"walls {f:.1%}; the loss of knowing only that: {entropy:.3f}; log 2 = {math.log(2):.3f}")

# %% id="class-entropy-claim" tags=["claim"]
assert 0.19 < f < 0.23 and 0.48 < entropy < 0.54

# %% [markdown] id="three-numbers" tags=["slide"]
# Keep three numbers in mind. Log 2 = 0.69 is the loss of a uniform guess, in which both
# classes get one half. The **class entropy**, here about 0.5, is the loss of the baseline
# that knows the fraction of each class and nothing of the image. And 0 is the floor, because
# neither cross-entropy nor 1 − Dice can be negative.
#
# ## One falls ill before your eyes
#
# Here is one of the eight, trained live for 100 steps: first broken, then with its line
# fixed. Watch the loss. Which of the three numbers tells you that something is wrong, and at
# which step?

# %% id="live"
charts = {}
for broken in (True, False):
    chart = charts[broken] = treat("G", broken, seed=0, steps=100)
    name = "broken" if broken else "fixed"
    print(f"{name:6} loss:", "  ".join(f"{loss:.2f}" for loss in chart.losses[::14]))
    print(f"       Dice of the walls {chart.score:.2f}")

# %% id="live-claim" tags=["claim"]
assert charts[True].score < charts[False].score
assert 12 < charts[True].losses[0] < 13 and 0.7 < charts[False].losses[0] < 0.85
assert charts[True].losses[14] < -1 and min(charts[False].losses) > 0
assert all(math.isfinite(loss) for loss in charts[True].losses)

# %% [markdown] id="live-read"
# The very first loss was enough. An untrained network guesses, so its loss should start near
# log 2 = 0.69, as the fixed one does; the broken one starts above 12. By step 15 it is also
# below 0, where no cross-entropy can be. Python raised no error, and the curve goes down as
# you would wish. So know what your loss should be at the start, and which values it can never
# have. An impossible value is the cheapest alarm there is.

# %% [markdown] id="clinic" tags=["slide"]
# ## The clinic
#
# Here are all eight, trained for 100 steps before you came. Visit each in the same order.
# First the loss: is it a number, is it below 0, is it flat? Then the map: what are its
# smallest and largest values, is there too much wall, too little, or noise? Then the score.
# Predict before you look:
#
# 1. How many of the eight loss curves look like that of a healthy run?
# 2. Which failure leaves a map in which no pixel is below one half?
# 3. Two of them fail because inference differs from training. How does it?
#
# Pin a diagnosis to each patient **before** you reveal it: drag it onto a card, or open a
# patient and tap it.
#
# {{twin: clinic}}

# %% id="visit" tags=["slide"]
clinic()

# %% [markdown] id="exercise-1" tags=["slide"]
# ### Exercise 1 (easy): name it
#
# These are the eight diagnoses in alphabetical order. Each belongs to exactly one patient.
#
# **Write** a dictionary with the keys `"A"` to `"H"`; each value is one of the eight names
# below, spelled as it is printed, and none appears twice. **Example** `{"A": "Dice over 1",
# …}` has the right form, whether or not it is the right diagnosis.

# %% id="the-names" tags=["fragment", "output"]
names = sorted(patient.diagnosis for patient in PATIENTS.values())
for name in names:
    print(name)

# %% id="the-names-claim" tags=["claim"]
assert len(set(names)) == 8

# %% id="exercise-diagnoses"
# SOLUTION: exercises.diagnoses
diagnoses = ...  # {"A": "...", "B": "...", and so on to "H"}

# %% id="check-name-it"
check("15.diagnoses", diagnoses)

# %% [markdown] id="one-line"
# Stuck? `hint("15.diagnoses")`. From here on, the lesson tells you the diagnoses.
#
# ## One line each
#
# Here is each patient's line, broken (−) and fixed (+), from the training loop `treat` in
# `unet_teach/lessons/l15_break_it_clinic/measure.py`.

# %% id="the-lines"
for letter, patient in PATIENTS.items():
    print(f"{letter}  {patient.diagnosis}\n   − {patient.broken}\n   + {patient.fixed}")

# %% [markdown] id="band-prose"
# Is it really that line? To find out, we trained each patient with three seeds, broken and
# fixed, with everything else the same. If the line is the cause, then every broken run should
# score below every fixed one. Does it? (You can repeat this with `experiments/clinic.py`.)

# %% id="band" tags=["slide"]
table = load_table("clinic")
dice = {letter: {True: [], False: []} for letter in PATIENTS}
for run in table:
    dice[run["letter"]][run["broken"]].append(run["dice"])
figure, axes = plt.subplots(figsize=(8, 2.8), layout="constrained")
for place, found in enumerate(dice.values()):
    axes.plot([place] * 3, found[True], "x", color="#D55E00")
    axes.plot([place] * 3, found[False], "o", color="#0072B2", alpha=0.6)
best_broken = max(max(found[True]) for found in dice.values())
worst_fixed = min(min(found[False]) for found in dice.values())
axes.axhspan(best_broken, worst_fixed, color="lightgrey")
axes.text(3.5, 0.8, f"no run from {best_broken:.2f} to {worst_fixed:.2f}", ha="center")
axes.set(xticks=range(8), xticklabels=PATIENTS, ylabel="Dice of the walls")
axes.legend(["broken", "fixed"], ncols=2, loc="lower right")
described(figure, "15.band")

# %% id="band-claim" tags=["claim"]
for letter, found in dice.items():
    assert len(found[True]) == len(found[False]) == 3
    assert (found[False] == dice["A"][False]) == (letter not in "DH")
assert f"{best_broken:.2f}" == "0.78" and max(dice["A"][True]) == best_broken
assert f"{worst_fixed:.2f}" == "0.86"

# %% [markdown] id="curves-prose"
# It does, and we drew the grey gap **afterwards**: it reaches from the best broken run (A, at
# 0.78) to the worst fixed one (0.86). Once fixed, six patients are one and the same healthy
# run; only D, with its Dice loss, and H, at batch size 1, differ from it.
#
# And the curves? In all three seeds C ends as NaN (*not a number*). D and G fall below 0, but
# D never below −1. B stays at the class entropy, and F above 0.6. So the answer to the
# clinic's first question is three: A, E and H end low, as a good run does, and only their
# maps warn you.

# %% id="curves-claim" tags=["claim"]
last = {letter: [] for letter in PATIENTS}
for run in table:
    if run["broken"]:
        values = [loss for _step, loss in run["curve"][-5:]]
        last[run["letter"]].append(math.nan if None in values else sum(values) / 5)
assert all(math.isnan(value) for value in last["C"])
assert all(-1 < value < 0 for value in last["D"]) and max(last["G"]) < -100
assert all(abs(value - entropy) < 0.06 for value in last["B"]) and min(last["F"]) > 0.6
assert max(last["A"] + last["E"] + last["H"]) < 0.4

# %% [markdown] id="mechanisms" tags=["slide"]
# ## Why: the four of data and numbers
#
# **Mask at 255 (G).** With two logits and `cross_entropy` you are lucky: class 255 doesn't
# exist, so you get an error. With one logit z there is none. The loss of a pixel is log(1 +
# eᶻ) − t · z, linear in the target t, so t = 255 pulls the logits of walls up without end,
# and their neighbours' with them. Take z = 5 at one wall pixel and three others: what is
# their mean loss?

# %% id="mask-at-255" tags=["fragment", "output"]
mask = torch.tensor([[[0, 255], [0, 0]]])
try:
    F.cross_entropy(torch.zeros(1, 2, 2, 2), mask)
    raised = False
except IndexError as error:
    raised = True
    print("two logits:", str(error).splitlines()[0])
one = F.binary_cross_entropy_with_logits(torch.full((1, 2, 2), 5.0), mask.float())
print(f"one logit: {one:.1f}")

# %% id="mask-at-255-claim" tags=["claim"]
assert raised and one < 0
softplus = math.log(1 + math.exp(5))
assert round(softplus - 255 * 5) == -1270 and round(softplus) == 5
assert (
    math.isclose(one, (4 * softplus - 255 * 5) / 4, rel_tol=1e-5) and round(one.item()) == -314
)

# %% [markdown] id="dice-prose"
# The wall pixel alone: 5 − 255 · 5 = −1270. Each of the others costs 5, so the mean is −314.
#
# **Dice over 1 (D).** The denominator of the Dice must contain **both** areas. Without the
# area of the prediction it costs nothing to paint everything, so the answer "everything is
# wall" reaches 2. What is the correct Dice of that answer, if a fraction f of the pixels is
# wall? It is 2f/(1 + f).

# %% id="dice-over-1"
target = (masks[:1] == 255).float()
p = torch.ones_like(target)
wrong = (2 * (p * target).sum() / target.sum()).item()
right = (2 * (p * target).sum() / (p.sum() + target.sum())).item()
share = target.mean().item()
print(f"all is wall: {wrong:.2f} by the broken line, {right:.2f} by the fixed one")

# %% id="dice-over-1-claim" tags=["claim"]
assert math.isclose(wrong, 2) and math.isclose(right, 2 * share / (1 + share), rel_tol=1e-4)

# %% [markdown] id="half-prose"
# **Overflow (C).** The largest number in float16 is 65504. An overexposed pixel of a 16-bit
# image has 65535 and becomes infinity. The first batch norm subtracts the channel's mean,
# infinity too, and infinity minus infinity is **not a number** (NaN). From one weight it soon
# spreads to all. Here two pixels of one slice were enough.

# %% id="half"
bright = torch.tensor([65504.0, 65535.0])
print(bright.half().tolist())
hot = [(image > 65504).sum().item() for image in images]
print("pixels above 65504, by slice:", hot)

# %% id="half-claim" tags=["claim"]
assert bright.half()[0] == 65504 and bright.half()[1].isinf()
assert not bright.bfloat16().isinf().any()
assert (bright.half() - bright.half())[1].isnan()
assert sorted(hot)[-2:] == [0, 2]

# %% [markdown] id="bilinear-prose"
# **A mask resized bilinearly (E).** Halfway between 0 and 255 is 128, which is no class.
# Integer division by 255 then turns every value except a pure 255 into 0. How much of the
# walls is left?

# %% id="bilinear"
wall = {
    mode: (smaller(masks[:TRAIN], mode) // 255).float().mean().item()
    for mode in ("nearest", "bilinear")
}
values = len(smaller(masks[:1], "bilinear").unique())
print({mode: f"{share:.1%}" for mode, share in wall.items()}, values, "values in one mask")

# %% id="bilinear-claim" tags=["claim"]
assert values > 2 and wall["bilinear"] < 0.5 * wall["nearest"]

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): fix it
#
# This function prepares a batch. It raises no error, yet it holds three of the patients'
# faults. Write it again with those three fixed, and change nothing else.
#
# - **In** `image`, int32 (B, 1, H, W) from 0 to 65535; `mask`, uint8 of the same shape, 0 or
#   255; `size`, (height, width), not always half of the image.
# - **Out** `x` first, then `target`, both float32 (B, 1, height, width). `x` is from 0 to 1,
#   resized as it is here (bilinear, `antialias=True`). `target` is 0 or 1, picked with
#   `mode="nearest"`.
# - **Edge** a pixel of 65535 becomes about 1 and stays finite.
# - **Example** a mask that is 255 everywhere gives a target that is 1 everywhere.


# %% id="broken-function" tags=["fragment"]
def prepare_broken(image, mask, size):
    """image int32 of 16 bits, mask uint8 of 0 and 255, both (B, 1, H, W)."""
    x = F.interpolate(image.half().float(), size, mode="bilinear", antialias=True) / 65535
    target = F.interpolate(mask.float(), size, mode="bilinear", antialias=True)
    return x, target


# %% id="exercise-prepare"
def prepare(image, mask, size):
    """x and target, float32 (B, 1, *size)."""
    # SOLUTION: exercises.prepare


# %% id="check-fix-it"
check("15.prepare", prepare)

# %% [markdown] id="mechanisms-2" tags=["slide"]
# Stuck? `hint("15.prepare")`.
#
# ## Why: the other four
#
# **ReLU after the last 1×1 (F).** A logit below 0 says "no wall". A ReLU forbids exactly
# that, and the sigmoid of 0 is one half: the answer to the clinic's second question. Where it
# cuts a logit, it also passes no gradient.
#
# **Batch norm at batch 1 (H).** In training, **batch norm** uses the batch's own mean and
# variance; at batch size 1 that wipes out each slice's exposure. In `eval()` it uses an
# average over many slices instead. A **group norm** has no such average.
#
# Give a norm a dark and a bright image, by turns. Which mean does each have afterwards, in
# either mode?

# %% id="mechanisms-2-claim" tags=["claim"]
values = torch.linspace(-6, 6, 5)
assert values.relu().sigmoid().min() == 0.5 and values.sigmoid().min() < 0.01

# %% id="norm" tags=["fragment", "output"]
dark, light = torch.randn(1, 1, 32, 32), torch.randn(1, 1, 32, 32) + 3
norms = {"batch norm": nn.BatchNorm2d(1), "group norm": nn.GroupNorm(1, 1)}
for _step in range(100):
    for image in (dark, light):  # batch size 1, by turns
        norms["batch norm"](image)
means = {}
print("mean after the norm           dark    light")
for name, norm in norms.items():
    for mode in ("training", "inference"):
        norm.train(mode == "training")
        means[name, mode] = [norm(image).mean().item() for image in (dark, light)]
        print(f"{name} in {mode:9}", *(f"{mean:z8.2f}" for mean in means[name, mode]))

# %% id="norm-claim" tags=["claim"]
assert max(map(abs, means["batch norm", "training"])) < 1e-3
assert means["batch norm", "inference"][0] < -0.5 and means["batch norm", "inference"][1] > 0.5
assert means["group norm", "training"] == means["group norm", "inference"]
assert max(map(abs, means["group norm", "training"])) < 1e-3

# %% [markdown] id="norm-read" tags=["slide"]
# Batch norm's average lies between the two images, so in inference the dark one comes out too
# low and the bright one too high. Group norm looks at one image only, in both modes: that is
# H's fix.
#
# **`eval()` forgotten (A)** is the opposite mistake; together they answer the clinic's third
# question:
#
# - **H** calls `eval()`: statistics of other images.
# - **A** never calls it: statistics of the batch, and dropout still on.
#
# Dropout sets numbers to 0 at random, others in each pass. So send one image through A's
# network twice. Do the two answers agree?

# %% id="dropout" tags=["fragment", "output"]
model = nn.Sequential(nn.Conv2d(1, 6, 3), nn.Dropout(0.6), nn.Conv2d(6, 1, 1))
passes = {}
for name in ("eval() forgotten", "eval() called"):
    model.train(name == "eval() forgotten")
    passes[name] = model(dark), model(dark)
    first, second = (answer[0, 0, 0, 0].item() for answer in passes[name])
    print(f"{name:16}: one pixel's logit is {first:.3f}, then {second:.3f}")

# %% id="dropout-claim" tags=["claim"]
assert torch.equal(*passes["eval() called"]) and not torch.equal(*passes["eval() forgotten"])
assert first == second

# %% [markdown] id="shuffled-prose" tags=["slide"]
# **Shuffled apart (B).** The slices' files are numbered 3 to 10. Sorted as text, "10" comes
# before "3", so every image gets another one's mask. Only the fraction of each class can be
# learned from that. The loss therefore stays at the class entropy, and since every
# probability is below one half, no pixel is called wall. To test for it, lay image and mask
# over each other. In numbers: walls are darker than cells. By how much, in either order?

# %% id="shuffled" tags=["fragment", "output"]
grey = images[:TRAIN].float()
grey /= grey.mean((1, 2, 3), keepdim=True)  # every slice at the same exposure
contrast = {}
for key in (int, str):
    order = sorted(NUMBERS, key=key)
    is_wall = masks[[number - 3 for number in order]] == 255
    contrast[key] = (grey[~is_wall].mean() - grey[is_wall].mean()).item()
    print(f"masks {order}: cells − walls = {contrast[key]:.2f}")

# %% id="shuffled-claim" tags=["claim"]
assert contrast[int] > 0.2 and abs(contrast[str]) < 0.1 * contrast[int]

# %% [markdown] id="exercise-3" tags=["slide"]
# ### Exercise 3 (stretch): prevent it
#
# Check a batch before the first step: that catches F and G on any batch, and C on one with a
# bad pixel.
#
# - **In** `image`, `mask`, `logits`: float tensors that should all be (B, 1, H, W).
# - **Out** the **set** of everything that is wrong: `"shapes differ"` (of any two of the
#   three), `"image not finite"` (a pixel is NaN, ∞ or −∞), `"mask not 0 or 1"` (a pixel is
#   anything else), `"logits not finite"`, `"logits never negative"` (all are 0 or more).
# - **Edge** a mask of one class only is fine. If nothing is wrong, the set is empty.
# - **Example** with everything right except a mask of 0 and 255: `{"mask not 0 or 1"}`.


# %% id="exercise-checks" tags=["fragment"]
def checks(image, mask, logits):
    """What is wrong with a batch: three float tensors that should all be (B, 1, H, W)."""
    # SOLUTION: exercises.checks


# %% id="check-prevent-it"
check("15.checks", checks)

# %% [markdown] id="mixed-precision" tags=["slide"]
# Stuck? `hint("15.checks")`.
#
# ## A ninth patient
#
# Large networks are trained in 16 bits all the same, because that takes half of the memory.
# In **mixed precision** ([Micikevicius and others, 2018](https://arxiv.org/abs/1710.03740))
# convolutions run in 16 bits, while weights and loss stay in 32; torch's **`autocast`** makes
# that choice. Patient I learns like this in float16, for 20 steps. Its loss counts for a
# thousandth, as an auxiliary term might. What has it?

# %% id="patient-i" tags=["fragment", "output"]
ill = patient_i()
print(f"I: loss {ill.losses[0]:.3f} → {ill.losses[-1]:.3f}")
print(f"   gradients that are exactly 0: {ill.zeros:.0%}")

# %% id="patient-i-claim" tags=["claim"]
assert ill.zeros == 1 and len(set(ill.losses)) == 1 and f"{ill.losses[0]:.3f}" == "0.727"
conv = nn.Conv2d(1, 4, 3)
with torch.autocast("cpu", dtype=torch.float16):
    out = conv(torch.randn(1, 1, 16, 16))
    loss = F.binary_cross_entropy_with_logits(out, torch.zeros_like(out))
assert (out.dtype, loss.dtype, conv.weight.dtype) == (torch.float16, *[torch.float32] * 2)

# %% [markdown] id="underflow-prose" tags=["slide"]
# No error, no NaN, nothing below 0: the loss never moves, because no gradient is left.
# float16 has a limit at the small end, too. Its smallest positive number is 2⁻²⁴, about 6 ·
# 10⁻⁸, and half of that, 3 · 10⁻⁸, becomes 0. This is **underflow**. I's loss is a mean over
# N = 2 · 128 · 128 pixels and counts for a thousandth, so at p near 0.5 the gradient of one
# logit is about 0.5/N/1000 = 1.5 · 10⁻⁸: too small.
#
# The cure is **loss scaling**: multiply the loss by a large number, so that all gradients
# grow with it and survive, and divide them by it before the optimizer's step. Does I learn
# then?

# %% id="underflow-claim" tags=["claim"]
gradient = torch.tensor(0.5 / (2 * 128 * 128) / 1000)
assert torch.tensor(2.0**-24).half() > 0 and torch.tensor(2.0**-25).half() == 0
assert f"{2**-24:.0e} {2**-25:.0e} {gradient:.1e}" == "6e-08 3e-08 1.5e-08"
assert gradient.half() == 0 and gradient.bfloat16() > 0
assert math.isclose((gradient * 2**16).half().float() / 2**16, gradient, rel_tol=0.001)


# %% id="scaling" tags=["fragment", "output"]
def scaled_step(model, optimizer, loss, scale):
    """One training step whose gradients are `scale` times larger on their way back."""
    optimizer.zero_grad()
    (scale * loss).backward()
    for weight in model.parameters():
        weight.grad /= scale
    optimizer.step()


treated = patient_i(scaled_step, scale=2**16)
steps = range(1, len(ill.losses) + 1)
figure, axes = plt.subplots(figsize=(6, 2.4), layout="constrained")
axes.plot(steps, ill.losses, "x-", color="#D55E00", label="I, in float16")
axes.plot(steps, treated.losses, "o-", color="#0072B2", label="I, with its loss × 2¹⁶")
axes.set(xticks=steps[::3], xlabel="step", ylabel="loss", ylim=(0, 0.8))
axes.legend(loc="lower left")
described(figure, "15.patient_i")


# %% id="scaling-claim" tags=["claim"]
def careful_step(model, optimizer, loss, scale):
    """As above, unless a gradient is infinite: then no step, and half of the scale."""
    optimizer.zero_grad()
    (scale * loss).backward()
    if not all(weight.grad.isfinite().all() for weight in model.parameters()):
        return scale / 2
    for weight in model.parameters():
        weight.grad /= scale
    optimizer.step()


exact, half = patient_i(kind=torch.float32), patient_i(kind=torch.bfloat16)
careless = patient_i(scaled_step, scale=2**30)
careful = patient_i(careful_step, scale=2**30)
assert treated.zeros < 0.01 and abs(treated.losses[-1] - exact.losses[-1]) < 0.05
assert max(exact.losses[-1], half.losses[-1]) < 0.6 * exact.losses[0]
assert math.isnan(careless.losses[-1])
assert careful.skipped == 3 and careful.losses[-1] < 0.7 * careful.losses[0]

# %% [markdown] id="scaling-read" tags=["slide"]
# It does, as in float32. bfloat16 needs no scaling, because it has float32's range, but fewer
# digits.
#
# <details><summary>And if the number is too large?</summary>
#
# Then gradients become infinite: with 2³⁰, one step turns every weight into NaN. So look
# first: if a gradient is infinite, skip the step and halve the number. I skips three steps
# that way, and then learns. `torch.amp.GradScaler` does this for you.
#
# </details>
#
# ## The pair, as it stands now
#
# Back to the line that we forgot at the start. Would your `checks` have caught it? Give them
# the two images, their mask and the network's logits. What do you expect?

# %% id="old-checks" tags=["fragment", "output"]
mask = torch.from_numpy(labels == 0)[None, None].float()
batches = {name: torch.from_numpy(image)[None, None] for name, image in inputs.items()}
yours = check("15.checks", checks).passed
first_five = checks if yours else exercises.checks  # ours, if yours don't pass yet
for name, x in batches.items():
    print(f"{name}: {first_five(x, mask, logits[name])}")

# %% id="old-checks-claim" tags=["claim"]
assert all(first_five(x, mask, logits[name]) == set() for name, x in batches.items())

# %% [markdown] id="sixth-check" tags=["slide"]
# Nothing, for either. Grey values up to 255 are finite, and the fifth check looks for logits
# that are *never* negative, while here every logit is. No check looks at the image's scale.
# Add a sixth: which line would you write? Ours asks for a mean near 0 and a standard
# deviation near 1. Now the orange pair comes with an alarm, before anyone looks at a map.


# %% id="the-alarm" tags=["fragment", "output"]
def not_standardised(image):
    return abs(image.mean()) > 0.5 or abs(image.std() - 1) > 0.5


for name, x in batches.items():
    print(f"{name}: mean {x.mean():z.2f}, standard deviation {x.std():.2f}")
alarms = {name: bool(not_standardised(x)) for name, x in batches.items()}
described(pair_row(pair, logits, labels, alarms), "15.pair_alarm")

# %% id="the-alarm-claim" tags=["claim"]
assert alarms == {"standardised": False, "line forgotten": True}

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# Which of the eight raise no error at all? And what does that mean for the way you work?
#
# <details><summary>One answer</summary>
#
# None of the eight. Four give themselves away by an impossible number: a loss below 0 (D and
# G), NaN (C), no probability below one half (F). B stays at the class entropy. A, E and H
# have a fine curve and a poor answer, so only a look at a map or a score on the validation
# set finds them. So know the first loss beforehand, lay masks over images, overfit one image,
# run your checks on every batch, and never judge by the training curve alone.
#
# </details>

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - named eight failures by their curves and maps, and fixed each with one line;
# - saw every broken run score below every fixed one, in three seeds;
# - lost every gradient in float16, and saved them by scaling the loss;
# - found that the loss of shuffled masks is the class entropy, and that no curve warns of a
#   forgotten `eval()`;
# - kept the last layer bare: "At the final layer a 1x1 convolution is used to map each
#   64-component feature vector to the desired number of classes" is `logits = model(x)`, and
#   no ReLU follows it.
