"""What the names say that IREE gives its kernels."""

import pytest

from runtime.compiler.tiling.names import shape_named


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("train_step_dispatch_3_matmul_like_1568x576x96_f32", "1568x576x96"),
        ("f_dispatch_1_matmul_like_8x16x4_bf16xbf16xf32", "8x16x4"),
        ("f_dispatch_12_conv_2x7x7x16x3x3x4_f32", "2x7x7x16x3x3x4"),
        ("f_dispatch_0_conv_7x7x96x3x3_f32", "1x7x7x96x3x3"),
        ("f_dispatch_0_elementwise_9x56x56x144_f32", None),
        ("f_dispatch_2_reduction_8x96x49_f32xf32xf32", None),
        ("f_dispatch_4_places_3x3x192x142x16_f32", None),
        ("f_dispatch_5_slow_memcpy", None),
        ("f_dispatch_3_matmul_like_8x16x4_f32xf32xi32", None),
        ("f_dispatch_3_matmul_like_8x16x4_bf16", None),
        ("f_matmul_like_8x16x4_f32", None),
    ],
)
def test_matmuls_and_convolutions_of_f32_are_known_by_their_names(name: str, shape: str | None) -> None:
    assert shape_named(name) == shape
