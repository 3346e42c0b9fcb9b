# %% [markdown] id="title" tags=["slide"]
# # 13 · Overlap-tile
#
# Suppose an image is ten thousand pixels wide. Its feature maps don't fit into a GPU's
# memory, so today we cut it into tiles and join their predictions so that nobody can tell
# where two tiles met.
#
# ![](assets/lessons/13_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - segment an image of any size, tile by tile, up to its border;
# - say at which offsets tiles fit together exactly, and why they don't at others;
# - tell a result that is *different* from one that is *wrong*.
#
# **Time** about 45 minutes · **Prerequisites** lessons 05 and 07 · **Needs** no GPU, no data

# %% id="setup"
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch.nn import functional as F

from unet_teach import tiling
from unet_teach.config import UNetConfig
from unet_teach.data.membranes import membrane_slice, synthetic_membranes
from unet_teach.data.volume import standardise
from unet_teach.drawing.pair import coloured, the_pair
from unet_teach.exercises import check, hint, mine, solution
from unet_teach.lessons.described import described
from unet_teach.lessons.l13_overlap_tile.measure import answer, at_pair
from unet_teach.lessons.l13_overlap_tile.measure import stitched as piece_in_tiles
from unet_teach.lessons.l13_overlap_tile.measure import whole as piece_in_one_pass
from unet_teach.lessons.l13_overlap_tile.panel import tile_explorer
from unet_teach.lessons.l13_overlap_tile.picture import kept_of_tiles, run_together
from unet_teach.metrics import components, thin, v_rand
from unet_teach.models.pretrained import pretrained
from unet_teach.models.unet import UNet
from unet_teach.shapes import nearest_legal_sizes, output_size, trace
from unet_teach.tiling import plan_side, predict

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="the-pair-so-far" tags=["slide"]
# ## The pair, and what is still wrong with it
#
# The course's trained network keeps our two neurons apart if it sees the whole slice at
# once. Now let's give it tiles of 64 × 64 pixels, side by side. Four of them meet on the
# wall between the neurons. What do you expect there?

# %% id="the-pair-in-tiles" tags=["fragment"]
pair = the_pair("synthetic membranes (seed 0)")
micrograph, slice_labels = membrane_slice(pair.index)
pair_labels = pair.crop(slice_labels)
in_one_pass = at_pair(piece_in_one_pass()) > 0.5
in_tiles = at_pair(piece_in_tiles("zeros", 8, 8)) > 0.5
figure, axes = plt.subplots(1, 3, figsize=(8, 3.1), layout="constrained")
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
# A **seam** is a line where two tiles meet. Two cross on the pair's wall, and there the
# predicted wall is open, so the neurons run together.
#
# ## Too large for one pass
#
# A convolution works at any size, but its feature maps have to fit into memory. How many
# gigabytes do all feature maps of [the U-Net paper's](https://arxiv.org/abs/1505.04597)
# network (Ronneberger et al., 2015) take for 572 × 572 pixels? And for about 10,000 ×
# 10,000?

# %% id="memory-in-numbers" tags=["fragment", "output"]
paper, gigabytes = UNetConfig(), {}
for size in (572, 2044, 10188):
    traced = trace(paper, size)
    gigabytes[size] = traced.memory / 1e9
    print(f"{size:6}² pixels in, {traced.output:6}² out: {gigabytes[size]:6.1f} GB of maps")

# %% id="memory-in-numbers-claim" tags=["claim"]
assert [round(value, 1) for value in gigabytes.values()] == [0.7, 13.0, 356.6]
assert round(gigabytes[572], 2) == 0.73
assert round(gigabytes[10188] / gigabytes[572]) == 489 and round((10188 / 572) ** 2) == 317

# %% [markdown] id="tiles-are-bounded" tags=["slide"]
# Memory grows faster than the area: 572 × 572 pixels take 0.73 GB, but 10,188 × 10,188 (317
# times as many) take 357 GB (489 times as much). That's because convolutions without
# padding (**valid** ones) cut off a border of fixed width, which is a smaller fraction of a
# larger image. If we cut the image into tiles, what happens at the image's border, and
# between tiles?
#
# ## The border of the image
#
# The paper's valid convolutions lose 92 pixels at each edge. [The
# paper](https://arxiv.org/abs/1505.04597) says: "To predict the pixels in the border region
# of the image, the missing context is extrapolated by mirroring the input image."
#
# If you mirror the row 1 2 3 4 without doubling its ends, which two numbers come before the
# 1?

# %% id="mirror-a-row"
row = np.array([[1, 2, 3, 4]])
mirrored = tiling.mirror_pad(row, ((0, 0), (2, 2)))
print(mirrored)

# %% id="mirror-a-row-claim" tags=["claim"]
assert mirrored.tolist() == [[3, 2, 1, 2, 3, 4, 3, 2]]

# %% [markdown] id="exercise-1" tags=["slide"]
# ### Exercise 1 (easy): the mirror
#
# Continue an image by mirroring it at all four edges. The mirror is **on** the border
# pixel, so that pixel isn't doubled.
#
# - **In**: `image`, a tensor (H, W) of float32 or float64; `margin`, a whole number of 0 or
#   more, smaller than H and smaller than W.
# - **Out**: a tensor (H + 2 · margin, W + 2 · margin) of the image's type, with the
#   unchanged image in its middle.
# - **Edge**: with a margin of 0 the image is returned unchanged. The corners are mirrored
#   in height and in width.
# - **Example**: with a margin of 1, the image with rows 1 2 and 3 4 becomes the rows 4 3 4 3,
#   2 1 2 1, 4 3 4 3 and 2 1 2 1.


# %% id="exercise-mirror-pad" tags=["fragment"]
def mirror_pad(image, margin):
    """A tensor (H + 2 · margin, W + 2 · margin): the image, mirrored at each edge."""
    # SOLUTION: exercises.mirror_pad


# %% id="check-mirror-pad"
check("13.mirror_pad", mirror_pad)

# %% [markdown] id="which-size"
# Stuck? `hint("13.mirror_pad")`.
#
# Let's predict every pixel of a slice of 512 × 512 pixels. Adding the lost 92 pixels at
# each edge makes 696 × 696. Is that a legal size for the paper's network (lesson 07)?

# %% id="which-size-in-numbers"
wanted = 512 + 2 * 92
print(f"{wanted} pixels wide; the nearest legal widths are", nearest_legal_sizes(paper, wanted))
print("700 pixels in,", output_size(paper, 700), "out")

# %% id="which-size-in-numbers-claim" tags=["claim"]
assert wanted == 696 and nearest_legal_sizes(paper, wanted) == (684, 700)
assert output_size(paper, 700) == 516

# %% [markdown] id="one-pass"
# A width of 696 is illegal, because one pooling would meet an odd width. So we mirror four
# more pixels below and on the right, up to 700. The output is 516 × 516 pixels, and its top
# left 512 × 512 are the slice's. We'll compare tiles with this single pass, `whole` in the
# code.
#
# The course's network was trained with "same" padding. But padding has no weights, so a
# network without it, `valid`, can use the same ones.

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
mirrored = mine("mirror_pad").mirror_pad(image[0, 0], 96)  # yours, or the library's
padded = mirrored[None, None, 4:, 4:]  # 92 above and on the left: (1, 1, 700, 700)
whole = probability(valid, padded)

# %% id="the-whole-claim" tags=["claim"]
assert padded.shape[-1] == 700 and tuple(whole.shape) == (516, 516)
assert torch.equal(padded, tiling.mirror_pad(image, ((92, 96), (92, 96))))

# %% [markdown] id="naive" tags=["slide"]
# ## Between two tiles
#
# We run the network with "same" padding on tiles of 128 × 128 pixels, side by side. Where
# will the stitched (joined) result differ most from a single pass over the whole slice?


# %% id="naive-tiles" tags=["slide"]
def side_by_side(image):
    joined = torch.zeros(image.shape[-2:])
    for top in range(0, len(joined), 128):
        for left in range(0, len(joined), 128):
            piece = image[..., top : top + 128, left : left + 128]
            joined[top : top + 128, left : left + 128] = probability(same, piece)
    return joined


stitched, whole_same = side_by_side(image), probability(same, image)
seams = (stitched - whole_same).abs()
figure, axes = plt.subplots(1, 2, figsize=(8, 4.4), layout="constrained")
axes[0].imshow(stitched, cmap="gray")
axes[1].imshow(seams, cmap="magma", vmin=0, vmax=1)
axes[0].set(title="stitched: probability of inside", xticks=[], yticks=[])
axes[1].set(title="difference from one pass", xticks=[], yticks=[])
described(figure, "13.naive_tiles")

# %% [markdown] id="different-or-wrong"
# The straight lines come from the zeros that "same" padding puts around each tile (lesson
# 05): near its edge, the network sees these in place of tissue.
#
# But does *different* mean *wrong*? One pass makes mistakes, too, so only the labels can
# tell. Let's count the pixels that become wrong or right, and compute V_rand (lesson 10),
# which is 1 if all neurons are whole and apart.

# %% id="naive-in-numbers"
tiled, before = (stitched > 0.5).numpy(), (whole_same > 0.5).numpy()
other = tiled != before
now_wrong, now_right = (other & (tiled != labels)).sum(), (other & (tiled == labels)).sum()
scores = [v_rand(components(labels), thin(mask)) for mask in (before, tiled)]
print(f"difference from one pass: mean {seams.mean():.3f}, at most {seams.max():.2f}")
print(f"{other.mean():.1%} of all pixels change: {now_wrong} to wrong, {now_right} to right")
print(f"V_rand: {scores[0]:.3f} in one pass, {scores[1]:.3f} in tiles")

# %% id="naive-in-numbers-claim" tags=["claim"]
beside = seams[:, 127:129].mean()  # the two columns at the first seam
middle = seams[40:88, 40:88].mean()  # of the first tile
near = np.array([any(-16 <= n - seam < 16 for seam in (128, 256, 384)) for n in range(512)])
share = other[near[:, None] | near].sum() / other.sum()  # in rows or columns near a seam
assert round(seams.max().item(), 2) == 0.85 and beside > 10 * middle
assert round(seams.mean().item(), 3) == 0.025
assert round(float(other.mean()), 3) == 0.022 and round(float(share), 2) == 0.83
assert 2.5 * now_right < now_wrong < 3 * now_right
assert [round(score, 3) for score in scores] == [0.986, 0.874]

# %% [markdown] id="seams-explained" tags=["slide"]
# In tiles, 2.2 % of the pixels change sides (their probability crosses 1/2), and 83 % of
# these are within 16 pixels of a seam. For each pixel that becomes right, almost three
# become wrong. V_rand falls by 0.11, because walls open at the seams and neurons run
# together.
#
# ### Without zeros
#
# With valid convolutions a tile sees no zeros. Do tiles fit one pass exactly? We move a
# tile of 252 × 252 pixels, which returns 68 × 68, down the padded slice pixel by pixel.
# Each time we compare the middle of its output with `whole` at the same place. How large a
# difference do you expect at an offset of 1 pixel, and of 16?

# %% id="by-offset" tags=["slide"]
largest = []
for offset in range(17):
    rows = slice(96 + offset, 96 + offset + 252)
    part = probability(valid, padded[..., rows, 96:348])  # 252 → 68
    difference = (part - whole[96 + offset : 164 + offset, 96:164]).abs()
    largest.append(difference[16:52].max().item())  # nearer the rim the whole sees further
figure, axes = plt.subplots(figsize=(8, 3.2), layout="constrained")
axes.semilogy(range(17), np.maximum(largest, 1e-8), "o-")
axes.set_title("one tile, moved over the slice: how far is it from one pass?")
axes.set(xlabel="offset, pixels", ylabel="largest difference", xticks=range(17))
described(figure, "13.by_offset")

# %% id="by-offset-in-numbers-claim" tags=["claim"]
assert max(largest[0], largest[16]) < 1e-5  # float rounding
assert min(largest[1:16]) > 0.1

# %% [markdown] id="the-grid" tags=["slide"]
# At offsets 0 and 16 the difference is only float rounding. At **every** offset between
# them a probability differs by more than 0.1. Missing context isn't the reason, because the
# middle of a tile sees as much as one pass does.
#
# The reason is pooling, which takes a row's pixels in pairs. Take six of the numbers 1 5 2
# 3 9 4 6 7, starting at index 0, 1 or 2. Which pairs form, and which is the larger number
# of each?

# %% id="pairs" tags=["fragment", "output"]
line = torch.tensor([[[1.0, 5.0, 2.0, 3.0, 9.0, 4.0, 6.0, 7.0]]])
pooled = {s: F.max_pool1d(line[..., s : s + 6], 2).flatten().tolist() for s in (0, 1, 2)}
for shift, values in pooled.items():
    print(f"begin at number {shift}, keep the larger of each pair:", values)

# %% id="pairs-claim" tags=["claim"]
whole_line = F.max_pool1d(line, 2).flatten().tolist()
assert pooled[2] == whole_line[1:]  # the same pairs, one place further
assert 6 in pooled[1] and 6 not in whole_line

# %% [markdown] id="two-to-the-depth"
# If you start two pixels later, the same pairs form. One pixel later, they are different: 4
# meets 6, so the 6 survives, which otherwise loses to 7. Each further pooling doubles the
# distance after which the pairs repeat, because its pixels are twice as wide. So with d
# poolings they repeat every 2ᵈ pixels. We call 2ᵈ, a network's total stride, its **grid**;
# multiples of it are *on the grid*. The paper's network and ours have four poolings, so
# their grid is 16.
#
# A tile of 572 × 572 pixels returns 388 × 388. Is 388 a good step from tile to tile?

# %% id="step-of-the-paper-claim" tags=["claim"]
assert 388 // 16 * 16 == 384 and 388 == 24 * 16 + 4 and output_size(paper, 572) == 388

# %% [markdown] id="play" tags=["slide"]
# No, because 388 = 24 · 16 + 4 isn't a multiple of 16. The largest one below it is 384, and
# with this step neighbouring outputs overlap by four pixels.
#
# Drag a tile in the tissue around our pair; the others move with it. Choose what is around
# a tile, zeros or more of the image. Two maps show where the stitched result is
# **different** from one pass, and what is **wrong** in tiles only, by the labels. Predict
# first: with image around, at which offsets is there no difference? And one pixel off the
# grid, is the result any worse?
#
# {{twin: tile_explorer}}

# %% id="tile-explorer" tags=["slide"]
tile_explorer()

# %% [markdown] id="play-in-numbers"
# Here the same tissue is cut into tiles in four ways. The upper row shows the pair (orange
# if it has run together), the lower row the difference from one pass.

# %% id="four-ways" tags=["slide"]
places = {"zeros, off the grid": ("zeros", 8, 8), "zeros, on the grid": ("zeros", 32, 32)}
places |= {"image, one pixel off": ("image", 17, 17), "image, on the grid": ("image", 16, 16)}
figure, axes = plt.subplots(2, 4, figsize=(10, 5.4), layout="constrained")
for (title, place), (above, below) in zip(places.items(), axes.T, strict=True):
    moved = answer(dict(zip(("around", "top", "left"), place, strict=True)))
    piece = piece_in_tiles(*place)
    above.imshow(coloured(pair, at_pair(piece) > 0.5, pair_labels))
    below.imshow(np.abs(piece - piece_in_one_pass()), cmap="magma", vmin=0, vmax=0.5)
    above.set_title(f"{title}\nV_rand {moved['v_rand']:.3f}", fontsize=11)
    below.set_xlabel(f"at most {moved['largest']:.2f}")
plt.setp(axes, xticks=[], yticks=[])
described(figure, "13.four_ways")

# %% id="explorer-in-numbers-claim" tags=["claim"]
moved = [answer({"around": "image", "top": n, "left": n}) for n in range(17)]
exact = [offset for offset, found in enumerate(moved) if found["largest"] < 1e-5]
zeros = [answer({"around": "zeros", "top": n, "left": n}) for n in (0, 16, 32, 48)]
assert exact == [0, 16] and min(found["largest"] for found in zeros) > 0.5
assert round(moved[1]["changed"], 3) == 0.021 and round(moved[1]["v_rand"], 3) == 0.991
assert round(moved[0]["v_rand"], 3) == 0.991 and round(zeros[2]["v_rand"], 3) == 0.721
shown = [answer(dict(zip(("around", "top", "left"), p, strict=True))) for p in places.values()]
assert [found["pair"] for found in shown] == ["merged", "apart", "apart", "apart"]
zeros_on_grid, true = at_pair(piece_in_tiles("zeros", 32, 32)) > 0.5, components(pair_labels)
for number in pair.regions(zeros_on_grid, pair_labels):
    held = np.bincount(true[components(zeros_on_grid) == number])[1:]
    assert (held > 500).sum() == 2  # one of the pair, and another neuron
assert [round(found["v_rand"], 3) for found in shown] == [0.663, 0.721, 0.991, 0.991]

# %% [markdown] id="different-not-worse"
# With **image pixels** around the tiles, on the grid, the result differs from one pass only
# by float rounding. One pixel off the grid, 2 % of the pixels change sides, because the
# poolings take other pairs. But V_rand stays at 0.991, probably because training crops came
# from random places, so the network has met all pairings. That is *different*, but here not
# *worse*. With **zeros**, even on the grid, the result is different *and* worse, because
# tiles still see no tissue around them. V_rand is 0.721 here: the pair is apart, but each
# of its neurons has run into a neighbour.

# %% [markdown] id="start-on-the-grid"
# So start each tile on the grid, with image pixels around it, mirrored beyond the border.
# Then the result doesn't depend on where you cut, unless the network has **group
# normalisation**, which takes mean and variance from each tile.

# %% id="group-norm-claim" tags=["claim"]
from torch import nn

maps, cut = F.conv2d(image, torch.randn(4, 1, 3, 3)), (..., slice(64, 128), slice(64, 128))
changed = {}
for layer in (nn.BatchNorm2d(4).eval(), nn.GroupNorm(2, 4)):
    changed[type(layer).__name__] = (layer(maps[cut]) - layer(maps)[cut]).abs().max().item()
assert changed["BatchNorm2d"] < 1e-5 and changed["GroupNorm"] > 0.01

# %% id="two-steps-claim" tags=["claim"]
found = {}
for step in (68, 64):  # what a tile returns, and the largest step on the grid
    found[step] = []
    for top in (0, step):
        for left in (0, step):
            part = probability(valid, padded[..., top : top + 252, left : left + 252])
            there = whole[top : top + 68, left : left + 68]
            found[step].append((part - there).abs().max().item())
assert max(found[64]) < 1e-5
assert found[68][0] < 1e-5 and min(found[68][1:]) > 0.01  # only the first is on the grid

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): where tiles start
#
# Where do tiles have to start to cover a row of pixels?
#
# - **In**: whole numbers: `length`, the pixels to cover, at least 1; `kept`, the pixels
#   that a tile returns (from its start on), at least `2**depth`; `depth`, the number of
#   poolings, 0 or more.
# - **Out**: the list of starts, in ascending order and beginning with 0. All are
#   multiples of `2**depth` and smaller than `length`. As few tiles as possible cover all
#   the pixels.
# - **Edge**: if `length` is at most `kept`, the result is `[0]`. The last tile may hang
#   over the end and start anywhere on the grid.
# - **Example**: with `length` 100, `kept` 36 and `depth` 3, the step is 32, so `[0, 32,
#   64]`.


# %% id="exercise-tile-positions" tags=["fragment"]
def tile_positions(length, kept, depth):
    """A list of starts, the first is 0."""
    # SOLUTION: exercises.tile_positions


# %% id="check-tile-positions"
check("13.tile_positions", tile_positions)

# %% [markdown] id="positions-prose"
# Stuck? `hint("13.tile_positions")`.
#
# Exercise 3 uses the library's version, which takes `grid` (2ᵈ) in place of `depth`.

# %% id="positions-of-the-paper-claim" tags=["claim"]
assert tiling.tile_positions(1000, kept=388, grid=16) == [0, 384, 624]

# %% [markdown] id="exercise-3" tags=["slide"]
# ### Exercise 3 (stretch): the stitcher
#
# Run a network on an image in tiles and join the outputs. Use `tiling.mirror_pad(image,
# ((above, below), (left, right)))` and `tiling.tile_positions(length, kept, grid)`.
#
# - **In**: `network`, a function from a float32 tensor (1, 1, tile, tile) to one of (1, 1,
#   kept, kept), kept = tile − 2·margin; `image`, a float32 tensor (1, 1, H, W), H and W at
#   least 1; positive whole numbers `tile`, `margin` and `grid`, with kept at least `grid`.
# - **Out**: a float32 tensor (1, 1, H, W), with the numbers of one pass over the padded
#   image.
# - **Edge**: for an image no larger than `margin`, `tiling.mirror_pad` mirrors the mirror
#   image, too.
# - **Example**: with `tile` 12, `margin` 2 and `grid` 4, kept is 8, so an image of 12 × 12
#   pixels takes 2 × 2 tiles.

# %% [markdown] id="one-row-by-hand"
# Let's do **one row by hand**, of 13 pixels, with the example's tiles. Their outputs start
# at 0 and 8. Two mirrored pixels come first, so output 8 is at place 10 of the padded row.
# The second tile loses 2 places at each end, so it starts at 8 and reads 12 places:
#
# ```
# padded row    0 1 | 2 … 14 | 15 … 19       mirror | the image | mirror
# first tile    reads 0 … 11,   returns outputs 0 … 7
# second tile   reads 8 … 19,   returns outputs 8 … 15
# ```
#
# So the padded row needs 8 + 12 = 20 places. Mirror and image fill 2 + 13 = 15, so we
# mirror 5 more at the end. The outputs fill 8 + 8 = 16 places, and the first 13 are the
# image's.

# %% id="one-row-by-hand-claim" tags=["claim"]
assert tiling.tile_positions(13, kept=8, grid=4) == [0, 8]


# %% id="exercise-stitch" tags=["fragment"]
def stitch(network, image, tile, margin, grid):
    """image (1, 1, H, W) → what one pass would return, (1, 1, H, W)."""
    # SOLUTION: exercises.stitch


# %% id="check-stitch"
check("13.stitch", stitch)

# %% [markdown] id="seam-free"
# Stuck? `hint("13.stitch")`.
#
# Once your stitcher passes, it goes into `my_unet.py`, so your network runs on any image.
# Let it run `valid` on our slice, in tiles of 316 × 316, which return 132 × 132. (The
# library's `predict` does the same.) Will the result differ from `whole`?

# %% id="seam-free-in-numbers"
yours = mine("tile_positions", "stitch")  # or the library's
starts = yours.tile_positions(512, kept=132, depth=4)
print(f"{len(starts) ** 2} tiles, starting at", starts)
from_tiles = yours.stitch(
    lambda tile: probability(valid, tile)[None, None], image, tile=316, margin=92, grid=16
)[0, 0]
difference = (from_tiles - whole[:512, :512]).abs().max().item()
print(f"tiles against one pass: largest difference {difference:.0e}")

# %% id="seam-free-in-numbers-claim" tags=["claim"]
plan = plan_side(valid.config, 512, tile=316)
assert plan.starts == tuple(starts) == (0, 128, 256, 384) and plan.kept == 132
assert difference < 1e-5
by_predict = torch.from_numpy(predict(valid, slice_, tile=316)[1])
assert torch.allclose(by_predict, from_tiles, atol=1e-5)

# %% [markdown] id="same-repaired" tags=["slide"]
# What is left is at most float rounding. Is "same" padding useless, then? No, because its
# zeros reach only so far. **How far?** Because of the poolings, output pixels in a row form
# groups of 16 (one grid step) that see the same leftmost input pixel. The first of each
# sees 92 pixels to its left. The last, 15 pixels further right, sees 92 + 15 = 107.
#
# At each cut, zeros can have changed at most a tile's outermost 107 pixels. We throw away a
# **rim** of 112, the next multiple of 16, because the step has to stay on the grid. Where
# tiles meet, each loses its rim, so they overlap by two rims. Here is a row of 512 pixels,
# in tiles of 320.

# %% id="rims-thrown-away" tags=["fragment", "output"]
side = plan_side(same.config, 512, tile=320)
described(kept_of_tiles(side), "13.rims_thrown_away")

# %% id="same-repaired-in-numbers-claim" tags=["claim"]
from unet_teach.tiling import reach

assert reach(same.config) == 92 + 16 - 1 == 107 and side.context == 112
assert side.starts == (0, 96, 192) and 320 - 2 * 112 == 96 and 320 - 96 == 2 * 112
assert [(w.start, w.stop) for *_start, w in side.windows()] == [
    (0, 208),
    (208, 304),
    (304, 512),
]

# %% [markdown] id="why-these-starts"
# Tile 1 starts at the image's left edge. One pass sees zeros there, too, so nothing is
# thrown away at that end. A tile in the middle loses 112 pixels at each end and keeps 320 −
# 2 · 112 = 96. The kept parts have to join, so the step is 96 pixels, too. The tiles start
# at 0, 96 and 192, and 192 + 320 = 512 is the image's right edge. Are the seams gone now?

# %% id="repaired"
repaired = torch.from_numpy(predict(same, slice_, tile=320)[1])
difference = (repaired - whole_same).abs().max().item()
print(f"largest difference {difference:.0e}; side by side it was {seams.max():.2f}")

# %% id="repaired-claim" tags=["claim"]
assert difference < 1e-5

# %% id="price-in-numbers-claim" tags=["claim"]
costs = {}
for tile in (204, 572, 2044):
    traced = trace(paper, tile)
    step = traced.output // 16 * 16
    costs[tile] = traced.operations / step**2 / 1e6
assert [round(costs[tile], 1) for tile in (204, 572, 2044)] == [60.9, 2.0, 1.6]
assert round(trace(paper, 2044).memory / 1e9) == 13

# %% [markdown] id="the-pair-closes"
# The seams are gone: the difference is at most float rounding.
#
# ## The pair, as it is now
#
# Here is the pair's whole slice, predicted with zeros around the tiles, and with image
# pixels. The pair is framed in red, and tiles meet at the dotted lines. A region is blue if
# it contains one neuron, **orange** if two or more, and white if none.

# %% id="the-pair-now" tags=["slide"]
moved = torch.from_numpy(standardise(micrograph))[None, None]
moved = tiling.mirror_pad(moved, ((72, 56), (72, 56)))  # so a corner is on the pair's wall
ways = {"side by side": side_by_side(moved)[72:-56, 72:-56].numpy() > 0.5}
ways["image around, on the grid"] = predict(valid, micrograph, tile=316)[1] > 0.5
figure, axes = plt.subplots(1, 2, figsize=(10, 5.4), layout="constrained")
for ax, first, (title, mask) in zip(axes, (56, 128), ways.items(), strict=True):
    ax.imshow(run_together(mask, slice_labels))
    for seam in range(first, 512, 128):
        ax.axhline(seam, color="white", linestyle=":")
        ax.axvline(seam, color="white", linestyle=":")
    top, left = pair.corner
    ax.add_patch(plt.Rectangle((left, top), 127, 127, fill=False, lw=3, ec="red"))
    ax.set(
        title=f"{title}: our pair is {pair.verdict(mask, slice_labels)}", xticks=[], yticks=[]
    )
described(figure, "13.the_pair_now")

# %% id="the-pair-now-claim" tags=["claim"]
assert [pair.verdict(mask, slice_labels) for mask in ways.values()] == ["merged", "apart"]
on_the_grid = at_pair(piece_in_tiles("image", 16, 16)) > 0.5
assert pair.verdict(on_the_grid, pair_labels) == "apart" and (on_the_grid == in_one_pass).all()
around = torch.from_numpy(standardise(micrograph))[None, None]
around = tiling.mirror_pad(around, ((92, 96), (92, 96)))
in_one = probability(valid, around)[:512, :512].numpy() > 0.5
both = [run_together(mask, slice_labels) for mask in (mask, in_one)]
assert (both[0] != both[1]).mean() < 1e-4  # what is left is in one pass, too

# %% [markdown] id="curious"
# <details><summary>For the curious: what tiles cost</summary>
#
# The inputs of neighbouring tiles overlap by a fixed width, so small tiles compute many
# pixels more than once. With the paper's network, each output pixel costs 60.9 million
# operations in tiles of 204 × 204 pixels, 2.0 million in 572 × 572, and 1.6 million in 2044
# × 2044. But the feature maps of such a large tile take 13 GB.
#
# </details>

# %% [markdown] id="discuss" tags=["slide"]
# Our two neurons are apart again. The remaining orange regions aren't due to the tiles,
# because a single pass has them, too.
#
# ### Discuss
#
# A colleague's network pads with zeros. Her tiles overlap by half, and she averages their
# predictions, with more weight at each tile's centre. She says: "I see no seams any more."
# What has she gained, and what hasn't she?
#
# <details><summary>One answer</summary>
#
# The visible steps are gone, because each tile fades into the next. But no single pass
# would return her result: where a tile saw zeros, they still affect the mean. So blending
# only hides seams. Tiles on the grid have none if you throw away their rims.
#
# </details>

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - continued the image: the paper's "mirroring the input image" is here
#   `tiling.mirror_pad(image, ((92, 96), (92, 96)))`;
# - found the grid: with four poolings, tiles without zeros fit one pass exactly at
#   multiples of 16;
# - stitched a slice with `predict(valid, slice_, tile=316)`, in steps of 128;
# - told *different* from *wrong*: one pixel off the grid, 2 % of the pixels changed sides,
#   but V_rand stayed at 0.991.
