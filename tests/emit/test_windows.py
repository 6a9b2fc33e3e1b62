"""Wrong versions of windows over an image, and windows that are refused."""

import pytest

from emit.hlo import ShapeError
from emit.windows import Window
from tests.ops.mutations import WrongVersions


@pytest.mark.parametrize(("size", "stride", "dilation"), [(3, 2, 2), (1, 1, 2), (3, 1, 0), (3, 1, -1)])
def test_a_dilation_that_has_no_meaning_or_no_derivation_is_refused(size: int, stride: int, dilation: int) -> None:
    with pytest.raises(ShapeError, match=f"received dilation {dilation} of {size}×{size} by {stride}"):
        Window(size, stride, "same", dilation)


class TestWindows(WrongVersions):
    module = "emit.windows"
    wrong = {
        "pads of rows and columns swapped": (
            "            pads(height, self.size, self.stride, self.padding, self.dilation),\n"
            "            pads(width, self.size, self.stride, self.padding, self.dilation),",
            "            pads(width, self.size, self.stride, self.padding, self.dilation),\n"
            "            pads(height, self.size, self.stride, self.padding, self.dilation),",
        ),
        "sizes of rows and columns swapped": (
            "            output_size(height, self.size, self.stride, self.padding, self.dilation),\n"
            "            output_size(width, self.size, self.stride, self.padding, self.dilation),",
            "            output_size(width, self.size, self.stride, self.padding, self.dilation),\n"
            "            output_size(height, self.size, self.stride, self.padding, self.dilation),",
        ),
        "tight pads swap before and after": (
            "result.append((low, self.extent - size - low if count == 1 else high))",
            "result.append((self.extent - size - low if count == 1 else high, low))",
        ),
        "tight pads one row off": (
            "result.append((low, self.extent - size - low if count == 1 else high))",
            "result.append((low + 1, (self.extent - size - low if count == 1 else high) - 1))",
        ),
        "a single window cuts off one row too many, before": (
            "result.append((low, self.extent - size - low if count == 1 else high))",
            "result.append((low - (size > self.extent), self.extent - size - low + (size > self.extent)) "
            "if count == 1 else (low, high))",
        ),
        "transposed pads one row off": (
            "result.append((self.extent - 1 - low, size + low - 1 - (count - 1) * self.stride))",
            "result.append((self.size - low, size + low - 2 - (count - 1) * self.stride))",
        ),
        "transposed pads one too many, after": (
            "size + low - 1 - (count - 1) * self.stride))",
            "size + low - (count - 1) * self.stride))",
        ),
        "transposed pads one too few, before": ("(self.extent - 1 - low, size", "(self.extent - 2 - low, size"),
        "transposed pads count the padding after": (
            '`height` come out.\n        """\n        result = []\n        for size, (low, _), count',
            '`height` come out.\n        """\n        result = []\n        for size, (_, low), count',
        ),
        "transposed pads forget the padding": (
            "result.append((self.extent - 1 - low, size + low - 1 - (count - 1) * self.stride))",
            "result.append((self.size - 1, size - 1 - (count - 1) * self.stride))",
        ),
        "readers: the last is a row early": ("last, rows = -(-low // self.stride)", "last, rows = low // self.stride"),
        "readers: zeros before as behind": (
            "(places - 1 - last, rows + last - count)",
            "(rows + last - count, places - 1 - last)",
        ),
        "readers: zeros one row off": (
            "(places - 1 - last, rows + last - count)",
            "(places - last, rows + last - count - 1)",
        ),
        "readers count the padding after": (
            'below i = 0 out.\n        """\n        result = []\n        for size, (low, _), count',
            'below i = 0 out.\n        """\n        result = []\n        for size, (_, low), count',
        ),
        "transposed phases begin at the image's own row": (
            "first = (phase + low) % self.stride",
            "first = phase % self.stride",
        ),
        "transposed phases: a row of the kernel too few": (
            "taps = len(range(first, self.size, self.stride))",
            "taps = max(len(range(first, self.size, self.stride)) - 1, 1)",
        ),
        "transposed phases: none is shifted": (
            "earlier = (phase + low - first) // self.stride",
            "earlier = 0",
        ),
        "transposed phases: the pads change sides": (
            "return taps - 1 - self.earlier, self.after",
            "return self.after, taps - 1 - self.earlier",
        ),
        "images: a place's columns are the first's": (
            "(0, 0, left, 0), (batch, rows, left + width, channels)",
            "(0, 0, 0, 0), (batch, rows, width, channels)",
        ),
        "images: a place's rows are the first's": (
            "(0, i * step, 0), (batch, i * step + length, channels)",
            "(0, 0, 0), (batch, length, channels)",
        ),
        "patches: in the order of columns": (
            "for i, j in product(range(self._around), repeat=2):",
            "for j, i in product(range(self._around), repeat=2):",
        ),
        "patches: the phases' rows and columns swapped": (
            'hlo.transpose(self.phases, (0, 1, 3, 2, 4, 5), "deep")',
            'hlo.transpose(self.phases, (0, 1, 3, 4, 2, 5), "deep")',
        ),
        "patches: the kernel's phases before its places": (
            'hlo.transpose(places, (0, 2, 1, 3, 4, 5), "places")',
            'hlo.transpose(places, (2, 0, 3, 1, 4, 5), "places")',
        ),
        "patches: the kernel's last places": (
            'hlo.slice_(interleaved, (0,) * 4, (self._size, self._size, channels, outputs), "kernel")',
            "hlo.slice_(interleaved, (around * stride - self._size,) * 2 + (0, 0), interleaved.shape)",
        ),
        "shifted: one row of padding at the other side": (
            "low.append(before)\n            high.append(max(needed - size - before, 0))",
            "moved = needed - size - before > 0\n"
            "            low.append(before + moved)\n"
            "            high.append(max(needed - size - before - moved, 0))",
        ),
        "shifted: the rows' phase lost": (
            "row, row_phase = divmod(i * self._dilation, self._stride)",
            "row, row_phase = i // self._stride, 0",
        ),
        "shifted: the columns' phases turned round": (
            "column, column_phase = divmod(j * self._dilation, self._stride)",
            "column, column_phase = j // self._stride, self._stride - 1 - j % self._stride",
        ),
        "shifted: a phase's start lost": (
            "row, row_phase = divmod(i * self._dilation, self._stride)",
            "row, row_phase = 0, i % self._stride",
        ),
        "shifted: crops the last row that is seen": (
            "crop.append(min(size, needed - before))",
            "crop.append(min(size, needed - before) - 1)",
            "high.append(max(needed - size - before, 0))",
            "high.append(max(needed - size - before, 0) + 1)",
        ),
        "dilated: the places of a window of one piece": (
            "divmod(i * self._dilation, self._stride)",
            "divmod(i, self._stride)",
        ),
        "dilated: patches of a window of one piece": (
            "top, left = i * self._dilation, j * self._dilation",
            "top, left = i, j",
        ),
        "dilated: images whose lines are one apart": (
            "step, length = self._dilation * width, height * width",
            "step, length = width, height * width",
        ),
        "dilated: images whose columns are one apart": ("left = j * self._dilation\n", "left = j\n"),
        "dilated: readers of a window of one piece": (
            "places = -(-(shift + self.extent) // self.stride)",
            "places = -(-(shift + self.size) // self.stride)",
        ),
        "dilated: transposed pads of a window of one piece": (
            "result.append((self.extent - 1 - low, size",
            "result.append((self.size - 1 - low, size",
        ),
        "dilated: tight pads of a window of one piece": (
            "self.extent - size - low if count == 1",
            "self.size - size - low if count == 1",
        ),
        "dilated: the outputs of a window of one piece": (
            "output_size(height, self.size, self.stride, self.padding, self.dilation)",
            "output_size(height, self.size, self.stride, self.padding)",
        ),
        "places column by column": (
            "[(i, j) for i in range(self._size) for j in range(self._size)]",
            "[(i, j) for j in range(self._size) for i in range(self._size)]",
        ),
    }
