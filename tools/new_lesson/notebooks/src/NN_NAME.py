# %% [markdown] id="title" tags=["slide"]
# # NN · TITLE
#
# REPLACE: two sentences. What is the question of this lesson, and why does whoever builds a
# U-Net meet it? Whatever stands below works, so that you can begin with a lesson that runs and
# replace one cell after the other. Below the two sentences stands the U with today's part lit.
#
# ![](assets/lessons/NN_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - REPLACE: something that one can do afterwards, and could not before;
# - REPLACE: a second thing, which the core exercise asks for;
# - REPLACE: a third one, which can be seen from outside, so no "understand" and no "know".
#
# **Time** about 40 minutes · **Prerequisites** lesson 00 · **Needs** no GPU, no data

# %% id="setup"
import matplotlib.pyplot as plt
import torch

from unet_teach.exercises import check, hint, solution
from unet_teach.lessons.described import described
from unet_teach.lessons.lNN_NAME.measure import blocks
from unet_teach.lessons.lNN_NAME.panel import NAME_explorer

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="first-question" tags=["slide"]
# ## A question to begin with
#
# REPLACE: show something small that surprises. Say what goes in, and then ask what will come
# out, before the cell that answers runs: a guess that was wrong and was noticed teaches more
# than a right answer that was read. Here a row of seven cells is cut into blocks of three.
# How many blocks are there, and what happens to the seventh cell?

# %% id="first-look" tags=["fragment"]
row = list(range(7))
cut = blocks(len(row), 3)
for block in cut:
    print([row[cell] for cell in block])
print("taken:", sum(map(len, cut)), "of", len(row))

# %% [markdown] id="the-rule"
# REPLACE: what was seen, in words, and then the same as a formula. One idea a cell, and at most
# a hundred and thirty words. A number that stands in the prose is asserted by the code beside
# it, so that no sentence can become false without a red test. Here: whole blocks only, so the
# number of blocks is a division that is rounded down, and the rest is lost without a word.

# %% id="rule-in-numbers"
for n, k in ((7, 3), (8, 4), (2, 5)):
    count = len(blocks(n, k))
    print(f"{n} cells, blocks of {k}: {count} blocks, {n - count * k} left over")

# %% id="rule-in-numbers-claim" tags=["claim"]
assert len(blocks(7, 3)) == 2
assert len(blocks(2, 5)) == 0

# %% [markdown] id="predict-then-try" tags=["slide"]
# ## Predict, then try
#
# REPLACE: two or three questions that the interactive answers, each so that one can write an
# answer down first. For which sizes of a block is nothing left over from twelve cells? Which
# row of at most sixteen cells can be cut in most ways? What does the picture do when the block
# is longer than the row? The folded picture below is for those who read without a kernel.
#
# {{twin: NAME_explorer}}

# %% id="explore" tags=["slide"]
NAME_explorer()

# %% [markdown] id="what-you-saw"
# REPLACE: what whoever clicked the cells should have seen, and one sentence on what it means
# for a network. Then the same claim in numbers, in the next cell, so that it holds for those
# who did not move anything, too. A claim that a picture only suggests is no claim yet.

# %% id="saw-in-numbers"
fits = [k for k in range(1, 13) if sum(map(len, blocks(12, k))) == 12]
print("blocks that fit twelve cells:", fits)
ways = {n: sum(n % k == 0 for k in range(1, n + 1)) for n in range(1, 17)}
most = [n for n in ways if ways[n] == max(ways.values())]
print("cut in most ways:", most, "with", max(ways.values()), "sizes of a block")

# %% id="saw-in-numbers-claim" tags=["claim"]
assert fits == [1, 2, 3, 4, 6, 12]
assert most == [12]

# %% [markdown] id="exercise-1" tags=["slide"]
# ### Exercise 1 (easy): blocks and the rest
#
# REPLACE: a contract, not a riddle. Say what goes in, with its type and its edges, and what has
# to come out; the cases of the check are drawn from this text, so every edge is promised here.
# Give a list of two whole numbers: the whole blocks of `k` cells in a row of `n`, and the cells
# that are left over. `n` is 0 or more, `k` is 1 or more. For n = 7 and k = 3 it is [2, 1].


# %% id="exercise-blocks-and-rest" tags=["fragment"]
def blocks_and_rest(n, k):
    """Whole blocks of k in a row of n, and what is left over."""
    # SOLUTION: exercises.blocks_and_rest


# %% id="check-blocks-and-rest"
check("NN.blocks_and_rest", blocks_and_rest)

# %% [markdown] id="hint-blocks-and-rest"
# Stuck? `hint("NN.blocks_and_rest")`. REPLACE: a sentence for those who passed: what does this
# function do in the network that the course builds? It is what a pooling does to the size of
# a map.

# %% [markdown] id="second-question" tags=["slide"]
# ## A second question
#
# REPLACE: the next step, from what they now have. Tell what is new and what stays as it was,
# and ask again before you show. Here each block becomes one number, its mean. The values go up
# by one from cell to cell: what do the means of the blocks do, and which value counts for
# nothing?

# %% id="means" tags=["fragment"]
values = [2, 4, 6, 8, 10]
for block in blocks(len(values), 2):
    chosen = [values[cell] for cell in block]
    print(chosen, "→", sum(chosen) / len(chosen))
pooled = torch.nn.functional.avg_pool1d(torch.tensor([[2.0, 4, 6, 8, 10]]), 2)
print("torch:", pooled.tolist()[0])
print("left over:", values[2 * len(blocks(len(values), 2)) :])

# %% id="means-claim" tags=["claim"]
assert pooled.tolist() == [[3.0, 7.0]]

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): the mean of each block
#
# REPLACE: the exercise that the lesson is about; whoever does only one does this one. Give a
# list with the mean of each whole block of `k` values, the first block first. `values` is a
# list of numbers, and it may be empty; what is left over at its end is left out. For the
# values 2, 4, 6, 8, 10 and k = 2 it is [3.0, 7.0].


# %% id="exercise-block-means" tags=["fragment"]
def block_means(values, k):
    """The mean of each whole block."""
    # SOLUTION: exercises.block_means


# %% id="check-block-means"
check("NN.block_means", block_means)

# %% [markdown] id="hint-block-means"
# Stuck? `hint("NN.block_means")`. REPLACE: what the answer is good for. And where do later
# cells need it? They must take the library's version, so that nobody is stuck whose own answer
# is wrong.

# %% [markdown] id="third-question" tags=["slide"]
# ## A third question
#
# REPLACE: what is still open, and a measurement that settles it. A figure goes through
# `described`, with words in the room's facts, so that a screen reader reads it, too. Here: what
# is left over of rows of growing length, for blocks of four and of five? Draw the two curves
# before you run the cell.

# %% id="left-over" tags=["fragment"]
lengths = list(range(1, 25))
rest = {k: [n - k * len(blocks(n, k)) for n in lengths] for k in (4, 5)}
figure, axes = plt.subplots(figsize=(7, 2.6), layout="constrained")
for k, curve in rest.items():
    axes.step(lengths, curve, where="mid", label=f"blocks of {k}")
axes.set(xlabel="cells", ylabel="left over")
axes.legend()
described(figure, "NN.left_over")

# %% id="left-over-in-numbers"
for k, curve in rest.items():
    print(f"blocks of {k}: at most {max(curve)} left over")
none_left = [n for n, *both in zip(lengths, *rest.values(), strict=True) if both == [0, 0]]
print("nothing is left over for either:", none_left)

# %% id="left-over-claim" tags=["claim"]
assert {k: max(curve) for k, curve in rest.items()} == {4: 3, 5: 4}
assert none_left == [20]

# %% [markdown] id="exercise-3" tags=["slide"]
# ### Exercise 3 (stretch): a size that fits
#
# REPLACE: the exercise for those who are quick; the first part of the homework. Each block
# becomes one cell, and the shorter row is cut again, `times` times in all. Give the smallest
# size, `n` or more, for which nothing is ever left over. `n` and `k` are 1 or more, `times` is
# 0 or more. For n = 15, k = 2 and times = 3 it is 16.


# %% id="exercise-fitting-size" tags=["fragment"]
def fitting_size(n, k, times):
    """The smallest size from n on that can be cut so many times."""
    # SOLUTION: exercises.fitting_size


# %% id="check-fitting-size"
check("NN.fitting_size", fitting_size)

# %% [markdown] id="hint-fitting-size"
# Stuck? `hint("NN.fitting_size")`. REPLACE: where such a size comes up in the course. A network
# with "same" padding that pools four times by two takes only sizes that fit.

# %% [markdown] id="where-it-stands" tags=["slide"]
# ## Where it stands
#
# REPLACE: bring it back to U-Net. What of today is in the paper's network, and what of it can
# one leave out? A comparison of trained networks comes from a committed table of runs with
# several seeds, and where its confidence interval covers zero the question is not settled. Say
# so, and do not say more. Here: how long may an image be whose poolings lose nothing?

# %% id="sizes-of-the-paper" tags=["fragment"]
for n in (572, 576):
    found = [n]
    for _pooling in range(4):
        found.append(len(blocks(found[-1], 2)))
    lost = n - found[-1] * 2**4
    print(n, "→", found, "and doubled again:", n - lost)

# %% id="sizes-of-the-paper-claim" tags=["claim"]
assert 576 % 16 == 0
assert 572 % 16 == 12

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# REPLACE: a question without one right answer, which two people can defend in two ways. Your
# images are a few pixels too long to be cut without a rest. Do you crop them or do you pad
# them, and what do you tell whoever uses the result?
#
# <details><summary>One answer</summary>
#
# REPLACE: an answer that names its price. A crop invents nothing and loses an edge; padding
# keeps everything and shows the network pixels that nobody has seen.
#
# </details>

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - REPLACE: what was built, with the paper's sentence beside the line of code: "max pooling
#   operation with stride 2 for downsampling" is `torch.nn.MaxPool2d(2)`;
# - REPLACE: what was measured, with its number;
# - REPLACE: what was asked and is not settled.
