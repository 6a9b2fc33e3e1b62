"""Checkpoints: one safetensors file with all state, and as JSON in its header what it belongs to.

Written under a temporary name and renamed, so that a checkpoint is whole or not there.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import safetensors
import safetensors.numpy
from numpy.typing import NDArray

from netspec.errors import InputError, SpecError
from netspec.fields import Between, annotations, problem
from netspec.language import NetSpec, TrainConfig
from netspec.plain import config_from_plain, config_to_plain, net_from_plain, net_to_plain
from runtime.files import write_whole

FORMAT = "netspec-checkpoint-1"


@dataclass(frozen=True)
class Position:
    """Where a run stands. What is random is drawn from (seed, epoch, step), so this is its random state as well.

    Args:
        epoch: epochs behind it.
        step: steps of the current epoch behind it; all of them: validation is due.
        loss_sum: of those steps.
        best: the best validation accuracy so far; -1 before the first.
    """

    epoch: Annotated[int, Between(0)] = 0
    step: Annotated[int, Between(0)] = 0
    loss_sum: float = 0.0
    best: Annotated[float, Between(-1, most=1)] = -1.0


@dataclass(frozen=True)
class Checkpoint:
    """Everything needed to go on, or to use the network.

    `whole_epochs`: see `runtime.data.batches.steps_per_epoch`. Runs of before that was the rule have it false.
    """

    net: NetSpec
    config: TrainConfig
    classes: tuple[str, ...]
    position: Position
    images: str
    tensors: Mapping[str, NDArray[Any]]
    whole_epochs: bool = True


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint, whole or not at all."""
    header: dict[str, Any] = {
        "format": FORMAT,
        "net": net_to_plain(checkpoint.net),
        "config": config_to_plain(checkpoint.config),
        "classes": checkpoint.classes,
        "position": vars(checkpoint.position),
        "images": checkpoint.images,
    }
    if checkpoint.whole_epochs:
        header["whole_epochs"] = True
    data = safetensors.numpy.save(dict(checkpoint.tensors), {"netspec": json.dumps(header)})
    write_whole(path, data)


def load(path: Path) -> Checkpoint:
    """Read a checkpoint. Raises InputError when it is none, or damaged."""
    if not path.is_file():
        raise InputError(f"{path}: there is no such checkpoint; expected a .safetensors file that train wrote.")
    try:
        with safetensors.safe_open(str(path), framework="numpy") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (safetensors.SafetensorError, OSError, ValueError, TypeError, AttributeError) as wrong:
        raise InputError(f"{path}: not a readable safetensors file: {wrong}.") from None
    try:
        header = json.loads(metadata["netspec"])
        if header["format"] != FORMAT:
            raise InputError(f"{path}: expected a checkpoint of format {FORMAT}, found {header['format']}.")
        position = _position(header["position"])
        classes = tuple(map(str, header["classes"]))
        images = str(header["images"])
        whole_epochs = header.get("whole_epochs", False) is True
        net, config = net_from_plain(header["net"]), config_from_plain(header["config"])
    except SpecError as wrong:
        raise InputError(f"{path}: {wrong}") from None
    except (KeyError, TypeError, ValueError, RecursionError) as wrong:
        raise InputError(f"{path}: not a checkpoint of netspec ({type(wrong).__name__}: {wrong}).") from None
    if len(classes) != net.classes:
        raise InputError(f"{path}: expected {net.classes} class names, found {len(classes)}.")
    return Checkpoint(net, config, classes, position, images, tensors, whole_epochs)


def _position(data: dict[str, Any]) -> Position:
    position = Position(**data)
    for name, annotation in annotations(Position).items():
        if wrong := problem(annotation, getattr(position, name)):
            raise ValueError(f"position.{name}: {wrong}")
    return position
