# %% [markdown] id="title" tags=["slide"]
# # 02 · Receptive field
#
# A network calls a pixel "membrane". How much of the image did it look at before it said so?
# Today we compute that, mend a formula that half the web gets wrong, and then measure.
#
# ![](assets/lessons/02_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - compute the receptive field of any chain of layers, forwards and backwards;
# - measure it by gradient, and name three traps of that measurement;
# - tell the theoretical field from the part of it that is really used.
#
# **Time** about 45 minutes · **Before** lesson 01 · **Needs** no GPU, no data

# %% id="setup"
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from unet_teach.config import UNetConfig
from unet_teach.data.membranes import synthetic_membranes
from unet_teach.data.volume import standardise
from unet_teach.exercises import check, hint, solution
from unet_teach.inspection import influence, measured_receptive_field
from unet_teach.lessons.described import described
from unet_teach.lessons.l02_receptive_field import measure
from unet_teach.lessons.l02_receptive_field.panel import field_explorer
from unet_teach.models.pretrained import pretrained
from unet_teach.models.unet import UNet
from unet_teach.shapes import receptive_field, receptive_field_backwards, unet_field

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="one-pixel" tags=["slide"]
# ## What one pixel can know
#
# After one 3 × 3 convolution a pixel has seen 3 × 3 pixels of the image. Lesson 01 showed that
# after two it has seen 5 × 5. This is its **receptive field**: all input pixels that can
# change it.
#
# So each 3 × 3 convolution adds two. How many would it take until a pixel has seen 188?

# %% id="one-by-one" tags=["fragment"]
for count in (1, 2, 3):
    print(count, "convolutions:", receptive_field([(3, 1)] * count).size)

# %% id="one-by-one-claim" tags=["claim"]
assert receptive_field([(3, 1)] * 93).size == 187
assert receptive_field([(3, 1)] * 94).size == 189

# %% [markdown] id="faster" tags=["slide"]
# Ninety-four layers would be a long way. U-Net gets there with eighteen, because it **pools**.
# After a pooling 2 × 2, neighbours of the map are two pixels of the image apart. The next 3 × 3
# kernel stands on wider feet.
#
# Call that distance the **jump**. It begins at 1, and each stride multiplies it. Predict: the
# field is 5 and the jump 1. What are both after a pooling (k = 2, s = 2)? And after one more
# 3 × 3 convolution?

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
# A feature map has the field `size` and the jump `jump`. One more layer (k, s) follows. Return
# the new size and the new jump, in this order.


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
# Much code carries another rule from layer to layer, starting at r = 1:
#
# $$r \leftarrow s \cdot r + k - s$$
#
# It looks reasonable: a pooling with s = 2 doubles what a pixel sees. Does it? Here is the
# contracting path of U-Net, and what both rules say after each pooling.


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
# One of the two is wrong, by almost a factor of two. Arithmetic cannot say which: let us ask
# the network. We change one input pixel at a time and look which output changes. That is
# slow, but nobody can argue with it.

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
# Six columns, not ten. A pooling takes two neighbours whose fields overlap, so it adds a
# little; it does not double.
#
# Still, the popular formula is not nonsense. It answers another question, the one asked
# **from the end**: r neighbours of this map are wanted; how many of the map before do they
# need? s(r − 1) + k, which is the same as s·r + k − s. Walk the layers from the last to the
# first, and it is exact.

# %% id="both-ways"
path = (level + pool) * 4

# %% id="both-ways-claim" tags=["claim"]
assert receptive_field_backwards(path) == receptive_field(path).size == 76
assert popular(path[::-1]) == 76

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): debug the formula
#
# Write `field_of(layers)` so that it is right for every chain [(k, s), …] of one layer or more,
# whatever the strides. Change as little of `popular` as you can, or use your own exercise 1.
# Stuck? `hint("02.field_of")`.


# %% id="exercise-field-of" tags=["fragment"]
def field_of(layers):
    """The receptive field of a chain of layers (k, s), the first layer first."""
    # SOLUTION: exercises.field_of


# %% id="check-debug"
check("02.field_of", field_of)

# %% [markdown] id="why-nobody-noticed"
# Why did nobody notice? Look what happens after a whole level, with its two convolutions
# **behind** the pooling as well. Guess before you run it.

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
# Equal everywhere. The path reads the same from both ends: conv, conv, pool, conv, conv. So
# walking it the wrong way does no harm, by luck. Most people test a formula in such a place.
#
# ## Measured by gradient
#
# Touching every pixel is slow. The gradient does it at once: the derivative of one output with
# respect to all inputs is zero where nothing can be changed. Try it on the paper's U-Net. It
# needs one backward pass. What will you see?

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
# The answer depends on the weights, and it may be nothing at all. Three traps: max pooling
# passes the gradient to one pixel of four; a shut ReLU passes none; and positive and negative
# weights may cancel. So `measured_receptive_field` measures a copy of the network with average
# pooling, positive weights and float64. Every path is then open.
#
# Measure along the diagonal of the output. Is the field the same for every pixel?

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

# %% [markdown] id="phases"
# Two values, 188 and 204, and computing agrees with measuring for every pixel. The pattern
# repeats after 16 pixels, because four upsamplings make 16 output pixels of one pixel at the
# bottom. Which of the 16 a pixel is, its **phase**, decides how many bottom pixels its
# convolutions reach.
#
# "The receptive field of U-Net is 188" is true of some of its pixels.

# %% [markdown] id="predict-the-explorer" tags=["slide"]
# ## On the micrograph
#
# Predict, then try. How many poolings does a pixel need to see a whole cell? What does k = 5
# in place of 3 do? With k = 1 no convolution looks around: is the field 1? And what does a
# pixel at the border see? At last: does each pixel of the square count as much as any other?
#
# {{twin: field_explorer}}

# %% id="field-explorer" tags=["slide"]
field_explorer()

# %% [markdown] id="explorer-numbers-prose"
# Poolings are the strong lever: at depth 1 the field is 18, at depth 4 it is 204. And even
# with k = 1 it is 16: the poolings alone make blocks.

# %% id="explorer-numbers" tags=["claim"]
panel = field_explorer()
for depth, k, due in [(1, 3, 18), (4, 3, 204), (4, 5, 392), (4, 1, 16)]:
    panel.set(depth=depth, k=k)
    print(panel.answer["said"])
    assert panel.answer["sizes"][-1][264 % 2**depth] == due

# %% [markdown] id="can-and-does" tags=["slide"]
# ## Can see, and does see
#
# A pixel on the field's edge reaches the output along one single path, one in the middle
# along very many. So they cannot count alike. Luo and others (2016) called the part that
# counts the **effective** receptive field. How much of the field do you think that is? A
# half? A tenth?
#
# We take the abs(gradient) as it is this time: the real network, its real weights.

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

# %% [markdown] id="exercise-3"
# The colour is logarithmic: each step from yellow to blue is a factor of ten.
#
# ### Exercise 3 (stretch): the effective square
#
# Return the side of the smallest square about a pixel that holds a share of all gradient: the
# sum inside is at least `share` times the sum of the whole. The square grows as 1, 3, 5, …;
# where it leaves the image, what is inside counts, and its side is still 1, 3, 5, ….


# %% id="exercise-effective-square"
def effective_square(gradient, middle, share):
    """Side of the smallest square about middle = (row, column) with this share of the sum."""
    # SOLUTION: exercises.effective_square


# %% id="check-effective-square"
check("02.effective_square", effective_square)

# %% [markdown] id="how-much" tags=["slide"]
# Stuck? `hint("02.effective_square")`. Now with the library's: how large is the square with
# 95 % of the gradient, at eight places of the image, beside the 188 or 204 of theory?

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
# Both are well below what theory allows. And the trained network relies on a smaller
# neighbourhood than the untrained one. Luo and others saw the opposite: in their networks
# training made it larger. Ours is one network on one task, so take it as an observation, not
# as a law.
#
# ## Deeper is wider, but slowly
#
# How does it grow with depth? Take plain stacks of 3 × 3 convolutions with new weights, five
# seeds each. The theoretical field grows by two a layer. Guess what the effective one does.

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
# Four times the layers, and the effective square only a little more than doubles: it grows
# about as the square root of the depth, and its share of the field shrinks.

# %% id="root-in-numbers"
growth = shares[40] * 81 / (shares[10] * 21)
print(f"from 10 to 40 layers: theory × {81 / 21:.1f}, effective × {growth:.1f}")

# %% id="root-in-numbers-claim" tags=["claim"]
assert 1.8 < growth < 2.6 and shares[10] > shares[20] > shares[40]

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# Someone reports: "My cells are 150 pixels wide. My U-Net sees 188, so it sees a whole cell.
# Still it breaks cells in two." What do you ask, and what do you propose?
#
# <details><summary>One answer</summary>
#
# 188 is what a pixel *can* see. Measure the effective square: it may be far smaller. Pixels
# near the border see zeros or mirrored tissue for part of it. To see more: one more pooling,
# or images at half the resolution, which doubles the field in tissue, but may lose thin walls
# (lesson 03). More convolutions at the top hardly help: each adds two pixels of theory, and
# less in effect. But ask also whether seeing is the problem at all: too few
# training cells of that size look just the same.
#
# </details>

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - computed fields forwards, `size + (k - 1) * jump`, and backwards, s·r + k − s, and saw when
#   the popular mixture of both is wrong: 10 for 6, 28 for 16, 64 for 36, 136 for 76;
# - measured the paper's U-Net: 188 or 204 pixels, by the output pixel's phase modulo 16;
# - found that the effective field is smaller, and grows as the root of the depth.
#
# The paper's words, "a contracting path to capture context", are `pool`, four times: context
# is what lies in the field.
