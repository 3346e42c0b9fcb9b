# %% [markdown] id="title" tags=["slide"]
# # 05 · Crop or pad
#
# A skip connection carries a feature map across the U, from the encoder to the same level
# of the decoder. So the decoder gets back the detail that pooling removed. But in the
# paper's U-Net the decoder's own map is smaller than the one that arrives. We measure the
# price of three remedies.
#
# ![](assets/lessons/05_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - explain why a skip is larger than the decoder's map that it meets, and by how much at
#   every level;
# - crop a feature map to its middle, and show what goes wrong if you crop it anywhere else;
# - name the price of each remedy: cropping the skip, padding the decoder's map, and "same"
#   padding.
#
# **Time** about 40 minutes · **Prerequisites** lessons 01 and 04 · **Needs** no GPU, no data

# %% id="setup" tags=["core"]
from dataclasses import replace

import matplotlib.pyplot as plt
import torch
from matplotlib.colors import LogNorm
from torch.nn import functional as F

from unet_teach import layers
from unet_teach.config import UNetConfig
from unet_teach.data.membranes import membrane_slice, synthetic_membranes
from unet_teach.data.volume import standardise
from unet_teach.drawing.intervals import primary_answers
from unet_teach.drawing.pair import coloured, the_pair
from unet_teach.exercises import check, hint, solution
from unet_teach.layers import zero_pad
from unet_teach.lessons.described import described
from unet_teach.lessons.l05_crop_or_pad.measure import border_map, by_distance
from unet_teach.lessons.l05_crop_or_pad.panel import crop_explorer
from unet_teach.lessons.l05_crop_or_pad.picture import stacked
from unet_teach.models.pretrained import pretrained
from unet_teach.models.unet import UNet
from unet_teach.shapes import output_size, trace

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="pair-opens" tags=["slide"]
# ## What is still wrong with our pair
#
# In lesson 04 we learned to double a feature map in height and in width, so the decoder can
# climb the U. At each level it joins its own feature map, the **map from below**, with a
# skip, but the skip is larger. The quickest fix is to keep only the upper-left part of the
# skip.
#
# The left picture shows what that does to our two neurons; the right one shows a crop from
# the middle. The walls in the skip are blue, those in the map from below are orange, and
# pixels where both have a wall are dark. Which picture would you rather hand to the next
# layer?

# %% id="pair-drawn-twice" tags=["slide"]
micrograph, labels = membrane_slice(29)  # the pair's slice
pair = the_pair("synthetic membranes (seed 0)")
walls = 1.0 - pair.crop(labels)
smaller = walls[4:-4, 4:-4]  # what the map from below shows: four pixels less at each edge
figure, axes = plt.subplots(1, 2, figsize=(7, 3.7), layout="constrained")
for axis, start, title in zip(
    axes, (0, 4), ("from the corner", "from the middle"), strict=True
):
    axis.imshow(stacked(walls[start : start + 120, start : start + 120], smaller))
    axis.set_title(f"skip cropped {title}")
    axis.set_axis_off()
described(figure, "05.drawn_twice")

# %% id="pair-drawn-twice-claim" tags=["claim"]
assert smaller.shape == (120, 120)
assert (walls[4:124, 4:124] == smaller).all()
assert walls[:120, :120][smaller == 1].mean() < 0.6  # little more than half of it is met

# %% [markdown] id="pair-drawn-twice-read"
# If the skip is cropped from the corner, every wall is drawn twice, four pixels apart in
# height and in width. A layer that has to decide where one neuron ends then gets two
# different answers. But why is the map from below smaller?

# %% [markdown] id="the-problem" tags=["core", "slide"]
# ## Sixty-four against fifty-six
#
# *(one-lesson track: 6 minutes)*
#
# Let's follow the sizes at the lowest skip of the paper's network. There a feature map of
# 64 × 64 pixels is kept as the skip. It is also pooled to 32 × 32, two 3 × 3 convolutions
# reduce that to 28 × 28, and upsampling doubles it to 56 × 56. Now we want to
# **concatenate** this map from below and the skip (stack them along the channel axis), but
# their sizes differ. What will torch say?

# %% id="sizes-do-not-match" tags=["core", "fragment"]
skip, below = torch.rand(1, 4, 64, 64), torch.rand(1, 4, 56, 56)
try:
    torch.cat([skip, below], dim=1)
except RuntimeError as error:
    refused = str(error)
    print(refused)

# %% [markdown] id="every-level" tags=["core", "slide"]
# torch refuses, because 64 isn't 56. The two convolutions at the bottleneck cost four
# pixels in height and in width: each costs two, because its 3 × 3 window can't be centred
# on an edge pixel. Upsampling doubles those four to eight. At each level above the
# bottleneck, four more convolutions (two in the encoder, two in the decoder) cost another
# eight. Then upsampling doubles all that is missing so far, so (8 + 8) · 2 = 32 pixels are
# missing at the next skip. How many will be missing at the top?

# %% id="skips-of-the-paper" tags=["core", "fragment", "output"]
for skip in trace(UNetConfig(), 572).skips:
    short = skip.size - skip.below
    print(
        f"level {skip.level}: skip {skip.size:3}, map from below {skip.below:3}, {short} less"
    )

# %% id="skips-of-the-paper-claim" tags=["core", "claim"]
top = trace(UNetConfig(), 572).skips[0]
assert (top.size, top.below) == (568, 392)
short = [skip.size - skip.below for skip in trace(UNetConfig(), 572).skips]
assert short == [176, 80, 32, 8]  # from the bottom: (all so far + 8) · 2
assert "must match" in refused

# %% [markdown] id="remedy-one" tags=["core", "slide"]
# ## Remedy 1: crop the skip
#
# *(one-lesson track: 10 minutes, with exercise 1)*
#
# [Ronneberger and others (2015)](https://arxiv.org/abs/1505.04597) write: "The cropping is
# necessary due to the loss of border pixels in every convolution." The map from below lost
# the same number of pixels at each edge, so we keep only the middle of the skip.
#
# The panel shows a skip of 32 × 32 pixels and a map from below of 24 × 24. Walls in that
# map are orange; those in the window that we cut from the skip are blue. Predict, then try.
# If the window begins at (0, 0), how many times does each wall appear? Where should the
# window begin instead? And what happens when the **margin**, the number of rows (or
# columns) to cut off in all, is odd?
#
# {{twin: crop_explorer}}

# %% id="move-the-crop" tags=["core", "slide"]
crop_explorer()

# %% id="move-the-crop-claim" tags=["core", "claim"]
panel = crop_explorer()
assert panel.answer["middle"] == 4 and panel.answer["offset"] == [-4, -4]
assert panel.answer["met"] < 0.25 * panel.answer["walls"]
panel.set(top=4, left=4)
assert panel.answer["met"] == panel.answer["walls"]
panel.set(below=25, top=3, left=3)
assert panel.answer["offset"] == [-0.5, -0.5]

# %% [markdown] id="exercise-1" tags=["core", "slide"]
# ### Exercise 1 (easy): the crop
#
# Write the function that crops a skip to the size of the map from below.
#
# - **In**: `x`, a tensor (B, C, H, W), and `size`, a pair of whole numbers (height, width),
#   with height from 1 to H and width from 1 to W. The two margins (the rows and the columns
#   to cut off) may differ.
# - **Out**: a tensor (B, C, height, width), the middle of `x`, with its values unchanged.
# - **Edge**: if a margin is odd, the bottom or right edge loses one row or column more than
#   the opposite edge. If a margin is 0, keep all rows or columns.
# - **Example**: of the rows 0 to 4, height 2 keeps rows 1 and 2.


# %% id="exercise-center-crop" tags=["core", "fragment"]
def center_crop(x, size):
    """The middle of x, (B, C, height, width)."""
    # SOLUTION: exercises.center_crop


# %% id="check-center-crop" tags=["core"]
check("05.center_crop", center_crop)

# %% [markdown] id="shape-is-not-place" tags=["core"]
# The check uses maps in which each pixel holds its own coordinates, so it notices a crop
# from the wrong place even when the shape is right. Inside a network nothing would warn
# you, because the shapes fit. But the skip's details would be shifted away from the cells
# that they belong to.
#
# Stuck? `hint("05.center_crop")`.

# %% id="place-in-numbers-claim" tags=["core", "claim"]
rows = torch.arange(64.0).view(1, 1, 64, 1).expand(1, 1, 64, 64)
assert layers.center_crop(rows, (56, 56))[0, 0, 0, 0] == 4
assert rows[..., :56, :56][0, 0, 0, 0] == 0  # the corner: four rows beside

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): the crops of the paper
#
# How many pixels does the paper's network cut off at **each edge** of each of its four
# skips, for an input of 572 × 572?
#
# - **In**: nothing; take the sizes printed above *Remedy 1*.
# - **Out**: `paper_crops`, a list of four whole numbers, one for each skip, the top of the
#   U first.
# - **Example**: a skip of 30 × 30 that meets a map of 24 × 24 loses 3 pixels at each edge.

# %% id="exercise-paper-crops" tags=["fragment"]
# SOLUTION: exercises.paper_crops
paper_crops = ...

# %% id="check-paper-crops"
check("05.paper_crops", paper_crops)

# %% [markdown] id="hint-crops"
# Stuck? `hint("05.paper_crops")`.

# %% [markdown] id="remedy-two" tags=["core", "slide"]
# ## Remedy 2: pad the map
#
# *(one-lesson track: 4 minutes)*
#
# We can also leave the skip as it is, and surround the smaller map with zeros. Nothing is
# thrown away, so the output is larger than with cropping. Only the top level's own four
# convolutions still make the output smaller than the input: two before the pooling and two
# after the maps are joined. How large will the output be for an input of 572 × 572 pixels?

# %% id="pad-the-map" tags=["core", "fragment"]
framed = zero_pad(below, (64, 64))
print(tuple(below.shape), "→", tuple(framed.shape))
padding = UNetConfig(align="pad")
print("572 →", output_size(padding, 572), "instead of", output_size(UNetConfig(), 572))

# %% id="pad-the-map-claim" tags=["core", "claim"]
assert (output_size(padding, 572), output_size(UNetConfig(), 572)) == (564, 388)
assert framed[0, 0, 0].abs().sum() == 0 and framed[0, 0, 4, 4] == below[0, 0, 0, 0]

# %% [markdown] id="remedy-three" tags=["core", "slide"]
# ## Remedy 3: "same" padding
#
# *(one-lesson track: 4 minutes)*
#
# Or we can let every convolution put zeros around its input first. Then no convolution
# loses a pixel, so when 512 × 512 pixels go in, 512 × 512 come out. If every pooling gets
# an even size, the skip and the map from below have the same size. nnU-Net, a later U-Net
# that configures itself ([Isensee and others,
# 2021](https://doi.org/10.1038/s41592-020-01008-z)), is built like this. But a convolution
# treats the zeros as if they were tissue.

# %% id="same-padding" tags=["core", "fragment"]
same = UNetConfig(padding="same")
for skip in trace(same, 512).skips:
    print(f"level {skip.level}: skip {skip.size}, map from below {skip.below}")

# %% id="same-padding-claim" tags=["core", "claim"]
assert output_size(same, 512) == 512
assert all(skip.size == skip.below for skip in trace(same, 512).skips)

# %% [markdown] id="exercise-3" tags=["slide"]
# ### Exercise 3 (stretch): odd sizes
#
# With "same" padding, the skip and the upsampled map may differ in size, because pooling
# drops the last of an odd number of rows. With two poolings, 25 rows become 12, then 6.
# Double both, and compare each with its skip:
#
# - top level: 2 · 12 = 24 rows meet a skip of 25, so 1 is missing;
# - next level: 2 · 6 = 12 rows meet a skip of 12, so none is missing.
#
# Do this for any height.
#
# - **In**: two whole numbers: `n`, the height of the input, at least 2 to the power of
#   `depth`, and `depth`, the number of poolings, at least 1.
# - **Out**: a list of `depth` whole numbers: the missing rows at each level, top first.
# - **Example**: `missing_pixels(25, 2)` returns `[1, 0]`.


# %% id="exercise-missing-pixels" tags=["fragment"]
def missing_pixels(n, depth):
    """Pixels that are missing at each level, top first."""
    # SOLUTION: exercises.missing_pixels


# %% id="check-odd-sizes"
check("05.missing_pixels", missing_pixels)

# %% [markdown] id="hint-odd"
# Stuck? `hint("05.missing_pixels")`.
#
# When your function passes, look at its answer for n = 44 and depth = 3. Its zeros and ones
# are the last three binary digits of 44, the last one first. The course's "same" network
# accepts only sizes for which all these digits are 0: the multiples of 2 to the power of
# the depth.

# %% [markdown] id="the-price" tags=["core", "slide"]
# ## The price, seen
#
# *(one-lesson track: 12 minutes)*
#
# Take a large image, cut a **tile** out of its middle, and pretend that this smaller image
# is all we have. Run the network on both. Where a result depends only on tissue in the
# tile, both results are equal. Where zeros take the place of tissue, the results differ.
#
# All three remedies can use the course's trained weights, because a remedy has no
# parameters. How far from the edge of the tile, in pixels, will the zeros still change the
# result?

# %% [markdown] id="tile-sizes" tags=["core"]
# <details><summary>For the curious: why 508, 316 and 96 in the next cell?</summary>
#
# A cropping network with four poolings accepts 188, 204, … pixels: 12 + 16 · m, for whole m
# from 11 on (lesson 07 shows why). The largest such size in our 512 pixels is 508 (12 + 16
# · 31). A tile of 316 = 12 + 16 · 19 begins at row and column (508 − 316) / 2 = 96. The
# start must be a multiple of 16, because otherwise tile and image would be pooled in
# different groups of pixels, and their results would differ for that reason, too. A "same"
# network needs multiples of 16: an image of 512 and a tile of 256 that begins at 128.
#
# </details>

# %% id="tile-sizes-claim" tags=["core", "claim"]
assert max(n for n in range(188, 513) if n % 16 == 12) == 508 == 12 + 16 * 31
assert 316 == 12 + 16 * 19 and (508 - 316) / 2 == 96 == 6 * 16 and (512 - 256) / 2 == 128

# %% id="three-networks" tags=["core"]
trained = pretrained("membranes")


def remedy(**changes):
    network = UNet(replace(trained.config, **changes)).eval()
    network.load_state_dict(trained.state_dict())
    return network


tissue = synthetic_membranes(1, size=512, seed=5)
image = torch.from_numpy(standardise(tissue.images[0]))[None, None]
networks = {
    "crop": (remedy(padding="valid"), 508, 316, 96),  # network, image, tile, offset
    "pad": (remedy(padding="valid", align="pad"), 508, 316, 96),
    "same": (remedy(), 512, 256, 128),
}

# %% id="see-borders" tags=["core", "slide"]
seen = {}
figure, axes = plt.subplots(1, 3, figsize=(10, 3.5), layout="constrained")
for axis, (name, (network, size, tile, offset)) in zip(axes, networks.items(), strict=True):
    seen[name] = border_map(network, image[..., :size, :size], tile, offset)
    shown = axis.imshow(seen[name], cmap="magma", norm=LogNorm(1e-6, 1, clip=True))
    axis.set(title=f"{name}, a tile of {tile} × {tile}", facecolor="silver")
    axis.set(xticks=[], yticks=[])
figure.colorbar(shown, ax=axes, label="difference of the probability")
described(figure, "05.see_borders")

# %% [markdown] id="borders-seen" tags=["core"]
# Pixels are black where the results for tile and image agree. What cropping returns is all
# black, but it returns nothing for the wide grey rim. "Same" padding returns all of the
# tile, and padding the map almost all. Both pictures glow from the edge inwards, because
# there the network treated zeros as tissue. How far does the glow reach? We average the
# difference over all pixels that are equally far from the edge.

# %% id="measure-borders" tags=["core", "slide"]
curves = {name: by_distance(difference) for name, difference in seen.items()}
figure, axes = plt.subplots(figsize=(8, 3.4), layout="constrained")
for (name, (distance, difference)), style in zip(curves.items(), ("o", "-", "--"), strict=True):
    axes.plot(distance, difference, style, label=name, markersize=3)
axes.axvline(92, color="grey", linewidth=0.8)
axes.set(xlabel="distance from the tile's edge, pixels", ylabel="mean difference")
axes.legend()
described(figure, "05.measure_borders")

# %% [markdown] id="read-the-curves" tags=["core"]
# Closest to the edge of the tile, the probabilities that "pad" and "same" return differ
# from the whole image's by more than 0.1 on average. With "same" padding, the mean
# difference is less than 0.01 from 30 pixels on. But both differences fall below 0.00001
# only from about 92 pixels on, and 92 is also the width of the rim that cropping leaves
# out. That is no coincidence: cropping leaves out just those pixels whose receptive field
# (lesson 02) reaches beyond the tile, and zeros can change only these. The effect fades
# because zeros near a receptive field's edge count little.

# %% id="border-numbers-claim" tags=["core", "claim"]
for name in ("pad", "same"):
    distance, difference = curves[name]
    inside = difference[distance >= 92].max()
    assert difference[0] > 0.1 and inside < 1e-5 < difference[distance < 80].min()
assert curves["crop"][0][0] == 92 and curves["crop"][1].max() < 1e-6
distance, difference = curves["same"]
assert difference[distance >= 30].max() < 0.01

# %% [markdown] id="not-the-whole-story" tags=["core"]
# This test is unfair to remedy 2, padding the map, because the network was trained with
# "same" padding and has never met a map in a wide frame of zeros. A network that is trained
# with such frames may learn to cope with them.

# %% [markdown] id="trained" tags=["slide"]
# ## Trained with its own remedy
#
# Ten pairs of small networks were trained on ISBI micrographs, in each pair one with
# cropping and one with "same" padding (`experiments/README.md` says how). Do **valid**
# (unpadded) convolutions with cropped skips reach a higher V_rand (lesson 00; 1 is perfect)
# than "same" padding, which the figure calls *zero padding*? The bar shows the 95 %
# confidence interval of the difference, cropping minus "same". Will it cover zero?

# %% id="primary-answers" tags=["fragment", "output"]
primary_answers(5)

# %% [markdown] id="primary-verdict"
# The bar covers zero, so the question is **not settled**. On average, V_rand was 0.011
# higher with cropping than with "same" padding (95 % confidence interval of the difference
# −0.007 to +0.030). But the effect of zeros near the border, which returns in lesson 13, is
# real.

# %% id="primary-claim" tags=["claim"]
from unet_teach.comparisons import answer, load_table, paired, summary

primary = answer("alignment")
said = [f"{x:+.3f}" for x in (primary.mean, primary.low, primary.high)]
assert said == ["+0.011", "-0.007", "+0.030"] and not primary.found
assert round(primary.detectable, 3) == 0.025

# %% id="verdict-in-numbers" tags=["claim"]
table = load_table("compare_align")
scores = {
    name: f"{mean:.3f} {spread:.3f}" for name, (mean, spread, _n) in summary(table).items()
}
assert scores == {"crop": "0.950 0.013", "pad": "0.921 0.018", "same": "0.942 0.023"}
pairs = [("same", "crop"), ("pad", "crop"), ("pad", "same")]
found = {pair: paired(table, *pair, questions=3) for pair in pairs}
ends = [f"{x:+.3f}" for d in found.values() for x in (d.low, d.high)]
assert ends == ["-0.030", "+0.046", "-0.001", "+0.059", "+0.005", "+0.038"]
assert found["pad", "same"].verdict == "same is higher"
assert found["pad", "crop"].mean > 0 and not found["pad", "crop"].found
assert not found["same", "crop"].found and 0.03 < found["same", "crop"].smallest < 0.04

# %% [markdown] id="curious-remedies"
# <details><summary>For the curious: all three remedies after training</summary>
#
# In an older, *exploratory* experiment, five networks were trained with each remedy and
# evaluated on one **validation set**, six slices that training never used.
#
# | remedy | V_rand, mean of five seeds | standard deviation |
# |---|---|---|
# | crop the skip | 0.950 | 0.013 |
# | pad the map | 0.921 | 0.018 |
# | "same" padding | 0.942 | 0.023 |
#
# Compared seed by seed, "same" padding reached a higher V_rand than padding the map (95 %
# confidence interval +0.005 to +0.038). Whether cropping does better than "same" padding
# (−0.030 to +0.046) or than padding the map (−0.001 to +0.059) is not settled. Intervals
# are Bonferroni-corrected for three comparisons (lesson 10). Ten pairs, as above, would
# detect a true difference of 0.025 between cropping and "same" padding four times out of
# five.
#
# </details>

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# You have to segment one small image, 512 × 512 pixels, right up to its edges. Which remedy
# do you choose, and what do you tell the person who will use the result?
#
# <details><summary>One answer</summary>
#
# "Same" padding returns the whole image at once. If you choose it, say that a rim, about 30
# pixels wide, is less reliable. Or, as the paper does, mirror the image at each edge and
# run a cropping network on it. Mirror 94 pixels: 92, and two more for a legal size (lesson
# 07). That network sees no zeros, but its results near the edges rest partly on mirrored,
# invented tissue.
#
# </details>

# %% [markdown] id="pair-closes"
# ## The pair, as it is now
#
# Our two neurons are near the lower edge of their slice. A cropping network returns nothing
# for the last 92 rows, so most of the pair would be missing from its answer. Here we mirror
# the slice by 94 pixels at each edge before it goes in, and crop the 516 × 516 answer to
# 512 × 512. Will the "same" network's answer agree about the pair?

# %% id="pair-now"
x = torch.from_numpy(standardise(micrograph))[None, None]
mirrored = F.pad(x, (94, 94, 94, 94), mode="reflect")  # 700 × 700
with torch.no_grad():
    answers = {"same padding": networks["same"][0](x)}
    answers["mirror and crop"] = layers.center_crop(networks["crop"][0](mirrored), (512, 512))
figure, axes = plt.subplots(1, 2, figsize=(7, 3.7), layout="constrained")
for axis, (title, logits) in zip(axes, answers.items(), strict=True):
    inside = logits.argmax(dim=1)[0].numpy()  # 1 is inside
    axis.imshow(coloured(pair, inside, labels))
    axis.set_title(f"{title}: {pair.verdict(inside, labels)}")
    axis.set_axis_off()
described(figure, "05.pair_now")

# %% id="pair-now-claim" tags=["claim"]
same_mask, crop_mask = (logits.argmax(dim=1)[0].numpy() for logits in answers.values())
assert mirrored.shape[-1] == 700 and networks["crop"][0](mirrored).shape[-1] == 516
assert pair.verdict(same_mask, labels) == pair.verdict(crop_mask, labels) == "apart"
assert max(row for row, _column in pair.neurons) > 508 - 92  # below what cropping returns
assert 0 < (same_mask != crop_mask).mean() < 0.01

# %% [markdown] id="pair-agrees"
# Both answers keep the two neurons apart, and over the whole slice the answers differ at
# fewer than one pixel in a hundred. At each level the skip and the feature map from below
# now have the same size and show the same part of the image. Should we stack the two, or
# add them? Does the network need all four skips? Lesson 06 begins by switching one of them
# off.

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - cropped a skip to its middle: the paper's "a concatenation with the correspondingly
#   cropped feature map" is `torch.cat([center_crop(skip, x.shape[-2:]), x], dim=1)`;
# - computed the paper's crops: 88, 40, 16 and 4 pixels at each edge;
# - measured what zeros do: they never change what cropping returns; either way of padding
#   returns more, but zeros change the result up to 92 pixels from the edge;
# - compared ten pairs of networks: whether cropping or "same" padding reaches the higher
#   V_rand is not settled.
