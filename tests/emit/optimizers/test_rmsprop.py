"""Wrong versions of RMSProp."""

from tests.ops.mutations import WrongVersions


class TestRMSProp(WrongVersions):
    module = "emit.optimizers.rmsprop"
    wrong = {
        "ε beside the root": (
            'hlo.sqrt(hlo.add(square, scalar(written(self.constants.epsilon), square)), "size")',
            "hlo.add(hlo.sqrt(square), scalar(written(self.constants.epsilon), square))",
        ),
        "no root": (
            'hlo.sqrt(hlo.add(square, scalar(written(self.constants.epsilon), square)), "size")',
            "hlo.add(square, scalar(written(self.constants.epsilon), square))",
        ),
        "the square of the step before": (
            "hlo.add(square, scalar(written(self.constants.epsilon), square))",
            'hlo.add(slots["square"], scalar(written(self.constants.epsilon), square))',
        ),
        "a mean of gradients, not of their squares": ('hlo.multiply(gradient, gradient, "square")', "gradient"),
        "the velocity without the rate within": (
            'hlo.multiply(direction, each, "fresh")',
            "direction",
        ),
        "the velocity times the rate again": (
            'return buffer, {"velocity": buffer}',
            'return hlo.multiply(buffer, each), {"velocity": buffer}',
        ),
        "the velocity comes back old": ('return buffer, {"velocity": buffer}', 'return buffer, {"velocity": old}'),
        "the velocity forgets nothing": (
            'hlo.multiply(old, scalar(written(self.constants.momentum), old), "kept")',
            "old",
        ),
        "decay without the rate": ("hlo.multiply(decay, each)", "decay"),
        "decay within the velocity": (
            'return hlo.add(buffer, hlo.multiply(decay, each), "change"), {"velocity": buffer}',
            'both = hlo.add(buffer, hlo.multiply(decay, each), "change")\n        return both, {"velocity": both}',
        ),
    }
