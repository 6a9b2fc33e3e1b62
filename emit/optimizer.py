"""What optimizers have in common, as part of the training program; `emit/optimizers` has one file an optimizer."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from emit import hlo
from emit.hlo import Value
from emit.op import Tensor
from emit.sums import scalar, written
from netspec.recipe import WeightDecay

STEP = "step"


class Optimizer(ABC):
    """Its slots are one tensor a parameter and slot name."""

    weight_decay: WeightDecay

    @property
    @abstractmethod
    def slots(self) -> Mapping[str, float]:
        """What is kept of each parameter, by name, and the number that it starts at."""

    @abstractmethod
    def direction(
        self, gradient: Value, slots: Mapping[str, Value], prepared: Mapping[str, Value]
    ) -> tuple[Value, dict[str, Value]]:
        """What the learning rate multiplies, before the decay, and the new slots."""

    def prepare(self, step: Value) -> dict[str, Value]:
        """Scalars that all parameters share. `step` counts this step as 1 the first time (f32)."""
        return {}

    def update(
        self,
        tensor: Tensor,
        value: Value,
        gradient: Value,
        slots: Mapping[str, Value],
        rate: Value,
        prepared: Mapping[str, Value],
    ) -> tuple[Value, dict[str, Value]]:
        """p ← p - rate · (direction + decay · p), the decay outside the moments: decoupled.

        Loshchilov and Hutter 2019, "Decoupled weight decay regularization", algorithms 1 and 2. Coupled, the gradient
        is g + decay · p, and so is what the moments are of.
        """
        decay = self.decay(tensor, value)
        if decay is not None and self.weight_decay.coupled:
            gradient, decay = hlo.add(gradient, decay, "decayed"), None
        direction, moved = self.direction(gradient, slots, prepared)
        change, more = self.change(value, direction, decay, slots, rate)
        return hlo.subtract(value, change, "new"), moved | more

    def decay(self, tensor: Tensor, value: Value) -> Value | None:
        """decay · p, of a parameter that decays."""
        if not self.weight_decay.rate or not (tensor.decays or self.weight_decay.everything):
            return None
        return hlo.multiply(value, scalar(written(self.weight_decay.rate), value), "decay")

    def change(
        self, value: Value, direction: Value, decay: Value | None, slots: Mapping[str, Value], rate: Value
    ) -> tuple[Value, dict[str, Value]]:
        """What is taken off a parameter, and new slots that only this gives. `decay`: where it is decoupled."""
        if decay is not None:
            direction = hlo.add(direction, decay, "decayed")
        return hlo.multiply(direction, everywhere(rate, value), "change"), {}


OPTIMIZERS: dict[type, Callable[[Any, WeightDecay], Optimizer]] = {}


def register(asked: type) -> Callable[[type[Optimizer]], type[Optimizer]]:
    """Enter an optimizer under the value of `netspec.recipe` that asks for it; it is made of that and the decay."""

    def enter(cls: type[Optimizer]) -> type[Optimizer]:
        OPTIMIZERS[asked] = cls
        return cls

    return enter


def apply(
    chosen: Optimizer,
    parameters: Sequence[tuple[str, Tensor]],
    state: Mapping[str, Value],
    gradients: Mapping[str, Value],
    rates: Mapping[str, Value],
) -> dict[str, Value]:
    """Emit one update of every parameter and slot, and of the step counter.

    Axes of size 1 are dropped first. IREE would do so behind each operation, and then make an update's results in a
    pass each.
    """
    step = state[STEP]
    block = step.block
    block.comment(f"optimizer: {type(chosen).__name__}")
    new = {STEP: hlo.add(step, block.constant(1, (), "i32"), "step_next")}
    prepared = chosen.prepare(hlo.convert(new[STEP], block.float, "step_real"))
    for name, tensor in parameters:
        with block.scope(name):
            slots = {slot: _squeezed(state[f"{name}_{slot}"]) for slot in chosen.slots}
            value, gradient = _squeezed(state[name]), _squeezed(gradients[name])
            value, moved = chosen.update(tensor, value, gradient, slots, rates[name], prepared)
            results = {name: value} | {f"{name}_{slot}": fresh for slot, fresh in moved.items()}
            new |= {result: hlo.reshape(fresh, tensor.shape, "unsqueezed") for result, fresh in results.items()}
    return new


def _squeezed(value: Value) -> Value:
    return hlo.reshape(value, tuple(size for size in value.shape if size > 1), "squeezed")


def blend(old: Value, new: Value, share: float, name: str) -> Value:
    """share · old + (1 - share) · new."""
    kept = hlo.multiply(old, scalar(written(share), old), f"{name}_kept")
    return hlo.add(kept, hlo.multiply(new, scalar(1 - written(share), new), f"{name}_fresh"), f"{name}_new")


def everywhere(number: Value, like: Value) -> Value:
    """A scalar in the shape of another value."""
    return hlo.broadcast(number, like.shape, (), "everywhere")
