"""What a drawing holds, read back."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
from PIL import Image


def images_in(body: str) -> list[np.ndarray]:
    """The pixels of each PNG in an SVG or an `img`, in their order; a palette's as colours."""
    found = re.findall(r"data:image/png;base64,([^\"]+)", body)
    images = [Image.open(io.BytesIO(base64.b64decode(data))) for data in found]
    return [np.array(one.convert("RGB") if one.mode == "P" else one) for one in images]
