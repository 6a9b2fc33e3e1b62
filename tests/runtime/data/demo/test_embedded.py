"""The image set that the project draws: whole or not there, the same every time, and about form alone."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from netspec.errors import FileError, InputError
from runtime.data.demo import embedded
from runtime.data.demo.embedded import CLASSES, embedded_folder
from runtime.data.demo.scene import SIDE, draw_scene
from runtime.data.folder import scan_folder
from runtime.system import cache, files

pytestmark = pytest.mark.ordinary


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NETSPEC_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "embedded"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "PICTURES_PER_CLASS", {"train": 2, "val": 1})


def drawn() -> tuple[Path, list[str], int]:
    reports: list[str] = []
    counted: list[int] = []
    folder = embedded_folder(reports.append, lambda done, total: counted.append(done))
    return folder, reports, len(counted)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.jpg"))}


@pytest.mark.usefixtures("small")
def test_it_is_an_image_folder_of_ten_classes(own_cache: Path) -> None:
    folder, reports, counted = drawn()
    listing = scan_folder(folder)
    assert listing.classes == CLASSES
    assert len(CLASSES) == 10
    assert (len(listing.train), len(listing.val), counted) == (20, 10, 30)
    assert reports[0].startswith("Drawing the embedded image set")
    with Image.open(folder / listing.train[0].path) as picture:
        assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (SIDE, SIDE))
    assert folder.parent == own_cache


@pytest.mark.usefixtures("small")
def test_it_is_drawn_once_and_the_same_bytes_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = drawn()[0]
    assert drawn() == (first, [], 0)
    monkeypatch.setenv("NETSPEC_CACHE", str(tmp_path / "another"))
    second = drawn()[0]
    assert first != second
    assert contents(first) == contents(second)
    assert len(set(contents(first).values())) == 30


def flip(path: Path, bit: int) -> None:
    data = bytearray(path.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)


@pytest.mark.usefixtures("small")
def test_no_flipped_bit_of_a_picture_or_of_the_checksums_goes_unnoticed() -> None:
    folder, _, _ = drawn()
    sound = contents(folder)
    random = np.random.default_rng(0)
    for number in range(12):
        path = random.choice(sorted(folder.rglob("*.jpg"))) if number % 3 else folder / "checksums.json"
        flip(Path(path), int(random.integers(8 * Path(path).stat().st_size)))
        reports = drawn()[1]
        assert reports[0] == f"{folder}: the embedded image set is not as it was drawn; it is drawn anew"
        assert len(reports) == 2
        assert contents(folder) == sound
        assert drawn()[1] == []


def unlink(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def replace_by_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("damage", [unlink, empty, replace_by_pipe])
@pytest.mark.parametrize("name", ["val/burst/burst_000.jpg", "checksums.json"])
def test_a_set_with_a_file_amiss_is_drawn_anew(name: str, damage: Callable[[Path], None]) -> None:
    folder, _, _ = drawn()
    sound = contents(folder)
    damage(folder / name)
    assert drawn()[1][0].endswith("it is drawn anew")
    assert contents(folder) == sound


@pytest.mark.usefixtures("small")
def test_a_link_in_place_of_the_set_is_removed_and_not_followed(tmp_path: Path) -> None:
    folder, _, _ = drawn()
    folder.rename(tmp_path / "victim")
    (tmp_path / "victim/val/burst/burst_000.jpg").unlink()
    kept = contents(tmp_path / "victim")
    folder.symlink_to(tmp_path / "victim")
    drawn()
    assert not folder.is_symlink()
    assert contents(tmp_path / "victim") == kept


@pytest.mark.usefixtures("small")
def test_a_half_written_set_is_never_used_and_is_removed(own_cache: Path) -> None:
    (own_cache / ".partial-killed" / "train").mkdir(parents=True)
    own_cache.parent.chmod(0o700)
    own_cache.chmod(0o700)

    def interrupt(done: int, total: int) -> None:
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        embedded_folder(lambda text: None, interrupt)
    assert [path.name for path in own_cache.iterdir()] == ["..partial.lock"]
    assert drawn()[2] == 30


@pytest.mark.usefixtures("small")
def test_a_cache_that_can_only_be_read_serves_the_set_or_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _, _ = drawn()
    monkeypatch.setattr(cache, "writable", lambda path: False)
    monkeypatch.setattr(files, "exclusive", None)
    assert drawn() == (folder, [], 0)
    empty(folder / "val/burst/burst_000.jpg")
    with pytest.raises(InputError, match=r"embedded can only be read, .* set NETSPEC_CACHE to a folder of your own"):
        drawn()


def test_a_cache_that_cannot_be_written_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("NETSPEC_CACHE", str(tmp_path / "file"))
    with pytest.raises(FileError, match=r"the cache: .* set NETSPEC_CACHE to a folder of your own"):
        drawn()


def thumbnails(stream: int, count: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """`count` pictures a class, 32 x 32, flattened `[n, 3072]`, and their labels."""
    rows = [
        np.asarray(
            draw_scene(name, np.random.default_rng([stream, label, number])).resize((32, 32)), np.float64
        ).ravel()
        for label, name in enumerate(CLASSES)
        for number in range(count)
    ]
    return np.array(rows) / 255, np.repeat(np.arange(len(CLASSES)), count)


def test_pixels_alone_tell_a_linear_classifier_little_about_the_class() -> None:
    train, train_labels = thumbnails(1, 30)
    val, val_labels = thumbnails(2, 20)
    mean = train.mean(0)
    targets = np.eye(len(CLASSES))[train_labels]
    products = (train - mean) @ (train - mean).T
    for ridge in (10.0, 100.0, 1000.0):
        weights = (train - mean).T @ np.linalg.solve(products + ridge * np.eye(len(train)), targets - 0.1)
        accuracy = np.mean(((val - mean) @ weights).argmax(1) == val_labels)
        assert accuracy < 0.25, f"ridge {ridge}"


def test_pictures_of_all_classes_are_equally_bright_on_average() -> None:
    brightness = [
        np.mean([np.asarray(draw_scene(name, np.random.default_rng([label, number]))).mean() for number in range(12)])
        for label, name in enumerate(CLASSES)
    ]
    assert max(brightness) - min(brightness) < 60
