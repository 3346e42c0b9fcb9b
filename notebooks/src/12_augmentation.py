# %% [markdown] id="title" tags=["slide"]
# # 12 · Many images from few
#
# The paper's network learned from thirty micrographs. Tissue is soft: bend a micrograph a
# little, and it is a micrograph still. So each image can be shown a thousand times, never
# twice the same. What does that bring? You will read it from a table, and be surprised.
#
# ![](assets/lessons/12_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - deform an image and its mask by one field, each with the right interpolation;
# - find what a wrong interpolation has done to a mask, also where it hides;
# - read a learning curve, and say no more than its seeds allow.
#
# **Time** about 45 minutes · **Before** lessons 08 and 10 · **Needs** no GPU, no data

# %% id="setup"
from statistics import mean, stdev

import matplotlib.pyplot as plt
import torch
from torch.nn import functional as F

from unet_teach.augment import AugmentConfig, augment, displacement, warp
from unet_teach.comparisons import by_seed, load_table, paired, summary
from unet_teach.data.membranes import synthetic_membranes
from unet_teach.data.volume import standardise
from unet_teach.drawing.intervals import interval_picture, primary_answers
from unet_teach.exercises import check, hint, solution
from unet_teach.lessons.described import described
from unet_teach.lessons.l12_augmentation.masks import few_slices
from unet_teach.lessons.l12_augmentation.measure import elastic_field, folded, strays, stretch
from unet_teach.lessons.l12_augmentation.panel import deformation_explorer

torch.manual_seed(0)
tissue = synthetic_membranes(1, size=192, seed=12)
image = torch.from_numpy(standardise(tissue.images[0]))  # (192, 192)
mask = torch.from_numpy(tissue.labels[0]).long()  # 0 membrane, 1 inside

# %% [markdown] id="reading"
# ## Where is each pixel read?
#
# A **field** gives each pixel of the *result* a place in the *image* where its value is read:
# (column, row). The place may lie between pixels. **Bilinear** mixes the four pixels around
# it by their nearness. **Nearest** takes one and leaves the others.
#
# Take a line 0, 4, 8 and read it at 0.25, 1 and 1.75. What does each give?

# %% id="read-a-line"
line = torch.tensor([[[[0.0, 4.0, 8.0]]]])
places = torch.tensor([[[[0.25, 0.0], [1.0, 0.0], [1.75, 0.0]]]])  # (column, row)
read = {mode: warp(line, places, mode).flatten().tolist() for mode in ("bilinear", "nearest")}
print(read)

# %% id="read-a-line-claim" tags=["claim"]
assert read == {"bilinear": [1, 4, 7], "nearest": [0, 4, 8]}

# %% [markdown] id="papers-field" tags=["slide"]
# ## The paper's field
#
# "We generate smooth deformations using random displacement vectors on a coarse 3 by 3 grid.
# The displacements are sampled from a Gaussian distribution with 10 pixels standard deviation.
# Per-pixel displacements are then computed using bicubic interpolation." Nine vectors, then,
# and a smooth field through them. In the library it is one call, `displacement`. Is it what the
# paper says? Draw 300, look at the nine places, and build the first one by hand.

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
# The nine vectors span the whole crop, however large it is. So ten pixels are not ten pixels:
# over 572 the field is a gentle wave. What is it over 128? Guess how much the distance of two
# neighbours changes, on average.

# %% id="stretch-by-size" tags=["fragment"]
bends = {}
for size in (572, 256, 128):
    bends[size] = sum(stretch(elastic_field(size, 10, 3, seed)) for seed in range(30)) / 30
    print(f"crop of {size}: lengths change by {bends[size]:.0%}")

# %% id="stretch-by-size-claim" tags=["claim"]
assert round(bends[572], 2) == 0.04 and 4 < bends[128] / bends[572] < 5

# %% [markdown] id="exercise-1" tags=["slide"]
# 4 % over the paper's tiles, more than four times that over a crop of 128. Who copies
# "sigma 10" from the paper and trains on small crops copies a number, not a deformation. Keep
# this in mind until the table.
#
# ### Exercise 1 (easy): the same field for both
#
# You get an image (H, W), its mask, and a displacement (H, W, 2), right and down, for each
# pixel. Build the field: each pixel's own place plus its displacement. Read the image bilinear
# and the mask nearest, both with `warp`, which mirrors the image beyond its border. The mask
# holds classes 0, 1, 2, …; return both, (H, W) each, the image first.


# %% id="exercise-same-field" tags=["fragment"]
def same_field(image, mask, displacement):
    """The image and the mask, deformed alike."""
    # SOLUTION: exercises.same_field


# %% id="check-same-field"
check("12.same_field", same_field)

# %% [markdown] id="in-step" tags=["slide"]
# Stuck? `hint("12.same_field")`. Now bend the micrograph, and its mask once by the same field
# and once by another one. Membranes are dark. How dark is the image where the mask says
# membrane? (Grey values are standardised: mean 0, standard deviation 1.)

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
# With a field of its own the mask knows little of the image. Nothing crashes; the network just
# learns hardly more than the share of each class. The fault is easy to find: look at five pairs
# before you train.
#
# ## Why not bilinear for the mask?
#
# Read the mask bilinear: how many of its values are neither 0 nor 1? Then `.long()` makes
# whole numbers of them, by cutting off. What happens to the membranes?

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
# Membrane has grown by 30 %, part of it specks inside cells, where 0.9999999 was cut to 0. No
# error was raised. Is rounding the cure? With two classes nearly: compare. With more it is
# worse than the disease. Call the inside 2, as a data set does that keeps 1 for mitochondria.
# There is not one mitochondrion in this mask. How many pixels of class 1 are there after
# rounding?

# %% id="invented-class" tags=["slide"]
print(f"two classes, rounded: {(mixed.round() != classes).float().mean():.1%} differ")
double = 2 * mask  # 0 membrane, 2 inside; no pixel of class 1
rounded = warp(2 * whole, field[None], "bilinear")[0, 0].round()
invented = (rounded == 1).float().mean().item()
print(f"classes 0 and 2, rounded: {invented:.1%} are of class 1")
figure, axes = plt.subplots(1, 3, figsize=(9, 3), layout="constrained")
shown = {"image": grey, "nearest": 2 * classes, "bilinear, rounded": rounded}
for axis, (title, map_) in zip(axes, shown.items(), strict=True):
    axis.imshow(map_, cmap="gray" if title == "image" else "viridis")
    axis.set(title=title, xticks=[], yticks=[])
described(figure, "12.invented_class")

# %% id="invented-class-claim" tags=["claim"]
assert (mixed.round() != classes).float().mean() < 0.01 and not (double == 1).any()
assert round(invented, 3) == 0.030

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): the mask that interpolation corrupted
#
# All its values are valid classes, and it is wrong. Who finds it? A value is honest if one of
# the up to four pixels *around the place where it was read* holds it. Write a function that
# marks the others: given the old mask (H, W), the field (h, w, 2) of places inside of it, the
# last row and column included, and the warped mask (h, w), which may hold fractions, too. A
# place that is exactly on a pixel has only this one around it.


# %% id="exercise-corrupted" tags=["fragment"]
def corrupted(mask, field, warped):
    """True where no pixel around the place holds what the warped mask says."""
    # SOLUTION: exercises.corrupted


# %% id="check-corrupted"
check("12.corrupted", corrupted)

# %% [markdown] id="found-them"
# Stuck? `hint("12.corrupted")`. It finds every invented pixel, and accuses no honest one:

# %% id="corrupted-in-numbers"
from unet_teach.lessons.l12_augmentation import exercises  # the course's answers

found = exercises.corrupted(double, field, rounded)
accused = exercises.corrupted(double, field, 2 * classes)
print(f"found {found.sum()} of {(rounded == 1).sum()}; with nearest: {accused.sum()}")

# %% id="corrupted-in-numbers-claim" tags=["claim"]
assert torch.equal(found, rounded == 1) and not accused.any()

# %% [markdown] id="commutes"
# ## What nearest promises
#
# Nearest copies pixels and does nothing else. So whatever is done to each pixel alone may be
# done before or after: threshold and bend, or bend and threshold. Is that exact? And what with
# bilinear?

# %% id="threshold-then-bend"
before = warp((image > 0)[None, None].float(), field[None], "nearest")[0, 0].bool()
for mode in ("nearest", "bilinear"):
    after = warp(image[None, None], field[None], mode)[0, 0] > 0
    share = 100 * (before != after).float().mean()
    print(f"{mode}: {share:.1f} % of the pixels differ")

# %% id="threshold-then-bend-claim" tags=["claim"]
for mode, due in (("nearest", 0), ("bilinear", 4)):
    after = warp(image[None, None], field[None], mode)[0, 0] > 0
    share = 100 * (before != after).float().mean()
    assert round(share.item()) == due and torch.equal(before, after) == (mode == "nearest")

# %% [markdown] id="predict-then-try" tags=["slide"]
# ## Predict, then try
#
# 1. Draw anew a few times, and wipe between image and labels. Does a label leave its pixel?
# 2. Read the labels bilinear, then along another field. What goes wrong, and where?
# 3. Drag two neighbouring arrows towards each other. From which distance on is the tissue
#    **folded**, so that it is read forwards, backwards, and forwards again? No microscope shows
#    that. Which sigma does it by chance?
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

# %% [markdown] id="live" tags=["slide"]
# ## In the loop
#
# The library's `augment` does all of it: field, two interpolations, grey values. In a training
# loop it is one line, and chance comes from the generator alone, so that a run can be repeated
# to the last bit. One slice, five pairs, the mask's outline over each image. Do they belong
# together?

# %% id="five-pairs" tags=["fragment"]
stack, labels = image.expand(5, 1, 192, 192), mask.expand(5, 192, 192)
generator = torch.Generator()
crops, targets = augment(stack, labels, config, generator.manual_seed(3), size=(128, 128))
figure, axes = plt.subplots(1, 5, figsize=(10, 2.2), layout="constrained")
for axis, crop, target in zip(axes, crops[:, 0], targets, strict=True):
    axis.imshow(crop, cmap="gray")
    axis.contour(target, [0.5], colors="tab:orange", linewidths=0.8)
    axis.set(xticks=[], yticks=[])
described(figure, "12.five_pairs")

# %% id="five-pairs-claim" tags=["claim"]
again, _masks = augment(stack, labels, config, generator.manual_seed(3), size=(128, 128))
assert torch.equal(again, crops) and set(targets.unique().tolist()) == {0, 1}

# %% [markdown] id="table" tags=["slide"]
# ## How many slices are enough?
#
# Small U-Nets were trained on 1, 3, 8 and 24 ISBI slices, in three ways: *crops* alone;
# *rigid*, which adds rotations, flips, a little scale and grey values; *elastic*, which is all
# of that and the elastic field. Always 400 steps of four crops of 128, five seeds, judged on
# six slices that they had not seen. `experiments/comparisons.py slices` is the command. Sketch
# the three curves before you look: V_rand against slices.

# %% id="learning-curve" tags=["slide"]
table, counts = load_table("compare_slices"), (1, 3, 8, 24)
hows, metrics = ("crops", "rigid", "elastic"), ("v_rand", "v_info", "dice", "pixel_error")
figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
for shift, how in zip((-0.1, 0, 0.1), hows, strict=True):
    curve = [summary(table)[f"{n} slices, {how}"] for n in counts]
    print(f"{how:8}", *(f"{middle:.3f}±{spread:.3f}" for middle, spread, _n in curve))
    (drawn,) = axes.plot([point[0] for point in curve], label=how)
    for place, n in enumerate(counts):
        values = list(by_seed(table, f"{n} slices, {how}", "v_rand").values())
        axes.plot([place + shift] * 5, values, "o", color=drawn.get_color(), alpha=0.5)
axes.legend()
axes.set(xticks=range(4), xticklabels=counts, xlabel="slices", ylabel="V_rand")
described(figure, "12.learning_curve")

# %% [markdown] id="eight-questions"
# The curves invite a story: deformation rescues the single slice. Does it? One seed is one
# **pair**: same first weights, same slices. For each number of slices we ask what the elastic
# field adds to *rigid*, and what everything adds to *crops*: eight questions in each measure,
# so intervals are widened for eight.

# %% id="asked"
asked = [
    (f"{n} slices, {a}", f"{n} slices, elastic") for a in ("rigid", "crops") for n in counts
]
answers, found = {}, []
for metric in metrics:
    answers[metric] = [paired(table, *names, metric, questions=8) for names in asked]
    found += [answer for answer in answers[metric] if answer.found]
    print(f"{metric}: found {sum(answer.found for answer in answers[metric])} of 8")
print(*found, sep="\n")
worst = [round(answer.smallest, 3) for answer in answers["v_rand"]]
print("V_rand, ±, against rigid and crops:", worst[:4], worst[4:], sep="\n")

# %% [markdown] id="verdict" tags=["slide"]
# What the **elastic field** adds to rigid: **none found**, in any measure. In V_rand the
# confidence interval is ± 0.10 at one slice, and at most ± 0.044 at more slices.
#
# **Everything against crops alone**: none found in V_rand. Three of 16 answers did find a
# difference, the other way: everything had the *higher* pixel error at 8 and 24 slices, by
# 0.003 and 0.004, and the lower V_info at 24, by 0.012. The paper leads one to expect the
# opposite.
#
# And the rescue at one slice? All five seeds show it, by 0.20. But with eight questions the
# interval is ± 0.24. Asked **alone** it would count as found. Did you choose it before you saw
# the curves? If not, it calls for a new experiment.

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

# %% [markdown] id="exercise-3"
# ### Exercise 3 (stretch): read the learning curve
#
# Labelling a slice takes days. A rule of thumb: take the number of slices with the best mean;
# its seeds have a spread, `statistics.stdev`. The **smallest** number whose mean is not below
# that best mean minus that spread is enough. Given `{slices: [score by seed]}`, in any order,
# at least two seeds each; they may be any numbers of slices, and the curve may dip.


# %% id="exercise-enough-slices"
def enough_slices(scores):
    """The smallest number of slices within one spread of the best."""
    # SOLUTION: exercises.enough_slices


# %% id="check-enough"
check("12.enough_slices", enough_slices)

# %% [markdown] id="rule-applied"
# Stuck? `hint("12.enough_slices")`. What does the rule say of the table? And what does
# `paired` say, asked whether 1, 3 or 8 slices fall behind 24, for crops and for elastic? That
# makes six questions in each measure.

# %% id="rule-in-numbers"
enough, behind = {}, []
for how in hows:
    curve = {n: list(by_seed(table, f"{n} slices, {how}", "v_rand").values()) for n in counts}
    enough[how] = exercises.enough_slices(curve)
    for n in counts[:3] if how != "rigid" else ():
        names = f"{n} slices, {how}", f"24 slices, {how}"
        behind += [paired(table, *names, metric, questions=6) for metric in metrics]
seen = [(answer.a, answer.metric) for answer in behind if answer.found]
print("enough:", enough, "\nbehind 24:", seen)
smallest = {(answer.a, answer.metric): answer.smallest for answer in behind}

# %% id="rule-in-numbers-claim" tags=["claim"]
assert enough == {"crops": 24, "rigid": 3, "elastic": 1}
assert sorted(seen) == [("1 slices, crops", "pixel_error"), ("3 slices, crops", "v_info")]
assert round(smallest["1 slices, elastic", "v_rand"], 3) == 0.088

# %% [markdown] id="rule-read"
# By the rule one slice is enough with everything, three with rigid, and crops alone need all
# 24. `paired` is more careful: crops fall behind with one slice in pixel error and with three
# in V_info; for elastic no loss was found, and at one slice the interval is ± 0.088 in
# V_rand. A rule of thumb always answers. It does not say how sure it is.
#
# ## Why was no gain found?
#
# The table cannot say; but look at the loss *on the training crops*, last 50 steps. Five
# questions: everything against crops at each number of slices, and crops from 24 slices against
# crops from one.

# %% id="training-loss"
pairs = [(f"{n} slices, crops", f"{n} slices, elastic") for n in counts]
pairs.append(("1 slices, crops", "24 slices, crops"))
harder = [paired(table, *names, "loss", questions=5) for names in pairs]
for answer in harder:
    print(f"{answer.verdict}, by {answer.mean:.2f}")
times = {n: round(400 * 4 * 128**2 / (n * 512**2)) for n in counts}  # each pixel is seen
print(times)

# %% id="training-loss-claim" tags=["claim"]
assert all(answer.found and answer.mean > 0 for answer in harder)
assert (times[1], times[24]) == (100, 4)
for metric in ("loss", "v_rand"):
    means = {variant: point[0] for variant, point in summary(table, metric).items()}
    assert min(means, key=means.get) == "1 slices, crops"

# %% [markdown] id="why-read"
# All five found. With crops of one slice each pixel is seen a hundred times; the loss is the
# lowest of all and the mean V_rand, too. That is what learning by heart looks like. With 24
# slices each pixel is seen four times: little to learn by heart, and 400 steps are perhaps
# too few for a harder task. And at crops of 128, sigma 10 bends over four times as much as in
# the paper. Both are guesses. To test them, train ten times as long, or set `elastic_sigma` to
# 2, with five seeds.

# %% [markdown] id="primary" tags=["slide"]
# ## Where augmentation pays
#
# The single slice called for a new experiment. Three questions were chosen beforehand: does
# augmentation reach a higher V_rand than crops alone, with 24 slices, with three and with one?
# The elastic field is scaled to the crop now (2.5 pixels instead of 10), and with few slices
# training is three times as long.
#
# Ten **pairs** of small networks answer each: five blocks of slices of the ISBI stack, held out
# in turn, with two seeds each. Everything else in this lesson's tables is *exploratory*.
#
# The bar is the 95 % confidence interval, Bonferroni-corrected for three. Where it covers zero,
# the question is **not settled**, and that is not the same as *it does not matter*.

# %% id="primary-answers" tags=["fragment", "output"]
primary_answers(12)

# %% [markdown] id="primary-verdict"
# With **one slice** augmentation is ahead in all ten pairs, by 0.049. The corrected interval
# reaches from −0.002 to +0.101 and just covers zero, so the rule that was fixed beforehand
# says *not settled*, and we keep to it. With **three** slices the estimate is +0.009 (−0.020
# to +0.038), with **24** it is −0.023 (−0.068 to +0.023), after 400 steps: **not settled**,
# both.
#
# Scores hide what changes. Below is one held-out piece of tissue as four networks see it.
# Each region has a colour of its own, so a large patch of one colour is neurons that have run
# together. It is the pair whose gain at one slice is the median of five: neither the best nor
# the worst.

# %% id="masks-of-few-slices" tags=["slide", "output"]
few_slices()

# %% [markdown] id="tissue-of-no-one" tags=["slide"]
# ## Tissue that belongs to nobody
#
# Augmentation bends the tissue that you have. You can also draw tissue that nobody has: this
# course's synthetic membranes come from a program, labels and all, so they cost nothing. One
# question was fixed before its ten pairs were trained: does a network do better on real tissue
# if half of its training crops are synthetic?
#
# The second row was not asked beforehand, so it is exploratory: a network that has **never seen
# a real micrograph** is compared with one trained on 24 of them. How far behind will it be?

# %% id="mixed-answers" tags=["fragment", "output"]
mixed = load_table("mixed")
interval_picture([paired(mixed, "real", kind) for kind in ("mixed", "synthetic")])

# %% id="mixed-answers-claim" tags=["claim"]
both, drawn = (paired(mixed, "real", kind) for kind in ("mixed", "synthetic"))
assert both.n == drawn.n == 10 and not both.found and not drawn.found
assert [round(x, 3) for x in (both.mean, both.low, both.high)] == [0.004, -0.008, 0.016]
assert [round(x, 3) for x in (drawn.mean, drawn.low, drawn.high)] == [-0.004, -0.025, 0.017]
means = {kind: summary(mixed, "v_rand")[kind][0] for kind in ("real", "synthetic")}
assert [round(v, 3) for v in means.values()] == [0.956, 0.952]

# %% [markdown] id="mixed-read"
# For the mixture the estimate is +0.004, from −0.008 to +0.016, so the question is **not
# settled**. The surprise is in the second row. Without a single real micrograph the network
# reaches a mean V_rand of 0.952 on real tissue, where 24 real slices reach 0.956; the interval
# of the difference goes from −0.025 to +0.017. Small networks and 800 steps each: with longer
# training the two may well part.

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# You segment heart chambers, left and right, in 40 scans. Which of today's changes do you
# allow, and how do you find out whether they help?
#
# <details><summary>One answer</summary>
#
# Allowed is what leaves an image possible and its labels true. A flip makes the left chamber
# a right one, and hearts lie on one side: no flips. Small turns, a little scale, gentle
# bending without folds: yes. Grey values as far as scanners differ. If an expert frowns at an
# example, it is too much. Then decide on one question and one measure, train with and
# without, at least five seeds each, until both losses are level, and judge on held-out
# patients. If no difference is found, say how small a one you could have seen.
#
# </details>

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - read image and mask along one field: `warp(image, field, "bilinear")` and
#   `warp(mask, field, "nearest")`; a class has no in-between;
# - met the paper's field, "random displacement vectors on a coarse 3 by 3 grid", as
#   `displacement(size, AugmentConfig(elastic_sigma=10.0, elastic_grid=3), generator)`, and saw
#   that its strength hangs on the size of the crop;
# - found invented classes that no range check finds, and folds that no tissue has;
# - looked for what the paper promises from "very few annotated images" in 60 short trainings:
#   no gain by the elastic field was found, and with many slices everything together raised the
#   pixel error.
