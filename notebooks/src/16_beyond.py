# %% [markdown] id="title" tags=["slide"]
# # 16 · Beyond U-Net
#
# Since 2015 hundreds of networks have been named after U-Net. Many differ from it in one
# thing only: which map goes where. Today you redraw those arrows, and then leave with your
# own images.
#
# ![](assets/lessons/16_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - read U-Net++ and UNet 3+ as U-Nets with other edges, and count what an edge costs;
# - say what deep supervision is, and what several outputs are good for;
# - train on a folder of your own images, with as many classes as they have.
#
# **Time** about 50 minutes · **Before** lessons 07 and 14 · **Needs** no GPU, no data

# %% id="setup"
import tempfile
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from unet_teach.cli import main
from unet_teach.comparisons import load_table, paired, summary
from unet_teach.config import SkipGraph, UNetConfig
from unet_teach.data import load_volume
from unet_teach.drawing.intervals import primary_answers
from unet_teach.exercises import check, hint, solution
from unet_teach.lessons.described import described
from unet_teach.lessons.l16_beyond.panel import skip_graph
from unet_teach.models import NestedUNet, UNetPlusPlus, count_parameters
from unet_teach.shapes import trace_graph
from unet_teach.tiling import predict
from unet_teach.training import TrainConfig, iou_by_class, train

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="graph" tags=["slide"]
# ## The U as a graph
#
# Give each block of convolutions a name: $X^{i,j}$ stands on level i, in column j. Column 0 is
# the contracting path. An arrow between levels goes **down** by pooling or **up** by
# up-convolution; an arrow within a level is a **skip**. So a network is a list of arrows, and
# `SkipGraph` is that list. What goes into the topmost node of a U-Net of depth 3, $X^{0,3}$?
# And in U-Net++, where every gap is filled with nodes?

# %% id="inputs-of-a-node"
plain, dense = SkipGraph.u_net(3), SkipGraph.unet_plus_plus(3)
print("X0,3 takes", plain.inputs((0, 3)), "and in U-Net++", dense.inputs((0, 3)))

# %% id="inputs-of-a-node-claim" tags=["claim"]
assert plain.inputs((0, 3)) == ((0, 0), (1, 2))
assert dense.inputs((0, 3)) == ((0, 0), (0, 1), (0, 2), (1, 2))

# %% [markdown] id="predict-the-graph" tags=["slide"]
# **U-Net++** (Zhou et al., 2018) puts a node into every gap of a long skip, and joins each
# with all that stand before it. **UNet 3+** (Huang et al., 2020) has no nodes in the gaps;
# instead each expansive node sees every level once, brought to one width.
#
# Predict, then try:
#
# 1. Which of the three has most parameters, with equal channels at the top? Which most
#    operations?
# 2. Take the topmost skip out of U-Net++: which numbers change?
# 3. Take away X0,2 → X0,3, then X1,2 → X0,3, and so on: when does it break? Draw an arrow
#    from X0,3 back to X1,2.
#
# {{twin: skip_graph}}

# %% id="explore" tags=["slide"]
skip_graph()

# %% [markdown] id="compare-costs" tags=["slide"]
# In numbers, at the paper's depth 4, with 64 channels at the top and an image of 256 × 256:

# %% id="costs-in-numbers" tags=["fragment", "output"]
config = UNetConfig(padding="same")
presets = {
    "U-Net": SkipGraph.u_net(4),
    "U-Net++": SkipGraph.unet_plus_plus(4),
    "UNet 3+": SkipGraph.unet_3plus(4),
}
costs = {name: trace_graph(config, graph, 256) for name, graph in presets.items()}
found = [cost.parameters for cost in costs.values()]
work = [round(cost.operations / costs["U-Net"].operations, 1) for cost in costs.values()]
for name, number, times in zip(costs, found, work, strict=True):
    print(f"{name:8} {number:,} parameters, operations × {times}")
uses = [cost.operations / cost.parameters for cost in costs.values()]

# %% id="costs-in-numbers-claim" tags=["claim"]
assert found == [31_030_658, 36_156_866, 26_960_450] and work == [1.0, 2.5, 4.1]
assert round(1 - found[2] / found[0], 2) == 0.13 and round(found[1] / found[0], 2) == 1.17
assert round(uses[2] / uses[0], 1) == 4.7

# %% [markdown] id="parameters-are-not-work" tags=["fragment"]
# At this depth UNet 3+ has the **fewest parameters** and the **most operations**: 13 % fewer
# weights than U-Net, but 4.1 times its work. Each weight is used 4.7 times as often, because
# more of them act on large maps. Its abstract says it "can reduce the network parameters to
# improve the computation efficiency". So ask of every such sentence: which of the two was
# counted? U-Net++ costs 17 % more weights and 2.5 times the work.

# %% [markdown] id="exercise-1" tags=["slide"]
# ### Exercise 1 (easy): parameters from the graph
#
# Count one node of level i, which has `base * 2**i` channels, its width. A skip brings the
# width of its level, pooling from above brings half of it. An edge from below is a 2 × 2
# up-convolution that halves 2 × width. All inputs are joined; the node is a `DoubleConv`. All
# convolutions have biases, the up-convolutions too. Count the node and the edges into it, each
# between neighbouring levels or within one. A node without inputs takes the image, 1 channel.
# The graph may be any, also one with an edge added or taken out.


# %% id="exercise-node-parameters" tags=["fragment"]
def node_parameters(graph, node, base):
    """Parameters of a node and of the edges into it; graph.inputs(node) lists them."""
    # SOLUTION: exercises.node_parameters


# %% id="check-parameters"
check("16.node_parameters", node_parameters)

# %% [markdown] id="sum-of-nodes"
# Stuck? `hint("16.node_parameters")`. All nodes and the output's 1 × 1 convolution together
# must be the whole network. Is it so? And is the U-Net that is built from the graph the
# paper's?

# %% id="sum-is-the-network"
from unet_teach.lessons.l16_beyond import exercises  # the course's answers

for name in ("U-Net", "U-Net++"):
    graph = presets[name]
    total = sum(exercises.node_parameters(graph, node, 64) for node in graph.order)
    total += 64 * 2 + 2  # the head: 64 channels to 2 classes
    print(f"{name:8} {total:,}")
small = UNetConfig(padding="same", base_channels=4, depth=3)

# %% id="sum-is-the-network-claim" tags=["claim"]
for name in ("U-Net", "U-Net++"):
    graph = presets[name]
    total = sum(exercises.node_parameters(graph, node, 64) for node in graph.order)
    assert total + 64 * 2 + 2 == costs[name].parameters
assert count_parameters(NestedUNet(small, dense)) == trace_graph(small, dense, 64).parameters

# %% [markdown] id="edit" tags=["slide"]
# ## One edge at a time
#
# `graph.add` and `graph.remove` give a new graph. Not every list of arrows is a network.
# Which of these three edits will be refused, and why?

# %% id="three-edits" tags=["fragment", "output"]
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
    print(said[-1])

# %% id="three-edits-claim" tags=["claim"]
assert "8 edges" in said[0] and "into (1, 1)" in said[1] and "cycle" in said[2]

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): one dense skip
#
# You have all maps, `maps[i, j]`, in a dictionary of any order. Join what goes into $X^{i,j}$
# of U-Net++: first $X^{i,0}$ … $X^{i,j-1}$, in this order, then what comes from below,
# $X^{i+1,j-1}$, at twice its size. Take `F.interpolate(…, scale_factor=2)` here in place of the
# up-convolution, so that there is nothing to learn. Maps are (B, C, H, W), each level exactly
# twice the size of the one below.


# %% id="exercise-dense-input" tags=["fragment"]
def dense_input(maps, i, j):
    """The joined maps (B, C, H, W) that node (i, j) convolves."""
    # SOLUTION: exercises.dense_input


# %% id="check-dense-skip"
check("16.dense_input", dense_input)

# %% [markdown] id="deep-supervision" tags=["slide"]
# Stuck? `hint("16.dense_input")`. The order matters to nobody but the trained weights: they
# know each channel by its place.
#
# ## Deep supervision
#
# The top row of U-Net++ holds several maps at full size. So why wait for the last one? **Deep
# supervision** puts a 1 × 1 head on each of $X^{0,1}$ … $X^{0,3}$ and trains on the mean of
# their losses: every one of them has to segment, and the gradient reaches the early nodes on a
# short way. In training the network gives all answers, in evaluation their mean.

# %% id="a-loss-on-every-head"
model = UNetPlusPlus(small, deep_supervision=True)
image, target = torch.randn(2, 1, 32, 32), torch.randint(0, 2, (2, 32, 32))
heads = model.train()(image)
losses = [F.cross_entropy(logits, target) for logits in heads]
loss = sum(losses) / len(losses)  # this mean is what training goes down
print([round(one.item(), 3) for one in losses], "mean", round(loss.item(), 3))

# %% id="a-loss-on-every-head-claim" tags=["claim"]
evaluated = model.eval()(image)
assert len(heads) == 3 and evaluated.shape == (2, 2, 32, 32)
assert torch.allclose(evaluated, torch.stack(heads).mean(0), atol=1e-5)

# %% [markdown] id="prune" tags=["slide"]
# There is a second use. An early head needs only what stands before it. Cut the rest off, and
# a smaller, faster network is left, without training again. How much of the whole does the
# first head need? And the second?

# %% id="what-a-head-needs" tags=["fragment", "output"]
shares = {}
for column in (1, 2, 3, 4):
    cut = trace_graph(config, replace(presets["U-Net++"], heads=((0, column),)), 256)
    shares[column] = round(cut.parameters / costs["U-Net++"].parameters, 3)
    print(f"X0,{column}: {len(cut.nodes)} nodes, {shares[column]:.1%} of the parameters")

# %% id="what-a-head-needs-claim" tags=["claim"]
assert shares == {1: 0.011, 2: 0.056, 3: 0.244, 4: 1.0}

# %% [markdown] id="does-it-pay" tags=["slide"]
# The first needs 1 % of the weights, the second 6 %, the third 24 %.
#
# ## Does it pay?
#
# U-Net++'s abstract reports "an average IoU gain of 3.9 and 3.4 points over U-Net and wide
# U-Net". Here is our own, smaller question: the ISBI micrographs, six slices that no run has
# seen, five seeds, and **equal work**: each network is as wide as the same number of
# operations allows. FCN-8s, which came before U-Net, takes part. Write your order down first.

# %% id="the-table"
table = load_table("compare_architectures")
variants = sorted({run["variant"] for run in table}, key=lambda name: (name != "U-Net", name))
metrics = ("v_rand", "v_info", "dice", "pixel_error")
sizes = {run["variant"]: (run["giga_operations"], run["parameters"]) for run in table}
for name in variants:
    print("{}: {} GFLOP, {:,} parameters".format(name, *sizes[name]))
    for metric in metrics:
        print("    {} {:.3f} ± {:.3f}".format(metric, *summary(table, metric)[name]))

# %% id="the-table-claim" tags=["claim"]
for name in variants:
    assert abs(sizes[name][0] / sizes["U-Net"][0] - 1) < 0.05  # equal work

# %% [markdown] id="paired"
# One seed is one **pair**. We ask four questions in each measure, each of the others against
# U-Net, and widen the intervals for four.

# %% id="four-questions"
answers = {
    (name, metric): paired(table, "U-Net", name, metric, questions=4)
    for metric in metrics
    for name in variants[1:]
}
print(*answers.values(), sep="\n")
found = {key: round(answer.mean, 3) for key, answer in answers.items() if answer.found}

# %% [markdown] id="verdict" tags=["slide"]
# The work is equal, within 5 %; the weights are not.
#
# **Found:** FCN-8s has a lower Dice than U-Net, by 0.027, and a higher pixel error, by 0.021.
# UNet 3+, run with deep supervision only, is behind U-Net in V_rand, by 0.021, and in pixel
# error, by 0.001; U-Net++ without it in pixel error, by 0.003. **Not found:** any other
# difference, and none in favour of a successor. The widest intervals are ± 0.071 in V_rand and
# ± 0.014 in Dice.
#
# We asked four questions in each of four measures. Widened for all sixteen, only what was
# found of FCN-8s is left. Nor is it a verdict on your task: these networks are small, their
# training short. But a paper has to say what it held equal.

# %% id="verdict-in-numbers" tags=["claim"]
full = "UNet 3+, deep supervision"
due = [(full, "v_rand"), ("FCN-8s", "dice"), ("FCN-8s", "pixel_error")]
due += [("U-Net++", "pixel_error"), (full, "pixel_error")]
assert list(found) == due and list(found.values()) == [-0.021, -0.027, 0.021, 0.003, 0.001]
assert [k for k in due if paired(table, "U-Net", *k, questions=16).found] == due[1:3]
worst = {m: round(max(answers[name, m].smallest for name in variants[1:]), 3) for m in metrics}
assert (worst["v_rand"], worst["dice"]) == (0.071, 0.014)

# %% [markdown] id="primary" tags=["slide"]
# ## One question, five blocks
#
# One question was chosen beforehand: does U-Net++ reach a higher V_rand than a U-Net that
# does as many operations?
#
# Ten **pairs** of small networks answer it: five blocks of slices of the ISBI stack, each
# held out in turn, with two seeds each, so that the answer covers other tissue as well as
# other luck. The question was written down before the first run (`experiments/README.md`).
# Everything else in this lesson's tables is *exploratory*: one block, a few seeds.
#
# The bar is the 95 % confidence interval of the difference. Where it covers zero, the
# question is **not settled**, and that is not the same as *it does not matter*.

# %% id="primary-answers" tags=["fragment", "output"]
primary_answers(16)

# %% [markdown] id="primary-verdict"
# **U-Net++ is worse**, by very little: the estimate is −0.004, and the interval reaches from
# −0.008 to −0.001. That is what the rule says that was fixed beforehand. Now look at the dots.
# The two seeds of block 5 differ by twelve times the estimate. That five block means agree so
# closely is partly luck, so we would not bet on this answer. It is no verdict on large networks
# either: there is only no sign here that U-Net++ is worth its work.

# %% [markdown] id="your-own" tags=["slide"]
# ## Bring your own images
#
# The U-Net paper ends: "We are sure that the u-net architecture can be applied easily to many
# more tasks." Yours needs a folder with `images/` and, under the same names, `masks/`. We draw
# one: cells with a nucleus, so three classes, and no two images of one size. The nucleus is
# nearly as dark as the background, so brightness alone cannot tell them apart.

# %% id="draw-a-folder"
folder, rng = Path(tempfile.mkdtemp()) / "cells", np.random.default_rng(0)
for kind in ("images", "masks"):
    (folder / kind).mkdir(parents=True)
for number in range(1, 11):
    mask = np.zeros((80 + 8 * number, 150 - 5 * number), "uint8")
    y, x = np.mgrid[: mask.shape[0], : mask.shape[1]]
    for _cell in range(9):
        distance = np.hypot(y - rng.uniform(0, len(y)), x - rng.uniform(0, x.shape[1]))
        mask[distance < 13], mask[distance < 7] = 1, 2
    grey = np.array([70, 160, 90])[mask] + rng.normal(0, 20, mask.shape)
    Image.fromarray(grey.clip(0, 255).astype("uint8")).save(folder / f"images/{number}.png")
    shown = np.array([0, 128, 255], "uint8")[mask]  # so that the mask can be looked at
    Image.fromarray(shown).save(folder / f"masks/{number}_mask.png")

# %% [markdown] id="exercise-3" tags=["slide"]
# ### Exercise 3 (stretch): a folder of your own
#
# Write the loader. Pair `images/7.png` with `masks/7_mask.png`, leave out hidden files (their
# names begin with a dot), number the masks' values 0, 1, 2, … in ascending order **over all
# masks**, and raise a `ValueError` where a mask does not have its image's size. `folder` is a
# `Path`, every image has its mask, and every mask its image. A name may hold dots itself:
# `images/cell.7.png` is `"cell.7"`. Images stay as `read` returns them.


# %% id="exercise-own-pairs" tags=["fragment"]
def read(file):
    """One grey picture as a uint8 array (H, W)."""
    return np.array(Image.open(file).convert("L"))


def own_pairs(folder):
    """A dictionary: "7" -> (image, classes), two arrays (H, W)."""
    # SOLUTION: exercises.own_pairs


# %% id="check-own-folder"
check("16.own_pairs", own_pairs)

# %% [markdown] id="load-it"
# Stuck? `hint("16.own_pairs")`. The library's loader does this and refuses more: a mask
# without its image, colours, greys that cannot be classes. And JPEG: how many values has our
# mask of three after it was saved as one?

# %% id="load-and-jpeg"
volume = load_volume("folder", folder)
print(volume)
Image.open(folder / "masks/1_mask.png").save(folder / "mask.jpg")
values = len(np.unique(read(folder / "mask.jpg")))
print(f"the mask as JPEG holds {values} values")

# %% id="load-and-jpeg-claim" tags=["claim"]
assert volume.classes == 3 and len({i.shape for i in volume.images}) == 10 < values

# %% [markdown] id="train-it"
# Three classes need three outputs; the rest is lesson 14. The last two images are held out.
# Any size will do: training cuts crops, and prediction takes the image whole or in tiles, as
# in lesson 13. Guess: which class will be hardest?

# %% id="train-on-it"
network = UNetConfig(
    out_channels=volume.classes, base_channels=8, depth=2, padding="same", batch_norm=True
)
small = {"steps": 40, "size": 64, "lr": 0.01, "class_weights": None, "average": False}
cpu = {"device": "cpu", "precision": "float32", "memory_format": "contiguous"}
recipe = TrainConfig(network=network, **small, **cpu)
run = train(recipe, volume, folder.parent / "run")
ious = iou_by_class(run.model, volume.select([8, 9]))
print("IoU of outside, cell, nucleus:", [round(iou, 2) for iou in ious])

# %% id="train-on-it-claim" tags=["claim"]
assert run.log[-1]["loss"] < run.log[0]["loss"] / 2 and min(ious) > 0.5

# %% id="predict-it" tags=["slide"]
image, label = volume.images[9], volume.labels[9]
classes = predict(run.model, image)  # (3, H, W), probabilities
figure, axes = plt.subplots()
axes.imshow(np.hstack([image / 100, label, classes.argmax(axis=0)]), cmap="gray", vmax=2)
axes.set_title("image 10, its mask, and what was predicted")
axes.set_axis_off()
described(figure, "16.predict_it")

# %% id="predict-it-claim" tags=["claim"]
assert classes.shape == (3, *image.shape) and np.allclose(classes.sum(0), 1, atol=1e-5)

# %% [markdown] id="command-line"
# The same without a notebook, in a terminal:
#
# ```
# unet-teach train --data my_cells --folder runs/cells
# unet-teach predict runs/cells my_cells/images/10.png --out results
# ```
#
# It counts the classes itself, holds a fifth out, judges it, and goes on where it was
# interrupted. `main` is what these commands call; 0 means that all went well.

# %% id="run-the-commands" tags=["claim"]
kept, results = str(folder.parent / "runs"), str(folder.parent / "results")
tiny = ["--tier", "check", "--steps", "20", "--precision", "float32"]
assert main(["train", "--data", str(folder), "--folder", kept, *tiny]) == 0
assert main(["predict", kept, str(folder / "images/10.png"), "--out", results]) == 0
written = sorted(file.name for file in Path(results).iterdir())
assert written == ["10_mask.png", "10_overlay.png", "10_probability.tif"]

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# A paper reports that its U-Net variant is two points better than U-Net. What would you want
# to know before you use it for your images?
#
# <details><summary>One answer</summary>
#
# Had both equal work, or only equal channels at the top, where the variant may have 2.5 times
# the operations? Were both tuned with the same care, and how many seeds were run: is two
# points more than their spread? Was the test set looked at while choosing? Is the data like
# yours? Then compare the price with other things that you could do with your week: draw ten
# more masks, look at the errors, augment. A new arrow is rarely the first thing to try.
#
# </details>

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - read networks as graphs: what U-Net++ calls "a series of nested, dense skip pathways" is
#   `[((i, k), (i, j)) for i, j in nested for k in range(j)]`;
# - counted every node and edge, and found fewest parameters and most work in one network;
# - put a loss on every head, and cut a network down to its first one;
# - compared four architectures, in five variants, at equal work, in paired seeds;
# - trained on a folder of images of our own, with three classes.
