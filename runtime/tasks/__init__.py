"""What networks are trained for, on the machine's side: one file a task."""

import emit.task
import emit.tasks
import emit.tasks.classification
from netspec.language import NetSpec
from runtime.tasks.classification import Classification
from runtime.tasks.task import Task

# By the compiler's half.
TASKS: dict[type[emit.task.Task], Task] = {emit.tasks.classification.Classification: Classification()}


def task_of(net: NetSpec) -> Task:
    """The task of a checked network: its head says it."""
    return TASKS[type(emit.tasks.task_of(net))]
