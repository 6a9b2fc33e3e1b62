"""The contenders: a table, and two protocols."""

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
        """Forward, backward, optimizer; returns the loss, of the weights before the step."""

    def norms(self) -> dict[str, float]:
        """The Euclidean norm of every parameter, Adam moment and running statistic, by the manifest's names."""


class Predictor(Protocol):
    """A network for inference."""

    def predict(self) -> NDArray[np.float32]:
        """Probabilities `[N, classes]` of the job's images, in host memory."""


@dataclass(frozen=True)
class Contender:
    """A contender.

    Args:
        product, variant: its name in the table, and how it is run.
        module: the module that must be installed.
        packages: packages whose versions are recorded.
        training, prediction: `module:class`, constructed from a `Folder`; None where it has none.
    """

    product: str
    variant: str
    module: str
    packages: tuple[str, ...]
    training: str | None
    prediction: str | None

    @property
    def title(self) -> str:
        """Its title in the table."""
        return f"{self.product} {self.variant}".strip()

    @property
    def installed(self) -> bool:
        """Whether it can be imported, without importing it."""
        return importlib.util.find_spec(self.module) is not None

    def versions(self) -> dict[str, str]:
        """Versions by package."""
        return {package: importlib.metadata.version(package) for package in self.packages}

    def trainer(self, folder: Folder) -> Trainer:
        """A trainer of the folder's job."""
        return cast(Trainer, _constructed(self.training, folder))

    def predictor(self, folder: Folder) -> Predictor:
        """A predictor of the folder's job."""
        return cast(Predictor, _constructed(self.prediction, folder))


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

# The peers measured by default.
PEERS: dict[Kind, tuple[str, ...]] = {
    "train": ("pytorch", "jax"),
    "inference": ("onnxruntime", "litert", "pytorch", "jax"),
    "evaluation": ("pytorch",),
}


def able(kind: Kind) -> tuple[str, ...]:
    """The peers that can do a kind of work."""
    peers = [(name, peer) for name, peer in CONTENDERS.items() if name != OURS]
    return tuple(name for name, peer in peers if (peer.training if kind == "train" else peer.prediction))


def _constructed(path: str | None, folder: Folder) -> object:
    assert path is not None
    module, name = path.split(":")
    contender: object = getattr(importlib.import_module(module), name)(folder)
    return contender
