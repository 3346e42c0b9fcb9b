"""Small wrong versions of a function: each has one operator, number or call changed."""

from __future__ import annotations

import ast
import copy
import inspect
import textwrap
from collections.abc import Callable, Iterator

SWAPS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult, ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
# A part of a network that is left out, or another one in its place.
CALLS = {"ReLU": "Identity", "relu": None, "ConvTranspose2d": None, "MaxPool2d": "AvgPool2d"}


def changes(node: ast.AST) -> Iterator[Callable[[ast.AST], None]]:
    """What can be changed at one node, each as a function that changes it in place."""
    if isinstance(node, (ast.BinOp, ast.BoolOp)) and type(node.op) in SWAPS:
        yield lambda n: setattr(n, "op", SWAPS[type(n.op)]())
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        yield lambda n: n.ops.__setitem__(0, SWAPS[type(n.ops[0])]())
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield lambda n: setattr(n, "value", n.value + 1)
        yield lambda n: setattr(n, "value", n.value - 1)
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield lambda n: setattr(n, "value", not n.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield lambda n: setattr(n, "op", ast.UAdd() if isinstance(n.op, ast.USub) else n.op)
    if isinstance(node, ast.Call):
        if len(node.args) > 1:
            yield lambda n: n.args.reverse()
        for place in range(len(node.keywords)):
            yield lambda n, place=place: n.keywords.pop(place)
        name = getattr(node.func, "attr", "")
        if CALLS.get(name):
            yield lambda n: setattr(n.func, "attr", CALLS[n.func.attr])
    if isinstance(node, (ast.List, ast.Tuple)) and len(node.elts) > 1:
        if isinstance(node.ctx, ast.Load):
            yield lambda n: n.elts.reverse()
    if isinstance(node, ast.Slice):
        for end in ("lower", "upper"):
            if getattr(node, end) is not None:
                yield lambda n, end=end: setattr(n, end, None)


def unwrap(tree: ast.Module) -> Iterator[ast.Module]:
    """Each call of one argument replaced by that argument: ``relu(x)`` by ``x``."""
    places = [
        number
        for number, node in enumerate(ast.walk(tree))
        if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords
    ]
    for place in places:
        changed = copy.deepcopy(tree)
        call = list(ast.walk(changed))[place]

        class Unwrap(ast.NodeTransformer):
            def visit_Call(self, node, call=call):
                self.generic_visit(node)
                return node.args[0] if node is call else node

        yield Unwrap().visit(changed)


def shortened(tree: ast.Module) -> Iterator[ast.Module]:
    """One statement that only does something, such as ``optimizer.step()``, left out."""
    places = [n for n, node in enumerate(ast.walk(tree)) if isinstance(node, ast.Expr)]
    for place in places:
        changed = copy.deepcopy(tree)
        statement = list(ast.walk(changed))[place]
        for node in ast.walk(changed):
            body = getattr(node, "body", None)
            if isinstance(body, list) and statement in body:
                body[body.index(statement)] = ast.Pass()
        yield changed


def trees(tree: ast.Module) -> Iterator[ast.Module]:
    """Every mutant of a parsed function."""
    for place, node in enumerate(ast.walk(tree)):
        for number in range(len(list(changes(node)))):
            changed = copy.deepcopy(tree)
            target = list(ast.walk(changed))[place]
            list(changes(target))[number](target)
            yield changed
    yield from unwrap(tree)
    yield from shortened(tree)


def mutants(function: Callable) -> Iterator[tuple[str, Callable]]:
    """(its body as text, the mutant) for every mutant that compiles."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    definition = tree.body[0]
    definition.decorator_list = []
    definition.returns = None
    for argument in ast.walk(definition):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    if ast.get_docstring(definition) is not None:
        definition.body.pop(0)
    module = inspect.getmodule(function)
    for changed in trees(tree):
        names = dict(vars(module))
        try:
            exec(compile(ast.fix_missing_locations(changed), "<mutant>", "exec"), names)
        except (SyntaxError, TypeError, ValueError):
            continue
        yield ast.unparse(changed.body[0]), names[definition.name]
