"""The reference: a program, or a part of one, on XLA's CPU in f64; and the tolerance of f32 results.

JAX is imported when the first program is compiled.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emit import hlo
from emit.hlo import Function, Module, Operation, Value
from emit.hlo.printer import module_text
from emit.hlo.program import FLOATS, Comment
from emit.ops.max_pool import MaxPool
from emit.sums import scalar
from emit.windows import Shifted
from netspec.errors import NetSpecError
from runtime.system.held import signals_held
from runtime.tensors import DTYPES

Array = NDArray[Any]
UNIT = 2.0**-24
LAMBDA = 8.0
_MEMORY = Path("/proc/meminfo")
_TYPES = DTYPES | {"i1": np.bool_}  # truth values may go from one part of a program to another


class Reference:
    """A function, compiled by XLA for this machine's CPU."""

    def __init__(self, function: Function) -> None:
        """Compile a function in f64 or f32; its name becomes `main`."""
        with signals_held():
            import jax
            from jax._src import compiler
            from jax.extend.backend import get_backend
            from jaxlib import xla_client

        jax.config.update("jax_enable_x64", True)  # otherwise `device_put` would make f32 of f64
        self.arguments, self.results = function.arguments, function.results
        client = get_backend("cpu")
        options = compiler.get_compile_options(num_replicas=1, num_partitions=1)
        devices = xla_client.DeviceList(tuple(client.local_devices()[:1]))
        text = module_text(main_module(function))
        self._program = client.compile_and_load(text, devices, options)

    def __call__(self, numbers: Mapping[str, Array]) -> dict[Value, Array]:
        """Run it. `numbers`: the arguments by name. Raises NetSpecError when there is too little memory."""
        import jax

        self._check_memory()
        cpu = jax.devices("cpu")[0]
        arguments = [
            jax.device_put(np.asarray(numbers[value.name], _TYPES[value.dtype]), cpu) for value in self.arguments
        ]
        results = self._program.execute(arguments)
        return {value: np.asarray(array) for value, array in zip(self.results, results, strict=True)}

    def _check_memory(self) -> None:
        sizes = self._program.get_compiled_memory_stats()
        needed = sizes.temp_size_in_bytes + sizes.argument_size_in_bytes + sizes.output_size_in_bytes
        available = _available_memory()
        if available is not None and needed > available:
            raise NetSpecError(
                f"the reference, XLA in f64, needs {needed / 1e9:.1f} GB of memory and {available / 1e9:.1f} GB are "
                "available: close other programs, or choose a smaller --batch-size or --image-size."
            )


def _available_memory() -> int | None:
    """Bytes available without swapping; None where the system does not say."""
    if not _MEMORY.is_file():
        return None
    lines = (line.split() for line in _MEMORY.read_text(encoding="ascii").splitlines())
    return next((int(words[1]) * 1024 for words in lines if words[0] == "MemAvailable:"), None)


def main_module(function: Function, header: Sequence[str] = ()) -> Module:
    """A module with one function, `main`."""
    main = Function("main", function.arguments, function.operations, function.results)
    return Module("main", tuple(header), (main,))


def in_f32(function: Function) -> Function:
    """The same function in f32 instead of f64: another rounding of it."""
    twins: dict[Value, Value] = {}

    def twin(value: Value) -> Value:
        kind = replace(value.type, dtype="f32") if value.dtype == "f64" else value.type
        return twins.setdefault(value, replace(value, type=kind))

    def all_of(values: Sequence[Value]) -> tuple[Value, ...]:
        return tuple(map(twin, values))

    steps = tuple(
        replace(step, operands=all_of(step.operands), results=all_of(step.results)) for step in operations(function)
    )
    return Function(function.name, all_of(function.arguments), steps, all_of(function.results))


def operations(function: Function) -> list[Operation]:
    """Its operations in order, comments left out."""
    return [item for item in function.operations if not isinstance(item, Comment)]


def producers(function: Function) -> dict[Value, Operation]:
    """The operation that produces a value; arguments have none."""
    return {value: operation for operation in operations(function) for value in operation.results}


def subfunction(function: Function, wanted: Sequence[Value], given: Collection[Value] = ()) -> Function:
    """The smallest function that computes `wanted` values of another from `given` ones.

    Its arguments are those of the function's arguments and of the given values that it reads. A value that is both
    wanted and given is computed.
    """
    producer_of = producers(function)
    stops = set(given) - set(wanted)
    needed: set[Operation] = set()
    read: set[Value] = set()
    waiting = list(wanted)
    while waiting:
        value = waiting.pop()
        producer = producer_of.get(value)
        if value in stops or producer is None:
            read.add(value)
        elif producer not in needed:
            needed.add(producer)
            waiting += producer.operands
    arguments = tuple(value for value in dict.fromkeys((*function.arguments, *producer_of)) if value in read)
    kept = tuple(operation for operation in operations(function) if operation in needed)
    return Function(function.name, arguments, kept, tuple(wanted))


def affected(function: Function, sources: Collection[Value]) -> set[Value]:
    """The values that depend on `sources`, and the sources themselves."""
    dependent = set(sources)
    for operation in operations(function):
        if any(value in dependent for value in operation.operands):
            dependent.update(operation.results)
    return dependent


def boundary(function: Function, after: Collection[Value]) -> list[Value]:
    """The values before a part of a function that it reads, without arguments and constants."""
    producer_of = producers(function)
    read: dict[Value, None] = {}
    for operation in operations(function):
        if any(value in after for value in operation.results):
            read |= dict.fromkeys(operation.operands)
    return [
        value
        for value in read
        if value not in after and value in producer_of and producer_of[value].opcode != "constant"
    ]


def roundings(
    function: Function, wanted: Sequence[Value], enlarged: Mapping[Operation, float] | None = None
) -> list[float]:
    """How many roundings add up in each wanted value: Σ K over the distinct operations that it depends on.

    K of an operation is the number of additions for one number of its result: the contracted length of a matmul,
    kh·kw·ci of a convolution, the count of a reduction. Other arithmetic counts 1, so does a constant that f32 cannot
    hold. Operations that only move, compare or select numbers round nothing. `enlarged` multiplies the K of operations
    whose errors are known to grow later.
    """
    factors = enlarged or {}
    steps = operations(function)
    counts = np.array([_additions(step) * factors.get(step, 1.0) for step in steps])
    ancestors: dict[Value, int] = dict.fromkeys(function.arguments, 0)  # the operations that a value needs, as bits
    for index, step in enumerate(steps):
        bits = 1 << index
        for value in step.operands:
            bits |= ancestors[value]
        ancestors |= dict.fromkeys(step.results, bits)
    totals = []
    for value in wanted:
        octets = np.frombuffer(ancestors[value].to_bytes(len(steps) // 8 + 1, "little"), np.uint8)
        totals.append(float(counts @ np.unpackbits(octets, bitorder="little")[: len(steps)]))
    return totals


def tolerance(count: float) -> float:
    """The relative error that `count` roundings in f32 may add up to: λ · √count · u, λ = 8, u = 2⁻²⁴.

    Higham and Mary 2019, "A new approach to probabilistic rounding error analysis", theorem 2.4: take rounding errors
    as independent random variables of mean zero, none above u. Then a product of n factors (1 + δ) is, to first order
    in u, within λ·√n·u of 1 with a probability of at least 1 - 2·exp(-λ²(1-u)²/2), which is all but 3e-14 for λ = 8.
    So a sum of n numbers of one sign has that relative error. Where signs are random the error is, beside Σ|x|, of the
    size of u alone (the same authors 2020, "Sharper probabilistic backward error analysis for basic linear algebra
    kernels with random data"), but |Σx| is √n times smaller than Σ|x|, and it is √n·u again. A sum that cancels
    further is measured against the size of a sum of random signs (`RandomSums`).

    Assumed without a theorem: that the errors of different operations are independent, so that their squares add, and
    that an operation passes on the relative error of its operands without enlarging it. Where one is known to enlarge
    it, that is measured and counted. Equal numbers, added up, all round the same way and violate the model: none are.
    """
    return LAMBDA * math.sqrt(count) * UNIT


def _additions(operation: Operation) -> int:
    rule = _ADDITIONS.get(operation.opcode)
    return rule(operation) if rule else 0


def _sum_additions(operation: Operation) -> int:
    if operation.attributes["body"] != "add":
        return 0
    return math.prod(operation.operands[0].shape[axis] for axis in operation.attributes["axes"])


def _convolution_additions(operation: Operation) -> int:
    kernel, axes = operation.operands[1], operation.attributes["kernel_axes"]
    return math.prod(size for size, axis in zip(kernel.shape, axes, strict=True) if axis != "o")


def _dot_additions(operation: Operation) -> int:
    axis: int = operation.attributes["contract"][0]
    return operation.operands[0].shape[axis]


def _constant_roundings(operation: Operation) -> int:
    value = operation.attributes["value"]
    numbers = value if isinstance(value, tuple) else (value,)
    inexact = (math.isfinite(x) and Fraction(float(np.float32(x))) != Fraction(x) for x in numbers)
    return int(_real(operation) and any(inexact))


def _real(operation: Operation) -> int:
    return int(operation.results[0].dtype in FLOATS)


_ARITHMETIC = ("add", "subtract", "multiply", "divide", "sqrt", "rsqrt", "exponential", "exponential_minus_one", "log")
_ADDITIONS: dict[str, Callable[[Operation], int]] = {
    "constant": _constant_roundings,
    "convolution": _convolution_additions,
    "dot_general": _dot_additions,
    "reduce": _sum_additions,
    **dict.fromkeys(_ARITHMETIC, _real),
}


class RandomSums:
    """The norm that a value computed by sums would have if their terms had random signs.

    A sum that is much smaller cancels, and rounding is large relative to the rest. The gradient of a β that the next
    batch norm subtracts again is 0 in theory: its value is rounding alone.
    """

    def __init__(self, function: Function) -> None:
        self._producer_of = producers(function)

    def norm(self, value: Value) -> Value:
        """The Euclidean norm over all of the value's numbers, a scalar."""
        return hlo.sqrt(self._total(value), "random_norm")

    def _total(self, value: Value) -> Value:
        """The square of the norm."""
        producer = self._producer_of.get(value)
        rule = _TOTALS.get(producer.opcode) if producer else None
        return rule(self, producer) if rule and producer else _summed(self._square(value))

    def _parts(self, producer: Operation) -> Value:
        """For concatenated, reshaped or added tensors."""
        total = self._total(producer.operands[0])
        for part in producer.operands[1:]:
            total = hlo.add(total, self._total(part))
        return total

    def _matmul(self, producer: Operation) -> Value:
        """Σ_ij Σ_k x[k, i]² y[k, j]² = Σ_k (Σ_i x[k, i]²) (Σ_j y[k, j]²), for every matrix of a batch."""
        kept = range(producer.attributes["batch"])
        left, right = (
            hlo.sums((_squared(side),), [i for i in range(len(side.shape)) if i not in (*kept, axis)])[0]
            for side, axis in zip(producer.operands, producer.attributes["contract"], strict=True)
        )
        return _summed(hlo.multiply(left, right))

    def _sum(self, producer: Operation) -> Value:
        """Of a sum of matmuls over pieces, the matmuls; else the numbers summed."""
        (x, *others, _) = producer.operands
        source = self._producer_of.get(x)
        if not others and source is not None and source.opcode == "dot_general":
            return self._matmul(source)
        return _summed(self._square(producer.results[0]))

    def _convolution(self, producer: Operation) -> Value:
        """As if the squares of image and kernel were uncorrelated: one mean square for a channel.

        For a depthwise convolution by channel, for others over all channels.
        """
        image, kernel = producer.operands
        axes = (0, 1, 2) if producer.attributes["groups"] == image.shape[3] > 1 else (0, 1, 2, 3)
        (pixels,), (weights,) = hlo.sums((_squared(image),), axes), hlo.sums((_squared(kernel),), axes)
        outputs = math.prod(producer.results[0].shape[:3])
        inputs = math.prod(image.shape[axis] for axis in axes)
        return _summed(hlo.multiply(hlo.multiply(pixels, weights), scalar(outputs / inputs, pixels)))

    def _square(self, value: Value) -> Value:
        """The square of the expected size of every number."""
        producer = self._producer_of.get(value)
        if producer is not None and producer.opcode == "reduce":
            x = producer.operands[producer.results.index(value)]
            staged = x in self._producer_of and self._producer_of[x].opcode == "reduce"
            return hlo.sums((self._square(x) if staged else _squared(x),), producer.attributes["axes"])[0]
        if producer is not None and producer.opcode in ("multiply", "divide"):
            x, factor = producer.operands
            scaled = hlo.multiply if producer.opcode == "multiply" else hlo.divide
            return scaled(self._square(x), _squared(factor))
        return _squared(value)


def _squared(value: Value) -> Value:
    return hlo.multiply(value, value, "squared")


def _summed(value: Value) -> Value:
    return hlo.sums((value,), tuple(range(len(value.shape))))[0] if value.shape else value


_TOTALS: dict[str, Callable[[RandomSums, Operation], Value]] = {
    "dot_general": RandomSums._matmul,
    "convolution": RandomSums._convolution,
    "reduce": RandomSums._sum,
    **dict.fromkeys(("reshape", "slice", "concatenate", "add", "transpose"), RandomSums._parts),
}


def undecided(x: Value, y: Value, cotangent: Value, pool: MaxPool, count: float) -> Value:
    """The share of a max-pool's cotangent, in the Euclidean norm, that rounding may send to another pixel; a scalar.

    It may where a window's second largest number is as near to the largest as `count` roundings of both. Numbers equal
    in f64 are assumed equal in f32: channels beyond a kink are constant.
    """
    shifted = Shifted(x, pool.window, fill=-(2.0**60))
    size = hlo.maximum(y, hlo.subtract(scalar(0, y), y))
    near = hlo.multiply(size, scalar(2 * tolerance(count), y))
    nothing, square = scalar(0, y), _squared(cotangent)
    moved = nothing
    for i, j in shifted.places():
        below = hlo.subtract(y, shifted.at(i, j))
        tied = hlo.logical_and(hlo.compare(below, "GT", nothing), hlo.compare(below, "LE", near))
        moved = hlo.select(tied, square, moved)
    some, every = hlo.sums((moved, square), (0, 1, 2, 3))
    return hlo.sqrt(hlo.divide(some, hlo.maximum(every, scalar(1e-300, every))), "undecided")


@dataclass(frozen=True)
class TensorError:
    """The error of one tensor of a program. The field names are keys of the certificate.

    Args:
        role: as in the manifest: loss, parameter, slot, statistic.
        relative: the Euclidean norm of the error over the tensor's own (a parameter's: over its update's), or over the
            norm with random signs in its last sums, whichever is larger.
        ulps: the largest error of any number, in units of the spacing of f32 numbers at the tensor's root mean square.
        tolerance: of `relative`.
        roundings: Σ K, from which the tolerance is derived.
        measured: `relative` of other roundings of the same program in f32; 0: not needed.
    """

    name: str
    role: str
    shape: tuple[int, ...]
    relative: float
    ulps: float
    tolerance: float
    roundings: float
    measured: float = 0.0

    @property
    def allowed(self) -> float:
        """The tolerance; or, where f32 is less accurate than that, λ times the error of other roundings."""
        return max(self.tolerance, LAMBDA * self.measured if math.isfinite(self.measured) else 0.0)

    @property
    def passed(self) -> bool:
        """Whether the error is allowed; NaN never is."""
        return self.relative <= self.allowed

    @property
    def rounding_alone(self) -> bool:
        """Whether the error exceeds the tolerance as that of other roundings does."""
        return self.tolerance < self.relative <= self.allowed

    @property
    def share(self) -> float:
        """The error over what is allowed."""
        if self.relative == 0:
            return 0.0
        return self.relative / self.allowed if self.allowed and not math.isnan(self.relative) else math.inf

    def __str__(self) -> str:
        says = f"{self.name}: {self.relative:.1e} relative, {self.ulps:.3g} ULP, tolerance {self.tolerance:.1e}"
        return f"{says}, other roundings {self.measured:.1e}" if self.rounding_alone else says


@dataclass(frozen=True)
class Expected:
    """A tensor of the reference.

    Args:
        numbers: in f64, or integers.
        floor: its norm with random signs in its last sums.
        roundings: Σ K of the operations that it depends on.
        undecided: the relative error that near ties of max-pools may add.
        before: of a parameter, its old value: the error is relative to the update.
    """

    name: str
    role: str
    numbers: Array
    roundings: float
    floor: float = 0.0
    undecided: float = 0.0
    before: Array | None = None

    def error(self, result: Array) -> TensorError:
        """The error of another result, as an array of the same shape."""
        error = np.asarray(result, np.float64) - self.numbers
        size, norm = _norm(error), _norm(self.numbers)
        scale, stored = max(norm, self.floor), 0.0
        if self.before is not None:
            scale = max(_norm(self.numbers - self.before), self.floor)
            stored = tolerance(1) * norm / scale if scale else 0.0
        spacing = np.spacing(np.float32(max(norm, self.floor) / math.sqrt(error.size)))
        return TensorError(
            self.name,
            self.role,
            error.shape,
            size / scale if scale else (0.0 if size == 0 else math.inf),
            float(np.max(np.abs(error)) / spacing),
            math.hypot(tolerance(self.roundings), self.undecided, stored),
            self.roundings,
        )


def _norm(numbers: Array) -> float:
    return float(np.linalg.norm(np.asarray(numbers, np.float64)))
