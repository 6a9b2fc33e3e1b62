"""What a program computes with and without one of the passes."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from emit.program import Program
from runtime.compiler import job
from runtime.compiler.compile import compile_programs, lower_program
from runtime.compiler.target import target
from runtime.engine.iree import Device
from tests.runtime.compiler.programs import quiet
from tests.runtime.sandbox import only_one

CPU = target("cpu")


def found(program: Program, folder: Path, without: str = "") -> tuple[str, list[NDArray[np.float32]]]:
    """The text of IREE's stream phase, and the program's results for random numbers. `without`: a pass left out."""
    source = np.random.default_rng(0)
    entries = program.manifest.arguments
    numbers = [
        source.integers(0, 256, entry.shape) if entry.dtype == "ui8" else source.standard_normal(entry.shape)
        for entry in entries
    ]
    with pytest.MonkeyPatch.context() as patch, only_one(folder):
        patch.setenv("NETSPEC_CACHE", str(folder / (without or "with all")))
        if without:
            assert without in job.PASSES
            patch.setattr(job, "PASSES", tuple(name for name in job.PASSES if name != without))
        (compiled,) = compile_programs([program], CPU, quiet(), tiles={})
        text = lower_program(program, CPU, quiet())
    device = Device(CPU)
    arguments = [device.put(array, entry.dtype) for array, entry in zip(numbers, entries, strict=True)]
    results = device.load(compiled.program, "predict")(arguments)
    return text, [device.read(buffer, "f32") for buffer in results]
