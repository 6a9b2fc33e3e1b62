"""Wrong versions of LAMB."""

from tests.ops.mutations import WrongVersions


class TestLamb(WrongVersions):
    module = "emit.optimizers.lamb"
    wrong = {
        "as long as the rate alone says": ('hlo.multiply(direction, everywhere(ratio, value), "trusted")', "direction"),
        "the ratio turned": ('hlo.divide(size, length, "ratio")', 'hlo.divide(length, size, "ratio")'),
        "the ratio of squares": ("    return hlo.sqrt(total, name)", "    return total"),
        "the length of the direction without decay": (
            '_norm(direction, "length")',
            '_norm(direction if decay is None else hlo.subtract(direction, decay), "length")',
        ),
        "the decay outside the ratio": (
            '        if decay is not None:\n            direction = hlo.add(direction, decay, "decayed")\n',
            "",
            'hlo.multiply(direction, everywhere(ratio, value), "trusted"), None,',
            'hlo.multiply(direction, everywhere(ratio, value), "trusted"), decay,',
        ),
        "the biggest number in the norm's place": (
            '(total,) = hlo.sums((hlo.multiply(value, value, "square"),), tuple(range(len(value.shape))), name)',
            'total = hlo.reduce_max(hlo.multiply(value, value, "square"), tuple(range(len(value.shape))), name)',
        ),
    }
