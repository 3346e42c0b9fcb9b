# %% [markdown] id="title" tags=["slide"]
# # 13 · Overlap-tile
#
# A section of a brain can be ten thousand pixels wide. No GPU of ours can hold its feature
# maps. So today we cut such an image into tiles, predict each of them, and put the results
# together in such a way that nobody can tell where the tiles met.
#
# ![](assets/lessons/13_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - segment an image of any size, tile by tile, up to its very border;
# - say at which offsets tiles fit together exactly, and why they don't at others;
# - measure a seam, and tell a result that is *different* from one that is *wrong*.
#
# **Time** about 45 minutes · **Before** lessons 05 and 07 · **Needs** no GPU, no data

# %% id="setup"
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from unet_teach import tiling
from unet_teach.config import UNetConfig
from unet_teach.data.membranes import membrane_slice, synthetic_membranes
from unet_teach.data.volume import standardise
from unet_teach.drawing.pair import coloured, the_pair
from unet_teach.exercises import check, hint, solution
from unet_teach.lessons.described import described
from unet_teach.lessons.l13_overlap_tile.measure import answer, at_pair
from unet_teach.lessons.l13_overlap_tile.measure import stitched as piece_in_tiles
from unet_teach.lessons.l13_overlap_tile.measure import whole as piece_in_one_pass
from unet_teach.lessons.l13_overlap_tile.panel import tile_explorer
from unet_teach.metrics import components, thin, v_rand
from unet_teach.models.pretrained import pretrained
from unet_teach.models.unet import UNet
from unet_teach.shapes import nearest_legal_sizes, output_size, trace
from unet_teach.tiling import plan_side, predict, reach

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="the-pair-so-far" tags=["slide"]
# ## The pair, and what is still wrong with it
#
# The course's trained network keeps our two neurons apart, if it sees the whole slice at
# once. Now let's give it the same slice in tiles of 64 × 64 pixels, side by side, each of
# them alone. We place them, by the two 8s below, so that one of the corners where four
# tiles meet is on the wall between the pair. What do you expect there?

# %% id="the-pair-in-tiles" tags=["fragment"]
pair = the_pair("synthetic membranes (seed 0)")
_micrograph, pair_labels = membrane_slice(pair.index)
in_one_pass = at_pair(piece_in_one_pass()) > 0.5
in_tiles = at_pair(piece_in_tiles("zeros", 8, 8)) > 0.5
figure, axes = plt.subplots(1, 3, figsize=(8, 2.9), layout="constrained")
shown = {"labels": pair_labels, "in one pass": in_one_pass, "in tiles": in_tiles}
for ax, (title, mask) in zip(axes, shown.items(), strict=True):
    ax.imshow(coloured(pair, mask, pair_labels))
    ax.set(title=title, xticks=[], yticks=[])
axes[2].axhline(56, color="white", linestyle="--")  # the edges of the tiles
axes[2].axvline(63, color="white", linestyle="--")
described(figure, "13.the_pair_in_tiles")

# %% id="the-pair-in-tiles-claim" tags=["claim"]
assert pair.verdict(in_one_pass, pair_labels) == "apart"
assert pair.verdict(in_tiles, pair_labels) == "merged"

# %% [markdown] id="memory" tags=["slide"]
# A **seam**, the line where two tiles meet, cuts right through the pair: the wall is broken
# there, and the two neurons become one. Nothing is wrong with the network. So the fault is in
# our way of cutting, and that's what we'll repair.
#
# ## Too large for one pass
#
# Why cut at all? The paper's network turns 572 × 572 pixels into 388 × 388. It would accept
# larger images just as well, because a convolution works at any size, but memory sets a
# limit. How many gigabytes do the feature maps take for 572 × 572 pixels? And for 10,000 ×
# 10,000?

# %% id="memory-in-numbers" tags=["fragment", "output"]
paper, gigabytes = UNetConfig(), {}
for size in (572, 2044, 10188):
    traced = trace(paper, size)
    gigabytes[size] = traced.memory / 1e9
    print(f"{size:6} → {traced.output:6}: {gigabytes[size]:6.1f} GB of maps")

# %% id="memory-in-numbers-claim" tags=["claim"]
assert [round(value, 1) for value in gigabytes.values()] == [0.7, 13.0, 356.6]

# %% [markdown] id="tiles-are-bounded" tags=["slide"]
# Memory grows with the area: 0.7 GB becomes 13 GB, then 357 GB. (That's all maps together, as
# training keeps them; in inference a map can be forgotten once it has been used.) A tile of
# 572 × 572 never takes more than 0.7 GB, however large the image is. That raises two
# questions: what happens at the border of the image, and what happens between two tiles?
#
# ## The border of the image
#
# Cropping costs 92 pixels at each edge. [The paper](https://arxiv.org/abs/1505.04597) says
# what to do: "To predict the pixels in the border region of the image, the missing context is
# extrapolated by mirroring the input image."
#
# A row begins 1 2 3 4. What comes to the left of the 1 if you mirror it?

# %% id="mirror-a-row"
row = np.array([[1, 2, 3, 4]])
mirrored = tiling.mirror_pad(row, ((0, 0), (2, 2)))
print(mirrored)

# %% id="mirror-a-row-claim" tags=["claim"]
assert mirrored.tolist() == [[3, 2, 1, 2, 3, 4, 3, 2]]

# %% [markdown] id="exercise-1" tags=["slide"]
# ### Exercise 1 (easy): the mirror
#
# The mirror is **on** the border pixel, so that pixel comes only once. If it came twice, the
# image would have a small flat step there, which tissue doesn't have.
#
# - **In**: `image`, a tensor (H, W) of float32 or float64; `margin`, a whole number of 0 or
#   more, smaller than H and smaller than W.
# - **Out**: a tensor (H + 2 · margin, W + 2 · margin). The image is in its middle, and its
#   values are kept exactly as they are.
# - **Edge**: with a margin of 0 the image is returned as it is. In the corners both mirrors
#   apply.
# - **Example**: the row 1 2 3 in the middle of an image becomes 2 1 2 3 2 with a margin of 1.


# %% id="exercise-mirror-pad" tags=["fragment"]
def mirror_pad(image, margin):
    """A tensor (H + 2 · margin, W + 2 · margin): the image, mirrored at each edge."""
    # SOLUTION: exercises.mirror_pad


# %% id="check-mirror-pad"
check("13.mirror_pad", mirror_pad)

# %% [markdown] id="which-size" tags=["slide"]
# Stuck? `hint("13.mirror_pad")`.
#
# Now take a slice of 512 × 512 pixels, the size of the ISBI data. We want a prediction for
# every one of them. Adding 92 at each edge gives 696. Does the paper's network take that?
# Remember lesson 07.

# %% id="which-size-in-numbers" tags=["fragment", "output"]
wanted = 512 + 2 * 92
print(f"{wanted}: legal are", nearest_legal_sizes(paper, wanted))
print("700 →", output_size(paper, 700))

# %% id="which-size-in-numbers-claim" tags=["claim"]
assert wanted == 696 and nearest_legal_sizes(paper, wanted) == (684, 700)
assert output_size(paper, 700) == 516

# %% [markdown] id="one-pass"
# 696 is illegal: one of the poolings would have to drop pixels. So we mirror a little more at
# two of the edges, up to 700. The output is 516 pixels wide, and the first 512 of them are
# the slice. This single pass is our **whole**. Every stitched result has to reproduce it.
# (With zeros we'll need a second whole, that of the padded network.)
#
# We take the course's trained network. It was trained with "same" padding, but the padding
# has no weights, so the same weights run without it, too. The slice is synthetic and comes
# with labels.

# %% id="the-whole"
same = pretrained("membranes")
valid = UNet(replace(same.config, padding="valid")).eval()
valid.load_state_dict(same.state_dict())


def probability(network, x):
    """Of class 1, inside of a cell: (h, w)."""
    with torch.inference_mode():
        return network(x).softmax(dim=1)[0, 1]


volume = synthetic_membranes(1, size=512, seed=5)
slice_, labels = volume.images[0], volume.labels[0] > 0
image = torch.from_numpy(standardise(slice_))[None, None]  # (1, 1, 512, 512)
padded = tiling.mirror_pad(image, ((92, 96), (92, 96)))  # (1, 1, 700, 700)
whole = probability(valid, padded)

# %% id="the-whole-claim" tags=["claim"]
assert padded.shape[-1] == 700 and tuple(whole.shape) == (516, 516)

# %% [markdown] id="naive" tags=["slide"]
# ## Between two tiles
#
# Let's begin with the obvious way: "same" padding, tiles of 128 × 128, side by side, no
# overlap. We'll compare them fairly, with one pass of the same network over the whole slice.
# How far off can a probability be?
#
# And is *different* already *wrong*? The whole makes mistakes, too, so some pixels may change
# for the better. Only the labels can tell. So we also count how many pixels are now wrong and
# how many are now right, and ask for V_rand, lesson 10's score of neurons that stay apart.

# %% id="naive-tiles" tags=["slide"]
whole_same = probability(same, image)
stitched = torch.zeros(512, 512)
for top in range(0, 512, 128):
    for left in range(0, 512, 128):
        piece = image[..., top : top + 128, left : left + 128]
        stitched[top : top + 128, left : left + 128] = probability(same, piece)
seams = (stitched - whole_same).abs()
figure, axes = plt.subplots(1, 2, figsize=(8, 3.8), layout="constrained")
for ax, values, title in zip(axes, (stitched, seams), ("stitched", "difference"), strict=True):
    ax.imshow(values, cmap="gray" if title == "stitched" else "magma", vmin=0, vmax=1)
    ax.set_title(title)
    ax.set_axis_off()
described(figure, "13.naive_tiles")

# %% id="naive-in-numbers"
beside = seams[:, 127:129].mean()  # the two columns at the first seam
middle = seams[40:88, 40:88].mean()  # of the first tile
print(f"largest {seams.max():.2f}, mean {seams.mean():.3f} over the whole slice")
print(f"at a seam {beside:.2f}, in a tile's middle {middle:.3f}")
tiled, before = (stitched > 0.5).numpy(), (whole_same > 0.5).numpy()
other = tiled != before
near = np.array([any(-16 <= n - seam < 16 for seam in (128, 256, 384)) for n in range(512)])
share = other[near[:, None] | near].sum() / other.sum()  # in rows or columns near a seam
print(f"{other.mean():.1%} of all pixels change sides, {share:.0%} of them at seams:")
now_wrong, now_right = (other & (tiled != labels)).sum(), (other & (tiled == labels)).sum()
scores = [v_rand(components(labels), thin(mask)) for mask in (before, tiled)]
print(f"{now_wrong} now wrong, {now_right} now right, V_rand", np.round(scores, 3))

# %% id="naive-in-numbers-claim" tags=["claim"]
assert round(seams.max().item(), 2) == 0.85 and beside > 10 * middle
assert round(seams.mean().item(), 3) == 0.025
assert round(float(other.mean()), 3) == 0.022 and round(float(share), 2) == 0.83
assert now_wrong > 2.5 * now_right
assert [round(score, 3) for score in scores] == [0.986, 0.874]

# %% [markdown] id="seams-explained" tags=["slide"]
# The grid in the picture isn't tissue. There are zeros around each tile, and in lesson 05 you
# measured how far in they reach. 2.2 % of the pixels change sides (their
# probability crosses 1/2), 83 % of these within 16 pixels of a seam. Almost three get worse
# for each that gets better, and V_rand loses 0.11, because walls open at the seams and
# neurons run together.
#
# ### Without zeros
#
# With valid convolutions a tile sees no zeros, and its output is smaller. Is all well, then?
# Take a tile of 252 × 252 pixels, which returns 68 × 68, and move it over the padded slice,
# pixel by pixel. At each offset, compare it with the whole. Write down your guess for offset
# 1, and for 16.

# %% id="by-offset" tags=["slide"]
largest = []
for offset in range(17):
    rows = slice(96 + offset, 96 + offset + 252)
    part = probability(valid, padded[..., rows, 96:348])  # 252 → 68
    difference = (part - whole[96 + offset : 164 + offset, 96:164]).abs()
    largest.append(difference[16:52].max().item())  # nearer the rim the whole sees further
figure, axes = plt.subplots(figsize=(8, 2.8), layout="constrained")
axes.semilogy(range(17), np.maximum(largest, 1e-8), "o-")
axes.set(xlabel="offset, pixels", ylabel="largest difference", xticks=range(17))
described(figure, "13.by_offset")

# %% id="by-offset-in-numbers"
for offset in (0, 1, 8, 15, 16):
    print(f"offset {offset:2}: {largest[offset]:.0e}")

# %% id="by-offset-in-numbers-claim" tags=["claim"]
assert max(largest[0], largest[16]) < 1e-5  # float rounding
assert min(largest[1:16]) > 0.1

# %% [markdown] id="the-grid" tags=["slide"]
# At offsets 0 and 16 the difference is float rounding. At **every** offset between them it is
# more than 0.1, even in the middle of the tile, which has seen all the pixels that the single
# pass has seen.
#
# Why? A pooling takes pixels in pairs. Shift the input by one pixel: which pairs does it take
# then?

# %% id="pairs" tags=["fragment", "output"]
line = torch.tensor([[[1.0, 5.0, 2.0, 3.0, 9.0, 4.0, 6.0, 7.0]]])
pooled = {s: F.max_pool1d(line[..., s : s + 6], 2).flatten().tolist() for s in (0, 1, 2)}
for shift, values in pooled.items():
    print(f"shift {shift}:", values)

# %% id="pairs-claim" tags=["claim"]
whole_line = F.max_pool1d(line, 2).flatten().tolist()
assert pooled[2] == whole_line[1:]  # the same pairs, one place further
assert 6 in pooled[1] and 6 not in whole_line

# %% [markdown] id="two-to-the-depth"
# Shifted by two, the pairs are the same, only one place further along. Shifted by one, they
# are different pairs: 4 meets 6, so 6 comes out, which lost against 7 before. Each further
# pooling doubles the distance after which everything repeats. That's why a U-Net of depth d
# repeats itself every 2ᵈ pixels, and we call this its **grid**. The paper's network has depth
# 4, so its grid is 16.
#
# A tile of 572 returns 388 pixels. Is 388 a good step from one tile to the next?

# %% id="step-of-the-paper"
print("388 = 24 · 16 +", 388 % 16)
step = 388 // 16 * 16
print("the largest step on the grid:", step)

# %% id="step-of-the-paper-claim" tags=["claim"]
assert step == 384 and output_size(paper, 572) == 388

# %% [markdown] id="play" tags=["slide"]
# 388 isn't a multiple of 16, and 384 is. So the outputs of two neighbours have to overlap by
# four pixels, and the step is 384.
#
# Now it's your turn to move tiles. Below is the tissue around our pair. When you drag one
# tile, all others move with it, each 64 pixels from the next. On the right you see where the
# stitched result is **different** from one pass, and where it is **wrong** by the labels.
# Predict first: which tiles aren't different at all? And is a tile that's off the grid by one
# pixel any worse?
#
# {{twin: tile_explorer}}

# %% id="tile-explorer" tags=["slide"]
tile_explorer()

# %% [markdown] id="play-in-numbers"
# Here are the answers in numbers. With image around the tiles, we move them along the
# diagonal, pixel by pixel; with zeros, only by multiples of 16.

# %% id="explorer-in-numbers"
moved = [answer({"around": "image", "top": n, "left": n}) for n in range(17)]
exact = [offset for offset, found in enumerate(moved) if found["largest"] < 1e-5]
print("image around: not different at offsets", exact)
zeros = [answer({"around": "zeros", "top": n, "left": n}) for n in (0, 16, 32, 48)]
print("zeros around, on the grid:", " ".join(f"{found['largest']:.2f}" for found in zeros))
print(f"one pixel off: V_rand {moved[1]['v_rand']:.3f}; zeros: {zeros[2]['v_rand']:.3f}")

# %% id="explorer-in-numbers-claim" tags=["claim"]
assert exact == [0, 16] and min(found["largest"] for found in zeros) > 0.5
assert round(moved[1]["changed"], 3) == 0.021 and round(moved[1]["v_rand"], 3) == 0.991
assert round(moved[0]["v_rand"], 3) == 0.991 and round(zeros[2]["v_rand"], 3) == 0.721

# %% [markdown] id="group-norm" tags=["slide"]
# One pixel off the grid, 2 % of the pixels change sides, and V_rand stays 0.991: the poolings
# took other pairs, which are as good as the first ones. That is different, but no worse. With
# zeros, even tiles on the grid are different *and* worse.
#
# Does every network have such a grid? Batch norm at inference uses fixed numbers, so it
# doesn't notice where a tile was cut. [Group norm](https://arxiv.org/abs/1803.08494) (Wu and
# He, 2018) computes mean and standard deviation from the image that it gets, and a tile is
# another image than the whole. How large will the difference be?

# %% id="group-norm-in-numbers"
maps, cut = F.conv2d(image, torch.randn(4, 1, 3, 3)), (..., slice(64, 128), slice(64, 128))
changed = {}
for layer in (nn.BatchNorm2d(4).eval(), nn.GroupNorm(2, 4)):
    changed[type(layer).__name__] = (layer(maps[cut]) - layer(maps)[cut]).abs().max().item()
print(changed)

# %% id="group-norm-in-numbers-claim" tags=["claim"]
assert changed["BatchNorm2d"] < 1e-5 and changed["GroupNorm"] > 0.01

# %% [markdown] id="trained-steps"
# So a network with group norm can't be tiled exactly at any offset. Ours has batch norm. Here
# are four of its unpadded tiles, first in steps of 68, which is what a tile
# returns, and then in steps of 64.

# %% id="two-steps"
found = {}
for step in (68, 64):
    starts = (0, step)
    errors = []
    for top in starts:
        for left in starts:
            part = probability(valid, padded[..., top : top + 252, left : left + 252])
            there = whole[top : top + 68, left : left + 68]
            errors.append((part - there).abs().max().item())
    found[step] = errors
    print(f"step {step}:", " ".join(f"{error:.0e}" for error in errors))

# %% id="two-steps-claim" tags=["claim"]
assert max(found[64]) < 1e-5
assert found[68][0] < 1e-5 and min(found[68][1:]) > 0.01  # only the first is on the grid

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): where tiles start
#
# A row of pixels is to be covered by tiles.
#
# - **In**: whole numbers. `length`, the pixels to cover, at least 1; `kept`, the pixels that
#   one tile returns, at least `2**depth`; `depth` of the network, 0 or more.
# - **Out**: the list of starts, in rising order and beginning with 0. All are multiples of
#   `2**depth` and smaller than `length`. Together the tiles cover every pixel, and there are
#   as few of them as possible.
# - **Edge**: the last tile may hang over the end. Where on the grid it starts is up to you,
#   as long as nothing is left uncovered.
# - **Example**: 100 pixels with `kept` 36 at depth 3 take three tiles, `[0, 32, 64]`.


# %% id="exercise-tile-positions" tags=["fragment"]
def tile_positions(length, kept, depth):
    """A list of starts, the first is 0."""
    # SOLUTION: exercises.tile_positions


# %% id="check-tile-positions"
check("13.tile_positions", tile_positions)

# %% [markdown] id="positions-prose"
# Stuck? `hint("13.tile_positions")`. The library's version takes `grid`, which is 2ᵈ, in place
# of the depth, and it moves the last tile back along the grid, so that it sees less mirror and
# more image. For 1,000 pixels in the paper's tiles:

# %% id="positions-of-the-paper"
print(tiling.tile_positions(1000, kept=388, grid=16))

# %% id="positions-of-the-paper-claim" tags=["claim"]
assert tiling.tile_positions(1000, kept=388, grid=16) == [0, 384, 624]

# %% [markdown] id="exercise-3" tags=["slide"]
# ### Exercise 3 (stretch): the stitcher
#
# Now put everything together: `tiling.mirror_pad(image, ((above, below), (left, right)))` and
# `tiling.tile_positions(length, kept, grid)` are there for you.
#
# - **In**: `network`, a function from (1, 1, tile, tile) to a result with `margin` pixels
#   less at each edge; `image` (1, 1, H, W), of any size from 1 × 1 on; whole numbers `tile`,
#   `margin` and `grid`, which is 2ᵈ.
# - **Out**: (1, 1, H, W), with the numbers that one pass over the mirrored image returns.
# - **Edge**: the image may be smaller than one tile. How many tiles you take is up to you.
# - **Example**: with `tile` 12 and `margin` 2 a tile returns 8 pixels, and an image of 12 ×
#   12 on a grid of 4 takes 2 × 2 tiles.


# %% id="exercise-stitch" tags=["fragment"]
def stitch(network, image, tile, margin, grid):
    """image (1, 1, H, W) → what one pass would return, (1, 1, H, W)."""
    # SOLUTION: exercises.stitch


# %% id="check-stitch"
check("13.stitch", stitch)

# %% [markdown] id="seam-free"
# Stuck? `hint("13.stitch")`. The check compares your stitcher with one pass. Once it passes,
# it goes into your `my_unet.py`, and with it your network can predict an image of any size.
#
# The library's `predict` does the same. We run it in tiles of 316, which return 132 each, and
# compare with the 700 in one pass.

# %% id="seam-free-in-numbers"
from_tiles = torch.from_numpy(predict(valid, slice_, tile=316)[1])
plan = plan_side(valid.config, 512, tile=316)
difference = (from_tiles - whole[:512, :512]).abs().max().item()
print(f"tiles start at {plan.starts}; largest difference {difference:.0e}")

# %% id="seam-free-in-numbers-claim" tags=["claim"]
assert plan.starts == (0, 128, 256, 384) and plan.kept == 132
assert difference < 1e-5

# %% [markdown] id="same-repaired"
# Sixteen tiles, and no seam. Is "same" padding useless, then? No, because its zeros
# reach only so far. In the paper's layout an output pixel depends on input pixels at most 107
# pixels away from it. So let the tiles overlap by that much, rounded up to the grid, and
# throw away the rim that the zeros have touched. What is left has seen no zeros.

# %% id="same-repaired-in-numbers"
side = plan_side(same.config, 512, tile=320)
print(f"looks {reach(same.config)} far, drops {side.context}, tiles at {side.starts}")
repaired = torch.from_numpy(predict(same, slice_, tile=320)[1])
difference = (repaired - whole_same).abs().max().item()
print(f"largest difference {difference:.0e} in place of {seams.max():.2f}")

# %% id="same-repaired-in-numbers-claim" tags=["claim"]
assert reach(same.config) == 107 and side.context == 112
assert difference < 1e-5

# %% [markdown] id="price" tags=["slide"]
# ## The price
#
# Tiles overlap, so some pixels are computed more than once. How many operations does one
# output pixel cost in a small tile, and how many in a large one? But larger tiles need more
# memory.

# %% id="price-in-numbers" tags=["fragment", "output"]
costs = {}
for tile in (204, 316, 572, 1020, 2044):
    traced = trace(paper, tile)
    step = traced.output // 16 * 16
    costs[tile] = traced.operations / step**2 / 1e6
    print(f"{tile:5}, step {step:4}: {costs[tile]:5.1f} MFLOP a pixel, ", end="")
    print(f"{traced.memory / 1e9:5.2f} GB of maps")

# %% id="price-in-numbers-claim" tags=["claim"]
assert [round(costs[tile], 1) for tile in (204, 572, 2044)] == [60.9, 2.0, 1.6]

# %% [markdown] id="read-the-price"
# A tile of 204 × 204 keeps 16 × 16 useful pixels, and each of them costs 60.9 million
# operations. At 572 it's 2.0 million, and at 2044 only 1.6 million, but those take 13 GB.
# From the paper's size on, larger tiles save little. The paper favours "large input tiles
# over a large batch size", for training.
#
# ## The pair, as it stands now
#
# We put the pair together once more, from tiles with image around them, on the grid.

# %% id="the-pair-now"
on_the_grid = at_pair(piece_in_tiles("image", 16, 16)) > 0.5
figure, ax = plt.subplots(figsize=(2.6, 2.9), layout="constrained")
ax.imshow(coloured(pair, on_the_grid, pair_labels))
ax.set(title="tiles on the grid", xticks=[], yticks=[])
described(figure, "13.the_pair_now")

# %% id="the-pair-now-claim" tags=["claim"]
assert pair.verdict(on_the_grid, pair_labels) == "apart" and (on_the_grid == in_one_pass).all()

# %% [markdown] id="discuss" tags=["slide"]
# The two neurons are apart, just as in one pass, pixel by pixel. Next, in lesson 14, we'll
# see them in real tissue.
#
# ### Discuss
#
# A colleague lets her tiles overlap by half and averages them, with more weight on their
# middles. She says: "I don't see any seams any more." What has she gained, and what not?
#
# <details><summary>One answer</summary>
#
# The steps are gone, because each result fades into the next, and averaging several views may
# even help. But no single pass would return her result: where zeros were seen, they are still
# in the mean, and her result depends on where the tiles happen to be. She also computes most
# pixels four times. Blending hides seams. Tiles on the grid, without the rim that zeros
# touched, have none.
#
# </details>

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - continued the image: "the missing context is extrapolated by mirroring the input image" is
#   `mirror_pad(image, ((92, 96), (92, 96)))`, 512 → 700 → 516, cropped;
# - found the grid: tiles of a network of depth 4 fit at multiples of 16, and nowhere between;
# - stitched: "seamless segmentation of arbitrarily large images by an overlap-tile strategy"
#   is `predict(network, image, tile=572)`, with steps of 384;
# - told *different* from *wrong*: off the grid, pixels change sides and V_rand stays; zeros
#   around tiles change up to 0.85 and cost 0.11 of V_rand, until the touched rim is thrown
#   away.
