"""One job: a network, the kind of work, and the numbers that every contender starts from.

The driver writes a job into a folder, from which workers read it; so a peer's process imports nothing of our compiler.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from benchmarks.network import (
    Arrays,
    Network,
    network,
)
from netspec import NetSpec, TrainConfig
from netspec.plain import config_from_plain, config_to_plain, net_from_plain, net_to_plain

THREADS = 2
SEED = 0
# A step costs the same at any learning rate. At the specs' 0.001 contenders differ by percents within three steps: Adam
# moves every weight by the rate whatever its gradient's size, and where that is nearly zero rounding decides its sign.
RATE = 1e-5
STATISTICS_OF = 4  # images
# What queries are multiplied by: as drawn, an attention's softmax is nearly a choice, which doubles what came of
# rounding so far, and two contenders' first losses are 3e-4 apart after 18 of them.
MILD = np.float32(0.1)
Kind = Literal["train", "inference", "evaluation"]


@dataclass(frozen=True)
class Job:
    """A network padded by `benchmarks.network.symmetric`, and a recipe whose `batchSize` is the batch.

    Args:
        kind: `train`: one step, forward, backward and optimizer; `inference`: probabilities from constant
            weights, so that batch norm may be folded; `evaluation`: the same from weights that may change.
        title: the spec as the command line names it.
    """

    kind: Kind
    title: str
    net: NetSpec
    config: TrainConfig

    def __str__(self) -> str:
        height, width = self.net.imageH, self.net.imageW
        image = f"{height}" if height == width else f"{height}×{width}"
        return f"{self.kind} {self.title} b{self.config.batchSize}@{image}"

    @property
    def network(self) -> Network:
        """The network as steps."""
        return network(self.net)


class Folder:
    """A job on disk, with its arrays."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def job(self) -> Job:
        """The job."""
        data = json.loads((self._path / "job.json").read_text(encoding="utf-8"))
        net, config = net_from_plain(data["net"]), config_from_plain(data["config"])
        return Job(data["kind"], data["title"], net, config)

    def weights(self) -> Arrays:
        """Parameters and running statistics by the manifest's names and in its layouts."""
        with np.load(self._path / "weights.npz") as file:
            return {name: file[name] for name in file.files}

    def images(self) -> NDArray[np.uint8]:
        """`[N, H, W, C]`, 0 to 255: our input."""
        return self._array("images")

    def normal(self) -> NDArray[np.float32]:
        """The same images as `[N, H, W, C]` normalised as a program does it: the peers' input."""
        return self._array("normal")

    def labels(self) -> NDArray[np.int32]:
        """`[N]`, 0 to classes - 1."""
        return self._array("labels")

    def write(self, job: Job) -> None:
        """Write a job with random arrays."""
        from emit.images import mean_and_std

        plain = {
            "kind": job.kind,
            "title": job.title,
            "net": net_to_plain(job.net),
            "config": config_to_plain(job.config),
        }
        (self._path / "job.json").write_text(json.dumps(plain), encoding="utf-8")
        source = np.random.default_rng(SEED)
        shape = (job.config.batchSize, *job.net.image)
        images = source.integers(0, 256, shape, dtype=np.uint8)
        said = job.net.preprocessing
        mean, deviation = (np.array(values, np.float32) for values in mean_and_std(job.net.imageC, said))
        np.save(self._path / "images.npy", images)
        normal = (images.astype(np.float32) / np.float32(said.scale) - mean) / deviation
        np.save(self._path / "normal.npy", normal)
        np.save(self._path / "labels.npy", source.integers(0, job.net.classes, shape[:1], dtype=np.int32))
        weights = drawn(job.net)
        if job.kind != "train":  # without it, probabilities are all alike or certain
            from benchmarks.peers.jax_jit import settled

            weights = settled(job.network, weights, normal[:STATISTICS_OF])
        np.savez(self._path / "weights.npz", allow_pickle=False, **weights)

    def _array(self, name: str) -> NDArray[Any]:
        loaded: NDArray[Any] = np.load(self._path / f"{name}.npy")
        return loaded


def drawn(net: NetSpec) -> Arrays:
    """Initial weights as in a run, but random where a run starts with zeros or ones.

    A constant would hide a mistake: batch norm of γ = 1, β = 0 and fresh statistics is nearly the identity.
    """
    from emit.expand import expand
    from emit.manifest import Entry
    from runtime.engine.session import initial_state

    graph = expand(net)
    entries = [Entry(name, "parameter", tensor.shape, "f32", tensor.init) for name, tensor in graph.parameters()]
    entries += [Entry(name, "statistic", tensor.shape, "f32", tensor.init) for name, tensor in graph.statistics()]
    arrays = initial_state(entries, SEED)
    source = np.random.default_rng(SEED + 1)
    for entry in entries:
        if entry.init is not None and entry.init.kind == "constant":
            draw = _DRAWS.get(entry.init.value, _layer_scale)
            arrays[entry.name] = draw(source, entry.shape).astype(np.float32)
        if entry.name.endswith("_attention_query_weight"):
            arrays[entry.name] *= MILD
    return arrays


def _layer_scale(source: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float64]:
    return source.uniform(0.1, 0.3, shape)


_DRAWS: dict[float, Callable[[np.random.Generator, tuple[int, ...]], NDArray[np.float64]]] = {
    0.0: lambda source, shape: source.normal(0.0, 0.2, shape),
    1.0: lambda source, shape: source.uniform(0.6, 1.4, shape),
}
