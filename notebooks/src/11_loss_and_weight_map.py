# %% [markdown] id="title" tags=["slide"]
# # 11 · Loss and weight map
#
# Suppose the wall between two cells is one pixel wide. If a network misses one pixel of
# it, the cells become one. Which pixels count most in the network's loss?
#
# ![](assets/lessons/11_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - compute a cross-entropy that stays correct for logits of any size;
# - implement the U-Net paper's weight map, equation 2, and say which pixels it makes
#   count more;
# - say where each loss has a large gradient, and which probability it favours where the
#   image shows nothing.
#
# **Time** about 50 minutes · **Prerequisites** lessons 08 and 10 · **Needs** no GPU, no data

# %% id="setup"
import math

import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy.ndimage import distance_transform_edt
from torch.nn import functional as F

from unet_teach import losses
from unet_teach.config import UNetConfig
from unet_teach.data.membranes import membrane_slice, synthetic_membranes
from unet_teach.data.volume import Volume, standardise
from unet_teach.drawing.intervals import primary_answers
from unet_teach.drawing.pair import pair_figure, the_pair
from unet_teach.exercises import check, hint, mine, solution
from unet_teach.lessons.described import described
from unet_teach.lessons.l11_loss_and_weight_map.measure import logits_for, pull, two_cells
from unet_teach.lessons.l11_loss_and_weight_map.panel import weight_explorer
from unet_teach.lessons.l11_loss_and_weight_map.picture import price_picture, pull_picture
from unet_teach.losses import class_weights, soft_dice, weighted_cross_entropy
from unet_teach.metrics import components, v_rand
from unet_teach.models.unet import UNet
from unet_teach.progress import progress

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="pair-opens" tags=["slide"]
# ## What is still wrong with the pair
#
# Suppose two networks are 95 % sure of every pixel around our two neurons, and nearly
# always right. One leaves a small gap, the *gate*, in the wall between the neurons. The
# other draws the whole wall, but also a black *blot* inside a neuron. If you trace
# neurons, you'd prefer the blot, because the gate merges neurons.
#
# Each wrong pixel's cross-entropy is −log 0.05 = 3.0 (lesson 08). Which mistake costs less
# in total?

# %% id="gate-and-blot" tags=["fragment", "output"]
micrograph, pair_labels = membrane_slice(29)  # the slice with the pair
volume = Volume([micrograph] * 30, [pair_labels] * 30, "synthetic membranes (seed 0)")
gate, blot = pair_labels.copy(), pair_labels.copy()
gate[420:425, 315:320] = 1  # inside, although it is wall
blot[429:438, 278:287] = 0  # wall, although it is inside
for name, mask in {"gate": gate, "blot": blot}.items():
    count = (mask != pair_labels).sum()
    print(f"{name}: {count} wrong pixels cost {-math.log(0.05) * count:.0f} in cross-entropy")
pair_figure(volume, {"gate": gate, "blot": blot})

# %% id="gate-and-blot-claim" tags=["claim"]
pair = the_pair(volume.name)
assert [pair.verdict(mask, pair_labels) for mask in (gate, blot)] == ["merged", "apart"]
wrong_pixels = [int((mask != pair_labels).sum()) for mask in (gate, blot)]
assert wrong_pixels == [21, 81] and round(-math.log(0.05), 1) == 3.0
assert [round(-math.log(0.05) * n) for n in wrong_pixels] == [63, 243]

# %% [markdown] id="one-pixel" tags=["slide"]
# The gate costs less, because every wrong pixel costs the same and a gate in a thin wall
# has only a few. So training gains little by closing it. Which errors, then, change the
# network most?
#
# ## One pixel
#
# The wall between two round cells is one pixel wide, and **one pixel** of it is wrong. How
# much do the pixel error and V_rand change?

# %% id="one-pixel-wrong" tags=["fragment", "output"]
cells, wall = two_cells(gap=1)
labels = (cells > 0).astype(np.uint8)  # 1 inside, 0 background
holed = labels.copy()
holed[22, np.flatnonzero(wall[22])] = 1
error, score = (holed != labels).mean(), v_rand(components(labels), components(holed))
figure, axes = plt.subplots(1, 2, figsize=(8, 2.6), layout="constrained")
shown = {"labels: two cells": labels, "one pixel wrong: one cell": holed}
for axis, (title, mask) in zip(axes, shown.items(), strict=True):
    axis.imshow(components(mask), cmap="cividis", vmax=2)
    axis.set(title=title, xticks=[], yticks=[])
print(f"pixel error {error:.5f} (1 pixel of {labels.size:,}), V_rand {score:.2f}")
described(figure, "11.one_pixel")

# %% id="one-pixel-wrong-claim" tags=["claim"]
assert error == 1 / 3696 and round(score, 2) == 0.67
assert [components(mask).max() for mask in shown.values()] == [2, 1]

# %% [markdown] id="equation-1" tags=["slide"]
# V_rand falls from 1 to 0.67, but a network learns from its loss, because V_rand's
# gradient is mostly 0 (lesson 10). Equation 1 of [the U-Net
# paper](https://arxiv.org/abs/1505.04597) (Ronneberger et al., 2015) is a
# **cross-entropy**, a weighted sum of the log probabilities of the pixels' true classes:
#
# $$E = \sum_{x} w(x) \, \log p_{\ell(x)}(x)$$
#
# Here w(x) is the weight of pixel x, ℓ(x) its true class, and p the **softmax**
# (exponentials, divided by their sum) of its **logits**, the network's raw scores. The
# paper prints no minus sign. Our code has one, so that better answers have lower losses. It
# also takes the mean. With w = 1, this is lesson 08's loss.
#
# How large is the loss where the wrong class has the logit 1000 and the true one 0?

# %% id="it-overflows" tags=["fragment", "output"]
sure = torch.tensor([[1000.0, 0.0]])  # very sure of class 0, but the true class is 1
naive = -(sure.exp() / sure.exp().sum(1)).log()[0, 1]
floor = -(sure.softmax(1)[0, 1] + 1e-8).log()
torchs = F.cross_entropy(sure, torch.tensor([1])).item()
print(
    f"the loss as written: {naive.item()}, with + 1e-8: {floor.item():.1f}, torch's: {torchs}"
)

# %% id="it-overflows-claim" tags=["claim"]
assert naive.isinf() and round(floor.item(), 1) == 18.4
assert F.cross_entropy(sure, torch.tensor([1])) == 1000

# %% [markdown] id="exercise-1" tags=["slide"]
# ### Exercise 1 (easy): a safe cross-entropy
#
# An infinite loss has no usable gradient, and + 1e-8 caps the loss at 18.4 (1000 is right).
# A quotient's logarithm is a difference, so a pixel's loss is log Σ exp(z), summed over its
# logits z, minus the true class's logit. Subtract the pixel's largest logit m from each z,
# so that no exponential is above 1, and add m to the logarithm.
#
# - **In**: tensors: `logits`, float (B, K, H, W), K ≥ 2; `target`, int64 (B, H, W), true
#   classes from 0 to K − 1.
# - **Out**: each pixel's loss, float (B, H, W); natural logarithm, no mean.
# - **Edge**: logits of ±2000 have an exact, finite loss.
# - **Example**: logits 1 and 3, target 0: log(e¹ + e³) − 1 = 2.127.
#
# Don't use torch's cross-entropy, log-softmax or logsumexp.


# %% id="exercise-cross-entropy" tags=["fragment"]
def cross_entropy(logits, target):
    """logits (B, K, H, W), target (B, H, W) → loss (B, H, W)."""
    # SOLUTION: exercises.cross_entropy


# %% id="check-cross-entropy"
check("11.cross_entropy", cross_entropy)

# %% [markdown] id="gradient-matters"
# Stuck? `hint("11.cross_entropy")`.
#
# The **magnitude of the loss's gradient** with respect to a pixel's class-1 logit (the
# *pull*, for short) says how strongly training moves that logit. How large is it at a
# **confident mistake**, where the network is sure but wrong: with + 1e-8 in the log, and
# with the safe loss?

# %% id="gradient-of-a-sure-mistake"
z = torch.tensor([[40.0, 0.0]], requires_grad=True)  # very sure of class 0; the true class is 1
floor, safe = -(z.softmax(1)[0, 1] + 1e-8).log(), F.cross_entropy(z, torch.tensor([1]))
pulls = [torch.autograd.grad(loss, z)[0][0, 1].abs().item() for loss in (floor, safe)]
print(f"pull at this mistake: {pulls[0]:.0e} with + 1e-8, {pulls[1]:.0f} with the safe loss")

# %% id="gradient-of-a-sure-mistake-claim" tags=["claim"]
assert pulls[0] < 1e-8 and pulls[1] == 1

# %% [markdown] id="weight-map" tags=["slide"]
# Only the safe loss pulls, because 1e-8 outweighs the probability.
#
# ## Equation 2
#
# The paper makes thin walls count more with a **weight map**, a factor for each pixel in
# the loss:
#
# $$w(x) = w_c(x) + w_0 \exp\left(-\frac{(d_1(x) + d_2(x))^2}{2\sigma^2}\right)$$
#
# Here d₁ and d₂ are the distances from x to the nearest and the second nearest cell, and
# w_c balances the classes (the rarer counts more). w₀ scales the second term, and σ sets
# how far it reaches. The authors "set w₀ = 10 and σ ≈ 5 pixels".
#
# Predict with w_c = 1, then drag the cells:
#
# 1. Is the weight of a wide wall highest in its middle?
# 2. At about which wall width is the second term half of w₀, so that w = 6?
# 3. How large is w without a wall?
#
# {{twin: weight_explorer}}

# %% id="explore" tags=["slide"]
weight_explorer()

# %% id="explore-claim" tags=["claim"]
panel = weight_explorer()
panel.ask("No wall at all?")
assert panel.answer["largest"] == panel.answer["inside"] == 1
panel.ask("Highest in the middle?")
assert round(panel.answer["wall"], 2) == 5.87 and panel.answer["sum"] == 6

# %% [markdown] id="widget-in-numbers"
# 1. No, the weight is the same all the way across, because a step away from one cell is a
#    step towards the other. Measured between pixel centres, d₁ + d₂ is a straight wall's
#    width plus 1 pixel.
# 2. At about 5 pixels, because at 4.9 pixels the exponential is ½.
# 3. Without a wall the two cells count as one, so there is no second nearest, and w = 1
#    everywhere.

# %% id="profile-in-numbers-claim" tags=["claim"]
for gap in (1, 3, 5, 10):
    cells_, wall_ = two_cells(gap)
    weights = losses.weight_map(cells_ > 0, class_balance=False)[22, wall_[22]]
    assert np.allclose(weights, 1 + 10 * math.exp(-((gap + 1) ** 2) / 50), atol=1e-4)
assert round(5 * math.sqrt(2 * math.log(2)) - 1, 1) == 4.9  # there the exponential is 1/2
assert losses.weight_map(two_cells(0).cells > 0, class_balance=False).max() == 1

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): the weight map
#
# Write equation 2 with w_c = 1. Inside cells, set the second term to 0, because no wall is
# there.
#
# - **In**: `distances`, a float array (cells, H, W), at least two cells in any order:
#   `distances[i]` holds each pixel's distance from cell i, in pixels, and 0 inside cell
#   i; `w0` and `sigma` (pixels), numbers above 0.
# - **Out**: the weights, a float array (H, W).
# - **Edge**: where the two nearest cells are equally near, d₂ = d₁. With more than two
#   cells, each pixel has its own two nearest.
# - **Example**: a pixel at distance 1 from both cells, with w0 = 10 and sigma = 5, gets the
#   weight 1 + 10 exp(−2² / 50) = 10.23.


# %% id="exercise-weight-map" tags=["fragment"]
def weight_map(distances, w0, sigma):
    """distances (cells, H, W) → weights (H, W)."""
    # SOLUTION: exercises.weight_map


# %% id="check-weight-map"
check("11.weight_map", weight_map)

# %% [markdown] id="by-hand"
# Stuck? `hint("11.weight_map")`.

# %% id="by-hand-equals-library" tags=["claim"]
to_each = [distance_transform_edt(cells != number) for number in (1, 2)]
d1, d2 = np.sort(to_each, axis=0)
by_hand = 1 + np.where(labels == 0, 10 * np.exp(-((d1 + d2) ** 2) / 50), 0)
difference = np.abs(by_hand - losses.weight_map(labels, class_balance=False)).max()
assert difference < 1e-4  # the library leaves out what is smaller

# %% [markdown] id="tissue" tags=["slide"]
# A **distance transform** computes such distances. With them, **your** function weighs each
# pixel of a tissue, where nearly all background *is* wall. Which wall pixels get no extra
# weight?

# %% id="weigh-tissue"
tissue = synthetic_membranes(1, size=256, seed=0).labels[0]
cells_of = components(tissue)  # numbered from 1
distances = [distance_transform_edt(cells_of != n) for n in range(1, cells_of.max() + 1)]
of_class = class_weights(tissue)  # w_c, in place of 1
whole = of_class + mine("weight_map").weight_map(np.stack(distances), w0=10, sigma=5) - 1

# %% id="map-of-tissue" tags=["slide"]
figure, axes = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
axes[0].imshow(tissue, cmap="gray")
figure.colorbar(axes[1].imshow(whole, cmap="YlOrBr"), ax=axes[1], label="weight")
axes[0].set(title="labels", xticks=[], yticks=[])
axes[1].set(title="weight of each pixel", xticks=[], yticks=[])
black = tissue == 0
ratios = [float(w[black].mean() / w[~black].mean()) for w in (of_class, whole)]
print(
    f"a wall pixel counts {ratios[0]:.1f} times as much as one inside with w_c alone,", end=" "
)
print(f"{ratios[1]:.1f} times as much with the second term")
described(figure, "11.map_of_tissue")

# %% id="map-of-tissue-claim" tags=["claim"]
assert [round(ratio, 1) for ratio in ratios] == [2.4, 5.9]
lifted = float(((whole - of_class)[black] > 1).mean())
assert lifted > 0.6 and np.allclose(whole[~black], of_class[~black])

# %% [markdown] id="tissue-read"
# On the right, thin walls weigh most (dark). Wide patches of membrane get little or no
# extra weight, because d₁ + d₂ is large there. But most wall pixels get some, so the second
# term acts largely as **one more class weight**.

# %% [markdown] id="who-pulls" tags=["slide"]
# ## Where does each loss pull?
#
# For two networks, we compute four losses' pull at every pixel of a picture of two cells.
# We multiply by the number of pixels to undo cross-entropy's mean. One network guesses
# uniformly, 0.5 everywhere. The other is 95 % sure, and wrong only on the wall, so it
# merges the cells.
#
# Three losses are cross-entropy: plain, with class weights, and with equation 2. The
# fourth is **soft Dice** (after [Milletari et al.,
# 2016](https://arxiv.org/abs/1606.04797)), which falls as prediction and labels overlap
# more: 1 − 2 Σ p t / (Σ p + Σ t). Here p is the probability of one class, and t is 1 at
# its pixels and 0 elsewhere; we average over both classes. Which loss pulls hardest at the
# wall, compared with inside?

# %% id="pull-table"
target = torch.from_numpy(labels)[None].long()
kinds = class_weights, losses.weight_map
balance, equation_2 = (torch.from_numpy(kind(labels))[None] for kind in kinds)
by_name = {
    "cross-entropy": weighted_cross_entropy,
    "class weights": lambda z, t: weighted_cross_entropy(z, t, balance),
    "weight map": lambda z, t: weighted_cross_entropy(z, t, equation_2),
    "Dice": soft_dice,
}

# %% id="pull-in-numbers" tags=["fragment", "output"]
maps = {}
for network, sure in {"uniform guess": 0.5, "merges the cells": 0.95}.items():
    logits = logits_for(np.where((labels == 1) | wall, sure, 1 - sure))
    maps[network] = {name: pull(loss, logits, target) for name, loss in by_name.items()}
pull_picture(maps, labels, wall)

# %% id="pull-in-numbers-claim" tags=["claim"]
background = (labels == 0) & ~wall
times = {}
for network, short in (("uniform guess", "nothing"), ("merges the cells", "merged")):
    for name, g in maps[network].items():
        hard, *others = (g[mask].mean() for mask in (wall, background, labels == 1))
        times[short, name] = [round(hard / other) for other in others]
assert times["nothing", "cross-entropy"] == [1, 1] and wall.mean() < 0.01
plain = maps["merges the cells"]["cross-entropy"]
assert np.allclose(plain[wall], 0.95) and np.allclose(plain[labels == 1], 0.05)
assert (labels == 0).sum() < (labels == 1).sum()
assert times["nothing", "class weights"] == times["nothing", "Dice"] == [1, 1]
assert times["merged", "cross-entropy"] == [19, 19] and times["merged", "Dice"] == [1, 1]
assert times["merged", "class weights"] == [19, 24]
assert times["nothing", "weight map"] == [7, 12] and times["merged", "weight map"] == [142, 221]

# %% [markdown] id="pull-read" tags=["slide"]
# - **Cross-entropy** has a pull equal to the distance from p to the label. For a uniform
#   guess it is 0.5 at every pixel. Under 1 % of the pixels are wall, so under 1 % of the
#   pull comes from there. For merged cells, the pull at the wall is 0.95, 19 times the 0.05
#   inside.
# - **Class weights** raise the 19 to 24, because background is the rarer class. They can't
#   tell the wall from other background.
# - **Equation 2** can, because its second term adds 9.2 to each wall pixel's weight. So
#   its pull at the wall is 12 times that inside for a uniform guess, and 221 times for
#   merged cells.
# - **Dice** pulls about as hard at the missed wall as at correct pixels.

# %% [markdown] id="dice-sleeps"
# Why doesn't Dice pull harder at the wall? Its formula sums over all pixels before it
# divides, so its slope with respect to p is the same within a class, and similar for both.
# For the logit, the chain rule multiplies this slope by the softmax's, p(1 − p). This
# factor is the same for 0.95 as for 0.05. What happens to the pull as the merging network
# grows surer?

# %% id="dice-in-numbers" tags=["fragment", "output"]
sureness, at_wall = np.linspace(0.5, 0.999, 60), {"cross-entropy": [], "Dice": []}
for sure in sureness:
    logits = logits_for(np.where((labels == 1) | wall, sure, 1 - sure))
    for name, found in at_wall.items():
        found.append(pull(by_name[name], logits, target)[wall].mean())
figure, axes = plt.subplots(figsize=(6.5, 2.8), layout="constrained")
for name, found in at_wall.items():
    axes.plot(sureness, found, label=name, linewidth=3)
axes.set(xlabel="probability of the wrong class", ylabel="pull at the wrong wall")
_ = axes.legend()
described(figure, "11.dice_sleeps")

# %% id="dice-in-numbers-claim" tags=["claim"]
by_sureness = {}
for p in (0.6, 0.999):
    wrong = logits_for(np.where((labels == 1) | wall, p, 1 - p))
    by_sureness[p] = [pull(f, wrong, target)[wall].mean() for f in (F.cross_entropy, soft_dice)]
assert by_sureness[0.999][0] > by_sureness[0.6][0]
assert by_sureness[0.999][1] < 0.01 * by_sureness[0.6][1]

# %% [markdown] id="small-run" tags=["slide"]
# ## A small run
#
# Dice hardly pulls at a mistake once the network is sure of it. Does that show after
# training? With each of three losses (**your** cross-entropy, Dice, your cross-entropy
# times the weight map) we train a small network for 40 steps on one piece of synthetic
# tissue, and test it on another. Undecided pixels, with p between 0.05 and 0.95, are
# orange. Which loss leaves the fewest? (One run can't say which loss is better, because
# another seed may disagree.)

# %% id="live-tools"
old, new = (synthetic_membranes(1, size=160, seed=seed) for seed in (7, 8))
image, unseen = (torch.from_numpy(standardise(v.images[0]))[None, None] for v in (old, new))


def learn(loss, steps=40):
    torch.manual_seed(1)
    model = UNet(UNetConfig(base_channels=8, depth=2, padding="same", batch_norm=True))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _step in progress(range(steps)):
        optimizer.zero_grad()
        loss(model(image), truth).backward()
        optimizer.step()
    return model.eval()


# %% id="live-losses"
truth = torch.from_numpy(old.labels.astype("int64"))
weights = torch.from_numpy(losses.weight_map(old.labels[0]))[None]
each = mine("cross_entropy").cross_entropy  # of each pixel: yours, or the library's
live = {
    "cross-entropy": lambda z, t: each(z, t).mean(),
    "Dice": soft_dice,
    "weight map": lambda z, t: (weights * each(z, t)).mean(),
}

# %% id="live-run" tags=["fragment", "output"]
undecided = {}
figure, axes = plt.subplots(1, 3, figsize=(10, 3.9), layout="constrained")
for axis, (name, loss) in zip(axes, live.items(), strict=True):
    p = learn(loss)(unseen).softmax(1)[0, 1].detach()
    unsure = (p > 0.05) & (p < 0.95)
    undecided[name] = unsure.float().mean().item()
    picture = np.stack([p > 0.5] * 3, axis=-1).astype(float)
    picture[unsure] = (0.9, 0.6, 0)  # orange
    axis.imshow(picture)
    mistaken = (p > 0.5) != torch.from_numpy(new.labels[0] > 0)
    axis.set(title=f"{name}: undecided on {undecided[name]:.0%}", xticks=[], yticks=[])
    axis.set_xlabel(f"sure of {(~unsure)[mistaken].float().mean():.0%} of its mistakes")
described(figure, "11.how_sure")

# %% id="live-run-claim" tags=["claim"]
others = (undecided["cross-entropy"], undecided["weight map"])
assert undecided["Dice"] < 0.8 * min(others)
sure_share, walls_found = {}, {}
for name, loss in live.items():
    p = learn(loss)(unseen).softmax(1)[0, 1].detach().numpy()
    mistaken = (p > 0.5) != (new.labels[0] > 0)
    sure_share[name] = ((p <= 0.05) | (p >= 0.95))[mistaken].mean()
    walls_found[name] = (p <= 0.5)[new.labels[0] == 0].mean()
assert walls_found["weight map"] > 0.1 + max(walls_found["Dice"], walls_found["cross-entropy"])
assert max(sure_share, key=sure_share.get) == "Dice" and sure_share["Dice"] > 0.6

# %% [markdown] id="primary" tags=["slide"]
# It does: Dice leaves the fewest undecided pixels, and its network is sure of most of its
# mistakes, a larger fraction than the other two.
#
# ## Two questions, five blocks
#
# Now we ask two questions, fixed beforehand, about real tissue. Does V_rand rise with the
# weight map, compared with class weights? And with Dice, compared with cross-entropy? For
# each question, we evaluate ten pairs of networks, two per validation set (five blocks of
# ISBI slices).

# %% id="primary-answers" tags=["fragment", "output"]
primary_answers(11)

# %% id="primary-answers-claim" tags=["claim"]
from unet_teach.comparisons import answer

of_map, of_dice = answer("weight map"), answer("Dice")
for found, due in ((of_map, [0.005, -0.013, 0.024]), (of_dice, [-0.142, -0.350, 0.067])):
    assert [round(x, 3) for x in (found.mean, found.low, found.high)] == due and not found.found
    assert found.n == 10 and found.questions == 2
assert max(of_dice.differences) < 0
blocks = sorted(round(mean, 2) for mean in of_dice.observations)
assert blocks[0] == -0.32 and blocks[3:] == [-0.02, -0.02]

# %% [markdown] id="primary-verdict"
# **Not settled**: both questions' intervals contain zero. The weight map changes the mean
# V_rand by +0.005 (95 % confidence interval, Bonferroni-corrected for two comparisons:
# −0.013 to +0.024), Dice by −0.142 (−0.350 to +0.067). With Dice, V_rand is lower in all
# ten pairs. But the interval is wide, because the blocks differ: the mean V_rand is 0.02
# lower on two blocks, but 0.32 on another.

# %% [markdown] id="nothing-seen"
# ## Where nothing can be seen
#
# In pure noise nobody sees which pixels are inside, so a network's best answer is the
# same p everywhere. This p depends on the loss. Unless it is 0 or 1, the loss's slope is
# 0 there, because otherwise a nearby p would be better.
#
# If a fraction f = ½ of the pixels is class 1, what is Dice's best p? The Dice of class 1
# is 2pf / (p + f). By the quotient rule its slope is 2f² / (p + f)², here ½ / (p + ½)².
# Class 0 has 1 − p and 1 − f, so its Dice has slope −½ / (3/2 − p)². The mean Dice is
# largest where the slopes cancel: (p + ½)² = (3/2 − p)². Both brackets are positive, so p +
# ½ = 3/2 − p, and p = ½.

# %% [markdown] id="exercise-3"
# ### Exercise 3 (stretch): the best constant
#
# A fraction f of the pixels is class 1, and p, the probability of class 1, is the same
# everywhere. Derive a formula (no search) for the p that minimises each loss:
#
# - `cross_entropy`: −f log p − (1 − f) log(1 − p);
# - `weighted`: −w1 f log p − w0 (1 − f) log(1 − p) (w0 isn't equation 2's);
# - `dice_inside`: 1 − 2pf / (p + f), soft Dice of class 1 alone;
# - `dice_both`: 1 minus the mean Dice of class 1 and class 0.
#
# **In**: floats: `f`, strictly between 0 and 1; `w0`, `w1`, above 0. **Out**: a
# dictionary from these names to the best p, from 0 to 1. **Example**: with f = 0.2, w0 =
# 1 and w1 = 4, `weighted` is 0.5, because both classes then weigh the same.


# %% id="exercise-constants"
def constants(f, w0, w1):
    """{"cross_entropy": p, "weighted": p, "dice_inside": p, "dice_both": p}"""
    # SOLUTION: exercises.constants


# %% id="check-constants"
check("11.constants", constants)

# %% [markdown] id="weights-shift"
# Stuck? `hint("11.constants")`.
#
# Class weights shift the best answer at every doubtful pixel, because they multiply the
# **odds**, p / (1 − p), by w1 / w0. If a wall pixel counts three times as much as an inside
# pixel, odds of 12 : 1 for *inside* become 4 : 1, so a perfectly trained network answers
# 0.8 instead of 0.92. A higher threshold can do part of what these weights do, because it
# also turns doubtful pixels into wall.

# %% id="constants-in-numbers-claim" tags=["claim"]
grid = np.linspace(0.01, 0.99, 99)
tried = dict(by_name)
tried["Dice"] = lambda z, t: soft_dice(z, t, smooth=1e-6)
best = {}
for name, loss in tried.items():
    values = [loss(logits_for(np.full(labels.shape, p)), target).item() for p in grid]
    best[name] = round(float(grid[np.argmin(values)]), 2)
alone = 2 * grid * labels.mean() / (grid + labels.mean())
w = equation_2[0].numpy()
assert best["cross-entropy"] == best["Dice"] == round(float(labels.mean()), 2) == 0.56
assert round(12 / 13, 2) == 0.92  # odds of 4 under weights 3 : 1 are odds of 12 without
assert best["class weights"] == 0.5 and grid[np.argmax(alone)] == grid[-1]
assert abs(best["weight map"] - w[labels == 1].sum() / w.sum()) < 0.006
assert best["weight map"] == 0.43

# %% [markdown] id="trained"
# <details><summary>For the curious: five losses, and a lead made by thresholds</summary>
#
# *Exploratory*: we tried five losses, five seeds each, on one block. V_rand is each
# network's best over thresholds 0, 0.1, …, 1 (coarse), or 0, 0.1, …, 0.9, 0.95, …, 0.999
# (finer).
#
# | mean V_rand | coarse | finer |
# | --- | --- | --- |
# | cross-entropy | 0.886 | 0.924 |
# | class weights | 0.939 | 0.939 |
# | weight map | 0.941 | 0.941 |
# | Dice | 0.657 | 0.792 |
# | Dice + cross-entropy | 0.867 | 0.948 |
#
# The weight map's lead over cross-entropy shrank from 0.055 to 0.017, so most of it came
# from coarse thresholds. With Bonferroni correction for five comparisons, no difference
# between these two was detected with either set (95 % confidence intervals −0.004 to
# +0.114 and −0.020 to +0.054). Dice's deficit against cross-entropy was detected with
# both sets: 0.23 (0.09 to 0.37) and 0.13 (0.03 to 0.23).
#
# </details>

# %% id="trained-claim" tags=["claim"]
from unet_teach.comparisons import load_table, paired, summary

table, fine = load_table("compare_losses"), load_table("compare_losses_fine")
names = ("uniform", "class weights", "weight map", "Dice", "Dice + cross-entropy")
for metric in (metrics := ("v_rand", "v_info", "pixel_error", "dice")):
    assert all(summary(table, metric)[name][2] == 5 for name in names)
for scan, due in ((table, [0.886, 0.939, 0.941, 0.657, 0.867]),
                  (fine, [0.924, 0.939, 0.941, 0.792, 0.948])):  # fmt: skip
    assert [round(summary(scan, "v_rand")[name][0], 3) for name in names] == due
weighted_runs = [run for run in table if run["variant"] == "class weights"]
assert [run["config"]["class_weights"] for run in weighted_runs] == [[3, 1]] * 5
asked = [("uniform", name) for name in names[1:]] + [("class weights", "weight map")]
answers = {m: [paired(table, *pair, m, questions=5) for pair in asked] for m in metrics}

# %% id="verdict-in-numbers" tags=["claim"]
verdicts = {metric: [int(answer.found) for answer in answers[metric]] for metric in metrics}
assert verdicts["v_rand"] == [0, 0, 1, 0, 0] and verdicts["v_info"] == [1, 0, 0, 0, 0]
assert verdicts["dice"] == [1, 1, 0, 0, 1] and not any(verdicts["pixel_error"])
rand, dice = answers["v_rand"], answers["dice"]
assert (round(rand[1].mean, 3), round(rand[1].smallest, 3)) == (0.055, 0.059)
assert (round(rand[4].mean, 3), round(rand[4].smallest, 3)) == (0.002, 0.024)
assert paired(table, "uniform", "weight map").found  # asked alone
assert round(rand[2].mean, 2) == -0.23 and round(answers["v_info"][0].mean, 3) == 0.009
assert [round(dice[i].mean, 3) for i in (0, 1)] == [-0.006, -0.034]

# %% id="thresholds-used-claim" tags=["claim"]
used = [run["v_rand_threshold"] for run in table]
again = [paired(fine, *pair, questions=5) for pair in asked]
assert used.count(0.9) >= 15 and [a.found for a in again] == [0, 0, 1, 0, 0]
assert [round(a.mean, 2) for a in again] == [0.02, 0.02, -0.13, 0.02, 0.0]
assert round(again[1].mean, 3) == 0.017
found = [each[i] for i in (1, 2) for each in (rand, again)]
ranges = [[round(answer.low, 3), round(answer.high, 3)] for answer in found]
assert ranges == [[-0.004, 0.114], [-0.02, 0.054], [-0.37, -0.088], [-0.232, -0.032]]

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# A colleague segments touching cells on a wide, empty background. Her network merges one
# touching pair in ten. Would you recommend the weight map?
#
# <details><summary>One answer</summary>
#
# Perhaps. Her background is wide, so class weights favour the *cells*, and only equation
# 2's second term favours the walls. But first she should try other thresholds, because they
# do part of what weights do. Where two labelled cells touch, she has to draw a wall at
# least one pixel wide, because otherwise equation 2 sees one cell. Then she can train with
# class weights and with equation 2, five seeds each, and count merges.
#
# </details>

# %% [markdown] id="pair-closes" tags=["slide"]
# ## The pair, as it is now
#
# With cross-entropy the gate cost 63 and the blot 243. What do they cost with class
# weights, and with equation 2? The area of each disc shows a mistake's cost.

# %% id="pair-priced" tags=["fragment", "output"]
wrong = {"gate": gate != pair_labels, "blot": blot != pair_labels}
maps = {"cross-entropy": np.ones(pair_labels.shape)}
maps |= {
    "class weights": class_weights(pair_labels),
    "equation 2": losses.weight_map(pair_labels),
}
prices = {}
for loss, w in maps.items():
    prices[loss] = {name: -math.log(0.05) * w[there].sum() for name, there in wrong.items()}
price_picture(the_pair(volume.name), pair_labels, wrong, prices)

# %% id="pair-closes-claim" tags=["claim"]
due = {"cross-entropy": [63, 243], "class weights": [150, 154], "equation 2": [521, 154]}
for loss, costs in prices.items():
    assert [round(float(cost)) for cost in costs.values()] == due[loss]

# %% [markdown] id="recap" tags=["slide"]
# With class weights the gate costs nearly as much as the blot. With equation 2 the gate
# costs over three times as much, because its wall is thin.
#
# ## In this notebook we
#
# - wrote a cross-entropy that stays correct with logits of 1000;
# - wrote the paper's **weight map**: its second term,
#   `w0 * np.exp(-((d1 + d2) ** 2) / (2 * sigma**2))`, should "force the network to learn
#   the small separation borders";
# - saw where each loss pulls harder: equation 2 at the wall from the start, cross-entropy
#   only where the network is sure but wrong, and Dice in neither case;
# - derived each loss's best constant answer;
# - asked whether the weight map or Dice helps on real tissue, which isn't settled.
#
# What if only part of one slice is labelled?
