"""Inference with a trained checkpoint: accuracy on an image folder, or predictions for single images."""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from netspec.check import check_net
from netspec.errors import InputError, NetSpecError
from netspec.language import TrainConfig
from netspec.text import shown
from runtime.checkpoint import Checkpoint, load
from runtime.compiler.compile import compile_programs
from runtime.compiler.target import Target
from runtime.compiler.tiling.tuned import program_for
from runtime.data.cache import ImageSet, Split
from runtime.data.decode import load_image, load_picture
from runtime.data.folder import comparable
from runtime.data.reading import changed_preprocessing, reading_of
from runtime.engine.iree import Device
from runtime.engine.session import Session
from runtime.report import Report
from runtime.tasks import task_of
from runtime.tasks.classification import Accuracy
from runtime.tasks.evaluate import evaluate
from runtime.training.run import CONFIG, TO_USE, check_record, find_checkpoint, read_record
from runtime.weights import imagenet
from runtime.weights.fold_scales import fold_parameters


@dataclass(frozen=True)
class Prediction:
    """The likeliest classes of one image and their probabilities, the likeliest first."""

    image: Path
    classes: tuple[tuple[str, float], ...]


class Trained:
    """A checkpoint's network on a device.

    Args:
        path: a checkpoint, or a run folder (its best checkpoint).
        preprocess: fields of `Preprocessing`, as texts, in place of the checkpoint's.
    """

    def __init__(self, path: Path, target: Target, report: Report, preprocess: Mapping[str, str] | None = None) -> None:
        self._path = find_checkpoint(path, TO_USE)
        self.checkpoint: Checkpoint = load(self._path, to_train=False)
        if path.is_dir() and os.path.lexists(path / CONFIG):
            check_record(path, read_record(path), self._path, self.checkpoint)
        if preprocess:
            net = self.checkpoint.net
            net = replace(net, preprocessing=changed_preprocessing(net.preprocessing, preprocess, report.say))
            check_net(net)
            self.checkpoint = replace(self.checkpoint, net=net)
        self._target, self._report = target, report
        self._device = Device(target)
        self._predicting: Session | None = None
        if target.note:
            report.say(target.note)

    def measure(self, data: Path, max_unreadable: int | None = None) -> Accuracy:
        """The accuracy on the validation images of a folder, all counted once. `max_unreadable` as for `open_images`.

        Raises InputError, before anything is compiled; NetSpecError when the loss is no number.
        """
        net, config = self.checkpoint.net, self.checkpoint.config
        images = task_of(net).read(data, net, self._report, max_unreadable=max_unreadable, training=False)
        val = self._relabelled(images, data)
        session = self._session("evaluate", config)
        with self._report.bar("Evaluating", "images") as progress:
            accuracy = evaluate(session, val, net, config.batchSize, progress)
        assert isinstance(accuracy, Accuracy)
        if not math.isfinite(accuracy.loss):
            raise self._no_number(f"its loss on {shown(data)} is {accuracy.loss}")
        return accuracy

    def predict(self, paths: Sequence[Path], most: int = 5) -> tuple[list[Prediction], list[InputError]]:
        """The `most` likeliest classes of each image that can be read, and the error of each that cannot.

        Raises InputError, before anything is compiled, when none can be read; NetSpecError when a probability is no
        number.
        """
        self._check_readable(paths)
        predictions: list[Prediction] = []
        unread: list[InputError] = []
        for path in paths:
            try:
                image = self.read(path)
            except InputError as wrong:
                unread.append(wrong)
                continue
            probabilities = self.probabilities_of(image, shown(path))
            predictions.append(Prediction(path, self.likeliest(probabilities, most)))
        return predictions, unread

    def read(self, path: Path) -> NDArray[np.uint8]:
        """A file as the network's input, uint8 `[H, W, C]`. Raises InputError."""
        return load_image(path, reading_of(self.checkpoint.net))

    def read_picture(self, picture: Image.Image) -> NDArray[np.uint8]:
        """A picture as the network's input, uint8 `[H, W, C]`. Raises InputError."""
        return load_picture(picture, reading_of(self.checkpoint.net))

    def probabilities_of(self, image: NDArray[np.uint8], name: str = "an image") -> NDArray[np.float32]:
        """`[classes]` of a network's input. Raises NetSpecError where one is no number."""
        if self._predicting is None:
            self._predicting = self._session("predict", replace(self.checkpoint.config, batchSize=1))
        probabilities = self._predicting.predict(image[None])
        if not np.isfinite(probabilities).all():
            raise self._no_number(f"its probabilities for {name} are none")
        found: NDArray[np.float32] = probabilities[0]
        return found

    def likeliest(self, probabilities: NDArray[np.float32], most: int) -> tuple[tuple[str, float], ...]:
        """The `most` likeliest classes and their probabilities, the likeliest first."""
        order = np.argsort(-probabilities, kind="stable")[:most]
        return tuple((self.checkpoint.classes[index], float(probabilities[index])) for index in order)

    def _check_readable(self, paths: Sequence[Path]) -> None:
        first = None
        for path in paths:
            try:
                self.read(path)
            except InputError as wrong:
                first = first or wrong
            else:
                return
        if first is not None:
            raise first

    def _no_number(self, what: str) -> NetSpecError:
        return NetSpecError(f"{shown(self._path)}: {what}: its weights are too large to compute with; train anew.")

    def _session(self, entry_point: str, config: TrainConfig) -> Session:
        net, tensors = self.checkpoint.net, self.checkpoint.tensors
        program = program_for(entry_point, net, config, self._target)
        if entry_point == "predict":
            tensors = fold_parameters(net, tensors, program.manifest)
        (compiled,) = compile_programs([program], self._target, self._report)
        session = Session(self._device, {entry_point: (compiled.program, program.manifest)})
        session.restore(tensors, shown(self._path))
        return session

    def _relabelled(self, images: ImageSet, data: Path) -> Split:
        """The validation images, labelled with the checkpoint's class indices.

        ImageNet's classes are known by their synsets as well, as its folders are called.
        """
        numbers = {comparable(name): number for number, name in enumerate(self.checkpoint.classes)}
        numbers |= {synset: numbers[name] for synset, name in imagenet.by_synset().items() if name in numbers}
        present = {images.classes[label] for label in images.val.labels}
        if unknown := sorted(name for name in present if comparable(name) not in numbers):
            known = shown(", ".join(self.checkpoint.classes))
            raise InputError(
                f"{shown(data)}: the classes {shown(', '.join(unknown))} are not among those that the network was "
                f"trained on: {known}."
            )
        renumbered = np.array([numbers.get(comparable(name), -1) for name in images.classes], np.int32)
        return replace(images.val, labels=renumbered[images.val.labels])
