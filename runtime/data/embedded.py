"""An image folder that the project draws itself, so that a network can be trained where no photographs are at hand.

Ten classes of forms, 96 training and 32 validation pictures each, 256 x 256 JPEGs, laid out like any image folder.
Every picture follows from its class, split and number: the same files everywhere, for the same Pillow and NumPy.
"""

import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from netspec.errors import InputError
from runtime.cpus import usable_cpus
from runtime.data.scene import draw_scene
from runtime.data.shapes import SHAPES
from runtime.files import exclusive
from runtime.paths import embedded_images

# A new number for every change of the pictures: results are only comparable on the same ones.
SET_VERSION = 1
CLASSES = tuple(SHAPES)
PICTURES_PER_CLASS = {"train": 96, "val": 32}
PICTURES = len(CLASSES) * sum(PICTURES_PER_CLASS.values())

_SEED = 20180113
_QUALITY = 85
_PARTIAL = ".partial-"


def embedded_folder(report: Callable[[str], None], progress: Callable[[int, int], None]) -> Path:
    """The folder of the embedded image set, `train/<class>/*.jpg` and `val/<class>/*.jpg`; drawn the first time.

    Args:
        report: takes a sentence for a person when the pictures are drawn.
        progress: called with (pictures done, pictures in all) as they are drawn.

    Raises:
        InputError: the pictures cannot be written.
    """
    root = embedded_images()
    place = root / f"v{SET_VERSION}"
    try:
        root.mkdir(parents=True, exist_ok=True)
        with exclusive(root / "lock", lambda: report("Another run is drawing the embedded image set; waiting for it.")):
            # Whoever holds the lock knows that a temporary folder was left by a run that was killed.
            for leftover in root.glob(f"*{_PARTIAL}*"):
                shutil.rmtree(leftover)
            if place.exists() and not _is_whole(place):
                report("The embedded image set is damaged; it is drawn anew.")
                shutil.rmtree(place)
            if not place.exists():
                report(f"Drawing the embedded image set, {PICTURES} pictures.")
                _draw_all(root, place, progress)
    except OSError as error:
        raise InputError(
            f"The embedded image set cannot be written under {root} ({error.strerror or error}); make room there or "
            "check its permissions, or set NETSPEC_CACHE to another folder."
        ) from error
    return place


def _is_whole(place: Path) -> bool:
    return all((place / path).is_file() and (place / path).stat().st_size > 0 for path, _ in _pictures())


def _pictures() -> list[tuple[str, tuple[int, int, int]]]:
    """Every picture's path, and its (split, class, number)."""
    return [
        (f"{split}/{name}/{name}_{number:03}.jpg", (split_index, label, number))
        for split_index, (split, count) in enumerate(PICTURES_PER_CLASS.items())
        for label, name in enumerate(CLASSES)
        for number in range(count)
    ]


def _draw_all(root: Path, place: Path, progress: Callable[[int, int], None]) -> None:
    partial = Path(tempfile.mkdtemp(prefix=f"v{SET_VERSION}{_PARTIAL}", dir=root))
    try:
        for split in PICTURES_PER_CLASS:
            for name in CLASSES:
                (partial / split / name).mkdir(parents=True)
        with ThreadPoolExecutor(usable_cpus(), "netspec-draw") as pool:
            try:
                drawn = pool.map(lambda picture: _draw(partial / picture[0], picture[1]), _pictures())
                for done, _ in enumerate(drawn, 1):
                    progress(done, PICTURES)
            finally:
                pool.shutdown(cancel_futures=True)
        partial.rename(place)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _draw(path: Path, picture: tuple[int, int, int]) -> None:
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(_SEED, spawn_key=picture)))
    draw_scene(CLASSES[picture[1]], random).save(path, "JPEG", quality=_QUALITY)
