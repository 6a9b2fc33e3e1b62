"""What dropout and stochastic depth have in common: both drop at random in training, and nothing in evaluation."""

from dataclasses import dataclass
from fractions import Fraction

from emit import hlo
from emit.hlo import ShapeError, Value
from emit.op import Call, Op
from emit.sums import written
from netspec.layers import Shape


@dataclass(frozen=True)
class Dropping(Op):
    """Drops with the probability `rate`, 0 ≤ rate < 1, and divides what it keeps by the probability that it is kept.

    So the mean over all draws is the input, which is what evaluation gives.
    """

    rate: float
    draws = True

    @property
    def keep(self) -> Fraction:
        """The probability that something is kept."""
        return 1 - written(self.rate)

    def is_identity(self, *, training: bool) -> bool:
        """In evaluation, and where nothing is dropped."""
        return not training or self.rate == 0

    def shape(self, *inputs: Shape) -> Shape:
        """Unchanged."""
        if not 0 <= self.rate < 1:
            raise ShapeError(f"{self.kind}: expected a rate from 0 to less than 1, received {self.rate}")
        return inputs[0]

    def macs(self, *inputs: Shape) -> int:
        """None."""
        return 0

    def factor(self, call: Call, examples: int, elements: int = 1) -> Value:
        """1/keep where a draw keeps and 0 where it drops, `[examples, elements]`: what the VJP multiplies by as well.

        Four bytes a number. Of truth values IREE (3.13.0) saves the random words; bytes would take a fourth, but do not
        compile for CUDA and ROCm where a sum comes before, such as a pool's.
        """
        block = call.inputs[0].block
        if call.random is None:
            raise block.wrong(f"{self.kind}: expected random numbers in training, received none")
        keeps = call.random.keeps(self.keep, examples, elements)
        kept, dropped = (block.constant(number, keeps.shape) for number in (1 / self.keep, 0))
        return hlo.select(keeps, kept, dropped, "factor")
