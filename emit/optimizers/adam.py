"""Adam."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from emit import hlo
from emit.hlo import Value
from emit.optimizer import Optimizer, blend, everywhere, register
from emit.sums import scalar, written
from netspec import recipe


@register(recipe.Adam)
@dataclass(frozen=True)
class Adam(Optimizer):
    """m ← β₁m + (1-β₁)g, v ← β₂v + (1-β₂)g²; direction (m/(1-β₁ᵗ)) / (√(v/(1-β₂ᵗ)) + ε).

    Kingma and Ba 2015, algorithm 1.
    """

    constants: recipe.Adam | recipe.Lamb
    weight_decay: recipe.WeightDecay

    @property
    def slots(self) -> Mapping[str, float]:
        """The moments."""
        return {"m": 0.0, "v": 0.0}

    def prepare(self, step: Value) -> dict[str, Value]:
        """1 - β₁ᵗ and 1 - β₂ᵗ, as -expm1(t · log β): 1 - 0.999 in f32 would be 1e-5 off."""
        found = {}
        for name, beta in (("correction1", self.constants.beta1), ("correction2", self.constants.beta2)):
            exponent = hlo.multiply(step, scalar(math.log(beta), step), f"{name}_exponent")
            found[name] = hlo.subtract(scalar(0, step), hlo.exponential_minus_one(exponent), name)
        return found

    def direction(
        self, gradient: Value, slots: Mapping[str, Value], prepared: Mapping[str, Value]
    ) -> tuple[Value, dict[str, Value]]:
        """See the class."""
        m = blend(slots["m"], gradient, self.constants.beta1, "m")
        v = blend(slots["v"], hlo.multiply(gradient, gradient, "square"), self.constants.beta2, "v")
        m_hat = hlo.divide(m, everywhere(prepared["correction1"], m), "m_hat")
        v_hat = hlo.divide(v, everywhere(prepared["correction2"], v), "v_hat")
        size = hlo.add(hlo.sqrt(v_hat), scalar(written(self.constants.epsilon), v_hat), "size")
        return hlo.divide(m_hat, size, "direction"), {"m": m, "v": v}
