# %% [markdown] id="title" tags=["slide"]
# # 16 · Beyond U-Net
#
# Some variants of U-Net, such as U-Net++ and UNet 3+, mainly change which feature map goes
# where. Here you find out what such changes cost.
#
# ![](assets/lessons/16_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - read U-Net++ and UNet 3+ as U-Nets with other connections, and say what a connection
#   costs;
# - explain deep supervision, and cut a network down to one of its outputs;
# - train on a folder of your own images, and adapt pictures from another microscope.
#
# **Time** about 55 minutes · **Prerequisites** lessons 07 and 14 · **Needs** no GPU, no
# data

# %% id="setup"
import tempfile
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from unet_teach.config import SkipGraph
from unet_teach.data import Volume
from unet_teach.data.membranes import membrane_slice
from unet_teach.drawing.intervals import interval_picture, primary_answers
from unet_teach.drawing.pair import coloured, pair_figure, the_pair
from unet_teach.exercises import check, hint, mine, solution
from unet_teach.exercises.assembled import Practice, Small
from unet_teach.lessons.described import described
from unet_teach.lessons.l16_beyond import measure
from unet_teach.lessons.l16_beyond.panel import skip_graph
from unet_teach.lessons.l16_beyond.picture import three_networks
from unet_teach.metrics import score
from unet_teach.tiling import predict
from unet_teach.training import iou_by_class, train

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="pair-opens"
# ## The pair so far
#
# A U-Net keeps our two neurons apart. Can a smaller network with other connections do it,
# too?

# %% id="pair-so-far"
from unet_teach.models.pretrained import pretrained

our_pair, (micrograph, labels) = the_pair("synthetic membranes (seed 0)"), membrane_slice(29)
volume = Volume([micrograph] * 30, [labels] * 30, "synthetic membranes (seed 0)")
pair_figure(volume, {"a U-Net": predict(pretrained("membranes"), micrograph)[1] > 0.5})

# %% [markdown] id="graph" tags=["slide"]
# ## The U as a graph
#
# Each coloured circle below is a convolution block, blue in the contracting path and orange
# elsewhere. An arrow takes a feature map **down** by pooling, **up** by upsampling, or
# along its level as a **skip**. So a network is a **graph**: the circles are its **nodes**,
# the arrows its **edges**.
#
# **[U-Net++](https://arxiv.org/abs/1807.10165)** (Zhou et al., 2018) fills U-Net's empty
# circles and connects each node with all nodes before it on its level. **[UNet
# 3+](https://arxiv.org/abs/2004.08790)** (Huang et al., 2020) leaves the circles empty.
# Instead, each of its orange nodes takes one input from every level, with equally many
# channels from each.

# %% id="three-networks"
three_networks()

# %% [markdown] id="bet-on-the-costs"
# All three networks begin with 64 channels. Which has the **fewest parameters**? And which
# does the **most work**, counted in operations?

# %% id="costs-in-numbers" tags=["slide", "output"]
three_networks(priced=True)

# %% id="costs-in-numbers-claim" tags=["claim"]
from unet_teach.config import UNetConfig
from unet_teach.shapes import trace_graph

config = UNetConfig(padding="same")  # the paper's depth 4, 64 channels at the top
graphs = {"U-Net": SkipGraph.u_net(4), "U-Net++": SkipGraph.unet_plus_plus(4)}
graphs["UNet 3+"] = SkipGraph.unet_3plus(4)
costs = {name: trace_graph(config, graph, 256) for name, graph in graphs.items()}
found = [cost.parameters for cost in costs.values()]
work = [round(cost.operations / costs["U-Net"].operations, 1) for cost in costs.values()]
assert found == [31_030_658, 36_156_866, 26_960_450] and work == [1.0, 2.5, 4.1]
assert round(1 - found[2] / found[0], 2) == 0.13 and round(found[1] / found[0], 2) == 1.17
tops = {name: cost.node((0, 4)) for name, cost in costs.items()}
assert tops["UNet 3+"].joined == tops["UNet 3+"].channels == 320 and 9 * 320**2 == 921_600
assert tops["UNet 3+"].parameters == 921_600 + 320 and tops["UNet 3+"].size == 256
assert tops["U-Net"].parameters == 110_592 + 2 * 64
lowest = {name: costs[name].node((3, 1)) for name in ("U-Net", "UNet 3+")}
assert [(node.joined, node.channels) for node in lowest.values()] == [(1024, 512), (320, 320)]

# %% [markdown] id="parameters-are-not-work"
# UNet 3+ has the **fewest parameters**, 13 % fewer than U-Net, mainly because its lowest
# orange node joins 320 channels instead of 1,024 and makes 320 instead of 512. But it does
# the **most work**, 4.1 times as many operations as U-Net, mainly in its topmost orange
# node, which joins 5 × 64 = 320 channels. There a 3 × 3 convolution from 320 to 320
# channels has 921,600 weights, and each is used at every pixel at full size.
#
# The UNet 3+ abstract says that UNet 3+ "can reduce the network parameters to improve the
# computation efficiency". Our count shows fewer parameters but more work, so ask which was
# counted. (Ours has neither the paper's hybrid loss nor its classification-guided module.)

# %% [markdown] id="predict-the-graph"
# The panel opens with a U-Net of depth 3. Drag from node to node to add an arrow; click an
# arrow to remove it. Predict, then try:
#
# 1. Remove the topmost skip, X0,0 → X0,3. Which numbers change? (X0,3, or $X^{0,3}$, is the
#    node on level 0, in column 3.)
# 2. Now remove X1,2 → X0,3, too. After which of the two removals does the network break?
# 3. Put both back. What happens if you draw an arrow from X0,3 back to X1,2?
#
# {{twin: skip_graph}}

# %% id="explore" tags=["slide"]
skip_graph()

# %% id="explored-in-numbers" tags=["claim"]
panel = skip_graph()
counted = {}
for kind in ("u_net", "unet_plus_plus", "unet_3plus"):
    panel.set(kind=kind, depth=4, base=64)
    counted[kind] = panel.answer["parameters"], panel.answer["operations"]
assert max(counted, key=lambda kind: counted[kind][0]) == "unet_plus_plus"
assert max(counted, key=lambda kind: counted[kind][1]) == "unet_3plus"
panel.set(**panel.first | {"edited": [[0, 0, 0, 3]]})
assert "costs 9,216 parameters" in panel.answer["because"]
assert panel.problem == ""  # one input is left
panel.set(edited=[[0, 0, 0, 3], [1, 2, 0, 3]])
assert panel.problem.startswith("X0,3 has no input")
panel.ask("Can an arrow point back?")
assert "is a loop" in panel.problem

# %% [markdown] id="in-code"
# The topmost skip brings 32 channels to a 3 × 3 convolution with 32 outputs. So removing it
# saves 9 · 32 · 32 = 9,216 weights, and their operations. The U-Net breaks only when X1,2 →
# X0,3 is removed, too, because X0,3 then has no input. An arrow back to X1,2 closes a
# **cycle** (loop): each of its two nodes would have to wait for the other.
#
# In code, `SkipGraph` lists the arrows. Which nodes does X0,3 take as inputs in a U-Net of
# depth 3? And in U-Net++?

# %% id="inputs-of-a-node"
plain, dense = SkipGraph.u_net(3), SkipGraph.unet_plus_plus(3)
print("U-Net:   X0,3 takes", plain.inputs((0, 3)))
print("U-Net++: X0,3 takes", dense.inputs((0, 3)))

# %% id="inputs-of-a-node-claim" tags=["claim"]
assert plain.inputs((0, 3)) == ((0, 0), (1, 2))
assert dense.inputs((0, 3)) == ((0, 0), (0, 1), (0, 2), (1, 2))

# %% id="three-edits-claim" tags=["claim"]
edits = [
    lambda: plain.remove((0, 0), (0, 3)),  # the topmost skip
    lambda: dense.remove((1, 0), (1, 1)).remove((2, 0), (1, 1)),  # all that X1,1 takes
    lambda: dense.add((0, 2), (1, 1)),  # an arrow back
]
said = []
for edit in edits:
    try:
        said.append(f"works, {len(edit().edges)} edges")
    except ValueError as error:
        said.append(f"refused: {error}")
assert "8 edges" in said[0] and "into (1, 1)" in said[1] and "cycle" in said[2]

# %% [markdown] id="exercise-1" tags=["slide"]
# In U-Net++, X0,3 also takes X0,1 and X0,2.
#
# ### Exercise 1 (easy): parameters from the graph
#
# How many parameters do a node and the edges into it have? The node concatenates what its
# edges bring and runs a `DoubleConv`: two 3 × 3 convolutions with `width = base * 2**i`
# outputs on level i. All convolutions and up-convolutions have biases.
#
# | edge | brings | parameters |
# |---|---|---|
# | skip | `width` channels | none |
# | down | half of `width` | none (pooling) |
# | up | `width` channels | a 2 × 2 up-convolution, 2 · `width` to `width` |
# | no edge | the image, 1 channel | none |
#
# - **In**: `graph`, a `SkipGraph` with such edges only; `node`, a tuple (level, column);
#   `base`, a positive whole number, the channels on level 0.
# - **Out**: a whole number.
# - **Example**: node (0, 0) with base 1: 9 + 1 parameters in each convolution, so 20.


# %% id="exercise-node-parameters" tags=["fragment"]
def node_parameters(graph, node, base):
    """Parameters of a node and of the edges into it; graph.inputs(node) lists them."""
    # SOLUTION: exercises.node_parameters


# %% id="check-parameters"
check("16.node_parameters", node_parameters)

# %% [markdown] id="sum-of-nodes"
# Stuck? `hint("16.node_parameters")`.
#
# Now add up the parameters of all nodes and edges, and of the output's 1 × 1 convolution.
# Do you get the 31,030,658 of the paper's U-Net?

# %% id="sum-is-the-network"
from unet_teach.lessons.l16_beyond import exercises  # the course's answers

passed = check("16.node_parameters", node_parameters).passed
count, whose = exercises.node_parameters, "the course's"
if passed:
    count, whose = node_parameters, "your own"
for name, preset in (("U-Net", SkipGraph.u_net), ("U-Net++", SkipGraph.unet_plus_plus)):
    graph = preset(4)
    total = sum(count(graph, node, 64) for node in graph.order)
    total += 64 * 2 + 2  # the head: 64 channels to 2 classes
    print(f"{name:8} {total:,} parameters, by {whose} count")

# %% id="sum-is-the-network-claim" tags=["claim"]
from unet_teach.models import NestedUNet, count_parameters

small = UNetConfig(padding="same", base_channels=4, depth=3)
for name in ("U-Net", "U-Net++"):
    graph = graphs[name]
    total = sum(exercises.node_parameters(graph, node, 64) for node in graph.order)
    assert total + 64 * 2 + 2 == costs[name].parameters
assert count_parameters(NestedUNet(small, dense)) == trace_graph(small, dense, 64).parameters

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): one dense skip
#
# Concatenate the inputs of $X^{i,j}$ in U-Net++ along the channels: first $X^{i,0}$ …
# $X^{i,j-1}$, in this order, then $X^{i+1,j-1}$ from below, enlarged to twice its height
# and width. In place of the up-convolution, use `F.interpolate(…, scale_factor=2)`, which
# has no weights, in its default mode.
#
# - **In**: `maps`, a dictionary from (level, column) to a float tensor (B, C, H, W); it
#   also contains later nodes, and its order is arbitrary. Also `i` and `j`, the node's
#   level and column, j at least 1.
# - **Out**: a tensor (B, C, H, W), where H and W are level i's and C is the sum of the
#   joined channels.
# - **Example**: with 1 channel on level 0 and 2 on level 1, $X^{0,2}$ joins 1 + 1 + 2 = 4
#   channels.


# %% id="exercise-dense-input" tags=["fragment"]
def dense_input(maps, i, j):
    """The joined maps (B, C, H, W) that node (i, j) convolves."""
    # SOLUTION: exercises.dense_input


# %% id="check-dense-skip"
check("16.dense_input", dense_input)

# %% [markdown] id="deep-supervision" tags=["slide"]
# Stuck? `hint("16.dense_input")`.
#
# ## One training, three networks
#
# Level 0 of a U-Net++ of depth 3 contains several feature maps at full size. **Deep
# supervision** puts a 1 × 1 convolution, a **head**, on each of $X^{0,1}$ … $X^{0,3}$ and
# trains on the mean of the heads' losses, so that each head learns to segment.
#
# An early head needs only the nodes that lead to it. **Pruning** cuts off the rest. The
# smaller network needs no further training, because its head was trained, too.

# %% id="what-a-head-needs-claim" tags=["claim"]
from unet_teach.models import UNetPlusPlus

shares = {}
for column in (1, 2, 3, 4):
    cut = trace_graph(config, replace(graphs["U-Net++"], heads=((0, column),)), 256)
    shares[column] = round(cut.parameters / costs["U-Net++"].parameters, 3)
assert shares == {1: 0.011, 2: 0.056, 3: 0.244, 4: 1.0}
model = UNetPlusPlus(small, deep_supervision=True)
image, target = torch.randn(2, 1, 32, 32), torch.randint(0, 2, (2, 32, 32))
heads = model.train()(image)
assert all(F.cross_entropy(logits, target).isfinite() for logits in heads)
evaluated = model.eval()(image)
assert len(heads) == 3 and evaluated.shape == (2, 2, 32, 32)
assert torch.allclose(evaluated, torch.stack(heads).mean(0), atol=1e-5)

# %% [markdown] id="score-heads"
# We train a small U-Net++ with three heads on eight synthetic slices. Then we prune it
# after each head and look at our pair, in an unseen slice. With the first head alone, 5 %
# of the parameters and 21 % of the operations are left. What will this smallest network get
# wrong?

# %% id="prune-and-score" tags=["slide"]
place = Path(tempfile.mkdtemp())
run = train(measure.HEADS, measure.eight_slices(), place / "heads")
bare = {"layout": "constrained", "subplot_kw": {"xticks": [], "yticks": []}}
figure, axes = plt.subplots(1, 3, figsize=(9, 3.6), **bare)
pruned = {}
for axis, column in zip(axes, (1, 2, 3), strict=True):
    cut = measure.pruned(run.model, column)
    inside = predict(cut, micrograph)[1]  # (classes, H, W): 1 is inside
    pruned[column] = score(labels[None], inside[None])
    axis.imshow(coloured(our_pair, inside > 0.5, labels))
    axis.set_title(f"X0,{column}: {our_pair.verdict(inside > 0.5, labels)}")
    weights = sum(map(torch.numel, cut.parameters()))
    axis.set_xlabel(f"{weights:,} parameters, V_rand {pruned[column].v_rand:.2f}")
described(figure, "16.pruned_heads")

# %% id="prune-and-score-claim" tags=["claim"]
constant = score(labels[None], np.ones_like(inside)[None])
assert all(found.pixel_error < constant.pixel_error for found in pruned.values())
assert all(found.v_rand > constant.v_rand for found in pruned.values())
crop, answers, counts, costs_of = torch.rand(1, 1, 64, 64), [], [], []
for column in (1, 2, 3):
    cut = measure.pruned(run.model, column)
    answers.append(cut(crop))
    counts.append(count_parameters(cut))
    costs_of.append(trace_graph(cut.config, cut.graph, 256).operations)
assert torch.allclose(torch.stack(answers).mean(0), run.model.eval()(crop), atol=1e-4)
assert counts == [1_682, 8_206, 34_922] and round(counts[0] / counts[2], 2) == 0.05
assert round(costs_of[0] / costs_of[2], 2) == 0.21

# %% [markdown] id="what-the-heads-show"
# In our runs the first head kept our two neurons apart, but its V_rand was below 1: *apart*
# judges only these two neurons, whereas V_rand judges all.
#
# One run can't rank three heads, because chance may reverse their order. So we trained the
# network ten times and scored its heads on eight unseen pieces of synthetic tissue. Do the
# first and second head fall behind the last?

# %% id="heads-behind" tags=["slide", "output"]
interval_picture(measure.behind())

# %% id="heads-behind-claim" tags=["claim"]
first, second = measure.behind()
assert (round(first.mean, 3), round(first.low, 3)) == (-0.035, -0.072)
assert round(first.high, 3) == 0.003 and not first.found and not second.found
assert first.n == 10 and max(first.differences) < 0  # lower in every training
assert round(min(first.differences), 3) == -0.153 and 2 / 2**10 == 1 / 512
assert replace(first, differences=tuple(sorted(first.differences)[1:])).found  # without it

# %% [markdown] id="heads-verdict"
# **Not settled** for either head. The first head's V_rand is 0.035 below the last head's on
# average, but the difference's 95 % confidence interval (Bonferroni-corrected for two
# comparisons), −0.072 to +0.003, contains zero. That doesn't mean *equal*, because the
# first head scored lower in all ten runs. If the heads were equal, all ten differences
# would have the same sign only once in 512 experiments. The interval contains zero only
# because one run, with a difference of −0.153, widens it.

# %% id="window-claim" tags=["claim"]
seeing = measure.pruned(run.model, 1).double()
for parameter in seeing.parameters():
    parameter.data.abs_()
patches = torch.rand(8, 1, 48, 48, dtype=torch.double, requires_grad=True)
seeing(patches)[:, 1, 24, 24].sum().backward()
assert [len(set(axis.tolist())) for axis in patches.grad.sum((0, 1)).nonzero().T] == [18, 18]

# %% [markdown] id="came-after" tags=["slide"]
# ## What came after, and what held up
#
# - **3-D**: [3D U-Net](https://arxiv.org/abs/1606.06650) (Çiçek et al., 2016) and
#   [V-Net](https://arxiv.org/abs/1606.04797) (Milletari et al., 2016) segment volumes.
# - **Residual blocks** ([He et al., 2016](https://arxiv.org/abs/1512.03385)) add a block's
#   input to its output, so gradients can bypass the block.
# - **Attention** ([Attention U-Net](https://arxiv.org/abs/1804.03999), Oktay et al., 2018)
#   multiplies a skip at each pixel by a number between 0 and 1, to mute irrelevant regions.
# - **[nnU-Net](https://doi.org/10.1038/s41592-020-01008-z)** (Isensee et al., 2021) keeps a
#   plain U-Net and derives patch size, depth and preprocessing from the data.
#
# [nnU-Net Revisited](https://arxiv.org/abs/2404.09556) (Isensee et al., 2024) repeated 3-D
# comparisons, and well-configured convolutional U-Nets were still at the top. Many "recent
# claims" of better networks "fail to hold up", partly because of "inadequate baselines".

# %% [markdown] id="primary" tags=["slide"]
# ### Is U-Net++ better?
#
# The U-Net++ abstract reports that U-Net++ "with deep supervision achieves an average IoU
# gain of 3.9 and 3.4 points over U-Net and wide U-Net" (with more channels). Before our
# runs we fixed a narrower question: **without** deep supervision, are the additional nodes
# and skips worth their operations?
#
# We trained ten pairs of small networks on the ISBI micrographs. U-Net++ begins with 8
# channels and U-Net with 11, so that both do **about equally many operations**
# (`experiments/README.md`). The two of a pair see the same crops, but begin with different
# weights, because their layers differ. Will U-Net++'s V_rand be higher, equal or lower?

# %% id="primary-answers" tags=["fragment", "output"]
primary_answers(16)

# %% [markdown] id="primary-verdict"
# **U-Net++ is worse here**, if this is our only question (lesson 10): its V_rand minus
# U-Net's averages −0.004 (95 % confidence interval −0.008 to −0.001). This result holds for
# small, briefly trained networks on this tissue. It rests on five numbers, each validation
# block's mean difference (large marks), because runs on one block share slices.

# %% id="primary-claim" tags=["claim"]
from unet_teach.comparisons import answer, asked_in

main_answer = answer(asked_in(16)[0])
fifth = [d for b, d in zip(main_answer.blocks, main_answer.differences, strict=True) if b == 4]
assert len(fifth) == 2 and round(abs(fifth[0] - fifth[1]) / abs(main_answer.mean)) == 11

# %% [markdown] id="your-own"
# ## Now your own images
#
# You need a folder with `images/` and `masks/`. The next cell draws an example with three
# classes: *outside*, cells, and in each cell a nucleus.

# %% id="draw-a-folder" tags=["slide"]
folder = measure.draw_cells(place / "cells")
figure, axes = plt.subplots(2, 4, figsize=(9, 5), **bare)
for number, (above, below) in enumerate(axes.T, 1):
    above.imshow(Image.open(folder / f"images/{number}.png"), cmap="gray")
    below.imshow(Image.open(folder / f"masks/{number}_mask.png"), cmap="gray")
    above.set_title(f"images/{number}.png", fontsize=11)
    below.set_title(f"masks/{number}_mask.png", fontsize=11)
described(figure, "16.own_folder")

# %% [markdown] id="exercise-3" tags=["slide"]
# ### Exercise 3 (stretch): a folder of your own
#
# Pair images with their masks. `images_in` and `mask_of` find the files, and `read` reads
# one.
#
# - **In**: `folder`, a `Path`. Every image, such as `images/7.png`, has its mask,
#   `masks/7_mask.png`, and every mask its image. A name may contain dots:
#   `images/cell.7.png` is `"cell.7"`. Hidden files (`.name`) don't count.
# - **Out**: a dictionary, name → (image, classes), two arrays (H, W). The image is as
#   `read` returns it. `classes` holds whole numbers: the values **of all masks together**
#   are numbered 0, 1, 2, … in ascending order.
# - **Edge**: if a mask and its image differ in height or width, raise a `ValueError`.
# - **Example**: if one mask contains 0 and 255 and another 0, 128 and 255, then 255 is
#   class 2 in both.


# %% id="exercise-own-pairs"
def read(file):  # one grey picture as a uint8 array (H, W)
    return np.array(Image.open(file).convert("L"))


def images_in(folder):  # without hidden files; the name of each is file.stem
    return [f for f in (folder / "images").glob("*.png") if not f.name.startswith(".")]


def mask_of(file):
    return file.parent.parent / "masks" / f"{file.stem}_mask.png"


def own_pairs(folder):
    """A dictionary: "7" -> (image, classes), two arrays (H, W)."""
    # SOLUTION: exercises.own_pairs


# %% id="check-own-folder"
check("16.own_pairs", own_pairs)

# %% [markdown] id="load-it"
# Stuck? `hint("16.own_pairs")`.
#
# Your function loads the folder, and the next cell saves a three-valued mask as JPEG. How
# many different values will the file contain?

# %% id="load-and-jpeg"
passed = check("16.own_pairs", own_pairs).passed
load, whose = (own_pairs, "your own") if passed else (exercises.own_pairs, "the course's")
pairs = load(folder)
images, masks = zip(*(pairs[name] for name in sorted(pairs, key=int)), strict=True)
volume = Volume(list(images), [mask.astype("uint8") for mask in masks], "drawn cells")
print(f"{len(images)} images, {volume.classes} classes, by {whose} loader")
Image.open(folder / "masks/1_mask.png").save(folder / "mask.jpg")
values = len(np.unique(read(folder / "mask.jpg")))
print(f"the mask as JPEG holds {values} values")

# %% id="load-and-jpeg-claim" tags=["claim"]
from unet_teach.data import load_volume

assert volume.classes == 3 and len({i.shape for i in volume.images}) == 10 < values
library = load_volume("folder", folder)
for ours, theirs in ((volume.images, library.images), (volume.labels, library.labels)):
    assert all(map(np.array_equal, ours, theirs))

# %% [markdown] id="train-it"
# JPEG compression invents greys at edges, so keep masks as PNG.
#
# With three output channels, one for each class, we train on eight images and validate on
# two. Which class will have the highest IoU (lesson 10)?

# %% id="train-on-it"
network = replace(measure.HEADS.network, out_channels=volume.classes, base_channels=8, depth=2)
plain = {"architecture": "unet", "deep_supervision": False, "class_weights": None}
brief = replace(measure.HEADS, network=network, **plain, steps=40, size=64, fold=4)
run = train(brief, volume, place / "run")
ious = iou_by_class(run.model, volume.select([8, 9]))
image, label = volume.images[9], volume.labels[9]
classes = predict(run.model, image)  # (3, H, W), probabilities
figure, axes = plt.subplots(1, 3, figsize=(9, 5), **bare)
shown = {"image 10": image, "its mask": label, "predicted": classes.argmax(axis=0)}
for axis, (title, values) in zip(axes, shown.items(), strict=True):
    axis.imshow(values, cmap="gray" if title == "image 10" else "viridis")
    axis.set_title(title)
figure.suptitle(
    "IoU, images 9 and 10: outside {:.2f}, cell {:.2f}, nucleus {:.2f}".format(*ious)
)
described(figure, "16.predict_it")

# %% id="train-on-it-claim" tags=["claim"]
assert run.log[-1]["loss"] < run.log[0]["loss"] / 2 and min(ious) > 0.5
assert ious[0] == max(ious) and abs(ious[1] - ious[2]) < 0.05
for one in volume.labels[8:]:
    sides = [
        np.roll(np.pad(one, 1, mode="edge"), by, axis) for by in (-1, 1) for axis in (0, 1)
    ]
    edge = np.any([side[1:-1, 1:-1] != one for side in sides], axis=0)
    assert 2 < (one == 1).sum() / (one == 2).sum() < 3
    assert edge[one == 0].mean() < 0.05 < 0.2 < edge[one == 2].mean() < edge[one == 1].mean()

# %% id="predict-it-claim" tags=["claim"]
assert classes.shape == (3, *image.shape) and np.allclose(classes.sum(0), 1, atol=1e-5)

# %% [markdown] id="strangers"
# The IoUs are about 0.9 or higher! Brightness alone can hardly tell nucleus from *outside*,
# but the network also sees what surrounds a pixel, and only a nucleus is inside a bright
# ring. *Outside* has the highest IoU, because mistakes happen mostly near edges, and a
# smaller fraction of its pixels is near an edge.
#
# ### Pictures from another microscope
#
# Here are the same cells as three other microscopes might show them: with 0.3 times the
# contrast, with pixels three times as wide and high, and as a negative. On which will your
# network still work?

# %% id="other-microscopes" tags=["slide"]
strangers = measure.other_microscopes(image, label)
figure, axes = plt.subplots(2, 4, figsize=(10, 7.4), **bare)
for (above, below), (title, (seen, truth)) in zip(axes.T, strangers.items(), strict=True):
    wrong = predict(run.model, seen).argmax(axis=0) != truth
    above.imshow(seen, cmap="gray", vmin=0, vmax=255)
    above.set_title(title)
    below.imshow(wrong, cmap="Reds", vmin=0, vmax=1)
    below.set_title(f"wrong: {wrong.mean():.1%}")
described(figure, "16.other_microscopes")

# %% [markdown] id="why-they-fail"
# Weak contrast does no harm, because `predict` standardises every image first. Wide pixels
# do harm, because a nucleus that was 13 pixels wide is now only 4, and the network was
# trained on larger ones. In the negative almost everything is wrong, because the network
# has learned to look for a *bright* ring, and standardising doesn't turn dark into bright.
#
# The last two pictures can be repaired.

# %% id="repaired"
(coarse, few), (negative, _) = strangers["wide pixels"], strangers["negative"]
high, wide = coarse.shape
enlarged = np.array(Image.fromarray(coarse).resize((3 * wide, 3 * high)))
answers = {
    "enlarged three times": predict(run.model, enlarged).argmax(axis=0)[1::3, 1::3] != few,
    "255 − image": predict(run.model, 255 - negative).argmax(axis=0) != label,
}
figure, axes = plt.subplots(1, 2, figsize=(6, 4.6), **bare)
for axis, (title, wrong) in zip(axes, answers.items(), strict=True):
    axis.imshow(wrong, cmap="Reds", vmin=0, vmax=1)
    axis.set_title(f"{title}\nwrong: {wrong.mean():.1%} of the pixels")
described(figure, "16.repaired")

# %% id="repaired-claim" tags=["claim"]
rates = {
    name: (predict(run.model, seen).argmax(axis=0) != truth).mean()
    for name, (seen, truth) in strangers.items()
}
usual = (classes.argmax(axis=0) != label).mean()
assert abs(rates["weak contrast"] - usual) < 0.01 and rates["negative"] > 0.7
assert rates["wide pixels"] > 2 * answers["enlarged three times"].mean()
assert abs(answers["255 − image"].mean() - usual) < 1e-9

# %% [markdown] id="command-line"
# Your network segments the inverted negative, `255 − image`, just as well as the original,
# because inverting twice restores it exactly. It segments the enlarged picture better than
# the one with wide pixels, but worse than the original, because fine detail is gone. So
# note for each microscope how wide a pixel is, and whether cells are bright or dark.
#
# In a terminal:
#
# ```
# unet-teach train --data my_cells --folder runs/cells
# unet-teach predict runs/cells my_cells/images/10.png --out results
# ```

# %% id="run-the-commands" tags=["claim"]
from unet_teach.cli import main

kept, results = str(place / "runs"), str(place / "results")
check_tier = ["--tier", "check", "--steps", "20", "--precision", "float32"]
assert main(["train", "--data", str(folder), "--folder", kept, *check_tier]) == 0
assert main(["predict", kept, str(folder / "images/10.png"), "--out", results]) == 0
written = sorted(file.name for file in Path(results).iterdir())
assert written == ["10_mask.png", "10_overlay.png", "10_probability.tif"]

# %% [markdown] id="project" tags=["slide"]
# ## Your project, and how it is graded
#
# Segment ten or more of your images, and write a two-page report.
#
# | Criterion | Points | Full points if … |
# |---|---|---|
# | Data described | 3 | source, sizes, classes and labeller are stated |
# | Split without data leakage | 3 | no dish, animal or patient is in two sets |
# | Question named before the run | 2 | question and metric have earlier dates |
# | Baseline | 2 | a constant and a threshold are scored |
# | Seeds, blocks and the interval | 4 | three pairs or more, with 95 % intervals |
# | Picture of failures | 2 | the worst are explained |
# | Honest limits | 2 | you say what isn't settled |
# | Code that runs | 2 | one command repeats the result |
#
# A new architecture earns no points.

# %% id="same-crops-claim" tags=["claim"]
from unet_teach.comparisons import load_table, paired, summary
from unet_teach.training import TrainConfig
from unet_teach.training.batches import Batches

table = load_table("compare_architectures")
variants = sorted({run["variant"] for run in table}, key=lambda name: (name != "U-Net", name))
metrics = ("v_rand", "v_info", "dice", "pixel_error")
sizes = {run["variant"]: (run["giga_operations"], run["parameters"]) for run in table}
for name in variants:
    assert abs(sizes[name][0] / sizes["U-Net"][0] - 1) < 0.05  # equal work
    assert all(np.isfinite(summary(table, metric)[name]).all() for metric in metrics)
drawn, stack = [], measure.eight_slices()
for name in ("unet", "unet_plus_plus"):
    config_of_run = TrainConfig(network=small, architecture=name, size=64, fold=None)
    drawn.append(Batches(stack, config_of_run, torch.device("cpu")).batch(3, range(4))[0])
assert torch.equal(*drawn)  # the same crops, bent in the same way
assert len({run["parameters"] for run in table}) == len(variants)  # no two of one shape

# %% id="verdict-in-numbers" tags=["claim"]
answers = {
    (name, metric): paired(table, "U-Net", name, metric, questions=4)
    for metric in metrics
    for name in variants[1:]
}
found = {key: round(one.mean, 3) for key, one in answers.items() if one.found}
full = "UNet 3+, deep supervision"
due = [(full, "v_rand"), ("FCN-8s", "dice"), ("FCN-8s", "pixel_error")]
due += [("U-Net++", "pixel_error"), (full, "pixel_error")]
assert list(found) == due and list(found.values()) == [-0.021, -0.027, 0.021, 0.003, 0.001]
assert [k for k in due if paired(table, "U-Net", *k, questions=16).found] == due[1:3]
worst = {m: round(max(answers[name, m].smallest for name in variants[1:]), 3) for m in metrics}
assert (worst["v_rand"], worst["dice"]) == (0.071, 0.014)

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# A paper reports that its variant's Dice is two percentage points above U-Net's. What would
# you ask before you use this variant?
#
# <details><summary>One answer</summary>
#
# Did both networks do equally many operations, or only begin with equally many channels?
# Were both tuned with the same care? How many seeds were run, and does the 95 % confidence
# interval of the difference exclude zero? Was the network chosen on the test set?
#
# </details>

# %% [markdown] id="pair-closes"
# ## The pair, one last time, by your network
#
# In lesson 00 a threshold merged our two neurons. Now try the network in your `my_unet.py`.
# (Missing parts are the library's.) Your network begins with random weights and trains on
# other tissue. Will it keep the neurons apart?

# %% id="pair-now" tags=["slide", "output"]
parts = mine("double_conv", "up_conv", "forward", "he_std", "train_step")
_ = torch.manual_seed(0)
own = Practice(Small(parts, whole=True), parts.train_step)
before = predict(own.net.eval(), micrograph)[1]
_ = own.run()
after = predict(own.net, micrograph)[1]
masks = {"lesson 00, a threshold": micrograph > 0.4 * 255, "yours, trained": after > 0.5}
figure, axes = plt.subplots(1, 4, figsize=(12, 3.5), **bare)
axes[0].imshow(our_pair.crop(micrograph), cmap="gray")
axes[0].set_title("micrograph")
axes[2].imshow(our_pair.crop(before), cmap="gray", vmin=0, vmax=1)
axes[2].set_title("yours, untrained")
for axis, (title, mask) in zip(axes[1::2], masks.items(), strict=True):
    axis.imshow(coloured(our_pair, mask, labels))
    axis.set_title(f"{title}: {our_pair.verdict(mask, labels)}")
described(figure, "16.pair_now")

# %% id="pair-now-claim" tags=["claim"]
verdicts = [our_pair.verdict(mask, labels) for mask in masks.values()]
assert verdicts == ["merged", "apart"]
tenths = np.arange(1, 10) / 10  # as in lesson 00
assert max(tenths, key=lambda t: np.mean((micrograph / 255 > t) == (labels > 0))) == 0.4
found = [score(labels[None], one[None]).v_rand for one in (before, after)]
assert found[0] < 0.6 < 0.85 < found[1]
torch.manual_seed(0)
untied = Small(parts, whole=True).eval()


def grid(network):  # how far the 16 places of a 4 × 4 pattern differ, in standard deviations
    inside = predict(network, micrograph)[1]
    return inside.reshape(128, 4, 128, 4).mean(axis=(0, 2)).std() / inside.std()


found = [grid(untied)]
for layer in untied.upsamplers:  # one weight for all pixels of a kernel
    layer.weight.data[:] = layer.weight.data[..., :1, :1]
assert grid(untied) < 0.1 < 0.5 < found[0]

# %% [markdown] id="goodbye" tags=["slide"]
# Untrained, your network draws a grid, because its up-convolutions' random weights differ
# within each kernel (lesson 04). Trained, it can keep the two neurons apart because, unlike
# a threshold, it also sees what surrounds a pixel.
#
# ## Where to go next
#
# 1. **This week**, label ten of your images, and train with the commands above.
# 2. **Then** run [nnU-Net](https://doi.org/10.1038/s41592-020-01008-z) on the same split,
#    as a strong baseline.

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - read networks as graphs: U-Net++ adds "nested, dense skip pathways" (Zhou et al., 2018),
#   and UNet 3+ has fewer parameters than U-Net but does more work;
# - pruned a network after each of its three heads, and saw that an interval containing zero
#   doesn't mean *equal*;
# - repaired pictures from other microscopes, and kept the pair apart with our own network.
#
# You can now write every part of a U-Net yourself. And somewhere in your images, two things
# touch that you'd like to tell apart. That's your pair.
