"""Pickles that would run something, or fill the memory, or describe what cannot be: each by a sentence."""

import struct
from collections.abc import Callable

from tests.runtime.weights.torch_files import (
    ORDERED_DICT,
    REBUILD,
    Call,
    Named,
    Persistent,
    Raw,
    pickled,
    state_dict,
    storage,
    tensor,
)

# What an attack runs: a shell's command, and an expression of Python's. `@` becomes the path of a file.
COMMAND, EXPRESSION = "echo run > @", "__import__('pathlib').Path('@').touch()"


def attacks(path: str) -> dict[str, bytes]:
    """Pickles that create the file `path` when Python's own module reads them."""
    command = text(COMMAND.replace("@", path))
    expression = text(EXPRESSION.replace("@", path))
    namespace = b"cargparse\nNamespace\n)\x81"
    return {
        "GLOBAL and REDUCE of posix.system": b"\x80\x02cposix\nsystem\n" + command + b"\x85R.",
        "GLOBAL and REDUCE of os.system": b"\x80\x02cos\nsystem\n" + command + b"\x85R.",
        "GLOBAL without a protocol": b"cposix\nsystem\n(" + command + b"tR.",
        "STACK_GLOBAL of posix.system": b"\x80\x04\x8c\x05posix\x8c\x06system\x93" + command + b"\x85R.",
        "builtins.eval": b"\x80\x03cbuiltins\neval\n" + expression + b"\x85R.",
        "builtins.exec": b"\x80\x03cbuiltins\nexec\n" + expression + b"\x85R.",
        "__builtin__.eval, as Python 2 wrote it": b"\x80\x02c__builtin__\neval\n" + expression + b"\x85R.",
        "subprocess.getoutput": b"\x80\x02csubprocess\ngetoutput\n" + command + b"\x85R.",
        "a name with dots": b"\x80\x04" + text("os") + text("path.os.system") + b"\x93" + command + b"\x85R.",
        "INST of posix.system": b"\x80\x02(" + command + b"iposix\nsystem\n.",
        "OBJ of posix.system": b"\x80\x02(cposix\nsystem\n" + command + b"o.",
        "NEWOBJ and BUILD through __setstate__": b"\x80\x02"
        + namespace
        + b"}"
        + text("__setstate__")
        + b"cposix\nsystem\nsb"
        + command
        + b"b.",
        "a call in the middle of a list": b"\x80\x02](K\x01cposix\nsystem\n" + command + b"\x85RK\x02e.",
        "a call as a key": b"\x80\x02}cposix\nsystem\n" + command + b"\x85RK\x01s.",
    }


def within_state_dicts(path: str) -> dict[str, bytes]:
    """State dicts with an attack in every place that holds a value."""
    attack = Raw(b"cposix\nsystem\n" + text(COMMAND.replace("@", path)) + b"\x85R")
    name = Named("posix", "system")
    right = tensor(storage("0", 4), (2, 2))
    return {
        "as a value beside the tensors": pickled(state_dict({"w": right, "x": attack})),
        "as the metadata of a state dict": pickled(Call(ORDERED_DICT, items={"w": right}, state=attack)),
        "as the hooks of a tensor": pickled(Call(REBUILD, (storage("0", 4), 0, (2, 2), (2, 1), False, attack))),
        "as the size of a tensor": pickled(state_dict({"w": tensor(storage("0", 4), attack, (2, 1))})),
        "as the storage of a tensor": pickled(state_dict({"w": tensor(attack, (2, 2))})),
        "as the class of a storage": pickled(
            state_dict({"w": tensor(Persistent(("storage", name, "0", "cpu", 4)), (2, 2))})
        ),
        "as the place of a storage": pickled(
            state_dict({"w": tensor(Persistent(("storage", Named("torch", "FloatStorage"), "0", attack, 4)), (2, 2))})
        ),
        "as the function that rebuilds a tensor": pickled(state_dict({"w": Call(name, ("true",))})),
        "as an optimizer's state": pickled({"state_dict": state_dict({"w": right}), "optimizer": {"state": attack}}),
    }


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value.encode())) + value.encode()


def unknown_names() -> dict[str, bytes]:
    """Names of PyTorch's and Python's that could run or build something, called with nothing."""
    names = [
        "torch.load",
        "torch.hub.load",
        "torch.jit.load",
        "torch.storage._load_from_bytes",
        "torch.utils.cpp_extension.load",
        "torch.nn.modules.linear.Linear",
        "torch._utils._rebuild_sparse_tensor",
        "torch._utils._rebuild_qtensor",
        "torch._tensor._rebuild_from_type_v2",
        "torch.ComplexFloatStorage",
        "torch.QInt8Storage",
        "torch.storage.UntypedStorage",
        "torch._utils._rebuild_tensor_v2.__globals__",
        "collections.OrderedDict.fromkeys",
        "collections.defaultdict",
        "_codecs.encode",
        "builtins.getattr",
        "builtins.bytearray",
        "copyreg._reconstructor",
        "argparse.Namespace",
        "numpy.core.multiarray._reconstruct",
        "pickle.loads",
        "importlib.import_module",
        "webbrowser.open",
        "",
        "é.\x1b[2J",
    ]
    return {f"the name {name!r}": _named(name) for name in names}


def _named(name: str) -> bytes:
    module, _, last = name.rpartition(".")
    return pickled({"w": Call(Named(module, last))})


def opcodes() -> dict[str, bytes]:
    """An opcode that no state dict needs, each where it would be valid."""
    found = {
        "POP": b"N0N.",
        "POP_MARK": b"(N1N.",
        "DUP": b"N2\x86.",
        "LIST": b"(NNl.",
        "DICT": b"(NNd.",
        "INST": b"(icollections\nOrderedDict\n.",
        "OBJ": b"(ccollections\nOrderedDict\no.",
        "NEWOBJ": b"ccollections\nOrderedDict\n)\x81.",
        "NEWOBJ_EX": b"ccollections\nOrderedDict\n)}\x92.",
        "EXT1": b"\x82\x01.",
        "EXT2": b"\x83\x01\x00.",
        "EXT4": b"\x84\x01\x00\x00\x00.",
        "PERSID": b"Pstorage\n.",
        "LONG4": b"\x8b\x01\x00\x00\x00\x05.",
        "FLOAT": b"F1.5\n.",
        "STRING": b"S'a'\n.",
        "UNICODE": b"Va\n.",
        "GET": b"Nq\x00g0\n.",
        "PUT": b"Np0\n.",
        "BYTEARRAY8": b"\x96\x01\x00\x00\x00\x00\x00\x00\x00a.",
        "NEXT_BUFFER": b"\x97.",
        "READONLY_BUFFER": b"N\x98.",
        "EMPTY_SET": b"\x8f.",
        "ADDITEMS": b"](N\x90.",
        "FROZENSET": b"(N\x91.",
        "no opcode": b"\xff.",
    }
    return {f"the opcode {name}" if name.isupper() else name: b"\x80\x02" + code for name, code in found.items()}


def malformed() -> dict[str, bytes]:
    """Pickles that are not well-formed, or of which no structure can be built."""
    cases = {
        "nothing at all": b"",
        "a value that is not there": b".",
        "two values at the end": b"NN.",
        "a mark at the end": b"N(.",
        "a tuple of what is below its mark": b"N(\x85t.",
        "an item of what is below its mark": b"}(N" + b"s.",
        "a list that nobody began": b"Nt.",
        "a list appended to without a list": b"NNa.",
        "a list extended without a list": b"(Ne.",
        "items of no dict": b"](NNu.",
        "a key without a value": b"}(NNNu.",
        "an append to a dict": b"}Na.",
        "an append to a tuple": b")Na.",
        "a value that was not stored": b"h\x05.",
        "a value from a gap in the memo": b"Nq\x05h\x03.",
        "a memo of four thousand million": b"Nr\xff\xff\xff\xff.",
        "a store of nothing": b"q\x00.",
        "a call of nothing": b")R.",
        "a call of a text": text("os.system") + b")R.",
        "a call of a number": b"K\x01)R.",
        "a call with a list that is none": b"ccollections\nOrderedDict\nNR.",
        "a call of a storage's class": b"ctorch\nFloatStorage\n)R.",
        "a state of a name": b"ccollections\nOrderedDict\n}b.",
        "a state of a list": b"]}b.",
        "a state of nothing": b"Nb.",
        "a name that is a number": b"K\x01K\x02\x93.",
        "a name that never ends": b"c" + b"a" * 5000,
        "a name of two lines that ends": b"ccollections\n",
        "a text of four thousand million letters": b"X\xff\xff\xff\xffabc.",
        "a text of 2^63 letters": b"\x8d" + b"\xff" * 7 + b"\x7fabc.",
        "a text of fewer letters than none": b"T\xff\xff\xff\xffabc.",
        "bytes of 2^64": b"\x8e" + b"\xff" * 8 + b"abc.",
        "bytes of four thousand million": b"B\xff\xff\xff\xffabc.",
        "a text that is no UTF-8": b"X\x02\x00\x00\x00\xff\xfe.",
        "a text with half of a pair": b"X\x03\x00\x00\x00\xed\xa0\x80.",
        "a number of 255 bytes": b"\x8a\xff" + b"\x01" * 255 + b".",
        "a number in letters that is none": b"Iabc\n.",
        "a number in letters that is empty": b"I\n.",
        "a number in letters of five thousand digits": b"L" + b"9" * 5000 + b"L\n.",
        "a number in letters of two hundred digits": b"L" + b"9" * 200 + b"L\n.",
        "a number in letters with underscores": b"I1_0\n.",
        "a fraction that ends": b"G\x00\x00",
        "a protocol to come": b"\x80\x06N.",
        "a frame that ends": b"\x95\x00\x00",
        "a list in itself": b"]q\x00h\x00a.",
        "a dict in itself": b"}q\x00" + text("a") + b"h\x00s.",
        "a dict as its own key": b"}q\x00h\x00Ns.",
        "an OrderedDict in itself": b"ccollections\nOrderedDict\n)Rq\x00" + text("a") + b"h\x00s.",
        "a list in a tuple in itself": b"]q\x00h\x00\x85a.",
        "a list that grows after it was put into another": b"]q\x00](h\x00e.",
        "a list changed after it was put into another": b"](]q\x00eh\x00Na.",
        "an OrderedDict of a number": b"ccollections\nOrderedDict\nK\x01\x85R.",
        "an OrderedDict of numbers": b"ccollections\nOrderedDict\n](K\x01K\x02e\x85R.",
        "an OrderedDict of a tuple of three": b"ccollections\nOrderedDict\n](NNN\x87e\x85R.",
        "a storage that is a text": text("storage") + b"Q.",
        "a storage of nothing": b")Q.",
        "a parameter without a tensor": b"ctorch._utils\n_rebuild_parameter\nN\x85R.",
        "a size of nothing": b"ctorch\nSize\n)R.",
        "a size of a number": b"ctorch\nSize\nK\x01\x85R.",
        "a million lists": b"]" * 10**6 + b".",
        "a million dicts": b"}" * 10**6 + b".",
        "a million OrderedDicts": b"ccollections\nOrderedDict\nq\x00" + b"h\x00)R" * 250_000 + b".",
        "a million tuples": b"N\x85" * 500_000 + b".",
        "a million marks": b"(" * 10**6 + b".",
        "a million of nothing": b"N" * 10**6 + b".",
        "a million numbers": b"J\xff\xff\xff\x7f" * 200_000 + b".",
        "a million fractions": (b"G" + b"\x3f" * 8) * 110_000 + b".",
        "a million texts": b"\x8c\x01a" * 330_000 + b".",
        "a million bytes": b"C\x01a" * 330_000 + b".",
        "a million memo entries": b"N" + b"\x94" * 10**6 + b".",
        "a million frames": (b"\x95" + b"\x00" * 8) * 110_000 * 8 + b"N.",
        "a million protocols": b"\x80\x02" * 10**6 + b"N.",
        "a million states": b"}" + b"Nb" * 10**6 + b".",
        "a million names": b"ccollections\nOrderedDict\n" * 40_000 * 4 + b".",
        "a list of a million": b"](" + b"N" * 10**6 + b"e.",
        "a dict of a million": b"}(" + b"NN" * 500_000 + b"u.",
        "one tuple in half a million places": b"N\x85q\x00(" + b"h\x00" * 500_000 + b"t.",
        "lists nested a thousand deep": b"]" * 1000 + b"a" * 999 + b".",
        "tuples nested a thousand deep": b")" + b"N\x85" + b"\x85" * 1000 + b".",
        "dicts nested a thousand deep": b"}K\x01" * 1000 + b"Ns" + b"s" * 999 + b".",
        "texts in wide letters": (b"X" + struct.pack("<I", 65_500) + b"a" * 65_496 + "😀".encode()) * 40 + b".",
        "a text of a million letters": text("a" * 10**6) + b".",
        "a pair of lists within a pair, a hundred times": b")q\x00" + _doubling(100) + b".",
        "an OrderedDict made again and again from one list": _copied_lists(),
        "a size copied again and again": _copied_sizes(),
    }
    return {name: b"\x80\x04" + code for name, code in cases.items()}


def _doubling(times: int) -> bytes:
    return b"".join(b"h" + bytes([step]) + b"\x86q" + bytes([step + 1]) for step in range(times))


def _copied_lists() -> bytes:
    pairs = b"](" + b"".join(text(f"{number:05}") + b"N\x86" for number in range(2000)) + b"e\x85q\x01"
    return b"ccollections\nOrderedDict\nq\x00" + pairs + b"h\x00h\x01R" * 5000 + b"."


def _copied_sizes() -> bytes:
    held = text("storage") + b"ctorch\nFloatStorage\n" + text("0") + text("cpu") + b"K\x01"
    size = b"(" + b"K\x00" * 20_000 + b"tq\x01"
    return (
        size
        + b"("
        + b"("
        + held
        + b"tQK\x00h\x01h\x01tq\x02ctorch._utils\n_rebuild_tensor\nq\x03"
        + b"h\x03h\x02R" * 5000
        + b"."
    )


def wrong_tensors() -> dict[str, Callable[[], bytes]]:
    """State dicts of one tensor `w` that does not fit its storage `0`, of 4 elements of f32."""
    held = storage("0", 4)
    huge = 2**40

    def one(value: object) -> Callable[[], bytes]:
        return lambda: pickled(state_dict({"w": value}))

    return {
        "an offset beyond the storage": one(tensor(held, (2, 2), offset=1)),
        "an offset of 2^62": one(tensor(held, (1,), offset=2**62)),
        "an offset of 2^70": one(tensor(held, (1,), offset=2**70)),
        "a negative offset": one(tensor(held, (2, 2), offset=-1)),
        "an offset that is a text": one(tensor(held, (2, 2), offset="0")),
        "an offset that is a fraction": one(tensor(held, (2, 2), offset=0.0)),
        "an offset that is true": one(tensor(held, (2, 2), offset=True)),
        "an offset of nothing with no element": one(tensor(held, (0,), (1,), offset=5)),
        "a size beyond the storage": one(tensor(held, (5,))),
        "a huge size": one(tensor(held, (huge,))),
        "two huge sizes": one(tensor(held, (huge, huge), (1, 1))),
        "a huge size of no element": one(tensor(held, (0, huge, huge), (1, 1, 1))),
        "a negative size": one(tensor(held, (-1, 2), (2, 1))),
        "two negative sizes": one(tensor(held, (-2, -2), (2, 1))),
        "a size that is a fraction": one(tensor(held, (2.0, 2), (2, 1))),
        "a size that is a text": one(tensor(held, ("2", 2), (2, 1))),
        "a size that is nothing": one(tensor(held, None, (2, 1))),
        "a size that is a number": one(tensor(held, 4, (1,))),
        "a size that is a dict": one(tensor(held, {}, ())),
        "more strides than sizes": one(tensor(held, (2, 2), (2, 1, 1))),
        "more sizes than strides": one(tensor(held, (2, 2), (1,))),
        "a stride of 0": one(tensor(held, (2, 2), (0, 1))),
        "a stride of 0 over a thousand million": one(tensor(held, (10**9,), (0,))),
        "strides that overlap": one(tensor(held, (2, 2), (1, 1))),
        "strides that overlap by one": one(tensor(held, (2, 3), (2, 1))),
        "a negative stride": one(tensor(held, (4,), (-1,), offset=3)),
        "a huge stride": one(tensor(held, (2,), (2**62,))),
        "a stride that leads out": one(tensor(held, (2, 2), (3, 1))),
        "thirty-three dimensions": one(tensor(held, (1,) * 33)),
        "ten thousand dimensions": one(tensor(held, (1,) * 10_000, (1,) * 10_000)),
        "a storage that is a text": one(tensor("0", (2, 2))),
        "a storage that is nothing": one(tensor(None, (2, 2))),
        "a storage that is missing": one(tensor(storage("7", 4), (2, 2))),
        "a storage of another folder": one(tensor(storage("../data.pkl", 4), (2, 2))),
        "a storage larger than its bytes": one(tensor(storage("0", 5), (5,))),
        "a storage of a larger type than its bytes": one(tensor(storage("0", 4, "DoubleStorage"), (4,))),
        "a storage of a huge size": one(tensor(storage("0", 2**62), (2**46,))),
        "a storage of a negative size": one(tensor(storage("0", -4), (2, 2))),
        "a storage whose size is a text": one(tensor(storage("0", "4"), (2, 2))),
        "a storage whose size is nothing": one(tensor(storage("0", None), (2, 2))),
        "a storage whose key is a number": one(tensor(storage(0, 4), (2, 2))),
        "a storage whose key is a list": one(tensor(storage(["0"], 4), (2, 2))),
        "a storage of no class": one(tensor(Persistent(("storage", "FloatStorage", "0", "cpu", 4)), (2, 2))),
        "a storage of another class": one(tensor(Persistent(("storage", ORDERED_DICT, "0", "cpu", 4)), (2, 2))),
        "a storage of four facts": one(tensor(Persistent(("storage", Named("torch", "FloatStorage"), "0", 4)), (2, 2))),
        "a persistent id of a module": one(tensor(Persistent(("module", ORDERED_DICT, "a.py", "")), (2, 2))),
        "a persistent id of another kind": one(tensor(Persistent(("tensor", 1, 2, 3, 4)), (2, 2))),
        "a view beyond the storage": one(tensor(storage("0", 4, view=("v", 2, 3)), (3,))),
        "a view with a negative offset": one(tensor(storage("0", 4, view=("v", -1, 3)), (3,))),
        "a view of two facts": one(tensor(storage("0", 4, view=("v", 1)), (3,))),
        "a tensor beyond its view": one(tensor(storage("0", 4, view=("v", 1, 2)), (3,))),
        "one storage described in two types": lambda: pickled(
            state_dict({"w": tensor(held, (2, 2)), "v": tensor(storage("0", 4, "IntStorage"), (2, 2))})
        ),
        "one storage described in two sizes": lambda: pickled(
            state_dict({"w": tensor(held, (2, 2)), "v": tensor(storage("0", 2), (2,))})
        ),
        "a tensor of three facts": one(Call(REBUILD, (held, 0, (2, 2)))),
        "a tensor of eight facts": one(Call(REBUILD, (held, 0, (4,), (1,), False, None, {}, None))),
        "a tensor that is negated": one(Call(REBUILD, (held, 0, (4,), (1,), False, None, {"neg": True}))),
        "one name for two things": lambda: pickled(Raw(b"}(" + (text("w") + b"N") * 2 + b"u")),
        "a list of tensors": lambda: pickled([tensor(held, (4,))]),
        "a tensor alone": lambda: pickled(tensor(held, (4,))),
        "a number alone": lambda: pickled(5),
        "an empty dict": lambda: pickled({}),
        "a dict of numbers": lambda: pickled({"epoch": 5, 3: tensor(held, (4,))}),
        "a dict under an unknown name": lambda: pickled({"generator": state_dict({"w": tensor(held, (4,))})}),
        "wrappers in wrappers in wrappers": lambda: pickled(
            {"model": {"model": {"model": {"model": {"model": {"w": tensor(held, (4,))}}}}}}
        ),
        "names that are no texts": lambda: pickled({b"w": tensor(held, (4,))}),
    }
