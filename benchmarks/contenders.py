"""Who can take part, and what each is asked: a table, and two protocols."""

import importlib
import importlib.metadata
import importlib.util
from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from benchmarks.job import Folder, Kind

OURS = "netspec"


class Trainer(Protocol):
    """A network in training on the job's one batch."""

    def step(self) -> float:
        """Forward, backward, optimizer; done when the loss, that of the weights before the step, is read."""

    def norms(self) -> dict[str, float]:
        """The Euclidean norm of every parameter, Adam moment and running statistic, by the manifest's names."""


class Predictor(Protocol):
    """A network that answers."""

    def predict(self) -> NDArray[np.float32]:
        """Probabilities `[N, classes]` of the job's images, in memory that Python reads."""


@dataclass(frozen=True)
class Contender:
    """One who takes part.

    Args:
        product, form: what the table calls it, and in which form it takes part.
        module: what must be there to import.
        packages: whose versions say what was measured.
        training, prediction: `module:class`, made from a `Folder`; None where it cannot.
    """

    product: str
    form: str
    module: str
    packages: tuple[str, ...]
    training: str | None
    prediction: str | None

    @property
    def title(self) -> str:
        """What the table calls it."""
        return f"{self.product} {self.form}".strip()

    @property
    def installed(self) -> bool:
        """Whether it can be imported here; nothing is imported to find out."""
        return importlib.util.find_spec(self.module) is not None

    def versions(self) -> dict[str, str]:
        """By package."""
        return {package: importlib.metadata.version(package) for package in self.packages}

    def trainer(self, folder: Folder) -> Trainer:
        """Ready to train."""
        return cast(Trainer, _made(self.training, folder))

    def predictor(self, folder: Folder) -> Predictor:
        """Ready to answer."""
        return cast(Predictor, _made(self.prediction, folder))


CONTENDERS = {
    OURS: Contender(
        "netspec",
        "",
        "iree.runtime",
        ("iree-base-compiler", "iree-base-runtime"),
        "benchmarks.ours_training:Training",
        "benchmarks.ours:Ours",
    ),
    "pytorch": Contender(
        "PyTorch",
        "eager, channels_last",
        "torch",
        ("torch",),
        "benchmarks.peers.pytorch:Training",
        "benchmarks.peers.pytorch:Prediction",
    ),
    "jax": Contender(
        "JAX",
        "jit",
        "jax",
        ("jax", "jaxlib"),
        "benchmarks.peers.jax_jit:Training",
        "benchmarks.peers.jax_jit:Prediction",
    ),
    "onnxruntime": Contender(
        "onnxruntime",
        "",
        "onnxruntime",
        ("onnxruntime", "onnx"),
        None,
        "benchmarks.peers.onnx_runtime:Prediction",
    ),
    "litert": Contender(
        "LiteRT",
        "with XNNPACK",
        "ai_edge_litert",
        ("ai-edge-litert",),
        None,
        "benchmarks.peers.litert:Prediction",
    ),
}

# Who is measured when the command line does not say.
PEERS: dict[Kind, tuple[str, ...]] = {
    "train": ("pytorch", "jax"),
    "inference": ("onnxruntime", "litert", "pytorch", "jax"),
    "evaluation": ("pytorch",),
}


def able(kind: Kind) -> tuple[str, ...]:
    """The peers that can do a kind of work."""
    peers = [(name, peer) for name, peer in CONTENDERS.items() if name != OURS]
    return tuple(name for name, peer in peers if (peer.training if kind == "train" else peer.prediction))


def _made(path: str | None, folder: Folder) -> object:
    assert path is not None
    module, name = path.split(":")
    made: object = getattr(importlib.import_module(module), name)(folder)
    return made
