"""The third certainty, on the device: a train step, compiled as `netspec train` compiles it, compared with XLA in f64.

Every output tensor is compared. Inputs are chosen so that rounding decides no branch: every channel is within one piece
of its activation, away from the kinks.
"""

import io
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Generic, Self, TypeVar

import numpy as np

from emit.lowerings import BY_RULE, Chosen
from emit.manifest import Manifest
from emit.programs import emit, graph_of
from netspec.check import training_net
from netspec.language import NetSpec, TrainConfig
from runtime.compiler.compile import Compiled, compile_programs
from runtime.compiler.target import Target
from runtime.engine.iree import Device
from runtime.report import Report
from runtime.verify.check import Check
from runtime.verify.clear import CLEAR, check_batch_norm, kinks_of
from runtime.verify.narrow import Finding, narrow
from runtime.verify.reference import Array, TensorError
from runtime.verify.truth import Truth

T = TypeVar("T")


def call(device: Device, compiled: Compiled, manifest: Manifest, arguments: Mapping[str, Array]) -> list[Array]:
    """Run a compiled program on a device once; its results in order."""
    executable = device.load(compiled.program, compiled.entry_point)
    results = executable([device.put(arguments[entry.name], entry.dtype) for entry in manifest.arguments])
    return [device.read(buffer, entry.dtype) for buffer, entry in zip(results, manifest.results, strict=True)]


class InBackground(Generic[T]):
    """Work in a background thread. Used as a context: it starts on entering, and leaving stops it.

    Its reports are not shown.
    """

    def __init__(self, work: Callable[[Report], T]) -> None:
        self._work, self._quiet = work, _Quiet()

    def __enter__(self) -> Self:
        self._pool = ThreadPoolExecutor(1, "verify")
        self._result: Future[T] = self._pool.submit(self._work, self._quiet)
        return self

    def __exit__(self, *failure: object) -> None:
        self._quiet.stopped.set()
        self._pool.shutdown()

    def result(self, report: Report, title: str) -> T:
        """Wait for the result. Raises what the work raised."""
        with report.clock(title) as tick:
            while not self._result.done():
                tick(title)
                wait([self._result], timeout=0.1)
        return self._result.result()


class Numbers:
    """The check of one spec on one device. Used as a context: the compiler runs from entering on, in the background.

        with Numbers(net, config, target, device, report, folder=folder) as numbers:
            ...  # other checks
            for check in numbers.checks():
                ...

    After `checks`, `tensors` has every tensor's error, and `finding` the first wrong value of a failure. The program is
    the one that `netspec train` compiles, from the same cache. Leaving the context stops the compiler.
    """

    def __init__(
        self,
        net: NetSpec,
        config: TrainConfig,
        target: Target,
        device: Device,
        report: Report,
        *,
        folder: Path,
        seed: int = 0,
        chosen: Chosen = BY_RULE,
    ) -> None:
        """`folder`: for the files of a failure. Raises SpecError, and InputError for too small a batch."""
        self.tensors: list[TensorError] = []
        self.finding: Finding | None = None
        net = training_net(net, config)
        self._net, self._config, self._target, self._report = net, config, target, report
        self._folder, self._seed = folder, seed
        check_batch_norm(graph_of("train_step", net, config), config.batchSize)  # before anything is compiled
        self._device = device
        self._program = emit("train_step", net, config, backend=target.backend, chosen=chosen)
        self._chosen = chosen
        self._compiled = InBackground(partial(compile_programs, [self._program], target))

    def __enter__(self) -> Self:
        self._compiled.__enter__()
        return self

    def __exit__(self, *failure: object) -> None:
        self._compiled.__exit__(*failure)

    def checks(self) -> Iterator[Check]:
        """The checks, one after the other. Raises NetSpecError when one cannot be run."""
        started = time.perf_counter()
        with self._report.clock("Running the train step on XLA in f64"):
            truth = Truth(self._net, self._config, self._target.backend, self._seed, chosen=self._chosen)
            clear = truth.nearest >= CLEAR
            if clear:
                truth.run()
        yield self._inputs(truth, time.perf_counter() - started)
        if not clear:
            return
        (compiled,) = self._compiled.result(self._report, f"Compiling train_step for {self._target}")
        started = time.perf_counter()
        results = call(self._device, compiled, self._program.manifest, truth.arguments)
        self.tensors = truth.judge(results)
        seconds = time.perf_counter() - started
        for role, (subject, several) in _ROLES.items():
            if some := [tensor for tensor in self.tensors if tensor.role == role]:
                yield self._compared(some, subject, several, seconds)
                seconds = 0.0
        if not all(tensor.passed for tensor in self.tensors):
            yield self._narrowed(truth)

    def _inputs(self, truth: Truth, seconds: float) -> Check:
        message = f"nearest kink {truth.nearest:.2g} away" if truth.nearest < np.inf else "no activation"
        if truth.undecided:
            message += f"; max-pools: near ties of {truth.undecided:.1e} of the cotangent"
        activations = sum(bool(kinks_of(node.op)) for node in truth.graph.nodes.values())
        passed = truth.nearest >= CLEAR
        if not passed:
            message = (
                f"{truth.nearest_to}: a channel of its input comes within {truth.nearest:.1e} of a kink, expected "
                f"{CLEAR}: rounding may decide there, as where no bias or batch norm comes before it"
            )
        return self._check(
            "inputs", "every channel is within one piece", f"{activations} activations", message, seconds, passed
        )

    def _compared(self, tensors: Sequence[TensorError], subject: str, several: bool, seconds: float) -> Check:
        worst = max(tensors, key=lambda tensor: tensor.share)
        wrong = sum(not tensor.passed for tensor in tensors)
        message = f"worst {worst}" if several else str(worst)
        if wrong and several:
            message = f"{wrong} of {len(tensors)} are off, {message}"
        if noise := [tensor.name for tensor in tensors if tensor.rounding_alone]:
            message += f"; rounding alone, in f32 by XLA too: {_some(noise)}"
        extent = f"{len(tensors)} tensor{'s' if len(tensors) > 1 else ''}"
        return self._check(subject, "IREE in f32 = XLA in f64", extent, message, seconds, not wrong)

    def _narrowed(self, truth: Truth) -> Check:
        started = time.perf_counter()
        with self._report.clock("Looking for where it begins"):
            self.finding = narrow(
                truth, self._program, self.tensors, self._device, self._target, _Quiet(), self._folder
            )
        seconds = time.perf_counter() - started
        extent = f"{len(self.tensors)} tensors"
        return self._check("where it begins", "IREE in f32 = XLA in f64", extent, str(self.finding), seconds, False)

    def _check(self, subject: str, identity: str, extent: str, found: str, seconds: float, passed: bool) -> Check:
        return Check("number", f"train_step, {subject}", identity, "f32 against f64", extent, passed, found, seconds)


def _some(names: Sequence[str], most: int = 3) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


# By role: the name of the tensors in a line, and whether there may be several.
_ROLES = {
    "loss": ("loss", False),
    "parameter": ("parameters", True),
    "slot": ("slots", True),
    "statistic": ("statistics", True),
    "average": ("averages", True),
    "step": ("step", False),
    "part": ("part", False),
}


class _Stopped(Exception):
    """Stops a compilation that is no longer needed."""


class _Quiet(Report):
    """Discards reports. A compilation that reports to it ends when `stopped` is set."""

    def __init__(self) -> None:
        super().__init__(live=False, stream=io.StringIO())
        self.stopped = threading.Event()

    def say(self, text: str) -> None:
        """Discard."""

    @contextmanager
    def clock(self, title: str) -> Iterator[Callable[[str], None]]:
        """Discard; the function raises `_Stopped` when `stopped` is set."""

        def tick(detail: str) -> None:
            if self.stopped.is_set():
                raise _Stopped

        yield tick
