# %% [markdown] id="title" tags=["slide"]
# # 02 · Receptive field
#
# A network calls a pixel "membrane". How much of the image did it look at before it said so?
# Today we compute that, with a formula that is easy to use in the wrong direction, and then
# measure it.
#
# ![](assets/lessons/02_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - compute the receptive field of any chain of layers, forwards and backwards;
# - measure it with a gradient, and name three traps of that measurement;
# - tell the theoretical field from the part of it that is really used.
#
# **Time** about 45 minutes · **Before** lesson 01 · **Needs** no GPU, no data

# %% id="setup"
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from unet_teach.config import UNetConfig
from unet_teach.data.membranes import membrane_slice, synthetic_membranes
from unet_teach.data.volume import standardise
from unet_teach.exercises import check, hint, solution
from unet_teach.inspection import influence, measured_receptive_field
from unet_teach.lessons.described import described
from unet_teach.lessons.l02_receptive_field import measure
from unet_teach.lessons.l02_receptive_field.panel import field_explorer
from unet_teach.models.pretrained import pretrained
from unet_teach.models.unet import UNet
from unet_teach.shapes import receptive_field, receptive_field_backwards, unet_field
from unet_teach.tiling import predict

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="still-wrong" tags=["slide"]
# ## The pair, and what is still wrong with it
#
# At the end of lesson 01 our two neurons were still one, because the wall between them has
# gaps. Below you look at two pixels of the synthetic slice through a **peephole**. One of
# them is in such a gap, so it belongs to the wall. The other one is inside a cell. They have
# exactly the same grey value.
#
# Begin in the first column: which row is the wall? How much do you have to see before you are
# sure?

# %% id="peepholes" tags=["fragment"]
micrograph, labels = membrane_slice(29)  # the slice with the pair
places_of_pair, hole_widths = [(437, 305), (449, 332)], [9, 33, 97]  # (row, column); pixels
figure, axes = plt.subplots(2, 3, figsize=(7, 4.8), layout="constrained")
for row, (y, x) in zip(axes, places_of_pair, strict=True):
    for axis, width in zip(row, hole_widths, strict=True):
        half = width // 2
        hole = micrograph[y - half : y + half + 1, x - half : x + half + 1]
        axis.imshow(hole, cmap="gray", vmin=30, vmax=230)
        axis.plot(half, half, "o", color="#E69F00", markersize=4)
        axis.set(title=f"{width} × {width} pixels", xticks=[], yticks=[])
described(figure, "02.peepholes")

# %% id="peepholes-claim" tags=["claim"]
wall, inside = places_of_pair
assert micrograph[wall] == micrograph[inside]
assert (labels[wall], labels[inside]) == (0, 1)

# %% [markdown] id="peepholes-why"
# The upper row is the wall. Through the smallest hole both rows are grey with a few darker
# patches. Through the larger ones you see, in the upper row, a dark line that comes from both
# sides and points at the gap, and you conclude that the wall goes on. A network can only do
# this if it sees that far, so let's find out how far it sees.

# %% [markdown] id="one-pixel" tags=["slide"]
# ## What one pixel can know
#
# After one 3 × 3 convolution each pixel of the feature map has seen 3 × 3 pixels of the
# image. (A **feature map** is the output of a layer, a number for each place.) After a
# second one it has seen 5 × 5. All the input pixels that can change
# an output pixel are its **receptive field**. As in lesson 01 we give its size in height or
# in width; the two are equal here.
#
# So each 3 × 3 convolution adds two. How many would it take to see 188 pixels, the smallest
# field in U-Net?

# %% id="one-by-one" tags=["fragment"]
for count in (1, 2, 3):
    print(count, "convolutions:", receptive_field([(3, 1)] * count).size)

# %% id="one-by-one-claim" tags=["claim"]
assert receptive_field([(3, 1)] * 93).size == 187
assert receptive_field([(3, 1)] * 94).size == 189

# %% [markdown] id="faster" tags=["slide"]
# It would take ninety-four layers. U-Net's largest field needs only eighteen 3 × 3
# convolutions, because the network **pools** in between. After a 2 × 2 pooling, two
# neighbours in the feature map are two pixels of the image apart, so the next 3 × 3 kernel
# reaches twice as far.
#
# This distance is called the **jump**. It begins at 1, and each stride s multiplies it, since
# every later step covers s times as many pixels. Predict: the field is 5 and the jump 1. What
# are both after a pooling (k = 2, s = 2)? And after one more 3 × 3 convolution?

# %% id="jump" tags=["fragment"]
layers = [(3, 1), (3, 1), (2, 2), (3, 1)]
for count in range(1, len(layers) + 1):
    field = receptive_field(layers[:count])
    print(f"k = {layers[count - 1][0]}: field {field.size:2}, jump {field.jump}")

# %% id="jump-claim" tags=["claim"]
assert receptive_field(layers[:3]).size == 6 and receptive_field(layers[:3]).jump == 2
assert receptive_field(layers).size == 10

# %% [markdown] id="exercise-1" tags=["slide"]
# ### Exercise 1 (easy): one layer
#
# You know the field and the jump of a feature map. One more layer follows. What are they
# after it?
#
# - **In**: four whole numbers of at least 1: the field `size` and the `jump`, both in pixels of
#   the image, and the layer's kernel size `k` and stride `s`.
# - **Out**: a pair `(new size, new jump)` of whole numbers, in this order.
# - **Edge**: a kernel may have size 1 or be smaller than its stride. The size counts from the
#   first to the last pixel that is seen, even if some in between are skipped.
# - **Example**: `one_layer(5, 1, 2, 2)` is `(6, 2)`, the pooling from above: it sees one more
#   pixel, and its outputs are two pixels apart.


# %% id="exercise-one-layer" tags=["fragment"]
def one_layer(size, jump, k, s):
    """(new size, new jump)."""
    # SOLUTION: exercises.one_layer


# %% id="check-one-layer"
check("02.one_layer", one_layer)

# %% [markdown] id="popular" tags=["slide"]
# Stuck? `hint("02.one_layer")`.
#
# ## A popular formula
#
# Here is another rule that you may meet. It carries a single number from layer to layer,
# and starts at r = 1:
#
# $$r \leftarrow s \cdot r + k - s$$
#
# It looks reasonable, because a pooling with s = 2 seems to double what a pixel sees. Does
# it? Below are the first layers of U-Net's **contracting path** (its encoder, the left side
# of the U), and what both rules say after each pooling.


# %% id="popular-against-exact" tags=["fragment", "output"]
def popular(layers):
    r = 1
    for k, s in layers:
        r = s * r + k - s
    return r


level, pool = [(3, 1), (3, 1)], [(2, 2)]
table = []
for depth in range(1, 5):
    path = (level + pool) * depth
    table.append((popular(path), receptive_field(path).size))
    print(f"after pooling {depth}: popular {table[-1][0]:3}, exact {table[-1][1]:2}")

# %% id="popular-against-exact-claim" tags=["claim"]
assert table == [(10, 6), (28, 16), (64, 36), (136, 76)]

# %% [markdown] id="who-is-right" tags=["slide"]
# One of the two rules must be wrong, by almost a factor of two. We can ask the network
# itself: change one input pixel at a time, and see whether the output changes. That is slow,
# but it leaves nothing to argue about.

# %% id="by-hand" tags=["fragment", "output"]
torch.manual_seed(0)
small = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Conv2d(4, 4, 3), nn.AvgPool2d(2)).eval()
image = torch.rand(1, 1, 20, 20)
with torch.no_grad():
    before = small(image)[0, 0, 3, 3]
    moved = []
    for column in range(20):
        touched = image.clone()
        touched[0, 0, 8, column] += 1  # a row that output pixel (3, 3) sees
        if abs(small(touched)[0, 0, 3, 3] - before) > 1e-6:
            moved.append(column)
print("columns that matter:", moved)

# %% id="by-hand-claim" tags=["claim"]
assert moved == [6, 7, 8, 9, 10, 11]

# %% [markdown] id="backwards" tags=["slide"]
# Six columns matter, not ten. The pixels that a pooling combines are neighbours, and their
# fields overlap almost entirely. So the pooling adds just one pixel here; it doesn't double
# the field.
#
# Still, the formula isn't nonsense. It answers a question that is asked **from the end**: if
# we want r neighbouring pixels of a layer's output, how many pixels of its input do they
# need? The answer is s(r − 1) + k: from the first kernel to the last there are r − 1 steps of
# s, and the last kernel covers k. That is the same as s·r + k − s. So if you walk the layers
# from the last to the first, as [Araujo, Norris and
# Sim](https://doi.org/10.23915/distill.00021) do, the formula is exact.

# %% id="both-ways"
path = (level + pool) * 4
print("popular, from the end:", popular(path[::-1]), "exact:", receptive_field(path).size)

# %% id="both-ways-claim" tags=["claim"]
assert receptive_field_backwards(path) == receptive_field(path).size == 76
assert popular(path[::-1]) == 76

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): debug the formula
#
# Write `field_of(layers)` so that it is right for every chain of layers. Change as little of
# `popular` as you can, or call your `one_layer` from exercise 1.
#
# - **In**: a list of one or more pairs `(k, s)` of whole numbers of at least 1, the first layer
#   first. Any layer may have a stride, not only poolings, and strides may be above 2.
# - **Out**: the field's size in pixels of the image, a whole number.
# - **Edge**: a kernel may be even, of size 1, or smaller than its stride. The size counts from
#   the first to the last pixel that is seen, even if some in between are skipped.
# - **Example**: `field_of([(3, 1), (3, 1), (2, 2)])` is 6.
#
# Stuck? `hint("02.field_of")`.


# %% id="exercise-field-of" tags=["fragment"]
def field_of(layers):
    """The receptive field of a chain of layers (k, s), the first layer first."""
    # SOLUTION: exercises.field_of


# %% id="check-debug"
check("02.field_of", field_of)

# %% [markdown] id="why-nobody-noticed"
# Why is it so easy to miss the mistake? Look at what happens after a whole level, when there
# are two convolutions **after** the last pooling as well. Guess before you run it.

# %% id="palindrome"
for depth in range(1, 5):
    path = (level + pool) * depth + level
    print(f"level {depth}: popular {popular(path):3}, exact {receptive_field(path).size:3}")

# %% id="palindrome-claim" tags=["claim"]
for depth in range(1, 5):
    path = (level + pool) * depth + level
    assert popular(path) == receptive_field(path).size and path == path[::-1]
assert receptive_field(path).size == 140

# %% [markdown] id="palindrome-why"
# Both rules agree everywhere. The path reads the same from both ends: conv, conv, pool, conv,
# conv. So it does no harm to walk it in the wrong direction, and if you test the formula on
# such a path you won't notice that it is wrong.
#
# ## Measured by gradient
#
# Changing every pixel is slow, but the **gradient** answers for all of them at once. It holds
# the derivative of one output with respect to each input, which is zero wherever the input
# can't change the output. Try it on the paper's U-Net: it takes one backward pass. What will
# you see?

# %% id="naive-gradient"
noise = torch.randn(1, 1, 220, 220, generator=torch.Generator().manual_seed(1))
widths = []
for seed in range(5):
    torch.manual_seed(seed)
    paper = UNet(UNetConfig(base_channels=1))  # the field does not depend on the channels
    columns = np.flatnonzero(influence(paper, noise, (8, 8)).sum(axis=0))
    widths.append(int(np.ptp(columns)) + 1 if len(columns) else 0)
print("width of the plain gradient, by seed of the weights:", widths)
print("computed:", len(unet_field(UNetConfig(), 8)))

# %% id="naive-gradient-claim" tags=["claim"]
assert len(unet_field(UNetConfig(), 8)) == 204
assert len(set(widths)) > 1 and min(widths) < 204

# %% [markdown] id="three-traps" tags=["slide"]
# The answer depends on the weights, and there may be no gradient at all. There are three traps:
#
# - max pooling passes the gradient on to only one pixel of four;
# - a **ReLU** whose input is negative passes no gradient at all;
# - positive and negative weights may cancel.
#
# So `measured_receptive_field` measures a copy of the network with average pooling, positive
# weights and 64-bit numbers, in which every path is open. Now measure along the diagonal of the
# output. Is the field the same for every pixel?

# %% id="measure-phases"
sides = []
for pixel in range(17):
    measured = measured_receptive_field(paper, 220, (pixel, pixel)) > 0
    seen = np.flatnonzero(measured.any(axis=1))
    sides.append(len(seen))
print(sides)

# %% id="measure-phases-claim" tags=["claim"]
for pixel in range(17):
    measured = measured_receptive_field(paper, 220, (pixel, pixel)) > 0
    seen = np.flatnonzero(measured.any(axis=1))
    assert list(seen) == list(unet_field(UNetConfig(), pixel))
assert set(sides) == {188, 204} and sides[16] == sides[0] == 188
assert (sides[:16].count(188), sides[:16].count(204)) == (4, 12)

# %% [markdown] id="phases"
# There are two values, 188 and 204, and the measurement agrees with the computed field for
# every pixel. The pattern repeats after 16 pixels, because four upsamplings turn one pixel at
# the **bottleneck** (the lowest level of the U) into 16 output pixels in a row. The place of
# a pixel among these 16 is called its **phase**. It decides how many bottleneck pixels are
# reached, and one more of them, 16 pixels further on, makes 188 into 204.
#
# Four of the 16 phases have 188 and the other twelve have 204, in height as well as in width.
# So "the receptive field of U-Net is 188" is true, in each dimension, for a quarter of the
# pixels.

# %% [markdown] id="predict-the-explorer" tags=["slide"]
# ## On the micrograph
#
# Predict, then try:
#
# 1. How many poolings does a pixel need to see a whole cell?
# 2. What changes if k is 5 instead of 3?
# 3. With k = 1 no convolution looks at a pixel's neighbours. Is the field 1 then?
# 4. What does a pixel at the border see?
# 5. Finally: does every pixel of the field count as much as any other?
#
# {{twin: field_explorer}}

# %% id="field-explorer" tags=["slide"]
field_explorer()

# %% [markdown] id="explorer-numbers-prose"
# Poolings have by far the strongest effect: with one of them the largest field is 18 pixels,
# with four it is 204. Even with k = 1 it is 16, because four poolings on their own combine
# blocks of 16 × 16 pixels.

# %% id="explorer-numbers" tags=["claim"]
panel = field_explorer()
for depth, k, due in [(1, 3, 18), (4, 3, 204), (4, 5, 392), (4, 1, 16)]:
    panel.set(depth=depth, k=k)
    print(panel.answer["said"])
    assert panel.answer["sizes"][-1][264 % 2**depth] == due

# %% [markdown] id="can-and-does" tags=["slide"]
# ## Can see, and does see
#
# A pixel at the edge of the field reaches the output along one single path, but a pixel in
# the middle does so along very many. So the field's pixels can't all count the same. [Luo and
# others (2016)](https://arxiv.org/abs/1701.04128) called the part that counts noticeably the
# **effective receptive field**. How much of the field do you think that is? A half? A tenth?
#
# This time we take the absolute value of the gradient just as it is, from the real network
# with its real weights.

# %% id="influence-maps" tags=["slide"]
trained = pretrained("membranes").eval()
torch.manual_seed(1)
untrained = UNet(trained.config).eval()
tissue = synthetic_membranes(1, size=256, seed=5).images[0]
x = torch.from_numpy(standardise(tissue))[None, None]
figure, axes = plt.subplots(1, 2, figsize=(8, 4.2), layout="constrained")
for name, network, axis in zip(
    ("untrained", "trained"), (untrained, trained), axes, strict=True
):
    found = influence(network, x, (128, 128))
    axis.imshow(np.log10(found / found.max() + 1e-6), cmap="cividis")
    axis.set(title=name, xticks=[], yticks=[])
described(figure, "02.influence_maps")

# %% [markdown] id="colours"
# The colours are logarithmic: each time a value falls to a tenth, its colour moves by the
# same distance from yellow towards blue. Next you will put a number on how wide these
# patterns are.

# %% [markdown] id="exercise-3"
# ### Exercise 3 (stretch): the effective square
#
# How wide is the smallest square around a pixel that holds a given fraction of all the
# gradient?
#
# - **In**: `gradient`, an array (H, W) of numbers ≥ 0, not all 0; `middle`, a pixel (row,
#   column) of it; `share`, above 0 and at most 1. H and W may differ.
# - **Out**: the square's width in pixels, one of 1, 3, 5, …: the first whose sum is **at
#   least** `share` times the array's sum.
# - **Edge**: where the square reaches beyond the array, only the part inside counts for the
#   sum, but its width is still 1, 3, 5, ….
# - **Example**: `[[0, 1, 0], [1, 20, 1], [0, 1, 0]]`, middle (1, 1): 0.8 gives 1, because
#   20 of 24 are enough; 0.95 gives 3.


# %% id="exercise-effective-square"
def effective_square(gradient, middle, share):
    """Width of the smallest square around middle = (row, column) with this part of the sum."""
    # SOLUTION: exercises.effective_square


# %% id="check-effective-square"
check("02.effective_square", effective_square)

# %% [markdown] id="how-much" tags=["slide"]
# Stuck? `hint("02.effective_square")`.
#
# Now let's use the library's version. How wide is the square that holds 95 % of the gradient,
# compared with the 188 or 204 pixels of theory? We ask at eight places of the image.

# %% id="effective-numbers" tags=["fragment", "output"]
places = [(row, column) for row in (120, 128, 131, 135) for column in (125, 134)]
squares = {"untrained": [], "trained": []}
for name, network in (("untrained", untrained), ("trained", trained)):
    for place in places:
        squares[name].append(measure.effective_square(influence(network, x, place), place))
    print(
        f"{name}: {min(squares[name])} to {max(squares[name])}, "
        f"median {np.median(squares[name]):.0f}"
    )

# %% id="effective-numbers-claim" tags=["claim"]
assert max(squares["trained"]) < min(squares["untrained"]) < 188

# %% [markdown] id="training-changes-it" tags=["slide"]
# Both squares are well below what theory allows, and the trained network relies on a smaller
# neighbourhood than the untrained one. [Luo and others](https://arxiv.org/abs/1701.04128) saw
# the opposite: in their networks, training made the effective field larger. Ours is one
# network on one task, so take it as an observation and not as a law.
#
# ## Deeper is wider, but slowly
#
# How does the effective field grow with depth? We take plain stacks of 3 × 3 convolutions with
# random, untrained weights, five of each depth. The theoretical field grows by two pixels with
# each layer. What do you expect of the effective one?

# %% id="stacks" tags=["fragment", "output"]
shares = {}
for layers in (10, 20, 40):
    found = [
        measure.effective_square(measure.stack_influence(layers, seed=s), (layers, layers))
        for s in range(5)
    ]
    shares[layers] = np.mean(found) / (2 * layers + 1)
    print(
        f"{layers} layers: theory {2 * layers + 1}, effective {min(found)} to {max(found)}, "
        f"{shares[layers]:.0%}"
    )

# %% [markdown] id="root"
# With four times as many layers the effective square only a little more than doubles. It
# grows about as the square root of the depth, which is what Luo and others derived for such
# stacks, so it becomes an ever smaller fraction of the theoretical field.

# %% id="root-in-numbers"
growth = shares[40] * 81 / (shares[10] * 21)
print(f"from 10 to 40 layers: theory × {81 / 21:.1f}, effective × {growth:.1f}")

# %% id="root-in-numbers-claim" tags=["claim"]
assert 1.8 < growth < 2.6 and shares[10] > shares[20] > shares[40]

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# Someone reports: "My cells are 150 pixels wide. My U-Net sees 188, so it sees a whole cell.
# Still it breaks cells in two." What do you ask, and what do you suggest?
#
# <details><summary>One answer</summary>
#
# 188 is what a pixel *can* see. Measure the effective square, because it may be far smaller.
# Near the border, part of the field is zeros or mirrored tissue. To see more, add a pooling, or
# halve the images' resolution, which doubles the field in tissue but may lose thin walls
# (lesson 03). More convolutions at the top level hardly help: each adds two pixels in theory,
# and fewer in effect. But is the field the problem at all? Too few such cells in training
# lead to the same symptom.
#
# </details>

# %% [markdown] id="pair-now" tags=["slide"]
# ## The pair, as it stands now
#
# Let's give the trained network a peephole, too. We show it only a square around the pixel in
# the gap, and cover everything else with one even grey. How wide must the square be before it
# says *wall*, that is, before its probability of *inside* falls below 0.5?

# %% id="network-through-a-peephole" tags=["fragment", "output"]
(y, x), answers = places_of_pair[0], {}
for width in (9, 33, 97, 205):
    half, covered = width // 2, np.full_like(micrograph, micrograph.mean())
    hole = np.s_[y - half : y + half + 1, x - half : x + half + 1]
    covered[hole] = micrograph[hole]
    answers[width] = predict(trained, covered)[1][y, x]
    print(f"{width:3} × {width:3} pixels: inside with probability {answers[width]:.2f}")

# %% id="network-through-a-peephole-claim" tags=["claim"]
assert answers[9] > 0.9 and answers[33] > 0.9 and answers[97] < 0.5 and answers[205] < 0.1
assert list(answers.values()) == sorted(answers.values(), reverse=True)

# %% [markdown] id="pair-so-far"
# Through a small hole the gap looks like *inside* to the network, and the wall would stay
# open. With 97 pixels it finds the wall, and with 205 it is sure. (The network has never seen
# the rim of such a hole, so take these widths as rough.) The context that separates the pair
# is much wider than the wall itself. To see that far, U-Net makes its feature maps small, and
# a thin wall may not survive that. Lesson 03 begins there.

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - computed fields forwards, `size + (k - 1) * jump`, and backwards, s·r + k − s, and saw
#   that the second rule returns too much if used forwards: 10, 28, 64 and 136 instead of 6,
#   16, 36 and 76;
# - measured the paper's U-Net: 188 or 204 pixels in height and in width, depending on the
#   output pixel's phase;
# - found that the effective field is smaller, and grows about as the square root of the depth.
#
# The paper speaks of "a contracting path to capture context". In our code that is `pool`, four
# times: **context** is what the field around a pixel contains.
