"""What the activations have in common: number by number, named in `netspec/activations.py`, one file each in `ops/`."""

from emit.op import Op
from netspec.layers import Shape


class Activation(Op):
    """y = f(x) on any shape. Its kind is its name in the language; it has no options.

    A VJP that needs y takes `result.output`, or `call.again` where that is not None: then y was not kept, and was
    emitted once more (rematerialized). One that needs x takes it from `inputs`, as hard-swish does.
    """

    rereads = True

    def shape(self, *inputs: Shape) -> Shape:
        """Unchanged."""
        return inputs[0]

    def macs(self, *inputs: Shape) -> int:
        """None."""
        return 0
