# %% [markdown] id="title" tags=["slide"]
# # 13 · Overlap-tile
#
# A slice of a brain can have ten thousand pixels a side. No GPU of ours holds its feature maps.
# Today we cut it into tiles, and put their results together so that nobody can find a seam.
#
# ![](assets/lessons/13_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - segment an image of any size, tile by tile, up to its very border;
# - say at which offsets tiles fit together exactly, and why at others not;
# - measure a seam, and say what zero padding does to tiles.
#
# **Time** about 45 minutes · **Before** lessons 05 and 07 · **Needs** no GPU, no data

# %% id="setup"
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch.nn import functional as F

from unet_teach import tiling
from unet_teach.config import UNetConfig
from unet_teach.data.membranes import synthetic_membranes
from unet_teach.data.volume import standardise
from unet_teach.exercises import check, hint, solution
from unet_teach.lessons.described import described
from unet_teach.lessons.l13_overlap_tile.measure import stitched_difference
from unet_teach.lessons.l13_overlap_tile.panel import tile_explorer
from unet_teach.models.pretrained import pretrained
from unet_teach.models.unet import UNet
from unet_teach.shapes import nearest_legal_sizes, output_size, trace
from unet_teach.tiling import plan_side, predict, reach

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="memory" tags=["slide"]
# ## Too large for one pass
#
# The paper's network turns 572 × 572 pixels into 388 × 388. It would take larger images as
# well: a convolution does not ask for the size. What does ask is the memory. How many
# gigabytes do the maps of a 572 take? And those of an image of 10,000 × 10,000?

# %% id="memory-in-numbers" tags=["fragment", "output"]
paper, gigabytes = UNetConfig(), {}
for size in (572, 2044, 10188):
    traced = trace(paper, size)
    gigabytes[size] = traced.memory / 1e9
    print(f"{size:6} → {traced.output:6}: {gigabytes[size]:6.1f} GB of maps")

# %% id="memory-in-numbers-claim" tags=["claim"]
assert [round(value, 1) for value in gigabytes.values()] == [0.7, 13.0, 356.6]

# %% [markdown] id="tiles-are-bounded" tags=["slide"]
# Memory grows with the area: 0.7 GB becomes 13 GB, then 357 GB. (That is all maps together, as
# training keeps them; prediction can forget a map once it is used.) A tile of 572 never takes
# more than its 0.7 GB, however large the image is. So let us work with tiles. Two questions
# come up: what happens at the border of the image, and what happens between two tiles?
#
# ## The border of the image
#
# Cropping costs 92 pixels on each side. For these the paper says: "To predict the pixels in
# the border region of the image, the missing context is extrapolated by mirroring the input
# image."
#
# A row begins 1 2 3 4. What stands left of the 1 when you mirror it?

# %% id="mirror-a-row"
row = np.array([[1, 2, 3, 4]])
mirrored = tiling.mirror_pad(row, ((0, 0), (2, 2)))
print(mirrored)

# %% id="mirror-a-row-claim" tags=["claim"]
assert mirrored.tolist() == [[3, 2, 1, 2, 3, 4, 3, 2]]

# %% [markdown] id="exercise-1" tags=["slide"]
# ### Exercise 1 (easy): the mirror
#
# It stands **on** the border pixel, which comes once. Repeated, it would make a small flat
# step that tissue does not have. Build it for an image, a tensor (H, W) of float32 or float64.
# The margin may be 0, and it is smaller than the image's height and width. The result holds the
# image's values as they are.


# %% id="exercise-mirror-pad" tags=["fragment"]
def mirror_pad(image, margin):
    """A tensor (H + 2 · margin, W + 2 · margin): the image, mirrored at each edge."""
    # SOLUTION: exercises.mirror_pad


# %% id="check-mirror-pad"
check("13.mirror_pad", mirror_pad)

# %% [markdown] id="which-size" tags=["slide"]
# Stuck? `hint("13.mirror_pad")`.
#
# Now take a slice of 512 × 512, the size of the ISBI data. All 512 × 512 pixels shall be
# predicted. Add 92 on each side: 696. Does the paper's network take that? Remember lesson 07.

# %% id="which-size-in-numbers" tags=["fragment", "output"]
wanted = 512 + 2 * 92
print(f"{wanted}: legal are", nearest_legal_sizes(paper, wanted))
print("700 →", output_size(paper, 700))

# %% id="which-size-in-numbers-claim" tags=["claim"]
assert wanted == 696 and nearest_legal_sizes(paper, wanted) == (684, 700)
assert output_size(paper, 700) == 516

# %% [markdown] id="one-pass"
# 696 is illegal: a pooling would drop pixels. So mirror a little more on two sides, to 700.
# Out come 516, and the first 512 of them are the slice. This single pass is our **whole**:
# what every stitching has to reproduce.
#
# We take the course's trained network. It was trained with "same" padding; without padding it
# has the same weights. The slice is synthetic.

# %% id="the-whole"
same = pretrained("membranes")
valid = UNet(replace(same.config, padding="valid")).eval()
valid.load_state_dict(same.state_dict())


def probability(network, x):
    """Of class 1, inside of a cell: (h, w)."""
    with torch.inference_mode():
        return network(x).softmax(dim=1)[0, 1]


slice_ = synthetic_membranes(1, size=512, seed=5).images[0]
image = torch.from_numpy(standardise(slice_))[None, None]  # (1, 1, 512, 512)
padded = tiling.mirror_pad(image, ((92, 96), (92, 96)))  # (1, 1, 700, 700)
whole = probability(valid, padded)

# %% id="the-whole-claim" tags=["claim"]
assert padded.shape[-1] == 700 and tuple(whole.shape) == (516, 516)

# %% [markdown] id="naive" tags=["slide"]
# ## Between two tiles
#
# First the way that many programs go: "same" padding, tiles of 128, side by side, no overlap.
# The comparison is fair: one pass of the same network over the whole slice. How wrong can a
# probability become?

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
other = (stitched > 0.5) != (whole_same > 0.5)
near = [row for seam in (128, 256, 384) for row in range(seam - 16, seam + 16)]
share = 1 - np.delete(np.delete(other.numpy(), near, 0), near, 1).sum() / other.sum()
print(f"largest {seams.max():.2f}; at a seam {beside:.2f}, in a tile's middle {middle:.3f}")
print(f"{other.float().mean():.1%} of all pixels change sides, {share:.0%} of them at seams")

# %% id="naive-in-numbers-claim" tags=["claim"]
assert round(seams.max().item(), 2) == 0.85 and beside > 10 * middle
assert round(other.float().mean().item(), 3) == 0.022 and round(share.item(), 2) == 0.83

# %% [markdown] id="seams-explained" tags=["slide"]
# The grid in the picture is no tissue. Zeros stand around each tile, and lesson 05 measured
# how deep they are felt. Of all pixels 2.2 % change sides, 83 % of them within 16 pixels of a
# seam. Where that opens a wall, two neurons become one.
#
# ### Without zeros
#
# Valid tiles see image only, and give less. Nothing invented is left, so all should be well?
# Take a tile of 252, which gives 68, and move it over the padded slice, pixel by pixel. At
# each offset compare it with the whole. Write down your guess for offset 1, and for 16.

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
# At offsets 0 and 16 the difference is float rounding. At **every** offset between it is more
# than 0.1, even in the tile's middle, which has seen all the pixels that the whole has.
#
# Why? A pooling takes pixels in pairs. Shift the input by one pixel: which pairs does it
# take then?

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
# Shifted by two, the pairs are the same, one place further. Shifted by one, they are others:
# 4 meets 6, and 6 comes out, which lost against 7 before. Each further pooling doubles the
# length after which all repeats. So a U-Net of depth d repeats itself every 2ᵈ pixels: this
# is its **grid**. The paper's network has depth 4 and a grid of 16.
#
# A tile of 572 gives 388 pixels. Is 388 a good step from one tile to the next?

# %% id="step-of-the-paper"
print("388 = 24 · 16 +", 388 % 16)
step = 388 // 16 * 16
print("the largest step on the grid:", step)

# %% id="step-of-the-paper-claim" tags=["claim"]
assert step == 384 and output_size(paper, 572) == 388

# %% [markdown] id="play" tags=["slide"]
# Neighbours have to overlap by four pixels of their outputs, and the step is 384.
#
# Here is a small network of depth 3 with new weights, to play with. Small tiles give 36
# pixels, and start every 36. Predict, then try: which tiles are exact? Which offsets make
# all of them exact, and which of these is the largest? What changes with zeros around each
# tile?
#
# {{twin: tile_explorer}}

# %% id="tile-explorer" tags=["slide"]
tile_explorer()

# %% [markdown] id="play-in-numbers"
# Tiles that start at 0 and 72 are on the grid of 8, those at 36 and 108 are not. In numbers:

# %% id="explorer-in-numbers"
below_rounding = [
    offset for offset in range(24, 37) if stitched_difference("valid", 36, offset).max() < 1e-4
]
print("valid tiles, all exact at offsets", below_rounding)
zeros = [stitched_difference("same", 36, offset).max() for offset in (24, 32, 40)]
print("zero-padded, on the grid:", " ".join(f"{value:.1f}" for value in zeros), "deviations")

# %% id="explorer-in-numbers-claim" tags=["claim"]
assert below_rounding == [24, 32] and min(zeros) > 1

# %% [markdown] id="trained-steps"
# And the trained network? Four valid tiles, first at steps of 68, which is what a tile gives,
# then of 64.

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
# A row of `length` pixels is to be covered by tiles that give `kept` pixels each. Return the
# starts in rising order, from 0 on: all on the grid of a network of this depth (multiples of
# `2**depth`), no gaps, as few tiles as possible. The last tile may hang over the end, and where
# it starts on the grid is up to you. `kept` is at least `2**depth`. For example, 100 pixels
# with `kept` 36 at depth 3 take 3 tiles: `[0, 32, 64]`.


# %% id="exercise-tile-positions" tags=["fragment"]
def tile_positions(length, kept, depth):
    """A list of starts, the first is 0."""
    # SOLUTION: exercises.tile_positions


# %% id="check-tile-positions"
check("13.tile_positions", tile_positions)

# %% [markdown] id="positions-prose"
# Stuck? `hint("13.tile_positions")`. The library's own draws the last tile back along the
# grid, so that it sees less mirror and more image. For 1,000 pixels in the paper's tiles:

# %% id="positions-of-the-paper"
print(tiling.tile_positions(1000, kept=388, grid=16))

# %% id="positions-of-the-paper-claim" tags=["claim"]
assert tiling.tile_positions(1000, kept=388, grid=16) == [0, 384, 624]

# %% [markdown] id="exercise-3" tags=["slide"]
# ### Exercise 3 (stretch): the stitcher
#
# Put all together. `network` is a function: it takes (1, 1, tile, tile), and returns `margin`
# pixels less at each edge. `grid` is its 2ᵈ. The image has any height and width from 1 on, also
# less than a tile. Use `tiling.mirror_pad(image, ((above, below), (left, right)))` and
# `tiling.tile_positions(length, kept, grid)`. The result has the image's size, and the numbers
# of one pass over the image with its mirror around it. How many tiles you take is up to you.


# %% id="exercise-stitch" tags=["fragment"]
def stitch(network, image, tile, margin, grid):
    """image (1, 1, H, W) → what one pass would return, (1, 1, H, W)."""
    # SOLUTION: exercises.stitch


# %% id="check-stitch"
check("13.stitch", stitch)

# %% [markdown] id="seam-free"
# Stuck? `hint("13.stitch")`. The check compares with one pass. So do we: the library's
# `predict` in tiles of 316, which give 132 each, against the 700 at once.

# %% id="seam-free-in-numbers"
tiled = torch.from_numpy(predict(valid, slice_, tile=316)[1])
plan = plan_side(valid.config, 512, tile=316)
difference = (tiled - whole[:512, :512]).abs().max().item()
print(f"tiles start at {plan.starts}; largest difference {difference:.0e}")

# %% id="seam-free-in-numbers-claim" tags=["claim"]
assert plan.starts == (0, 128, 256, 384) and plan.kept == 132
assert difference < 1e-5

# %% [markdown] id="same-repaired"
# Sixteen tiles, and no seam. Is "same" padding lost, then? No: its zeros reach only so far.
# In the paper's layout an output pixel sees at most 107 pixels to one side. Let tiles overlap
# by that much, rounded up to the grid, and throw the touched rim away: what is left has seen
# no zeros.

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
# Tiles overlap, so pixels are computed more than once. How many operations does one output
# pixel cost in a small tile, and how many in a large one? Memory pulls the other way.

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
# A tile of 204 gives 16 useful pixels a side and costs 60.9 million operations for each. At
# 572 it is 2.0, at 2044 only 1.6, for 13 GB. From the paper's size on, larger tiles save
# little. The paper favours "large input tiles over a large batch size", for training.

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# A colleague lets tiles overlap by half and averages them, with more weight on their middles.
# She says: "I see no seams any more." What has she gained, and what not?
#
# <details><summary>One answer</summary>
#
# The steps are gone, as each result fades into the next, and averaging several views of a
# pixel may even help. But her result is none that one pass would give: where zeros were seen,
# they are still in the mean, only with less weight; and it depends on where tiles happen to
# lie. She also computes most pixels four times. Blending hides seams. Tiles on the grid, with
# their touched rim thrown away, have none.
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
# - saw zero-padded tiles differ by up to 0.85, until their touched rim was thrown away.
