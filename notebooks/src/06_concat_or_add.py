# %% [markdown] id="title" tags=["slide"]
# # 06 · Concatenate or add
#
# Two maps of the same size meet: the skip, full of detail, and the map from below, which knows
# what it sees. U-Net puts them side by side. Others add them. Is one of them better?
#
# ![](assets/lessons/06_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - say what concatenation and addition cost in channels, parameters and memory;
# - show that addition is concatenation with tied weights;
# - compare merges fairly, and operate on the skips of a trained network.
#
# **Time** about 40 minutes · **Before** lesson 05 · **Needs** no GPU, no data

# %% id="setup" tags=["core"]
import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.nn import functional as F

from unet_teach.comparisons import load_table, paired, summary
from unet_teach.config import UNetConfig
from unet_teach.drawing.intervals import primary_answers
from unet_teach.exercises import check, hint, solution
from unet_teach.layers import merge
from unet_teach.lessons.described import described
from unet_teach.lessons.l06_concat_or_add.measure import parameters
from unet_teach.lessons.l06_concat_or_add.panel import merge_toggle, skip_surgery
from unet_teach.models.fcn import FCN
from unet_teach.shapes import trace

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="two-merges" tags=["core", "slide"]
# ## Two ways to meet
#
# *(one-lesson track: 6 minutes)*
#
# Take a skip a and a map b from below, three channels each. Concatenation keeps all six
# channels, and the next convolution decides what to make of them. Addition sums channel by
# channel; what was in which is gone. Predict both shapes.

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
# After either merge comes a convolution, and a convolution is linear. Cut its weights in two:
# W_a for the channels that come from a, W_b for those from b. Then
#
# $$\text{conv}(\text{concat}(a, b)) = W_a * a + W_b * b$$
#
# Two convolutions, one for each map, and then a **sum**. How large will the difference of both
# sides be in double precision?

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
# And addition? conv(a + b) = W * a + W * b: the same, with W_a = W_b. Addition is
# concatenation whose two halves must be **tied**. So whatever an adding network computes
# here, a concatenating one can, too. Whether it will learn more with its freedom, no formula
# tells.

# %% [markdown] id="exercise-1" tags=["core", "slide"]
# ### Exercise 1 (easy): tie the weights
#
# Given the float32 `weight` (O, C, k, k) of a convolution for a + b, return the weight
# (O, 2C, k, k) of a convolution for concat(a, b) that computes the same for every a and b.
# In the concatenation, all C channels of a come first, then all of b.


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
# FCN came half a year before U-Net and adds. But look at **what** it adds: not maps of
# features but maps of *scores*. Each map first goes through a 1 × 1 convolution that leaves
# one channel for each class. These projections are not tied. By the identity above, P_a * a +
# P_b * b is a concatenation with the weights (P_a, P_b), through a waist of two channels.
#
# So "FCN adds, U-Net concatenates" is true, and yet the difference lies in the waist.

# %% id="fcn-waist"
fcn = FCN(UNetConfig(base_channels=8, padding="same"), stride=4)
for score in fcn.scores:
    print(f"{score.in_channels:4} channels → {score.out_channels} scores")
a, b = torch.randn(1, 32, 8, 8), torch.randn(1, 64, 8, 8)
project_a, project_b = nn.Conv2d(32, 2, 1, bias=False), nn.Conv2d(64, 2, 1, bias=False)
both = torch.cat([project_a.weight, project_b.weight], dim=1)
difference = F.conv2d(torch.cat([a, b], 1), both) - (project_a(a) + project_b(b))

# %% id="fcn-waist-claim" tags=["claim"]
assert difference.abs().max() < 1e-5
assert all(score.out_channels == 2 for score in fcn.scores)

# %% [markdown] id="the-price" tags=["core", "slide"]
# ## The price
#
# *(one-lesson track: 6 minutes)*
#
# Freedom costs. Choose a way to join and a level of the paper's network, and click a channel
# of the joined map: what is in it? Predict first: at which level does concatenation cost most
# parameters, at which most memory?
#
# {{twin: merge_toggle}}

# %% id="toggle" tags=["core", "slide"]
merge_toggle()

# %% [markdown] id="price-in-numbers" tags=["core", "slide"]
# Parameters are cheap at the top and dear at the bottom; memory is the other way round. In
# all, addition saves a tenth of the parameters and a sixth of the operations.

# %% id="totals" tags=["core", "fragment", "output"]
concat, add = (trace(UNetConfig(merge=way), 572) for way in ("concat", "add"))
print(f"concat {concat.parameters:,} parameters, {concat.operations / 1e9:.1f} GFLOP")
print(f"add    {add.parameters:,} parameters, {add.operations / 1e9:.1f} GFLOP")

# %% id="totals-claim" tags=["core", "claim"]
assert (concat.parameters, add.parameters) == (31_030_658, 27_897_218)
assert round(1 - add.parameters / concat.parameters, 1) == 0.1
assert round(concat.operations / (concat.operations - add.operations)) == 6

# %% [markdown] id="exercise-2"
# ### Exercise 2 (core): what a merge costs
#
# Skip and map have `channels` channels each and n × n pixels. After the merge a convolution
# with a k × k kernel and biases brings the channels down to `channels`. Count, for both
# merges, its parameters and the numbers that the joined map holds, the one that goes into the
# convolution. With 2 channels, n = 3 and k = 1, the addition costs (6, 18).


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
# What does a trained network *use* its skips for? Operate. The network below was trained with
# all four, and it keeps the pair apart. You may weaken a skip, strengthen it, or cut it (× 0);
# the rest of the network stays as it is.
#
# Predict, then try: which skip can it do without, and which not? Is the top skip, with the
# finest detail, the most important one?
#
# {{twin: skip_surgery}}

# %% id="operate" tags=["core", "slide"]
skip_surgery()

# %% [markdown] id="surgery-in-numbers" tags=["core", "slide"]
# In numbers, each skip cut alone:

# %% id="each-skip" tags=["core", "fragment", "output"]
cut, panel = {}, skip_surgery()  # a panel of its own: yours stays as you left it
for level in range(4):
    panel.set(gains=[0 if other == level else 1 for other in range(4)])
    cut[level] = panel.answer["v_rand"]
    print(f"skip {level} cut: V_rand {cut[level]:.3f}, the pair is {panel.answer['verdict']}")

# %% id="each-skip-claim" tags=["core", "claim"]
assert min(cut, key=cut.get) == 2 and cut[2] < 0.5 < cut[0]
panel.set(gains=[1, 1, 0, 1])
assert panel.answer["verdict"] == "merged"

# %% [markdown] id="read-surgery" tags=["core"]
# In this network, on this tissue, the skip of level 2 is the one that it cannot do without,
# and the top one hardly matters for V_rand. Do not read too much into that: an operation
# shows what *this* network relies on, not what a network needs. One that grows up without a
# skip learns to live without it. For that question there is only one way: train.

# %% [markdown] id="trained" tags=["slide"]
# ## Trained: concat, add, none
#
# So small networks were trained on the ISBI micrographs: three merges, with each of the four
# upsamplers of lesson 04, five seeds. Judged on slices that they had not seen, at equal steps.
# `none` has no skip at all. Bet now: how far apart are they?

# %% id="table" tags=["slide"]
table = load_table("compare_merges")
means = {metric: summary(table, metric) for metric in ("v_rand", "pixel_error")}
for variant in means["v_rand"]:
    if "transposed" in variant:
        (rand, spread, runs), (error, *_) = (means[m][variant] for m in means)
        print(f"{variant:18} V_rand {rand:.3f} ± {spread:.3f}")
        print(f"{'':18} pixel error {error:.4f}")
figure, axes = plt.subplots(figsize=(8, 3), layout="constrained")
for row, variant in enumerate(means["pixel_error"]):
    errors = [run["pixel_error"] for run in table if run["variant"] == variant]
    axes.plot(errors, [row] * len(errors), "o", alpha=0.7)
axes.set(xlabel="pixel error, one dot a seed", yticks=range(12))
axes.set_yticklabels(means["pixel_error"], fontsize=8)
described(figure, "06.table")

# %% [markdown] id="eight-questions"
# We ask eight questions in each measure: add and none against concat, for four upsamplers,
# paired by seed. Who asks eight questions of noise gets an answer now and then, so the
# intervals are widened for eight.

# %% id="questions"
ups = ("transposed", "nearest", "bilinear", "pixel_shuffle")
answers = {}
for way in ("add", "none"):
    for metric in ("v_rand", "pixel_error"):
        asked = [(f"concat, {up}", f"{way}, {up}") for up in ups]
        found = [paired(table, *pair, metric, questions=8) for pair in asked]
        answers[way, metric] = [difference.found for difference in found]
        least = max(difference.smallest for difference in found)
        print(f"{way} against concat, {metric}: found {sum(answers[way, metric])} of 4")
        print(f"    (the widest confidence interval: ± {least:.3f})")

# %% [markdown] id="verdict" tags=["slide"]
# **Between concatenation and addition no difference was found**, neither in V_rand nor in
# pixel error. Without any skip the pixel error is higher with three of four upsamplers (with
# two, if one counts sixteen questions); in V_rand, which wanders more from seed to seed, even
# that was not seen. Networks this small, trained this briefly, cannot tell more. The common
# sentence "concatenation is better" is not in these data.

# %% id="verdict-in-numbers"
strict = [paired(table, *pair, "pixel_error", questions=16).found for pair in asked]

# %% id="verdict-in-numbers-claim" tags=["claim"]
assert not any(answers["add", "v_rand"] + answers["add", "pixel_error"])
assert sum(answers["none", "pixel_error"]) == 3 and not any(answers["none", "v_rand"])
assert asked[0][1] == "none, transposed" and sum(strict) == 2

# %% [markdown] id="exercise-3" tags=["slide"]
# ### Exercise 3 (stretch): a fair pair
#
# One objection: concatenation had a tenth more parameters. Make the pair fair. For a
# concatenating U-Net with `base` channels: which base brings an adding one nearest to its
# number of parameters? `parameters("add", b, depth)` counts. Both `base` (2 or more) and your
# result are whole numbers, and nearest means the smallest difference, whichever of the two has
# more. For base 18 and depth 3 it is 19.


# %% id="exercise-matched" tags=["fragment"]
def matched(base, depth):
    """Base channels of the adding network."""
    # SOLUTION: exercises.matched


# %% id="check-matched"
check("06.matched", matched)

# %% [markdown] id="hint-matched"
# Stuck? `hint("06.matched")`. With 18 base channels and depth 3 the answer is 19, and
# both have 610,000 parameters within 1 %. That pair was trained, too, again with five seeds:

# %% id="fair-table"
fair = load_table("compare_matched")
sizes = {run["variant"]: run["parameters"] for run in fair}
for variant, (mean, spread, _runs) in summary(fair).items():
    print(f"{variant}: {sizes[variant]:,} parameters")
    print(f"    V_rand {mean:.3f} ± {spread:.3f}")
pair = paired(fair, "concat, 18 channels", "add, 19 channels")
print(pair)

# %% id="fair-table-claim" tags=["claim"]
assert not pair.found and max(sizes.values()) / min(sizes.values()) < 1.01
assert round(pair.smallest, 3) == 0.017

# %% [markdown] id="fair-verdict"
# Fair or not: none found. What is true of both is that they have skips.

# %% id="skips-matter"
skipless = paired(fair, "concat, 18 channels", "none, 19 channels", "pixel_error")
print(skipless)

# %% id="skips-matter-claim" tags=["claim"]
assert skipless.verdict == "none, 19 channels is higher"

# %% [markdown] id="primary" tags=["slide"]
# ## One question, five blocks
#
# Addition or concatenation, both have skips. Does a U-Net with skips reach a higher V_rand
# than one without?
#
# Ten **pairs** of small networks answer it: five blocks of slices of the ISBI stack, each
# held out in turn, with two seeds each, so that the answer covers other tissue as well as
# other luck. The question was written down before the first run (`experiments/README.md`).
# Everything else in this lesson's tables is *exploratory*: one block, a few seeds.
#
# The bar is the 95 % confidence interval of the difference. Where it covers zero, the
# question is **not settled**, and that is not the same as *it does not matter*.

# %% id="primary-answers" tags=["fragment", "output"]
primary_answers(6)

# %% [markdown] id="primary-verdict"
# **Not settled.** The estimate is +0.001, and the interval reaches from −0.013 to +0.015. The
# lower pixel error that the tables above show for networks with skips is real for their block
# of slices, but it did not become a better separation of cells. A true difference of 0.019 in
# V_rand would have been detected in four of five such experiments.

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# If addition costs less and no difference is found, why does nearly every U-Net concatenate?
#
# <details><summary>One answer</summary>
#
# Habit, for one: the paper did it, and copies were made. But there are reasons. Concatenation
# does not ask that both maps have the same number of channels, so any two networks can be
# joined. It does not force both maps into one coordinate system of features. And "none found"
# is not "none there": the fair pair would have missed a difference in V_rand of less than
# 0.017, which at the top of a ranking is much. Where memory is short, addition is an honest
# choice.
#
# </details>

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - saw "a concatenation with the correspondingly cropped feature map" as
#   `torch.cat([skip, x], dim=1)`: all channels of both are kept;
# - showed that conv(concat(a, b)) = W_a * a + W_b * b, and that addition ties W_a to W_b;
# - counted: 31,030,658 parameters against 27,897,218;
# - found no difference between concat and add after training, and a higher pixel error without
#   skips.
