# %% [markdown] id="title" tags=["slide"]
# # 03 · Encoder and decoder
#
# The first half of U-Net makes the image smaller, so that the network can learn **what** is
# in it. The second half makes it large again, because the answer has to say **where**. Today
# you build the first half, and see what gets lost on the way.
#
# ![](assets/lessons/03_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - build a `DoubleConv` and the contracting path, and count their parameters by hand;
# - show that upsampling can't bring back the detail that pooling has removed;
# - say what depth gains (context) and costs (location), depending on the task.
#
# **Time** about 45 minutes · **Before** lesson 02 · **Needs** no GPU, no data

# %% id="setup"
import statistics

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from unet_teach.comparisons import answer, asked_in, by_seed, load_table, paired
from unet_teach.config import UNetConfig
from unet_teach.data import Volume
from unet_teach.data.membranes import membrane_slice, synthetic_membranes
from unet_teach.data.volume import standardise
from unet_teach.drawing.intervals import primary_answers
from unet_teach.drawing.pair import pair_figure, the_pair
from unet_teach.exercises import check, hint, solution
from unet_teach.layers import DoubleConv
from unet_teach.lessons.described import described
from unet_teach.lessons.l03_encoder_decoder import exercises  # the course's answers
from unet_teach.lessons.l03_encoder_decoder.measure import (
    autoencoder,
    lost,
    pool_and_back,
    reconstruct,
    stripes,
)
from unet_teach.lessons.l03_encoder_decoder.panel import bottleneck_explorer
from unet_teach.lessons.l03_encoder_decoder.picture import seeds_by_depth
from unet_teach.models.unet import UNet, count_parameters
from unet_teach.shapes import trace

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="pair-opens" tags=["slide"]
# ## What is still wrong with the pair
#
# A network has to look at the surroundings of a dark line to know whether it is a wall.
# Making the image smaller is a cheap way to look further. But what does it do to the wall
# between our two neurons?
#
# Let's begin with the labels themselves. We **pool** them: here, each 2 × 2 block of pixels
# is replaced by its mean. Then we enlarge them again and call everything above one half
# *inside*. How often can we pool before the two neurons run together?

# %% id="pair-squeezed" tags=["fragment", "output"]
tissue, labels = membrane_slice(29)  # the slice with the pair
volume = Volume([tissue] * 30, [labels] * 30, "synthetic membranes (seed 0)")
ground_truth = torch.from_numpy(labels)[None, None].float()
squeezed = {}
for poolings in (1, 2, 3, 4):
    small = F.avg_pool2d(ground_truth, 2**poolings)
    large = F.interpolate(small, scale_factor=2**poolings, mode="bilinear")
    squeezed[f"pooled {poolings} ×"] = large[0, 0].numpy() > 0.5
pair_figure(volume, squeezed)

# %% id="pair-squeezed-claim" tags=["claim"]
verdicts = [the_pair(volume.name).verdict(mask, labels) for mask in squeezed.values()]
assert verdicts == ["apart", "apart", "merged", "merged"]

# %% [markdown] id="pair-squeezed-read"
# After the third pooling the wall has dissolved, although we began with a perfect answer. Yet
# U-Net pools four times. This lesson shows why, and what it costs.

# %% [markdown] id="double-conv" tags=["slide"]
# ## The part that repeats
#
# All data in the network has four axes, **(B, C, H, W)**: the images of a **batch**, the
# **channels** of each, then height and width. Inside the network each channel is a **feature
# map**: what one kernel found, place by place.
#
# [The paper](https://arxiv.org/abs/1505.04597) describes the contracting path: "It consists
# of the repeated application of two 3x3 convolutions (unpadded convolutions), each followed
# by a rectified linear unit (ReLU) and a 2x2 max pooling operation with stride 2 for
# downsampling." A **ReLU** is max(0, x): it replaces negative numbers by 0.

# %% [markdown] id="double-conv-question"
# We call two convolutions, each followed by its ReLU, a **DoubleConv**. The first convolution
# changes the number of channels, and the second one keeps it.
#
# Suppose an image of 572 × 572 pixels goes into a DoubleConv with 64 output channels. What is
# the output's shape? And what is the smallest value in the output?

# %% id="library-double-conv"
image = torch.randn(1, 1, 572, 572)
with torch.no_grad():
    out = DoubleConv(1, 64)(image)
print(tuple(image.shape), "→", tuple(out.shape), "smallest value:", out.min().item())

# %% id="library-double-conv-claim" tags=["claim"]
assert out.shape == (1, 64, 568, 568)
assert out.min() == 0

# %% [markdown] id="exercise-1" tags=["slide"]
# ### Exercise 1 (easy): DoubleConv
#
# Write a function that builds a DoubleConv.
#
# - **In**: `in_channels` and `out_channels`, whole numbers of at least 1.
# - **Out**: one module, which turns a batch (B, in_channels, H, W), with H and W of at least
#   5, into (B, out_channels, H − 4, W − 4). It holds two 3 × 3 convolutions, each with its
#   own weights and followed by a ReLU, and nothing else. Each convolution has stride 1 and a
#   bias, torch's defaults.
# - **Example**: `double_conv(1, 64)` turns (1, 1, 572, 572) into (1, 64, 568, 568).


# %% id="exercise-double-conv" tags=["fragment"]
def double_conv(in_channels, out_channels):
    """Two unpadded 3 × 3 convolutions, each followed by a ReLU."""
    # SOLUTION: exercises.double_conv


# %% id="check-double-conv"
check("03.double_conv", double_conv)

# %% [markdown] id="the-path" tags=["slide"]
# Stuck? `hint("03.double_conv")`
#
# ## The contracting path
#
# Convolve, pool, convolve, pool: that is the **contracting path**, or **encoder**. Each
# pooling keeps a quarter of the pixels. But the paper adds: "At each downsampling step we
# double the number of feature channels." So does a level hold more numbers than the one above
# it, or fewer?

# %% id="path-in-numbers" tags=["fragment"]
levels = [step for step in trace(UNetConfig(), 572).steps if "conv 2" in step.name][:5]
held = []
for step in levels:
    held.append(step.out_channels * step.output_size**2)
    size = f"{step.out_channels:4} × {step.output_size}²"
    print(f"level {step.level}: {size:10} = {held[-1] / 1e6:4.1f} million numbers")

# %% id="path-in-numbers-claim" tags=["claim"]
assert [(s.out_channels, s.output_size) for s in levels][-1] == (1024, 28)
assert all(2 * held[level + 1] < held[level] for level in range(4))

# %% [markdown] id="path-read"
# Each level holds less than half as many numbers as the one above it. A pooling leaves a
# quarter of the pixels, but the channels only double, and the unpadded convolutions take away
# a rim.

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): the contracting path
#
# Write the contracting path.
#
# - **In**: `convs`, a list of one or more DoubleConvs, the top one first; `x`, a batch (B, C,
#   H, W).
# - **Out**: a list with the feature map of **every** level, top first, as each DoubleConv
#   returned it. Between two levels there is a 2 × 2 max pooling.
# - **Edge**: if the height or width is odd, the pooling leaves out the last row or column.
#   Nothing is pooled after the last level, whose map may be a single pixel. Don't change
#   `convs` or `x`.
# - **Example**: with two DoubleConvs, from 1 to 2 and from 2 to 4 channels, a 16 × 16 image
#   becomes a map of 2 × 12 × 12 and, after pooling to 6 × 6, one of 4 × 2 × 2.


# %% id="exercise-contract" tags=["fragment"]
def contract(convs, x):
    """The map of every level, top first."""
    # SOLUTION: exercises.contract


# %% id="check-contract"
check("03.contract", contract)

# %% [markdown] id="exercise-3"
# Stuck? `hint("03.contract")`
#
# ### Exercise 3 (stretch): count the parameters
#
# Write a function that counts the **parameters** (weights and biases) of the contracting
# path.
#
# - **In**: whole numbers `in_channels` (of the image) and `base_channels` (of level 0), at
#   least 1, and `depth`, the number of poolings, which may be 0. There are depth + 1
#   DoubleConvs, and the channels double at each pooling.
# - **Out**: the number of weights and biases in all DoubleConvs.
# - **Example**: `parameters(1, 1, 0)` is 20, because two convolutions have 9 weights and 1
#   bias each. The paper's `parameters(1, 64, 4)` is 18,842,048.


# %% id="exercise-parameters"
def parameters(in_channels, base_channels, depth):
    """Parameters of the contracting path, the bottleneck included."""
    # SOLUTION: exercises.parameters


# %% id="check-parameters"
check("03.parameters", parameters)

# %% [markdown] id="where-parameters-are"
# Stuck? `hint("03.parameters")`
#
# The last DoubleConv is at the **bottleneck**, the lowest level of the U. What percentage of
# the path's parameters does it hold?

# %% id="parameters-by-level"
with torch.device("meta"):  # shapes without numbers: quick
    network = UNet(UNetConfig())
by_level = [count_parameters(convs) for convs in network.contract]
for level, number in enumerate(by_level):
    print(f"level {level}: {number:10,}  {number / sum(by_level):6.1%}")
print(f"in all:  {sum(by_level):10,} of the network's {count_parameters(network):,}")

# %% id="parameters-by-level-claim" tags=["claim"]
assert sum(by_level) == 18_842_048 and count_parameters(network) == 31_030_658
assert round(by_level[-1] / sum(by_level), 2) == 0.75

# %% [markdown] id="way-back"
# The last DoubleConv holds three quarters of the path's parameters, because a convolution has
# nine weights for each pair of input and output channels, and the bottleneck has the most
# pairs.
#
# ## The way back
#
# The second half of the U is the **expansive path**, or **decoder**. It doubles height and
# width at each level. Today we ask: can *any* way of doubling bring back what the pooling
# took?

# %% [markdown] id="two-boards" tags=["slide"]
# Take a checkerboard of single pixels, and a second one with black and white exchanged. Now
# pool both. By how much do the small maps differ?

# %% id="checkerboards" tags=["fragment", "output"]
rows, columns = torch.meshgrid(torch.arange(8), torch.arange(8), indexing="ij")
board = ((rows + columns) % 2).float()[None, None]
negative = 1 - board
for pool in (F.max_pool2d, F.avg_pool2d):
    same = torch.equal(pool(board, 2), pool(negative, 2))
    print(f"{pool.__name__}: the pooled boards are equal: {same}")

# %% id="checkerboards-claim" tags=["claim"]
for pool in (F.max_pool2d, F.avg_pool2d):
    assert torch.equal(pool(board, 2), pool(negative, 2)) and not torch.equal(board, negative)

# %% [markdown] id="no-way-back" tags=["slide"]
# They don't differ at all, because each 2 × 2 block holds two black and two white pixels on
# both boards. Whatever comes after the pooling gets the same input for both, so it must
# return the same output. No interpolation, no transposed convolution and no network of any
# size can tell the two boards apart.

# %% [markdown] id="stripes-question"
# Let's take stripes of different widths, pool each once by the mean, and interpolate back. We
# measure the **fraction of the variance** that is lost: 0 is a perfect copy, 1 is no better
# than an even grey. The **period** is the width of one dark and one bright stripe together.
# From which period on do stripes survive?

# %% id="stripes"
periods = (2, 3, 4, 6, 8, 16, 32, 64)
loss_at = {}
figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
for mode in ("nearest", "bilinear"):
    patterns = [stripes(period) for period in periods]
    loss_at[mode] = [lost(x, pool_and_back(x, mode)) for x in patterns]
    axes.semilogx(periods, loss_at[mode], "o-", base=2, label=mode)
axes.set(xlabel="period of the stripes, pixels", ylabel="fraction lost")
axes.set_xticks(periods, labels=periods)
axes.legend(title="interpolation")
described(figure, "03.stripes")

# %% id="stripes-claim" tags=["claim"]
for shares in loss_at.values():
    assert shares[0] > 0.99 and shares[1] > 0.7 and shares[-1] < 0.01

# %% [markdown] id="stripes-read"
# Stripes one pixel wide (period 2) are lost completely, and wide ones hardly at all. Below a
# period of 4 most is lost, because a stripe needs a pixel of the pooled grid for itself, and
# that is two pixels wide. Here is a micrograph after one to four poolings. Where do you lose
# sight of the membranes?


# %% id="micrograph-down-and-up" tags=["slide"]
def four_slices(seed):
    images = synthetic_membranes(4, size=256, seed=seed).images
    return torch.from_numpy(np.stack([standardise(image) for image in images]))[:, None]


held_out = four_slices(seed=32)
figure, row = plt.subplots(1, 5, figsize=(12, 2.8), layout="constrained")
plain = []  # what interpolation loses, by depth
for depth, axes in enumerate(row):
    small = F.avg_pool2d(held_out, 2**depth)
    back = F.interpolate(small, scale_factor=2**depth, mode="bilinear")
    plain.append(lost(held_out, back))
    axes.imshow(back[0, 0, 80:176, 80:176], cmap="gray")
    title = f"pooled {depth} ×: {plain[-1]:.0%} lost" if depth else "the image"
    axes.set(title=title, xticks=[], yticks=[])
described(figure, "03.micrograph_down_and_up")

# %% id="micrograph-down-and-up-claim" tags=["claim"]
assert plain == sorted(plain) and [round(p, 2) for p in plain] == [0, 0.05, 0.17, 0.38, 0.58]

# %% [markdown] id="channels" tags=["slide"]
# ## But a network has channels
#
# You may object: a U-Net doubles its channels at each pooling, and could store in them what
# the pixels can't hold. So let's train a small U-Net that gets an image and has to return it,
# as an **autoencoder**. We leave out its **skip connections**, which hand each level's
# feature map to the level of the same size on the other side. So everything has to pass
# through the bottleneck.
#
# In each training **step** the weights change a little. After 100 steps, how much does a
# network lose of an image that it has never seen? Guess for one pooling and for three.


# %% id="train-live"
def learn(model, targets, loss_of, side=64):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _step in range(100):
        top, left = torch.randint(0, 256 - side + 1, (2,)).tolist()
        crop = (..., slice(top, top + side), slice(left, left + side))
        loss = loss_of(model(slices[crop]), targets[crop])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


slices = four_slices(seed=31)
for depth in (1, 3):
    torch.manual_seed(0)
    model = autoencoder(depth)
    learn(model, slices, F.mse_loss)  # the target is the image itself
    share = lost(held_out, reconstruct(model, held_out))
    print(f"depth {depth}: {share:.0%} of new tissue lost")

# %% id="train-live-claim" tags=["claim"]
assert share < 0.7  # it did learn

# %% [markdown] id="predict"
# One short run with a single seed proves little. So `experiments/autoencoders.py` trained
# such networks for 300 steps, with 0 to 4 poolings (their **depth**) and with three seeds
# each. They were evaluated on the four slices that we pooled above, their **validation set**.
# Predict, then try:
#
# 1. From depth 0 to 4, what disappears first: noise, vesicles (little bubbles in a cell), or
#    membranes?
# 2. Watch the thin wall in the frame. At which depth does it dissolve?
# 3. At depth 3, wipe over the picture. Are the other membranes faint, or in the wrong place?
# 4. Tick "with skips". At which depth do skips make the biggest difference?
#
# {{twin: bottleneck_explorer}}

# %% id="explore" tags=["slide"]
bottleneck_explorer()

# %% id="explore-claim" tags=["claim"]
explorer = bottleneck_explorer()
walls = {}
for skips in (False, True):
    for depth in range(int(skips), 5):
        walls[skips, depth] = explorer.answered({"depth": depth, "skips": skips})["contrast"]
assert (
    walls[False, 1] > 30
    and walls[False, 2] > 20
    and walls[False, 3] < 15
    and walls[False, 4] < 4
)
assert min(walls[True, depth] for depth in range(1, 5)) > 30
gains = [walls[True, depth] - walls[False, depth] for depth in range(1, 5)]
assert max(gains) == gains[-1]

# %% [markdown] id="table"
# The noise goes first, then the vesicles. At depth 3 the thick walls are smooth but in place,
# and the thin one is faint; at depth 4 only clouds are left. With skips the thin wall stays
# dark at every depth, so they make the biggest difference at depth 4.
#
# Here is a point for each of these trained networks. The grey line is what plain
# interpolation lost above.

# %% id="error-by-depth" tags=["slide"]
table = load_table("autoencoders")
names = {"without skips": "depth {}", "with skips": "depth {}, skips"}
figure = seeds_by_depth(table, "error", names, "fraction lost", plain)
described(figure, "03.error_by_depth")

# %% id="error-by-depth-claim" tags=["claim"]
runs = {name: by_seed(table, name, "error") for name in {run["variant"] for run in table}}
means = [statistics.mean(runs[f"depth {depth}"].values()) for depth in range(5)]
assert [round(mean, 2) for mean in means] == [0.01, 0.04, 0.08, 0.19, 0.43]
steps = [paired(table, f"depth {d}", f"depth {d + 1}", "error", questions=4) for d in range(4)]
assert [step.found for step in steps] == [True, False, True, True]
assert all(min(step.differences) > 0 for step in steps) and 0 < steps[3].low < 0.02
for d in range(1, 5):
    assert max(runs[f"depth {d}"].values()) < plain[d]
    assert max(runs[f"depth {d}, skips"].values()) < 0.02
    skips = paired(table, f"depth {d}", f"depth {d}, skips", "error", questions=4)
    assert skips.found == (d > 1) and max(skips.differences) < 0

# %% id="room-for-a-copy-claim" tags=["claim"]
channels, pixels = UNetConfig(base_channels=8, depth=3).channels[-1], 4**3
assert channels == pixels  # of the bottom, and of the image for each pixel of the bottom

# %% [markdown] id="error-read"
# Without skips, every further pooling loses more, with each seed: the mean loss grows from 1
# % of the variance at depth 0 to 43 % at depth 4. Still, the channels save something: from
# one pooling on, the points are below the grey line. With skips less than 2 % is lost at
# every depth, because the top skip hands over the detail before any pooling.
#
# The surprise is depth 3. Its bottleneck holds exactly as many numbers as the image has
# pixels, so there is room for a copy, and yet 300 steps of training didn't find one.

# %% [markdown] id="context" tags=["slide"]
# ## Context against location
#
# Then why pool at all? Because our task isn't to copy. To call a dark line a membrane, and
# not the edge of a mitochondrion, you have to see what surrounds it. The paper says of an
# earlier network, which classified patch after patch ([Cireşan and others,
# 2012](https://papers.nips.cc/paper/4741-deep-neural-networks-segment-neuronal-membranes-in-electron-microscopy-images)):
# "there is a trade-off between localization accuracy and the use of context. Larger patches
# require more max-pooling layers that reduce the localization accuracy".
#
# So back to the pair, with four poolings. We keep the network and the training loop, but now
# the network has to say whether each pixel is inside a neuron. What will the two maps look
# like, without skips and with them?

# %% id="pair-segmented" tags=["slide"]
inside = np.stack(synthetic_membranes(4, size=256, seed=31).labels)
targets = torch.from_numpy(inside)[:, None].float()  # 1 inside a neuron, 0 on a membrane
pair, whole = the_pair(volume.name), torch.from_numpy(standardise(tissue))[None, None]
networks, maps = {}, {"micrograph": pair.crop(tissue) / 255, "labels": pair.crop(labels)}
for merge, title in (("none", "without skips"), ("concat", "with skips")):
    torch.manual_seed(0)
    networks[title] = autoencoder(4, merge)
    learn(networks[title], targets, F.binary_cross_entropy_with_logits, side=96)
    logits = reconstruct(networks[title], whole)  # of tissue that it has never seen
    maps[title] = pair.crop(logits.sigmoid()[0, 0].numpy())
figure, row = plt.subplots(1, 4, figsize=(12, 3.3), layout="constrained")
for axes, (title, shown) in zip(row, maps.items(), strict=True):
    axes.imshow(shown, cmap="gray", vmin=0, vmax=1)
    axes.set(title=title, xticks=[], yticks=[])
described(figure, "03.pair_segmented")

# %% id="pair-segmented-claim" tags=["claim"]
truth = maps["labels"] > 0
wrong = {title: ((maps[title] > 0.5) != truth).mean() for title in networks}
assert wrong["with skips"] < 0.8 * wrong["without skips"]

# %% [markdown] id="pair-segmented-read"
# White means *inside*. Without skips the map is a cloud: it tells roughly where something is,
# but not where a wall runs. With skips the wall is a thin dark line, after the same 100
# steps.
#
# But one pair of networks proves little. So small networks were trained on ISBI 2012, for 400
# steps and with three seeds. Each point below is one network's **pixel error** (1 − Dice, so
# lower is better) on its validation slices. Which depth is best?

# %% id="depth-table" tags=["slide"]
trained = load_table("compare_depth")
names = {"without skips": "none, depth {}", "with skips": "concat, depth {}"}
figure = seeds_by_depth(trained, "pixel_error", names, "pixel error")
described(figure, "03.depth_table")

# %% id="depth-table-claim" tags=["claim"]
verdicts = {}
for merge in ("concat", "none"):
    line = [by_seed(trained, f"{merge}, depth {d}", "pixel_error") for d in range(1, 5)]
    averages = [statistics.mean(seeds.values()) for seeds in line]
    assert int(np.argmin(averages)) + 1 == 3  # the lowest mean is that of depth 3
    for d in (1, 2, 3):
        ends = (f"{merge}, depth {d}", f"{merge}, depth {d + 1}")
        verdicts[merge, d] = paired(trained, *ends, "pixel_error", questions=6)
found = {key: step.verdict for key, step in verdicts.items() if step.found}
assert found == {
    ("concat", 1): "concat, depth 1 is higher",
    ("none", 3): "none, depth 4 is higher",
}
fourth = verdicts["none", 3]
assert 0 < fourth.low < 0.005 and min(fourth.differences) > 0  # only just; in each seed

# %% id="depth-size-claim" tags=["claim"]
size = {run["variant"]: run["parameters"] for run in trained}
assert round(size["concat, depth 2"] / size["concat, depth 1"], 1) == 4.5
apart = [
    statistics.mean(by_seed(trained, f"none, depth {d}", "pixel_error").values())
    - statistics.mean(by_seed(trained, f"concat, depth {d}", "pixel_error").values())
    for d in range(1, 5)
]
assert apart[3] == max(map(abs, apart))  # the curves are furthest apart at depth 4

# %% [markdown] id="verdict"
# With skips, a second pooling lowers the pixel error, so looking further may help here.
# Without skips, a fourth pooling raises it with each seed, perhaps because detail is lost.
# Both means are lowest at depth 3, but three seeds don't prove that this depth is best.

# %% [markdown] id="primary" tags=["slide"]
# ## Do skips help a network that segments?
#
# V_rand says how well a network keeps neurons apart ([lesson 10](10_metrics.ipynb)). At depth
# 3, is it higher with skips than without? Ten pairs of networks answer this on five blocks of
# ISBI's slices. The question was written down before the first run (`experiments/README.md`).
# The bar is a 95 % **confidence interval**: all differences that are compatible with the
# measurements. If zero is among them, the question is **not settled**.

# %% id="primary-answers" tags=["fragment", "output"]
primary_answers(3)

# %% [markdown] id="primary-verdict"
# **Not settled**: with skips V_rand is higher by 0.001 on average, and the 95 % confidence
# interval goes from −0.013 to +0.015. So at three poolings skips may still matter, in either
# direction. The cloud above came from four poolings, where the error curves are furthest
# apart.

# %% id="primary-claim" tags=["claim"]
primary = answer(asked_in(3)[0])
assert (round(primary.low, 3), round(primary.mean, 3)) == (-0.013, 0.001)
assert round(primary.high, 3) == 0.015

# %% [markdown] id="curious"
# <details><summary>For the curious: which of these differences are settled?</summary>
#
# Each 95 % confidence interval is from three seeds, Bonferroni-corrected (lesson 10) for four
# comparisons (copying) or six (segmenting). What isn't listed is *not settled*.
#
# - **Copying, one more pooling**: the copy loses more at depth 1 than at 0, at 3 than at 2
#   and, only just, at 4 than at 3.
# - **Copying, with skips**: the copy loses less at depths 2, 3 and 4.
# - **Segmenting, one more pooling**: with skips the error is lower at depth 2 than at 1, with
#   4.5 times the parameters. Without skips it is higher at depth 4 than at 3, only just.
#
# The primary question stays *not settled*. Such an experiment would detect a true difference
# of 0.019 in V_rand four times out of five.
#
# </details>

# %% id="curious-claim" tags=["claim"]
assert round(primary.detectable, 3) == 0.019

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# You want to count the neurons in an image, not to outline them. Do you need the expansive
# path? And a colleague wants to *compress* micrographs. Would you give her the network with
# skips?
#
# <details><summary>One answer</summary>
#
# For counting, "what" may be enough, and then you don't need the expansive path.
#
# For compression the skips are of no use, because you would have to store them, too, and they
# hold more numbers than the image.
#
# </details>

# %% [markdown] id="pair-closes" tags=["slide"]
# ## The pair, as it is now
#
# You have built the half of the U that knows *what*. Here `contract` (the course's version)
# sends the pair through our network with skips and keeps the feature map of each level. You
# see the channel of each that varies most.

# %% id="pair-levels" tags=["fragment", "output"]
network = networks["with skips"].eval()
small = torch.from_numpy(pair.crop(whole[0, 0]))[None, None]  # (1, 1, 128, 128)
with torch.no_grad():
    kept = exercises.contract(network.contract, small)
figure, row = plt.subplots(1, 5, figsize=(12, 2.9), layout="constrained")
for level, (axes, maps_of) in enumerate(zip(row, kept, strict=True)):
    channel = maps_of[0, maps_of[0].std((1, 2)).argmax()]
    axes.imshow(channel, cmap="gray")
    axes.set(title=f"level {level}: {len(channel)} × {len(channel)}", xticks=[], yticks=[])
described(figure, "03.pair_levels")

# %% id="pair-levels-claim" tags=["claim"]
assert [step.shape[-1] for step in kept] == [128, 64, 32, 16, 8]

# %% [markdown] id="pair-levels-read"
# At the bottleneck each channel has 8 × 8 numbers for our two neurons, too few for a thin
# wall. The wall is still in the larger maps that `contract` kept. But before the small map
# can meet them, it has to become large again, and U-Net's way of doing that can paint a
# pattern that isn't in the image. That is lesson 04.

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - built "two 3x3 convolutions (unpadded convolutions), each followed by a rectified linear
#   unit (ReLU)", and counted 18,842,048 parameters on the contracting path;
# - proved that nothing after a pooling can tell apart two images with the same pooled map;
# - measured an autoencoder without skips: 1 % of the variance lost at depth 0, 43 % at depth
#   4;
# - saw the wall between two neurons as a cloud without skips, and as a line with them.
