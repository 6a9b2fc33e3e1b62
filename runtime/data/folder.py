"""The listing of an image folder, `DIR/{train,val}/<class>/<image>`. Only names, sizes and times are read here.

* The training folder is `train` or `training`; the validation folder is the first that is there of `val`, `valid` and
  `validation`. Only where there is none of them is it `test` or `testing`. Capitals do not matter.
* A class is a folder directly inside the training folder; classes are numbered in the sorted order of their names.
  Names are compared as Unicode means them (NFC) and without blanks around them: systems spell one name differently.
* An image is a file directly inside a class folder whose name ends as those of images do (`runtime.data.formats`).
  Folders inside a class folder are not entered (a note says so): they may be classes of their own or not, which only
  the user knows. So no walk is deeper than two levels, and a loop of links cannot hang it.
* Links to folders and to files are followed. Hidden entries are ignored, other files too: a note counts these.
"""

import os
import stat
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from netspec.errors import InputError
from netspec.text import shown
from runtime.data.formats import COMMON, IMAGE_ENDINGS, ending_of

TRAIN_NAMES = ("train", "training")
VALIDATION_NAMES = ("val", "valid", "validation")
# For a final measurement of a finished network: used for validation only where there is nothing else.
TEST_NAMES = ("test", "testing")
LAYOUT = "expected DIR/train/<class>/*.jpg and DIR/val/<class>/*.jpg"


def is_within_classes(path: Path, root: Path) -> bool:
    """Whether a path lies in one of an image folder's training, validation or test folders, or is one."""
    below = Path(os.path.realpath(path))
    return any(
        below.is_relative_to(os.path.realpath(root / name)) for name in (*TRAIN_NAMES, *VALIDATION_NAMES, *TEST_NAMES)
    )


@dataclass(frozen=True)
class ImageFile:
    """One image of the listing.

    Attributes:
        path: relative to the folder, with forward slashes.
        label: index into the classes.
        size: bytes; -1 where it is not a regular file, or its status cannot be read.
        mtime_ns: time of the last change, nanoseconds; 0 where `size` is -1.
        identity: inode, and time of the last change of any kind, nanoseconds. They distinguish a file from another of
            the same size and time that was moved to its path.
    """

    path: str
    label: int
    size: int
    mtime_ns: int
    identity: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class FolderListing:
    """An image folder: every image by class, then by name.

    Attributes:
        root: the folder, absolute, links resolved.
        classes: sorted names of the class folders of the training folder.
        train: at least one image of every class; none where they were not requested.
        val: at least one image.
        notes: sentences for the user that are not errors.
    """

    root: Path
    classes: tuple[str, ...]
    train: tuple[ImageFile, ...]
    val: tuple[ImageFile, ...]
    notes: tuple[str, ...]


def scan_folder(folder: Path, *, training: bool = True) -> FolderListing:
    """List the images of `folder`; without `training`, of its validation folder alone, whose classes it then has.

    Raises:
        InputError: there is no such folder, it cannot be listed, or it is not laid out as described above.
    """
    root = _root(folder)
    notes = _Notes()
    names = [entry.name for entry in _entries(root) if _is_folder(entry)]
    train_folder = root / _training_folder(root, names, notes) if training else None
    val_folder = root / _validation_folder(root, names, notes)
    val_folders = _class_folders(val_folder)
    train_folders = val_folders
    if train_folder is not None:
        train_folders = _class_folders(train_folder)
        _check_classes(train_folders, train_folder)
    labels = {comparable(spellings[0]): label for label, spellings in enumerate(train_folders)}
    classes = tuple(spellings[0] for spellings in train_folders)
    _check_validation_classes(val_folders, val_folder, classes, labels)
    _note_spellings(train_folders, val_folders, labels, classes, notes)

    train: tuple[ImageFile, ...] = ()
    if train_folder is not None:
        train = _images(train_folder, train_folders, labels, notes)
        _check_every_class_has_images(train, train_folder, classes)
    val = _images(val_folder, val_folders, labels, notes)
    if not val:
        raise InputError(
            f"The validation folder {shown(val_folder)} holds no images; expected image files ({COMMON}) in <class> "
            "folders. Move some images of each class there."
        )
    _note_absent(val, val_folder, classes, notes)
    return FolderListing(root, classes, train, val, notes.sentences())


def _root(folder: Path) -> Path:
    try:
        status = folder.stat()
    except FileNotFoundError:
        raise InputError(f"The image folder {shown(folder)} does not exist; {LAYOUT}. Check the path.") from None
    except OSError as wrong:
        raise InputError(
            f"The image folder {shown(folder)} cannot be read ({wrong.strerror}); check the path."
        ) from None
    if not stat.S_ISDIR(status.st_mode):
        raise InputError(f"{shown(folder)} is a file, not an image folder; {LAYOUT}. Give the folder that holds train.")
    return folder.resolve()


def comparable(name: str) -> str:
    """A class's name for comparison: in Unicode's composed form, without blanks around it."""
    return unicodedata.normalize("NFC", name).strip()


@dataclass
class _Notes:
    """Collects notes on a folder that is used all the same."""

    said: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)  # paths of files whose names are not those of images
    loose: list[str] = field(default_factory=list)  # paths of images outside class folders

    def sentences(self) -> tuple[str, ...]:
        sentences = list(self.said)
        if self.loose:
            sentences.append(
                f"{len(self.loose)} image(s) lie in no class folder and are left out; the first is "
                f"{shown(self.loose[0])}."
            )
        if self.left_out:
            endings = Counter(shown(ending_of(path.rpartition("/")[2]) or "none", 20) for path in self.left_out)
            counted = _few([f"{ending} ({count})" for ending, count in endings.most_common()])
            sentences.append(
                f"{len(self.left_out)} file(s) are left out, as their names do not end like an image's: {counted}; the "
                f"first is {shown(self.left_out[0])}."
            )
        return tuple(sentences)


# The folders of a split


def _training_folder(root: Path, names: list[str], notes: _Notes) -> str:
    folders = _called(TRAIN_NAMES, names)
    if not folders:
        raise InputError(
            f"The image folder {shown(root)} has no folder named train (or training); {LAYOUT}. "
            "Put the training images there, one folder a class."
        )
    if len(folders) > 1:
        notes.said.append(f"Training uses the images in {shown(folders[0])}; {_few(folders[1:])} is left alone.")
    return folders[0]


def _validation_folder(root: Path, names: list[str], notes: _Notes) -> str:
    val, test = _called(VALIDATION_NAMES, names), _called(TEST_NAMES, names)
    if not (val or test):
        raise InputError(
            f"The image folder {shown(root)} has no validation folder; looked for "
            f"{', '.join(VALIDATION_NAMES + TEST_NAMES)}. Make a folder val beside train with the same class folders, "
            "and move a part of the images of each class there: a fifth, say."
        )
    if not val:
        notes.said.append(
            f"Validation uses the images in {shown(test[0])}: there is no folder {', '.join(VALIDATION_NAMES)}. What "
            "is chosen by these images is not measured by them any more."
        )
        return test[0]
    rest = [*val[1:], *test]
    if val[0] != VALIDATION_NAMES[0] or len(val) > 1:
        left = f"; {_few(rest)} is left alone" if rest else ""
        notes.said.append(f"Validation uses the images in {shown(val[0])}{left}.")
    return val[0]


def _called(wanted: tuple[str, ...], names: list[str]) -> list[str]:
    """Those of `names` that are one of `wanted`, in the order of `wanted`; exact capitals come first."""
    return [name for one in wanted for name in sorted(names, key=lambda name: name != one) if name.lower() == one]


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """The entries of `folder` that are not hidden, sorted by name."""
    try:
        with os.scandir(folder) as entries:
            return sorted((entry for entry in entries if not entry.name.startswith(".")), key=lambda entry: entry.name)
    except OSError as error:
        raise InputError(
            f"The folder {shown(folder)} cannot be listed ({error.strerror}); check its permissions."
        ) from error


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        # A link that leads to itself, or to where this user may not look: not a folder that can be entered.
        return False


def _class_folders(split_folder: Path) -> list[list[str]]:
    """The folder names of every class, sorted; folders of one class have the same `comparable` name."""
    classes: dict[str, list[str]] = {}
    for entry in _entries(split_folder):
        if _is_folder(entry):
            classes.setdefault(comparable(entry.name), []).append(entry.name)
    return list(classes.values())


def _check_classes(folders: list[list[str]], train_folder: Path) -> None:
    if not folders:
        raise InputError(
            f"The training folder {shown(train_folder)} has no class folders; expected one folder a class with its "
            "images inside. Sort the images into folders named after their classes."
        )
    if len(folders) < 2:
        raise InputError(
            f"The training folder {shown(train_folder)} has 1 class ({shown(folders[0][0])}); expected at least 2. "
            "Add a folder for each further class."
        )


def _check_validation_classes(
    folders: list[list[str]], val_folder: Path, classes: tuple[str, ...], labels: dict[str, int]
) -> None:
    unknown = [names[0] for names in folders if comparable(names[0]) not in labels]
    if unknown:
        raise InputError(
            f"The validation folder {shown(val_folder)} has the class {shown(unknown[0])}, which train lacks; expected "
            f"only classes of train ({_few(classes)}). Rename or remove it, or add it to train."
        )


def _note_spellings(
    train: list[list[str]], val: list[list[str]], labels: dict[str, int], classes: tuple[str, ...], notes: _Notes
) -> None:
    """Note the classes whose folders' names are spelled in more than one way."""
    spellings = [set(names) for names in train]
    for names in val:
        spellings[labels[comparable(names[0])]].update(names)
    several = [ascii(classes[label]) for label, names in enumerate(spellings) if len(names) > 1]
    if several:
        notes.said.append(
            f"The folders of {len(several)} class(es) spell its name in more than one way (blanks around it, composed "
            f"letters or not), and are taken for the same: {_few(several)}."
        )


def _check_every_class_has_images(images: tuple[ImageFile, ...], train_folder: Path, classes: tuple[str, ...]) -> None:
    if not images:
        raise InputError(
            f"The training folder {shown(train_folder)} holds no images; expected image files ({COMMON}) "
            "directly inside its class folders. Put the images there."
        )
    present = {image.label for image in images}
    empty = [name for label, name in enumerate(classes) if label not in present]
    if empty:
        raise InputError(
            f"The class {shown(empty[0])} has no images in {shown(train_folder / empty[0])}; expected image files "
            f"({COMMON}) directly inside it. Add images or remove the folder."
        )


# The images in them


def _images(
    split_folder: Path, folders: list[list[str]], labels: dict[str, int], notes: _Notes
) -> tuple[ImageFile, ...]:
    for entry in _entries(split_folder):
        if not _is_folder(entry):
            kind = notes.loose if ending_of(entry.name) in IMAGE_ENDINGS else notes.left_out
            kind.append(f"{split_folder.name}/{entry.name}")
    labelled = ((labels[comparable(names[0])], name) for names in folders for name in names)
    return tuple(
        image
        for label, name in sorted(labelled)
        for image in _images_of_class(split_folder / name, f"{split_folder.name}/{name}", label, notes)
    )


def _images_of_class(class_folder: Path, path: str, label: int, notes: _Notes) -> Iterator[ImageFile]:
    nested = 0
    for entry in _entries(class_folder):
        if _is_folder(entry):
            nested += 1
        elif ending_of(entry.name) in IMAGE_ENDINGS:
            yield _image_file(entry, f"{path}/{entry.name}", label)
        else:
            notes.left_out.append(f"{path}/{entry.name}")
    if nested:
        notes.said.append(
            f"{shown(path)} has {nested} folder(s) inside, which are not entered: only images directly in a class "
            "folder are used."
        )


def _image_file(entry: os.DirEntry[str], path: str, label: int) -> ImageFile:
    try:
        status = entry.stat()
    except OSError:
        # A dangling or forbidden link stays in the listing, so that it is named and counted as unreadable.
        return ImageFile(path, label, size=-1, mtime_ns=0)
    if not stat.S_ISREG(status.st_mode):
        return ImageFile(path, label, size=-1, mtime_ns=0)
    return ImageFile(path, label, status.st_size, status.st_mtime_ns, (status.st_ino, status.st_ctime_ns))


def _note_absent(val: tuple[ImageFile, ...], val_folder: Path, classes: tuple[str, ...], notes: _Notes) -> None:
    present = {image.label for image in val}
    absent = [name for label, name in enumerate(classes) if label not in present]
    if absent:
        notes.said.append(
            f"{shown(val_folder.name)} has no images of {len(absent)} of {len(classes)} classes: {_few(absent)}."
        )


def _few(names: list[str] | tuple[str, ...]) -> str:
    listed = ", ".join(shown(name) for name in names[:5])
    return listed if len(names) <= 5 else f"{listed} and {len(names) - 5} more"
