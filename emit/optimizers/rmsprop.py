"""RMSProp, in TensorFlow's form."""

from collections.abc import Mapping
from dataclasses import dataclass

from emit import hlo
from emit.hlo import Value
from emit.optimizer import Optimizer, blend, everywhere, register
from emit.sums import scalar, written
from netspec import recipe


@register(recipe.RMSProp)
@dataclass(frozen=True)
class RMSProp(Optimizer):
    """s ← ρs + (1-ρ)g², v ← μv + rate · g/√(s + ε), p ← p - v: Tieleman and Hinton 2012, as TensorFlow 1 has it.

    The square s starts at 1. Other frameworks put ε beside the root, the rate outside v, and start at 0.
    """

    constants: recipe.RMSProp
    weight_decay: recipe.WeightDecay

    @property
    def slots(self) -> Mapping[str, float]:
        """The mean square, and the velocity where there is momentum."""
        return {"square": 1.0} | ({"velocity": 0.0} if self.constants.momentum else {})

    def direction(
        self, gradient: Value, slots: Mapping[str, Value], prepared: Mapping[str, Value]
    ) -> tuple[Value, dict[str, Value]]:
        """Without momentum: g/√(s + ε)."""
        square = blend(slots["square"], hlo.multiply(gradient, gradient, "square"), self.constants.decay, "square")
        size = hlo.sqrt(hlo.add(square, scalar(written(self.constants.epsilon), square)), "size")
        return hlo.divide(gradient, size, "direction"), {"square": square}

    def change(
        self, value: Value, direction: Value, decay: Value | None, slots: Mapping[str, Value], rate: Value
    ) -> tuple[Value, dict[str, Value]]:
        """The velocity, which has the rate within; decoupled decay takes rate · decay · p off as well."""
        if not self.constants.momentum:
            return super().change(value, direction, decay, slots, rate)
        old, each = slots["velocity"], everywhere(rate, value)
        kept = hlo.multiply(old, scalar(written(self.constants.momentum), old), "kept")
        buffer = hlo.add(kept, hlo.multiply(direction, each, "fresh"), "velocity")
        if decay is None:
            return buffer, {"velocity": buffer}
        return hlo.add(buffer, hlo.multiply(decay, each), "change"), {"velocity": buffer}
