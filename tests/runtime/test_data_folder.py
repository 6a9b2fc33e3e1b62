"""What an image folder is, and what a person is told about one that is not."""

import os
from pathlib import Path

import pytest

from netspec.errors import InputError
from runtime.data.folder import scan_folder


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


def test_the_first_of_val_validation_and_test_is_the_validation_folder(tmp_path: Path) -> None:
    make(tmp_path, "train/a/1.jpg", "train/b/1.jpg", "test/a/t.jpg")
    assert scan_folder(tmp_path).val[0].path == "test/a/t.jpg"
    make(tmp_path, "validation/a/v.jpg")
    assert scan_folder(tmp_path).val[0].path == "validation/a/v.jpg"
    make(tmp_path, "val/a/w.jpg")
    assert scan_folder(tmp_path).val[0].path == "val/a/w.jpg"


def test_endings_count_in_any_case_and_other_or_hidden_files_do_not(tmp_path: Path) -> None:
    two_classes(tmp_path)
    make(tmp_path, "train/a/3.JPG", "train/a/4.Jpeg", "train/a/5.PNG", "train/a/6.webp")
    make(tmp_path, "train/a/._1.jpg", "train/a/notes.txt", "train/a/7.gif", "train/.hidden/1.jpg", "train/loose.jpg")
    assert [Path(image.path).name for image in scan_folder(tmp_path).train if image.label == 0] == [
        "1.jpg",
        "2.jpg",
        "3.JPG",
        "4.Jpeg",
        "5.PNG",
        "6.webp",
    ]


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


def test_a_folder_without_validation_says_which_names_are_looked_for(tmp_path: Path) -> None:
    make(tmp_path, "train/a/1.jpg", "train/b/1.jpg")
    assert "no validation folder; looked for val, validation, test" in refusal(tmp_path)


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
