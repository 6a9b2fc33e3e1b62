"""From stored images to the batches of a step."""

import queue
import threading
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from netspec.errors import InputError
from netspec.recipe import Augmentation, Mixing, Sampling
from runtime.data.augmentation import Setting
from runtime.data.augmentations import augmented, centred
from runtime.data.cache import Split
from runtime.data.mix import Mixed, mixed

Item = TypeVar("Item")

# The label of the zero images that fill up the last batch of an evaluation.
PADDING_LABEL = -1
# Random streams within an epoch: the order is drawn once an epoch, the augmentation and the mixing once a step.
_ORDER_STREAM, _AUGMENT_STREAM, _MIX_STREAM = 0, 1, 2
# Seconds that the end of a prefetch waits for the item in progress.
_LAST_ITEM_WAIT = 5.0


class Batch(NamedTuple):
    """The input of one step: `images` uint8 `[N, H, W, C]`, RGB or gray, C-contiguous, and `labels` int32 `[N]`.

    `mixed`: of images that are mixed, what is mixed into them.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int32]
    mixed: Mixed | None = None


# From so many full batches on, an epoch leaves out the remainder, which would be a large part of a smaller set.
BATCHES_OF_A_LARGE_SET = 50


def steps_per_epoch(n: int, batch_size: int, *, whole_epochs: bool) -> int:
    """How many batches an epoch of `n` training images has.

    Batches are full. The remainder of a set of 50 batches or more is left out, other images each epoch. Of a smaller
    set it becomes a last batch, filled up with the first images of the epoch. `whole_epochs` is false for runs older
    than this rule, which always leave it out.

    Raises:
        InputError: there are fewer images than one batch.
    """
    if n < batch_size:
        raise InputError(
            f"The training set has {n} readable images, fewer than one batch of {batch_size}; "
            f"lower --batch-size to {n} or less, or add images."
        )
    steps, rest = divmod(n, batch_size)
    return steps + 1 if whole_epochs and rest and steps < BATCHES_OF_A_LARGE_SET else steps


def epoch_note(n: int, batch_size: int, *, whole_epochs: bool) -> str | None:
    """A sentence on the images that make no full batch in an epoch; None where there are none."""
    steps = steps_per_epoch(n, batch_size, whole_epochs=whole_epochs)
    if steps * batch_size > n:
        return (
            f"every epoch uses all {n} images: its last batch is filled up with {steps * batch_size - n} of its first"
        )
    if steps * batch_size < n:
        return f"every epoch leaves out {n - steps * batch_size} of {n} images, others each time: batches are full"
    return None


def train_batches(
    split: Split,
    *,
    setting: Setting,
    batch_size: int,
    seed: int,
    epoch: int,
    first_step: int,
    augmentations: tuple[Augmentation, ...],
    mixing: tuple[Mixing, ...] = (),
    sampling: Sampling = Sampling(),  # noqa: B008
    whole_epochs: bool = True,
) -> Iterator[Batch]:
    """The batches of one epoch from `first_step` on, shuffled; how many, `steps_per_epoch` says.

    Order and augmentation are pure functions of (seed, epoch, step): an epoch resumed at `first_step` continues bit for
    bit as if it had not been interrupted.

    Raises:
        InputError: the training set is smaller than one batch; or, from a batch, an image is damaged on disk and cannot
            be read again, or a file that a part is cut out of has changed.
    """
    steps = steps_per_epoch(len(split.files), batch_size, whole_epochs=whole_epochs)
    numbers = range(first_step, steps)
    return _train_batches(split, setting, batch_size, seed, epoch, numbers, augmentations, mixing, sampling)


def _train_batches(
    split: Split,
    setting: Setting,
    batch_size: int,
    seed: int,
    epoch: int,
    steps: range,
    augmentations: tuple[Augmentation, ...],
    mixing: tuple[Mixing, ...],
    sampling: Sampling,
) -> Iterator[Batch]:
    order = _order(split.labels, sampling, _generator(seed, epoch, _ORDER_STREAM))
    for step in steps:
        chosen = order.take(range(step * batch_size, (step + 1) * batch_size), mode="wrap")
        random = _generator(seed, epoch, _AUGMENT_STREAM, step)
        images = augmented(split.images, chosen, setting, augmentations, random, split.original)
        labels = split.labels[chosen]
        if mixing:
            images, others = mixed(images, labels, mixing, _generator(seed, epoch, _MIX_STREAM, step))
            yield Batch(images, labels, others)
        else:
            yield Batch(images, labels)


def _order(labels: NDArray[np.int32], sampling: Sampling, random: np.random.Generator) -> NDArray[np.int64]:
    """The images of an epoch by index, shuffled: as many as there are labels."""
    order = random.permutation(len(labels))
    if sampling.balanced:
        order = random.permutation(_balanced(labels, order, random))
    return order.repeat(sampling.repeats)[: len(labels)]


def _balanced(labels: NDArray[np.int32], order: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.int64]:
    """As many images of each class, or one more of some; of each class in the order given, again from its first."""
    classes = np.unique(labels)
    share, rest = divmod(len(labels), len(classes))
    more = set(random.permutation(classes)[:rest].tolist())
    chosen = [np.resize(order[labels[order] == label], share + (label in more)) for label in classes.tolist()]
    return np.concatenate(chosen)


def evaluation_batches(split: Split, *, image_h: int, image_w: int, batch_size: int) -> Iterator[Batch]:
    """Every image once, in the order of the files, centre-cropped.

    The last batch is filled up with zero images labelled `PADDING_LABEL`, which the caller leaves out of its counts.
    """
    n = len(split.files)
    for start in range(0, n, batch_size):
        chosen = np.arange(start, min(start + batch_size, n))
        images = np.zeros((batch_size, image_h, image_w, split.images.shape[-1]), np.uint8)
        labels = np.full(batch_size, PADDING_LABEL, np.int32)
        images[: len(chosen)] = centred(split.images, chosen, (image_h, image_w))
        labels[: len(chosen)] = split.labels[chosen]
        yield Batch(images, labels)


def _generator(seed: int, *stream: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=stream)))


@dataclass(frozen=True)
class _End:
    """The end of a prefetch: no more items, because of `error` if there is one."""

    error: BaseException | None


def prefetch(iterator: Iterator[Item], depth: int = 2) -> Generator[Item, None, None]:
    """The items of `iterator`, up to `depth` of them produced ahead by a background thread.

    The thread starts with the first item requested. It ends with the last item, with an exception (which is raised
    here, in order), or when this generator is closed or dropped; then it produces no further item, and `iterator` is
    closed if it is a generator.
    """
    ready: queue.SimpleQueue[Item | _End] = queue.SimpleQueue()
    free = threading.Semaphore(depth)
    stopped = threading.Event()
    thread = threading.Thread(
        target=_produce, args=(iterator, ready, free, stopped), name="netspec-prefetch", daemon=True
    )
    thread.start()
    try:
        while True:
            item = ready.get()
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            free.release()
            yield item
    finally:
        stopped.set()
        free.release()
        # A generator dropped in a reference cycle can be finalised by any thread, this one included. And a source that
        # is stuck (a dead network disk) must not hold up an interrupt: the thread is a daemon and ends after its item.
        if thread is not threading.current_thread():
            thread.join(_LAST_ITEM_WAIT)


def _produce(
    iterator: Iterator[Item],
    ready: "queue.SimpleQueue[Item | _End]",
    free: threading.Semaphore,
    stopped: threading.Event,
) -> None:
    error: BaseException | None = None
    try:
        while True:
            free.acquire()
            if stopped.is_set():
                break
            try:
                item = next(iterator)
            except StopIteration:
                break
            ready.put(item)
        if isinstance(iterator, Generator):
            iterator.close()
    except BaseException as caught:
        error = caught
    ready.put(_End(error))
