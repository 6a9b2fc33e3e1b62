"""`precision="bf16"`: which numbers of a training step are rounded to it, and which stay as they are."""

from dataclasses import replace

import pytest

from emit.hlo import Operation
from emit.programs import emit
from netspec.check import check_config
from netspec.errors import SpecError
from specs.mobilenet_v2 import mobilenetV2, mobilenetV2Config
from specs.resnet34 import resnet34, resnet34Config

BF16 = replace(mobilenetV2Config, precision="bf16")
SMALL = [
    (replace(mobilenetV2(), imageH=64, imageW=64), replace(mobilenetV2Config, precision="bf16", batchSize=4)),
    (replace(resnet34, imageH=64, imageW=64), replace(resnet34Config, precision="bf16", batchSize=4)),
]


def operations(text_of: str, net: object, config: object) -> list[Operation]:
    module = emit(text_of, net, config).module  # type: ignore[arg-type]
    return [item for item in module.functions[0].operations if isinstance(item, Operation)]


@pytest.mark.parametrize(("net", "config"), SMALL)
def test_every_product_but_a_depthwise_one_is_of_bf16_and_added_up_in_f32(net: object, config: object) -> None:
    found = operations("train_step", net, config)
    products = [op for op in found if op.opcode in ("convolution", "dot_general")]
    assert len(products) > 100
    for op in products:
        assert {value.dtype for value in op.results} == {"f32"}
        depthwise = op.attributes.get("groups", 1) > 1
        assert {value.dtype for value in op.operands} == {"f32" if depthwise else "bf16"}
    for op in found:  # nothing else is calculated in bf16
        if op.opcode not in ("convert", "convolution", "dot_general"):
            assert "bf16" not in {value.dtype for value in (*op.operands, *op.results)}


@pytest.mark.parametrize(("net", "config"), SMALL)
def test_layers_read_each_other_s_activations_in_bf16(net: object, config: object) -> None:
    """What comes from a layer passes through bf16 before the next calculates with it."""
    read = [
        op for op in operations("train_step", net, config) if op.opcode == "convert" and op.results[0].dtype == "f32"
    ]
    kept = [op for op in read if op.operands[0].dtype == "bf16"]
    assert len(kept) > 50
    assert all("_kept" in op.operands[0].name and "_read" in op.results[0].name for op in kept)


@pytest.mark.ordinary
@pytest.mark.parametrize(("net", "config"), SMALL)
def test_state_loss_and_the_other_programs_stay_in_f32(net: object, config: object) -> None:
    manifest = emit("train_step", net, config).manifest  # type: ignore[arg-type]
    assert {entry.dtype for entry in (*manifest.arguments, *manifest.results)} == {"ui8", "i32", "f32"}
    for name in ("evaluate", "predict"):
        assert "bf16" not in emit(name, net, config).text  # type: ignore[arg-type]
    assert "bf16" not in emit("train_step", net, replace(config, precision="f32")).text  # type: ignore[arg-type, type-var]


def test_another_precision_is_refused() -> None:
    with pytest.raises(SpecError, match=r'TrainConfig.precision: expected one of "f32", "bf16", received \'f16\''):
        check_config(replace(BF16, precision="f16"))  # type: ignore[arg-type]
