"""The machine for pickles: what it gives for right ones, of every protocol, and what it drops."""

import pickle
from pathlib import Path
from typing import Any

import pytest

from runtime.weights.formats.pickled import unpickled
from runtime.weights.formats.untrusted import Budget, Stream, UnreadableError, UntrustedFile
from runtime.weights.formats.values import Name, Sequence, Storage, Table, Tensor
from tests.runtime.weights import torch_files
from tests.runtime.weights.torch_files import ORDERED_DICT, REBUILD, Call, Named, Persistent, Raw, pickled, storage

PLAIN: dict[str, Any] = {
    "numbers": [0, 1, 255, 256, 65535, 65536, -1, -(2**31), 2**31, 2**62, -(2**62)],
    "fractions": [0.5, -1e300, float("inf")],
    "nothing": None,
    "truths": [True, False],
    "texts": ["", "a", "é", "😀", "a" * 300],
    "nested": {"a": {"b": [{"c": (1, (2, (3, 4, 5, 6)))}]}},
    "empty": [(), [], {}],
    "long": list(range(3000)),
    "wide": {str(number): number for number in range(2500)},
    "shared": [("same",)] * 3,
}


def value_of(path: Path, data: bytes, storages: dict[str, Storage] | None = None) -> object:
    path.write_bytes(data)
    with UntrustedFile(path) as file:
        return unpickled(Stream(file, 0, file.size), Budget(file.size), {} if storages is None else storages)


def plain(value: object) -> object:
    """As Python's own module would give it, tuples as lists."""
    if isinstance(value, Sequence):
        return [plain(item) for item in value.items]
    if isinstance(value, Table):
        return {key: plain(item) for key, item in value.items.items()}
    return value


def listed(value: object) -> object:
    if isinstance(value, list | tuple):
        return [listed(item) for item in value]
    if isinstance(value, dict):
        return {key: listed(item) for key, item in value.items()}
    return value


@pytest.mark.parametrize("protocol", [1, 2, 3, 4, 5])
def test_plain_values_are_those_of_pythons_pickler(tmp_path: Path, protocol: int) -> None:
    assert plain(value_of(tmp_path / "a", pickle.dumps(PLAIN, protocol))) == listed(PLAIN)


@pytest.mark.parametrize("protocol", [1, 2, 3, 4, 5])
def test_the_tests_own_writer_is_understood_by_pythons_pickle(protocol: int) -> None:
    """So that what is tested with it holds for real files."""
    assert pickle.loads(pickled(PLAIN, protocol)) == PLAIN


def test_texts_of_python_2_are_texts_where_they_can_be(tmp_path: Path) -> None:
    data = b"\x80\x02](U\x03abcT\x02\x00\x00\x00\xc3\xa9U\x02\xff\xfee."
    assert plain(value_of(tmp_path / "a", data)) == ["abc", "é", b"\xff\xfe"]


def test_a_memo_may_have_gaps_and_begin_at_one(tmp_path: Path) -> None:
    assert plain(value_of(tmp_path / "a", b"\x80\x02](K\x01q\x01K\x02q\x09h\x01h\x09e.")) == [1, 2, 1, 2]


def test_items_whose_keys_are_no_texts_are_dropped(tmp_path: Path) -> None:
    data = pickle.dumps({1: "a", "b": 2, (3, 4): 5, None: 6, b"7": 8, 1.5: 9})
    assert plain(value_of(tmp_path / "a", data)) == {"b": 2}


@pytest.mark.parametrize("protocol", [1, 2, 3, 4, 5])
def test_a_tensor_is_described_by_its_storage_offset_shape_and_strides(tmp_path: Path, protocol: int) -> None:
    storages: dict[str, Storage] = {}
    written = torch_files.tensor(storage("7", 100, "HalfStorage"), (3, 4), (1, 3), 5)
    found = value_of(tmp_path / "a", pickled(written, protocol), storages)
    assert isinstance(found, Tensor)
    assert (found.offset, found.shape, found.strides) == (5, (3, 4), (1, 3))
    assert (found.storage.key, found.storage.dtype, found.storage.count) == ("7", "float16", 100)
    assert list(storages) == ["7"]


@pytest.mark.parametrize(
    "call",
    [
        Call(Named("torch._utils", "_rebuild_parameter"), (Raw(b"h\x05"), True, Call(ORDERED_DICT))),
        Call(
            Named("torch._utils", "_rebuild_parameter_with_state"), (Raw(b"h\x05"), True, Call(ORDERED_DICT), {"a": 1})
        ),
        Call(Named("torch.nn.parameter", "Parameter"), (Raw(b"h\x05"), True)),
        Call(Named("torch.nn.parameter", "Parameter"), (Raw(b"h\x05"),), state=(True, False, Call(ORDERED_DICT))),
    ],
)
def test_a_parameter_is_its_tensor(tmp_path: Path, call: Call) -> None:
    tensor = torch_files.tensor(storage("0", 4), (4,))
    found = value_of(tmp_path / "a", pickled([_stored_at_5(tensor), call]))
    assert isinstance(found, Sequence)
    assert found.items[0] is found.items[1]


def _stored_at_5(value: Any) -> Raw:
    """The opcodes of a value that stores itself at 5 in the memo, and nothing else there."""
    return Raw(pickled(value)[2:-1] + b"q\x05")


def test_a_tensor_of_the_first_versions_has_four_facts(tmp_path: Path) -> None:
    written = Call(Named("torch._utils", "_rebuild_tensor"), (storage("0", 4), 0, (2, 2), (2, 1)))
    assert isinstance(value_of(tmp_path / "a", pickled(written)), Tensor)


def test_a_tensor_may_have_an_empty_dict_of_metadata(tmp_path: Path) -> None:
    written = Call(REBUILD, (storage("0", 4), 0, (2, 2), (2, 1), False, Call(ORDERED_DICT), {}))
    assert isinstance(value_of(tmp_path / "a", pickled(written)), Tensor)


def test_a_size_is_a_tuple(tmp_path: Path) -> None:
    assert plain(value_of(tmp_path / "a", pickled(Call(Named("torch", "Size"), ((2, 3),))))) == [2, 3]


def test_a_view_begins_within_its_storage(tmp_path: Path) -> None:
    storages: dict[str, Storage] = {}
    found = value_of(tmp_path / "a", pickled(storage("0", 10, view=("view", 3, 4))), storages)
    assert isinstance(found, Storage)
    assert (found.key, found.offset, found.count) == ("0", 3, 4)
    assert storages["0"].count == 10


def test_storages_of_cuda_are_those_of_the_cpu(tmp_path: Path) -> None:
    id_ = ("storage", Named("torch.cuda", "HalfStorage"), "0", "cuda:0", 4)
    found = value_of(tmp_path / "a", pickled(Persistent(id_)))
    assert isinstance(found, Storage)
    assert found.dtype == "float16"


def test_an_ordered_dict_of_python_2_has_its_pairs_in_a_list(tmp_path: Path) -> None:
    written = Call(ORDERED_DICT, ([["a", 1], ["b", 2]],), state={"_metadata": {}})
    assert plain(value_of(tmp_path / "a", pickled(written, python_2=True))) == {"a": 1, "b": 2}


def test_the_state_of_a_dict_is_dropped_whatever_it_says(tmp_path: Path) -> None:
    state = {"__class__": Named("torch", "FloatStorage"), "items": 5, "depth": -(2**40)}
    found = value_of(tmp_path / "a", pickled(Call(ORDERED_DICT, items={"a": 1}, state=state)))
    assert isinstance(found, Table)
    assert (found.items, found.depth) == ({"a": 1}, 1)


def test_a_name_is_only_a_name(tmp_path: Path) -> None:
    found = value_of(tmp_path / "a", pickled(ORDERED_DICT))
    assert isinstance(found, Name)
    assert found.full == "collections.OrderedDict"


def test_lists_within_lists_that_share_everything_are_read_at_once(tmp_path: Path) -> None:
    """2^60 paths lead to the innermost; nothing walks them."""
    step = b"".join(b"h" + bytes([level]) + b"\x86q" + bytes([level + 1]) for level in range(60))
    doubled = b"\x80\x02N\x85q\x00" + step.replace(b"h\x00\x86", b"h\x00\x86", 1) + b"."
    found = value_of(tmp_path / "a", doubled)
    assert isinstance(found, Sequence)
    assert found.depth == 61


def test_values_follow_each_other_in_a_stream(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"before" + pickle.dumps(1) + pickle.dumps(["x" * 60_000], 4) + b"after")
    with UntrustedFile(path) as file:
        stream, budget = Stream(file, 6, file.size), Budget(file.size)
        assert unpickled(stream, budget) == 1
        assert plain(unpickled(stream, budget)) == ["x" * 60_000]
        assert stream.position == file.size - 5


def test_storages_are_refused_where_there_can_be_none(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(pickled(storage("0", 1)))
    with UntrustedFile(path) as file, pytest.raises(UnreadableError, match="where none can be"):
        unpickled(Stream(file, 0, file.size), Budget(file.size))


def test_the_budget_follows_from_the_files_size() -> None:
    small, large = Budget(0), Budget(2**30)
    assert small.total < 4 * 2**20
    assert large.total < 2**30
    assert large.total > 100 * 2**20
