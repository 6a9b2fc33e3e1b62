"""Parts of training images from the files that these came from, at full resolution."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from netspec.errors import InputError
from netspec.text import shown
from runtime.data.decode import decode_file
from runtime.data.folder import ImageFile
from runtime.data.reading import Crop, Reading, UnreadableImageError

# A part of the image of an index, uint8 `[H, W, C]` of the network's size.
Original = Callable[[int, Crop], NDArray[np.uint8]]


@dataclass(frozen=True)
class Originals:
    """The files of a split, `Original`.

    Args:
        root: the image folder.
        files: by index, as they were listed.
        reading: of parts.
    """

    root: Path
    files: tuple[ImageFile, ...]
    reading: Reading

    def __call__(self, index: int, crop: Crop) -> NDArray[np.uint8]:
        """Raises InputError where the file is not what it was when it was listed, NetSpecError as `decode_file`."""
        file = self.files[index]
        path = self.root / file.path
        try:
            status = path.stat()
            if (status.st_size, status.st_mtime_ns) != (file.size, file.mtime_ns):
                raise self._lost(path, "it has been changed since")
            return decode_file(path, self.reading, crop)
        except OSError as problem:
            raise self._lost(path, problem.strerror or str(problem)) from None
        except UnreadableImageError as problem:
            raise self._lost(path, str(problem)) from None

    def _lost(self, path: Path, problem: str) -> InputError:
        return InputError(
            f"{shown(path)}: a part of it is cut out in every epoch (randomResizedCrop), and it is not the image any "
            f"more that it was when this run started ({problem}); put it back as it was and resume the run, or start a "
            "new one."
        )
