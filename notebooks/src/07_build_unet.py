# %% [markdown] id="title" tags=["slide"]
# # 07 · Build U-Net
#
# All parts are there: convolutions, poolings, upsamplers, crops, merges. Today they become one
# network, and you write its forward pass.
#
# ![](assets/lessons/07_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - write the whole forward pass of U-Net, and predict the shape of every map in it;
# - say where its parameters, its operations and its memory sit;
# - say which input sizes are **legal**, and show what happens at the others.
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
from unet_teach.drawing import figure_picture, u_diagram
from unet_teach.exercises import check, hint, solution
from unet_teach.layers import DoubleConv, UpConv, center_crop
from unet_teach.lessons.described import described
from unet_teach.lessons.l07_build_unet.measure import coordinate_shifts, run_any_size
from unet_teach.lessons.l07_build_unet.panel import u_explorer
from unet_teach.models.unet import UNet, count_parameters
from unet_teach.shapes import IllegalSize, legal_sizes, skip_sizes, trace

_ = torch.manual_seed(0)
PAPER = UNetConfig()  # 1 → 2 channels, 64 base channels, depth 4, valid convolutions

# %% [markdown] id="read-the-figure" tags=["core", "slide"]
# ## The figure, read as a program
#
# *(one-lesson track: 5 minutes)*
#
# Below is the paper's figure 1, drawn from the numbers of this library. Follow it with a
# finger: down the left side, along the bottom, up the right side. A box is a feature map.
# Above it stand its channels, below it its size.
#
# Before you run the cell, answer from memory: an image of 572 × 572 goes in. How large is the
# map that comes out? Why is it not 572?

# %% id="the-figure" tags=["core", "slide"]
figure_picture(u_diagram(PAPER, 572), alt="U-Net with its sizes: 572² in, 388² out")

# %% [markdown] id="five-kinds" tags=["core"]
# The paper needs two sentences for the left side: "the repeated application of two 3x3
# convolutions (unpadded convolutions), each followed by a rectified linear unit (ReLU) and a
# 2x2 max pooling operation with stride 2 for downsampling. At each downsampling step we double
# the number of feature channels."
#
# So each level is one `DoubleConv`. It loses 4 pixels a side: two for each 3×3 convolution.
# From the figure alone: 572 → 570 → 568, halved is 284, and so on down to 28.

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
# A network in torch has two halves. `__init__` makes the parts, each with its weights.
# `forward` says in which order a map goes through them. We start with the parts: five
# `DoubleConv`s down, four up-convolutions, four `DoubleConv`s up, and a last 1×1 convolution.
#
# Where concatenation joins two maps, the next `DoubleConv` gets twice the channels. Find the
# place in the code where that is said.


# %% id="parts" tags=["core"]
class Parts(nn.Module):
    def __init__(self, channels=(64, 128, 256, 512, 1024), images=1, classes=2):
        super().__init__()
        entering = (images, *channels[:-1])
        pairs = list(pairwise(channels))
        self.contract = nn.ModuleList(map(DoubleConv, entering, channels))
        self.upsamplers = nn.ModuleList(UpConv(below, above) for above, below in pairs)
        self.expand = nn.ModuleList(DoubleConv(2 * above, above) for above, _ in pairs)
        self.last = nn.Conv2d(channels[0], classes, 1)


# %% [markdown] id="count-them" tags=["core", "slide"]
# Now count. The paper says: "In total the network has 23 convolutional layers." Does it count
# the up-convolutions? And a guess, please: how many weights and biases are there in all? Ten
# thousand, a million, thirty million?
#
# `torch.device("meta")` makes tensors that have a shape and no numbers, so that even a large
# network costs nothing.

# %% id="count" tags=["core", "fragment"]
with torch.device("meta"):
    paper = Parts()
convolutions = [m for m in paper.modules() if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d))]
print(len(convolutions), "convolution layers")
print(f"{count_parameters(paper):,} parameters")

# %% id="count-claim" tags=["core", "claim"]
assert len(convolutions) == 23
assert count_parameters(paper) == 31_030_658

# %% [markdown] id="nineteen-and-four"
# Eighteen 3×3 convolutions, four up-convolutions, one 1×1: the paper's 23 counts all three
# kinds.

# %% [markdown] id="exercise-1"
# ### Exercise 1 (easy): five shapes
#
# A U-Net with 32 base channels and depth 4 gets **two** colour images, each 220 high and 252
# wide: `x` is (2, 3, 220, 252). It tells 5 classes apart. Predict, with pencil and paper, the
# shapes (B, C, H, W) of five maps:
#
# - `top`: after the first `DoubleConv`;
# - `level 1`: after the `DoubleConv` of level 1 on the way down;
# - `bottom`: after the `DoubleConv` at the bottom;
# - `merged`: after the first concatenation on the way up;
# - `output`: the logits.

# %% id="exercise-five-shapes"
# SOLUTION: exercises.five_shapes
five_shapes = ...  # {"top": (…, …, …, …), "level 1": …, "bottom": …, …}

# %% id="check-five-shapes"
check("07.five_shapes", five_shapes)

# %% [markdown] id="stuck-on-shapes"
# Stuck? `hint("07.five_shapes")` gives three hints, one at a time. Every exercise has them.

# %% [markdown] id="one-step-up" tags=["core", "slide"]
# ## One step up, slowly
#
# *(one-lesson track: 15 minutes, with exercise 2)*
#
# Down is easy: pool, convolve. Up has four moves, and the paper lists them: "an upsampling of
# the feature map followed by a 2x2 convolution ('up-convolution') that halves the number of
# feature channels, a concatenation with the correspondingly cropped feature map from the
# contracting path, and two 3x3 convolutions, each followed by a ReLU."
#
# Here is the lowest of these steps, with the paper's sizes and few channels. Predict each line
# before you run it.

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
# Write it all. `self` is a network with the parts from above: `self.contract`,
# `self.upsamplers`, `self.expand` (index 0 is the top level in each), `self.last`. Write for
# any depth: `len(self.expand)` tells it.
#
# Two loops will do. The first goes down and keeps the map of each level, the second comes up
# and uses them. The skip goes **first** into the concatenation, as in the figure. Use
# `F.max_pool2d(x, 2)`, `center_crop` and `torch.cat`. `x` holds one image or several,
# square or not.


# %% id="exercise-forward" tags=["core", "fragment"]
def forward(self, x):
    """Images (B, C, H, W) to logits (B, K, h, w)."""
    # SOLUTION: exercises.forward


# %% id="check-forward" tags=["core"]
check("07.forward", forward)

# %% [markdown] id="about-the-check" tags=["core"]
# The check gives small networks with fixed weights to your function and to the library's, and
# compares every logit. A map of the right *shape* is not enough: a crop from the corner has
# the right shape, too. `hint("07.forward")` helps, `solution("07.forward")` shows one way.

# %% [markdown] id="same-network" tags=["core"]
# ## The library's network
#
# *(one-lesson track: 3 minutes)*
#
# From here on we import it: `UNet(config)` has the same parts under the same names, so it
# takes the weights of `Parts`. Open `unet_teach/models/unet.py`: its `forward` is about as
# long as yours. It adds dropout, the merges of lesson 06, and a check of the input size; we
# will soon see why.

# %% id="same-weights" tags=["core"]
unet = UNet(UNetConfig(base_channels=2))
print(unet.load_state_dict(few.state_dict()))
with torch.no_grad():
    logits = unet(torch.rand(1, 1, 572, 572))
print(tuple(logits.shape))

# %% id="same-weights-claim" tags=["core", "claim"]
assert logits.shape == (1, 2, 388, 388)

# %% [markdown] id="what-does-it-cost"
# ## What does it cost?
#
# Take the real network, 64 base channels, one image of 572 × 572. It has 31 million
# parameters. How often is each of them used? A weight of the first convolution is used once
# for every pixel; a weight at the bottom of the U only 30² times or fewer.
#
# torch can count the operations of a pass without doing them, on tensors without numbers. A
# multiplication and an addition count as 2.

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
# Now the question that matters when your GPU is full: **where** do parameters, operations and
# memory sit? Guess for each: high in the U, low, or everywhere alike?

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
    ax.set(title=kind, xlabel="share of the whole", yticks=range(5), xlim=(0, 0.55))
axes[0].set_ylabel("level of the U")
axes[0].invert_yaxis()
described(figure, "07.costs_by_level")

# %% [markdown] id="read-the-costs" tags=["slide"]
# Parameters sit **low**: levels 3 and 4 hold 87 % of them, because every level down doubles
# the channels and thus quadruples the weights. Memory sits **high**: levels 0 and 1 hold 77 %
# of the maps, because their maps are large. Operations are spread evenly, but for the bottom:
# four times the weights, a quarter of the pixels.
#
# So fewer base channels save everything, a smaller image saves no parameter at all.

# %% id="costs-in-numbers" tags=["claim"]
assert round(100 * sum(share["parameters"][3:])) == 87
assert round(100 * sum(share["memory"][:2])) == 77
assert all(0.19 < part < 0.25 for part in share["operations"][:4])
assert trace(PAPER, 188).parameters == trace(PAPER, 572).parameters

# %% [markdown] id="the-explorer" tags=["core", "slide"]
# ## The whole U, to play with
#
# *(one-lesson track: 10 minutes)*
#
# Predict, then try:
#
# 1. Switch the padding to `same`. What do the skips no longer have to do, and why?
# 2. Choose the receptive field as the number below each box. Where does it grow fastest?
# 3. Concatenate or add: by how many parameters do they differ, and in which boxes?
# 4. Go back to `valid` and type the size 570. What turns red?
# 5. Press Play: the pulse runs along the U in the order of computation. When does a skip wait?
#
# {{twin: u_explorer}}

# %% id="explore" tags=["core", "slide"]
u_explorer()

# %% [markdown] id="the-same-in-numbers"
# The same in numbers. Bilinear upsampling with a 1×1 convolution is 2.1 million parameters
# lighter than the up-convolution, addition 3.1 million lighter than concatenation. What they
# are worth was lesson 04's and lesson 06's question; here we only count.

# %% id="variants"
variants = {
    "the paper": UNetConfig(),
    "addition": UNetConfig(merge="add"),
    "bilinear": UNetConfig(upsample="bilinear"),
}
for name, config in variants.items():
    print(f"{name:10} {trace(config, 572).parameters:>12,} parameters")
same = trace(UNetConfig(padding="same"), 512)
print(f"same padding at 512: {same.output} out, {same.operations / 1e9:.1f} GFLOP")

# %% id="variants-claim" tags=["claim"]
assert trace(variants["addition"], 572).parameters == 27_897_218
assert trace(variants["bilinear"], 572).parameters == 28_941_698
assert (same.output, f"{same.operations / 1e9:.1f}") == (512, "384.8")

# %% [markdown] id="any-size" tags=["core", "slide"]
# ## Which sizes are legal?
#
# *(one-lesson track: 7 minutes)*
#
# A pooling needs pairs. What does torch do where a map has 279 rows? Does it stop, does it
# pad, does it drop one? Decide, then run every size from 188 to 600 through a small U-Net
# whose size check is left out.

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
# Not one error, and two pixels less going in cost sixteen coming out. torch drops the odd row
# without a word. The paper warns: "it is important to select the input tile size such that all
# 2x2 max-pooling operations are applied to a layer with an even x- and y-size."
#
# So what harm does it do? The dropped row is always the **last** one. The map from below then
# belongs to the upper left part of the image, while the skip is cropped around its own middle.
# Let every pixel carry its coordinate through the U, and compare the two maps where they meet.

# %% id="shifted-skips" tags=["core", "fragment", "output"]
for n in (572, 571, 570, 569, 564):
    print(n, "entering the poolings:", skip_sizes(PAPER, n), " shift:", coordinate_shifts(n))

# %% id="shifted-skips-claim" tags=["core", "claim"]
assert coordinate_shifts(572) == [0, 0, 0, 0]
assert coordinate_shifts(570) == [7, 6, 4, 0]

# %% [markdown] id="read-the-shifts" tags=["core"]
# At 572 both maps of every merge say the same place. At 570 the top skip lies 7 pixels beside
# the map that it is joined with: a membrane there is a few pixels wide. The shapes fit, the
# places do not, and no error tells you.
#
# Hence our word: a size is **legal** when no pooling drops a pixel and at least one pixel
# comes out. The library's `UNet` refuses the others and names the nearest that work.

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
# Write `legal(low, high, depth)`: the list of all legal heights (or widths) from `low` to
# `high`, both included, smallest first, for valid convolutions; `low` and `depth` are 1 or
# more. Walk through the U in whole numbers, as the first loop of this lesson did, and do not
# forget the way up. `legal(16, 20, 1)` is [18, 20], `legal(19, 19, 1)` is empty. Then look at
# `legal(100, 600)`. What do the numbers have in common?


# %% id="exercise-legal" tags=["fragment"]
def legal(low, high, depth=4):
    """Sizes at which every pooling gets an even map and at least one pixel comes out."""
    # SOLUTION: exercises.legal


# %% id="check-legal-sizes"
check("07.legal", legal)

# %% [markdown] id="why-twelve" tags=["slide"]
# Stuck? `hint("07.legal")`. Here they are, from the library. They are 16 apart: four
# poolings, 2⁴. But why 12 (mod 16) and not 0?
#
# Walk from the bottom up. Let e be the size that enters the lowest level: any whole number.
# Each level above doubles it and adds 4, because a `DoubleConv` took 4. Four times: n = 16·e
# + 4·(1 + 2 + 4 + 8) = 16·e + 60, and 60 = 3·16 + 12. The smallest e that leaves an output is
# 8: n = 188. (One pixel more, 13 (mod 16), only loses its last row and column; at all other
# sizes some skip is shifted.)

# %% id="the-rule"
sizes = legal_sizes(PAPER, 100, 600)
print(sizes)
others = [n for n in outputs if n not in sizes]
straight = [n for n in others if not any(coordinate_shifts(n))]
print(len(others), "other sizes; at", len(others) - len(straight), "some skip is shifted")

# %% id="the-rule-claim" tags=["claim"]
assert sizes == [n for n in range(100, 601) if n % 16 == 12 and n >= 188]
assert all(trace(PAPER, n).output == n - 184 for n in sizes)
assert all(outputs[n] == n - 184 for n in sizes)  # what torch gave above
assert straight == [n for n in range(188, 601) if n % 16 == 13]

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# Your microscope gives images of 512 × 512, and you want a class for each of their pixels from
# the paper's network. Which input size do you need, and where do the missing pixels come from?
#
# <details><summary>One answer</summary>
#
# The output is n − 184, so n should be 512 + 184 = 696. But 696 = 43·16 + 8 is illegal. The
# next legal size is 700, which gives 516: cut the 4 that are too many. So the image needs a
# frame of 94 pixels. The paper mirrors the image at its edges; lesson 13 does it, and cuts
# large images into tiles on the way. Or `padding="same"`: 512 is a multiple of 16. But then
# zeros stand in the frame; lesson 05 showed how far they reach.
#
# </details>

# %% id="discuss-in-numbers" tags=["claim"]
assert 512 + 184 == 696 and 696 not in legal_sizes(PAPER, 600, 720)
assert legal_sizes(PAPER, 696, 720)[0] == 700 and trace(PAPER, 700).output == 516
assert 512 in legal_sizes(UNetConfig(padding="same"), 500, 520)

# %% [markdown] id="in-this-notebook" tags=["slide"]
# ## In this notebook we
#
# - wrote the forward pass: "The network architecture is illustrated in Figure 1. It consists of
#   a contracting path (left side) and an expansive path (right side)" is two loops over levels;
# - counted "23 convolutional layers", 31,030,658 parameters and 300.9 GFLOP, and found the
#   parameters low in the U, the memory high;
# - found the legal sizes, n ≡ 12 (mod 16) from 188 on, with an output of n − 184: "all 2x2
#   max-pooling operations are applied to a layer with an even x- and y-size" is
#   `even and size % 2 == 0`;
# - saw that torch runs all other sizes too, with skips that lie beside the map that they meet.
#
# Next: lesson 08 makes this network learn.
