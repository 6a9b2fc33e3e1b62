"""Wrong versions of `emit/hlo/shape.py`."""

from tests.ops.mutations import WrongVersions


class TestShape(WrongVersions):
    module = "emit.hlo.shape"
    wrong = {
        "a pad says before for behind": (
            "low=tuple(low), high=tuple(high)",
            "low=tuple(high), high=tuple(low)",
        ),
        "every pad is 0": ("x.block.constant(fill, ()", "x.block.constant(0, ()"),
        "a slice starts at 0": (
            "name, start=tuple(start), stop=tuple(stop))",
            "name, start=(0,) * len(shape), stop=shape)",
        ),
    }
