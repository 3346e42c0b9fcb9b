"""Lesson 07: Build U-Net."""

from unet_teach.rooms import Asked, Facts
from unet_teach.translation import _

FACTS = Facts(
    label="The whole U",
    lit="image output crop contract bottom merged expand conv pool up skip last",
    shows="every part",
    able="write the whole; say which input sizes are legal, and why",
    asked=(
        Asked("five_shapes"),
        Asked("forward", uses=("center_crop",), part=True),
        Asked("legal"),
    ),
    week=4,
    homework="Change one thing in lesson 07's explorer and explain three numbers that moved",
    figures={
        "the_pair_before": _(
            "The pair in three pictures: the micrograph with two neurons and a thin dark wall "
            "between them; the labels, white inside and black at the walls; and what an "
            "untrained U-Net makes of it, a grey blur in which most walls are faint and light."
        ),
        "the_sockets": _(
            "A small U with sockets for five parts: double_conv five times, contract at the "
            "arrows down, up_conv at the arrows up, center_crop on both skips, and forward "
            "over the whole. Those that my_unet.py fills are blue; the empty ones have a "
            "dashed outline."
        ),
        "reward": _(
            "The pair in three pictures: the micrograph; the probability of inside by the "
            "forward pass with trained weights, white cells and dark walls; and where it is "
            "0.5 or more: one neuron is blue, the other green, with a dark wall between them."
        ),
        "the_pair_now": _(
            "What an untrained U-Net makes of the pair, three pictures: a grey blur in which "
            "most walls are light; the same network without its top skip, in the same greys, a "
            "plain grey square; and that square with its own greys stretched: a fine grid with "
            "barely a trace of a wall."
        ),
        "costs_by_level": _(
            "Each level's percentage of the parameters, operations and memory, as bars. Most "
            "parameters are at levels 3 and 4, most memory is at levels 0 and 1; the "
            "operations are spread almost evenly over levels 0 to 3, and level 4 has a third "
            "of level 3's."
        ),
        "ghost_walls": _(
            "The walls of the pair in two maps that meet at the top, laid over each other. At "
            "572 every wall of the skip, blue, and of the map from below, orange, is in both "
            "and so dark. At 570 an orange ghost is next to each blue wall, 7 pixels to the "
            "right and 7 down; the two are dark only where they happen to cross."
        ),
    },
)
