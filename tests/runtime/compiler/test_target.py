"""IREE_BACKEND and IREE_CHIP, and what they are compiled into."""

import pytest

from netspec.errors import TargetError
from runtime.compiler.target import BACKENDS, Target, target, target_from_environment
from runtime.engine.iree import Device


@pytest.mark.parametrize(
    ("environment", "chosen"),
    [
        ({}, "cpu (host)"),
        ({"IREE_BACKEND": "", "IREE_CHIP": ""}, "cpu (host)"),
        ({"IREE_BACKEND": "cpu", "IREE_CHIP": "generic"}, "cpu (generic)"),
        ({"IREE_BACKEND": "cuda"}, "cuda (sm_86)"),
        ({"IREE_BACKEND": "rocm"}, "rocm (gfx1100)"),
        ({"IREE_BACKEND": "rocm", "IREE_CHIP": "gfx942"}, "rocm (gfx942)"),
        ({"IREE_BACKEND": "vulkan"}, "vulkan (vp_android_baseline_2022)"),
        ({"IREE_BACKEND": "metal"}, "metal (macos)"),
    ],
)
def test_the_environment_chooses_backend_and_chip_and_each_backend_has_a_default(
    environment: dict[str, str], chosen: str
) -> None:
    found = target_from_environment(environment)
    assert str(found) == chosen
    assert found.note is None


@pytest.mark.parametrize(
    ("backend", "chip", "device", "flags"),
    [
        ("cpu", None, "local-task", ["--iree-hal-target-device=local", "--iree-opt-level=O2",
                                     "--iree-llvmcpu-target-cpu=host"]),
        ("cuda", "sm_80", "cuda", ["--iree-hal-target-device=cuda", "--iree-cuda-target=sm_80"]),
        ("rocm", None, "hip", ["--iree-hal-target-device=hip", "--iree-rocm-target=gfx1100"]),
        ("vulkan", "rdna3", "vulkan", ["--iree-hal-target-device=vulkan", "--iree-vulkan-target=rdna3"]),
        ("metal", "ios", "metal", ["--iree-hal-target-device=metal", "--iree-metal-target-platform=ios"]),
    ],
)  # fmt: skip
def test_a_target_has_its_driver_and_its_flags(backend: str, chip: str | None, device: str, flags: list[str]) -> None:
    found = target(backend, chip)
    assert found.device == device
    assert set(flags) <= set(found.flags)


def test_every_backend_and_chip_gives_flags_of_its_own() -> None:
    flags = [target(name, chip).flags for name, backend in BACKENDS.items() for chip in backend.chips]
    assert len(set(flags)) == len(flags)


def test_the_error_for_an_unknown_backend_lists_the_known_ones() -> None:
    with pytest.raises(TargetError) as wrong:
        target("gpu")
    assert str(wrong.value) == "IREE_BACKEND='gpu' is unknown: choose one of cpu, cuda, rocm, vulkan, metal."


@pytest.mark.parametrize(("backend", "chip"), [("cpu", "znver5"), ("rocm", "sm_86"), ("cuda", "gfx1100"),
                                               ("cuda", "sm_50"), ("cuda", "sm_"), ("metal", "linux")])  # fmt: skip
def test_the_error_for_an_unknown_chip_lists_the_known_ones(backend: str, chip: str) -> None:
    with pytest.raises(TargetError) as wrong:
        target(backend, chip)
    known = ", ".join(BACKENDS[backend].chips)
    assert str(wrong.value) == f"IREE_CHIP={chip!r} is unknown for {backend}: choose one of {known}."


@pytest.mark.parametrize(
    ("chip", "found"), [("sm_90", "sm_89"), ("sm_90a", "sm_89"), ("sm_100", "sm_89"), ("sm_100f", "sm_89"),
                        ("sm_121", "sm_120"), ("sm_88", "sm_87")]
)  # fmt: skip
def test_an_nvidia_chip_that_the_compiler_lacks_takes_the_next_older_one_and_says_so(chip: str, found: str) -> None:
    chosen = target("cuda", chip)
    assert chosen.chip == found
    assert f"--iree-cuda-target={found}" in chosen.flags
    assert chosen.note == f"{chip} is not known to the compiler: compiling for {found}, which the driver compiles on."


def test_the_error_for_a_missing_device_lists_those_that_are_there() -> None:
    absent = Target("metal", "macos", "metal", ())
    with pytest.raises(TargetError, match=r"^IREE_BACKEND=metal: no such device on this machine; there is .*cpu.*\.$"):
        Device(absent)
