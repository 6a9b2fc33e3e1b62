"""Classification: folders of classes, and accuracy."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from netspec.check import check_net
from netspec.language import NetSpec, with_classes
from netspec.text import shown
from runtime.data.cache import ImageSet, open_images
from runtime.data.reading import reading_of
from runtime.report import Report
from runtime.tasks.task import Counts, Task


@dataclass(frozen=True)
class Accuracy:
    """The evaluation of a split. `loss`: the mean over its images."""

    correct: int
    total: int
    loss: float

    @property
    def share(self) -> float:
        """The accuracy, 0 to 1."""
        return self.correct / self.total

    def __str__(self) -> str:
        return f"{self.correct}/{self.total} = {100 * self.share:.2f}%"


class Classification(Task):
    """See `emit.tasks.classification`."""

    counted = ("correct", "loss_sum")
    measures = "accuracy"
    loss_label = "cross-entropy"

    def read(
        self,
        data: Path,
        net: NetSpec,
        report: Report,
        *,
        trained: NetSpec | None = None,
        max_unreadable: int | None = None,
        training: bool = True,
    ) -> ImageSet:
        """A folder of classes."""
        with report.bar(f"Reading images of {shown(data)}", "images") as progress:
            return open_images(
                data,
                reading_of(net),
                report=report.say,
                progress=progress,
                max_unreadable=max_unreadable,
                training=training,
                of_training=None if trained is None else reading_of(trained),
            )

    def fitted(self, net: NetSpec, images: ImageSet, report: Report) -> NetSpec:
        """With as many outputs as there are classes."""
        classes = len(images.classes)
        if net.classes == classes:
            return net
        report.say(
            f"the head has {net.classes} classes and the images have {classes}: the head is resized to {classes}"
        )
        fitted = with_classes(net, classes)
        check_net(fitted)
        return fitted

    def score(self, counts: Iterable[Counts], total: int) -> Accuracy:
        """The share of images whose most probable class is theirs, and the mean loss."""
        correct, loss = 0, 0.0
        for batch in counts:
            correct += int(batch["correct"])
            loss += float(batch["loss_sum"])
        return Accuracy(correct, total, loss / total)
