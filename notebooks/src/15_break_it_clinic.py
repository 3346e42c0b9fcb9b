# %% [markdown] id="title" tags=["slide"]
# # 15 · Break it: the clinic
#
# We trained eight small U-Nets, and the code of each has **one** wrong line, which raises
# no error. You are the doctor: read their loss curves and predicted wall maps, and name
# what is wrong with each.
#
# ![](assets/lessons/15_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - tell eight classic failures apart by their loss curves and their maps;
# - fix each with one line, and show by a number that it's fixed;
# - write checks that warn you, and keep gradients from becoming 0 in 16-bit numbers.
#
# **Time** about 50 minutes · **Prerequisites** lessons 08, 10 and 11 · **Needs** no GPU, no
# data

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
    tenth,
    treat,
    ward,
)
from unet_teach.lessons.l15_break_it_clinic.pair import pair_row, wall_logits
from unet_teach.lessons.l15_break_it_clinic.panel import clinic
from unet_teach.lessons.l15_break_it_clinic.picture import case_notes, side_by_side, verdict
from unet_teach.models.pretrained import pretrained

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="the-pair-so-far"
# ## The pair, and a forgotten line
#
# In lesson 13 the course's network kept our two neurons apart. It was trained on
# **standardised** images, whose grey values are shifted and scaled to mean 0 and standard
# deviation 1. If you forget the line that standardises, the network gets grey values
# between 0 and 255. Will Python complain, and will the pair stay apart?

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
seen = inputs["standardised"]
assert (round(seen.min()), round(seen.max()), micrograph.min()) == (-3, 3, 10)
assert micrograph[labels > 0].mean() > micrograph[labels == 0].mean() + 40
assert (wall_logits(network, micrograph.astype("f4") - 300) > 0).float().mean() > 0.8  # dark

# %% [markdown] id="ward" tags=["slide"]
# Python doesn't complain, yet the network now calls every pixel "inside", because it has
# learned that bright means inside. A standardised slice goes from about −3 to 3, but now
# even the darkest pixel is 10.
#
# ## The ward
#
# Each patient is a network trained to find the **walls** in synthetic 16-bit micrographs.
# Eight slices are for training, and two are the validation set. Each network returns
# **one** logit per pixel, and the **sigmoid** turns it into the probability of *wall*. One
# half or more counts as wall.
#
# What fraction of the training pixels is wall? What is the cross-entropy of a **baseline**
# that predicts this fraction at every pixel?

# %% id="class-entropy"
images, masks = ward()
f = (masks[:TRAIN] == 255).float().mean().item()
entropy = -f * math.log(f) - (1 - f) * math.log(1 - f)
print(f"walls {f:.1%}; the loss of knowing only that: {entropy:.3f}; log 2 = {math.log(2):.3f}")

# %% id="class-entropy-claim" tags=["claim"]
assert 0.19 < f < 0.23 and 0.48 < entropy < 0.54

# %% [markdown] id="three-numbers" tags=["slide"]
# To read a loss curve, keep three numbers in mind:
#
# - **log 2 = 0.69** is the cross-entropy of a uniform guess, one half for each class. An
#   untrained network starts near it, because its logits are near 0.
# - The **class entropy**, here about 0.5, is the cross-entropy of the baseline above, which
#   ignores the image.
# - **0** is the floor, because for correct targets neither cross-entropy nor 1 − Dice is
#   negative.
#
# ## First, a healthy patient
#
# Here is a network without a wrong line, after 100 steps. Where should its loss start and
# end?

# %% id="healthy" tags=["fragment", "output"]
healthy = treat("G", broken=False, seed=0, steps=100)  # no line is broken
side_by_side({"healthy": healthy})

# %% id="healthy-claim" tags=["claim"]
assert 0.7 < healthy.losses[0] < 0.85 and f"{healthy.score:.2f}" == "0.87"
assert 0 < healthy.losses[-1] < 0.3

# %% [markdown] id="falls-ill" tags=["slide"]
# The loss starts near log 2 and stays above 0. It ends below the class entropy, because
# this network doesn't ignore the image. On the map, black means *wall* with probability 1,
# and white with probability 0.
#
# ## One falls ill before your eyes
#
# Now we break one line. Which of the three numbers warns you first?

# %% id="live" tags=["fragment", "output"]
ill = treat("G", broken=True, seed=0, steps=100)  # one line is
side_by_side({"healthy": healthy, "ill": ill})

# %% id="live-claim" tags=["claim"]
assert ill.score < healthy.score and round(ill.losses[0], 1) == 12.6
assert [loss < 0 for loss in ill.losses].index(True) == 5 and min(healthy.losses) > 0
assert all(math.isfinite(loss) for loss in ill.losses) and ill.probability.min() > 0.5

# %% [markdown] id="live-read"
# Log 2 warns you first: this loss starts at 12.6 instead of near 0.69, because something
# multiplies the untrained network's logits. At step 6 it falls below 0; a correct
# cross-entropy never does. The map is dark, because every pixel is called wall.
#
# So find out where your loss should start, and which values it can never have, because both
# warn you early. (The ill network is patient G.)

# %% [markdown] id="clinic" tags=["slide"]
# ## The clinic
#
# Visit all eight patients, and ask each:
#
# 1. **The loss.** Is it a number? Is it below 0? Is it flat?
# 2. **The map.** Does it show too much wall, too little, or noise? Is any probability below
#    one half?
# 3. **The score.** Is the Dice near the healthy patient's 0.87?
#
# One patient is trained with 1 − Dice, so log 2 and the class entropy tell you nothing
# about its loss. One diagnosis mentions **half precision**: float16, a 16-bit
# floating-point format.
#
# How many of the eight loss curves look healthy?
#
# Pin a diagnosis to each patient **before** you reveal the true one, so that you test
# yourself.
#
# {{twin: clinic}}

# %% id="visit" tags=["slide"]
names = sorted(patient.diagnosis for patient in PATIENTS.values())
print(*names, sep=" | ")
clinic()

# %% id="the-names-claim" tags=["claim"]
assert len(set(names)) == 8

# %% [markdown] id="exercise-1" tags=["slide"]
# Three curves look healthy: those of A, E and H. Only their maps and Dice warn you, because
# a loss says only how well training fits the targets.
#
# ### Exercise 1 (easy): name it
#
# **Write** a dictionary with the keys `"A"` to `"H"`. Its values are the eight names
# printed above the clinic, spelled the same, each once. **Example** of the form:
# `{"A": "Dice over 1", …}`.

# %% id="exercise-diagnoses"
# SOLUTION: exercises.diagnoses
diagnoses = ...  # {"A": "...", "B": "...", and so on to "H"}

# %% id="check-name-it"
check("15.diagnoses", diagnoses)

# %% [markdown] id="one-line"
# Stuck? `hint("15.diagnoses")`.
#
# ## One line each
#
# We trained each patient, broken and fixed, with three seeds. If the line is the cause,
# every broken run should score below every fixed one. Is that so?

# %% id="band" tags=["slide"]
table = load_table("clinic")
dice = {letter: {True: [], False: []} for letter in PATIENTS}
for run in table:
    dice[run["letter"]][run["broken"]].append(run["dice"])
figure, axes = plt.subplots(figsize=(8, 2.8), layout="constrained")
for place, found in enumerate(dice.values()):
    seeds = [place - 0.2, place, place + 0.2]  # side by side
    axes.plot(seeds, found[True], "x", color="#D55E00")
    axes.plot(seeds, found[False], "o", color="#0072B2", alpha=0.6)
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
wall = (smaller(masks[TRAIN:], "nearest") == 255).float().mean().item()
assert f"{wall:.2f}" == "0.23"
painted = f"{2 * wall / (1 + wall):.2f}"  # the Dice of calling everything wall
for letter, due in (("F", [painted] * 3), ("B", ["0.00"] * 3), ("C", ["0.00"] * 3)):
    assert [f"{value:.2f}" for value in dice[letter][True]] == due
assert [f"{value:.2f}" for value in dice["G"][True]].count(painted) == 2 and painted == "0.37"
assert [f"{sum(found) / 3:.2f}" for found in dice["H"].values()] == ["0.73", "0.89"]

# %% [markdown] id="curves-prose" tags=["slide"]
# Yes, in these runs: the best broken run has a Dice of 0.78, and the worst fixed one has
# 0.86. F's broken runs and two of G's call (nearly) everything wall. Because 23 % of
# validation pixels are wall, these runs' Dice is $2\cdot0.23/(1+0.23)=0.37$. B's and C's
# have 0, because they call nothing wall.
#
# ## Why four of them are ill
#
# Each case note shows a patient's map, its loss (grey line: 0) and the failure's cause.

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

# %% id="notes"
case_notes("GDCE")

# %% [markdown] id="mechanisms"
# **Mask at 255 (G).** G's target for wall is 255, not 1. With two logits and
# `cross_entropy` that's an error, because class 255 doesn't exist. With one logit z and
# binary cross-entropy it isn't, because the target is only a factor. The sigmoid turns z
# into $p=1/(1+e^{-z})$, so a wall pixel costs $-\log\,p=\log(1+e^z)-z$, and a cell pixel
# $-\log(1-p)=\log(1+e^z)$. One formula covers both, with the target t = 1 or 0:
# $\log(1+e^z)-t\cdot{z}$.
#
# With t = 255, raising z by 1 lowers a wall pixel's loss by at least 254, and raises a cell
# pixel's by at most 1. So *wall* is the cheaper answer if it's likelier than 1 in 255.
#
# Take one wall pixel (t = 255) and three cell pixels (t = 0), all with z = 5. What is their
# mean loss?

# %% id="mask-at-255"
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
z = torch.linspace(-20, 20, 99).double()
rise = F.softplus(z + 1) - F.softplus(z)  # what one step of z adds to log(1 + e^z)
assert 0 < rise.min() and rise.max() < 1 and (rise - 255).max() <= -254
softplus = math.log(1 + math.exp(5))
assert round(softplus - 255 * 5) == -1270 and round(softplus) == 5
assert (
    math.isclose(one, (4 * softplus - 255 * 5) / 4, rel_tol=1e-5) and round(one.item()) == -314
)
# %% id="first-loss-claim" tags=["claim"]
from unet_teach.lessons.l15_break_it_clinic import measure

with torch.random.fork_rng(), torch.no_grad():
    torch.manual_seed(0)  # as `treat` begins: network, then crops
    untrained = measure.network()
    image, crop = measure.crops(images[:TRAIN], masks[:TRAIN], 4)
    first = untrained(smaller(image.float(), "bilinear") / 65535 - 0.5)
on_wall = smaller(crop, "nearest") == 255
fraction, level = on_wall.float().mean().item(), first[on_wall].mean().item()
assert (f"{fraction:.2f}", f"{level:.2f}") == ("0.17", "-0.28")
assert round(0.17 * 255 * 0.28) == round(-fraction * 255 * level) == 12
usual = F.softplus(first).mean().item()
assert round(usual, 1) == 0.7 and round(usual - fraction * 255 * level, 1) == 12.6

# %% [markdown] id="dice-prose" tags=["slide"]
# The wall pixel costs about $5-255\cdot5=-1270$ and each of the others about 5, so the mean
# is about −314. With seed 0, G's loss starts at 12.6 because 17 % of the first batch is
# wall, where the untrained logits average −0.28. So $0.17\cdot255\cdot0.28\approx12$ comes
# on top of the usual 0.7.
#
# **Dice over 1 (D).** The Dice of the predicted and the labelled wall is twice their
# overlap, divided by the **sum** of both areas.
#
# Take ten pixels, two of them wall. A network that paints exactly these two as wall has a
# Dice of $2\cdot2/(2+2)=1$. One that paints all ten has the same overlap, but it pays for
# its area: $2\cdot2/(10+2)=0.33$. Now leave out the prediction's area, as D does. What Dice
# do the two get?

# %% id="dice-over-1" tags=["fragment", "output"]
wall = torch.tensor([1.0, 1, 0, 0, 0, 0, 0, 0, 0, 0])
dices = {}
print("painted  fixed  broken")
for painted in (2, 10):
    p = (torch.arange(10) < painted).float()  # the first pixels
    both = (p * wall).sum()
    right, wrong = 2 * both / (p.sum() + wall.sum()), 2 * both / wall.sum()
    dices[painted] = right.item(), wrong.item()
    print(f"{painted:7}  {right:5.2f}  {wrong:6.2f}")

# %% id="dice-over-1-claim" tags=["claim"]
assert dices[2] == (1, 2) and dices[10][1] == 2 and f"{dices[10][0]:.2f}" == "0.33"
maps = measure.saved_maps()
called = (maps.seen["D", True] >= 125).mean(), maps.truth.mean()
assert [f"{fraction:.0%}" for fraction in called] == ["73%", "23%"]

# %% [markdown] id="half-prose"
# Both get $2\cdot2/2=2$, because painting outside the wall costs nothing now. So D paints
# far too much (on its map 73 % of the pixels instead of 23 %), and its loss, 1 − Dice,
# falls towards $1-2=-1$.
#
# **Overflow (C).** An **overexposed** pixel received more light than the camera can
# measure, and a 16-bit image stores it as 65535. C converts it to float16, whose largest
# finite number is 65504. What becomes of the pixel? How many of our slices have such a
# pixel?

# %% id="half"
bright = torch.tensor([65504.0, 65535.0])
print(bright.half().tolist())
hot = [(image == 65535).sum().item() for image in images]
print("overexposed pixels, by slice:", hot)

# %% id="half-claim" tags=["claim"]
assert bright.half()[0] == 65504 and bright.half()[1].isinf()
assert not bright.bfloat16().isinf().any()
shrunk = smaller(images.half().float(), "bilinear")
assert shrunk.isinf().sum() > sum(hot) and not shrunk.isnan().any()
weights = torch.randn(6, 1, 3, 3, generator=torch.Generator().manual_seed(0))
channels = F.conv2d(shrunk, weights, padding=1)
assert channels.isnan().any(3).any(2).any(0).all() and not channels.isnan().all()
assert nn.BatchNorm2d(6)(channels).isnan().all()
assert sorted(hot)[-2:] == [0, 2]
assert hot == [image.half().isinf().sum().item() for image in images]

# %% id="bilinear-claim" tags=["claim"]
wall = {
    mode: (smaller(masks[:TRAIN], mode) // 255).float().mean().item()
    for mode in ("nearest", "bilinear")
}
assert len(smaller(masks[:1], "bilinear").unique()) > 2
assert wall["bilinear"] < 0.5 * wall["nearest"]
assert [f"{share:.0%}" for share in wall.values()] == ["20%", "10%"]
sharp, blurred = (smaller(masks[:TRAIN], mode) // 255 for mode in ("nearest", "bilinear"))
assert f"{blurred[sharp == 1].float().mean():.0%}" == "47%" and blurred[sharp == 0].max() == 0

# %% [markdown] id="nan"
# The pixel **overflows**: it is too large for float16, so it becomes infinity. Only one
# slice has such pixels, yet they ruin the training. Resizing spreads infinity to
# neighbouring pixels. The first convolution adds these up with positive and negative
# weights, and infinity minus infinity is **not a number** (NaN). Batch norm subtracts the
# channel's mean, which is NaN if one value is, so the whole channel becomes NaN. So do the
# loss, its gradients and, with the next update, every weight.

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): fix it
#
# `prepare_broken` below raises no error, yet it has three of the patients' faults. Fix only
# those, because all else is right.
#
# - **In** `image`, an int32 tensor (B, 1, H, W) from 0 to 65535; `mask`, uint8 of the same
#   shape, 0 or 255; `size`, a tuple (height, width), each at most the image's, and not
#   always half of that.
# - **Out** `x` first, then `target`, both float32 (B, 1, height, width). `x` is from 0 to
#   1, resized as below (bilinear, `antialias=True`). `target` is 0 or 1, picked with
#   `mode="nearest"`.
# - **Edge** an image of 65535 everywhere becomes about 1 everywhere; one such pixel among
#   others stays finite.
# - **Example** a mask of 255 everywhere becomes a target of 1 everywhere.


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
# ## Why the other four are ill

# %% id="notes-2"
case_notes("FHAB")

# %% [markdown] id="norm-prose"
# **ReLU at the end (F).** After a ReLU no logit is negative, so no probability of wall is
# below one half. One half counts as wall, so F calls every pixel wall. The loss stays high,
# because at a cell pixel it can't fall below log 2.
#
# **Batch norm at batch 1 (H).** H's fixed line replaces batch norm by **group norm**, which
# normalises each image by itself. It subtracts the mean of each group of channels (below,
# the image is one group) and divides by the group's standard deviation. In training mode, a
# batch norm gets a dark and a bright image, alternately. What mean does each image have
# after each norm, in training and in inference?

# %% id="mechanisms-2-claim" tags=["claim"]
values = torch.linspace(-6, 6, 5)
assert values.relu().sigmoid().min() == 0.5 and values.sigmoid().min() < 0.01

# %% id="norm"
dark, light = torch.randn(1, 1, 32, 32), torch.randn(1, 1, 32, 32) + 3
norms = {"batch norm": nn.BatchNorm2d(1), "group norm": nn.GroupNorm(1, 1)}
for _step in range(100):
    for image in (dark, light):  # batch size 1, in alternation
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

# %% [markdown] id="norm-read"
# In inference, batch norm subtracts a running average of the training means. Here this
# average is between our images' means, so the dark image comes out too low and the bright
# one too high. Group norm behaves the same in both modes, so it fixes H.
#
# **`eval()` forgotten (A).** Dropout stays on in inference, so it sets values to 0 at
# random.
#
# **Shuffled apart (B).** B's masks, unlike its images, are sorted as text, 10 before 3, so
# each image has another's mask. To check your data, lay masks on images: where masks show
# walls, images should be darker than elsewhere. By how much, in the right and the wrong
# order?

# %% id="dropout-claim" tags=["claim"]
model = nn.Sequential(nn.Conv2d(1, 6, 3), nn.Dropout(0.6), nn.Conv2d(6, 1, 1))
assert not torch.equal(model(dark), model(dark))
assert torch.equal(model.eval()(dark), model(dark))

# %% id="shuffled"
grey = images[:TRAIN].float()
grey /= grey.mean((1, 2, 3), keepdim=True)  # every slice at the same exposure
contrast = {}
for key in (int, str):
    order = sorted(NUMBERS, key=key)
    is_wall = masks[[number - 3 for number in order]] == 255
    contrast[key] = (grey[~is_wall].mean() - grey[is_wall].mean()).item()
    print(f"masks {order}: cells − walls = {contrast[key]:.2f}")

# %% id="shuffled-claim" tags=["claim"]
assert [f"{difference:.2f}" for difference in contrast.values()] == ["0.72", "0.01"]

# %% [markdown] id="exercise-3" tags=["slide"]
# In the right order, walls are darker than cells by 0.72 of a slice's mean grey; in the
# wrong one, by only 0.01.
#
# ### Exercise 3 (stretch): prevent it
#
# Check each batch before its update, because updates can't be undone. That would have
# stopped C, F and G.
#
# - **In** `image`, `mask`, `logits`: float tensors that should all be (B, 1, H, W).
# - **Out** the **set** of strings that apply: `"shapes differ"` (any two),
#   `"image not finite"` (a pixel is NaN, ∞ or −∞), `"mask not 0 or 1"` (any other value),
#   `"logits not finite"`, `"logits never negative"` (all are 0 or more).
# - **Edge** a mask of one class is fine. With nothing wrong, the set is empty.
# - **Example** if only the mask is wrong, with 0 and 255: `{"mask not 0 or 1"}`.


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
# Large networks are often trained with 16-bit numbers, because that halves the memory of
# feature maps and is faster on many GPUs. In **mixed precision** ([Micikevicius et al.,
# 2018](https://arxiv.org/abs/1710.03740)) convolutions run in 16 bits, while loss and
# weights stay in 32, the weights so that small updates aren't rounded away. In torch,
# `autocast` does this.
#
# Patient I, a network of two convolutions, is trained like this in float16 for 20 steps. We
# multiply its loss by 0.001 to make its gradients small, and a learning rate of 300 makes
# up for that. What goes wrong?

# %% id="patient-i" tags=["fragment", "output"]
ninth = patient_i()
print(f"I: loss {ninth.losses[0]:.3f} → {ninth.losses[-1]:.3f}")
print(f"   gradients that are exactly 0: {ninth.zeros:.0%}")

# %% id="patient-i-claim" tags=["claim"]
assert ninth.zeros == 1 and len(set(ninth.losses)) == 1
assert f"{ninth.losses[0]:.3f}" == "0.727"
conv = nn.Conv2d(1, 4, 3)
with torch.autocast("cpu", dtype=torch.float16):
    out = conv(torch.randn(1, 1, 16, 16))
    loss = F.binary_cross_entropy_with_logits(out, torch.zeros_like(out))
assert (out.dtype, loss.dtype, conv.weight.dtype) == (torch.float16, *[torch.float32] * 2)

# %% [markdown] id="underflow-prose" tags=["slide"]
# The loss never moves, because every gradient is 0. Why?
#
# float16's smallest positive number is about 6 · 10⁻⁸. The loss is 0.001 times a mean over
# $2\cdot128\cdot128=32768$ pixels. At each pixel the gradient for the logit is probability
# minus target, about 0.5 in size, times $0.001/32768$: about $1.5\cdot10^{-8}$. That is a
# quarter of the smallest number, so it becomes 0, which is **underflow**.
#
# Multiply the gradient **before** it goes into 16 bits:
# $1.5\cdot10^{-8}\cdot65536\approx0.001$, which float16 can represent. So multiply the
# loss, because then all gradients grow by the same factor. Before the optimizer's step,
# divide them by this factor, in 32 bits, so that the step keeps its size. This is **loss
# scaling**. Does patient I learn then?

# %% id="underflow-claim" tags=["claim"]
gradient = torch.tensor(0.5 / (2 * 128 * 128) / 1000)
assert torch.tensor(2.0**-24).half() > 0 and torch.tensor(2.0**-26).half() == 0
assert f"{2**-24:.0e} {2**-26:.1e} {gradient:.1e}" == "6e-08 1.5e-08 1.5e-08"
assert gradient.half() == 0 and gradient.bfloat16() > 0 and 2 * 128 * 128 == 32768
assert math.isclose((gradient * 2**16).half().float() / 2**16, gradient, rel_tol=0.001)


# %% id="scaling" tags=["fragment", "output"]
def scaled_step(model, optimizer, loss, scale):
    """One training step whose gradients are `scale` times larger on their way back."""
    optimizer.zero_grad()
    (scale * loss).backward()
    for weight in model.parameters():
        weight.grad /= scale
    optimizer.step()


treated = patient_i(scaled_step, scale=65536)
steps = range(1, len(ninth.losses) + 1)
figure, axes = plt.subplots(figsize=(6, 2.4), layout="constrained")
axes.plot(steps, ninth.losses, "x-", color="#D55E00", label="I, in float16")
axes.plot(steps, treated.losses, "o-", color="#0072B2", label="I, with its loss × 65536")
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
assert math.isfinite(careless.losses[0]) and all(map(math.isnan, careless.losses[1:]))
assert careful.skipped == 3 and careful.losses[-1] < 0.7 * careful.losses[0]

# %% id="careless-claim" tags=["claim"]
after_one = []


def watched_step(model, optimizer, loss, scale):
    """The careless step, and what it leaves in the weights."""
    assert optimizer.param_groups[0]["lr"] == 300
    scaled_step(model, optimizer, loss, scale)
    after_one.append(torch.cat([weight.detach().flatten() for weight in model.parameters()]))


patient_i(watched_step, scale=2**30, steps=1)
assert after_one[0].isinf().any() and not after_one[0].isnan().any()

# %% [markdown] id="scaling-read" tags=["slide"]
# It does. But if the factor is too large, gradients become infinite. So
# [`torch.amp.GradScaler`](https://docs.pytorch.org/docs/stable/amp.html) checks them first:
# if one is infinite or NaN, it halves the factor and skips the step, because that update
# would spoil the weights.
#
# ## The pair, as it is now
#
# The next cell runs your `checks` on the pair's two inputs. Will they warn you of the
# forgotten line? If not, what sixth check would you write?


# %% id="the-alarm" tags=["fragment", "output"]
def not_standardised(image):
    return abs(image.mean()) > 0.5 or abs(image.std() - 1) > 0.5


mask, alarms = torch.from_numpy(labels == 0)[None, None].float(), {}
first_five = checks if check("15.checks", checks).passed else exercises.checks
for name, image in inputs.items():
    x = torch.from_numpy(image)[None, None]
    print(f"{name}: mean {x.mean():z.2f}, standard deviation {x.std():.2f}")
    print("   the first five checks:", first_five(x, mask, logits[name]) or "nothing")
    alarms[name] = bool(not_standardised(x))
described(pair_row(pair, logits, labels, alarms), "15.pair_alarm")

# %% id="the-alarm-claim" tags=["claim"]
assert alarms == {"standardised": False, "line forgotten": True}
for name, image in inputs.items():
    assert first_five(torch.from_numpy(image)[None, None], mask, logits[name]) == set()
wards = smaller(images.float(), "bilinear") / 65535 - 0.5
assert all(map(not_standardised, wards))
levels = sorted(x.std().item() for x in wards)
assert (f"{levels[0]:.2f}", f"{levels[-1]:.2f}") == ("0.05", "0.17")

# %% [markdown] id="tenth" tags=["slide"]
# The five checks report nothing, because none looks at the image's mean or standard
# deviation. The sixth sounds the alarm, but it fits only networks trained on standardised
# images. The clinic's inputs, with standard deviations of 0.05 to 0.17, would all set it
# off. Check for the scale that *your* network was trained on.
#
# ## The tenth patient is yours
#
# Put a name or number into the next cell. Your choice decides which of the eight lines is
# broken, or that **none** is.
#
# Compare this network with the healthy patient, and write your diagnosis into the cell
# below the pictures.

# %% id="your-patient" tags=["fragment", "output"]
seed = "Emmy"  # your name, or any number
secret, yours = tenth(seed)
side_by_side({"healthy": healthy, f"patient of {seed}": yours}, remarks=False)

# %% id="reveal"
print(*names, "healthy", sep=" | ")
diagnosis = "..."  # one of these nine names
verdict(secret, diagnosis)

# %% id="reveal-claim" tags=["claim"]
assert secret == "mask resized bilinearly" and yours.score < 0.5
assert verdict(secret, secret).alt.startswith("✓ Right")

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# A, E and H had healthy-looking loss curves. What is the cheapest check that exposes each?
#
# <details><summary>One answer</summary>
#
# A: predict a slice twice: the two maps differ, because dropout is random. E: before you
# train, count the wall pixels in the targets: they are only 10 % of all instead of 20 %. H:
# look at a validation slice's map, or at the Dice, on average 0.73 instead of 0.89.
#
# </details>

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - named eight failures by curves and maps, and saw each fixed line help in every run;
# - saw every gradient become 0 in float16, and rescued the gradients by scaling the loss;
# - kept the last layer as in the paper: "a 1x1 convolution" ([Ronneberger et al.,
#   2015](https://arxiv.org/abs/1505.04597)), with no ReLU after it, so that logits can be
#   negative.
