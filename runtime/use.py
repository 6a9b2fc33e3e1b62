"""A trained checkpoint put to use: measured on an image folder, or asked about single images."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emit.program import emit
from netspec.errors import InputError
from runtime.checkpoint import Checkpoint
from runtime.compile import compile_programs
from runtime.data.cache import ImageSet, open_images
from runtime.data.decode import load_image
from runtime.device import Device
from runtime.loop import Accuracy, evaluate
from runtime.report import Report
from runtime.run import read_checkpoint
from runtime.session import Session
from runtime.target import Target


@dataclass(frozen=True)
class Seen:
    """What a network sees in one image: classes and probabilities, the likeliest first."""

    image: Path
    classes: tuple[tuple[str, float], ...]


class Trained:
    """A checkpoint's network on a device."""

    def __init__(self, path: Path, target: Target, report: Report) -> None:
        self.checkpoint: Checkpoint = read_checkpoint(path)
        self._report = report
        checkpoint = self.checkpoint
        device = Device(target)
        if target.note:
            report.say(target.note)
        program = emit("evaluate", checkpoint.net, checkpoint.config, backend=target.backend)
        (compiled,) = compile_programs([program], target, report)
        self._session = Session(device, {"evaluate": (compiled.vmfb, program.manifest)})
        self._session.restore(checkpoint.tensors, str(path))

    def measure(self, data: Path) -> Accuracy:
        """The accuracy on the validation images of a folder, each counted once. Raises InputError."""
        net, batch = self.checkpoint.net, self.checkpoint.config.batchSize
        with self._report.bar(f"Reading images of {data}", "images") as progress:
            images = open_images(data, net.imageH, net.imageW, report=self._report.say, progress=progress)
        val = self._relabelled(images, data).val
        with self._report.bar("Evaluating", "images") as progress:
            found = evaluate(self._session, val, net, batch, progress)
        assert found is not None
        return found

    def see(self, paths: Sequence[Path], most: int = 5) -> list[Seen]:
        """The likeliest classes of each image. Raises InputError when one cannot be read."""
        net, batch = self.checkpoint.net, self.checkpoint.config.batchSize
        answers: list[Seen] = []
        for first in range(0, len(paths), batch):
            some = paths[first : first + batch]
            images: NDArray[np.uint8] = np.zeros((batch, net.imageH, net.imageW, 3), np.uint8)
            for row, path in enumerate(some):
                images[row] = load_image(path, net.imageH, net.imageW)
            found = self._session.evaluate(images, np.full(batch, -1, np.int32))
            answers += [self._answer(path, found.probabilities[row], most) for row, path in enumerate(some)]
        return answers

    def _answer(self, path: Path, probabilities: NDArray[np.float32], most: int) -> Seen:
        order = np.argsort(-probabilities, kind="stable")[:most]
        return Seen(path, tuple((self.checkpoint.classes[index], float(probabilities[index])) for index in order))

    def _relabelled(self, images: ImageSet, data: Path) -> ImageSet:
        """The same images with the checkpoint's numbers for their classes."""
        unknown = [name for name in images.classes if name not in self.checkpoint.classes]
        if unknown:
            raise InputError(
                f"{data}: the classes {', '.join(unknown)} are not among those that the network was trained on: "
                f"{', '.join(self.checkpoint.classes)}."
            )
        numbers = np.array([self.checkpoint.classes.index(name) for name in images.classes], np.int32)
        return replace(images, val=replace(images.val, labels=numbers[images.val.labels]))
