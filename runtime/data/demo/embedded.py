"""An image folder that the project draws itself, so that a network can be trained where no photographs are at hand.

Ten classes of shapes, 96 training and 32 validation pictures each, 256 x 256 JPEGs, laid out like any image folder.
Every picture follows from its class, split and number: the same files everywhere, for the same Pillow and NumPy.
"""

import io
import os
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from netspec.errors import FileError
from netspec.text import shown
from runtime.data.demo.scene import draw_scene
from runtime.data.demo.shapes import SHAPES
from runtime.system import cache, files
from runtime.system.cpus import usable_cpus
from runtime.system.paths import embedded_images

# A new number for every change of the pictures: results are only comparable on the same ones.
SET_VERSION = 1
CLASSES = tuple(SHAPES)
PICTURES_PER_CLASS = {"train": 96, "val": 32}
PICTURES = len(CLASSES) * sum(PICTURES_PER_CLASS.values())

_SEED = 20180113
_QUALITY = 85
_CHECKSUMS = "checksums.json"  # CRC-32 of each picture's file, by its path

Say = Callable[[str], None]


def embedded_folder(report: Say, progress: Callable[[int, int], None]) -> Path:
    """The folder of the embedded image set, `train/<class>/*.jpg` and `val/<class>/*.jpg`; drawn the first time.

    Args:
        report: takes a sentence for a person when the pictures are drawn.
        progress: called with (pictures done, pictures in all) as they are drawn.

    Raises:
        InputError: the pictures cannot be written.
    """
    root = embedded_images()
    folder = root / f"v{SET_VERSION}"
    with cache.locked(folder.name, root, report, "Another run is drawing the embedded image set; waiting for it."):
        if _is_intact(folder, report):
            return folder
        cache.check_writable(root, "the embedded image set")
        report(f"Drawing the embedded image set, {PICTURES} pictures.")
        _draw_all(root, folder, progress)
    return folder


def _is_intact(folder: Path, report: Say) -> bool:
    """Whether every picture of a set is unchanged; if not, that is reported, unless there is no set."""
    if not os.path.lexists(folder):
        return False
    cache.check_owner(folder.parent)
    drawn = cache.fetch_json(folder / _CHECKSUMS, lambda text: None)  # reported below, whatever is damaged
    intact = bool(drawn == {path: _checksum(folder / path) for path, _ in _pictures()})
    if not intact:
        report(f"{shown(folder)}: the embedded image set is not as it was drawn; it is drawn anew")
    return intact


def _checksum(path: Path) -> int | None:
    try:
        return zlib.crc32(files.read_whole(path))
    except FileError:
        return None


def _pictures() -> list[tuple[str, tuple[int, int, int]]]:
    """Every picture's path, and its (split, class, number)."""
    return [
        (f"{split}/{name}/{name}_{number:03}.jpg", (split_index, label, number))
        for split_index, (split, count) in enumerate(PICTURES_PER_CLASS.items())
        for label, name in enumerate(CLASSES)
        for number in range(count)
    ]


def _draw_all(root: Path, folder: Path, progress: Callable[[int, int], None]) -> None:
    with files.workspace(cache.folder(root), ".partial") as partial:
        for split in PICTURES_PER_CLASS:
            for name in CLASSES:
                files.make_folder(partial / split / name)
        with ThreadPoolExecutor(usable_cpus(), "netspec-draw") as pool:
            try:
                drawn = pool.map(lambda picture: _draw(partial / picture[0], picture[1]), _pictures())
                checksums = {}
                for done, ((path, _), checksum) in enumerate(zip(_pictures(), drawn, strict=True), 1):
                    checksums[path] = checksum
                    progress(done, PICTURES)
            finally:
                pool.shutdown(cancel_futures=True)
        cache.keep_json(partial / _CHECKSUMS, checksums)
        files.remove(folder)
        with files.errors_about(folder, "written"):
            partial.rename(folder)


def _draw(path: Path, picture: tuple[int, int, int]) -> int:
    """Draw a picture into a new file; its checksum."""
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(_SEED, spawn_key=picture)))
    encoded = io.BytesIO()
    draw_scene(CLASSES[picture[1]], random).save(encoded, "JPEG", quality=_QUALITY)
    # Not synced one by one, which takes longer than drawing: a checksum shows what a power failure loses.
    with files.errors_about(path, "written"):
        path.write_bytes(encoded.getvalue())
    return zlib.crc32(encoded.getvalue())
