# %% [markdown] id="title" tags=["slide"]
# # 00 · Start here
#
# Which pixels of a **micrograph**, a picture taken by a microscope, show membrane, and
# where does one cell end and the next begin? In a minute you will see a neural network's
# answer. By the end of the course you will have built and trained such a network.
#
# ![](assets/lessons/00_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - run every cell of this course, and check your own answers in it;
# - say what segmentation is: one class for each pixel;
# - say why pixel accuracy can flatter a result, and what a baseline is for.
#
# **Time** about 30 minutes · **Prerequisites** a little Python, nothing else · **Needs** no
# GPU, no data

# %% [markdown] id="how-to"
# ## How this works
#
# Text and code alternate. Click in a **code cell** and press **Shift + Enter**: the cell
# runs, and the next one is selected. Go through each lesson from top to bottom. You can try
# anything: if something breaks, undo your change, choose *Kernel → Restart Kernel…* (in
# Colab, *Runtime → Restart session*), and run the cells again from the top.
#
# Before a result you will often find a question. Answer it first, aloud or on paper,
# so that you notice where your idea and the result differ.
#
# The next two cells only prepare things: you needn't read them. `[*]` (in Colab, a spinning
# circle) marks a running cell. The first import may take a few seconds, because PyTorch is
# large.

# %% id="setup"
import matplotlib.pyplot as plt
import numpy as np

from unet_teach.data import load_volume
from unet_teach.drawing.pair import pair_figure, the_pair
from unet_teach.exercises import check, hint, solution
from unet_teach.lessons.described import described
from unet_teach.lessons.l00_start_here.panel import first_look, threshold_explorer
from unet_teach.lessons.l00_start_here.picture import in_colours, run_together
from unet_teach.metrics import dice, score
from unet_teach.models.pretrained import pretrained, weights_facts
from unet_teach.tiling import predict

random = np.random.default_rng(seed=0)

# %% [markdown] id="first-look" tags=["slide"]
# ## First, look
#
# Here is a **U-Net**, the network that this course is about. It has already been trained to
# find cells. Choose one of the six pictures, or open one of your own, and drag the line
# across it. To the left of the line you see the picture itself. To the right, each cell that
# the network sees has a colour, and what the network takes for membrane is black.
#
# Four of the six pictures show **synthetic** tissue, drawn by the course's own program. The
# network has learned from such pictures, but not from these four. The other two show no
# nerve cells at all. What will the network answer there?
#
# {{twin: first_look}}

# %% id="look" tags=["slide"]
first_look()

# %% [markdown] id="three-of-them"
# Did you try the brick wall and the face? Here they are, next to picture 1, each above the
# network's answer.

# %% id="show-answers"
figure, axes = plt.subplots(2, 3, figsize=(8, 6.1), layout="constrained")
for (above, below), number in zip(axes.T, (1, 3, 5), strict=True):
    found = first_look().answered({"picture": number, "own": ""})
    above.imshow(found["image"], cmap="gray")
    above.set_title(f"picture {number}")
    below.imshow(in_colours(found["regions"]))
    below.set_title(f"“{found['cells']} cells”")
for axis in axes.flat:
    axis.set_axis_off()
described(figure, "00.answers")

# %% id="look-claim" tags=["claim"]
from unet_teach.data.membranes import membrane_slice
from unet_teach.lessons.l00_start_here.first_look import SIDE, TISSUES
from unet_teach.metrics import components

cells = [first_look().answered({"picture": n, "own": ""})["cells"] for n in (1, 3, 5)]
assert cells == [20, 36, 2]
index, seed = TISSUES[1]
assert components(membrane_slice(index, SIDE, seed)[1] == 1).max() == 20

# %% [markdown] id="it-always-answers"
# Picture 1 was drawn with 20 cells, and the network sees 20. But it also sees 36 cells in
# a brick wall and 2 in a face, and nothing in those answers tells you that they are
# nonsense. The network was trained on tissue alone, so it treats every picture as tissue.
# We need numbers that tell good answers from bad ones.

# %% [markdown] id="the-data" tags=["slide"]
# ## The data
#
# In 2012, ISBI, a conference on biomedical imaging, held a challenge ([Arganda-Carreras and
# others, 2015](https://doi.org/10.3389/fnana.2015.00142)): find the membranes between the
# nerve cells of a fruit-fly larva. The organisers published thirty labelled electron
# micrographs of slices of one piece of tissue. Each has 512 × 512 pixels, and a pixel is 4
# nanometres wide. The micrographs are free for research but not for commercial use, so they
# can't be part of this course. To download them, type `unet-teach data fetch` in a terminal:
# the command first shows you the terms.
#
# Without the ISBI micrographs, the course draws **synthetic membranes** of its own. Where a
# lesson can use either, it prints its choice. Drawing takes time, so this lesson draws only
# the last six of thirty synthetic slices.

# %% [markdown] id="what-u-net-won"
# In 2015 [Ronneberger, Fischer and Brox](https://arxiv.org/abs/1505.04597) entered the ISBI
# challenge with a network that they called U-Net, and it beat the winner of 2012.
#
# <details><summary>The numbers</summary>
#
# The challenge measured several errors of each entry (smaller is better). U-Net took the
# lead in *warping error*, which counts mistakes such as merged or split cells (0.000353;
# the winner of 2012 had 0.000420). Its *Rand error* was also smaller than that winner's
# (0.0382 against 0.0504), but some entries with post-processing for this data set had an
# even smaller one. Later in 2015, entries were scored again with lesson 10's V_rand.
#
# </details>

# %% id="load"
print("Loading the slices …")
volume = load_volume("auto", last=6)
on_isbi = volume.name.startswith("ISBI")
print("The data here:", volume.name)
print("images", volume.images.shape, volume.images.dtype)

# %% [markdown] id="one-slice" tags=["slide"]
# Here is the last slice with its labels, which are our **ground truth**: the classes that
# we take to be right. What fraction of the pixels do you think is membrane?

# %% id="show-slice" tags=["fragment"]
image, labels = volume.images[-1], volume.labels[-1]
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4.5), layout="constrained")
left.imshow(image, cmap="gray")
left.set_title("a micrograph")
right.imshow(labels, cmap="gray")
right.set_title("its labels: white is inside a cell")
for axes in (left, right):
    axes.set_axis_off()
described(figure, "00.show_slice")

# %% [markdown] id="segmentation" tags=["slide"]
# ## One class for each pixel
#
# The picture on the right is a **segmentation**: an array, as high and as wide as the image,
# that contains a class number for every pixel. Here 1 means *inside a cell* and 0 means
# *membrane*. U-Net's task is to compute such an array.

# %% id="labels-are-numbers" tags=["fragment"]
start = labels[200, 4:].argmin()  # four pixels before a membrane begins
print("image ", image[200, start : start + 8])
print("labels", labels[200, start : start + 8])

# %% id="labels-are-numbers-claim" tags=["claim"]
assert image.shape == labels.shape
assert set(np.unique(labels)) == {0, 1}
if not on_isbi:
    line = image[200, start : start + 8]
    assert line[2:4].tolist() == [89, 85] and line[4:].min() > 89
    assert labels[200, start : start + 8].tolist() == [1, 1, 1, 1, 0, 0, 0, 0]

# %% [markdown] id="exercise-1" tags=["slide"]
# ### Exercise 1 (easy): a mask with 255 in it
#
# Many drawing programs save a segmentation, or **mask**, as 0 and 255, so that people can see
# it. But in training, 255 would mean class number 255. Write a function that turns such a
# mask into the classes 0 and 1.
#
# - **In**: `mask`, an array of height H and width W, in short (H, W), of whole numbers from
#   0 to 255, usually of type `uint8`. Some files were saved with lossy compression, so 255
#   may have become 250, and 0 may have become 3.
# - **Out**: an array of the same shape, of whole numbers: 1 where the value is nearer to 255,
#   0 where it is nearer to 0.
# - **Example**: `[[0, 3, 250, 255]]` becomes `[[0, 0, 1, 1]]`.


# %% id="exercise-fix-mask" tags=["fragment"]
def fix_mask(mask):
    """Classes 0 and 1 from a mask (H, W) of grey values 0 to 255; bright is 1."""
    # SOLUTION: exercises.fix_mask


# %% id="check-fix-mask"
check("00.fix_mask", fix_mask)

# %% [markdown] id="about-checks"
# Until you have written something, the check says *not attempted*. If your function is wrong,
# you see a small example for which it fails, with a hint if the mistake is a common one. You
# can also ask for help: `hint("00.fix_mask")`. The last resort is `solution("00.fix_mask")`.

# %% [markdown] id="threshold" tags=["slide"]
# ## The simplest segmentation
#
# Membranes are dark. So let's choose a grey value, the **threshold**, and call every
# brighter pixel *inside*. How well can that work? Look again at the eight pixels that we
# printed. In the synthetic slice, two of them, with grey values 89 and 85, are inside a
# cell, and yet they are darker than all four membrane pixels. Even on this short line, no
# threshold separates the two classes.

# %% [markdown] id="three-numbers" tags=["slide"]
# So a threshold will make mistakes. Three scores tell us how bad the result is.
#
# - **Pixel accuracy** is the fraction of pixels whose class is right.
# - **Dice** of inside compares two areas: the pixels that we call inside and those that
#   the labels call inside. It is twice their overlap, divided by the sum of both areas,
#   so it is 1 if both areas consist of the same pixels.
# - **V_rand** looks at pairs of pixels: do two pixels of one cell stay together, and are
#   two pixels of different cells kept apart? It is 1 if every pair is right. You will build
#   it in lesson 10.

# %% [markdown] id="network"
# We compare the threshold with a small trained U-Net. (For synthetic tissue, this is the
# network that you tried above.) For each pixel it returns the probability that the pixel
# is inside, a number between 0 and 1, so we can apply a threshold to its output, too.

# %% id="run-network"
name = "isbi" if on_isbi else "membranes"
network = pretrained(name)
probability = predict(network, image)[1]  # (classes, H, W): 1 is inside
print(name, "was trained on", weights_facts(name)["trained_on"])
low, high = probability.min(), probability.max()
print(f"probabilities {probability.shape} from {low:.5f} to {high:.5f}")

# %% id="run-network-claim" tags=["claim"]
assert probability.shape == image.shape

# %% [markdown] id="the-pair" tags=["slide"]
# ## Two neurons
#
# This slice has two neighbouring neurons with a thin wall of membrane between them. We will
# follow this **pair** through the whole course. Below you see it four times: in the
# micrograph, in the labels, in the result of a threshold, and in the trained network's
# result. (We tried nine thresholds and show the one with the highest pixel accuracy.)

# %% id="the-pair-now" tags=["slide"]
grey = image / 255
tenths = np.arange(1, 10) / 10
best = max(tenths, key=lambda t: np.mean((grey > t) == labels))
last = volume.select([len(volume) - 1])  # the slice with the pair
pair_figure(last, {f"threshold {best}": grey > best, "trained U-Net": probability > 0.5})

# %% id="the-pair-now-claim" tags=["claim"]
pair = the_pair(volume.name)
assert pair.verdict(grey > best, labels) == "merged"
assert pair.verdict(probability > 0.5, labels) == "apart"

# %% [markdown] id="try-thresholds" tags=["slide"]
# ## One threshold, three opinions
#
# The threshold has merged the two neurons, and many other cells. Could a better threshold
# have kept the two apart? They are A and B in the picture below. It shows and scores one
# piece of the slice. Predict, then try:
#
# 1. Drag the threshold until A and B are apart. What has happened to the other cells?
# 2. At which threshold is pixel accuracy highest, and is V_rand highest there, too?
# 3. Switch to the U-Net. At which thresholds are A and B apart now?
#
# {{twin: threshold_explorer}}

# %% id="explore" tags=["slide"]
threshold_explorer(image, labels, probability, the_pair(volume.name))

# %% id="explored-in-numbers" tags=["claim"]
explorer = threshold_explorer(image, labels, probability, pair)
by_grey, by_network = explorer.first, {"source": "network", "threshold": 0.5}
assert explorer.answered(by_grey)["pair"] == "merged"
assert explorer.answered(by_network)["pair"] == "apart"
assert explorer.answered(by_network)["v_rand"] > explorer.answered(by_grey)["v_rand"] + 0.3
if not on_isbi:
    steps, curves = explorer.given["steps"], explorer.given["curves"]["grey"]
    highest = [steps[int(np.argmax(curves[name]))] for name in ("accuracy", "v_rand")]
    assert highest == [0.4, 0.475]
    first = explorer.answered({"source": "grey", "threshold": 0.475})
    assert first["pair"] == "apart" and "6 of 13 cells" in first["verdict"]
    tried = [explorer.answered({"source": "network", "threshold": t})["pair"] for t in steps]
    assert [t for t, found in zip(steps, tried, strict=True) if found == "apart"] == steps[2:39]
    assert (steps[2], steps[38]) == (0.05, 0.95)

# %% [markdown] id="same-in-numbers"
# On the synthetic tissue, a threshold of 0.475 keeps A and B apart, but six of the thirteen
# cells are still joined to others. V_rand is highest at 0.475, pixel accuracy at 0.4. With
# the U-Net, A and B are apart at thresholds from 0.05 to 0.95.
#
# Now we score the whole slice, whose area is 16 times that of the piece above. We print
# Dice and V_rand, each at the threshold at which it is highest. (What the challenge calls
# **pixel error** is 1 − Dice.)

# %% id="compare"
truth = labels[None]
threshold, net = score(truth, grey[None]), score(truth, probability[None])
for who, found in {"grey value": threshold, "U-Net": net}.items():
    print(
        f"{who:10}  Dice {1 - found.pixel_error:.3f} at {found.pixel_error_threshold:.1f}",
        end="",
    )
    print(f"   V_rand {found.v_rand:.3f} at {found.v_rand_threshold:.1f}")

# %% id="compare-claim" tags=["claim"]
assert net.v_rand > threshold.v_rand + 0.1
assert net.pixel_error < threshold.pixel_error
assert pair.side**2 * 16 == labels.size

# %% [markdown] id="constant" tags=["slide"]
# ## The constant answer
#
# Now a trick question. Somebody submits a program that calls *every* pixel inside, without
# looking. What is its pixel accuracy? Guess.

# %% id="constant-answer" tags=["fragment", "output"]
shares = (volume.labels == 1).mean(axis=(1, 2))
print(f"{shares.mean():.1%} right, from {shares.min():.0%} to {shares.max():.0%} by slice")

# %% id="constant-answer-claim" tags=["claim"]
assert shares.mean() > 0.7
if on_isbi:
    assert f"{shares.mean():.1%}" == "78.0%"
    assert (f"{shares.min():.0%}", f"{shares.max():.0%}") == ("73%", "83%")

# %% [markdown] id="flattered" tags=["fragment"]
# On the ISBI micrographs, calling every pixel *inside* gets 78.0 % of the pixels right (73
# to 83 %, depending on the slice). On the synthetic slices the fraction is similar. Yet
# this answer misses all the membrane, about 22 %. That is why we also score a **baseline**:
# a very simple answer that a useful result has to beat. How high is the constant answer's
# V_rand?

# %% id="constant-v-rand"
constant = score(truth, np.ones_like(probability)[None])
print(f"constant: V_rand {constant.v_rand:.3f}, U-Net: {net.v_rand:.3f}")

# %% id="constant-v-rand-claim" tags=["claim"]
assert constant.v_rand < 0.5 < net.v_rand

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): the accuracy of the best constant
#
# A constant answer assigns the same class number to every pixel. Write a function that
# returns the pixel accuracy of the best one.
#
# - **In**: `labels`, an array (H, W) of whole numbers from 0 up, with any number of
#   classes. There may be gaps between the numbers, as in 0, 2 and 5, and the best constant
#   need not be 1.
# - **Out**: a float, above 0 and at most 1. It is 1 if all pixels belong to one class.
# - **Example**: for `[[0, 0, 0, 1]]` the best constant is 0. It is right on 3 of 4 pixels, so
#   the answer is 0.75.


# %% id="exercise-constant-accuracy" tags=["fragment"]
def constant_accuracy(labels):
    """Fraction of the pixels that the best constant answer gets right."""
    # SOLUTION: exercises.constant_accuracy


# %% id="check-constant-accuracy"
check("00.constant_accuracy", constant_accuracy)

# %% [markdown] id="hint-constant"
# Stuck? Type `hint("00.constant_accuracy")`.

# %% [markdown] id="thin-walls" tags=["slide"]
# ## Why a thin line matters
#
# The constant answer gets most of the pixels right, and yet its V_rand is low. How can the
# two scores disagree so much? A membrane is only a few pixels wide, so if a short piece of
# it is missed, accuracy hardly changes. But that gap can join two cells into one, and then
# V_rand counts *every* pair of pixels with one pixel in each cell as wrong.
#
# Let's watch this happen. We take the labels and open **gates**, holes of 9 × 9 pixels at
# random places in the membranes: ten, then twenty, then thirty in all. Cells that have run
# together share a bright colour. Before you run the code, guess: what will accuracy and
# V_rand be after twenty gates?

# %% id="gates" tags=["fragment", "output"]
gated, walls, v_rands = labels.copy(), np.argwhere(labels == 0), []
figure, axes = plt.subplots(1, 4, figsize=(13, 3.95), layout="constrained")
for axis, gates in zip(axes, (0, 10, 20, 30), strict=True):
    for row, column in random.choice(walls, 10 if gates else 0):
        gated[max(0, row - 4) : row + 5, max(0, column - 4) : column + 5] = 1
    v_rands.append(score(truth, gated[None].astype(float), thresholds=[0.5]).v_rand)
    accuracy = np.mean(gated == labels)
    axis.imshow(run_together(labels, gated))
    axis.set_title(f"{gates} gates\naccuracy {accuracy:.3f} · V_rand {v_rands[-1]:.3f}")
    axis.set_axis_off()
print(f"Dice of inside after 30 gates: {dice(labels, gated):.3f}")
described(figure, "00.gates")

# %% id="gates-in-numbers-claim" tags=["claim"]
from unet_teach.lessons.l00_start_here.measure import who_is_where

assert accuracy > 0.98 and dice(labels, gated) > 0.98 and v_rands[-1] < 0.95
assert v_rands == sorted(v_rands, reverse=True) and v_rands[-1] < v_rands[1]
assert v_rands[0] - v_rands[1] < 0.1 < v_rands[1] - v_rands[2]
if not on_isbi:
    cells, regions = components(labels == 1), components(gated == 1)
    largest = np.bincount(cells[cells > 0]).argsort()[-2:]
    one, other = (np.bincount(regions[(cells == cell)]).argmax() for cell in largest)
    assert one == other
    assert sum(len(group) > 1 for group in who_is_where(cells, regions)[1]) >= 5

# %% [markdown] id="read-gates" tags=["slide"]
# After thirty gates, more than 98 % of the pixels are still right, and Dice is above 0.98.
# Yet several groups of cells have run together. The first ten gates lower V_rand only a
# little. On the synthetic slice, the next ten join the two largest cells (orange), and
# V_rand drops by almost 0.3. It counts pairs of pixels, so a gate between two large cells
# makes far more pairs wrong than one between two small cells.
#
# For anyone tracing nerve cells, such joins are serious mistakes. That is why this course
# evaluates networks by V_rand and the similar V_info (lesson 10).

# %% [markdown] id="exercise-3"
# ### Exercise 3 (stretch): the best threshold
#
# Write a function that lists the thresholds with the highest Dice of class 1.
#
# - **In**: `labels`, an array (H, W) of whole numbers from 0 up, of which only 1 means
#   class 1; `values`, an array (H, W) of any numbers; `thresholds`, a list of one or more
#   different numbers, in any order. A pixel is called class 1 if its value is **above** the
#   threshold.
# - **Out**: a list of *all* thresholds that reach the highest Dice, in the order of
#   `thresholds`.
# - **Edge**: if no label is 1 and no value is above a threshold, the Dice of that threshold
#   is 1.
# - **Example**: labels `[[0, 1]]`, values `[[0.2, 0.8]]`, thresholds `[0.9, 0.5, 0.3]`: the
#   answer is `[0.5, 0.3]`.


# %% id="exercise-best-thresholds"
def best_thresholds(labels, values, thresholds):
    """Every threshold that reaches the highest Dice, in their order."""
    # SOLUTION: exercises.best_thresholds


# %% id="check-best-threshold"
check("00.best_thresholds", best_thresholds)

# %% [markdown] id="hint-threshold"
# Stuck? Type `hint("00.best_thresholds")`.

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# A colleague reports: "My network reaches 95 % pixel accuracy on these images." What do you
# ask her?
#
# <details><summary>One answer</summary>
#
# How accurate is the constant answer? If it reaches 78 %, then most of her 95 % came for
# free. Were these images also used for training, or for choosing the threshold? Which
# pixels are wrong: a rim along every membrane, which does little harm, or gates between
# cells?
#
# </details>

# %% [markdown] id="what-comes"
# ## The pair, as it is now
#
# Some thresholds on grey values do keep our two neurons apart, but V_rand on the piece
# around them is then lower than the network's.

# %% id="the-pair-at-the-end"
pair_figure(last, {"threshold 0.5": grey > 0.5, "trained U-Net": probability > 0.5})

# %% id="the-pair-at-the-end-claim" tags=["claim"]
assert pair.verdict(grey > 0.5, labels) == pair.verdict(probability > 0.5, labels) == "apart"
assert explorer.answered({"source": "grey", "threshold": 0.5})["v_rand"] < 0.8

# %% [markdown] id="what-you-build"
# The picture at the top shows what you will build. On the left is the **contracting path**:
# its **feature maps**, the pictures that the network computes on the way, become smaller
# and say more about *what* the image shows. On the right is the **expansive path**, where
# the feature maps grow again to say *where* things are. The **skip connections** carry fine
# detail from left to right.
#
# Lessons 01 to 07 build this network, and in lesson 08 you watch it learn. Lesson 01 starts
# with its smallest part, a window that slides over the picture.

# %% id="torn-claim" tags=["claim"]
asked = [{"source": "grey", "threshold": t} for t in explorer.given["steps"]]
apart = [found for found in map(explorer.answered, asked) if found["pair"] == "apart"]
best_there = max((found["v_rand"] for found in apart), default=0)
assert best_there < explorer.answered(by_network)["v_rand"] - 0.05

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - saw that a segmentation is an array of class numbers, and repaired a mask with
#   `mask > 127`;
# - met a baseline: a constant answer gets 78.0 % of ISBI's pixels right without finding a
#   single membrane;
# - compared thresholds with a trained U-Net. The U-Net paper computes "a pixel-wise
#   soft-max over the final feature map": for each pixel, **soft-max** turns the network's
#   numbers, one for each class, into probabilities whose sum is 1. In this course
#   `predict(network, image)[1]` is the probability of *inside*.
