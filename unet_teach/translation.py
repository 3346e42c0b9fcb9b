"""What interactives and checks say, in the learner's language: ``_("input size")``.

Catalogues in the usual form (``locale/LANG/LC_MESSAGES/unet_teach.mo``) lie in
``unet_teach/resources``; ``UNET_TEACH_LANG=de`` chooses one. Without one: English.
"""

from __future__ import annotations

import gettext
import os
from importlib import resources


def translation() -> gettext.NullTranslations:
    """The catalogue of the language that the environment names, or English."""
    folder = resources.files("unet_teach") / "resources" / "locale"
    wanted = [language for language in [os.environ.get("UNET_TEACH_LANG")] if language]
    return gettext.translation("unet_teach", str(folder), wanted or ["en"], fallback=True)


_ = translation().gettext
