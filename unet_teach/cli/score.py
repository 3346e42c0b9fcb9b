"""``unet-teach score``: a submission judged where the challenge's test labels are."""

from __future__ import annotations

import argparse

from unet_teach.cli.common import Failed, say, scores_table, typed_path
from unet_teach.data import isbi
from unet_teach.drawing import read_probability_tiff
from unet_teach.metrics import score


def run(options: argparse.Namespace) -> int:
    """Judge the file; 1 where there is nothing to judge it by."""
    file = typed_path(options.file)
    pages = read_probability_tiff(file)
    test = isbi.load_isbi2012(options.data, split="test")
    if test.labels is None:
        raise Failed(
            f"the test labels are not in {isbi.find_isbi2012(options.data)}, so {file} cannot "
            "be scored here. The organisers' zip has them since the challenge ended: "
            "unet-teach data fetch"
        )
    shapes = [page.shape for page in pages]
    if shapes != [label.shape for label in test.labels]:
        raise Failed(
            f"{file} has {len(pages)} pages, the first of {shapes[0]}; the test stack has "
            f"{len(test.labels)} of {test.labels[0].shape}"
        )
    say(f"{file}, judged on: {test.name}")
    say(scores_table(score(test.labels, pages)))
    say("note: the thresholds are the best on these slices, as in the challenge")
    return 0
