"""What a network is trained for: its targets, its loss, and what evaluation and inference give.

`emit/tasks` has one file a task.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from emit.hlo import Value
from emit.manifest import Entry, Role
from emit.op import Op
from netspec.language import NetSpec, TrainConfig
from netspec.layers import Layer

# A result of a program: its name, its role, and its value.
Named = tuple[str, Role, Value]


class Task(ABC):
    """One task. It holds no values.

    Attributes:
        head: the layer that a network for this task ends with.
        outputs: the outputs of a network's graph that the loss reads, in its order.
    """

    head: ClassVar[type[Layer]]
    outputs: ClassVar[tuple[str, ...]]

    @abstractmethod
    def targets(self, net: NetSpec, config: TrainConfig, *, training: bool) -> tuple[Entry, ...]:
        """What a batch has beside its images, in the order of the loss's inputs."""

    @abstractmethod
    def loss(self, net: NetSpec, config: TrainConfig) -> Op:
        """From the outputs and then the targets, each in order, to a scalar."""

    @abstractmethod
    def minimizes(self, config: TrainConfig) -> str:
        """The loss, in words."""

    @abstractmethod
    def evaluation(self, net: NetSpec, outputs: Sequence[Value], targets: Mapping[str, Value]) -> list[Named]:
        """Emit the results of `evaluate`: sums over the batch, and what `prediction` gives."""

    @abstractmethod
    def prediction(self, net: NetSpec, outputs: Sequence[Value]) -> list[Named]:
        """Emit the results of `predict`."""


TASKS: dict[type[Layer], Task] = {}


def register(cls: type[Task]) -> type[Task]:
    """Enter a task under the layer that its networks end with."""
    TASKS[cls.head] = cls()
    return cls
