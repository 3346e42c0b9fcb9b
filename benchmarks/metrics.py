"""Time V_rand and V_info of 30 slices at 11 thresholds: ``python benchmarks/metrics.py``.

Without ``--data`` it judges a noisy prediction of synthetic shapes; with the folder of
ISBI 2012 (``train/*.png`` and ``labels/*.png``) a blurred image, which has ragged walls.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from unet_teach.metrics import THRESHOLDS, components, contingency, score, thin


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x / x.std()))


def synthetic(slices: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Cells of a random tessellation, walls five pixels wide, and a noisy prediction."""
    truth, probability = [], []
    for seed in range(slices):
        random = np.random.default_rng(seed)
        points = np.ones((size, size), bool)
        points[random.integers(0, size, 100), random.integers(0, size, 100)] = False
        nearest = ndimage.distance_transform_edt(
            points, return_distances=False, return_indices=True
        )
        cells = nearest[0] * size + nearest[1]
        wall = ndimage.maximum_filter(cells, 5) != ndimage.minimum_filter(cells, 5)
        noise = ndimage.gaussian_filter(random.normal(size=(size, size)), 2)
        truth.append(~wall)
        blurred = ndimage.gaussian_filter((~wall).astype(float), 2)
        probability.append(sigmoid(blurred - blurred.mean() + 0.5 * noise / noise.std()))
    return np.stack(truth), np.stack(probability)


def isbi(folder: Path, slices: int) -> tuple[np.ndarray, np.ndarray]:
    """The first slices' labels, and the image blurred by two pixels as a prediction."""

    def read(part: str) -> np.ndarray:
        paths = sorted((folder / part).glob("*.png"))[:slices]
        if not paths:
            raise SystemExit(f"no PNG slices in {folder / part}; expected 00.png, 01.png, …")
        return np.stack([np.array(Image.open(path)) for path in paths])

    images = read("train").astype(float)
    blurred = [ndimage.gaussian_filter(image, 2) for image in images]
    return read("labels") > 127, np.stack([sigmoid(b - b.mean()) for b in blurred])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--data", type=Path, help="folder with train/ and labels/ of PNG slices"
    )
    parser.add_argument("--slices", type=int, default=30)
    parser.add_argument("--size", type=int, default=512, help="side of the synthetic slices")
    arguments = parser.parse_args()
    if arguments.data:
        truth, probability = isbi(arguments.data, arguments.slices)
    else:
        truth, probability = synthetic(arguments.slices, arguments.size)

    start = time.perf_counter()
    scores = score(truth, probability)
    seconds = time.perf_counter() - start
    rows = len(truth) * len(THRESHOLDS)
    print(f"{len(truth)} slices of {truth.shape[1:]} at {len(THRESHOLDS)} thresholds")
    print(
        f"score          {seconds:6.1f} s, {1000 * seconds / rows:.0f} ms a thresholded slice"
    )

    regions, white = components(truth[0]), probability[0] > scores.v_rand_threshold
    start = time.perf_counter()
    thinned = thin(white)
    middle = time.perf_counter()
    contingency(regions, thinned)
    end = time.perf_counter()
    print(f"thin           {1000 * (middle - start):6.1f} ms")
    print(f"contingency    {1000 * (end - middle):6.1f} ms")
    print(f"V_rand {scores.v_rand:.4f} at {scores.v_rand_threshold:g}")
    print(f"V_info {scores.v_info:.4f} at {scores.v_info_threshold:g}")
    print(f"pixel error {scores.pixel_error:.4f} at {scores.pixel_error_threshold:g}")


if __name__ == "__main__":
    main()
