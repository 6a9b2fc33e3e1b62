"""The generator: its published answers, the same bits everywhere, and wrong versions."""

import io
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emit import hlo
from emit.hlo import Block, Function, Module, Operation, Value
from emit.hlo.printer import module_text
from emit.hlo.program import WORD
from emit.manifest import Entry, Manifest
from emit.program import Landmarks, Program
from emit.random import Random, first_word, threefry
from runtime.compiler.compile import compile_programs
from runtime.compiler.target import target
from runtime.engine.iree import Device
from runtime.engine.session import random_sources
from runtime.report import Report
from runtime.verify.numbers import call
from runtime.verify.random import Draws
from runtime.verify.random import threefry as defined
from runtime.verify.reference import Reference
from tests import masks
from tests.emit import interpreter
from tests.ops.mutations import WrongVersions

# Known answers that were published with the paper, in Random123's `kat_vectors`: key, counter, words.
KNOWN = (
    ((0x00000000, 0x00000000), (0x00000000, 0x00000000), (0x6B200159, 0x99BA4EFE)),
    ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x1CB996FC, 0xBB002BE7)),
    ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
)
SHARE = Fraction(4, 5)
SEED = 0x0123456789ABCDEF
Bits = NDArray[Any]


def words_of(key: tuple[int, int], counter: tuple[int, int]) -> list[int]:
    """Both words of one counter, and the first one alone, by the reference interpreter."""
    block = Block()
    arguments = k0, k1, c0, c1 = [block.argument(name, (), WORD) for name in ("k0", "k1", "c0", "c1")]
    results = (*threefry((k0, k1), (c0, c1)), first_word((k0, k1), (c0, c1)))
    function = Function("main", tuple(arguments), tuple(block.operations), results)
    text = module_text(Module("main", (), (function,)))
    return [int(word) for word in interpreter.run(text, [np.array(word, np.uint32) for word in (*key, *counter)])]


@pytest.mark.parametrize(("key", "counter", "words"), KNOWN)
def test_the_generator_gives_the_published_answers(
    key: tuple[int, int], counter: tuple[int, int], words: tuple[int, int]
) -> None:
    assert words_of(key, counter) == [*words, words[0]]
    assert [int(word[0]) for word in defined(key, *counter)] == [*words]
    assert [int(word) for word in masks.threefry(key, *counter)] == [*words]


# --- the same bits everywhere -----------------------------------------------------------------------------------------


def program(examples: int, elements: int, numbers: Sequence[int] = (0,)) -> Program:
    """(seed, step, first example) → for each number, the words and what is kept, 0 or 1, `[examples, elements]`."""
    block = Block()
    sources = block.argument("seed", (2,), WORD), block.argument("step", (), "i32")
    first = block.argument("first_example", (), "i32")
    results: list[Value] = []
    for number in numbers:
        random = Random(*sources, first, number)
        keeps = random.keeps(SHARE, examples, elements)
        results += [random.words(examples, elements), hlo.convert(keeps, "i32", "kept")]
    function = Function("main", (*sources, first), tuple(block.operations), tuple(results))
    module = Module("main", (), (function,))
    entries = tuple(Entry(value.name, "seed", value.shape, value.dtype) for value in function.arguments)
    outputs = tuple(Entry(value.name, "parameter", value.shape, value.dtype) for value in results)
    return Program(module, module_text(module), Manifest("main", "main", entries, outputs), Landmarks({}))


def arguments(step: int = 7, seed: int = SEED, first_example: int = 0) -> dict[str, Bits]:
    return {"step": np.array(step, np.int32), **random_sources(seed, first_example)}


def interpreted(made: Program, given: dict[str, Bits]) -> list[Bits]:
    return interpreter.run(made.text, [given[entry.name] for entry in made.manifest.arguments])


def kept(examples: int = 6, elements: int = 40, number: int = 0, **changed: int) -> Bits:
    """What is kept, by the reference interpreter."""
    return interpreted(program(examples, elements, (number,)), arguments(**changed))[1]


@pytest.mark.ordinary
def test_iree_xla_and_the_interpreter_keep_the_same_bit_by_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the definition of the verifier, and of JAX; more elements than a vector has, and not a multiple of it."""
    monkeypatch.setenv("NETSPEC_CACHE", str(tmp_path))
    examples, elements, numbers = 5, 333, (0, 2)
    made, cpu = program(examples, elements, numbers), target("cpu")
    (compiled,) = compile_programs([made], cpu, Report(live=False, stream=io.StringIO()))
    for given in (arguments(), arguments(2**31 - 1, 2**63 - 1, 2**31 - 4)):
        low, high = (int(word) for word in given["seed"])
        step, first = int(given["step"]), int(given["first_example"])
        by_interpreter = interpreted(made, given)
        by_xla = list(Reference(made.module.functions[0])(given).values())
        by_iree = call(Device(cpu), compiled, made.manifest, given)
        expected: list[Bits] = []
        for number in numbers:
            words = masks.words((low, high), step, first, number, examples, elements)
            expected += [words, masks.kept(words, SHARE)]
            defined = Draws((low, high), step, first, number).keeps(SHARE, examples, elements)
            assert np.array_equal(defined, expected[-1])
        for found in (by_interpreter, by_xla, by_iree):
            assert all(np.array_equal(one, other) for one, other in zip(found, expected, strict=True))


# --- who draws what ---------------------------------------------------------------------------------------------------


@pytest.mark.ordinary
def test_the_share_that_is_kept_is_the_one_asked_for() -> None:
    kept_share = kept(100, 200).mean()
    assert abs(kept_share - float(SHARE)) < 4 * (float(SHARE * (1 - SHARE)) / 20_000) ** 0.5


@pytest.mark.parametrize(("share", "bound"), [(Fraction(1, 10**12), 1), (1 - Fraction(1, 10**12), 2**32 - 1)])
def test_a_share_next_to_nothing_or_to_all_has_a_word_on_either_side(share: Fraction, bound: int) -> None:
    block = Block()
    first = block.argument("first_example", (), "i32")
    Random(block.argument("seed", (2,), WORD), block.argument("step", (), "i32"), first, 0).keeps(share, 2, 3)
    (compared,) = (op for op in block.body if isinstance(op, Operation) and op.opcode == "compare")
    producers = {op.results[0]: op for op in block.operations if isinstance(op, Operation)}
    assert producers[compared.operands[1]].attributes["value"] == bound


@pytest.mark.parametrize(
    "changed",
    [{"number": 1}, {"step": 8}, {"seed": SEED + 1}, {"seed": SEED + 2**32}, {"first_example": 6}],
    ids=["another op", "the next step", "another seed", "another seed by its high word", "the next images"],
)
def test_another_source_is_another_mask(changed: dict[str, int]) -> None:
    """Of 240 draws, as many agree as of independent ones."""
    agreeing = (kept() == kept(**changed)).mean()
    assert abs(agreeing - float(SHARE**2 + (1 - SHARE) ** 2)) < 0.15


@pytest.mark.ordinary
def test_no_two_examples_have_one_mask_and_no_two_elements_either() -> None:
    mask = kept(40, 40)
    assert len({row.tobytes() for row in mask}) == 40
    assert len({column.tobytes() for column in mask.T}) == 40


@pytest.mark.parametrize("size", [1, 2, 3])
def test_parts_of_a_batch_have_the_masks_of_the_whole(size: int) -> None:
    parts = [kept(size, first_example=first) for first in range(0, 6, size)]
    assert np.array_equal(np.concatenate(parts), kept(6))


@pytest.mark.ordinary
def test_no_word_of_a_small_run_is_drawn_twice() -> None:
    """Two steps, two ops, and a batch in two parts: as many different words as there are draws, or two less."""
    drawn = [
        interpreted(program(8, 50, (0, 1)), arguments(step, first_example=first))[::2]
        for step in (0, 1)
        for first in (0, 8)
    ]
    words = np.concatenate([each.ravel() for pair in drawn for each in pair])
    assert words.size == 2 * 2 * 2 * 400
    assert len(np.unique(words)) >= words.size - 2


# --- wrong versions ---------------------------------------------------------------------------------------------------


class TestRandom(WrongVersions):
    module = "emit.random"
    wrong = {
        "a rotation by another number": ("17, 29, 16, 24)", "17, 28, 16, 24)"),
        "the rotations in another order": ("(13, 15, 26, 6,", "(15, 13, 26, 6,"),
        "bits are shifted, not rotated": (
            'return hlo.bitwise_or(up, hlo.shift_right(words, scalar(BITS - by, words), "down"), "rotated")',
            "return up",
        ),
        "a rotation the other way": (
            "up = hlo.shift_left(words, scalar(by, words)",
            "up = hlo.shift_left(words, scalar(BITS - by, words)",
            "hlo.shift_right(words, scalar(BITS - by, words)",
            "hlo.shift_right(words, scalar(by, words)",
        ),
        "two rounds less": ("ROUNDS = 20", "ROUNDS = 18"),
        "another parity": ("PARITY = 0x1BD11BDA", "PARITY = 0x1BD11BDB"),
        "the key's words in another order": ("schedule[(addition + 1) % 3]", "schedule[(addition + 2) % 3]"),
        "additions of the key are not counted": ("scalar(addition, second)", "scalar(0, second)"),
        "an addition for the exclusive or": (
            'hlo.bitwise_xor(_rotated(right, ROTATIONS[(number - 1) % 8]), left, "right")',
            'hlo.add(_rotated(right, ROTATIONS[(number - 1) % 8]), left, "right")',
        ),
        "no step": ("threefry((low, high), (step, scalar(", "threefry((low, high), (scalar(0, step), scalar("),
        "no number": ("scalar(self.number, step)", "scalar(0, step)"),
        "step and number are added": (
            "(step, scalar(self.number, step))",
            "(hlo.add(step, scalar(self.number, step)), scalar(0, step))",
        ),
        "the low word of the seed twice": ("_word(self.seed, index) for index in", "_word(self.seed, 0) for index in"),
        "every part of a batch begins at the first image": (
            'hlo.add(first, row, "example"), element)',
            "row, element)",
        ),
        "one mask for all examples": ('hlo.add(first, row, "example"), element)', "first, element)"),
        "example and element are added": (
            '(hlo.add(first, row, "example"), element)',
            '(hlo.add(hlo.add(first, row, "example"), element), element)',
        ),
        "one draw for all elements": (
            'hlo.add(first, row, "example"), element)',
            'hlo.add(first, row, "example"), scalar(0, element))',
        ),
        "the share that is dropped is kept": ("round(share * 2**BITS)", "round((1 - share) * 2**BITS)"),
        "a share in 256ths": ("round(share * 2**BITS)", "round(share * 2**8) * 2**24"),
        "words are compared as signed": (
            'hlo.compare(words, "LT", scalar(bound, words), "keeps")',
            'hlo.compare(hlo.convert(words, "i32"), "LT", scalar(bound - 2**31, hlo.convert(words, "i32")), "keeps")',
        ),
    }
