"""Finds the lowerings of a program's ops that are fastest on this machine, timed within the program.

One option at a time is used for all choices of a family that have it. The profiler gives each layer's time, and a
choice keeps the option with which its layers were fastest.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from emit.graph import Graph
from emit.hlo import Operation
from emit.lowerings import Choice, Chosen, Option
from emit.program import Program
from emit.programs import choices_of, emit, graph_of
from netspec.errors import CompileError
from netspec.language import NetSpec, TrainConfig
from runtime.compiler.target import Target
from runtime.profile.origin import Origin, origins
from runtime.profile.profile import timed
from runtime.report import Report

WORTH = 0.05  # what an option must gain in its layers, and a thousandth of the run, or noise would decide
WORTH_OF_ALL = 0.001
WORTH_ALL = 0.01  # what all options together must gain


@dataclass(frozen=True)
class FasterOption:
    """A choice (`choice`) whose fastest option (`option`) is not the rule's, and the seconds of its layers with both.

    The field names are the keys of `netspec tune --json`.
    """

    choice: str
    rule: Option
    option: Option
    before_s: float
    after_s: float


@dataclass(frozen=True)
class TunedLowerings:
    """Seconds of a run by rule and with the fastest options, and the option of every choice.

    `chosen` is empty where the options gain too little together. The field names are the keys of `netspec tune --json`.
    """

    before_s: float
    after_s: float
    faster: tuple[FasterOption, ...]
    chosen: Chosen


Timed = tuple[float, Mapping[Origin, float]]


def tune_lowerings(
    entry_point: str, net: NetSpec, config: TrainConfig, target: Target, report: Report, *, runs: int
) -> TunedLowerings:
    """Try every lowering of every op of a program. Raises NetSpecError."""
    graph = graph_of(entry_point, net, config)

    def emitted(chosen: Chosen) -> Program:
        return emit(entry_point, net, config, backend=target.backend, chosen=chosen)

    def measured(chosen: Chosen) -> Timed:
        recorded, times = timed(emitted(chosen), graph, target, report, runs=runs)
        layers: dict[Origin, float] = {}
        for origin, seconds in times:
            layers[origin] = layers.get(origin, 0.0) + seconds
        return recorded.step, layers

    choices = choices_of(entry_point, net, config, target.backend)
    by_rule = _operations(emitted({}), graph)
    trials = list(_trials(choices))
    if not trials:
        return TunedLowerings(0.0, 0.0, (), {})
    started = time.monotonic()
    before, base = measured({})
    report.say(f"lowerings by rule: {1e3 * before:.2f} ms; {len(trials)} trials for {len(choices)} choices")
    best: dict[str, FasterOption] = {}
    for number, (title, trial) in enumerate(trials, 1):
        try:
            _, seconds = measured({str(choice): option for choice, option in trial.items()})
        except CompileError as wrong:
            report.say(f"{title}: skipped, as the compiler rejects it ({wrong})")
            continue
        for choice, option in trial.items():
            layers = _differing(by_rule, _operations(emitted({str(choice): option}), graph))
            old, new = (sum(times.get(layer, 0.0) for layer in layers) for times in (base, seconds))
            enough = new < (1 - WORTH) * old and old - new > WORTH_OF_ALL * before
            known = best.get(str(choice))
            if enough and (known is None or old - new > known.before_s - known.after_s):
                best[str(choice)] = FasterOption(str(choice), choice.rule, option, old, new)
        left = (len(trials) - number + 1) * (time.monotonic() - started) / (number + 1)
        report.say(
            f"lowerings {number}/{len(trials)}: {title}: {len(best)} of {len(choices)} choices gain so far, about "
            f"{left:.0f} s left, and the tiles"
        )
    if not best:
        return TunedLowerings(before, before, (), {})
    chosen = {str(choice): choice.rule for choice in choices} | {name: faster.option for name, faster in best.items()}
    after, _ = measured(chosen)
    return TunedLowerings(before, after, tuple(best.values()), chosen if after < (1 - WORTH_ALL) * before else {})


def _trials(choices: tuple[Choice, ...]) -> Iterator[tuple[str, dict[Choice, Option]]]:
    """Options to try together: of a family, every choice's first option that is not the rule's, then the second, ..."""
    for family in sorted({choice.family for choice in choices}):
        others = {
            choice: [option for option in choice.options if option != choice.rule]
            for choice in choices
            if choice.family == family
        }
        for index in range(max(map(len, others.values()))):
            trial = {choice: options[index] for choice, options in others.items() if index < len(options)}
            yield f"{family}, {', '.join(sorted({str(option) for option in trial.values()}))}", trial


Operations = Mapping[Origin, Counter[tuple[object, ...]]]


def _operations(program: Program, graph: Graph) -> Operations:
    """The operations of each layer and direction, by opcode and types, counted."""
    known = origins(program.module, graph)
    counts: dict[Origin, Counter[tuple[object, ...]]] = {}
    for item in program.module.functions[0].operations:
        if isinstance(item, Operation):
            signature = (item.opcode, *(value.type for value in (*item.operands, *item.results)))
            counts.setdefault(known[item.results[0].name], Counter())[signature] += 1
    return counts


def _differing(one: Operations, other: Operations) -> set[Origin]:
    return {origin for origin in {*one, *other} if one.get(origin) != other.get(origin)}
