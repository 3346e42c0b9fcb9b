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
from unet_teach.drawing import figure_picture, u_diagram
from unet_teach.drawing.pair import the_pair
from unet_teach.exercises import check, hint, mine, solution
from unet_teach.layers import DoubleConv, UpConv, center_crop
from unet_teach.lessons.described import described
from unet_teach.lessons.l07_build_unet.ghosts import ghost_walls
from unet_teach.lessons.l07_build_unet.measure import coordinate_shifts, run_any_size
from unet_teach.lessons.l07_build_unet.panel import u_explorer
from unet_teach.models.unet import UNet, count_parameters
from unet_teach.shapes import IllegalSize, legal_sizes, skip_sizes, trace

_ = torch.manual_seed(0)
PAPER = UNetConfig()  # 1 → 2 channels, 64 base channels, depth 4, valid convolutions

# %% [markdown] id="the-pair-so-far" tags=["slide"]
# ## The pair, and what is still wrong with it
#
# Here are our two neurons again, with the labels next to them. What's missing is a network's
# answer, because in six lessons we have made parts and never put them together.

# %% id="the-pair-before" tags=["fragment"]
pair = the_pair("synthetic membranes (seed 0)")
micrograph, labels = map(pair.crop, membrane_slice(pair.index))
figure, axes = plt.subplots(1, 2, figsize=(6, 3), layout="constrained")
for ax, picture, title in zip(
    axes, (micrograph, labels), ("micrograph", "labels"), strict=True
):
    ax.imshow(picture, cmap="gray")
    ax.set(title=title, xticks=[], yticks=[])
described(figure, "07.the_pair_before")

# %% [markdown] id="read-the-figure" tags=["core", "slide"]
# ## The figure, read as a program
#
# *(one-lesson track: 5 minutes)*
#
# This is figure 1 of [the paper](https://arxiv.org/abs/1505.04597) (Ronneberger, Fischer and
# Brox, 2015), drawn from the numbers of this library. Follow it with a finger: down the left
# side, along the bottom, up the right side. Each box is a **feature map**, the output of a
# layer, with its channels above it and its height and width below.
#
# Before you run the cell, answer from memory: an image of 572 × 572 goes in. How large is the
# feature map that comes out, and why isn't it 572?

# %% id="the-figure" tags=["core", "slide"]
figure_picture(u_diagram(PAPER, 572), alt="U-Net with its sizes: 572² in, 388² out")

# %% [markdown] id="five-kinds" tags=["core"]
# The left side is the **contracting path** (also called the encoder). The paper describes it
# in two sentences: "the repeated application of two 3x3 convolutions (unpadded convolutions),
# each followed by a rectified linear unit (ReLU) and a 2x2 max pooling operation with stride
# 2 for downsampling. At each downsampling step we double the number of feature channels."
#
# So each level is one `DoubleConv`. It takes 4 pixels off the height and 4 off the width,
# because each of its two 3×3 convolutions takes one off at every edge. Follow 572 down to 28:

# %% id="sizes-down" tags=["core"]
n = 572
for level in range(5):
    n = n // 2 if level > 0 else n
    print(f"level {level}: {n:3} → {n - 2:3} → {n - 4:3}    {64 * 2**level:4} channels")
    n = n - 4

# %% id="sizes-down-claim" tags=["core", "claim"]
assert n == 28

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
# thousand, a million, thirty million?
#
# On `torch.device("meta")` a tensor has a shape but no numbers. So here even a large network
# costs neither memory nor time.

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
print("up-convolution ", tuple(x.shape))
cropped = center_crop(skip, x.shape[-2:])
print("skip, cropped  ", tuple(cropped.shape))
x = torch.cat([cropped, x], dim=1)
print("concatenation  ", tuple(x.shape))
x = few.expand[3](x)
print("two convolutions", tuple(x.shape))

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

# %% [markdown] id="about-the-check" tags=["core"]
# The check compares every logit with the library's. The right *shape* isn't enough, because a
# skip that is cropped from the corner has it, too. `hint("07.forward")` helps, and
# `solution("07.forward")` shows one way.

# %% [markdown] id="same-network" tags=["core"]
# ## The library's network
#
# *(one-lesson track: 3 minutes)*
#
# The library has this network, too: `UNet(config)`. Its parts have the same names as those of
# `Parts`, so it can take over their weights. Compare `unet_teach/models/unet.py`. Its
# `forward` adds dropout, the merges of lesson 06, and a check of the input size.

# %% id="same-weights" tags=["core"]
unet = UNet(UNetConfig(base_channels=2))
print(unet.load_state_dict(few.state_dict()))
with torch.no_grad():
    logits = unet(torch.rand(1, 1, 572, 572))
print(tuple(logits.shape))

# %% id="same-weights-claim" tags=["core", "claim"]
assert logits.shape == (1, 2, 388, 388)

# %% [markdown] id="your-network" tags=["slide"]
# And your `forward` *is* a network as soon as it gets parts. The next cell makes one with the
# function that you wrote if exercise 2 passed, and with the library's if not; it prints
# which. With the same weights and the same image, how far apart will the logits be?


# %% id="my-unet" tags=["fragment", "output"]
class MyUNet(Parts):
    forward = mine("forward").forward


my_unet = MyUNet(channels=(2, 4, 8, 16, 32))
my_unet.load_state_dict(few.state_dict())
image = torch.rand(1, 1, 572, 572)
with torch.no_grad():
    mine_gives, library_gives = my_unet(image), unet(image)
print("yours", tuple(mine_gives.shape), " the library's", tuple(library_gives.shape))
print("largest difference:", (mine_gives - library_gives).abs().max().item())

# %% id="my-unet-claim" tags=["claim"]
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
# operations and the memory? Make a guess for each: high in the U, low, or everywhere alike?

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
# The parameters are **low** in the U. Levels 3 and 4 hold 87 % of them, because each level
# down doubles the channels and so quadruples the weights of a convolution. The memory is
# **high**. Levels 0 and 1 hold 77 % of all activations (the numbers in the feature maps),
# because the maps there are large.
#
# The operations are almost equal on levels 1 to 3, because each level down has four times the
# weights but a quarter of the pixels. The bottleneck needs only a third of that, because it
# lacks the second `DoubleConv`, the bigger one. At level 3, 256 channels enter the first and
# 1024 the second, so the second has twice the weights.

# %% id="costs-in-numbers" tags=["claim"]
assert round(100 * sum(share["parameters"][3:])) == 87
assert round(100 * sum(share["memory"][:2])) == 77
assert all(0.235 < part < 0.245 for part in share["operations"][1:4])
assert 0.31 < share["operations"][4] / share["operations"][3] < 0.34
first, second = (
    sum(w.numel() for w in p[3].parameters()) for p in (paper.contract, paper.expand)
)
assert 1.99 < second / first < 2.01
assert (paper.contract[3][0].in_channels, paper.expand[3][0].in_channels) == (256, 1024)

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
# 2. In the bottleneck, from 76 to 140, because neighbours there are 16 input pixels apart.
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

pair = the_pair("synthetic membranes (seed 0)")
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
# comes out. The library's `UNet` refuses all others, and names the nearest legal sizes.

# %% id="refused" tags=["core"]
try:
    unet(torch.rand(1, 1, 570, 570))
except IllegalSize as illegal:
    print(illegal)

# %% id="refused-claim" tags=["core", "claim"]
try:
    unet(torch.rand(1, 1, 570, 570))
    raise AssertionError("not refused")
except IllegalSize as illegal:
    assert illegal.nearest == (556, 572)

# %% [markdown] id="exercise-3" tags=["slide"]
# ### Exercise 3 (stretch): all legal sizes
#
# Which sizes does a U-Net with valid convolutions take? Follow every size through the U in
# whole numbers, as the first loop of this lesson did, and don't forget the expansive path.
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
# The pair's picture is 128 pixels high and wide, and the output is 184 smaller than the
# input. 128 + 184 = 312 is not legal, but 316 is, so we extend the picture by 94 mirrored
# pixels at each edge. What do you expect to see?

# %% id="the-pair-now" tags=["fragment"]
_ = torch.manual_seed(0)
my_unet = MyUNet(channels=(8, 16, 32, 64, 128))
framed = F.pad(torch.from_numpy(standardise(micrograph))[None, None], (94,) * 4, mode="reflect")
with torch.no_grad():
    logits = center_crop(my_unet(framed), (128, 128))
inside = logits.softmax(dim=1)[0, 1].numpy()
print(tuple(framed.shape), "in; probability of inside", inside.min(), "to", inside.max())
figure, axes = plt.subplots(1, 4, figsize=(11, 3), layout="constrained")
titles = ("micrograph", "labels", "your U-Net, untrained", "white: 0.5 or more")
pictures = (micrograph, labels, inside, inside >= 0.5)
for ax, title, picture in zip(axes, titles, pictures, strict=True):
    ax.imshow(picture, cmap="gray")
    ax.set(title=title, xticks=[], yticks=[])
described(figure, "07.the_pair_now")

# %% id="the-pair-now-claim" tags=["claim"]
assert framed.shape == (1, 1, 316, 316) and my_unet(framed).shape == (1, 2, 132, 132)
assert 0.47 < inside.min() < inside.max() < 0.50
assert pair.verdict(inside > 0.5, labels) == "lost"
assert trace(UNetConfig(depth=1), 18).output == 2 and trace(UNetConfig(depth=1), 20).output == 4

# %% [markdown] id="in-this-notebook" tags=["slide"]
# The walls show, light instead of dark, because the top skip carries the image through random
# filters. But the contrast is stretched: every probability of *inside* is between 0.47 and
# 0.50, so at a threshold of 0.5 both neurons are lost. Lesson 08 trains the network.
#
# ## In this notebook we
#
# - wrote the forward pass: "a contracting path (left side) and an expansive path (right side)"
#   became two loops;
# - counted "23 convolutional layers", 31,030,658 parameters and 300.9 GFLOP;
# - found the legal sizes, from 188 on in steps of 16, with output n − 184: "all 2x2 max-pooling
#   operations are applied to a layer with an even x- and y-size" is `even and size % 2 == 0`;
# - saw that torch runs other sizes, too, but with ghost walls.
