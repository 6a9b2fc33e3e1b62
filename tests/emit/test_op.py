"""Wrong versions of what ops share."""

from tests.ops.mutations import WrongVersions


class TestOp(WrongVersions):
    module = "emit.op"
    wrong = {
        "parts: the slope lost": ('hlo.multiply(self.through, slope, "through")', "self.through"),
        "parts: the scale lost": ('hlo.multiply(self.direct, scale, "direct")', "self.direct"),
        "parts: the shift taken off": (', shift, "dx")', ", hlo.subtract(hlo.subtract(shift, shift), shift))"),
        "parts: the scale and the slope swapped": (
            "(self.scale, self.slope, self.shift)",
            "(self.slope, self.scale, self.shift)",
        ),
    }
