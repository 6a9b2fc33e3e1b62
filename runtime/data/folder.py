"""What is in an image folder: `DIR/{train,val}/<class>/<image>`. Only names, sizes and times are read here.

* The training folder is `train`; the validation folder is the first that is there of `val`, `validation`, `test`.
* A class is a folder directly inside `train`; classes are numbered in the sorted order of their names.
* An image is a file directly inside a class folder whose name ends in .jpg, .jpeg, .png or .webp (any case).
  Folders inside a class folder are not entered (a note says so): whether they are classes of their own or a way of
  filing is the user's to say. So no walk is ever deeper than two levels, and a loop of links has no way to hang it.
* Links to folders and to files are followed. Hidden entries and files of other kinds are left alone.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from netspec.errors import InputError
from netspec.text import shown

IMAGE_ENDINGS = (".jpg", ".jpeg", ".png", ".webp")
TRAIN_NAME = "train"
VALIDATION_NAMES = ("val", "validation", "test")
LAYOUT = "expected DIR/train/<class>/*.jpg and DIR/val/<class>/*.jpg"


@dataclass(frozen=True)
class ImageFile:
    """One image of the listing.

    Attributes:
        path: relative to the folder, with forward slashes.
        label: index into the classes.
        size: bytes; -1 where there is no regular file behind the name.
        mtime_ns: time of the last change, nanoseconds; 0 where there is no regular file.
    """

    path: str
    label: int
    size: int
    mtime_ns: int


@dataclass(frozen=True)
class FolderListing:
    """An image folder: every image by class, then by name.

    Attributes:
        root: the folder, absolute, links resolved.
        classes: sorted names of the class folders of `train`.
        train: at least one image a class; none where they were not asked for.
        val: at least one image.
        notes: sentences worth telling that are not errors.
    """

    root: Path
    classes: tuple[str, ...]
    train: tuple[ImageFile, ...]
    val: tuple[ImageFile, ...]
    notes: tuple[str, ...]


def scan_folder(folder: Path, *, training: bool = True) -> FolderListing:
    """List the images of `folder`; without `training`, of its validation folder alone, whose classes it then has.

    Raises:
        InputError: there is no such folder, or it is not laid out as described above.
    """
    if not folder.exists():
        raise InputError(f"The image folder {shown(folder)} does not exist; {LAYOUT}. Check the path.")
    if not folder.is_dir():
        raise InputError(f"{shown(folder)} is a file, not an image folder; {LAYOUT}. Give the folder that holds train.")
    root = folder.resolve()
    if not training:
        return _validation_listing(root)
    train_folder = root / TRAIN_NAME
    if not train_folder.is_dir():
        raise InputError(
            f"The image folder {shown(folder)} has no folder named train; {LAYOUT}. "
            "Put the training images there, one folder a class."
        )
    val_folder = _validation_folder(root)
    classes = _class_names(train_folder)
    _check_classes(classes, train_folder)
    _check_validation_classes(_class_names(val_folder), val_folder, classes)

    train, train_notes = _images(train_folder, classes)
    val, val_notes = _images(val_folder, classes)
    _check_every_class_has_images(train, train_folder, classes)
    _check_validation_images(val, val_folder)
    return FolderListing(
        root, classes, train, val, (*train_notes, *val_notes, *_absent_notes(val, val_folder, classes))
    )


def _validation_listing(root: Path) -> FolderListing:
    val_folder = _validation_folder(root)
    classes = _class_names(val_folder)
    val, notes = _images(val_folder, classes)
    _check_validation_images(val, val_folder)
    return FolderListing(root, classes, (), val, tuple(notes))


def _check_validation_images(val: tuple[ImageFile, ...], val_folder: Path) -> None:
    if not val:
        raise InputError(
            f"The validation folder {shown(val_folder)} holds no images; expected "
            f"{'/'.join(IMAGE_ENDINGS)} files in <class> folders. Move some images of each class there."
        )


def _validation_folder(root: Path) -> Path:
    for name in VALIDATION_NAMES:
        if (root / name).is_dir():
            return root / name
    raise InputError(
        f"The image folder {shown(root)} has no validation folder; looked for {', '.join(VALIDATION_NAMES)}. "
        "Add one of them, with the same class folders as train."
    )


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """The entries of `folder` that are not hidden, sorted by name."""
    try:
        with os.scandir(folder) as found:
            return sorted((entry for entry in found if not entry.name.startswith(".")), key=lambda entry: entry.name)
    except OSError as error:
        raise InputError(
            f"The folder {shown(folder)} cannot be listed ({error.strerror}); check its permissions."
        ) from error


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        # A link that leads round to itself: nothing is behind it.
        return False


def _is_image_name(name: str) -> bool:
    return name.lower().endswith(IMAGE_ENDINGS)


def _class_names(split_folder: Path) -> tuple[str, ...]:
    return tuple(entry.name for entry in _entries(split_folder) if _is_folder(entry))


def _check_classes(classes: tuple[str, ...], train_folder: Path) -> None:
    if not classes:
        raise InputError(
            f"The training folder {shown(train_folder)} has no class folders; expected one folder a class with its "
            "images inside. Sort the images into folders named after their classes."
        )
    if len(classes) < 2:
        raise InputError(
            f"The training folder {shown(train_folder)} has 1 class ({shown(classes[0])}); expected at least 2. "
            "Add a folder for each further class."
        )


def _check_validation_classes(found: tuple[str, ...], val_folder: Path, classes: tuple[str, ...]) -> None:
    unknown = [name for name in found if name not in classes]
    if unknown:
        raise InputError(
            f"The validation folder {shown(val_folder)} has the class {shown(unknown[0])}, which train lacks; expected "
            f"only classes of train ({_few(classes)}). Rename or remove it, or add it to train."
        )


def _check_every_class_has_images(images: tuple[ImageFile, ...], train_folder: Path, classes: tuple[str, ...]) -> None:
    if not images:
        raise InputError(
            f"The training folder {shown(train_folder)} holds no images; expected {'/'.join(IMAGE_ENDINGS)} files "
            "directly inside its class folders. Put the images there."
        )
    present = {image.label for image in images}
    empty = [name for label, name in enumerate(classes) if label not in present]
    if empty:
        raise InputError(
            f"The class {shown(empty[0])} has no images in {shown(train_folder / empty[0])}; expected "
            f"{'/'.join(IMAGE_ENDINGS)} files directly inside it. Add images or remove the folder."
        )


def _images(split_folder: Path, classes: tuple[str, ...]) -> tuple[tuple[ImageFile, ...], list[str]]:
    images: list[ImageFile] = []
    notes: list[str] = []
    for label, name in enumerate(classes):
        class_folder = split_folder / name
        if not class_folder.is_dir():
            continue
        nested = 0
        for entry in _entries(class_folder):
            if _is_folder(entry):
                nested += 1
            elif _is_image_name(entry.name):
                images.append(_image_file(entry, f"{split_folder.name}/{name}/{entry.name}", label))
        if nested:
            notes.append(
                f"{shown(f'{split_folder.name}/{name}')} has {nested} folder(s) inside, which are not entered: "
                "only images directly in a class folder are used."
            )
    return tuple(images), notes


def _image_file(entry: os.DirEntry[str], path: str, label: int) -> ImageFile:
    try:
        found = entry.stat()
    except OSError:
        # A dangling link stays in the listing, so that it is named and counted as unreadable.
        return ImageFile(path, label, size=-1, mtime_ns=0)
    if not stat.S_ISREG(found.st_mode):
        return ImageFile(path, label, size=-1, mtime_ns=0)
    return ImageFile(path, label, found.st_size, found.st_mtime_ns)


def _absent_notes(val: tuple[ImageFile, ...], val_folder: Path, classes: tuple[str, ...]) -> list[str]:
    present = {image.label for image in val}
    absent = [name for label, name in enumerate(classes) if label not in present]
    if not absent:
        return []
    return [
        f"{shown(val_folder.name)} has no images of {len(absent)} of {len(classes)} classes: {_few(tuple(absent))}."
    ]


def _few(names: tuple[str, ...]) -> str:
    listed = ", ".join(shown(name) for name in names[:5])
    return listed if len(names) <= 5 else f"{listed} and {len(names) - 5} more"
