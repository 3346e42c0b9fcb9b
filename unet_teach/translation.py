"""What interactives and checks say, in the learner's language: ``_("input size")``.

A message is a whole sentence, or the whole words of a label, with named placeholders: what is
glued together cannot be translated. Where a number decides the form, ``_n`` chooses it.

Catalogues in the usual form (``locale/LANG/LC_MESSAGES/unet_teach.mo``) lie in
``unet_teach/resources``, or in the folder that ``UNET_TEACH_LOCALE`` names;
``UNET_TEACH_LANG=de`` chooses one. Without one: English.
"""

from __future__ import annotations

import gettext
import os
from importlib import resources
from typing import Any


def translation() -> gettext.NullTranslations:
    """The catalogue of the language that the environment names, or English."""
    shipped = resources.files("unet_teach") / "resources" / "locale"
    folder = os.environ.get("UNET_TEACH_LOCALE") or str(shipped)
    wanted = [language for language in [os.environ.get("UNET_TEACH_LANG")] if language]
    return gettext.translation("unet_teach", folder, wanted or ["en"], fallback=True)


_CATALOGUE = translation()
_ = _CATALOGUE.gettext


def language() -> str:
    """The language that pages are written in: "de", or "en" where there is no catalogue."""
    wanted = os.environ.get("UNET_TEACH_LANG")
    return wanted if wanted and isinstance(_CATALOGUE, gettext.GNUTranslations) else "en"


def _n(one: str, many: str, n: int, **others: Any) -> str:
    """A message in the form that a number asks for, the number filled in as ``{n}``.

    A sentence has one such number. Where it has two, each is a phrase of its own.

    Examples
    --------
    >>> _n("{n} pixel of {what}", "{n} pixels of {what}", 1, what="wall")
    '1 pixel of wall'
    """
    return _CATALOGUE.ngettext(one, many, int(n)).format(n=n, **others)


def whole_number(number: int) -> str:
    """A whole number with its thousands apart, as `whole` of ``drawing/web/numbers.js`` has it.

    Examples
    --------
    >>> whole_number(31_030_658)
    '31,030,658'
    """
    return f"{number:,}".replace(",", _(","))
