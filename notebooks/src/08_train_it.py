# %% [markdown] id="title" tags=["slide"]
# # 08 · Train it
#
# We have a network, and its weights are random numbers. Today your own network learns before
# your eyes, and our two neurons come apart.
#
# ![](assets/lessons/08_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - write a training step, and say what each of its five lines does;
# - choose initial weights so that a signal neither dies nor explodes;
# - say what ReLU, momentum 0.99, batch norm and dropout are for.
#
# **Time** about 50 minutes · **Before** lesson 07 · **Needs** no GPU, no data

# %% id="setup"
import math

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch.nn import functional as F

from unet_teach.config import UNetConfig
from unet_teach.data.membranes import membrane_slice, synthetic_membranes
from unet_teach.data.volume import standardise
from unet_teach.drawing.pair import coloured, the_pair
from unet_teach.exercises import check, hint, mine, solution
from unet_teach.exercises.assembled import Practice, Small, crops, unseen
from unet_teach.film import Dashboard
from unet_teach.lessons.described import described
from unet_teach.lessons.l08_train_it import pictures
from unet_teach.lessons.l08_train_it.measure import signal
from unet_teach.lessons.l08_train_it.panel import signal_explorer
from unet_teach.metrics import components, thin, v_rand
from unet_teach.models.unet import UNet
from unet_teach.tiling import predict

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="the-pair-so-far" tags=["slide"]
# ## The film that you will make
#
# At the end of lesson 07 a whole U-Net ran on our two neurons, and its answer was useless.
# Here is a small one **while it learns**: its probability of *inside*, from 0 (black) to 1
# (white), before the first step and after 20, 40 and 240.

# %% id="the-pair-before" tags=["fragment"]
recorded = pictures.recorded_minute()
described(pictures.film_strip(recorded), "08.the_pair_before")

# %% id="the-pair-before-claim" tags=["claim"]
pair = the_pair("synthetic membranes (seed 0)")
assert recorded.steps.tolist() == [0, 20, 40, 240] and recorded.held_out
verdicts = [pair.verdict(shown > 127, recorded.truth) for shown in recorded.maps]
assert verdicts[0] != "apart" and verdicts[-1] == "apart"
assert recorded.maps[0].min() == 0 and recorded.maps[0].max() == 255

# %% [markdown] id="what-the-film-needs"
# First a checkerboard, as in lesson 04; in the end a closed wall between the two neurons.
# This film was recorded in half a minute. At the end you make it live, with **your own**
# parts. Until then, every section owes us one piece:
#
# 1. How wrong is a picture? That is the **loss**.
# 2. Which way should each weight move? That is the **gradient**.
# 3. With which weights does it **start**?
# 4. How does one picture become the next? That is a **step**.

# %% [markdown] id="loss" tags=["slide"]
# ## How wrong is it?
#
# For each pixel the network returns two **logits**, one raw score for each class. The softmax
# turns them into probabilities. Then the **cross-entropy** asks at each pixel: how surprised
# are you by the ground truth? It answers with −log of the probability that the right class
# got. The **loss** is the mean of this over all pixels.
#
# A uniform guess gives both classes the probability 1/2. What is its loss? And what is it
# with 10 classes?

# %% id="uniform-guess" tags=["fragment"]
target = torch.randint(0, 2, (1, 16, 16))
for classes in (2, 10):
    loss = F.cross_entropy(torch.zeros(1, classes, 16, 16), target)
    print(f"{classes} classes: {loss:.4f}, log {classes} = {math.log(classes):.4f}")
described(pictures.surprise(), "08.surprise")

# %% id="uniform-guess-claim" tags=["claim"]
for classes in (2, 10):
    loss = F.cross_entropy(torch.zeros(1, classes, 16, 16), target)
    assert math.isclose(loss.item(), math.log(classes), rel_tol=1e-5)
assert 55 < math.log(0.05) / math.log(0.95) < 65

# %% [markdown] id="remember-ln2"
# A confident mistake costs sixty times as much as a confident right answer. Remember
# **0.693**, which is log 2: the loss of a uniform guess between two classes.
#
# But one can do better without looking. If 78 % of the pixels are *inside* and 22 %
# *membrane*, as on the ISBI micrographs, give every pixel these probabilities. The loss is
# then −0.78 log 0.78 − 0.22 log 0.22 = **0.53**, our **baseline**. Only below it has a
# network learned anything from the picture.

# %% id="baseline-claim" tags=["claim"]
assert round(-0.78 * math.log(0.78) - 0.22 * math.log(0.22), 2) == 0.53

# %% [markdown] id="gradient" tags=["slide"]
# ## Where the gradient goes
#
# The **gradient** says for each weight by how much the loss would change if that weight grew
# a little. It is computed backwards, layer by layer (*backpropagation*). So each layer also
# has to find the gradient of its *input*, which the layer before it needs.
#
# Each output of a convolution read some inputs, so its gradient is painted back onto the same
# inputs, with the same weights. You know this painting from lesson 04: it is a **transposed
# convolution**. How large is the largest difference between torch's gradient and our
# painting?

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
y = F.conv2d(x.detach(), weight.requires_grad_())
y.backward(arriving)
slid = F.conv2d(x.detach().transpose(0, 1), arriving.transpose(0, 1)).transpose(0, 1)
assert torch.allclose(weight.grad, slid, atol=1e-10)  # a convolution again

# %% [markdown] id="signal" tags=["slide"]
# ## A signal through twenty layers
#
# The first weights are random numbers, so that no two channels are alike. But how *large*
# should they be? Let's send noise of mean square 1 through twenty layers, each a 3 × 3
# convolution from 64 channels to 64 and a ReLU, max(0, x).
#
# A **neuron** is one number of a convolution's output. It reads k · k pixels in each input
# channel, here n = 64 · 3 · 3 = 576 numbers, multiplies each by a weight and adds them up. So
# its mean square is n times the weights' variance. The ReLU sets half of the numbers to zero,
# which halves it.

# %% [markdown] id="three-starts"
# Three ways to start compete:
#
# - **Small**: standard deviation 0.01 in every layer;
# - **Xavier**: variance 1/n. The convolution keeps the mean square, and the ReLU halves it;
# - **He**: variance 2/n. The convolution doubles it, and the ReLU halves it.
#
# The chart shows the *root* of the mean square (RMS) after each layer and its ReLU, so a half
# becomes a factor of √½ = 0.71. Next to it are the numbers of one layer. Predict, then drag
# along the layers:
#
# 1. Xavier: how much is left after 20 layers? And without ReLU?
# 2. He without ReLU: what happens?
# 3. Gradients go back through the same weights. Which start keeps their size?
#
# {{twin: signal_explorer}}

# %% id="explore" tags=["slide"]
signal_explorer()

# %% id="explore-claim" tags=["claim"]
assert 64 * 3 * 3 == 576 and round(0.5**0.5, 2) == 0.71
explorer = signal_explorer()
explorer.set(relu=False)  # after 20 layers
assert explorer.answer["now"]["he"] > 500 and 0.9 < explorer.answer["now"]["xavier"] < 1.1
explorer.set(relu=True, way="gradients", layer=1)  # what comes home
home = explorer.answer["now"]
assert home["small"] < 1e-12 and home["xavier"] < 0.002 and 0.5 < home["he"] < 2

# %% [markdown] id="signal-numbers"
# Theory says 0.71²⁰ ≈ 0.001 for Xavier and 1 for He. The panel, a mean of three random
# starts, found a little less. Is the theory wrong? Here are forty starts of each.

# %% id="signal-in-numbers"
found = {init: signal(init, 20, seeds=40) for init in ("small", "xavier", "he")}
for init, way in found.items():
    last = way.measured[:, -1]  # of each start, after 20 layers
    together, theory = (last**2).mean() ** 0.5, way.theory[-1]
    print(f"{init:7} {last.min():8.2g} to {last.max():8.2g}", end="   ")
    print(f"all together {together:8.2g}   theory {theory:8.2g}")
print(f"below the theory: {(last < theory).mean():.0%} of the starts")

# %% id="signal-in-numbers-claim" tags=["claim"]
for way in found.values():
    last, theory = way.measured[:, -1], way.theory[-1]
    assert last.min() < 0.5 * theory < theory < last.max()
    assert 0.85 < ((last**2).mean() ** 0.5) / theory < 1.1
assert 0.7 < (last < theory).mean() < 0.8 and found["he"].theory[-1] == 1
assert round(found["xavier"].theory[-1], 3) == 0.001
assert round(signal("he", 20, relu=False, seeds=1).theory[-1]) == 1024

# %% [markdown] id="signal-read" tags=["slide"]
# The theory is right for the mean of all draws. But each layer's factor is random, and over
# twenty layers a few lucky draws grow large and pull the mean up, so most end below it.
#
# With He's rule a signal roughly keeps its size. With Xavier's the ReLUs take a factor of a
# thousand, and with the small weights it dies. Without ReLU He's weights let it explode, to
# about 1,000. A gradient fares the same on its way back.

# %% [markdown] id="exercise-1" tags=["slide"]
# ### Exercise 1 (easy): He's rule
#
# [The paper](https://arxiv.org/abs/1505.04597) follows [He and others
# (2015)](https://arxiv.org/abs/1502.01852): "the initial weights [come] from a Gaussian
# distribution with a standard deviation of sqrt(2/N), where N denotes the number of incoming
# nodes of one neuron". This N is our n. Write the rule for a convolution with a k × k kernel.
#
# - **In**: whole numbers `in_channels`, `out_channels` and `k`, each at least 1.
# - **Out**: the standard deviation, a number (float).
# - **Example**: with 1 input channel, any number of outputs and k = 1 it is √2, about 1.414.
#
# Stuck? Type `hint("08.he_std")`.


# %% id="exercise-he-std" tags=["fragment"]
def he_std(in_channels, out_channels, k):
    """Standard deviation of the first weights."""
    # SOLUTION: exercises.he_std


# %% id="check-he"
check("08.he_std", he_std)

# %% [markdown] id="batch-norm-why"
# Lesson 07's network had torch's smaller weights, so its probabilities were all between 0.47
# and 0.50. Today's starts by He's rule, and its checkerboard reaches from 0 to 1.
#
# **Batch normalisation** ([Ioffe and Szegedy, 2015](https://arxiv.org/abs/1502.03167))
# forgives a bad start: after each convolution it gives each channel mean 0 and variance 1.
# The price: in training, an image's result depends on the others in its **batch**, those that
# go through the network together. U-Net had no batch norm. What is left after twenty layers?

# %% id="batch-norm"
for init in ("small", "xavier", "he"):
    last = signal(init, 20, batch_norm=True).measured[:, -1]
    print(f"{init:7} with batch norm: {last.mean():.2f}")

# %% id="batch-norm-claim" tags=["claim"]
for init in ("small", "xavier", "he"):
    assert 0.70 <= round(signal(init, 20, batch_norm=True).measured[:, -1].mean(), 2) <= 0.71

# %% [markdown] id="momentum" tags=["slide"]
# From every start it's √½: batch norm makes the mean square 1, and the ReLU halves it.
#
# ## Momentum 0.99
#
# **Gradient descent** (SGD) subtracts from each weight its gradient times a small number, the
# **learning rate**. **Momentum** makes it remember earlier steps. The paper takes one image
# at a time: "Accordingly we use a high momentum (0.99) such that a large number of the
# previously seen training samples determine the update in the current optimization step."
#
# How many? At each step the old direction is multiplied by 0.99 and the new gradient is
# added. So a gradient from k steps ago counts with a factor of 0.99 to the power of k.

# %% id="momentum-sum" tags=["fragment", "output"]
print(f"all factors together: {sum(0.99**age for age in range(2000)):.1f}")
described(pictures.remembered(0.99), "08.remembered")

# %% id="momentum-sum-claim" tags=["claim"]
parameter = torch.nn.Parameter(torch.zeros(1))
optimizer = torch.optim.SGD([parameter], lr=1.0, momentum=0.99)
for _step in range(2000):
    parameter.grad = torch.ones(1)  # always the same direction
    before = parameter.item()
    optimizer.step()
assert round(before - parameter.item()) == round(sum(0.99**age for age in range(2000))) == 100

# %% [markdown] id="momentum-read"
# So about a hundred images decide where one step goes. As long as their gradients agree, the
# step is a hundred times as long as without momentum, so don't take the learning rate from
# somewhere else.
#
# The paper's momentum comes back in lesson 14. Today there is no time to tune a learning
# rate, so we use [Adam](https://arxiv.org/abs/1412.6980) (Kingma and Ba, 2015). It has
# momentum, too (0.9), and divides each weight's step by the usual size of its gradient.

# %% [markdown] id="step" tags=["slide"]
# ## One step
#
# A training **step** does five things:
#
# 1. Compute the **logits**.
# 2. Compute the **loss**.
# 3. Clear the old gradients, because torch adds the new ones to them.
# 4. Go **backward**, which computes all gradients.
# 5. Let the optimizer change the weights.
#
# An **epoch** would be one pass through all training images. We count steps, because our
# crops are drawn at random.

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): the step that learns
#
# Write one step, for any model and with `F.cross_entropy`.
#
# - **In**: `model`; `optimizer`, a torch optimizer of its weights; `image`, a batch (B, C, H,
#   W); `target` (B, h, w), the class of each output pixel as a whole number, two classes or
#   more.
# - **Out**: the loss *before* the step, the mean over all pixels of all images, as a Python
#   number (float).
# - **Edge**: gradients from before the call must not change the step. The images go through
#   the model only once, and the model stays in the mode that it was in (`train` or `eval`).
# - **Example**: if the model's logits are zero for both of two classes, the result is 0.693,
#   and the weights have taken one step.


# %% id="exercise-train-step" tags=["fragment"]
def train_step(model, optimizer, image, target):
    """One step; gives the loss that was found before it."""
    # SOLUTION: exercises.train_step


# %% id="check-step"
check("08.train_step", train_step)

# %% [markdown] id="dropout" tags=["slide"]
# Stuck? `hint("08.train_step")`.
#
# ## Two modes
#
# **Dropout** ([Srivastava and others, 2014](https://jmlr.org/papers/v15/srivastava14a.html))
# sets some of the activations to zero, chosen at random in each training step, so the network
# can't rely on any of them. The paper has it at the end of the contracting path.
#
# In **inference**, when you use the network without training it, dropout must be off, and
# batch norm must use the statistics that it gathered in training. `model.eval()` switches
# both, and `model.train()` switches back. From here on we train in one mode and measure in
# the other.

# %% id="train-and-eval"
dropping = UNet(UNetConfig(base_channels=4, depth=2, padding="same", dropout=0.5))
noise, same = torch.randn(1, 1, 96, 96), {}
for mode in (True, False):
    dropping.train(mode)
    same["train" if mode else "eval"] = torch.equal(dropping(noise), dropping(noise))
print("two passes agree:", same)

# %% id="train-and-eval-claim" tags=["claim"]
assert same == {"train": False, "eval": True}

# %% [markdown] id="by-heart" tags=["slide"]
# ## First, overfit one image
#
# Before you train on thirty images, train on **one**. To **overfit** is to memorise the
# training images. Here it is a test: a network that can't memorise even one image probably
# has a bug.
#
# We take a small U-Net, a piece of 96 × 96 pixels, Adam and **your** `train_step`. After 120
# steps, what fraction of the pixels will be right?

# %% id="learn-one-image"
tissue = synthetic_membranes(1, size=96, seed=7)
image = torch.from_numpy(standardise(tissue.images[0]))[None, None]
target = torch.from_numpy(tissue.labels[0].astype("int64"))[None]
parts = mine("double_conv", "forward", "he_std", "train_step")  # yours, where they passed


def learn(steps, seed):
    torch.manual_seed(seed)
    model = UNet(UNetConfig(base_channels=8, depth=2, padding="same", batch_norm=True))
    optimizer, losses = torch.optim.Adam(model.parameters(), lr=0.01), []
    for _step in range(steps):
        losses.append(parts.train_step(model, optimizer, image, target))
    return model.eval(), losses  # from here on it is only measured


model, losses = learn(steps=120, seed=0)

# %% id="show-learned" tags=["slide"]
with torch.no_grad():
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
assert not model.training
assert losses[0] > math.log(2) > 50 * losses[-1] and accuracy > 0.99

# %% [markdown] id="by-heart-is-not-knowing"
# Memorising isn't understanding. If the network does well on other tissue, too, it
# **generalises**. Images kept out of training to find this out are a **validation set**.
# Guess first: what does the constant answer score there?

# %% id="other-tissue" tags=["fragment", "output"]
other = synthetic_membranes(1, size=96, seed=8)
with torch.no_grad():
    logits = model(torch.from_numpy(standardise(other.images[0]))[None, None])
new = (logits.argmax(1)[0].numpy() == other.labels[0]).mean()
constant = max(other.labels[0].mean(), 1 - other.labels[0].mean())
print(f"its own image {accuracy:.1%}, other tissue {new:.1%}, constant answer {constant:.1%}")

# %% id="other-tissue-claim" tags=["claim"]
assert new < accuracy - 0.02

# %% [markdown] id="many" tags=["slide"]
# ## One minute on many images
#
# Each step now draws four new crops from twelve slices of six tissues, turned and flipped at
# random. Most pixels are inside, so a loss that counts all alike neglects thin walls. We give
# most of the inside the class −100, which `cross_entropy` doesn't count (lesson 11 has a
# better way). Here is the first batch; what is left out is orange.

# %% id="first-batch" tags=["fragment", "output"]
torch.manual_seed(0)
own = Practice(Small(parts, whole=True), parts.train_step, steps=240)
images, wanted = crops(own.tissue, np.random.default_rng(0))
print(tuple(images.shape), "in, of which the network answers for", tuple(wanted.shape))
described(pictures.batch(images, wanted), "08.batch")

# %% id="first-batch-claim" tags=["claim"]
assert images.shape == (4, 1, 140, 140) and wanted.shape == (4, 100, 100)
assert len(own.tissue) == 12 and (wanted == -100).float().mean() > 0.5

# %% [markdown] id="the-loop" tags=["slide"]
# The training below, `own.run`, is this loop:
#
# ```python
# for step in range(240):
#     images, wanted = crops(tissue, draw)  # four others each time
#     set_learning_rate(optimizer, step)    # up to 0.01, and down again
#     losses.append(train_step(net, optimizer, images, wanted))
#     dashboard.step(losses[-1])            # now and then, a picture of the pair
# ```
#
# What is yours in it? `net` runs your `forward` of lesson 07 on your `double_conv` of lesson
# 03. It starts with your `he_std`, and your `train_step` does the learning. Where one hasn't
# passed its check, the library's steps in: see the line `parts:` above.
#
# The pair's tissue is never trained on. Which comes first, the best accuracy or two separate
# neurons? Afterwards, drag along the curve to see the walls form.

# %% id="the-dashboard"
dashboard = Dashboard()
dashboard

# %% id="one-minute"
own_losses = own.run(watch=dashboard)

# %% id="one-minute-claim" tags=["claim"]
film = dashboard.film
assert len(own_losses) == film.steps[-1] == 240 and film.held_out
assert sum(own_losses[-50:]) < 0.7 * sum(own_losses[:50])
assert film.validation[-1] < film.validation[0]
assert pair.verdict(film.maps[0] > 127, film.truth) != "apart"
assert pair.verdict(film.maps[-1] > 127, film.truth) == "apart"
right = [((shown > 127) == film.truth).mean() for shown in film.maps]
apart = [pair.verdict(shown > 127, film.truth) == "apart" for shown in film.maps]
assert right[apart.index(True)] < max(right)

# %% id="the-loop-claim" tags=["claim"]
from unet_teach.training import learning_rate

# The loop above, written out, for two steps.
torch.manual_seed(0)
net, draw = Small(parts, whole=True), np.random.default_rng(0)
optimizer, by_hand = torch.optim.Adam(net.parameters()), []
for step in range(2):
    images, wanted = crops(own.tissue, draw)
    optimizer.param_groups[0]["lr"] = learning_rate(step, own.config)
    by_hand.append(parts.train_step(net, optimizer, images, wanted))
assert by_hand == own_losses[:2]

# %% [markdown] id="how-good"
# The two neurons come apart first: in *errors* both are white inside a closed dark wall.
# Which ones have run together or are broken? Mostly pieces at the edge, because the network
# sees nothing beyond it. **V_rand** (lesson 00; 1 is perfect) counts pixels, so small pieces
# hardly matter.
#
# One pair may be luck, so here are three slices of other tissue.

# %% id="v-rand-of-others" tags=["fragment", "output"]
others, results = unseen(), {"one image": model, "one minute": own.net}
reached = {}
for name, network in results.items():
    white = [predict(network, image)[1] > 0.5 for image in others.images]
    each = [v_rand(components(t), thin(w)) for t, w in zip(others.labels, white, strict=True)]
    reached[name] = sum(each) / len(each)
    print(f"{name}: V_rand {[round(value, 2) for value in each]}, mean {reached[name]:.2f}")

# %% id="v-rand-of-others-claim" tags=["claim"]
assert reached["one minute"] >= 0.8 > reached["one image"]

# %% [markdown] id="same-seed"
# ## The same seed, the same weights
#
# Only the initial weights of `learn` are random, and they come from the seed. So a second run
# ends with the same weights, in every bit (on one machine, with the same software).


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

# %% [markdown] id="exercise-3"
# ### Exercise 3 (stretch): two that are one
#
# Why a ReLU after each convolution? Without it, two convolutions in a row do no more than
# **one** with a larger kernel, and all the depth would be for nothing. Find the weight of
# that one.
#
# - **In**: two float32 tensors: `first` (M, I, k1, k1), applied first, takes I channels to M,
#   and `second` (O, M, k2, k2) takes M to O. k1 and k2 may differ.
# - **Out**: a tensor (O, I, k1 + k2 − 1, k1 + k2 − 1).
# - **Edge**: no biases, no padding, and stride 1. Each of M, I, O, k1 and k2 may be 1.
# - **Example**: with one channel, [[2]] and [[3]] become [[6]]. Along one row, [1, 2] and
#   then [3, 4] become [3, 10, 8], where 10 = 3·2 + 4·1.


# %% id="exercise-merge-convs"
def merge_convs(first, second):
    """The weight of the one convolution."""
    # SOLUTION: exercises.merge_convs


# %% id="check-merge"
check("08.merge_convs", merge_convs)

# %% id="merged-in-torch-claim" tags=["claim"]
first, second = torch.randn(4, 1, 3, 3), torch.randn(2, 4, 3, 3)
one = F.conv_transpose2d(second, first)
signal_in = torch.randn(1, 1, 12, 12)
both = F.conv2d(F.conv2d(signal_in, first), second)
with_relu = F.conv2d(F.relu(F.conv2d(signal_in, first)), second)
assert torch.allclose(F.conv2d(signal_in, one), both, atol=1e-4)
row = F.conv_transpose1d(torch.tensor([[[3.0, 4]]]), torch.tensor([[[1.0, 2]]]))
assert row.flatten().tolist() == [3, 10, 8]
assert not torch.allclose(F.conv2d(signal_in, one), with_relu, atol=1e-1)

# %% [markdown] id="discuss" tags=["slide"]
# Stuck? `hint("08.merge_convs")`.
#
# ### Discuss
#
# A network overfits one image as it should. On thirty images, 78 % of whose pixels are
# inside, its loss stays at 0.53. Where do you look?
#
# <details><summary>One answer</summary>
#
# The network, the loss and the step are sound, as the one image has shown, so look at what is
# new. Do image and mask still belong together after shuffling and augmentation? With other
# images' masks nothing can be learned except the fraction of each class, which costs exactly
# 0.53. Then train on two images, and on four.
#
# </details>

# %% [markdown] id="pair-now" tags=["slide"]
# ## The pair, as it stands now
#
# Here is the pair as two networks see it: one has memorised other tissue, the other has
# learned for a minute. Now the neurons are blue and green if they are apart, and orange if
# they have run together.

# %% id="the-pair-now" tags=["fragment"]
pair = the_pair("synthetic membranes (seed 0)")
micrograph, labels = membrane_slice(pair.index)
maps = {name: predict(network, micrograph)[1] > 0.5 for name, network in results.items()}
figure, axes = plt.subplots(1, 4, figsize=(10, 2.9), layout="constrained")
axes[0].imshow(pair.crop(micrograph), cmap="gray")
for ax, shown in zip(axes[1:], (labels, *maps.values()), strict=True):
    ax.imshow(coloured(pair, shown, labels))
for ax, title in zip(axes, ("micrograph", "labels", *maps), strict=True):
    ax.set(title=title, xticks=[], yticks=[])
described(figure, "08.the_pair_now")

# %% id="the-pair-now-claim" tags=["claim"]
assert pair.verdict(maps["one image"], labels) == "merged"
assert pair.verdict(maps["one minute"], labels) == "apart"

# %% [markdown] id="recap" tags=["slide"]
# After one image there are pieces of wall with gaps. After a minute of varied crops the two
# neurons are apart, in tissue that the network has never seen. What has it learned to look
# for? Lesson 09 looks inside.
#
# ## In this notebook we
#
# - measured the loss of a uniform guess, log 2, and wrote the five lines of a step;
# - saw that the gradient goes back through a convolution as a transposed convolution;
# - kept a signal alive: "a Gaussian distribution with a standard deviation of sqrt(2/N)" is
#   `(2 / (in_channels * k * k)) ** 0.5`;
# - found that with momentum 0.99 about a hundred images decide a step;
# - overfitted one image, and separated the pair in a minute.
