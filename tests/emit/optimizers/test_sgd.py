"""Wrong versions of SGD."""

from tests.ops.mutations import WrongVersions


class TestSGD(WrongVersions):
    module = "emit.optimizers.sgd"
    wrong = {
        "the momentum forgets nothing": (
            "hlo.multiply(old, scalar(written(self.constants.momentum), old))",
            "old",
        ),
        "the momentum forgets everything": (
            'hlo.add(hlo.multiply(old, scalar(written(self.constants.momentum), old)), gradient, "momentum")',
            "gradient",
        ),
        "the direction is the gradient": (
            'return buffer, {"momentum": buffer}',
            'return gradient, {"momentum": buffer}',
        ),
        "the momentum comes back old": ('return buffer, {"momentum": buffer}', 'return buffer, {"momentum": old}'),
        "Nesterov's look-ahead": (
            'return buffer, {"momentum": buffer}',
            "ahead = hlo.multiply(buffer, scalar(written(self.constants.momentum), old))\n"
            '        return hlo.add(gradient, ahead), {"momentum": buffer}',
        ),
        "the gradient is damped": (
            'scalar(written(self.constants.momentum), old)), gradient, "momentum")',
            "scalar(written(self.constants.momentum), old)), "
            "hlo.multiply(gradient, scalar(1 - written(self.constants.momentum), old)))",
        ),
        "without momentum: no direction": (
            "            return gradient, {}\n",
            "            return hlo.multiply(gradient, gradient), {}\n",
        ),
    }
