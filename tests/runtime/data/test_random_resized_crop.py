"""Random resized crops: boxes as torchvision draws them, and bytes as Pillow gives them for a box."""

import math
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageOps

from netspec.errors import InputError
from netspec.preprocessing import Filter, Preprocessing
from netspec.recipe import ColorJitter, HorizontalFlip, RandAugment, RandomErasing, RandomResizedCrop
from runtime.data import augmentations, decode
from runtime.data.augmentation import Setting
from runtime.data.augmentations.random_resized_crop import box, crops
from runtime.data.batches import Batch, train_batches
from runtime.data.cache import Split, open_images
from runtime.data.decode import decode_file
from runtime.data.reading import Reading, reading_of_crops

WHOLE = Preprocessing(decode="whole")
Box = tuple[int, int, int, int]


def boxes(count: int, least: float, height: int, width: int, seed: int = 0) -> list[Box]:
    drawn = crops(RandomResizedCrop(least), np.random.default_rng(seed), count)
    return [drawn(row)(height, width) for row in range(count)]


@given(st.integers(1, 3000), st.integers(1, 3000), st.floats(0.001, 1), st.integers(0, 1000))
def test_a_box_is_within_its_picture_and_has_pixels(height: int, width: int, least: float, seed: int) -> None:
    for left, top, right, bottom in boxes(3, least, height, width, seed):
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height


def test_areas_sides_and_places_are_distributed_evenly() -> None:
    found = np.array(boxes(20_000, 0.05, 900, 1200, seed=3), float)
    wide, high = found[:, 2] - found[:, 0], found[:, 3] - found[:, 1]
    small = wide * high < 0.5 * 900 * 1200  # those fit at the first try
    shares = (wide * high / (900 * 1200))[small]
    assert shares.min() == pytest.approx(0.05, abs=0.002)
    np.testing.assert_allclose(
        np.quantile(shares, (0.25, 0.5, 0.75)), 0.05 + 0.45 * np.array((0.25, 0.5, 0.75)), atol=0.01
    )
    ratios = np.log(wide / high)[small] / math.log(4 / 3)
    np.testing.assert_allclose(
        np.quantile(ratios, (0.01, 0.25, 0.5, 0.75, 0.99)), (-0.98, -0.5, 0, 0.5, 0.98), atol=0.03
    )
    for start, room in ((found[:, 0], 1200 - wide), (found[:, 1], 900 - high)):
        places = (start[small] + 0.5) / (room[small] + 1)
        np.testing.assert_allclose(np.quantile(places, (0.1, 0.5, 0.9)), (0.1, 0.5, 0.9), atol=0.02)


def test_a_box_is_rounded_and_placed_as_torchvision_does_and_the_next_try_is_taken_where_one_does_not_fit() -> None:
    fits = [0.25, 0.5, 0.5, 0.999]
    assert box([fits], 0.0, 100, 200) == (129, 15, 129 + 71, 15 + 71)  # √(0.25 · 20000) = 70.7, 0.5 · 30, 0.999 · 130
    too_high = [1.0, 0.0, 0.0, 0.0]
    assert box([too_high, fits], 0.0, 100, 200) == box([fits], 0.0, 100, 200)


@pytest.mark.parametrize(
    ("height", "width", "expected"),
    [(100, 200, (33, 0, 166, 100)), (200, 100, (0, 33, 100, 166)), (100, 110, (0, 0, 110, 100)), (1, 9, (4, 0, 5, 1))],
)
def test_where_no_try_fits_the_centre_of_the_nearest_sides_is_taken(height: int, width: int, expected: Box) -> None:
    never = [[1.0, 1.0, 0.0, 0.0]] * 10
    assert box(never, 1.0, height, width) == expected


# Bytes


def picture(width: int = 90, height: int = 70, channels: int = 3, grain: int = 10) -> Image.Image:
    size = height // grain + 1, width // grain + 1, channels
    noise = np.random.default_rng(width).integers(0, 256, size, np.uint8)
    return Image.fromarray(noise[..., 0] if channels == 1 else noise).resize((width, height), Image.Resampling.BICUBIC)


def cut(path: Path, at: Box, reading: Reading) -> NDArray[np.uint8]:
    return decode_file(path, reading_of_crops(reading), lambda height, width: at)


@pytest.mark.parametrize("name", ["x.png", "x.jpg", "x.bmp", "x.tif", "x.webp"])
@pytest.mark.parametrize("kernel", ["bilinear", "bicubic", "nearest", "lanczos", "box"])
def test_a_box_is_cut_out_and_then_scaled_by_the_networks_filter(tmp_path: Path, name: str, kernel: Filter) -> None:
    picture().save(tmp_path / name)
    for at in ((11, 3, 80, 65), (0, 0, 90, 70), (89, 69, 90, 70)):
        part = Image.open(tmp_path / name).convert("RGB").crop(at)
        expected = np.asarray(part.resize((24, 20), Image.Resampling[kernel.upper()]))
        for fit in ("crop", "cover", "stretch"):
            said: Any = replace(WHOLE, filter=kernel, fit=fit)
            np.testing.assert_array_equal(cut(tmp_path / name, at, Reading(20, 24, 3, said)), expected)
        bgr = cut(tmp_path / name, at, Reading(20, 24, 3, replace(WHOLE, filter=kernel, color="BGR")))
        np.testing.assert_array_equal(bgr[..., ::-1], expected)


@pytest.mark.parametrize(("side", "factor"), [(199, 1), (200, 2), (399, 2), (400, 4), (799, 4), (800, 8), (1500, 8)])
def test_a_jpeg_is_decoded_smaller_as_long_as_the_box_has_twice_the_wanted_size(
    tmp_path: Path, side: int, factor: int
) -> None:
    path = tmp_path / "x.jpg"
    picture(2011, 1507, grain=100).save(path, quality=95)
    opened = Image.open(path)
    opened.draft(None, (2011 // factor, 1507 // factor))  # type: ignore[no-untyped-call, unused-ignore]
    assert opened.width == -(-2011 // factor)
    at = (504, 6, 504 + side + 3, 6 + side)
    smaller = (at[0] // factor, at[1] // factor, -(-at[2] // factor), -(-at[3] // factor))
    expected = np.asarray(opened.convert("RGB").crop(smaller).resize((40, 50), Image.Resampling.BILINEAR))
    found = cut(path, at, Reading(50, 40))
    np.testing.assert_array_equal(found, expected)
    whole = cut(path, at, Reading(50, 40, 3, WHOLE))
    assert np.abs(found.astype(int) - whole).mean() < 4, "moved by less than half a pixel"


@pytest.mark.parametrize("name", ["x.png", "x.jpg", "x.tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_part_of_a_picture_that_is_turned_is_turned(tmp_path: Path, orientation: int, name: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    source = picture()
    source.save(tmp_path / name, exif=exif)
    stored = Image.open(tmp_path / name)
    if name == "x.tif":  # which Pillow turns as it reads it
        upright = stored.convert("RGB").crop((11, 3, 60, 65))
    else:
        part = stored.convert("RGB").crop((11, 3, 60, 65))
        part.getexif()[0x0112] = orientation
        upright = ImageOps.exif_transpose(part)
    expected = np.asarray(upright.resize((24, 20), Image.Resampling.BILINEAR))
    np.testing.assert_array_equal(cut(tmp_path / name, (11, 3, 60, 65), Reading(20, 24, 3, WHOLE)), expected)


def test_gray_networks_see_the_gray_of_a_part(tmp_path: Path) -> None:
    for channels in (1, 3):
        path = tmp_path / f"{channels}.png"
        picture(channels=channels).save(path)
        part = Image.open(path).convert("RGB").crop((5, 6, 70, 60)).resize((20, 20), Image.Resampling.BILINEAR)
        found = cut(path, (5, 6, 70, 60), Reading(20, 20, 1, WHOLE))
        np.testing.assert_array_equal(found, np.asarray(part.convert("L"))[..., None])


def test_what_shows_through_a_part_is_white_and_sixteen_bits_are_scaled(tmp_path: Path) -> None:
    see_through = picture(channels=4)
    see_through.save(tmp_path / "x.png")
    part = see_through.crop((5, 6, 70, 60)).resize((20, 20), Image.Resampling.BILINEAR)
    white = Image.new("RGBA", (20, 20), "white")
    expected = np.asarray(Image.alpha_composite(white, part).convert("RGB"))
    np.testing.assert_array_equal(cut(tmp_path / "x.png", (5, 6, 70, 60), Reading(20, 20, 3, WHOLE)), expected)
    deep = np.arange(40 * 50, dtype=np.uint16).reshape(40, 50) * 32
    Image.fromarray(deep).save(tmp_path / "deep.png")
    found = cut(tmp_path / "deep.png", (10, 20, 20, 30), Reading(10, 10, 3, WHOLE))
    np.testing.assert_array_equal(found[..., 0], np.round(deep[20:30, 10:20] / 257))


def test_a_very_large_part_is_scaled_in_strips_and_looks_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for orientation in (1, 6):
        exif = Image.Exif()
        exif[0x0112] = orientation
        picture(301, 205).save(tmp_path / "x.png", exif=exif)
        at = (7, 9, 260, 190)
        expected = cut(tmp_path / "x.png", at, Reading(16, 12))
        with monkeypatch.context() as patched:
            patched.setattr(decode, "LARGE", 1000)
            patched.setattr(decode, "_STRIP", 2000)
            strips = cut(tmp_path / "x.png", at, Reading(16, 12))
        assert np.abs(strips.astype(int) - expected).mean() < 2
        assert (strips != expected).any()


# Batches


@pytest.fixture
def split(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Split:
    monkeypatch.setenv("NETSPEC_CACHE", str(tmp_path / "cache"))
    for label in ("a", "b"):
        for number in range(6):
            for part in ("train", "val"):
                folder = tmp_path / "pictures" / part / label
                folder.mkdir(parents=True, exist_ok=True)
                picture(60 + 7 * number, 90 - 5 * number).save(folder / f"{number}.{('jpg', 'png')[number % 2]}")
    return open_images(
        tmp_path / "pictures", Reading(20, 24), report=lambda text: None, progress=lambda done, total: None
    ).train


ALL = (RandomResizedCrop(0.2), HorizontalFlip(), ColorJitter(0.4), RandAugment(2, 9.0), RandomErasing(0.5))


def epoch(split: Split, first_step: int = 0, asked: tuple[Any, ...] = ALL) -> list[Batch]:
    return list(
        train_batches(
            split,
            setting=Setting((20, 24)),
            batch_size=4,
            seed=1,
            epoch=2,
            first_step=first_step,
            augmentations=asked,
        )
    )


def test_a_batch_has_the_parts_that_were_drawn_of_the_files(split: Split, tmp_path: Path) -> None:
    order = np.random.Generator(np.random.PCG64(np.random.SeedSequence(1, spawn_key=(2, 0)))).permutation(12)
    for step, batch in enumerate(epoch(split, asked=ALL[:1])):
        drawn = np.random.Generator(np.random.PCG64(np.random.SeedSequence(1, spawn_key=(2, 1, step)))).random(
            (4, 10, 4)
        )
        for row, index in enumerate(order[4 * step : 4 * step + 4]):
            opened = Image.open(tmp_path / "pictures" / split.files[index]).convert("RGB")
            at = box(drawn[row].tolist(), 0.2, opened.height, opened.width)
            expected = np.asarray(opened.crop(at).resize((24, 20), Image.Resampling.BILINEAR))
            np.testing.assert_array_equal(batch.images[row], expected)  # none has twice the size twice over
            assert batch.labels[row] == (index >= 6)


def same(first: list[Batch], second: list[Batch]) -> bool:
    return all(np.array_equal(one.images, other.images) for one, other in zip(first, second, strict=True))


def test_batches_are_the_same_bytes_whatever_the_number_of_threads(
    split: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for threads in (1, 2, 7):
        monkeypatch.setattr(augmentations, "usable_cpus", lambda count=threads: count)
        found.append(epoch(split))
    assert same(found[0], found[1])
    assert same(found[0], found[2])


def test_an_epoch_taken_up_at_any_step_continues_bit_for_bit(split: Split) -> None:
    whole = epoch(split)
    for first in range(4):
        assert same(epoch(split, first), whole[first:])


def rewrite(path: Path) -> None:
    picture(33, 44).save(path)


def damage(path: Path) -> None:
    times = path.stat()
    path.write_bytes(bytes(times.st_size))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (Path.unlink, "No such file or directory"),
        (rewrite, "it has been changed since"),
        (damage, "it is no image of a known format"),
    ],
)
def test_a_file_that_is_not_what_it_was_any_more_is_named(
    split: Split, tmp_path: Path, change: Callable[[Path], None], reason: str
) -> None:
    change(tmp_path / "pictures" / split.files[3])
    with pytest.raises(InputError) as wrong:
        epoch(split)
    assert str(wrong.value) == (
        f"{tmp_path}/pictures/{split.files[3]}: a part of it is cut out in every epoch (randomResizedCrop), and it is "
        f"not the image any more that it was when this run started ({reason}); put it back as it was and resume the "
        "run, or start a new one."
    )
    assert epoch(split, asked=ALL[1:]), "from the cache"
