"""Lesson 14: ISBI 2012."""

from unet_teach.rooms import Asked, Facts
from unet_teach.translation import _

FACTS = Facts(
    label="The real\nchallenge",
    lit="image output target crop contract bottom merged expand conv pool up skip last",
    shows="every part, from the image to the labels",
    able="train the whole on the real micrographs, judged honestly",
    asked=(
        Asked("blocks"),
        Asked("average"),
        Asked("pages"),
    ),
    week=7,
    homework="Discuss lesson 14 in writing: is 0.985 better than 0.973?",
    gpu=True,
    imports=("os", "tempfile", "pathlib"),
    figures={
        "load_the_data": _(
            "A synthetic micrograph with dark membranes, mitochondria and vesicles, and "
            "beside it its labels, cells white, membranes black."
        ),
    },
)
