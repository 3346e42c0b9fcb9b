"""One pass of any network as a graph: what every step gave, and what it was made from.

Two ears listen. A `TorchFunctionMode` hears each torch function that the network calls, also
those that no module stands for: ``F.relu``, ``torch.cat``, ``a + b``. Hooks say inside of which
module that was, take torch's own modules as one step, and hear what the mode cannot: scripted
modules and functions with a gradient of their own. `torch.fx` and `torch.export` would give a
graph, too, but fail on code that branches on numbers; this runs whatever runs. It stands in
this room because no other lesson needs it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch._C import DisableTorchFunction
from torch.overrides import TorchFunctionMode

from unet_teach.lessons.l09_look_inside.maps import LIMIT, Around, cloned
from unet_teach.models.outputs import peeled, tensors
from unet_teach.threads import of_this_thread
from unet_teach.tiling import evaluating

# Functions that give the same numbers in another form: no step of their own.
PLUMBING = frozenset(
    "get view reshape flatten unflatten permute transpose contiguous to float half bfloat16 "
    "double type type_as detach clone chunk split tensor_split unbind unsqueeze squeeze "
    "getitem narrow select expand expand_as movedim swapaxes view_as requires_grad_ t cpu cuda "
    "repeat identity rearrange as_strided".split()
)
CUTS_OUT = frozenset(("getitem", "narrow"))  # of a picture: a crop, which is a step
ARITHMETIC = ("add", "sub", "mul", "truediv", "div", "matmul")


@dataclass
class Step:
    """One step of a pass."""

    name: str  # of its module, or of the function with the module around it
    kind: str  # "Conv2d", "cat", …
    parents: list[int]  # the steps whose outputs went in
    maps: Tensor  # what it gave for the first image: a copy
    module: nn.Module | None = None  # torch's own, where it is one


@dataclass
class Trace:
    """All steps of a pass, in order; the first are the inputs."""

    steps: list[Step]
    output: Any  # what the network gave back
    outputs: dict[str, int]  # place in the output -> the step that made it
    note: str = ""  # what could not be recorded
    random: bool = False  # whether the pass drew random numbers, as far as was asked

    def number(self, name: str) -> int | None:
        """The step of this name; of a block's name the last step inside."""
        exact = [n for n, step in enumerate(self.steps) if step.name == name]
        inside = [n for n, step in enumerate(self.steps) if step.name.startswith(f"{name}.")]
        return next(iter(exact or inside[-1:]), None)


def traced(
    model: nn.Module, x: Any, edits: Sequence = (), cuts: Sequence = (),
    gradients: bool = False, seeded: bool = True,
) -> Trace:  # fmt: skip
    """Run a network once, in eval mode, and record the graph; it comes back as it was.

    Parameters
    ----------
    model : any network
    x : a tensor, or a tuple or dictionary of arguments
    edits : [step's name, channel or −1 for all, percent]: scaled before anyone reads it
    cuts : [step's name, name of a join]: what goes from the one into the other is 0
    gradients : keep the graph of the gradient
    seeded : the same random numbers each time. Torch has one source of them for all threads,
        so a cell that draws beside would be disturbed

    Raises
    ------
    Exception
        Whatever the network raises.
    ValueError
        More maps than fit.

    Examples
    --------
    >>> class Twice(nn.Module):
    ...     def forward(self, x):
    ...         return torch.cat([x.relu(), -x], dim=1)
    >>> seen = traced(Twice(), torch.tensor([[1.0, -2.0]]))
    >>> [(step.name, step.parents) for step in seen.steps]
    [('input', []), ('relu', [0]), ('neg', [0]), ('cat', [1, 2])]
    >>> traced(Twice(), torch.tensor([[1.0, -2.0]]), cuts=[["neg", "cat"]]).output.tolist()
    [[1.0, 0.0, -0.0, 0.0]]
    """
    try:
        return _run(Recorder(edits, cuts, gradients), model, x, seeded)
    except Exception as first:  # the mode itself may be in the way: what do modules alone give?
        if isinstance(first, TooMuch):
            raise
        found = _run(Recorder(edits, cuts, gradients, functions=False), model, x, seeded)
        found.note = str(first) or type(first).__name__
        return found


class TooMuch(ValueError):
    """The maps take more memory than they may."""


def _run(recorder: Recorder, model: nn.Module, x: Any, seeded: bool) -> Trace:
    *_wrappers, model = peeled(model)
    if isinstance(model, torch.jit.ScriptModule):
        model = Around(model)
    named = isinstance(x, dict)
    given = [cloned(value) for value in (x.values() if named else [x] if not
             isinstance(x, tuple) else x)]  # fmt: skip
    with ExitStack() as stack:
        before = stack.enter_context(unchanged(model, seeded))
        stack.enter_context(evaluating(model, gradients=True))
        stack.enter_context(torch.set_grad_enabled(recorder.gradients))
        if any(hasattr(part, "_orig_mod") for part in model.modules()):
            stack.enter_context(torch.compiler.set_stance("force_eager"))
        for name, part in model.named_modules():
            if not isinstance(part, torch.jit.ScriptModule):  # it takes no hooks
                for handle in recorder.watch(part, name):
                    stack.callback(handle.remove)
        for tensor in (t for value in given for _place, t in tensors(value)):
            recorder.step("input", None, [], tensor)
        if recorder.functions:
            stack.enter_context(recorder)
        output = model(**dict(zip(x, given, strict=True))) if named else model(*given)
        random = seeded and not torch.equal(torch.random.get_rng_state(), before)
    found = dict(tensors(output))
    return Trace(recorder.steps, output, {
        place: number for place, tensor in found.items()
        if (number := recorder.source(tensor)) is not None
    }, random=random)  # fmt: skip


@contextmanager
def unchanged(model: nn.Module, seeded: bool) -> Iterator[Tensor | None]:
    """Buffers and torch's random numbers are afterwards as they were before.

    Gives the random numbers' first state, where they are `seeded`.
    """
    kept = [(part, name, buffer, buffer.clone()) for part in model.modules()
            for name, buffer in part._buffers.items() if buffer is not None]  # fmt: skip
    try:
        with torch.random.fork_rng(devices=[], enabled=seeded):
            if seeded:
                torch.manual_seed(0)  # dropout that is always on: the same pixels each time
            yield torch.random.get_rng_state() if seeded else None
    finally:
        with torch.no_grad():
            for part, name, buffer, copy in kept:
                if not torch.equal(buffer.nan_to_num(), copy.nan_to_num()):
                    buffer.copy_(copy)
                part._buffers[name] = buffer


def is_whole(part: nn.Module) -> bool:
    """Torch's own modules and what is derived from them are one step; what holds others is not.

    Examples
    --------
    >>> [is_whole(part) for part in (nn.ReLU(), nn.Sequential(), nn.MultiheadAttention(4, 1))]
    [True, False, True]
    """
    homes = [kind.__module__ for kind in type(part).__mro__]
    home = next((home for home in homes if home.startswith("torch.nn.modules.")), "")
    return home.removeprefix("torch.nn.modules.") not in (
        "",
        "container",
        "transformer",
        "module",
    )


def plain(name: str) -> str:
    """``__iadd__``, ``add_`` and ``add`` are one.

    Examples
    --------
    >>> [plain(name) for name in ("__iadd__", "__radd__", "relu_", "boolean_dispatch")]
    ['add', 'add', 'relu', 'max_pool']
    """
    name = name if name == "requires_grad_" else name.strip("_")
    if name[:1] in "ir" and name[1:] in ARITHMETIC:
        name = name[1:]
    return "max_pool" if name == "boolean_dispatch" else name


@dataclass
class Recorder(TorchFunctionMode):
    """Hears a pass. `functions`: also what is no module."""

    edits: Sequence
    cuts: Sequence
    gradients: bool = False
    functions: bool = True
    steps: list[Step] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.sources: dict[int, int] = {}  # a tensor's id, or where its numbers lie -> step
        self.alive: list[Tensor] = []  # so that no id comes twice
        self.path, self.inputs, self.counts = [""], [], {}
        self.within = 0  # how many whole modules we are inside of
        self.bytes = 0

    def __hash__(self) -> int:
        return id(self)

    # ------------------------------------------------------------------ the two ears
    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if self.within:
            return function(*args, **kwargs)
        kind, parents = plain(getattr(function, "__name__", "")), self.known((args, kwargs))
        if len(parents) > 1 and self.cuts:
            name = self.counted(self.full(kind), ahead=True)
            args = self.without(args, [a for a, join in self.cuts if join == name])
        inputs = [t for _place, t in tensors((args, kwargs))]
        return self.heard(kind, None, parents, function(*args, **kwargs), inputs)

    def watch(self, part: nn.Module, name: str) -> list:
        """Hooks that say when a module starts and ends; a whole one is a step."""
        whole = is_whole(part)

        def start(_part: nn.Module, args: tuple, kwargs: dict) -> None:
            self.path.append(name)
            with DisableTorchFunction():
                self.inputs.append((self.known((args, kwargs)), self.within))
            self.within += whole

        def end(_part: nn.Module, args: tuple, kwargs: dict, output: Any) -> Any:
            parents, self.within = self.inputs.pop()
            if not self.within:
                with DisableTorchFunction():
                    output = self.ended(part, whole, parents, output, (args, kwargs))
            self.path.pop()
            return output

        start, end = of_this_thread(start), of_this_thread(end)
        return [part.register_forward_pre_hook(start, with_kwargs=True),
                part.register_forward_hook(end, with_kwargs=True)]  # fmt: skip

    def ended(
        self, part: nn.Module, whole: bool, parents: list, output: Any, given: Any
    ) -> Any:
        """A module has ended: is it a step?"""
        if not whole and all(self.source(t) is not None for _place, t in tensors(output)):
            return output
        if not self.functions and not parents:
            parents = [len(self.steps) - 1]  # in the order of the modules
        inputs = [t for _place, t in tensors(given)]
        return self.heard(type(part).__name__, part, parents, output, inputs)

    # ------------------------------------------------------------------ what was heard
    def heard(self, kind: str, part: Any, parents: list[int], output: Any, inputs: list) -> Any:
        found = [t for _place, t in tensors(output)]
        first = next((t for t in found if t.is_floating_point() and t.ndim), None)
        if not parents or not found:
            return output
        if first is None or (
            kind.lower() in PLUMBING and not self.is_crop(kind, first, inputs)
        ):
            for tensor in found:
                self.own(tensor, parents[0])
            return output
        name = self.step("crop" if kind in CUTS_OUT else kind, part, parents, first, found)
        if changes := [(channel, p) for n, channel, p in self.edits if n == name]:
            step, same = self.steps[-1], output is first
            if "dropout" in kind.lower() and any(first is t for t in inputs):
                first = first.clone()  # in eval mode it hands on what others read, too
            for channel, percent in changes:
                axis = 1 if first.ndim > 1 else 0
                target = (
                    first if channel < 0 or first.ndim == 3 else first.select(axis, channel)
                )
                target *= percent / 100
            step.maps = self.copied(first)
            self.own(first, len(self.steps) - 1)
            output = first if same else output
        return output

    def is_crop(self, kind: str, first: Tensor, inputs: list) -> bool:
        return kind in CUTS_OUT and first.ndim == inputs[0].ndim == 4 and (
            first.shape[-2:] != inputs[0].shape[-2:]
        )  # fmt: skip

    def step(
        self, kind: str, part: Any, parents: list[int], first: Tensor, found: Sequence = ()
    ) -> str:
        name = self.path[-1] if part is not None and self.path[-1] else self.full(kind)
        name = self.counted(name)
        self.steps.append(Step(name, kind, parents, self.copied(first), part))
        for tensor in (*found, first):
            self.own(tensor, len(self.steps) - 1)
        return name

    def full(self, kind: str) -> str:
        return f"{self.path[-1]}.{kind}" if self.path[-1] else kind

    def counted(self, name: str, ahead: bool = False) -> str:
        """The second ``relu`` is ``relu (2)``."""
        times = self.counts.get(name, 0) + 1
        if not ahead:
            self.counts[name] = times
        return f"{name} ({times})" if times > 1 else name

    def copied(self, tensor: Tensor) -> Tensor:
        tensor = tensor[:1] if tensor.ndim > 1 else tensor
        copy = tensor * 1 if self.gradients else tensor.detach().clone()
        self.bytes += copy.numel() * copy.element_size()
        if self.bytes > LIMIT:
            raise TooMuch(
                f"the maps take more than {LIMIT / 2**20:.0f} MB; give a smaller image"
            )
        return copy

    # ------------------------------------------------------------------ who made a tensor
    def own(self, tensor: Tensor, number: int) -> None:
        self.alive.append(tensor)
        self.sources[id(tensor)] = number
        if place := _place(tensor):
            self.sources[place] = number

    def source(self, tensor: Tensor) -> int | None:
        number = self.sources.get(id(tensor))
        return self.sources.get(_place(tensor)) if number is None else number

    def known(self, values: Any) -> list[int]:
        """The steps that made these, each once."""
        found = (self.source(t) for _place, t in tensors(values))
        return list(dict.fromkeys(number for number in found if number is not None))

    def without(self, value: Any, silenced: list[str]) -> Any:
        """Arguments with 0 in place of what some steps gave."""
        if isinstance(value, (list, tuple)):
            return type(value)([self.without(inner, silenced) for inner in value])
        if isinstance(value, Tensor) and (number := self.source(value)) is not None:
            return value * 0 if self.steps[number].name in silenced else value
        return value


def _place(tensor: Tensor) -> Any:
    """Where a tensor's numbers lie: what a function of its own gives back is another object."""
    try:
        return (tensor.data_ptr(), tuple(tensor.shape)) if tensor.numel() else None
    except RuntimeError:
        return None
