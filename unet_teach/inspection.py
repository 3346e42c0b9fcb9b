"""Looking inside a network: the map that a layer gives, and the pixels that an output saw.

Lesson 02 measures the receptive field with `measured_receptive_field`, lesson 09 looks at
feature maps with `record`.
"""

from __future__ import annotations

import copy
import difflib

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from unet_teach.config import whole
from unet_teach.models.outputs import logits_of, peeled
from unet_teach.threads import of_this_thread
from unet_teach.tiling import evaluating, with_gradients


def layer_names(model: nn.Module) -> list[str]:
    """The names that `record` takes, in the order in which the layers were made.

    Examples
    --------
    >>> layer_names(nn.Sequential(nn.Conv2d(1, 1, 3), nn.ReLU()))
    ['0', '1']
    """
    *_wrappers, model = peeled(model)
    # A ModuleList only holds its parts, and is never called.
    lists = (nn.ModuleList, nn.ModuleDict, nn.ParameterList, nn.ParameterDict)
    return [n for n, part in model.named_modules() if n and not isinstance(part, lists)]


def record(model: nn.Module, x: Tensor, layer: str) -> Tensor:
    """What one layer gives when the model is run on x, in eval mode.

    Parameters
    ----------
    model : any network; its training state is given back as it was
    x : (B, C, H, W)
    layer : one of `layer_names(model)`

    Returns
    -------
    Tensor, the layer's output: feature maps (B, C', H', W'), detached. Where the layer is
    run several times in one pass, the last time counts.

    Raises
    ------
    ValueError
        An unknown layer (lists the names), or one that this pass did not run.

    Examples
    --------
    >>> model = nn.Sequential(nn.Identity(), nn.ReLU(inplace=True))
    >>> record(model, torch.tensor([-1.0, 2.0]), "0")  # before the ReLU overwrote it
    tensor([-1.,  2.])
    """
    *_wrappers, model = peeled(model)
    if isinstance(dict(model.named_modules()).get(layer, model), torch.jit.ScriptModule):
        raise ValueError(
            "a traced or scripted network does not show its layers; give the network that it "
            "was made from"
        )
    names = layer_names(model)
    if layer not in names:
        close = difflib.get_close_matches(str(layer), names, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise ValueError(f"no layer {layer!r}; {hint}valid layers: {', '.join(names)}")
    seen = []

    def keep(part: nn.Module, inputs: tuple, output: Tensor) -> None:
        if not isinstance(output, Tensor):
            kind = type(output).__name__
            raise ValueError(
                f"layer {layer!r} gives a {kind}, not one tensor; record its parts"
            )
        # Cloned at once: an in-place ReLU that follows would overwrite what we keep.
        seen.append(output.detach().clone())

    handle = model.get_submodule(layer).register_forward_hook(of_this_thread(keep))
    try:
        with evaluating(model):
            # Cloned: an in-place first layer would overwrite the caller's image.
            model(x.clone())
    finally:
        handle.remove()
    if not seen:
        raise ValueError(f"layer {layer!r} was not run in this pass")
    return seen[-1].clone()  # outside inference mode: a tensor like any other


@with_gradients()
def influence(model: nn.Module, x: Tensor, pixel: tuple[int, int]) -> np.ndarray:
    """How much each input pixel changes one output pixel: abs of the gradient.

    ``Σ_c |∂ Σ_k logits[0, k, row, column] / ∂ x[0, c, ·, ·]|``, the *effective* receptive
    field (Luo et al. 2016) of this model, with its weights, on this image, in eval mode.

    Parameters
    ----------
    model : (1, C, H, W) to (1, K, h, w)
    x : (1, C, H, W)
    pixel : (row, column) in the output

    Returns
    -------
    float array (H, W)

    Raises
    ------
    ValueError
        A pixel outside the output, or more than one image.

    Examples
    --------
    >>> mean = nn.AvgPool2d(2)
    >>> influence(mean, torch.zeros(1, 1, 2, 4), (0, 1))
    array([[0.  , 0.  , 0.25, 0.25],
           [0.  , 0.  , 0.25, 0.25]], dtype=float32)
    """
    if x.ndim != 4 or x.shape[0] != 1:
        raise ValueError(f"x has shape {tuple(x.shape)}; valid: one image, (1, C, H, W)")
    if any(p.is_inference() for p in model.parameters()):  # made under `inference_mode`
        model = copy.deepcopy(model)
    x = x.detach().clone().requires_grad_()
    with evaluating(model, gradients=True):
        # (1, K, h, w); × 1: a leaf must not be overwritten in place
        logits = logits_of(model(x * 1))
        row, column = pixel
        height, width = logits.shape[-2:]
        if not (0 <= row < height and 0 <= column < width):
            raise ValueError(
                f"pixel {tuple(pixel)} is outside the output; valid: rows 0..{height - 1}, "
                f"columns 0..{width - 1}"
            )
        (gradient,) = torch.autograd.grad(logits[0, :, row, column].sum(), x)
    return gradient[0].abs().sum(dim=0).cpu().numpy()  # (C, H, W) -> (H, W)


def measured_receptive_field(
    model: nn.Module, size: int | tuple[int, int], pixel: tuple[int, int]
) -> np.ndarray:
    """Which input pixels can change one output pixel: above 0 where they can.

    The gradient of the model as it is leaves pixels out: a max pooling passes the gradient to
    one pixel of four, a ReLU to none where it is shut, and positive and negative weights
    cancel. So a copy is measured, in float64, with average pooling in place of max and with
    positive weights, on a white image: then every ReLU is open and every path adds.

    The field does not depend on the channels: measure a config with ``base_channels=1``,
    which takes a fraction of a second where 64 take minutes.

    Parameters
    ----------
    model : with a `config`, or any network for one channel; it is not changed
    size : of the input, side or (height, width)
    pixel : (row, column) in the output

    Returns
    -------
    float64 array (height, width); the original U-Net's field is 188 or 204 pixels wide

    Examples
    --------
    >>> model = nn.Sequential(nn.Conv2d(1, 1, 3), nn.MaxPool2d(2))
    >>> (measured_receptive_field(model, 8, (1, 1)) > 0).any(axis=0).astype(int)
    array([0, 0, 1, 1, 1, 1, 0, 0])
    """
    sides = (size, size) if np.ndim(size) == 0 else size
    height, width = (whole("size", side, 1) for side in sides)
    *_, inner = peeled(model)
    channels = getattr(getattr(inner, "config", None), "in_channels", 1)
    white = torch.ones(1, channels, height, width, dtype=torch.float64)
    with AveragePooling():
        return influence(positive_copy(model), white, pixel)


def positive_copy(model: nn.Module) -> nn.Module:
    """The model in float64 with positive weights: every path from input to output adds.

    Raises
    ------
    ValueError
        A traced network: its max poolings are out of reach for `AveragePooling`.
    """
    *_, model = peeled(model)
    if any(isinstance(part, torch.jit.ScriptModule) for part in model.modules()):
        raise ValueError(
            "the field of a traced network cannot be measured, because its max poolings cannot "
            "be exchanged for average ones; give the network that was traced"
        )
    model = copy.deepcopy(model).double().cpu()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            # All alike and summing to 1 or so, so that no number under- or overflows.
            scale = 1 / parameter[0].numel() if parameter.ndim > 1 else 1
            parameter.fill_(0 if name.endswith("bias") else scale)
        for part in model.modules():
            if isinstance(part, nn.modules.batchnorm._BatchNorm):
                part.reset_running_stats()  # mean 0 and variance 1: a batch norm that is not
    return model


class AveragePooling(TorchFunctionMode):
    """While this is on, every max pooling, module or function, averages instead."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs, name = kwargs or {}, getattr(function, "__name__", "")
        if name in ("max_pool2d", "_max_pool2d", "boolean_dispatch"):
            return _average_pool2d(*args, **kwargs)
        if name in ("adaptive_max_pool2d", "_adaptive_max_pool2d"):
            return _adaptive_average_pool2d(*args, **kwargs)
        if "max_pool" in name:  # left as it is, it would hide pixels
            raise ValueError(f"the field of a network with {name} cannot be measured")
        return function(*args, **kwargs)


def _average_pool2d(
    x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False
):
    if dilation not in (1, (1, 1)) or return_indices:
        raise ValueError("a max pooling with dilation or indices has no average counterpart")
    return F.avg_pool2d(x, kernel_size, stride, padding, ceil_mode)


def _adaptive_average_pool2d(x, output_size, return_indices=False):
    if return_indices:
        raise ValueError("a max pooling with indices has no average counterpart")
    return F.adaptive_avg_pool2d(x, output_size)
