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
            "The regions of two predictions in colours. Shaved: 99 regions for 99 neurons, "
            "all apart. Gated: 83 regions; in the lower right several cells have run "
            "together into one large green region."
        ),
        "repeat_it": _(
            "Forty confidence intervals side by side. Nearly all cross the line at the true "
            "difference of 0.01, those that miss it have another colour, and many cross the "
            "dotted line at zero, too."
        ),
        "network": _(
            "Dice, V_rand and V_info over the threshold. Dice changes little between 0.1 and "
            "0.9; V_rand and V_info are near 1 between 0.2 and 0.9 and drop steeply outside "
            "of it."
        ),
    },
)
