"""Dense."""

import jax

from emit.ops.dense import Dense
from tests.ops.harness import Case, OpTests


def dense(x: jax.Array, weight: jax.Array, bias: jax.Array) -> jax.Array:
    return x @ weight + bias


class TestDense(OpTests):
    op = Dense
    numeric = [
        Case(Dense(fan_in, fan_out), ((rows, fan_in),), dense)
        for rows, fan_in, fan_out in ((1, 1, 1), (1, 5, 3), (4, 3, 7))
    ]
    golden = numeric[2]
    invalid = {
        "an input of other features": {"x": (4, 2)},
        "a bias of other features": {"bias": (2,)},
        "a cotangent of other features": {"dy": (4, 2)},
    }
    wrong = {
        "no bias": ('hlo.add(product, per_channel(call.parameters["bias"], product), "biased")', "product"),
        "the bias doubled, forward and back": (
            'hlo.add(product, per_channel(call.parameters["bias"], product), "biased")',
            'hlo.add(product, per_channel(hlo.add(*[call.parameters["bias"]] * 2), product), "biased")',
            'hlo.sums((cotangent,), (0,), "dbias")[0]',
            'hlo.sums((hlo.add(cotangent, cotangent),), (0,), "dbias")[0]',
        ),
        "db as the mean over the batch": (
            'hlo.sums((cotangent,), (0,), "dbias")[0]',
            'hlo.sums((hlo.divide(cotangent, scalar(x.shape[0], cotangent)),), (0,), "dbias")[0]',
            "import per_channel",
            "import per_channel, scalar",
        ),
        "dw as the mean over the batch": (
            'hlo.dot(x, cotangent, (0, 0), "dweight")',
            'hlo.dot(x, hlo.divide(cotangent, scalar(x.shape[0], cotangent)), (0, 0), "dweight")',
            "import per_channel",
            "import per_channel, scalar",
        ),
        "dw transposed": ('hlo.dot(x, cotangent, (0, 0), "dweight")', 'hlo.dot(cotangent, x, (0, 0), "dweight")'),
        "dw of the first row alone": (
            'hlo.dot(x, cotangent, (0, 0), "dweight")',
            "hlo.dot(hlo.slice_(x, (0, 0), (1, self.fan_in)), "
            'hlo.slice_(cotangent, (0, 0), (1, self.fan_out)), (0, 0), "dweight")',
        ),
        "dw of the weights, not of x": (
            'hlo.dot(x, cotangent, (0, 0), "dweight")',
            'hlo.dot(hlo.dot(cotangent, call.parameters["weight"], (1, 1)), cotangent, (0, 0), "dweight")',
        ),
        "dx by the weights untransposed": (
            'hlo.dot(cotangent, call.parameters["weight"], (1, 1), "dx")',
            'hlo.dot(cotangent, hlo.reshape(call.parameters["weight"], (self.fan_out, self.fan_in)), (1, 0), "dx")',
        ),
        "dx with its sign turned": (
            'hlo.dot(cotangent, call.parameters["weight"], (1, 1), "dx")',
            'hlo.dot(hlo.subtract(hlo.subtract(cotangent, cotangent), cotangent), call.parameters["weight"], (1, 1))',
        ),
    }
