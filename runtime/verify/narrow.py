"""Finds the first wrong value of a program on the device, and the smallest program that shows it: a bug report."""

import io
import platform
import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from emit.hlo import Function, Module, Value
from emit.hlo.printer import module_text
from emit.hlo.program import FLOATS
from emit.optimizers import optimizer_for
from emit.program import Program
from netspec.errors import CompileError
from runtime.compiler.compile import compile_programs
from runtime.compiler.job import flags
from runtime.compiler.target import Target
from runtime.engine.iree import Device
from runtime.report import Report
from runtime.system.files import make_folder, write_whole
from runtime.system.packages import release
from runtime.tensors import DTYPES
from runtime.verify.reference import (
    Array,
    Expected,
    RandomSums,
    Reference,
    TensorError,
    main_module,
    operations,
    producers,
    roundings,
    subfunction,
)
from runtime.verify.truth import Truth

# How many bytes of f64 are read in one run, and how many operations of a part are tried one by one.
READ_AT_ONCE = 2e9
ONE_BY_ONE = 40
_README = """# IREE disagrees with XLA: {where}

`repro.mlir`, {count}, gives other numbers on {target} than XLA's CPU does in f64 from the same inputs.

| | |
|---|---|
| value | `%{value}`, {type} |
| error | {error} |
| largest error of a number | {largest:.3g}, where numbers are {size:.3g} (root mean square) |
| first wrong in | {network}: {first} |

{remark}

    {compile}

    {run}

iree-base-compiler and iree-base-runtime {iree}, jaxlib {jaxlib} for the reference, on {machine}.

`input0.npy`, ... are the arguments in order. The expected output is the reference's, rounded to f32; the threshold
is what rounding in f32 may add up to in this program.
"""


@dataclass(frozen=True)
class Finding:
    """The first wrong value, and the files that show it.

    Args:
        where: the layer as the spec writes it, the node, and the direction.
        tensor: the wrong value, in the program in `folder`.
        operations: how many that program has.
        alone: whether that program is a part of the train step; else it is the complete step.
    """

    where: str
    tensor: TensorError
    folder: Path
    operations: int
    alone: bool

    def __str__(self) -> str:
        many = "one operation shows" if self.operations == 1 else f"{self.operations} operations show"
        shown = f"{many} it" if self.alone else "no part of the program shows it alone"
        return f"{self.where}: {self.tensor}; {shown}, see {self.folder / 'README.md'}"


@dataclass(frozen=True)
class _Part:
    """A function that was run on the device and by the reference; `wrong`: the index of the wrong result."""

    function: Function
    inputs: tuple[Array, ...]
    wrong: int
    expected: Array
    found: Array
    error: TensorError


def narrow(
    truth: Truth,
    program: Program,
    errors: Sequence[TensorError],
    device: Device,
    target: Target,
    report: Report,
    folder: Path,
) -> Finding:
    """Find the first wrong value, in the program's order, and write a program that shows it. Raises NetSpecError.

    Args:
        truth: the step by the reference, after its run.
        program: the step as the device runs it.
        errors: of its results, in order; at least one is too large.
        folder: created; gets `repro.mlir`, its inputs and expected output, and `README.md`.
    """
    return _Search(truth, program, device, target, report).find(errors, folder)


class _Search:
    """The program as the reference runs it and as the device does, values matched by name."""

    def __init__(self, truth: Truth, program: Program, device: Device, target: Target, report: Report) -> None:
        self.truth, self.program = truth, program
        self.device, self.target, self.report = device, target, report
        self.reference, self.function = truth.function, program.module.functions[0]
        self.twin = {value.name: value for value in (*self.function.arguments, *producers(self.function))}
        self.places = {value: place for place, value in enumerate(producers(self.reference))}
        marks = truth.program.landmarks
        values = {
            *marks.outputs.values(),
            *marks.cotangents.values(),
            *marks.gradients.values(),
            *truth.results.values(),
        }
        self.exposed = sorted(
            (value for value in values if value in self.places and value.dtype in FLOATS and value.name in self.twin),
            key=self.places.__getitem__,
        )

    def find(self, errors: Sequence[TensorError], folder: Path) -> Finding:
        """Search between the last right result and the first wrong one; if that shows nothing, everywhere."""
        first: tuple[Value, TensorError] | None = None
        for values in (self._window(errors), self.exposed):
            first = self._first(values)
            part = self._smallest(first[0]) if first else None
            if first and part:
                return self._write(folder, part, first, alone=True)
        worst = max(errors, key=lambda error: error.share)
        return self._write(folder, self._complete_step(worst), first, alone=False)

    def _window(self, errors: Sequence[TensorError]) -> list[Value]:
        slots = optimizer_for(self.truth.config).slots
        gradients = self.truth.program.landmarks.gradients
        gradient_of = {
            result: value
            for name, value in gradients.items()
            for result in (name, *(f"{name}_{slot}" for slot in slots))
        }
        places = {
            error.name: self.places[gradient_of.get(error.name, self.truth.results[error.name])] for error in errors
        }
        wrong = min(places[error.name] for error in errors if not error.passed)
        right = max((places[error.name] for error in errors if error.passed and places[error.name] < wrong), default=-1)
        return [value for value in self.exposed if right < self.places[value] <= wrong]

    def _first(self, values: Sequence[Value]) -> tuple[Value, TensorError] | None:
        """The first of some values that is wrong when the device returns them as further results of the program."""
        for some in _runs(values):
            by_reference = self.truth.values(some)
            expected = self.truth.expect([(value.name, "value", value) for value in some], by_reference)
            by_device = self._on_device([self.twin[value.name] for value in some])
            for value, tensor, numbers in zip(some, expected, by_device, strict=True):
                error = tensor.error(numbers)
                if not error.passed:
                    return value, error
        return None

    def _on_device(self, values: Sequence[Value]) -> list[Array]:
        """Values of the program, which returns them after its own results."""
        results = tuple(dict.fromkeys((*self.function.results, *values)))
        function = Function(self.function.name, self.function.arguments, self.function.operations, results)
        inputs = [self.truth.arguments[value.name] for value in function.arguments]
        numbers = dict(zip(results, self._run(function, inputs), strict=True))
        return [numbers[value] for value in values]

    def _run(self, function: Function, inputs: Sequence[Array]) -> list[Array]:
        """Compile a function and call it. Raises CompileError."""
        module = Module(function.name, (), (function,))
        manifest = replace(self.program.manifest, entry_point=function.name)
        program = replace(self.program, module=module, text=module_text(module), manifest=manifest)
        (compiled,) = compile_programs([program], self.target, self.report)
        executable = self.device.load(compiled.program, function.name)
        arguments = zip(inputs, function.arguments, strict=True)
        results = executable([self.device.put(numbers, value.dtype) for numbers, value in arguments])
        return [self.device.read(buffer, value.dtype) for buffer, value in zip(results, function.results, strict=True)]

    def _smallest(self, value: Value) -> _Part | None:
        """The part between exposed values and a value, or its first operation that is wrong alone; None: neither is."""
        part = subfunction(self.reference, [value], self.exposed)
        missing = [argument for argument in part.arguments if argument.name not in self.truth.arguments]
        numbers = dict(self.truth.arguments)
        if missing:
            numbers |= {argument.name: array for argument, array in self.truth.values(missing).items()}
        complete = self._try(value, part.arguments, numbers)
        if complete is None:
            return None
        steps = [step for step in operations(part) if step.operands]
        if len(steps) <= ONE_BY_ONE:
            inside = [result for step in steps for result in step.results if result.dtype in DTYPES]
            rounded = {
                argument.name: _rounded(numbers[argument.name], self.twin[argument.name]) for argument in part.arguments
            }
            given = Function(part.name, part.arguments, part.operations, tuple(inside))
            numbers |= {inner.name: array for inner, array in Reference(given)(rounded).items()}
            for inner in inside:
                alone = self._try(inner, [*part.arguments, *(other for other in inside if other is not inner)], numbers)
                if alone is not None:
                    return alone
        return complete

    def _try(self, value: Value, given: Collection[Value], numbers: Mapping[str, Array]) -> _Part | None:
        """Compute a value from given ones, on the device and by the reference; None where they agree."""
        twin = self.twin[value.name]
        function = subfunction(
            self.function, [twin], [self.twin[other.name] for other in given if other.name in self.twin]
        )
        part = subfunction(self.reference, [value], given)
        arguments = (*function.arguments, *(self.twin[argument.name] for argument in part.arguments))
        names = {argument.name: argument for argument in arguments}
        inputs = {name: _rounded(numbers[name], argument) for name, argument in names.items()}
        norm = RandomSums(part).norm(value)
        everything = Function(part.name, part.arguments, tuple(value.block.operations), ())
        by_reference = Reference(subfunction(everything, list(dict.fromkeys((value, norm))), part.arguments))(inputs)
        expected = Expected(
            value.name, "value", by_reference[value], roundings(part, [value])[0], float(by_reference[norm])
        )
        function = replace(function, name="main")
        chosen = tuple(inputs[argument.name] for argument in function.arguments)
        try:
            (result,) = self._run(function, chosen)
        except CompileError:
            return None
        error = expected.error(result)
        return None if error.passed else _Part(function, chosen, 0, expected.numbers, result, error)

    def _complete_step(self, worst: TensorError) -> _Part:
        """The train step itself."""
        names = [entry.name for entry in self.program.manifest.results]
        function = replace(self.function, name="main")
        wrong = names.index(worst.name)
        inputs = tuple(_rounded(self.truth.arguments[argument.name], argument) for argument in function.arguments)
        expected, result = self.truth.expected[wrong].numbers, self._on_device([function.results[wrong]])[0]
        return _Part(function, inputs, wrong, expected, result, worst)

    def _write(self, folder: Path, part: _Part, first: tuple[Value, TensorError] | None, *, alone: bool) -> Finding:
        value = part.function.results[part.wrong]
        where = self._where(first[0].name if first and not alone else value.name)
        count = len([step for step in operations(part.function) if step.opcode != "constant"])
        make_folder(folder)
        header = (f"{where}: %{value.name} is wrong. See README.md.",)
        text = module_text(main_module(part.function, header))
        write_whole(folder / "repro.mlir", text.encode())
        for number, array in enumerate(part.inputs):
            _save(folder / f"input{number}.npy", array)
        _save(folder / f"expected{part.wrong}.npy", _rounded(part.expected, value))
        largest = float(np.max(np.abs(part.found - part.expected)))
        size = float(np.sqrt(np.mean(np.square(part.expected))))
        allowed = part.error.tolerance * float(np.max(np.abs(part.expected)))
        threshold = min(allowed, largest / 2) if largest == largest else allowed
        ignored = ["(ignored)" if i != part.wrong else f"@expected{i}.npy" for i in range(len(part.function.results))]
        arguments = [
            *(f"--input=@input{number}.npy" for number in range(len(part.inputs))),
            *(f"--expected_output={output}" for output in ignored),
            f"--expected_f32_threshold={threshold:.3g}",
            "--expected_rtol=0",
        ]
        if len(arguments) > _ON_A_LINE:
            write_whole(folder / "run.flags", ("\n".join(arguments) + "\n").encode())
            arguments = ["--flagfile=run.flags"]
        device = [f"--device={self.target.device}", "--module=repro.vmfb", "--function=main"]
        readme = _README.format(
            where=where,
            count="1 operation" if count == 1 else f"{count} operations",
            target=self.target,
            value=value.name,
            type=value.type,
            error=part.error,
            largest=largest,
            size=size,
            network=self.truth.net.name,
            first=_FIRST.format(first[0].name, first[1].relative) if first else _NOWHERE,
            remark=_ALONE if alone else _HIDDEN,
            compile=shlex.join(["iree-compile", "repro.mlir", "-o", "repro.vmfb", *flags(self.target)]),
            run=shlex.join(["iree-run-module", *device, *arguments]),
            iree=release("iree-base-compiler"),
            jaxlib=release("jaxlib"),
            machine=f"{platform.system()} {platform.machine()}",
        )
        write_whole(folder / "README.md", readme.encode())
        return Finding(where, part.error, folder, count, alone)

    def _where(self, name: str) -> str:
        """Layer, node and direction of a value: values carry their node's name."""
        truth = self.truth
        value = next(value for value in self.places if value.name == name)
        node = max((node for node in truth.graph.nodes if name.startswith(f"{node}_")), key=len, default=None)
        if node is None:
            return name.split("_")[0]
        layer = truth.graph.nodes[node].layer
        loss = self.places[truth.results["loss"]]
        direction = "optimizer" if value in truth.late else "forward" if self.places[value] < loss else "backward"
        return f"layer {layer}: {truth.net.layers[layer]}, {node}, {direction}"


_ALONE = "This program alone shows it; it is extracted from the train step."
_HIDDEN = (
    "No part of the train step shows it when it is compiled alone, and it may vanish when values inside are returned, "
    "so this is the complete step."
)
_FIRST = "`%{}` is off by {:.1e}; everything before it in the program agrees"
_NOWHERE = "every value inside agrees when it is returned, the result does not"
_ON_A_LINE = 20


def _runs(values: Sequence[Value]) -> Iterator[list[Value]]:
    """Values in order, as many at a time as `READ_AT_ONCE` allows."""
    some: list[Value] = []
    size = 0.0
    for value in values:
        if some and size + 8 * value.type.elements > READ_AT_ONCE:
            yield some
            some, size = [], 0.0
        some.append(value)
        size += 8 * value.type.elements
    if some:
        yield some


def _save(path: Path, array: Array) -> None:
    data = io.BytesIO()
    np.save(data, array)
    write_whole(path, data.getvalue())


def _rounded(numbers: Array, value: Value) -> Array:
    return np.asarray(numbers, DTYPES[value.dtype])
