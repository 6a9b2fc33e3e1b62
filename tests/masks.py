"""What is kept and dropped, by JAX's own Threefry: a third definition, for the oracles of ops that draw."""

from fractions import Fraction

import numpy as np
from jax.extend.random import threefry_2x32
from numpy.typing import ArrayLike, NDArray


def threefry(key: tuple[int, int], first: ArrayLike, second: ArrayLike) -> tuple[NDArray[np.uint32], ...]:
    """Both words of each counter; JAX takes the counters' first words, then their second ones."""
    counters = np.stack(np.broadcast_arrays(first, second)).astype(np.uint32)
    both = np.asarray(threefry_2x32((np.uint32(key[0]), np.uint32(key[1])), counters.ravel()))
    return tuple(both.reshape(counters.shape))


def words(
    seed: tuple[int, int], step: int, first_example: int, number: int, examples: int, elements: int
) -> NDArray[np.uint32]:
    """The word of each element of each example, `[examples, elements]`."""
    low, high = threefry(seed, step, number)
    rows = first_example + np.arange(examples)[:, None]
    return threefry((int(low), int(high)), rows, np.arange(elements)[None])[0]


def kept(found: NDArray[np.uint32], share: Fraction) -> NDArray[np.bool_]:
    """Where a word is below the share of 2³²."""
    return found < round(share * 2**32)
