"""Weights saved and loaded again, in a folder of the test's own."""

import json

import pytest
import torch

from unet_teach.config import UNetConfig
from unet_teach.models import UNet, pretrained
from unet_teach.models.pretrained import save_weights, weights_facts

CONFIG = UNetConfig(base_channels=3, depth=2, padding="same", batch_norm=True)


@pytest.fixture
def model():
    torch.manual_seed(0)
    model = UNet(CONFIG)
    for _ in range(5):  # running statistics other than 0 and 1
        model(3 * torch.randn(2, 1, 16, 16) + 1)
    return model


def test_round_trip(model, tmp_path):
    save_weights(model, "tiny", tmp_path / "new", scores={"v_rand": 0.5}, trained_on="noise")
    loaded = pretrained("tiny", tmp_path / "new")
    assert loaded.config == CONFIG and not loaded.training
    for (name, due), got in zip(
        model.state_dict().items(), loaded.state_dict().values(), strict=True
    ):
        assert got.dtype == due.dtype, name
        oracle = due.half().float() if due.is_floating_point() else due
        assert torch.equal(got, oracle), name
    x = torch.randn(1, 1, 16, 16)
    torch.testing.assert_close(loaded(x), model.eval()(x), rtol=0.01, atol=0.01)
    facts = weights_facts("tiny", tmp_path / "new")
    assert facts["scores"] == {"v_rand": 0.5} and facts["trained_on"] == "noise"


def test_file_is_half_precision_and_weights_only(model, tmp_path):
    file = save_weights(model, "tiny", tmp_path)
    state = torch.load(file, weights_only=True)
    assert {v.dtype for v in state.values()} == {torch.float16, torch.int64}


def test_names_live_side_by_side_and_are_replaced(model, tmp_path):
    save_weights(model, "one", tmp_path, note="first")
    save_weights(model, "two", tmp_path)
    save_weights(UNet(CONFIG), "one", tmp_path, note="second")
    assert set(json.loads((tmp_path / "weights.json").read_text())) == {"one", "two"}
    assert weights_facts("one", tmp_path)["note"] == "second"
    assert pretrained("one", tmp_path).config == pretrained("two", tmp_path).config


def test_refuses(model, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"weights\.json is missing"):
        pretrained("tiny", tmp_path)
    file = save_weights(model, "tiny", tmp_path)
    save_weights(model, "other", tmp_path)
    with pytest.raises(
        ValueError, match="no weights named 'big'; valid names: 'other', 'tiny'"
    ):
        pretrained("big", tmp_path)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r"tiny\.pt is damaged or another file: its sha256"):
        pretrained("tiny", tmp_path)
    file.unlink()
    with pytest.raises(FileNotFoundError, match=r"tiny\.pt is missing"):
        pretrained("tiny", tmp_path)
    with pytest.raises(ValueError, match="'sha256' is written by save_weights itself"):
        save_weights(model, "tiny", tmp_path, sha256="0")
    with torch.no_grad():
        model.last.weight[0, 0] = 1e6
    with pytest.raises(ValueError, match=r"last\.weight is not finite in float16"):
        save_weights(model, "tiny", tmp_path)


def test_the_packages_own_weights():
    """Each listed name loads, is what its sha256 says, and runs."""
    try:
        weights_facts("isbi")
    except FileNotFoundError:
        pytest.skip("no weights are packaged yet")
    for name in ("isbi", "membranes"):
        model = pretrained(name)
        step = 2**model.config.depth
        with torch.no_grad():
            assert torch.isfinite(model(torch.zeros(1, 1, 2 * step, 2 * step))).all()
