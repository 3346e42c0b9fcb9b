"""The README's moving picture: a U-Net learns, and each neuron gets its own colour.

    python tools/make_moving.py     # trains for about three minutes

Into assets/learning.webp, of synthetic membranes only. A region takes the colour of the neuron
that it covers most of, so what is still merged has one colour, and every wall that the network
learns to draw parts two colours. The picture plays three times and stops at the end.
"""

from __future__ import annotations

import io
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))
from alt_texts import keep  # noqa: E402

from unet_teach.config import UNetConfig  # noqa: E402
from unet_teach.data.membranes import synthetic_membranes  # noqa: E402
from unet_teach.drawing.style import DARK, rgb  # noqa: E402
from unet_teach.metrics import components, thin, v_rand  # noqa: E402
from unet_teach.tiling import predict  # noqa: E402
from unet_teach.training import TIERS, train  # noqa: E402

STEPS = (0, 4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 100, 150, 200, 300, 400, 600, 800)
SIDE, GAP, HEAD = 280, 12, 34  # pixels
PAUSE, LAST, ROUNDS = 260, 2600, 3  # milliseconds a picture and for the last; how often
# Twelve pale hues that are told apart beside each other; a neuron keeps its own.
HUES = ("#E8A0A0", "#A7D3F2", "#B9E3A8", "#F6D186", "#C9B1E8", "#8FD8CB",
        "#F3B6D6", "#D9D27A", "#9CB7F0", "#F0B58A", "#B6CFC4", "#D7A6B8")  # fmt: skip


class Album:
    """A watcher that keeps what the network says of one slice at chosen steps."""

    def __init__(self, image: np.ndarray) -> None:
        self.image, self.maps = image, {}

    def begin(self, beginning) -> None:
        self.model = beginning.model
        self.take(beginning.done)

    def step(self, record: dict) -> bool:
        if record["step"] + 1 in STEPS:
            self.take(record["step"] + 1)
        return False

    def end(self) -> None:
        self.model = None

    def take(self, done: int) -> None:
        self.maps[done] = predict(self.model, self.image)[1] > 0.5


def painted(image: np.ndarray, white: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """The micrograph under one colour a region: that of the neuron it covers most of."""
    grey = image.astype(float)[..., None].repeat(3, -1)
    colour = np.zeros((*white.shape, 3))
    regions = components(white)
    for number in range(1, regions.max() + 1):
        inside = regions == number
        under = np.bincount(truth[inside], minlength=2)
        neuron = int(under[1:].argmax()) + 1
        colour[inside] = rgb(HUES[neuron % len(HUES)])
    shown = np.where(white[..., None], 0.3 * grey + 0.7 * colour, 0.55 * grey)
    return shown.clip(0, 255).astype(np.uint8)


def frame(panes: list[np.ndarray], words: list[str]) -> Image.Image:
    """Three squares in a row under their words."""
    width = 3 * SIDE + 4 * GAP
    made = Image.new("RGB", (width, HEAD + SIDE + GAP), DARK.paper)
    drawn = ImageDraw.Draw(made)
    path = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    font = ImageFont.truetype(str(path), 15)
    for place, (pane, text) in enumerate(zip(panes, words, strict=True)):
        left = GAP + place * (SIDE + GAP)
        drawn.text((left, 9), text, DARK.ink, font)
        square = Image.fromarray(pane).convert("RGB").resize((SIDE, SIDE), Image.LANCZOS)
        made.paste(square, (left, HEAD))
    return made


def main() -> None:
    volume = synthetic_membranes(12, size=256, seed=3)
    place = volume.select([11])
    image, labels = place.images[0], place.labels[0]
    network = UNetConfig(base_channels=16, depth=3, padding="same", batch_norm=True)
    config = replace(TIERS["check"], network=network, steps=STEPS[-1], size=128, lr=5e-3,
                     fold=None,
                     device="cpu", precision="float32", memory_format="contiguous")  # fmt: skip
    album = Album(image)
    with tempfile.TemporaryDirectory() as folder:
        train(config, volume.select(range(10)), folder, watch=album)
    truth = components(labels)
    scores = {step: v_rand(truth, thin(white)) for step, white in album.maps.items()}
    frames = [
        frame(
            [image, painted(image, white, truth), painted(image, labels > 0, truth)],
            ["a micrograph (synthetic)", f"U-Net, after {step} steps",
             "what is to come out"],
        )
        for step, white in album.maps.items()
    ]  # fmt: skip
    buffer, times = io.BytesIO(), [PAUSE] * (len(frames) - 1) + [LAST]
    frames[0].save(
        buffer, "WEBP", save_all=True, append_images=frames[1:], duration=times, loop=ROUNDS,
        quality=70, method=6,
    )  # fmt: skip
    first, last = (scores[step] for step in (STEPS[0], STEPS[-1]))
    alt = (
        "A U-Net while it learns. On the left a synthetic micrograph: pale neurons between "
        "dark walls. On the right what is to come out: every neuron in one colour, apart from "
        "its neighbours. In the middle what the network makes of it after 0 to "
        f"{STEPS[-1]} steps: at first a grey haze; then neurons fill with colour, some run "
        "together, and walls part them again. V_rand of the slice, which it never saw, goes "
        f"from {first:.2f} to {last:.2f}."
    )
    keep({"learning.webp": (buffer.getvalue(), alt)})
    print(*(f"{step}: {score:.3f}" for step, score in scores.items()))


if __name__ == "__main__":
    main()
