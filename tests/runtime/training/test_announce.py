"""What the log says of a run before it trains, line by line, from data alone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from netspec.language import TrainConfig
from runtime.checkpoint import Checkpoint, Position
from runtime.data.cache import ImageSet, Split
from runtime.training.announce import announcement
from runtime.training.prepare import Prepared
from runtime.training.resume import Origin
from specs.tiny import tiny, tinyConfig

CONFIG = replace(tinyConfig, batchSize=8, epochs=5)


def lines(config: TrainConfig, count: int = 16, at: Position | None = None, *, whole_epochs: bool = True) -> list[str]:
    """The lines on `tiny` and so many images, of a run resumed at a position, or of a new one."""
    split = Split(np.zeros((count, 32, 32, 3), np.uint8), np.zeros(count, np.int32), ("",) * count, (1,) * count)
    steps = -(-count // config.batchSize) if whole_epochs else count // config.batchSize
    prepared = Prepared(tiny, config, ImageSet(("a",), split, split, False, ()), "", steps, whole_epochs)
    resumed = Origin(Checkpoint(tiny, config, ("a",), at, "", {}), Path("last.safetensors")) if at else None
    return list(announcement(prepared, resumed))


def test_a_new_run_says_its_memory_its_recipe_and_its_batch_norm_in_this_order() -> None:
    assert lines(CONFIG) == [
        "5434 params + m + v (0 MB)",
        "training: 2 batches/epoch, batch=8, Adam, lr=0.003000,",
        "cosine, warmup=1, label_smooth=0.1, wd=0.0001, augment=on, seed=0",
        "BN layers: 7, BN stat floats: 448",
    ]


@pytest.mark.parametrize(("momentum", "kept"), [(0.0, ""), (0.9, " + momentum")])
def test_sgd_says_its_momentum_and_whether_it_keeps_anything(momentum: float, kept: str) -> None:
    sgd = replace(CONFIG, useAdam=False, momentum=momentum, cosineDecay=False, augment=False)
    memory, training, recipe, _ = lines(sgd)
    assert memory == f"5434 params{kept} (0 MB)"
    assert training.endswith(f"SGD, momentum={momentum:g}, lr=0.003000,")
    assert recipe == "constant, warmup=1, label_smooth=0.1, wd=0.0001, augment=off, seed=0"


def test_a_precision_other_than_f32_is_said_after_the_recipe() -> None:
    assert lines(replace(CONFIG, precision="bf16"))[3].startswith("precision: matmuls, convolutions (not depthwise)")


def test_parts_that_are_cut_out_of_files_are_said_and_what_is_done_to_them() -> None:
    cut = lines(replace(CONFIG, randomResizedCrop=0.08, colorJitter=0.4))
    assert cut[3:5] == [
        "each image is a rectangle of 0.08 to 1 of its picture's area, cut out of its file anew in every epoch",
        "each image is changed further: ColorJitter(strength=0.4)",
    ]


def test_sizes_are_said_where_there_are_two() -> None:
    assert lines(replace(CONFIG, trainRes=24))[3] == (
        "training images have 24×24 pixels, those of validation, eval and predict 32×32"
    )
    assert lines(replace(CONFIG, trainRes=32)) == lines(CONFIG)


def test_images_that_fill_no_batch_and_where_a_run_is_resumed_come_last() -> None:
    said = lines(CONFIG, 15, Position(1, 1))
    assert said[-2].startswith("every epoch uses all 15 images")
    assert said[-1] == "resuming at epoch 2, step 1"
    assert lines(CONFIG, 15, whole_epochs=False)[-1].startswith("every epoch leaves out 7 of 15 images")
