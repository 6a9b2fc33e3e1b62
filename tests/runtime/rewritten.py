"""What a program gives with and without one of the steps that rewrite it halfway."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from emit.program import Program
from runtime import compile as compilation
from runtime.compile import compile_programs, lower_program
from runtime.device import Device
from runtime.target import target
from tests.runtime.house import only_one
from tests.runtime.programs import quiet

CPU = target("cpu")


def found(program: Program, folder: Path, without: str = "") -> tuple[str, list[NDArray[np.float32]]]:
    """The text of IREE's stream phase, and what the program gives for random numbers. `without`: a step left out."""
    source = np.random.default_rng(0)
    numbers = [source.standard_normal(entry.shape).astype(np.float32) for entry in program.manifest.arguments]
    with pytest.MonkeyPatch.context() as patch, only_one(folder):
        patch.setenv("NETSPEC_CACHE", str(folder / (without or "with all")))
        if without:
            patch.setattr(compilation, without, lambda text: text)
        (made,) = compile_programs([program], CPU, quiet(), tiles={})
        text = lower_program(program, CPU, quiet()).read_text(encoding="utf-8")
    device = Device(CPU)
    results = device.load(made.vmfb, "predict")([device.put(each, "f32") for each in numbers])
    return text, [device.read(each, "f32") for each in results]
