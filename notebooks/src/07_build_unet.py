# %% [markdown] id="title" tags=["slide"]
# # 07 · Build U-Net
#
# In this lesson you put the parts of U-Net together.
#
# ![](assets/lessons/07_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - write the whole forward pass of U-Net, and predict the shape of every feature map in it;
# - say at which levels most of U-Net's parameters, operations and memory are;
# - say which input sizes are **legal**, and show what goes wrong at the others.
#
# **Time** about 50 minutes · **Prerequisites** lessons 01, 05 and 06 · **Needs** no GPU, no
# data

# %% id="setup" tags=["core"]
from itertools import pairwise

import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.nn import functional as F

from unet_teach.config import UNetConfig
from unet_teach.data.membranes import membrane_slice
from unet_teach.data.volume import standardise
from unet_teach.drawing.pair import coloured, the_pair
from unet_teach.exercises import check, hint, mine, solution
from unet_teach.layers import center_crop
from unet_teach.lessons.described import described
from unet_teach.lessons.l07_build_unet.ghosts import ghost_walls, in_a_row
from unet_teach.lessons.l07_build_unet.measure import (
    coordinate_shifts,
    run_any_size,
    shapes_on_the_way,
    untrained,
)
from unet_teach.lessons.l07_build_unet.panel import u_explorer
from unet_teach.lessons.l07_build_unet.sockets import sockets
from unet_teach.models.pretrained import pretrained
from unet_teach.models.unet import UNet, count_parameters
from unet_teach.shapes import legal_sizes, skip_sizes, trace

_ = torch.manual_seed(0)
PAPER = UNetConfig()  # 1 → 2 channels, 64 base channels, depth 4, valid convolutions
pair = the_pair("synthetic membranes (seed 0)")  # our two neurons
micrograph, labels = map(pair.crop, membrane_slice(pair.index))

# %% [markdown] id="the-pair-so-far" tags=["slide"]
# ## Walls that no one taught the network
#
# Here are our two neurons, their labels, and a U-Net's output. **This network was never
# trained**: all its weights are random numbers. And yet, with the contrast stretched, you
# can see faint, light walls in its output.
#
# How did the walls get there: through the bottleneck, across a skip connection, or by
# chance? You'll build this network, and cut one skip to find out.

# %% id="the-pair-before" tags=["fragment"]
shown = {"micrograph": micrograph, "labels": labels, "random weights": untrained(micrograph)}
described(in_a_row(shown), "07.the_pair_before")

# %% [markdown] id="read-the-figure" tags=["core", "slide"]
# ## The figure, read as a program
#
# *(one-lesson track: 5 minutes)*
#
# Figure 1 of [the paper](https://arxiv.org/abs/1505.04597) (Ronneberger, Fischer and Brox,
# 2015) is a U of **feature maps**, the outputs of layers. In lesson 01 your function filled
# in their sizes. Now one loop goes down the **contracting path** (the encoder), and one
# comes up the **expansive path** (the decoder).
#
# 572 × 572 pixels go in and 388 × 388 come out. On which levels do height and width lose
# these 572 − 388 = 184 pixels?

# %% id="sizes-down" tags=["core", "fragment", "output"]
n, skips = 572, []
for level in range(5):
    n = n // 2 if level > 0 else n  # a pooling halves the size
    print("    " * level, f"level {level}: {n} → {n - 2} → {n - 4}")
    n = n - 4  # two 3×3 convolutions take off 2 each
    skips.append(n)
for level in (3, 2, 1, 0):
    n = 2 * n  # an up-convolution doubles the size
    print("    " * level, f"level {level}: {n} → {n - 2} → {n - 4}, skip {skips[level]} → {n}")
    n = n - 4

# %% id="sizes-down-claim" tags=["core", "claim"]
assert skips == [568, 280, 136, 64, 28] and n == 388

# %% [markdown] id="five-kinds" tags=["core"]
# Each 3 × 3 convolution takes one pixel off at each edge, so 2 in height and 2 in width.
# Lower in the U a pixel covers more of the image, so losing it costs more. Levels 0 to 3
# have four such convolutions each, which take off 8 of their level's pixels. In input
# pixels, that is 8·1 + 8·2 + 8·4 + 8·8 = 120. The **bottleneck**, the lowest level, has
# two, which cost 4·16 = 64: 184 in all.
#
# The printed `skip 568 → 392` means a crop, because only maps of equal size can be stacked.

# %% [markdown] id="parts-first" tags=["core"]
# ## Parts first
#
# *(one-lesson track: 5 minutes)*
#
# The small U below has sockets for five of your functions. Blue ones hold yours; dashed
# ones are empty, so the library's is used. You'll write `forward` now.

# %% id="the-sockets" tags=["core"]
described(sockets(), "07.the_sockets")

# %% [markdown] id="parts-in-torch" tags=["core"]
# In torch, `__init__` creates a network's parts, and `forward` sends images through them.
# We need five `DoubleConv`s (two 3 × 3 convolutions each) for the contracting path, four
# up-convolutions and four `DoubleConv`s for the expansive path, and a last 1 × 1
# convolution.
#
# After a concatenation a `DoubleConv` receives twice as many channels as it returns. Where
# is that in the code?


# %% id="parts" tags=["core"]
parts = mine("double_conv", "up_conv")  # yours from lessons 03 and 04, where they passed
double_conv, up_conv = parts.double_conv, parts.up_conv


class Parts(nn.Module):
    def __init__(self, channels=(64, 128, 256, 512, 1024), images=1, classes=2):
        super().__init__()
        self.contract = nn.ModuleList([double_conv(images, channels[0])])
        self.upsamplers = nn.ModuleList()
        self.expand = nn.ModuleList()
        for above, below in pairwise(channels):  # (64, 128), then (128, 256), …
            self.contract.append(double_conv(above, below))
            self.upsamplers.append(up_conv(below, above))
            self.expand.append(double_conv(2 * above, above))
        self.last = nn.Conv2d(channels[0], classes, 1)


# %% [markdown] id="what-the-parts-hold" tags=["core"]
# The doubling is in `double_conv(2 * above, above)`. At the lowest step up, 512 channels
# come from below and 512 more across the skip, so there it is `double_conv(1024, 512)`.

# %% id="what-the-parts-hold-claim" tags=["core", "claim"]
with torch.device("meta"):
    lowest = Parts().expand[3]
assert (lowest[0].in_channels, lowest[2].out_channels) == (1024, 512)
del lowest

# %% [markdown] id="count-them" tags=["core", "slide"]
# The paper says: "In total the network has 23 convolutional layers." Do these include the
# up-convolutions? In lesson 03 you counted 18,842,048 **parameters** (weights and biases)
# on the contracting path, bottleneck included. Does the expansive path have more, fewer, or
# as many?

# %% id="count" tags=["core", "fragment"]
with torch.device("meta"):  # shapes without numbers: even a large network costs no memory
    paper = Parts()
convolutions = [m for m in paper.modules() if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d))]
print(len(convolutions), "convolution layers:")
for k in (3, 2, 1):
    print(f"{sum(m.kernel_size == (k, k) for m in convolutions):4} of size {k}×{k}")
down, both = count_parameters(paper.contract), count_parameters(paper)
print(f"{down:,} parameters down, {both - down:,} up, {both:,} in all")

# %% id="count-claim" tags=["core", "claim"]
assert len(convolutions) == 23
assert (down, both - down, both) == (18_842_048, 12_188_610, 31_030_658)
assert round(count_parameters(paper.contract[4]) / 1e5) == 142  # the bottleneck, in 0.1 million
assert round((both - down) / 1e5) == 122
assert sum(m.kernel_size == (3, 3) for m in convolutions) == 18
assert sum(isinstance(m, nn.ConvTranspose2d) for m in convolutions) == 4
assert 9 * 1024 * 1024 == paper.contract[4][2].weight.numel() == 9_437_184

# %% [markdown] id="why-so-many" tags=["core"]
# The 23 layers include the up-convolutions: nine `DoubleConv`s make 18, with four
# up-convolutions it's 22, and the last layer is the 23rd. The expansive path has fewer
# parameters, 12.2 million, because the bottleneck alone has 14.2 million (its second
# convolution has 3 · 3 · 1024 · 1024 = 9.4 million weights).

# %% [markdown] id="exercise-1"
# ### Exercise 1 (easy): five shapes
#
# With pencil and paper, predict five shapes in a U-Net with **valid** (unpadded)
# convolutions.
#
# - **In**: depth 4, 32 base channels, 5 classes. The input `x` holds two colour images,
#   each 220 pixels high and 252 wide, so it has shape (2, 3, 220, 252).
# - **Out**: `five_shapes`, a dictionary of five tuples (B, C, H, W), for images, channels,
#   height and width:
#   - `"top"`: after the first `DoubleConv`;
#   - `"level 1"`: after the contracting path's `DoubleConv` of level 1;
#   - `"bottom"`: after the bottleneck's `DoubleConv`;
#   - `"merged"`: after the first concatenation, before the next `DoubleConv`;
#   - `"output"`: the **logits**, one raw score per class and pixel, not yet probabilities.
# - **Example**: the first single convolution returns (2, 32, 218, 250).
#
# Stuck? `hint("07.five_shapes")`.

# %% id="exercise-five-shapes"
# SOLUTION: exercises.five_shapes
five_shapes = ...  # {"top": (…, …, …, …), "level 1": …, "bottom": …, …}

# %% id="check-five-shapes"
check("07.five_shapes", five_shapes)

# %% [markdown] id="one-step-up" tags=["core", "slide"]
# ## One step up, slowly
#
# *(one-lesson track: 15 minutes, with exercise 2)*
#
# Here are the four operations of the lowest step up, with the paper's sizes but few
# channels. Predict each shape before you run the cell.

# %% id="one-step" tags=["core", "fragment", "output"]
few = Parts(channels=(2, 4, 8, 16, 32))
skip, below = torch.rand(1, 16, 64, 64), torch.rand(1, 32, 28, 28)
x = few.upsamplers[3](below)
print("up-convolution  ", tuple(x.shape), "twice the size, half the channels")
cropped = center_crop(skip, x.shape[-2:])
print("skip, cropped   ", tuple(cropped.shape), "as large as the map from below")
x = torch.cat([cropped, x], dim=1)
print("concatenation   ", tuple(x.shape), "16 channels of the skip, 16 from below")
x = few.expand[3](x)
print("two convolutions", tuple(x.shape), "4 pixels fewer, half the channels")

# %% id="one-step-claim" tags=["core", "claim"]
assert x.shape == (1, 16, 52, 52)

# %% [markdown] id="exercise-2" tags=["core", "slide"]
# ### Exercise 2 (core): the forward pass
#
# Write the forward pass in two loops: one goes down and keeps all levels' maps, the other
# comes up and uses them.
#
# - **In**: `self`, a network of any depth with `self.contract`, `self.upsamplers`,
#   `self.expand` (in each, index 0 is the top) and `self.last`; `x`, images (B, C, H, W),
#   square or not, of a legal size (every pooling gets even sizes).
# - **Out**: logits (B, K, h, w) for K classes; nothing follows `self.last`.
# - **On the way**: a skip is the map *before* the pooling, center-cropped to the size of
#   the map from below; it comes **first** in the concatenation. Use `F.max_pool2d(x, 2)`,
#   `center_crop`, `torch.cat`.
# - **Edge**: there are `len(self.expand)` poolings.
# - **Example**: at depth 1 with 2 classes, (1, 1, 18, 20) becomes (1, 2, 2, 4).


# %% id="exercise-forward" tags=["core", "fragment"]
def forward(self, x):
    """Images (B, C, H, W) to logits (B, K, h, w)."""
    # SOLUTION: exercises.forward


# %% id="check-forward" tags=["core"]
check("07.forward", forward)

# %% [markdown] id="about-the-check" tags=["core", "slide"]
# The check compares every logit, because shapes alone don't reveal a skip that is cropped
# from the corner. Stuck? Try `hint("07.forward")`, or `solution("07.forward")`.
#
# The course ships a network trained on tissue that doesn't include our pair. Your function
# needs only four parts of `self`, and that network has all four, so it can be `self`.
# `mine("forward")` fetches the function that passed the check (or the library's, if none
# has). **Softmax** turns a pixel's logits into probabilities, whose sum is 1. Will our two
# neurons be apart?

# %% id="reward" tags=["core", "fragment", "output"]
trained = pretrained("membranes")
x = torch.from_numpy(standardise(micrograph))[None, None]
with torch.no_grad():
    logits = mine("forward").forward(trained, x)
inside = logits.softmax(dim=1)[0, 1].numpy()  # the probability of inside
apart = coloured(pair, inside >= 0.5, labels)
shown = {"micrograph": micrograph, "trained weights": inside, "0.5 or more": apart}
described(in_a_row(shown), "07.reward")

# %% id="reward-claim" tags=["core", "claim"]
assert pair.verdict(inside >= 0.5, labels) == "apart"
assert trained.config.padding == "same" and logits.shape[-2:] == micrograph.shape

# %% [markdown] id="read-the-reward" tags=["core"]
# Our two neurons are apart: one is blue and the other green, because the wall between them
# has no gap. This network pads its convolutions, so the size stays 128 × 128.

# %% [markdown] id="same-network" tags=["core"]
# ## The library's network
#
# *(one-lesson track: 3 minutes)*
#
# The library's `UNet(config)` also offers dropout (explained in lesson 08) and lesson 06's
# merges, and it checks the input size. Below, your `forward` and `Parts` become a network,
# `MyUNet`. Its shapes, block by block, should be those of the paper's figure. With equal
# weights and images, both should return equal logits, because they compute equal sums.


# %% id="my-unet" tags=["core"]
class MyUNet(Parts):
    forward = mine("forward").forward


sides = (568, 280, 136, 64, 28, 52, 100, 196, 388, 388)  # read off the figure
blocks = [*(f"contract.{n}" for n in range(5)), *(f"expand.{n}" for n in (3, 2, 1, 0)), "last"]
with torch.device("meta"):  # the paper's 64 to 1024 channels, again without numbers
    on_the_way = shapes_on_the_way(MyUNet(), torch.zeros(1, 1, 572, 572))
for block, side in zip(blocks, sides, strict=True):
    print(f"{block:10} yours {on_the_way[block]}, the paper's {side} × {side}")

my_unet, unet = MyUNet(channels=(2, 4, 8, 16, 32)), UNet(UNetConfig(base_channels=2))
for part in ("contract", "upsamplers", "expand", "last"):
    setattr(unet, part, getattr(my_unet, part))  # the same weights
image = torch.rand(1, 1, 572, 572)
with torch.no_grad():
    mine_gives, library_gives = my_unet(image), unet(image)
print("yours", tuple(mine_gives.shape), " the library's", tuple(library_gives.shape))
print("largest difference:", (mine_gives - library_gives).abs().max().item())

# %% id="my-unet-claim" tags=["core", "claim"]
assert mine_gives.shape == library_gives.shape == (1, 2, 388, 388)
assert torch.allclose(mine_gives, library_gives, atol=1e-6)
assert trace(PAPER, 572).output == mine_gives.shape[-1]
assert list(on_the_way) == blocks
channels = (64, 128, 256, 512, 1024, 512, 256, 128, 64, 2)
assert [*on_the_way.values()] == [(c, n, n) for c, n in zip(channels, sides, strict=True)]

# %% [markdown] id="what-does-it-cost" tags=["slide"]
# ## What does it cost?
#
# For one image of 572 × 572 pixels, the paper's network needs 300.9 billion operations
# (300.9 **GFLOP**), counting a multiplication and an addition as two. As the network's
# memory we count the **activations**, the numbers in all feature maps.
#
# **At which levels** of the U are most of the parameters, the operations and the memory?

# %% id="count-operations-claim" tags=["claim"]
from torch.utils.flop_counter import FlopCounterMode

with torch.device("meta"):
    paper, image = UNet(PAPER), torch.zeros(1, 1, 572, 572)
with FlopCounterMode(display=False) as counter:
    paper(image)
operations = counter.get_total_flops()
assert operations == trace(PAPER, 572).operations
assert f"{operations / 1e9:.1f}" == "300.9"

# %% id="costs-by-level" tags=["fragment"]
steps = trace(PAPER, 572).steps
kinds = ("parameters", "operations", "memory")
share = {
    kind: [sum(getattr(s, kind) for s in steps if s.level == level) for level in range(5)]
    for kind in kinds
}
share = {kind: [v / sum(values) for v in values] for kind, values in share.items()}
figure, axes = plt.subplots(1, 3, figsize=(9, 2.6), sharey=True, layout="constrained")
for ax, kind, colour in zip(axes, kinds, ("#0072B2", "#E69F00", "#009E73"), strict=True):
    bars = ax.barh(range(5), share[kind], color=colour)
    ax.bar_label(bars, [f"{100 * part:.1f} %" for part in share[kind]], padding=2)
    ax.set(title=kind, xlabel="% of the whole", xticks=[], yticks=range(5), xlim=(0, 0.65))
axes[0].set_ylabel("level of the U")
axes[0].invert_yaxis()
described(figure, "07.costs_by_level")

# %% [markdown] id="read-the-costs" tags=["slide"]
# Most **parameters** are deep in the U: levels 3 and 4 hold 87 %. Each level down doubles a
# convolution's input and output channels, which roughly quadruples the weights as far as
# level 3. Level 4 has one `DoubleConv` and no up-convolution, so it holds little more than
# level 3.
#
# Most **memory** is needed at the top: levels 0 and 1 take 77 %. Each level down has twice
# the channels but about a quarter of the pixels, so down to level 3 each bar is half the
# one above.
#
# The operations are nearly equal on levels 1 to 3, because each level down has four times
# the weights, at a quarter of the pixels. Level 0 needs fewer, because its input has one
# channel; level 4, because it has one `DoubleConv`.

# %% id="costs-in-numbers" tags=["claim"]
assert round(100 * sum(share["parameters"][3:])) == 87
assert round(100 * sum(share["memory"][:2])) == 77
assert all(0.235 < part < 0.245 for part in share["operations"][1:4])
assert round(100 * share["operations"][4] / share["operations"][3]) == 32
assert all(3.9 < b / a < 4.4 for a, b in pairwise(share["parameters"][:4]))
assert 1.1 < share["parameters"][4] / share["parameters"][3] < 1.12
assert all(0.5 < b / a < 0.57 for a, b in pairwise(share["memory"][:4]))
assert 5.7 < share["memory"][3] / share["memory"][4] < 6
units = [[p[i].in_channels * p[i].out_channels // (256 * 512) for i in (0, 2)]
         for p in (paper.contract[3], paper.expand[3], paper.contract[4])]  # fmt: skip
assert units == [[1, 2], [4, 2], [4, 8]]
reads_one, reads_32 = (trace(UNetConfig(in_channels=n), 572).operations for n in (1, 32))
assert 0.23 < (share["operations"][0] * operations + reads_32 - reads_one) / operations < 0.25

# %% [markdown] id="the-explorer" tags=["core", "slide"]
# ## The whole U, to play with
#
# *(one-lesson track: 10 minutes)*
#
# Predict first, then try:
#
# 1. Show the `field` (the receptive field) below each box. Where does it grow fastest?
# 2. Type the size 570. What turns red?
# 3. Press Play: a pulse follows the computation. Which skip waits longest?
#
# {{twin: u_explorer}}

# %% id="explore" tags=["core", "slide"]
u_explorer()

# %% [markdown] id="what-you-should-have-seen"
# <details><summary>What you should have seen</summary>
#
# 1. The receptive field grows fastest in the bottleneck. After four poolings, neighbouring
#    pixels are 2·2·2·2 = 16 input pixels apart, and a 3×3 convolution reaches one neighbour
#    further at each edge: 76 + 2·16 = 108, then 108 + 2·16 = 140.
# 2. The arrow of the second pooling turns red, because its input has 279 pixels in height
#    and width, an odd number.
# 3. The top skip waits longest. It is ready first and needed last, so its map stays in
#    memory all the while.
#
# </details>

# %% id="what-you-should-have-seen-claim" tags=["claim"]
assert all(s.crop == 0 for s in trace(UNetConfig(padding="same"), 576).skips)
field = {s.name: s.receptive_field for s in steps}
assert [field[f] for f in ("pool 4", "contract 4 conv 1", "contract 4 conv 2")] == [
    76,
    108,
    140,
]

# %% [markdown] id="any-size" tags=["core", "slide"]
# ## Which sizes are legal?
#
# *(one-lesson track: 7 minutes)*
#
# A 2×2 pooling takes the rows in pairs. What does torch do with a map of 279 rows: stop
# with an error, add a row, or drop one? Decide, then run images of every height from 188 to
# 600 through a small U-Net without a size check.

# %% id="torch-runs-all" tags=["core", "fragment"]
from unet_teach.progress import progress

small = UNet(UNetConfig(base_channels=2)).eval()
with torch.no_grad():
    outputs = {
        n: run_any_size(small, torch.rand(1, 1, n, 188)).shape[2]
        for n in progress(range(188, 601))
    }
print(len(outputs), "sizes, not one error; 570 gives", outputs[570], "and 572", outputs[572])

# %% id="torch-runs-all-claim" tags=["core", "claim"]
assert len(outputs) == 413 and outputs[570] == 372 and outputs[572] == 388

# %% [markdown] id="not-a-word" tags=["core", "slide"]
# When a map's height or width is odd, torch's pooling silently drops the **last** row or
# column. But an input with 570 rows instead of 572 costs sixteen rows of output, not two.
# Where did the other fourteen go? The paper avoids the problem: it wants "all 2x2
# max-pooling operations" to be "applied to a layer with an even x- and y-size."
#
# What harm does a dropped row do? We let every pixel carry its coordinates through the U,
# and draw the walls twice: where the top skip places them, and where the map from below
# does. Do the two drawings coincide?

# %% id="ghost-walls" tags=["core", "fragment", "output"]
described(ghost_walls((572, 570)), "07.ghost_walls")

# %% id="ghost-walls-claim" tags=["core", "claim"]
from unet_teach.lessons.l07_build_unet.ghosts import met_walls

membranes = membrane_slice(pair.index)[1] == 0
in_skip, from_below = met_walls(membranes, pair.corner, pair.side, 570)
assert 0.39 < (in_skip & from_below).sum() / in_skip.sum() < 0.41
assert pair.verdict(in_skip == 0) == pair.verdict(from_below == 0) == "apart"

# %% [markdown] id="read-the-ghosts" tags=["core"]
# At size 572 the two drawings coincide. At 570 the walls in the map from below are 7 pixels
# to the right of the skip's and 7 lower. Only 40 % of the skip's wall pixels are wall in
# the map from below, too.
#
# Why 7? Follow the rows lost at 570, from the bottleneck upwards.

# %% id="shifted-skips" tags=["core"]
lost, shifts = 0, coordinate_shifts(570)
for level in (3, 2, 1, 0):
    rows = skip_sizes(PAPER, 570)[level]
    if rows % 2 == 1:
        lost += 2**level  # one row there is this many rows of the input
    off = f"{lost:2} lost, skip {shifts[level]:.0f} off"
    print(f"level {level} has {rows:3} rows; in rows of the input: {off}")

# %% id="shifted-skips-claim" tags=["core", "claim"]
assert coordinate_shifts(572) == [0, 0, 0, 0]
assert coordinate_shifts(570) == [7, 6, 4, 0] and lost == 14
for n in range(188, 601):
    missing, found = 0, coordinate_shifts(n)
    for level in (3, 2, 1, 0):
        missing += skip_sizes(PAPER, n)[level] % 2 * 2**level
        assert found[level] == missing // 2 // 2**level * 2**level

# %% [markdown] id="read-the-shifts" tags=["core"]
# At 570, three maps lose a row each, worth 8, 4 and 2 rows of the input: the missing
# fourteen. These rows are missing at the lower edge only, but `center_crop` cuts equally at
# both edges. So the top skip is off by half of 14, or 7 rows.
#
# Why are the skips of levels 3, 2 and 1 off by 0, 4 and 6 input rows, not by half of 8, 12
# and 14? There the number of rows to cut is odd, so `center_crop` takes one less at the
# upper edge. That reduces the shift by half a row of that level: 4 − 4 = 0, 6 − 2 = 4, 7 −
# 1 = 6 input rows.
#
# To prevent this, the library's `UNet` refuses 570 × 570 pixels and suggests 556 or 572.

# %% id="refused-claim" tags=["core", "claim"]
from unet_teach.shapes import IllegalSize

try:
    unet(torch.rand(1, 1, 570, 570))
    raise AssertionError("not refused")
except IllegalSize as illegal:
    assert illegal.nearest == (556, 572)

# %% [markdown] id="exercise-3" tags=["slide"]
# ### Exercise 3 (stretch): all legal sizes
#
# A size, in height or in width, is **legal** if no pooling drops a pixel and at least one
# pixel comes out. In a U-Net with valid convolutions, which sizes are legal?
#
# - **In**: whole numbers `low` and `high` with 1 ≤ `low` ≤ `high`, and `depth`, the number
#   of poolings, at least 1 (4 if not given).
# - **Out**: a list of all legal sizes from `low` to `high`, both included, smallest first.
# - **Edge**: if no size is legal, the list is empty: `legal(19, 19, 1)` is `[]`.
# - **Example**: `legal(16, 20, 1)` is `[18, 20]`. At 16 no pixel would come out.
#
# Stuck? `hint("07.legal")`.


# %% id="exercise-legal" tags=["fragment"]
def legal(low, high, depth=4):
    """Sizes at which every pooling gets an even map and at least one pixel comes out."""
    # SOLUTION: exercises.legal


# %% id="check-legal-sizes"
check("07.legal", legal)

# %% [markdown] id="why-twelve" tags=["slide"]
# The legal sizes, below, are 16 apart because four poolings divide by 2⁴ = 16. But why do
# they all leave a remainder of 12 when we divide them by 16, and not 0?
#
# Let e, any whole number, be the size that enters the bottleneck. Going back towards the
# input, we double the size at each level and add the 4 that the level's `DoubleConv` took
# off. After four levels we reach n = 16·e + 4·(1 + 2 + 4 + 8) = 16·e + 60. Because 60 =
# 3·16 + 12, the remainder is 12, whatever e is.
#
# With e = 7 the bottleneck returns 3, and the expansive path goes 3 → 6 → 2 → 4 → 0:
# nothing is left. With e = 8 each level goes 4 → 8 → 4. So the smallest legal size is
# 16·8 + 60 = 188.

# %% id="the-rule"
sizes = legal_sizes(PAPER, 100, 600)
print(sizes)

# %% id="the-rule-claim" tags=["claim"]
assert sizes == [n for n in range(100, 601) if n % 16 == 12 and n >= 188]
assert trace(PAPER, 188).output == 4 and min(sizes) == 16 * 8 + 60
assert all(trace(PAPER, n).output == n - 184 for n in sizes)
assert all(outputs[n] == n - 184 for n in sizes)  # what torch gave above

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# Your images have 512 × 512 pixels, and the paper's network should classify every pixel.
# Which input size do you need, and where do the missing pixels come from?
#
# <details><summary>One answer</summary>
#
# Of n input pixels in height and in width, n − 184 are left, so n should be 696. But 696 =
# 43·16 + 8 is not legal. The next legal size, 700, returns 4 pixels too many, which we
# crop. So the image needs a frame of 94 pixels at each edge, mirrored as in lesson 05.
#
# </details>

# %% id="discuss-in-numbers" tags=["claim"]
assert 512 + 184 == 696 and 696 not in legal_sizes(PAPER, 600, 720)
assert legal_sizes(PAPER, 696, 720)[0] == 700 and trace(PAPER, 700).output == 516

# %% [markdown] id="pair-runs" tags=["slide"]
# ## The pair, as it is now
#
# The pair's picture has 128 × 128 pixels, and 128 + 184 = 312 is not legal. But 316 is, so
# we add 94 mirrored pixels at each edge.
#
# Then we cut the untrained network's top skip. It comes first in the concatenation, so the
# last `DoubleConv`, `expand[0]`, reads it with its first 8 input channels. We set the
# weights for these channels to zero. Will the walls stay?

# %% id="the-pair-now" tags=["fragment"]
_ = torch.manual_seed(0)  # the random numbers of the opening; then try 1, 2 and 3
my_unet = MyUNet(channels=(8, 16, 32, 64, 128))
framed = F.pad(torch.from_numpy(standardise(micrograph))[None, None], (94,) * 4, mode="reflect")
with torch.no_grad():
    whole = center_crop(my_unet(framed), (128, 128)).softmax(dim=1)[0, 1].numpy()
    my_unet.expand[0][0].weight[:, :8] = 0  # the weights that read the top skip
    cut = center_crop(my_unet(framed), (128, 128)).softmax(dim=1)[0, 1].numpy()
for name, inside in (("whole", whole), ("cut", cut)):
    print(f"{name}: at most {inside.max():.3f}, standard deviation {inside.std():.5f}")
shown = {"random weights": whole, "top skip cut": cut, "cut, stretched by itself": cut}
figure = in_a_row(shown, alike=("random weights", "top skip cut"))
described(figure, "07.the_pair_now")

# %% id="the-pair-now-claim" tags=["claim"]
assert framed.shape == (1, 1, 316, 316) and my_unet(framed).shape == (1, 2, 132, 132)
assert abs(whole - untrained(micrograph)).max() < 1e-6  # the network of the opening
assert 0.47 < whole.min() < whole.max() < 0.50
assert pair.verdict(whole > 0.5, labels) == "lost"
assert 11 < whole.std() / cut.std() < 13
tile = cut.reshape(8, 16, 8, 16).mean(axis=(0, 2))  # a pixel of the bottleneck makes 16 × 16
assert tile.var() > 0.96 * cut.var()  # the rest is a grid
is_wall = torch.from_numpy(labels == 0).flatten()
for seed, low, high in ((0, 0.1, 1), (1, -1, -0.1), (2, -0.05, 0.05), (3, 0.1, 1)):
    seen = untrained(micrograph, seed)  # its walls are light, dark, hardly visible, light
    both = torch.stack([torch.from_numpy(seen).flatten(), is_wall])
    assert low < torch.corrcoef(both)[0, 1] < high
layers = [s for s in steps if s.kind in ("conv", "up", "last") and s.name != "up 1"]
assert sum(s.level == 0 and s.kind != "up" for s in layers) == 5  # across the top skip
assert sum(s.level <= 1 for s in layers) == 10  # across the next one
assert trace(UNetConfig(depth=1), 18).output == 2 and trace(UNetConfig(depth=1), 20).output == 4

# %% [markdown] id="in-this-notebook" tags=["slide"]
# Without the top skip, the output's standard deviation is only a twelfth as large, so on
# the same grey scale you see no walls. With stretched contrast, the output shows lesson
# 04's checkerboard and a faint trace of walls. So the walls came almost entirely across the
# top **skip**.
#
# Chance decides whether the walls come out light or dark, and how clearly: try seeds 1 to 3
# above. At seed 0 no probability of *inside* reaches 0.5, so both neurons are lost. In
# lesson 08 you'll train a network.
#
# ## In this notebook we
#
# - wrote the forward pass as two loops; with trained weights, it separates our neurons;
# - counted "23 convolutional layers" and 31,030,658 parameters;
# - found the legal sizes, and saw every wall twice at 570, which is not legal.
