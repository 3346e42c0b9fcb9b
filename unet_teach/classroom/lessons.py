"""Where each exercise stands in its lesson's notebook; a test holds this to the notebooks.

No answers here: the student's process reads this file.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """One exercise in a notebook."""

    exercise: str  # "05.center_crop"
    cell: str  # the id of its cell, without the lesson's number in front
    answer: str  # the name that the cell defines
    uses: tuple[str, ...] = ()  # what the lesson itself takes from the library here

    @property
    def lesson(self) -> str:
        return self.exercise[:2]

    @property
    def cell_id(self) -> str:
        return f"{self.lesson}-{self.cell}"


PLACES = (
    Place("00.fix_mask", "exercise-fix-mask", "fix_mask"),
    Place("00.constant_accuracy", "exercise-constant-accuracy", "constant_accuracy"),
    Place("00.best_threshold", "exercise-best-threshold", "best_thresholds"),
    Place("01.conv_out", "exercise-conv-out", "my_conv_out"),
    Place("01.inputs_for", "exercise-inputs-for", "my_inputs_for"),
    Place("01.same_padding", "exercise-same-padding", "my_same_padding"),
    Place("02.one_layer", "exercise-one-layer", "my_one_layer"),
    Place("02.debug", "exercise-debug", "my_field"),
    Place("02.effective_square", "exercise-effective-square", "my_effective_square"),
    Place("03.double_conv", "exercise-double-conv", "my_double_conv"),
    Place("03.contracting_path", "exercise-contract", "my_contract"),
    Place("03.parameters", "exercise-parameters", "my_parameters"),
    Place("04.zero_insertion", "exercise-zero-insertion", "my_zero_insertion"),
    Place("04.bilinear_kernel", "exercise-bilinear-kernel", "my_bilinear_kernel"),
    Place("04.no_checkerboard", "exercise-no-checkerboard", "my_no_checkerboard"),
    Place("05.center_crop", "exercise-center-crop", "my_center_crop"),
    Place("05.crops_of_the_paper", "exercise-paper-crops", "crops"),
    Place("05.odd_sizes", "exercise-odd-sizes", "my_missing_pixels"),
    Place("06.tied_weights", "exercise-tied", "my_tied"),
    Place("06.costs", "exercise-costs", "my_costs"),
    Place("06.matched_pair", "exercise-matched", "my_matched", ("parameters",)),
    Place("07.five_shapes", "exercise-five-shapes", "shapes"),
    Place("07.forward", "exercise-forward", "forward", ("center_crop",)),
    Place("07.legal_sizes", "exercise-legal-sizes", "legal"),
    Place("08.he_std", "exercise-he", "my_he_std"),
    Place("08.overfit", "exercise-step", "my_train_step"),
    Place("08.merge_convs", "exercise-merge", "my_merge_convs"),
    Place("09.record", "exercise-record", "my_record"),
    Place("09.dead_channel", "exercise-dead", "my_dead_channels"),
    Place("09.name_the_layer", "exercise-name", "my_name_layers", ("record",)),
    Place("10.contingency", "exercise-contingency", "my_contingency_table"),
    Place("10.v_rand", "exercise-v-rand", "my_v_rand"),
    Place("10.thinning", "exercise-thinning", "my_thin_walls", ("components", "touched")),
    Place("11.cross_entropy", "exercise-cross-entropy", "my_cross_entropy"),
    Place("11.weight_map", "exercise-weight-map", "my_weight_map"),
    Place("11.constant", "exercise-constants", "my_constants"),
    Place("12.same_field", "exercise-same-field", "my_same_field", ("warp",)),
    Place("12.corrupted_mask", "exercise-corrupted", "my_corrupted"),
    Place("12.learning_curve", "exercise-enough", "my_enough_slices"),
    Place("13.mirror_pad", "exercise-mirror-pad", "my_mirror_pad"),
    Place("13.tile_positions", "exercise-tile-positions", "my_tile_positions"),
    Place("13.stitch", "exercise-stitch", "my_stitch", ("mirror_pad", "tile_positions")),
    Place("14.split_by_block", "exercise-split", "my_blocks"),
    Place("14.average", "exercise-average", "my_average"),
    Place("14.pages", "exercise-pages", "my_pages"),
    Place("15.name_it", "exercise-name-it", "my_diagnoses"),
    Place("15.fix_it", "exercise-fix-it", "my_prepare"),
    Place("15.prevent_it", "exercise-prevent-it", "my_checks"),
    Place("16.parameters", "exercise-parameters", "my_node_parameters"),
    Place("16.dense_skip", "exercise-dense-skip", "my_dense_input"),
    Place("16.own_folder", "exercise-own-folder", "my_pairs"),
)

# What a lesson's set-up takes from its checks that is no answer: students may use it.
HELPERS = {"06": ("parameters",), "09": ("stretch_to_one",)}


def places(lesson: str) -> tuple[Place, ...]:
    """The exercises of one lesson, in its order."""
    return tuple(place for place in PLACES if place.lesson == lesson)


def lessons() -> list[str]:
    """The numbers of all lessons."""
    return sorted({place.lesson for place in PLACES})
