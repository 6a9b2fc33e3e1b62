"""What is known of an op apart from `emit`: its second definition and its general cases; `ops` has one file an op.

Nothing is shared with how `emit` computes, not even the arithmetic of padding. Arrays are `[N, H, W, C]`, kernels
`[h, w, in, out]`, depthwise kernels `[h, w, 1, C]`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import groupby
from typing import Any

from emit.lowerings import Lowerings
from emit.op import Op
from emit.targets import LOWERINGS
from runtime.verify.arithmetic import Arithmetic

AGREEING = 45  # of the digits of `Decimals`
Shape = tuple[int, ...]
Sized = tuple[Op, tuple[Shape, ...]]


class Wrong(Exception):
    """A rule that does not hold: a sentence."""


@dataclass(frozen=True)
class Case:
    """An op with the shapes of its inputs (batch first), in one lowering; `training` False: no backward pass."""

    op: Op
    inputs: tuple[Shape, ...]
    lowerings: Lowerings = LOWERINGS["cpu"]
    lowering: str = ""
    training: bool = True

    def __str__(self) -> str:
        return " + ".join("×".join(map(str, shape)) for shape in self.inputs)


# What an op gives: (arithmetic, op, inputs, parameters and running statistics by their short names, in training). Of an
# op that draws, its `runtime.verify.random.Draws` are beside those as `random`.
Output = Callable[[Arithmetic, Any, Sequence[Any], Mapping[str, Any], bool], Any]
# The cotangent of an op's one input x, from that of its output, which is 1, 2, 3, ...: (case, x) → (dx, dy).
Pull = Callable[[Case, Any], tuple[Any, Any]]


@dataclass(frozen=True)
class Theorem:
    """How the Lean development of the same operators counts it, and how its code calls it, where it says so."""

    number: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.number}: {self.name}" if self.name else self.number


@dataclass(frozen=True)
class Definition:
    """An op, written down a second time.

    Args:
        output: its formula, by index, over any arithmetic.
        cases: the sizes, options and lowerings in which its rule is checked, whatever the network.
        kinks: of an activation: where its pieces meet, in order, and the derivative there by convention, exact
            (`Fraction(1, 10)`).
        ties: of another op with a convention: what is checked of it. Raises Wrong.
        tied: that convention, in words.
        thin: of an op with a window: the same one for few channels.
        like: the lowerings in which a small image is computed as an image of a shape is.
        digits: how many digits must agree, where no field is exact: fewer of an op that is emitted as an approximation
            of what is defined here.
        theorem: what the Lean development has of it.
    """

    output: Output
    cases: Sequence[Case]
    kinks: Mapping[int, int | Fraction] = field(default_factory=dict)
    ties: Callable[[Case, Pull], None] | None = None
    tied: str = ""
    thin: Callable[[Any], Op] = lambda op: op
    like: Callable[[Any, Shape, Lowerings], Lowerings] = lambda op, shape, lowerings: lowerings
    digits: int = AGREEING
    theorem: Theorem | None = None

    @property
    def convention(self) -> str:
        """What the derivative is where there is none: "0 at x = 0"; empty where there is one everywhere."""
        runs = groupby(self.kinks, self.kinks.__getitem__)
        return self.tied or " and ".join(
            f"{slope} at {' and '.join(f'x = {kink}' for kink in kinks)}" for slope, kinks in runs
        )


WHOLE, STAGED = (
    replace(LOWERINGS["cpu"], channel_sums=lowering, winograd_channels=0, affine_pixels=0)
    for lowering in ("whole", "staged")
)
IMAGES: tuple[Shape, ...] = ((2, 3, 5, 4), (1, 1, 1, 1))
ANY_SHAPE: tuple[Shape, ...] = ((2, 3, 5, 4), (3, 7))  # of images and of features


def in_lowerings(sized: Iterable[Sized], lowerings: Mapping[str, Lowerings]) -> list[Case]:
    """Each of some ops with the shapes of its inputs, in each lowering."""
    return [Case(op, inputs, each, lowering) for op, inputs in sized for lowering, each in lowerings.items()]


def cases(sized: Iterable[Sized]) -> list[Case]:
    """Of ops that have one lowering."""
    return [Case(op, inputs) for op, inputs in sized]
