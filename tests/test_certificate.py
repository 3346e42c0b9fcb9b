"""The page to keep: it holds what is hers, says no more than is so, and is not lost."""

import re
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from unet_teach.data.membranes import synthetic_membranes
from unet_teach.drawing.pair import Pair
from unet_teach.drawing.svg import escape
from unet_teach.exercises.keeping import read_file
from unet_teach.film import Camera
from unet_teach.lessons.l14_isbi_2012.certificate import certificate
from unet_teach.lessons.l14_isbi_2012.measure import baselines, interval
from unet_teach.training import TIERS, split, train

SMALL = replace(TIERS["check"], steps=3, batch=2, size=48, device="cpu",
                precision="float32", memory_format="contiguous")  # fmt: skip
FORWARD = '''\
from torch.nn import functional as F
import torch


def forward(self, x):
    """Mine & <b>mine</b>."""
    skips = []
    for level, convs in enumerate(self.contract):
        x = convs(F.max_pool2d(x, 2) if level else x)
        skips.append(x)
    for level in reversed(range(len(self.expand))):
        x = self.upsamplers[level](x)
        skip = skips[level]
        d = (skip.shape[-2] - x.shape[-2]) // 2, (skip.shape[-1] - x.shape[-1]) // 2
        skip = skip[..., d[0] : d[0] + x.shape[-2], d[1] : d[1] + x.shape[-1]]
        x = self.expand[level](torch.cat([skip, x], 1))
    return self.last(x)
'''


@pytest.fixture(scope="module")
def volume():
    return synthetic_membranes(10, size=64, seed=0)


@pytest.fixture(scope="module")
def run(volume, tmp_path_factory):
    return train(SMALL, volume, tmp_path_factory.mktemp("run"), watch=Camera())


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The folder that her file is in, or would be."""
    monkeypatch.setenv("UNET_TEACH_MINE", str(tmp_path))
    return tmp_path


def test_it_holds_her_source_and_name_escaped_and_needs_no_other_file(run, volume, folder):
    (folder / "my_unet.py").write_text(FORWARD, encoding="utf-8")
    page = certificate(run, volume, folder / "c.html", "A <b> & co").read_text("utf-8")
    assert escape(FORWARD) in page and "<b>" not in page and "A &lt;b&gt; &amp; co" in page
    assert "<dt>Mine</dt><dd>forward</dd>" in page
    assert "<!--" not in page and not re.search(r'(?:src|href)="(?!data:)', page)
    assert page.count('src="data:image/png') == 6 and page.count('class="seen"') == 1


def test_the_numbers_are_the_run_s_with_their_interval(run, volume, folder):
    page = certificate(run, volume, folder / "c.html").read_text("utf-8")
    mean, low, high = interval(run.scores.v_rand_slices)
    assert f"<td>{mean:.3f}</td><td>{low:.3f} … {high:.3f}</td>" in page
    constant = baselines(split(volume, SMALL)[1])["constant"]
    assert constant.v_info == 0 and f"<td>{constant.v_rand:.3f}</td>" in page


def test_no_word_stands_in_the_page_itself():
    """All are messages, so that each can be translated."""
    room = sys.modules[certificate.__module__]
    page = room.PAGE.read_text(encoding="utf-8").split("</style>")[1]
    said = re.findall(r"[^\W\d_]+", re.sub(r"<!--\w+-->|<[^>]*>|&#\w+;", " ", page))
    assert said == ["V", "rand", "V", "info", "my", "unet", "py"] or said == []
    assert {*room._fixed()} <= {*re.findall(r"<!--(\w+)-->", room.PAGE.read_text("utf-8"))}


def test_it_lies_beside_her_file_or_the_run(run, volume, folder, monkeypatch):
    assert certificate(run, volume) == folder.resolve() / "certificate.html"
    monkeypatch.setenv("UNET_TEACH_MINE", "off")
    assert certificate(run, volume) == run.folder.with_name("certificate.html")


def test_what_ran_is_said_as_it_was(run, volume, folder):
    """A file that is there makes the run of the library's network not hers."""
    file = folder / "my_unet.py"
    file.write_text(FORWARD, encoding="utf-8")
    assert "trained is the library" in certificate(run, volume, folder / "1.html").read_text()
    forward = read_file(file).found["forward"]
    hers = train(SMALL, volume, folder / "run", forward=forward)
    assert "the one in my_unet.py" in certificate(hers, volume, folder / "2.html").read_text()
    weights = hers.model.state_dict()
    for name, weight in run.model.state_dict().items():
        assert torch.equal(weight, weights[name])  # hers computes what the library's does


def test_a_forward_of_one_s_own_is_for_a_unet(volume, folder):
    with pytest.raises(ValueError, match="forward is for the architecture 'unet', not 'fcn'"):
        train(replace(SMALL, architecture="fcn"), volume, folder / "run", forward=print)


def test_it_refuses_to_say_what_is_not_so(run, volume, folder):
    path = folder / "c.html"
    with pytest.raises(ValueError, match="nothing is trained here yet"):
        certificate(replace(run, folder=folder / "nowhere"), volume, path)
    with pytest.raises(ValueError, match="not finished, or no slice was held out"):
        certificate(replace(run, log=run.log[:-1]), volume, path)
    better = replace(run, scores=replace(run.scores, v_rand=1.0))
    with pytest.raises(ValueError, match="the network or the scores are not those in"):
        certificate(better, volume, path)
    with pytest.raises(ValueError, match="trained on other data"):
        certificate(run, synthetic_membranes(10, size=64, seed=1), path)
    assert not path.exists()


def test_a_page_that_is_there_stays(run, volume, folder, monkeypatch):
    path = folder / "c.html"
    path.write_text("hers", encoding="utf-8")
    second = certificate(run, volume, path)
    assert (path.read_text(), second.name) == ("hers", "c-2.html")
    assert certificate(run, volume, path) == second  # the same page is not written again
    assert certificate(run, volume, path, "Ada").name == "c-3.html"

    def full(*_names):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("unet_teach.training.files.os.replace", full)
    with pytest.raises(RuntimeError, match="the disk is full"):
        certificate(run, volume, path, "Grace")
    assert sorted(f.name for f in folder.iterdir()) == ["c-2.html", "c-3.html", "c.html"]


def test_of_isbi_there_is_no_micrograph(run, volume, folder, monkeypatch):
    room = sys.modules[certificate.__module__]
    named = replace(volume, name="ISBI 2012 train, 30 slices")
    shown = []
    monkeypatch.setattr(room, "png_data", lambda pixels: shown.append(pixels) or "data:,")
    small = Pair(0, (0, 0), 64, ((20, 20), (40, 40)))
    monkeypatch.setattr(room, "the_pair", lambda _name: small)
    held_out = split(named, SMALL)[1]
    assert "never trained on" not in room._masks(run, named, held_out)
    assert len(shown) == 4
    for picture in shown:
        assert picture.ndim == 3 or not np.array_equal(picture, held_out.images[0])
