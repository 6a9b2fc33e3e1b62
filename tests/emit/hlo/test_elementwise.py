"""Wrong versions of `emit/hlo/elementwise.py`."""

from tests.ops.mutations import WrongVersions


class TestElementwise(WrongVersions):
    module = "emit.hlo.elementwise"
    wrong = {
        "real numbers are compared as whole ones": ('"FLOAT" if x.dtype in FLOATS', '"SIGNED" if x.dtype in FLOATS'),
        "no comparison is strict": ("name, direction=direction,", "name, direction=direction.replace('GT', 'GE'),"),
        "select's two sides swapped": ("(condition, x, y), (x.type,)", "(condition, y, x), (x.type,)"),
        "operands swapped": ("x.block.emit(opcode, (x, y)", "x.block.emit(opcode, (y, x)"),
        "an index along the wrong axis": ("name, axis=axis)", "name, axis=0)"),
    }
