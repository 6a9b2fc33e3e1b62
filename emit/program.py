"""Whole programs: `train_step`, `evaluate` and `predict`, from a checked network and recipe to text and manifest."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from emit import hlo, optimizer
from emit.expand import expand
from emit.forms import AS_RULED, Chosen, Forms, Question
from emit.graph import Graph
from emit.hlo import Block, Function, Module, Value
from emit.hlo.printer import module_text
from emit.losses.cross_entropy import CrossEntropy, log_probabilities, one_hot
from emit.manifest import Entry, Manifest, Role, preprocessing
from emit.op import Call, Init
from emit.ops.convolution import Convolution
from emit.rewrites.fold_batch_norm import folded
from emit.sums import per_channel, written
from emit.targets import forms_of
from emit.walk import Backward, Forward, forward, reverse
from netspec.check import check_config
from netspec.language import NetSpec, TrainConfig

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
ENTRY_POINTS = ("train_step", "evaluate", "predict")


@dataclass(frozen=True)
class Landmarks:
    """Where things stand in a program: each node's output and its cotangent, and each parameter's gradient."""

    outputs: Mapping[str, Value]
    cotangents: Mapping[str, Value] = field(default_factory=dict)
    gradients: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Program:
    """One program: the module, its text, its manifest, and where things stand in it."""

    module: Module
    text: str
    manifest: Manifest
    landmarks: Landmarks


def emit(
    entry_point: str,
    net: NetSpec,
    config: TrainConfig,
    *,
    backend: str = "cpu",
    real: str = "f32",
    chosen: Chosen = AS_RULED,
) -> Program:
    """The program of an entry point: `train_step`, `evaluate` or `predict`.

    The same network, recipe and choice give the same bytes. Raises SpecError.

    Args:
        real: the type of its real numbers.
        chosen: forms that were measured, which go before the target's rules.
    """
    return _ENTRY_POINTS[entry_point](net, config, forms_of(backend, chosen), real)


def questions(entry_point: str, net: NetSpec, config: TrainConfig, backend: str) -> tuple[Question, ...]:
    """Every choice of a form that a program asks for, once each, in order. Raises SpecError."""
    found: dict[str, Question] = {}

    def asked(question: Question) -> None:
        found.setdefault(str(question), question)

    forms = replace(forms_of(backend), asked=asked)
    _ENTRY_POINTS[entry_point](net, config, forms, "f32")
    return tuple(found.values())


def graph_of(entry_point: str, net: NetSpec) -> Graph:
    """The graph that a program walks: `predict` has batch norm folded into what is before it."""
    graph = expand(net)
    return folded(graph).graph if entry_point == "predict" else graph


def training_state(net: NetSpec, config: TrainConfig) -> tuple[Entry, ...]:
    """What stays from step to step, in order: parameters, optimizer slots, the step counter, running statistics.

    It is all that a checkpoint holds. Raises SpecError.
    """
    graph = expand(net)
    zero = Init("constant", 0.0)
    parameters = [Entry(name, "parameter", each.shape, "f32", each.init) for name, each in graph.parameters()]
    slots = [
        Entry(f"{entry.name}_{slot}", "slot", entry.shape, "f32", zero)
        for slot in optimizer.optimizer(config).slots
        for entry in parameters
    ]
    statistics = [Entry(name, "statistic", each.shape, "f32", each.init) for name, each in graph.statistics()]
    return (*parameters, *slots, Entry(optimizer.STEP, "step", (), "i32", zero), *statistics)


def emit_train_step(net: NetSpec, config: TrainConfig, forms: Forms, real: str) -> Program:
    """(images, labels, learning rate, state) → (loss, new state).

    State is parameters, optimizer slots, the step counter and running statistics; the loss is that of the
    parameters that came in.
    """
    check_config(config)
    graph = expand(net)
    chosen = optimizer.optimizer(config)
    parameters = graph.parameters()
    signature = _Signature(net, config, real, config.precision)
    signature.inputs()
    rate = signature.argument("learning_rate", "learning_rate", ())
    for entry in training_state(net, config):
        assert entry.init is not None
        signature.state(entry.name, entry.role, entry.shape, entry.init, None if entry.dtype == "f32" else entry.dtype)
    block, state = signature.block, signature.values

    heading = _heading(net)
    images = normalise(state["images"])
    walked = forward(block, graph, images, state, forms=forms, training=True, heading=heading)
    block.comment("loss: softmax cross-entropy, mean over the batch")
    loss = CrossEntropy(config.labelSmoothing)
    with block.scope("loss"):
        call = Call((walked.output(graph.output), state["labels"]), forms=forms)
        result = loss.forward(call)
        seed = loss.vjp(call, result, block.constant(1.0), (True, False)).whole()[0]
    assert seed is not None
    back = reverse(block, graph, walked, seed, heading=lambda layer: f"backward, {heading(layer)}")
    new = optimizer.apply(chosen, parameters, state, back.gradients, rate) | dict(walked.statistics)

    results: list[tuple[str, Role, Value]] = [("loss", "loss", result.output)]
    results += [(entry.name, entry.role, new[entry.name]) for entry in signature.manifest_state()]
    says = f"One training step with {type(chosen).__name__}."
    return signature.program("train_step", results, says, _landmarks(walked, back))


def emit_evaluate(net: NetSpec, config: TrainConfig, forms: Forms, real: str) -> Program:
    """(images, labels, parameters, running statistics) → (loss sum, correct, probabilities).

    A row whose label is -1 is padding: it adds nothing to the loss sum and to the number of correct answers.
    Of equal logits the first class is the answer.
    """
    check_config(config)
    graph = expand(net)
    signature = _Signature(net, config, real)
    signature.inputs()
    for name, tensor in graph.parameters():
        signature.state(name, "parameter", tensor.shape, tensor.init)
    for name, tensor in graph.statistics():
        signature.state(name, "statistic", tensor.shape, tensor.init)
    block, state = signature.block, signature.values

    images = normalise(state["images"])
    walked = forward(block, graph, images, state, forms=forms, training=False, heading=_heading(net))
    block.comment("what is counted")
    logits = walked.output(graph.output)
    log_softmax = log_probabilities(logits)
    probabilities = hlo.exponential(log_softmax, "probabilities")
    # Padding rows have no label, so `one_hot` is false all along them.
    here = one_hot(logits, state["labels"])
    nothing = block.constant(0.0, logits.shape)
    (picked,) = hlo.sums((hlo.select(here, log_softmax, nothing, "picked"),), (0, 1), "picked_sum")
    loss_sum = hlo.subtract(block.constant(0.0), picked, "loss_sum")
    largest = hlo.broadcast(hlo.reduce_max(logits, (1,), "largest"), logits.shape, (0,), "largest")
    columns = hlo.iota(logits, 1, "column")
    beyond = block.constant(net.classes, columns.shape, "i32")
    is_largest = hlo.compare(logits, "EQ", largest, "is_largest")
    answer = hlo.reduce_min(hlo.select(is_largest, columns, beyond, "candidates"), (1,), net.classes, "answer")
    right = hlo.convert(hlo.compare(answer, "EQ", state["labels"], "right"), "i32", "right")
    (correct,) = hlo.sums((right,), (0,), "correct")
    results: list[tuple[str, Role, Value]] = [
        ("loss_sum", "loss_sum", loss_sum),
        ("correct", "correct", correct),
        ("probabilities", "probabilities", probabilities),
    ]
    return signature.program("evaluate", results, "Evaluation with running statistics.", _landmarks(walked))


def emit_predict(net: NetSpec, config: TrainConfig, forms: Forms, real: str) -> Program:
    """(images, folded parameters) → probabilities: each convolution's kernel and bias hold its batch norm.

    `emit.rewrites.fold_batch_norm` says which; who holds a checkpoint scales the kernels once, and lays those of
    1×1 convolutions out in panels where the manifest says so (`Forms.panel_columns`): `fold_batch_norm` does.
    """
    check_config(config)
    graph = folded(expand(net)).graph
    signature = _Signature(net, config, real)
    signature.images()
    panels = _panels(graph, forms)
    for name, tensor in graph.parameters():
        signature.state(name, "parameter", panels.get(name, tensor.shape), tensor.init)
    for name, tensor in graph.statistics():  # of batch norms that no convolution comes before
        signature.state(name, "statistic", tensor.shape, tensor.init)
    state = dict(signature.values)
    if panels:
        signature.block.comment("kernels, from panels of their columns")
    for name in panels:
        state[name] = _kernel(state[name], name.removesuffix("_weight"))
    images = normalise(state["images"])
    walked = forward(signature.block, graph, images, state, forms=forms, training=False, heading=_heading(net))
    signature.block.comment("softmax")
    probabilities = hlo.exponential(log_probabilities(walked.output(graph.output)), "probabilities")
    results: list[tuple[str, Role, Value]] = [("probabilities", "probabilities", probabilities)]
    return signature.program("predict", results, "Inference with batch norm folded.", _landmarks(walked))


def _panels(graph: Graph, forms: Forms) -> dict[str, tuple[int, int, int]]:
    """The kernels that come as `[panels, inputs, columns]`, where a product takes so many columns at a time."""
    columns = forms.panel_columns
    convolutions = [(node.name, node.op) for node in graph.nodes.values() if isinstance(node.op, Convolution)]
    return {
        f"{name}_weight": (op.oc // columns, op.ic, columns)
        for name, op in convolutions
        if op.pointwise and 0 < columns < op.oc and op.oc % columns == 0
    }


def _kernel(panels: Value, node: str) -> Value:
    """`[panels, inputs, columns]` as `[1, 1, inputs, outputs]`."""
    many, inputs, columns = panels.shape
    with panels.block.scope(node):
        kernel = hlo.transpose(panels, (1, 0, 2), "rows")
        return hlo.reshape(kernel, (1, 1, inputs, many * columns), "kernel")


def normalise(images: Value) -> Value:
    """uint8 `[N, H, W, 3]` → real numbers, (x/255 - mean)/std channel by channel, as one product and one sum."""
    block = images.block
    block.comment("images: from 0..255 to ImageNet's mean and deviation")
    with block.scope("images"):
        real = hlo.convert(images, block.float, "real")
        scale = block.vector([1 / (255 * written(std)) for std in IMAGENET_STD], "scale")
        pairs = zip(IMAGENET_MEAN, IMAGENET_STD, strict=True)
        shift = block.vector([-written(mean) / written(std) for mean, std in pairs], "shift")
        scaled = hlo.multiply(real, per_channel(scale, real), "scaled")
        return hlo.add(scaled, per_channel(shift, real), "normal")


_ENTRY_POINTS: dict[str, Callable[[NetSpec, TrainConfig, Forms, str], Program]] = {
    "train_step": emit_train_step,
    "evaluate": emit_evaluate,
    "predict": emit_predict,
}


class _Signature:
    """The arguments of a program while they are declared: values for the emitter, entries for the manifest."""

    def __init__(self, net: NetSpec, config: TrainConfig, real: str, products: str = "f32") -> None:
        self.block = Block(real, products if products != "f32" else None)
        self.values: dict[str, Value] = {}
        self._net, self._config = net, config
        self._arguments: list[Entry] = []

    def images(self) -> None:
        self.argument("images", "images", (self._config.batchSize, self._net.imageH, self._net.imageW, 3), "ui8")

    def inputs(self) -> None:
        self.images()
        self.argument("labels", "labels", (self._config.batchSize,), "i32")

    def state(self, name: str, role: Role, shape: Sequence[int], init: Init, dtype: str | None = None) -> None:
        self.argument(name, role, shape, dtype, init)

    def argument(
        self, name: str, role: Role, shape: Sequence[int], dtype: str | None = None, init: Init | None = None
    ) -> Value:
        value = self.values[name] = self.block.argument(name, shape, dtype)
        self._arguments.append(Entry(name, role, value.shape, value.dtype, init))
        return value

    def manifest_state(self) -> list[Entry]:
        return [entry for entry in self._arguments if entry.init is not None]

    def program(
        self, entry_point: str, results: Sequence[tuple[str, Role, Value]], says: str, landmarks: Landmarks
    ) -> Program:
        net = self._net
        manifest = Manifest(
            entry_point,
            net.name,
            tuple(self._arguments),
            tuple(Entry(name, role, value.shape, value.dtype) for name, role, value in results),
            preprocessing(net.imageH, net.imageW, IMAGENET_MEAN, IMAGENET_STD),
        )
        arguments = tuple(self.values.values())
        values = tuple(value for _, _, value in results)
        function = Function(entry_point, arguments, tuple(self.block.operations), values)
        slug = "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in net.name.lower())
        header = (
            f"{net.name}: {says}",
            f"Batch {self._config.batchSize}, images {net.imageH}×{net.imageW}, {net.classes} classes. "
            f"Arguments and results in order: see {entry_point}.json.",
        )
        name = f"{slug}_{entry_point}"
        module = Module(name if name[0].isalpha() else f"net_{name}", header, (function,))
        return Program(module, module_text(module), manifest, landmarks)


def _landmarks(walked: Forward, back: Backward | None = None) -> Landmarks:
    outputs = {name: result.output for name, result in walked.results.items()}
    return Landmarks(outputs, back.cotangents, back.gradients) if back else Landmarks(outputs)


def _heading(net: NetSpec) -> Callable[[int], str]:
    return lambda layer: f"layer {layer}: {net.layers[layer]}"
