"""Wrong versions of `emit/hlo/elementwise.py`."""

from tests.ops.mutations import WrongVersions


class TestElementwise(WrongVersions):
    module = "emit.hlo.elementwise"
    wrong = {
        "real numbers are compared as whole ones": ('"FLOAT" if x.dtype in FLOATS', '"SIGNED" if x.dtype in FLOATS'),
        "no comparison is strict": ("name, direction=direction,", "name, direction=direction.replace('GT', 'GE'),"),
        "select's two sides swapped": ("(condition, x, y), (x.type,)", "(condition, y, x), (x.type,)"),
        "operands swapped": ("x.block.emit(opcode, (x, y)", "x.block.emit(opcode, (y, x)"),
        "a shift the other way": ('_words("shift_left", x, by, name)', '_words("shift_right_logical", x, by, name)'),
        "an or for an exclusive or": ('_words("xor", x, y, name)', '_words("or", x, y, name)'),
        "words are compared as signed": ('("ui8", WORD, "i1")', '("ui8", "i1")'),
        "an index along the wrong axis": ("name, axis=axis)", "name, axis=0)"),
    }
