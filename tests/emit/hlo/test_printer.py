"""Wrong versions of `emit/hlo/printer.py`."""

from tests.ops.mutations import WrongVersions


class TestPrinter(WrongVersions):
    module = "emit.hlo.printer"
    wrong = {
        "a pad's before and behind swapped": (
            "low = {_list(at['low'])}, high = {_list(at['high'])}",
            "low = {_list(at['high'])}, high = {_list(at['low'])}",
        ),
        "a pad's gaps lost": ("interior = {_list(at['interior'])}", "interior = {_list([0] * len(at['low']))}"),
        "a pad's gaps and padding swapped": (
            "high = {_list(at['high'])}, interior = {_list(at['interior'])}",
            "high = {_list(at['interior'])}, interior = {_list(at['high'])}",
        ),
        "a slice one row on": (
            'f"{low}:{high}" for low, high in zip(at["start"], at["stop"], strict=True)',
            'f"{low + (low > 0)}:{high + (low > 0)}" for low, high in zip(at["start"], at["stop"], strict=True)',
        ),
        "a broadcast's axes turned round": (
            'axes = _list(op.attributes["axes"])\n    return f"stablehlo.broadcast_in_dim',
            'axes = _list(op.attributes["axes"][::-1])\n    return f"stablehlo.broadcast_in_dim',
        ),
        "a vector is broadcast along the first axis": (
            'axes = _list(op.attributes["axes"])\n    return f"stablehlo.broadcast_in_dim',
            'axes = _list(range(len(op.attributes["axes"])))\n    return f"stablehlo.broadcast_in_dim',
        ),
        "a reversal of one axis alone": (
            'axes = _list(op.attributes["axes"])\n    return f"stablehlo.reverse',
            'axes = _list(op.attributes["axes"][:1])\n    return f"stablehlo.reverse',
        ),
        "a comparison ≥ for >": ("{at['direction']}", "{at['direction'].replace('GT', 'GE')}"),
        "a comparison's kind": ("{at['kind']}", "{at['kind'].replace('FLOAT', 'TOTALORDER')}"),
        "select's two sides swapped": (
            'f"stablehlo.select {_names(op.operands)} :',
            'f"stablehlo.select {_names((op.operands[0], op.operands[2], op.operands[1]))} :',
        ),
        "operands swapped": (
            'f"stablehlo.{op.opcode} {_names(op.operands)} : {op.results[0].type}"',
            'f"stablehlo.{op.opcode} {_names(op.operands[::-1])} : {op.results[0].type}"',
        ),
        "max for min": (
            'f"stablehlo.{op.opcode} {_names(op.operands)} : {op.results',
            "f\"stablehlo.{op.opcode.replace('minimum', 'maximum')} {_names(op.operands)} : {op.results",
        ),
        "e to the power x for e to the power x less one": (
            'f"stablehlo.{op.opcode} {_names(op.operands)} : {op.results',
            "f\"stablehlo.{op.opcode.removesuffix('_minus_one')} {_names(op.operands)} : {op.results",
        ),
        "an index along the other axis": ("dim = {op.attributes['axis']} : {op.results", "dim = 0 : {op.results"),
        "a concatenation along the first axis": ("dim = {op.attributes['axis']} : {_sig", "dim = 0 : {_sig"),
        "a product's axes swapped": ("(left, right), batch = op.attributes", "(right, left), batch = op.attributes"),
        "a product's stack taken for rows": (
            'f"batching_dims = {batch} x {batch}, " if op.attributes["batch"] else ""',
            '""',
        ),
        "a product with more precision": ("precision = [DEFAULT, DEFAULT]", "precision = [DEFAULT, HIGHEST]"),
        "a convolution's pads before and behind swapped": (
            "', '.join(_list(pair) for pair in at['pads'])}]\"]",
            "', '.join(_list(pair[::-1]) for pair in at['pads'])}]\"]",
        ),
        "a convolution's pads of rows and columns swapped": (
            "', '.join(_list(pair) for pair in at['pads'])}]\"]",
            "', '.join(_list(pair) for pair in at['pads'][::-1])}]\"]",
        ),
        "a convolution's stride lost": ('if at["strides"] != (1, 1):', "if False:"),
        "the image dilated for the kernel, and the other way round": (
            "lhs_dilate = {_list(at['x_dilation'])}",
            "rhs_dilate = {_list(at['x_dilation'])}",
            "rhs_dilate = {_list(at['kernel_dilation'])}",
            "lhs_dilate = {_list(at['kernel_dilation'])}",
        ),
        "a kernel's dilation lost": ('if at["kernel_dilation"] != (1, 1):', "if False:"),
        "a window reversed": ('window = [f"pad =', 'window = ["reverse = [1, 1]", f"pad ='),
        "groups lost": ("feature_group_count = {at['groups']}", "feature_group_count = 1"),
        "a kernel's channels not swapped": ('kernel = ", ".join(at["kernel_axes"])', 'kernel = "0, 1, i, o"'),
        "a kernel's rows and columns swapped": (
            'kernel = ", ".join(at["kernel_axes"])',
            'kernel = ", ".join(at["kernel_axes"].translate({48: 49, 49: 48}))',
        ),
        "a reduction is a sum": ("applies stablehlo.{body} across", "applies stablehlo.add across"),
        "a reduction along one axis less": (
            '_list(op.attributes["axes"])\n    reduced',
            '_list(op.attributes["axes"][:1])\n    reduced',
        ),
        "a double reduction adds up one pair twice": (
            "stablehlo.{body} %left{i}, %right{i} :",
            "stablehlo.{body} %left{i}, %right0 :",
        ),
        "a double reduction returns its sums swapped": (
            'returned = ", ".join(f"%both{i}" for i in range(len(operands)))',
            'returned = ", ".join(f"%both{i}" for i in reversed(range(len(operands))))',
        ),
        "a pool's body": ("%both = stablehlo.{at['body']}", "%both = stablehlo.minimum"),
        "a pool's pads before and behind swapped": (
            'pads = ", ".join(_list(pair) for pair in at["pads"])',
            'pads = ", ".join(_list(pair[::-1]) for pair in at["pads"])',
        ),
        "a pool's stride and window swapped": (
            'window_dimensions = {_array(at["window"])}',
            'window_dimensions = {_array(at["strides"])}',
        ),
        "the last two results swapped": (
            "return {_names(function.results)}",
            "return {_names([*function.results[:-2], *function.results[:-3:-1]])}",
        ),
        "the last two arguments swapped": (
            "for value in function.arguments]",
            "for value in [*function.arguments[:-2], *function.arguments[:-3:-1]]]",
        ),
        "constants of six digits": ("text = repr(float(number))", 'text = repr(float(f"{float(number):.6g}"))'),
        "constants without their sign": ("text = repr(float(number))", "text = repr(abs(float(number)))"),
        "small constants without their exponent": ("e{int(exponent):+03d}", ""),
        "infinity with the other sign": ("'FF8' if number < 0 else '7F8'", "'7F8' if number < 0 else 'FF8'"),
        "whole constants one too large": ("return str(int(number))", "return str(int(number) + (number > 1))"),
        "vectors of constants turned round": (
            "for number in value] if isinstance",
            "for number in value[::-1]] if isinstance",
        ),
        "a root for one over a root": (
            'f"stablehlo.{op.opcode} {_names(op.operands)} : {op.results',
            "f\"stablehlo.{op.opcode.removeprefix('r')} {_names(op.operands)} : {op.results",
        ),
    }
