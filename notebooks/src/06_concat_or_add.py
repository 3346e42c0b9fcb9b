# %% [markdown] id="title" tags=["slide"]
# # 06 · Concatenate or add
#
# At each level of the decoder two feature maps of the same size meet: the skip, which has
# more detail, and the map from below, whose receptive field is larger. U-Net stacks them
# along the channel axis. Other networks add them. Which is better?
#
# ![](assets/lessons/06_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - say what concatenation and addition cost in channels, parameters and memory;
# - show that addition is concatenation with tied weights;
# - cut skips out of a trained network, and say why it needs one of them more than the others.
#
# **Time** about 40 minutes · **Prerequisites** lesson 05 · **Needs** no GPU, no data

# %% id="setup" tags=["core"]
import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.nn import functional as F

from unet_teach.comparisons import load_table
from unet_teach.config import UNetConfig
from unet_teach.drawing.intervals import primary_answers
from unet_teach.drawing.pair import coloured, the_pair
from unet_teach.exercises import check, hint, solution
from unet_teach.layers import merge
from unet_teach.lessons.described import described
from unet_teach.lessons.l06_concat_or_add.panel import merge_toggle, skip_surgery
from unet_teach.lessons.l06_concat_or_add.price import parameters
from unet_teach.lessons.l06_concat_or_add.readout import walls_read
from unet_teach.lessons.l06_concat_or_add.surgery import probability, scene
from unet_teach.models.fcn import FCN
from unet_teach.shapes import trace

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="pair-opens"
# ## What is still wrong with our pair
#
# Does a network need its skips? Let's take the course's trained network and multiply one of
# its four skips by zero. What will happen to the wall between our two neurons?

# %% id="pair-without-skip" tags=["slide"]
network, micrograph, labels = scene()  # a trained U-Net, and the pair's place
our_pair = the_pair("synthetic membranes (seed 0)")
figure, axes = plt.subplots(1, 2, figsize=(7, 3.7), layout="constrained")
gains = {"all four skips": [1, 1, 1, 1], "skip of level 2 × 0": [1, 1, 0, 1]}
for axis, (title, factors) in zip(axes, gains.items(), strict=True):
    inside = probability(network, micrograph, factors) > 0.5
    axis.imshow(coloured(our_pair, inside, labels))
    axis.set_title(f"{title}: {our_pair.verdict(inside, labels)}")
    axis.set_axis_off()
described(figure, "06.pair_without_skip")

# %% id="pair-without-skip-claim" tags=["claim"]
insides = [probability(network, micrograph, factors) > 0.5 for factors in gains.values()]
assert [our_pair.verdict(mask, labels) for mask in insides] == ["apart", "merged"]

# %% [markdown] id="pair-without-skip-read"
# Without the skip of level 2 (level 0 is the top) the wall is gone, and our two neurons are
# one orange region. Why does this skip matter so much? Let's first see how a skip joins the
# map from below.

# %% [markdown] id="two-merges" tags=["core", "slide"]
# ## Two ways to meet
#
# *(one-lesson track: 6 minutes)*
#
# Take a skip *a* and a map *b* from below, both with three channels of 8 × 8 pixels, for
# one image. **Concatenation** stacks them and keeps every channel, so the next convolution
# can give each channel its own weights. **Addition** sums them channel by channel, so
# afterwards you can't tell what came from *a* and what from *b*. Predict the shapes of both
# results.

# %% id="shapes" tags=["core", "fragment"]
a, b = torch.randn(1, 3, 8, 8), torch.randn(1, 3, 8, 8)
print("concat", tuple(merge(a, b, "concat").shape))
print("add   ", tuple(merge(a, b, "add").shape))

# %% id="shapes-claim" tags=["core", "claim"]
assert torch.equal(merge(a, b, "concat")[:, :3], a)  # a can be had back
assert torch.equal(merge(a, b, "add"), a + b)

# %% [markdown] id="linear" tags=["core", "slide"]
# ## Are they so different?
#
# *(one-lesson track: 8 minutes)*
#
# After either merge comes a convolution. Without its bias each output is a sum of inputs
# times weights, so we can split that sum into two parts. If W_a holds the weights for the
# channels from a, W_b those for the channels from b, and ∗ is convolution, then
#
# $$\text{conv}(\text{concat}(a, b)) = W_a * a + W_b * b$$
#
# On the right, each map has a convolution of its own, and the results are **added**. In
# `float64` (about 16 digits), how large will the difference between the two sides be?

# %% id="the-identity" tags=["core", "fragment"]
a, b = (torch.randn(1, 3, 8, 8, dtype=torch.float64) for _map in "ab")
weight = torch.randn(4, 6, 3, 3, dtype=torch.float64)
weight_a, weight_b = weight[:, :3], weight[:, 3:]
left = F.conv2d(merge(a, b, "concat"), weight)
right = F.conv2d(a, weight_a) + F.conv2d(b, weight_b)
print("largest difference:", (left - right).abs().max().item())

# %% id="the-identity-claim" tags=["core", "claim"]
assert (left - right).abs().max() < 1e-12

# %% [markdown] id="tied" tags=["core", "fragment"]
# Apart from rounding, both sides are equal. After addition a convolution with weights W
# computes W * a + W * b, so addition acts like concatenation with **tied** weights: W_a =
# W_b.

# %% [markdown] id="tied-and-free" tags=["core"]
# So whatever a layer can compute after addition, it can also compute after concatenation,
# and more, because there W_a and W_b may differ. Later we measure whether a network learns
# better with that freedom.

# %% [markdown] id="exercise-1" tags=["core", "slide"]
# ### Exercise 1 (easy): tie the weights
#
# One convolution is applied to a + b, another to concat(a, b), both without a bias. Find
# the second one's weights, so that both compute the same for every a and b.
#
# - **In**: `weight`, the first convolution's weights, a float32 tensor (O, C, k, k) for O
#   output channels, C input channels and a k × k kernel. O, C and k are 1 or more and may
#   differ.
# - **Out**: the second one's weights, a float32 tensor (O, 2C, k, k). In concat(a, b), all
#   C channels of a come first, then all C channels of b.
# - **Example**: for O = 1, C = 1, k = 1 the weight `[[[[3.]]]]` becomes
#   `[[[[3.]], [[3.]]]]`, because 3 · (a + b) = 3 · a + 3 · b.


# %% id="exercise-tied" tags=["core", "fragment"]
def tied(weight):
    """The weight for concat(a, b) that does what `weight` does for a + b."""
    # SOLUTION: exercises.tied


# %% id="check-tied" tags=["core"]
check("06.tied", tied)

# %% [markdown] id="hint-tied" tags=["core"]
# Stuck? `hint("06.tied")`.

# %% [markdown] id="fcn" tags=["slide"]
# ## What FCN does
#
# [Long, Shelhamer and Darrell (2014)](https://arxiv.org/abs/1411.4038) published the
# **fully convolutional network (FCN)**, which adds its maps, half a year before U-Net. But
# look at **what** FCN adds: *score maps*, with one channel for each class. A 1 × 1
# convolution, P_a for a and P_b for b, first turns all of a map's channels into these
# scores, two in our case. By the identity above, P_a * a + P_b * b is the same as a
# concatenation followed by a convolution with the weights (P_a, P_b).

# %% [markdown] id="fcn-fusion" tags=["fragment"]
# So "FCN adds, U-Net concatenates" is true, but another difference matters more. FCN fuses
# its maps *linearly*, as class scores. U-Net merges all feature channels, and two 3 × 3
# convolutions follow, each with a ReLU, which isn't linear. So U-Net can respond to
# combinations, such as an edge in the skip where the map from below suggests a membrane.

# %% id="fcn-waist"
fcn = FCN(UNetConfig(base_channels=8, padding="same"), stride=4)
for score in fcn.scores:
    print(f"{score.in_channels:4} channels → {score.out_channels} scores")
a, b = torch.randn(1, 32, 8, 8), torch.randn(1, 64, 8, 8)
project_a, project_b = nn.Conv2d(32, 2, 1, bias=False), nn.Conv2d(64, 2, 1, bias=False)
both = torch.cat([project_a.weight, project_b.weight], dim=1)
difference = F.conv2d(torch.cat([a, b], 1), both) - (project_a(a) + project_b(b))
print(f"adding projections or concatenating: {difference.abs().max():.0e} apart")

# %% id="fcn-waist-claim" tags=["claim"]
assert difference.abs().max() < 1e-5
assert all(score.out_channels == 2 for score in fcn.scores)

# %% [markdown] id="the-price" tags=["core", "slide"]
# ## The price
#
# *(one-lesson track: 6 minutes)*
#
# In the panel, drag the next convolution's weights until the wall stands out most. Can
# addition reach that, too? Predict, too: at which level of the paper's network does
# concatenation cost the most extra parameters, and at which the most extra memory?
#
# {{twin: merge_toggle}}

# %% id="toggle" tags=["core", "slide"]
merge_toggle()

# %% [markdown] id="price-in-numbers" tags=["core", "slide"]
# With skip × 1 and from below × −0.2 the wall stands out most, by 2.12 standard deviations.
# After addition it stays at 0.36, because both maps share one weight. At the top of the U,
# concatenation costs few extra parameters but a lot of memory, because channels are few and
# maps are large. At level 3, the deepest merge, it is the other way round. In the whole
# network, addition saves about a tenth of the parameters and a sixth of the operations.
# (One **GFLOP** is a billion operations, multiplications and additions alike; here for one
# image of 572 × 572 pixels.)

# %% id="totals" tags=["core", "fragment", "output"]
concat, add = (trace(UNetConfig(merge=way), 572) for way in ("concat", "add"))
print(f"concat {concat.parameters:,} parameters, {concat.operations / 1e9:.1f} GFLOP")
print(f"add    {add.parameters:,} parameters, {add.operations / 1e9:.1f} GFLOP")

# %% id="totals-claim" tags=["core", "claim"]
from unet_teach.lessons.l06_concat_or_add.measure import clearest, clearness

assert (concat.parameters, add.parameters) == (31_030_658, 27_897_218)
assert round(1 - add.parameters / concat.parameters, 1) == 0.1
assert round(concat.operations / (concat.operations - add.operations)) == 6
assert clearest(2, 3)[1:] == (1, -0.2)
assert [round(n, 2) for n in (clearest(2, 3)[0], clearness(2, 3, 1, 1))] == [2.12, 0.36]

# %% [markdown] id="exercise-2"
# ### Exercise 2 (core): what a merge costs
#
# After each merge, a convolution with a k × k kernel and biases produces `channels`
# channels.
#
# - **In**: whole numbers, all 1 or more: `channels`, the number of channels of the skip,
#   and also of the map from below; `n`, the height and the width of both maps; `k`, the
#   height and the width of the kernel, 3 if it isn't given.
# - **Out**: a dictionary `{"concat": (parameters, numbers), "add": (parameters, numbers)}`.
#   `parameters` counts the weights and biases of that convolution, and `numbers` the values
#   in its input, the joined feature map.
# - **Example**: with 2 channels, n = 3 and k = 1, addition costs (6, 18): 2 · 2 weights and
#   2 biases, and 2 · 3 · 3 values.


# %% id="exercise-costs"
def costs(channels, n, k=3):
    """{"concat": (parameters, numbers), "add": (parameters, numbers)}"""
    # SOLUTION: exercises.costs


# %% id="check-costs"
check("06.costs", costs)

# %% [markdown] id="hint-costs"
# Stuck? `hint("06.costs")`.

# %% [markdown] id="surgery" tags=["core", "slide"]
# ## Surgery
#
# *(one-lesson track: 8 minutes)*
#
# What does a trained network *use* its skips for? The network below was trained with all
# four skips. You can weaken a skip, strengthen it, or cut it (× 0).
#
# Predict, then try: which skips can the network do without? Does the top skip, with the
# finest detail, matter more than level 2's?
#
# {{twin: skip_surgery}}

# %% id="operate" tags=["core", "slide"]
skip_surgery()

# %% [markdown] id="surgery-in-numbers" tags=["core", "slide"]
# Now we cut one skip at a time, and print V_rand, which compares the network's regions with
# the labelled ones (1 is perfect):

# %% id="each-skip" tags=["core", "fragment", "output"]
cut, panel = {}, skip_surgery()  # a panel of its own: yours stays as you left it
for level in range(4):
    panel.set(gains=[0 if other == level else 1 for other in range(4)])
    cut[level] = panel.answer["v_rand"]
    print(f"skip {level} cut: V_rand {cut[level]:.3f}, the pair is {panel.answer['verdict']}")

# %% id="each-skip-claim" tags=["core", "claim"]
assert min(cut, key=cut.get) == 2 and cut[2] < 0.5 < cut[0]
assert cut[2] + 0.5 < cut[3] < min(cut[0], cut[1])  # that of level 3 costs something
assert all(abs(cut[level] - 0.998) < 0.002 for level in (0, 1))  # the top two: hardly
panel.set(gains=[1, 1, 0, 1])
assert panel.answer["verdict"] == "merged"
panel.set(gains=[1, 1, 1, 1])
assert f"{panel.answer['v_rand']:.3f} {panel.answer['accuracy']:.3f}" == "0.998 0.911"

# %% id="thick-walls-claim" tags=["claim"]
wrong = (insides[0] != (labels == 1)).mean()
thick = (~insides[0] & (labels == 1)).mean()
assert 0.75 < thick / wrong < 0.85  # four of five wrong pixels: wall, where inside is due

# %% [markdown] id="read-surgery" tags=["core"]
# Without the skip at level 2, the cells run together. Cutting the level-3 skip does far
# less damage, and cutting either of the top two hardly changes V_rand.
#
# In the panel, with all four skips, V_rand is 0.998, and yet only 91.1 % of the pixels are
# right. Both can be true, because about four in five of the wrong pixels only make a wall
# too thick. That lowers the accuracy, but it neither merges nor splits cells, and V_rand
# mainly measures merges and splits.

# %% [markdown] id="why-level-2" tags=["slide"]
# ## Why is it level 2?
#
# How well can the walls be read from each map? We put a **linear probe**, a linear model,
# on each skip and on each map from below. Each probe is a 1 × 1 convolution with the
# weights that find the walls best on another slice. Here is what the probes find around our
# pair (dark is wall), from level 3 (left) to the top of the U (right).
#
# Compare the two rows level by level. Where does the skip (upper row) show something that
# the map from below doesn't?

# %% id="walls-read" tags=["fragment"]
read = walls_read()
figure, axes = plt.subplots(2, 4, figsize=(11, 5.9), layout="constrained")
for column, level in enumerate((3, 2, 1, 0)):
    for row, name in enumerate(("skip", "below")):
        axis = axes[row, column]
        axis.imshow(read[name, level], cmap="gray_r", vmin=0, vmax=1)
        axis.set_title(f"level {level}: {'the skip' if name == 'skip' else 'from below'}")
        axis.set_axis_off()
described(figure, "06.walls_read")

# %% id="walls-read-claim" tags=["claim"]
import numpy as np
from scipy.ndimage import distance_transform_edt, maximum_filter

from unet_teach.models.pretrained import pretrained

agreement = {}
for (name, level), known in read.items():
    side = 2**level
    cells = (labels != 1).reshape(128 // side, side, 128 // side, side).mean(axis=(1, 3))
    agreement[name, level] = np.corrcoef(known.ravel(), cells.ravel())[0, 1]
for level in range(4):  # the skip knows more at levels 3 and 2, the map from below above
    assert (agreement["skip", level] > agreement["below", level]) == (level >= 2)
assert agreement["below", 1] > agreement["below", 2] + 0.1
depth = distance_transform_edt(labels != 1)
ridge = depth[(depth > 0) & (depth == maximum_filter(depth, 5))]
assert 4 < 2 * np.median(ridge) < 8  # pixels, a typical wall

# %% id="other-network-claim" tags=["claim"]
other = pretrained("isbi")  # trained on ISBI micrographs
for gains_, due in (([1, 1, 1, 1], "apart"), ([1, 1, 0, 1], "merged")):
    assert our_pair.verdict(probability(other, micrograph, gains_) > 0.5, labels) == due

# %% [markdown] id="walls-read-answer"
# It does at levels 3 and 2. At level 3 even the skip is coarse: one of its pixels is as
# wide as 8 pixels of the image, wider than a typical wall. At level 2 the map from below
# shows only a blur between the two cells. The skip shows the wall sharply, but also false
# walls in the noise.
#
# At level 1 the map from below is sharp **and** clean, because it was made from both maps
# of level 2. So the skips of levels 1 and 0 add little, and the skip that the network
# needs most is level 2's, because it brings the sharp wall.

# %% [markdown] id="ablation" tags=["core"]
# Cutting a part out of a network is called an **ablation**, and it shows what *this*
# network relies on. (The course's other network, trained on ISBI micrographs, merges the
# pair without the level-2 skip, too.) A network that is *trained* without skips may learn
# to do without them. To find out, we have to train such a network, as [Drozdzal and others
# (2016)](https://arxiv.org/abs/1608.04117) did, and compare it fairly with one that has
# skips.

# %% [markdown] id="exercise-3" tags=["slide"]
# ### Exercise 3 (stretch): a fair comparison
#
# With concatenation, the paper's U-Net has about a ninth more parameters than with
# addition, which would be an unfair advantage. With how many **base channels** (those of
# level 0) does an adding U-Net have about as many *parameters* as the concatenating one?
#
# - **In**: two whole numbers: `base`, 2 or more, the base channels of the concatenating
#   network, and `depth`, 1 or more, the number of poolings in both networks.
# - **Given**: `parameters("add", b, depth)`, how many parameters an adding network with b
#   base channels has; `parameters("concat", b, depth)` likewise for a concatenating one.
# - **Out**: a whole number: the base channels of the adding network whose number of
#   parameters is nearest to the concatenating network's, above or below.
# - **Example**: `matched(18, 3)` is 19.


# %% id="exercise-matched" tags=["fragment"]
def matched(base, depth):
    """Base channels of the adding network."""
    # SOLUTION: exercises.matched


# %% id="check-matched"
check("06.matched", matched)

# %% [markdown] id="hint-matched"
# Stuck? `hint("06.matched")`.

# %% [markdown] id="trained" tags=["slide"]
# ## Trained: concat, add, none
#
# At depth 3, a concatenating network with 18 base channels and an adding one with 19 both
# have 610,000 parameters, to within 1 %. So does a third network, with 19 base channels and
# no skips. All three were trained on ISBI micrographs, with five random seeds each. Below
# are their pixel errors (1 − Dice, lesson 03) on a **validation set**, slices that training
# never used. Which network will have the highest errors?

# %% id="fair-table" tags=["fragment", "output"]
fair = load_table("compare_matched")
variants = ["concat, 18 channels", "add, 19 channels", "none, 19 channels"]
figure, axes = plt.subplots(figsize=(8, 2.4), layout="constrained")
for row, variant in enumerate(variants):
    errors = [run["pixel_error"] for run in fair if run["variant"] == variant]
    axes.plot(errors, [row] * len(errors), "o", markersize=10, alpha=0.6)
axes.set(yticks=range(3), yticklabels=variants, ylim=(2.5, -0.5))
axes.set_xlabel("pixel error, one dot per seed: further left is better")
described(figure, "06.fair")

# %% id="fair-table-claim" tags=["claim"]
from unet_teach.comparisons import answer, paired, summary

sizes = {run["variant"]: run["parameters"] for run in fair}
assert max(sizes.values()) / min(sizes.values()) < 1.01
assert all(round(size, -4) == 610_000 for size in sizes.values())
means = {name: f"{mean:.3f}" for name, (mean, *_) in summary(fair).items()}
assert [means[variant] for variant in variants] == ["0.960", "0.960", "0.949"]
pair = paired(fair, variants[0], variants[1])
assert not pair.found and round(pair.smallest, 3) == 0.017
assert not paired(fair, variants[0], variants[1], "pixel_error").found
skipless = paired(fair, variants[0], variants[2], "pixel_error")
assert skipless.verdict == "none, 19 channels is higher"
worst = max(run["pixel_error"] for run in fair if run["variant"] != variants[2])
assert worst < min(run["pixel_error"] for run in fair if run["variant"] == variants[2])
assert (round(skipless.low, 4), round(skipless.high, 4)) == (0.0007, 0.0039)
rand = paired(fair, variants[0], variants[2])
assert not rand.found and (round(rand.low, 3), round(rand.high, 4)) == (-0.024, 0.0005)

# %% [markdown] id="fair-verdict"
# The dots of concatenation and addition overlap. Those of the networks without skips are
# all further right, so skips do lower the pixel error here, concatenated ones by 0.0007 to
# 0.0039 (95 % confidence interval). But do skips also keep *cells* apart?

# %% [markdown] id="primary" tags=["slide"]
# ## The question of lesson 03, once more
#
# Lesson 03 asked: does a U-Net reach a higher V_rand with skips than without? Below is the
# answer of the same ten pairs of networks. After the surgery, would you bet that skips come
# out ahead?

# %% id="primary-answers" tags=["fragment", "output"]
primary_answers(6)

# %% [markdown] id="primary-verdict"
# The bar covers zero, so the question is still **not settled**: with skips, V_rand is 0.001
# higher on average than without (95 % confidence interval −0.013 to +0.015). This doesn't
# contradict the surgery. There we took away a skip that a network had learned to rely on.
# Here the networks without skips never had any, so they had to learn to do without them.

# %% id="primary-claim" tags=["claim"]
primary = answer("skips")
said = [f"{x:+.3f}" for x in (primary.mean, primary.low, primary.high)]
assert said == ["+0.001", "-0.013", "+0.015"] and not primary.found
assert round(primary.detectable, 3) == 0.019

# %% id="verdict-in-numbers-claim" tags=["claim"]
table = load_table("compare_merges")
ups = ("transposed", "nearest", "bilinear", "pixel_shuffle")
error = {name: f"{mean:.3f}" for name, (mean, *_) in summary(table, "pixel_error").items()}
rows = [[error[f"{way}, {up}"] for way in ("concat", "add", "none")] for up in ups]
assert rows == [
    ["0.053", "0.053", "0.056"],
    ["0.052", "0.055", "0.059"],
    ["0.053", "0.055", "0.060"],
    ["0.052", "0.054", "0.057"],
]

# %% id="sixteen-questions-claim" tags=["claim"]
detected = {}
for way in ("add", "none"):
    for metric, questions in (("v_rand", 8), ("pixel_error", 8), ("pixel_error", 16)):
        asked = [(f"concat, {up}", f"{way}, {up}") for up in ups]
        found = [paired(table, *pair, metric, questions=questions).found for pair in asked]
        detected[way, metric, questions] = sum(found)
assert detected["add", "v_rand", 8] == detected["add", "pixel_error", 8] == 0
assert detected["none", "v_rand", 8] == 0
ends = ("concat, transposed", "none, transposed")
assert not paired(table, *ends, "pixel_error", questions=8).found
assert detected["none", "pixel_error", 8] == 3 and detected["none", "pixel_error", 16] == 2
eight = [paired(table, f"concat, {up}", f"{way}, {up}", questions=8)
         for way in ("add", "none") for up in ups]  # fmt: skip
widest = max(eight, key=lambda interval: interval.high - interval.low)
assert round(max(-min(i.low for i in eight), widest.high), 2) == 0.13

# %% id="curious-merges-claim" tags=["claim"]
ends = [paired(table, f"concat, {up}", f"add, {up}", "pixel_error", questions=8) for up in ups]
assert (round(min(e.low for e in ends), 3), round(max(e.high for e in ends), 3)) == (
    -0.004,
    0.008,
)

# %% [markdown] id="curious-merges"
# <details><summary>For the curious: twelve more variants (95 % confidence intervals)</summary>
#
# The mean pixel error of five seeds in an *exploratory* experiment:
#
# | upsampling | concat | add | none |
# |---|---|---|---|
# | transposed | 0.053 | 0.053 | 0.056 |
# | nearest | 0.052 | 0.055 | 0.059 |
# | bilinear | 0.053 | 0.055 | 0.060 |
# | pixel shuffle | 0.052 | 0.054 | 0.057 |
#
# *Add* and *none* were each compared with *concat* for four upsamplers, so intervals are
# Bonferroni-corrected for eight comparisons. For *add* no difference was detected
# (intervals within −0.004 to +0.008). Without skips, a higher pixel error was detected with
# three upsamplers (with two, if corrected for two metrics). In V_rand no difference was
# detected, but differences up to 0.13 remain possible.
#
# With 610,000 parameters, *concat* and *add* both have a mean V_rand of 0.960 (difference ±
# 0.017). Without skips it's 0.949: no difference from *concat* was detected (−0.024 to
# +0.0005).
#
# </details>

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# Addition costs less, and no difference in V_rand was detected between networks with
# equally many parameters (95 % confidence interval ± 0.017). Why, then, do U-Net and
# successors like U-Net++ concatenate?
#
# <details><summary>One answer</summary>
#
# Habit may be one reason. But concatenation can also join maps that have different numbers
# of channels. And the next convolution can then treat, say, channel 5 of one map
# differently from channel 5 of the other, which it can't do after addition. Besides, "no
# difference was detected" doesn't mean that there is none: concatenation may still be
# better or worse by up to 0.017.
#
# </details>

# %% [markdown] id="pair-closes"
# ## The pair, as it is now
#
# Cutting the skip of level 2 removed the wall, but how much of the skip is enough to keep
# the wall? We multiply the skip by 1, 0.5 and 0.25. At which factor does the wall break,
# and which then falls more, accuracy or V_rand?

# %% id="pair-now"
figure, axes = plt.subplots(1, 3, figsize=(10, 4), layout="constrained")
for axis, gain in zip(axes, (1, 0.5, 0.25), strict=True):
    panel.set(gains=[1, 1, gain, 1])
    inside = probability(network, micrograph, [1, 1, gain, 1]) > 0.5
    axis.imshow(coloured(our_pair, inside, labels))
    scores = f"accuracy {panel.answer['accuracy']:.3f}, V_rand {panel.answer['v_rand']:.3f}"
    axis.set_title(f"skip 2 × {gain}: {panel.answer['verdict']}\n{scores}")
    axis.set_axis_off()
described(figure, "06.pair_now")

# %% id="pair-closes-claim" tags=["claim"]
weakened = {}
for gain in (1, 0.5, 0.25):
    panel.set(gains=[1, 1, gain, 1])
    found = panel.answer
    weakened[gain] = (found["verdict"], round(found["accuracy"], 3), round(found["v_rand"], 3))
assert weakened[1] == ("apart", 0.911, 0.998) and weakened[0.5] == ("apart", 0.923, 0.977)
assert weakened[0.25] == ("merged", 0.895, 0.418)
assert network.config.merge == UNetConfig().merge == "concat"

# %% [markdown] id="pair-closes-read"
# With half of the skip the pair is still apart, and more pixels are right than with the
# whole skip. With a quarter, the pair's wall and others have gaps. From half to a quarter,
# accuracy falls only from 0.923 to 0.895, but V_rand falls from 0.977 to 0.418, because a
# small gap merges whole cells.
#
# In lesson 07 you'll put the parts of U-Net together.

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - concatenated and added maps: the paper's "a concatenation with the correspondingly
#   cropped feature map" is `torch.cat([skip, x], dim=1)`, if `skip` is already cropped;
# - showed that conv(concat(a, b)) = W_a * a + W_b * b, and that addition ties W_a to W_b;
# - counted U-Net's parameters: 31,030,658 with concatenation, 27,897,218 with addition;
# - cut the skips of a trained network, and saw in its maps why it relies most on the skip
#   of level 2;
# - compared trained networks. In V_rand no difference was detected between concatenation
#   and addition (95 % confidence interval ± 0.017), nor between networks with and without
#   skips (ten pairs, −0.013 to +0.015). With 610,000 parameters, the pixel error was higher
#   without skips.
