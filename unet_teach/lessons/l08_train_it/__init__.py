"""Lesson 08: Train it."""

from unet_teach.rooms import Asked, Facts
from unet_teach.translation import _

FACTS = Facts(
    label="Make it learn",
    lit="learn output",
    shows="an arrow from the output back through the network",
    able="follow one visible loop from random weights to a mask",
    asked=(
        Asked("he_std", part=True),
        Asked("train_step", part=True),
        Asked("merge_convs"),
    ),
    week=5,
    figures={
        "the_pair_before": _(
            "The pair's micrograph, its neurons marked A and B, and what a network predicts "
            "there at four steps of its training: at step 0 a checkerboard and a trace of the "
            "walls; at 20 broad dark "
            "walls and many dark spots; at 40 fewer spots; at 240 closed black walls around "
            "two white neurons."
        ),
        "surprise": _(
            "A falling curve: the loss of a pixel by the probability of its right class. Three "
            "pixels on it: sure and wrong 3.00, undecided 0.69, sure and right 0.05."
        ),
        "starts": _(
            "Left two losses over 120 steps: from the small start the loss falls from 0.69 to "
            "the dashed baseline, 0.35, and stays there; from He's start it falls from 1.15 to "
            "about 0.1. Right the labels of the image, white with black walls; after the small "
            "start the same light grey everywhere; after He's start walls where the "
            "labels have them, grey because inside still gets nearly one half there."
        ),
        "balls": _(
            "Three times the same valley, the loss against one weight, and a ball's first "
            "eight steps from high on the left (orange) to where it ends (red). At learning "
            "rate 0.03 it has crawled a part of the way down; at 0.3 it is at the bottom; at "
            "1.05 it jumps from side to side, higher each time."
        ),
        "batch": _(
            "Four crops of micrographs, two of them noisy; below each its target: the walls "
            "black, the inside orange, which means left out, with scattered white pixels."
        ),
        "the_pair_now": _(
            "The pair in four pictures, its neurons marked A and B: the micrograph; the "
            "labels, A blue and B green; the network that learned one image: pieces of walls "
            "with gaps, A and B in one orange region that fills most of the picture; yours, "
            "after 240 steps on varied crops: closed walls, A blue and B green."
        ),
        "show_learned": _(
            "Left the loss over 120 steps, from above log 2 and the baseline 0.35 down to less "
            "than 0.01. Next to it the labels of one image and what the network learned "
            "of it, 100% "
            "right: the same black lines."
        ),
    },
)
