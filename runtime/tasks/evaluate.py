"""The evaluation of a split by a session."""

from collections.abc import Callable, Iterator

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
) -> Score | None:
    """Evaluate every image of a split once, with the running statistics; None when it was stopped.

    `progress` is called with the images done and in all.
    """
    total = len(split.labels)
    done = 0

    def counts() -> Iterator[Counts]:
        nonlocal done
        batches = prefetch(evaluation_batches(split, image_h=net.imageH, image_w=net.imageW, batch_size=batch_size))
        try:
            for batch in batches:
                if stopped():
                    return
                yield session.evaluate(batch.images, batch.labels)
                done = min(done + batch_size, total)
                progress(done, total)
        finally:
            batches.close()

    score = task_of(net).score(counts(), total)
    return score if done == total else None
