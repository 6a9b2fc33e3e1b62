"""A teacher: a trained network whose probabilities, of the very images of each batch, a run learns from."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from netspec.check import check_net
from netspec.errors import InputError, SpecError, TrainingError
from netspec.language import NetSpec, TrainConfig
from netspec.text import shown
from runtime.checkpoint import Checkpoint, load, read_header
from runtime.compiler.compile import compile_programs
from runtime.compiler.target import Target
from runtime.compiler.tiling.tuned import program_for
from runtime.engine.iree import Device
from runtime.engine.session import Session
from runtime.report import Report
from runtime.system.files import sha256_of
from runtime.training.resume import Opened, is_complete
from runtime.training.run import TO_USE, check_record, find_checkpoint, is_run, read_record
from runtime.training.start import has_classes


@dataclass(frozen=True)
class Teacher:
    """A teacher that was found, without its tensors.

    Args:
        file: of its checkpoint.
        sha256: of that file.
        checkpoint: its header.
        net: as it is run: at the image size of the network that learns, and with its own mean and deviation.
    """

    file: Path
    sha256: str
    checkpoint: Checkpoint
    net: NetSpec

    def to_plain(self) -> dict[str, str]:
        """What a run's checkpoints say of it."""
        return {"file": str(self.file), "sha256": self.sha256, "network": self.net.name}


def find_teacher(given: Path | None, opened: Opened, net: NetSpec, config: TrainConfig) -> Teacher | None:
    """The teacher that a run's recipe asks for, checked but for its classes; None where it asks for none.

    A run that is resumed has the teacher that it began with; one that is complete needs none any more. Raises
    InputError.

    Args:
        given: a checkpoint, or a run's folder (its best).
        net: the network that learns.
        config: the recipe, as it was asked for.
    """
    resumed = opened.resumed
    weight = config.distillWeight if resumed is None else resumed.checkpoint.config.distillWeight
    known = None if resumed is None else resumed.checkpoint.teacher
    if not weight:
        if given is None:
            return None
        raise InputError(
            f"{shown(given)}: a teacher is given, and the recipe has no distillWeight, so that nothing is learnt from "
            "it: add --set distillWeight=0.5, or leave --teacher out."
        )
    if resumed is not None and is_complete(resumed.checkpoint.position, config):
        return None
    if given is not None:
        file = find_checkpoint(given, TO_USE).absolute()
    elif known is not None:
        file = Path(known["file"])
        if not file.is_file():
            raise InputError(
                f"cannot resume: the teacher that the run began with, {shown(file)}, is not there any more; say where "
                "it is: --teacher."
            )
    else:
        raise InputError(
            f"the recipe has distillWeight={weight:g}, and no teacher is given: add --teacher with a checkpoint or a "
            "run's folder, or --set distillWeight=0."
        )
    checkpoint, checksum = read_header(file), sha256_of(file)
    if known is not None and checksum != known["sha256"]:
        raise InputError(
            f"cannot resume: {shown(file)} is not the teacher that the run began with: expected the checksum "
            f"{known['sha256'][:16]}, found {checksum[:16]}; give that file (--teacher), or begin a new run."
        )
    if is_run(file.parent):
        check_record(file.parent, read_record(file.parent), file, checkpoint)
    return Teacher(file, checksum, checkpoint, _fitted(file, checkpoint.net, net))


def _fitted(file: Path, teacher: NetSpec, net: NetSpec) -> NetSpec:
    """A teacher's network for the images of another. Raises InputError."""
    theirs, ours = (each.preprocessing.color if each.imageC == 3 else "gray" for each in (teacher, net))
    if theirs != ours:
        raise InputError(
            f"{shown(file)}: the teacher is given the images of {shown(net.name)}: expected one that reads {ours} "
            f"images, found {shown(teacher.name)}, which reads {theirs}; choose another teacher."
        )
    fitted = replace(teacher, imageH=net.imageH, imageW=net.imageW)
    try:
        check_net(fitted)
    except SpecError as wrong:
        raise InputError(
            f"{shown(file)}: the teacher is given the images of {shown(net.name)}, and cannot be run on "
            f"{net.imageH}×{net.imageW} pixels: {wrong} Choose another teacher, or train at its size: --image-size "
            f"{teacher.imageH}x{teacher.imageW}."
        ) from None
    return fitted


def check_classes(teacher: Teacher, classes: tuple[str, ...]) -> None:
    """Raises InputError unless a teacher's classes are those of the images, in their order."""
    if has_classes(teacher.checkpoint, classes):
        return
    theirs, ours = (shown(", ".join(names)) for names in (teacher.checkpoint.classes, classes))
    raise InputError(
        f"{shown(teacher.file)}: expected a teacher of the classes of the images, {ours}, in this order, found one of "
        f"{theirs}; choose another teacher, or other images."
    )


class Teaching:
    """A teacher on a device."""

    def __init__(self, teacher: Teacher, config: TrainConfig, device: Device, target: Target, report: Report) -> None:
        """Compile its `evaluate` for the batches of a recipe, and load it with its weights. Raises NetSpecError."""
        self._file = teacher.file
        program = program_for("evaluate", teacher.net, config, target)
        (compiled,) = compile_programs([program], target, report)
        self._session = Session(device, {"evaluate": (compiled.program, program.manifest)})
        self._session.restore(load(teacher.file, to_train=False).tensors, shown(teacher.file))

    def probabilities(self, images: NDArray[np.uint8], labels: NDArray[np.int32]) -> NDArray[np.float32]:
        """`[N, classes]` of a batch. Raises TrainingError where one is no number."""
        found = self._session.evaluate(images, labels)["probabilities"]
        if not np.isfinite(found).all():
            raise TrainingError(
                f"{shown(self._file)}: a probability of the teacher is no number: its weights are too large to compute "
                "with; choose another teacher."
            )
        return found
