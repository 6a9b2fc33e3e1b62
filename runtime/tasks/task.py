"""What the machine does for a task: it reads the data, fits a network to them, and scores what `evaluate` gives.

`emit.task` is the compiler's half: targets, loss, and what a program counts. This package has one file a task.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Protocol

from numpy.typing import NDArray

from netspec.language import NetSpec
from runtime.data.cache import ImageSet
from runtime.report import Report

# What `evaluate` counted of one batch, by the names of its results.
Counts = Mapping[str, NDArray[Any]]


class Score(Protocol):
    """The evaluation of a split; as text, a line of the log."""

    @property
    def loss(self) -> float:
        """The mean over the images."""

    @property
    def share(self) -> float:
        """How good it is, from 0 to 1: the best checkpoint has the highest."""


class Task(ABC):
    """One task.

    Attributes:
        counted: the results of `evaluate` that a score is made of.
        measures: what a score is of, in words.
        loss_label: what the loss is, in words, below a picture.
    """

    counted: ClassVar[tuple[str, ...]]
    measures: ClassVar[str]
    loss_label: ClassVar[str]

    @abstractmethod
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
        """The images and targets of a folder, for a network. Raises InputError.

        Args:
            trained: the network at the size of its training images, where that is another.
            max_unreadable: as for `runtime.data.cache.open_images`.
            training: whether the training images are wanted.
        """

    @abstractmethod
    def fitted(self, net: NetSpec, images: ImageSet, report: Report) -> NetSpec:
        """The network, with a head for what the images show."""

    @abstractmethod
    def score(self, counts: Iterable[Counts], total: int) -> Score:
        """The score of `total` images, from what `evaluate` counted of each batch."""
