"""What every layer of any network gives in one pass, and what each of its pixels saw.

Lesson 09's viewer. `unet_teach.inspection.record` gives one layer's map; here all are
recorded at once, of networks that were not made for it: layers that give tuples or
dictionaries, that are run several times, or that the next one overwrites.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from unet_teach.inspection import AveragePooling, positive_copy
from unet_teach.models.outputs import peeled, tensors
from unet_teach.models.unet import UNet
from unet_teach.threads import of_this_thread
from unet_teach.tiling import evaluating, with_gradients

OUTPUT = "(output)"  # the name under which the whole network's output is recorded
LIMIT = 512 * 2**20  # bytes of maps that one pass may keep


def record_all(
    model: nn.Module,
    x: Any,
    layers: Iterable[str] | None = None,
    gradients: bool = False,
    limit: int = LIMIT,
) -> dict[str, Tensor]:
    """What every layer gives, from one pass in eval mode, in the order of their starts.

    Parameters
    ----------
    model : any network; its training state is given back as it was
    x : a tensor, or a tuple or dictionary of arguments
    layers : names of `layer_names(model)` to keep; all where none are given
    gradients : keep the graph, so that a gradient can be taken of what was recorded
    limit : so many bytes at most

    Returns
    -------
    dict, name -> tensor of numbers. A layer that is run three times appears as ``relu (1)``
    to ``relu (3)``, one that gives a tuple or a dictionary as ``lstm[0]`` or ``heads['a']``;
    the whole network's output is ``(output)``. What is no tensor is left out, and so are the
    layers of a traced network.

    Raises
    ------
    ValueError
        More bytes than the limit.

    Examples
    --------
    >>> relu = nn.ReLU(inplace=True)
    >>> model = nn.Sequential(nn.Identity(), relu, nn.Identity(), relu)
    >>> {name: maps.tolist() for name, maps in record_all(model, torch.tensor([-1.0])).items()}
    {'0': [-1.0], '1 (1)': [0.0], '2': [0.0], '1 (2)': [0.0], '(output)': [0.0]}
    """
    wanted = None if layers is None else set(layers)
    recorder = _Recorder(gradients, limit)
    handles = []
    *_wrappers, model = peeled(model)
    if isinstance(model, torch.jit.ScriptModule):
        model = Around(model)
    for name, part in model.named_modules():
        if isinstance(part, torch.jit.ScriptModule):  # takes no hooks: what is around it does
            continue
        if wanted is None or (name or OUTPUT) in wanted:
            handles += recorder.watch(part, name)
    try:
        with evaluating(model, gradients=True), torch.set_grad_enabled(gradients):
            # Cloned: an in-place first layer would overwrite what was given.
            if isinstance(x, dict):
                model(**{key: cloned(value) for key, value in x.items()})
            else:
                model(*map(cloned, x if isinstance(x, tuple) else (x,)))
    finally:
        for handle in handles:
            handle.remove()
    return recorder.found()


class Around(nn.Module):
    """A traced or scripted network in a module that can be watched."""

    def __init__(self, script: nn.Module) -> None:
        super().__init__()
        self.script = script

    def forward(self, *inputs: Any, **named: Any) -> Any:
        return self.script(*inputs, **named)


def cloned(value: Any) -> Any:
    return value * 1 if isinstance(value, Tensor) and value.dtype != torch.bool else value


class _Recorder:
    """Two hooks for each layer: one notes that it starts, one keeps what it gives."""

    def __init__(self, gradients: bool, limit: int) -> None:
        self.gradients, self.limit, self.bytes = gradients, limit, 0
        self.runs: list[tuple[str, dict[str, Tensor]]] = []  # in the order of the starts
        self.open: dict[str, list[dict[str, Tensor]]] = {}  # started and not yet ended
        self.last: Tensor | None = None

    def watch(self, part: nn.Module, name: str) -> list:
        def start(_part: nn.Module, _inputs: tuple) -> None:
            outputs: dict[str, Tensor] = {}
            self.runs.append((name, outputs))
            self.open.setdefault(name, []).append(outputs)

        def end(_part: nn.Module, _inputs: tuple, output: Any) -> None:
            outputs = self.open[name].pop()
            for suffix, tensor in tensors(output):
                outputs[suffix] = self.kept(tensor)

        start, end = of_this_thread(start), of_this_thread(end)
        return [part.register_forward_pre_hook(start), part.register_forward_hook(end)]

    def kept(self, tensor: Tensor) -> Tensor:
        """A copy, made at once: an in-place layer that follows would overwrite it."""
        if not self.gradients:
            tensor = tensor.detach()
            last = self.last  # a container gives what its last part gave: keep that once
            if last is not None and last.shape == tensor.shape and torch.equal(last, tensor):
                return last
        copied = tensor * 1 if tensor.is_floating_point() else tensor.float()
        self.bytes += copied.numel() * copied.element_size()
        if self.bytes > self.limit:
            raise ValueError(
                f"the maps take more than {self.limit / 2**20:.0f} MB; give a smaller image, "
                "or fewer images at once"
            )
        self.last = copied
        return copied

    def found(self) -> dict[str, Tensor]:
        times: dict[str, int] = {}
        for name, _outputs in self.runs:
            times[name] = times.get(name, 0) + 1
        named, done = {}, dict.fromkeys(times, 0)
        # The whole network starts first; its output belongs at the end.
        for name, outputs in sorted(self.runs, key=lambda run: run[0] == ""):
            done[name] += 1
            call = f" ({done[name]})" if times[name] > 1 else ""
            for suffix, tensor in outputs.items():
                named[f"{name or OUTPUT}{call}{suffix}"] = tensor
        return named


def channels_of(tensor: Tensor) -> Tensor:
    """The first image's channels, as maps (C, H, W), whatever the layer gives.

    (B, C, H, W) as usual; of (B, C, D, H, W) the middle slice; (B, N, D) is one map, and
    (B, F) are F maps of one pixel.

    Examples
    --------
    >>> shapes = (2, 8, 5, 6), (2, 8, 3, 5, 6), (2, 10, 4), (2, 7), (3,), ()
    >>> [tuple(channels_of(torch.zeros(shape)).shape) for shape in shapes]
    [(8, 5, 6), (8, 5, 6), (1, 10, 4), (7, 1, 1), (3, 1, 1), (1, 1, 1)]
    """
    if tensor.ndim < 2:
        return tensor.reshape(-1, 1, 1)
    first = tensor[0]
    if first.ndim == 1:
        return first[:, None, None]
    if first.ndim == 2:
        return first[None]
    if first.ndim == 4:
        return first[:, first.shape[1] // 2]
    return first.flatten(0, -3)


class Fields:
    """The measured receptive field of every pixel of every layer of a network.

    As `measured_receptive_field`: a copy with positive weights and average pooling looks at a
    white image once, and the graph is kept. Then each field takes one gradient. The field of
    a `UNet` does not depend on its channels, so a copy with one channel is measured.

    Parameters
    ----------
    model : any network; it is not changed
    x : what it is run on; the first image in it is looked at
    record : gives the maps by name, as `record_all`

    Examples
    --------
    >>> model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.MaxPool2d(2))
    >>> fields = Fields(model, torch.rand(1, 1, 8, 8))
    >>> fields.box("0", 1, 1), fields.box("1", 1, 1)
    ((1, 3, 1, 3), (2, 5, 2, 5))
    """

    @with_gradients()
    def __init__(self, model: nn.Module, x: Any, record: Callable = record_all) -> None:
        self._maps: dict[str, Tensor] = {}
        self._white: Tensor | None = None
        self._boxes: dict[tuple, tuple[tuple[int, int, int, int] | None, str]] = {}
        self._why = ""  # no field of this network can be measured
        if not isinstance(x, Tensor) or x.ndim != 4 or not x.is_floating_point():
            self._why = "the input is no image, (B, C, H, W)"
            return
        *_wrappers, model = peeled(model)
        if type(model) is UNet:
            with torch.random.fork_rng(devices=[]):
                model = UNet(replace(model.config, base_channels=1))
        try:
            white = torch.ones_like(x[:1], dtype=torch.float64, device="cpu").requires_grad_()
            with AveragePooling():
                recorded = record(positive_copy(model), white, gradients=True)
        except Exception as error:  # any network is welcome, also one that cannot be copied
            self._why = _first_line(error)
            return
        self._white, self._maps = white, recorded

    def box(self, layer: str, row: int, column: int) -> tuple[int, int, int, int] | None:
        """First and last row, first and last column of the input that this pixel saw.

        None where it cannot be measured; `why` says why.
        """
        return self._known(layer, row, column)[0]

    def why(self, layer: str, row: int, column: int) -> str:
        """A sentence where this pixel has no field: an input that is no image, a layer that
        breaks the gradient. "" where it has one.
        """
        return self._known(layer, row, column)[1]

    def _known(self, *key: Any) -> tuple[tuple[int, int, int, int] | None, str]:
        if key not in self._boxes:
            try:
                found = None if self._why else self._measured(*key)
                why = self._why or ("" if found else "no gradient gets from here to the input")
            except RuntimeError as error:
                found, why = None, f"torch gives no gradient: {_first_line(error)}"
                if "use_reentrant" in str(error):
                    why = (
                        "a checkpoint with use_reentrant=True keeps the gradient to itself; "
                        "with use_reentrant=False the field can be measured"
                    )
            self._boxes[key] = found, why
        return self._boxes[key]

    @with_gradients()
    def _measured(self, layer: str, row: int, column: int) -> tuple | None:
        recorded = self._maps.get(layer)
        if recorded is None or not recorded.requires_grad:
            return None
        pixel = channels_of(recorded)[:, row, column].sum()
        (gradient,) = torch.autograd.grad(
            pixel, self._white, retain_graph=True, allow_unused=True
        )
        if gradient is None or not gradient.any():
            return None
        seen = gradient[0].ne(0).any(dim=0)  # (H, W)
        rows, columns = (seen.any(dim=axis).nonzero().flatten() for axis in (1, 0))
        return tuple(int(side[end]) for side in (rows, columns) for end in (0, -1))


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
