# %% [markdown] id="title" tags=["slide"]
# # 10 · Metrics
#
# Imagine two segmentations of the same neurons, with exactly as many wrong pixels. With one you
# can trace nerve cells, with the other you can't. Which number tells them apart? And if one
# network scores higher than another, when may you believe it?
#
# ![](assets/lessons/10_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - compute V_rand and V_info from a contingency table, as the ISBI challenge does;
# - say what a single hole in a thin wall costs, and why pixel accuracy doesn't notice;
# - read a confidence interval, and say what it doesn't settle.
#
# **Time** about 55 minutes · **Before** lesson 00 · **Needs** no GPU; ISBI 2012 if you have
# it

# %% id="setup"
import matplotlib.pyplot as plt
import numpy as np
from scipy import ndimage

from unet_teach import comparisons
from unet_teach.data import Volume, load_volume
from unet_teach.data.membranes import membrane_slice
from unet_teach.drawing.intervals import interval_picture
from unet_teach.drawing.pair import pair_figure, the_pair
from unet_teach.exercises import check, hint, mine, solution
from unet_teach.lessons.described import described
from unet_teach.lessons.l10_metrics.measure import (
    one_pixel_costs,
    repeated,
    touched,
)
from unet_teach.lessons.l10_metrics.panel import wall_eraser
from unet_teach.metrics import components, dice, iou, score, thin, v_info, v_rand
from unet_teach.models.pretrained import pretrained
from unet_teach.tiling import predict

random = np.random.default_rng(seed=0)

# %% [markdown] id="pair-opens" tags=["slide"]
# ## What is still wrong with the pair
#
# Suppose a network has drawn the wall between our two neurons perfectly, one pixel thin. Now we
# erase **one** of its pixels. What will pixel accuracy say, and **Dice** (twice the overlap of
# two areas, divided by their sum)? And what has become of the pair?

# %% id="pair-erased" tags=["fragment", "output"]
pair = the_pair("synthetic membranes (seed 0)")
micrograph, drawn = membrane_slice(pair.index)
intact = thin(pair.crop(drawn)) > 0  # the labels with walls one pixel thin: (128, 128)
torn = intact.copy()
torn[47, 58] = True  # a pixel of the wall between the two neurons
print(f"accuracy {np.mean(torn == intact):.5f}, Dice {dice(intact, torn):.5f}")
stack = Volume([micrograph] * 30, [drawn] * 30, "synthetic membranes (seed 0)")
pair_figure(stack, {"thin walls": intact, "one pixel erased": torn})

# %% id="pair-erased-claim" tags=["claim"]
assert [pair.verdict(m, pair.crop(drawn)) for m in (intact, torn)] == ["apart", "merged"]
assert np.count_nonzero(intact != torn) == 1 and intact.size == 128**2
assert dice(intact, torn) > 0.9999

# %% [markdown] id="first-lie" tags=["slide"]
# Accuracy and Dice are nearly 1, yet the two neurons are now one region.
#
# ## Why pixel accuracy misleads
#
# Lesson 00 gave the first reason: most pixels are inside, so the constant answer "all inside"
# scores well. Let's take slice 24, of ISBI or of the synthetic stack. Guess this answer's
# accuracy, and its **V_rand**, a score for regions (1 is perfect).

# %% id="constant" tags=["fragment", "output"]
volume = load_volume("auto")
on_isbi = volume.name.startswith("ISBI")
truth = volume.labels[24] == 1  # (512, 512), True is inside
neurons = components(truth)  # numbered from 1; 0 is wall
constant = np.ones_like(truth)
accuracy, constant_v_rand = np.mean(constant == truth), v_rand(neurons, components(constant))
print(volume.name, "-", neurons.max(), "neurons")
print(f"all inside: accuracy {accuracy:.2f}, V_rand {constant_v_rand:.2f}")

# %% id="constant-claim" tags=["claim"]
assert accuracy > 0.8 and constant_v_rand < 0.1

# %% [markdown] id="second-lie" tags=["slide"]
# The second reason is worse, because no weighting of the classes helps against it. Pixel
# accuracy treats all pixels as equally important. But someone tracing neurons asks whether two
# pixels belong to the same cell. A thick wall still separates two cells if a pixel is missing.
# A wall **one pixel thin** doesn't.
#
# Below are 13 neurons between such thin walls. Predict: you erase one pixel of a wall. How much
# do Dice and V_rand fall, and is every wall equally important? What if you draw a pixel *next
# to* a wall? Then click and drag along a wall.
#
# {{twin: wall_eraser}}

# %% id="wall-eraser" tags=["slide"]
wall_eraser()

# %% id="eraser-in-numbers-claim" tags=["claim"]
from unet_teach.lessons.l10_metrics.measure import answer, at_wall, tissue_walls

for deed in ("erase", "draw"):
    each = [answer(at_wall(n + 1, 1, deed)) for n in range(len(tissue_walls()))]
    v = [found["v_rand"] for found in each]
    assert {round(found["wrong"], 4) for found in each} == {0.0002} and len(each) == 24
    assert min(found["dice"] for found in each) > 0.9998
    assert {found["found"] for found in each} == ({12} if deed == "erase" else {13})
    assert round(min(v), 2) == (0.81 if deed == "erase" else 1.0)
hole, holes = (answer(at_wall(9, pixels)) for pixels in (1, 6))
assert hole["v_rand"] == holes["v_rand"] and hole["wrong"] < holes["wrong"]

# %% [markdown] id="read-eraser"
# One pixel is 0.02 % of this picture, so Dice stays above 0.999. Draw a pixel next to a wall,
# and V_rand stays at 1.00. Erase one, and two neurons merge: at the worst of the 24 walls
# V_rand falls to 0.81. A second hole in the same wall costs no more, because the two neurons
# are one region already.
#
# ## Equal error, unequal harm
#
# In one copy of a whole slice's labels we open 20 gates of 7 × 7 pixels in the walls. In
# another we shave off **as many** pixels along the walls' edges, and all walls stay closed.
# Which of accuracy, Dice and **IoU** (intersection over union: the overlap of two areas divided
# by the area that either covers) can tell the copies apart?

# %% id="two-predictions"
thinned = thin(truth)
places = np.argwhere(thinned == 0)  # the walls, one pixel thin
gated, shaved = truth.copy(), truth.copy()
for row, column in places[:: len(places) // 20][:20]:
    gated[max(0, row - 3) : row + 4, max(0, column - 3) : column + 4] = True
wrong = np.count_nonzero(gated != truth)
rim = ndimage.binary_dilation(truth) & ~truth & (thinned > 0)
shaved.ravel()[random.choice(np.flatnonzero(rim), wrong, replace=False)] = True

# %% id="two-predictions-shown" tags=["slide"]
figure, axes = plt.subplots(1, 2, figsize=(9, 5.2), layout="constrained")
colours = np.vstack([[0, 0, 0], random.uniform(0.35, 1, (neurons.max(), 3))])
for one, (name, found) in zip(axes, {"shaved": shaved, "gated": gated}.items(), strict=True):
    regions = thin(found)  # a region takes the colour of one of its neurons
    names = ndimage.maximum(neurons, regions, range(1, regions.max() + 1)).astype(int)
    one.imshow(colours[np.append(0, names)[regions]])
    right, overlap = np.mean(found == truth), (dice(truth, found), iou(truth, found))
    one.set_title(
        f"{name}: {regions.max()} regions, V_rand {v_rand(neurons, regions):.3f}\n"
        f"accuracy {right:.4f}, Dice {overlap[0]:.4f}, IoU {overlap[1]:.4f}"
    )
    one.set_axis_off()
described(figure, "10.two_predictions_shown")

# %% id="two-predictions-judged-claim" tags=["claim"]
assert np.mean(gated == truth) == np.mean(shaved == truth) > 0.99
assert dice(truth, gated) == dice(truth, shaved) and iou(truth, gated) == iou(truth, shaved)
assert v_rand(neurons, thin(shaved)) == 1 and v_rand(neurons, thin(gated)) < 0.9

# %% [markdown] id="read-two-predictions" tags=["slide"]
# None, because all three only count right and wrong pixels, and both copies have equally many.
# V_rand is 1 for the shaved copy, and below 0.9 for the gated one, where cells have run
# together.
#
# ## The contingency table
#
# A **region** is a set of white pixels connected up, down, left or right, and `components`
# numbers the regions. The numbers are only names, so we compare two segmentations by a
# **contingency table**: its entry (i, j) counts the pixels that are in neuron i of the ground
# truth *and* in segment j of the answer.

# %% id="names"
strip = np.array([[1, 1, 1, 1, 0, 1, 1, 1]])
holed = np.array([[1, 1, 1, 1, 1, 1, 1, 1]])  # the wall's only pixel is gone
print("neurons ", components(strip)[0])
print("segments", components(holed)[0])

# %% id="names-claim" tags=["claim"]
assert components(strip).tolist() == [[1, 1, 1, 1, 0, 2, 2, 2]]

# %% [markdown] id="exercise-1" tags=["slide"]
# ### Exercise 1 (easy): the contingency table
#
# - **In**: `truth` and `segmentation`, two arrays (H, W) of the same shape with whole numbers
#   from 0 up, of any integer type.
# - **Out**: an array of whole numbers with `truth.max() + 1` rows and `segmentation.max() + 1`
#   columns. Entry [i, j] counts the pixels with label i in `truth` and j in `segmentation`.
# - **Edge**: label 0 counts like any other. A label that no pixel has keeps its row or column,
#   all 0. A count may be larger than 255.
# - **Example**: `[[1, 1, 0, 2, 2]]` and `[[1, 1, 1, 0, 2]]` make `[[0, 1, 0], [0, 2, 0], [1, 0,
#   1]]`.


# %% id="exercise-contingency-table" tags=["fragment"]
def contingency_table(truth, segmentation):
    """Pixels with label i in the truth and j in the segmentation, at [i, j]."""
    # SOLUTION: exercises.contingency_table


# %% id="check-contingency"
check("10.contingency_table", contingency_table)

# %% [markdown] id="which-pixels-count"
# Stuck? `hint("10.contingency_table")`.
#
# Before this table is scored, two rules of the challenge change it:
#
# - Pixels that are wall **in the ground truth** don't count, because it shouldn't matter how
#   wide an annotator draws a wall. So row 0 is deleted.
# - A pixel that is wall only **in the segmentation** becomes a segment of its own. So column 0
#   turns into one column for each such pixel.

# %% id="scored-table"
from unet_teach.lessons.l10_metrics import exercises  # the course's answers


def scored(truth, segmentation):
    """The table of the pixels that count, each lost pixel a column of its own."""
    table = exercises.contingency_table(truth, segmentation)[1:]  # (neurons, 1 + segments)
    # A column for each lost pixel: 1 in the row of its neuron, 0 in the others.
    alone = np.repeat(np.eye(len(table), dtype=int), table[:, 0], axis=1)
    return np.hstack([table[:, 1:], alone])  # (neurons, segments + lost pixels)


lost = np.array([[1, 1, 1, 0, 0, 2, 2, 2]])  # neuron 1 has lost a pixel to the wall
print("merged:      ", scored(components(strip), components(holed)).tolist())
print("a pixel lost:", scored(components(strip), lost).tolist())

# %% id="scored-table-claim" tags=["claim"]
assert scored(components(strip), components(holed)).tolist() == [[4], [3]]
assert scored(components(strip), lost).tolist() == [[3, 0, 1], [0, 3, 0]]

# %% [markdown] id="v-rand" tags=["slide"]
# ## V_rand by hand
#
# Let $p_{ij}$ be the table's entries as fractions of all pixels, $t_i$ its row sums (ground
# truth) and $s_j$ its column sums (segmentation). Two pixels drawn at random are in the same
# region in both with probability $\sum p_{ij}^2$, in the ground truth with $\sum t_i^2$, and in
# the segmentation with $\sum s_j^2$. Then
#
# $$V_{rand} = \frac{\sum p_{ij}^2}{\alpha \sum s_j^2 + (1 - \alpha) \sum t_i^2}$$
#
# - **α = 1** asks: of the pairs that the *segmentation* puts together, which fraction belongs
#   together? A merge adds wrong pairs, so only merges are punished.
# - **α = 0** asks: of the pairs that *belong* together, which fraction does the segmentation
#   keep together? A split separates pairs, so only splits are punished.
#
# The challenge takes α = ½ and so punishes both ([Arganda-Carreras and others,
# 2015](https://doi.org/10.3389/fnana.2015.00142)).

# %% [markdown] id="v-rand-of-the-strip"
# In the strip above, neurons of 4 and 3 pixels have become one segment. What is V_rand with
# each α, and which α doesn't notice the merge?

# %% id="v-rand-by-hand"
p = scored(components(strip), components(holed)) / 7
together, t, s = (p**2).sum(), p.sum(axis=1), p.sum(axis=0)
for alpha in (0, 0.5, 1):
    value = together / (alpha * (s**2).sum() + (1 - alpha) * (t**2).sum())
    print(f"alpha {alpha}: {value:.3f}")

# %% id="v-rand-by-hand-claim" tags=["claim"]
for alpha in (0, 0.5, 1):
    value = together / (alpha * (s**2).sum() + (1 - alpha) * (t**2).sum())
    assert np.isclose(value, 25 / (49 * alpha + 25 * (1 - alpha)))

# %% [markdown] id="exercise-2" tags=["slide"]
# α = 0 doesn't notice the merge, because no pair that belongs together was separated.
#
# ### Exercise 2 (core): V_rand from a table
#
# - **In**: a `table` of counts (int64) with one row for each neuron and one column for each
#   segment. All its pixels count, and no row or column is empty. α is ½.
# - **Out**: V_rand as a float, above 0 and at most 1, not rounded. The two pixels of a pair may
#   be the same one, as in the formula.
# - **Example**: `[[4], [3]]`, a merge: the numerator is 16 + 9 = 25, the denominator half of 49
#   + 25, which makes 25 / 37 = 0.676.
#
# The number of pixels cancels, so you can use the counts.


# %% id="exercise-v-rand-of" tags=["fragment"]
def v_rand_of(table):
    """V_rand of a table (neurons, segments) of counts."""
    # SOLUTION: exercises.v_rand_of


# %% id="check-v-rand"
check("10.v_rand_of", v_rand_of)

# %% [markdown] id="v-info" tags=["slide"]
# Stuck? `hint("10.v_rand_of")`.
#
# The second score asks how much one segmentation **tells** you about the other. **Entropy**,
# $H = -\sum p \log p$, measures how uncertain you are which region a pixel is in. The **mutual
# information** $I = H(S) + H(T) - H(S, T)$ is the part of this entropy that S (segmentation)
# and T (ground truth) share; $H(S, T)$ is the entropy of both together. With α = ½
#
# $$V_{info} = \frac{I}{(1 - \alpha) H(S) + \alpha H(T)} = \frac{2 I}{H(S) + H(T)}$$
#
# We compute both scores for four maps: the gated and the shaved copy, `dented` with thicker
# walls, and "all inside". What is the V_info of "all inside"?


# %% id="by-hand-and-library"
def entropy(shares):
    shares = shares[shares > 0]
    return -(shares * np.log(shares)).sum()


def v_info_of(table):
    p = table / table.sum()
    h_truth, h_segmentation = entropy(p.sum(axis=1)), entropy(p.sum(axis=0))
    return 2 * (h_truth + h_segmentation - entropy(p)) / (h_truth + h_segmentation)


dented = ndimage.binary_erosion(truth, border_value=1)  # every wall one pixel wider
maps = {"gated": gated, "shaved": shaved, "dented": dented, "constant": constant}
for name, found in maps.items():
    segments = components(found)
    table = scored(neurons, segments)  # (neurons, segments + lost pixels)
    print(f"{name:8} V_rand {exercises.v_rand_of(table):.3f}, V_info {v_info_of(table):.3f}")

# %% id="by-hand-and-library-claim" tags=["claim"]
for found in maps.values():
    segments = components(found)
    table = scored(neurons, segments)
    assert np.isclose(exercises.v_rand_of(table), v_rand(neurons, segments))
    assert np.isclose(v_info_of(table), v_info(neurons, segments), atol=1e-9)
assert abs(v_info_of(table)) < 1e-9  # the constant tells nothing

# %% [markdown] id="one-pixel"
# "All inside" has V_info 0, because one segment for everything tells you nothing about the
# neurons.
#
# ## One pixel of a real slice
#
# A hole between regions of a and b pixels adds 2ab wrong pairs to the Q = Σ t² right ones (t
# now in pixels). With α = ½ that makes V_rand = Q / (½ (Q + 2ab) + ½ Q) = Q / (Q + ab), which
# is quick to compute for **every** pixel of the thinned walls. How low can a single one of the
# slice's 262,144 pixels take V_rand?

# %% id="cost-of-each-pixel"
costs, joined = one_pixel_costs(truth)  # V_rand after, and the regions it would join
worst = {n: costs[joined == n].min() for n in (2, 3)}
print(f"worst between two neurons {worst[2]:.2f}, where three meet {worst[3]:.2f}")
wide = ndimage.minimum_filter(np.where(joined > 1, costs, 2), 5)  # so that walls can be seen
figure, axes = plt.subplots(figsize=(6.4, 5.4), layout="constrained")
shown = axes.imshow(np.ma.masked_equal(wide, 2), cmap="magma", vmax=1)
axes.set(title="How dangerous is each pixel of the walls?", xticks=[], yticks=[])
figure.colorbar(shown, label="V_rand after this one pixel is erased")
described(figure, "10.cost_of_each_pixel")

# %% id="cost-of-each-pixel-claim" tags=["claim"]
assert truth.size == 262_144
if on_isbi:
    assert (round(worst[2], 2), round(worst[3], 2)) == (0.85, 0.77)
else:
    assert (round(worst[2], 2), round(worst[3], 2)) == (0.87, 0.80)
typical, share = np.median(costs[joined > 1]), np.mean(costs[joined > 1] < 0.99)
assert round(typical, 2) == 1.0 and 1 - typical < 0.005 and 0.2 < share < 0.26
assert v_rand(neurons, components(thinned > 0)) == 1
holed = thinned > 0
holed[tuple(np.argwhere((joined == 2) & (costs == worst[2]))[0])] = True
assert np.isclose(v_rand(neurons, components(holed)), worst[2])
assert dice(thinned > 0, holed) > 0.99999

# %% [markdown] id="read-one-pixel"
# On slice 24 of ISBI one pixel takes V_rand from 1 to 0.85 (0.87 on the synthetic slice), and
# to 0.77 (0.80) where three neurons meet. But half of the wall pixels cost less than 0.005,
# because one of the neurons next to them is small.
#
# V_rand squares the regions' sizes, and V_info takes their logarithm. So a hole between two
# large neurons lowers V_rand more than V_info, and one between two small neurons lowers V_info
# more.

# %% id="large-and-small-claim" tags=["claim"]
losses, sizes = {}, {}
for name, value in {"large": worst[2], "small": costs[joined == 2].max()}.items():
    row, column = np.argwhere((joined == 2) & (costs == value))[0]
    sizes[name] = [int((neurons == n).sum()) for n in touched(thinned, row, column)]
    holed = thinned > 0
    holed[row, column] = True
    losses[name] = [1 - metric(neurons, components(holed)) for metric in (v_rand, v_info)]
assert losses["large"][0] > 5 * losses["large"][1]
assert losses["small"][1] > 10 * losses["small"][0]
assert min(sizes["large"]) > 10 * max(sizes["small"])

# %% [markdown] id="why-thin"
# ## Why walls are thinned first
#
# In `dented` above, all walls are one pixel wider on each side, and no neurons have run
# together. Yet V_rand fell, because each of these pixels became a segment of its own.
# **Thinning** forgives a wall's width, but not a hole: the white regions grow into the black,
# and stop where two of them would meet.

# %% id="thick-and-thin"
plain, forgiven = v_rand(neurons, components(dented)), v_rand(neurons, thin(dented))
print(f"walls too thick: V_rand {plain:.3f}, thinned first {forgiven:.3f}")

# %% id="thick-and-thin-claim" tags=["claim"]
assert round(plain, 2) == 0.96 and forgiven > 0.999
assert v_rand(neurons, thin(gated)) < 0.9  # a hole stays a hole

# %% [markdown] id="exercise-3"
# ### Exercise 3 (stretch): thin the walls
#
# - **In**: `white`, an array (H, W) of bool, True inside.
# - **Out**: a mask of the same shape in which no white pixel is lost, there are as many regions
#   as before, and no black pixel touches exactly *one* region. Pixels touch above, below, left
#   or right. Any mask like that passes.
# - **Edge**: pixels at the image's edge have fewer neighbours. An all-black mask stays black.
# - **Example**: in `[[1, 0, 0, 1]]` the first 0 touches one region, so it turns white. Now the
#   second touches two and stays: `[[1, 1, 0, 1]]`. `[[1, 0, 1, 1]]` is right, too.
#
# `touched(labels, row, column)` returns the set of region numbers at a pixel's four sides.


# %% id="exercise-thin-walls"
def thin_walls(white):
    """The mask (H, W) with its walls one pixel thin."""
    # SOLUTION: exercises.thin_walls


# %% id="check-thinning"
check("10.thin_walls", thin_walls)

# %% id="thinning-oracle-claim" tags=["claim"]
part = np.s_[200:296, 200:296]
ours, theirs = components(exercises.thin_walls(truth[part])), thin(truth[part])
assert ours.max() == theirs.max() == components(truth[part]).max()
assert v_rand(components(truth[part]), ours) == v_rand(components(truth[part]), theirs) == 1

# %% [markdown] id="challenge" tags=["slide"]
# Stuck? `hint("10.thin_walls")`.
#
# ## As the challenge does it
#
# The challenge, as it was [scored again in 2015](https://doi.org/10.3389/fnana.2015.00142),
# applies thresholds t = 0, 0.1, …, 1 to a network's probabilities, thins the walls and scores
# each slice. For each score it takes the mean over the slices at the best t. (What it calls
# **pixel error** is 1 − Dice.) Predict: is the best threshold for Dice also the best for
# V_rand?

# %% id="network" tags=["slide"]
network = pretrained("isbi" if on_isbi else "membranes")
probability = predict(network, volume.images[24])[1]  # (classes, H, W): 1 is inside
scores = score(truth[None], probability[None])
by_dice = scores.at(scores.pixel_error_threshold)["v_rand"]
print(f"best Dice at t = {scores.pixel_error_threshold}: V_rand {by_dice:.3f}")
print(f"best V_rand at t = {scores.v_rand_threshold}: V_rand {scores.v_rand:.3f}")
figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
for name in ("dice_curve", "v_rand_curve", "v_info_curve"):
    axes.plot(scores.thresholds, getattr(scores, name), "o-", label=name.removesuffix("_curve"))
axes.set(xlabel="inside where the probability is above t", ylabel="score", ylim=(0.75, 1.01))
axes.legend()
described(figure, "10.network")

# %% id="network-claim" tags=["claim"]
assert by_dice < scores.v_rand - 0.01
assert scores.v_rand_threshold > scores.pixel_error_threshold

# %% [markdown] id="read-challenge"
# No, not on this slice. V_rand is best at a higher threshold, where walls are thicker, because
# width is forgiven and holes are not. So fix t before you compare networks: here it's chosen on
# the slice that is scored, which flatters the score.

# %% [markdown] id="when-a-difference" tags=["slide"]
# ## When is a difference a difference?
#
# Two small networks are trained alike, but one has skips and the other has none. We compare
# their V_rand on a **validation set**, a **block** of six neighbouring ISBI slices that neither
# has seen. For each of five such blocks we train both networks with two seeds.
#
# Suppose you had time for one block. Choose it, 1 to 5. What would you report?

# %% id="one-block" tags=["fragment", "output"]
block = 2  # yours: 1 to 5

skips = comparisons.answer("skips")  # V_rand with skips minus without
means = np.array(skips.observations)  # one for each block, of its two seeds
report = "Skips help!" if means[block - 1] > 0 else "Skips hurt!"
figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
axes.bar(range(1, 6), means, color=np.where(means > 0, "C0", "C3"), alpha=0.5)
axes.bar(block, means[block - 1], fill=False, linewidth=3)
axes.plot(np.repeat(range(1, 6), 2), skips.differences, "ko", label="one seed")
axes.axhline(0, color="grey", linewidth=1)
axes.set(xlabel="block", ylabel="V_rand with skips − without")
axes.set_title(f"From block {block} alone you report: {report} ({means[block - 1]:+.3f})")
axes.legend(loc="lower left")
described(figure, "10.one_block")

# %% id="one-block-claim" tags=["claim"]
by_block = np.reshape(skips.differences, (5, 2))
assert np.array_equal(skips.blocks, np.repeat(skips.blocks[::2], 2)) and skips.n == 10
assert (by_block[1] > 0.01).all() and (by_block[4] < -0.01).all()
assert np.allclose(by_block.mean(axis=1), means)

# %% [markdown] id="five-blocks" tags=["slide"]
# In block 2 both seeds say that skips help, and in block 5 both say that they hurt. Both can be
# true, because each block is different tissue. What do all five blocks say together? The mean
# of their differences ± 2.78 standard deviations / √5 (2.78 is Student's t for five values) is
# a **95 % confidence interval**: if we repeated everything, about 95 of 100 such intervals
# would contain the true difference.
#
# Let's repeat the experiment in a simulation, where we know the true difference: 0.01. We draw
# 40 such intervals as bars. How many will miss it, and how many contain zero? Then change
# `true`.

# %% id="repeat-it" tags=["fragment", "output"]
true = 0.01  # then try 0, 0.02 and 0.03

luck = np.random.default_rng(seed=0)  # another seed, other bars
estimates, halves = repeated(true, 40, luck)  # five blocks of two pairs, 40 times
missed, zero = np.abs(estimates - true) > halves, np.abs(estimates) <= halves
figure, axes = plt.subplots(figsize=(8, 3), layout="constrained")
colours = np.where(missed, "C3", "C0")
axes.errorbar(range(40), estimates, halves, fmt="none", ecolor=colours, lw=4)
axes.hlines([0, true], -1, 40, ["grey", "black"], ["dotted", "solid"])
axes.set_title(f"{missed.sum()} of 40 bars miss the true {true}, {zero.sum()} contain zero")
axes.set(xlabel="repetition (solid: the truth, dotted: zero)", ylabel="difference in V_rand")
described(figure, "10.repeat_it")

# %% id="repeat-it-claim" tags=["claim"]
estimates, halves = repeated(0.01, 20_000, random)
assert 0.94 < np.mean(np.abs(estimates - 0.01) <= halves) < 0.96
assert np.mean(np.abs(estimates) < halves) > 0.5  # these contain zero, too
estimates, halves = repeated(0.02, 20_000, random)
assert 0.75 < np.mean(np.abs(estimates) > halves) < 0.82
assert (missed.sum(), zero.sum()) == (2, 25) and true == 0.01

# %% [markdown] id="noise-and-power" tags=["slide"]
# About one bar in twenty misses the true difference (red). But more than half contain zero,
# although the true difference is 0.01. So a bar that contains zero means **not settled**, which
# doesn't mean *no difference*. If the true difference is 0.02, more than three bars in four
# leave out zero. That fraction is the **power** of the experiment.
#
# Now two real comparisons, skips and U-Net++. Which is settled?

# %% id="count-them" tags=["fragment", "output"]
asked = ("skips", "U-Net++")
found = [comparisons.answer(name) for name in asked]
interval_picture(found, [comparisons.QUESTIONS[name].asks for name in asked])

# %% id="count-them-claim" tags=["claim"]
from scipy import stats

half_width = stats.t.ppf(0.975, 4) * ((0.01**2 + 0.01**2 / 2) / 5) ** 0.5
assert round(1 - 0.95**9, 2) == 0.37
for questions, rate in ((1, 1 - 0.95**9), (9, 0.05)):
    estimates, halves = repeated(0, 90_000, random, questions)
    yes = (np.abs(estimates) > halves).reshape(-1, 9).any(axis=1).mean()
    assert abs(yes - rate) < 0.015
for times, rate in ((1, 0.56), (1.35, 0.80)):
    estimates, halves = repeated(times * half_width, 40_000, random)
    assert abs(np.mean(np.abs(estimates) > halves) - rate) < 0.015

# %% id="real-pairs-claim" tags=["claim"]
from dataclasses import replace

_skips, nested = found
for questions in (1, 2, 3, 9):  # what the noncentral t says, with and without correction
    of = replace(skips, questions=questions)
    assert 0.55 < of.power(of.half_width) < 0.585
    assert 1.22 < of.detectable / of.half_width < 1.36
assert skips.n == nested.n == 10 and len(set(skips.blocks)) == 5
assert not skips.found and nested.found and -0.01 < nested.mean < 0
assert len(comparisons.QUESTIONS) == 9 and not replace(nested, questions=9).found
assert round(float(stats.t.ppf(0.975, 4)), 2) == 2.78

# %% [markdown] id="read-real-pairs"
# Whether skips help is not settled, because the bar contains zero. If we ask about U-Net++
# alone (lesson 16; it has more skips), it's slightly worse than a U-Net with as many
# operations. But the course asks nine such questions, and if you ask **noise** nine times, at
# least one bar leaves out zero in 37 % of cases. **Bonferroni's correction** widens the bars so
# that this happens in 5 %, and then U-Net++ isn't settled, either.
#
# <details><summary>For the curious: what a bar assumes, and what it can see</summary>
#
# Pairs of one block share its tissue, so each block counts once. Blocks aren't quite
# independent either, as [they share training
# slices](https://jmlr.org/papers/v5/grandvalet04a.html) (Bengio and Grandvalet, 2004). A true
# difference of half a bar's length is detected in only 56 % of repetitions.
#
# </details>

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# Team A has the lower pixel error, team B the higher V_rand. Whose segmentation do you take to
# measure the area of membrane, and whose to trace neurons? What would you ask both teams?
#
# <details><summary>One answer</summary>
#
# For the area take A's, because with few false and few missed pixels the area can't be far off.
# For tracing take B's, because someone has to find each false merge and cut it by hand. Ask
# both: did you thin the walls? Was t chosen on the scored slices? How many blocks, and does the
# confidence interval leave out zero? And how much is due to merges (α = 1), how much to splits
# (α = 0), which are cheaper to fix?
#
# </details>

# %% [markdown] id="pair-closes" tags=["slide"]
# ## The pair, as it is now
#
# Accuracy and Dice missed the hole in the wall. V_rand doesn't: the cell uses your own
# `v_rand_of` if exercise 2 passed. We add a map with walls two pixels thicker on each side.
# Which map has more wrong pixels, and which is worse for tracing?

# %% id="pair-scored" tags=["fragment", "output"]
own_v_rand = mine("v_rand_of").v_rand_of
two, shown = components(pair.crop(drawn)), {}
thick = ndimage.binary_erosion(intact, iterations=2, border_value=1)
for mask in (torn, thick):
    value = own_v_rand(scored(two, thin(mask)))
    shown[f"{np.count_nonzero(mask != intact)} wrong, V_rand {value:.2f}"] = mask
pair_figure(stack, shown)

# %% id="pair-scored-claim" tags=["claim"]
assert own_v_rand(scored(two, components(intact))) == own_v_rand(scored(two, thin(thick))) == 1
assert np.isclose(own_v_rand(scored(two, thin(torn))), v_rand(two, components(torn)))
assert round(v_rand(two, components(torn)), 2) == 0.73
assert pair.verdict(thick, pair.crop(drawn)) == "apart"
assert np.count_nonzero(thick != intact) > 2_000

# %% [markdown] id="pair-closes-read" tags=["fragment"]
# With the hole, one pixel is wrong and V_rand is 0.73. With the thick walls, more than 2,000
# pixels are wrong and V_rand is 1.
#
# Why don't we train with V_rand? Because it jumps when a hole opens and is constant in between,
# it has no gradient to follow. Lesson 11 tells the network beforehand which pixels matter.

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - built two segmentations with equal accuracy, Dice and IoU, but V_rand 1 and below 0.9;
# - computed V_rand and V_info from a contingency table, as the library does;
# - saw two blocks contradict each other, and read confidence intervals;
# - scored as the challenge does. [The paper](https://arxiv.org/abs/1505.04597) evaluates by
#   "thresholding the map at 10 different levels". That is `score(truth, probability,
#   thresholds)`, today with V_rand and V_info.
