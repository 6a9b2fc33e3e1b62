"""Where a program's time goes: each operation's layer, each dispatch's, and the work that a layer has."""

import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from matplotlib.text import Text

from emit.expand import expand
from emit.graph import Graph
from emit.programs import ENTRY_POINTS, emit
from emit.rewrites.fold_scales import folded
from netspec import NetSpec, TrainConfig, conv2d, dense, globalAvgPool
from netspec.errors import TargetError
from runtime.compiler.target import target
from runtime.profile import peaks
from runtime.profile.origin import (
    BACKWARD,
    FORWARD,
    OPTIMIZER,
    UNKNOWN,
    Command,
    Origin,
    Work,
    commands,
    fused_layers,
    layer_names,
    origins,
    work,
)
from runtime.profile.page import LABELLED, _roofline, page
from runtime.profile.peaks import BUSY, Peaks
from runtime.profile.profile import Profile, Row, _kinds, _rows, profile
from runtime.profile.record import WARM_UP, _inputs, _read
from runtime.report import Report
from specs.mobilenet_v2 import mobilenetV2, mobilenetV2Config
from specs.resnet34 import resnet34
from specs.tiny import tiny, tinyConfig
from tests.drawing import drawing
from tests.runtime.sandbox import House

MICRO = NetSpec(
    "Micro", [conv2d(3, 4, 1, "same", "identity"), globalAvgPool(), dense(4, 2, "identity")], imageH=2, imageW=2
)
RECIPE = TrainConfig(0.1, 5, 1, useAdam=False)


def graph_of(entry_point: str, net: NetSpec) -> Graph:
    return folded(expand(net)).graph if entry_point == "predict" else expand(net)


def test_a_layer_is_a_convolution_with_its_batch_norm_and_activation() -> None:
    layers = layer_names(expand(mobilenetV2()))
    assert layers["stem"] == layers["stem_bn"] == layers["stem_relu6"] == "stem"
    assert layers["block2_1_dw_relu6"] == "block2_1_dw"
    assert len(set(layers.values())) == 52 + 10 + 2  # convolutions, additions, the pool and the head
    blocks = layer_names(expand(resnet34))
    assert blocks["block2_1_conv1_relu"] == "block2_1_conv1"
    assert blocks["block2_1_shortcut_bn"] == "block2_1_shortcut"


@pytest.mark.parametrize("entry_point", ENTRY_POINTS)
@pytest.mark.parametrize("net", [tiny, mobilenetV2(), resnet34], ids=lambda net: str(net.name))
def test_every_operation_has_a_layer(entry_point: str, net: NetSpec) -> None:
    program = emit(entry_point, net, mobilenetV2Config)
    found = origins(program.module, graph_of(entry_point, net))
    constants = {name for name in found if name.startswith("c_")}
    assert {name for name, origin in found.items() if origin.layer == UNKNOWN} <= constants
    directions = {FORWARD, BACKWARD, OPTIMIZER} if entry_point == "train_step" else {FORWARD}
    assert {origin.direction for origin in found.values()} == directions


def test_an_operation_s_direction_is_that_of_its_part_of_the_program() -> None:
    program = emit("train_step", mobilenetV2(), mobilenetV2Config)
    found = origins(program.module, expand(mobilenetV2()))
    assert found["block2_1_dw_conv"] == Origin("block2_1_dw", FORWARD)
    assert found["block2_1_dw_dx"] == Origin("block2_1_dw", BACKWARD)
    assert found["block2_1_dw_weight_new"] == Origin("block2_1_dw", OPTIMIZER)
    assert found["images_scaled"] == Origin("images", FORWARD)
    assert found["step_next"] == Origin("optimizer", OPTIMIZER)


STREAM = """
      stream.cmd.concurrent {
        stream.cmd.dispatch @f_dispatch_0::@f_dispatch_0_conv_2x3_f32(%c1 : i32) {
          ro %arg582[%c0 for %c48] : !stream.resource<external>{%c48},
        } loc(callsite("<stdin>":2:22 at "<stdin>":1:3))
        stream.cmd.fill %c0_i8, %arg1[%c0 for %c4] : i8 -> !stream.resource<transient>{%c4} loc("<stdin>":3:18)
      } loc(fused[callsite("<stdin>":2:18 at "<stdin>":1:3)])
      stream.cmd.dispatch @f_dispatch_1::@f_dispatch_1_slow_memcpy {
      } loc(fused[callsite("<stdin>":3:1 at "<stdin>":1:3), callsite("<stdin>":2:1 at "<stdin>":1:3)])
      stream.cmd.copy %a[%c0], %b[%c0], %c4 : !stream.resource<external>{%c4} loc(unknown)
"""


def test_commands_are_read_in_their_order_with_the_line_they_come_from() -> None:
    a, b = Origin("a", FORWARD), Origin("b", BACKWARD)
    text = "func @f() {\n  %one = x\n  %two, %three = y\n"
    assert commands(STREAM, text, {"one": a, "two": b}) == [
        Command("dispatch", "f_dispatch_0_conv_2x3_f32", a),
        Command("fill", "fill", b),
        Command("dispatch", "f_dispatch_1_slow_memcpy", b),
        Command("copy", "copy", Origin(UNKNOWN, FORWARD)),
    ]


def test_a_layer_s_work_is_its_macs_and_what_crosses_its_border() -> None:
    program, graph = emit("train_step", MICRO, RECIPE), expand(MICRO)
    known = origins(program.module, graph)
    found = work(program.module, graph, RECIPE.batchSize, known)
    image, features = 5 * 2 * 2 * 3, 5 * 2 * 2 * 4
    forward = found[Origin("conv1", FORWARD)]
    # The image, the kernel and the bias come in; the features go out.
    assert forward.macs == 5 * 2 * 2 * 3 * 4
    assert forward.bytes == 4 * (image + 3 * 4 + 4 + features)
    backward = found[Origin("conv1", BACKWARD)]
    # Of the images no cotangent is wanted: one product. Image and cotangent come in, two gradients go out.
    assert backward.macs == forward.macs
    assert backward.bytes == 4 * (image + features + 3 * 4 + 4)
    assert found[Origin("head", BACKWARD)].macs == 2 * found[Origin("head", FORWARD)].macs == 2 * 5 * 4 * 2


def event(run: int, index: int, start: int, end: int) -> dict[str, object]:
    return {
        "type": "host_dispatch_event",
        "submission_id": run,
        "command_index": index,
        "key": f"f_dispatch_{index}_elementwise",
        "start_host_time_ns": start,
        "end_host_time_ns": end,
    }


def test_a_step_that_draws_random_numbers_is_given_all_its_arguments(tmp_path: Path) -> None:
    with drawing():
        manifest = emit("train_step", tiny, tinyConfig).manifest
    files = [line.removeprefix("--input=@") for line in _inputs(manifest, tmp_path).read_text().splitlines()]
    arrays = [np.load(file) for file in files]
    assert [array.shape for array in arrays] == [entry.shape for entry in manifest.arguments]
    assert [arrays[number].dtype for number in (3, 4)] == [np.uint32, np.int32]


def test_all_of_a_run_s_time_is_divided_among_its_dispatches() -> None:
    def run(number: int, late: int = 0) -> list[dict[str, object]]:
        # While 1 and 2 run at once, each has half of the time; before 5 the device waits.
        return [event(number, 1, 100, 200), event(number, 2, 150, 300), event(number, 5, 400, 500 + late)]

    prepared = [event(0, 1, 0, 90)]
    warm = [each for number in range(1, WARM_UP + 1) for each in run(number, late=10**6)]
    found = _read([{"type": "summary"}, *prepared, *warm, *run(7), *run(8, late=30), *run(9, late=60)])
    assert found.names == ("f_dispatch_1_elementwise", "f_dispatch_2_elementwise", "f_dispatch_5_elementwise")
    assert found.seconds == pytest.approx((75e-9, 125e-9, 230e-9))
    assert found.step == pytest.approx(430e-9) == pytest.approx(sum(found.seconds))


def test_a_short_dispatch_beside_a_long_one_does_not_take_its_time() -> None:
    # As a border is filled while a product runs; the third takes no time at all.
    run = [event(9, 0, 0, 100), event(9, 1, 40, 44), event(9, 2, 60, 60), event(9, 3, 100, 120)]
    warm = [{**each, "submission_id": number} for number in range(WARM_UP) for each in run]
    assert _read([*warm, *run]).seconds == pytest.approx((98e-9, 2e-9, 0, 20e-9))


@pytest.mark.ordinary
def test_the_page_holds_every_layer_and_needs_no_other_file() -> None:
    rows = (
        Row("stem <&$", FORWARD, 0.2, 0.4, 10**9, 10**7, 0.1, "arithmetic", 3),
        Row("head", BACKWARD, 0.3, 0.6, 10**6, 10**8, 0.03, "memory", 2),
        Row("head", OPTIMIZER, 0.1, 0.0, 0, 10**6, 0.001, "memory", 1),
    )
    found = Profile("A net", "train_step", (224, 200), 7, 0.5, Peaks(1e10, 1e9), rows, {"products": 0.5})
    text = page(found)
    assert text == page(found)
    assert text.count("<svg") == 2
    assert "stem &lt;&amp;$" in text
    assert "<script" not in text
    assert "http" not in text.replace("http://www.w3.org", "").replace("https://matplotlib.org", "").replace(
        "http://purl.org", ""
    ).replace("http://creativecommons.org", "")
    assert found.images_per_s == 14
    assert found.directions() == {FORWARD: 0.2, BACKWARD: 0.3, OPTIMIZER: 0.1}


INVERTED = tuple(f"predict_dispatch_{number}_block{number}_6x6x64x384x64" for number in range(3))


def test_a_dispatch_of_several_layers_is_named_as_what_it_holds() -> None:
    graph = graph_of("predict", mobilenetV2())
    names = (*INVERTED, f"{INVERTED[1]}_sum", "predict_dispatch_9_matmul_like_49x1280x320_f32")
    last = ("block2_1_project", "block2_2_project", "block7_1_project", "block2_2_project", "conv1")
    found = fused_layers(names, [Origin(layer, FORWARD) for layer in last], graph)
    one, two, three = (f"block{stem} (expand, dw, project" for stem in ("2_1", "2_2", "7_1"))
    assert found == {
        **{f"block2_1_{part}": f"{one})" for part in ("expand", "dw", "project")},
        **{f"block2_2_{part}": f"{two}, add)" for part in ("expand", "dw", "project", "add")},
        **{f"block7_1_{part}": f"{three})" for part in ("expand", "dw", "project")},
    }
    assert fused_layers(names[-1:], [Origin("conv1", FORWARD)], graph) == {}


def test_layers_that_are_computed_together_have_the_work_of_all_and_what_crosses_their_common_border() -> None:
    program, graph = emit("predict", tiny, RECIPE), graph_of("predict", tiny)
    joined = {f"block1_1_{part}": "block1_1" for part in ("expand", "dw", "project")}
    known = origins(program.module, graph)
    together = {name: Origin(joined.get(each.layer, each.layer), each.direction) for name, each in known.items()}
    apart = work(program.module, graph, RECIPE.batchSize, known)
    found = work(program.module, graph, RECIPE.batchSize, together, joined)
    parts = [apart.pop(Origin(layer, FORWARD)) for layer in joined]
    joint = found.pop(Origin("block1_1", FORWARD))
    assert found == apart
    assert joint.macs == sum(part.macs for part in parts)
    assert joint.bytes < sum(part.bytes for part in parts) - parts[1].bytes  # the images in between go nowhere


def test_every_dispatch_is_of_a_kind_that_says_something() -> None:
    names = (*INVERTED, "border_0_2x97x97x3", "turned_384x64", "train_step_dispatch_1_slow_memcpy",
             "train_step_dispatch_2_conv_2x48x48x32x3x3x3_f32", "train_step_dispatch_3_places_3x3x96",
             "train_step_dispatch_4_elementwise_384_f32", "train_step_dispatch_5_reduction_10_f32",
             "predict_dispatch_86_matvec_like_10x1280_f32", "f_dispatch_7_softmax_9x9")  # fmt: skip
    found = _kinds(names, [1.0] * len(names))
    assert found == {
        "fused inverted residuals": 3, "convolutions": 2, "border fills": 1, "transposes": 1, "copies": 1,
        "elementwise": 1, "reductions": 1, "matrix products": 1, "softmax": 1,
    }  # fmt: skip


def row(layer: str, model_s: float, macs: int = 10**7, seconds: float = 1.0) -> Row:
    return Row(layer, FORWARD, seconds, 0.1, macs, 10**6, model_s, "memory", 1)


@pytest.mark.ordinary
def test_what_a_busy_machine_reaches_is_not_said_and_the_reason_is() -> None:
    quiet, busy = Peaks(1e10, 1e9, 1.1), Peaks(1e10, 1e9, 4.6)
    assert row("a", 0.5).compared(quiet) == ("memory", "50%")
    assert row("a", 9.05).compared(quiet) == ("memory", "over 100%")
    assert row("a", 9.05).compared(busy) == ("?", "?")
    found = Profile("A net", "predict", (9, 9), 1, 1.0, busy, (row("a", 9.05),), {"products": 1.0})
    assert "905%" not in page(found)
    assert "its peaks varied by 4.6 times while they were measured" in page(found)
    assert replace(found, peaks=quiet).caution == ""
    assert "busy" not in page(replace(found, peaks=quiet))


@pytest.mark.parametrize(
    ("task", "bound"),
    [(Work(10**9, 10**3), "arithmetic"), (Work(1, 10**8), "memory"), (Work(1, 10**10), "cache")],
)
def test_a_layer_that_is_faster_than_memory_has_its_numbers_in_a_cache(task: Work, bound: str) -> None:
    origin = Origin("a", FORWARD)
    (found,) = _rows([(origin, 1.0)], {origin: task}, Peaks(1e10, 1e9))
    assert found.bound == bound


def test_rounds_go_on_while_they_get_better(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    lengths = iter([*[9.0] * 20, 5.0, *[6.0] * 100])
    monkeypatch.setattr(peaks, "MOST", 1e9)
    monkeypatch.setattr("runtime.profile.peaks.time.perf_counter", lambda: now[0])

    def call() -> None:
        now[0] += next(lengths)

    found = peaks._rounds(call)
    assert len(found) == peaks.LEAST  # nothing got better within them
    lengths = iter([*[9.0] * 8, *(8.0 - 0.1 * turn for turn in range(20)), *[9.0] * 100])
    found = peaks._rounds(call)
    assert min(found) == pytest.approx(6.1)


@pytest.mark.ordinary
def test_names_in_the_roofline_cover_no_other_name() -> None:
    rows = [row(f"block{number}_1 (expand, dw, project, add)", 0.5, 10**7 + number) for number in range(LABELLED)]
    rows += [row("x" * 300, 0.5)]  # has no place, and is left out rather than written over another
    found = Profile("A net", "predict", (9, 9), 1, 1.0, Peaks(1e10, 1e9), tuple(rows[::-1]), {"products": 1.0})
    figure = _roofline(found)
    figure.canvas.draw_idle()
    texts = [text for text in figure.axes[0].texts if text.get_text()]
    assert len(texts) == LABELLED - 1
    boxes = []
    for text in texts:
        text.get_window_extent()
        boxes.append(Text.get_window_extent(text))
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


def test_a_device_that_is_not_profiled_is_refused() -> None:
    with pytest.raises(TargetError, match=r"expected IREE_BACKEND=cpu, .*, found cuda"):
        profile("train_step", tiny, RECIPE, target("cuda"), Report(live=False), runs=1)


@pytest.mark.ordinary
@pytest.mark.parametrize("entry_point", ENTRY_POINTS)
def test_all_of_a_real_program_s_time_lies_on_named_layers(entry_point: str, house: House, tmp_path: Path) -> None:
    file = tmp_path / "profile.html"
    ran = house.run(
        *("profile", "tiny", entry_point, "--image-size", "32", "--batch-size", "4"),
        *("--runs", "3", "--json", "--html", file),
    )
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    assert found["named_share"] == pytest.approx(1)
    assert sum(row["share"] for row in found["rows"]) == pytest.approx(1)
    for parts in ([row["seconds"] for row in found["rows"]], found["kinds"].values()):
        assert sum(parts) == pytest.approx(found["step_s"])
    assert found["peaks"]["spread"] >= 1
    assert found["peaks"]["steady"] == (found["peaks"]["spread"] < BUSY)
    assert all(row["macs"] >= 0 and row["bytes"] > 0 for row in found["rows"])
    layers = {row["layer"] for row in found["rows"]}
    assert {"stem", "head"} <= layers <= {*layer_names(expand(tiny)).values(), "images", "loss", "optimizer"}
    assert found["peaks"]["macs_per_s"] > 1e8
    assert "<svg" in file.read_text(encoding="utf-8")


@pytest.mark.ordinary
def test_the_table_says_what_was_measured_and_what_is_left_out(house: House) -> None:
    ran = house.run(
        "profile", "tiny", "evaluate", "--image-size", "32", "--batch-size", "4", "--runs", "2", "--rows", 2
    )
    assert ran.code == 0, ran.err
    assert ran.out.startswith("Tiny: evaluate, 32×32, batch 4: ")
    assert "shorter ones" in ran.out
    assert "of the time is spent in named layers." in " ".join(ran.out.split())


def test_a_page_cannot_go_into_a_folder_that_is_not_there(bare: House) -> None:
    ran = bare.run("profile", "tiny", "--html", "nowhere/profile.html")
    assert ran.code == 2
    assert "there is no folder nowhere" in ran.err


@pytest.mark.ordinary
def test_a_cache_that_keeps_nothing_serves_a_profile_all_the_same(bare: House) -> None:
    assert bare.run("cache", "--limit", "1KB").code == 0
    for _ in range(2):
        ran = bare.run("profile", "tiny", "predict", "--image-size", "32", "--runs", "1")
        assert ran.code == 0, ran.err
        assert "peaks of this machine" in ran.out
