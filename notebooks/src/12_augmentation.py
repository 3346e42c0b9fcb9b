# %% [markdown] id="title" tags=["slide"]
# # 12 · Many images from few
#
# The paper's network learned from thirty micrographs. Tissue is soft: if you bend a
# micrograph a little, it still looks like a micrograph. So you can show each image a thousand
# times and never twice the same. How much does that help when there are only a few?
#
# ![](assets/lessons/12_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - deform an image and its mask by one field, each with the right interpolation;
# - find what a wrong interpolation has done to a mask, even where it hides;
# - read a learning curve, and say no more than its seeds allow.
#
# **Time** about 45 minutes · **Before** lessons 08 and 10 · **Needs** no GPU, no data

# %% id="setup"
from statistics import mean, stdev

import matplotlib.pyplot as plt
import torch
from torch.nn import functional as F

from unet_teach.augment import NOTHING, AugmentConfig, augment, displacement, warp
from unet_teach.comparisons import by_seed, load_table
from unet_teach.config import UNetConfig
from unet_teach.data.membranes import membrane_slice, synthetic_membranes
from unet_teach.data.volume import Volume, standardise
from unet_teach.drawing.intervals import primary_answers
from unet_teach.drawing.pair import pair_figure, the_pair
from unet_teach.exercises import check, hint, solution
from unet_teach.lessons.described import described
from unet_teach.lessons.l12_augmentation.masks import few_slices, real_or_drawn
from unet_teach.lessons.l12_augmentation.measure import elastic_field, folded, strays, stretch
from unet_teach.lessons.l12_augmentation.panel import deformation_explorer
from unet_teach.metrics import components, v_rand
from unet_teach.models.unet import UNet
from unet_teach.tiling import predict

(first, first_labels), (micrograph, pair_labels) = membrane_slice(0), membrane_slice(29)
tissue = synthetic_membranes(1, size=192, seed=12)
image = torch.from_numpy(standardise(tissue.images[0]))  # (192, 192)
mask = torch.from_numpy(tissue.labels[0]).long()  # 0 membrane, 1 inside

# %% [markdown] id="pair-opens" tags=["slide"]
# ## What is still wrong with the pair
#
# Labels are expensive, so let's be poor. A small network learns from one corner of one slice,
# 128 × 128 pixels, and sees nothing but random crops of it. Afterwards it gets more than 90 %
# of that corner right. What will it make of our two neurons, which are in another slice?

# %% id="pair-after-one-piece" tags=["fragment", "output"]
piece = torch.from_numpy(standardise(first))[None, None, 384:, :128]
piece_labels = torch.from_numpy(first_labels).long()[None, 384:, :128]
volume = Volume([micrograph] * 30, [pair_labels] * 30, "synthetic membranes (seed 0)")


def learn(changes, seed=0):
    torch.manual_seed(seed)
    model = UNet(UNetConfig(base_channels=8, depth=2, padding="same", batch_norm=True))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    chance = torch.Generator().manual_seed(seed)
    for _step in range(120):
        crop, target = augment(piece, piece_labels, changes, chance, size=(96, 96))
        optimizer.zero_grad()
        F.cross_entropy(model(crop), target).backward()
        optimizer.step()
    return model.eval()


one_corner = learn(NOTHING)
pair_figure(volume, {"learned one corner": predict(one_corner, micrograph)[1] > 0.5})

# %% id="pair-after-one-piece-claim" tags=["claim"]
pair, inside = the_pair(volume.name), predict(one_corner, micrograph)[1]
assert all(pair.verdict(inside > t, pair_labels) == "merged" for t in (0.3, 0.5, 0.7))
own = (predict(one_corner, first)[1] > 0.5) == first_labels
assert own[384:, :128].mean() > 0.9 > ((inside > 0.5) == pair_labels).mean()

# %% [markdown] id="bend-it" tags=["slide"]
# The network has **overfitted**: it memorised its corner and doesn't **generalise** to other
# places. We can't have more tissue, so let's bend the tissue that we have. Each crop is bent
# a little before the network sees it, turned, flipped, and changed in its grey values: that
# is **augmentation**. One run says little, so we train three seeds each way. As lesson 11
# warned, 0.5 may be the wrong threshold for a network, so each gets its best one, found on
# the slice that we score (which flatters both).

# %% id="pair-bent" tags=["fragment", "output"]
gentle = AugmentConfig(elastic_sigma=2.5)  # you'll see why 2.5
thresholds, runs = (0.5, 0.7, 0.9, 0.95, 0.98, 0.99), {"crops": [], "bent": []}
for name, changes in (("crops", NOTHING), ("bent", gentle)):
    for seed in range(3):
        inside = predict(learn(changes, seed), micrograph)[1]
        scores = [v_rand(components(pair_labels), components(inside > t)) for t in thresholds]
        best = scores.index(max(scores))
        runs[name].append((scores[best], inside > thresholds[best]))
    print(f"{name}: V_rand of seeds 0, 1, 2:", *(f"{score:.2f}" for score, _ in runs[name]))
masks = {name: sorted(found, key=lambda run: run[0])[1][1] for name, found in runs.items()}
pair_figure(volume, masks)  # of each, the median seed

# %% id="pair-bent-claim" tags=["claim"]
import numpy as np

crops, bent = ([score for score, _mask in found] for found in runs.values())
assert pair.verdict(masks["crops"], pair_labels) == "merged"
assert pair.verdict(masks["bent"], pair_labels) == "apart"
crop, found = pair.crop(pair_labels), pair.crop(masks["bent"])
green = components(found) == pair.regions(found, crop)[1]
held = np.bincount(components(crop)[green])[1:]  # pixels of each labelled neuron
assert (held > 500).sum() == 2  # the pair's own, and another
assert mean(bent) > 2 * mean(crops)

# %% [markdown] id="reading"
# The same 128 × 128 pixels, and the walls are there. They are ragged, and the green neuron
# has run into a third one at the top, but in the mean of three seeds V_rand has more than
# doubled. How does one bend tissue, what can go wrong, and does it help on real tissue, too?

# %% [markdown] id="places" tags=["slide"]
# ## Where is each pixel read?
#
# To bend an image, we choose for each pixel of the *result* a **place** in the image,
# (column, row), at which to read its value. A **displacement** is the way from the pixel
# itself to that place: pixel (5, 2), displaced by (0.25, 0), is read at (5.25, 2). All places
# together are a **field**.
#
# What is read between pixels? **Bilinear** interpolation mixes the four pixels around the
# place, the nearer the more. **Nearest** takes only the nearest one. Take a line 0, 4, 8 and
# read it at 0.25, 1 and 1.75. What does each return?

# %% id="read-a-line"
line = torch.tensor([[[[0.0, 4.0, 8.0]]]])
places = torch.tensor([[[[0.25, 0.0], [1.0, 0.0], [1.75, 0.0]]]])  # (column, row)
read = {mode: warp(line, places, mode).flatten().tolist() for mode in ("bilinear", "nearest")}
print("read at 0.25, 1 and 1.75:", read)

# %% id="read-a-line-claim" tags=["claim"]
assert read == {"bilinear": [1, 4, 7], "nearest": [0, 4, 8]}

# %% [markdown] id="papers-field"
# ## The paper's field
#
# [The paper](https://arxiv.org/abs/1505.04597) bends its images by a smooth **elastic
# deformation**, as others had done before ([Simard et al.,
# 2003](https://doi.org/10.1109/ICDAR.2003.1227801)): "We generate smooth deformations using
# random displacement vectors on a coarse 3 by 3 grid. The displacements are sampled from a
# Gaussian distribution with 10 pixels standard deviation. Per-pixel displacements are then
# computed using bicubic interpolation."
#
# That is nine random vectors and smooth displacements through them. In the library it is one
# call, `displacement`. Does it do what the paper says? We draw 300 fields and look at the
# nine places.

# %% id="displacements"
config = AugmentConfig()
draws = [displacement((65, 65), config, torch.Generator().manual_seed(s)) for s in range(300)]
vectors = torch.stack(draws)[:, ::32, ::32]  # the nine places of the coarse grid
print(f"shape {tuple(vectors.shape)}, standard deviation {vectors.std():.1f} pixels")

# %% id="displacements-claim" tags=["claim"]
assert (config.elastic_grid, config.elastic_sigma) == (3, 10.0)
assert vectors.shape == (300, 3, 3, 2) and 9.5 < vectors.std() < 10.5
nine = 10 * torch.randn(1, 2, 3, 3, generator=torch.Generator().manual_seed(0))
smooth = F.interpolate(nine, size=(65, 65), mode="bicubic", align_corners=True)
assert torch.allclose(smooth[0].permute(1, 2, 0), draws[0], atol=1e-4)

# %% [markdown] id="ten-pixels" tags=["slide"]
# The nine vectors span the whole crop, however large it is. So ten pixels don't always mean
# the same: over 572 pixels the field is a gentle wave. What is it over 128? Guess by how much
# the distance of two neighbours changes, on average.

# %% id="stretch-by-size" tags=["fragment"]
bends = {}
for size in (572, 256, 128):
    bends[size] = sum(stretch(elastic_field(size, 10, 3, seed)) for seed in range(30)) / 30
    print(f"crop of {size}: lengths change by {bends[size]:.0%}")

# %% id="stretch-by-size-claim" tags=["claim"]
assert round(bends[572], 2) == 0.04 and 4 < bends[128] / bends[572] < 5

# %% [markdown] id="exercise-1" tags=["slide"]
# It changes by 4 % over the paper's tiles, and more than four times that over a crop of 128.
# If you copy "sigma 10" for small crops, you copy a number and not a deformation. Scale it
# with the crop: 10 pixels in 512 are 2.5 in 128.
#
# ### Exercise 1 (easy): the same field for both
#
# - **In**: `image`, floats (H, W); `mask`, int64 (H, W), classes 0, 1, 2, …; `displacement`,
#   (H, W, 2): how far right and down each pixel is read, in pixels.
# - **Out**: image (bilinear) and mask (nearest, int64), in this order.
# - **Edge**: `warp(maps, field, mode)` mirrors beyond the border. It takes floats (B, C, H, W)
#   and places (B, H, W, 2).
# - **Example**: `[[0., 4.]]` and `[[0, 3]]`, read 0.25 to the right: `[[1., 3.]]`, `[[0, 3]]`.


# %% id="exercise-same-field" tags=["fragment"]
def same_field(image, mask, displacement):
    """The image and the mask, deformed alike."""
    # SOLUTION: exercises.same_field


# %% id="check-same-field"
check("12.same_field", same_field)

# %% [markdown] id="in-step" tags=["slide"]
# Stuck? `hint("12.same_field")`. Now we bend the micrograph by one field. We bend its mask
# twice: once by the same field, and once by another. Membranes are dark, so how dark is the
# image where the mask says membrane? (Grey values are standardised: mean 0, standard
# deviation 1.)

# %% id="measure-in-step" tags=["fragment", "output"]
field = 32 + elastic_field(128, 10, 3, seed=0)  # the middle of the image: no border is met
other = 32 + elastic_field(128, 10, 3, seed=1000)
grey = warp(image[None, None], field[None], "bilinear")[0, 0]
whole = mask[None, None].float()
classes, apart = (warp(whole, f[None], "nearest")[0, 0].long() for f in (field, other))
for name, labels in (("same field", classes), ("own field", apart)):
    dark, light = grey[labels == 0].mean(), grey[labels == 1].mean()
    print(f"{name}: {dark:+.2f} under membranes, {light:+.2f} inside")

# %% id="measure-in-step-claim" tags=["claim"]
assert grey[classes == 0].mean() < -0.9 and grey[apart == 0].mean() > -0.3

# %% [markdown] id="apart-is-noise"
# With a field of its own the mask says little about the image. Nothing crashes; the network
# just learns hardly more than the fraction of each class. The fault is easy to find if you
# look at five pairs before you train.
#
# ## Why not bilinear for the mask?
#
# If we read the mask bilinearly, how many of its values are neither 0 nor 1? And `.long()`,
# which makes them whole numbers by cutting off the fraction: what does it do to the
# membranes?

# %% id="mask-bilinear"
mixed = warp(whole, field[None], "bilinear")[0, 0]
wrong = strays(mixed.numpy(), classes=2).mean()
membrane = [(labels == 0).float().mean().item() for labels in (classes, mixed.long())]
print(f"{wrong:.1%} of the values are no class")
print(f"membrane: {membrane[0]:.1%} with nearest, {membrane[1]:.1%} with bilinear and .long()")

# %% id="mask-bilinear-claim" tags=["claim"]
assert round(wrong, 3) == 0.072 and round(membrane[1] / membrane[0], 1) == 1.3
assert ((mixed > 0.999) & (mixed < 1)).any()  # the specks

# %% [markdown] id="rounding" tags=["slide"]
# Membrane has grown by 30 %, partly as specks inside cells, where 0.9999999 was cut to 0. No
# error was raised. Does rounding help? With two classes it nearly does, but with more it is
# worse. Let inside be class 2, as in a data set that keeps 1 for mitochondria. There isn't
# one mitochondrion in this mask. How many pixels are of class 1 after rounding?

# %% id="invented-class" tags=["fragment", "output"]
print(f"two classes, rounded: {(mixed.round() != classes).float().mean():.1%} differ")
double = 2 * mask  # 0 membrane, 2 inside; no pixel of class 1
rounded = warp(2 * whole, field[None], "bilinear")[0, 0].round()
invented = (rounded == 1).float().mean().item()
print(f"classes 0 and 2, rounded: {invented:.1%} are of class 1")
figure, axes = plt.subplots(1, 3, figsize=(9, 3), layout="constrained")
from matplotlib.colors import ListedColormap

red_is_1 = ListedColormap(["black", "red", "lightgrey"])
shown = {"image": grey, "nearest": 2 * classes, "bilinear, rounded": rounded}
for axis, (title, map_) in zip(axes, shown.items(), strict=True):
    axis.imshow(map_, cmap="gray" if title == "image" else red_is_1)
    axis.set(title=title, xticks=[], yticks=[])
described(figure, "12.invented_class")

# %% id="invented-class-claim" tags=["claim"]
assert (mixed.round() != classes).float().mean() < 0.01 and not (double == 1).any()
assert round(invented, 3) == 0.030

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): the mask that interpolation corrupted
#
# All values of that mask are valid classes, and yet it is wrong. How can one notice? A value
# is honest if one of the up to four pixels *around the place where it was read* holds it.
# Mark the others.
#
# - **In**: `mask`, the old one, whole numbers (H, W); `field`, places (h, w, 2) as (column,
#   row), all inside the mask, the last row and column included; `warped`, (h, w), whole numbers
#   or fractions.
# - **Out**: a bool tensor (h, w), True where corrupted.
# - **Edge**: a place exactly on a pixel has only this one around it.
# - **Example**: if `[[0, 2]]` is read at column 0.5, then 0 and 2 are honest and 1 is
#   corrupted.


# %% id="exercise-corrupted" tags=["fragment"]
def corrupted(mask, field, warped):
    """True where no pixel around the place holds what the warped mask says."""
    # SOLUTION: exercises.corrupted


# %% id="check-corrupted"
check("12.corrupted", corrupted)

# %% id="corrupted-in-numbers" tags=["claim"]
from unet_teach.lessons.l12_augmentation import exercises

found = exercises.corrupted(double, field, rounded)
accused = exercises.corrupted(double, field, 2 * classes)
assert torch.equal(found, rounded == 1) and not accused.any()

before = warp((image > 0)[None, None].float(), field[None], "nearest")[0, 0].bool()
for mode, due in (("nearest", 0), ("bilinear", 4)):
    after = warp(image[None, None], field[None], mode)[0, 0] > 0
    differing = 100 * (before != after).float().mean()
    assert round(differing.item()) == due and torch.equal(before, after) == (mode == "nearest")

# %% [markdown] id="predict-then-try" tags=["slide"]
# Stuck? `hint("12.corrupted")`. It finds every invented pixel and accuses no honest one,
# because nearest only copies pixels.
#
# ## Predict, then try
#
# 1. Draw a few new fields, and wipe between image and labels. Does each label stay with its
#    pixel?
# 2. Read the labels bilinearly, then along another field. What goes wrong, and where?
# 3. Drag two neighbouring arrows towards each other. From which distance on is the tissue
#    **folded**, so that it is read forwards, backwards, and forwards again? Real tissue
#    doesn't do that. Which sigma folds it by chance?
#
# The cell below the panel asks the same of finer grids at sigma 10.
#
# {{twin: deformation_explorer}}

# %% id="deformation-explorer" tags=["slide"]
deformation_explorer()

# %% id="folds-in-numbers"
for grid in (3, 5, 9):
    folds = [folded(elastic_field(128, 10, grid, s)).float().mean() for s in range(10)]
    print(f"{grid} × {grid} vectors: {sum(folds) / 10:.1%} of the tissue folded, ten seeds")

# %% id="folds-in-numbers-claim" tags=["claim"]
for grid, least, most in ((3, 0, 0), (5, 0.01, 0.07), (9, 0.2, 0.3)):
    folds = [folded(elastic_field(128, 10, grid, s)).float().mean() for s in range(10)]
    assert least <= sum(folds) / 10 and max(folds) <= most
explorer = deformation_explorer()
explorer.ask("When does tissue fold?")
assert explorer.answer["folds"] > 0.05
for pulled, folds_there in ((16, False), (17, True)):  # tips 39.5 - 2 * 16.5 pixels apart
    explorer.set(sigma=0, right3=pulled, right4=-pulled)
    assert (explorer.answer["folds"] > 0) == folds_there
for sigma, least in ((10, 0), (20, 4)):  # of five draws
    drawn = [explorer.answered({**explorer.settings, **{"sigma": sigma, "seed": seed,
                                "right3": 0, "right4": 0}}) for seed in range(5)]  # fmt: skip
    assert sum(found["folds"] > 0 for found in drawn) == least

# %% [markdown] id="live" tags=["slide"]
# What you should have seen:
#
# 1. Along one field each label stays with its pixel.
# 2. Read bilinearly, labels are spoiled along every membrane, and along another field
#    everywhere.
# 3. Tissue folds when the tips of two neighbouring arrows come within about 6 pixels of each
#    other. Here that happens by chance at sigma 20, not 10. On a finer grid it
#    happens more often, because neighbours are closer.
#
# ## In the loop
#
# The library's `augment` does all of this: field, two interpolations, grey values. In a
# training loop it is one line, and all its randomness comes from one generator, so that a run
# can be repeated to the last bit. Here are five pairs from one slice, with the mask's outline
# over each image. Do they belong together?

# %% id="five-pairs" tags=["fragment"]
stack, labels = image.expand(5, 1, 192, 192), mask.expand(5, 192, 192)
generator = torch.Generator()
crops, targets = augment(stack, labels, gentle, generator.manual_seed(3), size=(128, 128))
figure, axes = plt.subplots(1, 5, figsize=(10, 2.2), layout="constrained")
for axis, crop, target in zip(axes, crops[:, 0], targets, strict=True):
    axis.imshow(crop, cmap="gray")
    axis.contour(target, [0.5], colors="tab:orange", linewidths=0.8)
    axis.set(xticks=[], yticks=[])
described(figure, "12.five_pairs")

# %% id="five-pairs-claim" tags=["claim"]
again, _masks = augment(stack, labels, gentle, generator.manual_seed(3), size=(128, 128))
assert torch.equal(again, crops) and set(targets.unique().tolist()) == {0, 1}

# %% [markdown] id="primary" tags=["slide"]
# ## Where augmentation pays
#
# Now real tissue. Two networks that learned from a single ISBI slice see a piece of another
# one. Orange is a region in which neurons have run together. Blue is a piece of a neuron that
# was cut. (Of five such pairs this one has the median gain. The micrograph and its labels
# aren't ours to reprint.)

# %% id="masks-of-few-slices" tags=["fragment", "output"]
few_slices()

# %% id="masks-of-few-slices-claim" tags=["claim"]
from unet_teach.lessons.l12_augmentation.masks import PIECE, TOGETHER, WALL, seen

kinds = {how: seen(f"1 slice, {how}") for how in ("augmented", "crops")}
merged, cut = ({how: (k == c).mean() for how, k in kinds.items()} for c in (TOGETHER, PIECE))
assert merged["augmented"] < 0.02 < 0.1 < merged["crops"] and cut["augmented"] > cut["crops"]

# %% [markdown] id="look-then-measure"
# Augmentation merges less here and cuts a little more. But that is one piece of one slice. So
# let's measure: is V_rand higher with augmentation than with crops alone, with 24 slices,
# with three, and with one? Ten pairs of networks answer each question. Read the bars as in
# [lesson 10](10_metrics.ipynb).

# %% id="primary-answers" tags=["slide", "output"]
primary_answers(12)

# %% id="primary-answers-claim" tags=["claim"]
from unet_teach import comparisons

by_slices = {
    n: comparisons.answer(f"augmentation, {n} slice{'s' * (n > 1)}") for n in (24, 3, 1)
}
dues = [-0.023, -0.068, 0.023], [0.009, -0.020, 0.038], [0.049, -0.002, 0.101]
for found, due in zip(by_slices.values(), dues, strict=True):
    assert [round(x, 3) for x in (found.mean, found.low, found.high)] == due
    assert not found.found and found.n == 10 and found.questions == 3
assert min(by_slices[1].differences) > 0
assert all(by_slices[n].low < -0.015 and by_slices[n].high > 0.015 for n in (24, 3))

# %% [markdown] id="primary-verdict"
# The fewer the slices, the better for augmentation. The estimate is −0.023 with 24 slices
# (−0.068 to +0.023), +0.009 with three (−0.020 to +0.038), and +0.049 with one (−0.002 to
# +0.101). With one slice augmentation is ahead in all ten pairs, and still the bar just
# covers zero. The rule was fixed beforehand, so we keep to it: all three are **not settled**.
# What would I do? With one or two labelled slices, augment. With many, try both.

# %% [markdown] id="table" tags=["slide"]
# ## How many slices are enough?
#
# Each slice that you label takes days, so this is the question that you'll be asked. Sketch
# two curves before you look: small U-Nets learned from 1, 3, 8 and 24 slices. *Crops* is
# crops alone, and *rigid* adds turns, flips and grey values. Each dot is one seed.

# %% id="learning-curve" tags=["fragment", "output"]
table, counts, hows = load_table("compare_slices"), (1, 3, 8, 24), ("crops", "rigid")
figure, axes = plt.subplots(figsize=(8, 3.4), layout="constrained")
curves = {}
for shift, how in zip((-0.05, 0.05), hows, strict=True):
    scores = [by_seed(table, f"{n} slices, {how}", "v_rand") for n in counts]
    curves[how] = {n: list(seeds.values()) for n, seeds in zip(counts, scores, strict=True)}
    (drawn,) = axes.plot([mean(values) for values in curves[how].values()], label=how)
    for place, values in enumerate(curves[how].values()):
        axes.plot([place + shift] * 5, values, "o", color=drawn.get_color(), alpha=0.5)
_ = axes.legend()
axes.set(xticks=range(4), xticklabels=counts, xlabel="slices to learn from", ylabel="V_rand")
described(figure, "12.learning_curve")

# %% id="learning-curve-claim" tags=["claim"]
assert [round(end(curves["crops"][1]), 2) for end in (min, max)] == [0.55, 0.87]

# %% [markdown] id="exercise-3"
# ### Exercise 3 (stretch): read the learning curve
#
# A rule of thumb: take the number with the best mean score and the **standard deviation** of
# its seeds, `statistics.stdev`. Then enough is the smallest number whose mean is at least the
# best mean minus that standard deviation.
#
# - **In**: a dictionary `{slices: [score by seed]}` in any order, higher is better, at least
#   two seeds each. The curve may dip.
# - **Out**: one of its keys. **Edge**: a mean exactly at the bar is enough.
# - **Example**: `{1: [0.5, 0.6], 8: [0.85, 0.95], 24: [0.9, 1.0]}`: the bar is 0.95 − 0.07,
#   so 8.


# %% id="exercise-enough-slices"
def enough_slices(scores):
    """The smallest number of slices within one standard deviation of the best."""
    # SOLUTION: exercises.enough_slices


# %% id="check-enough"
check("12.enough_slices", enough_slices)

# %% [markdown] id="rule-applied"
# Stuck? `hint("12.enough_slices")`. Which of the two curves needs fewer slices by this rule?
# Guess from the plot.

# %% id="rule-in-numbers"
from unet_teach.lessons.l12_augmentation import exercises  # the course's answers

enough = {how: exercises.enough_slices(curves[how]) for how in hows}
print("slices that are enough, by the rule:", enough)

# %% id="rule-in-numbers-claim" tags=["claim"]
from unet_teach.comparisons import paired, summary

assert mean(curves["crops"][24]) > max(mean(seeds) for seeds in curves["rigid"].values())
assert enough == {"crops": 24, "rigid": 3}
elastic = {n: [*by_seed(table, f"{n} slices, elastic", "v_rand").values()] for n in counts}
assert exercises.enough_slices(elastic) == 1
metrics, behind = ("v_rand", "v_info", "dice", "pixel_error"), []
for how in ("crops", "elastic"):
    for n in counts[:3]:
        names = f"{n} slices, {how}", f"24 slices, {how}"
        behind += [paired(table, *names, metric, questions=6) for metric in metrics]
detected = [(answer.a, answer.metric) for answer in behind if answer.found]
smallest = {(answer.a, answer.metric): answer.smallest for answer in behind}
assert sorted(detected) == [("1 slices, crops", "pixel_error"), ("3 slices, crops", "v_info")]
assert round(smallest["1 slices, elastic", "v_rand"], 3) == 0.088

# %% [markdown] id="rule-read"
# *Rigid* needs three slices and *crops* all 24, although *crops* climbs higher. So is *rigid*
# the better choice? The rule can't tell you. It compares each curve with its **own** best,
# and a curve that stays low is soon near its best. It doesn't know how sure it is, either:
# with one slice and crops alone, the five seeds reach from 0.55 to 0.87. Does *bending* help,
# on top of turns, flips and grey values? These seeds detect nothing.

# %% [markdown] id="curious"
# <details><summary>For the curious: what these five seeds can tell</summary>
#
# *Exploratory*: 400 steps, six slices to evaluate on, Bonferroni-corrected. *Elastic* adds
# the field with its full sigma of 10, too strong for these crops.
#
# | asked | answer |
# | --- | --- |
# | elastic against rigid | nothing detected; V_rand ± 0.10 at one slice |
# | elastic against crops, 1 slice | V_rand +0.20 in the mean, ± 0.24: not detected |
# | the same, 8 and 24 slices | detected: pixel error +0.003 and +0.004 |
# | crops: 1 and 3 slices against 24 | detected: worse in pixel error (1), in V_info (3) |
# | loss on training crops | detected: higher with elastic, at each number of slices |
#
# With one slice and crops alone each pixel is seen a hundred times: the loss is lowest there,
# and so is V_rand. That is overfitting.
#
# </details>

# %% id="eight-questions-claim" tags=["claim"]
asked = [
    (f"{n} slices, {a}", f"{n} slices, elastic") for a in ("rigid", "crops") for n in counts
]
answers = {m: [paired(table, *names, m, questions=8) for names in asked] for m in metrics}
found = [answer for metric in metrics for answer in answers[metric] if answer.found]
worst = [round(answer.smallest, 3) for answer in answers["v_rand"]]
assert [len(eight) for eight in answers.values()] == [8] * 4

# %% id="verdict-in-numbers" tags=["claim"]
got = {(answer.metric, answer.a): round(answer.mean, 3) for answer in found}
assert all(answer.a.endswith("crops") for answer in found) and len(found) == 3
assert worst[0] == 0.095 and max(worst[1:4]) == 0.044 and worst[4] == 0.238
assert got == {
    ("pixel_error", "8 slices, crops"): 0.003,
    ("pixel_error", "24 slices, crops"): 0.004,
    ("v_info", "24 slices, crops"): -0.012,
}
rescue = answers["v_rand"][4]
assert min(rescue.differences) > 0 and round(rescue.mean, 2) == 0.20 and not rescue.found
assert paired(table, rescue.a, rescue.b, questions=1).found

# %% id="training-loss-claim" tags=["claim"]
pairs = [(f"{n} slices, crops", f"{n} slices, elastic") for n in counts]
pairs.append(("1 slices, crops", "24 slices, crops"))
harder = [paired(table, *names, "loss", questions=5) for names in pairs]
times = {n: round(400 * 4 * 128**2 / (n * 512**2)) for n in counts}  # each pixel is seen
assert all(answer.found and answer.mean > 0 for answer in harder)
assert (times[1], times[24]) == (100, 4)
for metric in ("loss", "v_rand"):
    means = {variant: point[0] for variant, point in summary(table, metric).items()}
    assert min(means, key=means.get) == "1 slices, crops"

# %% [markdown] id="tissue-of-no-one" tags=["slide"]
# ## Tissue from a program
#
# You can also *draw* tissue: a program makes our synthetic membranes, labels and all, so they
# cost nothing. Here is the piece from above, as two other networks see it. One learned from
# 24 real slices. The other has **never seen a real micrograph**. Which one is it?

# %% id="real-or-drawn" tags=["fragment", "output"]
real_or_drawn()

# %% [markdown] id="drawn-read" tags=["fragment"]
# It is A. It paints the thin walls that our program draws. Over ten pairs such small networks
# reach a mean V_rand of 0.952, and those of 24 real slices reach 0.956: an *exploratory*
# difference of −0.004, from −0.025 to +0.017. The question that we fixed beforehand was
# whether it helps to mix real and drawn crops, half and half. The estimate is +0.004, from
# −0.008 to +0.016: not settled.

# %% id="mixed-answers-claim" tags=["claim"]
assert (seen("synthetic") == WALL).mean() < 0.9 * (seen("real") == WALL).mean()
mixed = load_table("mixed")
both, drawn = (paired(mixed, "real", kind) for kind in ("mixed", "synthetic"))
assert both.n == drawn.n == 10 and not both.found and not drawn.found
assert [round(x, 3) for x in (both.mean, both.low, both.high)] == [0.004, -0.008, 0.016]
assert [round(x, 3) for x in (drawn.mean, drawn.low, drawn.high)] == [-0.004, -0.025, 0.017]
means = {kind: summary(mixed, "v_rand")[kind][0] for kind in ("real", "synthetic")}
assert [round(v, 3) for v in means.values()] == [0.956, 0.952]

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# You segment heart chambers, left and right, in 40 scans. Which of today's changes do you
# allow, and how do you find out whether they help?
#
# <details><summary>One answer</summary>
#
# Allow a change if the image could still come from a patient and its labels are still right.
# A flip is out, because it makes the left chamber a right one. Small turns, a little scaling
# and gentle bending without folds are fine, and so are grey values that differ no more than
# scanners do. If an expert frowns at an example, it is too much. Then choose one question and
# one measure, train with and without, at least five seeds each, until neither loss falls any
# more, and evaluate on other patients. Report the confidence interval.
#
# </details>

# %% [markdown] id="pair-closes" tags=["slide"]
# ## The pair, as it stands now
#
# Our pair is tissue from a program, too, so we can have as much of it as we like. Here is the
# network of the bent corner once more, next to the course's trained network, which learned
# from 110 drawn slices. Bending makes the most of your labels. It doesn't replace more of
# them.

# %% id="pair-now" tags=["fragment", "output"]
from unet_teach.models.pretrained import pretrained

many = predict(pretrained("membranes"), micrograph)[1] > 0.5
pair_figure(volume, {"one corner, bent": masks["bent"], "110 slices": many})

# %% id="pair-now-claim" tags=["claim"]
assert pair.verdict(many, pair_labels) == "apart"
assert v_rand(components(pair_labels), components(many)) > max(bent) + 0.1

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - read image and mask along one field: `warp(image, field, "bilinear")` and
#   `warp(mask, field, "nearest")`, because a class has no in-between;
# - met the paper's field, "random displacement vectors on a coarse 3 by 3 grid", as
#   `displacement(size, AugmentConfig(elastic_sigma=10.0, elastic_grid=3), generator)`;
# - scaled it to the crop, and found classes that nobody drew and folds that no tissue has;
# - asked whether augmentation helps with 24 slices, three and one: none of it is settled.
#
# All our crops were small. How does one answer a slice that is larger than the memory?
