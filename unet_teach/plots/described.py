"""The figures of the lessons, each with what it shows in words.

A figure that a lesson draws with matplotlib has no alternative text in a notebook; shown
by `described`, it has.
"""

from __future__ import annotations

from matplotlib.figure import Figure

from unet_teach.plots.export import figure_picture
from unet_teach.plots.picture import Picture
from unet_teach.translation import _

# Lesson and figure -> what it shows.
FIGURES = {
    "00.show_slice": _(
        "Left a grainy micrograph, dark membranes between grey cells of many sizes. Right "
        "its labels: white inside the cells, thin black lines where the membranes are."
    ),
    "02.influence_maps": _(
        "How much each input pixel moves the output pixel in the middle, as two maps on "
        "dark ground. Untrained: a wide square, brightest in its middle and fading "
        "evenly. Trained: the same square with ragged edges, and a small bright core."
    ),
    "03.stripes": _(
        "The share lost by pooling and upsampling, over the period of the stripes. Both "
        "curves, nearest and bilinear, begin at 1 for a period of 2, fall, and are near 0 "
        "from a period of 32 on; bilinear still loses almost all at a period of 3."
    ),
    "03.micrograph_down_and_up": _(
        "A micrograph after one to four poolings and interpolation back: 5%, 17%, 38% and "
        "58% lost. The membranes blur, and at depth 4 only a few grey clouds remain."
    ),
    "03.depth_table": _(
        "Pixel error over one to four poolings. Both curves fall to three poolings and "
        "rise at four; without skips the error is higher throughout, and at four poolings "
        "far higher than with concatenated skips."
    ),
    "04.trained_table": _(
        "V_rand of five seeds for each upsampler, one dot a seed: transposed, nearest, "
        "bilinear and pixel shuffle. The dots lie between 0.87 and 0.96, and those of all "
        "four overlap."
    ),
    "05.measure_borders": _(
        "Mean difference over the distance from the tile's edge. Padding the map: 0.3 at "
        "the edge, falling in steps. Same padding: 0.1 at the edge, falling sooner. Both "
        "reach zero at a grey line at 92 pixels, where the dots for cropping begin, at "
        "zero."
    ),
    "06.table": _(
        "Pixel error of five seeds for twelve networks, one dot a seed: concatenation, "
        "addition or no skip, each with four upsamplers. Without skips the dots lie at "
        "0.054 to 0.062, with either merge mostly at 0.050 to 0.057."
    ),
    "07.costs_by_level": _(
        "Share of each level of the U, as bars. Parameters lie almost all at levels 3 and "
        "4, memory mostly at levels 0 and 1; the operations are spread evenly over levels "
        "0 to 3."
    ),
    "08.show_learned": _(
        "Left the loss over 120 steps, from above log 2 down to less than a hundredth. "
        "Beside it the labels of one crop and what the network learned of it, 100% right: "
        "the same black lines."
    ),
    "09.noise_becomes_structure": _(
        "Sixteen feature maps twice. With one colour scale each, the noise in the top "
        "right corner is as bright as the membranes in the others. With one scale for "
        "all, that map is plain dark."
    ),
    "09.read_out_figure": _(
        "How well each level answers for edges, membrane and region: R² of the trained "
        "network as a line, of five untrained ones as a band. Edges are read at the top "
        "on the way down, membrane at the end of the way up, region at the bottom, where "
        "the band stays low."
    ),
    "09.riddle_pictures": _(
        "Five riddles, four channels each. A: 16 × 64 × 64, smooth with few bright lines. "
        "B and D: 16 × 64 × 64, grainy. C: 128 × 8 × 8, a handful of squares. E: 64 × 16 "
        "× 16, coarse spots."
    ),
    "10.two_predictions_shown": _(
        "The regions of two predictions in colours. Shaved: 99 regions for 99 neurons, "
        "all apart. Gated: 83 regions; in the lower right several cells have run together "
        "into one large green region."
    ),
    "10.network": _(
        "Dice, V_rand and V_info over the threshold. Dice changes little between 0.1 and "
        "0.9; V_rand and V_info are near 1 between 0.2 and 0.9 and drop steeply outside "
        "of it."
    ),
    "11.map_of_tissue": _(
        "Left labels of tissue, cells white, membranes black. Right the weight of each "
        "pixel: pale inside the cells and in wide membranes, dark orange, up to ten, in "
        "the thin walls between cells."
    ),
    "12.invented_class": _(
        "A piece of a micrograph and its mask after the same deformation. Interpolated by "
        "nearest the mask has two classes. Bilinear and rounded it has a third, a thin "
        "green rim along every membrane."
    ),
    "12.five_pairs": _(
        "Five deformed crops of one micrograph, each with its deformed mask drawn as an "
        "orange outline: the outline follows the membranes in all five."
    ),
    "12.learning_curve": _(
        "V_rand over 1, 3, 8 and 24 slices for crops, rigid and elastic, one dot a seed. "
        "With one slice crops lie lowest and spread from 0.55 to 0.87; from three slices "
        "on the three lie close together."
    ),
    "13.naive_tiles": _(
        "A probability map stitched from tiles, with seams that can be seen, and its "
        "difference from the whole image: dark, with bright spots along a grid of lines "
        "where the tiles meet."
    ),
    "13.by_offset": _(
        "The largest difference, on a logarithmic scale, over offsets of 0 to 16 pixels. "
        "At 0 and 16 it is below a millionth; at every offset between it is above a "
        "tenth."
    ),
    "14.load_the_data": _(
        "A synthetic micrograph with dark membranes, mitochondria and vesicles, and "
        "beside it its labels, cells white, membranes black."
    ),
    "15.band": _(
        "Dice of the walls for patients A to H: crosses for three broken runs, dots for "
        "three mended ones. A dashed line at 0.82 has all crosses below it and all dots "
        "above; B and C, broken, lie at zero."
    ),
    "16.predict_it": _(
        "A noisy image of rings, its mask in black, grey and white, and the prediction, "
        "which is the same but for single pixels."
    ),
}


def described(figure: Figure, name: str) -> Picture:
    """A lesson's figure, with its words as alternative text.

    Raises
    ------
    ValueError
        No words for a figure of this name.

    Examples
    --------
    >>> described(Figure(figsize=(1, 1)), "05.measure_borders").alt[:24]
    'Mean difference over the'
    """
    if name not in FIGURES:
        raise ValueError(f"no figure {name!r}; valid: {', '.join(FIGURES)}")
    return figure_picture(figure, FIGURES[name])
