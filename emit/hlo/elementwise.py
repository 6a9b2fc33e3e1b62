"""Operations number by number: all operands of one shape."""

from emit.hlo.program import FLOATS, WORD, TensorType, Value


def add(x: Value, y: Value, name: str = "sum") -> Value:
    """x + y."""
    return _binary("add", x, y, name)


def subtract(x: Value, y: Value, name: str = "difference") -> Value:
    """x - y."""
    return _binary("subtract", x, y, name)


def multiply(x: Value, y: Value, name: str = "product") -> Value:
    """x · y."""
    return _binary("multiply", x, y, name)


def divide(x: Value, y: Value, name: str = "quotient") -> Value:
    """x / y."""
    return _binary("divide", x, y, name)


def maximum(x: Value, y: Value, name: str = "max") -> Value:
    """The larger of two."""
    return _binary("maximum", x, y, name)


def minimum(x: Value, y: Value, name: str = "min") -> Value:
    """The smaller of two."""
    return _binary("minimum", x, y, name)


def logical_and(x: Value, y: Value, name: str = "both") -> Value:
    """Both are true."""
    if x.dtype != "i1":
        raise x.block.wrong(f"and of {x.dtype}, expected i1")
    return _binary("and", x, y, name)


def bitwise_or(x: Value, y: Value, name: str = "or") -> Value:
    """The bits that are set in either word."""
    return _words("or", x, y, name)


def bitwise_xor(x: Value, y: Value, name: str = "xor") -> Value:
    """The bits that are set in one word alone."""
    return _words("xor", x, y, name)


def shift_left(x: Value, by: Value, name: str = "shifted") -> Value:
    """Words with their bits moved up; zeros follow."""
    return _words("shift_left", x, by, name)


def shift_right(x: Value, by: Value, name: str = "shifted") -> Value:
    """Words with their bits moved down; zeros follow."""
    return _words("shift_right_logical", x, by, name)


def exponential(x: Value, name: str = "exp") -> Value:
    """e to the power x."""
    return _real("exponential", x, name)


def exponential_minus_one(x: Value, name: str = "expm1") -> Value:
    """e to the power x, less one, exact near zero."""
    return _real("exponential_minus_one", x, name)


def log(x: Value, name: str = "log") -> Value:
    """The natural logarithm."""
    return _real("log", x, name)


def sqrt(x: Value, name: str = "sqrt") -> Value:
    """The square root."""
    return _real("sqrt", x, name)


def rsqrt(x: Value, name: str = "rsqrt") -> Value:
    """One over the square root."""
    return _real("rsqrt", x, name)


def compare(x: Value, direction: str, y: Value, name: str = "is") -> Value:
    """Truth values of x EQ, GT, GE, LT, LE or NE y."""
    _same(x, y, "compare")
    kind = "FLOAT" if x.dtype in FLOATS else "UNSIGNED" if x.dtype in ("ui8", WORD, "i1") else "SIGNED"
    result = TensorType(x.shape, "i1")
    return x.block.emit("compare", (x, y), (result,), name, direction=direction, kind=kind)[0]


def select(condition: Value, x: Value, y: Value, name: str = "chosen") -> Value:
    """x where the condition holds, else y."""
    _same(x, y, "select")
    if condition.type != TensorType(x.shape, "i1"):
        raise x.block.wrong(f"select by {condition.type} between {x.type}")
    return x.block.emit("select", (condition, x, y), (x.type,), name)[0]


def convert(x: Value, dtype: str, name: str = "converted") -> Value:
    """The same numbers in another element type."""
    return x.block.emit("convert", (x,), (TensorType(x.shape, dtype),), name)[0]


def iota(like: Value, axis: int, name: str = "index") -> Value:
    """The index along an axis, as i32, in the shape of `like`."""
    if not 0 <= axis < len(like.shape):
        raise like.block.wrong(f"iota along axis {axis} of {like.type}")
    return like.block.emit("iota", (), (TensorType(like.shape, "i32"),), name, axis=axis)[0]


def _binary(opcode: str, x: Value, y: Value, name: str) -> Value:
    _same(x, y, opcode)
    return x.block.emit(opcode, (x, y), (x.type,), name)[0]


def _words(opcode: str, x: Value, y: Value, name: str) -> Value:
    if x.dtype != WORD:
        raise x.block.wrong(f"{opcode} of {x.type}, expected {WORD}")
    return _binary(opcode, x, y, name)


def _real(opcode: str, x: Value, name: str) -> Value:
    if x.dtype not in FLOATS:
        raise x.block.wrong(f"{opcode} of {x.type}, expected real numbers")
    return x.block.emit(opcode, (x,), (x.type,), name)[0]


def _same(x: Value, y: Value, what: str) -> None:
    if x.type != y.type:
        raise x.block.wrong(f"{what} of {x.type} and {y.type}, expected one type")
