"""The layout of image folders, and the errors for folders with another."""

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from netspec.errors import InputError
from runtime.data.folder import comparable, scan_folder
from runtime.data.formats import IMAGE_ENDINGS


def make(root: Path, *paths: str) -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(b"image")
    return root


def two_classes(root: Path) -> Path:
    return make(root, "train/b/1.jpg", "train/a/2.jpg", "train/a/1.jpg", "val/a/9.jpg", "val/b/8.jpg")


def refusal(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        scan_folder(folder)
    return str(caught.value)


def test_classes_are_the_sorted_folders_of_train_and_images_follow_in_order(tmp_path: Path) -> None:
    listing = scan_folder(two_classes(tmp_path))
    assert listing.classes == ("a", "b")
    assert [(image.path, image.label) for image in listing.train] == [
        ("train/a/1.jpg", 0),
        ("train/a/2.jpg", 0),
        ("train/b/1.jpg", 1),
    ]
    assert [image.path for image in listing.val] == ["val/a/9.jpg", "val/b/8.jpg"]
    assert all(image.size == 5 and image.mtime_ns > 0 for image in listing.train)
    assert listing.notes == ()


def test_test_validates_only_where_no_validation_folder_is_and_a_note_names_what_is_used(tmp_path: Path) -> None:
    def used() -> tuple[str, tuple[str, ...]]:
        listing = scan_folder(tmp_path)
        return listing.val[0].path, tuple(note.partition(".")[0] for note in listing.notes)

    make(tmp_path, "train/a/1.jpg", "train/b/1.jpg", "testing/a/t.jpg", "testing/b/t.jpg")
    said = "Validation uses the images in {}"
    assert used() == (
        "testing/a/t.jpg", (said.format("testing: there is no folder val, valid, validation"),)
    )  # fmt: skip
    make(tmp_path, "test/a/t.jpg", "test/b/t.jpg")
    assert used() == ("test/a/t.jpg", (said.format("test: there is no folder val, valid, validation"),))
    make(tmp_path, "validation/a/v.jpg", "validation/b/v.jpg")
    assert used() == ("validation/a/v.jpg", (said.format("validation; test, testing is left alone"),))
    make(tmp_path, "valid/a/v.jpg", "valid/b/v.jpg")
    assert used() == ("valid/a/v.jpg", (said.format("valid; validation, test, testing is left alone"),))
    make(tmp_path, "val/a/w.jpg", "val/b/w.jpg")
    assert used() == ("val/a/w.jpg", (said.format("val; valid, validation, test, testing is left alone"),))


def test_a_test_folder_beside_val_is_left_alone_without_a_word(tmp_path: Path) -> None:
    listing = scan_folder(make(two_classes(tmp_path), "test/a/1.jpg", "test/b/1.jpg"))
    assert [image.path for image in listing.val] == ["val/a/9.jpg", "val/b/8.jpg"]
    assert listing.notes == ()


@pytest.mark.parametrize(
    ("train", "val"), [("training", "val"), ("Train", "Val"), ("TRAINING", "Validation"), ("train", "VALID")]
)
def test_the_folders_of_a_split_have_several_names_in_any_capitals(tmp_path: Path, train: str, val: str) -> None:
    make(tmp_path, f"{train}/a/1.jpg", f"{train}/b/1.jpg", f"{val}/a/2.jpg", f"{val}/b/2.jpg")
    listing = scan_folder(tmp_path)
    assert [image.path for image in listing.train] == [f"{train}/a/1.jpg", f"{train}/b/1.jpg"]
    assert [image.path for image in listing.val] == [f"{val}/a/2.jpg", f"{val}/b/2.jpg"]


def test_train_goes_before_training_and_a_note_says_so(tmp_path: Path) -> None:
    listing = scan_folder(make(two_classes(tmp_path), "training/a/1.jpg"))
    assert listing.train[0].path == "train/a/1.jpg"
    assert listing.notes == ("Training uses the images in train; training is left alone.",)


@pytest.mark.parametrize("ending", sorted(IMAGE_ENDINGS))
def test_every_ending_of_an_image_counts_in_any_case(tmp_path: Path, ending: str) -> None:
    two_classes(tmp_path)
    make(tmp_path, f"train/a/x{ending}", f"train/a/y{ending.upper()}")
    assert [Path(image.path).name for image in scan_folder(tmp_path).train if image.label == 0] == [
        "1.jpg",
        "2.jpg",
        f"x{ending}",
        f"y{ending.upper()}",
    ]


def test_what_is_left_out_is_counted_and_named_once_and_hidden_files_are_not(tmp_path: Path) -> None:
    two_classes(tmp_path)
    make(tmp_path, "train/a/._1.jpg", "train/a/.DS_Store", "train/.hidden/1.jpg", "train/loose.jpg", "val/loose.png")
    make(tmp_path, "train/a/1.heic", "train/b/2.HEIC", "train/b/notes.txt", "val/a/README", "train/list.csv")
    listing = scan_folder(tmp_path)
    assert len(listing.train) == 3
    assert listing.notes == (
        "2 image(s) lie in no class folder and are left out; the first is train/loose.jpg.",
        "5 file(s) are left out, as their names do not end like an image's: .heic (2), .csv (1), .txt (1), none (1); "
        "the first is train/list.csv.",
    )


def test_folders_inside_a_class_are_not_entered_and_a_note_says_so(tmp_path: Path) -> None:
    two_classes(tmp_path)
    make(tmp_path, "train/a/deeper/3.jpg")
    listing = scan_folder(tmp_path)
    assert len(listing.train) == 3
    assert listing.notes == (
        "train/a has 1 folder(s) inside, which are not entered: only images directly in a class folder are used.",
    )


def test_a_class_absent_from_val_is_a_note(tmp_path: Path) -> None:
    make(tmp_path, "train/a/1.jpg", "train/b/1.jpg", "val/a/1.jpg")
    assert scan_folder(tmp_path).notes == ("val has no images of 1 of 2 classes: b.",)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    text = refusal(tmp_path / "nowhere")
    assert f"{tmp_path / 'nowhere'} does not exist" in text
    assert "DIR/train/<class>/*.jpg" in text


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    make(tmp_path, "file")
    assert "file is a file, not an image folder" in refusal(tmp_path / "file")


def test_a_folder_without_train_says_what_to_put_there(tmp_path: Path) -> None:
    make(tmp_path, "val/a/1.jpg")
    assert "has no folder named train" in refusal(tmp_path)


def test_a_folder_without_validation_says_what_is_looked_for_and_what_to_do(tmp_path: Path) -> None:
    make(tmp_path, "train/a/1.jpg", "train/b/1.jpg")
    text = refusal(tmp_path)
    assert "no validation folder; looked for val, valid, validation, test, testing" in text
    assert "Make a folder val beside train with the same class folders, and move a part of the images" in text


def test_train_without_class_folders_is_refused(tmp_path: Path) -> None:
    make(tmp_path, "train/1.jpg", "val/1.jpg")
    assert "has no class folders" in refusal(tmp_path)


def test_a_single_class_is_refused_by_name(tmp_path: Path) -> None:
    make(tmp_path, "train/only/1.jpg", "val/only/1.jpg")
    assert "has 1 class (only); expected at least 2" in refusal(tmp_path)


def test_a_class_without_training_images_is_named(tmp_path: Path) -> None:
    make(tmp_path, "train/a/1.jpg", "train/b/notes.txt", "val/a/1.jpg")
    assert "The class b has no images in" in refusal(tmp_path)


def test_training_folders_without_any_image_are_refused(tmp_path: Path) -> None:
    make(tmp_path, "train/a/1.txt", "train/b/1.txt", "val/a/1.jpg")
    assert "holds no images" in refusal(tmp_path)


def test_a_validation_class_that_train_lacks_is_named(tmp_path: Path) -> None:
    make(two_classes(tmp_path), "val/stranger/1.jpg")
    text = refusal(tmp_path)
    assert "has the class stranger, which train lacks" in text
    assert "(a, b)" in text


def test_a_validation_folder_without_images_is_refused(tmp_path: Path) -> None:
    make(tmp_path, "train/a/1.jpg", "train/b/1.jpg", "val/a/notes.txt")
    assert "holds no images" in refusal(tmp_path)


def test_loops_of_links_do_not_hang_the_scan(tmp_path: Path) -> None:
    two_classes(tmp_path)
    (tmp_path / "train" / "a" / "round").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "train" / "b" / "self.jpg").symlink_to("self.jpg")
    listing = scan_folder(tmp_path)
    assert len(listing.classes) == 2
    assert [(image.path, image.size) for image in listing.train if image.label == 1] == [
        ("train/b/1.jpg", 5),
        ("train/b/self.jpg", -1),
    ]


def test_links_to_class_folders_are_followed_and_pipes_have_no_size(tmp_path: Path) -> None:
    two_classes(tmp_path)
    make(tmp_path, "elsewhere/1.jpg")
    (tmp_path / "train" / "c").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(tmp_path / "elsewhere" / "2.jpg")
    listing = scan_folder(tmp_path)
    assert listing.classes == ("a", "b", "c")
    assert [image.size for image in listing.train if image.label == 2] == [5, -1]


def test_names_that_a_terminal_cannot_show_are_escaped(tmp_path: Path) -> None:
    make(tmp_path, "train/a/1.jpg", "train/bad\x1b[31m/x.txt", "val/a/1.jpg")
    text = refusal(tmp_path)
    assert "\x1b" not in text
    assert r"bad\x1b[31m" in text


COMPOSED, APART = "\u00c4pfel", "A\u0308pfel"


def test_class_names_are_compared_composed_and_without_blanks_around_them_with_a_word(tmp_path: Path) -> None:
    assert comparable(APART) == comparable(COMPOSED) == comparable(f" {COMPOSED} ")
    make(tmp_path, f"train/{APART}/1.jpg", "train/melon/1.jpg", f"val/{COMPOSED}/2.jpg", "val/melon /2.jpg")
    listing = scan_folder(tmp_path)
    assert listing.classes == (APART, "melon")
    assert [(image.path, image.label) for image in listing.val] == [
        (f"val/{COMPOSED}/2.jpg", 0),
        ("val/melon /2.jpg", 1),
    ]
    (note,) = listing.notes
    assert note.startswith("The folders of 2 class(es) spell its name in more than one way")
    assert note.endswith(": 'A\\u0308pfel', 'melon'.")


def test_two_spellings_of_one_class_in_train_are_one_class(tmp_path: Path) -> None:
    make(tmp_path, "train/kiwi/1.jpg", "train/melon/1.jpg", "train/melon /2.jpg", "val/melon/3.jpg", "val/kiwi/3.jpg")
    listing = scan_folder(tmp_path)
    assert listing.classes == ("kiwi", "melon")
    assert [image.label for image in listing.train] == [0, 1, 1]
    assert "1 class(es) spell its name in more than one way" in listing.notes[0]


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.ESTALE, errno.ENAMETOOLONG, errno.ELOOP])
def test_a_file_that_cannot_be_asked_stays_in_the_listing(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refusing:
        """An entry whose name can be read, and nothing else."""

        def __init__(self, entry: os.DirEntry[str]) -> None:
            self.name = entry.name
            self._entry = entry

        def is_dir(self) -> bool:
            if self.name == "1.jpg":
                raise OSError(number, os.strerror(number))
            return self._entry.is_dir()

        def stat(self) -> os.stat_result:
            if self.name == "1.jpg":
                raise OSError(number, os.strerror(number))
            return self._entry.stat()

    two_classes(tmp_path)
    scandir = os.scandir

    @contextlib.contextmanager
    def refusing(folder: Path) -> Iterator[Iterator[Refusing]]:
        with scandir(folder) as entries:
            yield map(Refusing, entries)

    monkeypatch.setattr(os, "scandir", refusing)
    listing = scan_folder(tmp_path)
    assert [(image.path, image.size) for image in listing.train] == [
        ("train/a/1.jpg", -1),
        ("train/a/2.jpg", 5),
        ("train/b/1.jpg", -1),
    ]


def test_a_path_that_cannot_be_a_folder_is_a_sentence(tmp_path: Path) -> None:
    assert "cannot be read (File name too long); check the path." in refusal(tmp_path / ("x" * 5000))
    (tmp_path / "loop").symlink_to("loop")
    assert "cannot be read (Too many levels of symbolic links)" in refusal(tmp_path / "loop")
