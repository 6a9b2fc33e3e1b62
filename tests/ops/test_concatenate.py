"""Concatenate."""

import jax
import jax.numpy as jnp
import pytest

from emit.hlo import ShapeError
from emit.ops.concatenate import Concatenate
from tests.ops.harness import Case, OpTests


def joined(*inputs: jax.Array) -> jax.Array:
    return jnp.concatenate(inputs, 3)


def case(*channels: int, size: tuple[int, int, int] = (2, 3, 4)) -> Case:
    return Case(Concatenate(), tuple((*size, each) for each in channels), joined)


@pytest.mark.parametrize(
    ("shapes", "found"),
    [
        (((3, 4, 2),), r"\(3, 4, 2\)"),
        (((3, 4, 2), (3, 5, 2)), r"\(3, 4, 2\) and \(3, 5, 2\)"),
        (((3, 4, 2), (2,)), r"\(3, 4, 2\) and \(2,\)"),
        ((), "none"),
    ],
)
def test_one_input_or_inputs_of_several_sizes_are_refused(shapes: tuple[tuple[int, ...], ...], found: str) -> None:
    with pytest.raises(ShapeError, match=f"^concatenate: expected two or more inputs .* received {found}$"):
        Concatenate().shape(*shapes)


class TestConcatenate(OpTests):
    op = Concatenate
    numeric = [case(3, 5), case(1, 1, size=(1, 1, 1)), case(2, 1, 3), case(4, 4, 4, size=(1, 2, 3))]
    golden = numeric[2]
    invalid = {
        "inputs of two heights": {"y": (2, 2, 4, 1)},
        "inputs of two batches": {"z": (3, 3, 4, 3)},
        "a cotangent of more channels": {"dy": (2, 3, 4, 7)},
        "a cotangent of another size": {"dy": (2, 4, 4, 6)},
    }
    wrong = {
        "the last input first": ("hlo.concatenate(call.inputs, 3)", "hlo.concatenate(call.inputs[::-1], 3)"),
        "the first input alone, as often": (
            "hlo.concatenate(call.inputs, 3)",
            "hlo.concatenate(call.inputs[:1] * len(call.inputs), 3)",
        ),
        "along the width": ("hlo.concatenate(call.inputs, 3)", "hlo.concatenate(call.inputs, 2)"),
        "the first channels for each input": ("            first = last\n", ""),
        "the channels from the end": (
            "(0, 0, 0, first), (*y.shape[:3], last)",
            "(0, 0, 0, y.shape[3] - last), (*y.shape[:3], y.shape[3] - first)",
        ),
        "one channel too far": ("first = last", "first = last - 1"),
        "the last input gets no cotangent": (
            "zip(call.inputs, wanted, strict=True)",
            "zip(call.inputs, (*wanted[:-1], False), strict=True)",
        ),
        "cotangents doubled": (
            '(*y.shape[:3], last), "dx") if want',
            '(*y.shape[:3], last), "dx") if not want else hlo.slice_('
            'hlo.add(cotangent, cotangent), (0, 0, 0, first), (*y.shape[:3], last), "dx") if want',
        ),
    }
