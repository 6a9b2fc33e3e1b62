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
    """b ← μb + g, direction b: momentum as torch and Sutskever et al. 2013 keep it, without Nesterov's look-ahead."""

    constants: recipe.SGD
    weight_decay: float

    @property
    def slots(self) -> tuple[str, ...]:
        """None without momentum."""
        return ("momentum",) if self.constants.momentum else ()

    def direction(
        self, gradient: Value, slots: Mapping[str, Value], prepared: Mapping[str, Value]
    ) -> tuple[Value, dict[str, Value]]:
        """See the class."""
        if not self.constants.momentum:
            return gradient, {}
        old = slots["momentum"]
        buffer = hlo.add(hlo.multiply(old, scalar(written(self.constants.momentum), old)), gradient, "momentum")
        return buffer, {"momentum": buffer}
