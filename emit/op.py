"""What an op is: parameters, shape rule, forward, vector-Jacobian product, cost. `emit/ops` has one file an op."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from typing import ClassVar, Literal

from emit import hlo
from emit.hlo import Value
from emit.lowerings import Lowerings
from emit.random import Random
from emit.sums import per_channel
from emit.targets import LOWERINGS
from netspec.layers import Shape

EMPTY: Mapping[str, Value] = {}


@dataclass(frozen=True)
class Init:
    """How numbers start: all `value`; normal with mean 0 and standard deviation `value`; or even up to ±`value`."""

    kind: Literal["constant", "normal", "uniform"]
    value: float


ZEROS = Init("constant", 0.0)
ONES = Init("constant", 1.0)


def he_normal(fan: int) -> Init:
    """Normal with variance 2 / fan (He et al. 2015, "Delving deep into rectifiers", equation 10)."""
    return Init("normal", (2.0 / fan) ** 0.5)


@dataclass(frozen=True)
class Tensor:
    """A parameter or a running statistic. `decays`: weight decay applies."""

    name: str
    shape: tuple[int, ...]
    init: Init
    decays: bool = False


@dataclass(frozen=True)
class Call:
    """What an op is given when it is emitted. Images are `[N, H, W, C]`, vectors `[N, F]`.

    Args:
        rematerialized: in the backward pass, of an op that `reads_rematerialized`: its input, recomputed by the op
            before it.
        random: in training, of an op that `draws`: where from.
    """

    inputs: tuple[Value, ...]
    parameters: Mapping[str, Value] = field(default_factory=dict)
    statistics: Mapping[str, Value] = field(default_factory=dict)
    lowerings: Lowerings = LOWERINGS["cpu"]
    training: bool = True
    rematerialized: Value | None = None
    random: Random | None = None


@dataclass(frozen=True)
class Result:
    """What the forward pass gives: the output, what the backward pass needs, and updated running statistics.

    Args:
        rematerialize: recomputes the output in the backward pass from values that are saved anyway.
    """

    output: Value
    saved: Mapping[str, Value] = field(default_factory=dict)
    statistics: Mapping[str, Value] = field(default_factory=dict)
    rematerialize: Callable[[], Value] | None = None


@dataclass(frozen=True)
class AffineCotangent:
    """A lazy cotangent of `through`: direct · diag(scale) + through · diag(slope) + shift, each of the three `[C]`.

    An op whose output is `through` may use the three terms without materializing their sum: see `Op.takes_affine`.
    """

    direct: Value
    scale: Value
    through: Value
    slope: Value
    shift: Value

    def materialized(self) -> Value:
        """The sum, in one pass over memory."""
        scale, slope, shift = (per_channel(each, self.direct) for each in (self.scale, self.slope, self.shift))
        direct = hlo.multiply(self.direct, scale, "direct")
        return hlo.add(hlo.add(direct, hlo.multiply(self.through, slope, "through")), shift, "dx")


@dataclass(frozen=True)
class Cotangents:
    """What the backward pass gives: one an input (None where not wanted), one a parameter."""

    inputs: tuple[Value | AffineCotangent | None, ...]
    parameters: Mapping[str, Value] = field(default_factory=dict)

    def materialized(self) -> tuple[Value | None, ...]:
        """The inputs', each as a value."""
        return tuple(each.materialized() if isinstance(each, AffineCotangent) else each for each in self.inputs)


class Op(ABC):
    """One node's computation. A frozen dataclass of its sizes and options; it holds no values."""

    kind: ClassVar[str]
    reads_rematerialized: ClassVar[bool] = False  # whether its VJP takes `Call.rematerialized` where there is one
    moves_statistics: ClassVar[bool] = True  # whether training changes what `statistics` names
    draws: ClassVar[bool] = False  # whether it takes `Call.random` in training

    @property
    def targets(self) -> tuple[str, ...]:
        """Of a loss: the names of its inputs after the network's outputs, which have no cotangent."""
        return ()

    def parameters(self) -> tuple[Tensor, ...]:
        """What is trained."""
        return ()

    def statistics(self) -> tuple[Tensor, ...]:
        """What is kept beside the parameters and not trained."""
        return ()

    def is_identity(self, *, training: bool) -> bool:
        """Whether it gives its one input back: such a node is in no program."""
        return False

    @abstractmethod
    def shape(self, *inputs: Shape) -> Shape:
        """The output's shape for one example, from its inputs'."""

    @abstractmethod
    def forward(self, call: Call) -> Result:
        """Emit the computation."""

    def takes_affine(self, call: Call) -> bool:
        """Whether `vjp_of_affine` is cheaper than materializing, given that `through` is its own output."""
        return False

    @abstractmethod
    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """Emit the vector-Jacobian product: from the output's cotangent to those of inputs and parameters."""

    def vjp_of_affine(self, call: Call, result: Result, lazy: AffineCotangent, wanted: tuple[bool, ...]) -> Cotangents:
        """As `vjp`, from a lazy cotangent of its output; of an op that takes one."""
        raise NotImplementedError(self.kind)

    @abstractmethod
    def macs(self, *inputs: Shape) -> int:
        """Multiply-accumulate operations for one example; what is not a matrix product counts 0.

        Counted as published figures are: attention's products, of activations with each other, apart.
        """

    def attention_macs(self, *inputs: Shape) -> int:
        """The multiply-accumulate operations for one example that `macs` leaves out: attention's products."""
        return 0


REGISTRY: dict[str, type[Op]] = {}


def register(cls: type[Op]) -> type[Op]:
    """Enter an op into the list of what the project can do."""
    REGISTRY[cls.kind] = cls
    return cls


def register_package(package: str, path: Iterable[str]) -> None:
    """Import the modules of a package, in the order of their names; each registers its op."""
    for module in sorted(found.name for found in iter_modules(path)):
        import_module(f"{package}.{module}")
