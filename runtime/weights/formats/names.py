"""The names that a state dict's pickle may use, and what a call of each describes. All others are refused.

Source of the facts: files that PyTorch 2.13 wrote, and for older ones what its `torch/_utils.py` still accepts.
"""

from collections.abc import Callable

from netspec.text import shown
from runtime.weights.formats.strided import MOST_DIMENSIONS
from runtime.weights.formats.untrusted import UnreadableError
from runtime.weights.formats.values import Name, Sequence, Storage, Table, Tensor

STATE_DICT = "save the tensors alone, with torch.save(model.state_dict(), path) or as safetensors"
_STORAGES = {
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "DoubleStorage": "float64",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
}
_STORAGE_MODULES = ("torch", "torch.cuda")
_UNSUPPORTED = {
    "torch._utils._rebuild_sparse_tensor": "a sparse tensor",
    "torch._utils._rebuild_qtensor": "a quantised tensor",
    "torch._utils._rebuild_nested_tensor": "a nested tensor",
    "torch._utils._rebuild_meta_tensor_no_storage": "a tensor without numbers",
    "torch._utils._rebuild_wrapper_subclass": "a tensor of a class of its own",
    "torch._tensor._rebuild_from_type_v2": "a tensor of a class of its own",
    "torch._utils._rebuild_tensor_v3": "a tensor of a rare element type",
}
_DENSE = "convert it to an ordinary tensor (to_dense(), dequantize(), float()) and save again"


def named(module: str, name: str) -> Name:
    """The known name. Raises UnreadableError for any other, and says which."""
    full = f"{module}.{name}"
    if known := _KNOWN.get(full):
        return known
    if what := _UNSUPPORTED.get(full):
        raise UnreadableError(f"one with {what} ({full})", _DENSE)
    if "Storage" in name and module in (*_STORAGE_MODULES, "torch.storage"):
        raise UnreadableError(f"one with tensors of another element type ({shown(full)})", _DENSE)
    raise UnreadableError(
        f"one that holds other Python objects than tensors, such as a whole module: it asks for {shown(full)}, and "
        "nothing that a file names is imported or run",
        STATE_DICT,
    )


def called(function: object, given: object) -> object:
    """What a call describes. Raises UnreadableError unless it is a known function with the arguments it takes."""
    call = _CALLS.get(function.full) if isinstance(function, Name) else None
    if call is None or not isinstance(given, Sequence):
        raise UnreadableError("one whose pickle calls what is no function")
    return call(given)


def described_storage(given: object) -> tuple[Storage, Storage]:
    """The storage that a persistent id describes, in full and as the tensor sees it. Raises UnreadableError."""
    items = tuple(given.items) if isinstance(given, Sequence) else ()
    if items[:1] == ("module",):
        raise UnreadableError("one that holds a whole module, as Python objects", STATE_DICT)
    if len(items) not in (5, 6) or items[0] != "storage":
        raise UnreadableError("one whose pickle refers to something that is no storage")
    kind, key, _location, count = items[1:5]
    dtype = kind.dtype if isinstance(kind, Name) else None
    if dtype is None or not isinstance(key, str) or not _is_count(count):
        raise UnreadableError("one with a storage without a valid type, key or size")
    storage = Storage(key, dtype, _count(count))
    return storage, _viewed(storage, items[5] if len(items) == 6 else None)


def _viewed(storage: Storage, view: object) -> Storage:
    """The part of a storage that old files call a view: (key of the view, offset, size)."""
    if view is None:
        return storage
    items = tuple(view.items) if isinstance(view, Sequence) else ()
    if len(items) != 3 or not (_is_count(items[1]) and _is_count(items[2])):
        raise UnreadableError("one with a view of a storage without a valid offset or size")
    offset, count = _count(items[1]), _count(items[2])
    if offset + count > storage.count:
        raise UnreadableError(
            f"one with a view of {count} elements from {offset} on, in a storage of {storage.count} elements"
        )
    return Storage(storage.key, storage.dtype, count, offset)


def _tensor(given: Sequence) -> Tensor:
    """`(storage, offset, size, stride)`, then whether it wants a gradient, hooks, and what else must be applied."""
    items = given.items
    if len(items) not in (4, 6, 7):
        raise UnreadableError(f"one with a tensor of {len(items)} attributes instead of 4, 6 or 7")
    storage, offset, size, stride = items[:4]
    if not isinstance(storage, Storage) or not _is_count(offset):
        raise UnreadableError("one with a tensor without a storage or a valid offset")
    if len(items) == 7 and not (isinstance(items[6], Table) and not items[6].items):
        raise UnreadableError("one with a tensor that is conjugated or negated when it is used", _DENSE)
    shape, strides = _counts(size), _counts(stride)
    if len(shape) != len(strides):
        raise UnreadableError(f"one with a tensor of {len(shape)} dimensions and {len(strides)} strides")
    return Tensor(storage, _count(offset), shape, strides)


def _parameter(given: Sequence) -> Tensor:
    """`(tensor, ...)`: what else there is matters in training only."""
    if given.items and isinstance(given.items[0], Tensor):
        return given.items[0]
    raise UnreadableError("one with a parameter that holds no tensor")


def _ordered_dict(given: Sequence) -> Table:
    """`()`, or as Python 2 wrote it `([[key, value], ...],)`."""
    table = Table()
    if not given.items:
        return table
    pairs = given.items[0]
    if len(given.items) > 1 or not isinstance(pairs, Sequence):
        raise UnreadableError("one with an OrderedDict of something that is no list of pairs")
    for pair in pairs.items:
        if not isinstance(pair, Sequence) or len(pair.items) != 2:
            raise UnreadableError("one with an OrderedDict of something that is no list of pairs")
        table.put(*pair.items)
    return table


def _size(given: Sequence) -> Sequence:
    """`(sizes,)`: a torch.Size is a tuple."""
    if len(given.items) == 1 and isinstance(given.items[0], Sequence):
        return given.items[0]
    raise UnreadableError("one with a torch.Size of something that is no tuple")


def _counts(given: object) -> tuple[int, ...]:
    items = given.items if isinstance(given, Sequence) else None
    if items is not None and len(items) > MOST_DIMENSIONS:
        raise UnreadableError(f"one with a tensor of {len(items)} dimensions, more than {MOST_DIMENSIONS}")
    if items is None or not all(_is_count(item) for item in items):
        raise UnreadableError("one with a tensor whose size or stride is no tuple of whole numbers from 0 to 2^63")
    return tuple(_count(item) for item in items)


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**63


def _count(value: object) -> int:
    assert isinstance(value, int)
    return value


_CALLS: dict[str, Callable[[Sequence], object]] = {
    "collections.OrderedDict": _ordered_dict,
    "torch.Size": _size,
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_parameter": _parameter,
    "torch._utils._rebuild_parameter_with_state": _parameter,
    "torch.nn.parameter.Parameter": _parameter,
}
_KNOWN = {full: Name(full) for full in _CALLS} | {
    f"{module}.{name}": Name(f"{module}.{name}", dtype)
    for module in _STORAGE_MODULES
    for name, dtype in _STORAGES.items()
}
