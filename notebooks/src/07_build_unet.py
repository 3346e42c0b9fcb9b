# %% [markdown] id="title" tags=["slide"]
# # 07 · Build U-Net
#
# You have all the parts: convolutions, poolings, up-convolutions, crops and merges. Today you
# put them together into a U-Net with a forward pass of your own.
#
# ![](assets/lessons/07_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - write the whole forward pass of U-Net, and predict the shape of every feature map in it;
# - say which levels hold its parameters, its operations and its memory;
# - say which input sizes are **legal**, and show what goes wrong at the others.
#
# **Time** about 50 minutes · **Before** lessons 01, 05 and 06 · **Needs** no GPU, no data

# %% id="setup" tags=["core"]
from itertools import pairwise

import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from unet_teach.config import UNetConfig
from unet_teach.data.membranes import membrane_slice
from unet_teach.data.volume import standardise
from unet_teach.drawing.pair import coloured, the_pair
from unet_teach.exercises import check, hint, mine, solution
from unet_teach.layers import DoubleConv, UpConv, center_crop
from unet_teach.lessons.described import described
from unet_teach.lessons.l07_build_unet.ghosts import ghost_walls, in_a_row
from unet_teach.lessons.l07_build_unet.measure import coordinate_shifts, run_any_size, untrained
from unet_teach.lessons.l07_build_unet.panel import u_explorer
from unet_teach.models.pretrained import pretrained
from unet_teach.models.unet import UNet, count_parameters
from unet_teach.shapes import legal_sizes, skip_sizes, trace

_ = torch.manual_seed(0)
PAPER = UNetConfig()  # 1 → 2 channels, 64 base channels, depth 4, valid convolutions
pair = the_pair("synthetic membranes (seed 0)")  # our two neurons
micrograph, labels = map(pair.crop, membrane_slice(pair.index))

# %% [markdown] id="the-pair-so-far" tags=["slide"]
# ## Walls that no one has taught
#
# Here are our two neurons and their labels. The third picture is what a whole U-Net makes of
# them, and **this network has never learned anything**: all its weights are random numbers.
# Still you can see walls in it, faint and light.
#
# How did they get there? Did they pass through the bottleneck, come across a skip, or appear
# by chance? Take a guess and write it down. To find out, you'll build this very network,
# and at the end of the lesson you'll cut one connection in it.

# %% id="the-pair-before" tags=["fragment"]
shown = {"micrograph": micrograph, "labels": labels, "random weights": untrained(micrograph)}
described(in_a_row(shown), "07.the_pair_before")

# %% [markdown] id="read-the-figure" tags=["core", "slide"]
# ## The figure, read as a program
#
# *(one-lesson track: 5 minutes)*
#
# Figure 1 of [the paper](https://arxiv.org/abs/1505.04597) (Ronneberger, Fischer and Brox,
# 2015) is a U of boxes. Each box is a **feature map**, the output of a layer. The left side is
# the **contracting path** (the encoder): "the repeated application of two 3x3 convolutions
# (unpadded convolutions), each followed by a rectified linear unit (ReLU) and a 2x2 max
# pooling operation with stride 2 for downsampling. At each downsampling step we double the
# number of feature channels."
#
# We read it as a program: one loop follows the size down, one follows it up again. An image of
# 572 × 572 goes in. Before you run the cell: how large is the output, and why isn't it 572?

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
# Tilt your head to the left and you see the U. The output is 388 × 388, because each level is
# a `DoubleConv`, and each of its two 3×3 convolutions takes one pixel off at every edge: 4 in
# height and 4 in width. Lower in the U a pixel is worth more, 16 pixels of the image in the
# **bottleneck**, so the 4 pixels lost there cost 64. In all 572 − 388 = 184 are lost.
#
# The numbers after `skip` are a crop: 568 pixels come from the left, only 392 from below, and
# the two can only be stacked when they are equally large.

# %% [markdown] id="parts-first" tags=["core"]
# ## Parts first
#
# *(one-lesson track: 5 minutes)*
#
# In torch, a network needs two methods. `__init__` creates the parts, and `forward` says in
# which order a feature map goes through them. The parts are five `DoubleConv`s for the
# contracting path, four up-convolutions and four `DoubleConv`s for the **expansive path**
# (the decoder), and one last 1×1 convolution.
#
# `pairwise` returns neighbours: (64, 128), (128, 256) and so on. After a concatenation a
# `DoubleConv` receives twice the channels that it returns. Where does the code say so?


# %% id="parts" tags=["core"]
class Parts(nn.Module):
    def __init__(self, channels=(64, 128, 256, 512, 1024), images=1, classes=2):
        super().__init__()
        self.contract = nn.ModuleList([DoubleConv(images, channels[0])])
        self.upsamplers = nn.ModuleList()
        self.expand = nn.ModuleList()
        for above, below in pairwise(channels):
            self.contract.append(DoubleConv(above, below))
            self.upsamplers.append(UpConv(below, above))
            self.expand.append(DoubleConv(2 * above, above))
        self.last = nn.Conv2d(channels[0], classes, 1)


# %% [markdown] id="what-the-parts-hold" tags=["core"]
# In `DoubleConv(2 * above, above)`. At the lowest step 512 channels come up and 512 more come
# over the skip, so it is `DoubleConv(1024, 512)`. The loop fills the lists from the top down:
#
# | channels in→out | level 0 | 1 | 2 | 3 | 4 |
# |---|---|---|---|---|---|
# | `contract` | 1→64 | 64→128 | 128→256 | 256→512 | 512→1024 |
# | `upsamplers` | 128→64 | 256→128 | 512→256 | 1024→512 | |
# | `expand` | 128→64 | 256→128 | 512→256 | **1024→512** | |
# | `last` | 64→2 | | | | |

# %% id="what-the-parts-hold-claim" tags=["core", "claim"]
with torch.device("meta"):
    lowest = Parts().expand[3]
assert (lowest[0].in_channels, lowest[2].out_channels) == (1024, 512)
del lowest

# %% [markdown] id="count-them" tags=["core", "slide"]
# Now we can count. The paper says: "In total the network has 23 convolutional layers." Does
# this include the up-convolutions? And how many weights and biases are there in all: ten
# thousand, a million, thirty million? (On `torch.device("meta")` a tensor has a shape but no
# numbers, so even a large network costs neither memory nor time.)

# %% id="count" tags=["core", "fragment"]
with torch.device("meta"):
    paper = Parts()
convolutions = [m for m in paper.modules() if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d))]
print(len(convolutions), "convolution layers:")
for k in (3, 2, 1):
    print(f"{sum(m.kernel_size == (k, k) for m in convolutions):4} of size {k}×{k}")
print(f"{count_parameters(paper):,} parameters")

# %% id="count-claim" tags=["core", "claim"]
assert len(convolutions) == 23
assert count_parameters(paper) == 31_030_658
assert sum(m.kernel_size == (3, 3) for m in convolutions) == 18
assert sum(isinstance(m, nn.ConvTranspose2d) for m in convolutions) == 4
assert 9 * 1024 * 1024 == paper.contract[4][2].weight.numel() == 9_437_184

# %% [markdown] id="why-so-many" tags=["core"]
# It does: nine `DoubleConv`s make 18, and with four up-convolutions and the last layer we
# have 23. And there are 31 million weights and biases, because one 3×3 convolution from 1024
# to 1024 channels alone has 9 · 1024 · 1024 weights, which is 9.4 million.

# %% [markdown] id="exercise-1"
# ### Exercise 1 (easy): five shapes
#
# Predict, with pencil and paper, five shapes in a U-Net with **valid** (unpadded)
# convolutions.
#
# - **In**: depth 4, 32 base channels, 5 classes. The input `x` is two colour images, each 220
#   high and 252 wide, so it has shape (2, 3, 220, 252).
# - **Out**: a dictionary of five tuples (B, C, H, W), for images, channels, height and width:
#   - `"top"`: after the first `DoubleConv`;
#   - `"level 1"`: after the `DoubleConv` of level 1 on the contracting path;
#   - `"bottom"`: after the `DoubleConv` of the **bottleneck**, the lowest level;
#   - `"merged"`: after the first concatenation (level 3's), before the next `DoubleConv`;
#   - `"output"`: the **logits**, one raw score for each class, before any softmax.
# - **Example**: the first single convolution gives (2, 32, 218, 250).
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
# The contracting path is easy: pool, convolve, repeat. A step up takes an up-convolution, a
# crop, a concatenation and two convolutions. The paper says: "an upsampling of the feature
# map followed by a 2x2 convolution ('up-convolution') that halves the number of feature
# channels, a concatenation with the correspondingly cropped feature map from the contracting
# path, and two 3x3 convolutions, each followed by a ReLU."
#
# Below is the lowest of these steps, with the paper's sizes but only a few channels. Predict
# each line before you run it.

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
# Now write it all in two loops: one goes down and keeps each level's map, the other comes up
# and uses these maps.
#
# - **In**: `self`, a network of any depth with `self.contract`, `self.upsamplers`,
#   `self.expand` (index 0 is the top level in each) and `self.last`; `x`, images (B, C, H, W)
#   of a legal size, square or not.
# - **Out**: logits (B, K, h, w): K classes, height h, width w; nothing
#   follows `self.last`.
# - **On the way**: a skip is the map *before* the pooling, cropped at its centre; it comes
#   **first** in the concatenation. Use `F.max_pool2d(x, 2)`, `center_crop`, `torch.cat`.
# - **Edge**: it pools `len(self.expand)` times.
# - **Example**: at depth 1 with 2 classes, (1, 1, 18, 20) becomes (1, 2, 2, 4).


# %% id="exercise-forward" tags=["core", "fragment"]
def forward(self, x):
    """Images (B, C, H, W) to logits (B, K, h, w)."""
    # SOLUTION: exercises.forward


# %% id="check-forward" tags=["core"]
check("07.forward", forward)

# %% [markdown] id="about-the-check" tags=["core", "slide"]
# The check compares every logit with the library's, because a skip that is cropped from the
# corner has the right shape, too. `hint("07.forward")` helps, and `solution("07.forward")`
# shows one way.
#
# Now your reward. The course comes with weights that it trained on other tissue. Your function
# asks only for parts called `contract`, `upsamplers`, `expand` and `last`, so we can call it
# with that trained network as `self`. (If exercise 2 hasn't passed, the cell takes the
# library's function, and it prints which.) Will our two neurons come apart?

# %% id="reward" tags=["core", "fragment", "output"]
trained = pretrained("membranes")
x = torch.from_numpy(standardise(micrograph))[None, None]
with torch.no_grad():
    logits = mine("forward").forward(trained, x)
inside = logits.softmax(dim=1)[0, 1].numpy()  # the probability of inside
apart = coloured(pair, inside >= 0.5, labels)
shown = {"micrograph": micrograph, "your forward": inside, "0.5 or more": apart}
described(in_a_row(shown), "07.reward")

# %% id="reward-claim" tags=["core", "claim"]
assert pair.verdict(inside >= 0.5, labels) == "apart"
assert trained.config.padding == "same" and logits.shape[-2:] == micrograph.shape

# %% [markdown] id="read-the-reward" tags=["core"]
# They do: one is blue and the other green, because the dark wall between them has no gap.
# These convolutions are padded, so 128 pixels go in and 128 come out, and your crop finds
# nothing to cut off. Your loops are the same for both kinds of network, because they read all
# sizes from the maps themselves.

# %% [markdown] id="same-network" tags=["core", "slide"]
# ## The library's network
#
# *(one-lesson track: 3 minutes)*
#
# The library has this network, too: `UNet(config)` in `unet_teach/models/unet.py`. Its
# `forward` adds dropout, the merges of lesson 06, and a check of the input size. Below, your
# `forward` and `Parts` make a network of your own, `MyUNet`. With the same weights and the
# same image both should return the same logits, because they do the same sums.


# %% id="my-unet" tags=["core", "fragment", "output"]
class MyUNet(Parts):
    forward = mine("forward").forward


my_unet, unet = MyUNet(channels=(2, 4, 8, 16, 32)), UNet(UNetConfig(base_channels=2))
unet.load_state_dict(my_unet.state_dict())
image = torch.rand(1, 1, 572, 572)
with torch.no_grad():
    mine_gives, library_gives = my_unet(image), unet(image)
print("yours", tuple(mine_gives.shape), " the library's", tuple(library_gives.shape))
print("largest difference:", (mine_gives - library_gives).abs().max().item())

# %% id="my-unet-claim" tags=["core", "claim"]
assert mine_gives.shape == library_gives.shape == (1, 2, 388, 388)
assert torch.allclose(mine_gives, library_gives, atol=1e-6)
assert trace(PAPER, 572).output == mine_gives.shape[-1]

# %% [markdown] id="what-does-it-cost"
# ## What does it cost?
#
# The 31 million parameters don't all work equally hard. A weight of the first convolution is
# used once for every pixel of its output, 570² times, and one in the bottleneck only 30²
# times or fewer.
#
# torch can count the operations of a forward pass without doing them. It counts a
# multiplication and an addition as 2. A **GFLOP** is a billion operations.

# %% id="count-operations"
with torch.device("meta"):
    paper, image = UNet(PAPER), torch.zeros(1, 1, 572, 572)
with FlopCounterMode(display=False) as counter:
    paper(image)
operations = counter.get_total_flops()
print(f"{operations / 1e9:.1f} GFLOP, measured by torch")
print(f"{trace(PAPER, 572).operations / 1e9:.1f} GFLOP, computed by unet_teach.shapes")

# %% id="count-operations-claim" tags=["claim"]
assert operations == trace(PAPER, 572).operations
assert f"{operations / 1e9:.1f}" == "300.9"

# %% [markdown] id="where-does-it-sit" tags=["slide"]
# When your GPU is full, one question matters: **at which level** are the parameters, the
# operations and the memory (the numbers in the feature maps, called activations)? Make a guess
# for each: high in the U, low, or everywhere alike?

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
    ax.barh(range(5), share[kind], color=colour)
    ax.set(title=kind, xlabel="fraction of the whole", yticks=range(5), xlim=(0, 0.55))
axes[0].set_ylabel("level of the U")
axes[0].invert_yaxis()
described(figure, "07.costs_by_level")

# %% [markdown] id="read-the-costs" tags=["slide"]
# The parameters are **low** in the U: levels 3 and 4 hold 87 % of them. Each level down
# doubles the channels at both ends of a convolution, so its weights quadruple. Level 0's bar
# can hardly be seen because 64 channels need so few weights, 0.6 % of all.
#
# The memory is **high** in the U. Level 0 alone holds half of it, because its maps have up to
# 570 × 570 pixels. One level down there are a quarter of the pixels and twice the channels,
# so about half as many numbers. Levels 0 and 1 together hold 77 %.
#
# The operations are almost equal on levels 1 to 3: four times the weights, but a quarter of
# the pixels. Level 0 has a little less, since its first convolution reads one grey image.

# %% [markdown] id="bottleneck-units" tags=["slide"]
# Why does level 4, the bottleneck, need only a third of that? Call the work of level 3's first
# convolution, from 256 to 512 channels, **one unit**. Twice the channels at one end are twice
# the work:
#
# | | first `DoubleConv` | second `DoubleConv` | sum | pixels | work |
# |---|---|---|---|---|---|
# | level 3 | 256→512: 1, 512→512: 2 | 1024→512: 4, 512→512: 2 | 9 | all | 9 |
# | level 4 | 512→1024: 4, 1024→1024: 8 | none | 12 | a quarter | 3 |
#
# So the bottleneck's share is 3 units against 9: its channels are many, but it has only one
# `DoubleConv` and a quarter of the pixels to run it on. The bars say 32 %, as up-convolutions
# and lost edges count, too.

# %% id="costs-in-numbers" tags=["claim"]
assert round(100 * sum(share["parameters"][3:])) == 87
assert round(100 * sum(share["memory"][:2])) == 77
assert all(0.235 < part < 0.245 for part in share["operations"][1:4])
assert round(100 * share["operations"][4] / share["operations"][3]) == 32
assert round(1000 * share["parameters"][0]) == 6 and 0.49 < share["memory"][0] < 0.5
assert all(0.5 < b / a < 0.57 for a, b in pairwise(share["memory"][:4]))
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
# 1. Switch the padding to `same`. What do the skips no longer need, and why?
# 2. Show the `field` (the receptive field) below each box. Where does it grow fastest?
# 3. Open *Change the network*. How many parameters does adding save, and in which boxes?
# 4. Go back to `valid` and type the size 570. What turns red?
# 5. Press Play. The pulse runs in the order of computation. Which skip waits longest?
#
# {{twin: u_explorer}}

# %% id="explore" tags=["core", "slide"]
u_explorer()

# %% [markdown] id="what-you-should-have-seen"
# <details><summary>What you should have seen</summary>
#
# 1. A crop, because `same` convolutions keep the size, so the two maps are equally large.
# 2. In the bottleneck. After four poolings, neighbours there are 2·2·2·2 = 16 input pixels
#    apart. A 3×3 convolution sees one neighbour further at each edge, so 76 + 2·16 = 108 after
#    the first and 108 + 2·16 = 140 after the second. For the same reason its units are few: a
#    sixteenth of 572 is 36, and the edges that are cut off leave 28.
# 3. It saves 3,133,440, all in the first convolution after each merge.
# 4. The arrow of the second pooling, because 279 is odd. The next section shows the harm.
# 5. The top one. It is ready first and needed last, so its map stays in memory all the while.
#
# </details>

# %% id="what-you-should-have-seen-claim" tags=["claim"]
added = trace(UNetConfig(merge="add"), 572)
assert trace(PAPER, 572).parameters - added.parameters == 3_133_440
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
# A 2×2 pooling takes its rows in pairs. So what does torch do with a map of 279 rows? Does it
# stop with an error, add a row, or drop one? Decide first. Then run every size from 188 to
# 600 through a small U-Net whose size check is left out.

# %% id="torch-runs-all" tags=["core", "fragment"]
small = UNet(UNetConfig(base_channels=2)).eval()
with torch.no_grad():
    outputs = {
        n: run_any_size(small, torch.rand(1, 1, n, 188)).shape[2] for n in range(188, 601)
    }
print(len(outputs), "sizes, not one error; 570 gives", outputs[570], "and 572", outputs[572])

# %% id="torch-runs-all-claim" tags=["core", "claim"]
assert len(outputs) == 413 and outputs[570] == 372 and outputs[572] == 388

# %% [markdown] id="not-a-word" tags=["core", "slide"]
# There was no error, and yet two pixels fewer in the input cost sixteen in the output. torch
# silently drops the **last** row and the last column of an odd map. The paper warns: "it is
# important to select the input tile size such that all 2x2 max-pooling operations are applied
# to a layer with an even x- and y-size."
#
# What harm does it do? We let every pixel carry its coordinate through the U. Where the skip
# and the map from below meet at the top, we draw the walls that each brings from there. Do
# they meet?

# %% id="ghost-walls" tags=["core", "fragment", "output"]
described(ghost_walls((572, 570)), "07.ghost_walls")

# %% id="ghost-walls-claim" tags=["core", "claim"]
from unet_teach.lessons.l07_build_unet.ghosts import met_walls

membranes = membrane_slice(pair.index)[1] == 0
in_skip, from_below = met_walls(membranes, pair.corner, pair.side, 570)
assert 0.39 < (in_skip & from_below).sum() / in_skip.sum() < 0.41
assert pair.verdict(in_skip == 0) == pair.verdict(from_below == 0) == "apart"

# %% [markdown] id="read-the-ghosts" tags=["core"]
# At 572 they do. At 570 what came through the bottleneck is 7 pixels too far right and down,
# and only 40 % of the skip's wall pixels meet a wall. The shapes fit but the places don't.
#
# Why 7? Follow the lost rows of 570 from the bottleneck upwards.

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
# The three odd maps lose a row each, worth 8, 4 and 2 rows of the input: 14 in all. They are
# missing at the lower edge, but `center_crop` shares the cut between both edges. So the top
# skip is off by half of 14, or 7 rows. (On the levels below, a crop moves in whole pixels of
# that level, so the half is rounded down.)
#
# That is why we call a size **legal** only if no pooling drops a pixel and at least one pixel
# comes out. The library's `UNet` refuses all others. For 570 it names 556 and 572 instead.

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
# Which sizes does a U-Net with valid convolutions take? Follow every size through the U in
# whole numbers, down and up, as the first two loops of this lesson did.
#
# - **In**: whole numbers `low` and `high` with 1 ≤ `low` ≤ `high`, and `depth`, at least 1.
# - **Out**: a list of all legal heights (or widths) from `low` to `high`, both included,
#   smallest first.
# - **Edge**: if there is none, the list is empty: `legal(19, 19, 1)` is `[]`.
# - **Example**: `legal(16, 20, 1)` is `[18, 20]`. At 16 no pixel would come out.
#
# Then look at `legal(100, 600)`. What do its numbers have in common?


# %% id="exercise-legal" tags=["fragment"]
def legal(low, high, depth=4):
    """Sizes at which every pooling gets an even map and at least one pixel comes out."""
    # SOLUTION: exercises.legal


# %% id="check-legal-sizes"
check("07.legal", legal)

# %% [markdown] id="why-twelve" tags=["slide"]
# Stuck? `hint("07.legal")`. The library's sizes, below, are 16 apart because there are four
# poolings and 2⁴ is 16. But why is the remainder after dividing by 16 always 12, and not 0?
#
# Walk from the bottleneck upwards. Let e be the size that enters it, which can be any whole
# number. Each level above doubles this size and adds 4, because its `DoubleConv` took 4 off.
# After four levels, n = 16·e + 4·(1 + 2 + 4 + 8) = 16·e + 60, and 60 = 3·16 + 12. The
# smallest e that leaves an output is 8, which gives n = 188.

# %% id="the-rule"
sizes = legal_sizes(PAPER, 100, 600)
print(sizes)

# %% id="the-rule-claim" tags=["claim"]
assert sizes == [n for n in range(100, 601) if n % 16 == 12 and n >= 188]
assert all(trace(PAPER, n).output == n - 184 for n in sizes)
assert all(outputs[n] == n - 184 for n in sizes)  # what torch gave above

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# Your microscope produces images of 512 × 512, and the paper's network should classify each
# of their pixels. Which input size do you need, and where do the missing pixels come from?
#
# <details><summary>One answer</summary>
#
# The output is n − 184, so n should be 512 + 184 = 696. But 696 = 43·16 + 8 is not legal. The
# next legal size is 700, whose output is 516, and you cut off 4. So the image needs a frame
# of 94 pixels. The paper mirrors the image at its edges, as lesson 13 will. Or you choose
# `padding="same"`, because 512 is a multiple of 16, but then the frame is made of zeros.
#
# </details>

# %% id="discuss-in-numbers" tags=["claim"]
assert 512 + 184 == 696 and 696 not in legal_sizes(PAPER, 600, 720)
assert legal_sizes(PAPER, 696, 720)[0] == 700 and trace(PAPER, 700).output == 516
assert 512 in legal_sizes(UNetConfig(padding="same"), 500, 520)

# %% [markdown] id="pair-runs" tags=["slide"]
# ## The pair, as it stands now
#
# Back to the faint walls of the opening. That network was yours, with random weights. The
# pair's picture has 128 × 128 pixels, and the output is 184 smaller than the input. 128 + 184 =
# 312 is not legal, but 316 is, so we add 94 mirrored pixels at each edge.
#
# Then we cut a connection. The top skip comes first in the concatenation, so the first 8 input
# channels of the top `DoubleConv` read it. If we set their weights to zero, nothing crosses
# there. Will the walls stay?

# %% id="the-pair-now" tags=["fragment"]
_ = torch.manual_seed(0)
my_unet = MyUNet(channels=(8, 16, 32, 64, 128))
framed = F.pad(torch.from_numpy(standardise(micrograph))[None, None], (94,) * 4, mode="reflect")
with torch.no_grad():
    whole = center_crop(my_unet(framed), (128, 128)).softmax(dim=1)[0, 1].numpy()
    my_unet.expand[0][0].weight[:, :8] = 0  # the weights that read the top skip
    cut = center_crop(my_unet(framed), (128, 128)).softmax(dim=1)[0, 1].numpy()
for name, inside in (("whole", whole), ("cut", cut)):
    print(f"{name}: probability of inside {inside.min():.3f} to {inside.max():.3f}")
shown = {"micrograph": micrograph, "your U-Net, untrained": whole, "top skip cut": cut}
figure = in_a_row(shown, alike=("your U-Net, untrained", "top skip cut"))
described(figure, "07.the_pair_now")

# %% id="the-pair-now-claim" tags=["claim"]
assert framed.shape == (1, 1, 316, 316) and my_unet(framed).shape == (1, 2, 132, 132)
assert abs(whole - untrained(micrograph)).max() < 1e-6  # the network of the opening
assert 0.47 < whole.min() < whole.max() < 0.50
assert pair.verdict(whole > 0.5, labels) == "lost"
assert 11 < whole.std() / cut.std() < 13
assert trace(UNetConfig(depth=1), 18).output == 2 and trace(UNetConfig(depth=1), 20).output == 4

# %% [markdown] id="in-this-notebook" tags=["slide"]
# They are gone, so they came across the top **skip**. It brings the image past only four random
# convolutions, and even random filters answer differently at a wall. What comes from
# below has been mixed by many more of them, and almost nothing is left: its grey values vary a
# twelfth as much. And the answer is useless: no probability reaches 0.5, so both neurons are
# lost. Lesson 08 trains the network, and your parts will learn what the reward showed you.
#
# ## In this notebook we
#
# - wrote the forward pass: "a contracting path (left side) and an expansive path (right side)"
#   became two loops, which separate our two neurons with trained weights;
# - counted "23 convolutional layers", 31,030,658 parameters and 300.9 GFLOP;
# - found the legal sizes, from 188 on in steps of 16, with output n − 184; torch runs the
#   others, too, but with ghost walls.
