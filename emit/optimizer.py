"""What optimizers have in common, as part of the training program; `emit/optimizers` has one file an optimizer."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from emit import hlo
from emit.hlo import Value
from emit.op import Tensor
from emit.sums import scalar, written

STEP = "step"


class Optimizer(ABC):
    """Its slots are one tensor a parameter and slot name, all starting at zero."""

    weight_decay: float

    @property
    @abstractmethod
    def slots(self) -> tuple[str, ...]:
        """The names of what is kept of each parameter."""

    @abstractmethod
    def direction(
        self, gradient: Value, slots: Mapping[str, Value], prepared: Mapping[str, Value]
    ) -> tuple[Value, dict[str, Value]]:
        """What the learning rate multiplies, and the new slots."""

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
        """p ← p - rate · (direction + weight_decay · p), the decay on weights only and outside the moments.

        Loshchilov and Hutter 2019, "Decoupled weight decay regularization", algorithms 1 and 2.
        """
        direction, moved = self.direction(gradient, slots, prepared)
        if tensor.decays and self.weight_decay:
            decay = hlo.multiply(value, scalar(written(self.weight_decay), value), "decay")
            direction = hlo.add(direction, decay, "decayed")
        change = hlo.multiply(direction, everywhere(rate, value), "change")
        return hlo.subtract(value, change, "new"), moved


OPTIMIZERS: dict[type, Callable[[Any, float], Optimizer]] = {}


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
    rate: Value,
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
            value, moved = chosen.update(tensor, value, gradient, slots, rate, prepared)
            results = {name: value} | {f"{name}_{slot}": fresh for slot, fresh in moved.items()}
            new |= {result: hlo.reshape(fresh, tensor.shape, "unsqueezed") for result, fresh in results.items()}
    return new


def _squeezed(value: Value) -> Value:
    return hlo.reshape(value, tuple(size for size in value.shape if size > 1), "squeezed")


def everywhere(number: Value, like: Value) -> Value:
    """A scalar in the shape of another value."""
    return hlo.broadcast(number, like.shape, (), "everywhere")
