"""Lesson 10: Metrics."""

from unet_teach.rooms import Asked, Facts
from unet_teach.translation import _

FACTS = Facts(
    label="How good is it?",
    lit="output target",
    shows="the output beside the labels",
    able="say why pixel accuracy lies; compute V_rand and V_info",
    asked=(
        Asked("contingency_table"),
        Asked("v_rand_of", part=True),
        Asked("thin_walls", uses=("components", "touched")),
    ),
    week=5,
    homework="Lesson 09, whole; bring the map that surprised you",
    figures={
        "two_predictions_shown": _(
            "The regions of two predictions in colours, with equal accuracy, Dice and IoU. "
            "Shaved: 99 regions for 99 neurons, all apart, V_rand 1. Gated: 83 regions, V_rand "
            "0.813; several cells have run together into large regions."
        ),
        "repeat_it": _(
            "Forty confidence intervals side by side. Nearly all cross the line at the true "
            "difference of 0.01, those that miss it have another colour, and many cross the "
            "dotted line at zero, too."
        ),
        "one_block": _(
            "Five bars, one for each block: V_rand with skips minus without. Three point up "
            "and two down. In block 2 both seeds are above zero, in block 5 both are below."
        ),
        "cost_of_each_pixel": _(
            "The thinned walls of a slice, each pixel coloured by V_rand after it is erased. "
            "Most are pale, near 1. The dark, dangerous ones surround the few largest neurons."
        ),
        "network": _(
            "Dice, V_rand and V_info over the threshold. Dice falls slowly between 0.3 and "
            "0.9; V_rand and V_info are near 1 between 0.2 and 0.9 and drop steeply outside "
            "that range."
        ),
    },
)
