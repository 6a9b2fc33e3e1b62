"""What networks are trained for: one file a task. Importing this registers all of them."""

from emit.op import register_package
from emit.task import TASKS, Task
from netspec.language import NetSpec

register_package(__name__, __path__)


def task_of(net: NetSpec) -> Task:
    """The task of a checked network: its head says it."""
    return TASKS[type(net.layers[-1])]
