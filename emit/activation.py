"""What the activations have in common: number by number, named in `netspec/activations.py`, one file each in `ops/`."""

from emit.op import Op
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
