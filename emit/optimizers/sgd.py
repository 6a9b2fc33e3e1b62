"""Stochastic gradient descent, with or without momentum."""

from collections.abc import Mapping
from dataclasses import dataclass

from emit import hlo
from emit.hlo import Value
from emit.optimizer import Optimizer, register
from emit.sums import scalar, written
from netspec import recipe


@register(recipe.SGD)
@dataclass(frozen=True)
class SGD(Optimizer):
    """b ← μb + g, direction b: momentum as torch keeps it. Nesterov's look-ahead (Sutskever et al. 2013): g + μb."""

    constants: recipe.SGD
    weight_decay: recipe.WeightDecay

    @property
    def slots(self) -> Mapping[str, float]:
        """None without momentum."""
        return {"momentum": 0.0} if self.constants.momentum else {}

    def direction(
        self, gradient: Value, slots: Mapping[str, Value], prepared: Mapping[str, Value]
    ) -> tuple[Value, dict[str, Value]]:
        """See the class."""
        if not self.constants.momentum:
            return gradient, {}
        old = slots["momentum"]
        share = scalar(written(self.constants.momentum), old)
        buffer = hlo.add(hlo.multiply(old, share), gradient, "momentum")
        if not self.constants.nesterov:
            return buffer, {"momentum": buffer}
        return hlo.add(hlo.multiply(buffer, share), gradient, "ahead"), {"momentum": buffer}
