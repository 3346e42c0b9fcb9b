"""The command line as a person uses it: in process, on a network of a few hundred weights."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageSequence

from unet_teach.augment import AugmentConfig
from unet_teach.cli import evaluate as cli_evaluate
from unet_teach.cli import main
from unet_teach.cli import predict as cli_predict
from unet_teach.cli import train as cli_train
from unet_teach.cli.common import Failed, load_data
from unet_teach.cli.parser import TIERS as TYPED_TIERS
from unet_teach.config import UNetConfig
from unet_teach.data import Volume
from unet_teach.data.folder import load_folder
from unet_teach.metrics import score
from unet_teach.models import UNet
from unet_teach.tiling import predict
from unet_teach.training import (
    TIERS,
    TrainConfig,
    class_weights,
    load_model,
    probabilities,
    split,
    train,
)
from unet_teach.training.files import save_model

TINY = TrainConfig(
    network=UNetConfig(base_channels=2, depth=1, padding="same"),
    augmentation=AugmentConfig(elastic_sigma=0.0),
    steps=3,
    batch=1,
    size=32,
    folds=2,
    fold=1,
    average=False,
    precision="float32",
    memory_format="contiguous",
    device="cpu",
    checkpoint_every=1,
)


def write_folder(place, n=4, size=48, values=(0, 255)):
    """Stripes and their masks, as a person's own folder."""
    generator = np.random.default_rng(0)
    for inner in ("images", "masks"):
        (place / inner).mkdir(parents=True)
    for i in range(n):
        stripes = (np.arange(size) // 6 + i) % len(values)
        mask = np.tile(np.array(values, np.uint8)[stripes], (size, 1))
        noise = generator.integers(0, 60, mask.shape)
        Image.fromarray(mask).save(place / "masks" / f"{i}.png")
        Image.fromarray((mask // 2 + noise).astype(np.uint8)).save(
            place / "images" / f"{i}.png"
        )
    return place


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    """An empty working folder, and no data or cache of this computer's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("UNET_TEACH_DATA", raising=False)
    monkeypatch.setenv("UNET_TEACH_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """(folder of images, finished run): trained once for all tests, never changed."""
    place = tmp_path_factory.mktemp("cli")
    data = write_folder(place / "cells")
    config = place / "tiny.json"
    config.write_text(json.dumps(TINY.to_dict()))
    run = place / "run"
    arguments = ["train", "--config", str(config), "--data", str(data), "--folder", str(run)]
    assert main(arguments) == 0
    return data, run


def failed(capsys, *arguments, code=1):
    """Run what must fail; the one line that it says on stderr."""
    assert main([str(a) for a in arguments]) == code
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1, lines
    assert "Traceback" not in lines[0]
    return lines[0]


# ---------------------------------------------------------------- help and usage


@pytest.mark.parametrize("command", ["doctor", "data", "train", "evaluate", "predict"])
def test_each_help_has_examples(command, capsys):
    with pytest.raises(SystemExit) as exit_:
        main([command, "--help"])
    assert exit_.value.code == 0
    assert f"examples:\n  unet-teach {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments, word",
    [
        (["train", "--tier", "huge"], "'check', 'class', 'full', 'paper'"),
        (["train", "--fold", "some"], "valid: 0, 1, 2, 3, 4, all"),
        (["train", "--precision", "int8"], "float32"),
        (["fly"], "doctor"),
        (["data", "fetch", "--size", "9"], "unrecognized arguments: --size 9"),
        (["data", "status", "--accept-terms"], "unrecognized arguments"),
        (["data", "look"], "FOLDER"),
        (["predict", "isbi", "a.png", "--channel", "red"], "valid: 0, 1, 2, …, slices"),
        ([], "COMMAND"),
    ],
)
def test_usage_errors_exit_with_2_and_list_what_is_valid(arguments, word, capsys):
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2
    error = capsys.readouterr().err
    assert word in error or word.replace("'", "") in error


def test_the_parser_knows_the_tiers():
    assert tuple(TIERS) == TYPED_TIERS


# ---------------------------------------------------------------- train


def test_train_says_what_it_does_and_keeps_it(trained, capsys):
    data, run = trained
    arguments = ["train", "--config", str(run / "config.json"), "--data", str(data)]
    assert main([*arguments, "--folder", "again"]) == 0
    said = capsys.readouterr().out
    assert (
        "own images in cells, 4 slices" in said and "held out to judge by: own images" in said
    )
    assert (
        "slices 2–3" in said and "3 steps of 1 crops of 32² on cpu, precision float32" in said
    )
    model = load_model("again")
    assert f"{sum(p.numel() for p in model.parameters()):,} parameters" in said
    scores = json.loads(open("again/scores.json").read())
    assert f"{scores['v_rand']:.4f}" in said and f"{scores['v_info']:.4f}" in said
    # The config that was given back: the very same run.
    for name, weight in load_model(run).state_dict().items():
        assert torch.equal(weight, model.state_dict()[name])


def test_train_computes_what_a_notebook_computes(tmp_path, monkeypatch):
    """Lesson 14 says that the command does "exactly the same" as its call of `train`."""
    fastest = "unet_teach.training.loop.pick_fastest"  # by timing: not twice the same, perhaps
    monkeypatch.setattr(fastest, lambda *_: ("float32", "contiguous"))
    cells = write_folder(tmp_path / "cells", n=10, size=96)
    typed = ["--data", str(cells), "--tier", "check", "--steps", "3", "--folder", "typed"]
    assert main(["train", *typed, "--device", "cpu"]) == 0  # to the last bit only there
    config = replace(TIERS["check"], steps=3, device="cpu")
    own = load_folder(cells)  # not ISBI: the command weighs the classes by their fractions
    config = replace(config, class_weights=class_weights(split(own, config)[0]))
    called = train(config, own, "called")
    assert json.loads(open("typed/scores.json").read()) == called.scores.as_dict()
    for name, weight in load_model("typed").state_dict().items():
        assert torch.equal(weight, called.model.state_dict()[name]), name


def test_train_resumes_and_says_so(trained, tmp_path, capsys):
    data, run = trained
    shutil.copytree(run, tmp_path / "copy")
    arguments = ["--config", str(run / "config.json"), "--data", str(data), "--folder", "copy"]
    assert main(["train", *arguments]) == 0
    assert "finished already" in capsys.readouterr().out
    line = failed(capsys, "train", *arguments, "--steps", 4)
    assert "another steps: 3, now 4" in line and "choose another folder" in line


def test_interrupted_says_how_to_resume(trained, capsys, monkeypatch):
    data, run = trained
    stop = KeyboardInterrupt()

    class Interrupt(cli_train.Estimate):
        def __call__(self, record):
            super().__call__(record)
            if self.step == 2:
                raise stop

    arguments = ["--config", run / "config.json", "--data", data, "--folder", "cut"]
    monkeypatch.setattr(cli_train, "Estimate", Interrupt)
    assert main(["train", *map(str, arguments)]) == 130
    last = capsys.readouterr().err.splitlines()[-1]
    assert "interrupted at step 2" in last and "resume from step 2" in last
    monkeypatch.undo()
    monkeypatch.chdir(run.parent)


def test_own_classes_set_the_outputs(tmp_path, capsys):
    data = write_folder(tmp_path / "three", values=(0, 128, 255))
    (tmp_path / "t.json").write_text(json.dumps(TINY.to_dict()))
    arguments = ["train", "--config", "t.json", "--data", str(data), "--folder", "run"]
    assert main([*arguments, "--steps", "1"]) == 0
    said = capsys.readouterr().out
    assert "3 classes: the network gets 3 outputs" in said
    rows = re.findall(r"^class (\d) .*  (0\.\d{4})  (0\.\d{4})$", said, re.MULTILINE)
    judged = json.loads(open("run/scores.json").read())
    expected = zip(judged["iou_by_class"], judged["dice_by_class"], strict=True)
    assert rows == [(str(k), f"{a:.4f}", f"{b:.4f}") for k, (a, b) in enumerate(expected)]
    assert len(rows) == 3
    config = TrainConfig.from_dict(json.loads(open("run/config.json").read()))
    assert config.network.out_channels == 3 and config.class_weights is None  # as in t.json
    # and the other commands take it
    assert main(["evaluate", "run", "--data", str(data), "--json", "e.json"]) == 0
    assert len(json.loads(open("e.json").read())["scores"]["iou_by_class"]) == 3
    assert main(["predict", "run", str(data / "images" / "0.png")]) == 0
    shown = np.unique(np.asarray(Image.open("predictions/0_mask.png"))).tolist()
    assert set(shown) <= {0, 128, 255}


@pytest.mark.parametrize(
    "typed, expected",
    [
        ([], "class-isbi-fold4-seed0"),
        (["--tier", "full", "--fold", "all", "--seed", "3"], "full-isbi-foldall-seed3"),
        (
            ["--steps", "9", "--base-channels", "4"],
            "class-isbi-fold4-seed0-steps9-basechannels4",
        ),
        (["--config", "mine.json"], "mine-[0-9a-f]{6}-isbi-fold4-seed0"),
        (["--config", "runs/first/config.json"], "first-[0-9a-f]{6}-isbi-fold4-seed0"),
    ],
)
def test_a_run_has_a_name_of_its_own(typed, expected, tmp_path):
    from unet_teach.cli.parser import make_parser

    (tmp_path / "runs" / "first").mkdir(parents=True)
    for name in ("mine.json", "runs/first/config.json"):
        (tmp_path / name).write_text(json.dumps(TIERS["class"].to_dict()))
    options = make_parser().parse_args(["train", *typed])
    config = cli_train.chosen_config(options)
    assert re.fullmatch(expected, cli_train.run_name(options, config, "isbi"))


def test_few_slices_are_split_as_they_can_be():
    class Few:
        classes, name = 2, "own"

        def __init__(self, n):
            self.n = n

        def __len__(self):
            return self.n

    config = replace(TINY, folds=5, fold=4)
    assert cli_train.fitted(config, Few(1), None).fold is None
    three = cli_train.fitted(config, Few(3), None)
    assert (three.folds, three.fold) == (3, 2)
    assert cli_train.fitted(config, Few(30), None) == config
    second = cli_train.fitted(replace(config, fold=1), Few(3), 1)
    assert (second.folds, second.fold) == (3, 1)
    for slices, fold, valid in ((3, 3, "0 to 2, or all"), (1, 0, "own: all")):
        with pytest.raises(Failed, match=rf"--fold {fold}; valid for .*{valid}"):
            cli_train.fitted(config, Few(slices), fold)


@pytest.mark.parametrize(
    "typed, words",
    [
        (["--size", "33"], "nearest legal sizes: 32, 34"),
        (["--device", "abacus"], "'auto', 'cpu', 'cuda', 'mps'"),
        (["--device", "cuda:99"], "cuda:99"),
        (["--fold", "9"], "valid: 0 to 1"),
        (["--lr", "-1"], "above 0"),
        (["--threads", "0"], "1 to 1024"),
        (["--threads", "99999999999"], "1 to 1024"),
        (["--seed", "-1"], "0 or more"),
    ],
)
def test_bad_settings(typed, words, trained, capsys):
    if typed == ["--device", "cuda:99"] and torch.cuda.is_available():
        pytest.skip("this computer has CUDA")
    data, run = trained
    line = failed(
        capsys,
        "train",
        "--config",
        run / "config.json",
        "--data",
        data,
        "--folder",
        "x",
        *typed,
    )
    assert words in line


@pytest.mark.parametrize(
    "content, words",
    [
        ("{", "is no JSON"),
        ("[1]", "is no training config"),
        ('{"speed": 3}', "unknown setting 'speed'; valid settings:"),
        ('{"lr": "fast"}', "is no training config"),
        ('{"augmentation": {"magic": 1}}', "magic"),
        ("[]", "settings have names"),
        ('{"seed": 1.5}', "seed is 1.5"),
        ('{"threads": 1.5}', "threads is 1.5"),
        ('{"folds": null}', "folds is None"),
        ('{"augmentation": null}', "give a AugmentConfig"),
    ],
)
def test_bad_config_files(content, words, tmp_path, capsys):
    (tmp_path / "c.json").write_text(content)
    line = failed(capsys, "train", "--config", "c.json")
    assert "c.json" in line and words in line and "config.json of a run" in line


def test_missing_config_and_both_at_once(capsys):
    assert "none.json" in failed(capsys, "train", "--config", "none.json")
    both = ["--config", "none.json", "--tier", "class"]
    assert "one of the two" in failed(capsys, "train", *both)


def test_a_file_in_the_place_of_the_folder(trained, tmp_path, capsys):
    data, run = trained
    (tmp_path / "taken").write_text("")
    arguments = ["train", "--config", run / "config.json", "--data", data]
    assert "choose another" in failed(capsys, *arguments, "--folder", "taken")
    line = failed(capsys, "predict", run, data / "images" / "0.png", "--out", "taken")
    assert "cannot write to taken" in line


def test_debug_shows_the_whole_error():
    with pytest.raises(FileNotFoundError):
        main(["train", "--config", "none.json", "--debug"])


# ---------------------------------------------------------------- data


def test_no_such_data_lists_what_is_valid(capsys):
    line = failed(capsys, "train", "--data", "nirvana")
    assert "nirvana" in line and "auto, isbi, membranes" in line
    assert "data fetch" in failed(capsys, "train", "--data", "isbi")


def test_truncated_zip_and_wrong_volume(tmp_path, capsys):
    whole = tmp_path / "whole.zip"
    page = Image.fromarray(np.zeros((8, 8), np.uint8))
    page.save(tmp_path / "train-volume.tif")
    with zipfile.ZipFile(whole, "w") as archive:
        for name in ("train-volume.tif", "train-labels.tif"):
            archive.write(tmp_path / "train-volume.tif", name)
    content = whole.read_bytes()
    (tmp_path / "cut.zip").write_bytes(content[: len(content) // 2])
    assert "no complete zip" in failed(capsys, "train", "--data", "cut.zip")
    assert "shape (1, 8, 8)" in failed(capsys, "train", "--data", "whole.zip")
    assert main(["data", "status", "--path", "cut.zip"]) == 1


def test_a_mask_with_255_as_a_class_and_an_empty_folder(tmp_path, capsys):
    data = write_folder(tmp_path / "odd", values=(0, 1, 255))
    assert "0, 1, 255" in failed(capsys, "train", "--data", data)
    (tmp_path / "empty").mkdir()
    assert "has no images" in failed(capsys, "train", "--data", "empty")


def test_data_status_and_fetch_ask_first(capsys, monkeypatch):
    assert main(["data", "status"]) == 0
    said = capsys.readouterr().out
    assert "UNET_TEACH_DATA" in said and "cache" in said and "data fetch" in said
    monkeypatch.setattr("builtins.input", lambda prompt: "n")
    monkeypatch.setattr("unet_teach.data.isbi.fetch", lambda *a: pytest.fail("downloaded"))
    assert main(["data", "fetch"]) == 1
    said = capsys.readouterr()
    assert "NON-COMMERCIAL" in said.out and "Cardona" in said.out
    assert "--accept-terms" in said.err


def test_data_fetch_downloads_once_the_terms_are_accepted(monkeypatch, tmp_path):
    asked = []

    def fetch(path=None):
        asked.append(path)
        raise OSError("no network in this test")

    monkeypatch.setattr("unet_teach.data.isbi.fetch", fetch)
    assert main(["data", "fetch", "--accept-terms"]) == 1
    monkeypatch.setattr("builtins.input", lambda prompt: "y")
    assert main(["data", "fetch"]) == 1
    assert asked == [None, None]


def test_data_make_can_be_trained_on_and_is_not_overwritten(capsys):
    arguments = ["data", "make", "--out", "drawn", "-n", "2", "--size", "64"]
    assert main(arguments) == 0
    volume = load_folder("drawn")
    assert volume.images.shape == (2, 64, 64) and set(np.unique(volume.labels)) == {0, 1}
    assert "--force" in failed(capsys, *arguments)
    assert main([*arguments, "--force"]) == 0


def test_a_folder_with_the_name_of_the_courses_data_is_told_apart(trained, capsys):
    data, _ = trained
    assert main(["data", "make", "--out", "membranes", "-n", "2", "--size", "64"]) == 0
    assert "with --data ./membranes" in capsys.readouterr().out
    assert load_data("./membranes")[0].images.shape == (2, 64, 64)
    assert len(load_data("membranes")[0]) == 30
    assert "your folder is ./membranes" in capsys.readouterr().err
    assert main(["predict", "membranes", str(data / "images" / "0.png")]) == 0


def test_data_look_says_each_file_and_draws_each_mask(tmp_path, capsys):
    data = write_folder(tmp_path / "cells")
    (data / "images" / "notes.txt").write_text("")
    assert main(["data", "look", str(data)]) == 0
    said = capsys.readouterr()
    assert "1 files of other kinds left out: notes.txt" in said.err
    assert "0 is class 0 (50.0%), 255 is class 1 (50.0%)" in said.out
    rows = [line.split() for line in said.out.splitlines() if line.startswith("2.png")]
    assert " ".join(rows[0]) == ("2.png 48 × 48 8-bit grey 2.png 8-bit grey 0: 50.0%, 1: 50.0%")
    sheet = np.asarray(Image.open("cells_look.png"))
    painted = (np.ptp(sheet.astype(int), axis=-1) > 30).mean()
    assert painted > 0.03  # half of four masks, in orange
    line = failed(capsys, "data", "look", data, "--classes", "0,1")
    assert "hold 255; values=0,1 does not give each" in line
    assert "does not exist" in failed(capsys, "data", "look", "nowhere")


def test_a_mask_that_does_not_match_is_seen_on_the_sheet():
    from unet_teach.drawing.sheet import contact_sheet

    y, x = np.mgrid[:60, :60]
    disc = ((y - 20) ** 2 + (x - 20) ** 2 < 100).astype(np.uint8)
    image = disc * 150 + 50
    fits, misses = (
        np.asarray(contact_sheet(Volume(image[None], np.roll(disc, by, 1)[None], "own images")))
        for by in (0, 25)
    )
    orange = [np.ptp(sheet[40:180].astype(int), axis=-1) > 60 for sheet in (fits, misses)]
    bright = [sheet[40:180, 164:314].mean(axis=-1) > 140 for sheet in (fits, misses)]
    assert orange[0].any() and orange[1].any()
    # Where the mask lies on its disc nothing of it stays plain; beside it all does.
    plain = [(b & ~o[:, 164:314]).mean() for b, o in zip(bright, orange, strict=True)]
    assert plain[0] < 0.01 < 0.05 < plain[1]


def test_training_on_ones_own_writes_the_sheet_and_lists_what_is_there(
    trained, tmp_path, capsys
):
    data, run = trained
    assert Image.open(run / "masks.png").mode == "RGB"
    arguments = ["train", "--config", str(run / "config.json"), "--data", str(data)]
    assert main([*arguments, "--fold", "all", "--folder", "whole"]) == 0
    said = capsys.readouterr().out
    assert "whole: model.pt, config.json, log.jsonl, masks.png\n" in said


def test_reading_options_are_for_own_images_and_reach_them(tmp_path, capsys):
    data = write_folder(tmp_path / "odd", values=(0, 1, 255))
    (tmp_path / "t.json").write_text(json.dumps(TINY.to_dict()))
    line = failed(capsys, "train", "--data", data)
    assert "void=255 (--void 255)" in line
    train_ = ["train", "--config", "t.json", "--data", str(data), "--folder", "run"]
    assert main([*train_, "--void", "255"]) == 0
    assert main(["evaluate", "run", "--data", str(data), "--void", "255"]) == 0
    assert "2 classes" in capsys.readouterr().out
    line = failed(capsys, "train", "--data", "membranes", "--void", "255")
    assert "--void: only for images of your own" in line
    assert "no masks to learn from" in failed(capsys, "train", "--data", data / "images")


def test_two_configs_of_one_name_are_two_runs(tmp_path):
    from unet_teach.cli.parser import make_parser

    names = []
    for place, seed in (("a", 0), ("b", 0), ("b", 1)):
        (tmp_path / place).mkdir(exist_ok=True)
        config = replace(TINY, lr=0.01 * (seed + 1))
        (tmp_path / place / "config.json").write_text(json.dumps(config.to_dict()))
        options = make_parser().parse_args(["train", "--config", f"{place}/config.json"])
        names.append(cli_train.run_name(options, cli_train.chosen_config(options), "x"))
    assert len(set(names)) == 3


def test_ones_own_train_folder_is_not_a_damaged_isbi(tmp_path, capsys):
    data = write_folder(tmp_path / "mine")
    (data / "images").rename(data / "train")
    (data / "masks").rename(data / "labels")
    assert load_data(str(data))[0].name == "own images in mine, 4 slices"
    assert "images: " in capsys.readouterr().out
    for file in (data / "train").iterdir():  # as large as the challenge's: then it may be one
        Image.open(file).resize((512, 512)).save(file)
    line = failed(capsys, "train", "--data", data)
    assert "damaged or another volume" in line and "images/ and masks/" in line


# ---------------------------------------------------------------- evaluate


def test_evaluate_judges_what_was_held_out_as_the_library_does(trained, capsys):
    data, run = trained
    assert main(["evaluate", str(run), "--data", str(data), "--json", "out.json"]) == 0
    said = capsys.readouterr().out
    held_out = load_folder(data).select([2, 3])
    expected = score(held_out.labels, probabilities(load_model(run), held_out))
    figures = json.loads(open("out.json").read())
    assert figures["scores"]["v_rand"] == expected.v_rand and "slices 2–3" in said
    assert figures["scores"] == json.loads((run / "scores.json").read_text())  # one judge
    assert "trained on" not in said


def test_evaluate_says_where_it_was_trained_on_the_slices(trained, capsys):
    data, run = trained
    assert main(["evaluate", str(run), "--data", str(data), "--fold", "all"]) == 0
    assert "trained on 2 of these 4 slices" in capsys.readouterr().out
    assert main(["evaluate", str(run), "--data", str(data), "--fold", "0"]) == 0
    assert "trained on 2 of these 2 slices" in capsys.readouterr().out
    line = failed(capsys, "evaluate", run, "--data", data, "--fold", 7)
    assert "valid: 0 to 1, or all" in line


def test_other_data_was_not_trained_on(trained, tmp_path, capsys):
    _, run = trained
    other = write_folder(tmp_path / "other", n=3)
    assert main(["evaluate", str(run), "--data", str(other)]) == 0
    said = capsys.readouterr().out
    assert "trained on" not in said and "3 slices" in said


def test_a_run_is_not_judged_on_other_data_unasked(trained, tmp_path, capsys):
    _, run = trained
    line = failed(capsys, "evaluate", run)
    assert "own images in cells, 4 slices" in line and "--data" in line
    whole = shutil.copytree(run, tmp_path / "whole")  # as if nothing had been held out
    config = replace(TINY, fold=None).to_dict()
    (whole / "config.json").write_text(json.dumps(config))
    assert "own images in cells, 4 slices" in failed(capsys, "evaluate", whole)


def test_evaluate_needs_masks_of_as_many_classes(trained, tmp_path, capsys):
    data, run = trained
    assert "no masks" in failed(capsys, "evaluate", run, "--data", data / "images")
    three = write_folder(tmp_path / "three", values=(0, 128, 255))
    line = failed(capsys, "evaluate", run, "--data", three)
    assert "3 classes" in line and "knows 2" in line


def test_checkpoint_of_another_architecture(trained, tmp_path, capsys):
    data, run = trained
    values = torch.load(run / "model.pt", weights_only=True)
    values["network"]["base_channels"] = 4
    torch.save(values, tmp_path / "model.pt")
    line = failed(capsys, "evaluate", tmp_path / "model.pt", "--data", data)
    assert "another architecture" in line
    (tmp_path / "model.pt").write_bytes(b"nonsense")
    assert "damaged" in failed(capsys, "evaluate", tmp_path / "model.pt", "--data", data)
    assert "isbi, membranes" in failed(capsys, "evaluate", "unknown", "--data", data)


# ---------------------------------------------------------------- predict


def test_predict_a_stack_of_16_bits_and_odd_size(trained, tmp_path, capsys):
    _, run = trained
    pixels = np.random.default_rng(1).integers(0, 60000, (3, 37, 50)).astype(np.uint16)
    first, *others = [Image.fromarray(page) for page in pixels]
    first.save("stack.tif", save_all=True, append_images=others)
    arguments = ["stack.tif", "--out", "out", "--threshold", "0.4", "--device", "cpu"]
    assert main(["predict", str(run), *arguments]) == 0
    with Image.open("out/stack_probability.tif") as image:
        pages = [np.array(page) for page in ImageSequence.Iterator(image)]
        assert image.tag_v2[339] in (3, (3,))  # SampleFormat: IEEE floating point
    assert [(p.shape, p.dtype) for p in pages] == [((37, 50), np.float32)] * 3
    model = load_model(run)
    for index, page in enumerate(load_folder("stack.tif").images):
        expected = predict(model, page)[1]
        np.testing.assert_allclose(pages[index], expected, atol=1e-6)
        mask = np.asarray(Image.open(f"out/stack_{index}_mask.png"))
        np.testing.assert_array_equal(mask, np.where(pages[index] > 0.4, 255, 0))
        assert Image.open(f"out/stack_{index}_overlay.png").size == (50, 37)


def test_predict_never_overwrites_unasked(trained, capsys):
    data, run = trained
    arguments = ["predict", str(run), str(data / "images" / "0.png")]
    assert main(arguments) == 0
    before = open("predictions/0_mask.png", "rb").read()
    assert "--force" in failed(capsys, *arguments)
    assert main([*arguments, "--force", "--threshold", "0.99"]) == 0
    assert open("predictions/0_mask.png", "rb").read() != before


def test_a_bad_image_costs_that_image_alone(trained, tmp_path, capsys):
    data, run = trained
    folder = tmp_path / "mixed"
    folder.mkdir()
    shutil.copy(data / "images" / "0.png", folder / "good.png")
    (folder / "torn.png").write_bytes((data / "images" / "1.png").read_bytes()[:100])
    pixels = np.ones((40, 40), np.float32)
    pixels[3, 5] = np.nan
    Image.fromarray(pixels).save(folder / "nan.tif")
    Image.fromarray(np.zeros((1, 1), np.uint8)).save(folder / "one_pixel.png")
    shutil.copy(data / "images" / "0.png", tmp_path / "good.png")
    (tmp_path / "empty").mkdir()
    named = [folder, "missing.png", "empty", "good.png"]
    assert main(["predict", str(run), *map(str, named)]) == 1
    said = capsys.readouterr()
    lines = said.err.strip().splitlines()
    assert len(lines) == 5
    for words in ("torn.png", "nan.tif has 1 pixels", "missing.png", "empty has no images"):
        assert any(words in line for line in lines), words
    assert any("has the name of" in line for line in lines)
    assert "2 done, 5 failed" in said.out
    assert sorted(p.name for p in (tmp_path / "predictions").glob("*.tif")) == [
        "good_probability.tif",
        "one_pixel_probability.tif",
    ]


def test_an_image_smaller_than_the_context_is_mirrored(tmp_path):
    """A valid network of depth 2 loses 40 pixels; a 20-pixel image must not stop it."""
    from unet_teach.models.unet import UNet

    network = UNetConfig(base_channels=2, depth=2)
    save_model(tmp_path / "model.pt", UNet(network))
    noise = np.random.default_rng(0).integers(0, 255, (20, 23)).astype(np.uint8)
    Image.fromarray(noise).save("small.png")
    assert main(["predict", "model.pt", "small.png", "--average"]) == 0
    assert Image.open("predictions/small_mask.png").size == (23, 20)


def test_an_illegal_tile_names_legal_ones(trained, capsys):
    data, run = trained
    line = failed(capsys, "predict", run, data / "images" / "0.png", "--tile", 33)
    assert "nearest legal sizes" in line


def test_three_classes_have_no_threshold(trained, capsys):
    _, run = trained
    loaded = cli_predict.load_trained(str(run))
    three = replace(loaded, model=UNet(replace(TINY.network, out_channels=3)))
    assert cli_predict.chosen_threshold(None, three)[1] == "the most probable of 3 classes"
    with pytest.raises(Failed, match=r"--threshold 0.3: .* knows 3 classes"):
        cli_predict.chosen_threshold(0.3, three)


def test_weights_that_are_no_numbers_are_refused_before_a_file_is_written(trained, capsys):
    data, run = trained
    values = torch.load(run / "model.pt", weights_only=True)
    values["weights"]["last.bias"][0] = float("nan")
    torch.save(values, "spoilt.pt")
    line = failed(capsys, "predict", "spoilt.pt", data / "images" / "0.png")
    assert "spoilt.pt cannot be used: its weight last.bias holds NaN" in line
    assert not Path("predictions").exists()


def test_what_fails_on_its_third_page_leaves_nothing_and_can_be_tried_again(
    trained, capsys, monkeypatch
):
    _, run = trained
    pages = [Image.fromarray(np.full((20, 20), 9 * i, np.uint8)) for i in range(4)]
    pages[0].save("stack.tif", save_all=True, append_images=pages[1:])
    calls = []

    def fails(*arguments):
        calls.append(arguments)
        if len(calls) == 3:
            raise ValueError("nothing to be had")
        return predict(*arguments)

    monkeypatch.setattr(cli_predict, "predict", fails)
    assert "nothing to be had" in failed(capsys, "predict", run, "stack.tif")
    assert list(Path("predictions").iterdir()) == []
    assert main(["predict", str(run), "stack.tif"]) == 0
    assert len(list(Path("predictions").iterdir())) == 9


@pytest.mark.parametrize("error", [OSError(28, "full"), KeyboardInterrupt()])
def test_what_cannot_be_written_whole_is_not_written(trained, capsys, monkeypatch, error):
    data, run = trained
    image, replaced, written = str(data / "images" / "0.png"), os.replace, []

    def fails(source, target):
        written.append(target)
        if len(written) == 2:
            raise error
        return replaced(source, target)

    monkeypatch.setattr("os.replace", fails)
    assert main(["predict", str(run), image]) != 0
    assert len(written) == 2 and list(Path("predictions").iterdir()) == []
    monkeypatch.undo()


def test_one_map_has_a_threshold_and_a_mask(trained, capsys):
    data, _ = trained
    torch.manual_seed(0)
    model = UNet(replace(TINY.network, out_channels=1))
    save_model(Path("one.pt"), model)
    image = data / "images" / "0.png"
    assert main(["predict", "one.pt", str(image), "--threshold", "0.4"]) == 0
    inside = predict(model, load_folder(image).images[0])[1]
    mask = np.asarray(Image.open("predictions/0_mask.png"))
    np.testing.assert_array_equal(mask, np.where(inside > 0.4, 255, 0))
    assert main(["evaluate", "one.pt", "--data", str(data)]) == 0


def test_a_file_named_twice_is_done_once(trained, capsys):
    data, run = trained
    image = data / "images" / "0.png"
    assert main(["predict", str(run), str(image), str(image), str(image.parent)]) == 0
    assert "4 done, 0 failed" in capsys.readouterr().out


def test_a_page_and_an_image_do_not_write_over_each_other(trained, tmp_path, capsys):
    _, run = trained
    pages = [Image.fromarray(np.full((20, 20), 9 * i, np.uint8)) for i in range(2)]
    (tmp_path / "both").mkdir()
    pages[0].save(tmp_path / "both" / "a.tif", save_all=True, append_images=pages[1:])
    Image.new("L", (40, 40)).save(tmp_path / "both" / "a_0.png")
    line = failed(capsys, "predict", run, tmp_path / "both", "--force")
    assert "a_0.png has the name of" in line and "a.tif" in line
    assert Image.open("predictions/a_0_mask.png").size == (20, 20)


def test_out_of_memory_costs_one_image_and_names_the_remedy(trained, capsys, monkeypatch):
    data, run = trained
    calls = []

    def once(*arguments):
        calls.append(arguments)
        if len(calls) == 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return predict(*arguments)

    monkeypatch.setattr(cli_predict, "predict", once)
    line = failed(capsys, "predict", run, data / "images")
    assert "out of memory on 48 × 48 pixels; try a smaller --tile" in line and len(calls) == 4


def test_a_code_page_without_arrows_stops_nothing(trained, monkeypatch):
    data, run = trained
    page = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(page, encoding="cp1252"))
    assert main(["predict", str(run), str(data / "images" / "0.png")]) == 0
    assert b"\\u2192" in page.getvalue() and b"1 done, 0 failed" in page.getvalue()


def test_side_files_of_another_program_are_passed_over(trained, tmp_path, capsys):
    data, run = trained
    shutil.copy(run / "model.pt", tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "other"}')
    (tmp_path / "scores.json").write_text("[1]")
    assert main(["predict", str(tmp_path / "model.pt"), str(data / "images" / "0.png")]) == 0
    assert "config.json is of no run of ours" in capsys.readouterr().err


def test_a_tilde_of_nobody_is_a_name(trained, capsys):
    _, run = trained
    assert "does not exist" in failed(capsys, "predict", run, "~nobody_of_this_name/a.png")
    assert "no such file" in failed(capsys, "train", "--data", "~nobody_of_this_name")
    assert "no such file" in failed(capsys, "evaluate", "~nobody_of_this_name")


@pytest.mark.parametrize(
    "typed", [["--threshold", "1.5"], ["--device", "abacus"], ["--device", "cpu:x"]]
)
def test_bad_predict_options(typed, trained, capsys):
    data, run = trained
    assert typed[1] in failed(capsys, "predict", run, data / "images" / "0.png", *typed)


def test_the_threshold_of_the_run_is_taken(trained):
    _, run = trained
    known = json.loads((run / "scores.json").read_text())["threshold"]
    loaded = cli_predict.load_trained(str(run))
    assert loaded.threshold == known
    assert cli_predict.chosen_threshold(0.3, loaded)[0] == 0.3
    if known < 1:
        assert cli_predict.chosen_threshold(None, loaded)[0] == known
    assert cli_predict.chosen_threshold(None, replace(loaded, threshold=None))[0] == 0.5


# ---------------------------------------------------------------- doctor


def test_doctor(monkeypatch, capsys):
    ways = {("float32", "contiguous"): 2.0, ("bfloat16", "channels_last"): 0.5}
    monkeypatch.setattr("unet_teach.cli.doctor.timings", lambda device: ways)
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert torch.__version__ in said and "4.0 ×" in said and "can run here" in said
    assert re.search(r"looked in the cache: .*cache", said)


def test_doctor_fails_where_something_is_missing(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(
        "unet_teach.cli.doctor.NEEDED", (("no_such_module", "no-such-package"),)
    )
    assert main(["doctor"]) == 1
    assert "pip install no-such-package" in capsys.readouterr().err
    monkeypatch.undo()


def test_doctor_names_a_package_that_does_not_load(monkeypatch, capsys):
    def broken(name):
        raise OSError(126, "The specified module could not be found")

    monkeypatch.setattr("unet_teach.cli.doctor.import_module", broken)
    assert main(["doctor"]) == 1
    said = capsys.readouterr()
    assert re.search(r"torch +cannot be loaded", said.out)
    assert "torch cannot be loaded ([Errno 126] The specified module" in said.err


def test_doctor_fails_where_the_cache_cannot_be_written(monkeypatch, capsys, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("UNET_TEACH_CACHE", str(tmp_path / "file"))
    ways = {("float32", "contiguous"): 1.0}
    monkeypatch.setattr("unet_teach.cli.doctor.timings", lambda device: ways)
    assert main(["doctor"]) == 1
    assert "UNET_TEACH_CACHE" in capsys.readouterr().err


def test_doctor_times_every_way():
    from unet_teach.cli.doctor import timings

    seconds = timings(torch.device("cpu"), base_channels=2, size=32)
    assert len(seconds) == 4 and all(value > 0 for value in seconds.values())


def test_notes_of_an_unknown_run(capsys):
    class Unknown:
        facts = None

    assert cli_evaluate._note(Unknown(), None, range(3)) == ""
    assert "not known" in capsys.readouterr().err


# ------------------------------------------------------------------ a submission, scored
def test_a_submission_is_scored_where_the_test_labels_are(tmp_path, monkeypatch, capsys):
    from unet_teach.cli import score as cli_score
    from unet_teach.drawing import probability_tiff

    images, labels = two_slices()
    pages = [np.where(label, 0.9, 0.1) for label in labels]
    file = tmp_path / "sent.tif"
    file.write_bytes(probability_tiff(pages))
    stack = Volume(images, labels, "the test stack")
    monkeypatch.setattr(cli_score.isbi, "load_isbi2012", lambda *_a, **_k: stack)
    assert main(["score", str(file)]) == 0
    said = capsys.readouterr().out
    assert "judged on: the test stack" in said and "1.0000" in said
    file.write_bytes(probability_tiff([1 - pages[0], pages[1]]))
    assert main(["score", str(file)]) == 0
    assert "1.0000" not in capsys.readouterr().out.split("V_info")[0]
    file.write_bytes(probability_tiff(pages[:1]))
    assert main(["score", str(file)]) == 1
    assert "has 1 pages" in capsys.readouterr().err


def test_without_test_labels_a_submission_is_not_scored(tmp_path, monkeypatch, capsys):
    from unet_teach.cli import score as cli_score
    from unet_teach.drawing import probability_tiff

    images, _labels = two_slices()
    file = tmp_path / "sent.tif"
    file.write_bytes(probability_tiff([np.full((32, 32), 0.5)] * 2))
    stack = Volume(images, None, "the test stack")
    monkeypatch.setattr(cli_score.isbi, "load_isbi2012", lambda *_a, **_k: stack)
    monkeypatch.setattr(cli_score.isbi, "find_isbi2012", lambda *_a: tmp_path)
    assert main(["score", str(file)]) == 1
    assert "the test labels are not in" in capsys.readouterr().err
    assert main(["score", str(tmp_path / "none.tif")]) == 1


def two_slices():
    """Two images whose two halves are apart."""
    labels = np.ones((2, 32, 32), np.uint8)
    labels[:, 15:17] = 0
    return labels * 200, labels
