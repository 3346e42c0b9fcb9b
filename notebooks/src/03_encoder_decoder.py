# %% [markdown] id="title" tags=["slide"]
# # 03 · Encoder and decoder
#
# One path makes the image small and learns **what** is in it. A second path makes it large
# again and has to say **where**. Today we build the first path, and see what gets lost on it.
#
# ![](assets/lessons/03_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - build a `DoubleConv` and the contracting path, and count their parameters by hand;
# - show that upsampling cannot bring lost detail back;
# - say what depth gains (context) and what it costs (location), and for which task.
#
# **Time** about 45 minutes · **Before** lesson 02 · **Needs** no GPU, no data

# %% id="setup"
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from unet_teach.comparisons import load_table, paired, summary
from unet_teach.config import UNetConfig
from unet_teach.data.membranes import synthetic_membranes
from unet_teach.data.volume import standardise
from unet_teach.drawing.intervals import primary_answers
from unet_teach.exercises import check, hint, solution
from unet_teach.layers import DoubleConv
from unet_teach.lessons.described import described
from unet_teach.lessons.l03_encoder_decoder.measure import (
    autoencoder,
    lost,
    pool_and_back,
    reconstruct,
    stripes,
)
from unet_teach.lessons.l03_encoder_decoder.panel import bottleneck_explorer
from unet_teach.models.unet import UNet, count_parameters
from unet_teach.shapes import trace

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="double-conv" tags=["slide"]
# ## The part that repeats
#
# The paper: "It consists of the repeated application of two 3x3 convolutions (unpadded
# convolutions), each followed by a rectified linear unit (ReLU) and a 2x2 max pooling
# operation with stride 2 for downsampling."
#
# A ReLU is max(0, x). Two convolutions and two ReLUs: we call that a **DoubleConv**. The first
# convolution changes the number of channels, the second keeps it. An image of 572 × 572 goes
# into the first one, with 64 output channels. Which shape comes out, and how small is its
# smallest value?

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
# Write it. Return one module; `nn.Sequential` runs its parts one after the other. Everything
# that the sentence does not name stays as torch has it: stride 1, a bias in each convolution.


# %% id="exercise-double-conv" tags=["fragment"]
def double_conv(in_channels, out_channels):
    """Two unpadded 3 × 3 convolutions, each followed by a ReLU."""
    # SOLUTION: exercises.double_conv


# %% id="check-double-conv"
check("03.double_conv", double_conv)

# %% [markdown] id="the-path" tags=["slide"]
# Stuck? `hint("03.double_conv")`. Try it without one of the ReLUs, too: shape and parameters
# stay the same, and the check still sees it.
#
# ## The contracting path
#
# Pool, convolve, pool, convolve. "At each downsampling step we double the number of feature
# channels." This path is also called the **encoder**. A pooling leaves a quarter of the
# pixels, and the channels double. So do the numbers in a map grow or shrink on the way down?

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
# They shrink by more than half at each level. The pixels go faster than the channels come, and
# the unpadded convolutions take a rim as well.

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): the way down
#
# `convs` is a list of DoubleConvs, the top of the U first. Run a batch of images (B, C, H, W)
# through them, with a 2 × 2 max pooling between two levels; of an odd height or width it leaves
# the last row or column out, as in torch. Return a list with the feature map of **every**
# level, as each DoubleConv returned it. All but the last will be kept for the skips. Nothing
# is pooled after the last one, whose map may be a single pixel, and `convs` stays as it is: the
# next batch needs it.


# %% id="exercise-contract" tags=["fragment"]
def contract(convs, x):
    """The map of every level, top first."""
    # SOLUTION: exercises.contract


# %% id="check-contract"
check("03.contract", contract)

# %% [markdown] id="exercise-3"
# Stuck? `hint("03.contract")`.
#
# ### Exercise 3 (stretch): count it
#
# How many parameters does this path have, from the top to the bottom of the U? With `depth`
# poolings there are depth + 1 DoubleConvs, so with depth 0 there is one. Count weights and
# biases, with arithmetic only. For the smallest one (1, 1, 0) it should be 20, and for the
# paper's network (1, 64, 4) 18,842,048.


# %% id="exercise-parameters"
def parameters(in_channels, base_channels, depth):
    """Parameters of the contracting path, its bottom included."""
    # SOLUTION: exercises.parameters


# %% id="check-parameters"
check("03.parameters", parameters)

# %% [markdown] id="where-parameters-are" tags=["slide"]
# Stuck? `hint("03.parameters")`. Now a guess: which share of them sits in the last
# DoubleConv, at the bottom?

# %% id="parameters-by-level" tags=["fragment", "output"]
with torch.device("meta"):  # shapes without numbers: quick
    network = UNet(UNetConfig())
by_level = [count_parameters(convs) for convs in network.contract]
for level, number in enumerate(by_level):
    print(f"level {level}: {number:10,}  {number / sum(by_level):6.1%}")
print(f"in all:  {sum(by_level):10,} of the network's {count_parameters(network):,}")

# %% id="parameters-by-level-claim" tags=["claim"]
assert sum(by_level) == 18_842_048 and count_parameters(network) == 31_030_658
assert round(by_level[-1] / sum(by_level), 2) == 0.75

# %% [markdown] id="way-back" tags=["slide"]
# Three quarters. The bottom sees most and holds the most parameters.
#
# ## The way back
#
# The **expansive path**, or **decoder**, doubles the map at each level until it is large
# again. Lesson 04 looks at how. Today's question is simpler: can *any* way of doubling bring
# back what the pooling took?
#
# Take a checkerboard, and the same one with black and white exchanged. Pool both. How much do
# the two small maps differ?

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
# They do not differ at all. Whatever comes after the pooling gets the same input for both
# boards, so it must give the same output. No interpolation, no transposed convolution and no
# network of any size can tell them apart. That is not a matter of training. The information
# is gone.
#
# A checkerboard is the extreme. Let us take stripes of any width, pool them by their mean,
# interpolate back, and measure the share of the variance that is lost: 0 is a perfect copy, 1
# is no better than plain grey. From which width on do stripes survive?

# %% id="stripes" tags=["slide"]
periods = (2, 3, 4, 6, 8, 16, 32, 64)
loss_at = {}
figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
for mode in ("nearest", "bilinear"):
    patterns = [stripes(period) for period in periods]
    loss_at[mode] = [lost(x, pool_and_back(x, mode)) for x in patterns]
    axes.semilogx(periods, loss_at[mode], "o-", base=2, label=mode)
axes.set(xlabel="period of the stripes, pixels", ylabel="share lost")
axes.legend()
for mode, shares in loss_at.items():
    print(mode, [round(share, 2) for share in shares])
described(figure, "03.stripes")

# %% id="stripes-claim" tags=["claim"]
for shares in loss_at.values():
    assert shares[0] > 0.99 and shares[1] > 0.7 and shares[-1] < 0.01

# %% [markdown] id="stripes-read"
# Stripes of one pixel black, one pixel white are lost altogether, wide ones almost not. Below
# a period of 4 most is lost: the new grid has one pixel for two, and shows no finer stripes.
# Each further pooling makes the grid twice as coarse. Here is a micrograph after one to four
# poolings and bilinear interpolation.


# %% id="micrograph-down-and-up" tags=["slide"]
def four_slices(seed):
    images = synthetic_membranes(4, size=256, seed=seed).images
    return torch.from_numpy(np.stack([standardise(image) for image in images]))[:, None]


held_out = four_slices(seed=32)
figure, row = plt.subplots(1, 4, figsize=(10, 2.8), layout="constrained")
plain = [0.0]
for axes, depth in zip(row, range(1, 5), strict=True):
    small = F.avg_pool2d(held_out, 2**depth)
    back = F.interpolate(small, scale_factor=2**depth, mode="bilinear")
    plain.append(lost(held_out, back))
    axes.imshow(back[0, 0, 80:176, 80:176], cmap="gray")
    axes.set(title=f"depth {depth}: {plain[-1]:.0%} lost", xticks=[], yticks=[])
described(figure, "03.micrograph_down_and_up")

# %% id="micrograph-down-and-up-claim" tags=["claim"]
assert plain == sorted(plain) and [round(p, 2) for p in plain[1:]] == [0.05, 0.17, 0.38, 0.58]

# %% [markdown] id="channels" tags=["slide"]
# ## But a network has channels
#
# A fair objection. A U-Net doubles its channels at each pooling, and may store in them what
# the pixels cannot hold. So we train: a small U-Net **without skips** gets an image and has to
# give it back. That is an **autoencoder**. The recipe is short, and here it runs with two
# depths. Predict the loss after 100 steps.


# %% id="train-live"
slices = four_slices(seed=31)
for depth in (1, 3):
    torch.manual_seed(0)
    model = autoencoder(depth)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _step in range(100):
        top, left = torch.randint(0, 256 - 64 + 1, (2,)).tolist()
        crops = slices[..., top : top + 64, left : left + 64]
        loss = F.mse_loss(model(crops), crops)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    share = lost(held_out, reconstruct(model, held_out))
    print(f"depth {depth}: last loss {loss:.2f}, lost of new tissue {share:.0%}")

# %% id="train-live-claim" tags=["claim"]
assert share < 0.7  # it did learn

# %% [markdown] id="predict"
# One short run with one seed proves little. So `experiments/autoencoders.py` trained such
# networks for 300 steps, five depths, three seeds each, on eight slices. They are judged on
# the four slices that were pooled above. Predict, then try:
#
# 1. What goes first on the way from depth 0 to 4: noise, vesicles, or membranes?
# 2. Watch the thin wall in the frame. At which depth does it dissolve?
# 3. Wipe at depth 3. Are the other membranes faint, or in the wrong place?
# 4. Tick "with skips". At which depth does it make most difference?
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
    walls[False, 1] > 30 > walls[False, 2] > 25 and walls[False, 3] < 15 and walls[False, 4] < 4
)
assert min(walls[True, depth] for depth in range(1, 5)) > 30

# %% [markdown] id="table"
# Now in numbers. We ask of each step whether one more pooling loses more: four questions,
# paired by seed, so the intervals are widened for four.

# %% id="error-by-depth"
table = load_table("autoencoders")
errors = summary(table, "error")
for depth in range(5):
    mean, spread, _seeds = errors[f"depth {depth}"]
    print(f"depth {depth}: lost {mean:.1%} ± {spread:.1%}, interpolation {plain[depth]:.1%}")
steps = [paired(table, f"depth {d}", f"depth {d + 1}", "error", questions=4) for d in range(4)]
for step in steps:
    print(step)
means = [errors[f"depth {depth}"][0] for depth in range(5)]

# %% id="error-by-depth-claim" tags=["claim"]
assert [round(mean, 2) for mean in means] == [0.01, 0.04, 0.08, 0.19, 0.43]
assert [step.found for step in steps] == [True, False, True, True]
assert all(min(step.differences) > 0 for step in steps)

# %% [markdown] id="error-read" tags=["slide"]
# The mean error grows with depth, from 1 % to 43 %, and in each of the three seeds it grows at
# every step. Three pairs are few, though. For the step from depth 1 to 2 the interval still
# contains zero: **none found**. For the last step it hardly leaves it out.
#
# From depth 1 on, the mean is below what interpolation loses: channels do carry something. But
# look at depth 3. Its bottom holds exactly as many numbers as the image has pixels. In
# principle that is room enough for a copy. It was not found.
#
# Was the training too short? Here is depth 4 with three times as many steps.

# %% id="longer-and-skips"
long = paired(table, "depth 3", "depth 4, 900 steps", "error")
print(f"depth 4, 900 steps: {errors['depth 4, 900 steps'][0]:.1%}")
print(long)
for d in range(1, 5):
    pair = paired(table, f"depth {d}", f"depth {d}, skips", "error", questions=4)
    print(f"depth {d}: with skips {errors[f'depth {d}, skips'][0]:.1%}, found: {pair.found}")

# %% id="longer-and-skips-claim" tags=["claim"]
for d in range(1, 5):
    pair = paired(table, f"depth {d}", f"depth {d}, skips", "error", questions=4)
    assert pair.found == (d > 1) and errors[f"depth {d}, skips"][0] < 0.02
assert all(mean < p for mean, p in zip(means[1:], plain[1:], strict=True))
channels, pixels = UNetConfig(base_channels=8, depth=3).channels[-1], 4**3
assert channels == pixels  # of the bottom, and of the image for each pixel of the bottom
assert long.verdict == "depth 4, 900 steps is higher"
assert round(errors["depth 4, 900 steps"][0], 2) == 0.37
assert not paired(table, "depth 4", "depth 4, 900 steps", "error").found

# %% [markdown] id="skips-read"
# It still loses 37 %, more than depth 3 with its 300 steps. Against 300 steps at depth 4 no
# difference was found in three pairs, nor is one ruled out. What was found to help is a way
# **around** the bottleneck. With skips the mean loss is below 2 % at every depth; from depth 2
# on, that is a difference that was found. No wonder: the top skip hands over the image's detail
# before any pooling has touched it.

# %% [markdown] id="context" tags=["slide"]
# ## Context against location
#
# Then why pool at all? Because our task is not to copy. The paper on networks of its day:
# "there is a trade-off between localization accuracy and the use of context. Larger patches
# require more max-pooling layers that reduce the localization accuracy". To call a dark line a
# membrane, and not the edge of a mitochondrion, you have to see its surroundings.
#
# So for **segmentation** small networks were trained on ISBI 2012, depth 1 to 4, three
# seeds. Where is the best depth, with skips and without? (Pixel error is 1 − Dice.)

# %% id="depth-table" tags=["slide"]
trained = load_table("compare_depth")
pixel_error = summary(trained, "pixel_error")
figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
for merge, style in (("concat", "o-"), ("none", "s--")):
    line = [pixel_error[f"{merge}, depth {d}"][0] for d in range(1, 5)]
    axes.plot(range(1, 5), line, style, label=f"skips: {merge}")
    print(merge, [round(error, 4) for error in line])
axes.set(xlabel="poolings", ylabel="pixel error, held-out slices", xticks=range(1, 5))
axes.legend()
described(figure, "03.depth_table")

# %% id="depth-table-claim" tags=["claim"]
for merge in ("concat", "none"):
    line = [pixel_error[f"{merge}, depth {d}"][0] for d in range(1, 5)]
    assert int(np.argmin(line)) + 1 == 3  # the lowest mean is that of depth 3

# %% [markdown] id="six-questions"
# The means fall, and rise again. But are these differences more than the seeds' spread? Three
# steps, with skips and without: six questions.

# %% id="depth-questions"
verdicts = {}
for merge in ("concat", "none"):
    for d in (1, 2, 3):
        pair = (f"{merge}, depth {d}", f"{merge}, depth {d + 1}")
        step = paired(trained, *pair, "pixel_error", questions=6)
        verdicts[merge, d] = step.verdict
        print(step)

# %% id="depth-questions-claim" tags=["claim"]
found = {key: verdict for key, verdict in verdicts.items() if verdict != "none found"}
assert found == {
    ("concat", 1): "concat, depth 1 is higher",
    ("none", 3): "none, depth 4 is higher",
}
size = {run["variant"]: run["parameters"] for run in trained}
assert round(size["concat, depth 2"] / size["concat, depth 1"], 1) == 4.5

# %% [markdown] id="verdict" tags=["slide"]
# Two of six were found. With skips, the second pooling lowers the pixel error. That fits more
# context, but the deeper network has 4.5 times the parameters, too. Without skips, the fourth
# raises it, though the interval only just leaves zero out; that fits lost location. For the
# other four steps: **none found**. The lowest mean is at depth 3, but these three seeds do not
# prove that the best depth lies there.
#
# Compare the two tasks. For copying no pooling was found to help. For segmentation one was,
# and a later one was found to hurt.

# %% [markdown] id="primary" tags=["slide"]
# ## Do skips help a network that segments?
#
# Copying an image is one task, segmenting it another. So here is one question: does a U-Net
# with skips reach a higher V_rand than the same network without them?
#
# Ten **pairs** of small networks answer it: five blocks of slices of the ISBI stack, each
# held out in turn, with two seeds each, so that the answer covers other tissue as well as
# other luck. The question was written down before the first run (`experiments/README.md`).
# Everything else in this lesson's tables is *exploratory*: one block, a few seeds.
#
# The bar is the 95 % confidence interval of the difference. Where it covers zero, the
# question is **not settled**, and that is not the same as *it does not matter*.

# %% id="primary-answers" tags=["fragment", "output"]
primary_answers(3)

# %% [markdown] id="primary-verdict"
# **Not settled.** The estimate is +0.001, and the interval reaches from −0.013 to +0.015.
# These networks have three poolings, and their bottleneck still holds a good part of the
# image. So skips may well matter more in a deeper one. A true difference of 0.019 would have
# been detected in four of five such experiments.

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# You are to count neurons in an image, not to outline them. Do you need the expansive path?
# And a colleague wants to *compress* micrographs: would you give her the network with skips?
#
# <details><summary>One answer</summary>
#
# To count, "what" may be enough: a contracting path with one number at its end is how image
# classifiers are made. Yet outlines can be checked by eye, and a bare number cannot.
#
# For compression the skips are of no use. They bring the image around the bottleneck, so
# nothing was compressed: whoever decodes would have to be sent the skips as well, and these
# hold more numbers than the image. A low reconstruction error is no merit in itself. Ask what
# had to pass, and through where.
#
# </details>

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - built "two 3x3 convolutions (unpadded convolutions), each followed by a rectified linear
#   unit (ReLU)" as four modules in a row, and noticed a missing ReLU;
# - wrote "At each downsampling step we double the number of feature channels" as
#   `base_channels * 2**level`, and counted 18,842,048 parameters, three quarters of them at
#   the bottom;
# - proved that two images with one pooled map cannot be told apart by anything that follows;
# - measured an autoencoder without skips: 1 % lost at depth 0, 43 % at depth 4;
# - found for segmentation that the second pooling lowers the pixel error with skips, and that
#   the fourth raises it without.
