"""Wrong versions of SGD."""

from tests.ops.mutations import WrongVersions


class TestSGD(WrongVersions):
    module = "emit.optimizers.sgd"
    wrong = {
        "the momentum forgets nothing": (
            "hlo.multiply(old, share)",
            "old",
        ),
        "the momentum forgets everything": (
            'hlo.add(hlo.multiply(old, share), gradient, "momentum")',
            "gradient",
        ),
        "the direction is the gradient": (
            'return buffer, {"momentum": buffer}',
            'return gradient, {"momentum": buffer}',
        ),
        "the momentum comes back old": ('return buffer, {"momentum": buffer}', 'return buffer, {"momentum": old}'),
        "Nesterov's look-ahead always": ("if not self.constants.nesterov:", "if False:"),
        "Nesterov's look-ahead never": ("if not self.constants.nesterov:", "if True:"),
        "Nesterov's look-ahead is the momentum's next": (
            'hlo.add(hlo.multiply(buffer, share), gradient, "ahead")',
            "hlo.multiply(buffer, share)",
        ),
        "Nesterov's look-ahead comes back as the momentum": (
            'gradient, "ahead"), {"momentum": buffer}',
            'gradient, "ahead"), {"momentum": hlo.add(hlo.multiply(buffer, share), gradient)}',
        ),
        "the gradient is damped": (
            'hlo.multiply(old, share), gradient, "momentum")',
            "hlo.multiply(old, share), hlo.multiply(gradient, scalar(1 - written(self.constants.momentum), old)))",
        ),
        "without momentum: no direction": (
            "            return gradient, {}\n",
            "            return hlo.multiply(gradient, gradient), {}\n",
        ),
    }
