# %% [markdown] id="title" tags=["slide"]
# # 09 · Look inside
#
# The network works. What do its layers answer to? Pictures of its maps are easy to make, and
# easier to misread. Today you look into a trained network, and keep an untrained one beside it.
#
# ![](assets/lessons/09_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - record what any layer of any network gives, with a hook;
# - read feature maps honestly: mind the colour scale, the untrained network, new tissue;
# - measure what each level of the U tells of edges and of regions.
#
# **Time** about 50 minutes · **Before** lessons 02 and 08 · **Needs** no GPU, no data

# %% id="setup"
import copy

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from unet_teach import inspection
from unet_teach.data.membranes import synthetic_membranes
from unet_teach.data.volume import standardise
from unet_teach.exercises import check, hint, solution
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
from unet_teach.metrics import components
from unet_teach.models.pretrained import pretrained
from unet_teach.models.unet import UNet

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="tissue" tags=["slide"]
# ## Two networks, twenty tissues
#
# The trained network is the course's own. It learned from synthetic membranes, and never saw
# the twenty pieces of tissue here. Beside it stand **five** untrained networks of the same
# form, with He's first weights and a seed each. Why five? One untrained network could be an odd
# one. Of the trained kind we have only one: keep that in mind.

# %% id="networks-and-tissue"
trained, untrained = pretrained("membranes"), []
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
# A network hands its maps from layer to layer and forgets them. A **forward hook** is your
# own function that torch calls whenever a layer is done, with the layer, its inputs and its
# output. `register_forward_hook` hangs it up and gives you a handle to take it off again.
#
# ### Exercise 1 (easy): record a layer
#
# Return what one layer gives when the model, which is in eval mode, runs on the whole batch x.
# The layer's name is a path such as `contract.0.4`. Leave no hook of yours behind, and leave
# those of others where they are. And beware: the course's ReLUs work **in place**, they
# overwrite what they are given.


# %% id="exercise-record" tags=["fragment"]
def record(model, x, layer):
    """The output of the layer of this name; of its last run, where it runs several times."""
    # SOLUTION: exercises.record


# %% id="check-record"
check("09.record", record)

# %% [markdown] id="clone"
# Stuck? `hint("09.record")`. How much does the copy matter? `contract.0.4` is a batch norm,
# and an in-place ReLU follows. What is the least number that we keep with `clone()`, and
# without?

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
# Without a copy we kept the batch norm's memory, and the ReLU wrote its zeros into it.
#
# ## Look
#
# The whole network with its maps. Predict, then try:
#
# 1. Open the boxes on the way down. In which can you recognise the tissue? And with
#    *untrained* chosen?
# 2. Open the bottom. How much of the input does a pixel see there?
# 3. Cut a skip ✂. Where in the output will you see it? Which skip matters most?
#
# {{twin: viewer}}

# %% id="explore" tags=["slide"]
tissue = tissues[0]
viewer(image=tissue.images[0], labels=tissue.labels[0], pixel=(64, 64))

# %% [markdown] id="fields"
# The frame on the image is measured, as in lesson 02: a copy of the network with positive
# weights, and one gradient. Here are the widths on the way down, on an image of 256 × 256. A
# pixel at the bottom sees 140 × 140, more than our pieces of tissue have.

# %% id="measured-fields"
fields = Fields(trained, torch.zeros(1, 1, 256, 256))
boxes = [fields.box(f"contract.{level}", 128 >> level, 128 >> level) for level in range(5)]
widths = [bottom - top + 1 for top, bottom, _left, _right in boxes]
print(widths)

# %% id="measured-fields-claim" tags=["claim"]
assert widths == [5, 14, 32, 68, 140]

# %% [markdown] id="honest-scale" tags=["slide"]
# ## Read honestly, 1: the colour scale
#
# A picture needs colours, so numbers are stretched from dark to light. With **one scale each**
# every channel uses all shades, however little it has to say. To see it, we replace channel 3
# by noise, a thousand times weaker than the others. How many of the 32 shades will it use?

# %% id="noise-becomes-structure" tags=["slide"]
maps = inspection.record(trained, images[:1], "contract.0")[0]
maps[3] = 0.001 * maps.max() * torch.rand(128, 128)
low, high = maps.amin((1, 2)).numpy(), maps.amax((1, 2)).numpy()
one_each = shades(maps.numpy(), low, high)
for_all = shades(maps.numpy(), np.full(16, low.min()), np.full(16, high.max()))
figure, axes = plt.subplots(1, 2, figsize=(9, 4.6), layout="constrained")
for axis, picture, name in zip(axes, (one_each, for_all), ("each", "for all"), strict=True):
    axis.imshow(coloured(montage(picture)[0]))
    axis.set(title=f"one colour scale {name}", xticks=[], yticks=[])
used = [len(np.unique(picture[3])) for picture in (one_each, for_all)]
print("shades that channel 3 uses:", used)
described(figure, "09.noise_becomes_structure")

# %% id="noise-becomes-structure-claim" tags=["claim"]
assert used == [32, 1]

# %% [markdown] id="scale-hides"
# All 32 with a scale of its own, a single one beside the others. A texture appears where there
# is nothing but noise.
#
# A scale each also **hides**. Batch norm multiplies each channel by a number and adds another
# one. Stretch each channel for itself, and what batch norm did is gone:

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
# "Channel 7 has learned to find membranes." Has it **learned** to? In the first piece of tissue
# we search, in each network, for the channel that is most like the membranes: the largest
# correlation. Then comes the test: the same channel in eight **other** pieces. Guess for the
# top level, and for the 256 channels at the bottom: who is in front, trained or untrained?


# %% id="best-channel" tags=["fragment", "output"]
walls, chosen = 1 - labels[:9], {"contract.0": [], "contract.4": []}
for layer, pairs in chosen.items():
    for network in [trained, *untrained]:
        # (9 pieces, channels)
        found = correlation(inspection.record(network, images[:9], layer), walls)
        best = found[0].argmax()  # chosen in the first piece, tested in the others
        pairs.append((found[0, best].item(), found[1:, best].mean().item()))
    # The trained network, then the five untrained: first piece → mean of the others.
    print(layer, " · ".join(f"{first:.2f} → {others:.2f}" for first, others in pairs))
top, bottom = ([others for _first, others in pairs] for pairs in chosen.values())

# %% id="best-channel-claim" tags=["claim"]
assert all(0.4 < others < 0.6 for others in top) and top[0] < max(top[1:])
assert all(first > 0.3 for first, _others in chosen["contract.4"])
assert max(bottom[1:]) < 0.2 < 0.4 < bottom[0]

# %% [markdown] id="read-best" tags=["slide"]
# At the **top**, every untrained network has a "membrane channel", no worse than the trained
# one's, and it holds in new tissue. No difference was found: membranes are dark, and some
# random 3 × 3 filters answer to dark. Such a picture proves no learning.
#
# At the **bottom**, untrained networks have one, too, in the piece where we searched. In others
# hardly anything is left of it: the best of 256 is good by luck. The trained one holds.

# %% [markdown] id="levels" tags=["slide"]
# ## Level by level
#
# One channel is not a level. A fairer question: what can be read from **all** channels of a
# level together? A *linear read-out* is a weighted sum of the channels, fitted on ten pieces
# and judged on ten others by R²: 1 is perfect, 0 is no better than a constant.

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
# The three questions, at 500 pixels of each piece:
#
# - **edges**: how fast does the grey change here? No meaning needed;
# - **membrane**: is this a membrane, as the labels have it?
# - **region**: if inside, how large is the region around me (logarithm of its area)? Pixels of
#   one region share one answer.
#
# Draw three curves over the nine levels, down the U and up again, before you go on. Then the
# same for an untrained network.

# %% id="read-out"
old = (which < 10).expand(20, 500)
asked = {"edges": old | True, "membrane": old | True, "region": at["membrane"] == 0}
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
    axis.set(title=name, ylim=(-0.4, 1), xlabel="level: down, then up", ylabel="R²")
    axis.set_xticks(range(9), [0, 1, 2, 3, 4, 3, 2, 1, 0])
axes[0].legend()
described(figure, "09.read_out_figure")

# %% [markdown] id="one-more"
# Is the trained network more than one more untrained one? Five values have a mean and a
# spread; by Student's t the next one would lie, 19 times of 20, within 2.78 · √(1 + 1/5)
# spreads of the mean. Inside of that we found **no difference**. With 27 questions one or two
# will lie outside by luck: trust the large differences only.

# %% id="found-or-not"
beyond = {}
for name, rows in scores.items():
    middle, spread = rows[1:].mean(0), rows[1:].std(0, ddof=1)
    beyond[name] = np.abs(rows[0] - middle) > 2.78 * (1 + 1 / 5) ** 0.5 * spread
    for place, level in enumerate(levels):
        verdict = "" if beyond[name][place] else "\n    no difference found"
        others = f"{rows[1:, place].min():5.2f} to {rows[1:, place].max():5.2f}"
        print(f"{name:8} {level:10} {rows[0, place]:5.2f}, untrained {others}{verdict}")

# %% [markdown] id="read-levels" tags=["slide"]
# **Edges** are read at the top and lost on the way down: R² nearly 0.5, then 0.
# **Region** is the mirror image: nothing at the top, about 0.6 at the bottom. On the way up the
# region fades and **membrane** grows, to about 0.7: what the network was trained for.
#
# And the untrained networks? Their edges fade with depth, too. That part is geometry, not
# learning: poolings throw places away. At levels 3 and 4 no difference was found, and none for
# membrane at the top. But regions no untrained network knows, at any depth, though its pixels
# see as far. **To see far is not to know.** Nor does any of them recover the membranes on the
# way up.

# %% id="level-claims" tags=["claim"]
edges, membrane, region = scores.values()
assert 0.4 < edges[0, 0] < 0.5 and abs(edges[0, 4]) < 0.1
assert (edges[1:, 0] > edges[1:, 4] + 0.1).all()  # depth alone does it
assert not beyond["edges"][3:5].any() and not beyond["membrane"][0]
assert abs(region[0, 0]) < 0.1 and 0.55 < region[0, 4] < 0.65 and region[1:].max() < 0.2
assert beyond["region"][4:6].all() and region[0, 8] < region[0, 5]
assert 0.65 < membrane[0, 8] < 0.75 and membrane[1:, 4:].max() < 0.3

# %% [markdown] id="dead" tags=["slide"]
# ## Silent channels
#
# A ReLU whose inputs are always negative gives 0 for every pixel of every image. No gradient
# comes through it, so it stays as it is: the channel is **dead**. Others are stuck at one
# number. Both cost time and tell nothing.
#
# ### Exercise 2 (core): find the dead
#
# Given the maps (B, C, H, W) of a batch: which channels say the same whatever they are shown?
# Dead is a channel that holds **one number**, for all pixels of all images. If one pixel
# differs, however little, it is alive. Return a list of channel numbers.


# %% id="exercise-dead-channels" tags=["fragment"]
def dead_channels(maps):
    """Numbers of the channels that never change, in order."""
    # SOLUTION: exercises.dead_channels


# %% id="check-dead"
check("09.dead_channels", dead_channels)

# %% [markdown] id="planted"
# Stuck? `hint("09.dead_channels")`. We plant two in a copy of the trained network: batch norm
# gets the factor 0 and a bias, below 0 for one channel, above for the other. Does the trained
# network have dead channels of its own?

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
# Five pictures from inside the trained network, one colour scale for each picture. Four
# channels of each are shown. Which are from the top, which from deep down, which from the way
# up? Which is before a ReLU, which after?

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
# Let the machine do it. Given the model, the image, the names that come into question, and
# pictures (1, C, H, W), each stretched to 0 … 1 with one scale for all its channels: name the
# layer of each. You may use `inspection.record(model, x, name)`. Two pictures may be of one
# layer, but no two of the names give equal pictures.


# %% id="exercise-name-layers"
def name_layers(model, x, names, pictures):
    """The name of the layer of each picture, in the order of the pictures."""
    # SOLUTION: exercises.name_layers


# %% id="check-name"
check("09.name_layers", name_layers)

# %% [markdown] id="riddle-solved"
# Stuck? `hint("09.name_layers")`. And the five? In question are the parts of four blocks.
# The blocks themselves are not: a block gives what its last part gives.

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
# The viewer takes **any** `nn.Module`, with the input that it takes: `viewer(model,
# x)`, and `checkpoints=` for its weights at earlier times. Here is one that is nasty on
# purpose. Its ReLU is shared and works in place, and it gives a dictionary.


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
# A paper shows four beautiful maps of a deep layer, under the words "the network has learned
# to detect mitochondria". What do you ask its authors?
#
# <details><summary>One answer</summary>
#
# How many channels were looked at, and who chose the four? In which images were they chosen,
# and do they hold in others? Is it one colour scale for all, and what do its ends mean? What
# does an untrained network show, with several seeds? How many trained ones were looked at?
# A number answers better than a picture: how well can mitochondria be read out on new tissue,
# at each level? And even then: to be readable is not to be used. Silence the channel, and see
# whether the result changes.
#
# </details>

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - recorded layers with a hook, with a copy, and took the hook off again;
# - saw noise become structure with a colour scale each, and untrained networks that looked
#   meaningful;
# - measured the levels: edges at the top, regions at the bottom, membranes on the way up. The
#   paper: "in the upsampling part we have also a large number of feature channels, which allow
#   the network to propagate context information to higher resolution layers". In our numbers
#   that is `region[0, 5]`, the region read on the first level of the way up;
# - found dead channels, and named layers from their pictures.
