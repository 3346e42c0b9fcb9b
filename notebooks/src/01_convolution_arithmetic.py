# %% [markdown] id="title" tags=["slide"]
# # 01 · Convolution arithmetic
#
# How large is the map that a convolution gives? One short formula answers, and it explains why
# U-Net takes 572 pixels and gives back 388.
#
# ![](assets/lessons/01_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - derive the output size of a convolution, instead of looking it up;
# - read the formula backwards: which inputs give this output?
# - say how large the map of a transposed convolution is, and why its formula is another one.
#
# **Time** about 40 minutes · **Before** lesson 00 · **Needs** no GPU, no data

# %% id="setup" tags=["core"]
from itertools import product

import torch
from torch import nn

from unet_teach import shapes
from unet_teach.exercises import check, hint, solution
from unet_teach.lessons.l01_convolution_arithmetic.panel import convolution_grid
from unet_teach.lessons.l01_convolution_arithmetic.picture import grid
from unet_teach.shapes import conv_transpose_out, dropped, pool_out, receptive_field

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="slide" tags=["core", "slide"]
# ## A window that slides
#
# *(one-lesson track: 8 minutes)*
#
# A convolution with a 3 × 3 kernel looks at nine pixels, multiplies each by a number of its
# own, its **weight**, and adds them up: one number. Then it moves on by one pixel and does it
# again, with the same weights. So the output is a map, too.
#
# Take an image of 5 × 5. How many places are there for the kernel? Count along one side first:
# the left edge of the kernel can stand on pixel 0, 1, or …

# %% id="five-by-five" tags=["core", "fragment"]
grid(n=5, k=3, row=1, column=2)

# %% [markdown] id="count-places" tags=["core", "slide"]
# Three places along each side, so the output is 3 × 3. Blue is one output cell, orange are the
# nine inputs that it reads. You can point at other cells.
#
# Height and width never mix: each side has its own arithmetic. From here on we count along one
# side, with the letters that the field uses: **n** input size, **k** kernel size, **m** output
# size. Before you run the next cell: what is m for n = 572 and k = 3?

# %% id="one-convolution" tags=["core", "fragment"]
conv = nn.Conv2d(1, 1, kernel_size=3)
image = torch.rand(1, 1, 572, 572)
print(tuple(image.shape), "→", tuple(conv(image).shape))

# %% id="one-convolution-claim" tags=["core", "claim"]
assert conv(image).shape[-1] == 572 - 3 + 1 == 570

# %% [markdown] id="n-minus-k" tags=["core", "fragment"]
# The kernel covers k pixels, n − k are left to move over. That makes n − k **steps**, and one
# place more than steps, as a fence has one post more than gaps:
#
# $$m = (n - k) + 1$$
#
# The paper uses "unpadded convolutions", so each of its 3 × 3 convolutions costs two pixels.

# %% [markdown] id="three-changes" tags=["core", "slide"]
# ## Padding, dilation, stride
#
# *(one-lesson track: 7 minutes)*
#
# Three settings change the count, each in its own place.
#
# - **Padding p** puts p zeros on *both* sides: n becomes n + 2p. torch's zeros are real zeros;
#   nothing is repeated or mirrored.
# - **Dilation d** leaves gaps between the taps of the kernel: k taps with k − 1 gaps span
#   d(k − 1) + 1 pixels. That takes the place of k.
# - **Stride s** moves the kernel s pixels at a time: the way that is left is divided by s.
#
# A last step that does not fit is not taken. So the division is rounded down.

# %% [markdown] id="the-formula" tags=["core", "slide"]
# $$m = \left\lfloor \frac{n + 2p - d(k - 1) - 1}{s} \right\rfloor + 1$$
#
# Read it aloud: *the padded input, less the span of the kernel, in steps of s, and one place
# more.* The brackets ⌊ ⌋ say "round down".
#
# A common belief is that a fraction in there is an error. It is not: torch rounds down and
# says nothing. What it rounds away are pixels that no output ever reads. Predict: with n = 8,
# k = 3, s = 2, how many are lost?

# %% id="a-pixel-is-lost" tags=["core", "slide"]
print("m =", shapes.conv_out(8, 3, s=2), "and", dropped(8, 3, s=2), "row is dropped")
grid(n=8, k=3, s=2, row=2, column=2)

# %% id="a-pixel-is-lost-claim" tags=["core", "claim"]
assert shapes.conv_out(8, 3, s=2) == shapes.conv_out(7, 3, s=2) == 3
assert dropped(8, 3, s=2) == 1 and dropped(7, 3, s=2) == 0

# %% [markdown] id="exercise-1" tags=["core", "slide"]
# ### Exercise 1 (easy): the output size
#
# Write the formula as a function, for inputs in which the kernel fits. In Python `//` divides
# and rounds down. `conv_out(8, 3, 2)` should be 3.


# %% id="exercise-conv-out" tags=["core", "fragment"]
def conv_out(n, k, s=1, p=0, d=1):
    """Output size of a convolution, for one side."""
    # SOLUTION: exercises.conv_out


# %% id="check-conv-out" tags=["core"]
check("01.conv_out", conv_out)

# %% [markdown] id="help"
# Stuck? `hint("01.conv_out")` asks you a question, `hint("01.conv_out", 2)` gives a direction.
# The same works for every exercise of the course.

# %% [markdown] id="trust-torch" tags=["core"]
# ## Does torch agree?
#
# A formula that holds for three examples may be luck. So we build every convolution with n to
# 12, k to 5, s to 3, p to 2 and d to 2 in which the kernel fits, and compare. How many
# disagreements do you expect?


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

# %% [markdown] id="the-grid" tags=["core", "slide"]
# ## The linked grid
#
# *(one-lesson track: 10 minutes)*
#
# A small piece of a micrograph, in numbers from 0 (black) to 9 (white). Predict, then try:
#
# 1. n = 7, k = 3, s = 1. Which p keeps the size? And for k = 5?
# 2. n = 8, k = 2, s = 2 is a pooling. What happens at n = 9?
# 3. d = 2 with k = 3: which kernel without dilation has the same span?
# 4. Point at the input. Which of its pixels are read most often, which least?
# 5. Type a kernel that leaves the image as it is, and one that moves it by a pixel.
#
# {{twin: convolution_grid}}

# %% id="try-the-grid" tags=["core", "slide"]
convolution_grid()

# %% [markdown] id="same-in-numbers" tags=["core"]
# The first four in numbers, then the fifth. The fourth is worth a thought: a corner pixel of
# the image is read once, a pixel in the middle k² times. Zeros at the border change that, but
# zeros are not image. Lesson 05 measures what it costs.

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
# At stride 1 a convolution loses d(k − 1) pixels. Put as many zeros around, and the size stays:
# "same" padding. For k = 3 that is one zero a side. For an even k the loss is odd, and one side
# gets a zero more: torch takes the right one.

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): read it backwards
#
# Which inputs give m = 3 when k = 3 and s = 2? Not one: 7 and 8 both do, as you saw. Write a
# function that lists **all** input sizes of at least 1, in rising order. With a lot of padding
# there may be none; then the list is empty.


# %% id="exercise-inputs-for" tags=["fragment"]
def inputs_for(m, k, s=1, p=0, d=1):
    """Every n of at least 1 whose convolution gives m."""
    # SOLUTION: exercises.inputs_for


# %% id="check-inputs-for"
check("01.inputs_for", inputs_for)

# %% [markdown] id="why-s-of-them"
# There are s of them in a row, because rounding down throws s different numbers together. Try
# `hint("01.inputs_for")` if you found only one. Here is what floor does, for k = 3 and s = 3:

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
# How many zeros belong to the left, how many to the right, so that the size stays at stride 1?
# For every k, even ones too, and every dilation. Both sides get the same; where the sum is
# odd, the right side gets the one that is left over: k = 4 needs (1, 2).


# %% id="exercise-same-padding" tags=["fragment"]
def same_padding(k, d=1):
    """Zeros (left, right)."""
    # SOLUTION: exercises.same_padding


# %% id="check-same-padding"
check("01.same_padding", same_padding)

# %% [markdown] id="stuck-on-same"
# If the check shows you k = 2: how many pixels does such a kernel cost?
# `hint("01.same_padding")` goes on from there.

# %% [markdown] id="transposed" tags=["slide"]
# ## The other way: transposed convolution
#
# U-Net has to get large again. Its "up-convolution" is a **transposed convolution**: each input
# pixel paints a k × k patch into the output, patches lie s pixels apart, and where they overlap
# they add up. So count again: the last patch begins at (n − 1)s and spans d(k − 1) + 1.
#
# $$m = (n - 1)s + d(k - 1) + 1 - 2p$$
#
# Here padding takes pixels *away*: p is the padding of the convolution that is turned around.
# Predict the size of a 28 × 28 map after k = 2, s = 2.

# %% id="transposed-in-torch" tags=["fragment"]
up = nn.ConvTranspose2d(1, 1, kernel_size=2, stride=2)
print(tuple(up(torch.rand(1, 1, 28, 28)).shape))

# %% id="transposed-in-torch-claim" tags=["claim"]
assert up(torch.rand(1, 1, 28, 28)).shape[-1] == conv_transpose_out(28, 2, s=2) == 56

# %% [markdown] id="smallest-of-them"
# Is it the convolution formula, solved for n? Nearly. A convolution with stride 2 gives m = 3
# from 7 and from 8: the way back has to choose, and takes the smallest. `output_padding` asks
# for another one. We check that on all settings at once.

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
# U-Net never uses a kernel larger than 3 × 3, but two of them in a row. Compare with a single
# 5 × 5: which has the larger output, which sees more of the image, which has more weights?
# Decide all three before you run the cell. (A network keeps many maps side by side, its
# **channels**; each pair of an input and an output channel has a kernel of its own.)

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
# The same size, the same 5 × 5 view, 18 weights in place of 25, and room for one more **ReLU**
# in between: max(0, x), which makes negative numbers 0. (Where the first convolution doubles
# the channels, the two have 54 weights against 50; then the ReLU is all that is gained.)

# %% [markdown] id="the-whole-u" tags=["slide"]
# ## From 572 to 388 by hand
#
# Now you have every number of the paper's figure. Each level costs two convolutions; a pooling
# halves; an up-convolution doubles.

# %% id="down-and-up" tags=["fragment"]
n = 572
for _level in range(4):
    n = pool_out(shapes.conv_out(shapes.conv_out(n, 3), 3))
n = shapes.conv_out(shapes.conv_out(n, 3), 3)
print("at the bottom", n)
for _level in range(4):
    n = shapes.conv_out(shapes.conv_out(conv_transpose_out(n, 2, s=2), 3), 3)
print("at the end", n)

# %% id="down-and-up-claim" tags=["claim"]
assert n == 388

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# Padding would spare us all this: with "same" convolutions 512 goes in and 512 comes out. Why
# might the authors have refused it?
#
# <details><summary>One answer</summary>
#
# A padded zero is not data. Near the border a "same" convolution mixes image with zeros, and
# after many layers a broad rim has seen zeros. Without padding every output pixel has seen only
# image. The price is arithmetic, a smaller output, and crops. Lesson 05 measures how far the
# zeros reach, and lesson 13 how an image is segmented to its very edge all the same.
#
# </details>

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - derived `conv_out`: the padded input, less the kernel's span, in steps of s, plus one;
# - found that floor drops pixels silently: `dropped(8, 3, s=2)` is 1;
# - read the formula backwards, and met the transposed convolution as its smallest solution;
# - computed the paper's sizes. "The repeated application of two 3x3 convolutions (unpadded
#   convolutions)" is `conv_out(conv_out(n, 3), 3)`: four pixels less at each level.
