"""The activations of the language, a row each; all but the identity have an op of that name in `emit/ops/`."""

from typing import Literal, get_args

Activation = Literal[
    "identity",
    "relu",
    "relu6",
    "hswish",
    "hsigmoid",
    "sigmoid",
    "swish",
    "gelu_tanh",
    "gelu",
]
# Those that an op computes.
ACTIVATIONS: tuple[Activation, ...] = tuple(name for name in get_args(Activation) if name != "identity")


def written() -> str:
    """How a spec names one: `activation="relu" or activation="relu6"`."""
    return " or ".join(f'activation="{name}"' for name in ACTIVATIONS)
