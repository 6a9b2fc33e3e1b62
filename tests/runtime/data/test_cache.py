"""Image sets: created once, used again, created anew when anything is damaged."""

import errno
import json
import multiprocessing
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import PIL
import pytest
from numpy.typing import NDArray
from PIL import Image

from netspec.errors import FileError, InputError
from netspec.preprocessing import HOUSE, Preprocessing
from runtime.data import build
from runtime.data import cache as sets
from runtime.data.cache import ImageSet, open_images
from runtime.data.decode import decode_file, load_image
from runtime.data.folder import scan_folder
from runtime.data.reading import Reading, UnreadableImageError
from runtime.data.store import TRAIN, Images, StoredImages
from runtime.system import cache, files, prune
from tests.runtime.data.readings import at
from tests.runtime.sandbox import ROOT

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


@pytest.fixture
def public(folder: Path) -> Iterator[Path]:
    """A folder that every user can reach, with the images in it as `pictures`."""
    with tempfile.TemporaryDirectory(prefix="netspec-test-") as name:
        shutil.copytree(folder, Path(name) / "pictures")
        Path(name).chmod(0o755)
        yield Path(name)


def opened(
    folder: Path, size: int = SIZE, most: int | None = None
) -> tuple[ImageSet, list[str], list[tuple[int, int]]]:
    reports: list[str] = []
    steps: list[tuple[int, int]] = []
    images = open_images(
        folder,
        Reading(size, size),
        report=reports.append,
        progress=lambda done, total: steps.append((done, total)),
        max_unreadable=most,
    )
    return images, reports, steps


def stacked(images: Images) -> NDArray[np.uint8]:
    """All images, read and checked: `[n, H, W, 3]`."""
    return np.stack([images[index] for index in range(len(images))])


def same(first: ImageSet, second: ImageSet) -> bool:
    return all(
        np.array_equal(stacked(a.images), stacked(b.images))
        and np.array_equal(a.labels, b.labels)
        and a.files == b.files
        for a, b in ((first.train, second.train), (first.val, second.val))
    )


def caches(own_cache: Path) -> list[Path]:
    return sorted(path for path in own_cache.iterdir() if path.is_dir())


def test_a_first_opening_decodes_every_file_in_order_and_counts_them(folder: Path) -> None:
    images, reports, steps = opened(folder)
    assert images.classes == ("ant", "bee", "cat")
    assert not images.from_cache
    assert images.unreadable == ()
    assert images.train.images.shape == (12, STORED, STORED, 3)
    assert images.train.labels.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert images.train.labels.dtype == np.int32
    assert images.val.files == ("val/ant/v.png", "val/bee/v.png", "val/cat/v.png")
    for split in (images.train, images.val):
        for row, file in zip(stacked(split.images), split.files, strict=True):
            assert np.array_equal(row, decode_file(folder / file, at(STORED, STORED)))
    assert reports == []
    assert steps == [(done, 15) for done in range(1, 16)]


def test_a_second_opening_decodes_nothing_and_gives_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _, _ = opened(folder)
    for place in (build, sets):
        monkeypatch.setattr(place, "decode_file", None)
    second, reports, steps = opened(folder)
    assert second.from_cache
    assert same(first, second)
    assert first.classes == second.classes
    assert (reports, steps) == ([], [])


def test_the_validation_images_alone_need_no_training_images(folder: Path, own_cache: Path) -> None:
    def validated() -> ImageSet:
        return open_images(
            folder, Reading(SIZE, SIZE), report=lambda text: None, progress=lambda done, total: None, training=False
        )

    complete = opened(folder)[0]
    assert len(validated().train.files) == 12, "all is in the cache"
    shutil.rmtree(own_cache)
    (folder / "train").rename(folder / "elsewhere")
    for from_cache in (False, True):
        alone = validated()
        assert alone.from_cache == from_cache
        assert (alone.classes, alone.train.files) == (("ant", "bee", "cat"), ())
        assert np.array_equal(stacked(alone.val.images), stacked(complete.val.images))
        assert np.array_equal(alone.val.labels, complete.val.labels)
    (folder / "elsewhere").rename(folder / "train")
    assert same(opened(folder)[0], complete)
    assert len(caches(own_cache)) == 2


def test_images_and_labels_cannot_be_written_to(folder: Path) -> None:
    images, _, _ = opened(folder)
    assert isinstance(images.train.images, StoredImages)
    assert not images.train.images[0].flags.writeable
    assert not images.train.labels.flags.writeable


def test_load_image_sees_what_validation_sees(folder: Path) -> None:
    images, _, _ = opened(folder)
    alone = load_image(folder / images.val.files[1], Reading(SIZE, SIZE))
    assert np.array_equal(alone, images.val.images[1][2:30, 2:30])


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


# Damage


def truncate(place: Path) -> None:
    os.truncate(place / "train.pixels", 5000)


def lengthen(place: Path) -> None:
    with (place / "val.pixels").open("ab") as file:
        file.write(b"x")


def lose_pixels(place: Path) -> None:
    (place / "val.pixels").unlink()


def link_pixels(place: Path) -> None:
    (place / "val.pixels").rename(place / "elsewhere")
    (place / "val.pixels").symlink_to("elsewhere")


def pipe_pixels(place: Path) -> None:
    (place / "val.pixels").unlink()
    os.mkfifo(place / "val.pixels")


def lose_index(place: Path) -> None:
    (place / "index.json").unlink()


def lose_checksums(place: Path) -> None:
    (place / "checksums").unlink()


def cut_index(place: Path) -> None:
    os.truncate(place / "index.json", 100)


def cut_checksums(place: Path) -> None:
    os.truncate(place / "checksums", 10)


def unseal(place: Path) -> None:
    (place / "index.json").write_text("[1, 2]")


def sealed(content: object) -> Callable[[Path], None]:
    """An index with a right seal and this content, in which KEY stands for the right key."""

    def damage(place: Path) -> None:
        key = json.loads((place / "index.json").read_bytes().partition(b"\nnetspec sha256")[0])["key"]
        text = json.dumps(content).replace("KEY", key)
        cache.keep(place / "index.json", text.encode())

    return damage


def seal_bytes(data: bytes) -> Callable[[Path], None]:
    return lambda place: cache.keep(place / "index.json", data)


def seal_few_checksums(place: Path) -> None:
    cache.keep(place / "checksums", bytes(8))


DAMAGES = {
    **{
        damage.__name__: damage
        for damage in (
            truncate, lengthen, lose_pixels, link_pixels, pipe_pixels, lose_index, lose_checksums, cut_index,
            cut_checksums, unseal, seal_few_checksums,
        )
    },
    "a list": sealed([]),
    "null": sealed(None),
    "another key": sealed({"key": "0" * 64, "unreadable": []}),
    "no key": sealed({"unreadable": []}),
    "no list": sealed({"key": "KEY"}),
    "a number": sealed({"key": "KEY", "unreadable": 1}),
    "numbers": sealed({"key": "KEY", "unreadable": [1]}),
    "unknown files": sealed({"key": "KEY", "unreadable": ["train/ant/9.png"]}),
    "known files": sealed({"key": "KEY", "unreadable": ["train/ant/0.png"]}),
    "nested deeply": seal_bytes(b"[" * 100_000),
    "not utf-8": seal_bytes(b'{"key": "\xff\xfe"}'),
    "NaN": seal_bytes(b"NaN"),
    "no json": seal_bytes(b"{"),
    "empty": seal_bytes(b""),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_set_is_reported_and_created_anew(folder: Path, own_cache: Path, damage: str) -> None:
    sound = opened(folder)[0]
    DAMAGES[damage](caches(own_cache)[0])
    images, reports, _ = opened(folder)
    assert not images.from_cache
    assert same(images, sound)
    assert len(reports) == 1
    assert reports[0].endswith("; the images are decoded anew.")
    assert opened(folder)[0].from_cache


def test_a_link_in_place_of_a_set_is_removed_and_not_followed(folder: Path, own_cache: Path, tmp_path: Path) -> None:
    sound = opened(folder)[0]
    place = caches(own_cache)[0]
    victim = tmp_path / "victim"
    place.rename(victim)
    place.symlink_to(victim)
    (victim / "index.json").unlink()
    kept = {path.name: path.read_bytes() for path in victim.iterdir()}
    assert same(opened(folder)[0], sound)
    assert not place.is_symlink()
    assert {path.name: path.read_bytes() for path in victim.iterdir()} == kept


def flip(path: Path, bit: int) -> None:
    data = bytearray(path.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    with path.open("r+b") as file:
        file.write(data)


@pytest.mark.ordinary
def test_no_flipped_bit_of_a_set_ever_changes_a_result(folder: Path, own_cache: Path) -> None:
    sound = opened(folder)[0]
    random = np.random.default_rng(0)
    place = caches(own_cache)[0]
    mended = 0
    for _ in range(100):
        path = place / str(random.choice(["train.pixels", "val.pixels", "checksums", "index.json"]))
        flip(path, int(random.integers(8 * path.stat().st_size)))
        images, reports, _ = opened(folder)
        assert same(images, sound), path
        assert len(reports) == 1, path
        assert reports[0].endswith((" is damaged; it is decoded anew", "; the images are decoded anew.")), reports
        mended += images.from_cache
        assert opened(folder)[1] == [], "the set is repaired"
    assert 20 < mended < 80  # some were mended image by image, some made anew


def test_a_damaged_image_is_noticed_when_it_is_read_and_mended_on_disk(folder: Path, own_cache: Path) -> None:
    sound = opened(folder)[0]
    path = caches(own_cache)[0] / "train.pixels"
    kept = path.read_bytes()
    flip(path, 8 * (5 * STORED * STORED * 3 + 100))
    images, reports, _ = opened(folder)
    assert images.from_cache
    assert reports == []
    for index in (4, 6):
        assert np.array_equal(images.train.images[index], sound.train.images[index])
    assert reports == []
    for _ in range(2):
        assert np.array_equal(images.train.images[5], sound.train.images[5])
    assert reports == [f"{path.parent}: the image of train/bee/1.png is damaged; it is decoded anew"]
    assert path.read_bytes() == kept


@pytest.mark.parametrize("damage", ["flip", "empty", "cut", "noise", "zeros"])
def test_a_set_that_is_damaged_while_it_is_used_gives_the_same_images(
    damage: str, folder: Path, own_cache: Path
) -> None:
    images, reports, _ = opened(folder)
    before = stacked(images.train.images)
    pixels = caches(own_cache)[0] / "train.pixels"
    if damage == "flip":
        flip(pixels, 7)
    elif damage in ("empty", "cut"):
        os.truncate(pixels, 0 if damage == "empty" else pixels.stat().st_size // 2)
    else:
        with pixels.open("r+b") as file:  # in place: the file that is open
            count = pixels.stat().st_size
            file.write(np.random.default_rng(0).bytes(count) if damage == "noise" else bytes(count))
    assert np.array_equal(stacked(images.train.images), before)
    assert "is damaged; it is decoded anew" in reports[0]
    reports.clear()
    assert np.array_equal(stacked(images.train.images), before)
    assert reports == []  # it was mended


def test_checksums_of_another_set_are_none_of_this_one(folder: Path, own_cache: Path, tmp_path: Path) -> None:
    opened(folder)
    other = shutil.copytree(folder, tmp_path / "others")
    for path in other.rglob("*.png"):
        draw(path, 999)
    opened(other)
    mine, theirs = sorted(caches(own_cache), key=lambda place: place.name.startswith("others"))
    for name in ("train.pixels", "val.pixels", "checksums"):
        shutil.copy(theirs / name, mine / name)
    images, reports, _ = opened(folder)
    assert "expected 15 checksums of these images, found others; the images are decoded anew." in reports[0]
    assert not images.from_cache


def test_swapped_files_of_equal_size_and_time_are_noticed(folder: Path, own_cache: Path) -> None:
    for number in range(4):
        for name, shade in (("ant", 10), ("bee", 200)):
            path = folder / "train" / name / f"{number}.png"
            path.unlink()
            Image.new("RGB", (40, 50), (shade, number, 0)).save(path.with_suffix(".bmp"))
            os.utime(path.with_suffix(".bmp"), (0, 0))
    first, _, _ = opened(folder)
    (folder / "train" / "ant").rename(folder / "aside")
    (folder / "train" / "bee").rename(folder / "train" / "ant")
    (folder / "aside").rename(folder / "train" / "bee")
    second, _, _ = opened(folder)
    assert not second.from_cache
    assert [first.train.images[0][0, 0, 0], second.train.images[0][0, 0, 0]] == [10, 200]


def test_a_damaged_image_on_a_disk_that_cannot_be_written_is_mended_each_time(
    folder: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = opened(folder)[0]
    flip(caches(own_cache)[0] / "val.pixels", 77)
    images, _, _ = opened(folder)

    def refuse(*_: object) -> None:
        raise FileError("read-only")

    monkeypatch.setattr(files, "overwrite", refuse)
    for _ in range(3):
        assert np.array_equal(images.val.images[0], sound.val.images[0])


@pytest.mark.parametrize("how", ["gone", "changed"])
def test_a_damaged_image_whose_file_does_not_give_it_again_is_a_sentence_and_the_set_is_made_anew(
    folder: Path, own_cache: Path, how: str
) -> None:
    opened(folder)
    flip(caches(own_cache)[0] / "train.pixels", 5)
    images, _, _ = opened(folder)
    source = folder / "train" / "ant" / "0.png"
    if how == "gone":
        source.rename(folder / "elsewhere")
    else:
        draw(source, 77)
    with pytest.raises(InputError, match=r"train/ant/0.png is damaged, and .* does not give it again .* start again"):
        images.train.images[0]
    if how == "gone":
        (folder / "elsewhere").rename(source)
    again, _, _ = opened(folder)
    assert not again.from_cache
    assert np.array_equal(again.train.images[0], decode_file(source, at(STORED, STORED)))


def test_a_disk_that_fails_while_an_image_is_read_is_no_crash(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images, reports, _ = opened(folder)
    sound = images.train.images[3]

    def fail(*_: object) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "pread", fail)
    assert np.array_equal(images.train.images[3], sound)
    assert len(reports) == 1


# Files that cannot be read


def many(folder: Path, count: int) -> Path:
    for number in range(count):
        (folder / "train" / "ant" / f"m{number:03}.png").write_bytes((folder / "train/ant/0.png").read_bytes())
    return folder


def test_a_few_unreadable_files_are_named_at_every_start_and_left_out(folder: Path) -> None:
    many(folder, 185)
    (folder / "train" / "ant" / "m007.png").write_bytes(b"text")
    (folder / "val" / "bee" / "v.png").write_bytes(b"")
    draw(folder / "val" / "bee" / "w.png", 3)
    images, reports, steps = opened(folder)
    assert images.unreadable == ("train/ant/m007.png", "val/bee/v.png")
    named = [
        "Cannot read train/ant/m007.png: it is no image of a known format. It is left out.",
        "Cannot read val/bee/v.png: it is no image of a known format. It is left out.",
        "2 of 201 images cannot be read and are left out.",
    ]
    assert reports == named
    assert len(images.train.images) == 196
    assert "train/ant/m007.png" not in images.train.files
    assert np.array_equal(images.train.images[195], decode_file(folder / images.train.files[-1], at(STORED, STORED)))
    assert steps[-1] == (201, 201)

    again, told_again, _ = opened(folder)
    assert again.from_cache
    assert again.unreadable == images.unreadable
    assert same(again, images)
    assert told_again == named


def test_an_unreadable_file_is_tried_again_at_the_next_start(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forbidden = folder / "train" / "bee" / "2.png"

    def forbid(path: Path, reading: Reading) -> NDArray[np.uint8]:
        if path == forbidden:
            raise UnreadableImageError("Permission denied")
        return decode_file(path, reading)

    with monkeypatch.context() as patched:
        for place in (build, sets):
            patched.setattr(place, "decode_file", forbid)
        named = "Cannot read train/bee/2.png: Permission denied. It is left out."
        for _ in range(2):
            images, reports, _ = opened(folder)
            assert reports == [named, "1 of 15 images cannot be read and are left out."]
            assert len(images.train.files) == 11
    images, reports, _ = opened(folder)
    assert reports == ["train/bee/2.png could not be read before and can be now; the images are decoded anew."]
    assert len(images.train.files) == 12
    assert images.unreadable == ()
    assert opened(folder)[1] == []


@pytest.mark.ordinary
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_file_without_permission_is_left_out_until_it_has_it(public: Path) -> None:
    folder, own = public / "pictures", public / "own"
    (public / "secret").mkdir(mode=0o700)
    draw(public / "secret" / "0.png", 5)
    (folder / "train" / "bee" / "link.png").symlink_to(public / "secret" / "0.png")
    (folder / "train" / "ant" / "1.png").chmod(0)
    own.mkdir()
    os.chown(own, 1234, 1234)
    assert as_another_user(folder, own / "cache") == (11, ["train/ant/1.png", "train/bee/link.png"])
    (folder / "train" / "ant" / "1.png").chmod(0o644)
    assert as_another_user(folder, own / "cache") == (12, ["train/bee/link.png"])
    (public / "secret").chmod(0o755)
    assert as_another_user(folder, own / "cache") == (13, [])


AS_ANOTHER = """
import json, os, shutil, sys
from pathlib import Path
from netspec.errors import InputError
from tests.runtime.data.test_cache import opened, stacked
folder, warm, own_cache = map(Path, sys.argv[1:])
os.environ["NETSPEC_CACHE"] = str(warm)
opened(folder)  # all is imported while it may be read
shutil.rmtree(warm)
os.environ["NETSPEC_CACHE"] = str(own_cache)
os.setgroups([])
os.setgid(1234)
os.setuid(1234)
try:
    images, _, _ = opened(folder)
    stacked(images.train.images)
    print(json.dumps([len(images.train.files), images.unreadable]))
except InputError as wrong:
    print(json.dumps(str(wrong)))
"""


def as_another_user(folder: Path, own_cache: Path) -> tuple[int, list[str]]:
    """How many training images user 1234 gets, and what is left out; a refusal is raised as InputError."""
    words = [sys.executable, "-c", AS_ANOTHER, str(folder), tempfile.mkdtemp(prefix="netspec-test-"), str(own_cache)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    if isinstance(found, str):
        raise InputError(found)
    count, unreadable = found
    return count, unreadable


def test_a_few_files_of_a_small_set_may_be_unreadable_and_more_by_an_option(folder: Path) -> None:
    for number in range(5):
        (folder / "train" / "ant" / f"x{number}.jpg").write_bytes(b"text")
    assert len(opened(folder)[0].unreadable) == 5
    (folder / "train" / "ant" / "x5.jpg").write_bytes(b"text")
    with pytest.raises(InputError) as caught:
        opened(folder)
    assert str(caught.value) == (
        f"6 of the 21 images in {folder} cannot be read, and 5 may be (the first: train/ant/x0.jpg, train/ant/x1.jpg, "
        "train/ant/x2.jpg); replace or remove these files, or let more be left out by --max-unreadable 6."
    )
    images, _, steps = opened(folder, most=6)
    assert len(images.train.files) == 12
    assert steps == [], "what was decoded before the refusal is kept"
    with pytest.raises(InputError, match=r"6 of the 21 images .* cannot be read, and 0 may be"):
        opened(folder, most=0)


@pytest.mark.ordinary
def test_one_percent_of_a_large_set_may_be_unreadable(folder: Path) -> None:
    many(folder, 685)
    for number in range(7):
        (folder / "train" / "ant" / f"m{number:03}.png").write_bytes(b"text")
    assert len(opened(folder)[0].unreadable) == 7
    (folder / "train" / "ant" / "m007.png").write_bytes(b"text")
    with pytest.raises(InputError, match=r"8 of the 700 images .* cannot be read, and 7 may be"):
        opened(folder)


def test_many_unreadable_files_are_named_up_to_a_cap(folder: Path) -> None:
    for number in range(30):
        (folder / "train" / "ant" / f"x{number:02}.jpg").write_bytes(b"text")
    reports: list[str] = []
    for _ in range(2):
        reports.clear()
        with pytest.raises(InputError, match="30 of the 45 images"):
            open_images(folder, Reading(SIZE, SIZE), report=reports.append, progress=lambda done, total: None)
        assert len(reports) == 22
        assert reports[19].startswith("Cannot read train/ant/x19.jpg")
        assert reports[20] == "Further files that cannot be read are counted, not named."
        assert reports[21].startswith("30 of 45")


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


def test_what_killed_runs_left_is_removed_and_what_others_are_making_is_not(folder: Path, own_cache: Path) -> None:
    opened(folder)
    name = caches(own_cache)[0].name.rpartition("-")[0]
    (own_cache / ".partial-killed" / "deep").mkdir(parents=True)
    (own_cache / f"{name}.partial-killed").mkdir()  # an older version's
    with files.workspace(own_cache, ".partial") as others:
        assert opened(folder)[0].from_cache
        opened(folder, 56)
        assert others.is_dir()
        assert {path.name for path in caches(own_cache)} >= {others.name}
        assert not list(own_cache.glob("*killed"))


def test_a_folder_may_be_called_as_what_is_unfinished_is(folder: Path) -> None:
    named = folder.rename(folder.with_name("partial"))
    opened(named)
    opened(named, 56)
    assert opened(named)[0].from_cache


def interrupt_halfway(folder: Path, how: Callable[[], None]) -> None:
    def progress(done: int, total: int) -> None:
        if done == 7:
            how()

    open_images(folder, Reading(SIZE, SIZE), report=lambda text: None, progress=progress)


def test_an_interrupt_leaves_nothing(folder: Path, own_cache: Path) -> None:
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
    images, reports, _ = opened(folder)
    assert not images.from_cache
    assert reports == []
    assert len(caches(own_cache)) == 1
    assert not caches(own_cache)[0].name.startswith(".partial-")


def open_slowly(folder: Path) -> None:
    open_images(folder, Reading(SIZE, SIZE), report=lambda text: None, progress=lambda done, total: time.sleep(0.05))


@pytest.mark.ordinary
def test_a_second_run_waits_for_the_first_and_uses_its_cache(folder: Path, own_cache: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=open_slowly, args=(folder,))
    process.start()
    while not (own_cache.exists() and caches(own_cache)):
        time.sleep(0.01)
    images, reports, _ = opened(folder)
    process.join(60)
    assert process.exitcode == 0
    assert images.from_cache
    assert reports == ["Another run is preparing these images; waiting for it."]


# Disks and users


def test_a_cache_that_cannot_be_made_is_a_sentence(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("NETSPEC_CACHE", str(tmp_path / "file"))
    with pytest.raises(FileError, match=r"the cache: .*file.* set NETSPEC_CACHE to a folder of your own"):
        opened(folder)


def test_a_disk_without_room_is_reported_before_anything_is_decoded(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=12_000))
    with pytest.raises(InputError, match=r"needs 46 KB under .*, where 12 KB are free, 34 KB too few; make room there"):
        opened(folder)


@pytest.mark.parametrize("full", ["train.pixels", "val.pixels", "checksums", "index.json"])
def test_a_disk_that_fills_up_names_the_file_and_leaves_no_set(
    full: str, folder: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def filled(descriptor: int) -> None:
        if full in str(Path(f"/proc/self/fd/{descriptor}").readlink()):
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", filled)
    with pytest.raises(FileError, match=rf"{full}: cannot be written: No space left on device; .* NETSPEC_CACHE"):
        opened(folder)
    assert caches(own_cache) == []


@pytest.fixture
def read_only(folder: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache with the images in it, on a disk that cannot be written: for root, permissions alone are none."""
    opened(folder)
    monkeypatch.setattr(cache, "writable", lambda path: False)
    monkeypatch.setattr(os, "mkdir", None)
    monkeypatch.setattr(os, "unlink", None)
    monkeypatch.setattr(files, "exclusive", None)
    monkeypatch.setattr(files, "overwrite", None)
    return own_cache


def test_a_cache_that_can_only_be_read_works_when_the_images_are_in_it(folder: Path, read_only: Path) -> None:
    images, reports, _ = opened(folder)
    assert images.from_cache
    assert len(stacked(images.train.images)) == 12
    assert reports == []
    assert read_only.is_dir()


def test_a_cache_that_can_only_be_read_says_what_to_do_when_the_images_are_not_in_it(
    folder: Path, read_only: Path
) -> None:
    with pytest.raises(InputError) as caught:
        opened(folder, 56)
    assert str(caught.value) == (
        f"the cache: {read_only} can only be read, and lacks these images as they are now, for 56x56 pixels; begin "
        "once where it can be written, or set NETSPEC_CACHE to a folder of your own."
    )


def test_sets_are_the_users_alone_whatever_the_umask(folder: Path, own_cache: Path) -> None:
    before = os.umask(0)
    try:
        opened(folder)
    finally:
        os.umask(before)
    place = caches(own_cache)[0]
    assert [stat.S_IMODE(path.stat().st_mode) for path in (own_cache, place)] == [0o700, 0o700]
    assert {stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()} == {0o600}


def test_a_set_that_others_may_write_to_is_refused(folder: Path, own_cache: Path) -> None:
    opened(folder)
    caches(own_cache)[0].chmod(0o777)
    with pytest.raises(FileError, match=r"others may write to it \(mode 0777\)"):
        opened(folder)


@pytest.mark.ordinary
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_shared_cache_serves_another_user_who_may_read_it_and_says_so_to_one_who_may_not(
    public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, shared = public / "pictures", public / "cache"
    monkeypatch.setenv("NETSPEC_CACHE", str(shared))
    opened(folder)
    with pytest.raises(InputError, match=r"cache.*(Permission denied|belongs to another user).*NETSPEC_CACHE"):
        as_another_user(folder, shared)
    for path in (shared, *shared.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert as_another_user(folder, shared) == (12, [])
    draw(folder / "train" / "ant" / "new.png", 3)
    with pytest.raises(InputError, match="can only be read, and lacks these images"):
        as_another_user(folder, shared)


GROCERIES = Path(__file__).parents[4] / "shared" / "data" / "groceries"


@pytest.mark.ordinary
@pytest.mark.skipif(not GROCERIES.is_dir(), reason="the photographs are not on this machine")
def test_a_folder_of_photographs_is_decoded_whole() -> None:
    images, reports, _ = opened(GROCERIES, 64)
    assert reports == []
    assert images.unreadable == ()
    assert (len(images.train.files), len(images.val.files)) == (732, 661)
    assert np.mean(images.val.labels == 0) == pytest.approx(0.418, abs=0.001)
    assert 60 < float(stacked(images.train.images).mean()) < 180


# Validation alone.


def opened_to_validate(folder: Path) -> tuple[ImageSet, list[tuple[int, int]]]:
    steps: list[tuple[int, int]] = []
    images = open_images(
        folder,
        Reading(SIZE, SIZE),
        report=pytest.fail,
        progress=lambda done, total: steps.append((done, total)),
        training=False,
    )
    return images, steps


def test_validation_alone_needs_no_training_images_and_decodes_none(folder: Path, own_cache: Path) -> None:
    complete, _, _ = opened(folder)
    shutil.rmtree(own_cache)
    shutil.rmtree(folder / "train")
    shutil.rmtree(folder / "val/bee")
    for cached in (False, True):
        images, steps = opened_to_validate(folder)
        assert images.classes == ("ant", "cat")
        assert (images.from_cache, steps) == ((True, []) if cached else (False, [(1, 2), (2, 2)]))
        assert len(images.train.labels) == len(images.train.images) == 0
        assert np.array_equal(stacked(images.val.images), stacked(complete.val.images)[[0, 2]])
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


# Gray images.


def opened_gray(folder: Path) -> tuple[ImageSet, list[str]]:
    reports: list[str] = []
    return open_images(
        folder, Reading(SIZE, SIZE, 1), report=reports.append, progress=lambda done, total: None
    ), reports


def test_a_set_of_three_channels_has_the_name_and_the_key_that_it_had_before_there_were_gray_ones(
    folder: Path, own_cache: Path
) -> None:
    opened(folder)
    listing = scan_folder(folder)
    root = str(listing.root)
    images = [[file.path, file.label, file.size, file.mtime_ns, *file.identity] for file in listing.train + listing.val]
    described = json.dumps([sets.FORMAT_VERSION, PIL.__version__, root, SIZE, SIZE, listing.classes, images])
    place, key = (sha256(text.encode()).hexdigest() for text in (root, described))
    assert [path.name for path in caches(own_cache)] == [f"{folder.name}-{place[:12]}-{SIZE}x{SIZE}-{key[:16]}"]


def test_gray_images_are_a_set_of_their_own_beside_the_one_in_colour(folder: Path, own_cache: Path) -> None:
    coloured, gray = opened(folder)[0], opened_gray(folder)[0]
    assert gray.train.images.shape == (12, STORED, STORED, 1)
    for split, other in ((gray.train, coloured.train), (gray.val, coloured.val)):
        assert (split.files, split.sizes) == (other.files, other.sizes)
        for row, file in zip(stacked(split.images), split.files, strict=True):
            assert np.array_equal(row, decode_file(folder / file, at(STORED, STORED, 1)))
    names = [path.name for path in caches(own_cache)]
    assert len(names) == 2
    assert any(f"-{SIZE}x{SIZE}x1-" in name for name in names)
    assert {entry.path.name for entry in prune.entries(["images"])} == set(names)
    for again in (opened(folder)[0], opened_gray(folder)[0]):
        assert again.from_cache


def test_a_damaged_gray_image_is_decoded_again_as_gray(folder: Path, own_cache: Path) -> None:
    gray = opened_gray(folder)[0]
    expected = stacked(gray.train.images)
    with (caches(own_cache)[0] / TRAIN).open("r+b") as file:
        file.write(b"\0\1\2")
    again, reports = opened_gray(folder)
    assert np.array_equal(stacked(again.train.images), expected)
    assert len(reports) == 1
    assert "is damaged; it is decoded anew" in reports[0]


def test_room_is_measured_for_one_channel(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needed = 15 * (STORED * STORED + 4)
    monkeypatch.setattr(shutil, "disk_usage", lambda root: SimpleNamespace(free=needed - 1))
    with pytest.raises(InputError, match="too few"):
        opened_gray(folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda root: SimpleNamespace(free=needed))
    assert opened_gray(folder)[0].train.files


def test_sets_that_are_read_in_different_ways_lie_side_by_side(folder: Path, own_cache: Path) -> None:
    def opening(said: Preprocessing) -> ImageSet:
        reading = Reading(SIZE, SIZE, 3, said)
        return open_images(folder, reading, report=lambda text: None, progress=lambda done, total: None)

    ways = [HOUSE, Preprocessing(fit="cover"), Preprocessing(fit="stretch", crop=1.0)]
    sets_of = [opening(said) for said in ways]
    assert len(caches(own_cache)) == 3
    assert [opening(said).from_cache for said in ways] == [True] * 3, "none has removed another"
    assert [found.train.images.shape[1:3] for found in sets_of] == [(32, 32), (32, 32), (28, 28)]
    normalised_otherwise = replace(ways[1], mean=(0.5,) * 3, std=(0.5,) * 3)
    assert opening(normalised_otherwise).from_cache, "the program does that"
    names = {path.name for path in caches(own_cache)}
    assert all(prune.NAMES["images"].fullmatch(name) for name in names)


# Training images of another size.


def opened_twice(folder: Path, training: int, *, most: int | None = None) -> tuple[ImageSet, list[str]]:
    reports: list[str] = []
    of_training, of_validation = Reading(training, training), Reading(SIZE, SIZE)
    return open_images(
        folder,
        of_validation,
        of_training=of_training,
        report=reports.append,
        progress=lambda done, total: None,
        max_unreadable=most,
    ), reports


def test_each_split_is_read_at_its_size_into_a_set_of_its_own(folder: Path, own_cache: Path) -> None:
    small = opened(folder, 14)[0]
    large = opened(folder)[0]
    before = set(caches(own_cache))
    images, _ = opened_twice(folder, 14)
    assert not images.from_cache
    assert np.array_equal(stacked(images.train.images), stacked(small.train.images))
    assert np.array_equal(stacked(images.val.images), stacked(large.val.images))
    assert (images.classes, images.train.files, images.val.files) == (large.classes, large.train.files, large.val.files)
    assert (images.train.labels.tolist(), images.val.sizes) == (large.train.labels.tolist(), large.val.sizes)
    added = {path.name for path in caches(own_cache)} - {path.name for path in before}
    assert sorted(re.sub("-[0-9a-f]{16}$", "", name).partition("-")[2][13:] for name in added) == [
        "14x14-train", f"{SIZE}x{SIZE}-val"
    ]  # fmt: skip
    assert {entry.path.name for entry in prune.entries(["images"])} >= added
    again, reports = opened_twice(folder, 14)
    assert (again.from_cache, reports) == (True, [])
    assert opened(folder)[0].from_cache, "they have removed none"
    assert opened_to_validate(folder)[0].from_cache


def test_where_both_sizes_are_the_same_there_is_one_set(folder: Path, own_cache: Path) -> None:
    opened(folder)
    assert opened_twice(folder, SIZE)[0].from_cache
    assert len(caches(own_cache)) == 1


def test_files_that_cannot_be_read_are_counted_over_both_sets(folder: Path) -> None:
    for name in ("train/ant/1.png", "val/bee/v.png"):
        (folder / name).write_bytes(b"nothing")
    images, reports = opened_twice(folder, 14, most=2)
    assert images.unreadable == ("train/ant/1.png", "val/bee/v.png")
    assert reports[-1] == "2 of 15 images cannot be read and are left out."
    assert (len(images.train.files), len(images.val.files)) == (11, 2)
    with pytest.raises(InputError, match=r"2 of the 15 images in .* cannot be read, and 1 may be"):
        opened_twice(folder, 14, most=1)


def test_the_limit_of_the_cache_spares_both_sets(
    folder: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prune, "limit", lambda say: 1)
    opened_twice(folder, 14)
    assert len(caches(own_cache)) == 2
