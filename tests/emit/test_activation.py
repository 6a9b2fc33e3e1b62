"""Wrong versions of what activations share."""

from tests.ops.mutations import WrongVersions


class TestActivation(WrongVersions):
    module = "emit.activation"
    wrong = {
        "the gate has no upper end": ('hlo.minimum(above, scalar(6, x), "gate")', "above"),
        "the gate has no lower end": (
            'hlo.maximum(hlo.add(x, scalar(3, x), "shifted"), scalar(0, x), "positive_part")',
            'hlo.add(x, scalar(3, x), "shifted")',
        ),
        "the gate opens at 0": ('hlo.add(x, scalar(3, x), "shifted")', "x"),
        "the gate ends at 0": ("scalar(6, x)", "scalar(3, x)"),
        "the gate as Keras had it, 6 · (x / 5 + 1 / 2)": (
            'hlo.add(x, scalar(3, x), "shifted")',
            'hlo.add(hlo.add(x, hlo.divide(x, scalar(5, x))), scalar(3, x), "shifted")',
        ),
        "e to the power x in the logistic": ('hlo.subtract(scalar(0, x), x, "negative")', "x"),
        "the logistic is never above a half": (
            'hlo.add(scalar(1, x), power, "above_one")',
            'hlo.add(scalar(2, x), power, "above_one")',
        ),
        "the logistic without its one": ('hlo.add(scalar(1, x), power, "above_one")', "power"),
        "the logistic's slope is 1 - σ": (
            'hlo.multiply(logistic, hlo.subtract(scalar(1, logistic), logistic, "rest"), "logistic_slope")',
            'hlo.subtract(scalar(1, logistic), logistic, "rest")',
        ),
        "the logistic's slope is σ²": (
            'hlo.subtract(scalar(1, logistic), logistic, "rest")',
            "logistic",
        ),
    }
