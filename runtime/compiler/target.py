"""What to compile for and run on: `IREE_BACKEND` and `IREE_CHIP`, and the compiler flags they mean.

The only place that reads the two variables.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from netspec.errors import TargetError


@dataclass(frozen=True)
class Target:
    """A backend and a chip. `device` is the runtime's name of the driver; `note` says what was replaced."""

    backend: str
    chip: str
    device: str
    flags: tuple[str, ...]
    note: str | None = None

    def __str__(self) -> str:
        return f"{self.backend} ({self.chip})"


@dataclass(frozen=True)
class _Backend:
    device: str
    chips: tuple[str, ...]
    flags: tuple[str, ...]
    chip_flag: str

    @property
    def default(self) -> str:
        return self.chips[0]


# The chips are those that iree-compile 3.13.0 accepts, tried one by one; the first is the default.
_GPU = ("--iree-opt-level=O1",)
BACKENDS = {
    "cpu": _Backend(
        "local-task",
        ("host", "generic"),
        (
            "--iree-hal-target-device=local",
            "--iree-hal-local-target-device-backends=llvm-cpu",
            "--iree-opt-level=O2",
            # With aggressive fusion an elementwise operation over an image is tiled by channel, as the sums it reads.
            "--iree-dispatch-creation-enable-aggressive-fusion=false",
            # Our programs have nothing to compute in advance; looking for it takes a tenth of the first step.
            "--iree-opt-const-expr-hoisting=false",
            "--iree-opt-const-eval=false",
        ),
        "--iree-llvmcpu-target-cpu=",
    ),
    "cuda": _Backend(
        "cuda",
        ("sm_86", "sm_60", "sm_61", "sm_70", "sm_72", "sm_75", "sm_80", "sm_87", "sm_89", "sm_120"),
        ("--iree-hal-target-device=cuda", *_GPU),
        "--iree-cuda-target=",
    ),
    "rocm": _Backend(
        "hip",
        (
            "gfx1100",
            "gfx908",
            "gfx90a",
            "gfx942",
            "gfx950",
            "gfx1101",
            "gfx1103",
            "gfx1150",
            "gfx1151",
            "gfx1200",
            "gfx1201",
            "gfx1250",
        ),
        ("--iree-hal-target-device=hip", *_GPU),
        "--iree-rocm-target=",
    ),
    "vulkan": _Backend(
        "vulkan",
        (
            "vp_android_baseline_2022",
            "turing",
            "ampere",
            "ada",
            "sm_86",
            "rdna2",
            "rdna3",
            "rdna4",
            "gfx1100",
            "adreno",
            "valhall",
            "valhall4",
        ),
        ("--iree-hal-target-device=vulkan", *_GPU),
        "--iree-vulkan-target=",
    ),
    "metal": _Backend(
        "metal", ("macos", "ios"), ("--iree-hal-target-device=metal", *_GPU), "--iree-metal-target-platform="
    ),
}


def target_from_environment(environment: Mapping[str, str] = os.environ) -> Target:
    """The target that `IREE_BACKEND` (default `cpu`) and `IREE_CHIP` name. Raises TargetError."""
    return target(environment.get("IREE_BACKEND") or "cpu", environment.get("IREE_CHIP") or None)


def target(backend: str, chip: str | None = None) -> Target:
    """The target for a backend and a chip (None: the backend's default). Raises TargetError."""
    if backend not in BACKENDS:
        raise TargetError(f"IREE_BACKEND={backend!r} is unknown: choose one of {', '.join(BACKENDS)}.")
    known = BACKENDS[backend]
    wanted = chip or known.default
    used, note = wanted, None
    if wanted not in known.chips:
        used = _older(backend, wanted)
        note = f"{wanted} is not known to the compiler: compiling for {used}, which the driver compiles on."
    return Target(backend, used, known.device, (*known.flags, known.chip_flag + used), note)


def _older(backend: str, wanted: str) -> str:
    """The newest NVIDIA chip the compiler knows that is not newer than the one wanted: its PTX runs there too."""
    chips = BACKENDS[backend].chips
    number = re.fullmatch(r"sm_(\d{2,3})[af]?", wanted)
    if backend == "cuda" and number:
        older = [chip for chip in chips if int(chip[3:]) <= int(number[1])]
        if older:
            return max(older, key=lambda chip: int(chip[3:]))
    raise TargetError(f"IREE_CHIP={wanted!r} is unknown for {backend}: choose one of {', '.join(chips)}.")
