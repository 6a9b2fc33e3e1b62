"""What an op is: parameters, shape rule, forward, vector-Jacobian product, cost. `emit/ops` has one file an op."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from typing import ClassVar, Literal

from emit import hlo
from emit.forms import Forms
from emit.hlo import Value
from emit.sums import per_channel
from emit.targets import FORMS
from netspec.layers import Shape

EMPTY: Mapping[str, Value] = {}


@dataclass(frozen=True)
class Init:
    """How numbers start: all `value`, or normal with mean 0 and standard deviation `value`."""

    kind: Literal["constant", "normal"]
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
        again: on the way back, of an op that `rereads`: its input emitted once more by the op that made it.
    """

    inputs: tuple[Value, ...]
    parameters: Mapping[str, Value] = field(default_factory=dict)
    statistics: Mapping[str, Value] = field(default_factory=dict)
    forms: Forms = FORMS["cpu"]
    training: bool = True
    again: Value | None = None


@dataclass(frozen=True)
class Result:
    """What the forward pass gives: the output, what the way back needs, and updated running statistics.

    Args:
        again: emits the output once more, from what is kept anyway: cheaper than to keep the output itself.
    """

    output: Value
    saved: Mapping[str, Value] = field(default_factory=dict)
    statistics: Mapping[str, Value] = field(default_factory=dict)
    again: Callable[[], Value] | None = None


@dataclass(frozen=True)
class Parts:
    """The cotangent of `through`, not added up: direct · scale + through · slope + shift, the last of each pair `[C]`.

    An op whose output is `through` may need its sums and products alone: see `Op.takes_parts`.
    """

    direct: Value
    scale: Value
    through: Value
    slope: Value
    shift: Value

    def whole(self) -> Value:
        """Added up, in one pass over memory."""
        scale, slope, shift = (per_channel(each, self.direct) for each in (self.scale, self.slope, self.shift))
        direct = hlo.multiply(self.direct, scale, "direct")
        return hlo.add(hlo.add(direct, hlo.multiply(self.through, slope, "through")), shift, "dx")


@dataclass(frozen=True)
class Cotangents:
    """What the way back gives: one an input (None where not wanted), one a parameter."""

    inputs: tuple[Value | Parts | None, ...]
    parameters: Mapping[str, Value] = field(default_factory=dict)

    def whole(self) -> tuple[Value | None, ...]:
        """The inputs' with parts added up."""
        return tuple(each.whole() if isinstance(each, Parts) else each for each in self.inputs)


class Op(ABC):
    """One node's computation. A frozen dataclass of its sizes and options; it holds no values."""

    kind: ClassVar[str]
    rereads: ClassVar[bool] = False  # whether its VJP takes `Call.again` where there is one

    def parameters(self) -> tuple[Tensor, ...]:
        """What is trained."""
        return ()

    def statistics(self) -> tuple[Tensor, ...]:
        """What is kept beside the parameters and not trained."""
        return ()

    @abstractmethod
    def shape(self, *inputs: Shape) -> Shape:
        """The output's shape for one example, from its inputs'."""

    @abstractmethod
    def forward(self, call: Call) -> Result:
        """Emit the computation."""

    def takes_parts(self, call: Call) -> bool:
        """Whether `vjp_of_parts` is cheaper than adding them up, given that `through` is its own output."""
        return False

    @abstractmethod
    def vjp(self, call: Call, result: Result, cotangent: Value, wanted: tuple[bool, ...]) -> Cotangents:
        """Emit the vector-Jacobian product: from the output's cotangent to those of inputs and parameters."""

    def vjp_of_parts(self, call: Call, result: Result, parts: Parts, wanted: tuple[bool, ...]) -> Cotangents:
        """As `vjp`, from the parts of its output's cotangent; of an op that takes them."""
        raise NotImplementedError(self.kind)

    @abstractmethod
    def macs(self, *inputs: Shape) -> int:
        """Multiply-accumulate operations for one example; what is not a matrix product counts 0."""


REGISTRY: dict[str, type[Op]] = {}


def register(cls: type[Op]) -> type[Op]:
    """Enter an op into the list of what the project can do."""
    REGISTRY[cls.kind] = cls
    return cls


def register_package(package: str, path: Iterable[str]) -> None:
    """Import the modules of a package, in the order of their names; each registers its op."""
    for module in sorted(found.name for found in iter_modules(path)):
        import_module(f"{package}.{module}")
