"""How tests read images."""

from netspec.preprocessing import Preprocessing
from runtime.data.reading import Reading


def at(height: int, width: int, channels: int = 3) -> Reading:
    """Files as they are kept: without margins."""
    return Reading(height, width, channels, Preprocessing(crop=1.0))
