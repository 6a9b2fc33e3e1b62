"""The speed, compilation time, memory and size of a program: one measurement for `netspec bench`."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from emit.programs import graph_of, net_of
from netspec.language import NetSpec, TrainConfig
from netspec.recipe import mixing_of
from runtime.compiler.compile import compile_programs
from runtime.compiler.target import Target
from runtime.compiler.tiling.tuned import program_for
from runtime.engine.iree import Device
from runtime.engine.session import Session, initial_state
from runtime.profile.origin import origins, work
from runtime.profile.peaks import Meter, Peaks
from runtime.profile.record import WARM_UP
from runtime.report import Report
from runtime.system.host import peak_memory

RATE = 1e-5  # a step costs the same at any rate; at this one, noise for images leaves the weights finite


@dataclass(frozen=True)
class Bench:
    """The result of a benchmark.

    Args:
        seconds: of each counted run, transfers of the batch and the results included.
        macs: MACs of a run: each layer's forward pass, once more for its parameters' gradients and once more for its
            input's.
        bytes: what the layers must read and write at least, each number once a layer and direction.
        compile_s: from text to program, anew.
        program_bytes: of the compiled program.
        process_bytes: the peak memory of this process, without a GPU's memory.
        tiles: how many shapes of matmuls and convolutions have measured tiles.
        passes: how often each pass over IREE's flow phase applied; empty for a GPU.
        peaks: of this machine.
    """

    network: str
    program: str
    target: str
    image: tuple[int, int]
    batch: int
    seconds: tuple[float, ...]
    macs: int
    bytes: int
    compile_s: float
    program_bytes: int
    process_bytes: int
    tiles: int
    passes: Mapping[str, int]
    peaks: Peaks

    @property
    def step_s(self) -> float:
        """The median run."""
        return statistics.median(self.seconds)

    def to_plain(self) -> dict[str, Any]:
        """JSON-ready, with derived numbers."""
        plain = asdict(self)
        del plain["peaks"]
        return {
            **plain,
            "step_s": self.step_s,
            "images_per_s": self.batch / self.step_s,
            "flops_per_s": 2 * self.macs / self.step_s,
            "bytes_per_s": self.bytes / self.step_s,
            "peak_flops_per_s": 2 * self.peaks.macs,
            "peak_bytes_per_s": self.peaks.bytes,
            "peaks_steady": self.peaks.steady,
            "share_of_peak_flops": self.macs / self.step_s / self.peaks.macs,
            "share_of_peak_bytes": self.bytes / self.step_s / self.peaks.bytes,
        }


def bench(entry_point: str, net: NetSpec, config: TrainConfig, target: Target, report: Report, *, runs: int) -> Bench:
    """Compile a program anew, as `train` would, and run it as `train`, `eval` and `predict` do. Raises NetSpecError."""
    device = Device(target)
    net = net_of(entry_point, net, config)
    program = program_for(entry_point, net, config, target)
    (compiled,) = compile_programs([program], target, report, anew=True)
    session = Session(device, {entry_point: (compiled.program, program.manifest)}, config.seed)
    session.restore(initial_state(program.manifest.state(), config.seed), "the initial state")
    run = _runner(entry_point, session, net, config)
    seconds = []
    with report.bar(f"Running {entry_point}", "runs") as progress:
        for number in range(WARM_UP + runs):
            started = time.perf_counter()
            run()
            seconds.append(time.perf_counter() - started)
            progress(number + 1, WARM_UP + runs)
    process_bytes = peak_memory()
    meter = Meter(target, report)
    meter.measure()
    graph = graph_of(entry_point, net, config)
    tasks = work(program.module, graph, config.batchSize, origins(program.module, graph)).values()
    return Bench(
        net.name,
        entry_point,
        str(target),
        (net.imageH, net.imageW),
        config.batchSize,
        tuple(seconds[WARM_UP:]),
        sum(task.macs for task in tasks),
        sum(task.bytes for task in tasks),
        compiled.seconds,
        len(compiled.program),
        process_bytes,
        compiled.tiles,
        compiled.rewrites,
        meter.peaks,
    )


def _runner(entry_point: str, session: Session, net: NetSpec, config: TrainConfig) -> Callable[[], object]:
    """A function that runs the program on noise, and returns when its result is on the host."""
    shape = (config.batchSize, *net.image)
    images = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    labels = np.arange(config.batchSize, dtype=np.int32) % net.classes
    mixed = (labels, np.full(config.batchSize, 0.5, np.float32)) if mixing_of(config) else None
    shares = np.full((config.batchSize, net.classes), 1 / net.classes, np.float32)
    teacher = shares if config.distillWeight else None
    runners: dict[str, Callable[[], object]] = {
        "train_step": lambda: session.number(session.step(images, labels, RATE, mixed, teacher=teacher)),
        "evaluate": lambda: session.evaluate(images, labels),
        "predict": lambda: session.predict(images),
    }
    return runners[entry_point]
