"""From gradients to new state: accumulation, clipping, the optimizer, and averages of the parameters."""

from collections.abc import Mapping

from emit import hlo
from emit.graph import Graph
from emit.hlo import Value
from emit.manifest import Entry
from emit.op import ZEROS, Init, Tensor
from emit.optimizer import STEP, apply, everywhere
from emit.optimizers import optimizer_for
from emit.sums import scalar, written
from netspec.language import TrainConfig

PART = "part"
AVERAGE, SUM = "average", "sum"  # ends of names, after a parameter's or a statistic's

Values = Mapping[str, Value]


def state_of(config: TrainConfig, graph: Graph) -> tuple[Entry, ...]:
    """What stays from step to step, in order: parameters, slots, the counter of updates, statistics, averages.

    What is frozen has no slots.
    """
    parameters, statistics = graph.parameters(), graph.statistics()

    def entry(name: str, tensor: Tensor, role: str, init: Init) -> Entry:
        return Entry(name, role, tensor.shape, "f32", init)  # type: ignore[arg-type]

    slots = dict(optimizer_for(config).slots) | ({SUM: 0.0} if config.gradAccumSteps > 1 else {})
    return (
        *(entry(name, tensor, "parameter", tensor.init) for name, tensor in parameters),
        *(
            entry(f"{name}_{slot}", tensor, "slot", Init("constant", start))
            for slot, start in slots.items()
            for name, tensor in graph.trained()
        ),
        Entry(STEP, "step", (), "i32", ZEROS),
        *([Entry(PART, "part", (), "i32", ZEROS)] if config.gradAccumSteps > 1 else []),
        *(entry(name, tensor, "statistic", tensor.init) for name, tensor in statistics),
        *(
            entry(f"{name}_{AVERAGE}", tensor, "average", tensor.init)
            for name, tensor in (*parameters, *statistics)
            if config.useEMA
        ),
    )


def update(
    config: TrainConfig, graph: Graph, statistics: Values, state: Values, gradients: Values, rate: Value
) -> dict[str, Value]:
    """Emit everything that comes after the backward pass; the new state by name, without what is frozen.

    Args:
        statistics: as the forward pass left them.
    """
    sums: dict[str, Value] = {}
    if config.gradAccumSteps > 1:
        gradients = sums = _accumulated(config.gradAccumSteps, state, gradients)
    if config.gradClipNorm:
        gradients = _clipped(config.gradClipNorm, gradients)
    parameters = graph.trained()
    new = apply(optimizer_for(config), parameters, state, gradients, _rates(config, graph, rate))
    if config.useEMA:
        new |= _averaged(config.emaDecay, {name: new[name] for name, _ in parameters} | dict(statistics), state, new)
    if sums:
        new = _when_complete(config.gradAccumSteps, new, sums, state)
    return new | dict(statistics)


def _rates(config: TrainConfig, graph: Graph, rate: Value) -> dict[str, Value]:
    """The learning rate of each parameter."""
    rates = {name: rate for name, _ in graph.trained()}
    if config.headLrMult != 1:
        of_head = hlo.multiply(rate, scalar(written(config.headLrMult), rate), "head_rate")
        rates |= dict.fromkeys(graph.head(), of_head)
    return rates


def _accumulated(parts: int, state: Values, gradients: Values) -> dict[str, Value]:
    """The sum of the parts' gradients so far, this one's included, each divided by the number of parts."""
    _first(gradients).block.comment(f"accumulation: the mean gradient of {parts} batches an update")
    return {
        name: hlo.add(
            state[f"{name}_{SUM}"], hlo.divide(gradient, scalar(parts, gradient), f"{name}_share"), f"{name}_{SUM}"
        )
        for name, gradient in gradients.items()
    }


def _clipped(most: float, gradients: Values) -> dict[str, Value]:
    """g · min(1, most / ‖g‖), the norm of all gradients together. Pascanu et al. 2013, algorithm 1."""
    block = _first(gradients).block
    block.comment(f"clipping: the norm of all gradients together is at most {most:g}")
    total = block.constant(0.0)
    for name, gradient in gradients.items():
        with block.scope(name):
            square = hlo.multiply(gradient, gradient, "square")
            (mine,) = hlo.sums((square,), tuple(range(len(square.shape))), "squares")
            total = hlo.add(total, mine, "squares_so_far")
    share = hlo.divide(scalar(written(most), total), hlo.sqrt(total, "norm"), "share")
    factor = hlo.minimum(share, scalar(1, share), "factor")
    return {
        name: hlo.multiply(gradient, everywhere(factor, gradient), f"{name}_clipped")
        for name, gradient in gradients.items()
    }


def _averaged(decay: float, now: Values, state: Values, new: Values) -> dict[str, Value]:
    """a ← a + max(1 - decay, 9 / (10 + t)) · (p - a) after the update number t: a decay of (1 + t) / (10 + t) at first.

    Polyak and Juditsky 1992, exponentially, as TensorFlow's `ExponentialMovingAverage` warms up.
    """
    step = new[STEP]
    block = step.block
    block.comment(f"averages of parameters and statistics: decay {decay:g}")
    count = hlo.convert(step, block.float, "updates")
    early = hlo.divide(scalar(9, count), hlo.add(count, scalar(10, count)), "early")
    share = hlo.maximum(early, scalar(1 - written(decay), early), "fresh_share")
    found = {}
    for name, value in now.items():
        old = state[f"{name}_{AVERAGE}"]
        moved = hlo.multiply(hlo.subtract(value, old, f"{name}_ahead"), everywhere(share, value), f"{name}_moved")
        found[f"{name}_{AVERAGE}"] = hlo.add(old, moved, f"{name}_{AVERAGE}")
    return found


def _when_complete(parts: int, new: Values, sums: Values, state: Values) -> dict[str, Value]:
    """The new state with the last part, and the sums from 0 again; before, the old state and the sums."""
    part = state[PART]
    block = part.block
    block.comment("with the last batch of an update alone")
    last = hlo.compare(part, "EQ", block.constant(parts - 1, (), "i32"), "is_last")
    after = {name: _chosen(last, value, state[name], name) for name, value in new.items()}
    for name, total in sums.items():
        after[f"{name}_{SUM}"] = _chosen(last, scalar(0, total), total, f"{name}_{SUM}")
    following = hlo.add(part, block.constant(1, (), "i32"), "following")
    after[PART] = hlo.select(last, block.constant(0, (), "i32"), following, "part_next")
    return after


def _chosen(condition: Value, yes: Value, no: Value, name: str) -> Value:
    return hlo.select(everywhere(condition, yes), yes, no, f"{name}_next")


def _first(values: Values) -> Value:
    return next(iter(values.values()))
