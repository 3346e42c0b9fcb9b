# %% [markdown] id="title" tags=["slide"]
# # 09 · Look inside
#
# The trained network works, and nobody told it how. What do its layers respond to? Pictures of
# feature maps are easy to make and easier to misread, so today you look into a trained network
# and keep untrained ones next to it.
#
# ![](assets/lessons/09_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - record what any layer of any network returns, with a hook;
# - read feature maps honestly: mind the colour scale, untrained networks and new tissue;
# - measure what each level of the U says about edges, membranes and regions.
#
# **Time** about 55 minutes · **Before** lessons 02 and 08 · **Needs** no GPU, no data

# %% id="setup"
import copy

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from unet_teach import inspection
from unet_teach.data import Volume
from unet_teach.data.membranes import membrane_slice, synthetic_membranes
from unet_teach.data.volume import standardise
from unet_teach.drawing.pair import pair_figure, the_pair
from unet_teach.exercises import check, hint, mine, solution
from unet_teach.lessons.described import described
from unet_teach.lessons.l09_look_inside.maps import Fields, record_all
from unet_teach.lessons.l09_look_inside.measure import stretch_to_one
from unet_teach.lessons.l09_look_inside.panel import viewer
from unet_teach.lessons.l09_look_inside.picture import coloured, montage, shades
from unet_teach.lessons.l09_look_inside.readout import (
    correlation,
    edge_strength,
    features_at,
    readout,
)
from unet_teach.lessons.l09_look_inside.trace import traced
from unet_teach.metrics import components
from unet_teach.models.pretrained import pretrained
from unet_teach.models.unet import UNet

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="pair-opens" tags=["slide"]
# ## What is still wrong with the pair
#
# A trained U-Net keeps our two neurons apart. What is still wrong is that we don't know *how*,
# so it could be right for a reason that fails on the next image.
#
# On the right are sixteen **feature maps**, the network's inner pictures, one for each channel.
# They come from the last level of a network of your parts, which the course has trained.
#
# Which channel knows the wall best? They are numbered 0 to 15, row by row. Choose one; at the
# end we'll see whether the network needs it.

# %% id="pair-channels" tags=["fragment", "output"]
pair, trained = the_pair("synthetic membranes (seed 0)"), pretrained("membranes")
micrograph, ground_truth = membrane_slice(pair.index)
crop = torch.from_numpy(pair.crop(standardise(micrograph)))[None, None]  # (1, 1, 128, 128)
last_maps = inspection.record(trained, crop, "expand.0")[0].numpy()  # (16, 128, 128)
sixteen = montage(shades(last_maps, np.zeros(16), np.full(16, last_maps.max())))[0]
figure, axes = plt.subplots(1, 2, figsize=(9, 4.5), layout="constrained")
axes[0].imshow(pair.crop(micrograph), cmap="gray")
axes[1].imshow(coloured(sixteen))
plt.setp(axes, xticks=[], yticks=[])
described(figure, "09.pair_channels")

# %% id="pair-channels-claim" tags=["claim"]
with torch.no_grad():
    answer = trained(crop).softmax(dim=1)[0, 1].numpy() > 0.5
assert pair.verdict(answer, pair.crop(ground_truth)) == "apart"
assert last_maps.shape == (16, 128, 128)

# %% [markdown] id="tissue" tags=["slide"]
# ## Two kinds of network, twenty tissues
#
# The trained network has learned from synthetic membranes, but it never saw the twenty pieces
# of tissue below. Next to it we put **five** untrained networks of the same form, with random
# weights [as He and others draw them](https://arxiv.org/abs/1502.01852), each from its own
# seed. Why five? A single one could be unusual. Of the trained kind
# we have only one, so what we say about it could be peculiar to it.

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
# A network passes its feature maps from layer to layer and then forgets them. To keep one, we
# need a **forward hook**: a function of yours that torch calls as soon as a layer is done, with
# the layer, its inputs and its output. `layer.register_forward_hook(function)` attaches it and
# returns a handle, and `handle.remove()` takes it off again. Otherwise it would run, and keep
# feature maps, in every later pass.

# %% [markdown] id="exercise-1"
# ### Exercise 1 (easy): record a layer
#
# - **In**: a `model` in eval mode; `x`, a batch (B, C, H, W); `layer`, a name that is a path
#   through the model's parts, such as `contract.0.4`. It may also name a block.
# - **Out**: a tensor with what this layer returned for the whole batch, *as it was when the
#   layer was done*. Beware: this course's ReLUs work **in place**, so they overwrite their
#   input.
# - **Edge**: if a layer runs several times, as a shared ReLU does, return its last output. The
#   model need not be a chain. Leave none of your hooks on it, and leave other people's hooks on
#   it.
# - **Example**: `record(trained, images[:1], "contract.0.4")` has shape (1, 16, 128, 128) and
#   contains negative numbers.


# %% id="exercise-record" tags=["fragment"]
def record(model, x, layer):
    """The output of the layer of this name; of its last run, where it runs several times."""
    # SOLUTION: exercises.record


# %% id="check-record"
check("09.record", record)

# %% [markdown] id="clone"
# Stuck? Type `hint("09.record")`. How much does the copy matter? `contract.0.4` is a batch
# norm, and an in-place ReLU follows it. What is the smallest number that we keep with
# `clone()`, and what is it without?

# %% id="without-a-clone"
kept = []
handle = trained.contract[0][4].register_forward_hook(lambda part, x, y: kept.append(y))
with torch.no_grad():
    trained(images[:1])
handle.remove()
honest = inspection.record(trained, images[:1], "contract.0.4")  # the library's: with a copy
print(f"least number with a copy {honest.min():.2f}, without {kept[0].min():.2f}")

# %% id="without-a-clone-claim" tags=["claim"]
assert honest.min() < -1 and kept[0].min() == 0

# %% [markdown] id="look" tags=["slide"]
# Without the copy we kept the batch norm's own memory, and the ReLU wrote its zeros into it.
#
# ## Look
#
# Here is the whole network, a small picture for each block. Click a box, and its **layer**
# opens with all channels. Click a **channel**: it's shown large, with the sum
# behind one of its numbers. Predict, then try:
#
# 1. Open the boxes of the contracting path. In which can you recognise the tissue? And with
#    *untrained* chosen?
# 2. Open the **bottleneck**, the lowest box. How much of the input does one of its pixels see?
# 3. Cut a skip with ✂. Where in the output will you notice? Which skip matters most?
#
# {{twin: viewer}}

# %% id="explore" tags=["slide"]
tissue = tissues[0]
viewer(image=tissue.images[0], labels=tissue.labels[0], pixel=(64, 64))

# %% [markdown] id="fields"
# Which skip matters most? In this piece the third from the top: without it 17 % of the pixels
# change their class, without any other less than 7 %.
#
# The frame on the image is the **receptive field** of one pixel, measured as in lesson 02. Here
# are its widths along the contracting path, for an image of 256 × 256. A pixel of the
# bottleneck sees 140 × 140 pixels, more than our pieces of tissue have.

# %% id="measured-fields"
fields = Fields(trained, torch.zeros(1, 1, 256, 256))
boxes = [fields.box(f"contract.{level}", 128 >> level, 128 >> level) for level in range(5)]
widths = [bottom - top + 1 for top, bottom, _left, _right in boxes]
print(widths)

# %% id="measured-fields-claim" tags=["claim"]
assert widths == [5, 14, 32, 68, 140]
view = viewer(image=tissue.images[0], labels=tissue.labels[0], pixel=(64, 64))
skips = [skip for box in view.given["boxes"] for skip in box["skips"]]
cut = {a: view.answered({**view.first, "cuts": [[a, b]]})["flipped"] for a, b in skips}
assert round(100 * cut.pop("contract.2.5") / 128**2) == 17  # the third level
assert len(cut) == 3 and max(cut.values()) / 128**2 < 0.07

# %% [markdown] id="honest-scale" tags=["slide"]
# ## Read honestly, 1: the colour scale
#
# A picture needs colours, so the numbers of a feature map are stretched from dark to light. If
# every channel gets **a colour scale of its own**, it uses all the shades, however small its
# numbers are. To see that, we replace channel 3 by noise, a thousand times weaker than the
# strongest channel. How many of the 32 shades will it use?

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
# All 32 with its own scale, one with a scale for all. So in the first case we see a texture
# where there is only noise.
#
# A scale for each channel can also **hide** something. Batch norm multiplies each channel by
# one number (above 0 here) and adds another. If you stretch every channel by itself, you undo
# exactly that:

# %% id="scale-hides-batch-norm"
conv, norm = (inspection.record(trained, images[:1], f"contract.0.{i}")[0] for i in (0, 1))

pairs = zip(conv, norm, strict=True)  # channel by channel
each = max((stretch_to_one(a) - stretch_to_one(b)).abs().max().item() for a, b in pairs)
common = (stretch_to_one(conv) - stretch_to_one(norm)).abs().max().item()
print(f"largest difference, a scale each {each:.0e}, one scale {common:.2f}")

# %% id="scale-hides-batch-norm-claim" tags=["claim"]
assert each < 1e-4 and common > 0.1

# %% [markdown] id="honest-untrained" tags=["slide"]
# ## Read honestly, 2: the untrained network
#
# "Channel 7 has learned to find membranes." But has it **learned** to?
#
# In the first piece of tissue we search each network for the channel most like the membranes,
# by correlation. Then comes the test: the same channel in eight **other** pieces. We need it
# because the best of many is partly best by luck, which doesn't repeat itself. Guess for the
# 16 channels of the top level and the 256 of the bottleneck: who is ahead? (An arrow leads from
# the first piece to the mean of the others.)

# %% id="best-channel" tags=["fragment", "output"]
walls, chosen = 1 - labels[:9], {"contract.0": [], "contract.4": []}
for layer, pairs in chosen.items():
    for network in [trained, *untrained]:
        # (9 pieces, channels)
        found = correlation(inspection.record(network, images[:9], layer), walls)
        best = found[0].argmax()  # chosen in the first piece, tested in the others
        pairs.append((found[0, best].item(), found[1:, best].mean().item()))
    arrows = [f"{first:.2f} → {others:.2f}" for first, others in pairs]
    print(f"{layer}: trained {arrows[0]}, untrained", " · ".join(arrows[1:]))

# %% id="best-channel-claim" tags=["claim"]
top, bottom = ([others for _first, others in pairs] for pairs in chosen.values())
assert all(0.4 < others < 0.6 for others in top) and top[0] < max(top[1:])
assert all(first > 0.3 for first, _others in chosen["contract.4"])
assert max(bottom[1:]) < 0.2 < 0.4 < bottom[0]

# %% [markdown] id="read-best" tags=["slide"]
# At the **top**, every untrained network has a "membrane channel" about as good as the trained
# one's, and it holds in new tissue. Membranes are dark, and among sixteen random 3 × 3 filters
# some respond to dark. So such a picture doesn't show that anything was learned.
#
# In the **bottleneck** the untrained networks have one, too, in the piece where we searched. In
# the others hardly anything is left of it, because the best of 256 is good by luck. The trained
# network's channel holds.

# %% [markdown] id="levels" tags=["slide"]
# ## Level by level
#
# A network may spread what it knows over many channels. So what can be read from **all**
# channels of a level together?
#
# A **linear probe** ([Alain and Bengio, 2016](https://arxiv.org/abs/1610.01644)) is a weighted
# sum of the channels, fitted to predict the answer. We fit it on ten pieces and evaluate it
# on ten others by **R²**: 1 is perfect, 0 is no better than a constant. What it can't read is
# **not linearly readable** at that level, though it may still be present in another form.

# %% id="three-questions"
levels = [f"contract.{i}" for i in range(5)] + [f"expand.{i}" for i in (3, 2, 1, 0)]
pixels = torch.randint(128, (20, 500, 2), generator=torch.Generator().manual_seed(0))
regions = [components(t.labels[0]) for t in tissues]  # numbered; 0 is membrane
areas = np.stack([np.bincount(r.ravel())[r] for r in regions])  # of the region of each pixel
wanted = {"edges": edge_strength(images)[:, 0], "membrane": 1 - labels[:, 0]}
wanted["region"] = torch.from_numpy(areas).float().log()
which = torch.arange(20)[:, None]
at = {name: values[which, pixels[..., 0], pixels[..., 1]] for name, values in wanted.items()}

# %% [markdown] id="level-prediction" tags=["slide"]
# We ask three questions, at 500 pixels of each piece:
#
# - **edges**: how fast does the grey value change here? That needs no understanding;
# - **membrane**: is this pixel membrane, according to the labels?
# - **region**: if it's inside, how large is the region around it (the logarithm of its area)?
#
# Before you go on, draw three curves over the nine levels, for this network and for an
# untrained one.

# %% id="read-out"
old = (which < 10).expand(20, 500)
asked = {name: torch.ones_like(old) for name in wanted}  # all pixels,
asked["region"] = at["membrane"] == 0  # but for this question those inside
scores = {name: [] for name in wanted}
for network in [trained, *untrained]:
    found = features_at(network, images, levels, pixels)  # level -> (20, 500, channels)
    for name, y in at.items():
        fit, judge = asked[name] & old, asked[name] & ~old
        scores[name] += [[readout(f[fit], y[fit], f[judge], y[judge]) for f in found.values()]]
scores = {name: np.array(rows) for name, rows in scores.items()}  # (6 networks, 9 levels)

# %% id="read-out-figure" tags=["slide"]
figure, axes = plt.subplots(1, 3, figsize=(11, 3.3), sharey=True, layout="constrained")
for axis, (name, rows) in zip(axes, scores.items(), strict=True):
    axis.fill_between(range(9), rows[1:].min(0), rows[1:].max(0), alpha=0.3, label="untrained")
    axis.plot(rows[0], "o-", color="C1", label="trained")
    axis.set(title=name, ylim=(-0.4, 1), xlabel="level: contract, then expand", ylabel="R²")
    axis.set_xticks(range(9), [0, 1, 2, 3, 4, 3, 2, 1, 0])
axes[0].legend()
described(figure, "09.read_out_figure")

# %% [markdown] id="one-more"
# Is the trained network more than a sixth untrained one? Five values have a mean and a
# **standard deviation**, which says how far they typically lie from it. By Student's t,
# another untrained network would lie within 2.78 · √(1 + 1/5) standard deviations of the mean
# 19 times out of 20. Inside that range **no difference was detected**: not settled. Below,
# their range is in brackets.
#
# With 27 questions one or two lie outside by luck. To make all 27 hold together (lesson 10
# explains how), the factor 2.78 becomes 7.32. So trust the large differences only.

# %% id="found-or-not"
beyond = {}
for name, rows in scores.items():
    middle, spread = rows[1:].mean(0), rows[1:].std(0, ddof=1)
    beyond[name] = np.abs(rows[0] - middle) > 2.78 * (1 + 1 / 5) ** 0.5 * spread
    for place, (level, (one, *five)) in enumerate(zip(levels, rows.T, strict=True)):
        verdict = "" if beyond[name][place] else "not detected"
        print(f"{name:8} {level:10} {one:5.2f} ({min(five):.2f} to {max(five):.2f}) {verdict}")

# %% [markdown] id="read-levels" tags=["slide"]
# **Edges** can be read at the top, with an R² of nearly 0.5. Towards the bottleneck it falls
# to 0: there they are not linearly readable. **Region** does the opposite: nothing at the
# top, about 0.6 in the bottleneck. Along the expansive path region fades, and
# **membrane**, which the network was trained for, grows to about 0.7.
#
# And the untrained networks? Their edges fade with depth, too, so that part is geometry and not
# learning: pooling throws positions away. At levels 3 and 4 no difference was detected for
# edges, nor for membrane at the top.

# %% id="level-claims" tags=["claim"]
from scipy import stats

edges, membrane, region = scores.values()
assert 0.4 < edges[0, 0] < 0.5 and abs(edges[0, 4]) < 0.1
assert (edges[1:, 0] > edges[1:, 4] + 0.1).all()  # depth alone does it
assert not beyond["edges"][3:5].any() and not beyond["membrane"][0]
assert abs(region[0, 0]) < 0.1 and 0.55 < region[0, 4] < 0.65 and region[1:].max() < 0.2
assert beyond["region"][4:6].all() and region[0, 8] < region[0, 5]
far = {n: np.abs(r[0] - r[1:].mean(0)) / r[1:].std(0, ddof=1) for n, r in scores.items()}
far = {n: distances / (1 + 1 / 5) ** 0.5 for n, distances in far.items()}
assert round(float(stats.t.ppf(1 - 0.05 / 27 / 2, 4)), 2) == 7.32  # Bonferroni, 27 questions
assert min(far["region"][4:]) > 7.33 and min(far["membrane"][5:]) > 7.33
assert 0.65 < membrane[0, 8] < 0.75 and membrane[1:, 4:].max() < 0.3

# %% [markdown] id="dead"
# But region can't be read from an untrained network at any depth, although its pixels see just
# as far. **To see far is not to know.** Nor can membrane be read well on an untrained expansive
# path. Both findings are large enough to hold for all 27 questions together.
#
# ## Silent channels
#
# A ReLU whose inputs are all negative returns 0 for every pixel of every image. No gradient
# passes through it, so training can't repair it: the channel is **dead**. Other channels are
# stuck at another number. Both kinds cost time and say nothing about the image.

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
# Stuck? Type `hint("09.dead_channels")`. Now a test whose result we know. In a copy
# we kill two channels: batch norm gets the factor 0 and a bias, negative for
# one channel and positive for the other. Will both be found? And does the network have dead
# channels of its own?

# %% id="find-the-planted"
from unet_teach.lessons.l09_look_inside import exercises  # the course's answers

patient = copy.deepcopy(trained)
norm = patient.contract[1][4]  # a ReLU follows
with torch.no_grad():
    norm.weight[[5, 11]] = 0
    norm.bias[[5, 11]] = torch.tensor([-1.0, 0.5])
found = exercises.dead_channels(inspection.record(patient, images[:4], "contract.1"))
own = [exercises.dead_channels(m) for m in record_all(trained, images[:4], levels).values()]
print("planted, found again:", found, "· its own, by level:", own)

# %% id="find-the-planted-claim" tags=["claim"]
assert found == [5, 11] and not any(own)

# %% [markdown] id="riddle" tags=["slide"]
# ## Which layer is it?
#
# Here are five pictures from inside the trained network, each with one colour scale for all its
# channels, four of which are shown. Which come from the top, which from deep down, which from
# the expansive path? Which were taken before a ReLU?

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
#   a shape, but no two give equal pictures.
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
# Stuck? Type `hint("09.name_layers")`. And our five? The solution chooses from all layers
# inside four blocks. (A block returns what its last layer returns.)

# %% id="riddle-answer"
blocks = ("contract.0.", "contract.3.", "expand.2.", "expand.0.")
names = [name for name in inspection.layer_names(trained) if name.startswith(blocks)]
named = exercises.name_layers(trained, piece, names, pictures)
print(dict(zip("ABCDE", named, strict=True)))

# %% id="riddle-answer-claim" tags=["claim"]
assert named == answers and len(names) == 24

# %% [markdown] id="your-own"
# ## Your own network
#
# The viewer takes **any** `nn.Module` with the input that it expects: `viewer(model, x)`. So
# you can look into your own U-Net once you have trained it. With `checkpoints=`, its weights
# at earlier times, you see its feature maps form step by step.
#
# The next one is difficult on purpose: its ReLU is shared and works in place, and it returns
# a dictionary.


# %% id="any-module"
class Nasty(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.relu = nn.Conv2d(3, 6, 3), nn.ReLU(inplace=True)
        self.again, self.head = nn.Conv2d(6, 6, 3, stride=2), nn.Linear(6, 4)

    def forward(self, x):
        x = self.relu(self.again(self.relu(self.conv(x))))
        return {"maps": x, "classes": self.head(x.mean((2, 3)))}


nasty, colours = Nasty(), torch.rand(1, 3, 40, 60)
print(list(record_all(nasty, colours)))
viewer(nasty, colours)

# %% id="any-module-claim" tags=["claim"]
assert "relu (2)" in record_all(nasty, colours)

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# A paper shows four beautiful feature maps of a deep layer. The caption says "the network has
# learned to detect mitochondria". What do you ask its authors?
#
# <details><summary>One answer</summary>
#
# How many channels did you look at, who chose these four, and do they hold in other images?
# Is there one colour scale for all, and what do its ends mean? What does an untrained network
# show, with several seeds? How many trained ones did you look at? A number says more than a
# picture: how well can mitochondria be read on new tissue, at each level? And even then, what
# is readable need not be used. Silence the channel and see whether the result changes.
#
# </details>

# %% [markdown] id="pair-closes" tags=["slide"]
# ## The pair, as it stands now
#
# Let's ask that last question about our pair. We sort the channels of the last level by how
# well they match the wall, bright or dark, and set the feature maps of some to 0. (The
# cell uses your `record` if exercise 1 passed.)
#
# When will the two neurons run together: without the best channel, the six best, or the twelve
# worst?

# %% id="pair-silenced" tags=["fragment", "output"]
wall = 1 - torch.from_numpy(pair.crop(ground_truth)).float()[None, None]
likeness = correlation(mine("record").record(trained, crop, "expand.0"), wall)[0].abs()
order = likeness.argsort(descending=True).tolist()  # the channel most like the wall first


def without(channels):
    edits = [["expand.0.5", channel, 0] for channel in channels]
    return traced(trained, crop, edits).output.softmax(dim=1)[0, 1].numpy() > 0.5


silent = {f"channel {order[0]}": order[:1], "6 best": order[:6], "12 worst": order[4:]}
volume = Volume([micrograph] * 30, [ground_truth] * 30, "synthetic membranes (seed 0)")
pair_figure(volume, {f"without {which}": without(few) for which, few in silent.items()})

# %% id="pair-silenced-claim" tags=["claim"]
verdicts = [pair.verdict(without(few), pair.crop(ground_truth)) for few in silent.values()]
assert verdicts == ["apart", "merged", "apart"]
for level in ("contract.0.5", "expand.0.5"):  # whichever one is silenced
    for channel in range(16):
        found = traced(trained, crop, [[level, channel, 0]]).output
        inside = (found[0, 1] > found[0, 0]).numpy()
        assert pair.verdict(inside, pair.crop(ground_truth)) == "apart"

# %% [markdown] id="pair-closes-read" tags=["fragment"]
# No single channel of this level is indispensable: whichever one you silence, the neurons
# stay apart. Without the six best they run together, through gaps in the walls around them;
# without the twelve worst they don't. So several channels know the wall together, in this
# network and at this level.
#
# But how good is that wall? Lesson 10 finds a number.

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - recorded layers with a hook and a copy, and took the hook off again;
# - saw noise turn into structure, and untrained networks that looked meaningful;
# - measured each level: edges at the top, regions in the bottleneck, membranes on the expansive
#   path. [The paper](https://arxiv.org/abs/1505.04597): "in the upsampling part we have also a
#   large number of feature channels, which allow the network to propagate context information
#   to higher resolution layers". In our numbers that is `scores["region"][0, 5]`, read
#   on the first level of the expansive path;
# - found dead channels, and silenced others to see what the network needs.
