"""Wrong versions of the product: each applied for real, and which certainty of `netspec verify` catches it.

A mutation is an edit of a module's source. It is applied in this process: the edited source is compiled and run in a
namespace of its own, and code, defaults and constants that came out different are put in the place of the module's.
The wrong versions of a module are data in its test file, as a class: see `WrongVersions`.

`python -m tests.ops.mutations` prints the table of all of them.
"""

import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from itertools import product
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, ClassVar

import pytest

from emit.op import REGISTRY
from emit.optimizer import OPTIMIZERS
from emit.programs import ENTRY_POINTS, emit
from emit.task import TASKS
from netspec import (
    NetSpec,
    TrainConfig,
    attention,
    avgPool,
    batchNorm,
    conv2d,
    convBn,
    dense,
    depthwiseBn,
    dropout,
    featureMap,
    flatten,
    globalAvgPool,
    invertedResidual,
    layerScale,
    maxPool,
    parallel,
    residual,
    residualBlock,
    squeezeExcite,
)
from runtime.verify.cases import by_family, general_cases
from runtime.verify.check import Check
from runtime.verify.composition import check_composition
from runtime.verify.rules import check_rules
from runtime.verify.step import check_small_instance
from runtime.verify.text import parsed_back


@dataclass(frozen=True)
class Mutation:
    """A wrong version: what is wrong, and the edits (old text, new text) of a module; each old text occurs once."""

    name: str
    module: str
    edits: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return f"{self.module.removeprefix('emit.')}: {self.name}"


class WrongVersions:
    """The test that each wrong version of a module is caught: an op's first one is a fast test, most are slow ones.

    Args:
        module: what is edited.
        wrong: by what is wrong: old and new text in turn.
    """

    module: ClassVar[str]
    wrong: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    def __init_subclass__(cls) -> None:
        if "wrong" in vars(cls):
            TABLES.append(cls)

    @classmethod
    def mutations(cls) -> list[Mutation]:
        """In the order of the table."""
        return [
            Mutation(name, cls.module, tuple(zip(texts[::2], texts[1::2], strict=True)))
            for name, texts in cls.wrong.items()
        ]

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """A test a mutation."""
        if "mutation" in metafunc.fixturenames:
            # Those of an op's file are caught by that op; of what all ops use, often by the last of all networks alone.
            first = 0 if self.module.startswith("emit.ops.") else ORDINARY - 1
            first = ORDINARY if self.module.startswith("emit.hlo.") else first
            cases = [
                pytest.param(each, id=each.name, marks=marks(first + i)) for i, each in enumerate(self.mutations())
            ]
            metafunc.parametrize("mutation", cases)

    def test_a_wrong_version_is_caught(self, mutation: Mutation) -> None:
        assert catch(mutation) is not None, "neither the rules nor the whole nor the text show it"


def marks(index: int) -> Sequence[pytest.MarkDecorator]:
    """Which tests the wrong version with an index of a table is among."""
    if index < ORDINARY:
        return [pytest.mark.ordinary] if index else []
    return [pytest.mark.slow, pytest.mark.mutations]


ORDINARY = 4  # of a table, among the tests that are not slow
TABLES: list[type[WrongVersions]] = []


def all_mutations() -> list[Mutation]:
    """Those of every test file, the ops' first."""
    root = Path(__file__).parents[2]
    for folder in ("tests/ops", "tests/emit", "tests/netspec"):
        for file in sorted((root / folder).rglob("test_*.py")):
            import_module(".".join(file.relative_to(root).with_suffix("").parts))
    return [mutation for table in TABLES for mutation in table.mutations()]


# --- applying one -----------------------------------------------------------------------------------------------------


@contextmanager
def applied(mutation: Mutation) -> Iterator[None]:
    """The product with a mutation in it, and afterwards as it was. Raises AssertionError where an edit does not fit."""
    module = import_module(mutation.module)
    assert module.__file__ is not None
    edited = Path(module.__file__).read_text(encoding="utf-8")
    for old, new in mutation.edits:
        assert edited.count(old) == 1, f"{mutation}: occurs {edited.count(old)} times: {old}"
        edited = edited.replace(old, new)
    wrong = _run(edited, module.__file__, mutation.module)
    with ExitStack() as undo:
        changed = _change_code(vars(module), wrong, mutation.module, undo)
        changed += _change_constants(module, wrong, undo)
        assert changed, f"{mutation}: changes nothing"
        yield


def _run(source: str, file: str, module: str) -> dict[str, Any]:
    """A module's names, from a source that is not its own; the registries are left as they were."""
    namespace: dict[str, Any] = {"__name__": module, "__file__": file}
    registries: tuple[dict[Any, Any], ...] = (REGISTRY, OPTIMIZERS, TASKS)
    before = [dict(registry) for registry in registries]
    try:
        exec(compile(source, file, "exec", dont_inherit=True), namespace)
    finally:
        for registry, entries in zip(registries, before, strict=True):
            registry.clear()
            registry.update(entries)
    return namespace


def _functions(names: Mapping[str, Any], module: str, path: str = "") -> dict[str, FunctionType]:
    """The functions that a module defines, and its classes' methods and properties, by qualified name."""
    found: dict[str, FunctionType] = {}
    for name, value in names.items():
        value = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
        if isinstance(value, type) and value.__module__ == module:
            found |= _functions(vars(value), module, f"{path}{name}.")
        elif isinstance(value, FunctionType) and inspect.unwrap(value).__module__ == module:
            unwrapped = inspect.unwrap(value)
            assert isinstance(unwrapped, FunctionType)
            found[f"{path}{name}"] = unwrapped
    return found


def _change_code(right: dict[str, Any], wrong: Mapping[str, Any], module: str, undo: ExitStack) -> int:
    """Swap code and defaults where they differ; everything that holds a function holds the wrong one then."""
    ours, theirs = _functions(right, module), _functions(wrong, module)
    changed = 0
    for name in ours.keys() & theirs.keys():
        for attribute in ("__code__", "__defaults__", "__kwdefaults__"):
            before, after = getattr(ours[name], attribute), getattr(theirs[name], attribute)
            if before != after:
                undo.callback(setattr, ours[name], attribute, before)
                setattr(ours[name], attribute, after)
                changed += 1
    # An edit may import a name or add a helper: the module has it while the edit lasts.
    for name in wrong.keys() - right.keys() - {"__builtins__"}:
        undo.callback(right.pop, name)
        right[name] = wrong[name]
    return changed


def _change_constants(module: Any, wrong: Mapping[str, Any], undo: ExitStack) -> int:
    """Swap constants that differ: numbers, texts, what other modules' classes hold, and tables of those."""
    changed = 0
    for name, after in wrong.items():
        before = getattr(module, name, after)
        if before != after and _comparable(before, module.__name__) and _comparable(after, module.__name__):
            undo.callback(setattr, module, name, before)
            setattr(module, name, after)
            changed += 1
    return changed


def _comparable(value: Any, module: str) -> bool:
    """Whether two of them are equal where they say the same: functions and the module's own classes are made anew."""
    if isinstance(value, dict):
        return all(_comparable(each, module) for each in value.values())
    if isinstance(value, tuple):
        return all(_comparable(each, module) for each in value)
    return not callable(value) and type(value).__module__ != module


# --- catching one -----------------------------------------------------------------------------------------------------

# Between them: every layer of the language, each padding, images that are not square, one-sided and two-sided pads,
# residuals of both kinds, with and without a shortcut, and one whose entry is the images themselves.
_NETS = (
    NetSpec(
        name="Same",
        imageH=32,
        imageW=33,
        activation="relu6",
        padding="same",
        layers=[
            convBn(3, 4, 3, 2, "same", "hswish"),
            maxPool(3, 2),
            invertedResidual(4, 6, 2, 2, 2, "hswish"),
            globalAvgPool(),
            dense(6, 4, "identity"),
        ],
    ),
    NetSpec(
        name="Mixed",
        imageH=13,
        imageW=15,
        activation="relu",
        padding="symmetric",
        bnEps=1e-3,
        bnMomentum=0.01,
        layers=[
            conv2d(3, 4, 5, "valid", "relu6", 2),
            maxPool(3, 2),
            residualBlock(4, 6, 2, 2, "hswish"),
            conv2d(6, 3, 3, "symmetric", "identity"),
            flatten(),
            dense(12, 5, "relu"),
            dense(5, 3, "identity"),
        ],
    ),
    NetSpec(
        name="First",
        imageH=7,
        imageW=8,
        activation="relu",
        padding="same",
        layers=[invertedResidual(3, 3, 1, 1, 1), globalAvgPool(), dense(3, 2, "identity")],
    ),
    # Layers in layers, and each that is in no block above.
    NetSpec(
        name="Branches",
        imageH=10,
        imageW=9,
        activation="relu",
        padding="symmetric",
        layers=[
            convBn(3, 4, 3, 2, "symmetric", groups=1),
            residual(
                [
                    depthwiseBn(4, 5, 1, "symmetric", dilation=2),
                    squeezeExcite(4, 3, "swish", "hsigmoid"),
                    conv2d(4, 6, 1, "same", "identity", bias=False, groups=2),
                    layerScale(0.5),
                ],
                [convBn(4, 6, 1, 1, "same", "identity")],
                "hswish",
                dropPath=0.5,
            ),
            parallel([[avgPool(3, 1)], [], [depthwiseBn(6, 3, 1, "even")]], "add"),
            parallel([[conv2d(6, 2, 1, "same", "identity")], [], [convBn(6, 3, 1, 1, "same", "gelu")]], "concat"),
            attention(
                2,
                3,
                [conv2d(11, 6, 1, "same", "identity", bias=False)],
                [depthwiseBn(11, 3, 2, "symmetric", "identity"), conv2d(11, 3, 1, "same", "identity", bias=False)],
                [depthwiseBn(11, 5, 2, "symmetric", "identity"), conv2d(11, 3, 1, "same", "identity", bias=False)],
            ),
            batchNorm("relu6"),
            featureMap("c2"),
            globalAvgPool(keepDims=True),
            conv2d(6, 5, 1, "same", "swish"),
            flatten(),
            dropout(0.5),
            dense(5, 3, "identity"),
        ],
    ),
    # Large enough that the expanding convolution takes its cotangent in parts.
    NetSpec(
        name="Large",
        imageH=101,
        imageW=102,
        activation="relu6",
        padding="same",
        layers=[invertedResidual(3, 3, 4, 2, 1), globalAvgPool(), dense(3, 2, "identity")],
    ),
)
_ADAM = TrainConfig(learningRate=0.003, batchSize=2, epochs=1, useAdam=True, weightDecay=0.01, labelSmoothing=0.1)
_MOMENTUM = replace(_ADAM, useAdam=False, momentum=0.9)
_SGD = replace(_ADAM, useAdam=False)
# What the three above have not: every part of `emit.update`, on either side of its limits.
_RMSPROP = replace(_ADAM, optimizer="rmsprop", momentum=0.8, rmspropDecay=0.7, rmspropEps=0.01)
_RECIPES = (
    replace(_RMSPROP, useEMA=True, emaDecay=0.3, gradClipNorm=1e-3),
    replace(_RMSPROP, momentum=0.0, coupledDecay=True, gradAccumSteps=2, gradClipNorm=1e-3),
    replace(_MOMENTUM, nesterov=True, coupledDecay=True, wdExcludeNormBias=False, useEMA=True, emaDecay=0.9999),
    replace(_SGD, useMixup=True, classWeights=(0.5, 2.0)),
    replace(_SGD, useMixup=True, classWeights=(0.5, 2.0), distillWeight=0.3, distillTemperature=3.0),
    replace(_ADAM, optimizer="lamb", gradClipNorm=1e6, gradAccumSteps=3, useEMA=True, emaDecay=0.9),
    replace(_ADAM, headLrMult=3.0, dropout=0.3, freeze=1),
)
_SMALLEST = _NETS[2]
# Recipes that change a network: one with two residuals and two dense layers, and one that drops by itself.
_CHANGED = (
    (replace(_SGD, dropPath=0.4, headLrMult=3.0, freezeBN=True), _NETS[1]),
    (replace(_SGD, dropout=0.3, freeze=2), _NETS[3]),
    (replace(_SGD, freeze=-1), _NETS[3]),
)


def _rules(module: str) -> Iterator[Check]:
    """Every op in every lowering, those that the mutated module is nearest to first."""
    return check_rules(sorted(general_cases(), key=lambda case: _imports(type(case.op).__module__, module)), by_family)


@cache
def _imports(start: str, module: str) -> int:
    """From how many modules one after another an import leads to a module; many where none does."""
    found, near = {start}, {start}
    for distance in range(_FAR):
        if module in near:
            return distance
        names = [value for each in near for value in vars(sys.modules[each]).values()]
        modules = {
            value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", "") for value in names
        }
        near = {each for each in modules if isinstance(each, str) and each in sys.modules} - found
        found |= near
    return _FAR


_FAR = 4


def _whole(module: str) -> Iterator[Check]:
    """Train steps operation by operation, and small instances by numbers: optimizers on networks."""
    recipes = [*((config, _SMALLEST) for config in _RECIPES), *_CHANGED]
    others = list(product((_ADAM, _MOMENTUM, _SGD), _NETS))
    about_updates = module.startswith(("emit.optimizer", "emit.update", "emit.tasks", "netspec.recipe"))
    for config, net in recipes + others if about_updates else others + recipes:
        yield check_composition(emit("train_step", net, config), net, config, "cpu")
        yield from check_small_instance(net, config, "cpu")


def _text(module: str) -> Iterator[Check]:
    """Both programs of each network."""
    for config, net in zip((_ADAM, _MOMENTUM, _SGD, _ADAM, _ADAM), _NETS, strict=True):
        for entry_point in ENTRY_POINTS:
            yield parsed_back(emit(entry_point, net, config))


CERTAINTIES: dict[str, Callable[[str], Iterator[Check]]] = {"rule": _rules, "whole": _whole, "text": _text}
# Modules that a certainty does not look at, so that it need not be asked: none of their code runs, or it prints alone.
BLIND = {
    "rule": {
        "emit.expand",
        "emit.walk",
        "emit.optimizer",
        "emit.optimizers.adam",
        "emit.optimizers.lamb",
        "emit.optimizers.rmsprop",
        "emit.optimizers.sgd",
        "emit.update",
        "netspec.recipe",
        "emit.images",
        "emit.programs.train_step",
        "emit.programs.evaluate",
        "emit.tasks.classification",
        "emit.hlo.printer",
    },
    "whole": {"emit.hlo.printer"},
    "text": set[str](),
}
REFUSED = "refused"
_REFUSALS = re.compile(r"\b(ShapeError|SpecError): ")


@dataclass(frozen=True)
class Catch:
    """How a mutation was caught: by a check of a certainty, or `refused` by the compiler when that emitted it."""

    certainty: str
    refused: bool
    says: str


def caught_by(certainty: str, module: str = "") -> Catch | None:
    """What a certainty finds wrong with the product as it is now, with something of a module changed."""
    if module in BLIND[certainty]:
        return None
    try:
        says = next((check.found for check in CERTAINTIES[certainty](module) if not check.passed), None)
    except Exception as failed:  # what cannot be emitted is found wrong before any check
        return Catch(certainty, True, f"{type(failed).__name__}: {failed}")
    return None if says is None else Catch(certainty, bool(_REFUSALS.search(says)), says)


def catch(mutation: Mutation) -> Catch | None:
    """The first certainty that a mutation does not get past; None for a survivor."""
    with applied(mutation):
        return next(filter(None, (caught_by(each, mutation.module) for each in CERTAINTIES)), None)


def catches(mutation: Mutation) -> dict[str, Catch]:
    """All of them."""
    with applied(mutation):
        found = {each: caught_by(each, mutation.module) for each in CERTAINTIES}
    return {certainty: each for certainty, each in found.items() if each is not None}


# --- the table, printed -----------------------------------------------------------------------------------------------


def table() -> str:
    """Which certainty catches which mutation, in Markdown, and how many of each module."""
    mutations = all_mutations()
    with ProcessPoolExecutor() as pool:
        found = dict(zip(mutations, pool.map(catches, mutations), strict=True))
    heading = [f"| mutation | {' | '.join(CERTAINTIES)} |", f"|---|{'---|' * len(CERTAINTIES)}"]
    rows = [_row(str(mutation), [_cell(seen.get(each)) for each in CERTAINTIES]) for mutation, seen in found.items()]
    modules = list(dict.fromkeys(mutation.module for mutation in mutations))
    sums = [_sums(name, [seen for each, seen in found.items() if each.module == name]) for name in modules]
    every = list(found.values())
    alone = ", ".join(f"{name} {sum(set(seen) == {name} for seen in every)}" for name in CERTAINTIES)
    refused = sum(bool(seen) and all(each.refused for each in seen.values()) for seen in every)
    survivors = [f"* {mutation}" for mutation, seen in found.items() if not seen]
    says = f"Caught by one alone: {alone}. Refused and nothing else: {refused}. Survivors: {len(survivors)}."
    total = _sums("**all**", every)
    return "\n".join([*heading, *rows, "", *heading, *sums, total, "", says, *survivors])


def _cell(seen: Catch | None) -> str:
    return "" if seen is None else REFUSED if seen.refused else "✓"


def _sums(name: str, seen: list[dict[str, Catch]]) -> str:
    return _row(f"{name}: {len(seen)}", [str(sum(each in one for one in seen)) for each in CERTAINTIES])


def _row(name: str, cells: list[str]) -> str:
    return f"| {name} | {' | '.join(cells)} |"


if __name__ == "__main__":
    # Not this module's own `table`: the test files register with the one that they import.
    print(import_module("tests.ops.mutations").table())
