# %% [markdown] id="title" tags=["slide"]
# # 01 · Convolution arithmetic
#
# A convolution slides a small window of numbers over a picture. You will compute some
# output pixels by hand, and ask how big the output is. Two formulas produce all the U-Net
# paper's sizes, from the 572-pixel input to the 388-pixel output.
#
# ![](assets/lessons/01_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - compute any pixel of a convolution's output by hand;
# - derive the size of that output, and find which input sizes lead to it;
# - say how big a transposed convolution's output is, and why such a layer can't restore
#   every size.
#
# **Time** about 40 minutes · **Prerequisites** lesson 00 · **Needs** no GPU, no data

# %% id="setup" tags=["core"]
import matplotlib.pyplot as plt
import torch
from torch import nn

from unet_teach import shapes
from unet_teach.data.membranes import membrane_slice
from unet_teach.drawing.pair import MEMBRANES, coloured, the_pair
from unet_teach.exercises import check, hint, solution
from unet_teach.lessons.described import described
from unet_teach.lessons.l01_convolution_arithmetic.measure import dark_line
from unet_teach.lessons.l01_convolution_arithmetic.panel import convolution_grid
from unet_teach.lessons.l01_convolution_arithmetic.picture import grid, worked
from unet_teach.lessons.l01_convolution_arithmetic.pictures import at_work, painted, whole_u
from unet_teach.shapes import dropped

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="still-wrong" tags=["core", "slide"]
# ## The pair, and what is still wrong with it
#
# In lesson 00 a threshold merged our two neurons. A threshold sees one pixel at a time, so
# it can't tell a wall from a dark speck. A **convolution** looks at a pixel's neighbours,
# too: it slides a small window of numbers, its **kernel**, over the picture.
#
# The figure shows each kernel above its output for part of our synthetic slice. Blue
# squares hold positive numbers, orange ones negative. You can change the kernel *yours*:
# can nine numbers make the walls white and nothing else? Set all nine to −1, and run the
# cell again.

# %% id="pair-kernels" tags=["core"]
micrograph, labels = membrane_slice(29)  # the slice with the pair
# (H, W) -> (1, 1, H, W): one image, one channel
grey = torch.tensor(micrograph / 255).float()[None, None]
pair = the_pair(MEMBRANES)


# No need to read these two functions yet: the text below says what they do.
def slide_over(image, kernel, padding="constant"):  # padding: see below
    kernel = torch.as_tensor(kernel)[None, None]
    padded = nn.functional.pad(image, 4 * [kernel.shape[-1] // 2], mode=padding)
    return nn.functional.conv2d(padded, kernel)


def eight_directions(size, padding="constant"):
    kernels = [dark_line(turn * 22.5, size) for turn in range(8)]
    answers = [slide_over(grey, kernel, padding) for kernel in kernels]
    return torch.stack(answers).amax(dim=0)  # the largest of eight answers


# %% id="show-pair-kernels" tags=["core", "fragment"]
kernels = {
    "blur": [[1 / 9, 1 / 9, 1 / 9]] * 3,
    "vertical edges": [[-1.0, 0.0, 1.0]] * 3,
    "yours": [[0.0, -1.0, 0.0], [-1.0, 5.0, -1.0], [0.0, -1.0, 0.0]],
    "dark upright line": dark_line(degrees=0, size=15),
}
shown = {name: slide_over(grey, kernel) for name, kernel in kernels.items()}
shown = {"micrograph": grey, **shown, "eight directions": eight_directions(size=15)}
crops = {name: pair.crop(picture[0, 0].numpy()) for name, picture in shown.items()}
described(at_work(kernels, crops), "01.pair_kernels")

# %% id="still-wrong-claim" tags=["core", "claim"]
assert pair.verdict(micrograph / 255 > 0.4, labels) == "merged"
cut, walls = crops["eight directions"], pair.crop(labels) == 0
assert cut[walls].mean() > 2 * cut[~walls].mean()
assert crops["blur"][-1].mean() < 0.75 * crops["blur"][-2].mean()  # zeros below the slice
inside = pair.crop(labels) == 1
assert crops["blur"][inside].std() < crops["micrograph"][inside].std()
assert crops["yours"][inside].std() > 2 * crops["micrograph"][inside].std()
assert micrograph[-1, pair.corner[1]] == pair.crop(micrograph)[-1, 0]  # the slice's last row


def cells_above(kernel):  # inside the cells: the fraction brighter than the upright wall
    made = pair.crop(slide_over(grey, kernel)[0, 0].numpy())
    return (made[inside] > sorted(made[60:86, 54:56].flat)[26]).mean()


assert (pair.crop(labels)[60:86, 54:56] == 0).all()
assert cells_above([[-1.0, -1.0, -1.0]] * 3) < 0.02
assert cells_above(kernels["dark upright line"]) < 0.02

# %% [markdown] id="read-pair-kernels" tags=["core", "slide"]
# *Blur* averages the 3 × 3 pixels around each pixel, so the grain (random noise) gets
# weaker. *Vertical edges* subtracts the pixels under its left column from those under its
# right one, so the result is large wherever the picture gets brighter from left to right.
# In grain, that happens everywhere. *Yours* begins as a sharpening kernel, which sharpens
# the grain, too. If all nine numbers are −1, everything dark turns white, walls and specks
# alike.
#
# The *dark upright line* subtracts the mean under its orange strip from the mean of the
# rest, so dark upright walls light up. For *eight directions*, we rotate it and keep the
# largest of the eight results at each pixel. Now the whole wall between our two neurons
# shines.

# %% [markdown] id="slide" tags=["core", "slide"]
# ## A window that slides
#
# *(one-lesson track: 8 minutes)*
#
# Take 5 × 5 pixels, dark on the left (small numbers) and bright on the right, and the
# kernel *vertical edges*. The kernel covers nine pixels. Multiply each of them by the
# kernel's number on top of it, a **weight**, and add up the nine products. The sum is one
# pixel of the output.
#
# Then the kernel moves on by one pixel, with the same weights. Check the nine products, and
# compute another output pixel on paper.

# %% id="by-hand" tags=["core", "fragment"]
pixels = torch.tensor(
    [[1, 2, 8, 9, 8], [2, 1, 9, 8, 9], [1, 1, 8, 9, 9], [2, 1, 9, 8, 8], [1, 2, 8, 9, 9]]
)
edges = torch.tensor([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]])
worked(pixels, edges, row=0, column=1)

# %% id="by-hand-claim" tags=["core", "claim"]
made = nn.functional.conv2d(pixels.float()[None, None], edges.float()[None, None])[0, 0]
assert made.tolist() == [[21, 22, 1], [21, 22, 0], [21, 22, 1]]

# %% [markdown] id="count-places" tags=["core", "slide"]
# The blue 22 in the output is large because its window is dark on the left and bright on
# the right. The output is a picture, too, called a **feature map**.
#
# The kernel fits at three places in width and three in height, so 5 × 5 pixels become 3 ×
# 3. Height works like width, so from now on we count in one direction only. We call the
# input size **n**, the kernel size **k** and the output size **m** (i, k and o in [Dumoulin
# and Visin, 2016](https://arxiv.org/abs/1603.07285)). Predict: what is m for n = 572 and k
# = 3?

# %% id="one-convolution" tags=["core", "fragment", "output"]
conv = nn.Conv2d(1, 1, kernel_size=3)
image = torch.rand(1, 1, 572, 572)
print(tuple(image.shape), "→", tuple(conv(image).shape))

# %% id="one-convolution-claim" tags=["core", "claim"]
assert conv(image).shape[-1] == 572 - 3 + 1 == 570

# %% [markdown] id="n-minus-k" tags=["core", "fragment"]
# Each shape lists the numbers of images and channels (see below), the height and the
# width.
#
# The kernel covers k pixels. That leaves n − k pixels to slide across, so the window fits n −
# k + 1 times: once at the start, and again after each step.
#
# $$m = (n - k) + 1$$
#
# [The paper](https://arxiv.org/abs/1505.04597) uses "unpadded convolutions", so each of its
# 3 × 3 convolutions costs two pixels in height and in width.

# %% [markdown] id="channels"
# ## Many channels, and a bias
#
# A layer takes and returns a stack of feature maps, called **channels**. Each input channel
# gets its own learned kernel. The convolution **sums over all input channels**, and adds
# one more learned number, the **bias**. (Each output channel has its own kernels and bias.)
#
# Here the first channel is our 5 × 5 picture. The second contains 9 minus each of those
# pixels, and has a kernel of ones. The bias is 5. With the first channel alone, the middle
# pixel of the output's first row was 22. What is that pixel now?

# %% id="channels-by-hand"
two_channels = torch.stack([pixels, 9 - pixels])  # (2, 5, 5)
two_kernels = torch.stack([edges, torch.ones_like(edges)])  # (2, 3, 3): one for each channel
windows = two_channels[:, 0:3, 1:4]  # the orange pixels, in both channels
sums = (windows * two_kernels).sum(dim=(1, 2))
print("sums", sums.tolist(), "· bias 5 · output pixel", sums.sum().item() + 5)

# %% id="channels-by-hand-claim" tags=["claim"]
bias = torch.tensor([5.0])
by_torch = nn.functional.conv2d(two_channels[None].float(), two_kernels[None].float(), bias)
assert pixels[0:3, 1:4].sum() == 55
assert sums.tolist() == [22, 26] and by_torch[0, 0, 0, 1] == 22 + 26 + 5

# %% [markdown] id="channels-read"
# In the second channel, the window sums to 9 · 9 − 55 = 26, because the orange pixels of
# the first channel sum to 55. So the output pixel is 22 + 26 + 5 = 53.

# %% [markdown] id="three-changes" tags=["core", "slide"]
# ## Padding and stride
#
# *(one-lesson track: 7 minutes)*
#
# Two settings change how many times the kernel fits.
#
# - **Padding p** puts p more pixels at *each* end, so n becomes n + 2p. In torch they are
#   zeros by default, and zero is black. The first figure's slice is padded like this: where
#   it ends, three of the nine pixels under the kernel are zeros, so *blur* has a dark last
#   row.
# - **Stride s** moves the kernel s pixels at a time, so n − k pixels take (n − k)/s steps.
#   A last step that doesn't fit isn't taken, so we round down.

# %% [markdown] id="the-formula" tags=["core", "slide"]
# With both, the output size is
#
# $$m = \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1$$
#
# The brackets ⌊ ⌋ mean "round down". Torch does so without a warning, and no window reaches
# the pixels left over at the end. Predict: with n = 8, k = 3 and s = 2, how many rows are
# lost?

# %% id="a-pixel-is-lost" tags=["core", "slide"]
print("m =", shapes.conv_out(8, 3, s=2), "and", dropped(8, 3, s=2), "row is dropped")
grid(n=8, k=3, s=2, row=2, column=2)

# %% id="a-pixel-is-lost-claim" tags=["core", "claim"]
assert shapes.conv_out(8, 3, s=2) == shapes.conv_out(7, 3, s=2) == 3
assert dropped(8, 3, s=2) == 1 and dropped(7, 3, s=2) == 0

# %% [markdown] id="exercise-1" tags=["core", "slide"]
# ### Exercise 1 (easy): the output size
#
# Write the formula as a function, with one more setting. With **dilation d**, which U-Net
# doesn't use, the pixels that the kernel reads are d apart (below, d = 2). They cover k − 1
# steps of d, so the **effective kernel size** d(k − 1) + 1 replaces k. `//` divides and
# rounds down.
#
# - **In**: whole numbers: n, k, s and d, all at least 1, and p ≥ 0. Keep the default
#   values below, because the check uses them. The kernel fits into the *padded* input.
# - **Out**: the output size m, an `int`.
# - **Edge**: n may be smaller than k if padding makes up for it: `conv_out(1, 3, p=1)` is 1.
# - **Example**: `conv_out(8, 3, 2)` is 3.

# %% id="dilation-drawn" tags=["core"]
worked(pixels, edges, d=2)

# %% id="dilation-claim" tags=["core", "claim"]
assert shapes.conv_out(5, 3, d=2) == 1 and shapes.conv_out(5, 5) == 1


# %% id="exercise-conv-out" tags=["core", "fragment"]
def conv_out(n, k, s=1, p=0, d=1):
    """Output size of a convolution, in height or in width."""
    # SOLUTION: exercises.conv_out


# %% id="check-conv-out" tags=["core"]
check("01.conv_out", conv_out)

# %% [markdown] id="help"
# Stuck? `hint("01.conv_out")`, then `hint("01.conv_out", 2)`.

# %% id="every-setting-claim" tags=["claim"]
from itertools import product

count = 0
for n, k, s, p, d in product(range(1, 13), range(1, 6), (1, 2, 3), (0, 1, 2), (1, 2)):
    if d * (k - 1) + 1 <= n + 2 * p:
        output = nn.functional.conv1d(torch.ones(1, 1, n), torch.ones(1, 1, k), None, s, p, d)
        assert output.shape[-1] == shapes.conv_out(n, k, s, p, d)
        count += 1
assert count == 927

# %% [markdown] id="max-pooling" tags=["core"]
# ## A window without weights
#
# **Max pooling** slides a window, too, but keeps only the largest number in it. In U-Net
# the window is 2 × 2 with stride 2, so windows never overlap, and height and width are
# halved. The same formula holds, because it only counts places.

# %% id="max-pooling-drawn" tags=["core"]
numbers = torch.tensor([[1, 3, 0, 2], [5, 2, 1, 1], [0, 0, 7, 6], [4, 1, 8, 2]])
worked(numbers, torch.ones(2, 2), row=1, column=1, s=2, way="max")

# %% id="max-pooling-claim" tags=["core", "claim"]
assert nn.functional.max_pool2d(numbers[None].float(), 2)[0].tolist() == [[5, 2], [4, 8]]
assert shapes.pool_out(4) == shapes.conv_out(4, 2, s=2) == 2

# %% [markdown] id="the-grid" tags=["core", "slide"]
# ## The linked grid
#
# *(one-lesson track: 10 minutes)*
#
# Here is a small piece of a micrograph as numbers from 0 (black) to 9 (white). Predict,
# then try:
#
# 1. With n = 7, k = 3, s = 1, which p keeps the size? Which does so for k = 5?
# 2. With n = 8, k = 2, s = 2, p = 0 the windows are those of U-Net's pooling. What happens
#    at n = 9?
# 3. Go back to n = 7, k = 3, s = 1, p = 0 and point at the input. Which of its pixels are
#    read most often, and which least?
# 4. Set p = 1. Type a kernel that leaves the image as it is, and one that shifts it by a
#    pixel.
#
# {{twin: convolution_grid}}

# %% id="try-the-grid" tags=["core", "slide"]
convolution_grid()

# %% [markdown] id="same-in-numbers" tags=["core"]
# 1. p = 1 keeps the size, and p = 2 does so for k = 5: a kernel costs k − 1 pixels, and the
#    padding at each end makes up for half of them.
# 2. m is 4 for both sizes. At n = 9 a fifth window would need a tenth pixel, so the last
#    row and column are lost.
# 3. A pixel in the middle is read nine times, once by each number of the kernel. A corner
#    is read once, because only one window reaches it.
# 4. A single 1 in the middle leaves the image as it is, because each output pixel equals the
#    input pixel at its place. With the 1 left of the middle, each output pixel equals the
#    left neighbour instead, so the image shifts right.

# %% id="answers-in-numbers-claim" tags=["core", "claim"]
assert shapes.conv_out(7, 3, p=1) == 7 and shapes.conv_out(7, 5, p=2) == 7
assert shapes.pool_out(8) == shapes.pool_out(9) == 4 and dropped(9, 2, s=2) == 1
assert shapes.conv_out(9, 3, d=2) == shapes.conv_out(9, 5)
panel = convolution_grid()
assert panel.answer["read"][0, 0] == 1 and panel.answer["read"][3, 3] == 9
panel.set(kernel=[0, 0, 0, 0, 1, 0, 0, 0, 0], p=1)
assert panel.answer["output"] == panel.answer["input"]
panel.set(kernel=[0, 0, 0, 1, 0, 0, 0, 0, 0])  # what stands on the left moves to the right
assert [row[1:] for row in panel.answer["output"]] == [r[:-1] for r in panel.answer["input"]]

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): read it backwards
#
# Which input sizes lead to m = 3 when k = 3 and s = 2? Write a function that lists them
# **all**.
#
# - **In**: whole numbers: the output size m ≥ 1, and k, s, p and d as in exercise 1.
# - **Out**: a list of every n of at least 1 for which the kernel fits and `conv_out`
#   returns m, in ascending order, without repeats.
# - **Edge**: with a lot of padding, the arithmetic also yields input sizes below 1: leave
#   them out. If none are left, the list is empty, as for `inputs_for(2, 1, 1, 3)`.
# - **Example**: `inputs_for(3, 3, 2)` is `[7, 8]`.


# %% id="exercise-inputs-for" tags=["fragment"]
def inputs_for(m, k, s=1, p=0, d=1):
    """Every n of at least 1 for which a convolution returns m."""
    # SOLUTION: exercises.inputs_for


# %% id="check-inputs-for"
check("01.inputs_for", inputs_for)

# %% [markdown] id="why-s-of-them"
# Rounding down turns s consecutive input sizes into the same output size. So the list
# contains s consecutive numbers, or fewer if some sizes are below 1.
#
# Stuck? `hint("01.inputs_for")`

# %% [markdown] id="transposed" tags=["slide"]
# ## The other way: transposed convolution
#
# After its poolings U-Net has to enlarge its feature maps. What the paper calls an
# "up-convolution" is a **transposed convolution**. Each input pixel paints a k × k patch
# into the output: the kernel, multiplied by that pixel's value. The patches begin s pixels
# apart.
#
# In the figure, all weights are 1, so each patch repeats its pixel's value. With k = 2 and
# s = 2, as in U-Net, the patches fit together like tiles. What happens with k = 3 and s =
# 2?

# %% id="paint" tags=["fragment", "output"]
painted([[1, 2], [3, 4]], [(2, 2), (3, 2)])  # (k, s)

# %% id="paint-claim" tags=["claim"]
small = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
tiles = nn.functional.conv_transpose2d(small, torch.ones(1, 1, 2, 2), stride=2)
overlapping = nn.functional.conv_transpose2d(small, torch.ones(1, 1, 3, 3), stride=2)
assert tiles[0, 0, 0].tolist() == [1, 1, 2, 2]
assert overlapping[0, 0, 2].tolist() == [4, 4, 10, 6, 6]

# %% [markdown] id="up-size" tags=["slide"]
# Where patches overlap (grey), their values add up. If we count pixels from 0, the last
# patch begins at pixel (n − 1)s. It is k pixels wide, so
#
# $$m = (n - 1)s + k$$
#
# For k = 2 and s = 2 that is 2n. Does a transposed convolution undo a convolution? Below, the
# convolution comes first, and both have k = 3 and s = 2. Predict: which of the sizes 7, 8 and
# 9 come back?

# %% id="seven-eight-nine" tags=["fragment"]
there, back = nn.Conv2d(1, 1, 3, stride=2), nn.ConvTranspose2d(1, 1, 3, stride=2)
for n in (7, 8, 9):
    halved = there(torch.rand(1, 1, n, n))
    print(n, "→", halved.shape[-1], "→", back(halved).shape[-1])

# %% id="seven-eight-nine-claim" tags=["claim"]
assert [back(there(torch.rand(1, 1, n, n))).shape[-1] for n in (7, 8, 9)] == [7, 7, 9]
assert shapes.conv_transpose_out(28, 2, s=2) == 56
assert (
    nn.ConvTranspose2d(1, 1, 3, stride=2, output_padding=1)(torch.rand(1, 1, 3, 3)).shape[-1]
    == 8
)

# %% [markdown] id="eight-is-lost"
# Sizes 7 and 9 come back, but 8 doesn't. Both 7 and 8 become 3, and from a 3 you can't tell
# which of them it was. By our formula, the transposed convolution returns the smaller size,
# unless you ask for the larger one with `output_padding=1`. Only the size comes back, not
# the pixels (lesson 04).

# %% id="there-and-back" tags=["claim"]
checked = 0
for m, k, s, p, d in product(range(1, 9), range(1, 6), (1, 2, 3), (0, 1, 2), (1, 2)):
    back = (m - 1) * s + d * (k - 1) + 1 - 2 * p
    if back < 1:
        continue
    signal, kernel = torch.ones(1, 1, m), torch.ones(1, 1, k)
    up = nn.functional.conv_transpose1d(signal, kernel, None, s, p, dilation=d)
    assert up.shape[-1] == shapes.conv_transpose_out(m, k, s, p, d) == back
    assert shapes.conv_out(back, k, s, p, d) == m
    checked += 1
print(checked, "settings: there and back again")

# %% [markdown] id="the-whole-u" tags=["slide"]
# ## From 572 to 388
#
# Each box below is for one size in the paper's U. (After each 3 × 3 convolution comes a
# **ReLU**, max(0, x): it makes negative numbers 0 and changes no size.) With what size does
# the lowest row, the **bottleneck**, end?

# %% id="empty-u" tags=["fragment", "output"]
whole_u()

# %% [markdown] id="fill-it" tags=["slide"]
# Now let your function compute the sizes. It is called as `conv_out(n, 3)` for each grey
# arrow and as `conv_out(n, 2, 2)` for each orange one. The green arrows double the size. A
# box turns green if its size is the paper's.

# %% id="fill-the-u" tags=["fragment", "output"]
whole_u(conv_out)

# %% id="down-and-up-claim" tags=["claim"]
from unet_teach.lessons.l01_convolution_arithmetic.pictures import sizes

assert sizes(conv_out)[-1] == 388 and min(sizes(conv_out)) == 28
assert "26 of 26" in whole_u(conv_out).alt
assert 28 == 64 // 2 - 4
assert 2 * (4 + 8 + 16 + 32) == 120 and 120 + 4 * 16 == 184 == 572 - 388

# %% [markdown] id="read-the-u"
# The lowest row ends with 28, because 64 is halved to 32, and two convolutions cost 4.
#
# After four poolings, one pixel of this row corresponds to 16 × 16 pixels of the image.
# So this row's two convolutions cost 4 · 16 = 64 of the 184 pixels that the U loses in
# height and in width.

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# With "same" convolutions, padded so that no size changes, 512 pixels go in and 512 come out.
# Why might the authors have decided against padding?
#
# <details><summary>One answer</summary>
#
# The zeros that padding adds are not data, and after many layers a broad rim of the output
# depends on them (lesson 05). Without padding, every output pixel depends on the image alone.
# The price is a smaller output, and the skip connections' feature maps have to be cropped.
#
# </details>

# %% [markdown] id="pair-now" tags=["slide"]
# ## The pair, as it is now
#
# Let's return to the kernels in eight directions and call a pixel *inside* if the largest
# of its eight results is below 0.08. Black zeros below the slice would hide the lowest
# wall, so we pad with the slice's mirror image (`reflect`). The kernels are 9, 15 and 27
# pixels wide. Which of them keep the two neurons apart?

# %% id="show-pair-now" tags=["fragment"]
level = 0.08
masks = {"micrograph > 0.4": grey > 0.4}
for size in (9, 15, 27):
    masks[f"{size} × {size}: below {level}"] = eight_directions(size, "reflect") < level
masks["labels"] = torch.tensor(labels)[None, None]
figure, axes = plt.subplots(1, 5, figsize=(11.5, 2.8), layout="constrained")
for axis, (name, mask) in zip(axes, masks.items(), strict=True):
    white = mask[0, 0].numpy()
    right, verdict = (white == labels).mean(), pair.verdict(white, labels)
    axis.imshow(coloured(pair, white, labels), interpolation="nearest")
    axis.set(title=name, xlabel=f"{verdict} · {right:.0%} right", xticks=[], yticks=[])
described(figure, "01.pair_now")

# %% id="pair-now-claim" tags=["claim"]
from unet_teach.metrics.thinning import components

whites = [mask[0, 0].numpy() for mask in masks.values()]
verdicts = [pair.verdict(white, labels) for white in whites]
assert verdicts == ["merged", "merged", "apart", "apart", "apart"]
by_grey, _nine, fifteen, widest, _labels = [(white == labels).mean() for white in whites]
assert 0.785 < fifteen < labels.mean() < 0.795 and 0.845 < by_grey < widest < 0.85
cracks = [components(pair.crop(~white)).max() for white in whites[1:4]]  # dark regions
assert cracks[0] > cracks[1] > 2 * cracks[2]
assert [(dark_line(0, size) < 0).sum() for size in (9, 27)] == [27, 81]

# %% id="into-other-cells-claim" tags=["claim"]
others = []  # the cells of the labels that each of the two has run into
true_cells = components(pair.crop(labels))
for white in whites[2:4]:
    found = components(pair.crop(white))
    for number in pair.regions(white, labels):
        others.append(len(set(true_cells[found == number].tolist()) - {0}) - 1)
assert others == [5, 2, 0, 0]

# %% id="levels-claim" tags=["claim"]
for size, due in {9: [75], 27: list(range(55, 100, 5))}.items():
    answers = eight_directions(size, "reflect")[0, 0].numpy()
    verdicts = {n: pair.verdict(answers < n / 1000, labels) for n in range(40, 125, 5)}
    assert [n for n, verdict in verdicts.items() if verdict == "apart"] == due
assert 0.865 < ((answers < 0.095) == labels).mean() < 0.875  # 27 × 27
lowest = [  # of the left neuron's region: with zeros it reaches below the lowest wall
    components(pair.crop(white)) == pair.regions(white, labels)[0]
    for padding in ("constant", "reflect")
    for white in [eight_directions(27, padding)[0, 0].numpy() < 0.08]
]
assert lowest[0][-1].any() and not lowest[1][-1].any()

# %% [markdown] id="pair-so-far"
# At 15 × 15, our two neurons are apart, but each has run into other cells. Only 79 % of
# the slice's pixels are right, no more than if we call every pixel inside. At 27 × 27,
# both neurons stay within their walls, because a long strip bridges the places where a
# wall gets faint.
#
# Now change `level` in steps of 0.005. At 27 × 27, levels from 0.055 to 0.095 keep the two
# neurons apart; at 9 × 9, only 0.075 does.
#
# But we chose kernels and level by hand, for this pair, whereas a U-Net learns its
# kernels. Lesson 02 asks how far a network must see.

# %% [markdown] id="exercise-3"
# ### Exercise 3 (stretch): padding for "same"
#
# **"Same" padding** adds the zeros that keep the size. At stride 1, how many of them go
# on the left and on the right?
#
# - **In**: whole numbers: kernel size k ≥ 1, odd or even, and dilation d ≥ 1 (1 if not given).
# - **Out**: a pair `(left, right)` of whole numbers, the zeros to add at each end. If their
#   total is even, both are equal; if it is odd, the right end gets one more, as in torch.
# - **Edge**: k = 1 loses nothing, so its answer is `(0, 0)`.
# - **Example**: `same_padding(4)` is `(1, 2)`, since 3 pixels are lost.
#
# Stuck? `hint("01.same_padding")`


# %% id="exercise-same-padding"
def same_padding(k, d=1):
    """Zeros (left, right)."""
    # SOLUTION: exercises.same_padding


# %% id="check-same-padding"
check("01.same_padding", same_padding)

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - computed a convolution's output pixel by hand: nine products, and their sum;
# - derived a formula for the output size, and read it backwards;
# - found that rounding down drops pixels silently: with k = 3 and s = 2, 8 pixels become
#   3 and come back as 7;
# - filled in the paper's sizes: each block of "two 3x3 convolutions (unpadded
#   convolutions)" costs four pixels in height and in width.
