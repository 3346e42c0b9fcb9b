# %% [markdown] id="title" tags=["slide"]
# # 02 · Receptive field
#
# A network calls a pixel "membrane". How much of the image did it look at to decide?
#
# ![](assets/lessons/02_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - compute the receptive field of any chain of layers, forwards and backwards;
# - measure this field with a gradient, and name three traps of that method;
# - distinguish the whole field from the part of it that is really used.
#
# **Time** about 45 minutes · **Prerequisites** lesson 01 · **Needs** no GPU, no data

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
from unet_teach.lessons.l02_receptive_field import measure, pictures
from unet_teach.lessons.l02_receptive_field.panel import field_explorer
from unet_teach.models.pretrained import pretrained
from unet_teach.models.unet import UNet
from unet_teach.shapes import receptive_field, unet_field

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="still-wrong" tags=["slide"]
# ## The pair, and what is still wrong with it
#
# In lesson 00 a threshold merged our two neurons, because the wall between them is too pale
# in places. Below, you see two pixels, each through a **peephole**, a square hole. (Here A
# and B are these two pixels, not the two cells of lesson 00.) One of them belongs to the
# wall, in one of these pale places. The other is inside a cell. Both have the same grey
# value.
#
# Begin in the first column: which row shows the wall? How much must you see to be sure?

# %% id="peepholes" tags=["fragment"]
micrograph, labels = membrane_slice(29)  # the slice with the pair
pixels, hole_widths = {"A": (437, 305), "B": (449, 332)}, [9, 33, 97]  # (row, column); pixels
figure, axes = plt.subplots(2, 3, figsize=(7, 4.8), layout="constrained")
for row, (name, (y, x)) in zip(axes, pixels.items(), strict=True):
    row[0].set_ylabel(f"{name}: grey value {micrograph[y, x]}")
    for axis, width in zip(row, hole_widths, strict=True):
        half = width // 2
        hole = micrograph[y - half : y + half + 1, x - half : x + half + 1]
        axis.imshow(hole, cmap="gray", vmin=30, vmax=230)
        axis.plot(half, half, "o", color="#E69F00", markersize=18, fillstyle="none")
        axis.set(title=f"{width} × {width} pixels", xticks=[], yticks=[])
described(figure, "02.peepholes")

# %% id="peepholes-claim" tags=["claim"]
assert micrograph[pixels["A"]] == micrograph[pixels["B"]] == 118
assert (labels[pixels["A"]], labels[pixels["B"]]) == (0, 1)

# %% id="your-width"
your_width = 33  # 9, 33 or 97: write down where you were sure

# %% [markdown] id="peepholes-why"
# A belongs to the wall. The 9 × 9 square around A has two dark corners, but there are dark
# specks inside cells, too. Only the larger holes show that the corners belong to one dark
# line with a pale place at A, so you conclude that the wall goes on. A network can do this
# only if it sees that far.

# %% [markdown] id="one-pixel" tags=["slide"]
# ## What one pixel can know
#
# After one 3 × 3 convolution each pixel of the feature map has seen 3 × 3 pixels of the
# image. (A **feature map** is a layer's output for one channel, a number for each place.)
# After two, each pixel has seen 5 × 5. All the input pixels that can change an output pixel
# form its **receptive field**. We give its size in one direction, height or width.
#
# So each 3 × 3 convolution adds two pixels. How many convolutions would it take to see
# about 200 pixels, as U-Net does?

# %% id="one-by-one" tags=["fragment"]
for count in (1, 2, 3, 100):
    print("convolutions:", count, "· field:", receptive_field([(3, 1)] * count).size)

# %% id="one-by-one-claim" tags=["claim"]
assert receptive_field([(3, 1)] * 100).size == 201
parts = UNet(UNetConfig(base_channels=1)).modules()
assert sum(type(part) is nn.Conv2d and part.kernel_size == (3, 3) for part in parts) == 18

# %% [markdown] id="faster" tags=["slide"]
# It would take about a hundred. U-Net needs only eighteen, because there are poolings in
# between. Here is what a pooling changes, drawn along one line of pixels. Each dot is a
# pixel of the image or of a feature map, and lines lead down to the pixels that it is
# computed from.

# %% id="fan" tags=["fragment", "output"]
layers = [(3, 1), (3, 1), (2, 2), (3, 1)]  # kernel size and stride: conv, conv, pool, conv
described(pictures.fan(layers), "02.fan")

# %% [markdown] id="read-the-fan" tags=["slide"]
# Each bar below the dots is the field of one dot. Why does the last convolution add four
# pixels, when the others add two? After the pooling, neighbouring dots are two pixels of
# the image apart, so a kernel of three dots reaches twice as far. The distance in the
# image from one dot to the next (the arrow) is called the **jump**. Between the image's
# own pixels it is 1, and a layer with stride s multiplies it by s.
#
# Now add another such convolution and a second pooling on top. What are the field and the
# jump after each?

# %% id="jump" tags=["fragment"]
longer = [*layers, (3, 1), (2, 2)]
for count in range(1, len(longer) + 1):
    field = receptive_field(longer[:count])
    print(f"k = {longer[count - 1][0]}: field {field.size:2}, jump {field.jump}")

# %% id="jump-claim" tags=["claim"]
fields = [receptive_field(longer[:count]) for count in range(1, 7)]
assert [field.size for field in fields] == [3, 5, 6, 10, 14, 16]
assert [field.jump for field in fields] == [1, 1, 2, 2, 2, 4]

# %% [markdown] id="exercise-1"
# ### Exercise 1 (easy): one layer
#
# Above, the new convolution added two jumps of 2 to a field of 10. The second pooling added
# one jump; then its stride doubled the jump. Write this rule as a function.
#
# - **In**: four whole numbers of at least 1: the field `size` and the `jump` before the
#   layer, both in pixels of the image, and the layer's kernel size `k` and stride `s`.
# - **Out**: a pair `(new size, new jump)` of whole numbers, in this order.
# - **Edge**: a kernel may have size 1 or be smaller than its stride. The new size counts from
#   the first to the last pixel that is seen, even if some in between are skipped.
# - **Example**: `one_layer(5, 1, 2, 2)` is `(6, 2)`, the first pooling above.
#
# Stuck? `hint("02.one_layer")`.


# %% id="exercise-one-layer"
def one_layer(size, jump, k, s):
    """(new size, new jump)."""
    # SOLUTION: exercises.one_layer


# %% id="check-one-layer"
check("02.one_layer", one_layer)

# %% [markdown] id="popular" tags=["slide"]
# ## A popular formula
#
# Your rule adds k − 1 jumps to the field; then the stride multiplies the jump. Another
# rule updates a single number, r, at each layer and starts at r = 1:
#
# $$r \leftarrow s \cdot r + k - s$$
#
# Below are both rules' results after each pooling of U-Net's **contracting path** (its
# encoder).


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

# %% [markdown] id="who-is-right" tags=["fragment"]
# Which rule is right? We change the pixels of one input row one at a time, and see which
# of them change a certain output pixel of a small network.

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
# Six input columns change the output pixel, as your rule says, and not ten. The pixels that
# a pooling combines are neighbours, and their fields overlap almost entirely, so the
# pooling adds just one pixel here.
#
# Now read the picture of dots from the top down. One dot of layer 4 needs 3 dots of layer
# 3. These need 6 of layer 2, then 8 of layer 1, then 10 pixels of the image. Can you find
# s·r + k − s in these steps?

# %% id="both-ways-claim" tags=["claim"]
from unet_teach.lessons.l02_receptive_field.pictures import chain
from unet_teach.shapes import receptive_field_backwards

assert [len(row) for row in chain([(3, 1), (3, 1), (2, 2), (3, 1)])[0]] == [10, 8, 6, 3, 1]
path = (level + pool) * 4
assert receptive_field_backwards(path) == receptive_field(path).size == popular(path[::-1])
for depth, size in enumerate([14, 32, 68, 140], 1):
    path = (level + pool) * depth + level
    assert popular(path) == receptive_field(path).size == size and path == path[::-1]

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): debug the formula
#
# Write `field_of(layers)` so that it is right for every chain of layers.
#
# - **In**: a list of one or more pairs `(k, s)` of whole numbers of at least 1, the first
#   layer first.
# - **Out**: the field's size in pixels of the image, a whole number.
# - **Edge**: as in exercise 1.
# - **Example**: `field_of([(3, 1), (3, 1), (2, 2)])` is 6.
#
# Stuck? `hint("02.field_of")`.


# %% id="exercise-field-of" tags=["fragment"]
def field_of(layers):
    """The receptive field of a chain of layers (k, s), the first layer first."""
    # SOLUTION: exercises.field_of


# %% id="check-debug"
check("02.field_of", field_of)

# %% [markdown] id="up-again" tags=["slide"]
# ## And up again
#
# After four poolings a pixel sees 76 pixels, and the jump is 16. The two convolutions of
# the **bottleneck** (the lowest level of the U) add 2 · 2 · 16 = 64, so your rule returns a
# field of 140. More comes from the **expansive path** (the decoder): four times, an
# upsampling turns each pixel into two, and two 3 × 3 convolutions follow. The skip
# connections add nothing, because whatever they bring is seen through the bottleneck, too.
#
# Two unpadded 3 × 3 convolutions make pixel i from pixels i to i + 4. We walk back from
# output pixels 3 and 4: do they reach the same number of bottleneck pixels? (In the picture
# below, each output pixel needs its coloured boxes, not the white ones.)

# %% id="walk" tags=["fragment", "output"]
described(pictures.walk((3, 4)), "02.walk")

# %% [markdown] id="pairs" tags=["slide"]
# No: output pixel 3 reaches four pixels of the bottleneck, and pixel 4 reaches five. Going
# back, the counts first differ at the third upsampling. There, output pixel 3 needs pixels 0
# to 7, which the upsampling made from four pixels, a pair from each. Output pixel 4 needs
# pixels 1 to 8. This range cuts through a pair at each end, so its eight pixels were made
# from five.
#
# Here is the same walk as code, for 16 output pixels. Each bar below shows what one
# bottleneck pixel sees of the image.


# %% id="bottleneck-pixels" tags=["fragment", "output"]
def bottleneck_pixels(output):
    """First and last pixel of the bottleneck that this output pixel reaches."""
    first = last = output
    for _level in range(4):
        last += 2 + 2  # two 3 × 3 convolutions, each of which needs two pixels more
        first, last = first // 2, last // 2  # pixel i was made from pixel i // 2
    return first, last


reached = [bottleneck_pixels(output) for output in range(16)]
described(pictures.way_up(reached), "02.way_up")

# %% id="bottleneck-pixels-claim" tags=["claim"]
counts = [last - first + 1 for first, last in reached]
assert reached == [measure.walk_back(output)[-1] for output in range(16)]
assert measure.walk_back(3)[1::2] == [(3, 7), (1, 7), (0, 7), (0, 7)]
assert measure.walk_back(4)[1::2] == [(4, 8), (2, 8), (1, 8), (0, 8)]
assert counts == [4] * 4 + [5] * 12
for output, (first, last) in enumerate(reached):
    assert range(16 * first, 16 * last + 140) == unet_field(UNetConfig(), output)
    assert 140 + 16 * (last - first) == {4: 188, 5: 204}[last - first + 1]
assert receptive_field((level + pool) * 4 + level).jump == 16
again = [bottleneck_pixels(output) for output in range(16, 32)]
assert again == [(first + 1, last + 1) for first, last in reached]
same = UNetConfig(padding="same")  # of the trained network
assert [len(unet_field(same, place)) for place in pixels["A"]] == [204, 188]
assert [n % 16 for n in range(432, 448) if len(unet_field(same, n)) == 188] == [0, 1, 14, 15]
assert [place % 16 for place in pixels["A"]] == [5, 1]

# %% [markdown] id="phases"
# Neighbouring bottleneck pixels are a jump of 16 apart, and each sees 140 pixels. So four
# neighbours together see 140 + 3 · 16 = 188 pixels, and five see 204. Which of the two it
# is depends on the output pixel's place in a row of 16, its **phase**. So in one direction,
# "the receptive field of U-Net is 188" is true only at phases 0 to 3, a quarter of the
# pixels.

# %% [markdown] id="by-gradient" tags=["slide"]
# ## Measured by gradient
#
# Here the **gradient** contains the derivative of one output with respect to each input
# pixel. The derivative is zero where a pixel can't change the output, so one backward pass,
# which computes the gradient, should show the whole receptive field. We take the paper's
# U-Net with fewer channels, randomly initialised (five seeds). Its output pixel (8, 8) sees
# the outlined 204 × 204 pixels. Yellow means "not zero". Which of the five pictures do you
# believe?

# %% id="naive-gradient" tags=["fragment", "output"]
noise = torch.randn(1, 1, 220, 220, generator=torch.Generator().manual_seed(1))
found = {}
for seed in range(5):
    torch.manual_seed(seed)
    paper = UNet(UNetConfig(base_channels=1))  # the field does not depend on the channels
    found[f"seed {seed}"] = influence(paper, noise, (8, 8))
square = unet_field(UNetConfig(), 8)
described(pictures.outlined(found, square), "02.plain_gradient")

# %% id="naive-gradient-claim" tags=["claim"]
from unet_teach.inspection import record

assert square == range(204)
seen = [round(100 * (each > 0).sum() / 204**2) for each in found.values()]
assert seen == [97, 95, 98, 12, 0]
for seed in (3, 4):
    torch.manual_seed(seed)
    opened = UNet(UNetConfig(base_channels=1))
    assert (record(opened, noise, "expand.0.3")[0, 0, 8, 8] > 0) == (seed == 3)  # the last ReLU
    for block in opened.modules():
        for name, part in block.named_children():
            if isinstance(part, nn.ReLU):
                setattr(block, name, nn.Identity())  # with all ReLUs open
    assert (influence(opened, noise, (8, 8)) > 0).sum() > 0.99 * 204**2

# %% [markdown] id="three-traps" tags=["slide"]
# ## Three traps, one at a time
#
# You can believe the yellow in each picture, because a derivative that isn't zero proves
# that the pixel can change the output. The dark parts prove nothing, because three things
# can hide pixels. Below, each of these traps has a picture of its own, and the last picture
# has no trap. If there were no outline, what would you conclude from each picture?

# %% id="traps" tags=["fragment", "output"]
alone = measure.one_trap_each(paper, noise, (8, 8))
described(pictures.outlined(alone, square), "02.traps")

# %% id="traps-claim" tags=["claim"]
seen = [round(100 * (each > 0).sum() / 204**2) for each in alone.values()]
assert seen == [91, 92, 0, 100]

# %% [markdown] id="what-hides"
# - "The field has holes." No: a **ReLU** with a negative input passes no gradient. With
#   seed 4 the last ReLU hid the whole square.
# - "The field is smaller." No: **max pooling** passes the gradient to only one pixel of
#   four, and pixels at the field's edge have few other paths.
# - "It sees nothing." No: we differentiate the sum of two output channels. Here the two
#   have **opposite weights**, so their sum stays the same.
#
# So `measured_receptive_field` uses a copy of the network with positive weights and
# **average pooling** (block means), on a white image: then nothing is hidden. Now we
# measure the fields of 17 pixels along the output's diagonal. Because the phase repeats
# after 16 pixels, expect four 188s, twelve 204s and another 188.

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
assert sides == [188] * 4 + [204] * 12 + [188]

# %% [markdown] id="predict-the-explorer" tags=["slide"]
# ## On tissue
#
# The panel's U-Net pads with zeros, like our trained network but unlike the paper's.
# Predict, then try:
#
# 1. How many poolings let an output pixel see the longest cell whole?
# 2. With k = 1 no convolution looks at neighbours. Is the field 1 then?
#
# {{twin: field_explorer}}

# %% id="field-explorer" tags=["slide"]
field_explorer()

# %% [markdown] id="explorer-numbers-prose"
# 1. With one to four poolings, the fields are at most 18, 44, 100 and 204 pixels wide. The
#    longest cell in the panel's slice measures 172 pixels, so only with four poolings can a
#    pixel near its middle see it whole.
# 2. No: with four poolings it is 16, because poolings alone combine blocks of 16 × 16
#    pixels.

# %% id="explorer-numbers" tags=["claim"]
from scipy import ndimage

panel = field_explorer()
for depth, k, due in [
    (1, 3, 18),
    (2, 3, 44),
    (3, 3, 100),
    (4, 3, 204),
    (4, 1, 16),
]:
    panel.set(depth=depth, k=k)
    assert max(panel.answer["sizes"][-1]) == due
cells, _count = ndimage.label(synthetic_membranes(1, size=512, seed=11).labels[0])
lengths = [max(np.shape(cells[found])) for found in ndimage.find_objects(cells)]
assert [round(100 * np.mean(np.array(lengths) <= width)) for width in (44, 100)] == [57, 96]
assert 100 < max(lengths) == 172

# %% [markdown] id="can-and-does" tags=["slide"]
# ## Can see, and does see
#
# Some pixels reach the output by more paths than others. Along one line, a pixel in the
# field's middle has almost a hundred million paths through the bottleneck, and one at its
# edge has at most 610. So pixels are unlikely to count equally. [Luo and others
# (2016)](https://arxiv.org/abs/1701.04128) called the part that counts noticeably the
# **effective receptive field**. How large is it?
#
# For one pixel, we differentiate the output for inside minus the output for membrane,
# because their difference decides the class. Below, the dashed square is the smallest
# centred on this pixel that contains 95 % of the sum of the gradient's absolute values.

# %% id="paths-claim" tags=["claim"]
counts = [measure.paths(phase) for phase in range(16)]
assert [len(each) for each in counts] == [188] * 4 + [204] * 12
assert min(min(each[0], each[-1]) for each in counts) == 1
assert max(max(each[0], each[-1]) for each in counts) == 610
assert all(96e6 < max(each) < 97e6 for each in counts)

# %% id="influence-maps" tags=["fragment"]
trained = pretrained("membranes").eval()
torch.manual_seed(1)
untrained = UNet(trained.config).eval()
tissue = synthetic_membranes(1, size=256, seed=5).images[0]
x = torch.from_numpy(standardise(tissue))[None, None]
maps = {
    "untrained": influence(measure.Decision(untrained), x, (128, 128)),
    "trained": influence(measure.Decision(trained), x, (128, 128)),
}
field = unet_field(trained.config, 128)
described(pictures.influence_maps(maps, (128, 128), field), "02.influence_maps")

# %% id="influence-maps-claim" tags=["claim"]
assert len(field) == 188
found = [measure.effective_square(each, (128, 128)) for each in maps.values()]
assert found == [137, 91]

# %% [markdown] id="colours"
# From this output pixel, both networks can see 188 × 188 pixels. But 95 % of the gradient
# is within 137 × 137 pixels for the untrained network, and within 91 × 91 for the trained
# one.

# %% [markdown] id="exercise-3"
# ### Exercise 3 (stretch): the effective square
#
# How wide must a square around a pixel be to contain a given fraction of the gradient?
#
# - **In**: `gradient`, a NumPy array (H, W) of numbers ≥ 0, not all 0; `middle`, the pixel
#   (row, column) at the square's centre; `share`, a fraction above 0 and at most 1.
# - **Out**: the width (1, 3, 5, …) of the smallest square whose sum is **at least** `share`
#   times the array's sum.
# - **Edge**: where the square reaches beyond the array, only the part inside counts towards
#   the sum, but the whole square counts towards the width.
# - **Example**: for `np.array([[0, 1, 0], [1, 20, 1], [0, 1, 0]])` and middle (1, 1),
#   `share=0.8` returns 1, because 20 is more than 0.8 · 24 = 19.2; `share=0.95` returns 3.
#
# Stuck? `hint("02.effective_square")`.


# %% id="exercise-effective-square"
def effective_square(gradient, middle, share):
    """Width of the smallest square around middle = (row, column) with this part of the sum."""
    # SOLUTION: exercises.effective_square


# %% id="check-effective-square"
check("02.effective_square", effective_square)

# %% id="effective-numbers"
# That was one output pixel. Here are eight, with the library's version.
places = [(row, column) for row in (120, 128, 131, 135) for column in (125, 134)]
squares = {"untrained": [], "trained": []}
for name, network in (("untrained", untrained), ("trained", trained)):
    for place in places:
        gradient = influence(measure.Decision(network), x, place)
        squares[name].append(measure.effective_square(gradient, place))
    print(
        f"{name}: {min(squares[name])} to {max(squares[name])}, "
        f"median {np.median(squares[name]):.0f}"
    )

# %% id="effective-numbers-claim" tags=["claim"]
assert max(squares["trained"]) < min(squares["untrained"]) < 188
assert np.median(squares["trained"]) == 102

# %% [markdown] id="training-changes-it"
# At all eight output pixels, the trained network's square is smaller than the untrained
# one's. [Luo and others](https://arxiv.org/abs/1701.04128) saw the opposite: their
# effective fields grew in training. We don't know why ours is smaller after training, and
# we measured only one random start and one image.

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# Someone reports: "My cells are 150 pixels wide. My U-Net sees 188, so it sees a whole cell.
# Still it breaks cells in two." What do you suggest?
#
# <details><summary>One answer</summary>
#
# Only a pixel near the middle of the cell sees the whole cell. A pixel at the cell's edge
# sees about 94 of those 150 pixels, because the field reaches only half its width in each
# direction. Measure the effective square, too, because it may be far smaller than 188. To
# see more, add a pooling, or halve the images' resolution. At half resolution a field
# covers twice as much tissue in height and width, but thin walls may be lost (lesson 03).
#
# </details>

# %% [markdown] id="pair-now" tags=["slide"]
# ## The pair, as it is now
#
# Now the trained network gets the peephole. It sees only a square around A, and
# everything else is covered: once with the mean grey, once with the micrograph's own
# pixels, shuffled. How wide must the hole be before the network says *wall*, that is,
# before its probability of *inside* falls below 0.5? As a control we do the same around
# B, with grey only.

# %% id="network-through-a-peephole" tags=["fragment", "output"]
standard, widths = standardise(micrograph), range(9, 122, 8)  # odd; pixels
shuffled = np.random.default_rng(0).permutation(standard.ravel()).reshape(standard.shape)
rests = {"A": None, "B": None, "A, shuffled": shuffled}  # None: grey
answers = {
    name: [measure.inside_through(trained, standard, pixels[name[0]], n, rest) for n in widths]
    for name, rest in rests.items()
}
(y, x), views = pixels["A"], {}
for width in (9, 33, 57, 97):
    views[width] = measure.covered(standard, (y, x), width)[y - 60 : y + 61, x - 60 : x + 61]
described(pictures.through_holes(views, widths, answers, your_width), "02.through_holes")

# %% id="network-through-a-peephole-claim" tags=["claim"]
at = dict(zip(widths, answers["A"], strict=True))
assert at[33] > 0.98 and at[49] > 0.5 > at[57] and at[97] < 0.02
assert min(answers["B"]) > 0.98
for seed in range(6):
    rest = np.random.default_rng(seed).permutation(standard.ravel()).reshape(standard.shape)
    at = [measure.inside_through(trained, standard, pixels["A"], n, rest) for n in (25, 33)]
    assert at[0] > 0.5 > at[1]
    assert measure.inside_through(trained, standard, pixels["B"], 33, rest) > 0.98

# %% [markdown] id="pair-so-far"
# Through small holes, the network calls both A and B *inside*. With the mean grey it
# changes its mind about A at a width between 49 and 57 pixels, but never about B. That
# width depends on what covers the rest: with the shuffled pixels it is between 25 and 33.
#
# At A, the network *can* see 188 pixels in width and 204 in height. But 95 % of its
# gradient is within 83 × 83 pixels, and it needed a hole 25 to 57 pixels wide to see the
# wall.

# %% id="ruler" tags=["slide", "output"]
last_inside = [  # grey, then shuffled
    max(width for width, inside in zip(widths, answers[name], strict=True) if inside > 0.5)
    for name in ("A", "A, shuffled")
]
low, high = min(last_inside), max(last_inside) + 8
whole = torch.from_numpy(standard)[None, None]
gradient = influence(measure.Decision(trained), whole, pixels["A"])
lengths = {  # each: the bar's length, and from where to where it may be
    "your eye was sure": [your_width] * 3,
    "the network changed its mind": [low, low, high],
    "95 % of its gradient": [measure.effective_square(gradient, pixels["A"])] * 3,
    "what it can see": [188, 188, 204],
}
described(pictures.ruler(micrograph, pixels["A"], lengths), "02.ruler")

# %% id="ruler-claim" tags=["claim"]
assert list(lengths.values())[1:3] == [[25, 25, 57], [83, 83, 83]]
assert (labels[437, 296:316] == 0).sum() == 6  # the wall at A
assert {len(unet_field(trained.config, place)) for place in pixels["A"]} == {188, 204}

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - computed fields from the first layer (`size + (k - 1) * jump`) or the last (s·r + k − s)
#   ([Araujo, Norris and Sim, 2019](https://doi.org/10.23915/distill.00021));
# - computed and measured 188 or 204 pixels for U-Net, depending on the phase;
# - found that at all ten output pixels tried, 95 % of the trained network's gradient is
#   within a square smaller than the network's field.
#
# The paper speaks of "a contracting path to capture context": **context** is what the
# field around a pixel contains. To see far, U-Net makes its feature maps small. Do thin
# walls survive this (lesson 03)?
