# %% [markdown] id="title" tags=["slide"]
# # 09 · Look inside
#
# A trained U-Net works, and nobody told it how. Pictures of what a layer returns are easy to
# make and easier to misread, so today you look into a trained network and compare it with
# untrained ones.
#
# ![](assets/lessons/09_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - record what any layer of a network returns, with a hook;
# - read feature maps honestly: mind the colour scale, untrained networks and new tissue;
# - measure what can be read at each level of the U about edges, membranes and regions.
#
# **Time** about 55 minutes · **Before** lessons 02 and 08 · **Needs** no GPU, no data

# %% id="setup"
import copy

import matplotlib.pyplot as plt
import numpy as np
import torch

from unet_teach import inspection
from unet_teach.data import Volume
from unet_teach.data.membranes import membrane_slice, synthetic_membranes
from unet_teach.data.volume import standardise
from unet_teach.drawing.pair import pair_figure, the_pair
from unet_teach.exercises import check, hint, mine, solution
from unet_teach.lessons.described import described
from unet_teach.lessons.l09_look_inside.maps import Fields, record_all
from unet_teach.lessons.l09_look_inside.measure import settled, stretch_to_one
from unet_teach.lessons.l09_look_inside.panel import viewer
from unet_teach.lessons.l09_look_inside.picture import coloured, montage, shades
from unet_teach.lessons.l09_look_inside.readout import (
    correlation,
    edge_strength,
    probed,
    region_size,
)
from unet_teach.lessons.l09_look_inside.trace import traced
from unet_teach.models.pretrained import pretrained
from unet_teach.models.unet import UNet

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="pair-opens" tags=["slide"]
# ## What is still wrong with the pair
#
# A trained U-Net keeps our two neurons apart. But we don't know *how*, so it could be right for
# a reason that fails on the next image.
#
# Below, next to the micrograph, are sixteen **feature maps**: what the last block of a network
# trained for this course returns, one picture for each channel.
#
# Which channel shows the walls best? Write its number into `yours`. At the end we'll set that
# channel to 0 and let the network go on. Will the two neurons run together?

# %% id="pair-channels" tags=["fragment", "output"]
yours = 2  # your channel: a number from 0 to 15

pair, trained = the_pair("synthetic membranes (seed 0)"), pretrained("membranes")
micrograph, ground_truth = membrane_slice(pair.index)
crop = torch.from_numpy(pair.crop(standardise(micrograph)))[None, None]  # (1, 1, 128, 128)
last_maps = inspection.record(trained, crop, "expand.0")[0].numpy()  # (16, 128, 128)
sixteen = montage(shades(last_maps, np.zeros(16), np.full(16, last_maps.max())))[0]
figure, axes = plt.subplots(1, 2, figsize=(9, 4.8), layout="constrained")
axes[0].imshow(pair.crop(micrograph), cmap="gray")
axes[1].imshow(coloured(sixteen))
for n in range(16):
    axes[1].text(129 * (n % 4) + 5, 129 * (n // 4) + 21, n, color="white", weight="bold")
for axis, title in zip(axes, ("the micrograph", "sixteen feature maps of it"), strict=True):
    axis.set(title=title, xticks=[], yticks=[])
described(figure, "09.pair_channels")

# %% id="pair-channels-claim" tags=["claim"]
with torch.no_grad():
    answer = trained(crop).softmax(dim=1)[0, 1].numpy() > 0.5
assert pair.verdict(answer, pair.crop(ground_truth)) == "apart"
assert last_maps.shape == (16, 128, 128)

# %% [markdown] id="tissue" tags=["slide"]
# ## Two kinds of network, new tissue
#
# The trained network has learned from synthetic membranes, but it never saw the twenty pieces
# of tissue that we generate now. We compare it with **five** untrained networks of the same
# architecture, each with its own random weights (by [He's
# rule](https://arxiv.org/abs/1502.01852)), because a single one could be unusual. There is only
# one trained network, so what we say about it may not hold for others.

# %% id="networks-and-tissue"
untrained = []
for seed in range(5):
    torch.manual_seed(seed)
    untrained.append(UNet(trained.config).eval())
tissues = [synthetic_membranes(1, size=128, seed=40 + n) for n in range(20)]
images = torch.stack([torch.from_numpy(standardise(t.images[0])) for t in tissues])[:, None]
labels = torch.stack([torch.from_numpy(t.labels[0]).float() for t in tissues])[:, None]

# %% id="networks-and-tissue-claim" tags=["claim"]
assert images.shape == labels.shape == (20, 1, 128, 128)

# %% [markdown] id="hooks" tags=["slide"]
# ## A hook
#
# A network forgets its feature maps as soon as the next layer has used them. To keep one, we
# need a **forward hook**: a function of yours that torch calls when a layer is done, with the
# layer, its inputs and its output. `layer.register_forward_hook(function)` attaches it and
# returns a handle, and `handle.remove()` takes it off again. Otherwise the hook would run, and
# keep feature maps, in every later pass.
#
# Which layer? `contract.0` is the top block of the contracting path. A second number counts the
# layers inside the block:
#
# | `.0` | `.1` | `.2` | `.3` | `.4` | `.5` |
# | --- | --- | --- | --- | --- | --- |
# | convolution | batch norm | ReLU | convolution | batch norm | ReLU |

# %% [markdown] id="exercise-1"
# ### Exercise 1 (easy): record a layer
#
# - **In**: a `model` in eval mode; `x`, a float batch (B, C, H, W); `layer`, the name of a
#   layer or a block, such as `contract.0.4`: `model.get_submodule(layer)` finds it.
# - **Out**: a tensor with what this layer returned for the whole batch, *as it was when the
#   layer was done*. Beware: this course's ReLUs work **in place**, so they overwrite their
#   input.
# - **Edge**: if a layer runs several times, as a shared ReLU does, return its last output. The
#   model may have skips. Take your own hooks off again, and leave everybody else's on it.
# - **Example**: `record(trained, images[:1], "contract.0.4")` has shape (1, 16, 128, 128) and
#   contains negative numbers.


# %% id="exercise-record" tags=["fragment"]
def record(model, x, layer):
    """The output of the layer of this name; of its last run, where it runs several times."""
    # SOLUTION: exercises.record


# %% id="check-record"
check("09.record", record)

# %% [markdown] id="clone"
# Stuck? `hint("09.record")`.
#
# How much does copying matter? `contract.0.4` is a batch norm, and the in-place ReLU
# `contract.0.5` follows it. What is the smallest number that we keep with `clone()`, and what
# is it without?

# %% id="without-a-clone"
kept = []
handle = trained.contract[0][4].register_forward_hook(lambda part, x, y: kept.append(y))
with torch.no_grad():
    trained(images[:1])
handle.remove()
honest = inspection.record(trained, images[:1], "contract.0.4")  # the library's: with a copy
print(f"smallest number with a copy {honest.min():.2f}, without {kept[0].min():.2f}")

# %% id="without-a-clone-claim" tags=["claim"]
assert honest.min() < -1 and kept[0].min() == 0

# %% [markdown] id="look" tags=["slide"]
# Without the copy the smallest number is 0, because we kept the very tensor into which the ReLU
# then wrote its zeros.
#
# ## Look
#
# Here is the whole network, a pictured box for each block. Click a box, and its **layer** opens
# with all channels. Click a **channel** to see it large, with the sum that made one number.
# Predict, then try:
#
# 1. Open the boxes of the contracting path. In which can you recognise the tissue? And with
#    *untrained* chosen?
# 2. Open the **bottleneck**, the lowest box. How much of the input does one of its pixels see?
# 3. Cut a skip with ✂. Which skip, once cut, changes the class of most pixels?
#
# {{twin: viewer}}

# %% id="explore" tags=["slide"]
tissue = tissues[0]
viewer(image=tissue.images[0], labels=tissue.labels[0], pixel=(64, 64))

# %% [markdown] id="fields"
# You recognise the tissue in the top boxes, and in those of the untrained network, too. In this
# piece the third skip, that of level 2, matters most. Cutting it changes the class of 17 % of
# the pixels, and cutting any other skip less than 7 %.
#
# The frame on the image is the **receptive field** of one pixel: the part of the image that can
# change its value, measured as in lesson 02. In an image of 256 × 256 pixels, how wide is it at
# each level of the contracting path?

# %% id="measured-fields"
fields = Fields(trained, torch.zeros(1, 1, 256, 256))
boxes = [fields.box(f"contract.{level}", 128 >> level, 128 >> level) for level in range(5)]
widths = [bottom - top + 1 for top, bottom, _left, _right in boxes]
print("pixels wide, from the top to the bottleneck:", widths)

# %% id="measured-fields-claim" tags=["claim"]
assert widths == [5, 14, 32, 68, 140]
view = viewer(image=tissue.images[0], labels=tissue.labels[0], pixel=(64, 64))
skips = [skip for box in view.given["boxes"] for skip in box["skips"]]
cut = {a: view.answered({**view.first, "cuts": [[a, b]]})["flipped"] for a, b in skips}
assert round(100 * cut.pop("contract.2.5") / 128**2) == 17  # the third level
assert len(cut) == 3 and max(cut.values()) / 128**2 < 0.07

# %% [markdown] id="honest-scale" tags=["slide"]
# A pixel of the bottleneck sees 140 × 140 pixels, more than our pieces of tissue have.
#
# ## Read honestly, 1: the colour scale
#
# To show a feature map, we stretch its numbers from dark to light. If every channel gets **a
# colour scale of its own**, it uses all 32 shades, however small its numbers are. To see that,
# we replace channel 3 by noise, a thousand times weaker than the strongest channel. How many
# shades will it use with its own scale, and how many with one scale for all channels?

# %% id="noise-becomes-structure" tags=["slide"]
maps = inspection.record(trained, images[:1], "contract.0")[0]
maps[3] = 0.001 * maps.max() * torch.rand(128, 128)
low, high = maps.amin((1, 2)).numpy(), maps.amax((1, 2)).numpy()
one_each = shades(maps.numpy(), low, high)
for_all = shades(maps.numpy(), np.full(16, low.min()), np.full(16, high.max()))
figure, axes = plt.subplots(1, 2, figsize=(7, 3.6), layout="constrained")
for axis, picture, name in zip(axes, (one_each, for_all), ("each", "for all"), strict=True):
    axis.imshow(coloured(montage(picture)[0]))
    axis.set(title=f"one colour scale {name}", xticks=[], yticks=[])
used = [len(np.unique(picture[3])) for picture in (one_each, for_all)]
print("shades that channel 3 uses:", used)
described(figure, "09.noise_becomes_structure")

# %% id="noise-becomes-structure-claim" tags=["claim"]
assert used == [32, 1]

# %% [markdown] id="scale-hides"
# With its own scale the noise uses all 32 shades, and with one scale for all channels only one.
# In the left picture, at the top right, we see a texture where there is only noise.
#
# A scale for each channel can also **hide** something. Batch norm multiplies each channel by
# one number, which is above 0 here, and adds another. If you stretch every channel by itself,
# you undo exactly that, so the pictures before and after the norm become the same.

# %% id="scale-hides-batch-norm-claim" tags=["claim"]
conv, norm = (inspection.record(trained, images[:1], f"contract.0.{i}")[0] for i in (0, 1))
pairs = zip(conv, norm, strict=True)  # channel by channel
each = max((stretch_to_one(a) - stretch_to_one(b)).abs().max().item() for a, b in pairs)
common = (stretch_to_one(conv) - stretch_to_one(norm)).abs().max().item()
assert (trained.contract[0][1].weight > 0).all() and each < 1e-4 and common > 0.1

# %% [markdown] id="honest-untrained" tags=["slide"]
# ## Read honestly, 2: the untrained network
#
# "Channel 7 has learned to find membranes." But has it **learned** to?
#
# In one piece of tissue we search each network for the channel whose correlation with the
# membranes is highest. Then we test that channel in eight **other** pieces, because the best of
# many is partly best by luck, and luck doesn't repeat itself.
#
# Guess, for the 16 channels of the top level and for the 256 of the bottleneck: is the trained
# network ahead of the untrained ones in the other pieces?

# %% id="best-channel" tags=["fragment", "output"]
walls, chosen = 1 - labels[:9], {"contract.0": [], "contract.4": []}
figure, axes = plt.subplots(1, 2, figsize=(8, 3.4), sharey=True, layout="constrained")
for axis, (layer, pairs) in zip(axes, chosen.items(), strict=True):
    for network in [*untrained, trained]:
        # (9 pieces, channels)
        found = correlation(inspection.record(network, images[:9], layer), walls)
        best = found[0].argmax()  # chosen in the first piece, tested in the others
        pairs.append((found[0, best].item(), found[1:, best].mean().item()))
    lines = axis.plot([0, 1], np.array(pairs).T, "o-", color="C0", label="untrained")
    lines[-1].set(color="C1", label="trained", linewidth=3)
    axis.set(title=f"{layer}: the best of {found.shape[1]} channels", xlim=(-0.3, 1.3))
    axis.set_xticks([0, 1], ["where we searched", "eight other pieces"])
axes[0].set(ylabel="correlation with the membranes", ylim=(0, 0.65))
axes[0].legend(handles=lines[-2:], loc="lower left")
described(figure, "09.best_channel")

# %% id="best-channel-claim" tags=["claim"]
top, bottom = ([others for _first, others in pairs] for pairs in chosen.values())
assert all(0.4 < others < 0.6 for others in top) and top[-1] < max(top[:-1])
assert all(first > 0.3 for first, _others in chosen["contract.4"])
assert max(bottom[:-1]) < 0.2 < 0.4 < bottom[-1]

# %% [markdown] id="read-best" tags=["slide"]
# At the **top**, every untrained network has a "membrane channel" about as good as the trained
# one's, in the other pieces, too. Membranes are dark, and among sixteen random 3 × 3 filters
# some respond to dark pixels. So such a picture doesn't show that anything was learned.
#
# In the **bottleneck** the untrained channels were only lucky: they look good where we
# searched, but their mean correlation in the other pieces is below 0.2. The trained network's
# stays above 0.4.

# %% [markdown] id="levels" tags=["slide"]
# ## Level by level
#
# A network may spread what it has learned over many channels. So what can be read from **all**
# channels of a level together?
#
# A **linear probe** ([Alain and Bengio, 2016](https://arxiv.org/abs/1610.01644)) is a weighted
# sum of the channels, fitted to predict an answer. We fit it on ten pieces and evaluate it on
# ten others by **R²**: 1 is perfect, 0 is no better than always predicting the mean. It falls
# below 0 where weights that fit the old tissue mislead in the new one.
#
# What a probe can't read isn't **linearly readable** at that level, though it may be present in
# another form.

# %% [markdown] id="level-prediction" tags=["slide"]
# We ask three questions, at 500 pixels of each piece:
# - **edges**: how fast does the grey value change here?
# - **membrane**: is this pixel membrane, according to the labels?
# - **region**: if it's inside, how large is the region around it (the logarithm of its area)?
#
# First sketch your guess of R² over the nine levels of the U: three curves for the trained
# network, three for an untrained one.

# %% id="three-questions"
levels = [f"contract.{i}" for i in range(5)] + [f"expand.{i}" for i in (3, 2, 1, 0)]
wanted = {"edges": edge_strength(images)[:, 0], "membrane": 1 - labels[:, 0]}
wanted["region"] = region_size(labels)  # NaN on the membrane: not asked there
scores = probed([trained, *untrained], images, levels, wanted)  # R² (6 networks, 9 levels)

# %% id="read-out-figure" tags=["slide"]
figure, axes = plt.subplots(1, 3, figsize=(11, 3.6), sharey=True, layout="constrained")
for axis, (name, rows) in zip(axes, scores.items(), strict=True):
    sure = settled(rows[0], rows[1:], questions=27)
    axis.axhline(0, color="grey", linewidth=1)
    axis.plot(np.arange(45) % 9, rows[1:].ravel(), "C0.", zorder=3, label="5 untrained")
    axis.plot(rows[0], "o-", color="C1", mfc="white", ms=8, label="trained, not settled")
    axis.plot(np.where(sure, rows[0], np.nan), "C1o", ms=8, label="trained, settled")
    axis.set(title=name, xlabel="level: contract, then expand", ylim=(-0.5, 1))
    axis.set_xticks(range(9), [0, 1, 2, 3, 4, 3, 2, 1, 0])
axes[0].set_ylabel("R² in new tissue")
axes[0].legend()
described(figure, "09.read_out_figure")

# %% [markdown] id="one-more"
# Does the trained network differ from a sixth untrained one? From the five we compute the
# interval in which a sixth would fall with 95 % probability, Bonferroni-corrected for 27
# points. At a **filled** point the trained network is outside this interval (*settled*). At a
# **hollow** one it's inside, so we can't tell, even if it's above all five: where these differ
# a lot, the interval is wide. (Lesson 10 explains such intervals.)

# %% [markdown] id="read-levels" tags=["slide"]
# **Edges** can be read at the top, with an R² of nearly 0.5, but no longer in the bottleneck.
# The untrained networks lose them, too, so that part isn't learned: pooling throws positions
# away.
#
# **Region** size can't be read at the top, reaches an R² of about 0.6 in the bottleneck, then
# falls. **Membrane**, which the network was trained for, grows to about 0.7 on the expansive
# path.
#
# In the untrained networks, region size has an R² below 0.2 at every level, although their
# pixels see just as far. So seeing far isn't enough.

# %% id="level-claims" tags=["claim"]
from scipy import stats

edges, membrane, region = scores.values()
alone = {name: settled(rows[0], rows[1:]) for name, rows in scores.items()}
assert max(0.4, *edges[1:, 0]) < edges[0, 0] < 0.5 and abs(edges[0, 4]) < 0.1
assert (edges[1:, 0] > edges[1:, 4] + 0.1).all() and not settled(edges[0], edges[1:], 27)[0]
assert not alone["edges"][3:5].any() and not alone["membrane"][0]
assert abs(region[0, 0]) < 0.1 and 0.55 < region[0, 4] < 0.65 and region[1:].max() < 0.2
assert alone["region"][4:6].all() and region[0, 8] < 0.55 < region[0, 5] < 0.65
far = {n: np.abs(r[0] - r[1:].mean(0)) / r[1:].std(0, ddof=1) for n, r in scores.items()}
far = {n: distances / (1 + 1 / 5) ** 0.5 for n, distances in far.items()}
assert round(float(stats.t.ppf(0.975, 4)), 2) == 2.78  # Student's t, for one question
assert round(float(stats.t.ppf(1 - 0.05 / 27 / 2, 4)), 2) == 7.32  # Bonferroni, 27 questions
assert min(far["region"][4:]) > 7.33 and min(far["membrane"][5:]) > 7.33
assert all(settled(rows[0], rows[1:], 27)[5:].all() for rows in (membrane, region))
assert 0.65 < membrane[0, 8] < 0.75 and membrane[1:, 4:].max() < 0.3
assert scores["edges"].shape == (6, 9) and len(scores) * len(levels) == 27

# %% [markdown] id="dead"
# ## Silent channels
#
# A channel whose ReLU gets only negative inputs is 0 at every pixel of every image. No gradient
# passes through it, so the weights in front of it stop learning. Other channels are stuck at
# another number. We call both kinds **dead**: they cost time and say nothing about the image.

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): find the dead
#
# - **In**: `maps`, a tensor (B, C, H, W) of floats: what one layer returned for a batch.
# - **Out**: a list with the numbers of the dead channels, in ascending order. A channel is dead
#   if it holds **one number**, the same for all pixels of all images.
# - **Edge**: that number need not be 0. If a single pixel differs, however little, the channel
#   is alive; so is one that is constant within each image but differs between images. The list
#   may be empty.
# - **Example**: one image of 1 × 2 pixels with the channels `[0, 0]`, `[0.5, 0.5]` and `[0,
#   0.001]`: the answer is `[0, 1]`.


# %% id="exercise-dead-channels" tags=["fragment"]
def dead_channels(maps):
    """Numbers of the channels that never change, in order."""
    # SOLUTION: exercises.dead_channels


# %% id="check-dead"
check("09.dead_channels", dead_channels)

# %% [markdown] id="planted"
# Stuck? `hint("09.dead_channels")`.
#
# Now we test the course's solution where we know the answer. In a copy of the network we kill
# two channels: their batch norm gets the factor 0, and a bias of −1 for one and 0.5 for the
# other. Will both be found? Does the network itself have dead channels?

# %% id="find-the-planted"
from unet_teach.lessons.l09_look_inside import exercises  # the course's answers

patient = copy.deepcopy(trained)
norm = patient.contract[1][4]  # a ReLU follows
with torch.no_grad():
    norm.weight[[5, 11]] = 0
    norm.bias[[5, 11]] = torch.tensor([-1.0, 0.5])
found = exercises.dead_channels(inspection.record(patient, images[:4], "contract.1"))
own = [exercises.dead_channels(m) for m in record_all(trained, images[:4], levels).values()]
print("killed: [5, 11], found:", found, "· dead channels of its own:", sum(map(len, own)))

# %% id="find-the-planted-claim" tags=["claim"]
assert found == [5, 11] and not any(own)

# %% [markdown] id="riddle" tags=["slide"]
# Both killed channels are found, and the trained network has no dead channels at our nine
# levels.
#
# ## Which layer is it?
#
# Here are five pictures from inside the trained network, four channels of each, with one colour
# scale for all. Which come from the top, from deep down, from the expansive path? Which were
# taken before a ReLU?

# %% id="riddle-pictures" tags=["fragment"]
piece = images[:1, :, :64, :64]
answers = ["expand.0.5", "contract.0.0", "contract.3.5", "contract.0.1", "expand.2.2"]
pictures = [stretch_to_one(inspection.record(trained, piece, name)) for name in answers]
figure, axes = plt.subplots(1, 5, figsize=(11, 2.6), layout="constrained")
for axis, letter, picture in zip(axes, "ABCDE", pictures, strict=True):
    four = shades(picture[0, :4].numpy(), np.zeros(4), np.ones(4))
    axis.imshow(coloured(montage(four)[0]))
    axis.set(title=f"{letter}: {tuple(picture.shape[1:])}", xticks=[], yticks=[])
described(figure, "09.riddle_pictures")

# %% [markdown] id="exercise-3"
# ### Exercise 3 (stretch): name the layer
#
# - **In**: a `model` in eval mode; `x`, a batch with one image; `names`, a list of layer names
#   in any order; `pictures`, a list of tensors (1, C, H, W). Each is what one of these layers
#   returns, stretched to 0…1: (maps − least) / (largest − least), over *all* its channels.
# - **Out**: a list with the name of each picture's layer, in the order of the pictures.
# - **Edge**: two pictures may be of one layer, and a name may have no picture. Layers may share
#   a shape, but no two produce equal pictures.
# - **Example**: `names = ["head", "pool"]` and one picture, made from "pool": the answer is
#   `["pool"]`.
#
# You may use `inspection.record(model, x, name)`.


# %% id="exercise-name-layers"
def name_layers(model, x, names, pictures):
    """The name of the layer of each picture, in the order of the pictures."""
    # SOLUTION: exercises.name_layers


# %% id="check-name"
check("09.name_layers", name_layers)

# %% [markdown] id="riddle-solved"
# Stuck? `hint("09.name_layers")`.
#
# What are our five pictures? The course's solution chooses from the 24 layers of four blocks.

# %% id="riddle-answer"
blocks = ("contract.0.", "contract.3.", "expand.2.", "expand.0.")
names = [name for name in inspection.layer_names(trained) if name.startswith(blocks)]
named = exercises.name_layers(trained, piece, names, pictures)
print(dict(zip("ABCDE", named, strict=True)))

# %% id="riddle-answer-claim" tags=["claim"]
assert named == answers and len(names) == 24


# %% [markdown] id="riddle-read"
# By the table under *A hook*, B is a convolution at the top and D the batch norm after it, so
# both come before a ReLU. The others come right after one: C from level 3 of the contracting
# path, A and E from the expansive path.

# %% [markdown] id="your-own"
# ## Your own network
#
# The viewer takes **any** `nn.Module` with the input that it expects: `viewer(model, x)`.

# %% id="any-module-claim" tags=["claim"]
from torch import nn  # its ReLU is shared and works in place, and it returns a dictionary


class Nasty(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.relu = nn.Conv2d(3, 6, 3), nn.ReLU(inplace=True)
        self.again, self.head = nn.Conv2d(6, 6, 3, stride=2), nn.Linear(6, 4)

    def forward(self, x):
        x = self.relu(self.again(self.relu(self.conv(x))))
        return {"maps": x, "classes": self.head(x.mean((2, 3)))}


nasty, colours = Nasty(), torch.rand(1, 3, 40, 60)
assert "relu (2)" in record_all(nasty, colours)
assert len(viewer(nasty, colours).given["boxes"]) > 1

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# A paper shows four beautiful feature maps of a deep layer. The caption says "the network has
# learned to detect mitochondria". What do you ask its authors?
#
# <details><summary>One answer</summary>
#
# Of how many channels did you choose these four, and do they look like this in other images? Is
# there one colour scale for all? What do several untrained networks show? And how well can
# mitochondria be read on new tissue, as R², at each level? Even then, what is readable need not
# be used: set the channel to 0 and see whether the result changes.
#
# </details>

# %% [markdown] id="pair-closes" tags=["slide"]
# ## The pair, as it is now
#
# Does the network need the channel that you chose? We set it to 0 and let the network go on.
# Then we sort all sixteen channels by how strongly they correlate with the walls, whatever the
# sign. In one run we silence only the six strongest, in another only the ten others.
#
# When will the two neurons run together?

# %% id="pair-silenced" tags=["fragment", "output"]
wall = 1 - torch.from_numpy(pair.crop(ground_truth)).float()[None, None]
likeness = correlation(mine("record").record(trained, crop, "expand.0"), wall)[0].abs()
order = likeness.argsort(descending=True).tolist()  # the channel most like the wall first


def without(channels):
    edits = [["expand.0.5", channel, 0] for channel in channels]
    return traced(trained, crop, edits).output.softmax(dim=1)[0, 1].numpy() > 0.5


silent = {f"channel {yours}": [yours], "the 6 strongest": order[:6], "the other 10": order[6:]}
volume = Volume([micrograph] * 30, [ground_truth] * 30, "synthetic membranes (seed 0)")
print("the strongest first:", order)
pair_figure(volume, {f"without {which}": without(few) for which, few in silent.items()})

# %% id="pair-silenced-claim" tags=["claim"]
inside = pair.crop(ground_truth)
silent["12 worst"] = order[4:]
verdicts = [pair.verdict(without(few), inside) for few in silent.values()]
assert verdicts == ["apart", "merged", "apart", "apart"] and len(order) == 16
wrong = [np.mean(without(few) != (inside > 0)) for few in (order[:6], order[6:])]
assert [round(100 * fraction) for fraction in wrong] == [12, 11]
for level in ("contract.0.5", "expand.0.5"):  # whichever one is silenced
    for channel in range(16):
        found = traced(trained, crop, [[level, channel, 0]]).output
        mask = (found[0, 1] > found[0, 0]).numpy()
        assert pair.verdict(mask, inside) == "apart"

# %% [markdown] id="pair-closes-read" tags=["fragment"]
# Whichever you chose, the two neurons stay apart: no single channel of this level is
# indispensable. Without the six strongest they run together, through gaps in the walls around
# them; without the ten others they don't. So the walls are spread over several channels.
#
# The last two pictures have almost the same fraction of wrong pixels, 12 % and 11 %. Yet only
# in one do the neurons run together. Which number would have told you? Lesson 10 finds it.

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - recorded layers with a hook and a copy;
# - saw a colour scale turn noise into structure, and untrained networks whose maps looked
#   meaningful;
# - measured each level: edges at the top, regions in the bottleneck, membranes on the expansive
#   path. [The paper](https://arxiv.org/abs/1505.04597) says that many channels there "allow the
#   network to propagate context information to higher resolution layers". In our network,
#   region size has an R² of about 0.6 at expand.3;
# - found dead channels, and silenced others to see what the network needs.
