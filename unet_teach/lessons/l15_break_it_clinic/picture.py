"""Lesson 15: a patient's loss curve, and what it sees beside image and truth."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from unet_teach.comparisons import load_table
from unet_teach.drawing import svg
from unet_teach.drawing.export import figure_picture
from unet_teach.drawing.picture import (
    Picture,
    news,
    paragraphs,
    png_data,
    spoken,
    svg_picture,
)
from unet_teach.drawing.style import BAD_NEWS, BLUE, LIGHT, VERMILLION, new_figure, rgb
from unet_teach.lessons.l15_break_it_clinic.measure import (
    BRIGHT,
    DIAGNOSES,
    HEALTHY,
    PATIENTS,
    SHOWN,
    TRAIN,
    Chart,
    as_grey,
    beds,
    cases,
    is_wide,
    letter_of,
    marks,
    saved_maps,
    smaller,
    symptoms,
    ward,
)
from unet_teach.translation import _

SIDE, GAP, TOP = 176, 14, 26  # of one picture
CHART_TOP, CHART_HEIGHT, LEFT = TOP + SIDE + 48, 170, 70
WIDTH = 4 * SIDE + 3 * GAP
CASE, CASE_WIDTH = 96, 188  # a small map, and with its small curve
SURE, NAN = 250, 255  # of a map: sure of a wall, not a number

Curve = Sequence[Sequence]  # pairs (step, loss); None is not a number


def still(settings: dict[str, Any], found: dict[str, Any]) -> Picture:
    """All eight for a page without JavaScript; one of them where it is revealed."""
    if "problem" in found:
        return svg_picture(10, 10, [], found["problem"], f"<p>{found['problem']}</p>")
    if not settings["revealed"]:
        return _ward()
    letter, maps = settings["patient"], saved_maps()
    runs = {(r["letter"], r["broken"]): r for r in load_table("clinic") if r["seed"] == SHOWN}
    ill, well = runs[letter, True], runs[letter, False]
    mended = {
        "diagnosis": ill["diagnosis"], "broken": ill["line"], "line": well["line"],
        "seen": maps.seen[letter, False], "curve": well["curve"], "dice": well["dice"],
    }  # fmt: skip
    return patient_chart(letter, maps.image, maps.truth, maps.seen[letter, True],
                         ill["curve"], ill["dice"], mended)  # fmt: skip


def _ward() -> Picture:
    """Image and ground truth, then what each patient shows: its map, loss and numbers."""
    maps, columns = saved_maps(), 4
    across, down, top = CASE_WIDTH + GAP, CASE + 66, TOP + CASE + 30
    truth = _walls(SURE * maps.truth.astype(np.uint8))
    parts = []
    for x, words, pixels in ((0, _("image"), maps.image), (across, _("ground truth"), truth)):
        parts.append(svg.text(x, 18, words, 13, "start"))
        parts.append(svg.image(png_data(np.ascontiguousarray(pixels)), x, TOP, CASE, CASE))
        parts.append(svg.rect(x, TOP, CASE, CASE, stroke=LIGHT.line))
    key = (
        _("Maps: black is surely wall, white surely none,"),
        _("orange not a number."),
        _("Curves: the loss over 100 steps, with a grey line at 0;"),
        _("for G the scale is logarithmic beyond ±1."),
    )
    for i, words in enumerate(key):
        parts.append(svg.text(2 * across, TOP + 18 + 18 * i, words, 13, "start"))
    for i, letter in enumerate(PATIENTS):
        bed = beds()[letter]["shown"]
        x, y = i % columns * across, top + i // columns * down
        parts.append(f'<g transform="translate({x} {y})">{"".join(_map_and_loss(letter))}</g>')
        last = "NaN" if bed["gap"] else f"{bed['last']:.2f}".replace("-", "−")
        seen = _("map: no numbers")
        if not bed["gap"]:
            seen = _("map: {low:.2f} to {high:.2f}").format(
                low=bed["range"][0], high=bed["range"][1]
            )
        rows = (
            _("{letter}: Dice {dice:.2f}").format(letter=letter, dice=bed["dice"]),
            _("loss: {first:.2f} → {last}").format(first=bed["first"], last=last),
            seen,
        )
        for row, words in enumerate(rows):
            look = {"font_weight": "bold" if row == 0 else None}
            parts.append(svg.text(x, y + CASE + 16 + 15 * row, words, 12, "start", **look))
    said = " ".join(map(symptoms, PATIENTS))
    return svg_picture(columns * across, top + len(PATIENTS) // columns * down, parts, said)


def patient_chart(
    letter: str,
    image: np.ndarray,
    truth: np.ndarray,
    seen: np.ndarray,
    curve: Curve,
    dice: float,
    mended: Mapping,
) -> Picture:
    """One patient, its diagnosis, and how it does with its line fixed.

    Parameters
    ----------
    letter : the patient's name
    image : uint8 (H, W)
    truth : bool (H, W), True on walls
    seen : uint8 (H, W), 0 to `SURE` for how sure it is of a wall, `NAN` for no number
    curve : pairs (step, loss)
    dice : of the walls
    mended : diagnosis, broken, line, seen, curve, dice
    """
    pictures = [
        (_("image"), image),
        (_("ground truth"), _walls(SURE * truth.astype(np.uint8))),
        (_("prediction of {letter}").format(letter=letter), _walls(seen)),
        (_("with the line fixed"), _walls(mended["seen"])),
    ]
    parts = []
    for place, (words, pixels) in enumerate(pictures):
        x = place * (SIDE + GAP)
        parts.append(svg.text(x, 18, words, 13, "start"))
        parts.append(_embedded(pixels, x))
    # The fixed run is wide, and below the other: they may be the same curve.
    parts += _chart([(mended["curve"], BLUE, "mended"), (curve, VERMILLION, "patient")])
    said = _said(letter, seen, curve, dice)
    key = paragraphs(_("black: surely wall · white: surely none · orange: not a number"))
    found = _revealed(mended)
    alt, text = spoken(spoken("", said), found), said + key + found + _lines(mended)
    return svg_picture(WIDTH + 14, CHART_TOP + CHART_HEIGHT + 44, parts, alt, text)


def first_gap(curve: Curve) -> int | None:
    """The first noted step whose loss is not a number.

    Examples
    --------
    >>> first_gap([(1, 0.7), (3, None)]), first_gap([(1, 0.7)])
    (3, None)
    """
    return next((step for step, loss in curve if loss is None), None)


def _said(letter: str, seen: np.ndarray, curve: Curve, dice: float) -> str:
    """What a patient shows, whether or not its diagnosis is revealed."""
    known, gap = [loss for _step, loss in curve if loss is not None], first_gap(curve)
    loss = _("The loss goes from {first:.2f} to {last:.2f}.")
    if gap is not None:
        loss = _("At step {step} the loss is not a number.")
        if known:
            loss = _("The loss goes from {first:.2f} to {last:.2f}; at step {step} it is not a "
                     "number.")  # fmt: skip
    first, last = (known[0], known[-1]) if known else (math.nan, math.nan)
    return paragraphs(
        "<b>" + _("Patient {letter}").format(letter=letter) + "</b>",
        _("The Dice of the walls is <b>{dice:.2f}</b>.").format(dice=dice),
        loss.format(first=first, last=last, step=gap),
        _map_in_words(seen),
    )


def _map_in_words(seen: np.ndarray) -> str:
    if (seen == NAN).all():
        return _("Its map holds no numbers.")
    share = (seen >= SURE / 2)[seen != NAN].mean()
    return _("Its map calls {share:.0%} of the pixels a wall, and goes from {low:.2f} to "
             "{high:.2f}.").format(share=share, low=seen.min() / SURE,
                                   high=seen.max() / SURE)  # fmt: skip


def _revealed(mended: Mapping) -> str:
    return paragraphs(
        _("Diagnosis: <b>{name}</b>.").format(name=svg.escape(mended["diagnosis"])),
        _(
            "With the line fixed, the Dice of the walls is <b>{dice:.2f}</b> (wide blue curve)."
        ).format(dice=mended["dice"]),
    )


def _lines(mended: Mapping) -> str:
    """The line of code that was wrong, and the right one."""
    look = "font-family:monospace;white-space:pre-wrap"  # no <pre>: a dark page darkens it
    code = f'<div style="{look};margin:2px 0;color:{{colour}}">{{line}}</div>'
    return code.format(colour=BAD_NEWS, line="− " + svg.escape(mended["broken"])) + code.format(
        colour=BLUE, line="+ " + svg.escape(mended["line"])
    )


def _walls(seen: np.ndarray) -> np.ndarray:
    """Black where it is sure of a wall, white where of none, vermillion without a number.

    Examples
    --------
    >>> _walls(np.array([[0, 250, 255]], np.uint8))[0].tolist()
    [[255, 255, 255], [0, 0, 0], [213, 94, 0]]
    """
    grey = np.rint(255 * (1 - np.minimum(seen, SURE) / SURE)).astype(np.uint8)
    pixels = np.repeat(grey[..., None], 3, axis=-1)  # (H, W, 3)
    pixels[seen == NAN] = rgb(VERMILLION)
    return pixels


def _embedded(pixels: np.ndarray, x: float) -> str:
    """A PNG in the drawing, in a frame."""
    data = png_data(np.ascontiguousarray(pixels))
    return svg.image(data, x, TOP, SIDE, SIDE) + svg.rect(x, TOP, SIDE, SIDE, stroke=LIGHT.line)


def _chart(curves: list[tuple[Curve, str, str]]) -> list[str]:
    """Loss by step; where a curve stops being a number it ends in a cross."""
    known = [loss for curve, *_rest in curves for _step, loss in curve if loss is not None]
    low, high = min([0.0, *known]), max([1.0, *known])
    if is_wide([low, high]):  # one scale for tenths and hundreds
        places = {value: math.asinh(value) for value in (low, high, 0.0, 1.0)}
        height = lambda v: _y(math.asinh(v), places[low], places[high])  # noqa: E731
        ticks = [t for t in (-1000, -100, -10, 0, 10, 100) if low <= t <= high]
    else:
        height = lambda v: _y(v, low, high)  # noqa: E731
        step = 0.5 if high - low <= 3 else 5
        ticks = [i * step for i in range(math.ceil(low / step), math.floor(high / step) + 1)]
    last = max(step for curve, *_rest in curves for step, _loss in curve)
    parts = [svg.text(0, CHART_TOP - 16, _("loss"), 13, "start")]
    for tick in ticks:
        y = height(tick)
        parts.append(svg.line(LEFT, y, WIDTH, y, LIGHT.ink if tick == 0 else LIGHT.line))
        parts.append(svg.text(LEFT - 8, y + 4, f"{tick:g}", 12, "end", LIGHT.faint))
    for at, words, above in marks([low, high]):
        y = height(at)
        parts.append(svg.line(LEFT, y, WIDTH, y, LIGHT.faint, stroke_dasharray="3 4"))
        if words:
            down = -5 if above else 14
            parts.append(svg.text(WIDTH, y + down, words, 12, "end", LIGHT.faint))
    for step in range(0, last + 1, 20):
        parts.append(svg.text(_x(step, last), CHART_TOP + CHART_HEIGHT + 19, step, 12,
                              fill=LIGHT.faint))  # fmt: skip
    parts.append(svg.text((LEFT + WIDTH) / 2, CHART_TOP + CHART_HEIGHT + 38, _("step"), 13))
    for curve, colour, name in curves:
        points = []
        for step, loss in curve:
            if loss is None:
                break
            points.append((_x(step, last), height(loss)))
        width = 7 if name == "mended" else 2.5  # they may be the same curve
        pale = 0.45 if name == "mended" else None
        look = {"stroke_width": width, "stroke_opacity": pale, "class_": name}
        parts.append(svg.polyline(points, colour, **look))
        gap = first_gap(curve)
        if gap is not None:
            x, y = points[-1] if points else (_x(gap, last), height(0.5))
            parts.append(svg.text(x + 12, y - 8, "✕ NaN", 15, "start", BAD_NEWS))
    return parts


def _x(step: float, last: float) -> float:
    return LEFT + (WIDTH - LEFT) * step / last


def _y(value: float, low: float, high: float) -> float:
    return CHART_TOP + CHART_HEIGHT * (1 - (value - low) / (high - low))


# ------------------------------------------------------------------- patients side by side
def side_by_side(charts: Mapping[str, Chart], remarks: bool = True) -> Picture:
    """Image and ground truth, then each patient: its loss above, its map below.

    Parameters
    ----------
    charts : a patient's name -> how its training went
    remarks : whether the curve says at which places it is as it should be, or is not
    """
    images, masks = ward()
    image = smaller(images[TRAIN, None].float(), "bilinear")[0, 0].numpy() / BRIGHT
    truth = smaller(masks[TRAIN, None], "nearest")[0, 0].numpy() == 255
    widths = [1, *[1.4] * len(charts)]  # the maps are as large as the ground truth
    figure = new_figure(2.3 * sum(widths), 4.6)
    axes = figure.subplots(2, len(widths), width_ratios=widths, squeeze=False)
    axes[0, 0].imshow(image, cmap="gray")
    axes[1, 0].imshow(_walls(SURE * truth.astype(np.uint8)))
    for axis, words in zip(axes[:, 0], (_("image"), _("ground truth")), strict=True):
        axis.set_title(words, fontsize=10)
    said = []
    for column, (name, chart) in enumerate(charts.items(), 1):
        upper, lower = axes[:, column]
        notes = noted(chart.losses) if remarks else []
        _loss_curve(upper, chart.losses, notes)
        wide = is_wide([loss for loss in chart.losses if math.isfinite(loss)] or [0])
        words = _("{name}: loss, log beyond ±1") if wide else _("{name}: loss by step")
        upper.set_title(words.format(name=name), fontsize=10)
        seen = as_grey(chart.probability)
        lower.imshow(_walls(seen), interpolation="nearest")
        words = _("{name}: its map, Dice {dice:.2f}").format(name=name, dice=chart.score)
        lower.set_title(words, fontsize=10)
        words = [words for _step, words, _good in notes] or [_losses_in_words(chart.losses)]
        said.append(
            f"{name}: {'; '.join(words)}. Dice {chart.score:.2f}. {_map_in_words(seen)}"
        )
    for axis in (*axes[:, 0], *axes[1, 1:]):
        axis.set(xticks=[], yticks=[])
    return figure_picture(figure, " ".join(said))


def noted(losses: Sequence[float]) -> list[tuple[int, str, bool]]:
    """What a doctor notes on a loss curve: (step, words, whether it is as it should be).

    Examples
    --------
    >>> noted([0.7, 0.4])
    [(1, 'starts at 0.70, near log 2', True), (2, 'ends at 0.40, above 0', True)]
    >>> [good for _step, _words, good in noted([12.5, -3.0])]
    [False, False]
    """
    good = abs(losses[0] - math.log(2)) < 0.15
    start = (
        _("starts at {loss:.2f}, near log 2") if good else _("starts at {loss:.1f}: too high")
    )
    found = [(1, start.format(loss=losses[0]), good)]
    steps = range(1, len(losses) + 1)
    for step, loss in zip(steps, losses, strict=True):
        if not loss >= 0:  # NaN, too
            words = (
                _("below 0 at step {step}: impossible") if loss < 0 else _("NaN at step {step}")
            )
            return [*found, (step, words.format(step=step), False)]
    return [
        *found,
        (len(losses), _("ends at {loss:.2f}, above 0").format(loss=losses[-1]), True),
    ]


def _losses_in_words(losses: Sequence[float]) -> str:
    gap = next((i for i, loss in enumerate(losses, 1) if not math.isfinite(loss)), 0)
    if gap:
        return _("at step {step} the loss is not a number").format(step=gap)
    return _("the loss goes from {first:.2f} to {last:.2f}").format(
        first=losses[0], last=losses[-1]
    )


def _loss_curve(axis: Axes, losses: Sequence[float], notes: list) -> None:
    """The curve with the three numbers to know, and an arrow to each noted place."""
    known = [loss for loss in losses if math.isfinite(loss)] or [1.0]
    wide, last = is_wide(known), len(losses)
    axis.plot(range(1, last + 1), losses, color=VERMILLION)
    low, high = min([0, *known]), max([1, *known])
    if wide:
        axis.set_yscale("asinh", linear_width=1)
        axis.set_yticks([t for t in (-1000, -100, -10, 0, 10, 100) if low <= t <= high])
        axis.set_yticklabels([f"{t:g}".replace("-", "−") for t in axis.get_yticks()])
        axis.minorticks_off()
    axis.set(xlim=(0, last), ylim=(1.3 * low if low < 0 else -0.05, 1.3 * high))
    for at, words, above in marks(known):
        axis.axhline(at, color=LIGHT.faint, linewidth=0.8, linestyle=":")
        down = "bottom" if above else "top"
        look = {"color": LIGHT.faint, "fontsize": 8, "ha": "right", "va": down}
        axis.text(0.72 * last, at, words, **look)
    spots = (0.2, 0.93), (0.45, 0.78) if low == 0 else (0.25, 0.45)  # of the words
    for spot, (step, words, good) in zip(spots, notes, strict=False):
        colour = BLUE if good else BAD_NEWS
        at = losses[step - 1] if math.isfinite(losses[step - 1]) else known[-1]
        axis.annotate(words, (step, at), spot, textcoords="axes fraction", va="center",
                      fontsize=9, color=colour,
                      arrowprops={"arrowstyle": "->", "color": colour})  # fmt: skip
    if len(known) < last:
        axis.text(len(known) + 3, known[-1], "✕ NaN", color=BAD_NEWS, va="center")


# ------------------------------------------------------------------------- the case notes
def case_notes(letters: str) -> Picture:
    """A row for each patient: map and loss, what you see, why, and the line that heals it."""
    return _rows("", letters)


def verdict(secret: str, guess: str) -> Picture:
    """Whether the guess is what the last patient has, and what that is.

    Examples
    --------
    >>> verdict("healthy", "healthy").alt
    '✓ Right: healthy.'
    """
    if guess not in (*DIAGNOSES, HEALTHY):
        return _rows(_("Write one of the nine names between the quotes, spelled as above."), "")
    right = guess == secret
    words = _("✓ Right: {secret}.") if right else _("✗ Not {guess}. It is: {secret}.")
    words = words.format(guess=guess, secret=secret)
    return _rows(news(svg.escape(words), right), letter_of(secret))


def _rows(first: str, letters: str) -> Picture:
    """A line of words, if any, and then the case notes of these patients."""
    line = f"border-top:1px solid {LIGHT.line};padding:8px 0"
    body = f"<p><b>{first}</b></p>" if first else ""
    said = body
    for letter in letters:
        words = _case(letter)
        said += words
        body += (
            f'<div class="case" style="{line};display:flex;flex-wrap:wrap;gap:12px">'
            f'<div style="flex:none">{_thumbnails(letter)}</div>'
            f'<div style="flex:1 1 22em;font-size:13px">{words}</div></div>'
        )
    return Picture(f'<div style="max-width:760px">{body}</div>', spoken("", said))


def _case(letter: str) -> str:
    """What is seen, why, and the two lines of code."""
    patient = PATIENTS[letter]
    symptom, cause = map(svg.escape, cases()[patient.diagnosis])
    words = paragraphs(
        f"<b>{letter} · {svg.escape(patient.diagnosis)}</b>",
        _("<b>You see:</b> {symptom}").format(symptom=symptom),
        _("<b>Because:</b> {cause}").format(cause=cause),
    ).replace("<p>", '<p style="margin:2px 0">')
    return words + _lines({"broken": patient.broken, "line": patient.fixed})


def _thumbnails(letter: str) -> str:
    """`_map_and_loss`, as a drawing of its own; the words beside it say it all."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{CASE_WIDTH}" height="{CASE}" '
        f'aria-hidden="true">{"".join(_map_and_loss(letter))}</svg>'
    )


def _map_and_loss(letter: str) -> list[str]:
    """The map, and beside it the loss as a small curve over the line of 0."""
    runs = {r["letter"]: r for r in load_table("clinic") if r["seed"] == SHOWN and r["broken"]}
    seen, curve = saved_maps().seen[letter, True], runs[letter]["curve"]
    losses = [loss for _step, loss in curve if loss is not None]
    squeeze = math.asinh if is_wide(losses) else float
    heights = [squeeze(loss) for loss in losses]
    low, high = min(0, *heights), max(1, *heights)
    last, side = curve[-1][0], CASE

    def place(loss: float) -> float:
        return 6 + (side - 12) * (high - loss) / (high - low)

    points = [(side + 10 + 80 * curve[i][0] / last, place(v)) for i, v in enumerate(heights)]
    parts = [svg.image(png_data(np.ascontiguousarray(_walls(seen))), 0, 0, side, side)]
    parts += [svg.rect(0, 0, side, side, stroke=LIGHT.line)]
    parts += [svg.line(side + 10, place(0), side + 90, place(0), LIGHT.faint)]
    parts += [svg.polyline(points, VERMILLION, stroke_width=2)]
    if len(losses) < len(curve):
        parts += [svg.text(points[-1][0] + 4, points[-1][1], "✕ NaN", 11, "start", BAD_NEWS)]
    return parts
