"""The numbers that decide how ops are emitted for a target; `emit.lowerings.Lowerings` says what each is."""

from dataclasses import replace

from emit.lowerings import BY_RULE, Chosen, Lowerings
from emit.targets.cpu import CPU
from emit.targets.gpu import GPU

LOWERINGS: dict[str, Lowerings] = {"cpu": CPU, "cuda": GPU, "rocm": GPU, "vulkan": GPU, "metal": GPU}


def lowerings_of(backend: str, chosen: Chosen = BY_RULE) -> Lowerings:
    """The lowerings for a backend, with what was measured on it."""
    return replace(LOWERINGS[backend], chosen=chosen)
