# %% [markdown] id="title" tags=["slide"]
# # 04 · Upsampling
#
# The second half of the U doubles the height and width of its feature maps four times. Of
# four common ways to do that, two can paint a pattern that nobody asked for.
#
# ![](assets/lessons/04_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - double a feature map in four ways, and say what each computes;
# - write a convolution as a matrix, and see why its transpose makes feature maps larger;
# - measure the checkerboard that upsampling can leave, and name its two causes.
#
# **Time** about 45 minutes · **Prerequisites** lessons 01 and 03 · **Needs** no GPU, no data

# %% id="setup"
import statistics

import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.nn import functional as F

from unet_teach.config import UNetConfig
from unet_teach.data import Volume
from unet_teach.data.membranes import membrane_slice
from unet_teach.data.volume import standardise
from unet_teach.drawing.intervals import primary_answers
from unet_teach.drawing.pair import pair_figure, the_pair
from unet_teach.exercises import check, hint, solution
from unet_teach.inspection import record
from unet_teach.layers import make_upsampler
from unet_teach.lessons.described import described
from unet_teach.lessons.l04_upsampling import pictures
from unet_teach.lessons.l04_upsampling.measure import (
    constant_response,
    grid,
    new_weight,
    pushes,
    ripple,
    upsampled,
    used,
)
from unet_teach.lessons.l04_upsampling.panel import upsampler_explorer
from unet_teach.models.pretrained import pretrained
from unet_teach.models.unet import count_parameters
from unet_teach.shapes import trace

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="pair-opens" tags=["slide"]
# ## What is still wrong with the pair
#
# Pooling shrank our two neurons, and now they have to grow again. Below, 64 × 64 pixels
# become 128 × 128: by copying each pixel (second picture) and by U-Net's own upsampling
# layer, still untrained (third). What do you see in the third picture that isn't in the
# second?

# %% id="pair-doubled" tags=["fragment", "output"]
tissue, labels = membrane_slice(29)  # the slice with the pair
pair = the_pair("synthetic membranes (seed 0)")
grey = pair.crop(tissue)
small = F.avg_pool2d(torch.from_numpy(grey)[None, None] / 255, 2)
with torch.no_grad():
    painted = nn.ConvTranspose2d(1, 1, kernel_size=2, stride=2)(small)[0, 0]
copied = F.interpolate(small, scale_factor=2)[0, 0]
figure, row = plt.subplots(1, 4, figsize=(12, 3.4), layout="constrained")
titles = ("the pair", "doubled by copying", "by an untrained layer", "12 × 12 pixels of it")
doubled = (grey, copied, painted, painted[58:70, 58:70])
for axes, title, shown in zip(row, titles, doubled, strict=True):
    axes.imshow(shown, cmap="gray", interpolation="nearest")
    axes.set(title=title, xticks=[], yticks=[])
described(figure, "04.pair_doubled")

# %% id="pair-doubled-claim" tags=["claim"]
assert painted.shape == copied.shape == grey.shape
from unet_teach.lessons.l04_upsampling.measure import phases

four = phases(painted)
assert four.mean((1, 2)).std() > four.std((1, 2)).max()  # the grid outdoes the tissue
assert phases(copied).std(0).max() == 0

# %% [markdown] id="two-without-weights" tags=["slide"]
# ## Two ways without weights
#
# The third picture has a **grid**, a pattern that repeats every two pixels, because the
# layer computes each pixel of a 2 × 2 block with a different random weight. Two other ways
# of doubling have no learned weights and keep a constant map constant, so they can't add a
# grid.
#
# **Nearest neighbour** copies each pixel into a 2 × 2 block. **Bilinear interpolation**
# connects the values of neighbouring pixels by straight lines, along rows and columns,
# and reads the new pixels off these lines. What does each way make of the row 0, 4, 8,
# and what happens at its ends?

# %% id="nearest-and-bilinear" tags=["fragment"]
line = torch.tensor([[[0.0, 4.0, 8.0]]])
nearest = F.interpolate(line, scale_factor=2.0, mode="nearest").flatten().tolist()
linear = F.interpolate(line, scale_factor=2.0, mode="linear").flatten().tolist()
print("nearest ", nearest)
print("bilinear", linear)

# %% id="nearest-and-bilinear-claim" tags=["claim"]
assert nearest == [0, 0, 4, 4, 8, 8] and linear == [0, 1, 3, 5, 7, 8]

# %% [markdown] id="matrix" tags=["slide"]
# Each new, small pixel's centre is a quarter or three quarters of the way from one large
# pixel's centre to the next. So between 0 and 4, bilinear interpolation reads off 1 and 3.
# At the ends, where a neighbour is missing, it keeps 0 and 8.
#
# ## A convolution is a matrix
#
# The third way has weights. To understand it, we write a convolution as a matrix W. W times
# a **unit vector** (a single 1, otherwise zeros) is a column of W, so we feed the
# convolution the unit vectors one by one.
#
# The kernel (1, 2, 3) turns a line of 5 numbers into a line of 3. What is W's shape, and
# where in W do you expect the 1, 2, 3?

# %% id="convolution-as-matrix" tags=["fragment"]
kernel = torch.tensor([[[1.0, 2.0, 3.0]]])
units = torch.eye(5)[:, None]  # five lines (1, 5), each with a single 1
W = F.conv1d(units, kernel)[:, 0].T  # (3, 5)
print(W)

# %% id="convolution-as-matrix-claim" tags=["claim"]
x = torch.randn(5)
assert W.shape == (3, 5)
assert torch.allclose(W @ x, F.conv1d(x[None, None], kernel)[0, 0], atol=1e-6)

# %% [markdown] id="transpose" tags=["slide"]
# W is 3 × 5. Each row computes one output number, so it holds the kernel at the window's
# position, which moves one place right from row to row.
#
# W turns 5 numbers into 3, so its transpose Wᵀ turns 3 into 5. A **transposed
# convolution** multiplies by Wᵀ, so here it enlarges its input ([Dumoulin and Visin,
# 2016](https://arxiv.org/abs/1603.07285)).
#
# Multiplying by Wᵀ adds up the columns of Wᵀ (the rows of W above), each multiplied by
# one input number. So each input number *paints* a copy of the kernel, and overlapping
# copies add up. A transposed convolution is also called a "deconvolution", but it doesn't
# undo a convolution: Wᵀ(Wx) usually isn't x.

# %% id="transposed-is-the-transpose" tags=["fragment"]
y = torch.tensor([1.0, 10.0, 100.0])
painted = F.conv_transpose1d(y[None, None], kernel)[0, 0]  # second: 2 · 1 + 1 · 10 = 12
print("Wᵀ y  ", (W.T @ y).tolist())
print("torch ", painted.tolist())

# %% id="transposed-is-the-transpose-claim" tags=["claim"]
assert torch.equal(W.T @ y, painted)
assert not torch.allclose(W.T @ (W @ x), x)  # it undoes nothing

# %% [markdown] id="stride"
# A convolution with **stride 2** moves its window two places at a time. With the kernel (1,
# 2) it turns 6 numbers into 3, so Wᵀ turns 3 into 6. Below, each input number, its row of W
# and its copy of the kernel share a colour. Will the copies overlap?

# %% id="stride-two"
two = torch.tensor([[[1.0, 2.0]]])
W = F.conv1d(torch.eye(6)[:, None], two, stride=2)[:, 0].T  # (3, 6)
described(pictures.transposed(W, y), "04.transposed")

# %% id="stride-two-claim" tags=["claim"]
assert W.tolist() == [[1, 2, 0, 0, 0, 0], [0, 0, 1, 2, 0, 0], [0, 0, 0, 0, 1, 2]]
assert (W.T @ y).tolist() == [1, 2, 10, 20, 100, 200]
assert torch.equal(W.T @ y, F.conv_transpose1d(y[None, None], two, stride=2)[0, 0])
one, other = nn.ConvTranspose2d(8, 4, 2, stride=2), nn.Conv2d(8, 4, 2)
assert count_parameters(one) == count_parameters(other)  # no count tells the readings apart

# %% [markdown] id="up-convolution" tags=["slide"]
# The copies don't overlap, because the kernel isn't longer than the stride. In two
# dimensions, a transposed convolution with kernel size k = 2 and stride s = 2 is U-Net's
# **up-convolution**. [Ronneberger and others (2015)](https://arxiv.org/abs/1505.04597) call
# it "an upsampling of the feature map followed by a 2x2 convolution", but [their
# program](https://lmb.informatik.uni-freiburg.de/people/ronneber/u-net/) uses a transposed
# convolution. So do we, without the ReLU that follows theirs.
#
# ## Paint with a stamp of your own
#
# The kernel is like a stamp and can be any picture, say a heart. Each pixel near our wall
# paints a heart as bright as the pixel. At stride 6 the hearts overlap, because they are 7
# pixels wide. Draw your own in `STAMP`.

# %% id="stamped" tags=["fragment", "output"]
STAMP = """.##.##.
#######
#######
.#####.
..###..
...#..."""
stamp = torch.tensor([[float(mark == "#") for mark in row] for row in STAMP.split()])
few = F.avg_pool2d(small, 2)[..., 6:22, 8:24]  # 16 × 16 pixels, darkest 0, brightest 1:
few = (few - few.min()) / (few.max() - few.min())
figure, row = plt.subplots(1, 2, figsize=(9, 4.7), layout="constrained")
for axes, stride in zip(row, (8, 6), strict=True):
    shown = F.conv_transpose2d(few, stamp[None, None], stride=stride)[0, 0]
    axes.imshow(shown, cmap="gray", interpolation="nearest")
    axes.set(title=f"stride {stride}", xticks=[], yticks=[])
described(figure, "04.stamped")

# %% id="stamped-claim" tags=["claim"]
apart, over = (
    F.conv_transpose2d(torch.ones(1, 1, 9, 9), stamp[None, None], stride=s) for s in (8, 6)
)
assert stamp.shape == (6, 7) and apart.max() == 1 < over.max()  # overlapping only with 6

# %% [markdown] id="exercise-1" tags=["slide"]
# ### Exercise 1 (easy): the up-convolution
#
# U-Net goes up by four up-convolutions. Write a function that makes one.
#
# - **In**: `in_channels` and `out_channels`, whole numbers, at least 1.
# - **Out**: one module with an `nn.ConvTranspose2d`. It turns (B, in_channels, H, W) into
#   (B, out_channels, 2H, 2W): each pixel paints a 2 × 2 block, blocks don't overlap, and
#   there is no ReLU.
# - **Example**: with 1024 and 512 channels, (1, 1024, 28, 28) becomes (1, 512, 56, 56).
#
# Stuck? `hint("04.up_conv")`.


# %% id="exercise-up-conv" tags=["fragment"]
def up_conv(in_channels, out_channels):
    """A module: (B, in_channels, H, W) to (B, out_channels, 2H, 2W)."""
    # SOLUTION: exercises.up_conv


# %% id="check-up-conv"
check("04.up_conv", up_conv)

# %% id="two-steps-claim" tags=["claim"]
from unet_teach.lessons.l04_upsampling import exercises  # the course's answers

for k, s in [(2, 2), (3, 2), (4, 2), (5, 3)]:
    x, weight = torch.randn(1, 3, 6, 6), torch.randn(3, 2, k, k)
    turned = weight.flip(-1, -2).transpose(0, 1)  # (out, in, k, k)
    stretched = torch.zeros(1, 3, 5 * s + 1, 5 * s + 1)
    stretched[..., ::s, ::s] = x
    ours = F.conv2d(stretched, turned, padding=k - 1)
    assert torch.allclose(ours, F.conv_transpose2d(x, weight, stride=s), atol=1e-5)

# %% [markdown] id="two-steps"
# A transposed convolution can also be computed in two steps: put s − 1 zeros between
# neighbouring pixels and k − 1 at each edge, then run an ordinary convolution, with the
# kernel turned by 180 degrees.
#
# ## Painting softly
#
# A stamp can also fade out at its edges, and with the right one a transposed convolution
# *is* bilinear interpolation, except at the border. To find that stamp, we interpolate a
# single 1 among zeros. What will the 1 become?

# %% id="one-pixel-doubled"
line = torch.tensor([[[0.0, 0.0, 1.0, 0.0, 0.0]]])
painted = F.interpolate(line, scale_factor=2.0, mode="linear").flatten().tolist()
print("one pixel becomes", painted)
described(pictures.tent(painted[3:7]), "04.tent")

# %% id="one-pixel-claim" tags=["claim"]
assert painted == [0, 0, 0, 0.25, 0.75, 0.75, 0.25, 0, 0, 0]
tent = torch.tensor(painted[3:7])
assert torch.equal(exercises.bilinear_kernel(2), tent[:, None] * tent)
wide = torch.tensor([1, 3, 5, 7, 7, 5, 3, 1]) / 8
assert torch.equal(exercises.bilinear_kernel(4), wide[:, None] * wide)
assert (16 * tent[:, None] * tent)[:2].tolist() == [[1, 3, 3, 1], [3, 9, 9, 3]]

# %% [markdown] id="rows-times-columns"
# The 1 becomes a **tent**: ¼, ¾, ¾, ¼ (the bars). The weights fall in a straight line
# (orange), from 1 at the large pixel's centre to 0 at the next one's, 2 small pixels away.
#
# An image is interpolated along rows, then along columns, so the weights **multiply**: ¼ ·
# ¾ = 3/16.

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): bilinear, as a fixed transposed convolution
#
# Write a function that returns the kernel with which a transposed convolution interpolates
# bilinearly.
#
# - **In**: the factor `s`, an even number of at least 2.
# - **Out**: a float32 tensor (2s, 2s). With this kernel, stride s and padding s/2, a
#   transposed convolution equals torch's bilinear interpolation by the factor s
#   (`align_corners=False`), except at the border. Here padding removes s/2 pixels at each
#   edge.
# - **Example**: for s = 2 row 0 is 1/16, 3/16, 3/16, 1/16; for s = 4 the tent is 1/8,
#   3/8, 5/8, 7/8, 7/8, 5/8, 3/8, 1/8.
#
# Stuck? `hint("04.bilinear_kernel")`.


# %% id="exercise-bilinear-kernel" tags=["fragment"]
def bilinear_kernel(s):
    """The kernel (2s, 2s)."""
    # SOLUTION: exercises.bilinear_kernel


# %% id="check-bilinear-kernel"
check("04.bilinear_kernel", bilinear_kernel)

# %% id="bilinear-oracle-claim" tags=["claim"]
x = torch.randn(1, 1, 8, 8)
painted = F.conv_transpose2d(x, exercises.bilinear_kernel(2)[None, None], stride=2, padding=1)
difference = (painted - F.interpolate(x, scale_factor=2.0, mode="bilinear")).abs()
assert difference[..., 1:-1, 1:-1].max() < 1e-5 < difference.max()

# %% [markdown] id="pixel-shuffle" tags=["slide"]
# ## The fourth way
#
# **Pixel shuffle** ([Shi and others, 2016](https://arxiv.org/abs/1609.05158)) first runs
# a convolution, here with 1 × 1 kernels, that computes four small feature maps for each
# output channel. Then it interleaves them, so that the four pixels at one position become
# a 2 × 2 block.
#
# The up-convolution, too, has separate weights for each pixel of the block. Do the two
# compute the same function?

# %% id="shuffle-is-transposed"
shuffle, up = make_upsampler("pixel_shuffle", 8, 4), make_upsampler("transposed", 8, 4)
with torch.no_grad():  # (4·out, in, 1, 1) -> (in, out, 2, 2)
    up.weight.copy_(shuffle[0].weight.view(4, 2, 2, 8).permute(3, 0, 1, 2))
    shuffle[0].bias.zero_()
    up.bias.zero_()
    x = torch.randn(1, 8, 5, 5)
    difference = (up(x) - shuffle(x)).abs().max().item()
print(f"largest difference {difference:.0e}")

# %% id="shuffle-is-transposed-claim" tags=["claim"]
assert difference < 1e-5
assert up.weight.numel() == shuffle[0].weight.numel()

# %% [markdown] id="same-function"
# With zero biases, as here, the two compute the same function: only the order of their
# weights differs. In general they are not quite the same, because pixel shuffle has four
# biases for each output channel, and the up-convolution only one.

# %% [markdown] id="checkerboard" tags=["slide"]
# ## The checkerboard
#
# Feed a constant feature map to an untrained upsampling layer with kernel size k and stride
# (or factor) s. Ideally, the output would be constant. (The two interpolations are followed
# by a k × k convolution.) Predict, then try:
#
# 1. With k = 3 and s = 2, which pixels does a transposed convolution paint repeatedly?
# 2. With random weights, which ways return a constant map?
# 3. Does the pattern vanish when k is divisible by s, even with random weights?
#
# {{twin: upsampler_explorer}}

# %% id="upsampler-explorer" tags=["slide"]
upsampler_explorer()

# %% [markdown] id="two-causes" tags=["slide"]
# With k = 3 and s = 2, a transposed convolution's patches overlap by one row or column.
# Pixels there are painted twice, or four times where rows cross columns. With equal
# weights, the output's interior is constant if s divides k. With random weights, it is
# constant only for the two interpolations. The pattern, the **checkerboard artefact**, has
# two causes:
#
# - **Uneven overlap**: unless s divides k, some pixels are painted more often than others.
# - **Uneven weights**: each **phase** (position in an s × s block) has its own weights,
#   with a different sum.
#
# Below, each square is an output pixel, with the kernel drawn in it. If all inputs are 1,
# each pixel equals the sum of its blue weights. In which picture are all sums equal,
# whatever the weights?

# %% id="phase-tiles" tags=["fragment", "output"]
ways = {f"transposed, k = {k}": used("transposed", k, 2) for k in (2, 3)}
ways["nearest, then 3 × 3"] = used("nearest", 3, 2)
described(pictures.phase_tiles(ways), "04.phase_tiles")

# %% id="phase-tiles-claim" tags=["claim"]
first, second, third = ways.values()
assert first.sum((2, 3)).max() == 1 and third.all()
assert sorted(second.sum((2, 3))[:2, :2].flat) == [1, 2, 2, 4]
assert used("bilinear", 3, 2).all()

# %% [markdown] id="ripple" tags=["slide"]
# Only in the third picture are all sums equal, because after interpolation every output
# pixel uses all nine weights.
#
# So the usual advice, a kernel size divisible by the stride, removes the uneven overlap
# but not the uneven weights ([Odena, Dumoulin and Olah,
# 2016](https://doi.org/10.23915/distill.00003)).
#
# An output's **ripple** is its standard deviation divided by its mean absolute value, so 0
# means constant. We feed ones to each layer below, first with random weights (mean of five
# seeds), then with equal weights. In which rows will both ripples be 0?

# %% id="ripple-table" tags=["fragment", "output"]
settings = [("transposed", k) for k in (2, 3, 4)]
settings += [("pixel_shuffle", 1), ("nearest", 3), ("bilinear", 3)]
for kind, k in settings:
    new = [ripple(constant_response(kind, k, s=2, seed=seed)) for seed in range(5)]
    even = ripple(constant_response(kind, k, s=2, uniform=True))
    mean = statistics.mean(new)
    print(f"{kind:13} k = {k}: random weights {mean:.2f}, equal weights {even:.2f}")

# %% id="ripple-table-claim" tags=["claim"]
for kind, k in settings:
    new = [ripple(constant_response(kind, k, s=2, seed=seed)) for seed in range(5)]
    even = ripple(constant_response(kind, k, s=2, uniform=True))
    assert (max(new) < 1e-4) if kind in ("nearest", "bilinear") else (0.9 < min(new) < 1.4)
    assert (round(even, 2) == 0.48) if k == 3 and kind == "transposed" else (even < 1e-4)

# %% [markdown] id="read-ripple"
# Both ripples are 0 only for the two interpolations. With random weights, the transposed
# convolutions and pixel shuffle have a ripple of about 1.
#
# Here is our wall, doubled in the four ways with random weights. The first two columns
# are equal, because both layers have the same weights. The other two have no grid.

# %% id="wall-four-ways" tags=["slide"]
wall = torch.from_numpy(grey / 255).float()[None, None, 32:96, 24:88]
figure, rows = plt.subplots(2, 4, figsize=(12, 6.4), layout="constrained")
for column, (kind, k) in zip(rows.T, [settings[0], *settings[3:]], strict=True):
    weight = new_weight(kind, k, s=2, seed=25, channels=1)  # a seed that keeps dark dark
    shown = upsampled(kind, wall, weight, 2)[0, 0, 2:-2, 2:-2]
    for axes, part in zip(column, (shown, shown[48:64, 48:64]), strict=True):
        axes.imshow(part, cmap="gray", interpolation="nearest")
        axes.set(xticks=[], yticks=[])
    after = ", then a convolution" if k == 3 else ""
    column[0].set_title(kind.replace("_", " ") + after)
described(figure, "04.wall_four_ways")

# %% id="wall-four-ways-claim" tags=["claim"]
first, second = (
    upsampled(kind, wall, new_weight(kind, k, s=2, seed=25, channels=1), 2)
    for kind, k in (settings[0], settings[3])
)
assert torch.allclose(first, second, atol=1e-6)
for kind, k in (settings[0], *settings[3:]):
    doubled = upsampled(kind, wall, new_weight(kind, k, s=2, seed=25, channels=1), 2)
    pixels = torch.stack([doubled.flatten(), F.interpolate(wall, scale_factor=2).flatten()])
    assert torch.corrcoef(pixels)[0, 1] > 0.3  # dark stays dark

# %% [markdown] id="exercise-3" tags=["slide"]
# ### Exercise 3 (stretch): without a checkerboard
#
# Make a transposed convolution keep constant maps constant, except at the border.
#
# - **In**: `weight`, a float32 tensor (in, out, k, k), and the stride `s`, a whole number
#   from 2 to k. Phase (a, b) of a k × k kernel is `kernel[a::s, b::s]`, for a and b from 0
#   to s − 1.
# - **Out**: a new tensor of the same shape. In each kernel all s² phases get the same
#   sum: the mean of their original sums. Correct each phase by adding the same number to
#   all its weights.
# - **Examples**, with s = 2: [[1, 2], [3, 6]] becomes 3 everywhere. A 3 × 3 kernel of ones
#   has phases of 4, 2, 2 and 1 weights. Each sum becomes 2.25, so each corner becomes
#   0.5625.


# %% id="exercise-no-checkerboard" tags=["fragment"]
def no_checkerboard(weight, s):
    """Weights of the same shape whose phases all have the same sum."""
    # SOLUTION: exercises.no_checkerboard


# %% id="check-no-checkerboard"
check("04.no_checkerboard", no_checkerboard)

# %% id="repaired-in-numbers" tags=["claim"]
ones = torch.ones(1, 16, 12, 12)
for k in (2, 3, 4):
    weight = new_weight("transposed", k, s=2)
    maps = [
        upsampled("transposed", ones, w, 2)[0, :, 4:-4, 4:-4].numpy()
        for w in (weight, exercises.no_checkerboard(weight, 2))
    ]
    print(f"k = {k}: {ripple(maps[0]):.2f} → {ripple(maps[1]):.2f}")
    assert ripple(maps[0]) > 0.9 and ripple(maps[1]) < 1e-4
nine = exercises.no_checkerboard(torch.ones(1, 1, 3, 3), 2)[0, 0]
assert nine[::2, ::2].unique().tolist() == [0.5625] and nine[1, 1] == 2.25

# %% [markdown] id="repaired"
# Stuck? `hint("04.no_checkerboard")`.

# %% [markdown] id="after-training" tags=["slide"]
# ## Does training remove it?
#
# We look at three places in the course's trained network: after the last up-convolution,
# two 3 × 3 convolutions later, and in the output. Each picture shows the map with the
# strongest grid (output: bright means membrane).
#
# To measure a map's grid, we average each of its four phases. We divide these means'
# standard deviation by that of all pixels: 0 means no grid, and 1 means nothing but a grid.
# Where will the grid be gone?

# %% id="grid-inside" tags=["fragment", "output"]
network, x = pretrained("membranes"), torch.from_numpy(standardise(tissue))[None, None]
places = {"after the up-convolution": "upsamplers.0", "two convolutions later": "expand.0"}
places["the output"] = "last"
figure, row = plt.subplots(1, 3, figsize=(11, 4.2), layout="constrained")
for axes, (place, layer) in zip(row, places.items(), strict=True):
    maps = record(network, x, layer)[0]  # (C, 512, 512)
    strength = grid(maps)  # of each map
    strongest = maps[strength.argmax()].numpy()
    axes.imshow(pair.crop(strongest), cmap="gray", interpolation="nearest")
    middle = f"median of {len(maps)} maps {strength.quantile(0.5):.2f}"
    axes.set(title=f"{place}\ngrid {strength.max():.2f}, {middle}", xticks=[], yticks=[])
described(figure, "04.grid_inside")

# %% id="grid-inside-claim" tags=["claim"]
strengths = [grid(record(network, x, layer)[0]) for layer in places.values()]
assert [round(each.max().item(), 2) for each in strengths] == [0.51, 0.52, 0.03]
assert [round(each.quantile(0.5).item(), 2) for each in strengths[:2]] == [0.32, 0.07]
kept = strengths[1].sort().values
assert len(kept) == 16 and kept[-5] < 0.2 and round(kept[-4].item(), 2) == 0.39
logits = record(network, x, "last")[0]
assert grid(logits).argmax() == 0  # shown: the membrane's
assert logits[0][labels == 0].mean() > 1 > -1 > logits[0][labels > 0].mean()
left = []
for up in network.upsamplers:
    ones = torch.ones(1, up.in_channels, 12, 12)
    with torch.no_grad():
        left.append(ripple(upsampled("transposed", ones, up.weight, 2)[0].numpy()))
assert round(min(left), 1) == 0.8 and round(max(left), 1) == 1.1  # fed with ones

# %% [markdown] id="trained"
# Only in the output is the grid almost gone: at most 0.03 is left. Two convolutions after
# the up-convolution, most maps show only a weak grid: the median falls from 0.32 to 0.07.
# But four of these sixteen maps still reach 0.39 or more.
#
# The last convolution computes two weighted sums of these sixteen maps, one for *membrane*
# and one for *inside*. The difference inside − membrane decides the class. Below you see
# how far each map's grid pushes it up (blue) or down (orange) in each phase.

# %% id="grid-cancels" tags=["fragment", "output"]
maps = record(network, x, "expand.0")[0]  # (16, 512, 512)
membrane, inside = network.last.weight.detach()[:, :, 0, 0]
pushed = pushes(maps, inside - membrane).numpy()  # (4, 16)
varies = (inside @ maps.flatten(1) - membrane @ maps.flatten(1)).std()
print(f"inside - membrane has a standard deviation of {varies:.2f}")
described(pictures.cancelling(pushed), "04.cancelling")

# %% id="grid-cancels-claim" tags=["claim"]
up, down = pushed.clip(min=0).sum(1), pushed.clip(max=0).sum(1)
assert [round(float(each), 3) for each in (up[1], down[1])] == [0.445, -0.41]
assert round(float(pushed[1].sum()), 3) == 0.035 and round(varies.item(), 2) == 3.56
assert abs(pushed.sum(1)).max() < 0.04 and max(up.max(), -down.min()) < 3.56 / 8

# %% [markdown] id="price"
# On average over the blocks' top-right pixels, some maps push the difference up by 0.445 in
# total and others push it down by 0.410, so only 0.035 is left. Compared with the
# difference's standard deviation of 3.56, the pushes are small, too.
#
# ## What each costs
#
# In the paper's U-Net at 572 × 572 pixels, which way needs the most parameters, and which
# the most memory for feature maps?

# %% id="cost-table"
kinds = ("transposed", "nearest", "bilinear", "pixel_shuffle")
traces = {kind: trace(UNetConfig(upsample=kind), 572) for kind in kinds}
for kind, traced in traces.items():
    print(f"{kind:13} {traced.parameters:,} parameters, {traced.memory / 1e6:.0f} MB of maps")

# %% id="price-asserted-claim" tags=["claim"]
more = {kind: traces[kind].memory / traces["transposed"].memory - 1 for kind in kinds}
assert traces["transposed"].parameters == 31_030_658
assert traces["bilinear"].parameters == traces["nearest"].parameters == 28_941_698
assert round(1 - 28_941_698 / 31_030_658, 2) == 0.07
assert [round(more[kind], 2) for kind in kinds] == [0, 0.03, 0.03, 0.11]
assert count_parameters(make_upsampler("transposed", 64, 32)) == 64 * 32 * 4 + 32
assert count_parameters(make_upsampler("bilinear", 64, 32)) == 64 * 32 + 32

# %% [markdown] id="primary" tags=["slide"]
# ## Which is best?
#
# We wrote down one question before the first run (`experiments/README.md`): does the
# up-convolution reach a higher V_rand than bilinear interpolation? **V_rand** scores,
# from 0 to 1, how well neurons are kept whole and apart ([lesson 10](10_metrics.ipynb)).
# Ten pairs of networks were evaluated on five validation sets of ISBI's slices. The bar
# shows the 95 % **confidence interval** of the difference (lesson 03): if it covers zero,
# the question is **not settled**.

# %% id="primary-answers" tags=["fragment", "output"]
primary_answers(4)

# %% [markdown] id="primary-verdict"
# **Not settled**: the mean difference in V_rand, up-convolution minus interpolation, is
# −0.005 (95 % confidence interval −0.032 to +0.022). (Here a 1 × 1 convolution comes before
# the interpolation, not after; a constant map stays constant, too.)
#
# <details><summary>How large could a difference still be?</summary>
#
# Up to 0.032 in favour of interpolation, 0.022 of up-convolution. The **statistical power**
# is the probability of detecting a true difference of a given size: for 0.036 it is 80 %.
# An *exploratory* experiment (lesson 12) with all four detected no difference (in V_rand,
# up to 0.085 remains possible).
#
# </details>

# %% id="primary-claim" tags=["claim"]
both = make_upsampler("bilinear", 4, 2)
assert ripple(both(torch.ones(1, 4, 9, 9))[0].detach().numpy()) < 1e-6
maps = torch.randn(1, 4, 9, 9)  # either order gives the same
later = both.conv(F.interpolate(maps, scale_factor=2.0, mode="bilinear"))
assert torch.allclose(both(maps), later, atol=1e-6)
from unet_teach.comparisons import answer, asked_in

primary = answer(asked_in(4)[0])
assert (round(primary.low, 3), round(primary.mean, 3)) == (-0.032, -0.005)
assert round(primary.high, 3) == 0.022 and round(primary.detectable, 3) == 0.036

# %% id="verdict-in-numbers" tags=["claim"]
from unet_teach.comparisons import load_table, paired

table, metrics = load_table("compare_merges"), ("v_rand", "v_info", "dice", "pixel_error")
found, worst = [], {}
for metric in metrics:
    asked = [("concat, transposed", f"concat, {kind}") for kind in kinds[1:]]
    answers = [paired(table, *names, metric, questions=3) for names in asked]
    found += [each.found for each in answers]
    worst[metric] = round(max(max(-each.low, each.high) for each in answers), 3)
assert not any(found) and len(found) == 12
assert worst == {"v_rand": 0.085, "v_info": 0.018, "dice": 0.006, "pixel_error": 0.003}

# %% id="verdict-pairs-claim" tags=["claim"]
from itertools import combinations

scores = {k: [r["v_rand"] for r in table if r["variant"] == f"concat, {k}"] for k in kinds}
everyone = [score for each in scores.values() for score in each]
assert [round(end(everyone), 2) for end in (min, max)] == [0.87, 0.96]
assert max(map(min, scores.values())) < min(map(max, scores.values()))  # all four overlap
for metric in metrics:
    for a, b in combinations(kinds, 2):  # intervals not even widened for all these questions
        assert not paired(table, f"concat, {a}", f"concat, {b}", metric).found

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# A colleague sees a grid in her network's output and wants to replace all transposed
# convolutions with bilinear upsampling. What would you look at first?
#
# <details><summary>One answer</summary>
#
# First find out whether the grid is in the **logits** (the network's numbers before
# softmax), or comes only from the way the picture is displayed. A grid that repeats every 2
# pixels points to the last doubling. One that repeats every 4 points to the doubling
# before, because the last doubling stretches its pattern.
#
# If the grid does harm, retrain with interpolation, or from repaired weights (exercise 3).
#
# </details>

# %% [markdown] id="pair-closes"
# ## The pair, as it is now
#
# You can now enlarge a map without a grid. Does that bring back the wall? Below, we pool
# the pair's labels three times and enlarge them by interpolation. The wall is still gone,
# because pooling averaged it away. But skip connections (lesson 05) can carry the wall
# across.

# %% id="pair-enlarged"
volume = Volume([tissue] * 30, [labels] * 30, "synthetic membranes (seed 0)")
small = F.avg_pool2d(torch.from_numpy(labels)[None, None].float(), 8)
enlarged = {}
for mode in ("nearest", "bilinear"):
    enlarged[mode] = F.interpolate(small, scale_factor=8, mode=mode)[0, 0].numpy() > 0.5
pair_figure(volume, enlarged)

# %% id="pair-enlarged-claim" tags=["claim"]
for mask in enlarged.values():
    assert pair.verdict(mask, labels) == "merged"

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - saw a transposed convolution as Wᵀ, as a stamp that paints, and as zero insertion plus
#   convolution;
# - found that the paper's authors programmed its "up-convolution" like torch's
#   `nn.ConvTranspose2d(in, out, kernel_size=2, stride=2)`, except for the biases a pixel
#   shuffle;
# - measured the ripple: about 1 for a transposed convolution with random weights, but 0
#   with interpolation;
# - saw that a few maps in a trained network keep a grid, which nearly cancels out in the
#   output;
# - asked whether the up-convolution beats bilinear interpolation: not settled.
