"""The second certainty, of the printed program: the backward pass is the chain rule over the ops and nothing else.

The checker walks the graph a second time, independently. It emits each op alone, forward and backward, as the first
certainty has checked it, and matches those operations with the next ones of the program, on the operands that the chain
rule gives. So every residual that the backward pass uses comes from the forward pass, every cotangent of a fan-in is
added once, every parameter gets one gradient, and no operation is left over.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from emit import hlo
from emit.graph import IMAGES, Graph, Node
from emit.hlo import Block, Operation, TensorType, Value
from emit.hlo.program import Comment
from emit.images import normalise
from emit.lowerings import BY_RULE, Chosen
from emit.op import AffineCotangent, Call, Result
from emit.optimizer import STEP
from emit.program import Program
from emit.programs import graph_of
from emit.random import Random
from emit.targets import lowerings_of
from emit.tasks import task_of
from emit.update import AVERAGE, update
from netspec.check import training_net
from netspec.language import NetSpec, TrainConfig
from runtime.verify.check import Check


class Differs(Exception):
    """A program that is not the chain rule; the text says where."""


@dataclass(frozen=True)
class _Constant:
    """A constant, compared by value and type: programs may name and share constants in any way."""

    value: Any
    type: TensorType


@dataclass(frozen=True)
class _Affine:
    """An affine cotangent (`emit.op.AffineCotangent`) of values of the program."""

    direct: Value | _Constant
    scale: Value | _Constant
    through: Value | _Constant
    slope: Value | _Constant
    shift: Value | _Constant


class _Program:
    """A program, read from its first operation to its last."""

    def __init__(self, program: Program) -> None:
        function = program.module.functions[0]
        operations = [op for op in function.operations if not isinstance(op, Comment)]
        self.constants = {op.results[0]: _constant(op) for op in operations if op.opcode == "constant"}
        self.rest: Iterator[Operation] = iter([op for op in operations if op.opcode != "constant"])
        self.arguments = {value.name: value for value in function.arguments}
        self.results = function.results
        self.count = 0

    def next(self, where: str) -> Operation:
        self.count += 1
        operation = next(self.rest, None)
        if operation is None:
            raise Differs(f"{where}: the program ends, more operations were expected")
        return operation

    def end(self) -> None:
        if (left := next(self.rest, None)) is not None:
            raise Differs(f"%{left.results[0].name}: an operation ({left.opcode}) that nothing in the network asks for")

    def resolve(self, value: Value) -> Value | _Constant:
        return self.constants.get(value, value)


class _Template:
    """An op, or another part, emitted alone. `matches`: its values, and those of the program that they match."""

    def __init__(self, where: str, program: _Program, real: str) -> None:
        self.where, self.program = where, program
        self.block = Block(real)
        self.matches: dict[Value, Value | _Constant] = {}
        self._matched = 0

    def argument(self, value: Value | _Constant) -> Value:
        """An argument that matches a value of the program."""
        mine = self.block.argument(f"a{len(self.matches)}", value.type.shape, value.type.dtype)
        self.matches[mine] = value
        return mine

    def match(self) -> None:
        """Match the operations emitted since the last call with the program's next ones. Raises Differs."""
        fresh = [op for op in self.block.body[self._matched :] if not isinstance(op, Comment)]
        self._matched = len(self.block.body)
        self.matches |= {
            op.results[0]: _constant(op)
            for op in self.block.operations
            if isinstance(op, Operation) and op.opcode == "constant"
        }
        for expected in fresh:
            self._match(expected, self.program.next(self.where))

    def _match(self, expected: Operation, actual: Operation) -> None:
        what = f"{self.where}: %{actual.results[0].name}"
        if actual.opcode != expected.opcode or dict(actual.attributes) != dict(expected.attributes):
            raise Differs(f"{what}: expected {_described(expected)}, found {_described(actual)}")
        operands = tuple(self.program.resolve(value) for value in actual.operands)
        wanted = tuple(self.matches[value] for value in expected.operands)
        for number, (left, right) in enumerate(zip(operands, wanted, strict=True)):
            if left != right:
                raise Differs(
                    f"{what}: operand {number + 1} of {actual.opcode}: expected {_named(right)}, found {_named(left)}"
                )
        for mine, theirs in zip(expected.results, actual.results, strict=True):
            if mine.type != theirs.type:
                raise Differs(f"{what}: expected {mine.type}, found {theirs.type}")
            self.matches[mine] = theirs


@dataclass(frozen=True)
class Composed:
    """The counts of a walk."""

    operations: int
    nodes: int
    fan_ins: int
    gradients: int


def check_composition(
    program: Program, net: NetSpec, config: TrainConfig, backend: str, chosen: Chosen = BY_RULE
) -> Check:
    """Check a train step against its network, with the lowerings that it was emitted with."""
    started = time.perf_counter()
    net = training_net(net, config)
    try:
        counts = composed(program, net, config, backend, chosen)
        passed = True
        says = (
            f"{counts.operations:,} operations, {counts.nodes} ops, {counts.fan_ins} fan-ins, "
            f"{counts.gradients} gradients"
        )
    except Differs as wrong:
        passed, says = False, str(wrong)
    return Check(
        "whole",
        "train_step, all operations",
        "the chain rule over the checked ops",
        "by construction",
        f"{net.imageH}×{net.imageW}, batch {config.batchSize}",
        passed,
        says,
        time.perf_counter() - started,
    )


def composed(program: Program, net: NetSpec, config: TrainConfig, backend: str, chosen: Chosen = BY_RULE) -> Composed:
    """Walk a train step. Raises Differs."""
    return _Composition(program, training_net(net, config), config, backend, chosen).run()


class _Composition:
    """The second walk."""

    def __init__(self, program: Program, net: NetSpec, config: TrainConfig, backend: str, chosen: Chosen) -> None:
        self.graph: Graph = graph_of("train_step", net, config)
        self.net, self.task, self.config = net, task_of(net), config
        self.lowerings = lowerings_of(backend, chosen)
        self.entries = program.manifest
        self.program = _Program(program)
        self.real = next(entry.dtype for entry in program.manifest.arguments if entry.role == "learning_rate")
        self.templates: dict[str, tuple[_Template, Call, Result]] = {}
        self.drawn = 0  # the ops before this one that draw
        self.outputs: dict[str, Value | _Constant] = {}
        self.new: dict[str, Value | _Constant] = {}
        self.fan_ins = 0

    def run(self) -> Composed:
        self._images()
        for node in self.graph.nodes.values():
            self._forward(node)
        seed = self._loss()
        gradients = self._reverse(seed)
        self._optimizer(gradients)
        self.program.end()
        self._results()
        return Composed(self.program.count, len(self.graph.nodes), self.fan_ins, len(gradients))

    def _template(self, where: str) -> _Template:
        return _Template(where, self.program, self.real)

    def _argument(self, name: str) -> Value:
        if name not in self.program.arguments:
            raise Differs(f"{name}: no argument of the program")
        return self.program.arguments[name]

    def _images(self) -> None:
        images, expected = self._argument(IMAGES), (self.config.batchSize, *self.net.image)
        if images.shape != expected:
            raise Differs(f"{IMAGES}: expected the shape {expected}, found {images.shape}")
        template = self._template("images")
        normal = normalise(template.argument(images), self.net.preprocessing)
        template.match()
        self.outputs[IMAGES] = template.matches[normal]

    def _forward(self, node: Node) -> None:
        template = self._template(f"{node.name}, forward")
        call = Call(
            tuple(template.argument(self.outputs[source]) for source in node.inputs),
            {tensor.name: template.argument(self._argument(name)) for name, tensor in node.parameters()},
            {tensor.name: template.argument(self._argument(name)) for name, tensor in node.statistics()},
            self.lowerings,
            not node.frozen,
            random=self._random(template) if node.op.draws else None,
        )
        result = node.op.forward(call)
        template.match()
        self.templates[node.name] = template, call, result
        self.outputs[node.name] = template.matches[result.output]
        for name, tensor in node.moving():
            self.new[name] = template.matches[result.statistics[tensor.name]]

    def _random(self, template: _Template) -> Random:
        """Where the next op that draws does so from."""
        seed, step, first = (template.argument(self._argument(name)) for name in ("seed", STEP, "first_example"))
        self.drawn += 1
        return Random(seed, step, first, self.drawn - 1)

    def _loss(self) -> dict[str, Value | _Constant]:
        """The cotangent of each node that the loss reads."""
        template = self._template("loss")
        op = self.task.loss(self.net, self.config)
        read = [self.graph.outputs[name] for name in self.task.outputs]
        targets = [entry.name for entry in self.task.targets(self.net, self.config, training=True)]
        outputs = tuple(template.argument(self.outputs[name]) for name in read)
        call = Call(
            (*outputs, *(template.argument(self._argument(name)) for name in targets)), lowerings=self.lowerings
        )
        result = op.forward(call)
        wanted = (True,) * len(read) + (False,) * len(targets)
        seeds = op.vjp(call, result, template.block.constant(1.0), wanted).materialized()
        template.match()
        self.new["loss"] = template.matches[result.output]
        return {name: template.matches[seed] for name, seed in zip(read, seeds, strict=False) if seed is not None}

    def _reverse(self, seeds: dict[str, Value | _Constant]) -> dict[str, Value | _Constant]:
        arriving: dict[str, list[Value | _Constant | _Affine]] = {name: [seed] for name, seed in seeds.items()}
        gradients: dict[str, Value | _Constant] = {}
        for node in reversed([node for node in self.graph.nodes.values() if not node.frozen]):
            template, call, result = self.templates[node.name]
            template.where = f"{node.name}, backward"
            wanted = tuple(source in self.templates and not self.graph.nodes[source].frozen for source in node.inputs)
            if (recomputed := self._rematerialized(node)) is not None:
                call = replace(call, rematerialized=template.argument(recomputed))
            match arriving.pop(node.name, []):
                case [_Affine() as lazy]:
                    if lazy.through != template.matches[result.output]:
                        raise Differs(f"{node.name}: a lazy cotangent of another value arrives")
                    scale, slope, shift = (template.argument(term) for term in (lazy.scale, lazy.slope, lazy.shift))
                    mine = AffineCotangent(template.argument(lazy.direct), scale, result.output, slope, shift)
                    found = node.op.vjp_of_affine(call, result, mine, wanted)
                case arrived:
                    cotangent = template.argument(self._fan_in(node.name, arrived))
                    found = node.op.vjp(call, result, cotangent, wanted)
            given = found.inputs if self._may_stay_lazy(node) else found.materialized()
            template.match()
            for source, value in zip(node.inputs, given, strict=True):
                if isinstance(value, AffineCotangent):
                    terms = (getattr(value, field.name) for field in fields(AffineCotangent))
                    arriving.setdefault(source, []).append(_Affine(*(template.matches[term] for term in terms)))
                elif value is not None:
                    arriving.setdefault(source, []).append(template.matches[value])
            for name, tensor in node.parameters():
                gradients[name] = template.matches[found.parameters[tensor.name]]
        if arriving:
            raise Differs(f"cotangents that no node takes: {', '.join(arriving)}")
        return gradients

    def _may_stay_lazy(self, node: Node) -> bool:
        """Whether the cotangent of a node's input stays lazy: it goes to an op that takes it so, and gets no other."""
        (source, *others) = node.inputs
        if (
            others
            or source not in self.templates
            or self.graph.nodes[source].frozen
            or source in self.graph.outputs.values()
            or [source in each.inputs for each in self.graph.nodes.values()].count(True) > 1
        ):
            return False
        _, call, _ = self.templates[source]
        return self.graph.nodes[source].op.takes_affine(call)

    def _rematerialized(self, node: Node) -> Value | _Constant | None:
        """The rematerialized input of an op that reads it; that it equals the input is a rule."""
        if not node.op.reads_rematerialized or node.inputs[0] not in self.templates:
            return None
        template, _, result = self.templates[node.inputs[0]]
        if result.rematerialize is None:
            return None
        template.where = f"{node.inputs[0]}, again"
        value = result.rematerialize()
        template.match()
        return template.matches[value]

    def _fan_in(self, name: str, parts: list[Value | _Constant | _Affine]) -> Value | _Constant:
        """The sum of the cotangents that arrive at a node."""
        if not parts:
            raise Differs(f"{name}: no cotangent arrives")
        total, *others = (part for part in parts if not isinstance(part, _Affine))
        for part in others:
            self.fan_ins += 1
            template = self._template(f"{name}, fan-in")
            both = hlo.add(template.argument(total), template.argument(part))
            template.match()
            total = template.matches[both]
        return total

    def _optimizer(self, gradients: dict[str, Value | _Constant]) -> None:
        template = self._template("optimizer")
        state = {entry.name: template.argument(self._argument(entry.name)) for entry in self.entries.state()}
        rate = template.argument(self._argument("learning_rate"))
        mine = {name: template.argument(gradients[name]) for name, _ in self.graph.trained()}
        statistics = {name: template.argument(self.new[name]) for name, _ in self.graph.moving()}
        new = update(self.config, self.graph, statistics, state, mine, rate)
        template.match()
        self.new |= {name: template.matches[value] for name, value in new.items()}

    def _staying(self) -> set[str]:
        """The parameters and statistics that training does not change."""
        every = {name for name, _ in (*self.graph.parameters(), *self.graph.statistics())}
        return every - {name for name, _ in (*self.graph.trained(), *self.graph.moving())}

    def _results(self) -> None:
        """Every result has the value of its name, and state is returned in the order of the arguments."""
        names = [entry.name for entry in self.entries.results]
        stays = self._staying()
        state = [entry.name for entry in self.entries.state() if entry.name.removesuffix(f"_{AVERAGE}") not in stays]
        if names != ["loss", *state]:
            raise Differs("the results are not the loss and then the state in the order of the arguments")
        if sorted(self.new) != sorted(names):
            raise Differs(f"results: expected {len(self.new)} names, the manifest has {len(names)}")
        for name, value in zip(names, self.program.results, strict=True):
            if self.program.resolve(value) != self.new[name]:
                raise Differs(f"result {name}: expected {_named(self.new[name])}, found %{value.name}")


def _constant(op: Operation) -> _Constant:
    return _Constant(op.attributes["value"], op.results[0].type)


def _described(op: Operation) -> str:
    attributes = ", ".join(f"{name} {value}" for name, value in op.attributes.items())
    return f"{op.opcode}{f' ({attributes})' if attributes else ''}"


def _named(value: Value | _Constant) -> str:
    return f"%{value.name}" if isinstance(value, Value) else f"the constant {value.value}"
