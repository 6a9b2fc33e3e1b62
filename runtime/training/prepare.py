"""What a run trains, and on what: the images, the network that fits them, and the recipe."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from netspec.check import check_fits, check_learns, doubts, training_net
from netspec.language import NetSpec, TrainConfig
from netspec.loading import Spec
from runtime.data.batches import steps_per_epoch
from runtime.data.cache import ImageSet
from runtime.report import Report
from runtime.tasks import task_of
from runtime.training.fingerprint import fingerprint_of
from runtime.training.resume import Origin, check_position, check_unchanged, resumed_recipe
from runtime.training.teacher import Teacher, check_classes


@dataclass(frozen=True)
class Prepared:
    """What a run trains, all of it checked.

    Args:
        net: the network, with as many classes as the images have.
        config: the recipe, with the epochs to train for.
        fingerprint: of the images.
        steps: of an epoch.
        origin: of imported weights, as in `Checkpoint`.
        whole_epochs: see `runtime.data.batches.steps_per_epoch`.
        teacher: that the run learns from, if any.
    """

    net: NetSpec
    config: TrainConfig
    images: ImageSet
    fingerprint: str
    steps: int
    whole_epochs: bool
    origin: Mapping[str, str] | None = None
    teacher: Teacher | None = None


def prepare(
    spec: Spec,
    resumed: Origin | None,
    *,
    origin: Mapping[str, str] | None = None,
    teacher: Teacher | None = None,
    data: Path,
    max_unreadable: int | None,
    more_epochs: bool,
    report: Report,
) -> Prepared:
    """Read the images, and check that they, the network and the recipe go together, and are those of a resumed run.

    Raises InputError, and SpecError. The arguments are those of `Job`.
    """
    task = task_of(spec.net)
    trained = training_net(spec.net, spec.config)
    images = task.read(data, spec.net, report, trained=trained, max_unreadable=max_unreadable)
    _say_sizes(images, report)
    net, config, whole_epochs = task.fitted(spec.net, images, report), spec.config, True
    fingerprint = fingerprint_of(images)
    if resumed is not None:
        config = resumed_recipe(resumed, config, more_epochs=more_epochs, report=report)
        check_unchanged(resumed, net, images, fingerprint, data)
        whole_epochs = resumed.checkpoint.whole_epochs
    check_fits(net, config)
    check_learns(net, config)
    if teacher is not None:
        check_classes(teacher, images.classes)
    for doubt in doubts(net, config):
        report.say(f"warning: {doubt}")
    steps = steps_per_epoch(len(images.train.labels), config.batchSize, whole_epochs=whole_epochs)
    if resumed is not None:
        check_position(resumed, steps)
    return Prepared(net, config, images, fingerprint, steps, whole_epochs, origin, teacher)


def _say_sizes(images: ImageSet, report: Report) -> None:
    height, width, channels = images.train.images.shape[1:]
    colours = ", gray" if channels == 1 else ""
    source = ", from the cache" if images.from_cache else ""
    report.say(f"train: {len(images.train.labels)} images ({height}×{width}{colours}){source}")
    report.say(f"val: {len(images.val.labels)} images, {len(images.classes)} classes")
