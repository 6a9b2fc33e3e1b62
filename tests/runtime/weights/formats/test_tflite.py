"""Float TFLite files: constants, graph, options, labels; and that not more memory is used than a file has bytes."""

import io
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from netspec.errors import InputError
from runtime.weights.formats import tflite
from runtime.weights.formats.tflite_graph import Operator
from runtime.weights.formats.weight_file import Stored
from tests.runtime.weights import tflite_files as files


def read(path: Path) -> tflite.TFLiteFile:
    with tflite.opened(path) as file:
        return file


def test_constants_are_listed_by_name_and_read_as_they_are(tmp_path: Path) -> None:
    with tflite.opened(files.saved(tmp_path, files.tree())) as file:
        assert dict(file.tensors) == {
            "stem/weights": Stored((4, 3, 3, 2), "float32"),
            "stem/bias": Stored((4,), "float32"),
            "depthwise/weights": Stored((1, 3, 3, 4), "float32"),
            "depthwise/bias": Stored((4,), "float32"),
        }
        kernel = file.read("stem/weights")
        np.testing.assert_array_equal(kernel, files.KERNEL)
        assert kernel.dtype == np.float32
        assert kernel.flags.c_contiguous
        np.testing.assert_array_equal(file.read("depthwise/bias"), files.DEPTHWISE_BIAS)
        assert file.description == "written by a test"
        assert (file.labels, file.notes, file.format) == ((), (), "a TFLite file")


def test_the_graph_has_operators_with_their_options(tmp_path: Path) -> None:
    with tflite.opened(files.saved(tmp_path, files.tree())) as file:
        assert file.graph.operators == (
            Operator("CONV_2D", (0, 1, 2), (3,), "SAME", stride=(3, 2), activation="RELU6"),
            Operator("DEPTHWISE_CONV_2D", (3, 4, 5), (6,), "SAME", dilation=(2, 1), activation="RELU"),
            Operator("AVERAGE_POOL_2D", (6,), (7,), "VALID", stride=(2, 2), window=(4, 3)),
            Operator("RESHAPE", (7, 8), (9,)),
            Operator("HARD_SWISH", (9,), (10,)),
            Operator("SOFTMAX", (10,), (11,)),
        )
        assert (file.graph.inputs, file.graph.outputs) == ((0,), (11,))
        assert file.graph.tensors[9].shape == (-1, 4)
        assert file.integers(8) == (-1, 4)
        with pytest.raises(InputError, match=r"found the tensor stem/bias in place of a short constant list of integ"):
            file.integers(2)


def test_options_that_are_absent_have_the_defaults_of_the_schema(tmp_path: Path) -> None:
    model = files.tree()
    del files.graph(model)[3][0][4][4], files.graph(model)[3][0][4][5]  # dilation
    files.graph(model)[3][5] = files.operator(5, [10], [11])  # softmax without options
    model[1][5] = files.codes(files.MEAN)[0]
    graph = read(files.saved(tmp_path, model)).graph
    assert graph.operators[0].dilation == (1, 1)
    assert graph.operators[5] == Operator("MEAN", (10,), (11,), keep_dims=False)


@pytest.mark.parametrize(
    ("kind", "name"),
    [(files.RARE, "OPERATOR 190"), (files.CUSTOM, "CUSTOM Bilinear"), (127, "PLACEHOLDER_FOR_GREATER_OP_CODES")],
)
def test_any_kind_of_operator_is_given_out(kind: int, name: str, tmp_path: Path) -> None:
    model = files.tree()
    model[1][5] = {**files.codes(kind)[0], 1: "Bilinear"}
    assert read(files.saved(tmp_path, model)).graph.operators[4].kind == name


def test_the_number_of_an_operator_of_an_old_file_stands_in_a_byte(tmp_path: Path) -> None:
    model = files.tree()
    model[1] = [{0: code[0]} for code in model[1]]
    assert read(files.saved(tmp_path, model)).graph.operators[1].kind == "DEPTHWISE_CONV_2D"


def test_tensors_of_one_name_are_told_apart_by_their_numbers(tmp_path: Path) -> None:
    model = files.tree()
    for tensor in files.graph(model)[0][1:6]:
        tensor[3] = "same"
    del files.graph(model)[0][7][3]
    with tflite.opened(files.saved(tmp_path, model)) as file:
        assert list(file.tensors) == ["same", "same#2", "same#4", "same#5"]
        np.testing.assert_array_equal(file.read("same#4"), files.DEPTHWISE_KERNEL)
        assert file.graph.tensors[7].name == "#7"


@pytest.mark.parametrize(("kind", "dtype"), [(files.FLOAT16, "float16"), (files.BFLOAT16, "bfloat16")])
def test_narrow_constants_are_read_as_f32_and_their_dequantizing_is_left_out(
    kind: int, dtype: str, tmp_path: Path
) -> None:
    model, kernel = files.tree(), files.KERNEL.astype(np.float16).astype(np.float32)
    data = kernel.astype(np.float16).tobytes()
    if dtype == "bfloat16":
        kernel = (kernel.view(np.uint32) >> 16 << 16).view(np.float32)
        data = (kernel.view(np.uint32) >> 16).astype(np.uint16).tobytes()
    model[4][1] = {0: data}
    model[1] += files.codes(files.DEQUANTIZE)
    subgraph = files.graph(model)
    subgraph[0][1][1] = ("b", kind)
    subgraph[0].append(files.tensor("stem/weights_dequantize", [4, 3, 3, 2]))
    subgraph[3][0][1] = [0, 12, 2]
    subgraph[3].insert(0, files.operator(6, [1], [12]))
    with tflite.opened(files.saved(tmp_path, model)) as file:
        assert file.tensors["stem/weights"] == Stored((4, 3, 3, 2), dtype)
        np.testing.assert_array_equal(file.read("stem/weights"), kernel)
        assert file.graph.operators[0].inputs == (0, 1, 2)
        assert len(file.graph.operators) == 6
        assert file.notes == ("Constants that are stored as f16 or bf16: 1.",)


def test_numbers_behind_the_tables_are_read_too(tmp_path: Path) -> None:
    model = files.tree()
    model[4][1] = {1: ("Q", 1), 2: ("Q", 1)}
    begin = len(files.file_bytes(model))
    model[4][1] = {1: ("Q", begin), 2: ("Q", files.KERNEL.nbytes)}
    path = files.saved(tmp_path, files.file_bytes(model) + files.KERNEL.tobytes())
    with tflite.opened(path) as file:
        np.testing.assert_array_equal(file.read("stem/weights"), files.KERNEL)


def archive(members: dict[str, str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as file:
        for name, text in members.items():
            file.writestr(name, text)
    return packed.getvalue()


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_list_of_classes_behind_the_tables_is_read(compression: int, tmp_path: Path) -> None:
    text = "background\n tench \nköder\n\n"
    data = files.file_bytes(files.tree()) + archive({"labels.txt": text, "vocabulary.txt": "a"}, compression)
    assert read(files.saved(tmp_path, data)).labels == ("background", "tench", "köder")


def test_an_archive_whose_places_count_from_the_files_start_is_read(tmp_path: Path) -> None:
    path = files.saved(tmp_path, files.tree())
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("labels_v1.txt", "a\nb")
    assert read(path).labels == ("a", "b")


@pytest.mark.parametrize("members", [{}, {"a.txt": "x"}, {"labels.txt": "x", "labels2.txt": "y"}, {"labels.csv": "x"}])
def test_without_one_list_of_classes_there_is_none(members: dict[str, str], tmp_path: Path) -> None:
    assert read(files.saved(tmp_path, files.file_bytes(files.tree()) + archive(members))).labels == ()


@pytest.mark.parametrize("text", ["\xff", "x" * (tflite.LONGEST_LABELS + 1)])
def test_a_list_of_classes_that_cannot_be_read_is_noted(text: str, tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("labels.txt", text.encode("latin-1"))
    file_read = read(files.saved(tmp_path, files.file_bytes(files.tree()) + packed.getvalue()))
    assert file_read.labels == ()
    assert file_read.notes == ("It carries an archive that cannot be read: its list of classes is not used.",)
    assert len(file_read.tensors) == 4


def test_an_unknown_name_is_refused(tmp_path: Path) -> None:
    with tflite.opened(files.saved(tmp_path, files.tree())) as file, pytest.raises(InputError, match="check its name"):
        file.read("image")


def test_reading_takes_no_more_memory_than_the_tensor(tmp_path: Path) -> None:
    model, count = files.tree(), 2**22
    model[4].append({0: np.zeros(count, np.float16).tobytes()})
    files.graph(model)[0].append(files.tensor("large", [count], 6, files.FLOAT16))
    path = files.saved(tmp_path, model)
    tracemalloc.start()
    try:
        with tflite.opened(path) as file:
            assert tracemalloc.get_traced_memory()[1] < 2**19
            file.read("large")
            assert tracemalloc.get_traced_memory()[1] < 4 * count + 2**22
    finally:
        tracemalloc.stop()
