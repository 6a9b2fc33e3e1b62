"""Random numbers that need no state: Threefry-2x32 with 20 rounds, a function of who draws and what for.

Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", section 3.3. A key of two words of 32 bits makes a
bijection of counters of two words. A round is an addition, a rotation and an exclusive or; before the first round, and
after every fourth one, two of the key's words are added, and the number of such additions. These are operations on
integers that no backend rounds or orders in its own way, so all give the same bits.

An op draws at two levels:

    the op's key    both words of Threefry(key = the seed's (low, high), counter = (step, number))
    a word          the first word of Threefry(key = the op's key, counter = (example, element))

| word | counts | from |
|---|---|---|
| seed | the recipe's, two words | the argument `seed` |
| step | the steps before this one | the state `step` |
| number | the ops of the graph that draw, in its order | the op's place, a constant |
| example | the images of the global batch | the argument `first_example`, and the row in this batch |
| element | the numbers of one example, in row-major order; 0 where an example has one draw | the shape |

Nothing is drawn twice. Under one seed the first level is a bijection, so no two steps, and no two ops of a step, have
one key; under one key no two elements of a batch have one counter, as each of the five is below 2³². An element's word
depends on its image's place in the global batch, however that is divided among processes or accumulated; and as the
step is state, a resumed run draws what the unbroken one does.
"""

from dataclasses import dataclass
from fractions import Fraction

from emit import hlo
from emit.hlo import Value
from emit.hlo.program import WORD
from emit.sums import scalar

Words = tuple[Value, Value]
BITS = 32
ROUNDS = 20
PARITY = 0x1BD11BDA
ROTATIONS = (13, 15, 26, 6, 17, 29, 16, 24)


def threefry(key: Words, counter: Words) -> Words:
    """The two words of each counter, in the counter's shape, under a key of two scalars."""
    return _rounds(_schedule(key), counter, ROUNDS)


def first_word(key: Words, counter: Words) -> Value:
    """The first of the two, without what the second alone needs."""
    schedule = _schedule(key)
    left, right = _rounds(schedule, counter, ROUNDS - 1)
    return _keyed(hlo.add(left, right, "left"), schedule[ROUNDS // 4 % 3])


def _schedule(key: Words) -> tuple[Value, Value, Value]:
    """The key's words, and a third that depends on both."""
    both = hlo.bitwise_xor(*key, "key_both")
    return *key, hlo.bitwise_xor(both, scalar(PARITY, both), "key_third")


def _rounds(schedule: tuple[Value, Value, Value], counter: Words, rounds: int) -> Words:
    left, right = (_keyed(words, key) for words, key in zip(counter, schedule, strict=False))
    for number in range(1, rounds + 1):
        left = hlo.add(left, right, "left")
        right = hlo.bitwise_xor(_rotated(right, ROTATIONS[(number - 1) % 8]), left, "right")
        if number % 4 == 0:
            addition = number // 4
            second = schedule[(addition + 1) % 3]
            second = hlo.add(second, scalar(addition, second), "key_counted")
            left, right = _keyed(left, schedule[addition % 3]), _keyed(right, second)
    return left, right


def _keyed(words: Value, key: Value) -> Value:
    return hlo.add(words, hlo.broadcast(key, words.shape, (), "key") if words.shape else key, "keyed")


def _rotated(words: Value, by: int) -> Value:
    """The bits moved up, those that leave coming back below."""
    up = hlo.shift_left(words, scalar(by, words), "up")
    return hlo.bitwise_or(up, hlo.shift_right(words, scalar(BITS - by, words), "down"), "rotated")


@dataclass(frozen=True)
class Random:
    """Where one op of a program draws from.

    Args:
        seed: `[2]` words, the low one first.
        step: i32, the steps before this one.
        first_example: i32, the place of the batch's first example in the global batch.
        number: the op's place among those of the graph that draw.
    """

    seed: Value
    step: Value
    first_example: Value
    number: int

    def keeps(self, share: Fraction, examples: int, elements: int = 1) -> Value:
        """Truth values `[examples, elements]`, true with a probability of `share`, to within 2⁻³².

        A word is below share · 2³²: a comparison of integers, so that no rounding decides.
        """
        words = self.words(examples, elements)
        bound = min(max(round(share * 2**BITS), 1), 2**BITS - 1)
        return hlo.compare(words, "LT", scalar(bound, words), "keeps")

    def words(self, examples: int, elements: int) -> Value:
        """A word for each element of each example, `[examples, elements]`.

        The element is the index of an axis of its own: from one of each axis of an image, IREE's CPU compiler (3.13.0)
        would go through one long index and divide it up again, which takes longer than the rounds.
        """
        low, high = (_word(self.seed, index) for index in range(2))
        step = hlo.convert(self.step, WORD, "step")
        key = threefry((low, high), (step, scalar(self.number, step)))
        first = hlo.convert(self.first_example, WORD, "first_example")
        first = hlo.broadcast(first, (examples, elements), (), "first_example")
        row, element = (hlo.convert(hlo.iota(first, axis, name), WORD, name) for axis, name in enumerate(_AXES))
        return first_word(key, (hlo.add(first, row, "example"), element))


_AXES = ("row", "element")


def _word(words: Value, index: int) -> Value:
    """One of some words, as a scalar."""
    return hlo.reshape(hlo.slice_(words, (index,), (index + 1,), "word"), (), "word")
