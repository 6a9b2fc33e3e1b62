"""What a training step draws, a second time: by JAX's own Threefry.

Salmon et al. 2011, section 3.3. The key of an op that draws is Threefry of (step, number of the op) under the seed's
two words, lowest first; the word of an element of an example is the first of Threefry of (example, element) under that
key. A number is kept where its word is below the share that is kept, of 2³².
"""

from collections.abc import Sequence
from fractions import Fraction
from math import prod
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.random import threefry_2x32


class Draws(NamedTuple):
    """The draws of one step. `seed`: two words; the others are words too."""

    seed: jax.Array
    step: jax.Array
    first_example: jax.Array

    @classmethod
    def of(cls, seed: int, step: int, first_example: int) -> "Draws":
        """Of a recipe's seed, the steps before this one, and the place of the first image in the global batch."""
        words = jnp.array([seed % 2**32, seed >> 32], jnp.uint32)
        return cls(words, jnp.uint32(step), jnp.uint32(first_example))

    def keeps(self, number: int, rate: float, shape: Sequence[int]) -> jax.Array:
        """Truth values `[N, ...]` of the op of a number: false with a probability of `rate`."""
        key = threefry_2x32(self.seed, jnp.stack([self.step, jnp.uint32(number)]))
        rows, elements = np.indices((shape[0], prod(shape[1:])), np.uint32).reshape(2, -1)
        words, _ = jnp.split(threefry_2x32(key, jnp.concatenate([self.first_example + rows, elements])), 2)
        share = 1 - Fraction(str(rate))
        kept: jax.Array = words < np.uint32(min(max(round(share * 2**32), 1), 2**32 - 1))
        return kept.reshape(tuple(shape))
