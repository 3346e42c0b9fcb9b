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
from unet_teach.drawing.pair import coloured, the_pair
from unet_teach.exercises import check, hint, solution
from unet_teach.lessons.described import described
from unet_teach.lessons.l15_break_it_clinic.measure import (
    PATIENTS,
    TRAIN,
    sixteen_bits,
    smaller,
    treat,
    ward,
)
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
figure, axes = plt.subplots(1, 2, figsize=(6, 3.2), layout="constrained")
for ax, (title, values) in zip(axes, inputs.items(), strict=True):
    with torch.inference_mode():
        inside = network(torch.from_numpy(values)[None, None]).softmax(dim=1)[0, 1].numpy()
    ax.imshow(coloured(pair, inside > 0.5, labels))
    ax.set(title=f"{title}: {pair.verdict(inside > 0.5, labels)}", xticks=[], yticks=[])
described(figure, "15.pair_now")

# %% id="the-pair-now-claim" tags=["claim"]
assert [ax.get_title().split()[-1] for ax in axes] == ["apart", "merged"]
assert (inside > 0.5).all()

# %% [markdown] id="ward" tags=["slide"]
# One line is missing, there is no error, and the network calls every pixel "inside": the wall
# between the pair is gone. This lesson is about such lines.
#
# ## The ward
#
# All patients learn the same task: find the **walls** in ten synthetic micrographs of 16 bits.
# Eight slices are for training, and two form the **validation set**, on which the patients are
# evaluated. The network returns one **logit** per pixel, a number that the sigmoid turns into a
# probability, so a logit above 0 means wall. Exposures differ from slice to slice, as they do
# after ten days at one microscope.
#
# What fraction of the pixels is wall? And if a **baseline**, an answer that ignores the image,
# knew only that fraction, what would its loss be? Guess both.

# %% id="class-entropy"
images, masks = ward()
f = (masks[:TRAIN] == 255).float().mean().item()
entropy = -f * math.log(f) - (1 - f) * math.log(1 - f)
print(f"walls {f:.1%}; the loss of knowing only that: {entropy:.3f}; log 2 = {math.log(2):.3f}")

# %% id="class-entropy-claim" tags=["claim"]
assert 0.19 < f < 0.23 and 0.48 < entropy < 0.54

# %% [markdown] id="three-numbers" tags=["slide"]
# Keep three numbers in mind. Log 2 = 0.69 is the loss of a uniform guess, in which both classes
# get one half. The **class entropy**, here about 0.5, is the loss of the baseline that knows
# the fraction of each class and nothing of the image. And 0 is the floor, because neither
# cross-entropy nor 1 − Dice can be negative.
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
assert charts[True].score < 0.82 < charts[False].score
assert min(charts[True].losses) < -1 and min(charts[False].losses) > 0
assert all(math.isfinite(loss) for loss in charts[True].losses)

# %% [markdown] id="live-read" tags=["slide"]
# The loss falls below 0. Python raised no error, and the curve goes down as you would wish,
# so its direction alone doesn't warn you. Here is the first rule: know what your loss should
# be at the start, and which values it can never have. An impossible value is the cheapest
# alarm there is.

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
# 3. Two of them learn well and answer badly. What differs between training and inference?
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
# Here is each patient's line, broken (−) and fixed (+). The training loop around them is
# `treat` in `unet_teach/lessons/l15_break_it_clinic/measure.py`, where you find both versions
# next to each other.

# %% id="the-lines"
for letter, patient in PATIENTS.items():
    print(f"{letter}  {patient.diagnosis}\n   − {patient.broken}\n   + {patient.fixed}")

# %% [markdown] id="band-prose" tags=["slide"]
# Is it really that line? To find out, we trained each patient with three seeds, broken and
# fixed, with everything else the same. If the line is the cause, then a threshold at a Dice of
# 0.82 should separate them: every broken run below it, every fixed one above. You can repeat
# this with `experiments/clinic.py`. Once they are fixed, six of the patients are one and the
# same healthy run; only D, with its Dice loss, and H, at batch size 1, differ from it.

# %% id="band" tags=["slide"]
table = load_table("clinic")
dice = {letter: {True: [], False: []} for letter in PATIENTS}
for run in table:
    dice[run["letter"]][run["broken"]].append(run["dice"])
figure, axes = plt.subplots(figsize=(8, 2.8), layout="constrained")
for place, (letter, found) in enumerate(dice.items()):
    axes.plot([place] * 3, found[True], "x", color="#D55E00")
    axes.plot([place] * 3, found[False], "o", color="#0072B2", alpha=0.6)
    print(letter, "broken", np.round(found[True], 2), "fixed", np.round(found[False], 2))
axes.axhline(0.82, color="grey", linestyle="--")
axes.set(xticks=range(8), xticklabels=PATIENTS, ylabel="Dice of the walls")
described(figure, "15.band")

# %% id="band-claim" tags=["claim"]
for letter, found in dice.items():
    assert len(found[True]) == len(found[False]) == 3
    assert max(found[True]) < 0.82 < min(found[False])
    assert (found[False] == dice["A"][False]) == (letter not in "DH")

# %% [markdown] id="curves-prose"
# And the curves? All three seeds say the same. C ends as NaN (*not a number*). D and G fall
# below 0, but D never below −1. B stays at the class entropy, and F above 0.6. Three, however,
# A, E and H, end low, as a good run does, so their curves would not have warned you.

# %% id="curves"
last = {letter: [] for letter in PATIENTS}
for run in table:
    if run["broken"]:
        values = [loss for _step, loss in run["curve"][-5:]]
        last[run["letter"]].append(math.nan if None in values else sum(values) / 5)
print({letter: [round(value, 2) for value in found] for letter, found in last.items()})

# %% id="curves-claim" tags=["claim"]
assert all(math.isnan(value) for value in last["C"])
assert all(-1 < value < 0 for value in last["D"]) and max(last["G"]) < -100
assert all(abs(value - entropy) < 0.06 for value in last["B"]) and min(last["F"]) > 0.6
assert max(last["A"] + last["E"] + last["H"]) < 0.4

# %% [markdown] id="mechanisms" tags=["slide"]
# ## Why: the four of data and numbers
#
# **Mask at 255.** With two logits and `cross_entropy` you are lucky: class 255 doesn't exist,
# so you get an error. With one logit there is none. Because the loss is linear in the target,
# a target of 255 pulls the logits of walls up without end, and their neighbours' with them.

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

# %% [markdown] id="dice-prose"
# **Dice over 1.** The denominator of the Dice must contain **both** areas. Without the area
# of the prediction it costs nothing to paint everything, so the answer "everything is wall"
# reaches 2. A score above its largest possible value is never good news. What is the correct
# Dice of that answer, if a fraction f of the pixels is wall? It is 2f/(1 + f).

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
# **Overflow.** The largest number in float16 is 65504. An overexposed pixel of a 16-bit image
# has 65535 and becomes infinity. The first batch norm subtracts the channel's mean, infinity
# too, and infinity minus infinity is **not a number** (NaN). From one weight it soon spreads to
# all. Here two pixels of one slice were enough. bfloat16 has room for such a number, but keeps
# only two to three digits of it.

# %% id="half"
bright = torch.tensor([65504.0, 65535.0])
print(bright.half().tolist(), bright.bfloat16().tolist())
hot = [(image > 65504).sum().item() for image in images]
print("pixels above 65504, by slice:", hot)

# %% id="half-claim" tags=["claim"]
assert (
    bright.half()[0] == 65504
    and bright.half()[1].isinf()
    and not bright.bfloat16().isinf().any()
)
assert (bright.half() - bright.half())[1].isnan()
assert sorted(hot)[-2:] == [0, 2]

# %% [markdown] id="bilinear-prose"
# **A mask resized bilinearly.** Halfway between 0 and 255 is 128, which is no class.
# Integer division by 255 then turns every value except a pure 255 into 0. How much of the walls
# is left?

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
# ## Why: the four of the network
#
# **ReLU after the last 1×1.** A logit below 0 says "no wall". A ReLU forbids exactly that, so
# no probability is below one half. And where it cuts a logit, no gradient flows, because a
# ReLU whose input is negative passes none.

# %% id="relu"
logits = torch.linspace(-6, 6, 5)
print("with ReLU   ", [round(v, 2) for v in logits.relu().sigmoid().tolist()])
print("without ReLU", [round(v, 2) for v in logits.sigmoid().tolist()])

# %% id="relu-claim" tags=["claim"]
assert logits.relu().sigmoid().min() == 0.5 and logits.sigmoid().min() < 0.01

# %% [markdown] id="norm-prose" tags=["slide"]
# **Batch norm at batch 1** and **`eval()` forgotten** have one cause: **batch norm** behaves
# differently in training than in inference. In training it uses the batch's
# own mean and variance, which at batch size 1 wipes out each slice's exposure. In `eval()` it
# uses the average over many slices instead, which fits neither a dark slice nor a bright one.
# Take one bright image and one dark one. Do the two modes agree? And do
# two passes over one image, in a network with dropout?

# %% id="norm" tags=["fragment", "output"]
norm, group = nn.BatchNorm2d(1), nn.GroupNorm(1, 1)
dark, light = torch.randn(1, 1, 32, 32), torch.randn(1, 1, 32, 32) + 3
for _step in range(100):
    for image in (dark, light):  # batch 1, by turns
        norm(image)
learned = [norm(image).mean().item() for image in (dark, light)]
answers = [norm.eval()(image).mean().item() for image in (dark, light)]
steady = [group.train(mode)(light).mean().item() for mode in (True, False)]
print("mean, in training: ", [f"{v:.2f}" for v in learned])
print("mean, in inference:", [f"{v:.2f}" for v in answers])
model = nn.Sequential(nn.Conv2d(1, 6, 3), nn.Dropout(0.6), nn.Conv2d(6, 1, 1))
x = torch.randn(1, 1, 16, 16)
agree = {mode: torch.equal(model.train(mode)(x), model(x)) for mode in (True, False)}
print("two passes agree:", {"train" if mode else "eval": same for mode, same in agree.items()})

# %% id="norm-claim" tags=["claim"]
assert max(map(abs, learned)) < 1e-3 and answers[0] < -0.5 and answers[1] > 0.5
assert steady[0] == steady[1]
assert agree == {True: False, False: True}

# %% [markdown] id="norm-read"
# In training both images came out alike; in inference they are far apart. Group norm looks
# at one image only, and does so in both modes, which is why it is patient H's fix. A larger
# batch would be another, because its statistics come from more images, and so are closer to
# the average that `eval()` uses. Patient H is ill because `eval()` changes the statistics;
# patient A, because `eval()` was never called. So A still uses the batch's statistics, and
# its dropout sets other numbers to 0 in each pass. That gives A away: two passes over the
# same image don't agree.

# %% [markdown] id="shuffled-prose" tags=["slide"]
# **Shuffled apart.** The mask files were sorted in a different order from the images, so each
# image has another one's mask. Only the fraction of each class can be learned from that. The
# loss therefore stays at the class entropy, and since every probability is below one half, no
# pixel is called wall. To test for it, lay image and mask over each other. In numbers: walls
# are darker than cells. By how much, with the right mask and with another one?

# %% id="shuffled" tags=["fragment", "output"]
grey = images.float() / images.float().mean((1, 2, 3), keepdim=True)
contrast = {}
for shift in (0, 1):
    wall_here = masks.roll(shift, dims=0) == 255
    contrast[shift] = (grey[~wall_here].mean() - grey[wall_here].mean()).item()
print(f"cells − walls: {contrast[0]:.2f} with their masks, {contrast[1]:.2f} with others'")

# %% id="shuffled-claim" tags=["claim"]
assert contrast[0] > 0.2 and abs(contrast[1]) < 0.1 * contrast[0]

# %% [markdown] id="exercise-3" tags=["slide"]
# ### Exercise 3 (stretch): prevent it
#
# F and G can be found before the first step, on any batch, and C on a batch that holds one of
# its bad pixels.
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
# ## Mixed precision, for real
#
# Large networks are trained in 16 bits all the same, because that takes half of the memory.
# In **mixed precision** ([Micikevicius and others, 2018](https://arxiv.org/abs/1710.03740))
# convolutions run in 16 bits, while weights and loss stay in 32; torch's **`autocast`** makes
# that choice.
#
# But float16 has a limit at the small end, too: its smallest positive number is 2⁻²⁴, and
# half of that becomes 0. This is **underflow**, and it matters because gradients can be that
# small. If the loss is a mean over N pixels, the gradient of one logit is (p − y)/N. Take
# four 512 × 512 images and p − y = 0.02. What is left of that gradient in float16, and what
# in bfloat16?

# %% id="underflow" tags=["fragment", "output"]
conv, cast, tiny = nn.Conv2d(1, 4, 3), {}, {}
gradient = torch.tensor(0.02 / (4 * 512 * 512))
for kind in (torch.bfloat16, torch.float16):
    with torch.autocast("cpu", dtype=kind):
        out = conv(torch.randn(1, 1, 16, 16))
        loss = F.binary_cross_entropy_with_logits(out, torch.zeros_like(out))
    cast[kind], tiny[kind] = (
        (out.dtype, loss.dtype, conv.weight.dtype),
        gradient.to(kind).item(),
    )
    print("convolution, loss, weights:", *cast[kind])
    print(f"   gradient {gradient:.2e} becomes {tiny[kind]:.2e}")
rescued = (gradient * 2**16).half().float().item() / 2**16
print(f"multiplied by 65536, cast to float16, divided again: {rescued:.2e}")

# %% id="underflow-claim" tags=["claim"]
for kind, found in cast.items():
    assert found == (kind, torch.float32, torch.float32)
assert torch.tensor(2.0**-24).half() > 0 and torch.tensor(2.0**-25).half() == 0
assert tiny[torch.float16] == 0
assert math.isclose(tiny[torch.bfloat16], gradient, rel_tol=0.01)
assert math.isclose(rescued, gradient, rel_tol=0.001)

# %% [markdown] id="scaling-prose" tags=["slide"]
# The last line is the idea of **loss scaling**: multiply the loss by a large number, so that
# all gradients grow with it and survive, and divide them by it before the optimizer's step.
# If some gradient becomes infinite, the number was too large: skip the step and halve it.
# `torch.amp.GradScaler` does this, and doubles the number again after many good steps.
#
# Here it is by hand, for a loss that counts for a thousandth, as an auxiliary term might. Of
# the five runs, which one never moves, which one dies, and which one recovers?


# %% id="scaling"
def scaled_step(model, optimizer, loss, scale, careful=True):
    """One step, if its gradients are finite; returns the scale for the next one."""
    optimizer.zero_grad()
    (scale * loss).backward()
    gradients = [weight.grad for weight in model.parameters()]
    if careful and not all(gradient.isfinite().all() for gradient in gradients):
        return scale / 2  # too large: skip this step
    for gradient in gradients:
        gradient /= scale
    optimizer.step()
    return scale


# %% id="scaling-runs" tags=["fragment", "output"]
runs = {
    "float32": sixteen_bits(scaled_step, torch.float32),
    "float16": sixteen_bits(scaled_step, torch.float16),
    "float16, loss × 2^16": sixteen_bits(scaled_step, torch.float16, 2.0**16),
    "float16, × 2^30, careless": sixteen_bits(scaled_step, torch.float16, 2.0**30, False),
    "float16, × 2^30, careful": sixteen_bits(scaled_step, torch.float16, 2.0**30),
}
for name, run in runs.items():
    ends = f"loss {run.losses[0]:.3f} → {run.losses[-1]:.3f}"
    print(f"{name:26} {ends}, first gradients 0: {run.zeros:.0%}, skipped {run.skipped}")

# %% id="scaling-claim" tags=["claim"]
exact, plain, scaled, careless, careful = runs.values()
assert plain.zeros == 1 and len(set(plain.losses)) == 1  # no gradient, no step
assert scaled.zeros < 0.01 and scaled.skipped == 0
assert abs(scaled.losses[-1] - exact.losses[-1]) < 0.05
assert exact.losses[-1] < 0.6 * exact.losses[0]
assert math.isnan(careless.losses[-1])
assert careful.skipped > 0 and careful.losses[-1] < 0.7 * careful.losses[0]

# %% [markdown] id="scaling-read"
# Plain float16 has lost every gradient, so its loss never moves, and no error says so. With the
# loss scaled, the same run follows float32. Too large a scale makes infinite gradients: the
# careless run takes one step with them, and all is NaN, while the careful one skips a few steps
# and then learns. bfloat16 needs no scaling, because it has the range of float32, but it
# keeps fewer digits.
#
# ## The pair, as it stands now
#
# With every line in its place, our two neurons are apart, as in the first picture. What has
# changed is that you'd notice if they weren't: a map that is "inside" everywhere, like the one
# of the forgotten line, can't be right, and a look at it costs a second.

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# Which of the eight raise no error at all? And what does that mean for the way you work?
#
# <details><summary>One answer</summary>
#
# None of the eight raised an error here, although a mask at 255 does if there are two logits.
# Four give themselves away by an impossible number: a loss below 0 (D and G), NaN (C), no
# probability below one half (F). B stays at the class entropy. A, E and H have a fine curve
# and a poor answer, so only a look at a map or a score on the validation set finds them. So
# know the first loss beforehand, lay masks over images, overfit one image, run your
# checks on every batch, and never judge by the training curve alone.
#
# </details>

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - named eight failures by their curves and maps, and fixed each with one line;
# - saw all broken runs below a Dice of 0.82 and all fixed ones above it, in three seeds;
# - lost every gradient in float16, and saved them by scaling the loss;
# - found that the loss of shuffled masks is the class entropy, and that no curve warns of a
#   forgotten `eval()`;
# - kept the last layer bare: "At the final layer a 1x1 convolution is used to map each
#   64-component feature vector to the desired number of classes" is `logits = model(x)`, and
#   no ReLU follows it.
