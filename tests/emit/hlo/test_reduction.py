"""Wrong versions of `emit/hlo/reduction.py`."""

from tests.ops.mutations import WrongVersions


class TestReduction(WrongVersions):
    module = "emit.hlo.reduction"
    wrong = {
        "sums start at 1": ('_reduce("add", operands, 0.0, axes, name)', '_reduce("add", operands, 1.0, axes, name)'),
        "maxima start at 0": ('_reduce("maximum", (x,), -math.inf', '_reduce("maximum", (x,), 0.0'),
        "a window's maximum starts at 0": ("x.block.constant(-math.inf, ()", "x.block.constant(0.0, ()"),
        "a window's maximum is a sum": ('body="maximum"', 'body="add"'),
        "the smallest is the largest": ('_reduce("minimum"', '_reduce("maximum"'),
    }
