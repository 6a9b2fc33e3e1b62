"""Has images made real numbers and padded in one pass along their rows, where IREE takes two and goes by pixels.

The three numbers of a pixel fill no register: the pass over pixels, and the copy into the padded image behind it, take
several times what the numbers need. An image's rows lie side by side in memory, so here a row is one axis.

What is read here is the textual form that IREE's flow phase has in one release, 3.13.0.
"""

import re
from math import prod
from typing import NamedTuple

from runtime.compiler.passes.flow_text import FUNCTION, parts_of

_PLACE = r"(?: loc\(.*)?\n"
_CHAIN = re.compile(
    rf"( *)(?P<numbers>%\w+) = flow\.dispatch @(?P<executable>\w+)::@(?P<pass>\w+)\((?P<bytes>%\w+)\) : "
    rf"\((?P<type>tensor<\d+x\d+xi8>)\) -> tensor<\S+>(?P<place>{_PLACE})"
    rf" *(?P<image>%\w+) = flow\.tensor\.reshape (?P=numbers) : .*\n"
    rf"(?P<fill> *(?P<target>%\w+) = flow\.tensor\.splat %\w+) : tensor<\S+>(?P<filled>{_PLACE})"
    rf" *(?P<padded>%\w+) = flow\.dispatch @\w+::@(?P<copy>\w+)\((?P=image), (?P=target)\) : .*\n"
)
_COPY = re.compile(
    r"(%\w+) = iree_tensor_ext\.dispatch\.tensor\.load %arg0, .*\n *"
    r"iree_tensor_ext\.dispatch\.tensor\.store \1, %arg1, offsets = \[([\d, ]+)\], sizes = \[([\d, ]+)\], "
    r"strides = \[[\d, ]+\] : \S+ -> \S+<readwrite:tensor<([\dx]+)xf32>>"
)
_OFTEN = {"numbers": 2, "image": 2, "target": 3}  # how often each is named, unless it is needed elsewhere too
_ACROSS, _CHANNEL = "affine_map<(d0, d1) -> (d0, d1)>", "affine_map<(d0, d1) -> (d1)>"


class _Box(NamedTuple):
    """Where an image lies in a padded one, each `[batch,] rows, columns, channels`, or the last two of them as one."""

    offsets: list[int]
    sizes: list[int]
    whole: list[int]

    @property
    def by_rows(self) -> "_Box":
        return _Box(*([*part[:-2], part[-2] * self.sizes[-1]] for part in self))

    @property
    def type(self) -> str:
        return f"tensor<{_times(self.whole)}xf32>"


def with_images(program: str) -> str:
    """A program of IREE's flow phase in which bytes become numbers in their place in the padded image, row by row.

    It stays where the numbers are needed elsewhere too, or what is done to them is not the same for all pixels.
    """
    before, executables, behind = parts_of(program)
    chain = _CHAIN.search(behind)
    if chain is None or any(_named(behind, chain[each]) != times for each, times in _OFTEN.items()):
        return program
    if behind.count(f"@{chain['pass']}(") > 1:
        return program
    named = {name[1]: at for at, each in enumerate(executables) if (name := FUNCTION.search(each))}
    copy = _COPY.search(executables[named[chain["copy"]]])
    if copy is None:
        return program
    box = _Box(*([int(each) for each in re.findall(r"\d+", part)] for part in copy.groups()[1:]))
    at = named[chain["pass"]]
    found = _by_rows(executables[at], box) if box.whole[-1] == box.sizes[-1] else None
    if found is None:
        return program
    function, executables[at] = found
    indent, place, rows = chain[1], chain["place"], box.by_rows
    bytes_type = f"tensor<{_times(rows.sizes)}xi8>"
    lines = (
        f"{chain['fill']} : {rows.type}{chain['filled']}"
        f"{indent}%bytes_by_rows = flow.tensor.reshape {chain['bytes']} : {chain['type']} -> {bytes_type}{place}"
        f"{indent}%padded_by_rows = flow.dispatch @{chain['executable']}::@{function}"
        f"(%bytes_by_rows, {chain['target']}) : ({bytes_type}, {rows.type}) -> {chain['target']}{place}"
        f"{indent}{chain['padded']} = flow.tensor.reshape %padded_by_rows : {rows.type} -> {box.type}{place}"
    )
    return "".join((before, *executables, behind[: chain.start()], lines, behind[chain.end() :]))


def _named(text: str, value: str) -> int:
    return len(re.findall(rf"{value}\b", text))


def _by_rows(executable: str, box: _Box) -> tuple[str, str] | None:
    """A pass over pixels as one over rows, into a padded image, and its function; None where it is no such pass."""
    rows = box.by_rows
    channels, row, axes = box.sizes[-1], rows.sizes[-1], len(rows.sizes)
    pixels = prod(rows.sizes) // channels
    maps = re.findall(r"affine_map<.*?>(?=[,\]])", executable)
    constants = re.compile(rf"dense<\[(.*?)\]> : tensor<{channels}x")
    if set(maps) != {_ACROSS, _CHANNEL} or len(constants.findall(executable)) != maps.count(_CHANNEL):
        return None
    loops, parallel = ", ".join(f"d{axis}" for axis in range(axes)), ", ".join(['"parallel"'] * axes)
    stored = re.compile(r"(dispatch\.tensor\.store %\w+, %arg1, )offsets .*? -> \S+>>")
    told = f"offsets = {rows.offsets}, sizes = {rows.sizes}, strides = {[1] * axes} : "
    number = f"tensor<{_times(rows.sizes)}xf32>"
    whole = f"!iree_tensor_ext.dispatch.tensor<readwrite:{rows.type}>"
    text = stored.sub(rf"\g<1>{told}{number} -> {whole}", executable)
    text = constants.sub(lambda each: f"dense<[{', '.join([each[1]] * (row // channels))}]> : tensor<{row}x", text)
    for old, new in (
        (
            f"offsets = [0, 0], sizes = [{pixels}, {channels}], strides = [1, 1]",
            f"offsets = {[0] * axes}, sizes = {rows.sizes}, strides = {[1] * axes}",
        ),
        (f"%arg1: !iree_tensor_ext.dispatch.tensor<writeonly:tensor<{pixels}x{channels}xf32>>", f"%arg1: {whole}"),
        (f"{pixels}x{channels}x", f"{_times(rows.sizes)}x"),
        (f"{pixels}x{channels}_", f"{_times(rows.sizes)}_"),
        (f"tensor<{channels}xf32>", f"tensor<{row}xf32>"),
        (_ACROSS, f"affine_map<({loops}) -> ({loops})>"),
        (_CHANNEL, f"affine_map<({loops}) -> (d{axes - 1})>"),
        ('iterator_types = ["parallel", "parallel"]', f"iterator_types = [{parallel}]"),
    ):
        if old not in text:
            return None
        text = text.replace(old, new)
    name = FUNCTION.search(text)
    return (name[1], text) if name else None


def _times(sizes: list[int]) -> str:
    return "x".join(map(str, sizes))
