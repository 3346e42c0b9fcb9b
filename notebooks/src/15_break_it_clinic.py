# %% [markdown] id="title" tags=["slide"]
# # 15 · Break it: the clinic
#
# Eight small U-Nets were trained. Each has **one** wrong line. None of them stopped with an
# error; all of them are ill. You are the doctor: read the curves and maps, name what each one
# has, and mend it.
#
# ![](assets/lessons/15_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - tell eight classic failures apart by their loss curves and their maps;
# - mend each with one line, and show by a number that it is mended;
# - write the checks that would have told you before the training began.
#
# **Time** about 50 minutes · **Before** lessons 08, 10 and 11 · **Needs** no GPU, no data

# %% id="setup"
import math

import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.nn import functional as F

from unet_teach.comparisons import load_table
from unet_teach.exercises import check, hint, solution
from unet_teach.lessons.described import described
from unet_teach.lessons.l15_break_it_clinic.measure import PATIENTS, TRAIN, smaller, treat, ward
from unet_teach.lessons.l15_break_it_clinic.panel import clinic

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="ward" tags=["slide"]
# ## The ward
#
# All patients learn the same task: find the **walls** in ten synthetic micrographs of 16 bits,
# eight to learn from and two to be judged on. The network gives one logit a pixel; above 0
# means wall. Exposures differ from slice to slice, as after ten days at one microscope. What
# share of the pixels is wall, and what would the loss of somebody be who knows only that
# share? Guess both.

# %% id="class-entropy"
images, masks = ward()
f = (masks[:TRAIN] == 255).float().mean().item()
entropy = -f * math.log(f) - (1 - f) * math.log(1 - f)
print(f"walls {f:.1%}; the loss of knowing only that: {entropy:.3f}; log 2 = {math.log(2):.3f}")

# %% id="class-entropy-claim" tags=["claim"]
assert 0.19 < f < 0.23 and 0.48 < entropy < 0.54

# %% [markdown] id="three-numbers" tags=["slide"]
# Keep these numbers in mind. Log 2 = 0.69 is the loss of a shrug. The **class entropy**, here
# about 0.5, is the loss of one who knows the share of each class and nothing of the image. And
# 0 is the floor: no cross-entropy is below it, and no 1 − Dice either.
#
# ## One falls ill before your eyes
#
# Here is one of the eight, live, for 100 steps: first broken, then with its line mended. Watch
# the loss. Which of the three numbers tells you that something is wrong, and at which step?

# %% id="live"
charts = {}
for broken in (True, False):
    chart = charts[broken] = treat("G", broken, seed=0, steps=100)
    name = "broken" if broken else "mended"
    print(name, "loss:", "  ".join(f"{loss:.2f}" for loss in chart.losses[::14]))
    print(f"       Dice of the walls {chart.score:.2f}")

# %% id="live-claim" tags=["claim"]
assert charts[True].score < 0.82 < charts[False].score
assert min(charts[True].losses) < -1 and min(charts[False].losses) > 0
assert all(math.isfinite(loss) for loss in charts[True].losses)

# %% [markdown] id="live-read" tags=["slide"]
# It falls below 0. Nothing was raised, and the curve goes down, as one wishes. Who looks only
# at the direction of a curve is content with it. So the first rule: know what your loss is at
# the start, and which values it can never have.

# %% [markdown] id="clinic" tags=["slide"]
# ## The clinic
#
# Now all eight, trained for 100 steps before you came. Order of a visit: first the loss (a
# number at all? below 0? flat? as it should be?), then the map (its smallest and its largest
# value, too much wall, too little, noise?), then the score. Predict before you look:
#
# 1. How many of the eight curves go down as if all were well?
# 2. Which failure leaves a map in which no pixel is below one half?
# 3. Two learn well, and answer badly. What differs between learning and answering?
#
# Write down a diagnosis for each patient **before** you tick the box that reveals it.
#
# {{twin: clinic}}

# %% id="visit" tags=["slide"]
clinic()

# %% [markdown] id="exercise-1" tags=["slide"]
# ### Exercise 1 (easy): name it
#
# These are the eight diagnoses, in the order of the alphabet. Give each patient its own.

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
# Stuck? `hint("15.diagnoses")`. From here on the secrets are told.
#
# ## One line each
#
# Broken (−) and mended (+). The loop around them is `treat` in
# `unet_teach/lessons/l15_break_it_clinic/measure.py`: there the two lines of each patient stand
# side by side.

# %% id="the-lines"
for letter, patient in PATIENTS.items():
    print(f"{letter}  {patient.diagnosis}\n   − {patient.broken}\n   + {patient.mended}")

# %% [markdown] id="band-prose" tags=["slide"]
# Is it really that line? Each patient was trained with three seeds, broken and mended, all else
# the same. We draw a line at a Dice of 0.82: every broken run must lie below it, every mended
# one above. `experiments/clinic.py` is the command. Mended, six of the patients are one and the
# same healthy run; only D, with its Dice loss, and H, at batch 1, differ from it.

# %% id="band" tags=["slide"]
table = load_table("clinic")
dice = {letter: {True: [], False: []} for letter in PATIENTS}
for run in table:
    dice[run["letter"]][run["broken"]].append(run["dice"])
figure, axes = plt.subplots(figsize=(8, 2.8), layout="constrained")
for place, (letter, found) in enumerate(dice.items()):
    axes.plot([place] * 3, found[True], "x", color="#D55E00")
    axes.plot([place] * 3, found[False], "o", color="#0072B2", alpha=0.6)
    print(letter, "broken", found[True], "mended", found[False])
axes.axhline(0.82, color="grey", linestyle="--")
axes.set(xticks=range(8), xticklabels=PATIENTS, ylabel="Dice of the walls")
described(figure, "15.band")

# %% id="band-claim" tags=["claim"]
for letter, found in dice.items():
    assert len(found[True]) == len(found[False]) == 3
    assert max(found[True]) < 0.82 < min(found[False])
    assert (found[False] == dice["A"][False]) == (letter not in "DH")

# %% [markdown] id="curves-prose"
# And the curves? Three seeds say the same: C ends without a number; D and G fall below 0, D
# never below −1; B stays at the class entropy, F above 0.6; and A, E and H end low, as a good
# run does. Their curves would not have warned you.

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
# **Mask at 255.** With two logits and `cross_entropy`, class 255 does not exist: an error, and
# you are lucky. With one logit there is no error. The loss is linear in the target, so 255
# pulls the logits of walls up without end, and their neighbours with them.

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

# %% [markdown] id="dice-prose" tags=["slide"]
# **Dice over 1.** Below the fraction there must be **both** areas. Without that of the
# prediction there is no price for painting everything, and "everything is wall" reaches 2. A
# score above its largest possible value is never good news. What is the correct Dice of that
# answer, with a share of walls f? It is 2f/(1 + f).

# %% id="dice-over-1"
target = (masks[:1] == 255).float()
p = torch.ones_like(target)
wrong = (2 * (p * target).sum() / target.sum()).item()
right = (2 * (p * target).sum() / (p.sum() + target.sum())).item()
share = target.mean().item()
print(f"all is wall: {wrong:.2f} by the broken line, {right:.2f} by the mended one")

# %% id="dice-over-1-claim" tags=["claim"]
assert math.isclose(wrong, 2) and math.isclose(right, 2 * share / (1 + share), rel_tol=1e-4)

# %% [markdown] id="half-prose" tags=["slide"]
# **Overflow.** The largest number of float16 is 65504. One overexposed pixel of a 16-bit image,
# 65535, becomes infinity; infinity minus infinity is not a number (NaN), and a single NaN in
# one weight soon is in all. Two pixels of one slice did it here. bfloat16 has room for it, but
# keeps only two to three digits.

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
# **A mask resized bilinearly.** Half way from 0 to 255 lies 128, which is the name of no
# class. Whole division by 255 then makes 0 of all that is not pure. How much of the walls is
# left?

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
# This function prepares a batch, and three of the patients' faults are in it. It raises
# nothing. Write it again with the three fixed, and change nothing else: `x` goes from 0 to 1,
# shrunk as it is here (bilinear, with `antialias=True`). The target holds 0 and 1, picked with
# `mode="nearest"`. Both are float32. `size` is (height, width), not always half of the image.


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
# **ReLU after the last 1×1.** A logit below 0 says "no wall". A ReLU forbids it, so no
# probability is below one half; and where all logits of a pixel are cut, no gradient flows.

# %% id="relu"
logits = torch.linspace(-6, 6, 5)
print("with ReLU   ", [round(v, 2) for v in logits.relu().sigmoid().tolist()])
print("without ReLU", [round(v, 2) for v in logits.sigmoid().tolist()])

# %% id="relu-claim" tags=["claim"]
assert logits.relu().sigmoid().min() == 0.5 and logits.sigmoid().min() < 0.01

# %% [markdown] id="norm-prose" tags=["slide"]
# **Batch norm at batch 1** and **`eval()` forgotten** are two sides of one thing: batch norm
# computes otherwise while it learns than when it answers. Learning, it takes mean and variance
# from the batch. At batch 1 that wipes each slice's exposure away; in `eval()` it takes the
# average of many slices instead, which fits neither a dark slice nor a bright one. Take one
# bright image and one dark one. Do the two modes agree?

# %% id="norm" tags=["fragment", "output"]
norm, group = nn.BatchNorm2d(1), nn.GroupNorm(1, 1)
dark, light = torch.randn(1, 1, 32, 32), torch.randn(1, 1, 32, 32) + 3
for _step in range(100):
    for image in (dark, light):  # batch 1, by turns
        norm(image)
learned = [norm(image).mean().item() for image in (dark, light)]
answers = [norm.eval()(image).mean().item() for image in (dark, light)]
steady = [group.train(mode)(light).mean().item() for mode in (True, False)]
print("mean, learning:", [f"{v:.2f}" for v in learned])
print("mean, answering:", [f"{v:.2f}" for v in answers])

# %% id="norm-claim" tags=["claim"]
assert max(map(abs, learned)) < 1e-3 and answers[0] < -0.5 and answers[1] > 0.5
assert steady[0] == steady[1]

# %% [markdown] id="norm-read"
# While it learned, both images came out alike; in the answers they are far apart. Group norm
# looks at one image only, in both modes alike: that is patient H's mended line. A larger batch
# would be another cure, with more images to each step. The other side, patient A: who forgets
# `model.eval()` gets the batch's statistics, and dropout that still throws numbers away.
# Two passes over one image tell:

# %% id="eval"
model = nn.Sequential(nn.Conv2d(1, 6, 3), nn.Dropout(0.6), nn.Conv2d(6, 1, 1))
x = torch.randn(1, 1, 16, 16)
agree = {mode: torch.equal(model.train(mode)(x), model(x)) for mode in (True, False)}
print("two passes agree:", {"train" if mode else "eval": same for mode, same in agree.items()})

# %% id="eval-claim" tags=["claim"]
assert agree == {True: False, False: True}

# %% [markdown] id="shuffled-prose" tags=["slide"]
# **Shuffled apart.** The files of the masks were sorted otherwise than those of the images, so
# each image has another one's mask. Nothing can be learned but the share of the classes: the
# loss stays at the class entropy, and below one half everywhere means: no wall at all. The
# test is to lay image and mask over each other. In numbers: walls are darker than cells. By how
# much, with the right mask and with another?

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
# Two of the eight, F and G, can be found before the first step, on any batch, and C on a batch
# that holds one of its bad pixels. Return the **set** of all that is wrong: `"shapes differ"`
# (of any two of the three), `"image not finite"` (a pixel is NaN, ∞ or −∞), `"mask not 0 or 1"`
# (a pixel is anything else), `"logits not finite"`, `"logits never negative"` (all are 0 or
# more). A mask of one class only is in order. The empty set means: begin.


# %% id="exercise-checks" tags=["fragment"]
def checks(image, mask, logits):
    """What is wrong with a batch: three float tensors that should all be (B, 1, H, W)."""
    # SOLUTION: exercises.checks


# %% id="check-prevent-it"
check("15.checks", checks)

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# Stuck? `hint("15.checks")`.
#
# Which of the eight give no error at all? And what follows for the way you work?
#
# <details><summary>One answer</summary>
#
# None of the eight raised anything here; a mask at 255 does, where there are two logits. Four
# give themselves away by a number that cannot be: a loss below 0 (D and G), NaN (C), no
# probability below one half (F). B stays at the class entropy. A, E and H have a fine curve
# and a poor answer: only a look at a map, or a score on held-out data, finds them. So know
# the first loss beforehand, lay masks over images, learn one image by heart, run your checks
# on every batch, and never judge by the training curve alone.
#
# </details>

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - named eight failures by their curves and maps, and mended each with one line;
# - saw all broken runs below a Dice of 0.82 and all mended ones above it, in three seeds;
# - found that the loss of shuffled masks is the class entropy, and that no curve warns of a
#   forgotten `eval()`;
# - kept the last layer bare: "At the final layer a 1x1 convolution is used to map each
#   64-component feature vector to the desired number of classes" is `logits = model(x)`, and
#   no ReLU follows it.
