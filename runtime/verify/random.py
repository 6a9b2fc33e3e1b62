"""What an op draws, written down a second time: from the definition of Threefry-2x32, in NumPy's wrapping words.

Nothing is shared with `emit.random`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emit.op import Op

Words = NDArray[np.uint32]
_TURNS = ((13, 15, 26, 6), (17, 29, 16, 24))


def threefry(key: tuple[int, int], first: Any, second: Any) -> tuple[Words, Words]:
    """The two words of each counter `(first, second)`: five times four rounds, and after each of those a key."""
    x, y = (np.atleast_1d(np.asarray(part, np.uint32)) for part in np.broadcast_arrays(first, second))
    k, l = (np.uint32(word) for word in key)  # noqa: E741
    keys = (k, l, k ^ l ^ np.uint32(0x1BD11BDA))
    x, y = x + keys[0], y + keys[1]
    for block in range(5):
        for turn in _TURNS[block % 2]:
            x = x + y
            y = x ^ (y << np.uint32(turn) | y >> np.uint32(32 - turn))
        x, y = x + keys[(block + 1) % 3], y + keys[(block + 2) % 3] + np.full(1, block + 1, np.uint32)
    return x, y


@dataclass(frozen=True)
class Draws:
    """What one op of a step draws from: the seed's words, low one first, and whole numbers."""

    seed: tuple[int, int]
    step: int
    first_example: int
    number: int

    def keeps(self, share: Fraction, examples: int, elements: int) -> NDArray[np.bool_]:
        """`[examples, elements]`: where the element's word is below the share of 2³²."""
        (key,), (other,) = threefry(self.seed, self.step, self.number)
        example = self.first_example + np.arange(examples, dtype=np.int64)[:, None]
        words, _ = threefry((int(key), int(other)), example, np.arange(elements)[None])
        return np.asarray(words < min(max(round(share * 2**32), 1), 2**32 - 1))


class Drawing:
    """What the ops of a network draw from, one after the other, in training.

    Args:
        numbers: a step's arguments by name.
    """

    def __init__(self, numbers: Mapping[str, Any]) -> None:
        self._numbers, self._count = numbers, 0

    def given(self, op: Op) -> dict[str, Draws]:
        """What the next op's definition takes beside its tensors: nothing, where it draws nothing."""
        if not op.draws or op.is_identity(training=True):
            return {}
        low, high = (int(word) for word in self._numbers["seed"])
        step, first = (int(self._numbers[name]) for name in ("step", "first_example"))
        self._count += 1
        return {"random": Draws((low, high), step, first, self._count - 1)}
