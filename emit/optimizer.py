"""The optimizers, as part of the training program: new parameters and slots from gradients."""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from emit import hlo
from emit.hlo import Value
from emit.op import Tensor
from emit.sums import scalar, written
from netspec.language import TrainConfig

STEP = "step"


class Optimizer(ABC):
    """Its slots are one tensor a parameter and slot name, all starting at zero."""

    slots: tuple[str, ...]
    weight_decay: float

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
        change = hlo.multiply(direction, _everywhere(rate, value), "change")
        return hlo.subtract(value, change, "new"), moved


@dataclass(frozen=True)
class Adam(Optimizer):
    """m ← β₁m + (1-β₁)g, v ← β₂v + (1-β₂)g²; direction (m/(1-β₁ᵗ)) / (√(v/(1-β₂ᵗ)) + ε).

    Kingma and Ba 2015, algorithm 1.
    """

    weight_decay: float
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    slots = ("m", "v")

    def prepare(self, step: Value) -> dict[str, Value]:
        """1 - β₁ᵗ and 1 - β₂ᵗ, as -expm1(t · log β): 1 - 0.999 in f32 would be 1e-5 off."""
        found = {}
        for name, beta in (("correction1", self.beta1), ("correction2", self.beta2)):
            exponent = hlo.multiply(step, scalar(math.log(beta), step), f"{name}_exponent")
            found[name] = hlo.subtract(scalar(0, step), hlo.exponential_minus_one(exponent), name)
        return found

    def direction(
        self, gradient: Value, slots: Mapping[str, Value], prepared: Mapping[str, Value]
    ) -> tuple[Value, dict[str, Value]]:
        """See the class."""
        m = _blend(slots["m"], gradient, self.beta1, "m")
        v = _blend(slots["v"], hlo.multiply(gradient, gradient, "square"), self.beta2, "v")
        m_hat = hlo.divide(m, _everywhere(prepared["correction1"], m), "m_hat")
        v_hat = hlo.divide(v, _everywhere(prepared["correction2"], v), "v_hat")
        size = hlo.add(hlo.sqrt(v_hat), scalar(written(self.epsilon), v_hat), "size")
        return hlo.divide(m_hat, size, "direction"), {"m": m, "v": v}


@dataclass(frozen=True)
class SGD(Optimizer):
    """b ← μb + g, direction b: momentum as torch and Sutskever et al. 2013 keep it, without Nesterov's look-ahead."""

    weight_decay: float
    momentum: float

    @property
    def slots(self) -> tuple[str, ...]:  # type: ignore[override]
        """None without momentum."""
        return ("momentum",) if self.momentum else ()

    def direction(
        self, gradient: Value, slots: Mapping[str, Value], prepared: Mapping[str, Value]
    ) -> tuple[Value, dict[str, Value]]:
        """See the class."""
        if not self.momentum:
            return gradient, {}
        old = slots["momentum"]
        buffer = hlo.add(hlo.multiply(old, scalar(written(self.momentum), old)), gradient, "momentum")
        return buffer, {"momentum": buffer}


def optimizer(config: TrainConfig) -> Optimizer:
    """The optimizer that a recipe asks for."""
    return Adam(config.weightDecay) if config.useAdam else SGD(config.weightDecay, config.momentum)


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
            results = {name: value} | {f"{name}_{slot}": each for slot, each in moved.items()}
            new |= {result: hlo.reshape(each, tensor.shape, "unsqueezed") for result, each in results.items()}
    return new


def _squeezed(value: Value) -> Value:
    return hlo.reshape(value, tuple(size for size in value.shape if size > 1), "squeezed")


def _blend(old: Value, new: Value, beta: float, name: str) -> Value:
    kept = hlo.multiply(old, scalar(written(beta), old), f"{name}_kept")
    return hlo.add(kept, hlo.multiply(new, scalar(1 - written(beta), new), f"{name}_fresh"), f"{name}_new")


def _everywhere(number: Value, like: Value) -> Value:
    return hlo.broadcast(number, like.shape, (), "everywhere")
