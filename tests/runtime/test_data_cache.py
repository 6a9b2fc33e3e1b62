"""Image folders on disk and back: made once, used again, made anew when anything is amiss."""

import errno
import json
import multiprocessing
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from netspec.errors import InputError
from runtime.data import build
from runtime.data.cache import ImageSet, open_images
from runtime.data.decode import decode_file, load_image

SIZE = 28
STORED = 32


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NETSPEC_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "images"


def draw(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (40, 50, 3), np.uint8)
    Image.fromarray(pixels).save(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "pictures"
    for label, name in enumerate(("ant", "bee", "cat")):
        for number in range(4):
            draw(root / "train" / name / f"{number}.png", 10 * label + number)
        draw(root / "val" / name / "v.png", 100 + label)
    return root


def opened(folder: Path, size: int = SIZE) -> tuple[ImageSet, list[str], list[tuple[int, int]]]:
    told: list[str] = []
    steps: list[tuple[int, int]] = []
    images = open_images(
        folder, size, size, report=told.append, progress=lambda done, total: steps.append((done, total))
    )
    return images, told, steps


def caches(own_cache: Path) -> list[Path]:
    return sorted(path for path in own_cache.iterdir() if path.is_dir())


def test_a_first_opening_decodes_every_file_in_order_and_counts_them(folder: Path) -> None:
    images, told, steps = opened(folder)
    assert images.classes == ("ant", "bee", "cat")
    assert not images.from_cache
    assert images.unreadable == ()
    assert images.train.images.shape == (12, STORED, STORED, 3)
    assert images.train.labels.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert images.train.labels.dtype == np.int32
    assert images.val.files == ("val/ant/v.png", "val/bee/v.png", "val/cat/v.png")
    for split in (images.train, images.val):
        for row, file in zip(split.images, split.files, strict=True):
            assert np.array_equal(row, decode_file(folder / file, STORED, STORED))
    assert told == []
    assert steps == [(done, 15) for done in range(1, 16)]


def test_a_second_opening_decodes_nothing_and_gives_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _, _ = opened(folder)
    monkeypatch.setattr(build, "decode_file", None)
    second, told, steps = opened(folder)
    assert second.from_cache
    assert np.array_equal(first.train.images, second.train.images)
    assert np.array_equal(first.val.labels, second.val.labels)
    assert (first.classes, first.train.files) == (second.classes, second.train.files)
    assert (told, steps) == ([], [])


def test_images_and_labels_cannot_be_written_to(folder: Path) -> None:
    images, _, _ = opened(folder)
    assert isinstance(images.train.images, np.memmap)
    assert not images.train.images.flags.writeable
    assert not images.train.labels.flags.writeable


def test_load_image_sees_what_validation_sees(folder: Path) -> None:
    images, _, _ = opened(folder)
    alone = load_image(folder / images.val.files[1], SIZE, SIZE)
    assert np.array_equal(alone, images.val.images[1, 2:30, 2:30])


def test_the_same_folder_by_another_path_is_the_same_cache(folder: Path, tmp_path: Path) -> None:
    opened(folder)
    (tmp_path / "alias").symlink_to(folder)
    assert opened(tmp_path / "alias")[0].from_cache


def test_each_image_size_has_a_cache_of_its_own(folder: Path, own_cache: Path) -> None:
    opened(folder)
    assert opened(folder, 56)[0].train.images.shape == (12, 64, 64, 3)
    assert opened(folder)[0].from_cache
    assert len(caches(own_cache)) == 2


def test_a_changed_file_makes_the_cache_anew_and_removes_the_old_one(folder: Path, own_cache: Path) -> None:
    before, _, _ = opened(folder)
    old = caches(own_cache)
    draw(folder / "train" / "bee" / "2.png", 999)
    os.utime(folder / "train" / "bee" / "2.png", ns=(1, 1))
    after, _, _ = opened(folder)
    assert not after.from_cache
    changed = [
        index for index in range(12) if not np.array_equal(before.train.images[index], after.train.images[index])
    ]
    assert changed == [6]
    assert len(caches(own_cache)) == 1
    assert caches(own_cache) != old


@pytest.mark.parametrize("change", ["added", "removed", "renamed"])
def test_a_file_added_removed_or_renamed_makes_the_cache_anew(folder: Path, change: str) -> None:
    opened(folder)
    file = folder / "train" / "ant" / "0.png"
    if change == "added":
        draw(folder / "train" / "ant" / "new.png", 1)
    elif change == "removed":
        file.unlink()
    else:
        file.rename(file.with_name("other.png"))
    assert not opened(folder)[0].from_cache


def test_another_release_of_pillow_makes_the_cache_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(folder)
    monkeypatch.setattr("PIL.__version__", "0.0")
    assert not opened(folder)[0].from_cache


def truncate(place: Path) -> None:
    os.truncate(place / "train.npy", 5000)


def flip_a_pixel(place: Path) -> None:
    with (place / "val.npy").open("r+b") as file:
        file.seek(-100, os.SEEK_END)
        byte = file.read(1)
        file.seek(-100, os.SEEK_END)
        file.write(bytes([byte[0] ^ 1]))


def overwrite_header(place: Path) -> None:
    with (place / "train.npy").open("r+b") as file:
        file.write(b"garbage")


def shrink_shape(place: Path) -> None:
    np.save(place / "train.npy", np.zeros((3, STORED, STORED, 3), np.uint8))


def pickle_instead(place: Path) -> None:
    np.save(place / "train.npy", np.array([{"a": 1}], object), allow_pickle=True)


def lose_array(place: Path) -> None:
    (place / "val.npy").unlink()


def lose_index(place: Path) -> None:
    (place / "index.json").unlink()


def cut_index(place: Path) -> None:
    os.truncate(place / "index.json", 100)


def change_a_label(place: Path) -> None:
    document = json.loads((place / "index.json").read_text())
    document["content"]["train"]["labels"][0] = 2
    (place / "index.json").write_text(json.dumps(document))


def replace_index(place: Path) -> None:
    (place / "index.json").write_text("[1, 2]")


@pytest.mark.parametrize(
    "damage",
    [
        truncate,
        flip_a_pixel,
        overwrite_header,
        shrink_shape,
        pickle_instead,
        lose_array,
        lose_index,
        cut_index,
        change_a_label,
        replace_index,
    ],
    ids=lambda damage: damage.__name__,
)
def test_a_damaged_cache_is_told_and_made_anew(folder: Path, own_cache: Path, damage: Callable[[Path], None]) -> None:
    sound = np.array(opened(folder)[0].train.images)
    damage(caches(own_cache)[0])
    images, told, _ = opened(folder)
    assert not images.from_cache
    assert np.array_equal(images.train.images, sound)
    assert len(told) == 1
    assert "is damaged (" in told[0]
    assert told[0].endswith("it is made anew.")
    assert opened(folder)[0].from_cache


def many(folder: Path, count: int) -> Path:
    for number in range(count):
        (folder / "train" / "ant" / f"m{number:03}.png").write_bytes((folder / "train/ant/0.png").read_bytes())
    return folder


def test_up_to_one_percent_of_unreadable_files_are_named_and_left_out(folder: Path) -> None:
    many(folder, 185)
    (folder / "train" / "ant" / "m007.png").write_bytes(b"text")
    (folder / "val" / "bee" / "v.png").write_bytes(b"")
    draw(folder / "val" / "bee" / "w.png", 3)
    images, told, steps = opened(folder)
    assert images.unreadable == ("train/ant/m007.png", "val/bee/v.png")
    assert told == [
        "Cannot read train/ant/m007.png: it is not a JPEG, PNG or WebP image. It is left out.",
        "Cannot read val/bee/v.png: it is not a JPEG, PNG or WebP image. It is left out.",
        "2 of 201 images cannot be read and are left out.",
    ]
    assert len(images.train.images) == 196
    assert "train/ant/m007.png" not in images.train.files
    assert np.array_equal(images.train.images[-1], decode_file(folder / images.train.files[-1], STORED, STORED))
    assert steps[-1] == (201, 201)

    again, told_again, _ = opened(folder)
    assert again.from_cache
    assert again.unreadable == images.unreadable
    assert told_again == ["2 of 201 images cannot be read and are left out."]


def test_more_than_one_percent_of_unreadable_files_is_refused_and_leaves_no_cache(
    folder: Path, own_cache: Path
) -> None:
    many(folder, 185)
    for number in range(3):
        (folder / "train" / "ant" / f"m{number:03}.png").write_bytes(b"text")
    with pytest.raises(InputError) as caught:
        opened(folder)
    assert "3 of the 200 images" in str(caught.value)
    assert "more than 1%" in str(caught.value)
    assert "train/ant/m000.png, train/ant/m001.png, train/ant/m002.png" in str(caught.value)
    assert caches(own_cache) == []


def test_many_unreadable_files_are_named_up_to_a_cap(folder: Path) -> None:
    for number in range(30):
        (folder / "train" / "ant" / f"x{number:02}.jpg").write_bytes(b"text")
    told: list[str] = []
    with pytest.raises(InputError, match="30 of the 45 images"):
        open_images(folder, SIZE, SIZE, report=told.append, progress=lambda done, total: None)
    assert len(told) == 22
    assert told[19].startswith("Cannot read train/ant/x19.jpg")
    assert told[20] == "Further files that cannot be read are counted, not named."
    assert told[21].startswith("30 of 45")


def test_a_class_without_a_readable_training_image_is_named(folder: Path) -> None:
    many(folder, 185)
    for file in (folder / "train" / "cat").iterdir():
        file.unlink()
    (folder / "train" / "cat" / "only.jpg").write_bytes(b"text")
    with pytest.raises(InputError, match="None of the training images of the class cat"):
        opened(folder)


def test_a_validation_set_without_a_readable_image_is_refused(folder: Path) -> None:
    many(folder, 185)
    for name in ("ant", "bee"):
        (folder / "val" / name / "v.png").unlink()
    (folder / "val" / "cat" / "v.png").write_bytes(b"text")
    with pytest.raises(InputError, match="None of the validation images"):
        opened(folder)


def test_notes_on_the_folder_are_reported(folder: Path) -> None:
    (folder / "val" / "bee" / "v.png").unlink()
    assert opened(folder)[1] == ["val has no images of 1 of 3 classes: bee."]


def test_temporaries_of_killed_runs_are_removed(folder: Path, own_cache: Path) -> None:
    opened(folder)
    name = caches(own_cache)[0].name.rpartition("-")[0]
    (own_cache / f"{name}.partial-abc").mkdir()
    (own_cache / "other-0123456789ab-8x8.partial-abc").mkdir()
    assert opened(folder)[0].from_cache
    assert len(caches(own_cache)) == 1


def interrupt_halfway(folder: Path, how: Callable[[], None]) -> None:
    def progress(done: int, total: int) -> None:
        if done == 7:
            how()

    open_images(folder, SIZE, SIZE, report=lambda text: None, progress=progress)


def test_an_interrupt_leaves_nothing_behind(folder: Path, own_cache: Path) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupt_halfway(folder, interrupt)
    assert caches(own_cache) == []


def kill_self() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_kill_leaves_no_cache_that_is_used_and_its_remains_are_removed(folder: Path, own_cache: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=interrupt_halfway, args=(folder, kill_self))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert len(caches(own_cache)) == 1
    images, told, _ = opened(folder)
    assert not images.from_cache
    assert told == []
    assert len(caches(own_cache)) == 1
    assert ".partial-" not in caches(own_cache)[0].name


def open_slowly(folder: Path) -> None:
    open_images(folder, SIZE, SIZE, report=lambda text: None, progress=lambda done, total: time.sleep(0.05))


def test_a_second_run_waits_for_the_first_and_uses_its_cache(folder: Path, own_cache: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=open_slowly, args=(folder,))
    process.start()
    while not (own_cache.exists() and caches(own_cache)):
        time.sleep(0.01)
    images, told, _ = opened(folder)
    process.join(60)
    assert process.exitcode == 0
    assert images.from_cache
    assert told == ["Another run is preparing these images; waiting for it."]


def test_a_cache_that_cannot_be_made_is_a_sentence(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("NETSPEC_CACHE", str(tmp_path / "file"))
    with pytest.raises(InputError, match=r"cannot be written under .* set NETSPEC_CACHE to another folder"):
        opened(folder)


def test_a_disk_without_room_is_told_before_anything_is_decoded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=1000))
    with pytest.raises(InputError, match=r"needs 0\.00 GB under .* make room there"):
        opened(folder)


def test_a_disk_that_fills_up_is_a_sentence_and_leaves_no_cache(
    folder: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="No space left on device"):
        opened(folder)
    assert caches(own_cache) == []


GROCERIES = Path(__file__).parents[3] / "shared" / "data" / "groceries"


@pytest.mark.ordinary
@pytest.mark.skipif(not GROCERIES.is_dir(), reason="the photographs are not on this machine")
def test_a_folder_of_photographs_is_decoded_whole() -> None:
    images, told, _ = opened(GROCERIES, 64)
    assert told == []
    assert images.unreadable == ()
    assert (len(images.train.files), len(images.val.files)) == (732, 661)
    assert np.mean(images.val.labels == 0) == pytest.approx(0.418, abs=0.001)
    assert 60 < float(images.train.images.mean()) < 180


# Validation alone.


def opened_to_validate(folder: Path) -> tuple[ImageSet, list[tuple[int, int]]]:
    steps: list[tuple[int, int]] = []
    images = open_images(
        folder, SIZE, SIZE, report=pytest.fail, progress=lambda done, total: steps.append((done, total)), training=False
    )
    return images, steps


def test_validation_alone_needs_no_training_images_and_decodes_none(folder: Path, own_cache: Path) -> None:
    whole, _, _ = opened(folder)
    shutil.rmtree(own_cache)
    shutil.rmtree(folder / "train")
    shutil.rmtree(folder / "val/bee")
    for cached in (False, True):
        images, steps = opened_to_validate(folder)
        assert images.classes == ("ant", "cat")
        assert (images.from_cache, steps) == ((True, []) if cached else (False, [(1, 2), (2, 2)]))
        assert len(images.train.labels) == len(images.train.images) == 0
        assert np.array_equal(images.val.images, whole.val.images[[0, 2]])
        assert images.val.labels.tolist() == [0, 1]


def test_validation_alone_takes_what_training_has_put_into_the_cache_and_spoils_none_of_it(
    folder: Path, own_cache: Path
) -> None:
    _, first = opened_to_validate(folder)
    assert first == [(1, 3), (2, 3), (3, 3)]
    opened(folder)
    assert len(caches(own_cache)) == 2
    images, steps = opened_to_validate(folder)
    assert (images.from_cache, steps, images.classes) == (True, [], ("ant", "bee", "cat"))
    assert opened(folder)[2] == []
