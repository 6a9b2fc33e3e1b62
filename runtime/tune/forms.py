"""Finds which forms of a program's ops are fastest on this machine: each is timed in the whole program.

One answer at a time is given to all questions of a family that have it. The profiler tells each layer's time, and a
question keeps the answer with which the layers that ask it were fastest.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from emit.forms import Answer, Chosen, Question
from emit.graph import Graph
from emit.hlo import Operation
from emit.program import Program, emit, graph_of, questions
from netspec.errors import CompileError
from netspec.language import NetSpec, TrainConfig
from runtime.compiler.target import Target
from runtime.profile.origin import Origin, origins
from runtime.profile.profile import timed
from runtime.report import Report

WORTH = 0.05  # what an answer must gain in its layers, and a thousandth of the whole, or noise would decide
WORTH_OF_ALL = 0.001
WORTH_ALL = 0.01  # what all together must gain


@dataclass(frozen=True)
class Form:
    """A question whose best answer is not the rule's: the seconds of its layers by rule and with it."""

    question: str
    rule: Answer
    answer: Answer
    before_s: float
    after_s: float


@dataclass(frozen=True)
class TunedForms:
    """What was found: seconds of a run by rule and with all answers, and the answer to every question.

    `chosen` is empty where the answers gain too little together.
    """

    before_s: float
    after_s: float
    forms: tuple[Form, ...]
    chosen: Chosen


Timed = tuple[float, Mapping[Origin, float]]


def tune_forms(
    entry_point: str, net: NetSpec, config: TrainConfig, target: Target, report: Report, *, runs: int
) -> TunedForms:
    """Try every form of every op of a program. Raises NetSpecError."""
    graph = graph_of(entry_point, net)

    def emitted(chosen: Chosen) -> Program:
        return emit(entry_point, net, config, backend=target.backend, chosen=chosen)

    def measured(chosen: Chosen) -> Timed:
        found, times = timed(emitted(chosen), graph, target, report, runs=runs)
        seconds: dict[Origin, float] = {}
        for origin, each in times:
            seconds[origin] = seconds.get(origin, 0.0) + each
        return found.step, seconds

    asked = questions(entry_point, net, config, target.backend)
    plain = _parts(emitted({}), graph)
    trials = list(_trials(asked))
    if not trials:
        return TunedForms(0.0, 0.0, (), {})
    started = time.monotonic()
    before, base = measured({})
    report.say(f"forms by rule: {1e3 * before:.2f} ms; {len(trials)} others to try for {len(asked)} choices")
    best: dict[str, Form] = {}
    for turn, (title, trial) in enumerate(trials, 1):
        try:
            _, seconds = measured({str(question): answer for question, answer in trial.items()})
        except CompileError as wrong:
            report.say(f"{title}: left out, as the compiler refuses it ({wrong})")
            continue
        for question, answer in trial.items():
            layers = _differing(plain, _parts(emitted({str(question): answer}), graph))
            old, new = (sum(times.get(layer, 0.0) for layer in layers) for times in (base, seconds))
            enough = new < (1 - WORTH) * old and old - new > WORTH_OF_ALL * before
            known = best.get(str(question))
            if enough and (known is None or old - new > known.before_s - known.after_s):
                best[str(question)] = Form(str(question), question.rule, answer, old, new)
        left = (len(trials) - turn + 1) * (time.monotonic() - started) / (turn + 1)
        report.say(
            f"forms {turn}/{len(trials)}: {title}: {len(best)} of {len(asked)} choices gain so far, about {left:.0f} s "
            "left, and the tiles"
        )
    if not best:
        return TunedForms(before, before, (), {})
    chosen = {str(question): question.rule for question in asked} | {name: form.answer for name, form in best.items()}
    after, _ = measured(chosen)
    return TunedForms(before, after, tuple(best.values()), chosen if after < (1 - WORTH_ALL) * before else {})


def _trials(asked: tuple[Question, ...]) -> Iterator[tuple[str, dict[Question, Answer]]]:
    """What is tried together: of each family, the first answers that the rule does not give, then the second, ..."""
    for family in sorted({question.family for question in asked}):
        others = {
            question: [answer for answer in question.answers if answer != question.rule]
            for question in asked
            if question.family == family
        }
        for turn in range(max(map(len, others.values()))):
            trial = {question: answers[turn] for question, answers in others.items() if turn < len(answers)}
            yield f"{family}, {', '.join(sorted({str(answer) for answer in trial.values()}))}", trial


Parts = Mapping[Origin, Counter[tuple[object, ...]]]


def _parts(program: Program, graph: Graph) -> Parts:
    """What each layer has in each direction: its operations, by what they are and make."""
    known = origins(program.module, graph)
    found: dict[Origin, Counter[tuple[object, ...]]] = {}
    for item in program.module.functions[0].operations:
        if isinstance(item, Operation):
            operation = (item.opcode, *(value.type for value in (*item.operands, *item.results)))
            found.setdefault(known[item.results[0].name], Counter())[operation] += 1
    return found


def _differing(one: Parts, other: Parts) -> set[Origin]:
    return {origin for origin in {*one, *other} if one.get(origin) != other.get(origin)}
