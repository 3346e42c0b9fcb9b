"""The interactives, one file each: controls around the drawing functions of `plots`.

``widgets.convolution_grid()`` as the last line of a cell shows it. Each gives a
`Panel`; ``panel.picture`` shows the same picture where no kernel runs.
"""

from importlib import import_module

# Interactive -> the file that holds it. Loaded when asked for: a lesson needs one.
FILES = {
    "threshold_explorer": "thresholds",  # lesson 00
    "convolution_grid": "convolution",  # 01
    "field_explorer": "fields",  # 02
    "bottleneck_explorer": "bottleneck",  # 03
    "upsampler_explorer": "upsamplers",  # 04
    "crop_explorer": "crops",  # 05
    "merge_toggle": "surgery",  # 06
    "skip_surgery": "surgery",
    "u_explorer": "explorer",  # 07
    "signal_explorer": "signal",  # 08
    "viewer": "maps",  # 09
    "wall_eraser": "walls",  # 10
    "weight_explorer": "weights",  # 11
    "deformation_explorer": "deformation",  # 12
    "tile_explorer": "tiles",  # 13
    "training_dashboard": "dashboard",  # 14
    "clinic": "patients",  # 15
    "skip_graph": "graphs",  # 16
}

__all__ = list(FILES)


def __getattr__(name: str):
    if name in FILES:
        return getattr(import_module(f"unet_teach.widgets.{FILES[name]}"), name)
    valid = ", ".join(FILES)
    raise AttributeError(f"no interactive {name!r}; valid names: {valid}")


def __dir__() -> list[str]:
    return sorted(FILES)
