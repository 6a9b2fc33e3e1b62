"""Lower clamps to compare-and-select: two instructions instead of the five that NaN-propagating min and max take.

    %y = arith.maximumf %x, %c : f32     →     %beyond = arith.cmpf ogt, %c, %x : f32
                                               %y = arith.select %beyond, %c, %x : f32

`arith.maximumf` and `minimumf` are those of IEEE 754-2019: NaN wins from either side, and -0 is less than 0. Against a
constant that is not NaN, a comparison with the constant on the left keeps NaN by itself. Of 0 and -0, which are equal,
it keeps the one that is there.
"""

from iree.compiler import ir
from iree.compiler.dialects import arith

from runtime.compiler.passes.ir import Operation, Value, owner, replace, walk
from runtime.compiler.tiling.cpu import CpuTarget

_PREDICATES = {"arith.maximumf": arith.CmpFPredicate.OGT, "arith.minimumf": arith.CmpFPredicate.OLT}


def run(module: Operation, target: CpuTarget) -> int:
    """Lower every maximum and minimum with a constant on the right."""
    count = 0
    for name, predicate in _PREDICATES.items():
        for op in walk(module, name):
            x, limit = op.operands
            if _is_number(limit):
                with ir.InsertionPoint(op), op.location:
                    beyond = arith.CmpFOp(predicate, limit, x)
                    replace(op, [arith.SelectOp(beyond, limit, x).result])
                count += 1
    return count


def _is_number(value: Value) -> bool:
    """Whether a value is a constant that is not NaN."""
    constant = owner(value)
    if constant is None or constant.name != "arith.constant":
        return False
    number = constant.attributes["value"]
    return isinstance(number, ir.FloatAttr) and number.value == number.value
