"""What a run trains, and on what: the images, the network that fits them, and the recipe."""

from dataclasses import dataclass
from pathlib import Path

from netspec.check import check_learns, check_net, doubts
from netspec.language import NetSpec, TrainConfig, with_classes
from netspec.load import Spec
from netspec.text import shown
from runtime.data.batches import steps_per_epoch
from runtime.data.cache import ImageSet, open_images
from runtime.report import Report
from runtime.training.fingerprint import fingerprint_of
from runtime.training.resume import Origin, check_position, check_unchanged, resumed_recipe


@dataclass(frozen=True)
class Prepared:
    """What a run trains, all of it checked.

    Args:
        net: the network, with as many classes as the images have.
        config: the recipe, with the epochs to train for.
        fingerprint: of the images.
        steps: of an epoch.
        whole_epochs: see `runtime.data.batches.steps_per_epoch`.
    """

    net: NetSpec
    config: TrainConfig
    images: ImageSet
    fingerprint: str
    steps: int
    whole_epochs: bool


def prepare(
    spec: Spec,
    resumed: Origin | None,
    *,
    data: Path,
    max_unreadable: int | None,
    more_epochs: bool,
    report: Report,
) -> Prepared:
    """Read the images, and check that they, the network and the recipe go together, and are those of a resumed run.

    Raises InputError, and SpecError. The arguments are those of `Job`.
    """
    images = _images(data, spec.net, max_unreadable, report)
    net, config, whole_epochs = _fit_head(spec.net, images, report), spec.config, True
    fingerprint = fingerprint_of(images)
    if resumed is not None:
        config = resumed_recipe(resumed, config, more_epochs=more_epochs, report=report)
        check_unchanged(resumed, net, images, fingerprint, data)
        whole_epochs = resumed.checkpoint.whole_epochs
    check_learns(net, config)
    for doubt in doubts(net, config):
        report.say(f"warning: {doubt}")
    steps = steps_per_epoch(len(images.train.labels), config.batchSize, whole_epochs=whole_epochs)
    if resumed is not None:
        check_position(resumed, steps)
    return Prepared(net, config, images, fingerprint, steps, whole_epochs)


def _images(data: Path, net: NetSpec, max_unreadable: int | None, report: Report) -> ImageSet:
    with report.bar(f"Reading images of {shown(data)}", "images") as progress:
        images = open_images(
            data,
            net.imageH,
            net.imageW,
            report=report.say,
            progress=progress,
            max_unreadable=max_unreadable,
        )
    height, width = images.train.images.shape[1:3]
    source = ", from the cache" if images.from_cache else ""
    report.say(f"train: {len(images.train.labels)} images ({height}×{width}){source}")
    report.say(f"val: {len(images.val.labels)} images, {len(images.classes)} classes")
    return images


def _fit_head(net: NetSpec, images: ImageSet, report: Report) -> NetSpec:
    classes = len(images.classes)
    if net.classes == classes:
        return net
    report.say(f"the head has {net.classes} classes and the images have {classes}: the head is resized to {classes}")
    fitted = with_classes(net, classes)
    check_net(fitted)
    return fitted
