"""Has a depthwise convolution's weight gradient summed at all places of the kernel at once.

IREE goes through the images anew for each row of the kernel. Here they are read once: each number of the cotangent is
multiplied by what every place of the kernel sees there, and the sums stay in registers, some channels at a time.

What is read here is the textual form that IREE's flow phase has in one release, 3.13.0.
"""

import re
from itertools import product
from math import prod

from runtime.compiler.passes.flow_text import FUNCTION, parts_of
from runtime.compiler.tiling.lowering import compilation_info
from runtime.compiler.tiling.rules import Rules, Tile

_LOOPS = r"affine_map<\(d0, d1, d2, d3, d4\) -> "
_CONVOLUTION = re.compile(
    r"(?P<result>%\w+) = linalg\.generic \{indexing_maps = \["
    rf"{_LOOPS}\(d0 \+ d3(?: \* (?P<stride>\d+))?, d1 \+ d4(?(stride) \* (?P=stride)), d2\)>, "
    rf"{_LOOPS}\(d3, d4, d2\)>, {_LOOPS}\(d0, d1, d2\)>\], iterator_types = \[[^\]]*\]\}} "
    r"ins\((?P<image>%\w+), (?P<cotangent>%\w+) : tensor<(?P<seen>[\dx]+)xf32>, tensor<(?P<given>[\dx]+)xf32>\) "
    r"outs\(%\w+ : tensor<(?P<sums>[\dx]+)xf32>\)"
)
_LOAD = (
    r"{} = iree_tensor_ext\.dispatch\.tensor\.load (%\w+), offsets = \[([\d, ]+)\], sizes = \[([\d, ]+)\], "
    r"strides = \[(?:1, )*1\] : (\S+<readonly:tensor<\S+>>) -> "
)
_STORE = re.compile(
    r"iree_tensor_ext\.dispatch\.tensor\.store (?P<value>%\w+), (?P<target>%\w+), .*? : \S+ -> "
    r"(?P<kind>\S+<writeonly:tensor<(?P<sizes>[\dx]+)xf32>>)"
)
_ALONE = ["constant 0.000000e+00", "mulf", "addf"]  # what a convolution computes that nothing else is done to
_ENOUGH_WIDE, _ENOUGH_CHANNELS = 14, 64  # of the cotangent: with fewer there is little to save


def with_gradients(program: str, rules: Rules | None) -> str:
    """A program of IREE's flow phase whose depthwise weight gradients read their images once.

    One stays to which more is done in its dispatch, or whose kernel has more places than registers have room for.
    """
    before, executables, behind = parts_of(program)
    for at, executable in enumerate(executables):
        name = FUNCTION.search(executable)
        summed = _summed(executable, rules) if rules else None
        if name and summed:
            changed = name[1].replace("_conv_", "_places_")
            executables[at] = summed.replace(name[1], changed)
            behind = behind.replace(f"@{name[1]}(", f"@{changed}(")
    return "".join((before, *executables, behind))


def _summed(executable: str, rules: Rules) -> str | None:
    """The executable of a weight gradient as it is to be; None: as it is."""
    found, stores = _CONVOLUTION.search(executable), list(_STORE.finditer(executable))
    computed = re.findall(r" = arith\.(\w+(?: \d\S+)?) ", executable)
    if found is None or len(stores) != 1 or computed != _ALONE or executable.count("linalg.generic") != 1:
        return None
    (store,) = stores
    if (store["value"], store["sizes"]) != (found["result"], found["sums"]):
        return None
    rows, wide, channels = _sizes(found["given"])
    *window, _ = _sizes(found["sums"])
    columns = rules.sums_at_once(prod(window), channels)
    image, cotangent = (re.search(_LOAD.format(found[each]), executable) for each in ("image", "cotangent"))
    if columns is None or image is None or cotangent is None or wide < _ENOUGH_WIDE or channels < _ENOUGH_CHANNELS:
        return None
    *above, row, column, _ = (int(offset) for offset in image[2].split(", "))
    ones, stride = [1] * len(above), int(found["stride"] or 1)
    if image[3] != ", ".join(map(str, [*ones, *_sizes(found["seen"])])):
        return None
    piece, sums = f"tensor<{rows}x{wide}x{channels}xf32>", f"tensor<{channels}xf32>"
    places = list(product(*map(range, window)))
    lines = [_load("cotangent", cotangent, cotangent[2], cotangent[3], [1] * (cotangent[3].count(",") + 1), piece)]
    for i, j in places:
        offsets, sizes = [*above, row + i, column + j, 0], [*ones, rows, wide, channels]
        lines.append(_load(f"seen_{i}_{j}", image, offsets, sizes, [*ones, stride, stride, 1], piece))
    lines += _operation(
        places, piece, sums, f"compilation_info = {compilation_info(Tile((columns,), (columns,), 1), 2)}"
    )
    for at, place in enumerate(places):
        lines.append(
            f"iree_tensor_ext.dispatch.tensor.store %sums#{at}, {store['target']}, offsets = {[*place, 0]}, "
            f"sizes = {[1, 1, channels]}, strides = [1, 1, 1] : {sums} -> {store['kind']}"
        )
    start = executable.index("\n", executable.index("func.func @")) + 1
    end = executable.index("return", start)
    return "".join((executable[:start], *(f"        {line}\n" for line in lines), "        ", executable[end:]))


def _sizes(shape: str) -> list[int]:
    return [int(size) for size in shape.split("x")]


def _load(
    name: str, source: re.Match[str], offsets: str | list[int], sizes: str | list[int], strides: list[int], kind: str
) -> str:
    """What loads a value from where another is loaded."""
    offsets, sizes = (str(each).strip("[]") for each in (offsets, sizes))
    return (
        f"%{name} = iree_tensor_ext.dispatch.tensor.load {source[1]}, offsets = [{offsets}], sizes = [{sizes}], "
        f"strides = {strides} : {source[4]} -> {kind}"
    )


def _operation(places: list[tuple[int, ...]], piece: str, sums: str, info: str) -> list[str]:
    """What multiplies and sums. A product that goes straight into a sum would be a matrix product's, so it is taken
    from zero (`emit.sums`, `summand`).
    """
    count = len(places)
    names = [f"%seen_{i}_{j}" for i, j in places]
    axes, channel = "affine_map<(d0, d1, d2) -> (d1, d2, d0)>", "affine_map<(d0, d1, d2) -> (d0)>"
    maps, kinds = ", ".join([axes] * (count + 1) + [channel] * count), ", ".join([piece] * (count + 1))
    given = ", ".join(
        ["%number: f32", *(f"%x{at}: f32" for at in range(count)), *(f"%s{at}: f32" for at in range(count))]
    )
    lines = [
        "%zero = arith.constant 0.000000e+00 : f32",
        f"%empty = tensor.empty() : {sums}",
        f"%none = linalg.fill ins(%zero : f32) outs(%empty : {sums}) -> {sums}",
        f"%sums:{count} = linalg.generic {{indexing_maps = [{maps}], "
        f'iterator_types = ["parallel", "reduction", "reduction"]}} ins(%cotangent, {", ".join(names)} : {kinds}) '
        f"outs({', '.join(['%none'] * count)} : {', '.join([sums] * count)}) attrs = {{{info}}} {{",
        f"^bb0({given}):",
        "  %turned = arith.negf %number : f32",
    ]
    for at in range(count):
        lines.append(f"  %product{at} = arith.mulf %x{at}, %turned : f32")
        lines.append(f"  %summand{at} = arith.subf %zero, %product{at} : f32")
        lines.append(f"  %sum{at} = arith.addf %s{at}, %summand{at} : f32")
    results = ", ".join(f"%sum{at}" for at in range(count))
    lines.append(f"  linalg.yield {results} : {', '.join(['f32'] * count)}")
    lines.append(f"}} -> ({', '.join([sums] * count)})")
    return lines
