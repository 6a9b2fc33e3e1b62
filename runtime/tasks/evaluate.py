"""The evaluation of a split by a session."""

from collections.abc import Callable

from netspec.language import NetSpec
from runtime.data.batches import evaluation_batches, prefetch
from runtime.data.cache import Split
from runtime.engine.session import Session
from runtime.tasks import task_of
from runtime.tasks.task import Counts, Score


def evaluate(
    session: Session,
    split: Split,
    net: NetSpec,
    batch_size: int,
    progress: Callable[[int, int], None],
    stopped: Callable[[], bool] = lambda: False,
    *,
    averaged: bool = True,
) -> Score | None:
    """Evaluate every image of a split once, with the running statistics; None when it was stopped.

    `progress` is called with the images done and in all; `averaged` as in `Session.evaluate`.
    """
    task, total, done = task_of(net), len(split.labels), 0
    counts: list[Counts] = []
    batches = prefetch(evaluation_batches(split, image_h=net.imageH, image_w=net.imageW, batch_size=batch_size))
    try:
        for batch in batches:
            if stopped():
                return None
            found = session.evaluate(batch.images, batch.labels, averaged=averaged)
            counts.append({name: found[name] for name in task.counted})
            done = min(done + batch_size, total)
            progress(done, total)
    finally:
        batches.close()
    return task.score(counts, total)
