"""Has numbers kept within known limits by a comparison and a choice, of which processors make one or two instructions.

IREE's maximum and minimum are those of IEEE 754-2019, which give NaN for NaN, whichever side it is on, and tell 0 from
-0; that takes four or five. Beside a known number that is not NaN a comparison in the right order keeps NaN by itself.
Of 0 and -0 it gives the one that is there, which are equal.

What is read here is the textual form that IREE's flow phase has in one release, 3.13.0.
"""

import re

from runtime.compiler.passes.ir import parts_of

_LIMITED = re.compile(
    r"^(?P<indent> *)(?P<result>%\w+) = arith\.(?P<side>maximumf|minimumf) (?P<number>%\w+), (?P<limit>%\w+) : f32",
    re.MULTILINE,
)
_KNOWN = re.compile(r"^ *(%\w+) = arith\.constant [-+\d.]+(?:[eE][-+]?\d+)? : f32", re.MULTILINE)  # and not NaN
_BEYOND = {"maximumf": "ogt", "minimumf": "olt"}


def with_limits(program: str) -> str:
    """A program of IREE's flow phase whose maxima and minima of a number and a known one are comparisons."""
    before, executables, behind = parts_of(program)
    return "".join((before, *map(_limited, executables), behind))


def _limited(executable: str) -> str:
    known = set(_KNOWN.findall(executable))

    def compared(found: re.Match[str]) -> str:
        indent, result, side, number, limit = found.groups()
        if limit not in known:
            return found[0]
        beyond = f"%beyond_{result[1:]}"
        return (
            f"{indent}{beyond} = arith.cmpf {_BEYOND[side]}, {limit}, {number} : f32\n"
            f"{indent}{result} = arith.select {beyond}, {limit}, {number} : f32"
        )

    return _LIMITED.sub(compared, executable)
