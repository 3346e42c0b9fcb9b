"""Exercises that ask for a module: two that compute the same are given the same numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from unet_teach.exercises.agreement import kind
from unet_teach.exercises.exercise import Told
from unet_teach.translation import _

_DRAWS = _(
    "The same image comes out differently each time: there is a dropout, or something else "
    "that draws at random, and the paper's sentence names none."
)


def on_known_numbers(
    module: Any, x: Tensor, wrong: Callable[[nn.Module, list[nn.Module]], str]
) -> Any:
    """What a module computes of `x` once every parameter has known numbers.

    Which layer comes first is asked of a first pass, not of the order in which they were
    registered. What this pass shows besides, and numbers would not tell, is said here.

    Parameters
    ----------
    wrong : given the module and its layers in the order of their use, says in words what is
        against it; "" where nothing is

    Raises
    ------
    Told
        It is no module, has nothing to learn, or draws at random; or what `wrong` says.
    """
    if not isinstance(module, nn.Module):
        raise Told(
            _("Return one module, for example nn.Sequential(...); this is {kind}.").format(
                kind=kind(module)
            )
        )
    used: list[nn.Module] = []
    for layer in module.train().modules():
        if list(layer.parameters(recurse=False)):
            layer.register_forward_pre_hook(lambda layer, _inputs: used.append(layer))
    before = module(x)
    if not isinstance(before, Tensor):
        return before
    if words := _nothing_to_learn(module) or wrong(module, used):
        raise Told(words)
    if not all(torch.equal(module(x), before) for _again in range(3)):
        raise Told(_DRAWS)
    _put_numbers_in(module, used)
    out = module(x)
    if not out.requires_grad:
        raise Told(
            _("No gradient would reach your weights: is there a `no_grad` or `detach` in "
              "`forward`?")
        )  # fmt: skip
    return out.detach()


def unasked(module: nn.Module, norm: str, bias: str) -> str:
    """In words, the first layer that no sentence of the paper asks for; "" where there is none.

    Parameters
    ----------
    norm : what is said of a normalisation, with a hole for its ``{name}``
    bias : what is said of a convolution that has none
    """
    for layer in module.modules():
        if isinstance(layer, (nn.GroupNorm, nn.LayerNorm, nn.modules.batchnorm._NormBase)):
            return norm.format(name=type(layer).__name__)
        if isinstance(layer, nn.modules.dropout._DropoutNd):
            return _DRAWS
        if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)) and layer.bias is None:
            return bias
    return ""


def _nothing_to_learn(module: nn.Module) -> str:
    if list(module.parameters()):
        return ""
    return _(
        "Torch finds no parameters in your module: it doesn't see layers in a plain list, "
        "nor layers that are made in `forward`. Use nn.Sequential or nn.ModuleList, or "
        "give each layer a name in `__init__`."
    )


def _put_numbers_in(module: nn.Module, used: list[nn.Module]) -> None:
    """The nth parameter of a shape, in the order of use, always gets the same numbers."""
    in_order = [own for layer in used for own in layer.parameters(recurse=False)]
    drawn: dict[tuple[int, ...], torch.Generator] = {}
    with torch.no_grad():
        for parameter in dict.fromkeys([*in_order, *module.parameters()]):
            size = tuple(parameter.shape)
            own = drawn.setdefault(size, torch.Generator().manual_seed(sum(size)))
            parameter.copy_(torch.randn(size, generator=own) / 3)
