"""What networks are trained for, on the machine's side: one file a task."""

from netspec.language import NetSpec
from netspec.layers import Layer, dense
from runtime.tasks.classification import Classification
from runtime.tasks.task import Task

# By the layer that a network ends with, as in `emit.tasks`.
TASKS: dict[type[Layer], Task] = {dense: Classification()}


def task_of(net: NetSpec) -> Task:
    """The task of a checked network: its head says it."""
    return TASKS[type(net.layers[-1])]
