# %% [markdown] id="title" tags=["slide"]
# # 08 · Train it
#
# We have a U-Net with random weights. Today you train it to separate two neighbouring
# neurons.
#
# ![](assets/lessons/08_u.png)

# %% [markdown] id="you-will-be-able-to" tags=["slide"]
# ## You will be able to
#
# - write a training step, and say what each of its five lines does;
# - choose initial weights from which a network can learn, and say why;
# - read a loss curve: where it starts, and what it has to beat.
#
# **Time** about 50 minutes · **Prerequisites** lesson 07 · **Needs** no GPU, no data

# %% id="setup"
import math

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch.nn import functional as F

from unet_teach.config import UNetConfig
from unet_teach.data.membranes import membrane_slice, synthetic_membranes
from unet_teach.data.volume import standardise
from unet_teach.drawing.pair import the_pair
from unet_teach.exercises import check, hint, mine, solution
from unet_teach.exercises.assembled import Practice, Small, crops, unseen
from unet_teach.film import Dashboard
from unet_teach.lessons.described import described
from unet_teach.lessons.l08_train_it import pictures
from unet_teach.lessons.l08_train_it.measure import learned_from
from unet_teach.lessons.l08_train_it.panel import signal_explorer
from unet_teach.metrics import components, thin, v_rand
from unet_teach.models.unet import UNet
from unet_teach.progress import progress
from unet_teach.tiling import predict

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="the-pair-so-far" tags=["slide"]
# ## The film that you will make
#
# Below you see a small U-Net **learn**: its output before training and after 20, 40 and 240
# steps. Each pixel shows the probability that it is *inside* a neuron, from 0 (black) to 1
# (white).
#
# Which picture is the first in which each of the large neurons, A and B, is one white area,
# with a closed wall between them?

# %% id="the-pair-before" tags=["fragment"]
recorded = pictures.recorded_minute()
described(pictures.film_strip(recorded), "08.the_pair_before")

# %% id="the-pair-before-claim" tags=["claim"]
pair = the_pair("synthetic membranes (seed 0)")
assert recorded.steps.tolist() == [0, 20, 40, 240] and recorded.held_out
verdicts = [pair.verdict(shown > 127, recorded.truth) for shown in recorded.maps]
assert verdicts == ["merged", "lost", "apart", "apart"]
assert recorded.maps[0].min() == 0 and recorded.maps[0].max() == 255
(row, column), regions = pair.neurons[0], components(recorded.truth > 0)
left_one = regions == regions[row - pair.corner[0], column - pair.corner[1]]
(row, column), white = pair.neurons[1], components(recorded.maps[1] > 127)
right_one = regions == regions[row - pair.corner[0], column - pair.corner[1]]
assert round((white > 0)[left_one].mean(), 2) == 0.28
assert not set(white[left_one]) & set(white[right_one]) - {0}  # the wall is there

# %% [markdown] id="what-the-film-needs"
# It's the one after step 40. At step 20 the wall is there, but A is in pieces.
#
# To film **your own** network, first answer three questions:
#
# 1. How wrong is the network's answer? The **loss** measures this.
# 2. With which weights does the network **start**?
# 3. How do the weights **change**? A training step changes them.

# %% [markdown] id="loss" tags=["slide"]
# ## How wrong is it?
#
# For each pixel the network returns two **logits**, one raw score per class, and the
# softmax turns them into probabilities. The **cross-entropy** of a pixel is −log (the
# natural logarithm) of the network's probability for the pixel's correct class. The
# **loss**, which training makes smaller, is the mean cross-entropy over all pixels.
#
# A uniform guess assigns 1/2 to each class. What is its loss? And what is the cross-entropy
# of a pixel whose correct class got only 0.05?

# %% id="uniform-guess" tags=["fragment"]
target = torch.randint(0, 2, (1, 16, 16))
loss = F.cross_entropy(torch.zeros(1, 2, 16, 16), target)  # both logits 0: 1/2 each
print(f"a uniform guess has the loss {loss:.4f}, and log 2 is {math.log(2):.4f}")
described(pictures.surprise(), "08.surprise")

# %% id="uniform-guess-claim" tags=["claim"]
assert math.isclose(loss.item(), math.log(2), rel_tol=1e-5)
assert round(-math.log(0.05), 2) == 3.00 and 4 < math.log(0.05) / math.log(0.5) < 4.5

# %% [markdown] id="remember-ln2"
# The uniform guess has the loss log 2, or **0.693**, because −log ½ = log 2. With 0.05 the
# cross-entropy is 3.00.
#
# But we can beat 0.693 without looking at the image. If 78 % of the pixels are *inside* and
# 22 % *membrane*, as on ISBI, we answer with these two probabilities at every pixel. The
# loss is then −0.78 log 0.78 − 0.22 log 0.22 = **0.53**. This answer is our **baseline**:
# only a loss below 0.53 shows that a network has learned to use the image.

# %% id="baseline-claim" tags=["claim"]
assert round(-0.78 * math.log(0.78) - 0.22 * math.log(0.22), 2) == 0.53

# %% [markdown] id="two-starts" tags=["slide"]
# ## One network, two starts
#
# The first weights are random, because channels that start alike would stay alike. Does it
# matter how *large* the weights are? We train a small U-Net on one image for 120 steps,
# from two starts:
#
# - **small start**: the weights' standard deviation is 0.01 in every layer;
# - **He's start**: larger weights, by Kaiming He's rule (exercise 1).
#
# Here 89 % of the pixels are inside, so the baseline's loss is 0.35. From the small start,
# does the network learn as well as from He's start, more slowly, or not at all?

# %% id="compare-starts" tags=["fragment"]
tissue = synthetic_membranes(1, size=96, seed=7)
image = torch.from_numpy(standardise(tissue.images[0]))[None, None]
target = torch.from_numpy(tissue.labels[0].astype("int64"))[None]
small, he = (learned_from(start, image, target) for start in ("small", "he"))
print(
    f"small start: probability of inside {small.inside.min():.3f} to {small.inside.max():.3f}"
)
described(pictures.starts(tissue.labels[0], small, he), "08.starts")

# %% id="compare-starts-claim" tags=["claim"]
inside = tissue.labels[0].mean()
baseline = -inside * math.log(inside) - (1 - inside) * math.log(1 - inside)
assert round(inside, 2) == 0.89 and round(baseline, 2) == 0.35
assert abs(small.losses[-1] - baseline) < 0.002 and he.losses[-1] < 0.15
assert np.ptp(small.inside) < 0.001 and abs(small.inside.mean() - inside) < 0.01
assert 0.4 < np.median(he.inside[tissue.labels[0] == 0]) < 0.5  # nearly one half
assert np.ptp(he.inside) > 0.5 and round(small.losses[0], 2) == 0.69

# %% [markdown] id="starts-read" tags=["slide"]
# From the small start the network has learned one number, the fraction of inside pixels.
# Its loss falls to the baseline's and stays there, and its answer is the same light grey
# everywhere. From He's start the same network draws the walls.
#
# Why? To answer with the right fraction, it's enough to change the last layer's two biases.
# To draw a wall, that layer needs the image, which gets lost on the way.

# %% [markdown] id="signal" tags=["slide"]
# ## A signal through twenty layers
#
# We send noise of mean square 1 through twenty layers. Each layer is a 3 × 3 convolution
# from 64 channels to 64 and a ReLU.
#
# A **unit** computes one number of a convolution's output: it multiplies n = 64 · 3 · 3 =
# 576 inputs by weights and adds up the products. How large is this sum's square, on
# average? Multiplied out, it has mixed terms, positive as often as negative, so they
# cancel. That leaves n terms, each a squared input times a squared weight. Because the
# weights have mean 0, their mean square is their variance. So the convolution multiplies
# the signal's mean square by n times that variance. The ReLU halves the mean square,
# because it sets the negative half of the sums to 0.

# %% [markdown] id="three-starts"
# Here are three starts:
#
# - **Small**: standard deviation 0.01. Each layer leaves 3 % of the mean square, because
#   576 · 0.01² · ½ = 0.03.
# - **Xavier** ([Glorot and Bengio, 2010](https://proceedings.mlr.press/v9/glorot10a.html)):
#   variance 1/n, if a layer has as many output as input channels. The convolution keeps the
#   mean square, and the ReLU halves it.
# - **He** ([2015](https://arxiv.org/abs/1502.01852)): variance 2/n. The convolution doubles
#   the mean square, and the ReLU halves it.
#
# The chart shows the *root* of the mean square (RMS) after each layer, so halving the mean
# square multiplies the RMS by √½ = 0.71. Predict, then drag:
#
# 1. With Xavier, what fraction of the RMS is left after 20 layers?
# 2. Without the ReLUs, which start keeps the RMS constant?
# 3. Gradients go back through these weights. Which start keeps the gradients' size?
#
# {{twin: signal_explorer}}

# %% id="explore" tags=["slide"]
signal_explorer()

# %% id="explore-claim" tags=["claim"]
assert 64 * 3 * 3 == 576 and round(0.5**0.5, 2) == 0.71 and round(576 * 0.01**2 / 2, 2) == 0.03
assert round(0.5**10, 3) == 0.001 and 2**10 == 1024  # RMS after 20 layers: a root of ½²⁰, 2²⁰
explorer = signal_explorer()
explorer.set(relu=False, layer=20)
assert explorer.answer["now"]["he"] > 500 and 0.9 < explorer.answer["now"]["xavier"] < 1.1
explorer.set(relu=True, way="gradients", layer=1)  # what comes home
home = explorer.answer["now"]
assert home["small"] < 1e-12 and home["xavier"] < 0.002 and 0.5 < home["he"] < 2

# %% [markdown] id="signal-read" tags=["slide"]
# 1. About a thousandth of the RMS is left, because each layer multiplies it by 0.71, and
#    0.71²⁰ ≈ 0.001.
# 2. Xavier does, because nothing halves the mean square. With He's start the mean square
#    doubles in each layer, so the RMS ends at about 1,000.
# 3. He's start: on the way back, the same weights double a gradient's mean square, and the
#    same ReLUs halve it.
#
# The small start's picture stayed grey because neither image nor gradient came through.

# %% [markdown] id="exercise-1" tags=["slide"]
# ### Exercise 1 (easy): He's rule
#
# [The paper](https://arxiv.org/abs/1505.04597) draws its first weights with "a standard
# deviation of sqrt(2/N), where N denotes the number of incoming nodes of one neuron". Its
# *neuron* is our unit, and its N our n. Compute this standard deviation for a convolution
# with a k × k kernel.
#
# - **In**: whole numbers `in_channels`, `out_channels` and `k`, each at least 1.
# - **Out**: the standard deviation, a float.
# - **Example**: `he_std(1, 5, 1)` is √2, about 1.414.
#
# Stuck? `hint("08.he_std")`.


# %% id="exercise-he-std" tags=["fragment"]
def he_std(in_channels, out_channels, k):
    """Standard deviation of the first weights."""
    # SOLUTION: exercises.he_std


# %% id="check-he"
check("08.he_std", he_std)

# %% [markdown] id="step" tags=["slide"]
# ## One step
#
# The pictures show the loss against one weight. A ball starts at the orange dot. The slope
# times the **learning rate** says how far each step moves the weight downhill. After eight
# steps the ball is at the red dot. At which learning rate does it come to rest in the
# valley?

# %% id="three-balls" tags=["fragment", "output"]
described(pictures.balls(), "08.balls")

# %% id="three-balls-claim" tags=["claim"]
from unet_teach.lessons.l08_train_it.measure import descent

ends = [abs(descent(rate)[-1]) for rate in (0.03, 0.3, 1.05)]
assert ends[0] > 1 and ends[1] < 0.01 and ends[2] > 2

# %% [markdown] id="five-lines" tags=["slide"]
# It does at 0.3. At 0.03 the ball crawls. At 1.05 each step overshoots the valley and lands
# higher, where the slope is steeper, so the next step is longer.
#
# Together, the slopes for all weights are the **gradient** of the loss, and
# **backpropagation** computes it from the last layer back to the first. A step of
# **gradient descent** takes five lines:
#
# 1. Compute the **logits**.
# 2. Compute the **loss**.
# 3. Clear the old gradients, because torch adds the new ones to them.
# 4. Go **backward**, which computes the gradient.
# 5. Let the **optimizer**, which holds the learning rate, change the weights.
#
# An **epoch** is one pass through all training images. We'll draw new crops for every step,
# so there is no such pass, and we count steps instead.

# %% id="gradient-of-a-convolution-claim" tags=["claim"]
x = torch.randn(1, 3, 9, 9, dtype=torch.float64, requires_grad=True)
weight = torch.randn(5, 3, 3, 3, dtype=torch.float64)
y = F.conv2d(x, weight)
arriving = torch.randn_like(y)  # the gradient that comes from the loss
y.backward(arriving)
assert torch.allclose(x.grad, F.conv_transpose2d(arriving, weight), atol=1e-12)
y = F.conv2d(x.detach(), weight.requires_grad_())
y.backward(arriving)
slid = F.conv2d(x.detach().transpose(0, 1), arriving.transpose(0, 1)).transpose(0, 1)
assert torch.allclose(weight.grad, slid, atol=1e-10)  # a convolution again

# %% [markdown] id="exercise-2" tags=["slide"]
# ### Exercise 2 (core): the step that learns
#
# Write one step with `F.cross_entropy`.
#
# - **In**: `model`, which returns logits (B, classes, h, w) for two classes or more;
#   `optimizer`, a torch optimizer of its weights; `image`, a float batch (B, C, H, W);
#   `target` (B, h, w), each output pixel's class as an int64 from 0 to classes − 1.
# - **Out**: the loss *before* the step, the mean over all pixels of all images, as a Python
#   float.
# - **Edge**: gradients from before the call must not change the step. The images go through
#   the model only once, and the model stays in its mode (`train` or `eval`).
# - **Example**: if all logits for two classes are zero, the result is 0.693, and the
#   optimizer has taken one step.
#
# Stuck? `hint("08.train_step")`.


# %% id="exercise-train-step" tags=["fragment"]
def train_step(model, optimizer, image, target):
    """Take one step, and return the loss from before it."""
    # SOLUTION: exercises.train_step


# %% id="check-step"
check("08.train_step", train_step)

# %% [markdown] id="two-modes"
# ## Two modes
#
# Two kinds of layers work differently in training and in **inference**, when the trained
# network is only used. **Dropout** ([Srivastava and others,
# 2014](https://jmlr.org/papers/v15/srivastava14a.html)) sets activations to zero at random.
# **Batch normalisation** ([Ioffe and Szegedy, 2015](https://arxiv.org/abs/1502.03167))
# gives each channel mean 0 and variance 1 over all pixels of a **batch**, the images that
# go through together. So weights of the wrong size do less harm. Two learned numbers then
# scale and shift the channel.
#
# `model.eval()` turns dropout off; batch norm then uses means and variances from training.
# With dropout, in which mode do two passes of the same noise agree?

# %% id="train-and-eval"
dropping = UNet(UNetConfig(base_channels=4, depth=2, padding="same", dropout=0.5))
noise, same = torch.randn(1, 1, 96, 96), {}
for mode in (True, False):
    dropping.train(mode)
    same["train" if mode else "eval"] = torch.equal(dropping(noise), dropping(noise))
print("two passes agree:", same)

# %% id="train-and-eval-claim" tags=["claim"]
from unet_teach.lessons.l08_train_it.measure import signal

assert same == {"train": False, "eval": True}
for init in ("small", "xavier", "he"):  # with batch norm, any start
    assert 0.70 <= round(signal(init, 20, batch_norm=True).measured[:, -1].mean(), 2) <= 0.71

# %% [markdown] id="which-agrees"
# They agree only in `eval`, because in `train` dropout zeroes different activations each
# time.

# %% [markdown] id="by-heart" tags=["slide"]
# ## First, overfit one image
#
# To **overfit** is to get better on the training images and worse on new ones. We do it on
# purpose: a network that can't memorise even one image probably has a bug. We take the
# image from above, a U-Net with batch norm, and **your** `train_step` (or the library's).
# The optimizer is [Adam](https://arxiv.org/abs/1412.6980) (Kingma and Ba, 2015): it divides
# each weight's step by the usual size of that weight's gradient.
#
# Will the untrained network's loss be 0.69 (like a uniform guess's), lower, or higher?

# %% id="learn-one-image"
parts = mine("double_conv", "up_conv", "forward", "he_std", "train_step")  # yours or ours


def learn(steps, seed):
    torch.manual_seed(seed)
    model = UNet(UNetConfig(base_channels=8, depth=2, padding="same", batch_norm=True))
    optimizer, losses = torch.optim.Adam(model.parameters(), lr=0.01), []
    for _step in progress(range(steps)):
        losses.append(parts.train_step(model, optimizer, image, target))
    return model, losses


untrained, _losses = learn(steps=0, seed=0)
with torch.no_grad():
    each = F.cross_entropy(untrained(image), target, reduction="none")  # of each pixel
wrong = each > math.log(2)  # the right class got less than one half
print(f"{wrong.float().mean():.0%} of pixels are wrong, mean loss {each[wrong].mean():.2f}")
print(f"the others {each[~wrong].mean():.2f}, so the loss is {each.mean():.2f} over all")

# %% id="learn-one-image-claim" tags=["claim"]
assert round(wrong.float().mean().item(), 2) == 0.83 and round(each.mean().item(), 1) == 1.7
assert target[wrong].float().mean() > 0.95  # membrane is predicted where inside is
begun = []
for seed in range(6):
    other_start = learn(steps=0, seed=seed)[0]
    begun.append(F.cross_entropy(other_start(image), target).item())
assert round(min(begun), 1) == 0.7 and round(max(begun), 1) == 1.7

# %% [markdown] id="sure-at-random" tags=["slide"]
# It is far higher, 1.7. Random weights drawn by He's rule can produce large logits, so the
# network is confident, and here mostly wrong, before it has seen a label.
#
# What fraction of the pixels will be right after 120 steps?

# %% id="show-learned" tags=["fragment"]
model, losses = learn(steps=120, seed=0)
with torch.no_grad():
    predicted = model.eval()(image).argmax(dim=1)
accuracy = (predicted == target).float().mean().item()
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(9.5, 3), layout="constrained")
left.semilogy(losses)
left.axhline(math.log(2), color="grey", linestyle="--", label="uniform guess: log 2")
left.axhline(0.35, color="grey", linestyle=":", label="baseline: 0.35")
left.set(xlabel="step", ylabel="loss")
left.legend()
middle.imshow(target[0], cmap="gray")
right.imshow(predicted[0], cmap="gray")
for axes, title in ((middle, "labels"), (right, f"learned: {accuracy:.1%} right")):
    axes.set(title=title, xticks=[], yticks=[])
described(figure, "08.show_learned")

# %% id="show-learned-claim" tags=["claim"]
assert not model.training
assert losses[0] > math.log(2) > 50 * losses[-1] and accuracy > 0.999
assert losses[5] < math.log(2) and losses[100] < 0.05 * baseline
weights = sum(parameter.numel() for parameter in model.parameters())
assert 3 < weights / target.numel() < 3.5

# %% [markdown] id="by-heart-is-not-knowing"
# The network gets more than 99.9 % of the pixels right, because it has about three times as
# many weights as the image has pixels, and trains on nothing else. So network, loss and
# step seem sound.
#
# If a network does well on images that it wasn't trained on, it **generalises**. Images
# kept out of training, to test this and to choose among networks, are a **validation set**.
# What fraction of the pixels does our network get right on other tissue? And what fraction
# would the constant answer, *inside* everywhere, get right?

# %% id="other-tissue" tags=["fragment", "output"]
other = synthetic_membranes(1, size=96, seed=8)
with torch.no_grad():
    logits = model(torch.from_numpy(standardise(other.images[0]))[None, None])
new = (logits.argmax(1)[0].numpy() == other.labels[0]).mean()
constant = max(other.labels[0].mean(), 1 - other.labels[0].mean())
print(f"its own image {accuracy:.1%}, other tissue {new:.1%}, constant answer {constant:.1%}")

# %% id="other-tissue-claim" tags=["claim"]
assert 0 < new - constant < 0.05 and new < accuracy - 0.2
wall, said = other.labels[0] == 0, logits.argmax(1)[0].numpy() == 0
assert said[wall].mean() < 0.3
assert 2.5 < wall.mean() / (1 - inside) < 3 and round(constant, 2) == 0.69

# %% [markdown] id="many" tags=["slide"]
# The other tissue has nearly three times as much wall as our image, so the constant
# answer's accuracy falls from 89 % to 69 %. Our network is hardly better, because it finds
# only a small part of the wall.
#
# ## One minute on many images
#
# Each step draws four new crops, randomly rotated and flipped, from twelve slices, two from
# each of six synthetic tissues. Here's the first batch: orange pixels don't count in the
# loss. Why are there so many?

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
# Because most pixels are inside, a loss that counts all pixels alike stays small even if
# the network misses thin walls. So in the target we give most inside pixels the class −100,
# which `cross_entropy` ignores. `own.run` below is this loop:
#
# ```python
# for step in range(240):
#     images, wanted = crops(tissue, draw)
#     set_learning_rate(optimizer, step)
#     losses.append(train_step(net, optimizer, images, wanted))
#     dashboard.step(losses[-1])
# ```
#
# `set_learning_rate` follows a **schedule**: during training the learning rate first rises,
# then falls. `net` uses your functions (or the library's), and never trains on A and B's
# tissue. The panel's **V_rand** scores regions (1 is perfect). Which comes first: A and B
# apart, or the best accuracy?

# %% id="the-dashboard"
dashboard = Dashboard()
dashboard

# %% id="one-minute"
own_losses = own.run(watch=dashboard)

# %% id="one-minute-claim" tags=["claim"]
from unet_teach.film import errors

film = dashboard.film
assert len(own_losses) == film.steps[-1] == 240 and film.held_out
assert sum(own_losses[-50:]) < 0.7 * sum(own_losses[:50])
assert film.validation[-1] < film.validation[0]
assert pair.verdict(film.maps[0] > 127, film.truth) != "apart"
assert pair.verdict(film.maps[-1] > 127, film.truth) == "apart"
right = [((shown > 127) == film.truth).mean() for shown in film.maps]
apart = [pair.verdict(shown > 127, film.truth) == "apart" for shown in film.maps]
assert right[apart.index(True)] < max(right)
wrongs = errors(film.truth, film.maps[-1] > 127)[0]
for row, column in pair.neurons:  # neither has run into a third, nor is broken
    assert wrongs[row - pair.corner[0], column - pair.corner[1]] == 1
assert (wrongs == 3).sum() > 3 * (wrongs == 2).sum()  # too much wall, and wall missed

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
# A and B come apart first, because that needs only one closed wall, while the accuracy
# counts every pixel. At the end the walls are too thick (blue), because most inside pixels
# don't count in the loss. So calling an inside pixel *wall* usually costs nothing, but
# missing a wall pixel raises the loss.

# %% [markdown] id="pair-now" tags=["slide"]
# ## The pair, as it is now
#
# Which network keeps A and B apart: the one that memorised an image, or yours?

# %% id="the-pair-now" tags=["fragment"]
results = {"one image": model, "your network": own.net}
pair = the_pair("synthetic membranes (seed 0)")
micrograph, labels = membrane_slice(pair.index)
maps = {name: predict(network, micrograph)[1] > 0.5 for name, network in results.items()}
described(pictures.pair_seen(pair, micrograph, labels, maps), "08.the_pair_now")

# %% id="the-pair-now-claim" tags=["claim"]
assert pair.verdict(maps["one image"], labels) == "merged"
assert pair.verdict(maps["your network"], labels) == "apart"

# %% [markdown] id="verdict"
# Yours does. The other draws only pieces of walls, and A and B run together through a gap.
#
# One pair may be luck. Guess both networks' mean V_rand on three new slices.

# %% id="v-rand-of-others" tags=["fragment", "output"]
others, reached = unseen(), {}
for name, network in results.items():
    white = [predict(network, image)[1] > 0.5 for image in others.images]
    each = [v_rand(components(t), thin(w)) for t, w in zip(others.labels, white, strict=True)]
    reached[name] = sum(each) / len(each)
    print(f"{name}: V_rand {[round(value, 2) for value in each]}, mean {reached[name]:.2f}")

# %% id="v-rand-of-others-claim" tags=["claim"]
assert reached["your network"] >= 0.85 and reached["one image"] < 0.2

# %% [markdown] id="discuss" tags=["slide"]
# Yours wins. It saw many walls, took twice as many steps, and most inside pixels didn't
# count in its loss. To see which of these helped, change one at a time.
#
# ### Discuss
#
# A network overfits one image. On thirty images, 78 % of whose pixels are inside, its loss
# stays at 0.53. Where do you look?
#
# <details><summary>One answer</summary>
#
# In the data, because the one image has shown that network, loss and step are probably
# sound. Do image and labels still belong together after shuffling and flipping? If they
# don't, the network can hardly learn more than the fraction of each class, so its loss
# stays at the baseline's.
#
# </details>

# %% [markdown] id="curious"
# <details><summary>Three footnotes</summary>
#
# A weight's gradient sums products of activations and arriving gradients, so it vanishes if
# either does. U-Net (2015) had no batch norm. The same seed repeats a run exactly only with
# the same machine, threads and versions.
#
# </details>

# %% id="signal-in-numbers-claim" tags=["claim"]
found = {init: signal(init, 20, seeds=40) for init in ("small", "xavier", "he")}
for way in found.values():
    last, theory = way.measured[:, -1], way.theory[-1]
    assert last.min() < 0.5 * theory < theory < last.max()
    assert 0.85 < ((last**2).mean() ** 0.5) / theory < 1.1
assert round((last < theory).mean(), 2) in (0.77, 0.78) and found["he"].theory[-1] == 1
assert round((last**2).mean() ** 0.5, 2) == 0.94
assert round(found["xavier"].theory[-1], 3) == 0.001
assert round(signal("he", 20, relu=False, seeds=1).theory[-1]) == 1024


# %% id="bit-for-bit-claim" tags=["claim"]
def weights_of(network):
    return torch.cat([p.detach().flatten() for p in network.parameters()])


first, again, another = (weights_of(learn(steps=10, seed=seed)[0]) for seed in (1, 1, 2))
assert torch.equal(first, again) and not torch.equal(first, another)

# %% id="optimizer-claim" tags=["claim"]
with_adam = {i: learned_from(i, image, target, adam=True).losses[-1] for i in ("small", "he")}
assert 0.09 < with_adam["small"] < 0.12 and with_adam["he"] < 0.006

# %% [markdown] id="exercise-3"
# ### Exercise 3 (stretch): two that are one
#
# Without a ReLU between them, two convolutions do no more than **one** with a larger
# kernel. Find that kernel.
#
# - **In**: two float32 tensors of weights: `first` (M, I, k1, k1), applied first, takes I
#   channels to M, and `second` (O, M, k2, k2) takes M to O.
# - **Out**: the one convolution's weights, a tensor (O, I, k1 + k2 − 1, k1 + k2 − 1).
# - **Edge**: no biases, no padding, stride 1. M, I, O, k1 and k2 may differ, and may be 1.
# - **Example**, in one dimension: with one channel, [1, 2] and then [3, 4], slid without
#   flipping, as in torch, become [3, 10, 8], where 10 = 3·2 + 4·1.
#
# Stuck? `hint("08.merge_convs")`.


# %% id="exercise-merge-convs"
def merge_convs(first, second):
    """Return the weights of the one convolution."""
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

# %% [markdown] id="recap" tags=["slide"]
# ## In this notebook we
#
# - measured how wrong an answer is, with the cross-entropy;
# - saw that undersized initial weights let neither image nor gradient through, and that
#   He's rule, "sqrt(2/N)", prevents this: `(2 / (in_channels * k * k)) ** 0.5`;
# - wrote the five lines of a training step, and overfitted one image;
# - trained on varied crops, and watched A and B come apart.
