"""Synthetic serial sections of nerve tissue: the project's own, unlimited data set.

Every lesson runs on these pictures where ISBI 2012 is not to be had. They look like
transmission electron micrographs of a *Drosophila* larva's nerve cord, 4×4×50 nm per
voxel: pale profiles of neurites of all sizes between dark membranes, and inside them what
misleads a segmenter: mitochondria, vesicles, microtubules, faint inner membranes.

How a section is made, parts first: circles of many sizes are packed (``_tissue``), drift
along z (``_moved``) and grow until they touch (``_tessellate``); where two meet is a wall,
smeared where it runs obliquely through the section's thickness (``_walls``); organelles are
painted into the cells; then comes the microscope (``_exposure``): shading, blur, grain, noise.

No pixel of a real image is in here. Summary statistics were matched by hand to the training
stack of ISBI 2012: share of membrane, number and sizes of regions, width of walls, mean and
spread of grey values inside and on walls, power spectrum, high-frequency noise of slices
0-14 and 15-29, the correlation of neighbouring slices, and how well a blur and a threshold
do. Each varies by slice or by volume in a range around the real one.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import ndimage
from scipy.special import erf

from unet_teach.config import whole
from unet_teach.data.volume import Volume


@dataclass(frozen=True)
class MembraneConfig:
    """What the tissue and the microscope are like; pairs are (low, high) of a uniform draw.

    Lengths are in pixels of 4 nm at magnification 1. "Darkness" 1 is that of a wall that
    stands upright in the section.
    """

    magnification: tuple[float, float] = (0.8, 1.25)  # of a whole volume
    big: tuple[float, float] = (42.0, 90.0)  # radius of the largest profiles
    medium: tuple[float, float] = (18.0, 42.0)  # radius of ordinary profiles
    small: tuple[float, float] = (8.0, 17.0)  # radius of the profiles in bundles
    big_share: float = 0.22  # of the area, aimed at by the packing
    medium_share: float = 0.32  # of the area, aimed at by the packing
    elongation: float = 2.0  # largest ratio of a profile's axes
    merged: float = 0.35  # share of circles fused with a neighbour into a nonconvex cell
    warp: float = 8.0  # bends of walls, over about 45 pixels
    wobble: float = 1.3  # unevenness of walls, over about 9 pixels
    flow: float = 34.0  # how far neighbours wander together along z
    drift: float = 10.0  # how far each profile wanders alone
    wall: tuple[float, float] = (1.5, 2.2)  # standard deviation of a wall's dark profile
    wall_contrast: tuple[float, float] = (0.8, 1.4)  # darkness of one wall: faint to strong
    drawn: tuple[float, float] = (4.2, 5.4)  # width of a wall in the labels
    mitochondria: float = 0.45  # share of large enough profiles that ever hold one
    vesicles: float = 0.006  # vesicles a pixel in a cell of average filling
    synapses: float = 4e-5  # dark blobs on walls a pixel
    cell_spread: float = 0.1  # standard deviation of cells' brightness, in wall darkness
    roundness: tuple[float, float] = (1.5, 4.0)  # radius of cells' corners
    dense: float = 0.1  # share of cells with dark, dense cytoplasm
    shading: tuple[float, float] = (0.02, 0.13)  # uneven illumination, in wall darkness
    grain: tuple[float, float] = (0.15, 0.36)  # stained, correlated texture of the section
    blur: tuple[float, float] = (0.5, 1.1)  # the microscope's, standard deviation
    noise_clean: tuple[float, float] = (0.02, 0.14)  # shot noise of slices 0-14 (of every 30)
    noise_dirty: tuple[float, float] = (0.1, 0.4)  # shot noise of slices 15-29
    mean: tuple[float, float] = (98.0, 145.0)  # grey value of a slice
    density: tuple[float, float] = (0.02, 0.35)  # how much the film compresses darkness
    contrast: tuple[float, float] = (33.0, 52.0)  # standard deviation of a slice's grey values


@dataclass(frozen=True)
class _Tissue:
    """A volume's circles; arrays with an entry for each circle unless noted."""

    x: np.ndarray
    y: np.ndarray
    radius: np.ndarray
    stretch: np.ndarray  # square root of the ratio of axes
    angle: np.ndarray
    cell: np.ndarray  # circles with the same number are one cell
    phase: np.ndarray  # (circles, 8) angles and rates that make each wander its own way
    waves: np.ndarray  # (waves, 6) the flow that neighbours share
    mitochondrion: np.ndarray  # (circles, 6) uniform numbers
    brightness: np.ndarray  # (cells,)
    filling: np.ndarray  # (cells,) vesicles, relative
    scale: float  # magnification


def synthetic_membranes(
    n: int,
    size: int = 512,
    seed: int = 0,
    config: MembraneConfig | None = None,
    first: int = 0,
) -> Volume:
    """Draw a stack of serial sections with the labels of an imagined annotator.

    Parameters
    ----------
    n
        Number of slices. Slice i does not depend on it: a longer stack begins with the
        shorter one.
    size
        Side in pixels, 32 or more.
    seed
        Whole number, 0 or more. Equal seeds give equal bits, others another tissue.
    config
        What the tissue is like; the default resembles ISBI 2012.
    first
        Index of the first slice, 0 or more.

    Returns
    -------
    Volume
        ``images`` uint8 (n, size, size); ``labels`` of the same shape, 1 inside a
        neurite, 0 membrane.

    Raises
    ------
    ValueError
        If n, size, seed or first is not a whole number or is too small.

    Examples
    --------
    >>> volume = synthetic_membranes(2, size=64, seed=1)
    >>> volume.images.shape, volume.images.dtype
    ((2, 64, 64), dtype('uint8'))
    """
    n, first = whole("n", n, 1), whole("first", first, 0)
    wanted = range(first, first + n)
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # numpy lets go of Python while it works
        slices = list(pool.map(lambda i: membrane_slice(i, size, seed, config), wanted))
    images, labels = (np.stack(arrays) for arrays in zip(*slices, strict=True))
    return Volume(images, labels, f"synthetic membranes (seed {seed})", classes=2)


def membrane_slice(
    index: int, size: int = 512, seed: int = 0, config: MembraneConfig | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """One slice of ``synthetic_membranes`` by itself: image and labels, uint8 (size, size)."""
    index, size, seed = (
        whole("index", index, 0),
        whole("size", size, 32),
        whole("seed", seed, 0),
    )
    config = config or MembraneConfig()
    tissue = _tissue(size, seed, config)
    rng = np.random.default_rng([seed, 1, index])
    near = _tessellate(tissue, index, size, seed, config)
    wall, labels, depth = _walls(near, rng, config)
    cell = near["cell"]
    picture = tissue.brightness[cell] * np.clip(depth / 3, 0, 1)
    _paint_texture(picture, tissue, cell, depth, rng, config)
    _paint_mitochondria(picture, tissue, index, cell, depth, rng, config)
    picture -= wall
    _paint_synapses(picture, labels, depth, rng, config)
    return _exposure(picture, index, rng, config), labels


def _spline(size: int, step: float) -> np.ndarray:
    """Cubic B-splines a step apart, sampled at every pixel: (size, splines)."""
    count = int(np.ceil(size / step)) + 3
    t = np.abs(np.arange(size)[:, None] / step + 1 - np.arange(count))
    inner, outer = 2 / 3 - t**2 + t**3 / 2, np.clip(2 - t, 0, None) ** 3 / 6
    return np.where(t < 1, inner, outer).astype(np.float32)


def _smooth(rng: np.random.Generator, size: int, step: float) -> np.ndarray:
    """Smooth noise of mean 0 and variance 1 that varies over ``step`` pixels: (size, size)."""
    basis = _spline(size, step)
    grid = rng.standard_normal((basis.shape[1],) * 2).astype(np.float32)
    return basis @ grid @ basis.T * np.float32(1 / 0.479)  # 0.479: Σ B(t)², the mean over t


def _pack(rng: np.random.Generator, side: float, config: MembraneConfig, scale: float):
    """Throw circles, the largest first, and keep those that hardly overlap: (circles, 3)."""
    kept = np.zeros((0, 3))
    waves = rng.uniform(0, 2 * np.pi, (3, 2))
    for low, high, share in (
        (*config.big, config.big_share),
        (*config.medium, config.medium_share),
        (*config.small, 9.0),  # as many as fit
    ):
        area, misses = 0.0, 0
        while area < share * side**2 and misses < 100:
            radius = scale * low * (high / low) ** rng.random()
            x, y = rng.uniform(0, side, 2)
            # Where this is negative, bundles of small profiles grow instead of medium ones.
            bundle = (
                np.sin(x / 70 / scale + waves[:, 0]).sum()
                + np.sin(y / 70 / scale + waves[:, 1]).sum()
            )
            gap = np.hypot(kept[:, 0] - x, kept[:, 1] - y) - 0.92 * (kept[:, 2] + radius)
            if (gap < 0).any() or (share == config.medium_share and bundle < -1):
                misses += 1
                continue
            misses = 0
            kept = np.vstack([kept, (x, y, radius)])
            area += np.pi * radius**2
    return kept


@lru_cache(maxsize=4)
def _tissue(size: int, seed: int, config: MembraneConfig) -> _Tissue:
    rng = np.random.default_rng([seed, 0])
    scale = rng.uniform(*config.magnification)
    margin = 70.0  # cells may drift in from outside
    x, y, radius = _pack(rng, size + 2 * margin, config, scale).T
    x, y, count = x - margin, y - margin, len(x)
    along = rng.uniform(0, np.pi) + np.sin(x / 130) + np.cos(y / 110)  # bundles run this way
    cell = np.arange(count)
    for k in np.flatnonzero(rng.random(count) < config.merged):
        near = np.hypot(x - x[k], y - y[k]) - radius
        near[k] = np.inf
        cell[cell == cell[k]] = cell[np.argmin(near)]
    return _Tissue(
        x=x,
        y=y,
        radius=radius,
        stretch=np.sqrt(1 + (config.elongation - 1) * rng.random(count) ** 2),
        angle=along + rng.normal(0, 0.4, count),
        cell=cell,
        phase=rng.uniform(0, 1, (count, 8)),
        waves=rng.uniform(0, 1, (6, 6)),
        mitochondrion=rng.uniform(0, 1, (count, 6)),
        brightness=(
            config.cell_spread * rng.normal(size=count)
            - (rng.random(count) < config.dense) * rng.uniform(0.1, 0.5, count)
        ).astype(np.float32),
        filling=rng.lognormal(0, 1.1, count).astype(np.float32),
        scale=scale,
    )


def _moved(tissue: _Tissue, z: float, config: MembraneConfig):
    """Centre and radius of every circle at height z (in slices)."""
    turn, (x, y), p = 2 * np.pi, (tissue.x.copy(), tissue.y.copy()), tissue.phase
    for a, b, c, d, e, f in tissue.waves:
        angle = turn * (c + (a - 0.5) * tissue.x / 130 + (b - 0.5) * tissue.y / 130)
        swing = config.flow / np.sqrt(3) * np.sin(angle + turn * z / (25 + 40 * d))
        x, y = x + swing * np.cos(turn * e + f), y + swing * np.sin(turn * e + f)
    reach = config.drift * np.sqrt(tissue.radius / 15)
    x = x + reach * np.sin(turn * (p[:, 0] + z / (9 + 20 * p[:, 1])))
    y = y + reach * np.sin(turn * (p[:, 2] + z / (9 + 20 * p[:, 3])))
    swell = 1 + 0.25 * np.sin(turn * (p[:, 4] + z / (9 + 20 * p[:, 5])))
    return x, y, tissue.radius * swell


@lru_cache(maxsize=4)
def _bends(size: int, seed: int) -> list:
    """The noise by which all slices of a volume are bent: long and short, rows and columns."""
    rng = np.random.default_rng([seed, 2])
    return [
        [(_smooth(rng, size, step), _smooth(rng, size, step)) for _axis in range(2)]
        for step in (45.0, 9.0)
    ]


def _tessellate(tissue: _Tissue, z: int, size: int, seed: int, config: MembraneConfig) -> dict:
    """Give each pixel to the circle whose edge is nearest, and remember the runner-up.

    Returns (size, size) arrays: ``cell`` and ``other``, the winner and the nearest *other*
    cell; ``gap``, how much nearer the winner is; ``speed``, how that changes within a slice.
    """
    row, column = np.mgrid[:size, :size].astype(np.float32)
    for (amplitude, rate), noise in zip(
        ((config.warp, 0.12), (config.wobble, 0.8)), _bends(size, seed), strict=True
    ):
        for axis, (a, b) in zip((row, column), noise, strict=True):
            axis += amplitude * (np.cos(z * rate) * a + np.sin(z * rate) * b)
    best, speed = (
        np.full((2, size, size), 1e3, np.float32),
        np.zeros((2, size, size), np.float32),
    )
    owner = np.zeros((2, size, size), np.int32)
    top, middle, bottom = (_moved(tissue, z + h, config) for h in (-0.5, 0.0, 0.5))
    for k in range(len(tissue.x)):
        x, y, r = (a[k] for a in middle)
        reach = r * tissue.stretch[k] + 28 * tissue.scale + 3 * config.warp
        low = np.clip(np.floor([y - reach, x - reach]).astype(int), 0, size)
        high = np.clip(np.ceil([y + reach, x + reach]).astype(int), 0, size)
        if (low >= high).any():
            continue
        box = (slice(low[0], high[0]), slice(low[1], high[1]))
        edges = [
            _edge(column[box], row[box], *(a[k] for a in m), tissue.stretch[k], tissue.angle[k])
            for m in (top, bottom)
        ]
        _compete(
            (edges[0] + edges[1]) / 2,
            edges[1] - edges[0],
            tissue.cell[k],
            best[(..., *box)],
            speed[(..., *box)],
            owner[(..., *box)],
        )
    return {
        "cell": owner[0],
        "other": owner[1],
        "gap": best[1] - best[0],
        "speed": speed[1] - speed[0],
    }


def _edge(column, row, x, y, radius, stretch, angle) -> np.ndarray:
    """Distance to the edge of an ellipse (approximately), negative inside."""
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    dx, dy = column - np.float32(x), row - np.float32(y)
    u, v = (
        (dx * cos + dy * sin) / np.float32(stretch),
        (dy * cos - dx * sin) * np.float32(stretch),
    )
    return np.sqrt(u * u + v * v) - np.float32(radius)


def _compete(edge, change, cell, best, speed, owner) -> None:
    """Enter a circle where it beats the first or the second, in place."""
    own = owner[0] == cell
    first = edge < best[0]
    shift = first & ~own
    second = ~first & ~own & (edge < best[1])
    for table, value in ((best, edge), (speed, change), (owner, cell)):
        np.copyto(table[1], table[0], where=shift)
        np.copyto(table[1], value, where=second)
        np.copyto(table[0], value, where=first)


def _walls(near: dict, rng: np.random.Generator, config: MembraneConfig):
    """Darkness of walls, labels, and each pixel's distance to its wall.

    A wall moves by v pixels within a section of thickness h, so its Gaussian profile is
    averaged over v (a difference of error functions) while the length of membrane in the
    section grows by √(1 + (v/h)²): upright walls are thin and dark, oblique ones wide and grey.
    """
    gap = near["gap"]
    slope = np.zeros_like(gap)
    for axis in (0, 1):  # the larger of both one-sided differences: the wall itself is a kink
        step = np.abs(np.diff(gap, axis=axis))
        ahead = np.pad(step, [(0, int(a == axis)) for a in (0, 1)], mode="edge")
        behind = np.pad(step, [(int(a == axis), 0) for a in (0, 1)], mode="edge")
        slope += np.maximum(ahead, behind) ** 2
    slope = np.clip(ndimage.uniform_filter(np.sqrt(slope), 3), 0.5, 4)
    depth = gap / slope
    v = np.clip(ndimage.uniform_filter(np.abs(near["speed"]) / slope, 5), 0.3, 40)
    one, two = np.minimum(near["cell"], near["other"]), np.maximum(near["cell"], near["other"])
    pair = (one * 7919 + two * 104729) % 4096
    sigma = rng.uniform(*config.wall)
    table = np.random.default_rng(5).uniform(*config.wall_contrast, 4096).astype(np.float32)
    profile = erf((depth + v / 2) / (1.414 * sigma)) - erf((depth - v / 2) / (1.414 * sigma))
    profile *= 1.2533 * sigma / v * np.sqrt(1 + (v / 12.5) ** 2)
    wall = np.minimum(profile * table[pair], 1.4).astype(np.float32)
    drawn = rng.uniform(*config.drawn) / 2 + 0.32 * np.clip(v - 2, 0, 14)
    # Corners are rounded as a disc that rolls along the inside would round them; what it
    # cannot reach (junctions, slivers) is membrane.
    radius = rng.uniform(*config.roundness)
    core = ndimage.distance_transform_edt(depth > drawn) > radius
    inside = ndimage.distance_transform_edt(~core) < radius
    corner = ndimage.gaussian_filter((~inside & (depth > drawn)).astype(np.float32), 1.5)
    wall = np.maximum(wall, rng.uniform(0.8, 1.2) * corner)
    return wall, _without_specks(inside), np.where(inside, depth, np.minimum(depth, 2.5))


def _without_specks(inside: np.ndarray, least: int = 14) -> np.ndarray:
    """Labels as uint8, after giving regions that no annotator would draw to what is around."""
    for colour in (True, False):
        parts, _ = ndimage.label(inside == colour)
        tiny = np.bincount(parts.ravel()) < least
        tiny[0] = False
        inside = inside ^ tiny[parts]
    return inside.astype(np.uint8)


def _paint_texture(picture, tissue, cell, depth, rng, config) -> None:
    """Cytoplasm: stain, inner membranes, vesicles and microtubules (all labelled inside)."""
    size = len(picture)
    inside = np.clip(depth - 3, 0, 1)
    picture -= 0.1 * inside * _smooth(rng, size, 6 * tissue.scale)
    # Inner membranes: level lines of smooth noise, kept in patches.
    noise = _smooth(rng, size, 14 * tissue.scale)
    slope = np.hypot(*np.gradient(noise)) + 0.01
    patch = np.clip(2 * _smooth(rng, size, 18 * tissue.scale) - 2.2, 0, 1)
    picture -= inside * patch * rng.uniform(0.3, 0.7) * np.exp(-((noise / slope / 1.6) ** 2))
    count = rng.poisson(4 * config.vesicles * size**2 / tissue.scale**2)
    places, kinds = rng.integers(0, size, (count, 2)), rng.integers(0, 24, count)
    stamps = _stamps(rng, tissue.scale)
    filled = tissue.filling[cell[places[:, 0], places[:, 1]]] / 4 > rng.random(count)
    roomy = depth[places[:, 0], places[:, 1]] > 6
    half = stamps.shape[1] // 2
    canvas = np.zeros((size + 2 * half,) * 2, np.float32)
    for (i, j), kind in zip(places[filled & roomy], kinds[filled & roomy], strict=True):
        canvas[i : i + 2 * half + 1, j : j + 2 * half + 1] += stamps[kind]
    picture -= inside * np.minimum(canvas[half:-half, half:-half], 1.1)


def _stamps(rng: np.random.Generator, scale: float) -> np.ndarray:
    """Pictures of a vesicle each, rings and dots: (24, 17, 17)."""
    i, j = np.mgrid[-8:9, -8:9]
    stamps = []
    for kind in range(24):
        squeeze = rng.uniform(0.8, 1.25)
        d = np.hypot(i * squeeze + rng.uniform(-0.5, 0.5), j / squeeze + rng.uniform(-0.5, 0.5))
        if kind < 10:  # a vesicle of 30 to 50 nm, some of them with a dense core
            stamp = np.exp(-(((d - scale * rng.uniform(2.6, 5)) / 1.2) ** 2))
            stamp += (kind < 3) * np.exp(-((d / 1.8) ** 2))
        elif kind < 16:  # a microtubule
            stamp = 0.8 * np.exp(-(((d - 2.2 * scale) / 1.0) ** 2))
        else:  # a granule
            stamp = np.exp(-((d / rng.uniform(1.0, 2.4)) ** 2))
        stamps.append(rng.uniform(0.25, 0.8) * stamp)
    return np.array(stamps, np.float32)


def _paint_mitochondria(picture, tissue, z, cell, depth, rng, config) -> None:
    """Dark ellipses with a rim and cristae, inside their cells; the labels ignore them."""
    size = len(picture)
    bend, place = 2 * _smooth(rng, size, 12), _moved(tissue, z, config)
    for k in np.flatnonzero(tissue.radius > 13 * tissue.scale):
        x, y, r = (a[k] for a in place)
        u = tissue.mitochondrion[k]
        alive = np.sin(2 * np.pi * (u[4] + z / (14 + 20 * u[5]))) + 0.5
        if u[0] > config.mitochondria or alive < 0:
            continue
        long = min(r * (0.55 + 0.4 * u[1]), 46 * tissue.scale) * min(1, 0.6 + alive)
        x, y = x + 0.35 * r * np.cos(6.28 * u[2]), y + 0.35 * r * np.sin(6.28 * u[2])
        low = np.clip(np.array([y - long - 6, x - long - 6]).astype(int), 0, size)
        high = np.clip(np.array([y + long + 6, x + long + 6]).astype(int), 0, size)
        if (low >= high).any():
            continue
        box = (slice(low[0], high[0]), slice(low[1], high[1]))
        row, column = np.mgrid[box]
        edge = bend[box] + _edge(
            column, row, x, y, long * 0.78, 1.28 - 0.25 * u[3], 3.14 * u[3]
        )
        inside = np.clip(depth[box] - 3, 0, 1) * (cell[box] == tissue.cell[k])
        body = 1 / (1 + np.exp(np.clip(edge / 1.2, -30, 30)))
        across = column * np.cos(6.28 * u[1]) + row * np.sin(6.28 * u[1]) + 3 * bend[box]
        stripes = np.sin(6.28 * across / (rng.uniform(5, 9) * tissue.scale))
        dark = rng.uniform(0.3, 0.75) + rng.uniform(0.05, 0.3) * stripes
        rim = rng.uniform(0.2, 0.6) * np.exp(-((edge / 1.7) ** 2))
        halo = rng.uniform(0, 0.4) * np.exp(-(((edge - 4.5) / 2.5) ** 2))
        picture[box] -= inside * (body * dark + rim - halo)


def _paint_synapses(picture, labels, depth, rng, config) -> None:
    """Dark blobs on walls (T-bars, densities, folds); the labels call their core membrane."""
    size = len(picture)
    row, column = np.nonzero(depth < 1)
    if not len(row):
        return
    cloud = _smooth(rng, size, 8)
    for k in rng.integers(0, len(row), rng.poisson(config.synapses * size**2)):
        reach = 30
        box = (
            slice(max(row[k] - reach, 0), min(row[k] + reach, size)),
            slice(max(column[k] - reach, 0), min(column[k] + reach, size)),
        )
        i, j = np.mgrid[box]
        r, stretch = rng.uniform(5, 12), rng.uniform(1, 1.6)
        edge = _edge(j, i, column[k], row[k], r, stretch, rng.uniform(0, 3.14)) + 2 * cloud[box]
        blob = 1 / (1 + np.exp(np.clip(edge / 2.5, -30, 30)))
        picture[box] -= rng.uniform(0.4, 1) * blob
        labels[box][blob > 0.7] = 0


def _exposure(picture, index: int, rng: np.random.Generator, config: MembraneConfig):
    """The microscope: shading, grain, blur, shot noise, and the slice's own contrast."""
    size = len(picture)
    picture = picture + rng.uniform(*config.shading) * _smooth(rng, size, 90)
    white = rng.standard_normal((2, size, size), dtype=np.float32)
    coarse = rng.uniform(0.6, 1.2)
    grain = ndimage.gaussian_filter(white[0], coarse) * 3.545 * coarse  # 2√π: variance 1 again
    picture += rng.uniform(*config.grain) * grain
    picture = ndimage.gaussian_filter(picture, rng.uniform(*config.blur))
    dirty = index % 30 >= 15
    amount = rng.uniform(*(config.noise_dirty if dirty else config.noise_clean))
    light = np.sqrt(np.clip(1.5 + picture, 0.2, 3))  # shot noise grows with the light's root
    picture += amount * light * ndimage.gaussian_filter(white[1], 0.5)
    picture = np.exp(rng.uniform(*config.density) * picture)  # Beer and Lambert's law
    picture = (picture - picture.mean()) / (picture.std() + 1e-6)
    grey = rng.uniform(*config.mean) + rng.uniform(*config.contrast) * picture
    return np.clip(np.rint(grey), 0, 255).astype(np.uint8)
