"""Networks of any make: what they are wrapped in, and where their logits are."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parallel import DataParallel, DistributedDataParallel
from torch.optim.swa_utils import AveragedModel

from unet_teach.config import UNetConfig

WRAPPERS = ("module", "_orig_mod")  # what stands before names: DataParallel's, torch.compile's
NAMED = ("['logits']", "['out']")  # Hugging Face's and torchvision's name for the logits


def peeled(model: nn.Module) -> Iterator[nn.Module]:
    """The model, what it wraps, what that wraps: `DataParallel` and `torch.compile` do.

    Examples
    --------
    >>> [type(part).__name__ for part in peeled(nn.DataParallel(nn.ReLU()))]
    ['DataParallel', 'ReLU']
    """
    while model is not None:
        yield model
        inside = isinstance(model, (DataParallel, DistributedDataParallel, AveragedModel))
        model = model.module if inside else getattr(model, "_orig_mod", None)


def config_of(model: nn.Module) -> UNetConfig:
    """The `UNetConfig` of a network, also of a wrapped one.

    Raises
    ------
    ValueError
        No network, or one without a `UNetConfig`.
    """
    if not isinstance(model, nn.Module):
        kind = model.__name__ if isinstance(model, type) else f"a {type(model).__name__}"
        raise ValueError(f"model is {kind}; give a network, an object of an nn.Module's class")
    parts = (*peeled(model), getattr(model, "module", None))  # the last: any other wrapper
    configs = [getattr(part, "config", None) for part in parts]
    found = next((config for config in configs if isinstance(config, UNetConfig)), None)
    if found is None:
        kind = next((type(c).__name__ for c in configs if c is not None), None)
        what = f"a config of another kind ({kind})" if kind else "no config"
        raise ValueError(
            f"{type(model).__name__} has {what}; say what the network takes and gives with "
            "config=UNetConfig(…)"
        )
    return found


def tensors(output: Any, suffix: str = "") -> Iterator[tuple[str, Tensor]]:
    """Every tensor of real numbers in an output, with the place where it stands.

    Examples
    --------
    >>> [place for place, _t in tensors((torch.ones(1), {"a": torch.ones(2), "b": None}))]
    ['[0]', "[1]['a']"]
    """
    if isinstance(output, Tensor):
        if output.numel() and not output.is_complex():
            yield suffix, output
        return
    if isinstance(output, Mapping):
        items = output.items()
    elif dataclasses.is_dataclass(output) or isinstance(output, SimpleNamespace):
        items = vars(output).items()
    elif hasattr(output, "_asdict"):  # a named tuple
        items = output._asdict().items()
    else:
        items = enumerate(output) if isinstance(output, (list, tuple)) else ()
    for key, value in items:
        yield from tensors(value, f"{suffix}[{key!r}]")


def logits_of(output: Any) -> Tensor:
    """The logits (B, K, H, W) in what a network gives back.

    A tensor is itself. Of a dictionary, a dataclass or a named tuple it is what is called
    ``logits`` or ``out``; of anything else that holds several maps there is no telling.

    Raises
    ------
    ValueError
        No map or several, or one of whole numbers, which are classes and no logits.

    Examples
    --------
    >>> logits_of({"out": torch.zeros(1, 2, 4, 4), "aux": torch.ones(1, 2, 4, 4)}).sum()
    tensor(0.)
    """
    found = dict(tensors(output))
    maps = {place: tensor for place, tensor in found.items() if tensor.ndim == 4}
    places = [place for place in NAMED if place in maps] or list(maps)
    kind = type(output).__name__
    if len(places) != 1:
        listed = ", ".join(f"{k} {tuple(t.shape)}".strip() for k, t in found.items())
        holds = f": {listed}" if listed else ""
        number = "several maps" if places else "no map (B, K, H, W)"
        raise ValueError(
            f"the network's output, a {kind}, holds {number} of real numbers{holds}; wrap it "
            "in a module whose forward returns the logits alone, one tensor (B, K, H, W)"
        )
    logits = maps[places[0]]
    if not logits.is_floating_point():
        raise ValueError(
            f"the network gives {logits.dtype}: these are classes, not logits; leave its "
            "argmax or threshold out"
        )
    return logits


def class_logits(logits: Tensor) -> Tensor:
    """One map of logits for each class: a single map is that of class 1, against 0 for class 0.

    So ``softmax`` over what this gives is the sigmoid of a single map, and every loss and
    score treats a network of one map like one of two.

    Parameters
    ----------
    logits : (B, K, H, W)

    Returns
    -------
    Tensor (B, max(K, 2), H, W)

    Examples
    --------
    >>> z = torch.tensor([[[[0.0, 2.0]]]])
    >>> torch.equal(class_logits(z).softmax(dim=1)[:, 1:], z.sigmoid())
    True
    """
    return torch.cat([torch.zeros_like(logits), logits], 1) if logits.shape[1] == 1 else logits


def not_finite(weights: Mapping[str, Tensor]) -> str | None:
    """The name of the first weight that holds NaN or infinity; None where all are numbers.

    Examples
    --------
    >>> not_finite({"a": torch.ones(2), "b": torch.tensor([1.0, float("nan")])})
    'b'
    """
    each = ((name, w) for name, w in weights.items() if isinstance(w, Tensor))
    return next((n for n, w in each if w.is_floating_point() and not w.isfinite().all()), None)
