"""The arithmetic of windows against a count of every window, one by one."""

from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from netspec.windows import Padding, extent, output_size, pads
from tests.ops.mutations import WrongVersions

AXES = {"size": st.integers(1, 40), "window": st.integers(1, 9), "stride": st.integers(1, 7)}
DILATION = st.integers(1, 5)


def count(size: int, window: int, stride: int, dilation: int = 1) -> int:
    """How many windows lie wholly inside `size` rows, counted by the places of each."""
    return sum(
        1
        for start in range(0, size, stride)
        if all(place < size for place in range(start, start + window * dilation, dilation))
    )


@given(**AXES, padding=st.sampled_from(get_args(Padding)), dilation=DILATION)
def test_the_output_is_as_many_windows_as_lie_in_the_padded_axis(
    size: int, window: int, stride: int, padding: Padding, dilation: int
) -> None:
    low, high = pads(size, window, stride, padding, dilation)
    assert min(low, high) >= 0
    fits = count(low + size + high, window, stride, dilation)
    assert max(output_size(size, window, stride, padding, dilation), 0) == fits


@given(**AXES, dilation=DILATION)
def test_same_gives_one_window_for_each_stride_and_pads_no_more_than_it_must(
    size: int, window: int, stride: int, dilation: int
) -> None:
    expected = sum(1 for _ in range(0, size, stride))
    low, high = pads(size, window, stride, "same", dilation)
    assert output_size(size, window, stride, "same", dilation) == expected
    assert 0 <= high - low <= 1
    most = size + window * dilation
    fewest = next(total for total in range(most) if count(size + total, window, stride, dilation) >= expected)
    assert low + high == fewest


@given(**AXES, dilation=DILATION)
def test_symmetric_pads_both_sides_as_torch_does(size: int, window: int, stride: int, dilation: int) -> None:
    padding = dilation * (window - 1) // 2
    assert pads(size, window, stride, "symmetric", dilation) == (padding, padding)
    # torch.nn.Conv2d: floor((H + 2p - d·(k - 1) - 1) / s + 1)
    expected = (size + 2 * padding - dilation * (window - 1) - 1) // stride + 1
    assert output_size(size, window, stride, "symmetric", dilation) == expected


@given(window=st.integers(1, 9), dilation=DILATION)
def test_a_window_extends_over_its_places_and_what_is_between_them(window: int, dilation: int) -> None:
    places = [dilation * i for i in range(window)]
    assert extent(window, dilation) == len(range(places[0], places[-1] + 1))
    assert extent(window) == window


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
            "return (across - 1) // 2, (across - 1)",
            "return across // 2, (across - 1)",
        ),
        "same: one window too few where the stride does not divide": (
            "return -(-size // stride)",
            "return size // stride",
        ),
        "dilated: a row between two places too few": (
            "(window - 1) * dilation + 1",
            "(window - 1) * dilation + (dilation == 1)",
        ),
        "dilated: same pads what the window alone would need": (
            "(windows - 1) * stride + across - size",
            "(windows - 1) * stride + window - size",
        ),
        "even: a row too many": ("else across - stride", "else across - 1"),
        "even: as same": (' if padding == "same" else across - stride', ""),
    }
