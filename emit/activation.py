"""What the activations have in common: number by number, named in `netspec/activations.py`, one file each in `ops/`."""

from emit import hlo
from emit.hlo import Value
from emit.op import Op
from emit.sums import scalar
from netspec.layers import Shape


class Activation(Op):
    """y = f(x) on any shape. Its kind is its name in the language; it has no options.

    A VJP reads `call.rematerialized` where that is not None: the input x, recomputed by the op before it, so that
    neither x nor y has to be kept. Else it reads y (`result.output`, as ReLU does: y > 0 exactly where x > 0) or x
    (`inputs[0]`, as hard-swish does).
    """

    reads_rematerialized = True

    def shape(self, *inputs: Shape) -> Shape:
        """Unchanged."""
        return inputs[0]

    def macs(self, *inputs: Shape) -> int:
        """None."""
        return 0


def hard_gate(x: Value) -> Value:
    """relu6(x + 3): six times hard-sigmoid."""
    above = hlo.maximum(hlo.add(x, scalar(3, x), "shifted"), scalar(0, x), "positive_part")
    return hlo.minimum(above, scalar(6, x), "gate")


def logistic(x: Value) -> Value:
    """σ(x) = 1 / (1 + e⁻ˣ). Where e⁻ˣ is more than a number can be, it is 0, as it should be."""
    power = hlo.exponential(hlo.subtract(scalar(0, x), x, "negative"), "power")
    return hlo.divide(scalar(1, x), hlo.add(scalar(1, x), power, "above_one"), "logistic")


def logistic_slope(logistic: Value) -> Value:
    """σ'(x) = σ(x) · (1 - σ(x))."""
    return hlo.multiply(logistic, hlo.subtract(scalar(1, logistic), logistic, "rest"), "logistic_slope")
