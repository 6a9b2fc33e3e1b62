"""Hundreds of malformed spec files and image folders: each is reported in one sentence, soon, and leaves nothing.

Every case is wrong by construction. The draws are seeded: the same cases every time.
"""

import ast
import contextlib
import inspect
import os
import random
import re
import shutil
import struct
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import pytest
from PIL import Image

from netspec.fields import annotations, problem
from netspec.language import NetSpec, TrainConfig
from netspec.layers import LAYERS, Layer
from netspec.layers.base import NoWindow
from tests.runtime.sandbox import House, Ran, draw_folder

LONGEST = 10.0

# Spec files.

HEAD = "from netspec import *\n\n"
FIELDS = {"name": '"Net"', "imageH": "16", "imageW": "16", "activation": '"relu"', "padding": '"same"'}
RECIPE = {"learningRate": "0.1", "batchSize": "2", "epochs": "3"}
STEM, POINTWISE = ['convBn(3, 4, 3, 2, "same")'], '[conv2d(4, 2, 1, "same", "identity")]'
VECTOR_END = ["globalAvgPool()", 'dense(4, 3, "identity")']
# Each layer in a place where it is right, and what follows. These fields are given by place, any other by name.
RIGHT: dict[str, tuple[list[str], dict[str, str], list[str]]] = {
    "conv2d": ([], {"ic": "3", "oc": "4", "kSize": "3", "pad": '"same"', "act": '"relu"', "stride": "1"}, VECTOR_END),
    "convBn": ([], {"ic": "3", "oc": "4", "kSize": "3", "stride": "2", "pad": '"same"'}, VECTOR_END),
    "invertedResidual": (
        [], {"ic": "3", "oc": "4", "expandRatio": "2", "stride": "1", "nBlocks": "1"}, VECTOR_END),
    "residualBlock": ([], {"ic": "3", "oc": "4", "nBlocks": "1", "firstStride": "1"}, VECTOR_END),
    "depthwiseBn": (STEM, {"ic": "4", "kSize": "3", "stride": "1", "pad": '"same"'}, VECTOR_END),
    "batchNorm": (STEM, {"act": '"relu"'}, VECTOR_END),
    "separableConv": ([], {"ic": "3", "oc": "4", "stride": "2"}, VECTOR_END),
    "mbConv": ([], {"ic": "3", "oc": "4", "expandRatio": "2", "kSize": "5", "stride": "2", "nBlocks": "2",
                    "useSE": "True"}, VECTOR_END),
    "mbConvV3": ([], {"ic": "3", "oc": "4", "expandCh": "8", "kSize": "5", "stride": "1", "useSE": "True"}, VECTOR_END),
    "fusedMbConv": ([], {"ic": "3", "oc": "4", "expandRatio": "2", "kSize": "3", "stride": "1", "nBlocks": "2",
                         "useSE": "False"}, VECTOR_END),
    "uib": ([], {"ic": "3", "oc": "4", "expandRatio": "2", "stride": "2", "preDWk": "3", "postDWk": "5"}, VECTOR_END),
    "mobileMQA": (STEM, {"ic": "4", "heads": "2", "keyDim": "3", "kvStride": "2", "scale": "1e-5"}, VECTOR_END),
    "bottleneckBlock": ([], {"ic": "3", "oc": "4", "nBlocks": "1", "firstStride": "2"}, VECTOR_END),
    "squeezeExcite": (STEM, {"ic": "4", "squeeze": "2"}, VECTOR_END),
    "layerScale": (STEM, {"start": "0.1"}, VECTOR_END),
    "maxPool": (STEM, {"size": "2", "stride": "2"}, VECTOR_END),
    "avgPool": (STEM, {"size": "2", "stride": "2"}, VECTOR_END),
    "dropout": (["globalAvgPool()"], {"rate": "0.5"}, ['dense(3, 3, "identity")']),
    "residual": (STEM, {"layers": "[batchNorm()]"}, VECTOR_END),
    "parallel": (STEM, {"branches": "[[], [batchNorm()]]", "join": '"add"'}, VECTOR_END),
    "attention": (STEM, {"heads": "2", "keyDim": "2", "query": "[]", "key": POINTWISE, "value": POINTWISE}, VECTOR_END),
    "featureMap": (STEM, {"name": '"c2"'}, VECTOR_END),
    "globalAvgPool": (['convBn(3, 4, 3, 2, "same")'], {}, VECTOR_END[1:]),
    "flatten": (['convBn(3, 4, 3, 2, "same")'], {}, ['dense(256, 3, "identity")']),
    "dense": (["globalAvgPool()"], {"fanIn": "3", "fanOut": "4", "act": '"identity"'}, VECTOR_END[1:]),
}  # fmt: skip
# Where the one layer that is wrong stands in others.
AROUND = (
    "residual([{}])", "residual([batchNorm()], [{}])", "parallel([[], [batchNorm(), {}]], 'concat')",
    "attention(1, 4, [], [residual([{}])], [])", "residual([parallel([[{}], []], 'add')], dropPath=0.5)",
    "attention(1, 4, [{}], [], [])", "parallel([[], [], [residual([{}])]], 'add')",
)  # fmt: skip
# Layers each of which is right by itself; 4 channels and 8×8 pixels reach the first, and 4 channels are asked for.
MISFITS = [
    ["uib(4, 4, 2, 2, 0, 0)"], ["uib(4, 4, 2, 2, 0, 3, False)"], ["bottleneckBlock(4, 6, 1, 1)"],
    ["residual([])"], ["residual([convBn(4, 5, 1, 1, 'same')])"], ["residual([maxPool(2, 2)])"],
    ["residual([batchNorm()], [globalAvgPool()])"], ["residual([globalAvgPool()])", "batchNorm()"],
    ["parallel([[batchNorm()]], 'add')"], ["parallel([[], [maxPool(2, 2)]], 'concat')"],
    ["parallel([[globalAvgPool()], [globalAvgPool()]], 'concat')"], ["parallel([[], []], 'concat')"],
    ["attention(2, 4, [], [], [])"], ["attention(2, 2, [], [], [])"], ["attention(1, 4, [], [maxPool(2, 2)], [])"],
    ["attention(1, 4, [globalAvgPool()], [], [])"], ["mobileMQA(5, 2, 2)"], ["squeezeExcite(5, 2)"],
    ["featureMap('a')", "batchNorm()", "featureMap('a')"], ["featureMap('a')", "residual([featureMap('a')])"],
    ["featureMap('logits')"], ["globalAvgPool()", "featureMap('a')"], ["globalAvgPool()", "layerScale()"],
    ["globalAvgPool(True)", "dense(4, 4, 'relu')"], ["globalAvgPool(True)", "convBn(4, 4, 3, 1, 'valid')"],
    ["avgPool(9, 1)", "convBn(4, 4, 64, 1, 'valid')"], ["dropout(1e400)"], ["separableConv(4, 4, 65)"],
    ["residual([batchNorm()] * 30_000)"], [f"{'residual([' * 17}batchNorm(){'])' * 17}"],
]  # fmt: skip
NEVER = ["...", "object()", "[]", "{}", "()", "lambda: 0", "type", "b'x'", "1j", "NetSpec", "Exception('x')", "open"]
NO_INTEGER = [
    *NEVER, "None", "'3'", "True", "3.0", "float('nan')", "float('inf')", "0", "-1", "-10**400", "10**400",
    "[3]"]  # fmt: skip
NO_NUMBER = [*NEVER, "'0.1'", "True", "float('nan')", "float('inf')", "-float('inf')", "-1", "10**400", "-10**400"]
NO_FLAG = [*NEVER, "None", "0", "1", "'yes'", "'True'", "1.0"]
NO_WORD = [*NEVER, "''", "'SAME'", "' same'", "'softplus'", "0", "True", "['same']", "('same',)", "'same' * 999"]
NO_LAYERS = [
    "None", "5", "'text'", "{}", "[None]", "['convBn']", "[convBn]", "[[batchNorm()]]", "[Layer()]", "batchNorm()",
    "range(3)", "(layer for layer in [])", "[batchNorm(), 7]", "[batchNorm(act='same')]",
    "[convBn(7, 4, 3, 1, 'same')]", "[dense(4, 4, 'relu')]", "[globalAvgPool(), batchNorm()]",
    "[object()]"]  # fmt: skip
NO_BRANCHES = [
    "None", "5", "'text'", "[]", "[[]]", "[[], None]", "[[], 5]", "[batchNorm(), batchNorm()]", "[[], [[batchNorm()]]]",
    "[[], ['ab']]", "[[], (layer for layer in [])]", "{}", "[[], [maxPool(2, 2)]]", "[[], [layerScale(7.0)]]",
    "[[], [convBn(4, 9, 1, 1, 'valid')]]", "[[batchNorm], []]"]  # fmt: skip
NO_NAME = [*NEVER, "None", "''", "' '", r"'a\nb'", r"'\x1b[31m'", r"'\ud800'", "5", "['Net']"]


def net(layers: str, fields: dict[str, str] = FIELDS) -> str:
    given = "".join(f"{name}={value}, " for name, value in fields.items())
    return f"net = NetSpec({given}layers={layers})\n"


def recipe(fields: dict[str, str] = RECIPE) -> str:
    return f"recipe = TrainConfig({', '.join(f'{name}={value}' for name, value in fields.items())})\n"


def listed(layers: list[str]) -> str:
    return f"[{', '.join(layers)}]"


SOUND = HEAD + net(listed(['convBn(3, 4, 3, 2, "same")', *VECTOR_END])) + recipe()


def never_of(annotation: Any) -> list[str]:
    """Values that no field of this type takes."""
    base = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    if get_origin(base) is Sequence:
        return NO_LAYERS if get_args(base) == (Layer,) else NO_BRANCHES
    known = {int: NO_INTEGER, float: NO_NUMBER, bool: NO_FLAG, str: NO_NAME}
    return [value for value in known.get(base, NO_WORD) if value != "0" or annotation is not NoWindow]


def call(layer: type[Layer], arguments: dict[str, str], more: str = "") -> str:
    by_place = RIGHT[layer.__name__][1]
    written = [value if name in by_place else f"{name}={value}" for name, value in arguments.items()]
    return f"{layer.__name__}({', '.join([*written, *filter(None, [more])])})"


def is_spec(text: str) -> bool:
    """Whether a text that was cut off is Python all the same, with a network in it."""
    with contextlib.suppress(SyntaxError):
        return any(isinstance(line, ast.Assign) for line in ast.parse(text).body)
    return False


def spec_cases() -> list[tuple[str, bytes]]:
    draw = random.Random(20260101)
    cases: list[tuple[str, str | bytes]] = []

    def add(
        name: str, layers: list[str] | str, fields: dict[str, str] = FIELDS, config: dict[str, str] = RECIPE
    ) -> None:
        text = layers if isinstance(layers, str) else listed(layers)
        cases.append((name, HEAD + net(text, fields) + recipe(config)))

    for name, (before, right, after) in RIGHT.items():
        layer = LAYERS[name]
        for field, annotation in annotations(layer).items():
            for value in draw.sample(never_of(annotation), 4):
                add(f"{name}.{field}={value}", [*before, call(layer, {**right, field: value}), *after])
        needed = len([p for p in inspect.signature(layer).parameters.values() if p.default is p.empty])
        if needed:
            fewer = dict(list(right.items())[: needed - 1])
            add(f"{name} lacks an argument", [*before, call(layer, fewer), *after])
        if right:
            field, annotation = draw.choice(list(annotations(layer).items()))
            wrong = call(layer, {**right, field: draw.choice(never_of(annotation))})
            add(f"{wrong}, inside others", [*STEM, draw.choice(AROUND).format(wrong), *VECTOR_END])
        add(f"{name} has an argument too many", [*before, call(layer, right, "7"), *after])
        add(f"{name} has an unknown argument", [*before, call(layer, right, "blur=2"), *after])
        add(f"{name} is not called", [*before, name, *after])
    for layers in MISFITS:
        add(f"misfit {layers}", [*STEM, *layers, *VECTOR_END])
    for field, annotation in annotations(NetSpec).items():
        if field == "layers":
            continue
        # None is what the two conventions are without a word.
        for value in draw.sample(never_of(annotation), 5):
            add(f"NetSpec.{field}={value}", ['convBn(3, 4, 3, 2, "same")', *VECTOR_END], {**FIELDS, field: value})
    for field, annotation in annotations(TrainConfig).items():
        for value in draw.sample(never_of(annotation), 4):
            if value in ("0", "None") and problem(annotation, ast.literal_eval(value)) is None:
                value = "-7"
            config = {**RECIPE, field: value}
            add(f"TrainConfig.{field}={value}", ['convBn(3, 4, 3, 2, "same")', *VECTOR_END], config=config)
    chain = ['convBn(3, 4, 3, 2, "same")', 'convBn(4, 8, 3, 1, "same")', "globalAvgPool()", 'dense(8, 3, "identity")']
    for left in range(4):
        add(f"without layer {left}", chain[:left] + chain[left + 1 :])
        for right_ in range(left + 1, 4):
            swapped = list(chain)
            swapped[left], swapped[right_] = swapped[right_], swapped[left]
            add(f"layers {left} and {right_} swapped", swapped)
    for value in ("None", "5", "'text'", "{}", "[]", "()", "range(3)", "(layer for layer in [])", "[None]", "[[]]",
                  "['convBn']", "[convBn]", "[Layer()]", "{1: 2}.items()", "[1] * 100000"):  # fmt: skip
        add(f"layers={value}", value)
    for field in ("name", "imageH", "imageW"):
        add(f"no {field}", chain, {name: value for name, value in FIELDS.items() if name != field})
    add("warm-up without end", chain, config={**RECIPE, "warmupEpochs": "3"})
    add("Adam with momentum", chain, config={**RECIPE, "useAdam": "True", "momentum": "0.5"})
    cuts = [end for end in range(SOUND.rindex(")")) if not is_spec(SOUND[:end])]
    for end in sorted(draw.sample(cuts, 16)):
        cases.append((f"truncated at {end}", SOUND[:end]))
    for number in range(16):
        cases.append((f"bytes {number}", b"\xff" + draw.randbytes(draw.randint(1, 500))))
    for number in range(8):
        place = draw.randrange(len(SOUND))
        cases.append((f"null byte {number}", SOUND[:place] + "\0" + SOUND[place:]))
    for statement in (
        "raise ValueError", "raise SystemExit", "raise SystemExit(0)", "exit(0)", "1 / 0", "assert False", "import nix",
        "open('/nonexistent')", "raise GeneratorExit", "raise BaseException(b'\\xff')", "f = lambda: f(); f()",
        "x = [0] * 10**14", "raise ExceptionGroup('g', [ValueError()])", "int('9' * 9999)", "return", "await x",
        "from __future__ import nix", "raise type('E', (Exception,), {'__str__': lambda self: 5})",
        "x = []\nx.append(x)\nresidual(x)",
        "x = batchNorm()\nfor _ in range(5000): x = residual([x])\nnet = NetSpec('Net', [x], 16, 16, 'relu', 'same')",
        "object.__setattr__(net.layers[0], 'act', residual([]))", "residual([batchNorm()]).layers[0].act = 'relu'",
        "class E(Exception):\n    __str__ = None\nraise E", "del net", "net = 5",
        "other = TrainConfig(1, 1, 1)",
        "import dataclasses; other = dataclasses.replace(net)", "object.__setattr__(net, 'layers', 3)",
        "object.__setattr__(recipe, 'epochs', 'x')", "object.__setattr__(net.layers[0], 'oc', None)",
    ):  # fmt: skip
        cases.append((statement, f"{SOUND}{statement}\n"))
    return [(name, text if isinstance(text, bytes) else text.encode()) for name, text in cases]


SPECS = spec_cases()


def refused(ran: Ran, seconds: float) -> None:
    """One sentence, soon."""
    assert ran.code == 2, ran
    assert re.fullmatch(r"netspec: [^\n]+[.?]\n", ran.err), ran.err
    assert "Traceback" not in ran.err + ran.out
    assert len(ran.err) < 1000
    assert seconds < LONGEST


def spec_command(number: int, house: House) -> list[object]:
    commands: list[list[object]] = [
        ["summary", "spec.py"],
        ["emit", "spec.py", "-o", "out.mlir"],
        ["train", "spec.py", house.images, "--output", "out"],
    ]
    return commands[number % 3]


@pytest.mark.parametrize("number", range(len(SPECS)), ids=lambda number: f"{number}")
def test_a_malformed_spec_file_is_reported_in_a_sentence_and_leaves_nothing(number: int, bare: House) -> None:
    (bare.folder / "spec.py").write_bytes(SPECS[number][1])
    started = time.monotonic()
    ran = bare.run(*spec_command(number, bare))
    refused(ran, time.monotonic() - started)
    assert ran.out == ""
    assert [path.name for path in bare.folder.iterdir()] == ["spec.py"]


def test_the_spec_file_that_the_cases_are_made_from_is_right(bare: House) -> None:
    (bare.folder / "spec.py").write_text(SOUND)
    assert bare.run("summary", "spec.py").code == 0
    for name, (before, right, after) in RIGHT.items():
        layers = [*before, call(LAYERS[name], right), *after]
        (bare.folder / "spec.py").write_text(HEAD + net(listed(layers)) + recipe())
        assert bare.run("summary", "spec.py").code == 0, name


# Image folders.

Damage = Callable[[Path, random.Random], object]


def some_image(folder: Path, draw: random.Random) -> Path:
    return draw.choice(sorted(folder.glob("*/*/*.jpg")))


def anew(path: Path) -> Path:
    """The path with nothing there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    return path


def bomb() -> bytes:
    """The beginning of a PNG that promises four billion pixels."""
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    size = struct.pack(">IIBBBBB", 65536, 65536, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")


def drawing(path: Path) -> None:
    Image.new("RGB", (9, 9)).save(path, "EPS")


def truncate(path: Path, draw: random.Random) -> None:
    path.write_bytes(path.read_bytes()[: draw.randint(1, 300)])


# What makes one image file unreadable; one of a few is more than the 1 % that is let pass.
FILES: dict[str, Callable[[Path, random.Random], object]] = {
    "empty": lambda path, draw: path.write_bytes(b""),
    "text": lambda path, draw: path.write_text("not an image"),
    "random bytes": lambda path, draw: path.write_bytes(draw.randbytes(draw.randint(1, 3000))),
    "truncated": truncate,
    "a drawing": lambda path, draw: drawing(path),
    "a bomb": lambda path, draw: path.write_bytes(bomb()),
    "a dangling link": lambda path, draw: anew(path).symlink_to("nowhere"),
    "a link to itself": lambda path, draw: anew(path).symlink_to(path.name),
    "a pipe": lambda path, draw: os.mkfifo(anew(path)),
    "a JPEG's first bytes": lambda path, draw: path.write_bytes(b"\xff\xd8\xff\xe0" + draw.randbytes(99)),
    "a pickle": lambda path, draw: path.write_bytes(b"\x80\x04cos\nsystem\nX\x04\0\0\0exit\x85R."),
    "a script": lambda path, draw: path.write_text("#!/bin/sh\ntouch /tmp/netspec-executed\n"),
}
ODD_NAMES = [
    "dög", "a b", "a\nb", "\x1b[31mred", "-rf", "\u202eabc", "é" * 80, "class0 x", "CLASS0", "\udcff",
    "%s%n", "{0}", "[red]",
]  # fmt: skip


def in_class(split: str, change: Callable[[Path], object]) -> Damage:
    return lambda folder, draw: change(draw.choice(sorted((folder / split).iterdir())))


def at(name: str, change: Callable[[Path], object]) -> Damage:
    return lambda folder, draw: change(anew(folder / name))


def without_images(folder: Path) -> None:
    for path in folder.rglob("*.jpg"):
        path.unlink()


def nest(folder: Path) -> None:
    inner = folder / "inner"
    inner.mkdir()
    for path in list(folder.glob("*.jpg")):
        path.rename(inner / path.name)


def rename_all(folder: Path, name: Callable[[Path], str]) -> None:
    for path in list(folder.glob("*.jpg")):
        path.rename(path.with_name(name(path)))


def beside(folder: Path, draw: random.Random) -> None:
    for number, path in enumerate(sorted(folder.glob("train/*/*.jpg"))):
        path.rename(folder / "train" / f"{number}.jpg")


def alone(folder: Path, draw: random.Random) -> None:
    for path in sorted((folder / "train").iterdir())[1:]:
        anew(path)


def links(folder: Path, draw: random.Random) -> None:
    for number in range(5):
        (folder / "train" / f"loop{number}").symlink_to("../train")


SPLITS = ("train", "val")
LAYOUTS: dict[str, Damage] = {
    "no folder": at("", lambda path: None),
    "an empty folder": at("", lambda path: path.mkdir()),
    "a file for the folder": at("", lambda path: path.write_text("x")),
    "a link to itself for the folder": at("", lambda path: path.symlink_to(path.name)),
    "a dangling link for the folder": at("", lambda path: path.symlink_to("nowhere")),
    **{f"no {split}": at(split, lambda path: None) for split in SPLITS},
    **{f"an empty {split}": at(split, lambda path: path.mkdir()) for split in SPLITS},
    **{f"a file for {split}": at(split, lambda path: path.write_text("x")) for split in SPLITS},
    **{f"a link to itself for {split}": at(split, lambda path: path.symlink_to(path.name)) for split in SPLITS},
    **{f"a link to its parent for {split}": at(split, lambda path: path.symlink_to("..")) for split in SPLITS},
    "train without images": lambda folder, draw: without_images(folder / "train"),
    "val without images": lambda folder, draw: without_images(folder / "val"),
    "images beside the classes": beside,
    "one class": alone,
    "an empty class": in_class("train", lambda path: anew(path).mkdir()),
    "a class without images": in_class("train", without_images),
    "a class with its images one deeper": in_class("train", nest),
    "a class with hidden images": in_class("train", lambda path: rename_all(path, lambda file: f".{file.name}")),
    "a class with images of another ending": in_class(
        "train", lambda path: rename_all(path, lambda file: file.stem + ".txt")),
    "a class that links to its split": in_class("train", lambda path: anew(path).symlink_to("../train")),
    "a class that only validation has": in_class("train", anew),
    "a nest of links": links,
}  # fmt: skip
RANDOM_LAYOUTS = [name for name, damage in LAYOUTS.items() if "class" in name and name != "one class"]


def odd_class(name: str, split: str) -> Damage:
    def change(folder: Path, draw: random.Random) -> None:
        (folder / split / name).mkdir()
        if split == "val":  # in train it is wrong for being empty
            shutil.copy(some_image(folder, draw), folder / split / name / "0.jpg")

    return change


def spoilt(kind: str, split: str) -> Damage:
    def change(folder: Path, draw: random.Random) -> None:
        images = sorted((folder / split).glob("*/*.jpg"))
        for path in draw.sample(images, draw.randint(1, len(images))):
            FILES[kind](path, draw)

    return change


def folder_cases() -> list[tuple[str, Damage]]:
    cases = list(LAYOUTS.items())
    cases += [(f"{name}, again", LAYOUTS[name]) for name in RANDOM_LAYOUTS]
    cases += [(f"{kind} in {split}", spoilt(kind, split)) for kind in FILES for split in (*SPLITS, *SPLITS)]
    cases += [(f"the class {name!r} in {split}", odd_class(name, split)) for name in ODD_NAMES for split in SPLITS]
    return cases


FOLDERS = folder_cases()


TRAIN_ON_IT = ("train", "tiny", "data", "--output", "out", "--batch-size", 2, "--max-unreadable", 0)


def damaged(number: int, house: House) -> None:
    folder = draw_folder(house.folder / "data", classes=3, train=3, val=2)
    FOLDERS[number][1](folder, random.Random(number))


def nothing_left(house: House) -> None:
    assert {path.name for path in house.folder.iterdir()} <= {"data", "cache"}
    left = list((house.cache / "images").glob("*")) if house.cache.exists() else []
    assert all(path.suffix == ".lock" or (path / "index.json").is_file() for path in left), left
    assert not (house.cache / "programs").exists()


@pytest.mark.ordinary
@pytest.mark.parametrize("number", range(len(FOLDERS)), ids=lambda number: f"{number}")
def test_a_malformed_image_folder_is_reported_in_a_sentence_and_leaves_nothing(number: int, bare: House) -> None:
    damaged(number, bare)
    started = time.monotonic()
    ran = bare.run(*TRAIN_ON_IT)
    refused(ran, time.monotonic() - started)
    nothing_left(bare)
    assert not Path("/tmp/netspec-executed").exists()


@pytest.mark.parametrize("batch", [10, 11, 64, 65536])
def test_fewer_images_than_a_batch_are_reported_before_there_is_a_run(batch: int, bare: House) -> None:
    draw_folder(bare.folder / "data", classes=3, train=3, val=2)
    ran = bare.run("train", "tiny", "data", "--output", "out", "--batch-size", batch)
    refused(ran, 0)
    assert ran.err == (
        f"netspec: The training set has 9 readable images, fewer than one batch of {batch}; lower --batch-size to 9 "
        "or less, or add images.\n"
    )
    assert not (bare.folder / "out").exists()
    assert not list(bare.cache.rglob(".partial-*"))


def test_there_are_more_than_seven_hundred_cases_and_every_layer_has_some() -> None:
    assert set(RIGHT) == set(LAYERS)
    assert len(SPECS) > 600
    assert len(FOLDERS) > 100
    assert len({text for _, text in SPECS}) == len(SPECS)


# The same through the door that a person uses.


@pytest.mark.ordinary
@pytest.mark.parametrize("number", range(3, len(SPECS), len(SPECS) // 5))
def test_a_malformed_spec_file_given_to_a_process_is_reported_in_a_sentence(number: int, bare: House) -> None:
    (bare.folder / "spec.py").write_bytes(SPECS[number][1])
    refused(bare.spawn(*spec_command(number, bare)), 0)
    assert [path.name for path in bare.folder.iterdir()] == ["spec.py"]


@pytest.mark.ordinary
@pytest.mark.parametrize("number", range(5, len(FOLDERS), len(FOLDERS) // 6))
def test_a_malformed_image_folder_given_to_a_process_is_reported_in_a_sentence(number: int, bare: House) -> None:
    damaged(number, bare)
    refused(bare.spawn(*TRAIN_ON_IT), 0)
    nothing_left(bare)
