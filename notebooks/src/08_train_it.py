# %% [markdown] id="title" tags=["slide"]
# # 08 · Train it
#
# The network stands, and it knows nothing. What makes it learn? A loss, a gradient, a step;
# and first weights that let a signal through. Today it learns one image by heart.
#
# ![](assets/lessons/08_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - write a training step, and say what each of its five lines does;
# - choose first weights so that a signal neither dies nor explodes;
# - say what ReLU, momentum 0.99, batch norm and dropout are for.
#
# **Time** about 50 minutes · **Before** lesson 07 · **Needs** no GPU, no data

# %% id="setup"
import math

import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.nn import functional as F

from unet_teach.config import UNetConfig
from unet_teach.data.membranes import synthetic_membranes
from unet_teach.data.volume import standardise
from unet_teach.exercises import check, hint, solution
from unet_teach.lessons.described import described
from unet_teach.lessons.l08_train_it.measure import signal
from unet_teach.lessons.l08_train_it.panel import signal_explorer
from unet_teach.models.unet import UNet

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="loss" tags=["slide"]
# ## How wrong is it?
#
# The network gives each pixel two logits. Softmax makes probabilities of them, and the
# **cross-entropy** asks one question at each pixel: how surprised are you by the truth? The
# answer is −log of the probability that the true class got. The loss is the mean over all
# pixels.
#
# Somebody who knows nothing gives both classes 1/2. What is her loss? And with 10 classes?

# %% id="uniform-guess" tags=["fragment"]
target = torch.randint(0, 2, (1, 16, 16))
for classes in (2, 10):
    loss = F.cross_entropy(torch.zeros(1, classes, 16, 16), target)
    print(f"{classes} classes: {loss:.4f}, log {classes} = {math.log(classes):.4f}")

# %% id="uniform-guess-claim" tags=["claim"]
for classes in (2, 10):
    loss = F.cross_entropy(torch.zeros(1, classes, 16, 16), target)
    assert math.isclose(loss.item(), math.log(classes), rel_tol=1e-5)

# %% [markdown] id="remember-ln2"
# Remember **0.693**, log 2. A loss that stays there has learned nothing at all; one above it
# is worse than a shrug. It is the first number to look at when training goes wrong.

# %% [markdown] id="gradient" tags=["slide"]
# ## Where the gradient goes
#
# The gradient says for each weight: a little more of you, and the loss changes by so much. It
# is computed backwards, layer by layer. What is the way back through a convolution? Each
# output read some inputs; so its gradient is painted back onto the same inputs, with the same
# weights. You know that painting: it is a **transposed convolution**. Guess the largest
# difference between torch's gradient and our painting.

# %% id="gradient-of-a-convolution"
x = torch.randn(1, 3, 9, 9, dtype=torch.float64, requires_grad=True)
weight = torch.randn(5, 3, 3, 3, dtype=torch.float64)
y = F.conv2d(x, weight)
arriving = torch.randn_like(y)  # the gradient that comes from the loss
y.backward(arriving)
painted = F.conv_transpose2d(arriving, weight)
print("largest difference:", (x.grad - painted).abs().max().item())

# %% id="gradient-of-a-convolution-claim" tags=["claim"]
assert torch.allclose(x.grad, painted, atol=1e-12)

# %% [markdown] id="why-relu" tags=["slide"]
# ## Why a ReLU?
#
# After each convolution stands max(0, x). Leave it out, and something odd happens: two
# convolutions in a row become **one**, with a larger kernel. All depth would be for nothing.

# %% [markdown] id="exercise-1" tags=["slide"]
# ### Exercise 1 (easy): He's rule
#
# First weights are drawn at random, but how large? The paper: "the initial weights [come]
# from a Gaussian distribution with a standard deviation of sqrt(2/N), where N denotes the
# number of incoming nodes of one neuron". Write it for a convolution with a k × k kernel.
# Return a number: for 1 input channel, any number of outputs and k = 1 it is sqrt(2).


# %% id="exercise-he-std" tags=["fragment"]
def he_std(in_channels, out_channels, k):
    """Standard deviation of the first weights."""
    # SOLUTION: exercises.he_std


# %% id="check-he"
check("08.he_std", he_std)

# %% [markdown] id="hint-he"
# Stuck? `hint("08.he_std")`.

# %% [markdown] id="signal" tags=["slide"]
# ## A signal through twenty layers
#
# Why the 2? Send noise with a mean square of 1 through a stack of convolutions with new
# weights. A neuron sums n inputs, so its mean square is n times the variance of the weights.
# A ReLU then sets one half of it to zero. With variance 1/n (Xavier) each layer with its ReLU
# keeps one half; with 2/n (He) it keeps all. The picture shows the root of the mean square, so
# a half there is a factor of 0.71.
#
# Predict, then try:
#
# 1. Xavier, with ReLU: how much is left after 20 layers? Without ReLU?
# 2. He without ReLU: what happens?
# 3. A standard deviation of 0.01, as people used before. And with batch norm?
#
# {{twin: signal_explorer}}

# %% id="explore" tags=["slide"]
signal_explorer()

# %% [markdown] id="signal-numbers"
# The same with five seeds, after 20 layers, again as the root of the mean square. Theory is
# dashed in the picture, and here it stands in the last column.

# %% id="signal-in-numbers"
found = {init: signal(init, 20, seeds=5) for init in ("small", "xavier", "he")}
for init, way in found.items():
    last = way.measured[:, -1]
    print(f"{init:7} {last.min():8.2g} to {last.max():8.2g}   theory {way.theory[-1]:.2g}")

# %% id="signal-in-numbers-claim" tags=["claim"]
assert found["small"].measured[:, -1].max() < 1e-12
assert 1e-4 < found["xavier"].measured[:, -1].min() and found["xavier"].theory[-1] < 0.0014
assert 0.3 < found["he"].measured[:, -1].min() and found["he"].measured[:, -1].max() < 3
assert signal("he", 20, relu=False).measured[:, -1].min() > 500

# %% [markdown] id="signal-read" tags=["slide"]
# He's rule lets a signal through twenty layers with its size about kept; Xavier's loses a
# factor of a thousand to the ReLUs; the small weights lose everything. Without ReLU the same
# He weights let it explode. So the rule and the ReLU belong together.
#
# **Batch norm** forces mean 0 and variance 1 after each convolution, whatever the weights.
# That forgives a bad start. Its price: an image's result depends on the other images of its
# batch.

# %% id="batch-norm"
for init in ("small", "xavier", "he"):
    last = signal(init, 20, batch_norm=True).measured[:, -1]
    print(f"{init:7} with batch norm: {last.mean():.3f}")

# %% id="batch-norm-claim" tags=["claim"]
for init in ("small", "xavier", "he"):
    assert 0.99 < signal(init, 20, batch_norm=True).measured[:, -1].mean() < 1.01

# %% [markdown] id="momentum" tags=["slide"]
# ## Momentum 0.99
#
# Plain descent, SGD, takes from each weight its gradient times a small number, the **learning
# rate**. Momentum lets the steps before have a say.
#
# The paper trains with one image at a time: "Accordingly we use a high momentum (0.99) such
# that a large number of the previously seen training samples determine the update in the
# current optimization step." How many is "a large number"? Each step the old direction is
# multiplied by 0.99 and the new gradient added. So a gradient of k steps ago still counts
# 0.99 to the k.

# %% id="momentum-sum" tags=["fragment", "output"]
weights = [0.99**age for age in range(2000)]
print(f"all weights together: {sum(weights):.1f}")
print(f"half of that comes from the last {math.log(0.5) / math.log(0.99):.0f} steps")
parameter = nn.Parameter(torch.zeros(1))
optimizer = torch.optim.SGD([parameter], lr=1.0, momentum=0.99)
for _step in range(2000):
    parameter.grad = torch.ones(1)  # always the same direction
    before = parameter.item()
    optimizer.step()
print(f"the last step of torch's SGD: {before - parameter.item():.1f}")

# %% id="momentum-sum-claim" tags=["claim"]
assert round(sum(weights)) == 100
assert round(before - parameter.item()) == 100

# %% [markdown] id="momentum-read"
# So about a hundred images decide where one step goes, and while their gradients agree, the
# step is a hundred times as long as without momentum. Who takes momentum 0.99 from the paper
# and the learning rate from elsewhere is in for a surprise.

# %% [markdown] id="step" tags=["slide"]
# ## One step
#
# Now the loop. Five things happen, always in this order: compute the **logits**, the **loss**;
# clear the old gradients, because torch adds the new ones to them; go **backward**; let the
# optimizer take a **step**.

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): the step that learns
#
# Write it for any model, with `F.cross_entropy`. `image` (B, C, H, W) may hold several images,
# and `target` (B, h, w) their classes. Use the optimizer that is given; old gradients may be
# left from before the call. The image goes through the model once, and the model's mode stays
# as it is. Return the loss that was found before the step, as a Python number.


# %% id="exercise-train-step" tags=["fragment"]
def train_step(model, optimizer, image, target):
    """One step; gives the loss that was found before it."""
    # SOLUTION: exercises.train_step


# %% id="check-step"
check("08.train_step", train_step)

# %% [markdown] id="by-heart" tags=["slide"]
# Stuck? `hint("08.train_step")`.
#
# ## One image, by heart
#
# Before anybody trains on thirty images, she trains on **one**. A network that cannot learn a
# single image by heart has a bug, and this finds it within seconds. Here is a small U-Net, a
# piece of 96 × 96, and Adam, which is SGD with momentum and a step of its own for each weight.
# After 120 steps, how small is the loss, and how many of the pixels are right?

# %% id="learn-one-image"
tissue = synthetic_membranes(1, size=96, seed=7)
image = torch.from_numpy(standardise(tissue.images[0]))[None, None]
target = torch.from_numpy(tissue.labels[0].astype("int64"))[None]


def learn(steps, seed):
    torch.manual_seed(seed)
    model = UNet(UNetConfig(base_channels=8, depth=2, padding="same", batch_norm=True))
    optimizer, losses = torch.optim.Adam(model.parameters(), lr=0.01), []
    for _step in range(steps):
        loss = F.cross_entropy(model(image), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return model, losses


model, losses = learn(steps=120, seed=0)

# %% id="show-learned" tags=["slide"]
predicted = model(image).argmax(dim=1)
accuracy = (predicted == target).float().mean().item()
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(9.5, 3), layout="constrained")
left.semilogy(losses)
left.axhline(math.log(2), color="grey", linestyle="--", label="log 2")
left.set(xlabel="step", ylabel="loss")
left.legend()
middle.imshow(target[0], cmap="gray")
right.imshow(predicted[0], cmap="gray")
for axes, title in ((middle, "labels"), (right, f"learned: {accuracy:.1%} right")):
    axes.set(title=title, xticks=[], yticks=[])
described(figure, "08.show_learned")

# %% id="show-learned-claim" tags=["claim"]
assert losses[0] > math.log(2) > 50 * losses[-1] and accuracy > 0.99

# %% [markdown] id="by-heart-is-not-knowing" tags=["slide"]
# By heart is not understood. What does it make of a second piece, from other tissue? Guess
# before you look, and remember lesson 00: what does the constant score there?

# %% id="other-tissue" tags=["fragment", "output"]
other = synthetic_membranes(1, size=96, seed=8)
with torch.no_grad():
    logits = model.eval()(torch.from_numpy(standardise(other.images[0]))[None, None])
new = (logits.argmax(1)[0].numpy() == other.labels[0]).mean()
constant = max(other.labels[0].mean(), 1 - other.labels[0].mean())
print(f"its own image {accuracy:.1%}, other tissue {new:.1%}, constant answer {constant:.1%}")

# %% id="other-tissue-claim" tags=["claim"]
assert new < accuracy - 0.02

# %% [markdown] id="same-seed" tags=["slide"]
# ## The same seed, the same weights
#
# Everything random came from one seed: first weights, nothing else here. So a second run must
# end with the same weights, not nearly but in every bit. Only then can a difference between
# two runs be blamed on what was changed.


# %% id="bit-for-bit"
def weights_of(network):
    return torch.cat([p.detach().flatten() for p in network.parameters()])


again, _losses = learn(steps=10, seed=1)
first, _losses = learn(steps=10, seed=1)
print("same seed:", torch.equal(weights_of(first), weights_of(again)))

# %% id="bit-for-bit-claim" tags=["claim"]
another, _losses = learn(steps=10, seed=2)
assert torch.equal(weights_of(first), weights_of(again))
assert not torch.equal(weights_of(first), weights_of(another))

# %% [markdown] id="dropout" tags=["slide"]
# **Dropout** throws a share of the numbers away while training, others each time, so that
# nothing relies on a single one. The paper puts it at the end of the contracting path. It
# must be off when you predict, and so must batch norm's eye on the batch: that is
# `model.eval()`. Forgetting it is one of the eight patients of lesson 15.

# %% id="train-and-eval"
dropping = UNet(UNetConfig(base_channels=4, depth=2, padding="same", dropout=0.5))
same = {}
for mode in (True, False):
    dropping.train(mode)
    same["train" if mode else "eval"] = torch.equal(dropping(image), dropping(image))
print("two passes agree:", same)

# %% id="train-and-eval-claim" tags=["claim"]
assert same == {"train": False, "eval": True}

# %% [markdown] id="exercise-3"
# ### Exercise 3 (stretch): two that are one
#
# Back to the claim about ReLU. Two convolutions without one between them, weights `first`
# (M, I, k1, k1) and `second` (O, M, k2, k2), do what a single one does. Find its weight
# (O, I, k1 + k2 − 1, k1 + k2 − 1). All weights are float32, there are no biases, no padding
# and a stride of 1, and k1 and k2 may differ. For example, [[2]] and [[3]] become [[6]].


# %% id="exercise-merge-convs"
def merge_convs(first, second):
    """The weight of the one convolution."""
    # SOLUTION: exercises.merge_convs


# %% id="check-merge"
check("08.merge_convs", merge_convs)

# %% [markdown] id="hint-merge"
# Stuck? `hint("08.merge_convs")`. The painting in it is a transposed convolution once more:

# %% id="merged-in-torch"
first, second = torch.randn(4, 1, 3, 3), torch.randn(2, 4, 3, 3)
one = F.conv_transpose2d(second, first)
print("one kernel:", tuple(one.shape))

# %% id="merged-in-torch-claim" tags=["claim"]
signal_in = torch.randn(1, 1, 12, 12)
both = F.conv2d(F.conv2d(signal_in, first), second)
with_relu = F.conv2d(F.relu(F.conv2d(signal_in, first)), second)
assert torch.allclose(F.conv2d(signal_in, one), both, atol=1e-4)
assert not torch.allclose(F.conv2d(signal_in, one), with_relu, atol=1e-1)
assert round(-0.78 * math.log(0.78) - 0.22 * math.log(0.22), 2) == 0.53

# %% [markdown] id="discuss" tags=["slide"]
# ### Discuss
#
# A network learns one image by heart. On thirty images, 78 % of whose pixels are inside, its
# loss stays at 0.53. Where do you look?
#
# <details><summary>One answer</summary>
#
# The network, the loss and the step are sound: one image proved it. So look at what is new. Do
# image and mask still belong together after shuffling and augmentation? That is the classic
# one: with masks of other images nothing can be learned but the share of each class, and −0.78
# log 0.78 − 0.22 log 0.22 is 0.53. Are the images scaled alike? Is the learning rate made for
# one image at a time, and are there now thirty, or the other way round? Then train on two
# images, and on four.
#
# </details>

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - measured the loss of a shrug, log 2, and wrote the five lines of a step;
# - saw that the way back through a convolution is a transposed convolution;
# - kept a signal alive: "a Gaussian distribution with a standard deviation of sqrt(2/N)" is
#   `(2 / (in_channels * k * k)) ** 0.5`;
# - found that momentum 0.99 lets about a hundred images decide a step;
# - learned one image by heart, and found the same seed to give the same bits.
