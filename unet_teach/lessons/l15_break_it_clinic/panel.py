"""Lesson 15: eight patients, their curves and maps; the diagnosis when it is asked for."""

from __future__ import annotations

from unet_teach.comparisons import load_table
from unet_teach.drawing.picture import Picture
from unet_teach.lessons.l15_break_it_clinic.measure import PATIENTS, saved_maps
from unet_teach.lessons.l15_break_it_clinic.picture import patient_chart
from unet_teach.panel import Panel, choice, toggle
from unet_teach.translation import _

SHOWN = 1  # the seed whose maps were kept


def clinic() -> Panel:
    """Choose a patient, read its symptoms, name what it has; then reveal.

    Nothing is trained here: ``experiments/clinic.py`` did it.

    Examples
    --------
    >>> panel = clinic()
    >>> panel.set(patient="G")
    >>> panel.picture.alt[:9]
    'Patient G'
    """
    maps = saved_maps()
    runs = {(r["letter"], r["broken"]): r for r in load_table("clinic") if r["seed"] == SHOWN}
    controls = {
        "patient": choice(_("patient"), list(PATIENTS), "A"),
        "reveal": toggle(_("reveal the diagnosis"), False),
    }

    def cover(_change: dict) -> None:
        controls["reveal"].value = False

    controls["patient"].observe(cover, names="value")  # before the panel, which draws

    def draw(patient: str, reveal: bool) -> Picture:
        ill, well = runs[patient, True], runs[patient, False]
        mended = None
        if reveal:
            mended = {
                "diagnosis": ill["diagnosis"], "broken": ill["line"], "line": well["line"],
                "seen": maps.seen[patient, False], "curve": well["curve"],
                "dice": well["dice"],
            }  # fmt: skip
        return patient_chart(
            patient, maps.image, maps.truth, maps.seen[patient, True], ill["curve"],
            ill["dice"], mended,
        )  # fmt: skip

    return Panel(_("The clinic"), controls, draw)
