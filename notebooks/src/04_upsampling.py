# %% [markdown] id="title" tags=["slide"]
# # 04 · Upsampling
#
# On its way up, the U doubles its maps four times. There are four common ways to do it, much
# folklore about which is best, and a pattern that nobody ordered: the checkerboard.
#
# ![](assets/lessons/04_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - double a map in four ways, and say what each computes;
# - write a convolution as a matrix, and see why its transpose makes maps larger;
# - measure a checkerboard, name its two causes, and judge a trained comparison.
#
# **Time** about 45 minutes · **Before** lessons 01 and 03 · **Needs** no GPU, no data

# %% id="setup"
import statistics
import time
from itertools import combinations

import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.nn import functional as F

from unet_teach.comparisons import load_table, paired, summary
from unet_teach.config import UNetConfig
from unet_teach.drawing.intervals import primary_answers
from unet_teach.exercises import check, hint, solution
from unet_teach.layers import make_upsampler
from unet_teach.lessons.described import described
from unet_teach.lessons.l04_upsampling import exercises  # the course's answers
from unet_teach.lessons.l04_upsampling.measure import (
    constant_response,
    new_weight,
    ripple,
    upsampled,
)
from unet_teach.lessons.l04_upsampling.panel import upsampler_explorer
from unet_teach.models.pretrained import pretrained
from unet_teach.models.unet import count_parameters
from unet_teach.shapes import trace

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="two-without-weights" tags=["slide"]
# ## Two ways without weights
#
# **Nearest neighbour** copies each pixel into a 2 × 2 block. **Bilinear** interpolation draws
# straight lines between pixel centres. Take a line 0, 4, 8. What does each make of it? Mind
# the ends: there bilinear has no neighbour.

# %% id="nearest-and-bilinear" tags=["fragment"]
line = torch.tensor([[[0.0, 4.0, 8.0]]])
nearest = F.interpolate(line, scale_factor=2.0, mode="nearest").flatten().tolist()
linear = F.interpolate(line, scale_factor=2.0, mode="linear").flatten().tolist()
print("nearest ", nearest)
print("bilinear", linear)

# %% id="nearest-and-bilinear-claim" tags=["claim"]
assert nearest == [0, 0, 4, 4, 8, 8] and linear == [0, 1, 3, 5, 7, 8]

# %% [markdown] id="matrix" tags=["slide"]
# ## A convolution is a matrix
#
# The third way has weights. To see what it is, write a convolution as a matrix W: feed it
# the unit vectors one by one, and each answer is a column of W. A line of 5 and a kernel
# (1, 2, 3) give a line of 3. Which shape has W, and where do the 1, 2, 3 stand?

# %% id="convolution-as-matrix" tags=["fragment"]
kernel = torch.tensor([[[1.0, 2.0, 3.0]]])
units = torch.eye(5)[:, None]  # five lines (1, 5), each with a single 1
W = F.conv1d(units, kernel)[:, 0].T  # (3, 5)
print(W)
x = torch.randn(5)

# %% id="convolution-as-matrix-claim" tags=["claim"]
assert W.shape == (3, 5)
assert torch.allclose(W @ x, F.conv1d(x[None, None], kernel)[0, 0], atol=1e-6)

# %% [markdown] id="transpose" tags=["slide"]
# W takes 5 numbers and gives 3. Its transpose takes 3 and gives 5. That is all: a **transposed
# convolution** multiplies by Wᵀ. Read a column of Wᵀ: each input *paints* a copy of the
# kernel, and where copies overlap they add up. Do not say "deconvolution": it does not undo
# the convolution.

# %% id="transposed-is-the-transpose" tags=["fragment"]
y = torch.tensor([1.0, 10.0, 100.0])
painted = F.conv_transpose1d(y[None, None], kernel)[0, 0]
print("Wᵀ y =", (W.T @ y).tolist())

# %% id="transposed-is-the-transpose-claim" tags=["claim"]
assert torch.equal(W.T @ y, painted)
assert not torch.allclose(W.T @ (W @ x), x)  # it undoes nothing

# %% [markdown] id="stride"
# And stride 2? The convolution then skips every second place, so W has half the rows. Its
# transpose doubles. The paper's up-convolution is this one, with k = 2 and s = 2: copies of
# the kernel that do not overlap.
#
# The paper's sentence reads otherwise: "an upsampling of the feature map followed by a 2x2
# convolution ('up-convolution')". Both readings have the same number of weights. The
# authors' own program used the transposed convolution, and so does this course.

# %% id="stride-two"
pair = torch.tensor([[[1.0, 2.0]]])
doubled = F.conv_transpose1d(torch.tensor([[[1.0, 10.0, 100.0]]]), pair, stride=2)
print(doubled.flatten().tolist())

# %% id="stride-two-claim" tags=["claim"]
assert doubled.flatten().tolist() == [1, 2, 10, 20, 100, 200]
one, other = nn.ConvTranspose2d(8, 4, 2, stride=2), nn.Conv2d(8, 4, 2)
assert count_parameters(one) == count_parameters(other)  # no count tells the readings apart

# %% [markdown] id="exercise-1" tags=["slide"]
# ### Exercise 1 (easy): zero insertion
#
# There is a third way to see it. Put s − 1 zeros between all neighbours, then run an ordinary
# convolution, with the kernel turned around, over the stretched map. Build the stretching.
#
# `x` is a float32 tensor (B, C, H, W), and s is 1 or more. Return a tensor
# (B, C, s·(H − 1) + 1, s·(W − 1) + 1) that holds pixel (i, j) of `x` at (s·i, s·j) and zeros
# everywhere else. With s = 2, a row 1, 2, 3 becomes 1, 0, 2, 0, 3; with s = 1 nothing changes.


# %% id="exercise-zero-insertion" tags=["fragment"]
def zero_insertion(x, s):
    """x (B, C, H, W) with s - 1 zeros between neighbours."""
    # SOLUTION: exercises.zero_insertion


# %% id="check-zero-insertion"
check("04.zero_insertion", zero_insertion)

# %% [markdown] id="zero-insertion-equals"
# Stuck? `hint("04.zero_insertion")`. Is it really the same? Stretch, pad by k − 1 zeros, turn
# the kernel by 180 degrees and swap its channels. Compare with torch.

# %% id="zero-insertion-oracle" tags=["claim"]
for k, s in [(2, 2), (3, 2), (4, 2), (5, 3)]:
    x, weight = torch.randn(1, 3, 6, 6), torch.randn(3, 2, k, k)
    turned = weight.flip(-1, -2).transpose(0, 1)  # (out, in, k, k)
    ours = F.conv2d(exercises.zero_insertion(x, s), turned, padding=k - 1)
    assert torch.allclose(ours, F.conv_transpose2d(x, weight, stride=s), atol=1e-5)
print("equal for k = 2, 3, 4, 5")

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): bilinear, as a fixed transposed convolution
#
# A transposed convolution can also paint soft blobs. Which kernel (2s, 2s) makes it exactly
# bilinear upsampling by an even s? FCN starts its upsampling with these weights. Return a
# tensor of 2s rows and 2s columns; with s = 2 its first row is 1/16, 3/16, 3/16, 1/16.


# %% id="exercise-bilinear-kernel" tags=["fragment"]
def bilinear_kernel(s):
    """The kernel (2s, 2s)."""
    # SOLUTION: exercises.bilinear_kernel


# %% id="check-bilinear-kernel"
check("04.bilinear_kernel", bilinear_kernel)

# %% [markdown] id="bilinear-oracle-prose"
# Stuck? `hint("04.bilinear_kernel")`. In use, away from the border:

# %% id="bilinear-oracle"
x = torch.randn(1, 1, 8, 8)
painted = F.conv_transpose2d(x, exercises.bilinear_kernel(2)[None, None], stride=2, padding=1)
difference = (painted - F.interpolate(x, scale_factor=2.0, mode="bilinear")).abs()
print(f"largest difference inside {difference[..., 1:-1, 1:-1].max():.0e}")

# %% id="bilinear-oracle-claim" tags=["claim"]
assert difference[..., 1:-1, 1:-1].max() < 1e-5 < difference.max()

# %% [markdown] id="pixel-shuffle" tags=["slide"]
# ## The fourth way
#
# **Pixel shuffle** first computes four maps at the small size, then deals their pixels out as
# 2 × 2 blocks. Now compare: the paper's up-convolution has a 2 × 2 kernel, that is four
# weights for each pair of channels, one for each pixel of the block. Is that not the same?

# %% id="shuffle-is-transposed"
shuffle, up = make_upsampler("pixel_shuffle", 8, 4), make_upsampler("transposed", 8, 4)
with torch.no_grad():  # (4·out, in, 1, 1) -> (in, out, 2, 2)
    up.weight.copy_(shuffle[0].weight.view(4, 2, 2, 8).permute(3, 0, 1, 2))
    shuffle[0].bias.zero_()
    up.bias.zero_()
    x = torch.randn(1, 8, 5, 5)
    difference = (up(x) - shuffle(x)).abs().max().item()
print(f"largest difference {difference:.0e}")

# %% id="shuffle-is-transposed-claim" tags=["claim"]
assert difference < 1e-5
assert up.weight.numel() == shuffle[0].weight.numel()

# %% [markdown] id="same-function" tags=["slide"]
# The same function, only stored in another order. With biases pixel shuffle has a few numbers
# more, one bias for each of the four. Keep this in mind: when somebody reports that one of
# them is better than the other, what can the reason be?
#
# ## The checkerboard
#
# Feed a new network with a constant map. One would like a constant map back. Predict, then
# try: where does each input pixel paint, and which output pixels are painted twice? Which
# upsamplers give a constant map? Does it help when s divides k? And what do equal weights do?
#
# {{twin: upsampler_explorer}}

# %% id="upsampler-explorer" tags=["slide"]
upsampler_explorer()

# %% [markdown] id="two-causes" tags=["slide"]
# There are two causes. **Uneven overlap:** where s does not divide k, some pixels are painted
# more often than others. **Uneven weights:** even where all are painted equally often, each
# phase of a block has weights of its own, and new weights differ. Often only the first is
# named. Its cure, "take a kernel that the stride divides", is half the truth. Here is the
# ripple, standard deviation over mean absolute value, of 16 channels, with five seeds, away
# from the border:

# %% id="ripple-table" tags=["fragment", "output"]
settings = [("transposed", k) for k in (2, 3, 4)]
settings += [("pixel_shuffle", 1), ("nearest", 3), ("bilinear", 3)]
for kind, k in settings:
    new = [ripple(constant_response(kind, k, s=2, seed=seed)) for seed in range(5)]
    even = ripple(constant_response(kind, k, s=2, uniform=True))
    print(
        f"{kind:13} k = {k}: {statistics.mean(new):.2f} ± {statistics.stdev(new):.2f}, "
        f"with equal weights {even:.2f}"
    )

# %% id="ripple-table-claim" tags=["claim"]
for kind, k in settings:
    new = [ripple(constant_response(kind, k, s=2, seed=seed)) for seed in range(5)]
    even = ripple(constant_response(kind, k, s=2, uniform=True))
    assert (max(new) < 1e-4) if kind in ("nearest", "bilinear") else (0.9 < min(new) < 1.4)
    assert (round(even, 2) == 0.48) if k == 3 and kind == "transposed" else (even < 1e-4)

# %% [markdown] id="read-ripple" tags=["slide"]
# With equal weights only k = 3 ripples. With new weights **every** transposed convolution does,
# k = 2 and k = 4 as much as k = 3, and pixel shuffle as well: about 1, which means that the
# pattern is as strong as the signal. Interpolation followed by a convolution does not ripple at
# all, except at the border, where zeros come in.

# %% [markdown] id="exercise-3" tags=["slide"]
# ### Exercise 3 (stretch): without a checkerboard
#
# Repair new weights (in, out, k, k), with s from 2 to k: make the sums of their s × s phases
# alike, so that a constant map stays constant. Each kernel, one for every pair of an input and
# an output channel, is repaired on its own: take the mean of its s × s sums as the goal, and
# share each phase's correction out evenly among the weights of that phase. For example, with
# s = 2 the kernel [[1, 2], [3, 6]] has four phases of one weight each, and all become 3.


# %% id="exercise-no-checkerboard" tags=["fragment"]
def no_checkerboard(weight, s):
    """Weights of the same shape whose phases all have the same sum."""
    # SOLUTION: exercises.no_checkerboard


# %% id="check-no-checkerboard"
check("04.no_checkerboard", no_checkerboard)

# %% [markdown] id="repaired"
# Stuck? `hint("04.no_checkerboard")`. The ripple before and after the repair:

# %% id="repaired-in-numbers" tags=["claim"]
ones = torch.ones(1, 16, 12, 12)
for k in (2, 3, 4):
    weight = new_weight("transposed", k, s=2)
    maps = [
        upsampled("transposed", ones, w, 2)[0, :, 4:-4, 4:-4].numpy()
        for w in (weight, exercises.no_checkerboard(weight, 2))
    ]
    print(f"k = {k}: {ripple(maps[0]):.2f} → {ripple(maps[1]):.2f}")
    assert ripple(maps[0]) > 0.9 and ripple(maps[1]) < 1e-4

# %% [markdown] id="price" tags=["slide"]
# ## What each costs
#
# Parameters, operations and the memory of the maps can be counted. The library's
# interpolation has a 1 × 1 convolution **before** it, where there are four times fewer
# pixels. Time must be measured, and depends on the machine, so look at ratios. Guess first:
# which saves parameters, and which needs most memory?

# %% id="cost-table"
kinds = ("transposed", "nearest", "bilinear", "pixel_shuffle")
traces = {kind: trace(UNetConfig(upsample=kind), 572) for kind in kinds}
seconds = {kind: [] for kind in kinds}
x, layers = torch.randn(1, 64, 64, 64), {kind: make_upsampler(kind, 64, 32) for kind in kinds}
for _round in range(15):
    for kind in kinds:
        start = time.perf_counter()
        layers[kind](x).sum().backward()
        seconds[kind].append(time.perf_counter() - start)
for kind in kinds:
    ratio = statistics.median(seconds[kind]) / statistics.median(seconds["transposed"])
    traced = traces[kind]
    print(f"{kind:13} {traced.parameters:,} parameters, {traced.operations / 1e9:.1f} GFLOP,")
    print(f"{'':13} {traced.memory / 1e6:.0f} MB of maps; one layer takes × {ratio:.2f}")

# %% [markdown] id="price-in-numbers"
# The whole U-Net has 31,030,658 parameters with transposed convolutions and 28,941,698 with
# interpolation: 7 % fewer. But interpolation keeps one map more at each level, before it is
# enlarged: 3 % more memory in all. Pixel shuffle keeps four of them: 11 % more.

# %% id="price-asserted"
more = {kind: traces[kind].memory / traces["transposed"].memory - 1 for kind in kinds}

# %% id="price-asserted-claim" tags=["claim"]
assert traces["transposed"].parameters == 31_030_658
assert traces["bilinear"].parameters == traces["nearest"].parameters == 28_941_698
assert round(1 - 28_941_698 / 31_030_658, 2) == 0.07
assert [round(more[kind], 2) for kind in kinds] == [0, 0.03, 0.03, 0.11]
assert count_parameters(layers["transposed"]) == 64 * 32 * 4 + 32

# %% [markdown] id="after-training" tags=["slide"]
# ## Does training remove it?
#
# So far all weights were new. The course's trained network has four up-convolutions, k = 2 and
# s = 2. Feed each with ones. How much ripple is left?

# %% id="trained-ripple" tags=["fragment", "output"]
left = []
for up in pretrained("membranes").upsamplers:
    ones = torch.ones(1, up.in_channels, 12, 12)
    with torch.no_grad():
        left.append(ripple(upsampled("transposed", ones, up.weight, 2)[0].numpy()))
print("ripple after training:", [round(value, 2) for value in left])

# %% id="trained-ripple-claim" tags=["claim"]
assert round(min(left), 1) == 0.8 and round(max(left), 1) == 1.1

# %% [markdown] id="trained"
# Still 0.8 to 1.1: in this network training removed little of it. Yet its maps are never
# constant, and two convolutions follow. Whether it does harm, only results can say.
#
# ## Which is best?
#
# "Use bilinear, it has no checkerboard": you will read this often. So small U-Nets were trained
# on the ISBI micrographs, with each upsampler and five seeds, and judged on six slices that
# they had not seen. `experiments/comparisons.py` is the command. Write down your guess: which
# is in front, and by how much?

# %% id="trained-table" tags=["slide"]
table = load_table("compare_merges")
metrics = ("v_rand", "v_info", "dice", "pixel_error")
for metric in metrics:
    for kind in kinds:
        mean, spread, runs = summary(table, metric)[f"concat, {kind}"]
        print(f"{metric:11} {kind:13} {mean:.3f} ± {spread:.3f} ({runs} seeds)")
figure, axes = plt.subplots(figsize=(8, 2.3), layout="constrained")
for row, kind in enumerate(kinds):
    values = [run["v_rand"] for run in table if run["variant"] == f"concat, {kind}"]
    axes.plot(values, [row] * len(values), "o", alpha=0.7)
axes.set(xlabel="V_rand, one dot a seed", yticks=range(4), yticklabels=kinds)
described(figure, "04.trained_table")

# %% [markdown] id="paired"
# One seed is one **pair**: same first random numbers, same slices. We ask three questions in
# each measure, every other upsampler against the transposed convolution. Who asks three
# questions of noise gets an answer more often than who asks one, so the intervals are widened
# for three.

# %% id="three-questions"
found, worst = [], {}
for metric in metrics:
    asked = [("concat, transposed", f"concat, {kind}") for kind in kinds[1:]]
    answers = [paired(table, *names, metric, questions=3) for names in asked]
    found += [answer.found for answer in answers]
    worst[metric] = round(max(max(-answer.low, answer.high) for answer in answers), 3)
    print(f"{metric:11} found {sum(answer.found for answer in answers)} of 3;")
    print(f"    differences up to {worst[metric]:.3f} are not ruled out")

# %% [markdown] id="verdict" tags=["slide"]
# **No difference was found**, in any of the four measures (pixel error is 1 − Dice at its best
# threshold). Nor is there one between any other two of the four. What may exist all the same?
# The intervals reach to 0.085 in V_rand, 0.018 in V_info, 0.006 in Dice, 0.003 in pixel error.
# Transposed convolution and pixel shuffle even compute the same functions, but for the biases,
# so between these two there was little to find.
#
# The belief that bilinear is best overall is not supported here. These networks are small and
# their training short: it is not refuted for yours.

# %% id="verdict-in-numbers" tags=["claim"]
assert not any(found) and len(found) == 12
assert worst == {"v_rand": 0.085, "v_info": 0.018, "dice": 0.006, "pixel_error": 0.003}
for metric in metrics:
    for a, b in combinations(kinds, 2):  # intervals not even widened for all these questions
        assert not paired(table, f"concat, {a}", f"concat, {b}", metric).found

# %% [markdown] id="primary" tags=["slide"]
# ## One question, five blocks
#
# One question was chosen beforehand: does the learned up-convolution reach a higher V_rand
# than bilinear interpolation?
#
# Ten **pairs** of small networks answer it: five blocks of slices of the ISBI stack, each
# held out in turn, with two seeds each, so that the answer covers other tissue as well as
# other luck. The question was written down before the first run (`experiments/README.md`).
# Everything else in this lesson's tables is *exploratory*: one block, a few seeds.
#
# The bar is the 95 % confidence interval of the difference. Where it covers zero, the
# question is **not settled**, and that is not the same as *it does not matter*.

# %% id="primary-answers" tags=["fragment", "output"]
primary_answers(4)

# %% [markdown] id="primary-verdict"
# **Not settled.** The estimate is −0.005, and the interval reaches from −0.032 to +0.022. A
# true difference of 0.036 would have been detected in four of five such experiments, so what
# remains possible is small on either side.

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# A colleague sees a fine grid in her network's output and wants to replace all transposed
# convolutions by bilinear upsampling. What would you look at first?
#
# <details><summary>One answer</summary>
#
# Is the grid in the logits, or only in the picture? Look at its spectrum: a checkerboard of
# the last doubling sits at 1/2 wave a pixel, of the one before at 1/4. Does it change any
# decision, that is, does the thresholded mask show it? More training alone need not help: our
# trained network kept its ripple. If it matters, two cheap cures: start from repaired weights,
# as in exercise 3, or interpolate before a convolution. Then train both, several seeds each,
# and compare what you care for.
#
# </details>

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - saw a transposed convolution as Wᵀ, as painting, and as zero insertion;
# - the paper's "up-convolution" is `nn.ConvTranspose2d(in, out, kernel_size=2, stride=2)`: it
#   "halves the number of feature channels", and but for the biases a pixel shuffle;
# - measured ripple: about 1 for every new transposed convolution, 0 for interpolation; a
#   kernel that the stride divides cures uneven overlap, not uneven weights;
# - found no difference between the four after training, in five pairs.
