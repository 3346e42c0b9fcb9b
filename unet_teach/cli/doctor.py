"""``unet-teach doctor``: can the course run here, and what is fast?"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from unet_teach import __version__
from unet_teach.cli.common import complain, explain, say, table

# Import name and name on the package index; what the library cannot do without.
NEEDED = (
    ("torch", "torch"),
    ("numpy", "numpy"),
    ("scipy", "scipy"),
    ("PIL", "pillow"),
    ("tifffile", "tifffile"),
    ("matplotlib", "matplotlib"),
    ("pooch", "pooch"),
    ("tqdm", "tqdm"),
)
LESSONS = tuple((name, name) for name in ("jupyterlab", "ipywidgets", "anywidget"))


def run(options: argparse.Namespace) -> int:
    """Look, and tell; 1 if the course cannot run here."""
    faults = []
    versions(faults)
    if not faults:
        speed(faults)
        data(faults)
        weights()
    writable(faults)
    for fault in faults:
        complain(fault)
    say(
        "\n" + ("The course can run here." if not faults else "The course cannot run here yet.")
    )
    return 1 if faults else 0


def versions(faults: list[str]) -> None:
    """Python and packages; each that is missing is a fault."""
    rows = [("unet-teach", __version__), ("python", platform.python_version())]
    for module, package in (*NEEDED, *LESSONS):
        try:
            found = version(module)
        except OSError as error:  # it is here, and a library that it needs is not
            rows.append((package, "cannot be loaded"))
            faults.append(f"{package} cannot be loaded ({explain(error)}); install it anew")
            continue
        rows.append((package, found or "missing"))
        if found is None and (module, package) in NEEDED:
            faults.append(f"{package} is missing; pip install {package}")
        elif found is None:
            rows[-1] = (package, "missing (the lessons need it: pip install 'unet-teach[lab]')")
    width = max(len(name) for name, _ in rows)
    for name, found in rows:
        say(f"{name.ljust(width)}  {found}")


def version(module: str) -> str | None:
    """The version of a package, or None where it cannot be imported."""
    try:  # by name: which of them are there is the very question
        return str(getattr(import_module(module), "__version__", "found"))
    except ImportError:
        return None


def speed(faults: list[str]) -> None:
    """Devices, threads, and the seconds of a small training step in each precision."""
    from unet_teach.training.machine import pick_device

    torch = import_module("torch")
    say(
        f"\nprocessors: {os.cpu_count()}, of which torch uses {torch.get_num_threads()} threads"
    )
    devices = ["cpu"]
    for name in ("cuda", "mps"):
        try:
            devices.append(str(pick_device(name)))
        except ValueError:
            continue
    if "cuda" in devices:
        say(f"GPU: {torch.cuda.get_device_name()}")
    say(f"devices: {', '.join(devices)}; training takes {pick_device()}")
    rows = [("a small training step", "seconds", "speed")]
    try:
        seconds = timings(pick_device())
    except RuntimeError as error:
        faults.append(f"a training step fails here: {explain(error)}")
        return
    slowest = seconds[("float32", "contiguous")]
    for (precision, layout), took in sorted(seconds.items(), key=lambda item: item[1]):
        rows.append((f"{precision}, {layout}", f"{took:.3f}", f"{slowest / took:.1f} ×"))
    say(table(rows))
    say("`train` chooses by itself: --precision auto")


def timings(
    device, base_channels: int = 16, size: int | None = None
) -> dict[tuple[str, str], float]:
    """Seconds of a forward and a backward pass, by precision and memory format."""
    from unet_teach.models.unet import UNet
    from unet_teach.training import TIERS, machine

    torch = import_module("torch")
    network = replace(TIERS["class"].network, base_channels=base_channels)
    model = UNet(network).to(device)
    size = size or (64 if device.type == "cpu" else 256)  # a GPU needs something to do
    x = torch.randn(1 if device.type == "cpu" else 4, 1, size, size).to(device)
    precisions = ["float32", "float16" if device.type == "mps" else "bfloat16"]
    if device.type == "mps":
        precisions = precisions[:1]
    ways = [(precision, layout) for precision in precisions for layout in machine.FORMATS]
    return {way: machine.step_seconds(model, x, *way) for way in ways}


def data(faults: list[str]) -> None:
    """ISBI 2012, here or not; a damaged copy is a fault, none is not."""
    from unet_teach.cli.data import places
    from unet_teach.data import isbi

    say()
    for line in places():
        say(line)
    try:
        found = isbi.find_isbi2012()
        if found is None:
            say("ISBI 2012: not here, so synthetic membranes are used (`data fetch` gets it)")
        else:
            isbi.load_isbi2012()
            say(f"ISBI 2012: {found}, pixels verified")
    except (ValueError, OSError) as error:
        faults.append(explain(error))


def weights() -> None:
    """The networks that come with the course."""
    from unet_teach.cli.models import PRETRAINED
    from unet_teach.models.pretrained import pretrained

    for name in PRETRAINED:
        try:
            pretrained(name)
            say(f"trained network {name}: here, checksum right")
        except (ValueError, OSError) as error:
            say(f"trained network {name}: not usable ({explain(error)})")


def writable(faults: list[str]) -> None:
    """Can downloads and runs be kept?"""
    folders = [Path.cwd()]
    if not faults:
        from unet_teach.data import isbi

        folders.append(isbi.cache())
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                say(f"writable: {folder}")
        except OSError:
            hint = "start in another folder" if folder == Path.cwd() else "set UNET_TEACH_CACHE"
            faults.append(f"{folder} cannot be written to; {hint}")
