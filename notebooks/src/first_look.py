# %% [markdown]
# # A first look: which pixels are membrane?
#
# This notebook shows, in a minute or two and without training anything, what the course
# builds. You will be able to
#
# - say what **segmentation** is: one class for each pixel;
# - let a trained U-Net segment a micrograph, and see where it hesitates;
# - say why "95 % of the pixels are right" is a bad way to judge it.
#
# Before it: nothing but a little Python. Run a cell with **Shift + Enter**.

# %%
import matplotlib.pyplot as plt
import numpy as np

from unet_teach.data import load_volume
from unet_teach.metrics import score
from unet_teach.models.pretrained import pretrained, weights_facts
from unet_teach.tiling import predict

# %% [markdown]
# ## The data
#
# The micrographs of the ISBI 2012 challenge show nerve cells in the brain of a fruit fly's
# larva: pale insides, dark membranes, 4 nm to a pixel. Where that stack is on your computer
# (`unet-teach data fetch` gets it, after showing its terms), it is taken. Where it is not,
# the project draws **synthetic membranes** of its own.

# %%
volume = load_volume("auto")
print("The data here:", volume.name)

# %%
# One of the last slices: the network below was not trained on them.
image, labels = volume.images[-1], volume.labels[-1]
print("image ", image.shape, image.dtype, "from", image.min(), "to", image.max())
print("labels", labels.shape, labels.dtype, "classes", np.unique(labels))

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 5), layout="constrained")
left.imshow(image, cmap="gray")
left.set_title("a slice")
right.imshow(labels, cmap="gray")
right.set_title("its labels: 1 (white) is inside a cell, 0 is membrane")
for axes in (left, right):
    axes.set_axis_off()

# %% [markdown]
# ## The constant answer
#
# Before a network may impress you: how many pixels are right if you call *every* pixel
# "inside"? Write down a guess, then run the cell.

# %%
print(f"{np.mean(labels == 1):.1%} of the pixels are right, and not one membrane was found.")

# %% [markdown]
# So the share of right pixels says little. What counts is whether cells stay apart: one
# missing pixel of membrane joins two cells. **V_rand** measures that, from 0 to 1: do two
# pixels that belong together stay together, and do the others stay apart?
#
# ## A trained U-Net
#
# Two small networks come with the package. The one that fits the data is loaded; what it
# was trained on, and how well it did, is written beside it.

# %%
name = "membranes" if "membrane" in volume.name.lower() else "isbi"
model = pretrained(name).eval()
facts = weights_facts(name)
print(name, "was trained on:", facts["trained_on"])

# %%
# Logits become probabilities, tile by tile: (classes, height, width).
inside = predict(model, image)[1]
inside.shape

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 5), layout="constrained")
left.imshow(image, cmap="gray")
left.set_title("the slice")
shown = right.imshow(inside, cmap="cividis", vmin=0, vmax=1)
right.set_title("the network's probability of being inside")
figure.colorbar(shown, ax=right, shrink=0.7)
for axes in (left, right):
    axes.set_axis_off()

# %% [markdown]
# Dark is membrane, bright is inside, and in between is where the network hesitates: walls
# that were cut at a slant, and the membranes of mitochondria, which are no cell's border.
#
# ## How good is it?
#
# Predict: the constant answer's V_rand is nearly 0. Where will the network's be?

# %%
truth = (labels[None] == 1).astype("uint8")
network = score(truth, inside[None])
constant = score(truth, np.ones_like(inside)[None])
for name, scores in {"constant answer": constant, "U-Net": network}.items():
    print(f"{name:15}  V_rand {scores.v_rand:.3f}, threshold {scores.v_rand_threshold:.1f}")
assert network.v_rand > constant.v_rand + 0.5

# %% [markdown]
# One slice, with the threshold that suits it best: a first look, not a result. The results
# are in the README, over whole blocks of slices that the networks had not seen.
#
# ## In this notebook we
#
# - saw segmentation as one class for each pixel;
# - found that pixel accuracy flatters an answer that finds no membrane;
# - let a U-Net draw the membranes, and judged it by which pixels stay together.
#
# Your own image? `unet-teach predict --help`. The lessons take the network apart, one step at
# a time.
