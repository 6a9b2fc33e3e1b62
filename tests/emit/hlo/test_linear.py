"""Wrong versions of `emit/hlo/linear.py`."""

from tests.ops.mutations import WrongVersions


class TestLinear(WrongVersions):
    module = "emit.hlo.linear"
    wrong = {
        "a product says the wrong axes": (
            'x.block.emit("dot_general", kept((x, y)), (result,), name, contract=contract, batch=batch)',
            'x.block.emit("dot_general", kept((x, y)), (result,), name, contract=contract[::-1], batch=batch)',
        ),
        "a convolution says its pads swapped": (
            "pads=tuple(tuple(pair) for pair in pads)",
            "pads=tuple(tuple(pair)[::-1] for pair in pads)",
        ),
        "a convolution says no kernel dilation": ("kernel_dilation=kernel_dilation,", "kernel_dilation=(1, 1),"),
    }
