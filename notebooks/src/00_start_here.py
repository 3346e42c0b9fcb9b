# %% [markdown] id="title" tags=["slide"]
# # 00 · Start here
#
# Which of these pixels are membrane? In a minute you will have a network's answer, and a reason
# to distrust the way in which such answers are usually judged.
#
# ![](assets/lessons/00_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - run every cell of this course, and check your own answers in it;
# - say what segmentation is: one class for each pixel;
# - say which data the course uses, and why pixel accuracy flatters.
#
# **Time** about 30 minutes · **Before** a little Python, nothing else · **Needs** no GPU, no
# data

# %% [markdown] id="how-to"
# ## How this works
#
# Text and code take turns. Click into the cell below and press **Shift + Enter**: the code
# runs, and the next cell is chosen. Go through a lesson from top to bottom like that. Nothing
# can break: *Kernel → Restart* begins anew.
#
# Before a result there is often a question. Answer it first, aloud or on paper. A wrong guess,
# noticed, teaches more than a right answer that was only read.

# %% id="setup"
import matplotlib.pyplot as plt
import numpy as np

from unet_teach.data import load_volume
from unet_teach.drawing.pair import the_pair
from unet_teach.exercises import check, hint, solution
from unet_teach.lessons.described import described
from unet_teach.lessons.l00_start_here.panel import threshold_explorer
from unet_teach.metrics import dice, score
from unet_teach.models.pretrained import pretrained, weights_facts
from unet_teach.tiling import predict

random = np.random.default_rng(seed=0)

# %% [markdown] id="the-data" tags=["slide"]
# ## The data
#
# In 2012 a challenge asked: find the membranes between the nerve cells of a fruit fly's larva.
# Thirty electron micrographs with labels were given, 512 × 512 pixels, 4 nanometres to a pixel.
# U-Net, in 2015, beat the best result until then. The micrographs are free for research, not
# for commerce, so they do not come with the course: `unet-teach data fetch` gets them after
# showing the terms.
#
# Without them the course draws **synthetic membranes** of its own. Every lesson says which it
# uses.

# %% id="load"
volume = load_volume("auto")
on_isbi = volume.name.startswith("ISBI")
print("The data here:", volume.name)
print("images", volume.images.shape, volume.images.dtype)

# %% [markdown] id="first-look" tags=["slide"]
# One slice and its labels. What do you think: which share of the pixels is membrane?

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
# The right picture is a **segmentation**: an array as large as the image, that holds for each
# pixel the number of its class. Here 1 is *inside a cell* and 0 is *membrane*. That is what
# the U-Net of this course is for: a class for each pixel.

# %% id="labels-are-numbers" tags=["fragment"]
print("image ", image[200, 200:208])
print("labels", labels[200, 200:208])

# %% id="labels-are-numbers-claim" tags=["claim"]
assert image.shape == labels.shape
assert set(np.unique(labels)) == {0, 1}

# %% [markdown] id="exercise-1" tags=["slide"]
# ### Exercise 1 (easy): a mask with 255 in it
#
# Drawing programs save masks as 0 and 255, for the eye. A network would take 255 for class
# number 255. Turn such a mask into the classes 0 and 1, in the same shape. Some files were
# saved with loss, so that a 255 became 254 or 250, and a 0 became 3: take whichever of 0 and
# 255 is nearer. The mask holds whole numbers, as a rule of type `uint8`.


# %% id="exercise-fix-mask" tags=["fragment"]
def fix_mask(mask):
    """Classes 0 and 1 from a mask (H, W) of grey values 0 to 255; bright is 1."""
    # SOLUTION: exercises.fix_mask


# %% id="check-fix-mask"
check("00.fix_mask", fix_mask)

# %% [markdown] id="about-checks"
# Before you write anything, the check says *not attempted*. A wrong answer gets the smallest
# example that shows it, and a hint where the mistake is a common one. Ask for help with
# `hint("00.fix_mask")`; the last resort is `solution("00.fix_mask")`.

# %% [markdown] id="threshold" tags=["slide"]
# ## The simplest segmentation
#
# Membranes are dark. So call a pixel inside if it is brighter than a threshold. How well can
# that work? Three numbers will judge it.
#
# - **Pixel accuracy**: the share of pixels whose class is right.
# - **Dice** of inside: twice the overlap, divided by the two areas. 1 is perfect.
# - **V_rand**: do two pixels of one cell stay together, and do the others stay apart? 1 is
#   perfect. Lesson 10 builds it by hand.

# %% [markdown] id="network"
# The opponent of the threshold is a small U-Net that comes with the course. It gives each pixel
# a probability of being inside, and that can be thresholded, too. Which network fits, depends
# on the data; what it was trained on stands beside it.

# %% id="run-network"
name = "isbi" if on_isbi else "membranes"
network = pretrained(name)
probability = predict(network, image)[1]  # (classes, H, W): 1 is inside
print(name, "was trained on", weights_facts(name)["trained_on"])
print("probabilities", probability.shape, "from", probability.min(), "to", probability.max())

# %% id="run-network-claim" tags=["claim"]
assert probability.shape == image.shape

# %% [markdown] id="try-thresholds" tags=["slide"]
# ## One threshold, three opinions
#
# A and B are two cells with a thin wall between them; the whole course follows this pair. The
# picture opens at the threshold that gets the most pixels right, and A and B have run together:
# they are orange. Predict, then try:
#
# 1. Drag the threshold until A and B are apart. What has become of the other cells?
# 2. Where is pixel accuracy highest, and does V_rand agree?
# 3. Switch to the U-Net. How far can you move the threshold now, before A and B meet?
#
# {{twin: threshold_explorer}}

# %% id="explore" tags=["slide"]
pair = None if volume.own else the_pair(volume.name)
threshold_explorer(image, labels, probability, pair)

# %% id="explored-in-numbers" tags=["claim"]
explorer = threshold_explorer(image, labels, probability, pair)
by_grey, by_network = explorer.first, {"source": "network", "threshold": 0.5}
if pair:
    assert explorer.answered(by_grey)["pair"] == "merged"
    assert explorer.answered(by_network)["pair"] == "apart"
assert explorer.answered(by_network)["v_rand"] > explorer.answered(by_grey)["v_rand"] + 0.3

# %% [markdown] id="same-in-numbers" tags=["slide"]
# The same over the whole slice, in numbers. Each row takes the threshold that suits it best.
# (What the challenge calls **pixel error** is 1 − Dice.)

# %% id="compare" tags=["fragment"]
truth = labels[None]
grey, net = score(truth, image[None] / 255), score(truth, probability[None])
for who, found in {"grey value": grey, "U-Net": net}.items():
    print(f"{who:10}  Dice {1 - found.pixel_error:.3f}   V_rand {found.v_rand:.3f}")

# %% id="compare-claim" tags=["claim"]
assert net.v_rand > grey.v_rand + 0.1
assert net.pixel_error < grey.pixel_error

# %% [markdown] id="constant" tags=["slide"]
# ## The constant answer
#
# Now the trick question. Somebody hands in a program that calls *every* pixel inside. It has
# looked at nothing. Guess its pixel accuracy.

# %% id="constant-answer" tags=["fragment", "output"]
shares = (volume.labels == 1).mean(axis=(1, 2))
print(f"{shares.mean():.1%} right, from {shares.min():.0%} to {shares.max():.0%} by slice")

# %% id="constant-answer-claim" tags=["claim"]
assert shares.mean() > 0.7
if on_isbi:
    assert f"{shares.mean():.1%}" == "78.0%"
    assert (f"{shares.min():.0%}", f"{shares.max():.0%}") == ("73%", "83%")

# %% [markdown] id="flattered" tags=["fragment"]
# On the ISBI micrographs this answer scores 78.0 %, between 73 and 83 % by slice; the synthetic
# ones are similar. It found no membrane at all. A score is only as good as the worst answer
# that it flatters, so always ask first what the constant scores. And what does V_rand say?

# %% id="constant-v-rand"
constant = score(truth, np.ones_like(probability)[None])
print(f"constant: V_rand {constant.v_rand:.3f}, U-Net: {net.v_rand:.3f}")

# %% id="constant-v-rand-claim" tags=["claim"]
assert constant.v_rand < 0.5 < net.v_rand

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): the accuracy of the best constant
#
# Write it for any map of labels (H, W), with any number of classes. Their numbers may have
# gaps, such as 0, 2 and 5, and the best constant answer is not always 1. For the labels
# `[[0, 0, 0, 1]]` it is 0, which is right on 3 of 4 pixels: return 0.75.


# %% id="exercise-constant-accuracy" tags=["fragment"]
def constant_accuracy(labels):
    """Fraction of the pixels that the best constant answer gets right."""
    # SOLUTION: exercises.constant_accuracy


# %% id="check-constant-accuracy"
check("00.constant_accuracy", constant_accuracy)

# %% [markdown] id="hint-constant"
# Stuck? `hint("00.constant_accuracy")`.

# %% [markdown] id="thin-walls" tags=["slide"]
# ## Why a thin line matters
#
# Why does V_rand fall so far while accuracy stays? A membrane is a few pixels wide. If it is
# missed along a short piece, two cells become one, and every pair of pixels across it is wrong.
# Watch: we take the true labels and open a gate of 9 × 9 pixels at some place in the membranes,
# again and again. Predict both numbers after ten gates.

# %% id="gates" tags=["fragment", "output"]
gated, v_rands = labels.copy(), []
walls = np.argwhere(labels == 0)
for gates in range(0, 41, 10):
    for row, column in random.choice(walls, 10 if gates else 0):
        gated[max(0, row - 4) : row + 5, max(0, column - 4) : column + 5] = 1
    seen = score(truth, gated[None].astype(float), thresholds=[0.5])
    v_rands.append(seen.v_rand)
    print(f"{gates:2} gates: accuracy {np.mean(gated == labels):.3f}, V_rand {seen.v_rand:.3f}")

# %% id="gates-in-numbers"
print(f"Dice of inside: {dice(labels, gated):.3f}")

# %% id="gates-in-numbers-claim" tags=["claim"]
assert np.mean(gated == labels) > 0.98 and seen.v_rand < 0.95
assert v_rands == sorted(v_rands, reverse=True) and v_rands[-1] < v_rands[1]

# %% [markdown] id="read-gates" tags=["slide"]
# More than 98 % of the pixels are right at the end, and yet cells have run together. For
# somebody who traces nerve cells the map got worse and worse. That is why this course judges
# by V_rand and V_info, as the challenge did.

# %% [markdown] id="exercise-3" tags=["slide"]
# ### Exercise 3 (stretch): the best threshold
#
# Given labels and a map of values, both (H, W), and a list of thresholds in any order: which
# threshold has the highest Dice of class 1? Only the label 1 is class 1; there may be other
# classes. Inside is where the value is **above** the threshold. Two empty areas have a Dice of
# 1. If several thresholds are equally good, list them all, in the order in which they came: a
# tie that nobody mentions looks like a finding.


# %% id="exercise-best-thresholds" tags=["fragment"]
def best_thresholds(labels, values, thresholds):
    """Every threshold that reaches the highest Dice, in their order."""
    # SOLUTION: exercises.best_thresholds


# %% id="check-best-threshold"
check("00.best_thresholds", best_thresholds)

# %% [markdown] id="hint-threshold"
# Stuck? `hint("00.best_thresholds")`.

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# A colleague reports: "My network reaches 95 % pixel accuracy on these images." What do you
# ask?
#
# <details><summary>One answer</summary>
#
# What does the constant score? If it is 78 %, a good part of the 95 was free. On which
# slices: were they used for training, or for choosing the threshold? Which pixels are wrong:
# a rim along every membrane, harmless, or gates between cells? And how much does the number
# change from run to run? The course asks all four of every claim, its own included.
#
# </details>

# %% [markdown] id="what-comes"
# ## What comes
#
# The picture at the top is the network that you will build: down on the left, where maps
# become smaller and know more about *what* is there; up on the right, where they learn
# *where*; and the skips across. Lessons 01 to 07 build it, 08 makes it learn, the others make
# it good.

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - saw a segmentation as an array of classes, and mended a mask with `mask > 127`;
# - measured the constant answer before any other: 78.0 % on ISBI, with not one membrane found;
# - compared a threshold with a trained U-Net. The paper takes "a pixel-wise soft-max over the
#   final feature map": that is `predict(network, image)[1]`, a probability for each pixel.
