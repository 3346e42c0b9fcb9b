# %% [markdown] id="title" tags=["slide"]
# # 01 · Convolution arithmetic
#
# A convolution is a small window that slides over a picture. You will watch three of them at
# work, and then ask: how big is a convolution's output? One short formula tells you, and it
# explains why the paper's network takes 572 pixels and returns 388.
#
# ![](assets/lessons/01_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - derive the output size of a convolution, instead of looking it up;
# - read the formula backwards: which inputs give this output?
# - say how big the output of a transposed convolution is, and why its formula is a different
#   one.
#
# **Time** about 40 minutes · **Before** lesson 00 · **Needs** no GPU, no data

# %% id="setup" tags=["core"]
from itertools import product

import matplotlib.pyplot as plt
import torch
from torch import nn

from unet_teach import shapes
from unet_teach.data.membranes import membrane_slice
from unet_teach.drawing.pair import MEMBRANES, coloured, the_pair
from unet_teach.exercises import check, hint, solution
from unet_teach.lessons.described import described
from unet_teach.lessons.l01_convolution_arithmetic.panel import convolution_grid
from unet_teach.lessons.l01_convolution_arithmetic.picture import grid
from unet_teach.shapes import conv_transpose_out, dropped, pool_out, receptive_field

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="still-wrong" tags=["core", "slide"]
# ## The pair, and what is still wrong with it
#
# In lesson 00 a threshold ran our two neurons together. It looks at one pixel at a time, and
# at least a third of the pixels that it calls dark belong to the inside of a cell. To tell a
# wall from a dark speck, you have to look at a pixel's neighbours.
#
# A convolution does just that. Here are three, each with nine numbers typed in by hand, on
# our synthetic slice. Which of them would you give to someone who looks for walls? Change
# some of the numbers and run the cells again.

# %% id="pair-kernels" tags=["core"]
micrograph, labels = membrane_slice(29)  # the slice with the pair
grey = torch.tensor(micrograph / 255).float()[None, None]
kernels = {
    "blur": [[1 / 9, 1 / 9, 1 / 9], [1 / 9, 1 / 9, 1 / 9], [1 / 9, 1 / 9, 1 / 9]],
    "sharpen": [[0.0, -1.0, 0.0], [-1.0, 5.0, -1.0], [0.0, -1.0, 0.0]],
    "vertical edges": [[-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0]],
}
pair, shown = the_pair(MEMBRANES), {"micrograph": grey}
for name, numbers in kernels.items():
    shown[name] = nn.functional.conv2d(grey, torch.tensor([[numbers]]), padding=1)

# %% id="show-pair-kernels" tags=["core", "fragment"]
figure, axes = plt.subplots(1, 4, figsize=(10, 2.9), layout="constrained")
for axis, (name, picture) in zip(axes, shown.items(), strict=True):
    axis.imshow(pair.crop(picture[0, 0].numpy()), cmap="gray")
    axis.set(title=name, xticks=[], yticks=[])
described(figure, "01.pair_kernels")

# %% id="still-wrong-claim" tags=["core", "claim"]
dark = micrograph / 255 <= 0.4  # the threshold of lesson 00
assert pair.verdict(~dark, labels) == "merged"
assert 1 / 3 < (labels[dark] == 1).mean() < 0.38  # on ISBI more

# %% [markdown] id="slide" tags=["core", "slide"]
# ## A window that slides
#
# *(one-lesson track: 8 minutes; such marks are for teachers)*
#
# How did nine numbers do that? A **convolution** with a 3 × 3 **kernel** looks at nine
# pixels, multiplies each of them by the kernel's number at that place, its **weight**, and
# adds up the products. The sum is one pixel of the output. Then the kernel moves on by one
# pixel and does it again with the same weights. So the output is a picture, too: a **feature
# map**, which holds a number for each place at which the kernel can be.
#
# Now take an image of 5 × 5. At how many places does the kernel fit? Count along one row first:
# its left edge can be on pixel 0, on pixel 1, or …

# %% id="five-by-five" tags=["core", "fragment"]
grid(n=5, k=3, row=1, column=2)

# %% [markdown] id="count-places" tags=["core", "slide"]
# The kernel fits at three places in width and three in height, so the output is 3 × 3. The
# blue cell is one pixel of the output, and the nine orange ones are the inputs that it reads.
# Point at other cells, too.
#
# Height and width never mix, so from here on we count just one of them, with the letters of
# [Dumoulin and Visin's guide](https://arxiv.org/abs/1603.07285): **n** for the input size,
# **k** for the kernel size. We call the output size **m**. Before you run the next cell: what
# is m for n = 572 and k = 3?

# %% id="one-convolution" tags=["core", "fragment"]
conv = nn.Conv2d(1, 1, kernel_size=3)
image = torch.rand(1, 1, 572, 572)
print(tuple(image.shape), "→", tuple(conv(image).shape))

# %% id="one-convolution-claim" tags=["core", "claim"]
assert conv(image).shape[-1] == 572 - 3 + 1 == 570

# %% [markdown] id="n-minus-k" tags=["core", "fragment"]
# The kernel covers k pixels. That leaves n − k pixels to slide across, so the window fits
# n − k + 1 times: once at the start, and once more after each step. A fence, too, has
# one more post than gaps.
#
# $$m = (n - k) + 1$$
#
# [The paper](https://arxiv.org/abs/1505.04597) uses "unpadded convolutions", so each of its
# 3 × 3 convolutions costs two pixels in height and two in width.

# %% [markdown] id="channels"
# ## Many channels, and a bias
#
# A network keeps several feature maps on top of each other, its **channels**. Each pair of an
# input and an output channel has a kernel of its own. A convolution **sums over all input
# channels**, and then adds one more learned number, the **bias**, to every pixel of the output
# channel.
#
# The next cell computes one output pixel by hand. None of this changes the *size* of the
# output, so we can leave it aside while we count.

# %% id="channels-by-hand"
layer, two_maps = nn.Conv2d(2, 1, kernel_size=3), torch.rand(1, 2, 5, 5)
window = two_maps[0, :, 1:4, 2:5]  # (2, 3, 3): both channels, rows 1 to 3, columns 2 to 4
by_hand = (window * layer.weight[0]).sum() + layer.bias[0]
print(f"by hand {by_hand.item():.4f}, torch {layer(two_maps)[0, 0, 1, 2].item():.4f}")

# %% id="channels-by-hand-claim" tags=["claim"]
assert torch.allclose(by_hand, layer(two_maps)[0, 0, 1, 2], atol=1e-6)

# %% [markdown] id="three-changes" tags=["core", "slide"]
# ## Padding, dilation, stride
#
# *(one-lesson track: 7 minutes)*
#
# Three settings change the count, each at a place of its own in the formula.
#
# - **Padding p** puts p more pixels at *both* ends, so n becomes n + 2p. In torch they are
#   zeros unless you ask for something else.
# - **Dilation d** leaves gaps between the pixels that the kernel reads, its **taps**. There
#   are k − 1 gaps between k taps, so the kernel now spans d(k − 1) + 1 pixels. Put that in
#   place of k.
# - **Stride s** moves the kernel s pixels at a time, so you divide the pixels left to slide
#   across by s.
#
# If a last step doesn't fit, it isn't taken. That is why the division is rounded down.

# %% [markdown] id="the-formula" tags=["core", "slide"]
# $$m = \left\lfloor \frac{n + 2p - d(k - 1) - 1}{s} \right\rfloor + 1$$
#
# Read it aloud: *take the padded input, subtract what the kernel spans, count the steps of s,
# and add one for the first place.* The brackets ⌊ ⌋ mean "round down".
#
# You might expect an error if the division leaves a remainder. There is none: torch rounds
# down silently, so no output ever reads the pixels left over at the end. Predict: with n = 8,
# k = 3 and s = 2, how many rows are lost?

# %% id="a-pixel-is-lost" tags=["core", "slide"]
print("m =", shapes.conv_out(8, 3, s=2), "and", dropped(8, 3, s=2), "row is dropped")
grid(n=8, k=3, s=2, row=2, column=2)

# %% id="a-pixel-is-lost-claim" tags=["core", "claim"]
assert shapes.conv_out(8, 3, s=2) == shapes.conv_out(7, 3, s=2) == 3
assert dropped(8, 3, s=2) == 1 and dropped(7, 3, s=2) == 0

# %% [markdown] id="exercise-1" tags=["core", "slide"]
# ### Exercise 1 (easy): the output size
#
# Write the formula as a function. In Python, `//` divides and rounds down.
#
# - **In**: whole numbers: input size n, kernel size k, stride s and dilation d, all at least 1,
#   and padding p ≥ 0 at each end. The check leaves out some of s, p and d, so keep their
#   defaults. The kernel always fits into the *padded* input.
# - **Out**: the output size m, a whole number (`int`).
# - **Edge**: n may be smaller than k if padding makes up for it: `conv_out(1, 3, p=1)` is 1.
# - **Example**: `conv_out(8, 3, 2)` is 3. Five pixels are left to slide across, which is two
#   whole steps of 2, so there are three places.


# %% id="exercise-conv-out" tags=["core", "fragment"]
def conv_out(n, k, s=1, p=0, d=1):
    """Output size of a convolution, in height or in width."""
    # SOLUTION: exercises.conv_out


# %% id="check-conv-out" tags=["core"]
check("01.conv_out", conv_out)

# %% [markdown] id="help"
# Stuck? `hint("01.conv_out")` asks you a question, and `hint("01.conv_out", 2)` points you in a
# direction. The same works for every exercise.

# %% [markdown] id="trust-torch" tags=["core"]
# ## Does torch agree?
#
# If a formula holds for three examples, that may be luck. So let's build every convolution
# with n up to 12, k up to 5, s up to 3, p up to 2 and d up to 2 in which the kernel fits, and
# compare torch's output size with ours. How many disagreements do you expect?


# %% id="every-setting" tags=["core"]
def settings():
    for n, k, s, p, d in product(range(1, 13), range(1, 6), (1, 2, 3), (0, 1, 2), (1, 2)):
        if d * (k - 1) + 1 <= n + 2 * p:
            yield n, k, s, p, d


wrong = 0
for n, k, s, p, d in settings():
    output = nn.functional.conv1d(torch.ones(1, 1, n), torch.ones(1, 1, k), None, s, p, d)
    wrong += output.shape[-1] != shapes.conv_out(n, k, s, p, d)
count = len(list(settings()))
print(count, "settings,", wrong, "disagreements")

# %% id="every-setting-claim" tags=["core", "claim"]
assert (count, wrong) == (927, 0)

# %% [markdown] id="max-pooling" tags=["core"]
# ## A window without weights
#
# **Max pooling** slides a window, too, but it has no weights: it keeps only the largest
# number in the window. In U-Net the window is 2 × 2 with stride 2, so windows never overlap,
# and height and width are halved. The same formula holds, because it only counts places.

# %% id="max-pooling-drawn" tags=["core"]
numbers = torch.tensor([[1, 3, 0, 2], [5, 2, 1, 1], [0, 0, 7, 6], [4, 1, 8, 2]]).float()
print(numbers.int())
print(nn.functional.max_pool2d(numbers[None], 2)[0].int())

# %% id="max-pooling-claim" tags=["core", "claim"]
assert nn.functional.max_pool2d(numbers[None], 2)[0].tolist() == [[5, 2], [4, 8]]
assert pool_out(4) == shapes.conv_out(4, 2, s=2) == 2

# %% [markdown] id="the-grid" tags=["core", "slide"]
# ## The linked grid
#
# *(one-lesson track: 10 minutes)*
#
# Here is a small piece of a micrograph, in numbers from 0 (black) to 9 (white). Predict, then
# try:
#
# 1. n = 7, k = 3, s = 1. Which p keeps the size? And for k = 5?
# 2. n = 8, k = 2, s = 2 is the pooling from above. What happens at n = 9?
# 3. d = 2 with k = 3: which kernel without dilation has the same span?
# 4. Point at the input. Which of its pixels are read most often, which least often?
# 5. Type a kernel that leaves the image as it is, and one that moves it by a pixel.
#
# {{twin: convolution_grid}}

# %% id="try-the-grid" tags=["core", "slide"]
convolution_grid()

# %% [markdown] id="same-in-numbers" tags=["core"]
# On the fourth question: a corner pixel is read only once, because only one window reaches
# it, but a pixel in the middle is read k² times. The cell below counts this for n = 7 and k =
# 3. With padding more windows reach the corner, but they also read zeros, which aren't part
# of the image. Lesson 05 measures what they cost.

# %% id="answers-in-numbers" tags=["core"]
read = nn.functional.conv_transpose2d(torch.ones(1, 1, 5, 5), torch.ones(1, 1, 3, 3))
print(read[0, 0].int())

# %% id="answers-in-numbers-claim" tags=["core", "claim"]
assert shapes.conv_out(7, 3, p=1) == 7 and shapes.conv_out(7, 5, p=2) == 7
assert pool_out(8) == pool_out(9) == 4 and dropped(9, 2, s=2) == 1
assert shapes.conv_out(9, 3, d=2) == shapes.conv_out(9, 5)
assert read[0, 0, 0, 0] == 1 and read[0, 0, 3, 3] == 9
panel = convolution_grid()
panel.set(kernel=[0, 0, 0, 0, 1, 0, 0, 0, 0], p=1)
assert panel.answer["output"] == panel.answer["input"]
panel.set(kernel=[0, 0, 0, 1, 0, 0, 0, 0, 0])  # what stands on the left moves to the right
assert [row[1:] for row in panel.answer["output"]] == [r[:-1] for r in panel.answer["input"]]

# %% [markdown] id="same-padding" tags=["slide"]
# ## "Same" padding
#
# At stride 1 a convolution loses d(k − 1) pixels. If you pad with that many zeros in all, the
# output has the size of the input, which is why this is called **"same" padding**. For k = 3
# it is one zero at each end.
#
# If d(k − 1) is odd, it can't be divided evenly, so one end gets one zero more; torch puts it
# on the right. This happens when k is even and d is odd. With dilation 2 the loss is always
# even.

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): read it backwards
#
# Which inputs give m = 3 when k = 3 and s = 2? There isn't just one: 7 and 8 both do, as you
# saw. Write a function that lists them **all**.
#
# - **In**: whole numbers: output size m ≥ 1, and k, s, p and d as in exercise 1, with the same
#   defaults.
# - **Out**: a list of every n of at least 1 for which the kernel fits and `conv_out` returns
#   m, in rising order, each once.
# - **Edge**: with a lot of padding, sizes below 1 drop out, and there may be none left: then
#   the list is empty, as for `inputs_for(2, 1, 1, 3)`.
# - **Example**: `inputs_for(3, 3, 2)` is `[7, 8]`.


# %% id="exercise-inputs-for" tags=["fragment"]
def inputs_for(m, k, s=1, p=0, d=1):
    """Every n of at least 1 whose convolution gives m."""
    # SOLUTION: exercises.inputs_for


# %% id="check-inputs-for"
check("01.inputs_for", inputs_for)

# %% [markdown] id="why-s-of-them"
# Before the sizes below 1 drop out, the list always holds s numbers in a row, because rounding
# down turns s different numbers into the same one. If you found only one, try
# `hint("01.inputs_for")`. Here is what rounding down does for k = 3 and s = 3:

# %% id="floor-groups"
groups = {}
for n in range(3, 15):
    groups.setdefault(shapes.conv_out(n, 3, s=3), []).append(n)
for m, inputs in groups.items():
    print(f"m = {m}: n = {inputs}")

# %% id="floor-groups-claim" tags=["claim"]
assert all(len(inputs) == 3 for inputs in groups.values())

# %% [markdown] id="exercise-3" tags=["slide"]
# ### Exercise 3 (stretch): padding for "same"
#
# How many zeros are needed on the left and on the right so that a convolution at stride 1 keeps
# the size?
#
# - **In**: whole numbers: kernel size k ≥ 1, odd or even, and dilation d ≥ 1 (1 if not given).
# - **Out**: a pair `(left, right)` of whole numbers. Both get the same number of zeros if the
#   sum is even; if it is odd, the right gets the one that is left over.
# - **Edge**: k = 1 loses nothing, so its answer is `(0, 0)`.
# - **Example**: `same_padding(4)` is `(1, 2)`, since 3 pixels are lost. `same_padding(4, 2)` is
#   `(3, 3)`, since 6 are.


# %% id="exercise-same-padding" tags=["fragment"]
def same_padding(k, d=1):
    """Zeros (left, right)."""
    # SOLUTION: exercises.same_padding


# %% id="check-same-padding"
check("01.same_padding", same_padding)

# %% [markdown] id="stuck-on-same"
# If the check shows you k = 2, ask yourself how many pixels such a kernel loses.
# `hint("01.same_padding")` goes on from there.

# %% [markdown] id="transposed" tags=["slide"]
# ## The other way: transposed convolution
#
# After its poolings U-Net has to enlarge its feature maps. What the paper calls an
# "up-convolution" is a **transposed convolution**. Each input pixel paints a k × k patch into
# the output: the kernel, multiplied by that pixel's value. Neighbouring patches are s pixels
# apart, and where they overlap they add up. So count again: the last patch begins at (n − 1)s
# and spans d(k − 1) + 1.
#
# $$m = (n - 1)s + d(k - 1) + 1 - 2p$$
#
# Here padding takes pixels *away*, because p is the padding of the convolution whose
# direction we reverse. Predict the size of a 28 × 28 feature map after k = 2, s = 2.

# %% id="transposed-in-torch" tags=["fragment"]
up = nn.ConvTranspose2d(1, 1, kernel_size=2, stride=2)
print(tuple(up(torch.rand(1, 1, 28, 28)).shape))

# %% id="transposed-in-torch-claim" tags=["claim"]
assert up(torch.rand(1, 1, 28, 28)).shape[-1] == conv_transpose_out(28, 2, s=2) == 56

# %% [markdown] id="smallest-of-them"
# Is this the convolution formula, solved for n? Almost. A convolution with k = 3 and stride 2
# makes m = 3 from 7 and from 8, so on the way back there is a choice. The transposed
# convolution takes the smallest possible size, and `output_padding` asks for a larger one.

# %% id="there-and-back" tags=["claim"]
checked = 0
for m, k, s, p, d in product(range(1, 9), range(1, 6), (1, 2, 3), (0, 1, 2), (1, 2)):
    back = (m - 1) * s + d * (k - 1) + 1 - 2 * p
    if back < 1:
        continue
    signal, kernel = torch.ones(1, 1, m), torch.ones(1, 1, k)
    up = nn.functional.conv_transpose1d(signal, kernel, None, s, p, dilation=d)
    assert up.shape[-1] == conv_transpose_out(m, k, s, p, d) == back
    assert shapes.conv_out(back, k, s, p, d) == m
    checked += 1
print(checked, "settings: there and back again")

# %% [markdown] id="two-threes" tags=["slide"]
# ## Two small ones or one large one?
#
# U-Net never uses a kernel larger than 3 × 3, but it always puts two of them in a row.
# Compare this with a single 5 × 5. Which of them has the larger output? Which one sees more
# of the image? Which one has more weights, for one pair of an input and an output channel?
# Decide all three before you run the cell.

# %% id="three-three-or-five" tags=["fragment", "output"]
two, one = [(3, 1), (3, 1)], [(5, 1)]  # (kernel, stride) of each layer
print("outputs", shapes.conv_out(shapes.conv_out(20, 3), 3), shapes.conv_out(20, 5))
print("fields ", receptive_field(two).size, receptive_field(one).size)
weights = {"two 3 × 3": 2 * 3 * 3, "one 5 × 5": 5 * 5}
print("weights, for each pair of channels:", weights)

# %% id="three-three-or-five-claim" tags=["claim"]
assert shapes.conv_out(shapes.conv_out(20, 3), 3) == shapes.conv_out(20, 5) == 16
assert receptive_field(two).size == receptive_field(one).size == 5
assert weights == {"two 3 × 3": 18, "one 5 × 5": 25}
assert (9 * (1 * 2 + 2 * 2), 25 * 1 * 2) == (54, 50)  # 1 channel in, 2 out

# %% [markdown] id="read-two-threes"
# Both outputs are equally large, and each of their pixels sees 5 × 5, but two small kernels
# need only 18 weights instead of 25. There is also room for one more **ReLU** between them:
# the function max(0, x), which makes negative numbers 0. (If the first convolution turns 1
# channel into 2, the two have 54 weights and the large kernel has 50, so the ReLU is all that
# you gain.)

# %% [markdown] id="the-whole-u" tags=["slide"]
# ## From 572 to 388 by hand
#
# Now you can compute every size in the paper's figure. On each level two 3 × 3 convolutions
# cost four pixels; a pooling halves the size, and an up-convolution doubles it. How big is
# the feature map at the lowest level, the **bottleneck**?

# %% id="down-and-up" tags=["fragment"]
n = 572
for _level in range(4):
    n = pool_out(shapes.conv_out(shapes.conv_out(n, 3), 3))
n = shapes.conv_out(shapes.conv_out(n, 3), 3)
print("at the bottleneck", n)
for _level in range(4):
    n = shapes.conv_out(shapes.conv_out(conv_transpose_out(n, 2, s=2), 3), 3)
print("at the end", n)

# %% id="down-and-up-claim" tags=["claim"]
assert n == 388

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# Padding would spare us all of this, because with "same" convolutions 512 goes in and 512
# comes out. Why might the authors have decided against it?
#
# <details><summary>One answer</summary>
#
# A padded zero is not data. Near the border a "same" convolution mixes the image with zeros,
# and after many layers a broad rim of the output depends on them. Without padding, every
# output pixel depends on the image alone. The price is some arithmetic, a smaller output, and
# crops. Lesson 05 measures how far the zeros reach, and lesson 13 shows how an image can
# still be segmented right up to its edge.
#
# </details>

# %% [markdown] id="pair-now" tags=["slide"]
# ## The pair, as it stands now
#
# Let's give the threshold some help: blur first, so that each pixel is a mean of nine, and then
# apply the threshold 0.4 of lesson 00.

# %% id="show-pair-now" tags=["fragment"]
figure, axes = plt.subplots(1, 2, figsize=(6, 3.2), layout="constrained")
for axis, name in zip(axes, ("micrograph", "blur"), strict=True):
    white = shown[name][0, 0].numpy() > 0.4
    axis.imshow(coloured(pair, white, labels), interpolation="nearest")
    axis.set(title=f"{name} > 0.4", xticks=[], yticks=[])
    print(
        f"{name}: {(white == labels).mean():.1%} right, the pair is",
        pair.verdict(white, labels),
    )
described(figure, "01.pair_now")

# %% id="pair-now-claim" tags=["claim"]
from unet_teach.metrics.thinning import components

mean_of_nine = nn.functional.conv2d(grey, torch.ones(1, 1, 3, 3) / 9, padding=1)
whites = [picture[0, 0].numpy() > 0.4 for picture in (grey, mean_of_nine)]
assert [pair.verdict(white, labels) for white in whites] == ["merged", "merged"]
plainly, blurred = [(white == labels).mean() for white in whites]
assert blurred > plainly
plainly, blurred = [components(pair.crop(~white)).max() for white in whites]
assert blurred < plainly / 2  # dark regions: the specks

# %% [markdown] id="pair-so-far"
# The neighbours help: after the blur more pixels are right, and fewer specks are left. But
# the wall still has gaps, so the two neurons are still one. A mean of nine pixels can't know
# that a wall goes on where it gets faint. How much of the picture would you have to see to
# know that? That is the question of the next lesson.

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - derived `conv_out`: take the padded input, subtract the kernel's span, count the steps of s,
#   and add one;
# - found that rounding down drops pixels silently: `dropped(8, 3, s=2)` is 1;
# - read the formula backwards: a transposed convolution picks the smallest answer;
# - computed the paper's sizes. What the paper calls "the repeated application of two 3x3
#   convolutions (unpadded convolutions)" is `conv_out(conv_out(n, 3), 3)`: four pixels fewer at
#   each level.
