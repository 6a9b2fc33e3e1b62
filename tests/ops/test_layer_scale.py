"""Layer scale."""

import jax
import pytest

from emit.hlo import ShapeError
from emit.op import Init
from emit.ops.layer_scale import LayerScale
from tests.ops.harness import Case, OpTests


def scale(x: jax.Array, gamma: jax.Array) -> jax.Array:
    """A factor for each channel."""
    return x * gamma


def test_all_factors_start_at_the_initial_one_and_do_not_decay() -> None:
    (gamma,) = LayerScale(3, 1e-6).parameters()
    assert (gamma.name, gamma.shape, gamma.init, gamma.decays) == ("gamma", (3,), Init("constant", 1e-6), False)


def test_images_of_other_channels_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"layer scale: expected \[H, W, 3\], received \(4, 5, 2\)"):
        LayerScale(3, 1e-6).shape((4, 5, 2))


class TestLayerScale(OpTests):
    op = LayerScale
    numeric = [
        Case(LayerScale(5, 1e-5), ((2, 3, 4, 5),), scale),
        Case(LayerScale(1, 1.0), ((1, 1, 1, 1),), scale),
        Case(LayerScale(3, 0.1), ((2, 5, 3, 3),), scale),
    ]
    golden = numeric[0]
    invalid = {
        "images of other channels": {"x": (2, 3, 4, 4)},
        "a cotangent of another size": {"dy": (2, 4, 4, 5)},
        "factors of other channels": {"gamma": (4,)},
    }
    wrong = {
        "a shift": (
            'hlo.multiply(x, per_channel(call.parameters["gamma"], x), "scaled")',
            'hlo.add(x, per_channel(call.parameters["gamma"], x), "scaled")',
        ),
        "a factor of 1 + γ": (
            'Result(hlo.multiply(x, per_channel(call.parameters["gamma"], x), "scaled"))',
            'Result(hlo.add(x, hlo.multiply(x, per_channel(call.parameters["gamma"], x)), "scaled"))',
        ),
        "dx without γ": ('hlo.multiply(cotangent, per_channel(gamma, cotangent), "dx")', "cotangent"),
        "dx is x · γ": (
            'hlo.multiply(cotangent, per_channel(gamma, cotangent), "dx")',
            'hlo.multiply(x, per_channel(gamma, x), "dx")',
        ),
        "dγ is the sum of dy": ("hlo.sums((product,), (1, 2)", "hlo.sums((cotangent,), (1, 2)"),
        "dγ of the first image alone": (
            'hlo.sums((images,), (0,), "dgamma")',
            'hlo.sums((hlo.slice_(images, (0, 0), (1, self.channels)),), (0,), "dgamma")',
        ),
        "dγ with its sign turned": ('hlo.subtract(scalar(0, x), x, "negative")', "x"),
        "dγ is of the output": (
            'hlo.subtract(scalar(0, x), x, "negative")',
            'hlo.subtract(scalar(0, x), result.output, "negative")',
        ),
        "dγ is the mean over the batch": (
            'return Cotangents((dx,), {"gamma": dgamma})',
            'return Cotangents((dx,), {"gamma": hlo.divide(dgamma, scalar(x.shape[0], dgamma))})',
        ),
    }
