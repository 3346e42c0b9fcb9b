# %% [markdown] id="title" tags=["slide"]
# # 03 · Encoder and decoder
#
# The first half of U-Net makes the image smaller, so that the network can learn **what**
# is in it. The second half makes it large again, because the answer has to say **where**.
#
# ![](assets/lessons/03_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - build a `DoubleConv` and the contracting path, and count their parameters by hand;
# - show that upsampling can't bring back the detail that pooling has removed;
# - say what a network gains from depth (context) and what it loses (location).
#
# **Time** about 45 minutes · **Prerequisites** lesson 02 · **Needs** no GPU, no data

# %% id="setup"
import statistics

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from unet_teach.comparisons import answer, asked_in, by_seed, load_table, paired
from unet_teach.config import UNetConfig
from unet_teach.data.membranes import membrane_slice, synthetic_membranes
from unet_teach.data.volume import Volume, standardise
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
from unet_teach.progress import progress
from unet_teach.shapes import trace

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="pair-opens" tags=["slide"]
# ## What is still wrong with the pair
#
# A network has to look at the surroundings of a dark line to know whether it is a wall.
# Making the image smaller is a cheap way to see further. But what does that do to the wall
# between our two neurons?
#
# Let's shrink the labels by **average pooling**, which replaces each 2 × 2 block of pixels by
# its mean. Then we enlarge the result and call every pixel above one half *inside*. How many
# times can we pool before the two neurons run together?

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
# After the third pooling the two neurons have run together, although we began with a
# perfect answer. Yet U-Net pools four times. Why?

# %% [markdown] id="double-conv" tags=["slide"]
# ## The part that repeats
#
# Every tensor that passes through the network has four axes, **(B, C, H, W)**: B is the
# number of images processed together (a **batch**); C is the number of **channels** of each
# image; H and W are its height and width. Inside the network each channel is a **feature
# map**, which contains a number for each position.
#
# [The paper](https://arxiv.org/abs/1505.04597) describes the contracting path: "It consists
# of the repeated application of two 3x3 convolutions (unpadded convolutions), each followed
# by a rectified linear unit (ReLU) and a 2x2 max pooling operation with stride 2 for
# downsampling." A **ReLU** returns max(0, x), so it replaces negative numbers with 0.

# %% [markdown] id="double-conv-question"
# We call two convolutions, each followed by its ReLU, a **DoubleConv**.
#
# A grey image of 572 × 572 pixels goes into an untrained DoubleConv with 64 output
# channels. What is the output's shape, and what is its smallest value?

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
#   5, into (B, out_channels, H − 4, W − 4). It contains two unpadded 3 × 3 convolutions, each
#   with its own weights and followed by a ReLU, and nothing else. Both have stride 1 and a
#   bias, torch's defaults, and the second keeps the number of channels.
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
# Alternating DoubleConvs and poolings make the **contracting path**, or **encoder**. Each
# pooling leaves a quarter of the pixels. But the paper also says: "At each downsampling step
# we double the number of feature channels." So does each level contain more numbers than the
# one above it, or fewer?

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
# Doubling the channels and keeping a quarter of the pixels would leave half as many numbers
# as at the level above. Each level contains even fewer, because the unpadded convolutions
# also take off a rim.

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): the contracting path
#
# Write the contracting path.
#
# - **In**: `convs`, a list of one or more DoubleConvs, the top one first; `x`, a batch (B,
#   C, H, W), large enough for all of them.
# - **Out**: a list of tensors, top level first: what **every** DoubleConv returned. Between
#   levels there is a 2 × 2 max pooling with stride 2.
# - **Edge**: if the height or width is odd, the pooling leaves out the last row or column.
#   The last level's output isn't pooled; it may be a single pixel. Don't change `convs` or
#   `x`.
# - **Example**: with two DoubleConvs, from 1 to 2 and from 2 to 4 channels, an `x` of (1,
#   1, 16, 16) becomes (1, 2, 12, 12) and, after pooling to 6 × 6, (1, 4, 2, 2).


# %% id="exercise-contract" tags=["fragment"]
def contract(convs, x):
    """The feature maps of every level, top first."""
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
# - **In**: three whole numbers: `in_channels` ≥ 1, the image's channel count; `base_channels`
#   ≥ 1, that of level 0's output; `depth` ≥ 0, the number of poolings. There are depth + 1
#   DoubleConvs, and each one after the first doubles the number of channels.
# - **Out**: the total number of parameters.
# - **Example**: `parameters(1, 1, 0)` is 20, because each of the two convolutions has 9
#   weights and 1 bias. For the paper's network, `parameters(1, 64, 4)` is 18,842,048.


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
# the path's parameters does it contain?

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
# A 3 × 3 convolution has nine weights for each pair of input and output channel. Each level
# has at least four times as many pairs as the one above, so the last DoubleConv contains
# about three quarters of the path's parameters.
#
# ## The way back
#
# The second half of the U is the **expansive path**, or **decoder**. It doubles height and
# width at each level. Can *any* way of doubling bring back what the pooling took?

# %% [markdown] id="two-boards" tags=["slide"]
# Take a checkerboard whose squares are single pixels, and a second one with black and white
# exchanged. Pool both, by maximum and by mean. Do the pooled boards differ?

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
# The pooled boards are equal, because each 2 × 2 block contains two black and two white
# pixels. Whatever comes after the pooling gets the same input for both, so it must return
# the same output. After this pooling no network, however large, can tell the two boards
# apart.

# %% [markdown] id="stripes-question"
# Let's take stripes of different widths, shrink each image with one average pooling, and
# enlarge it again by interpolation. We measure the **fraction of the variance** lost: the
# mean squared error, divided by the image's variance. Mean grey in every pixel scores 1, a
# perfect copy 0. The **period** is the width of one dark and one bright stripe together.
# Which stripes will be lost?

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
# Stripes one pixel wide (period 2) are lost completely, and wide ones hardly at all. Below
# a period of 4 pixels most of the variance is lost, because each stripe is then narrower
# than the 2 × 2 blocks that pooling averages.
#
# Here is a synthetic micrograph, enlarged again after one to four poolings. After how many
# do you lose sight of the membranes?


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
# A U-Net doubles the number of channels at each pooling, so it could store in them what the
# pixels can't hold. Let's train a small U-Net that gets an image and has to return it: an
# **autoencoder**. We leave out its **skip connections**, which hand each level's feature maps
# straight across to the expansive path. Without them, everything has to pass through the
# bottleneck.
#
# In each training **step** the weights change a little. After 100 steps, what fraction of
# the variance will the network lose on images that it has never seen, with one pooling and
# with three?


# %% id="train-live"
def learn(model, targets, loss_of, side=64):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _step in progress(range(100)):
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
# `experiments/autoencoders.py` trained such networks for 300 steps, with 0 to 4 poolings
# (their **depth**) and three seeds each. They were evaluated on the four slices that we
# pooled above, their **validation set**: slices that they weren't trained on. Predict, then
# try:
#
# 1. As the depth grows from 0 to 4, what disappears first: noise, vesicles (little bubbles
#    in a cell), or membranes?
# 2. Watch the thin wall in the frame. At which depth does it dissolve?
# 3. At depth 3, wipe over the picture. Are the thick walls still there, and in the right
#    place?
# 4. Tick "with skips". At which depth do skips make the biggest difference to the thin
#    wall?
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
# The noise goes first, then the vesicles. At depth 3 the thick walls are smooth but in
# place, and the thin wall is faint. At depth 4 the thin wall has dissolved. With skips it
# stays dark at every depth, so skips make the biggest difference at depth 4.
#
# Below, each point is a network; the grey line shows what interpolation lost above.

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
# Without skips, each further pooling loses more with all three seeds: the mean loss grows
# from 1 % of the variance at depth 0 to 43 % at depth 4. Still, the networks rescue some
# detail, probably in their channels: with one pooling or more, every point is below the grey
# line. With skips, less than 2 % is lost at every depth, because the top skip hands over the
# detail before any pooling.

# %% [markdown] id="context" tags=["slide"]
# ## Context against location
#
# Then why pool at all? Because our task isn't to copy. To tell a membrane from a
# mitochondrion's edge, you have to see its surroundings, and pooling widens the view. The
# paper says of a network that classified pixels by their surroundings ([Cireşan and others,
# 2012](https://papers.nips.cc/paper/4741-deep-neural-networks-segment-neuronal-membranes-in-electron-microscopy-images)):
# "there is a trade-off between localization accuracy and the use of context."
#
# With `learn` from above, we now train two networks with four poolings, one without skips
# and one with them, to say whether each pixel is inside a neuron. What will their outputs
# for our pair look like?

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
# White means *inside*. Without skips the output looks like a cloud: it shows roughly where
# the cells are, but not where a wall runs. With skips, the wall is a thin dark line.
#
# Two networks prove little. So we trained small networks on the real micrographs of ISBI
# 2012 for 400 steps, with skips and without, at depths 1 to 4, with three seeds each. Each
# point below is one network's **pixel error** (1 − Dice, so lower is better) on its
# validation slices. At which depth will the error be lowest?

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
assert 0 < fourth.low < 0.005 and min(fourth.differences) > 0  # only just; in all three seeds

# %% id="depth-poolings-claim" tags=["claim"]
assert round(fourth.mean, 3) == 0.019 and round(verdicts["concat", 3].mean, 3) == 0.004
for merge in ("concat", "none"):  # in all three seeds, with skips and without
    assert max(verdicts[merge, 1].differences) < 0 < min(verdicts[merge, 3].differences)
    assert len(verdicts[merge, 1].differences) == len(verdicts[merge, 3].differences) == 3

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
# A second pooling lowers the pixel error with all three seeds, with skips and without, so
# a larger receptive field may help. A fourth pooling raises it again with all three, by
# 0.019 on average without skips but by only 0.004 with them, perhaps because skips
# preserve detail that pooling loses. With skips and without, the mean is lowest at depth
# 3, but three seeds don't prove that this depth is best.

# %% [markdown] id="primary" tags=["slide"]
# ## Do skips help a network that segments?
#
# **V_rand** scores, from 0 to 1, how well neurons are kept whole and apart ([lesson
# 10](10_metrics.ipynb)). At depth 3, is it higher with skips than without? We wrote this
# question down before the first run (`experiments/README.md`). Ten pairs of networks answer
# it on five validation sets of ISBI's slices. The bar shows the 95 % **confidence
# interval**, a range made so that it would contain the true difference in about 95 of 100
# repetitions of the experiment. If it contains zero, the question is **not settled**.

# %% id="primary-answers" tags=["fragment", "output"]
primary_answers(3)

# %% [markdown] id="primary-verdict"
# **Not settled**: with skips V_rand is higher by 0.001 on average, and the interval goes
# from −0.013 to +0.015. The cloud-like output above doesn't contradict this. Its network
# had depth 4, where the two curves of the pixel error are furthest apart, but this
# question is about depth 3. Ten pairs would detect a true difference of 0.019 four times
# out of five.

# %% id="primary-claim" tags=["claim"]
primary = answer(asked_in(3)[0])
assert (round(primary.low, 3), round(primary.mean, 3)) == (-0.013, 0.001)
assert round(primary.high, 3) == 0.015

# %% [markdown] id="curious"
# <details><summary>For the curious: which of these differences are settled?</summary>
#
# The 95 % confidence intervals, from three seeds, are Bonferroni-corrected (lesson 10)
# for four (copying) or six comparisons (segmenting). What isn't listed is *not settled*.
#
# - **Copying without skips, one more pooling**: the network loses more of the variance at
#   depth 1 than at 0, at 3 than at 2, and at 4 than at 3 (this interval barely excludes
#   zero).
# - **Copying, with skips or without**: at depths 2, 3 and 4, the network with skips loses
#   less.
# - **Segmenting, one more pooling**: with skips the pixel error is lower at depth 2 than at
#   1, but the deeper network has 4.5 times as many parameters. Without skips, depth 4 has a
#   higher error than 3 (interval barely above zero).
#
# </details>

# %% id="curious-claim" tags=["claim"]
assert round(primary.detectable, 3) == 0.019

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# You want to count the neurons in an image. Do you need the expansive path? And a colleague
# wants to *compress* micrographs. Would you give her the network with skips?
#
# <details><summary>One answer</summary>
#
# For counting, it may be enough to know *what* is in the image. Then you don't need the
# expansive path.
#
# Skips don't help with compression, because you would have to store their feature maps, too,
# and these contain more numbers than the image.
#
# </details>

# %% [markdown] id="pair-closes" tags=["slide"]
# ## The pair, as it is now
#
# Here `contract` sends the pair down the contracting path of our network with skips. For
# each level, the figure shows the channel whose values vary most.

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
# At the bottleneck each channel has only 8 × 8 numbers for our two neurons, too few to show
# a thin wall. The wall can still be seen in the largest maps. The smallest maps have to be
# enlarged, level by level (lesson 04), before they meet the largest.

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - built "two 3x3 convolutions (unpadded convolutions)" into a DoubleConv, and counted
#   18,842,048 parameters in the paper's contracting path;
# - proved that nothing after a pooling can tell apart two images whose pooled maps are
#   equal;
# - measured how much of the variance an autoencoder without skips loses on new images: 1
#   % at depth 0, and 43 % at depth 4;
# - saw our segmenting network return a cloud without skips, and a thin wall with them.
