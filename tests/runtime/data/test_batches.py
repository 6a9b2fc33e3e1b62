"""Batches: shuffled and augmented by seed, resumed bit for bit, counted exactly, prefetched by a thread that ends."""

import gc
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.errors import InputError
from netspec.recipe import HorizontalFlip, RandomCrop, Sampling
from runtime.data.augmentation import Setting
from runtime.data.batches import (
    PADDING_LABEL,
    Batch,
    epoch_note,
    evaluation_batches,
    prefetch,
    steps_per_epoch,
    train_batches,
)
from runtime.data.cache import Split

N, STORED, SIZE = 23, 16, 14


def split(n: int = N) -> Split:
    """Image i: its number in the red channel, its row in the green, its column in the blue."""
    images = np.zeros((n, STORED, STORED, 3), np.uint8)
    images[..., 0] = np.arange(n)[:, None, None]
    images[..., 1] = np.arange(STORED)[:, None]
    images[..., 2] = np.arange(STORED)
    return Split(images, np.arange(n, dtype=np.int32) % 5, tuple(f"{i}.png" for i in range(n)), (0,) * n)


def test_batches_have_the_channels_of_their_images() -> None:
    coloured = split()
    gray = replace(coloured, images=np.stack([coloured.images[index][..., :1] for index in range(N)]))
    shape: dict[str, Any] = {"image_h": SIZE, "image_w": SIZE, "batch_size": 4}
    setting: dict[str, Any] = {"setting": Setting((SIZE, SIZE)), "batch_size": 4}
    drawn: dict[str, Any] = {"seed": 7, "epoch": 3, "first_step": 0, "augmentations": AUGMENTATIONS}
    evaluated = [list(evaluation_batches(each, **shape)) for each in (coloured, gray)]
    trained = [list(train_batches(each, **setting, **drawn)) for each in (coloured, gray)]
    for of_three, of_one in (evaluated, trained):
        for three, one in zip(of_three, of_one, strict=True):
            assert np.array_equal(one.images, three.images[..., :1])
            assert one.images.flags.c_contiguous


AUGMENTATIONS = (RandomCrop(), HorizontalFlip())


def epoch(
    *,
    first_step: int = 0,
    augment: bool = True,
    seed: int = 7,
    number: int = 3,
    size: int = 4,
    whole_epochs: bool = True,
    n: int = N,
    sampling: Sampling = Sampling(),  # noqa: B008
) -> list[Batch]:
    return list(
        train_batches(
            split(n),
            setting=Setting((SIZE, SIZE)),
            batch_size=size,
            seed=seed,
            epoch=number,
            first_step=first_step,
            augmentations=AUGMENTATIONS if augment else (),
            whole_epochs=whole_epochs,
            sampling=sampling,
        )
    )


def same(first: list[Batch], second: list[Batch]) -> bool:
    return len(first) == len(second) and all(
        np.array_equal(a.images, b.images) and np.array_equal(a.labels, b.labels)
        for a, b in zip(first, second, strict=True)
    )


def order(batches: list[Batch]) -> list[int]:
    return [int(image[0, 0, 0]) for batch in batches for image in batch.images]


def test_an_epoch_of_an_older_run_shows_each_image_at_most_once_and_drops_the_partial_batch() -> None:
    batches = epoch(whole_epochs=False)
    assert len(batches) == steps_per_epoch(N, 4, whole_epochs=False) == 5
    assert len(set(order(batches))) == 20
    for batch in batches:
        assert batch.images.shape == (4, SIZE, SIZE, 3)
        assert batch.images.dtype == np.uint8
        assert batch.images.flags.c_contiguous
        assert batch.labels.dtype == np.int32
        assert batch.labels.tolist() == [number % 5 for number in order([batch])]


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**40), st.integers(0, 1000), st.integers(0, 5), st.booleans())
def test_an_epoch_taken_up_at_any_step_continues_bit_for_bit(
    seed: int, number: int, first_step: int, augment: bool
) -> None:
    complete = epoch(seed=seed, number=number, augment=augment)
    resumed = epoch(seed=seed, number=number, augment=augment, first_step=first_step)
    assert same(complete[first_step:], resumed)


def test_epochs_and_seeds_differ_in_order_and_the_same_ones_agree() -> None:
    assert same(epoch(), epoch())
    assert order(epoch()) != order(epoch(number=4))
    assert order(epoch()) != order(epoch(seed=8))


def test_augmentation_crops_everywhere_and_flips_half_of_the_images() -> None:
    tops, lefts, flips = [], [], []
    for number in range(60):
        for batch in epoch(number=number):
            for image in batch.images:
                top, columns = int(image[0, 0, 1]), image[0, :, 2].astype(int)
                flipped = columns[0] > columns[-1]
                tops.append(top)
                lefts.append(int(columns.min()))
                flips.append(flipped)
                upright = columns[::-1] if flipped else columns
                assert np.array_equal(upright, np.arange(SIZE) + columns.min())
                assert np.array_equal(image[:, 0, 1], np.arange(SIZE) + top)
    assert set(tops) == set(lefts) == {0, 1, 2}
    assert 0.45 < np.mean(flips) < 0.55


def test_a_crop_from_an_image_with_a_margin_may_have_the_mean_colour_at_its_edges() -> None:
    batches = train_batches(
        split(200), setting=Setting((SIZE, SIZE), mean=(201, 202, 203)), batch_size=200, seed=0, epoch=0, first_step=0,
        augmentations=(RandomCrop(padding=3),),
    )  # fmt: skip
    (batch,) = batches
    tops = set()
    for image in batch.images:
        margin = (image == (201, 202, 203)).all(axis=-1)
        inside = image[~margin.all(axis=1)][:, ~margin.all(axis=0)]
        assert (inside[..., 1] == inside[:, :1, 1]).all()
        assert (np.diff(inside[:, 0, 1].astype(int)) == 1).all()
        assert (np.diff(inside[0, :, 2].astype(int)) == 1).all()
        assert margin[~margin.all(axis=1)][:, ~margin.all(axis=0)].sum() == 0
        tops.add((int(margin.all(axis=1)[0]), int(inside[0, 0, 1])))
    # The image has 16 rows, with margins 22, of which 14 are taken: from three above to five below its first.
    assert len(tops) == len({(1, 0), *((0, top) for top in range(6))})


def test_without_augmentation_training_sees_the_centre() -> None:
    for batch in epoch(augment=False):
        assert np.all(batch.images[:, 0, 0, 1:] == 1)


def test_repeated_images_come_in_succession_each_changed_anew_and_an_epoch_has_the_fewer() -> None:
    found = epoch(sampling=Sampling(repeats=3))
    indices = order(found)
    assert len(found) == 6
    for first in range(0, N - 2, 3):
        assert len(set(indices[first : first + 3])) == 1
    assert len(set(indices[:N])) == 8
    assert order(epoch(sampling=Sampling(repeats=3), number=4)) != indices
    first, second = found[0].images[:2]
    crops = [batch.images[0, 0, 0].tolist() + batch.images[1, 0, 0].tolist() for batch in found]
    assert any(each[:3] != each[3:] for each in crops), "each time changed anew"
    assert first.shape == second.shape


def test_a_balanced_epoch_has_as_many_images_of_each_class() -> None:
    labels = np.array([0] * 17 + [2] * 5 + [3], np.int32)
    uneven = Split(split().images, labels, tuple(map(str, range(N))), (0,) * N)
    drawn: dict[str, Any] = {"setting": Setting((SIZE, SIZE)), "batch_size": N, "seed": 7, "augmentations": ()}
    seen: set[int] = set()
    for number in range(20):
        (batch,) = train_batches(uneven, epoch=number, first_step=0, sampling=Sampling(balanced=True), **drawn)
        counts = np.bincount(batch.labels, minlength=4)
        assert sorted(counts[[0, 2, 3]].tolist()) == [7, 8, 8]
        assert np.array_equal(batch.labels, labels[order([batch])])
        large = [index for index in order([batch]) if labels[index] == 0]
        assert len(set(large)) == len(large), "of a large class no image twice"
        assert {index for index in order([batch]) if labels[index] == 2} == set(range(17, 22))
        seen |= set(large)
    assert seen == set(range(17))


def test_a_sampled_epoch_taken_up_at_any_step_continues_bit_for_bit() -> None:
    sampling = Sampling(repeats=2, balanced=True)
    complete = epoch(sampling=sampling)
    for first_step in range(6):
        assert same(complete[first_step:], epoch(sampling=sampling, first_step=first_step))


def test_a_training_set_smaller_than_a_batch_is_refused_before_the_first_batch() -> None:
    with pytest.raises(InputError, match="23 readable images, fewer than one batch of 32; lower --batch-size to 23"):
        train_batches(
            split(), setting=Setting((SIZE, SIZE)), batch_size=32, seed=0, epoch=0, first_step=0, augmentations=()
        )


def test_a_training_set_of_exactly_one_batch_is_one_step() -> None:
    for whole_epochs in (True, False):
        assert steps_per_epoch(32, 32, whole_epochs=whole_epochs) == 1
        assert epoch_note(32, 32, whole_epochs=whole_epochs) is None


def test_an_epoch_of_a_small_set_shows_every_image_and_fills_the_last_batch_from_the_first() -> None:
    batches = epoch()
    assert len(batches) == steps_per_epoch(N, 4, whole_epochs=True) == 6
    indices = order(batches)
    assert sorted(indices[:N]) == list(range(N))
    assert indices[N:] == indices[:1]
    assert all(batch.images.shape == (4, SIZE, SIZE, 3) for batch in batches)
    assert epoch_note(N, 4, whole_epochs=True) == (
        "every epoch uses all 23 images: its last batch is filled up with 1 of its first"
    )
    assert order(epoch(whole_epochs=False)) == indices[:20]


def test_an_epoch_of_fifty_batches_and_more_leaves_out_the_rest_and_says_so() -> None:
    for n, steps in ((99, 50), (100, 50), (101, 50), (103, 51)):
        assert steps_per_epoch(n, 2, whole_epochs=True) == steps == len(epoch(n=n, size=2))
    assert steps_per_epoch(99, 2, whole_epochs=False) == 49
    assert epoch_note(101, 2, whole_epochs=True) == (
        "every epoch leaves out 1 of 101 images, others each time: batches are full"
    )
    assert len(set(order(epoch(n=101, size=2)))) == 100


@pytest.mark.parametrize("size", [1, 4, 23, 64])
def test_evaluation_counts_every_image_exactly_once(size: int) -> None:
    batches = list(evaluation_batches(split(), image_h=SIZE, image_w=SIZE, batch_size=size))
    labels = np.concatenate([batch.labels for batch in batches])
    images = np.concatenate([batch.images for batch in batches])
    assert all(batch.images.shape == (size, SIZE, SIZE, 3) for batch in batches)
    assert all(batch.images.flags.c_contiguous and batch.labels.dtype == np.int32 for batch in batches)
    assert images[labels != PADDING_LABEL, 0, 0, 0].tolist() == list(range(N))
    assert labels[:N].tolist() == split().labels.tolist()
    assert np.all(labels[N:] == -1)
    assert not images[N:].any()
    assert np.all(images[:N, 0, 0, 1:] == 1)


# Prefetching


def prefetch_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "netspec-prefetch"]


class Source:
    """Counts from 0; records how many items it has produced and whether it was closed."""

    def __init__(self, stop: int = 10**9) -> None:
        self.produced = 0
        self.closed = False
        self._stop = stop

    def items(self) -> Iterator[int]:
        try:
            while self.produced < self._stop:
                self.produced += 1
                yield self.produced - 1
        finally:
            self.closed = True


def settled(source: Source) -> int:
    """How many items are produced once the producer waits."""
    before = -1
    while before != source.produced:
        before = source.produced
        time.sleep(0.05)
    return before


def test_prefetching_gives_the_same_items_in_order_and_ends() -> None:
    assert list(prefetch(Source(100).items())) == list(range(100))
    assert list(prefetch(iter([]))) == []
    assert prefetch_threads() == []


def test_no_more_than_the_depth_is_made_ahead() -> None:
    source = Source()
    ahead = prefetch(source.items(), depth=3)
    assert next(ahead) == 0
    assert settled(source) == 1 + 3
    assert next(ahead) == 1
    assert settled(source) == 2 + 3
    ahead.close()


def test_nothing_is_made_before_the_first_item_is_asked_for() -> None:
    source = Source()
    ahead = prefetch(source.items())
    ahead.close()
    assert source.produced == 0
    assert prefetch_threads() == []


def test_an_exception_of_the_producer_arrives_in_its_turn() -> None:
    def failing() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("the disk is gone")

    ahead = prefetch(failing())
    assert [next(ahead), next(ahead)] == [1, 2]
    with pytest.raises(ValueError, match="the disk is gone"):
        next(ahead)
    assert prefetch_threads() == []


def test_breaking_out_of_the_loop_ends_the_thread_and_closes_the_source() -> None:
    source = Source()
    for item in prefetch(source.items()):
        if item == 5:
            break
    gc.collect()
    assert prefetch_threads() == []
    assert source.closed


def test_closing_while_the_queue_is_full_ends_the_thread_promptly() -> None:
    source = Source()
    ahead = prefetch(source.items())
    next(ahead)
    settled(source)
    begin = time.monotonic()
    ahead.close()
    assert time.monotonic() - begin < 1
    assert prefetch_threads() == []
    assert source.closed


def test_an_exception_of_the_consumer_ends_the_thread() -> None:
    def consume() -> None:
        for _ in prefetch(Source().items()):
            raise RuntimeError("the step failed")

    with pytest.raises(RuntimeError, match="the step failed"):
        consume()
    gc.collect()
    assert prefetch_threads() == []


def test_a_source_that_is_stuck_does_not_hold_up_the_consumer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.data.batches._LAST_ITEM_WAIT", 0.1)
    freed = threading.Event()

    def stuck() -> Iterator[int]:
        yield 1
        freed.wait(30)
        yield 2

    ahead = prefetch(stuck())
    assert next(ahead) == 1
    begin = time.monotonic()
    ahead.close()
    assert time.monotonic() - begin < 5
    freed.set()
    for thread in prefetch_threads():
        thread.join(5)
    assert prefetch_threads() == []


def test_prefetched_training_batches_are_the_same_bits() -> None:
    assert same(list(prefetch(iter(epoch()))), epoch())
