# %% [markdown] id="title" tags=["slide"]
# # 05 · Crop or pad
#
# A skip brings a map across the U, and the map that it meets is smaller. Three remedies are
# in use. Each has a price, and today we measure all three.
#
# ![](assets/lessons/05_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - say why skip and map differ in size, and by how much at every level;
# - cut the right middle out of a map, and show that another place is wrong;
# - name the price of each remedy: crop the skip, pad the map, or "same" padding.
#
# **Time** about 40 minutes · **Before** lessons 01 and 04 · **Needs** no GPU, no data

# %% id="setup" tags=["core"]
from dataclasses import replace

import matplotlib.pyplot as plt
import torch

from unet_teach import layers
from unet_teach.comparisons import load_table, paired, summary
from unet_teach.config import UNetConfig
from unet_teach.data.membranes import synthetic_membranes
from unet_teach.data.volume import standardise
from unet_teach.drawing.intervals import primary_answers
from unet_teach.exercises import check, hint, solution
from unet_teach.layers import zero_pad
from unet_teach.lessons.described import described
from unet_teach.lessons.l05_crop_or_pad.measure import border_difference
from unet_teach.lessons.l05_crop_or_pad.panel import crop_explorer
from unet_teach.models.pretrained import pretrained
from unet_teach.models.unet import UNet
from unet_teach.shapes import output_size, trace

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="the-problem" tags=["core", "slide"]
# ## Sixty-four against fifty-six
#
# *(one-lesson track: 6 minutes)*
#
# At the lowest skip of the paper's network a map of 64 × 64 is kept for later. It is pooled
# to 32, convolved twice to 28, and doubled to 56. Now both shall be put on top of each other:
# 64 × 64 and 56 × 56. Try it before you read on: what will torch say?

# %% id="sizes-do-not-match" tags=["core", "fragment"]
skip, below = torch.rand(1, 4, 64, 64), torch.rand(1, 4, 56, 56)
try:
    torch.cat([skip, below], dim=1)
except RuntimeError as error:
    print(error)
else:
    raise AssertionError("torch should have refused")

# %% [markdown] id="every-level" tags=["core", "slide"]
# The convolutions at the bottom took four pixels, and doubling made eight of them. It is the
# same at every level, and the loss grows on the way up. How large will it be at the top?

# %% id="skips-of-the-paper" tags=["core", "fragment", "output"]
for skip in trace(UNetConfig(), 572).skips:
    short = skip.size - skip.below
    print(
        f"level {skip.level}: skip {skip.size:3}, map from below {skip.below:3}, {short} less"
    )

# %% id="skips-of-the-paper-claim" tags=["core", "claim"]
top = trace(UNetConfig(), 572).skips[0]
assert (top.size, top.below) == (568, 392)

# %% [markdown] id="remedy-one" tags=["core", "slide"]
# ## Remedy 1: crop the skip
#
# *(one-lesson track: 10 minutes, with exercise 1)*
#
# The paper: "The cropping is necessary due to the loss of border pixels in every
# convolution." The map from below shows the middle of the image. So cut the middle out of the
# skip.
#
# Does it matter where? Below is a skip of 32 × 32 pixels, and a map from below
# that is eight pixels smaller, as in the paper. Walls in the window are printed in blue, those
# of the map from below in orange.
#
# Predict, then try: the window begins at (0, 0). How often is each wall drawn? Where must the
# window begin? And what happens when the margin is odd?
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
# Cut the middle out of a map `x` (B, C, H, W). `size` is a pair, (height, width), and neither
# is larger than that of `x`. Where the margin is odd, round half of it down: the spare pixel is
# lost below and on the right. For example, of the rows 0 to 4, height 2 keeps the rows 1 and 2;
# where there is no margin, everything is kept.


# %% id="exercise-center-crop" tags=["core", "fragment"]
def center_crop(x, size):
    """The middle of x, (B, C, height, width)."""
    # SOLUTION: exercises.center_crop


# %% id="check-center-crop" tags=["core"]
check("05.center_crop", center_crop)

# %% [markdown] id="shape-is-not-place" tags=["core"]
# The check uses maps of coordinates, so it notices a crop from the wrong place although its
# shape is right. `hint("05.center_crop")` helps. In a network nothing would tell you: no
# error, only a skip whose details lie beside the cells that they belong to.

# %% id="place-in-numbers" tags=["core"]
rows = torch.arange(64.0).view(1, 1, 64, 1).expand(1, 1, 64, 64)
print("first row of the crop:", int(layers.center_crop(rows, (56, 56))[0, 0, 0, 0]))

# %% id="place-in-numbers-claim" tags=["core", "claim"]
assert layers.center_crop(rows, (56, 56))[0, 0, 0, 0] == 4
assert rows[..., :56, :56][0, 0, 0, 0] == 0  # the corner: four rows beside

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): the crops of the paper
#
# How many pixels are cut off at **each edge** of the four skips? Take the sizes from the table
# above and write a list of four whole numbers, one for each skip, the top of the U first.

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
# The other way round: leave the skip as it is, and put the smaller map into a frame of zeros.
# Much code on the web does so. Nothing is thrown away, and the output is larger. How large,
# for an input of 572? Each level then loses only its own convolutions.

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
# Let every convolution put zeros around its input. Then no pixel is lost, skip and map always
# have the same size, and 512 goes in where 512 comes out. Almost every U-Net since 2015 does
# this. It looks like a free lunch. What was in the frame, though, was not image.

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
# "Always" was said too quickly. Pooling rounds down, so with "same" padding a map of 25
# becomes 12, and doubled 24. For an input n and a depth: by how many pixels is the upsampled
# map short of its skip, level by level, the top first? Suppose that below each level the
# sizes were made to fit. The depth is 1 or more, and n at least 2 to the depth, so no map is
# empty. Return a list of `depth` whole numbers: for n = 25 and depth 2, it is [1, 0].


# %% id="exercise-missing-pixels" tags=["fragment"]
def missing_pixels(n, depth):
    """Pixels that are missing at each level, top first."""
    # SOLUTION: exercises.missing_pixels


# %% id="check-odd-sizes"
check("05.missing_pixels", missing_pixels)

# %% [markdown] id="hint-odd"
# Stuck? `hint("05.missing_pixels")`. When it passes, look at the answer for n = 44 and depth 3:
# have you seen such zeros and ones before? They are the last binary digits of n, the last one
# first. A size without a one is a multiple of 2 to the depth, the only sizes that the library's
# "same" network takes.

# %% [markdown] id="the-price" tags=["core", "slide"]
# ## The price, measured
#
# *(one-lesson track: 12 minutes)*
#
# Here is a fair test. Take a large image and a **tile** out of its middle. Run the network on
# both. Where the tile has seen all that it needs, both results are equal. Where it has seen
# zeros in place of image, they differ.
#
# The weights come from the trained network of the course. All three remedies can use them:
# they differ in borders only, not in one parameter. Guess: how far from the edge of the tile
# will the zeros be felt?

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

# %% id="measure-borders" tags=["core", "slide"]
curves = {}
for name, (network, size, tile, offset) in networks.items():
    inner = image[..., :size, :size]
    curves[name] = border_difference(network, inner, tile, offset)
figure, axes = plt.subplots(figsize=(8, 3.4), layout="constrained")
for (name, (distance, difference)), style in zip(curves.items(), ("o", "-", "--"), strict=True):
    axes.plot(distance, difference, style, label=name, markersize=3)
axes.axvline(92, color="grey", linewidth=0.8)
axes.set(xlabel="distance from the tile's edge, pixels", ylabel="mean difference")
axes.legend()
described(figure, "05.measure_borders")

# %% [markdown] id="read-the-curves" tags=["core"]
# Cropping gives nothing nearer than 92 pixels to the edge, and what it gives is exact. The
# other two give everything. At their edge they are wrong by a tenth of a probability and
# more, and it takes them about 92 pixels, as many as cropping leaves out, until less than
# 0.00001 is left. The zeros reach as far as the network sees, only less and less.

# %% id="border-numbers" tags=["core"]
for name in ("pad", "same"):
    distance, difference = curves[name]
    inside = difference[distance >= 92].max()
    print(f"{name}: {difference[0]:.2f} at its edge, {inside:.0e} from 92 pixels on")
distance, difference = curves["same"]
print(f"same: {difference[distance >= 30].max():.3f} from 30 pixels on")

# %% id="border-numbers-claim" tags=["core", "claim"]
for name in ("pad", "same"):
    distance, difference = curves[name]
    inside = difference[distance >= 92].max()
    assert difference[0] > 0.1 and inside < 1e-5 < difference[distance < 80].min()
assert curves["crop"][0][0] == 92 and curves["crop"][1].max() < 1e-6
assert difference[distance >= 30].max() < 0.01

# %% [markdown] id="not-the-whole-story" tags=["core"]
# That is not the whole story. These weights were trained with "same" padding, so the network
# had met zeros at the edge, though never within a map. A network that is trained with its
# remedy may learn to live with it. And the largest difference need not matter for the
# membranes.

# %% [markdown] id="trained" tags=["slide"]
# ## Trained with each remedy
#
# So small networks were trained on the ISBI micrographs, one remedy each, with five seeds,
# and judged on six slices that they had not seen. They are small and their training is short,
# so look at differences, not at heights. One seed is one **pair**: same first random numbers,
# same slices. `experiments/comparisons.py` is the command. Which remedy do you expect in
# front?

# %% id="trained-table" tags=["fragment", "output"]
table = load_table("compare_align")
for name, (mean, spread, runs) in summary(table).items():
    print(f"{name:4}  V_rand {mean:.3f} ± {spread:.3f}  ({runs} seeds)")
pairs = [("same", "crop"), ("pad", "crop"), ("pad", "same")]
found = {pair: paired(table, *pair, questions=3) for pair in pairs}
for difference in found.values():
    print(difference)

# %% [markdown] id="trained-verdict" tags=["slide"]
# Between cropping and "same" padding **no difference was found**: the confidence interval
# reaches almost 0.04 to either side of what was measured, and covers zero. The padded map did
# worse than "same" padding. Against cropping it was lower, too, but there the interval still
# covers zero.
#
# What the border costs where results are averaged over whole slices, five pairs cannot tell.
# Where tiles are put together, it shows: lesson 13 comes back to it.

# %% id="verdict-in-numbers" tags=["claim"]
assert not found["same", "crop"].found
assert 0.03 < found["same", "crop"].smallest < 0.04
assert found["pad", "same"].verdict == "same is higher"
assert found["pad", "crop"].mean > 0 and not found["pad", "crop"].found

# %% [markdown] id="primary" tags=["slide"]
# ## One question, five blocks
#
# One question was chosen beforehand: do valid convolutions with cropped skips reach a higher
# V_rand than zero padding?
#
# Ten **pairs** of small networks answer it: five blocks of slices of the ISBI stack, each
# held out in turn, with two seeds each, so that the answer covers other tissue as well as
# other luck. The question was written down before the first run (`experiments/README.md`).
# Everything else in this lesson's tables is *exploratory*: one block, a few seeds.
#
# The bar is the 95 % confidence interval of the difference. Where it covers zero, the
# question is **not settled**, and that is not the same as *it does not matter*.

# %% id="primary-answers" tags=["fragment", "output"]
primary_answers(5)

# %% [markdown] id="primary-verdict"
# **Not settled.** The estimate is +0.011 in favour of cropping, and the interval reaches from
# −0.007 to +0.030. A true difference of 0.025 would have been detected in four of five such
# experiments.

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# You have to segment one small image, 512 × 512, up to its very edge. Which remedy do you
# take, and what do you tell the person who will use the result?
#
# <details><summary>One answer</summary>
#
# "Same" padding gives the whole image at once; say that a rim, some 30 pixels wide, is less
# certain than the rest. Or mirror the image at its edges, 92 pixels a side and two more for a
# size that fits (lesson 07), and let a cropping network run on that: then no zeros are seen,
# but the rim rests on mirrored tissue, which is invented as well. The paper does this. No
# remedy knows what lies beyond the edge.
#
# </details>

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - cut the middle out of a skip: "a concatenation with the correspondingly cropped feature map"
#   is `torch.cat([center_crop(skip, x.shape[-2:]), x], dim=1)`;
# - computed the paper's crops, 88, 40, 16 and 4 pixels a side;
# - measured the border: cropping is exact and gives less, padding gives all and is wrong near
#   the edge, up to 92 pixels deep;
# - found no difference between cropping and "same" padding after training, in five pairs.
