"""The arithmetic of windows against a count of every window, one by one."""

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from netspec.windows import Padding, output_size, pads
from tests.ops.mutations import WrongVersions

AXES = {"size": st.integers(1, 40), "window": st.integers(1, 9), "stride": st.integers(1, 7)}


def count(size: int, window: int, stride: int) -> int:
    """How many windows lie wholly inside `size` rows, counted."""
    return sum(1 for start in range(0, size, stride) if start + window <= size)


@given(**AXES, padding=st.sampled_from(get_args(Padding)))
def test_the_output_is_as_many_windows_as_lie_in_the_padded_axis(
    size: int, window: int, stride: int, padding: Padding
) -> None:
    low, high = pads(size, window, stride, padding)
    assert min(low, high) >= 0
    assert max(output_size(size, window, stride, padding), 0) == count(low + size + high, window, stride)


@given(**AXES)
def test_same_gives_one_window_for_each_stride_and_pads_no_more_than_it_must(
    size: int, window: int, stride: int
) -> None:
    expected = sum(1 for _ in range(0, size, stride))
    low, high = pads(size, window, stride, "same")
    assert output_size(size, window, stride, "same") == expected
    assert 0 <= high - low <= 1
    fewest = next(total for total in range(size + window) if count(size + total, window, stride) >= expected)
    assert low + high == fewest


@given(**AXES)
def test_symmetric_pads_both_sides_as_torch_does(size: int, window: int, stride: int) -> None:
    padding = (window - 1) // 2
    assert pads(size, window, stride, "symmetric") == (padding, padding)
    # torch.nn.Conv2d: floor((H + 2p - (k - 1) - 1) / s + 1)
    assert output_size(size, window, stride, "symmetric") == (size + 2 * padding - (window - 1) - 1) // stride + 1


@given(**AXES)
def test_valid_pads_nothing(size: int, window: int, stride: int) -> None:
    assert pads(size, window, stride, "valid") == (0, 0)


def test_the_stem_of_mobilenet_pads_high_with_same_and_both_sides_with_symmetric() -> None:
    assert pads(224, 3, 2, "same") == (0, 1)
    assert pads(224, 3, 2, "symmetric") == (1, 1)
    assert output_size(224, 3, 2, "same") == output_size(224, 3, 2, "symmetric") == 112
    assert output_size(224, 7, 2, "symmetric") == 112
    assert output_size(224, 3, 2, "valid") == 111


class TestWindows(WrongVersions):
    module = "netspec.windows"
    wrong = {
        "same: the odd row before": ("return total // 2, total - total // 2", "return total - total // 2, total // 2"),
        "same: one row after too many": ("return total // 2, total - total // 2", "return total // 2, total // 2 + 1"),
        "symmetric: an even window's odd row": (
            "return (window - 1) // 2, (window - 1) // 2",
            "return window // 2, (window - 1) // 2",
        ),
        "same: one window too few where the stride does not divide": (
            "return -(-size // stride)",
            "return size // stride",
        ),
    }
