"""NetSpec as a contender for inference and evaluation."""

import sys

import numpy as np
from numpy.typing import NDArray

from benchmarks.job import Folder, Job
from benchmarks.network import Arrays
from runtime.compiler.compile import compile_programs
from runtime.compiler.target import target
from runtime.compiler.tiling.tuned import program_for
from runtime.engine.iree import Device
from runtime.engine.session import Session, initial_state
from runtime.report import Report
from runtime.weights.fold_scales import fold_parameters


class Ours:
    """`predict`, with batch norm folded, for constant weights; else `evaluate`. State is on the device."""

    def __init__(self, folder: Folder) -> None:
        job, weights = folder.job, folder.weights()
        self._fixed = job.kind == "inference"
        self._session = opened(job, "predict" if self._fixed else "evaluate", weights)
        self._images, self._labels = folder.images(), folder.labels()

    def predict(self) -> NDArray[np.float32]:
        """Probabilities `[N, classes]`; images go in as bytes and are normalised by the program."""
        if self._fixed:
            return self._session.predict(self._images)
        return self._session.evaluate(self._images, self._labels)["probabilities"]


def opened(job: Job, entry_point: str, weights: Arrays) -> Session:
    """A session on the CPU with one program and these weights; optimizer state starts as a run's does."""
    cpu = target("cpu")
    program = program_for(entry_point, job.net, job.config, cpu)
    if entry_point == "predict":
        weights = fold_parameters(job.net, weights, program.manifest)
    (compiled,) = compile_programs([program], cpu, Report(live=False, stream=sys.stderr))
    session = Session(Device(cpu), {entry_point: (compiled.program, program.manifest)}, job.config.seed)
    rest = [entry for entry in program.manifest.state() if entry.name not in weights]
    session.restore({**weights, **initial_state(rest, 0)}, "the benchmark's weights")
    return session
