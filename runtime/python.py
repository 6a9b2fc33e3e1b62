"""NetSpec from Python: `netspec.train`, `netspec.load` and `netspec.summary`. The commands do the same."""

import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeGuard, cast, overload

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from netspec.advice import did_you_mean
from netspec.check import check_config, check_net
from netspec.errors import InputError, SpecError
from netspec.fields import annotations
from netspec.language import NetSpec, TrainConfig, shortened_warmup, with_classes
from netspec.listing import listing
from netspec.loading import Spec
from netspec.recipes import find_recipe
from netspec.text import shown
from runtime.compiler.target import target_from_environment
from runtime.data.demo.embedded import embedded_folder
from runtime.inference import Trained
from runtime.networks import ImageSize, is_bundled, open_spec, recipe_of_weights, resized
from runtime.report import Report
from runtime.summary import Summary, summarise
from runtime.tasks.classification import Accuracy
from runtime.training.job import Job
from runtime.training.job import train as run_job
from runtime.training.run import Row
from runtime.training.start import Start
from runtime.weights.hub import located
from runtime.weights.sources import Source

Picture = str | Path | Image.Image | NDArray[np.uint8]


@dataclass(frozen=True)
class Prediction:
    """The classes of one image and their probabilities, the likeliest first."""

    classes: tuple[tuple[str, float], ...]

    @property
    def label(self) -> str:
        """The likeliest class."""
        return self.classes[0][0]

    @property
    def probability(self) -> float:
        """Of the likeliest class, 0 to 1."""
        return self.classes[0][1]


class Model:
    """A trained network on this machine's device.

    Attributes:
        net: the network.
        classes: names, by label.
    """

    def __init__(self, path: Path, *, quiet: bool = False, preprocess: Mapping[str, object] | None = None) -> None:
        settings = {name: _text(value) for name, value in (preprocess or {}).items()}
        self._trained = Trained(path, target_from_environment(), _report(quiet), settings)
        self.net: NetSpec = self._trained.checkpoint.net
        self.classes: tuple[str, ...] = self._trained.checkpoint.classes

    def probabilities(self, images: Picture | Sequence[Picture]) -> NDArray[np.float32]:
        """`[N, classes]` of images: files, Pillow's pictures, or arrays of bytes `[H, W, 3]` or `[H, W]`, or a list.

        They may have any size: each is read as the network's preprocessing says. Raises InputError.
        """
        found = [self._trained.probabilities_of(self._read(each)) for each in _listed(images)]
        return np.stack(found) if found else np.zeros((0, len(self.classes)), np.float32)

    @overload
    def predict(self, images: Path | Image.Image, top: int = 5) -> Prediction: ...

    @overload
    def predict(self, images: list[Picture], top: int = 5) -> list[Prediction]: ...

    @overload
    def predict(self, images: Picture | Sequence[Picture], top: int = 5) -> Any: ...

    def predict(self, images: Picture | Sequence[Picture], top: int = 5) -> Any:
        """A `Prediction` of an image; of a list of them, or of an array of four axes, a list.

        Args:
            images: as for `probabilities`.
            top: how many classes.
        """
        found = [Prediction(self._trained.likeliest(each, top)) for each in self.probabilities(images)]
        return found[0] if _is_one(images) else found

    def evaluate(self, data: str | Path, max_unreadable: int | None = None) -> Accuracy:
        """The accuracy on the validation images of a folder: `correct`, `total`, `share`, `loss`. Raises InputError."""
        return self._trained.measure(Path(data), max_unreadable)

    def _read(self, picture: Picture) -> NDArray[np.uint8]:
        if isinstance(picture, str | Path):
            return self._trained.read(Path(picture))
        return self._trained.read_picture(picture if isinstance(picture, Image.Image) else _picture(picture))


@dataclass(frozen=True)
class Training:
    """How a training run ended.

    Attributes:
        folder: the run's: checkpoints, metrics, programs, spec.
        finished: all epochs are done; otherwise it was stopped.
        accuracy, best_accuracy: on the validation images, 0 to 1, of the last epoch and of the best one; None before
            the first has ended.
        history: one row an epoch: `epoch`, `train_loss`, `val_loss`, `val_accuracy`, `learning_rate`, `seconds`, ...
    """

    folder: Path
    finished: bool
    accuracy: float | None
    best_accuracy: float | None
    history: tuple[Row, ...]

    def load(self) -> Model:
        """The best checkpoint."""
        return Model(self.folder)


def train(
    spec: str | Path | NetSpec | Spec,
    data: str | Path | None = None,
    *,
    output: str | Path | None = None,
    resume: str | Path | None = None,
    weights: str | Path | None = None,
    source: Source | None = None,
    conventions: Literal["spec", "source"] | None = None,
    teacher: str | Path | None = None,
    image_size: int | ImageSize | None = None,
    width: float | None = None,
    max_steps: int | None = None,
    max_unreadable: int | None = None,
    recipe: str | Path | None = None,
    quiet: bool = False,
    **fields: object,
) -> Training:
    """Train a network on an image folder, as `netspec train` does, whose options have the same names.

        netspec.train("mobilenet_v2", "photos", epochs=10, learningRate=3e-4).best_accuracy

    Args:
        spec: a bundled network's name, a spec file, a run's folder, or a `NetSpec` of one's own.
        data: the image folder; None: images that NetSpec draws, in ten classes.
        recipe: the name of one that NetSpec brings, or a TOML file, in place of the spec's. A bundled network that
            starts from `weights` is trained with `"finetune"`.
        fields: of `TrainConfig`, in place of those of the recipe.
        quiet: no log.

    Raises:
        NetSpecError: a `SpecError` or an `InputError` says what is wrong with what was given.
    """
    report = _report(quiet)
    opened = _spec(spec, width, _recipe(spec, recipe, weights))
    if image_size is not None:
        size = (image_size, image_size) if isinstance(image_size, int) else image_size
        opened = replace(opened, net=resized(opened.net, size))
    opened = replace(opened, config=_with(opened.config, fields))
    if conventions not in ("spec", "source", None):
        raise InputError(f"conventions: expected spec or source, received {shown(conventions)}.")
    start = None
    if weights is None and (source is not None or conventions is not None):
        raise InputError("source and conventions are of weights, which are not given.")
    if weights is not None:
        found = located(str(weights))
        of_page = conventions is None and isinstance(spec, str | Path) and is_bundled(str(spec))
        start = Start(found.path, source, None if of_page else conventions == "source", repository=found.repository)
    if data is None:
        with report.bar("Drawing images", "images") as progress:
            data = embedded_folder(report.say, progress)
    job = Job(
        opened,
        Path(data),
        target_from_environment(),
        None if output is None else Path(output),
        None if resume is None else str(resume),
        max_steps,
        max_unreadable=max_unreadable,
        more_epochs="epochs" in fields,
        weights=start,
        fields=fields if recipe is None and isinstance(spec, str | Path) and is_bundled(str(spec)) else None,
        teacher=None if teacher is None else Path(teacher),
    )
    outcome = run_job(job, report)
    return Training(outcome.folder, outcome.finished, outcome.accuracy, outcome.best_accuracy, outcome.history)


def load(checkpoint: str | Path, *, quiet: bool = False, preprocess: Mapping[str, object] | None = None) -> Model:
    """A checkpoint, or a run's folder (its best checkpoint), ready to predict and to be evaluated. Raises InputError.

        netspec.load("runs/mobilenet-v2-1").predict("apple.jpg").label

    Args:
        preprocess: fields of `Preprocessing`, in place of the checkpoint's.
    """
    return Model(Path(checkpoint), quiet=quiet, preprocess=preprocess)


def summary(
    spec: str | Path | NetSpec | Spec,
    *,
    width: float | None = None,
    image_size: int | ImageSize | None = None,
    classes: int | None = None,
) -> Summary:
    """A network's layers, parameters and MACs. `print` shows them as a table. Raises SpecError."""
    net = _spec(spec, width).net
    if image_size is not None:
        net = resized(net, (image_size, image_size) if isinstance(image_size, int) else image_size)
    if classes is not None:
        net = with_classes(net, classes)
    check_net(net)
    return summarise(net)


def _report(quiet: bool) -> Report:
    """On a terminal with a live line; elsewhere, in a notebook say, line by line."""
    return Report(live=False, stream=_Nowhere()) if quiet else Report(live=sys.stdout.isatty())  # type: ignore[arg-type]


class _Nowhere(io.TextIOBase):
    """A stream that keeps nothing."""

    def write(self, text: str) -> int:
        """Nothing."""
        return len(text)


def _recipe(spec: object, recipe: str | Path | None, weights: object) -> str | None:
    if recipe is not None:
        return str(recipe)
    return recipe_of_weights(str(spec), weights) if isinstance(spec, str | Path) else None


def _spec(spec: str | Path | NetSpec | Spec, width: float | None, recipe: str | None = None) -> Spec:
    if isinstance(spec, str | Path):
        return open_spec(str(spec), width=width, recipe=recipe)
    if width is not None:
        raise SpecError("width: is of a spec that is given by its name or file: make the network with it.")
    chosen = None if recipe is None else find_recipe(recipe).config
    if isinstance(spec, Spec):
        return spec if chosen is None else replace(spec, config=chosen)
    check_net(spec)
    config = chosen or TrainConfig()
    return Spec(spec, config, listing(spec, config, "A network that was trained from Python."), has_recipe=False)


def _with(config: TrainConfig, given: Mapping[str, object]) -> TrainConfig:
    known = annotations(TrainConfig)
    for name in given:
        if name not in known:
            raise SpecError(f"train: has no option {shown(repr(name))}{did_you_mean(name, known)}.")
    changed = replace(config, **given)  # type: ignore[arg-type]
    if isinstance(given.get("epochs"), int) and "warmupEpochs" not in given:
        changed = replace(changed, warmupEpochs=shortened_warmup(changed))
    check_config(changed)
    return changed


def _is_one(images: Picture | Sequence[Picture]) -> TypeGuard[Picture]:
    return isinstance(images, str | Path | Image.Image) or (isinstance(images, np.ndarray) and images.ndim < 4)


def _listed(images: Picture | Sequence[Picture]) -> Iterator[Picture]:
    if _is_one(images):
        yield images
    else:
        yield from cast(Sequence[Picture], images)


def _picture(array: NDArray[np.uint8]) -> Image.Image:
    """Bytes as a picture. Raises InputError."""
    gray = array.ndim == 2 or (array.ndim == 3 and array.shape[2] == 1)
    if array.dtype != np.uint8 or not (gray or (array.ndim == 3 and array.shape[2] == 3)) or 0 in array.shape:
        raise InputError(
            f"an image: expected an array of bytes (uint8) of shape (H, W, 3) or (H, W), found {array.dtype} of shape "
            f"{array.shape}."
        )
    return Image.fromarray(np.ascontiguousarray(array[..., 0] if gray and array.ndim == 3 else array))


def _text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
