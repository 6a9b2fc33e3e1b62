"""A session: programs on a device, and the state that stays on it from step to step."""

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emit.manifest import Entry, Manifest
from emit.update import AVERAGE
from netspec.errors import InputError
from runtime.engine.iree import Buffer, Device, Executable
from runtime.tensors import DTYPES, check_tensor, lacking

Arrays = dict[str, NDArray[Any]]


class Session:
    """Programs, and their state by name in device buffers. Only batches, learning rates and results are transferred.

    The first program defines the state; the others read parts of it.
    """

    def __init__(self, device: Device, programs: Mapping[str, tuple[bytes, Manifest]], seed: int = 0) -> None:
        """`seed`: of what a step draws at random; the recipe's."""
        self._device = device
        self._manifests = {name: manifest for name, (_, manifest) in programs.items()}
        self._executables: dict[str, Executable] = {
            name: device.load(program, manifest.entry_point) for name, (program, manifest) in programs.items()
        }
        self._state: dict[str, Buffer] = {}
        self._entries: tuple[Entry, ...] = ()
        # The input buffer of `predict`, and `predict` bound to it and to the state.
        self._bound_predict: tuple[Buffer, Callable[[], list[Buffer]]] | None = None
        sources = random_sources(seed)
        drawing = self._manifests["train_step"].arguments if "train_step" in self._manifests else ()
        self._sources = {
            each.role: device.put(sources[each.role], each.dtype) for each in drawing if each.role in sources
        }

    def restore(self, arrays: Mapping[str, NDArray[Any]], source: str) -> None:
        """Put state on the device. Raises InputError, naming `source`, when a tensor is missing or not valid."""
        self._entries = next(iter(self._manifests.values())).state()
        self._state, self._bound_predict = {}, None
        for entry in self._entries:
            array = arrays.get(entry.name)
            if array is None:
                raise InputError(lacking(entry, source))
            check_tensor(entry, array, f"{source}: {entry.name}")
            self._state[entry.name] = self._device.put(array, entry.dtype)

    def step(
        self,
        images: NDArray[np.uint8],
        labels: NDArray[np.int32],
        rate: float,
        mixed: tuple[NDArray[np.int32], NDArray[np.float32]] | None = None,
        first_example: int = 0,
        teacher: NDArray[np.float32] | None = None,
    ) -> Buffer:
        """One training step on images uint8 `[N, H, W, C]` and labels int32 `[N]`; the loss, still on the device.

        Args:
            mixed: of images that are mixed, the labels of those that are mixed in, and the share of the first, `[N]`.
            first_example: the place of the first image among those of the update.
            teacher: of a recipe with a teacher, its probabilities of these images, `[N, classes]`.
        """
        others = [] if mixed is None else [self._device.put(mixed[0], "i32"), self._device.put(mixed[1], "f32")]
        taught = [] if teacher is None else [self._device.put(teacher, "f32")]
        batch = [
            self._device.put(images, "ui8"),
            self._device.put(labels, "i32"),
            *others,
            *taught,
            self._device.put(np.float32(rate), "f32"),  # type: ignore[arg-type]
        ]
        sources = self._sources
        if first_example and "first_example" in sources:
            sources = sources | {"first_example": self._device.put(np.array(first_example, np.int32), "i32")}
        loss, *state = self._executables["train_step"]([*batch, *sources.values(), *self._state.values()])
        names = (entry.name for entry in self._manifests["train_step"].results[1:])
        self._state |= dict(zip(names, state, strict=True))  # what is frozen is not among the results
        self._bound_predict = None
        return self._device.detach(loss, "f32")

    def number(self, buffer: Buffer) -> float:
        """Read a scalar back, a loss say."""
        return float(self._device.read(buffer, "f32"))

    def evaluate(self, images: NDArray[np.uint8], labels: NDArray[np.int32], *, averaged: bool = True) -> Arrays:
        """Evaluate one batch with the running statistics: the program's results by name.

        Args:
            averaged: with the averages of parameters and statistics, where the session has those.
        """
        names = [entry.name for entry in self._manifests["evaluate"].state()]
        if averaged and f"{names[0]}_{AVERAGE}" in self._state:
            names = [f"{name}_{AVERAGE}" for name in names]
        batch = [self._device.put(images, "ui8"), self._device.put(labels, "i32")]
        results = self._executables["evaluate"]([*batch, *(self._state[name] for name in names)])
        entries = self._manifests["evaluate"].results
        return {
            entry.name: self._device.read(result, entry.dtype) for result, entry in zip(results, entries, strict=True)
        }

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Probabilities `[N, classes]` of uint8 images `[N, H, W, C]`, by the program with batch norm folded.

        Not re-entrant: the input buffer is reused between calls.
        """
        executable, state = self._executables["predict"], self._state.values()
        entry = self._manifests["predict"].arguments[0]
        if self._bound_predict is None and (buffer := self._device.mapped(entry.shape, entry.dtype)):
            self._bound_predict = buffer, executable.bind([buffer, *state])
        if self._bound_predict and self._bound_predict[0].write(images):
            (probabilities,) = self._bound_predict[1]()
        else:
            (probabilities,) = executable([self._device.put(images, "ui8"), *state])
        return self._device.read(probabilities, "f32")

    def state(self) -> Arrays:
        """Copy all state to the host."""
        return {entry.name: self._device.read(self._state[entry.name], entry.dtype) for entry in self._entries}


def random_sources(seed: int, first_example: int = 0) -> Arrays:
    """What a step that draws at random takes beside its state, by role.

    Args:
        first_example: the place in the global batch of the first image that this process is given.
    """
    words = np.array([seed % 2**32, seed // 2**32], np.uint32)
    return {"seed": words, "first_example": np.array(first_example, np.int32)}


def initial_state(entries: Sequence[Entry], seed: int) -> Arrays:
    """The initial state. Each tensor draws from a random stream of its own, by its index among the entries."""
    arrays: Arrays = {}
    for index, entry in enumerate(entries):
        assert entry.init is not None
        if entry.role == "average":
            continue
        if entry.init.kind == "constant":
            arrays[entry.name] = np.full(entry.shape, entry.init.value, DTYPES[entry.dtype])
            continue
        source = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, index))))
        if entry.init.kind == "normal":
            drawn = source.standard_normal(prod(entry.shape), dtype=np.float32)
        else:
            drawn = 2 * source.random(prod(entry.shape), dtype=np.float32) - 1
        arrays[entry.name] = (drawn * np.float32(entry.init.value)).reshape(entry.shape)
    return averages_begun(entries, arrays)


def averages_begun(entries: Sequence[Entry], arrays: Arrays) -> Arrays:
    """The state with every average where its parameter or statistic is."""
    names = [entry.name for entry in entries if entry.role == "average"]
    return arrays | {name: arrays[name.removesuffix(f"_{AVERAGE}")] for name in names}
