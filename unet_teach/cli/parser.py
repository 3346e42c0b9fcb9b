"""What a person may type, and the help that they get. Imports nothing heavy."""

from __future__ import annotations

import argparse

from unet_teach import __version__

TIERS = ("check", "class", "full", "paper")  # as in unet_teach.training.TIERS; a test compares
PRECISIONS = ("auto", "float32", "bfloat16", "float16")

DATA = """auto (the default: ISBI 2012 if it is on this computer, synthetic membranes if
not), isbi, membranes, or the path of a folder of your own: images/ and masks/ with files
of equal names (`unet-teach data look FOLDER` shows how it is understood)"""


def make_parser() -> argparse.ArgumentParser:
    """The parser of all seven commands."""
    parser = argparse.ArgumentParser(
        prog="unet-teach",
        description="Train a U-Net, judge it, let it segment your images; grade a class.",
        epilog=_examples(
            ("unet-teach doctor", "is everything ready here?"),
            ("unet-teach train --tier check", "train a tiny network: about a minute"),
            ("unet-teach predict isbi cells.tif", "segment a picture with a trained network"),
            ("unet-teach train --help", "all that training can be told"),
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"unet-teach {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add in (_doctor, _data, _train, _evaluate, _predict, _score, _mine, _collect):
        add(commands)
    return parser


def _examples(*pairs: tuple[str, str]) -> str:
    return "examples:\n" + "\n".join(f"  {command}\n      {what}" for command, what in pairs)


def _command(commands, name: str, summary: str, *examples: tuple[str, str]):
    command = commands.add_parser(
        name,
        help=summary,
        description=summary[0].upper() + summary[1:] + ".",
        epilog=_examples(*examples),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument(
        "--debug", action="store_true", help="show the whole error, for a bug report"
    )
    return command


def _doctor(commands) -> None:
    _command(
        commands,
        "doctor",
        "look at this computer: versions, devices, speed, data; say what is missing",
        ("unet-teach doctor", "exit code 0 if the course can run here, 1 if not"),
    )


def _data(commands) -> None:
    command = _command(
        commands,
        "data",
        "show which data is here, look at your own, download ISBI 2012, or draw membranes",
        ("unet-teach data status", "what is here, and where it was looked for"),
        ("unet-teach data look my_cells", "how your images and masks are understood"),
        ("unet-teach data fetch", "show the terms of ISBI 2012, ask, then download it (35 MB)"),
        ("unet-teach data make --out drawn -n 10", "write ten slices with their masks"),
    )
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    status, look, fetch, make = (
        _command(actions, name, summary, (f"unet-teach data {example}", what))
        for name, summary, example, what in (
            ("status", "which data is here", "status", "what is here, and where it was sought"),
            ("look", LOOK_SUMMARY, "look my_cells", "writes my_cells_look.png: look at it"),
            ("fetch", "download ISBI 2012, after its terms", "fetch", "asks first; 35 MB"),
            ("make", "draw synthetic membranes", "make -n 10", "drawn/images and drawn/masks"),
        )
    )
    for part in (status, fetch):
        part.add_argument(
            "--path", metavar="PLACE", help="a folder or zip instead of the usual places"
        )
    fetch.add_argument(
        "--accept-terms", action="store_true", help="you have read the terms and agree"
    )
    look.add_argument("folder", metavar="FOLDER", help="your images, with masks or without")
    look.add_argument(
        "--out", metavar="FILE", help="the contact sheet (default: FOLDER_look.png, here)"
    )
    _reading(look)
    make.add_argument(
        "--out", metavar="FOLDER", default="drawn", help="where to write (default: drawn)"
    )
    make.add_argument("-n", type=int, default=30, help="number of slices (default 30)")
    make.add_argument("--size", type=int, default=512, help="height and width (default 512)")
    make.add_argument("--seed", type=int, default=0, help="another seed, another tissue")
    make.add_argument("--force", action="store_true", help="write over what is there")


LOOK_SUMMARY = """say of each of your files what was understood, and draw every mask over its
image on one contact sheet"""


def _reading(command) -> None:
    """How a person's own images and masks are read, where their files do not say it."""
    command.add_argument(
        "--classes",
        metavar="VALUES",
        help='own masks: the value of class 0, of class 1, …: numbers ("0,2"), ranges '
        '("0-127,128-255", "0,1-65535") or colours ("#000000,#ff0000")',
    )
    command.add_argument(
        "--void",
        metavar="VALUE",
        help="own masks: the value of pixels that do not count (255 in PASCAL VOC)",
    )
    _channel(command)


def _channel(command) -> None:
    command.add_argument(
        "--channel",
        type=_whole_or("slices"),
        metavar="N",
        help="own images: which channel to take, the first being 0; slices: each is a slice",
    )


def _train(commands) -> None:
    command = _command(
        commands,
        "train",
        "train a U-Net; interrupted, the same command goes on where it was",
        ("unet-teach train --tier check", "is everything working? about a minute"),
        ("unet-teach train", "tier class: minutes on a laptop"),
        ("unet-teach train --data my_cells --fold all", "your own images, nothing held out"),
        ("unet-teach train --config runs/NAME/config.json --seed 1", "that run, another seed"),
        ("torchrun --nproc-per-node=2 -m unet_teach train --tier full", "two GPUs"),
    )
    command.add_argument(
        "--tier",
        choices=TIERS,
        help="check: a minute; class (the default): minutes; full: minutes on a GPU, an hour "
        "on two fast cores; paper: the network of 2015, for a GPU",
    )
    command.add_argument("--data", default="auto", metavar="WHICH", help=DATA)
    _reading(command)
    command.add_argument("--folder", help="where the run is kept (default: runs/ and its name)")
    command.add_argument(
        "--fold",
        type=_fold,
        help="0 to 4: which fifth of the slices is held out to judge by "
        "(default 4, the last); all: train on everything",
    )
    command.add_argument(
        "--seed", type=int, help="another seed, other first weights (default 0)"
    )
    for name, kind, what in (
        ("steps", int, "how often the weights are changed"),
        ("batch", int, "crops in a step; fewer need less memory"),
        ("size", int, "pixels a side of a crop"),
        ("base-channels", int, "channels of the first level; the width of the network"),
        ("lr", float, "the highest learning rate"),
        ("threads", int, "CPU threads"),
    ):
        command.add_argument(
            f"--{name}", type=kind, metavar="N", help=f"{what} (default: the tier's)"
        )
    command.add_argument(
        "--precision",
        choices=PRECISIONS,
        help="auto (the default) times each and takes the fastest",
    )
    command.add_argument("--device", help="auto, cpu, cuda, cuda:1, mps")
    command.add_argument(
        "--config",
        metavar="FILE",
        help="a saved config.json to start from, in place of a tier; other options override it",
    )


def _evaluate(commands) -> None:
    command = _command(
        commands,
        "evaluate",
        "judge a network by the ISBI 2012 challenge's metrics",
        ("unet-teach evaluate runs/NAME", "on the slices that this run held out"),
        ("unet-teach evaluate isbi --data my_cells --fold all", "on your own images"),
    )
    _model(command)
    command.add_argument("--data", default="auto", metavar="WHICH", help=DATA)
    _reading(command)
    command.add_argument(
        "--fold", type=_fold, help="0 to 4, or all (default: what the run held out, else all)"
    )
    command.add_argument("--json", metavar="FILE", help="write all figures there, too")
    _how(command)


def _predict(commands) -> None:
    command = _command(
        commands,
        "predict",
        "segment images of any size; writes NAME_probability.tif (32-bit, the challenge's "
        "format), NAME_mask.png (white is inside) and NAME_overlay.png",
        ("unet-teach predict isbi cells.tif", "a picture, or a stack of pages"),
        (
            "unet-teach predict runs/NAME folder/ more.png --out results",
            "all images of a folder",
        ),
    )
    _model(command)
    command.add_argument(
        "images", nargs="+", metavar="IMAGE", help="files or folders: PNG, TIFF, JPEG, BMP, GIF"
    )
    _channel(command)
    command.add_argument(
        "--out",
        default="predictions",
        metavar="FOLDER",
        help="where to write (default: predictions)",
    )
    command.add_argument(
        "--threshold",
        type=float,
        metavar="T",
        help="inside is where the probability is above T, at least 0 and below 1 (default: "
        "what was best on the slices held out: by V_rand on ISBI 2012 and membranes, by IoU on "
        "your own images; 0.5 where nothing was held out). Lower it if too little is white",
    )
    command.add_argument(
        "--tile",
        type=int,
        metavar="N",
        help="pixels a side of a tile; smaller ones need less memory",
    )
    command.add_argument("--force", action="store_true", help="write over earlier results")
    _how(command)


def _score(commands) -> None:
    command = _command(
        commands,
        "score",
        "judge a submission to ISBI 2012, where your copy has the test labels",
        ("unet-teach score predictions/test-volume_probability.tif", "all 30 test slices"),
    )
    command.add_argument(
        "file", metavar="FILE", help="a TIFF as `unet-teach predict` writes it"
    )
    command.add_argument(
        "--data", metavar="PATH", help="the copy of ISBI 2012 (default: the one that is found)"
    )


def _mine(commands) -> None:
    command = _command(
        commands,
        "mine",
        "show which parts of your own network are in my_unet.py, and whether they pass",
        ("unet-teach mine", "in this folder, or in notebooks/; 1 if a part does not pass"),
        ("unet-teach mine --train", "train a small U-Net of your parts: about a minute"),
    )
    command.add_argument("file", nargs="?", metavar="FILE", help="another my_unet.py")
    command.add_argument(
        "--train", action="store_true", help="train on synthetic membranes, and judge it"
    )
    command.add_argument("--steps", type=int, default=240, metavar="N", help="(default 240)")
    command.add_argument(
        "--folder", default="runs/mine", help="where the run is kept (default: runs/mine)"
    )


COLLECT = """
SUBMISSIONS holds NAME.ipynb for each student, or a folder for each student with notebooks in
it, at most 16 folders deep. Of each notebook the set-up and the exercises are run, and of its
other cells imports, functions, constants and what the answers need. The student's functions are
called with arguments that this run draws; what they give is compared here. So a pass means
right outputs, whatever the notebook says of itself, and stored outputs are not looked at.

Each notebook runs in a sandbox of its own (Linux, with the package bubblewrap): no network, no
files but its own, no answers, 256 MB to write, 32 processes, and the limits above. The seconds
are the notebook's own: while it waits for a processor that others use, they do not count. A
notebook that hangs, crashes or tries something costs its student alone, and is named. On macOS
and Windows there is no sandbox, and only time-outs can be promised: collect on Linux, or in a
Linux container that may use bubblewrap (Docker: --privileged).

In OUT: results.csv, one line an exercise; report.html, to read; kept/, from which the same
command goes on after an interruption. What has not changed is not run again, except what was
stopped or crashed: that may have been this computer's fault.

exit code:
  0  every notebook was graded
  1  it could not be done; the last line says why
  3  done, and something needs a look, and is listed: what was unreadable, stopped or crashed, a
     lesson that somebody handed in twice, a name that may stand for two students
  130  interrupted; the same command goes on

not protected against: answers that call the library, which is the reference (they pass, with a
note in the results), answers from others, and holes in Linux or bubblewrap. Keep the machine up
to date, or use one that holds nothing of worth.
"""


def _collect(commands) -> None:
    command = _command(
        commands,
        "collect",
        "grade a folder of students' notebooks, each in a sandbox",
        ("unet-teach collect submissions", "grade all; results in graded/"),
        ("unet-teach collect submissions --out week3", "results elsewhere"),
        ("unet-teach collect submissions --again", "grade anew what was graded before"),
    )
    command.epilog = f"{COLLECT.strip()}\n\n{command.epilog}"
    command.add_argument("submissions", metavar="SUBMISSIONS", help="the folder")
    command.add_argument(
        "--out", default="graded", metavar="OUT", help="where results go (default: graded)"
    )
    command.add_argument(
        "--jobs", type=int, metavar="N", help="notebooks at a time (default: one for each core)"
    )
    command.add_argument(
        "--seconds", type=int, default=60, metavar="S", help="for one notebook (default 60)"
    )
    command.add_argument(
        "--memory", type=float, default=4, metavar="GB", help="for one notebook (default 4)"
    )
    command.add_argument(
        "--again", action="store_true", help="grade also what was graded before"
    )
    command.add_argument(
        "--seed", type=int, metavar="N", help="draw these cases again; keep it to yourself"
    )
    command.add_argument(
        "--unsandboxed",
        action="store_true",
        help="run students' code as yourself, with your files and network",
    )


def _model(command) -> None:
    command.add_argument(
        "model",
        metavar="MODEL",
        help="a run's folder, its model.pt or checkpoint.pt, or a network that comes with the "
        "course: isbi, membranes",
    )


def _how(command) -> None:
    command.add_argument(
        "--average",
        action="store_true",
        help="mean over eight flips and rotations: a little better, eight times as slow",
    )
    command.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, mps")


def _whole_or(name: str, *valid: str):
    """Reads a whole number, or this name."""

    def read(word: str) -> int | str:
        if word == name:
            return word
        try:
            return int(word)
        except ValueError:
            listed = ", ".join([*(valid or ("0", "1", "2", "…")), name])
            raise argparse.ArgumentTypeError(f"{word!r}; valid: {listed}") from None

    return read


_fold = _whole_or("all", "0", "1", "2", "3", "4")
