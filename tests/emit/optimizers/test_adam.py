"""Wrong versions of Adam."""

from tests.ops.mutations import WrongVersions


class TestAdam(WrongVersions):
    module = "emit.optimizers.adam"
    wrong = {
        "m and v come back as one another": ('{"m": m, "v": v}', '{"m": v, "v": m}'),
        "m is read for v": ('blend(slots["v"],', 'blend(slots["m"],'),
        "v is read for m": ('blend(slots["m"], gradient', 'blend(slots["v"], gradient'),
        "no bias correction of m": (
            'hlo.divide(m, everywhere(prepared["correction1"], m), "m_hat")',
            "m",
        ),
        "no bias correction of v": (
            'hlo.divide(v, everywhere(prepared["correction2"], v), "v_hat")',
            "v",
        ),
        "one another's bias corrections": (
            'everywhere(prepared["correction1"], m)',
            'everywhere(prepared["correction2"], m)',
            'everywhere(prepared["correction2"], v)',
            'everywhere(prepared["correction1"], v)',
        ),
        "bias correction by β, not its power": (
            'hlo.multiply(step, scalar(math.log(beta), step), f"{name}_exponent")',
            "scalar(math.log(beta), step)",
        ),
        "bias correction with its sign turned": (
            "hlo.subtract(scalar(0, step), hlo.exponential_minus_one(exponent), name)",
            "hlo.exponential_minus_one(exponent, name)",
        ),
        "ε inside the root": (
            'hlo.add(hlo.sqrt(v_hat), scalar(written(self.constants.epsilon), v_hat), "size")',
            'hlo.sqrt(hlo.add(v_hat, scalar(written(self.constants.epsilon), v_hat)), "size")',
        ),
        "ε before the bias correction": (
            'hlo.divide(v, everywhere(prepared["correction2"], v), "v_hat")',
            "hlo.divide(hlo.add(v, scalar(written(self.constants.epsilon), v)), "
            'everywhere(prepared["correction2"], v))',
        ),
        "no root": ("hlo.add(hlo.sqrt(v_hat), scalar", "hlo.add(v_hat, scalar"),
        "v of the gradient, not of its square": (
            'hlo.multiply(gradient, gradient, "square")',
            "gradient",
        ),
        "the direction of the old m": (
            'hlo.divide(m, everywhere(prepared["correction1"], m), "m_hat")',
            'hlo.divide(slots["m"], everywhere(prepared["correction1"], m), "m_hat")',
        ),
        "the direction of the gradient itself": (
            'hlo.divide(m_hat, size, "direction")',
            'hlo.divide(gradient, size, "direction")',
        ),
    }
