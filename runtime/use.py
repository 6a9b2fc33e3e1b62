"""A trained checkpoint put to use: measured on an image folder, or asked about single images."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from netspec.errors import InputError
from netspec.language import TrainConfig
from runtime.checkpoint import Checkpoint
from runtime.compile import compile_programs
from runtime.data.cache import ImageSet, open_images
from runtime.data.decode import load_image
from runtime.data.folder import comparable
from runtime.device import Device
from runtime.inference import fold_parameters
from runtime.loop import Accuracy, evaluate
from runtime.report import Report
from runtime.run import read_checkpoint
from runtime.session import Session
from runtime.target import Target
from runtime.tuned import program_for


@dataclass(frozen=True)
class Seen:
    """What a network sees in one image: classes and probabilities, the likeliest first."""

    image: Path
    classes: tuple[tuple[str, float], ...]


class Trained:
    """A checkpoint's network on a device."""

    def __init__(self, path: Path, target: Target, report: Report) -> None:
        self.checkpoint: Checkpoint = read_checkpoint(path)
        self._path, self._target, self._report = path, target, report
        self._device = Device(target)
        if target.note:
            report.say(target.note)

    def measure(self, data: Path, max_unreadable: int | None = None) -> Accuracy:
        """The accuracy on the validation images of a folder, each counted once. Raises InputError.

        `max_unreadable` as `open_images` takes it.
        """
        net, config = self.checkpoint.net, self.checkpoint.config
        session = self._session("evaluate", config)
        with self._report.bar(f"Reading images of {data}", "images") as progress:
            images = open_images(
                data,
                net.imageH,
                net.imageW,
                report=self._report.say,
                progress=progress,
                max_unreadable=max_unreadable,
            )
        val = self._relabelled(images, data).val
        with self._report.bar("Evaluating", "images") as progress:
            found = evaluate(session, val, net, config.batchSize, progress)
        assert found is not None
        return found

    def see(self, paths: Sequence[Path], most: int = 5) -> tuple[list[Seen], list[InputError]]:
        """The likeliest classes of each image that can be read, and what is wrong with each that cannot."""
        net = self.checkpoint.net
        session = self._session("predict", replace(self.checkpoint.config, batchSize=1))
        answers: list[Seen] = []
        unread: list[InputError] = []
        for path in paths:
            try:
                image = load_image(path, net.imageH, net.imageW)
            except InputError as wrong:
                unread.append(wrong)
                continue
            found = session.predict(image[None])
            answers.append(self._answer(path, found[0], most))
        return answers, unread

    def _session(self, entry_point: str, config: TrainConfig) -> Session:
        net, tensors = self.checkpoint.net, self.checkpoint.tensors
        program = program_for(entry_point, net, config, self._target)
        if entry_point == "predict":
            tensors = fold_parameters(net, tensors, program.manifest)
        (compiled,) = compile_programs([program], self._target, self._report)
        session = Session(self._device, {entry_point: (compiled.program, program.manifest)})
        session.restore(tensors, str(self._path))
        return session

    def _answer(self, path: Path, probabilities: NDArray[np.float32], most: int) -> Seen:
        order = np.argsort(-probabilities, kind="stable")[:most]
        return Seen(path, tuple((self.checkpoint.classes[index], float(probabilities[index])) for index in order))

    def _relabelled(self, images: ImageSet, data: Path) -> ImageSet:
        """The same images with the checkpoint's numbers for their classes."""
        known = {comparable(name): number for number, name in enumerate(self.checkpoint.classes)}
        unknown = [name for name in images.classes if comparable(name) not in known]
        if unknown:
            raise InputError(
                f"{data}: the classes {', '.join(unknown)} are not among those that the network was trained on: "
                f"{', '.join(self.checkpoint.classes)}."
            )
        numbers = np.array([known[comparable(name)] for name in images.classes], np.int32)
        return replace(images, val=replace(images.val, labels=numbers[images.val.labels]))
