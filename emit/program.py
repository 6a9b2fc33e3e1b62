"""What entry points have in common: a program, its signature while it is declared, and what stands where in it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from emit.hlo import Block, Function, Module, Value
from emit.hlo.printer import module_text
from emit.manifest import Entry, Manifest, Role
from emit.op import Init
from emit.preprocessing import preprocessing
from emit.task import Named, Task
from emit.walk import Backward, Forward
from netspec.language import NetSpec, TrainConfig


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


class Signature:
    """The arguments of a program while they are declared: values for the emitter, entries for the manifest."""

    def __init__(self, net: NetSpec, config: TrainConfig, real: str, products: str = "f32") -> None:
        self.block = Block(real, products if products != "f32" else None)
        self.values: dict[str, Value] = {}
        self._net, self._config = net, config
        self._arguments: list[Entry] = []

    def images(self) -> None:
        """Declare the batch's images, as bytes."""
        self.argument("images", "images", (self._config.batchSize, *self._net.image), "ui8")

    def targets(self, task: Task, *, training: bool) -> dict[str, Value]:
        """Declare a task's targets; their values by name."""
        return {
            entry.name: self.argument(
                entry.name, entry.role, entry.shape, None if entry.dtype == "f32" else entry.dtype
            )
            for entry in task.targets(self._net, self._config, training=training)
        }

    def state(self, name: str, role: Role, shape: Sequence[int], init: Init, dtype: str | None = None) -> None:
        """Declare state, and how it starts."""
        self.argument(name, role, shape, dtype, init)

    def argument(
        self, name: str, role: Role, shape: Sequence[int], dtype: str | None = None, init: Init | None = None
    ) -> Value:
        """Declare an argument; its value."""
        value = self.values[name] = self.block.argument(name, shape, dtype)
        self._arguments.append(Entry(name, role, value.shape, value.dtype, init))
        return value

    def manifest_state(self) -> list[Entry]:
        """The state that was declared, in order."""
        return [entry for entry in self._arguments if entry.init is not None]

    def program(self, entry_point: str, results: Sequence[Named], says: str, landmarks: Landmarks) -> Program:
        """The whole program. `says`: its heading."""
        net = self._net
        manifest = Manifest(
            entry_point,
            net.name,
            tuple(self._arguments),
            tuple(Entry(name, role, value.shape, value.dtype) for name, role, value in results),
            preprocessing(net),
        )
        arguments = tuple(self.values.values())
        values = tuple(value for _, _, value in results)
        function = Function(entry_point, arguments, tuple(self.block.operations), values)
        slug = "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in net.name.lower())
        images = "gray images" if net.imageC == 1 else "images"
        header = (
            f"{net.name}: {says}",
            f"Batch {self._config.batchSize}, {images} {net.imageH}×{net.imageW}, {net.classes} classes. "
            f"Arguments and results in order: see {entry_point}.json.",
        )
        name = f"{slug}_{entry_point}"
        module = Module(name if name[0].isalpha() else f"net_{name}", header, (function,))
        return Program(module, module_text(module), manifest, landmarks)


def landmarks(walked: Forward, back: Backward | None = None) -> Landmarks:
    """What a walk, and the reverse walk, emitted."""
    outputs = {name: result.output for name, result in walked.results.items()}
    return Landmarks(outputs, back.cotangents, back.gradients) if back else Landmarks(outputs)


def heading(net: NetSpec) -> Callable[[int], str]:
    """The comment over a layer, by its index."""
    return lambda layer: f"layer {layer}: {net.layers[layer]}"
