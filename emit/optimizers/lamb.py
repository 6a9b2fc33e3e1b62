"""LAMB: Adam whose change of a tensor is as long as the tensor itself, times the rate."""

from collections.abc import Mapping
from dataclasses import dataclass

from emit import hlo
from emit.hlo import Value
from emit.optimizer import everywhere, register
from emit.optimizers.adam import Adam
from emit.sums import scalar
from netspec import recipe


@register(recipe.Lamb)
@dataclass(frozen=True)
class Lamb(Adam):
    """r = Adam's direction + decay · p, p ← p - rate · ‖p‖/‖r‖ · r, where either norm is 0: p - rate · r.

    You et al. 2020, "Large batch optimization for deep learning", algorithm 2, with φ the identity.
    """

    def change(
        self, value: Value, direction: Value, decay: Value | None, slots: Mapping[str, Value], rate: Value
    ) -> tuple[Value, dict[str, Value]]:
        """Of ‖p‖/‖r‖ · r."""
        if decay is not None:
            direction = hlo.add(direction, decay, "decayed")
        size, length = _norm(value, "size"), _norm(direction, "length")
        ratio, zero, one = hlo.divide(size, length, "ratio"), scalar(0, size), scalar(1, size)
        for norm in (size, length):
            ratio = hlo.select(hlo.compare(norm, "GT", zero, "is_positive"), ratio, one, "ratio")
        return super().change(value, hlo.multiply(direction, everywhere(ratio, value), "trusted"), None, slots, rate)


def _norm(value: Value, name: str) -> Value:
    (total,) = hlo.sums((hlo.multiply(value, value, "square"),), tuple(range(len(value.shape))), name)
    return hlo.sqrt(total, name)
