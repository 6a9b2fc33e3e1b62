"""What the activations have in common: number by number, named in `netspec/activations.py`, one file each in `ops/`."""

from emit.op import Op
from netspec.layers import Shape


class Activation(Op):
    """y = f(x) on any shape. Its kind is its name in the language; it has no options."""

    rereads = True

    def shape(self, *inputs: Shape) -> Shape:
        """Unchanged."""
        return inputs[0]

    def macs(self, *inputs: Shape) -> int:
        """None."""
        return 0
