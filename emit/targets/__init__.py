"""The numbers that decide how ops are emitted for a target; `emit.forms.Forms` says what each is."""

from dataclasses import replace

from emit.forms import AS_RULED, Chosen, Forms
from emit.targets.cpu import CPU
from emit.targets.gpu import GPU

FORMS: dict[str, Forms] = {"cpu": CPU, "cuda": GPU, "rocm": GPU, "vulkan": GPU, "metal": GPU}


def forms_of(backend: str, chosen: Chosen = AS_RULED) -> Forms:
    """The forms for a backend, with what was measured on it."""
    return replace(FORMS[backend], chosen=chosen)
