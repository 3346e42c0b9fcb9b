# %% [markdown] id="title" tags=["slide"]
# # 08 · Train it
#
# We have a network, and its weights are random numbers. What makes it learn? A loss, a
# gradient and a step, repeated many times, and initial weights that let a signal through.
# Today your own network learns before your eyes, and our two neurons come apart.
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
import torch
from torch import nn
from torch.nn import functional as F

from unet_teach.config import UNetConfig
from unet_teach.data.membranes import membrane_slice, synthetic_membranes
from unet_teach.data.volume import standardise
from unet_teach.drawing.pair import coloured, the_pair
from unet_teach.exercises import check, hint, mine, solution
from unet_teach.exercises.assembled import Practice, Small, unseen
from unet_teach.film import Dashboard
from unet_teach.lessons.described import described
from unet_teach.lessons.l08_train_it.measure import signal
from unet_teach.lessons.l08_train_it.panel import signal_explorer
from unet_teach.metrics import components, thin, v_rand
from unet_teach.models.unet import UNet
from unet_teach.tiling import predict

_ = torch.manual_seed(0)  # the same random numbers for everyone

# %% [markdown] id="the-pair-so-far" tags=["slide"]
# ## The pair, and what is still wrong with it
#
# At the end of lesson 07 a whole U-Net ran on our two neurons, and its answer was useless.
# Below is another untrained network, the small one of today. On the right is its probability
# of *inside* for each pixel. You can see a checkerboard, as in lesson 04, and a trace of the
# image. Has it drawn a wall?

# %% id="the-pair-before"
pair = the_pair("synthetic membranes (seed 0)")
micrograph, labels = membrane_slice(pair.index)
shape = UNetConfig(base_channels=8, depth=2, padding="same", batch_norm=True)


def probability(network):
    """Of inside, for each pixel of the slice that the pair is in: (H, W)."""
    with torch.no_grad():
        logits = network.eval()(torch.from_numpy(standardise(micrograph))[None, None])
    return logits.softmax(dim=1)[0, 1].numpy()


untrained = probability(UNet(shape))

# %% id="show-the-pair-before" tags=["fragment"]
figure, axes = plt.subplots(1, 3, figsize=(8, 2.9), layout="constrained")
shown = {"micrograph": micrograph, "labels": labels, "untrained U-Net": untrained}
for ax, (title, picture) in zip(axes, shown.items(), strict=True):
    ax.imshow(pair.crop(picture), cmap="gray")
    ax.set(title=title, xticks=[], yticks=[])
described(figure, "08.the_pair_before")

# %% id="the-pair-before-claim" tags=["claim"]
assert pair.verdict(untrained > 0.5, labels) != "apart"

# %% [markdown] id="loss" tags=["slide"]
# ## How wrong is it?
#
# For each pixel the network returns two **logits**, one raw score for each class. The softmax
# turns them into probabilities. Then the **cross-entropy** asks at each pixel: how surprised
# are you by the ground truth? It answers with −log of the probability that the right class
# got, so that a confident mistake costs much more than a doubtful one. The **loss** is the
# mean of this over all pixels: one number that says how wrong the network is.
#
# A uniform guess gives both classes the probability 1/2. What is its loss? And what is it with
# 10 classes?

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
# Remember **0.693**, which is log 2: the loss of a uniform guess between two classes. A
# larger loss is worse than guessing.
#
# But guessing uniformly isn't the best that one can do without looking. If 78 % of the pixels
# are *inside* and 22 % *membrane*, as on the ISBI micrographs, you can give every pixel these
# probabilities. The loss is then −0.78 log 0.78 − 0.22 log 0.22 = **0.53**, the entropy of
# the classes. This is our **baseline** for the loss, the number that a result has to beat.
# Only below it has a network learned anything from the picture.

# %% id="baseline-claim" tags=["claim"]
assert round(-0.78 * math.log(0.78) - 0.22 * math.log(0.22), 2) == 0.53

# %% [markdown] id="gradient" tags=["slide"]
# ## Where the gradient goes
#
# The **gradient** says for each weight by how much the loss would change if that weight grew
# a little. It is computed backwards, layer by layer (*backpropagation*). So each layer has to
# answer two questions: what is the gradient of its weights, and what is the gradient of its
# *input*, which the layer before it needs?
#
# Let's look at the second one, for a convolution. Each output read some inputs, so its
# gradient is painted back onto the same inputs, with the same weights. You know this
# painting from lesson 04: it is a **transposed convolution**. Guess how large the largest
# difference is between torch's gradient and our painting.

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

# %% [markdown] id="weight-gradient"
# And the gradient of the weights, which the step will use? For each output, a weight
# multiplies one input. So its gradient is the sum of those inputs, each times its output's
# gradient. That is a **convolution** again: the outputs' gradient slides over the input like
# a large kernel.

# %% id="gradient-of-the-weights"
y = F.conv2d(x.detach(), weight.requires_grad_())
y.backward(arriving)
# Batch and channels change places, so that each channel of x meets that of each output.
slid = F.conv2d(x.detach().transpose(0, 1), arriving.transpose(0, 1)).transpose(0, 1)
print("largest difference:", (weight.grad - slid).abs().max().item())

# %% id="gradient-of-the-weights-claim" tags=["claim"]
assert torch.allclose(weight.grad, slid, atol=1e-10)

# %% [markdown] id="why-relu"
# ## Why a ReLU?
#
# After each convolution comes a ReLU, max(0, x). If you leave it out, something odd happens:
# two convolutions in a row can do no more than **one** convolution with a larger kernel. Then
# all the depth would be for nothing. In exercise 3 you will find that one convolution.

# %% [markdown] id="exercise-1" tags=["slide"]
# ### Exercise 1 (easy): He's rule
#
# Initial weights are drawn at random, but how large should they be? [The
# paper](https://arxiv.org/abs/1505.04597) follows [He and others
# (2015)](https://arxiv.org/abs/1502.01852): "the initial weights [come] from a Gaussian
# distribution with a standard deviation of sqrt(2/N), where N denotes the number of incoming
# nodes of one neuron". Write this rule for a convolution with a k × k kernel.
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

# %% [markdown] id="signal" tags=["slide"]
# ## A signal through twenty layers
#
# Why the 2? Send noise of mean square 1 through many convolutions. A neuron sums n inputs, so
# its mean square is n times the weights' variance. A ReLU then sets half of the numbers to
# zero, which halves it. So with variance 1/n (Xavier) each layer with its ReLU keeps half of
# it, and with 2/n (He) all of it. The chart shows the *root* of the mean square, where a half
# becomes a factor of 0.71. Next to it are one layer's numbers.
#
# Predict, then drag along the layers:
#
# 1. Xavier, with ReLU: how much is left after 20 layers? And without ReLU?
# 2. He without ReLU: what happens?
# 3. Gradients go back through the same weights. Which initialisation keeps their size?
#
# {{twin: signal_explorer}}

# %% id="explore" tags=["slide"]
signal_explorer()

# %% id="explore-claim" tags=["claim"]
explorer = signal_explorer()
explorer.set(relu=False)  # after 20 layers
assert explorer.answer["now"]["he"] > 500 and 0.9 < explorer.answer["now"]["xavier"] < 1.1
explorer.set(relu=True, way="gradients", layer=1)  # what comes home
home = explorer.answer["now"]
assert home["small"] < 1e-12 and home["xavier"] < 0.002 and 0.5 < home["he"] < 2

# %% [markdown] id="signal-numbers"
# Here is the same experiment with five seeds, after 20 layers (root mean square). The
# theory's prediction is the dashed line in the picture and the last column here.

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
# With He's rule a signal gets through twenty layers and roughly keeps its size. With
# Xavier's it loses a factor of a thousand to the ReLUs, and with the small weights it dies.
# Without ReLU the same He weights let it explode. So the rule and the ReLU belong together. A
# gradient fares the same on its way back, and without one a layer can't learn.
#
# **Batch normalisation** ([Ioffe and Szegedy, 2015](https://arxiv.org/abs/1502.03167)) gives
# each channel mean 0 and variance 1 after each convolution, whatever the weights are, so it
# forgives a bad start. The price: in training, an image's result depends on the others in its
# **batch**, the images that go through the network together. U-Net had no batch norm, so it
# needed He's rule. Today's networks have both.

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
# **Gradient descent** (SGD) subtracts from each weight its gradient times a small number, the
# **learning rate**. **Momentum** makes it remember the directions of earlier steps.
#
# The paper trains with one image at a time: "Accordingly we use a high momentum (0.99) such
# that a large number of the previously seen training samples determine the update in the
# current optimization step." How many is "a large number"? At each step the old direction is
# multiplied by 0.99 and the new gradient is added. So a gradient from k steps ago still counts
# with a factor of 0.99 to the power of k.

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
# So about a hundred images decide where one step goes. As long as their gradients agree, the
# step is a hundred times as long as it would be without momentum. So if you copy the paper's
# momentum of 0.99, don't take the learning rate from somewhere else.

# %% [markdown] id="step" tags=["slide"]
# ## One step
#
# A training **step** puts loss, gradient and momentum together. Five things happen, always
# in this order: compute the **logits**; compute the **loss**; clear the old gradients,
# because torch adds the new ones to them; go **backward**, which computes all gradients; let
# the optimizer change the weights.
#
# You will often read of an **epoch** instead, one pass through all training images. This course
# counts steps, because later its training crops are drawn at random and no pass ever ends.

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
# - **Edge**: old gradients may be left from before the call. The images go through the model
#   only once, and the model stays in the mode that it was in (`train` or `eval`).
# - **Example**: if the model's logits are zero for both of two classes, the result is 0.693,
#   and the weights have taken one step.


# %% id="exercise-train-step" tags=["fragment"]
def train_step(model, optimizer, image, target):
    """One step; gives the loss that was found before it."""
    # SOLUTION: exercises.train_step


# %% id="check-step"
check("08.train_step", train_step)

# %% [markdown] id="by-heart" tags=["slide"]
# Stuck? `hint("08.train_step")`.
#
# ## First, overfit one image
#
# Before you train on thirty images, train on **one**. To **overfit** is to memorise the
# training images. Usually you don't want that, but here it is a test: a network that can't
# memorise even one image probably has a bug, and you find out within seconds.
#
# We take a small U-Net, a piece of 96 × 96 pixels, and
# [Adam](https://arxiv.org/abs/1412.6980) (Kingma and Ba, 2015), an optimizer with momentum
# and a step size of its own for each weight. After 120 steps, what fraction of the pixels
# will be right?

# %% id="learn-one-image"
tissue = synthetic_membranes(1, size=96, seed=7)
image = torch.from_numpy(standardise(tissue.images[0]))[None, None]
target = torch.from_numpy(tissue.labels[0].astype("int64"))[None]


parts = mine("double_conv", "forward", "he_std", "train_step")


def learn(steps, seed):
    torch.manual_seed(seed)
    model = UNet(UNetConfig(base_channels=8, depth=2, padding="same", batch_norm=True))
    optimizer, losses = torch.optim.Adam(model.parameters(), lr=0.01), []
    for _step in range(steps):
        losses.append(parts.train_step(model, optimizer, image, target))
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
# Memorising isn't understanding. What does the network make of other tissue? If it does well
# there, too, it **generalises**. Images kept out of training to find this out are called a
# **validation set**. Guess first: what does the constant answer score there?

# %% id="other-tissue" tags=["fragment", "output"]
other = synthetic_membranes(1, size=96, seed=8)
with torch.no_grad():
    logits = model.eval()(torch.from_numpy(standardise(other.images[0]))[None, None])
new = (logits.argmax(1)[0].numpy() == other.labels[0]).mean()
constant = max(other.labels[0].mean(), 1 - other.labels[0].mean())
print(f"its own image {accuracy:.1%}, other tissue {new:.1%}, constant answer {constant:.1%}")

# %% id="other-tissue-claim" tags=["claim"]
assert new < accuracy - 0.02

# %% [markdown] id="many" tags=["slide"]
# ## One minute on many images
#
# So let's train on twelve slices of six tissues, and each step takes four new
# crops of them, turned and flipped at random. The network is small, and made of **your**
# parts, if they passed their checks.
#
# There is one trick. Most pixels are inside, so a loss that counts all alike neglects thin
# walls. We leave most of the inside out: we give it the class −100, which `cross_entropy`
# doesn't count (lesson 11 has a better way).
#
# The window shows our pair, whose tissue is never trained on. Which comes first, the best
# accuracy or two separate neurons? Afterwards, drag along the curve to see the walls form.

# %% id="the-dashboard"
torch.manual_seed(0)
own = Practice(Small(parts, whole=True), parts.train_step, steps=240)
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

# %% [markdown] id="how-good"
# The two neurons come apart first. If one of them ends orange, it has run together with a
# *third* one: the window saw only its own crop, so walls near its edge may have gaps.
#
# One pair may be luck, so here are three slices of other tissue. **V_rand** (lesson 00)
# is 1 where each neuron is one region of its own.

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
# The only random thing in `learn` is the initial weights, and they come from the seed. So a
# second run should end with the same weights, in every bit. Then a difference between two runs
# can only come from what you changed.
#
# This holds on one machine, with the same threads and software. Elsewhere sums are rounded in
# another order, and training amplifies the difference.


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
# **Dropout** ([Srivastava and others, 2014](https://jmlr.org/papers/v15/srivastava14a.html))
# sets a random fraction of the activations to zero in each training step, so that the network
# can't rely on a single one. The paper puts it at the end of the contracting path.
#
# In **inference**, when you use the network without training it, dropout must be off. Batch
# norm must then use the statistics that it gathered in training instead of those of the
# batch. `model.eval()` switches both. One of the eight patients of lesson 15 forgot it.

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
# Two convolutions without a ReLU between them do what a single convolution does. Find its
# weight.
#
# - **In**: two float32 tensors: `first` (M, I, k1, k1), applied first, takes I channels to
#   M, and `second` (O, M, k2, k2) takes M to O. k1 and k2 may differ.
# - **Out**: a tensor (O, I, k1 + k2 − 1, k1 + k2 − 1).
# - **Edge**: no biases, no padding, and stride 1. Each of M, I, O, k1 and k2 may be 1.
# - **Example**: with one channel, [[2]] and [[3]] become [[6]]. Along one row, [1, 2] and then
#   [3, 4] become [3, 10, 8], where 10 = 3·2 + 4·1.


# %% id="exercise-merge-convs"
def merge_convs(first, second):
    """The weight of the one convolution."""
    # SOLUTION: exercises.merge_convs


# %% id="check-merge"
check("08.merge_convs", merge_convs)

# %% [markdown] id="hint-merge"
# Stuck? `hint("08.merge_convs")`. Here too, a transposed convolution does the painting.

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
# ### Discuss
#
# A network overfits one image as it should. On thirty images, 78 % of whose pixels are inside,
# its loss stays at 0.53. Where do you look?
#
# <details><summary>One answer</summary>
#
# The one image has shown that the network, the loss and the step are sound, so look at what
# is new. Do image and mask still belong together after shuffling and augmentation? That is
# the classic mistake, because with the masks of other images nothing can be learned except
# the fraction of each class, and that costs exactly 0.53, our baseline. Are all images scaled
# alike? Was the learning rate chosen for another batch? Then train on two images, and on four.
#
# </details>

# %% [markdown] id="pair-now" tags=["slide"]
# ## The pair, as it stands now
#
# Here are two networks that have never seen the pair: one has memorised a small piece of
# tissue, the other learned for a minute from varied crops. Each neuron has a colour of its
# own if they are apart, and both are orange if they have run together.

# %% id="the-pair-now" tags=["fragment"]
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
# After one image there are pieces of wall with gaps, and our two neurons have run together.
# After a minute of varied crops they are apart, in tissue that the network has never seen.
# What has it learned to look for? Lesson 09 looks inside.
#
# ## In this notebook we
#
# - measured the loss of a uniform guess, log 2, and wrote the five lines of a step;
# - saw that the gradient goes back through a convolution as a transposed convolution;
# - kept a signal alive: "a Gaussian distribution with a standard deviation of sqrt(2/N)" is
#   `(2 / (in_channels * k * k)) ** 0.5`;
# - found that with momentum 0.99 about a hundred images decide a step;
# - overfitted one image, and separated the pair in a minute of varied crops.
