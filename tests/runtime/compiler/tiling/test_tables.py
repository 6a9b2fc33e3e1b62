"""Tiles: which fit a shape, where they are kept, that they change speed alone, and how they are found."""

import json
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from emit import hlo
from emit.hlo import Block
from emit.program import Program
from emit.programs import ENTRY_POINTS, emit
from netspec.errors import CompileError, TargetError
from runtime.compiler.compile import compile_programs
from runtime.compiler.target import target
from runtime.compiler.tiling import tables as tiles
from runtime.compiler.tiling import tuned
from runtime.compiler.tiling.measured_avx512 import AVX512
from runtime.compiler.tiling.rules import (
    RULES_AVX2,
    RULES_AVX512,
    STRATEGIES,
    UNROLLED,
    Rules,
    Strategy,
    Tile,
    is_convolution,
    parallel_axes,
)
from runtime.compiler.tiling.tables import fitting, keep_own, read_own, rules_of, tiles_of
from runtime.compiler.tiling.tuned import own_file
from runtime.engine.iree import Device
from runtime.profile.record import Recorded
from runtime.system.cache import fetch_json, keep_json
from runtime.system.host import host
from runtime.tune import tiles as tune
from runtime.tune.tiles import shapes
from specs.mobilenet_v2 import mobilenetV2, mobilenetV2Config
from specs.tiny import tiny, tinyConfig
from tests.runtime.compiler.programs import convolution, matmul, of, quiet
from tests.runtime.sandbox import House, only_one

CPU = target("cpu")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NETSPEC_CACHE", str(tmp_path))
    return tmp_path


def check_legal(shape: str, tile: Tile) -> None:
    sizes = [int(size) for size in shape.split("x")]
    parallel = sizes[: parallel_axes(shape)]
    assert len(tile.outer) == len(tile.vector) == len(parallel)
    assert parallel[-1] % tile.outer[-1] == tile.outer[-1] % tile.vector[-1] == 0
    assert tile.peeled or tile.outer[-2] % tile.vector[-2] == 0
    assert not (tile.peeled and is_convolution(shape))
    assert sizes[-1] % tile.inner == 0
    assert all(
        1 <= outer <= size + vector for outer, size, vector in zip(tile.outer, parallel, tile.vector, strict=True)
    )
    if is_convolution(shape):
        assert all(size % outer == 0 for outer, size in zip(tile.outer, parallel, strict=True))
        assert tile.vector[:-2] == (1,) * (len(parallel) - 2)


def test_lines_of_an_image_share_a_register_tile() -> None:
    strategy = Strategy(2, 16, 128, 96, 8, 2)
    assert strategy.tile("14x14x576x96") == Tile((2, 14, 96), (2, 2, 16), 8)
    assert strategy.tile("32x14x14x576x96") == Tile((4, 2, 14, 96), (1, 2, 2, 16), 8)
    assert strategy.tile("7x14x576x96") is None  # lines that no pair fits
    assert strategy.tile("14x7x576x96") is None  # pixels
    assert strategy.tile("196x576x96") is None  # no lines
    assert str(strategy) == "2×2×16 numbers in registers, 128×96 at a time, 8 unrolled"


SIZES = st.integers(1, 3000)


@given(strategy=st.sampled_from(STRATEGIES), rows=st.lists(SIZES, min_size=1, max_size=2), columns=SIZES, inner=SIZES)
def test_a_strategy_tiles_what_it_fits_and_nothing_else(
    strategy: Strategy, rows: list[int], columns: int, inner: int
) -> None:
    shape = "x".join(map(str, (*rows, columns, inner)))
    tile = strategy.tile(shape)
    if tile is not None:
        check_legal(shape, tile)
        assert tile.outer[-1] <= strategy.most_columns
        assert tile.outer[-2] <= strategy.most_rows
        assert tile.inner <= strategy.inner
        if strategy.lines > 1:
            assert tile.vector[0] == strategy.lines
            assert rows[0] % tile.outer[0] == tile.outer[0] % strategy.lines == 0
    else:
        pairs = strategy.lines == 1 or (len(rows) == 2 and rows[0] % strategy.lines == rows[1] % strategy.rows == 0)
        few = strategy.peeled and rows[-1] < strategy.rows
        assert (
            columns % strategy.columns
            or all(inner % size for size in UNROLLED if size <= strategy.inner)
            or not pairs
            or few
        )


@given(strategy=st.sampled_from([strategy for strategy in STRATEGIES if strategy.peeled]), rows=SIZES)
def test_peeled_workgroups_are_alike_and_none_is_small(strategy: Strategy, rows: int) -> None:
    assume(rows >= strategy.rows)
    tile = strategy.tile(f"{rows}x{2 * strategy.columns}x16")
    assert tile is not None
    taken = tile.outer[0]
    assert tile.peeled == bool(taken % strategy.rows or rows % taken)
    pieces, last = -(-rows // taken), rows % taken or taken
    assert pieces == 1 or pieces % 2 == 0 or rows % taken == 0
    assert taken >= min(rows, 4 * strategy.rows)
    assert taken - last < pieces
    if pieces == 1:  # the columns are divided between two threads then
        assert tile.outer[1] == strategy.columns


def test_a_peeled_strategy_says_so() -> None:
    strategy = Strategy(6, 16, 128, 112, 8, peeled=True)
    assert str(strategy) == "6×16 numbers in registers, 128×112 at a time, 8 unrolled, peeled"
    assert strategy.tile("49x160x960") == Tile((49, 80), (6, 16), 8, peeled=True)
    assert strategy.tile("196x96x576") == Tile((98, 96), (6, 16), 8, peeled=True)
    assert strategy.tile("49x96x576") == Tile((49, 48), (6, 16), 8, peeled=True)
    assert strategy.tile("384x96x576") == Tile((96, 96), (6, 16), 8)
    assert strategy.tile("138x96x576") == Tile((69, 96), (6, 16), 8, peeled=True)
    assert strategy.tile("131x96x576") == Tile((66, 96), (6, 16), 8, peeled=True)
    assert strategy.tile("253x96x576") == Tile((127, 96), (6, 16), 8, peeled=True)
    assert strategy.tile("5x96x576") is None


SIDE = st.integers(1, 120)


@given(batch=SIDE, height=SIDE, width=SIDE, columns=SIDE, window=st.integers(2, 7), inner=SIDE)
def test_convolutions_are_tiled_evenly_by_rule(
    batch: int, height: int, width: int, columns: int, window: int, inner: int
) -> None:
    shape = "x".join(map(str, (batch, height, width, 16 * columns, window, window, inner)))
    tile = RULES_AVX512.tile(shape)
    if tile is not None:
        check_legal(shape, tile)
        assert 7 <= tile.vector[-2] * tile.vector[-1] // 16 <= 28  # registers of 16 numbers
    else:
        assert 1 in (height, width) or (width % 7 and width % 8) or (inner % 4 and inner % 3)


@given(outputs=st.integers(1, 7), channels=SIDE, tall=st.integers(1, 900), wide=SIDE)
def test_a_depthwise_weight_gradient_keeps_a_row_of_accumulators_in_registers(
    outputs: int, channels: int, tall: int, wide: int
) -> None:
    shape = "x".join(map(str, (1, outputs, outputs, 16 * channels, tall, wide)))
    tile, narrower = RULES_AVX512.tile(shape), RULES_AVX2.tile(shape)
    assert (tile is not None) == (tall > outputs)
    if tile is None:
        return
    check_legal(shape, tile)
    assert tile.vector[-2:] == (outputs, 16 if channels % 2 else 32)
    assert narrower is not None
    check_legal(shape, narrower)
    assert narrower.vector[-2:] == (outputs, 32 if channels == 2 and outputs <= 3 else 16)


@given(batch=SIDE, height=SIDE, width=SIDE, channels=SIDE, window=st.integers(1, 7))
def test_other_depthwise_convolutions_are_tiled_into_full_rows_of_all_channels(
    batch: int, height: int, width: int, channels: int, window: int
) -> None:
    assume(window <= height)  # or it makes a weight gradient
    shape = "x".join(map(str, (batch, height, width, 8 * channels, window, window)))
    tile, narrower = RULES_AVX512.tile(shape), RULES_AVX2.tile(shape)
    assert narrower or (width % 7 and width % 4)
    pixelwise = batch > 1 and 48 < 8 * channels <= 192 and channels % 2 == 0
    assert (narrower is not None and narrower.vector[2] == 1) == pixelwise
    if narrower is not None:
        check_legal(shape, narrower)
    numbers = batch * height * width * 8 * channels
    known = batch > 1 or numbers > 2**18
    streamed = batch > 1 and numbers > 2**21 and channels > 6
    assert (tile is not None) == (known and channels % 2 == 0 and (streamed or width % 7 == 0 or width % 4 == 0))
    if tile is not None:
        check_legal(shape, tile)
        assert (tile.vector[2] == 1) == streamed
        assert tile.outer[2:] == (width, 8 * channels)
        assert tile.inner == window
        assert tile.outer[1] == 1 or prod(tile.outer) <= min(65536, batch * height * width * 8 * channels // 8)


def test_the_shipped_tiles_are_legal() -> None:
    assert set(AVX512) == set(ENTRY_POINTS) - {"evaluate"}  # for which the rules are as fast
    for table in AVX512.values():
        assert table
        for shape, numbers in table.items():
            check_legal(shape, Tile(*numbers))
            assert RULES_AVX512.tile(shape) != Tile(*numbers)  # or nobody needs to know it


def test_a_program_is_given_the_tiles_of_shapes_that_it_may_hold() -> None:
    module = emit("predict", mobilenetV2(), replace(mobilenetV2Config, batchSize=1)).module
    tile = Tile((49, 32), (7, 32), 16)
    table = {"49x160x960": tile, "7x7x160x960": tile, "49x161x960": tile, "49x160x961": tile, "1x96x24": tile}
    assert list(fitting(table, module)) == ["49x160x960", "7x7x160x960"]


@pytest.mark.parametrize(("backend", "chip"), [("cuda", None), ("vulkan", None), ("cpu", "generic")])
def test_other_targets_have_no_tiles(backend: str, chip: str | None, cache: Path) -> None:
    keep_own("predict", {"8x16x4": Tile((8, 16), (8, 16), 4)})
    assert tiles_of(target(backend, chip), matmul(8, 16, 4)) == {}
    assert "8x16x4" in tiles_of(CPU, matmul(8, 16, 4))


def test_what_is_kept_is_added_to_what_was_there_and_wins_over_what_is_shipped(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped, mine, other = Tile((8, 16), (8, 16), 4), Tile((4, 16), (4, 16), 4), Tile((14, 32), (6, 32), 8, True)
    monkeypatch.setattr(tiles, "host", lambda: "a processor\nflags: avx512f")
    monkeypatch.setattr(tiles, "AVX512", {"predict": {"8x16x4": (shipped.outer, shipped.vector, shipped.inner)}})
    assert read_own() == {}
    first, second, both = matmul(8, 16, 4), matmul(14, 32, 8), {"8x16x4": mine, "14x32x8": other}
    assert tiles_of(CPU, first) == {"8x16x4": shipped}
    assert tiles_of(CPU, matmul(8, 16, 4, name="evaluate")) == {}
    keep_own("predict", {"8x16x4": mine})
    assert keep_own("predict", {"14x32x8": other}) == own_file()
    keep_own("train_step", {"8x16x4": other})
    assert read_own() == {"predict": both, "train_step": {"8x16x4": other}}
    assert tiles_of(CPU, first) == {"8x16x4": mine}
    tuned.keep("forms", "predict", {"channel_sum 1x2x3x4": "whole"})  # beside the tiles, which stay
    keep_own("predict", {"8x16x4": None})  # fastest here without a tile: what is shipped does not come back
    assert tiles_of(CPU, first) == {}
    assert tiles_of(CPU, second) == {"14x32x8": other}
    monkeypatch.setattr(tuned, "host", lambda: "another processor")
    assert tiles_of(CPU, second) == {}


@pytest.mark.parametrize(
    ("processor", "rules"), [("avx avx2 avx512f", RULES_AVX512), ("avx avx2", RULES_AVX2), ("avx neon", None)]
)
def test_each_kind_of_processor_has_its_rules(
    processor: str, rules: Rules | None, monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    monkeypatch.setattr(tiles, "host", lambda: f"a processor\nflags: {processor}")
    monkeypatch.setattr(tiles, "AVX512", {"predict": {"8x16x4": ((8, 16), (8, 16), 4)}})
    assert rules_of(CPU) is rules
    assert rules_of(target("cpu", "generic")) is rules_of(target("cuda")) is None
    assert bool(tiles_of(CPU, matmul(8, 16, 4))) == (rules is RULES_AVX512)


ROWS = st.integers(1, 3000)


@pytest.mark.parametrize(("rules", "register", "most"), [(RULES_AVX512, 16, 28), (RULES_AVX2, 8, 12)])
@given(above=st.lists(SIDE, max_size=2), rows=ROWS, columns=SIZES, inner=SIZES, pixels=st.booleans())
def test_matmuls_are_tiled_evenly_and_into_registers_by_rule(
    rules: Rules, register: int, most: int, above: list[int], rows: int, columns: int, inner: int, pixels: bool
) -> None:
    shape = "x".join(map(str, (*above, rows, columns, inner)))
    tile = rules.tile(shape, pixels)
    if tile is not None:
        check_legal(shape, tile)
        assert tile.peeled or rows % tile.outer[-2] == 0
        assert tile.vector[-2] * max(1, tile.vector[-1] // register) <= most  # and some for the operands
    elif columns % 16 == 0 and rows % 7 == 0:
        assert inner % 4
        assert inner % 3


@pytest.mark.parametrize(
    ("shape", "pixels", "vector", "outer"),
    [
        ("2048x576x96", False, (16, 16), (128, 144)),
        ("392x960x160", False, (8, 16), (56, 192)),
        ("25088x24x96", False, (28, 8), (112, 24)),
        ("6272x32x192", False, (8, 32), (64, 32)),
        ("401408x16x96", False, (4, 16), (64, 16)),
        ("32768x144x24", False, (4, 16), (64, 144)),
        ("401408x16x32", False, (8, 16), (128, 16)),
        ("8192x16x96", False, (8, 16), (128, 16)),
        ("128x24x144x256", False, (1, 24, 16), (2, 24, 48)),
        ("56x56x144x24", True, (1, 7, 16), (1, 56, 144)),
        ("16x16x192x32", True, (1, 8, 16), (4, 16, 192)),
        ("14x14x576x96", True, (1, 7, 16), (4, 14, 192)),
    ],
)
def test_the_rule_for_matmuls(shape: str, pixels: bool, vector: tuple[int, ...], outer: tuple[int, ...]) -> None:
    assert RULES_AVX512.tile(shape, pixels) == Tile(outer, vector, 8 if outer == (128, 16) else 4)


@pytest.mark.parametrize(
    ("shape", "pixels", "vector", "outer", "peeled"),
    [
        ("49x160x960", False, (6, 16), (49, 80), True),
        ("2048x576x96", False, (6, 16), (128, 96), True),
        ("8x96x576x256", False, (1, 6, 16), (1, 96, 96), False),
        ("2x160x960x256", False, (1, 6, 16), (1, 80, 96), True),
        ("32768x144x24", False, (4, 16), (128, 144), False),
        ("32768x24x144", False, (4, 8), (64, 24), False),
        ("2048x24x144", False, (8, 8), (128, 24), False),
        ("4x96x576", False, (4, 16), (4, 96), False),
        ("7x7x960x160", True, (1, 4, 16), (7, 7, 80), True),
        ("14x14x576x96", True, (2, 2, 16), (2, 14, 96), False),
    ],
)
def test_the_rule_for_matmuls_with_avx2(
    shape: str, pixels: bool, vector: tuple[int, ...], outer: tuple[int, ...], peeled: bool
) -> None:
    assert RULES_AVX2.tile(shape, pixels) == Tile(outer, vector, 2, peeled)


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{}",
        '{"tiles": []}',
        '{"tiles": {"predict": []}}',
        '{"tiles": {"predict": {"8x16x4": {}}}}',
        '{"tiles": {"predict": {"8x16x4": {"outer": [8, 16], "vector": [8], "inner": 4}}}}',
        '{"tiles": {"predict": {"8x16x4": {"outer": [8, 16], "vector": [8, "16"], "inner": 4}}}}',
        '{"tiles": {"predict": {"8x16x4": {"outer": [8, 0], "vector": [8, 16], "inner": 4}}}}',
        '{"tiles": {"predict": {"8x16x4": {"outer": [8, 16], "vector": [8, 16], "inner": 4, "peeled": "no"}}}}',
        '{"tiles": {"predict": {"8x16x4": {"outer": [8, 16], "vector": [8, 16], "inner": 4, "peeled": 1.0}}}}',
        '{"tiles": {"predict": {"1x8x8x16x3x3": {"outer": [1, 8, 8, 16], "vector": [1, 1, 4, 16], "inner": 3, '
        '"peeled": true}}}}',
    ],
)
def test_a_file_that_is_no_table_is_reported_and_the_rules_are_used(
    text: str, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = json.loads(text)
    keep_json(own_file(), {"forms": {}, **plain} if isinstance(plain, dict) else plain)
    assert read_own() == {}
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "expected the tables of netspec tune, found another content" in said
    assert said.endswith("; the rules are used until netspec tune is run again\n")


# Of the tiles that fit a shape all are tried, or so many that four programs differ, those of the rules first.
EVERY = pytest.mark.parametrize(
    "every",
    [pytest.param(False, marks=pytest.mark.ordinary, id="some"), pytest.param(True, marks=pytest.mark.slow, id="all")],
)


def check_strategies(program: Program, shape: str, expected: Any, inner: int, shared: Path, every: bool) -> None:
    """Every strategy that fits gives the same numbers, and the compiler used its tile."""
    device, source = Device(CPU), np.random.default_rng(0)
    numbers = [source.standard_normal(entry.shape).astype(np.float32) for entry in program.manifest.arguments]
    wanted = np.maximum(expected(*(array.astype(np.float64) for array in numbers)), 0)
    programs: set[bytes] = set()
    found = [strategy.tile(shape) for strategy in (RULES_AVX2, RULES_AVX512, *STRATEGIES)]
    for tile in (None, *dict.fromkeys(tile for tile in found if tile)):
        if len(programs) > 3 and not every:
            break
        with pytest.MonkeyPatch.context() as patch, only_one(shared):
            patch.setenv("NETSPEC_CACHE", str(shared / "tiles"))
            try:
                (compiled,) = compile_programs([program], CPU, quiet(), tiles={shape: tile} if tile else {})
            except CompileError as wrong:
                refused = str(wrong)
            else:
                refused = ""
        if refused:  # by a processor with few registers: `tune` skips such a strategy
            assert "avx512f" not in host()
            assert "large vector sizes" in refused
            assert tile not in (None, RULES_AVX2.tile(shape))
            continue
        assert compiled.tiles == bool(tile)
        programs.add(compiled.program)
        (result,) = device.load(compiled.program, program.manifest.entry_point)(
            [device.put(array, "f32") for array in numbers]
        )
        assert np.abs(device.read(result, "f32") - wanted).max() < 1e-5 * inner
    assert len(programs) > 3


@EVERY
@pytest.mark.parametrize("size", [(49, 64, 21, 0), (98, 96, 16, 0), (45, 32, 24, 0), (24, 96, 28, 5), (8, 32, 16, 6)])
def test_tilings_of_a_matmul_give_the_same_numbers(size: tuple[int, int, int, int], every: bool, shared: Path) -> None:
    rows, columns, inner, batch = size
    shape = "x".join(map(str, ([batch] if batch else []) + [rows, columns, inner]))
    check_strategies(matmul(*size), shape, np.matmul, inner, shared, every)


@EVERY
@pytest.mark.parametrize("size", [(3, 14, 8, 32, 1), (2, 56, 3, 32, 2), (5, 7, 20, 64, 2)])
def test_tilings_of_a_convolution_give_the_same_numbers(
    size: tuple[int, int, int, int, int], every: bool, shared: Path
) -> None:
    batch, side, channels, outputs, stride = size

    def expected(x: NDArray[np.float64], k: NDArray[np.float64]) -> NDArray[np.float64]:
        low = int(stride == 1)
        padded = np.pad(x, ((0, 0), (low, 1), (low, 1), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (1, 2))[:, ::stride, ::stride]
        return np.asarray(np.einsum("nhwcij,ijco->nhwo", windows, k))

    shape = "x".join(map(str, (batch, side, side, outputs, 3, 3, channels)))
    check_strategies(convolution(*size), shape, expected, 9 * channels, shared, every)


@EVERY
@pytest.mark.parametrize("size", [(1, 3, 10, 1), (1, 4, 7, 2), (1, 28, 3, 1), (3, 28, 3, 1)])
def test_tilings_of_a_depthwise_convolution_give_the_same_numbers(
    size: tuple[int, int, int, int], every: bool, shared: Path
) -> None:
    """Weight gradients, whose kernel is large and its rows apart by the stride, and others; IREE leaves out a batch of
    one image.
    """
    batch, k, side, stride = size
    block, channels = Block(), 64
    width = k if side > k else 2 * k
    x = block.argument("x", (batch, (side - 1) * stride + k, (side - 1) * stride + width, channels))
    kernel = block.argument("k", (side, side, 1, channels))
    result = hlo.convolution(x, kernel, kernel_dilation=(stride, stride), groups=channels)

    def expected(x: NDArray[np.float64], k: NDArray[np.float64]) -> NDArray[np.float64]:
        rows, columns = (1 + stride * (size - 1) for size in k.shape[:2])
        windows = np.lib.stride_tricks.sliding_window_view(x, (rows, columns), (1, 2))[..., ::stride, ::stride]
        return np.asarray(np.einsum("nhwcij,ijc->nhwc", windows, k[:, :, 0]))

    shape = "x".join(map(str, (*result.shape, side, side)))
    check_strategies(of(block, "predict", result, x, kernel), shape, expected, side * side, shared, every)


def test_matmuls_of_one_shape_are_timed_together() -> None:
    kinds = (
        "matmul_like_4x16x8_f32",
        "conv_2x7x7x16x3x3x8_f32",
        "conv_3x3x32x9x7_f32",
        "slow_memcpy",
        "matmul_like_4x16x8_f32",
    )
    names = tuple(f"f_dispatch_{i}_{kind}" for i, kind in enumerate(kinds))
    times = {"4x16x8": 4.0, "2x7x7x16x3x3x8": 2.0, "1x3x3x32x9x7": 5.0}
    assert shapes(Recorded(names, (1.0, 2.0, 5.0, 9.0, 3.0), 20.0)) == times


@pytest.mark.ordinary
@pytest.mark.parametrize("worth", [-100.0, 0.999])
def test_what_gains_enough_is_kept_and_used_and_nothing_else_is(
    worth: float, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tune, "STRATEGIES", (Strategy(4, 16, 8, 16, 16),))
    monkeypatch.setattr(tune, "WORTH", -100.0)
    monkeypatch.setattr(tune, "WORTH_ALL", worth)
    variables = {"NETSPEC_CACHE": str(tmp_path)}
    arguments = ("tune", "tiny", "predict", "--image-size", "32", "--batch-size", "2", "--runs", "2")
    ran = house.run(*arguments, "--json", **variables)
    assert ran.code == 0, ran.err
    tuned_plain = json.loads(ran.out)
    assert tuned_plain["program"] == "predict"
    assert tuned_plain["tiles"]
    kept = list(tmp_path.glob("tuned/*.json"))
    assert tuned_plain["file"] == (str(kept[0]) if kept else None)
    assert bool(kept) == (worth < 0)
    monkeypatch.setenv("NETSPEC_CACHE", str(tmp_path))
    if kept:
        table = fetch_json(kept[0], print)["tiles"]["predict"]
        assert {shape for shape, tile in table.items() if tile} == {tile["shape"] for tile in tuned_plain["tiles"]}
        assert None in table.values()  # what the one strategy does not fit keeps the rules' tile
    shown = house.run(*arguments, **variables)
    assert "ms before" in shown.out
    assert ("kept in" in shown.out) == bool(kept)
    assert "1/1: 4×16 numbers in registers" in shown.err


def test_another_device_than_this_processor_is_not_tuned() -> None:
    for backend, chip in (("cuda", None), ("cpu", "generic")):
        with pytest.raises(TargetError, match="expected IREE_BACKEND=cpu with this machine's own processor"):
            tune.tune("predict", tiny, tinyConfig, target(backend, chip), quiet(), runs=1)
