# %% [markdown] id="title" tags=["slide"]
# # 09 · Look inside
#
# A trained U-Net works, but nobody told it how. Pictures of what its layers return are easy
# to make and to misread, so you'll compare them with those of untrained networks.
#
# ![](assets/lessons/09_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - record what any layer of a network returns, with a hook;
# - read feature maps honestly: check the colour scale, untrained networks and new tissue;
# - measure what each level of the U tells you about edges, membranes and regions.
#
# **Time** about 55 minutes · **Prerequisites** lessons 02 and 08 · **Needs** no GPU, no data

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
from unet_teach.exercises.assembled import Practice, Small
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
# A trained U-Net keeps our two neurons apart. But we don't know *how*, so it could be right
# for a reason that won't hold in the next image.
#
# Next to the micrograph below is what this network's last block returns: sixteen **feature
# maps**, one for each channel, with a number for each pixel.
#
# Which channel shows the walls best? Write its number into `yours`. Later we'll set that
# channel to 0. Will the two neurons then run together?

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
# The trained network has never seen the twenty pieces of synthetic tissue below. We compare
# it with **five** untrained networks of the same architecture, each with its own random
# weights ([He et al., 2015](https://arxiv.org/abs/1502.01852)), because a single one could
# be unusual.

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
# Without gradients, torch frees a feature map as soon as no later layer needs it. To keep
# one, we need a **forward hook**, a function that torch calls with a layer, its inputs and
# its output when that layer is done. `layer.register_forward_hook(function)` attaches the
# hook and returns a handle; `handle.remove()` takes the hook off.
#
# Blocks and layers have names. `contract.0` is the top block of the contracting path, and a
# second number picks a layer in it:
#
# | `.0` | `.1` | `.2` | `.3` | `.4` | `.5` |
# | --- | --- | --- | --- | --- | --- |
# | convolution | batch norm | ReLU | convolution | batch norm | ReLU |

# %% [markdown] id="exercise-1"
# ### Exercise 1 (easy): record a layer
#
# - **In**: a `model` in eval mode; `x`, a float batch (B, C, H, W); `layer`, the name of a
#   layer or a block, such as `"contract.0.4"`: `model.get_submodule(layer)` finds it.
# - **Out**: the tensor that this layer returned for the whole batch, *as it was when the
#   layer was done*. This course's ReLUs work **in place**, so they overwrite their input.
# - **Edge**: if the layer runs several times in one pass, as a shared ReLU does, return its
#   last output. The model may have skips, so run it as a whole. Take your own hooks off,
#   and leave other hooks on.
# - **Example**: `record(trained, images[:1], "contract.0.4")` has shape (1, 16, 128, 128)
#   and contains negative numbers.


# %% id="exercise-record" tags=["fragment"]
def record(model, x, layer):
    """The output of the layer of this name; of its last run, where it runs several times."""
    # SOLUTION: exercises.record


# %% id="check-record"
check("09.record", record)

# %% [markdown] id="clone"
# Stuck? `hint("09.record")`.
#
# You record the batch norm `contract.0.4`, and an in-place ReLU follows. What is the
# smallest number kept, with a copy (`clone()`) and without?

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
# Without the copy the smallest number is 0, because the ReLU wrote its zeros into the
# tensor that we kept.
#
# ## Look
#
# Each box contains one or more **layers**. Click a box to see all channels of its last layer.
# Click a **channel** to enlarge it and see the weighted sum behind one of its values.
# Predict, then try:
#
# 1. Open the boxes of the contracting path. Where can you recognise the tissue? Does that
#    change if you choose *untrained*?
# 2. Open the last box of the **bottleneck**. How much of the image does one of its pixels
#    see?
# 3. Cut a skip with ✂. Which cut changes the class of the most pixels?
#
# {{twin: viewer}}

# %% id="explore" tags=["slide"]
tissue = tissues[0]
view = viewer(image=tissue.images[0], labels=tissue.labels[0], pixel=(64, 64))
view

# %% [markdown] id="fields"
# You recognise the tissue in the top boxes, even in the untrained network, because random
# convolutions, too, mix only nearby pixels. In this piece the trained network's third skip
# from the top matters most. If you cut it, 17 % of the pixels change their class. Any other
# cut changes less than 7 %.
#
# The frame on the image is the **receptive field** (lesson 02) of one pixel of the opened
# layer: the part that can change its value. In images of 256 × 256 pixels, how wide is the
# field at each level of the contracting path?

# %% id="measured-fields"
fields = Fields(trained, torch.zeros(1, 1, 256, 256))
boxes = [fields.box(f"contract.{level}", 128 >> level, 128 >> level) for level in range(5)]
widths = [bottom - top + 1 for top, bottom, _left, _right in boxes]
print("pixels wide, from the top to the bottleneck:", widths)

# %% id="measured-fields-claim" tags=["claim"]
assert widths == [5, 14, 32, 68, 140]
skips = [skip for box in view.given["boxes"] for skip in box["skips"]]
cut = {a: view.answered({**view.first, "cuts": [[a, b]]})["flipped"] for a, b in skips}
assert round(100 * cut.pop("contract.2.5") / 128**2) == 17  # the third level
assert len(cut) == 3 and max(cut.values()) / 128**2 < 0.07

# %% [markdown] id="honest-scale" tags=["slide"]
# A bottleneck pixel sees 140 × 140 pixels, but our tissue has 128 × 128.
#
# ## Read honestly, 1: the colour scale
#
# To show a feature map, we translate its numbers into 32 shades. With **a colour scale of
# its own**, a channel runs from the darkest shade to the lightest, however small its
# numbers are. We replace channel 3 of `contract.0` with noise of at most a thousandth of
# the block's largest number. How many shades will it use with its own scale, and with one
# for all channels?

# %% id="noise-becomes-structure" tags=["slide"]
maps = inspection.record(trained, images[:1], "contract.0")[0]
maps[3] = 0.001 * maps.max() * torch.rand(128, 128)
low, high = maps.amin((1, 2)).numpy(), maps.amax((1, 2)).numpy()
one_each = shades(maps.numpy(), low, high)
for_all = shades(maps.numpy(), np.full(16, low.min()), np.full(16, high.max()))
figure, axes = plt.subplots(1, 2, figsize=(6.2, 3.2), layout="constrained")
for axis, picture, name in zip(axes, (one_each, for_all), ("each", "for all"), strict=True):
    axis.imshow(coloured(montage(picture)[0]))
    axis.set(title=f"one colour scale {name}", xticks=[], yticks=[])
used = [len(np.unique(picture[3])) for picture in (one_each, for_all)]
print("shades that channel 3 uses:", used)
described(figure, "09.noise_becomes_structure")

# %% id="noise-becomes-structure-claim" tags=["claim"]
assert used == [32, 1]

# %% [markdown] id="scale-hides"
# With its own scale the noise uses all 32 shades and looks like a texture (top right in the
# left picture). With one scale for all channels it uses a single shade, because a
# thousandth fits into one.
#
# A scale for each channel can also **hide** something: in inference, batch norm multiplies
# each channel by a number (here above 0) and adds another. The scale undoes that, so both
# pictures look the same.

# %% id="scale-hides-batch-norm-claim" tags=["claim"]
conv, norm = (inspection.record(trained, images[:1], f"contract.0.{i}")[0] for i in (0, 1))
pairs = zip(conv, norm, strict=True)  # channel by channel
each = max((stretch_to_one(a) - stretch_to_one(b)).abs().max().item() for a, b in pairs)
common = (stretch_to_one(conv) - stretch_to_one(norm)).abs().max().item()
assert (trained.contract[0][1].weight > 0).all() and each < 1e-4 and common > 0.1

# %% [markdown] id="honest-untrained" tags=["slide"]
# ## Read honestly, 2: the untrained network
#
# Has a channel that looks like membranes **learned** to find them?
#
# In one piece we search each network for the channel whose **correlation** with the
# membranes is highest (how similarly they vary, 1 at most). Then we test it in eight
# **other** pieces, because the best of many is partly lucky.
#
# Guess for the top level (16 channels) and the bottleneck (256): does the trained network's
# channel beat the untrained networks' in the other pieces?

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
# At the **top**, every untrained network's "membrane channel" is about as good as the
# trained network's, even in the other pieces. That's because membranes are dark, and among
# sixteen random channels some respond to dark pixels. So such a channel doesn't show that
# the network has learned anything.
#
# In the **bottleneck** the untrained networks' channels were only lucky: their correlation
# is above 0.3 where we searched, but on average below 0.2 in the other pieces. The trained
# network's channel stays above 0.4.

# %% [markdown] id="levels" tags=["slide"]
# ## Level by level
#
# A network may spread what it learns over many channels. What do **all** channels of a
# level tell us?
#
# A **linear probe** ([Alain and Bengio, 2016](https://arxiv.org/abs/1610.01644)) is a
# weighted sum of the channels plus a constant, fitted to predict a number at each pixel. We
# fit it on ten pieces and evaluate it on ten others, because it can overfit, too. **R²** is
# the fraction of the number's variance that it explains: 1 is perfect, 0 no better than
# always predicting the mean, below 0 worse.
#
# What a linear probe can predict is **linearly decodable**. The channels may contain more,
# but in another form.

# %% [markdown] id="level-prediction" tags=["slide"]
# We ask three questions, at 500 pixels of each piece:
# - **edges**: how fast does the grey value change here?
# - **membrane**: is this pixel membrane, according to the labels?
# - **region**: if this pixel is inside, how large is the region around it (the logarithm of
#   its area in pixels)?
#
# Sketch R² over the levels (five down, four up): three curves for the trained network,
# three for an untrained one.

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
# Could a sixth untrained network reach the trained one's R²? From the five we compute a
# **prediction interval**, a range for the sixth's R², at all 27 points. Bonferroni's
# correction (lesson 10) widens the ranges, so that in at least 95 % of cases the sixth is
# inside all. At a **filled** point the trained network's R² is outside the interval
# (*settled*). At a **hollow** point it's inside, so the question is open.

# %% [markdown] id="read-levels" tags=["slide"]
# In the trained network **edges** can be read at the start (R² above 0.4), but not in the
# bottleneck. Nor can they in the untrained networks, which points to pooling: a bottleneck
# pixel covers 16 × 16 pixels of the image, for which the probe predicts one number.
#
# **Region** size can't be read at the start, because a pixel there sees only 5 × 5 pixels.
# Its R² reaches about 0.6 in the bottleneck and falls on the expansive path. For
# **membrane**, R² is highest at the end of that path, about 0.7, because the network's own
# prediction there is a weighted sum, too.
#
# The untrained networks' receptive fields are just as wide, yet region size has an R² below
# 0.2 at all their levels. So width alone isn't enough.

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

# %% id="best-levels-claim" tags=["claim"]
best = [int(rows[0].argmax()) for rows in (edges, membrane, region)]
assert best[0] < 2 and best[1:] == [8, 4]  # near the top, the end, the bottleneck

# %% [markdown] id="dead"
# ## Dead channels
#
# A channel whose ReLU gets only negative inputs is 0 at every pixel of every image. No
# gradient passes through that ReLU, so the weights that produce the channel stop learning.
# A channel with one number everywhere, in every image, is **dead**, because the image
# doesn't affect it.

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): find the dead channels
#
# - **In**: `maps`, a tensor (B, C, H, W) of floats: what one layer returned for a batch.
# - **Out**: a list with the numbers of the dead channels (ints, counted from 0), in
#   ascending order. A channel is dead if it has **the same number**, 0 or another, at every
#   pixel of every image in the batch.
# - **Edge**: if a single pixel differs, however little, the channel is alive; so is one
#   that is constant within each image but differs between images. If none is dead, return
#   an empty list.
# - **Example**: for one image of 1 × 2 pixels with channels `[0, 0]`, `[0.5, 0.5]` and `[0,
#   0.001]`, the answer is `[0, 1]`.


# %% id="exercise-dead-channels" tags=["fragment"]
def dead_channels(maps):
    """Numbers of the channels that never change, in order."""
    # SOLUTION: exercises.dead_channels


# %% id="check-dead"
check("09.dead_channels", dead_channels)

# %% [markdown] id="planted"
# Stuck? `hint("09.dead_channels")`.
#
# We test the course's solution. In a copy of the trained network we kill two channels:
# batch norm multiplies them by 0 and adds −1 to one and 0.5 to the other. Will both be
# found? Does the trained network have dead channels?

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
# Both are found, because after the ReLU one is 0 and the other 0.5 everywhere. For these
# four images no trained block returns a dead channel.
#
# ## Which layer is it?
#
# Each picture below shows the first four channels of one layer, on one colour scale. Which
# come from the top of the contracting path, which from deep in it, and which from the
# expansive path? Which were taken before a ReLU?

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
# - **In**: a `model` in eval mode; `x`, a batch with one image; `names`, a list of layer
#   names in any order; `pictures`, a list of tensors (1, C, H, W). Each picture is what one
#   of these layers returns for `x`, stretched to 0…1: (maps − min) / (max − min), with min
#   and max over *all* its channels.
# - **Out**: a list with the name of each picture's layer, in the order of the pictures.
# - **Edge**: if two pictures show the same layer, return its name for both. Leave out names
#   without a picture. Layers may share a shape, but no two produce equal pictures.
# - **Example**: for `names = ["head", "pool"]` and one picture, made from "pool", the
#   answer is `["pool"]`.
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
# Where do our five pictures come from? The course's solution chooses among 24 layers of
# four blocks.

# %% id="riddle-answer"
blocks = ("contract.0.", "contract.3.", "expand.2.", "expand.0.")
names = [name for name in inspection.layer_names(trained) if name.startswith(blocks)]
named = exercises.name_layers(trained, piece, names, pictures)
print(dict(zip("ABCDE", named, strict=True)))

# %% id="riddle-answer-claim" tags=["claim"]
assert named == answers and len(names) == 24


# %% [markdown] id="riddle-read"
# C (8 × 8 pixels) comes from level 3 of the contracting path and E (16 × 16) from the
# expansive path, because no other block here has their size. Only its values show that A
# comes from the expansive path, too. B is a convolution at the top and D the batch norm
# after it, so both come before a ReLU.

# %% [markdown] id="your-own"
# ## Your own network
#
# `viewer(model, x)` opens **any** `nn.Module` with an input `x`. Below, lesson 08's network
# of your parts trains again, and we keep its weights at five steps. Press *Which channel is
# like the labels?*, then drag *the network* from step to step. When does a channel first
# resemble the walls?

# %% id="own-steps" tags=["fragment"]
parts = mine("double_conv", "up_conv", "forward", "he_std", "train_step")
_ = torch.manual_seed(0)
own = Practice(Small(parts, whole=True), parts.train_step, steps=100, keep=(0, 5, 10, 20, 50))
_ = own.run()
viewer(own.net, crop, labels=pair.crop(ground_truth), checkpoints=own.kept)

# %% id="own-steps-claim" tags=["claim"]
own_view = viewer(own.net, crop, labels=pair.crop(ground_truth), checkpoints=own.kept)
asked = dict(own_view.presets)["Which channel is like the labels?"]
found = [own_view.answered({**asked, "version": version}) for version in range(6)]
strongest = [abs(float(answer["likeness"][0])) for answer in found]
assert asked["layer"] == "expand.0.1" and own_view.given["versions"][0] == "step 0"
assert strongest[0] < 0.3 and strongest[3] > 0.55 and strongest[-1] > 0.65
assert strongest[3] - strongest[0] > 2 * (strongest[-1] - strongest[3])

# %% [markdown] id="own-steps-read"
# In our run the strongest correlation, of either sign, is 0.18 before training, 0.67 after
# 20 steps and 0.75 after 100. So twenty steps bring most of the rise.

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
# A paper shows four beautiful feature maps of a deep layer, captioned "the network has
# learned to detect mitochondria". What would you ask its authors?
#
# <details><summary>One answer</summary>
#
# From how many channels did you choose these four, and do they look like this in other
# images? Is there one colour scale for all? What do several untrained networks show? How
# well does a linear probe find mitochondria in new tissue? And what happens if you set
# these channels to 0?
#
# </details>

# %% [markdown] id="pair-closes" tags=["slide"]
# ## The pair, as it is now
#
# Does the network need your channel? We set it to 0. Then we sort all channels by how
# strongly they correlate with the walls, and set only the six strongest to 0, or only the
# other ten.
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
# Whichever channel you chose, the two neurons stay apart. They run together without the six
# strongest, but not without the other ten. So no single channel is indispensable here,
# because the information about the walls is in several.
#
# In the last two pictures 12 % and 11 % of the pixels are wrong, yet only one merges the
# neurons. Lesson 10 finds a number that distinguishes such pictures.

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - recorded layers with a hook and a copy;
# - saw a colour scale make noise look like structure, and untrained networks return
#   "membrane channels";
# - with linear probes, read edges best near the start, region size in the bottleneck, and
#   membranes at the end of the expansive path;
# - found planted dead channels, and set others to 0 to see what the network needs.
