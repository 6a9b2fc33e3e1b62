"""Has products read a kernel that comes in panels as it lies, `[panels, inner, columns]`, one panel after the other.

Of a row-major kernel a product takes a few columns of every row: each row lies in another page of memory, and all of
them in a few places of the nearest cache. The program says what a panel is: it transposes them into a kernel, which
IREE does anew in each call. Here that is left out, and the product's own columns become panels of columns.

What is read here is the textual form that IREE's flow phase has in one release, 3.13.0.
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from runtime.compiler.passes.flow_text import DISPATCH, MAP, OPERATION, RESHAPED, names_of, parts_of

_TURNING = re.compile(
    r"indexing_maps = \[affine_map<\(d0, d1, d2\) -> \(d0, d1, d2\)>, affine_map<\(d0, d1, d2\) -> \(d1, d0, d2\)>\], "
    r'iterator_types = \["parallel", "parallel", "parallel"\]\} ins\(%\w+ : tensor<(\w+)>\) outs\(%\w+ : tensor<\w+>\) '
    r"\{[^\n]*\n[^\n]*\n *linalg\.yield %in : f32"
)
_ACCESS = re.compile(
    r"(?P<before>(?:(?P<loaded>%\w+) = )?iree_tensor_ext\.dispatch\.tensor\.(?:load|store) (?:(?P<stored>%\w+), )?)"
    r"(?P<place>%\w+), offsets = \[(?P<offsets>[\d, ]+)\], sizes = \[(?P<sizes>[\d, ]+)\], "
    r"strides = \[(?P<strides>[\d, ]+)\] : (?P<kinds>\S+ -> \S+)"
)
_ARGUMENT = re.compile(r"(?P<name>%arg\d+): !iree_tensor_ext\.dispatch\.tensor<\w+:tensor<\w+>>")
_MADE = re.compile(r"(?P<name>%\w+) = (?:tensor\.empty\(\)|linalg\.fill ins\(.*?\) outs\((?P<filled>%\w+)) : .*")
_NAMED = re.compile(r"%\w+")
_RESULT = re.compile(r"^ *\} -> .*", re.MULTILINE)
_TENSOR = re.compile(r"tensor<((?:\d+x)*)(\d+)xf32>")
_TOLD = re.compile(r"(distribution|vector_common_parallel|vector_reduction) = \[([\d, ]+)\]")


class _Panels(NamedTuple):
    """How a kernel lies, `[many, inner, columns]`, and which operand of its product it is."""

    operand: int
    many: int
    inner: int
    columns: int

    @property
    def type(self) -> str:
        return f"tensor<{self.many}x{self.inner}x{self.columns}xf32>"


def with_panels(program: str) -> str:
    """A program of IREE's flow phase in which products read kernels that come in panels as they lie.

    A product stays that reads a part of a kernel, makes a part of what it writes to, or counts its columns.
    """
    before, executables, behind = parts_of(program)
    names = names_of(executables)
    given = turnings(names, executables)
    lines = behind.splitlines(keepends=True)
    calls = [call for line in lines if (call := DISPATCH.fullmatch(line))]
    kernels = turned_kernels(lines, given)
    reading: dict[str, set[_Panels | None]] = {}
    for call in calls:
        panels = [
            _Panels(at, *map(int, given[kernels[each]["function"]].removesuffix("xf32").split("x")))
            for at, each in enumerate(call["operands"].split(", "))
            if each in kernels
        ]
        reading.setdefault(call["function"], set()).add(panels[0] if len(panels) == 1 else None)
    changed: dict[str, _Panels] = {}
    for place, name in enumerate(names):
        one, *others = reading.get(name, {None})
        if one and not others and (text := _Product(executables[place], one).in_panels()):
            executables[place], changed[name] = text, one
    lines = [_called(line, changed, kernels) for line in lines]
    return "".join((before, *_needed(names, executables, lines, given)))


def turnings(names: list[str], executables: list[str]) -> dict[str, str]:
    """The executables that make kernels of panels, and what each is given: `24x64x16xf32`."""
    return {
        name: found[1]
        for name, each in zip(names, executables, strict=True)
        if (found := _TURNING.search(each)) and each.count("linalg.") == 2  # itself and its yield
    }


def turned_kernels(lines: list[str], given: Mapping[str, str]) -> dict[str, re.Match[str]]:
    """The kernels made of panels, by name, and what dispatches that: its operand is the panels."""
    calls = [call for line in lines if (call := DISPATCH.fullmatch(line))]
    turned = {call["result"]: call for call in calls if call["types"] == f"tensor<{given.get(call['function'])}>"}
    return {
        found["result"]: turned[found["source"]]
        for line in lines
        if (found := RESHAPED.fullmatch(line)) and found["source"] in turned
    }


def _called(line: str, changed: Mapping[str, _Panels], kernels: Mapping[str, re.Match[str]]) -> str:
    """A dispatch with the panels themselves in place of the kernel that is made of them."""
    call = DISPATCH.fullmatch(line)
    if call is None or call["function"] not in changed:
        return line
    operands, types = (call[each].split(", ") for each in ("operands", "types"))
    panels = changed[call["function"]]
    operands[panels.operand], types[panels.operand] = kernels[operands[panels.operand]]["operands"], panels.type
    head, tail = line[: call.start("operands")], line[call.end("types") :]
    return f"{head}{', '.join(operands)}) : ({', '.join(types)}{tail}"


def _needed(names: list[str], executables: list[str], lines: list[str], given: Mapping[str, str]) -> list[str]:
    """Executables and lines without the kernels that nothing reads any more, and without what made them."""
    for kind in (RESHAPED, DISPATCH):
        named = Counter(_NAMED.findall("".join(lines)))
        for place, line in enumerate(lines):
            found = kind.fullmatch(line)
            if found and (kind is RESHAPED or found["function"] in given) and named[found["result"]] == 1:
                lines[place] = ""
    text = "".join(lines)
    kept = [each for name, each in zip(names, executables, strict=True) if name not in given or f"@{name}(" in text]
    return [*kept, *lines]


class _Product:
    """An executable that multiplies by a kernel `[inner, columns]`, and does this and that to the columns behind it."""

    def __init__(self, executable: str, panels: _Panels) -> None:
        self._text, self._panels = executable, panels
        self._columns = panels.many * panels.columns
        self._split: set[str] = set()  # values whose last axis is the columns
        self._whole: set[str] = set()  # values without them
        self._kernel = ""

    def in_panels(self) -> str | None:
        """Its text when it reads panels; None where it is none of those that are understood here."""
        if "linalg.index" in self._text or "#encoding" in self._text:
            return None
        operations, made = list(OPERATION.finditer(self._text)), list(_MADE.finditer(self._text))
        counts = {operation[5].count('"parallel"') for operation in operations}
        if len(counts) != 1 or [each[5].count('"reduction"') for each in operations if "reduction" in each[5]] != [1]:
            return None
        column = counts.pop() - 1
        if not all(self._understood(operation, column) for operation in operations):
            return None
        for each in reversed(made):
            if each["name"] in self._split and each["filled"]:
                self._split.add(each["filled"])
        accesses = [each for each in _ACCESS.finditer(self._text) if self._value(each) not in self._whole]
        changes = [(each, self._accessed(each)) for each in accesses]
        changes += [(each, self._in_two(each[0])) for each in made if each["name"] in self._split]
        changes += [(each, self._operation(each, column)) for each in operations]
        changes += [(each, self._in_two(each[0])) for each in _RESULT.finditer(self._text)]
        changes += [(each, self._told(each, column)) for each in _TOLD.finditer(self._text)]
        places = {each["place"]: self._value(each) for each in accesses}
        if places.get(f"%arg{self._panels.operand}") != self._kernel or not all(map(self._has_all, accesses)):
            return None
        for each in _ARGUMENT.finditer(self._text):
            if value := places.get(each["name"]):
                changes.append((each, self._panelled(each[0]) if value == self._kernel else self._in_two(each[0])))
        return self._changed(changes, places)

    def _changed(self, changes: list[tuple[re.Match[str], str]], places: Mapping[str, str]) -> str | None:
        """The text with all changes; None where what has the columns is named elsewhere too, or has no one meaning."""
        text, rest, since = "", "", 0
        for found, new in sorted(changes, key=lambda change: change[0].start()):
            between = self._text[since : found.start()]
            text, rest, since = f"{text}{between}{new}", rest + between, found.end()
        rest += self._text[since:]
        changed = {*self._split, *places, self._kernel}
        mixed = self._split & self._whole or self._kernel in self._split | self._whole
        if mixed or any(re.search(rf"{name}\b", rest) for name in changed):
            return None
        return text + self._text[since:]

    def _understood(self, operation: re.Match[str], column: int) -> bool:
        """Learns which of its operands and results have the columns as their last axis; False where that is not so."""
        places = [each.split(", ") for each in MAP.findall(operation[4])]
        given, made = (operation[side].partition(" : ")[0].split(", ") for side in (6, 7))
        names = [*given, *made]
        if not all(re.fullmatch(r"d\d", axis) for place in places for axis in place):
            return False
        if any(place[-1] != f"d{column}" for place in places[len(given) :]):
            return False
        if "reduction" in operation[5]:
            if len(places) != 3 or places[1] != [f"d{column + 1}", f"d{column}"]:
                return False
            self._kernel = names.pop(1)
            places.pop(1)
            if f"d{column}" in places[0]:
                return False
        for name, place in zip(names, places, strict=True):
            if f"d{column}" in place[:-1]:
                return False
            (self._split if place[-1] == f"d{column}" else self._whole).add(name)
        self._split.add(operation[2])
        return True

    def _has_all(self, access: re.Match[str]) -> bool:
        """Whether it reads or writes all columns, and of the kernel all rows."""
        shapes = [found[1].split("x")[:-1] for found in re.finditer(r"tensor<([\dx]+xf32)>", access["kinds"])]
        offsets, sizes = (access[each].split(", ") for each in ("offsets", "sizes"))
        whole = all(shape[-1] == str(self._columns) for shape in (*shapes, sizes)) and offsets[-1] == "0"
        if self._value(access) == self._kernel:
            return whole and set(offsets) == {"0"} and shapes == [sizes, sizes]
        return whole

    @staticmethod
    def _value(access: re.Match[str]) -> str:
        return access["loaded"] or access["stored"]

    def _accessed(self, access: re.Match[str]) -> str:
        """What loads or stores columns, or the kernel."""
        offsets, sizes, strides = (access[each].split(", ") for each in ("offsets", "sizes", "strides"))
        many, inner, columns = (str(size) for size in self._panels[1:])
        if self._value(access) == self._kernel:
            offsets, sizes, strides, kinds = (
                ["0"] * 3,
                [many, inner, columns],
                ["1"] * 3,
                self._panelled(access["kinds"]),
            )
        else:
            offsets, sizes, strides = [*offsets, "0"], [*sizes[:-1], many, columns], [*strides, "1"]
            kinds = self._in_two(access["kinds"])
        return (
            f"{access['before']}{access['place']}, offsets = [{', '.join(offsets)}], sizes = [{', '.join(sizes)}], "
            f"strides = [{', '.join(strides)}] : {kinds}"
        )

    def _in_two(self, text: str) -> str:
        """Every tensor's last axis as panels and their columns."""
        panels = f"{self._panels.many}x{self._panels.columns}"
        return _TENSOR.sub(
            lambda each: f"tensor<{each[1]}{panels}xf32>" if int(each[2]) == self._columns else each[0], text
        )

    def _panelled(self, text: str) -> str:
        return text.replace(f"tensor<{self._panels.inner}x{self._columns}xf32>", self._panels.type)

    def _operation(self, operation: re.Match[str], column: int) -> str:
        loops = operation[5].count('"') // 2 + 1

        def moved(found: re.Match[str]) -> str:
            axes: list[str] = []
            for axis in (int(each[1:]) for each in found[1].split(", ")):
                axes += [f"d{axis}", f"d{axis + 1}"] if axis == column else [f"d{axis + (axis > column)}"]
            if found[1] == f"d{column + 1}, d{column}":
                axes = [f"d{column}", f"d{column + 2}", f"d{column + 1}"]
            return f"affine_map<({', '.join(f'd{axis}' for axis in range(loops))}) -> ({', '.join(axes)})>"

        text = MAP.sub(moved, operation[0]).replace("iterator_types = [", 'iterator_types = ["parallel", ')
        names, kinds = operation[6].split(" : ")
        kinds = ", ".join(
            self._panelled(kind) if name == self._kernel else kind if name in self._whole else self._in_two(kind)
            for name, kind in zip(names.split(", "), kinds.split(", "), strict=True)
        )
        text = text.replace(f"ins({operation[6]})", f"ins({names} : {kinds})")
        text = text.replace(f"outs({operation[7]})", f"outs({self._in_two(operation[7])})")
        return text

    def _told(self, told: re.Match[str], column: int) -> str:
        """How it is cut, with as many panels as columns were taken at a time."""
        sizes = [int(size) for size in told[2].split(", ")]
        many, _, columns = self._panels[1:]
        taken = sizes[column]
        if told[1] == "vector_reduction":
            pair = [0, 0]
        elif taken < columns:
            pair = [1, taken if told[1] != "distribution" else columns]
        else:
            pair = [next(each for each in range(taken // columns, 0, -1) if many % each == 0), columns]
        return f"{told[1]} = {[*sizes[:column], *pair, *sizes[column + 1 :]]}"
