"""TFLite files as checkpoints: weights by the order of operators, whose options have to be the spec's."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emit.expand import expand
from emit.ops.dense import Dense
from emit.ops.depthwise import Depthwise
from netspec import NetSpec, TrainConfig
from netspec.errors import InputError
from netspec.language import with_classes
from runtime.checkpoint import Checkpoint
from runtime.networks import open_spec
from runtime.report import Report
from runtime.weights.importing import Request, imported
from tests.runtime.weights import tflite_files as files

NET = with_classes(open_spec("mobilenet_v1", width=0.25, image_size=(32, 32)).net, 7)
RELU6, SAME, VALID = 3, 0, 1
Tree = dict[int, Any]


def classifier(net: NetSpec) -> tuple[Tree, dict[str, Any]]:
    """A file of a network whose operators are in a row, and its kernels and biases by our names."""
    tensors, operators, buffers = [files.tensor("image", [1, 32, 32, 3])], [], [b""]
    held: dict[str, Any] = {}
    last = 0
    draw = np.random.default_rng(0)

    def constant(name: str, array: Any) -> int:
        buffers.append(np.ascontiguousarray(array, np.float32).tobytes())
        tensors.append(files.tensor(name, list(array.shape), len(buffers) - 1))
        return len(tensors) - 1

    graph = expand(net)
    for node in graph.nodes.values():
        if not any(name.endswith("_weight") for name, _ in node.parameters()):
            continue
        (_, weight), *_ = node.parameters()
        kernel = draw.normal(size=weight.shape).astype(np.float32)
        bias = draw.normal(size=weight.shape[-1]).astype(np.float32)
        held |= {f"{node.name}_weight": kernel, f"{node.name}_bias": bias}
        activation = RELU6 if f"{node.name}_relu6" in graph.nodes else 0
        if isinstance(node.op, Dense):
            code, kind, stored = 0, 1, kernel.T[:, None, None]
            stride = 1
        else:
            depthwise = isinstance(node.op, Depthwise)
            code, kind = (1, 2) if depthwise else (0, 1)
            stored = kernel.transpose((2, 0, 1, 3) if depthwise else (3, 0, 1, 2))
            stride = node.op.window.stride  # type: ignore[attr-defined]
        options: Tree = {0: ("b", SAME), 1: ("i", stride), 2: ("i", stride)}
        options |= {3: ("i", 1), 4: ("b", activation)} if code else {3: ("b", activation)}
        inputs = [last, constant(f"{node.name}/w", stored), constant(f"{node.name}/b", bias)]
        tensors.append(files.tensor(f"{node.name}/out", [1, 1, 1, weight.shape[-1]]))
        last = len(tensors) - 1
        operators.append(files.operator(code, inputs, [last], kind, options))
    graph_table = {0: tensors, 1: [0], 2: [last], 3: operators}
    tree = {
        0: ("I", 3),
        1: files.codes(files.CONV, files.DEPTHWISE),
        2: [graph_table],
        3: "written by a test",
        4: [{}, *({0: data} for data in buffers[1:])],
    }
    return tree, held


def taken(path: Path, net: NetSpec = NET, **changes: Any) -> Checkpoint:
    report = Report(live=False, stream=io.StringIO())
    return imported(Request(path, net, TrainConfig(), **({"adopt": True} | changes)), report)


def test_kernels_and_biases_are_taken_in_order_and_batch_norm_adds_the_bias_alone(tmp_path: Path) -> None:
    tree, held = classifier(NET)
    checkpoint = taken(files.saved(tmp_path, tree), with_classes(NET, 10))
    assert checkpoint.net.classes == 7
    assert (checkpoint.net.padding, checkpoint.net.bnEps) == ("same", 1e-5)
    assert checkpoint.origin is not None
    assert checkpoint.origin["source"] == "tflite"
    for name, array in held.items():
        if name.endswith("_weight") or name == "head_bias":
            np.testing.assert_array_equal(checkpoint.tensors[name], array)
            continue
        norm = name.replace("_bias", "_bn")
        gamma, beta, mean, variance = (
            checkpoint.tensors[f"{norm}_{part}"].astype(np.float64)
            for part in ("gamma", "beta", "running_mean", "running_variance")
        )
        x = np.linspace(-3, 3, len(array))
        np.testing.assert_allclose(
            (x - mean) / np.sqrt(variance + 1e-5) * gamma + beta, x + array, rtol=1e-6, atol=1e-6
        )


def option(number: int, field: int, value: int) -> Callable[[Tree], None]:
    """A change of one option of an operator."""

    def change(tree: Tree) -> None:
        operator = tree[2][0][3][number]
        operator[4][field] = (operator[4][field][0], value)

    return change


def without_last(tree: Tree) -> None:
    del tree[2][0][3][-1]
    tree[2][0][2] = tree[2][0][3][-1][2]


def no_bias(tree: Tree) -> None:
    tree[2][0][3][0][1] = tree[2][0][3][0][1][:2]


WRONG: dict[str, tuple[Callable[[Tree], None], str]] = {
    "no activation": (option(0, 3, 0), "stem: expected the activation RELU6, found NONE"),
    "another activation": (option(2, 3, 1), "block1_pw: expected the activation RELU6, found RELU"),
    "an activation of the head": (option(27, 3, RELU6), "head: expected the activation NONE, found RELU6"),
    "another stride": (option(0, 1, 1), "stem: expected stride 2 and dilation 1, found stride"),
    "padding by hand": (
        option(3, 0, VALID),
        'block2_dw: expected padding SAME, which is the spec\'s "same", found VALID',
    ),
    "a convolution less": (
        without_last,
        "expected the 28 convolutions and dense layers of MobileNet-v1 0.25, found 27",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_the_file_says_has_to_be_what_the_spec_says(name: str, tmp_path: Path) -> None:
    change, said = WRONG[name]
    tree, _ = classifier(NET)
    change(tree)
    with pytest.raises(InputError) as wrong:
        taken(files.saved(tmp_path, tree))
    assert said in str(wrong.value)


def test_where_an_operator_has_no_bias_it_is_zero(tmp_path: Path) -> None:
    tree, _ = classifier(NET)
    no_bias(tree)
    assert not taken(files.saved(tmp_path, tree)).tensors["stem_bn_beta"].any()


def test_another_width_spec_or_source_is_refused(tmp_path: Path) -> None:
    path = files.saved(tmp_path, classifier(NET)[0])
    with pytest.raises(InputError, match=r"stem: expected a kernel of shape \(3, 3, 3, 16\), found one of shape"):
        taken(path, open_spec("mobilenet_v1", width=0.5).net)
    with pytest.raises(InputError, match="expected the 21 convolutions and dense layers of ResNet-18, found 28"):
        taken(path, open_spec("resnet18").net)
    with pytest.raises(InputError, match="is a TFLite file: leave --source and --config out"):
        taken(path, source="keras")
    with pytest.raises(InputError, match=r'expected padding="same"; layer 0: convBn\(3, 8, 3, 2, "same"\)'):
        taken(path, adopt=False)
